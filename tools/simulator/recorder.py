"""What a session did, sample by sample: the true pressures, and what the firmware wanted and did at that moment."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peristal.core import journal_words, limits, sequencer
from peristal.core.states import FINISHING, NAMES, RUNNING
from tools.simulator.rig import Rig

SAMPLE_S = 0.1
CRASHED = "crashed"
RELEASED_MMHG = limits.highest("released_mmhg")
PA_PER_MMHG = 133.322
PHASES = {sequencer.SLACK: "slack", sequencer.CYCLE: "cycle", sequencer.RELEASE: "release", sequencer.GENTLE: "gentle"}


@dataclass
class Cycle:
    """One cycle: from and to in seconds since power-on, the highest pressure and in which zone, and the most above a target."""

    number: int
    from_s: float
    to_s: float
    peak_mmhg: float = 0.0
    peak_zone: int = 0
    above_mmhg: float = 0.0
    complete: bool = False


@dataclass
class ZoneTotals:
    """One zone over the whole session."""

    peak_mmhg: float = 0.0
    pressed_s: float = 0.0  # above 15 mmHg
    dose_mmhg_s: float = 0.0
    operations: int = 0  # times one of its coils was switched on


class Recorder:
    """`sample()` every SAMPLE_S of virtual time; afterwards the columns, the totals of each zone and the cycles."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        board = rig.board
        places = [(leg.name, n + 1) for leg in board.legs for n in range(len(leg.zones))]
        self.zone_names = [f"{leg} {n}" for leg, n in places]
        self.leg_names = [leg.name for leg in board.legs]
        self.legs = [[z for z, (name, _) in enumerate(places) if name == leg] for leg in self.leg_names]
        self.valve_names = [self._valve_name(path) for path, _ in board.valves()]
        zones = range(len(places))
        self._leg_of = [leg for leg, members in enumerate(self.legs) for _ in members]
        self.t_s = array("d")
        self.state: list[str] = []
        self.phase: list[str] = []
        self.cycle = array("i")
        self.step = array("i")
        self.zone_mmhg = [array("f") for _ in zones]
        self.target_mmhg = [array("f") for _ in zones]
        self.limb_mmhg = [array("f") for _ in self.legs]  # what the wearer's movement adds to an inflated zone of that leg
        self.line_mmhg = array("f")
        self.pump_duty = array("f")
        self.open_valves = array("l")  # bit v: valve v is open
        self.totals = [ZoneTotals() for _ in zones]
        self.cycles: list[Cycle] = []
        self.above_mmhg = 0.0  # the most any zone was above its target, where and when
        self.above_zone = 0
        self.above_at_s = 0.0
        self.above_still_mmhg = 0.0  # the same without what the wearer's movement added at that moment
        self.notices = 0
        self._limb = rig.plant._limb  # what the wearer adds; the firmware could not know it either
        self.events: dict[int, list[str]] = {}  # by sample: what the journal was told, and first of all board and program
        self._named = False
        self._count_operations()
        rig.chip.on_import("peristal.core.journal", self._listen_to_the_journal)

    def _listen_to_the_journal(self, module: Any) -> None:
        add = module.Journal.add

        def told(journal: Any, code: int, zone: int = module.NONE, value: int = 0) -> None:
            words = journal_words.text(code, zone, value, lambda number: f"file {number}")
            self.events.setdefault(len(self.t_s), []).append(words)
            add(journal, code, zone, value)

        module.Journal.add = told

    def _valve_name(self, path: str) -> str:
        """`legs[0].zones[1].exhaust` is called left_2_exhaust, `line.vent` line_vent."""
        for l_index, leg in enumerate(self.rig.board.legs):
            for z_index in range(len(leg.zones)):
                path = path.replace(f"legs[{l_index}].zones[{z_index}]", f"{leg.name}_{z_index + 1}")
        return path.replace(".", "_")

    def number_of(self, zone: int) -> int:
        """Number of a zone within its leg, 1 at the foot."""
        return next(zone - leg[0] + 1 for leg in self.legs if zone in leg)

    def _count_operations(self) -> None:
        """Listens to the coils' pins: a pulse may be shorter than a sample."""
        totals = self.totals
        valves = self.rig.plant.params.valves
        zone_of = {valve.pin: valves[v].zone for v, (_, valve) in enumerate(self.rig.board.valves())}
        powered = dict.fromkeys(zone_of, False)
        wiring = self.rig.wiring
        put = wiring.output

        def output(gpio: int, duty_u16: int) -> None:
            if gpio in powered and powered[gpio] != (duty_u16 > 0):
                powered[gpio] = duty_u16 > 0
                zone = zone_of[gpio]
                if duty_u16 and zone is not None:
                    totals[zone].operations += 1
            put(gpio, duty_u16)

        wiring.output = output

    def _state(self) -> str:
        """As the firmware calls it, "off" before there is one, CRASHED from the moment it ended or started anew."""
        if self.rig.chip.in_repl or self.rig.chip.starts > 1:
            return CRASHED
        session = getattr(self.rig.app, "session", None)
        return "off" if session is None else NAMES[session.state]

    def sample(self) -> None:
        """Takes one sample now."""
        rig = self.rig
        plant = rig.plant
        app: Any = rig.app
        state = self._state()
        self.t_s.append(rig.now_s)
        self.state.append(state)
        steps = app.session.sequencer if state not in ("off", CRASHED) else None
        going = steps is not None and app.session.state in (RUNNING, FINISHING)
        self.phase.append(PHASES.get(steps.phase, "") if steps and going else "")
        in_cycle = steps is not None and going and steps.phase in (sequencer.CYCLE, sequencer.RELEASE)
        number = steps.cycle if steps and in_cycle else 0
        self.cycle.append(number)
        self.step.append(steps.row + 1 if steps and going and steps.phase == sequencer.CYCLE else 0)
        self.line_mmhg.append(plant.line_mmhg)
        self.pump_duty.append(rig.wiring.pump_duty / 65535)
        self.open_valves.append(sum(1 << v for v, is_open in enumerate(plant.valve_open) if is_open))
        if steps is not None:
            self.notices |= app.session.notices
            if going and not self._named:
                self._named = True
                self.events.setdefault(len(self.t_s) - 1, []).append(f"board: {rig.board.name}; program: {app.session.program}")
        cycle = self._cycle_of(number)
        # A zone feels the end of a movement up to 20 ms late: what was added at the last sample may still be in it.
        added = [max(now, before[-1] if before else now) for now, before in zip(self._limb.mmhg, self.limb_mmhg)]
        for leg, mmhg in enumerate(self._limb.mmhg):
            self.limb_mmhg[leg].append(mmhg)
        targets = app.regulator.target_pa if steps is not None else None
        for zone, mmhg in enumerate(plant.zone_mmhg):
            limb = added[self._leg_of[zone]]
            target = targets[zone] / PA_PER_MMHG if targets else 0.0
            self.zone_mmhg[zone].append(mmhg)
            self.target_mmhg[zone].append(target)
            self._add(zone, mmhg, target, limb, cycle)

    def _add(self, zone: int, mmhg: float, target: float, limb: float, cycle: Cycle | None) -> None:
        totals = self.totals[zone]
        totals.dose_mmhg_s += max(0.0, mmhg) * SAMPLE_S
        if mmhg > RELEASED_MMHG:
            totals.pressed_s += SAMPLE_S
        if mmhg > totals.peak_mmhg:
            totals.peak_mmhg = mmhg
        # A release is above its new target by intent; only a zone that is meant to have pressure can have too much.
        above = mmhg - target if target else 0.0
        if above > self.above_mmhg:
            self.above_mmhg, self.above_zone, self.above_at_s = above, zone, self.t_s[-1]
        if target and above - limb > self.above_still_mmhg:
            self.above_still_mmhg = above - limb
        if cycle is not None:
            if mmhg > cycle.peak_mmhg:
                cycle.peak_mmhg, cycle.peak_zone = mmhg, zone
            cycle.above_mmhg = max(cycle.above_mmhg, above)

    def _cycle_of(self, number: int) -> Cycle | None:
        now_s = self.t_s[-1]
        last = self.cycles[-1] if self.cycles else None
        if number == 0:
            return None
        if last is None or last.number != number:
            if last is not None:
                last.complete = True
            last = Cycle(number, now_s, now_s)
            self.cycles.append(last)
        last.to_s = now_s
        return last

    def write_csv(self, path: Path) -> None:
        """One row per sample, units in the names; `pump` is the duty 0..1, `open_*` is 1 while that valve is open, `events` what the
        journal was told since the row before, with a semicolon between two."""
        head = ["time_s", "state", "phase", "cycle", "step", "line_mmhg", "pump"]
        for name in self.zone_names:
            column = name.replace(" ", "_")
            head += [f"{column}_mmhg", f"{column}_target_mmhg"]
        head += [f"limb_{name}_mmhg" for name in self.leg_names]
        head += [*(f"open_{name}" for name in self.valve_names), "events"]
        valves = range(len(self.valve_names))
        numbers = [column for both in zip(self.zone_mmhg, self.target_mmhg) for column in both] + self.limb_mmhg
        with path.open("w", newline="\n") as file:
            file.write(",".join(head) + "\n")
            rows = zip(self.t_s, self.state, self.phase, self.cycle, self.step, self.line_mmhg, self.pump_duty, self.open_valves, *numbers)
            form = "%.1f,%s,%s,%d,%d,%.1f,%.3f" + ",%.1f" * len(numbers)
            opened: dict[int, str] = {}
            for sample, row in enumerate(rows):
                mask = row[7]
                if mask not in opened:
                    opened[mask] = "".join(",1" if mask >> v & 1 else ",0" for v in valves)
                file.write(f"{form % (row[:7] + row[8:])}{opened[mask]},{'; '.join(self.events.get(sample, []))}\n")
