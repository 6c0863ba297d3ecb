"""Which files are mutated, and which tests may kill their mutants."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tools.mutants import table_mutants
from tools.mutants.mutations import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
TESTS = ROOT / "host_tests"
DESK = re.compile(r"^from host_tests\.(guard_desk|test_guard_\w+) import", re.MULTILINE)
"""A test file with this line is at the desk: its tests are quick, so they are tried first, those that come by the changed line."""
ALSO_QUICK = ("test_drive", "test_outputs", "test_sensing", "test_marker", "test_gate")
SESSIONS = ("test_guard_eyes", "test_guard", "test_session", "test_start_up", "test_fault_sample", "test_crashes")

FAULTS = "peristal/core/faults.py"
LIMITS = "peristal/core/limits.py"


def guards_rooms(source: str, read: Callable[[str], str]) -> list[str]:
    """The files of the classes that the guard imports, and of those that they import: whatever judges for it. read: a file's source."""
    found: list[str] = []
    waiting = [source]
    while waiting:
        imports = re.findall(r"^from (peristal\.core\.\w+) import (.*)$", waiting.pop(), re.MULTILINE)
        names = [module.replace(".", "/") + ".py" for module, names in imports if re.search(r"\b[A-Z][A-Za-z]*[a-z]", names)]
        fresh = [name for name in names if name not in found]
        found += fresh
        waiting += map(read, fresh)
    return found


def _source(name: str) -> str:
    return (FIRMWARE / name).read_text()


# file: whole sessions that are tried when no quick test notices
FILES: dict[str, tuple[str, ...]] = {
    "peristal/core/guard.py": SESSIONS,
    **dict.fromkeys(guards_rooms(_source("peristal/core/guard.py"), _source), SESSIONS),
    "peristal/core/drive.py": SESSIONS,
    LIMITS: (*SESSIONS, "test_documents", "test_board", "test_console"),
    FAULTS: (*SESSIONS, "test_console"),
    "peristal/hw/outputs.py": (*SESSIONS, "test_front_panel"),
    "peristal/hw/deadman.py": SESSIONS,
    "peristal/core/sensing.py": SESSIONS,
    "peristal/core/marker.py": ("test_start_up", "test_resets"),
    "peristal/core/gate.py": ("test_bringup",),
}
COPIED = (LIMITS, FAULTS)
"""What their functions return is copied by other files as they are imported: their mutants need an import of their own."""
SPECIAL: dict[str, Callable[[str, str], list[Mutant]]] = {LIMITS: table_mutants.limits, FAULTS: table_mutants.ranks}


@cache
def all_mutants() -> dict[str, list[Mutant]]:
    """By file."""
    found = {}
    for name in FILES:
        source = _source(name)
        short = name.removeprefix("peristal/")
        own = mutants(source, short, _taken_from(name))
        if name == FAULTS:
            own = [mutant for mutant in own if " module: " not in mutant.key]  # numbers are no limits
        found[name] = SPECIAL.get(name, lambda *_: [])(source, short) + own
    return found


def _taken_from(name: str) -> frozenset[str]:
    """The names that other files of the firmware take from this one."""
    module = name.removesuffix(".py").replace("/", ".")
    imported = re.compile(rf"^from {re.escape(module)} import (.*)$", re.MULTILINE)
    used = re.compile(rf"\b{module.rpartition('.')[2]}\.(\w+)")
    others = [path.read_text() for path in FIRMWARE.rglob("*.py") if path != FIRMWARE / name]
    found = (names for source in others for names in (*imported.findall(source), *used.findall(source)))
    return frozenset(name for names in found for name in names.split(", "))


def quick_tests() -> list[str]:
    """The test files at the desk."""
    return [
        str(path.relative_to(ROOT))
        for path in sorted(TESTS.glob("test_*.py"))
        if path.stem in ALSO_QUICK or DESK.search(path.read_text())
    ]


def slow_tests(name: str) -> list[str]:
    """The test files with whole sessions that may notice a mutant of this file."""
    return [f"host_tests/{test}.py" for test in FILES[name] if (TESTS / f"{test}.py").exists()]
