"""What was found of each mutant, kept in build/: a run goes on where it was interrupted, and tries first what noticed last time.

A kill stays one as long as the firmware, the rig and the file of the test that noticed are the same, whatever other tests are written;
a survivor is one only of the tests there were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from tools.mutants.targets import FILES, FIRMWARE, ROOT, quick_tests, slow_tests

KEPT = ROOT / "build" / "mutants.jsonl"
Found = dict[str, dict[str, Any]]


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def sources() -> str:
    """Fingerprint of what every outcome hangs on: the firmware, the boards, the simulator and what the tests are made with."""
    files = [*FIRMWARE.rglob("*.py"), *(ROOT / "boards").rglob("*.py")]
    for folder in ("tools/simulator", "tools/bench", "host_tests"):
        files += [path for path in (ROOT / folder).glob("*.py") if not path.name.startswith("test_")]
    return _digest(files)


@cache
def of_test(path: str) -> str:
    """Fingerprint of one file of tests; empty when there is none."""
    return _digest([ROOT / path]) if path and (ROOT / path).is_file() else ""


@cache
def of_all_tests(*, quick: bool) -> str:
    """Fingerprint of all tests that were asked: what a survivor is one of."""
    tests = {*quick_tests(), *(path for name in FILES for path in slow_tests(name) if not quick)}
    return _digest(ROOT / test for test in tests)


def noted(record: dict[str, Any]) -> dict[str, Any]:
    """The record with the fingerprints of what it hangs on."""
    killer = record["killer"].partition("::")[0]
    return {**record, "sources": sources(), "tests": of_test(killer) if killer else of_all_tests(quick=record["quick"])}


def load(path: Path) -> tuple[Found, dict[str, str]]:
    """What is known and still holds, and who killed each mutant last, with whatever sources."""
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
            hints[record["key"]] = record["killer"].removesuffix(" (never ended)")
        if record == noted(record):
            known[record["key"]] = record
        else:
            known.pop(record["key"], None)
    return known, hints
