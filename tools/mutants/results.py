"""What was found of each mutant, kept in build/: a run goes on where it was interrupted, and tries first what noticed last time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tools.mutants.targets import FILES, FIRMWARE, ROOT, quick_tests, slow_tests

KEPT = ROOT / "build" / "mutants.jsonl"
Found = dict[str, dict[str, Any]]


def fingerprint(*, quick: bool = False) -> str:
    """Of everything that the outcome hangs on; `quick`: of the tests at the desk alone."""
    digest = hashlib.sha256()
    tests = {*quick_tests(), *(path for name in FILES for path in slow_tests(name) if not quick)}
    files = [*FIRMWARE.rglob("*.py"), *(ROOT / "boards").rglob("*.py")]
    for folder in ("tools/simulator", "tools/bench", "host_tests"):
        files += [path for path in (ROOT / folder).glob("*.py") if not path.name.startswith("test_")]
    for path in sorted([*files, *(ROOT / test for test in tests)]):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def load(path: Path, now: str) -> tuple[Found, dict[str, str]]:
    """What is known of the sources of this fingerprint, and who killed each mutant last, with whatever sources."""
    known: Found = {}
    hints: dict[str, str] = {}
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
            hints[record["key"]] = record["killer"]
        if record["sources"] == now:
            known[record["key"]] = record
        else:
            known.pop(record["key"], None)
    return known, hints
