"""A judge that sees only true pressures and what was asked: what must hold in every session, whatever the program."""

from __future__ import annotations

from collections import deque
from typing import Any

from tools.simulator.rig import Rig

LOOK_S = 0.1
PA_PER_MMHG = 133.322
CAP_MMHG = 120.0
OVER_MMHG = 12.0  # above the highest target of the last MEMORY_S: sensors, corrections, a neighbour's pressure
MEMORY_S = 12.0
RELEASED_MMHG = 15.0
COUPLED_MMHG = 22.0  # a released zone keeps some air, and its neighbours press on it
REST_S = 5.0
DUMP_S = 8.0  # the way down counts too
EMPTY_MMHG = 5.0


class Judge:
    """complaints() after the run; `pressed_s` is the longest time of a zone above 15 mmHg, `peak_mmhg` the highest pressure."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        zones = len(rig.plant.zone_mmhg)
        self.peak_mmhg = 0.0
        self.pressed_s = 0.0
        self.pressed_limit_s = 0.0
        self.over: str = ""
        self.states: list[str] = []
        self._recent: list[deque[float]] = [deque(maxlen=round(MEMORY_S / LOOK_S)) for _ in range(zones)]
        self._pressed_s = [0.0] * zones
        self._low_s = [0.0] * zones
        rig.every(LOOK_S, self._look)

    def _look(self) -> None:
        rig = self.rig
        if rig.state == "off":
            return
        if not self.states or self.states[-1] != rig.state:
            self.states.append(rig.state)
        app: Any = rig.app
        self.pressed_limit_s = app.session.sequencer.lanes.program.pressed_s
        dumped = max(app.regulator.target_pa) == 0  # all meet in the line, and the full ones push air into the empty ones
        for zone, mmhg in enumerate(rig.plant.zone_mmhg):
            recent = self._recent[zone]
            recent.append(app.regulator.target_pa[zone] / PA_PER_MMHG)
            self.peak_mmhg = max(self.peak_mmhg, mmhg)
            if mmhg > max(max(recent) + OVER_MMHG, COUPLED_MMHG) and not dumped and not self.over:
                self.over = f"zone {zone + 1} had {mmhg:.0f} mmHg at {rig.now_s:.1f} s, asked for {max(recent):.0f}"
            if mmhg >= RELEASED_MMHG:
                self._pressed_s[zone] += LOOK_S
                self._low_s[zone] = 0.0
                self.pressed_s = max(self.pressed_s, self._pressed_s[zone])
            else:
                self._low_s[zone] += LOOK_S
                if self._low_s[zone] >= REST_S:
                    self._pressed_s[zone] = 0.0

    def complaints(self) -> list[str]:
        """What was wrong; nothing in a good session, one that was refused at its start included."""
        app: Any = self.rig.app
        found = [self.over] if self.over else []
        if self.peak_mmhg > CAP_MMHG:
            found.append(f"peak {self.peak_mmhg:.0f} mmHg")
        if self.pressed_s > self.pressed_limit_s + DUMP_S:
            found.append(f"a zone was pressed for {self.pressed_s:.0f} s, allowed {self.pressed_limit_s}")
        if app.guarding.fault:
            found.append(f"fault {app.guarding.fault} zone {app.guarding.fault_zone + 1}")
        elif self.states[-1] != "done":
            found.append(f"ended {self.states[-1]}")
        if max(self.rig.plant.zone_mmhg) >= EMPTY_MMHG:
            found.append(f"{max(self.rig.plant.zone_mmhg):.0f} mmHg left")
        return found
