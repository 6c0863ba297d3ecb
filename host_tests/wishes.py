"""A regulator that wishes anything, on healthy plants: coils, pump and targets drawn anew after some ticks, whatever the pressures are.

The guard may only make it safer, so whatever is wished
- no zone with a sensor of its own is above 130 mmHg for longer than 100 ms and what its air needs to leave; one that only the line can see
  follows the line at the most, which the guard lets go to 20 mmHg above its ceiling;
- the firmware goes on: what is wished is no reason for an exception.
A person clears what the guard has latched and starts again.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from host_tests.fault_judge import LOOK_S, RISE_MMHG, Ceiling
from host_tests.fault_reports import latched_name
from host_tests.fault_scene import TOPOLOGIES, Setup, draw
from peristal.core import limits, modes
from peristal.core.units import pa

STYLES = ("anything", "one zone", "pulses", "greedy", "greedy", "greedy pulses")
"""Any coil, or what fills and lets out a zone or two; in pulses or for seconds; greedy: every target is just below the cap."""
TARGETS_MMHG = (0, 20, 60, 100, 119, 300)
NEARLY_CAP_MMHG = 119
DWELL_S, PULSE_S = (0.02, 0.06, 0.2, 0.6, 2.0, 6.0), (0.04, 0.1, 0.2, 0.3)
BEGINS_S = (6.0, 25.0)
ENDS_S = 90.0
AGAIN_S, STARTS = 6.0, 3


@dataclass
class Outcome:
    """`why` is empty when all held."""

    setup: Setup
    style: str
    told: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    peak_mmhg: float = 0.0

    @property
    def says(self) -> str:
        """In one line."""
        return f"{self.setup.says}, {self.style}: told {', '.join(self.told) or 'nothing'}; {'; '.join(self.why) or 'safe'}"


def plan(seed: int, index: int) -> tuple[Setup, str, int]:
    """Setup, style and what the wishes are drawn from."""
    rng = Random(f"wishes {seed} {index}")
    setup = draw(rng, TOPOLOGIES[index % 3], rng.choice(modes.names()))
    return replace(setup, snug=True, movement=False), rng.choice(STYLES), rng.randrange(1 << 30)


class Run:
    """One session, and what is wished in it from a moment on."""

    def __init__(self, setup: Setup, style: str, seed: int, firmware: Path | None = None) -> None:
        self.rng = Random(seed)
        self.style = style
        self.scene = setup.scene()
        self.rig = self.scene.rig
        if firmware is not None:
            self.rig.chip.firmware = firmware
        self.outcome = Outcome(setup, style)
        self._ceiling = Ceiling(self.rig.plant, self._say)
        self._blind_mmhg: float | None = None
        if setup.topology == TOPOLOGIES[0]:
            self._ceiling.unseen.update(range(self.scene.count))
            self._blind_mmhg = self.rig.board.ceiling_mmhg() + limits.highest("line_over_mmhg") + RISE_MMHG
        self._begins_s = self.rng.uniform(*BEGINS_S)
        self._until_s = 0.0
        self._wish: tuple[list[int], int, list[int]] = ([], 0, [])
        self._starts = 0
        self._waits_s = 0.0
        self.rig.chip.on_import("peristal.app", self._wrap)
        self.rig.every(LOOK_S, self._look)

    def _say(self, why: str) -> None:
        if why not in self.outcome.why:
            self.outcome.why.append(why)

    def _wrap(self, module: Any) -> None:
        regulate = module.App.regulate

        def wishing(app: Any) -> None:
            regulate(app)
            now_s = self.rig.now_s
            if now_s < self._begins_s or not app.session.active:
                return
            if now_s >= self._until_s:
                self._draw(app.net, now_s)
            coils, pump_permille, targets_pa = self._wish
            app.wish.coil[:] = bytes(coils)
            app.wish.pump_permille = pump_permille
            for zone, target_pa in enumerate(targets_pa):
                app.wish.target_pa[zone] = target_pa

        module.App.regulate = wishing

    def _draw(self, net: Any, now_s: float) -> None:
        """The next wish."""
        rng, zones = self.rng, self.scene.count
        dwell_s = rng.choice(PULSE_S if "pulses" in self.style else DWELL_S)
        targets_pa = [pa(rng.choice(TARGETS_MMHG)) for _ in range(zones)]
        if self.style == "anything":
            coils = [rng.randrange(2) for _ in range(net.n_valves)]
            pump_permille = rng.choice((0, 300, 1000))
        else:
            coils, fills = self._some(net)
            pump_permille = rng.choice((300, 600, 1000, 1000)) if fills else rng.choice((0, 0, 1000))
            if "pulses" in self.style and rng.random() < 0.4:
                pump_permille = 0
        if "greedy" in self.style:
            targets_pa = [pa(NEARLY_CAP_MMHG)] * zones
        self._until_s = now_s + dwell_s
        self._wish = coils, pump_permille, targets_pa

    def _some(self, net: Any) -> tuple[list[int], bool]:
        """Coils that keep every zone but one or two, which are filled (True) or let out."""
        rng = self.rng
        some = rng.sample(range(self.scene.count), 2 if self.scene.count > 1 and rng.random() < 0.2 else 1)
        coils = [0 if net.independent and valve in net.fill_valve else 1 for valve in range(net.n_valves)]
        fills = rng.random() < 0.8
        for zone in some:
            if fills:
                coils[net.fill_valve[zone]] ^= 1
            elif net.independent:
                coils[net.exhaust_valve[zone]] = 0
            else:
                coils[net.fill_valve[zone]] = coils[net.vent_valve] = 0
        return coils, fills

    def _look(self) -> None:
        rig, outcome = self.rig, self.outcome
        now_s = rig.now_s
        self._ceiling.look(now_s)
        outcome.peak_mmhg = max(outcome.peak_mmhg, *rig.plant.zone_mmhg)
        if self._blind_mmhg is not None and outcome.peak_mmhg > self._blind_mmhg:
            self._say(f"a zone that only the line can see has {outcome.peak_mmhg:.0f} mmHg")
        if rig.chip.starts != 1:
            self._say("the firmware did not go on")
        if rig.state != "fault" or now_s < self._waits_s or self._starts == STARTS:
            return
        outcome.told.append(latched_name(rig.app))
        self._starts += 1
        self._waits_s = now_s + AGAIN_S + 3.0
        rig.press(now_s + AGAIN_S)  # clears it
        rig.press(now_s + AGAIN_S + 2.0)

    def run(self) -> Outcome:
        """To its end."""
        self.rig.press(1.5)
        try:
            self.rig.run_until(ENDS_S)
        except Exception:
            self._say(traceback.format_exc())
        return self.outcome
