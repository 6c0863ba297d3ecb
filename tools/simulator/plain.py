"""The view without a terminal: a line per state and per cycle."""

from __future__ import annotations

from tools.simulator.recorder import Recorder
from tools.simulator.session_run import clock


class PlainView:
    """Prints each line when it is known, so that a log grows while the session runs."""

    def __init__(self) -> None:
        self._told_state = "off"
        self._told_cycles = 0

    def update(self, recorder: Recorder) -> None:
        """A line when a cycle ended or the state changed."""
        cycles = recorder.cycles
        state = recorder.state[-1]
        ended = len(cycles) - (1 if cycles and recorder.cycle[-1] == cycles[-1].number else 0)
        for cycle in cycles[self._told_cycles : ended]:
            what = f"cycle {cycle.number}" if cycle.complete else f"part of cycle {cycle.number}"
            peak = f"peak {cycle.peak_mmhg:.0f} mmHg in {recorder.zone_names[cycle.peak_zone]}"
            above = f"{cycle.above_mmhg:.0f} mmHg above its target at most"
            print(f"{clock(cycle.from_s):>6}  {what}: {cycle.to_s - cycle.from_s:.0f} s, {peak}, {above}", flush=True)
        self._told_cycles = ended
        if state != self._told_state:
            self._told_state = state
            print(f"{clock(recorder.t_s[-1]):>6}  {state}", flush=True)
