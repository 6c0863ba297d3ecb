"""`make mutants`: takes each limit, timer and comparison of guard, fault table and outputs away, and names the test that notices.

What was found is kept in build/mutants.jsonl; a run that was interrupted goes on there as long as firmware and tests are the same.
Exits 1 when a mutant survived that is not on the list of equivalent ones (or a listed one is no longer there), 130 when interrupted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import multiprocessing.util
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.mutants.mutations import Mutant
from tools.mutants.targets import EQUIVALENT, FILES, FIRMWARE, ROOT, all_mutants, tests_of
from tools.mutants.work import Folder

KEPT = ROOT / "build" / "mutants.jsonl"
Found = dict[str, dict[str, Any]]


def fingerprint() -> str:
    """Of everything that the outcome hangs on."""
    digest = hashlib.sha256()
    tests = {path for name in FILES for path in tests_of(name)}
    files = [*FIRMWARE.rglob("*.py"), *(ROOT / "boards").rglob("*.py"), *(ROOT / "tools" / "simulator").glob("*.py")]
    for path in sorted([*files, *(ROOT / test for test in tests), *(ROOT / "host_tests").glob("fault_*.py")]):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def load(path: Path) -> tuple[Found, list[str]]:
    """What is known of these sources, and who killed what before (with any sources): the first to be tried."""
    known: Found = {}
    killers: Counter[str] = Counter()
    now = fingerprint()
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if record["killer"]:
            killers[record["killer"]] += 1
        if record["sources"] == now:
            known[record["key"]] = record
        else:
            known.pop(record["key"], None)
    return known, [test for test, _ in killers.most_common()]


def _hunt(task: tuple[str, str, int, str, list[str], bool]) -> dict[str, Any]:
    name, key, line, source, first, quick = task
    folder: Folder = _state["folder"]
    result = folder.run(name, source, tests_of(name, quick), first)
    return {"key": key, "line": line, "file": name, "killer": result.killer, "took_s": result.took_s}


_state: dict[str, Any] = {}


def _begin() -> None:
    _state["folder"] = Folder()
    multiprocessing.util.Finalize(None, _state["folder"].remove, exitpriority=10)


def healthy(names: list[str], quick: bool) -> str:
    """The test that fails without any mutant, or empty."""
    folder = Folder()
    try:
        tests = list(dict.fromkeys(test for name in names for test in tests_of(name, quick)))
        return folder.run(names[0], None, tests, []).killer
    finally:
        folder.remove()


def hunt(wanted: dict[str, list[Mutant]], workers: int, quick: bool) -> Found:
    """Runs what is not known yet; says each survivor as it is found."""
    KEPT.parent.mkdir(exist_ok=True)
    known, first = load(KEPT)
    sources = fingerprint()
    hints = _hints()
    tasks = []
    for name, some in wanted.items():
        for mutant in some:
            if mutant.key not in known and mutant.key not in EQUIVALENT:
                mine = [hints[mutant.key]] if mutant.key in hints else []
                tasks.append((name, mutant, [*mine, *first]))
    print(f"{sum(map(len, wanted.values()))} mutants, {len(EQUIVALENT)} of them listed as equivalent, {len(tasks)} to run", flush=True)
    if tasks and (broken := healthy(list(wanted), quick)):
        print(f"without any mutant {broken} fails: that comes first")
        sys.exit(1)
    with KEPT.open("a") as file, multiprocessing.get_context("fork").Pool(workers, _begin) as pool:
        work = ((name, mutant.key, mutant.line, mutant.source, first, quick) for name, mutant, first in tasks)
        for number, record in enumerate(pool.imap_unordered(_hunt, work), 1):
            known[record["key"]] = record
            if record["killer"] or not quick:  # what survives the quick tests may still be killed by the others
                file.write(json.dumps({**record, "sources": sources}) + "\n")
                file.flush()
            if not record["killer"]:
                print(f"survived: line {record['line']}: {record['key']}", flush=True)
            elif number % 50 == 0:
                print(f"{number} of {len(tasks)}", flush=True)
    return known


def _hints() -> dict[str, str]:
    """Who killed each mutant last time."""
    hints = {}
    try:
        for line in KEPT.read_text().splitlines():
            record = json.loads(line)
            hints[record["key"]] = record["killer"]
    except (FileNotFoundError, ValueError):
        pass
    return {key: killer for key, killer in hints.items() if killer}


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", choices=sorted(FILES), help="only the mutants of this one")
    parser.add_argument("--match", default="", help="only mutants whose name holds this text")
    parser.add_argument("--quick", action="store_true", help="only the tests at the desk, for work on them")
    parser.add_argument("--list", action="store_true", help="name the mutants, run nothing")
    parser.add_argument("--fresh", action="store_true", help="forget what was found before")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    options = parser.parse_args(argv)
    if not hasattr(os, "fork"):
        parser.error("mutants need a system with fork (Linux, macOS)")
    everything = all_mutants()
    wanted = {
        name: [mutant for mutant in some if options.match in mutant.key]
        for name, some in everything.items()
        if options.file in (None, name)
    }
    if options.list:
        for some in wanted.values():
            for mutant in some:
                print(f"{mutant.line:4} {mutant.key}" + (" (equivalent)" if mutant.key in EQUIVALENT else ""))
        return 0
    if options.fresh:
        KEPT.unlink(missing_ok=True)
    try:
        known = hunt(wanted, options.workers, options.quick)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here")
        return 130
    return report(wanted, known, {mutant.key for some in everything.values() for mutant in some})


def report(wanted: dict[str, list[Mutant]], known: Found, existing: set[str]) -> int:
    """Prints who killed how many, and what is left; the exit status."""
    killers = Counter(known[m.key]["killer"] for some in wanted.values() for m in some if m.key in known and known[m.key]["killer"])
    for test, count in killers.most_common():
        print(f"{count:5} killed by {test}")
    survivors = [(m.line, m.key) for some in wanted.values() for m in some if m.key in known and not known[m.key]["killer"]]
    for line, key in survivors:
        print(f"SURVIVED line {line}: {key}")
    gone = sorted(set(EQUIVALENT) - existing)
    for key in gone:
        print(f"listed as equivalent, but there is no such mutant: {key}")
    print(f"killed {sum(killers.values())}, survived {len(survivors)}, equivalent {len(EQUIVALENT) - len(gone)}")
    return 1 if survivors or gone else 0


if __name__ == "__main__":
    sys.exit(main())
