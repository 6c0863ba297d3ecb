"""What may go wrong in the middle of a session, and how each of these is planted in a running rig.

`plant(rig, switch, kind, seed)` is called inside a host event: it returns, or raises what shall appear in the firmware there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from types import FrameType, ModuleType
from typing import Any

from tools.simulator.fake_machine import HARD_RESET, SOFT_RESET, WDT_RESET
from tools.simulator.rig import Rig

STEPS = ("read", "listen", "decide", "regulate", "guard", "act", "tell", "feed")
# Lines of firmware that a step runs in a tick of a session, calls included, about the most that was seen: each may be the one that fails.
LINES = {"read": 360, "listen": 45, "decide": 210, "regulate": 360, "guard": 760, "act": 320, "tell": 35, "feed": 15}
ERRORS = (OSError, ValueError, MemoryError, ZeroDivisionError, IndexError, AttributeError, RuntimeError)

ALL_OFF_S = 0.06  # the next tick has begun and its step was reached
DEADMAN_S = 0.1 + 0.02 + ALL_OFF_S  # not renewed for 100 ms, seen by a timer of 20 ms
START_UP_S = 0.3 + 0.05  # outputs stay as they were until main.py's first lines
WATCHDOG_S = 0.5 + START_UP_S + ALL_OFF_S
POWER_BACK_S = 15.0


@dataclass(frozen=True)
class Kind:
    """`off_s`: the longest until every actuator pin is low (None: the chip notices nothing and may go on)."""

    name: str
    off_s: float | None
    step: str = ""

    @property
    def family(self) -> str:
        """Its row of the table: the steps and the ways of pressing taken together."""
        return (self.name.removesuffix(" in " + self.step) if self.step else self.name).partition(",")[0]


KINDS = (
    Kind("12 V cut", None),
    Kind("power cut", 0.0),
    *(Kind(f"exception in {step}", ALL_OFF_S, step) for step in STEPS),
    Kind("Ctrl-C", ALL_OFF_S),
    Kind("Ctrl-C twice", ALL_OFF_S),
    Kind("watchdog reset", START_UP_S),
    Kind("reset, then Ctrl-C", START_UP_S),
    Kind("panic or reset pin", START_UP_S),
    *(Kind(f"hang in Python in {step}", DEADMAN_S, step) for step in STEPS),
    *(Kind(f"hang below Python in {step}", WATCHDOG_S, step) for step in STEPS),
    Kind("button, short", ALL_OFF_S),
    Kind("button, long", ALL_OFF_S),
    Kind("button, held for good", ALL_OFF_S),
)
BY_NAME = {kind.name: kind for kind in KINDS}


class Switch:
    """Wraps the eight steps of App.tick, so that a fault can be switched on in one of them later; set up before the run."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.step = ""
        self.fault: Callable[[], None] | None = None
        self.line = 0  # of the step's own work, calls included, at which it comes (or at the step's end, if that is nearer)
        self.lasting = False  # again in every later start-up
        rig.chip.on_import("peristal.app", self._wrap_steps)

    def _wrap_steps(self, module: ModuleType) -> None:
        for step in STEPS:
            setattr(module.App, step, self._wrapped(step, getattr(module.App, step)))

    def _wrapped(self, step: str, body: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any) -> None:
            if self.step != step:
                body(*args)
                return
            fault = self.fault
            assert fault is not None
            if not self.lasting:
                self.step = ""
            tracer = Tracer(self.rig, self.line, fault)
            body(*args)
            tracer.stop()
            if tracer.left >= 0:
                fault()

        return stepped


class Tracer:
    """Calls `event` once at the n-th line of firmware code from now: a moment between two bytecodes, where time does not move."""

    def __init__(self, rig: Rig, lines: int, event: Callable[[], None]) -> None:
        assert rig.chip.world is not None
        self.chip = rig.chip
        self.files = rig.chip.world.names
        self.left = lines
        self.event = event
        frame: FrameType | None = sys._getframe()
        while frame is not None:  # the functions that run already
            if frame.f_code.co_filename in self.files:
                frame.f_trace = self._trace
            frame = frame.f_back
        sys.settrace(self._trace)

    def stop(self) -> None:
        """No further line is counted."""
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in self.files:
            return None
        if event == "line":
            self.left -= 1
            if self.left < 0 and not self.chip._callback_running:
                sys.settrace(None)
                self.event()
        return self._trace


def plant(rig: Rig, switch: Switch, kind: Kind, seed: int) -> None:
    """Plants one fault now. `seed` draws its details: which exception, at which line of the step's work, once or in every start-up."""
    chip, now_s = rig.chip, rig.now_s
    rng = Random(seed)
    name = kind.name
    if name == "12 V cut":
        rig.plant.cut_supply(True)
    elif name == "power cut":
        chip.startup_ms = round(POWER_BACK_S * 1000)  # the chip stays off for so long; see Watch.run
        rig.at(now_s + POWER_BACK_S - 0.3, lambda: rig.plant.cut_supply(False))
        rig.plant.cut_supply(True)
        chip.cut_power()
    elif name == "watchdog reset":
        chip.reset(WDT_RESET)
    elif name == "panic or reset pin":
        chip.reset(rng.choice((HARD_RESET, SOFT_RESET)))
    elif name == "Ctrl-C":
        chip.type("\x03")
    elif name == "Ctrl-C twice":
        chip.type("\x03")
        rig.at(now_s + rng.uniform(0.0, 5.0), lambda: chip.type("\x03"))
    elif name == "reset, then Ctrl-C":
        rig.at(now_s + rng.uniform(0.0, 1.0), lambda: chip.type("\x03"))
        chip.reset(WDT_RESET)
    elif name.startswith("button"):
        hold_s = {"button, short": 0.2, "button, long": 1.5}.get(name, 1e6)
        rig.press(now_s, hold_s)
    else:
        switch.step, switch.line, switch.lasting = kind.step, rng.randrange(LINES[kind.step]), rng.random() < 0.25
        if name.startswith("exception"):
            # Of a read an OSError is no exception but a failed ADC read, which is a fault of its own.
            error = rng.choice(ERRORS[1:] if kind.step == "read" else ERRORS)

            def raise_it() -> None:
                raise error("planted")

            switch.fault = raise_it
        else:
            where = "c" if "below" in name else "python"
            switch.fault = lambda: chip.hang(where)
