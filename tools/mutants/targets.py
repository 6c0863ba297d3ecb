"""Which files are mutated, which tests may kill their mutants, and which mutants change nothing that could be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tools.mutants import table_mutants
from tools.mutants.mutations import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"

QUICK = ("test_guard_limits", "test_parts_of_the_tick")
SESSIONS = ("test_guard_eyes", "test_guard", "test_session", "test_start_up", "test_fault_sample", "test_crashes")

FAULTS = "peristal/core/faults.py"

# file: tests in the order in which they are tried; the order within is learned
FILES: dict[str, tuple[str, ...]] = {
    "peristal/core/guard.py": (*QUICK, *SESSIONS),
    "peristal/core/zone_watch.py": (*QUICK, *SESSIONS),
    "peristal/core/plausible.py": (*QUICK, *SESSIONS),
    "peristal/core/wear.py": (*QUICK, *SESSIONS),
    "peristal/core/line_watch.py": (*QUICK, *SESSIONS),
    "peristal/core/answer.py": (*QUICK, *SESSIONS),
    "peristal/core/levels.py": (*QUICK, *SESSIONS),
    "peristal/core/limits.py": ("test_guard_limits", "test_documents", *SESSIONS, "test_board", "test_console"),
    FAULTS: ("test_guard_limits", *SESSIONS, "test_console"),
    "peristal/hw/outputs.py": ("test_guard_limits", *SESSIONS, "test_front_panel"),
}
SPECIAL: dict[str, Callable[[str, str], list[Mutant]]] = {
    "peristal/core/limits.py": table_mutants.limits,
    FAULTS: table_mutants.ranks,
}

EQUIVALENT: dict[str, str] = {
    "core/zone_watch.py module: removed (times 1000): MOST_GAP_MS = 400": "a sensor that is not read for 400 ms is stale and has latched "
    "before; without a session nothing is driven, and the count of a zone without a target stands still while all is off",
}
"""key of a mutant: why nothing that a person or a pin could notice depends on it."""


def all_mutants() -> dict[str, list[Mutant]]:
    """By file."""
    found = {}
    for name in FILES:
        source = (FIRMWARE / name).read_text()
        short = name.removeprefix("peristal/")
        own = [mutant for mutant in mutants(source, short) if name != FAULTS or " module: " not in mutant.key]  # numbers are no limits
        found[name] = SPECIAL.get(name, lambda *_: [])(source, short) + own
    return found


def tests_of(name: str, quick: bool = False) -> list[str]:
    """The test files of a mutated file that exist; `quick`: only those at the desk."""
    paths = [f"host_tests/{test}.py" for test in FILES[name] if test in QUICK or not quick]
    return [path for path in paths if (ROOT / path).exists()]
