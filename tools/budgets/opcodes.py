"""Opcodes that a tick executes, counted on CPython with f_trace_opcodes while a session runs in the simulator.

CPython's opcodes are not MicroPython's, but both count what the loop asks for; times on a shared machine would say less.
Only the firmware's own files count, not the simulator's fakes.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from types import FrameType
from typing import Any

from tools.simulator import boards
from tools.simulator.chip import FIRMWARE
from tools.simulator.rig import Rig

RUNNING_S = 30.0
FROM_S = 4.0


@dataclass(frozen=True)
class Opcodes:
    """Of the ticks of a running session."""

    ticks: int
    median: int
    p99: int
    worst: int
    costliest: list[tuple[str, float]]  # (function, share of all opcodes)


class _Counter:
    def __init__(self) -> None:
        self.ticks: list[int] = []
        self.places: Counter[Any] = Counter()
        self._now = 0

    def wrap(self, module: Any, rig: Rig) -> None:
        """Counts inside App.tick while the session runs."""
        tick = module.App.tick

        def counted(app: Any) -> None:
            if rig.state != "running":
                tick(app)
                return
            self._now = 0
            sys.settrace(self._enter)
            try:
                tick(app)
            finally:
                sys.settrace(None)
            self.ticks.append(self._now)

        module.App.tick = counted

    def _enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        if not frame.f_code.co_filename.startswith(str(FIRMWARE)):
            return None
        frame.f_trace_lines = False
        frame.f_trace_opcodes = True
        return self._count

    def _count(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "opcode":
            self._now += 1
            self.places[frame.f_code] += 1
        return self._count


def measure(board_name: str, running_s: float = RUNNING_S) -> Opcodes:
    """Runs a session on the board and counts for `running_s` seconds of its running phase."""
    counter = _Counter()
    rig = Rig(board_name, plant=boards.worn_plant(boards.load(board_name), 3), seed=3, settings={"minutes": 5})
    rig.chip.on_import("peristal.app", lambda module: counter.wrap(module, rig))
    rig.press(1.5)
    rig.stop_when(lambda: len(counter.ticks) >= running_s * 50)
    rig.run_until(240)
    ticks = sorted(counter.ticks)
    if not ticks:
        raise RuntimeError(f"the session never ran: {rig.chip.console[-3:]}")
    total = sum(ticks)
    named = [(f"{code.co_filename.rpartition('/')[2]} {code.co_qualname}", count / total) for code, count in counter.places.most_common(3)]
    return Opcodes(len(ticks), ticks[len(ticks) // 2], ticks[len(ticks) * 99 // 100], ticks[-1], named)
