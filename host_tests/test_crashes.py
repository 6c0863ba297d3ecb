"""A seeded sample of the crash campaign: every kind on every board, then what the enable and the relief valve are worth."""

import itertools
import sys
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import pytest

from host_tests.crash_kinds import KINDS, STEPS, Switch
from host_tests.crash_session import PHASES, SUPPLIES, Moment, Outcome, Setup, choose, phases
from host_tests.crashes import crash
from tools.simulator.chip import FIRMWARE

SEED = 2
AFTER_S = 12.0  # longer than these boards may take to vent, and than a start-up that was broken off waits
BOARDS = ("esp32c3_mini", "esp32s3_independent")  # both ways to let air out, few zones; `make campaign` crashes every board


def short(board: str, program: str = "sequential", supply: str = "enable") -> Setup:
    """The shortest session with every phase."""
    return Setup(board, program, supply, minutes=1, snug=True)


@cache
def phases_of(board: str, program: str) -> dict[str, list[tuple[float, float]]]:
    """The supply's protections change nothing in a session without faults: one look serves all."""
    return phases(short(board, program))


def sample(setup: Setup, wanted: list[tuple[str, str]]) -> list[Outcome]:
    moments = choose(phases_of(setup.board, setup.program), wanted, Random(SEED))
    return crash(setup, moments, after_s=AFTER_S)


def nearly_full(board: str, kind: str, seed: int = SEED) -> Moment:
    """0.15 s before the end of the first cycle's first fill, that of the smallest chamber: the pump surely goes on for a few ticks."""
    _, end_s = phases_of(board, "sequential")["nearly full"][0]
    return Moment(end_s - 0.15, "nearly full", kind, seed)


def test_every_phase_occurs_in_the_session_that_is_crashed() -> None:
    for board in BOARDS:
        assert set(PHASES) <= set(phases_of(board, "sequential"))


@pytest.mark.parametrize(("board", "program"), ((BOARDS[0], "sequential"), (BOARDS[1], "wave")))
def test_every_kind_of_crash_ends_deflated(board: str, program: str) -> None:
    kinds = [kind.name for kind in KINDS][BOARDS.index(board) :: 2]
    outcomes = sample(short(board, program), [(PHASES[place % len(PHASES)], kind) for place, kind in enumerate(kinds)])
    assert [o.says for o in outcomes if o.why] == []
    assert max(o.limit_s for o in outcomes) < AFTER_S - 1, "who vents too late has to be seen"
    assert max(o.start_mmhg for o in outcomes) > 60, "the crashes have to fall into a session under pressure"


@pytest.mark.parametrize(("board", "supply"), ((BOARDS[0], "neither"), (BOARDS[1], "relief only")))
def test_without_the_enable_it_still_ends_deflated(board: str, supply: str) -> None:
    kinds = ("power cut", "exception in guard", "Ctrl-C twice", "watchdog reset", "hang in Python in act", "hang below Python in regulate")
    kinds = kinds[BOARDS.index(board) :: 2]
    outcomes = sample(short(board, supply=supply), [("nearly full", kind) for kind in kinds])
    assert [o.says for o in outcomes if o.why] == []


@pytest.mark.parametrize("board", BOARDS)
def test_what_enable_and_relief_are_worth_when_the_chip_hangs_with_the_pump_on(board: str) -> None:
    moment = nearly_full(board, "hang below Python in feed")
    setups = [short(board, supply=supply) for supply in SUPPLIES]
    enable, relief, neither = (crash(setup, [moment], after_s=AFTER_S)[0] for setup in setups)
    assert [o.says for o in (enable, relief, neither) if o.why] == []
    assert enable.peak_mmhg < enable.start_mmhg + 25
    assert relief.peak_mmhg > enable.peak_mmhg + 15, "the pump must really have gone on"
    assert neither.peak_mmhg >= relief.peak_mmhg - 0.5


def test_a_fault_can_be_switched_on_at_every_line_of_each_step() -> None:
    rig = Setup("esp32s3_independent").rig()
    switch = Switch(rig)
    seen: dict[tuple[str, int], tuple[str, int]] = {}
    for place, (at_step, at_line) in enumerate(itertools.product(STEPS, (0, 3, 10, 1000))):

        def on(step: str = at_step, line: int = at_line) -> None:
            def fault() -> None:
                frame: Any = sys._getframe()
                while frame.f_code.co_filename not in rig.chip.world.names:  # pyright: ignore[reportOptionalMemberAccess]
                    frame = frame.f_back
                seen[step, line] = (frame.f_code.co_name, frame.f_lineno)

            switch.step, switch.line, switch.fault = step, line, fault

        rig.at(1.0 + 0.1 * place, on)
    rig.run_until(5.0)
    assert len(seen) == 4 * len(STEPS)
    assert len(set(seen.values())) >= 3 * len(STEPS), "they have to fall on different lines"
    for step in STEPS:
        assert seen[step, 0][0] == step


@pytest.mark.parametrize("what", ("exception", "hang in Python", "hang below Python"))
def test_exceptions_and_hangs_at_lines_of_every_step_end_deflated_in_time(what: str) -> None:
    rng = Random(f"{SEED} {what}")
    setup = short(rng.choice(BOARDS))
    some = STEPS[("exception", "hang in Python", "hang below Python").index(what) % 2 :: 2]  # all of them: every kind of crash, above
    moments = [replace(nearly_full(setup.board, f"{what} in {step}"), seed=rng.randrange(1 << 30)) for step in some]
    outcomes = crash(setup, moments, after_s=AFTER_S)
    assert [o.says for o in outcomes if o.why] == []
    assert max(o.limit_s for o in outcomes) < AFTER_S - 1


BUGS = {
    "clean-up on the way out missing": ("main.py", "        all_low(pins)\n", "        pass\n", "exception in regulate"),
    "deadman that only notes it": ("peristal/hw/deadman.py", "self._outputs.all_off()", "pass", "hang in Python in decide"),
    "session goes on after a reset": (
        "peristal/app.py",
        "        self.watchdog = Watchdog()\n",
        "        self.watchdog = Watchdog()\n        if self.marker.abnormal:\n            self.session.start()\n",
        "watchdog reset",
    ),
    "Ctrl-C that opens the REPL at once": ("peristal/app.py", "elif self.maintenance.opens():", "elif self.usb.ctrl_c:", "Ctrl-C"),
    "REPL right after a start-up that was broken off": ("main.py", "VENT_MS = 18000", "VENT_MS = 1", "exception in guard"),
    "no watchdog": ("peristal/hw/watchdog.py", "WDT(timeout=WATCHDOG_MS)", "WDT(timeout=3600000)", "hang below Python in guard"),
}


BUGGY = short("esp32s3_independent", supply="neither")


@cache
def without_bug() -> dict[str, Outcome]:
    """What each bug's crash comes to in the firmware as it is: one session, crashed in every way."""
    kinds = list(dict.fromkeys(kind for *_, kind in BUGS.values()))
    outcomes = crash(BUGGY, [nearly_full(BUGGY.board, kind) for kind in kinds], after_s=AFTER_S)
    return dict(zip(kinds, outcomes, strict=True))


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_caught(bug: str) -> None:
    name, right, wrong, kind = BUGS[bug]
    text = (FIRMWARE / name).read_text()
    assert right in text, "the planted bug no longer fits the firmware"
    moment = nearly_full(BUGGY.board, kind)
    assert crash(BUGGY, [moment], {name: text.replace(right, wrong)}, AFTER_S)[0].why
    assert not without_bug()[kind].why
