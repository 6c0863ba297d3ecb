"""One session from power-on to deflated legs: a person presses the button, a recorder looks on, a view may show it."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from peristal.core import faults, limits
from tools.simulator import boards
from tools.simulator.options import Options
from tools.simulator.recorder import CRASHED, SAMPLE_S, Recorder
from tools.simulator.rig import Rig

PRESS_AT_S = 1.0
EMPTY_MMHG = 5.0
CALM_S = 2.0  # recorded after the last zone is empty, so that the picture ends at rest
LONGEST_END_S = 60.0  # after a fault or the end: a zone that stays full is recorded no longer than this
SPARE_S = 180.0  # preflight, slack, gentle release and the last vent, beyond the session's minutes
A_DAY_S = 86400.0
AHEAD_S = 0.01  # shorter waits are left to add up: a sleep costs more than it gives

DONE, FAULT, STOPPED, BROKEN = "done", "fault", "stopped", "broken"


class View(Protocol):
    """What shows a session while it runs."""

    def update(self, recorder: Recorder) -> None:
        """Called after every sample; decides itself how often something is shown."""


@dataclass(frozen=True)
class Outcome:
    """How it ended: one of the words above, and a line that says more (the fault's, the console's last), or ""."""

    kind: str
    says: str
    wall_s: float


def build(options: Options) -> Rig:
    """The rig of these options: a worn pair on a moving person."""
    board = boards.load(options.board)
    settings: dict[str, object] = {"program": options.program, "pressure_mmhg": options.mmhg, "minutes": options.minutes}
    settings |= {"comfort": int(options.comfort), "sessions": limits.highest("first_sessions")}
    rig = Rig(options.board, plant=boards.worn_plant(board, options.seed), seed=options.seed, settings=settings)
    if options.radio is None:
        rig.press(PRESS_AT_S)
    else:
        from tools.simulator import real_radio  # needs Bumble

        real_radio.attach(rig, options.radio)
    return rig


def run(rig: Rig, recorder: Recorder, options: Options, view: View) -> Outcome:
    """Runs it until the legs are empty again, Ctrl-C, or the firmware is no longer there."""
    began = time.monotonic()
    with _interrupt_kept_from_the_firmware() as interrupted:
        watch = _Watch(recorder, interrupted, options.radio is not None)

        def look() -> None:
            recorder.sample()
            view.update(recorder)
            if options.speed is not None and options.radio is None:
                ahead_s = rig.now_s / options.speed - (time.monotonic() - began)
                if ahead_s > AHEAD_S and not interrupted():
                    time.sleep(ahead_s)
            if watch.is_over():
                rig.chip.power_off()

        rig.every(SAMPLE_S, look)
        rig.run_until(A_DAY_S if options.radio else options.minutes * 60 + SPARE_S)
    kind, says = watch.verdict()
    return Outcome(kind, says, time.monotonic() - began)


class _Watch:
    """Sees when there is nothing more to see."""

    def __init__(self, recorder: Recorder, interrupted: Callable[[], bool], goes_on: bool = False) -> None:
        self.goes_on = goes_on  # after a session the next one may come
        self.rig = recorder.rig
        self.recorder = recorder
        self.interrupted = interrupted
        self._ended_s: float | None = None
        self._calm_s = 0.0
        self._crash = ""

    def is_over(self) -> bool:
        """Stopped by a person, crashed, or ended and empty for a moment."""
        rig = self.rig
        state = self.recorder.state[-1]
        if self.interrupted():
            return True
        if state not in (DONE, FAULT, CRASHED) or (self.goes_on and state != CRASHED):
            return False
        if state == CRASHED and not self._crash:
            what = "the firmware ended" if rig.chip.in_repl else f"the chip reset (cause {rig.chip.cause})"
            self._crash = f"{what}; its last line: {rig.chip.console[-1] if rig.chip.console else ''}"
        self._ended_s = rig.now_s if self._ended_s is None else self._ended_s
        self._calm_s = self._calm_s + SAMPLE_S if max(rig.plant.zone_mmhg) < EMPTY_MMHG else 0.0
        return self._calm_s >= CALM_S or rig.now_s - self._ended_s > LONGEST_END_S

    def verdict(self) -> tuple[str, str]:
        """Kind and words of the outcome."""
        rig = self.rig
        state = self.recorder.state[-1] if self.recorder.state else "off"
        if self._crash:
            return BROKEN, self._crash
        if state == FAULT:
            return FAULT, faults.line(rig.app.guarding.fault, rig.app.guarding.fault_zone)
        if self.interrupted():
            return STOPPED, f"stopped at {clock(rig.now_s)}"
        if state == DONE:
            return DONE, ""
        return BROKEN, f"the session did not end: still {state} after {clock(rig.now_s)}"


@contextmanager
def _interrupt_kept_from_the_firmware() -> Iterator[Callable[[], bool]]:
    """Ctrl-C only leaves a note: raised as usual it would reach the simulated firmware, which has its own answer to it."""
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: seen.append(number))
    try:
        yield lambda: bool(seen)
    finally:
        signal.signal(signal.SIGINT, before)


def clock(seconds: float) -> str:
    """Minutes and seconds, 12:05."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
