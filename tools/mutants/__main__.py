"""`make mutants`: takes each limit, timer and comparison of guard, fault table and outputs away, and names the test that notices.

First the tests at the desk that come by the changed line, the quickest first; for what they leave (not with --quick) whole sessions. What
was found is kept in build/mutants.jsonl: a run that was interrupted goes on there, and a kill is not asked for again as long as the
firmware, the rig and the test that noticed are the same.
Exits 1 when a mutant survived that is not on the list of equivalent ones (or a listed one is no longer there), 130 when interrupted.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import multiprocessing.util
import os
import random
import sys
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.mutants import reach, results
from tools.mutants.equivalent import EQUIVALENT
from tools.mutants.hunt import Result, longest_s
from tools.mutants.mutations import Mutant
from tools.mutants.results import KEPT, Found
from tools.mutants.stage import swaps
from tools.mutants.targets import COPIED, FILES, FIRMWARE, all_mutants, quick_tests, slow_tests
from tools.mutants.work import Folder

_state: dict[str, Any] = {}
RECENT = 8
"""Tests that killed the last mutants of the same file are likely to kill the next."""


def _begin(reached: reach.Reach) -> None:
    folder = _state["folder"] = Folder()
    stage = _state["stage"] = folder.stage(quick_tests())
    multiprocessing.util.Finalize(None, stage.close, exitpriority=11)
    _state["reach"] = reached
    _state["recent"] = {name: deque(maxlen=RECENT) for name in FILES}
    multiprocessing.util.Finalize(None, _state["folder"].remove, exitpriority=10)


def _hunt(task: tuple[str, str, int, str, frozenset[int], str, bool]) -> dict[str, Any]:
    name, key, line, source, lines, hint, sessions = task
    folder: Folder = _state["folder"]
    reached: reach.Reach = _state["reach"]
    recent: deque[str] = _state["recent"][name]
    by = reached.by(name, lines)
    order = list(dict.fromkeys(test for test in (hint, *recent, *by) if test in set(by)))
    result = Result("", 0.0)
    if sessions:
        result = folder.run(name, source, slow_tests(name), first=[hint, *recent])
    elif order:
        most_s = {test: longest_s(reached.cost_s[test]) for test in order}
        if name not in COPIED and swaps((FIRMWARE / name).read_text(), source):
            result = _state["stage"].run(name, source, order, most_s)
        else:
            first = 1 if order[0] == hint else RECENT
            for some in (order[:first], order[first:]):  # an import of few files is quicker than one of all
                if some and not result.killer:
                    result = folder.run(name, source, _files(some), some, most_s=most_s)
    if result.killer in order:
        if result.killer in recent:
            recent.remove(result.killer)
        recent.appendleft(result.killer)
    return {"key": key, "line": line, "file": name, "killer": result.killer, "took_s": result.took_s, "quick": not sessions}


def _files(tests: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(test.partition("::")[0] for test in tests))


def reached_by() -> reach.Reach:
    """Which quick test comes by which lines; of a file of tests that is as it was, what was seen last time."""
    kept = KEPT.parent / "mutants-reach.json"
    files = {test: results.sources() + results.of_test(test) for test in quick_tests()}
    known = reach.load(kept).only(files)
    if missing := [test for test in files if test not in known.files]:
        print(f"first a look at which lines the tests of {len(missing)} files come by", flush=True)
        folder = Folder()
        try:
            seen = kept.with_suffix(".new")
            folder.reach(missing, seen)
            known = known.with_(reach.load(seen), {test: files[test] for test in missing})
            seen.unlink()
        finally:
            folder.remove()
        if not known.broken:
            known.save(kept)
    return known


def broken(names: Sequence[str]) -> str:
    """The whole session that fails without any mutant, or empty."""
    folder = Folder()
    try:
        return folder.run(names[0], None, list(dict.fromkeys(test for name in names for test in slow_tests(name)))).killer
    finally:
        folder.remove()


def hunt(wanted: dict[str, list[Mutant]], workers: int, quick: bool) -> Found:
    """Runs what is not known yet; says each survivor as it is found."""
    KEPT.parent.mkdir(exist_ok=True)
    known, hints = results.load(KEPT)
    everything = [(name, mutant) for name, some in wanted.items() for mutant in some if mutant.key not in EQUIVALENT]
    fresh = [(name, mutant) for name, mutant in everything if mutant.key not in known]
    print(f"{sum(map(len, wanted.values()))} mutants, {len(fresh)} of them to run", flush=True)
    for sessions in (False,) if quick else (False, True):
        tasks = [
            (name, m) for name, m in everything if m.key not in known or (sessions and not known[m.key]["killer"] and known[m.key]["quick"])
        ]
        if not tasks:
            continue
        reached = reached_by()
        if sessions:
            print(f"{len(tasks)} that no test at the desk notices: whole sessions", flush=True)
        if first := broken(list(dict.fromkeys(name for name, _ in tasks))) if sessions else reached.broken:
            print(f"without any mutant {first} fails: that comes first")
            sys.exit(1)
        with KEPT.open("a") as file, multiprocessing.get_context("fork").Pool(workers, _begin, (reached,)) as pool:
            work = ((name, m.key, m.line, m.source, m.lines, hints.get(m.key, ""), sessions) for name, m in tasks)
            for number, record in enumerate(pool.imap_unordered(_hunt, work), 1):
                known[record["key"]] = record
                file.write(json.dumps(results.noted(record)) + "\n")
                file.flush()
                if not record["killer"]:
                    print(f"survived{'' if sessions else ' the desk'}: line {record['line']}: {record['key']}", flush=True)
                if number % 50 == 0:
                    print(f"{number} of {len(tasks)}", flush=True)
    return known


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", choices=sorted(FILES), action="append", help="only the mutants of this one (may be given again)")
    parser.add_argument("--match", default="", help="only mutants whose name holds this text")
    parser.add_argument("--sample", type=int, default=os.environ.get("SAMPLE") or 0, help="or SAMPLE=n: only so many, drawn by SEED=n")
    parser.add_argument("--quick", action="store_true", help="only the tests at the desk, for work on them")
    parser.add_argument("--list", action="store_true", help="name the mutants, run nothing")
    parser.add_argument("--fresh", action="store_true", help="forget what was found before")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    options = parser.parse_args(argv)
    if not hasattr(os, "fork"):
        parser.error("mutants need a system with fork (Linux, macOS)")
    if options.sample < 0 or options.workers < 1:
        parser.error("--sample: 0 or more; --workers: 1 or more")
    everything = all_mutants()
    existing = {mutant.key for some in everything.values() for mutant in some}
    drawn = existing
    if options.sample:
        drawn = set(random.Random(os.environ.get("SEED", "1")).sample(sorted(existing), min(options.sample, len(existing))))
    wanted = {
        name: [mutant for mutant in some if options.match in mutant.key and mutant.key in drawn]
        for name, some in everything.items()
        if not options.file or name in options.file
    }
    if not any(wanted.values()):
        parser.error(f"--match: no mutant's name holds {options.match!r}; --list names them")
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
    return report(wanted, known, existing)


def report(wanted: dict[str, list[Mutant]], known: Found, existing: set[str]) -> int:
    """Prints who killed how many, what is left, and a line for each file; the exit status."""
    killers = Counter(known[m.key]["killer"] for some in wanted.values() for m in some if m.key in known and known[m.key]["killer"])
    for test, count in killers.most_common():
        print(f"{count:5} killed by {test}")
    survivors = 0
    table = []
    for name, some in wanted.items():
        alike = [m for m in some if m.key in EQUIVALENT]
        left = [m for m in some if m.key in known and not known[m.key]["killer"] and m.key not in EQUIVALENT]
        survivors += len(left)
        killed = sum(1 for m in some if m.key in known and known[m.key]["killer"])
        table.append(f"{Path(name).name:<16}{len(some):>8}{killed:>8}{len(alike):>12}{len(left):>10}")
        for mutant in left:
            print(f"SURVIVED line {mutant.line}: {mutant.key}")
    gone = sorted(set(EQUIVALENT) - existing)
    for key in gone:
        print(f"listed as equivalent, but there is no such mutant: {key}")
    print("\n".join([f"{'file':<16}{'mutants':>8}{'killed':>8}{'equivalent':>12}{'survived':>10}", *table]))
    print(f"killed {sum(killers.values())}, survived {survivors}")
    return 1 if survivors or gone else 0


if __name__ == "__main__":
    sys.exit(main())
