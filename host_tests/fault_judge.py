"""Judges one run by the plant's true pressures, the pads and what the firmware reports; knows nothing of how the guard works.

What is required, whatever the fault:
- no zone above 130 mmHg for longer than 100 ms, beyond what the air itself needs to leave with everything off;
- 20 ms after a fault is latched the pump's pad is low (and the 12 V gone within its hold time, where the board has an enable);
- every zone from which the air can leave at all is below 15 mmHg within 1.2 times the plant's own time from that moment, and on a
  plant whose ways out are healthy within 15 s, which the board check promises of the declared parts; where the true ones, each up to a
  tenth off, need longer even with everything open, in no more than that;
- nothing is driven again and no session goes on until a person acts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from host_tests.fault_reports import fault_now, latched, latched_name, notices_now, zone_now
from host_tests.fault_scene import Scene
from tools.bench.ideal import copy_of
from tools.simulator.plant import Plant

LIMIT_MMHG, LIMIT_S = 130.0, 0.1
RELEASED_MMHG = 15.0
LONGEST_VENT_S = 15.0
TRUE_SHARE = 1.2
"""So much longer than the declared parts the true ones may need: volume and way out are each up to a tenth off."""
LOOK_S = 0.02
ONE_TICK_S = 0.021
SLACK_S = 0.1
SHARE = 1.2
ENDLESS_S = 60.0
LINE_S = 0.5
"""In which what a driven line still holds lifts a zone that was just below the mark, and leaves."""
BLIND_S = 15.0
"""A zone that holds and has no sensor of its own is looked at every 5 to 15 s (facts of pneumatics, control practice)."""
SHOWN_S = 0.25
"""Until a line speaks for the zone that opens to it: valve, hose and a pump that coasts (the same facts: static after 150-400 ms)."""
RISE_MMHG = 10.0
"""What a pump that coasts adds to a zone that has no way out any more."""
NAMED_S = 2.0
"""Everything is off at once; until the fault has its name the session may still be called running."""
ACTIVE = ("preflight", "running", "finishing")


@dataclass
class Verdict:
    """What came of it. Times in s since the fault was planted (`seen_s`) or since it was latched (`vented_s`, `own_s`)."""

    reported: str = ""
    zone: int | None = None  # that was named with it
    left_out: list[int] = field(default_factory=list)  # zones, in the end
    notices: list[str] = field(default_factory=list)
    seen_s: float | None = None
    peak_mmhg: float = 0.0
    over_s: float = 0.0
    hidden_s: float = 0.0
    vented_s: float = 0.0
    own_s: float = 0.0
    kept: list[int] = field(default_factory=list)
    why: list[str] = field(default_factory=list)


class Ceiling:
    """No zone above 130 mmHg for longer than 100 ms and what its air needs to leave; `say` is told when one is.

    What a moving limb adds (5-20 mmHg for up to 2 s) is not counted: no valve can prevent it. Whoever sits on a leg is a fault, but
    the time begins anew as long as he still gets heavier, and, on a zone that is shut and has no sensor of its own, until the
    line's shows it (SHOWN_S after its valve has opened): before that nothing on the board can know. Such a zone is due for a look
    after BLIND_S at the latest.
    `hidden_s` is the longest time that was not counted for that.
    """

    def __init__(self, plant: Plant, say: Callable[[str], None]) -> None:
        self.plant = plant
        self.say = say
        self.unseen: set[int] = set()
        """Zones that nothing on the board tells of: there the relief valve is the limit."""
        self.longest_s = 0.0
        self.hidden_s = 0.0
        seen = {sensor.zone for sensor in plant.params.sensors}
        # The valve to the line, of zones that only the line's sensor can see.
        self._blind = {
            valve.zone: index for index, valve in enumerate(plant.params.valves)
            if valve.zone is not None and valve.to == "line" and valve.zone not in seen
        }  # fmt: skip
        self._hidden: dict[int, float] = {}
        self._opened_s: dict[int, float] = {}
        self._since: dict[int, float] = {}
        self._allowed: dict[int, float] = {}
        self._squeeze_mmhg: list[float] = []
        relief_mmhg = plant.params.supply.relief_mmhg
        self._relief_mmhg = LIMIT_MMHG if relief_mmhg is None else 1.1 * relief_mmhg

    def look(self, now_s: float) -> None:
        """Call every 20 ms."""
        limb = self.plant._limb
        if self._squeeze_mmhg != limb.squeeze_mmhg:
            self._squeeze_mmhg = list(limb.squeeze_mmhg)
            self._since.clear()
        for zone, mmhg in enumerate(self.plant.zone_mmhg):
            leg = self.plant.params.zones[zone].leg
            mmhg -= max(0.0, limb.mmhg[leg] - limb.squeeze_mmhg[leg])
            if mmhg > (self._relief_mmhg if zone in self.unseen else LIMIT_MMHG):
                self._over(zone, mmhg, now_s)
            else:
                self._since.pop(zone, None)
                self._hidden.pop(zone, None)

    def _is_hidden(self, zone: int, now_s: float) -> bool:
        """Whether somebody sits on a zone that nothing has shown since."""
        plant = self.plant
        if zone not in self._blind or zone in self._since or not plant._limb.squeeze_mmhg[plant.params.zones[zone].leg]:
            return False
        hidden_s = now_s - self._hidden.setdefault(zone, now_s)
        if not plant.valve_open[self._blind[zone]]:
            self._opened_s[zone] = now_s + SHOWN_S
        if now_s >= self._opened_s.get(zone, 0.0) or hidden_s > BLIND_S:
            return False
        self.hidden_s = max(self.hidden_s, hidden_s)
        return True

    def _over(self, zone: int, mmhg: float, now_s: float) -> None:
        if self._is_hidden(zone, now_s):
            return
        if zone not in self._since:
            self._since[zone] = now_s
            own = own_times(self.plant, True, LIMIT_MMHG)[zone]
            # Where nothing can let the air out, nothing may add to it either.
            self._allowed[zone] = LIMIT_S + LOOK_S + own if own < ENDLESS_S else ENDLESS_S
        over_s = now_s - self._since[zone]
        self.longest_s = max(self.longest_s, over_s)
        if over_s > self._allowed[zone]:
            self.say(f"zone {zone + 1} is above 130 mmHg for longer than {self._allowed[zone]:.2f} s")
        if self._allowed[zone] == ENDLESS_S and mmhg > LIMIT_MMHG + RISE_MMHG:
            self.say(f"zone {zone + 1}, which cannot vent, is driven to {mmhg:.0f} mmHg")


class Judge:
    """Looks every 20 ms, and after each tick's outputs."""

    def __init__(self, scene: Scene, limits_air: bool, blind: bool = False) -> None:
        self.scene = scene
        self.rig = scene.rig
        self.limits_air = limits_air
        self.verdict = Verdict()
        self.safe_s: float | None = None  # when everything had to be off
        # A zone that is left out or a controlled stop is a report too, but only what latches turns everything off at once.
        self.on_fault: Callable[[], None] | None = None
        self.on_notice: Callable[[set[str]], None] | None = None
        self._own_s: list[float] = []
        self._ceiling = Ceiling(self.rig.plant, self._say)
        if blind:
            self._ceiling.unseen.update(range(scene.count))
        self._pressed_s = [0.0] * scene.count
        self._moved = [0.0] * scene.count
        self._follows_s = [0.0] * scene.count
        self._watching = False
        self._latched = False
        self._before: set[str] = set()  # notices that were shown before anything was wrong: they name nothing
        self.rig.chip.on_import("peristal.app", self._wrap)
        self.rig.every(LOOK_S, self._look)

    def _wrap(self, module: Any) -> None:
        tell = module.App.tell

        def telling(app: Any) -> None:
            self._after_outputs(app)
            tell(app)

        module.App.tell = telling

    def _say(self, why: str) -> None:
        if why not in self.verdict.why:
            self.verdict.why.append(why)

    def _after_outputs(self, app: Any) -> None:
        """Once a tick, when the outputs of this tick are written."""
        verdict = self.verdict
        if self.safe_s is not None and self.rig.state in ACTIVE and self.rig.now_s > self.safe_s + NAMED_S:
            self._say(f"the session is {self.rig.state} although no person has acted")
        if self.scene.planted_s < 0:
            if fault_now(app):
                self._say(f"{fault_now(app)} before anything was planted")
            elif app.session.notices:
                self._before |= notices_now(app)
            return
        if fault_now(app) and (not verdict.reported or (latched_name(app) and not self._latched)):
            self._latched = bool(latched_name(app))  # what turns everything off counts for more than a zone that was left out
            verdict.reported = latched_name(app) or fault_now(app)
            verdict.zone = zone_now(app)
            verdict.seen_s = self.rig.now_s - self.scene.planted_s
            if self.on_fault is not None:
                self.on_fault()
        if latched(app):
            self.safe_from_now()
        verdict.left_out = [zone for zone, fault in enumerate(app.guarding.left_out) if fault]
        new = notices_now(app).difference(verdict.notices, self._before) if app.session.notices else ()
        if new:
            verdict.notices += sorted(new)
            if self.on_notice is not None:
                self.on_notice(set(new))

    def safe_from_now(self, unseen_s: float = ONE_TICK_S) -> None:
        """The firmware has seen it, or the chip has crashed and everything is off: from here on all must leave.

        unseen_s: so long the 12 V may still be kept up; a hang that finds every coil off anyway is seen by the deadman only later.
        """
        if self.safe_s is not None:
            return
        rig = self.rig
        self.safe_s = rig.now_s
        self._own_s = own_times(rig.plant, rig.board.supply.enable_pin is not None)
        self._pressed_s = [rig.now_s] * self.scene.count
        rig.at(rig.now_s + ONE_TICK_S, self._pump_must_be_off)
        if rig.board.supply.enable_pin is not None:
            rig.at(rig.now_s + unseen_s + rig.plant.params.supply.enable_hold_s, self._supply_must_be_off)
        self._watching = True

    def _pump_must_be_off(self) -> None:
        if self.rig.wiring.pump_duty:
            self._say("the pump is driven more than a tick after the fault was seen")

    def _supply_must_be_off(self) -> None:
        if self.rig.plant.supply_volts:
            self._say("the 12 V is still on although the enable should have dropped")

    def _look(self) -> None:
        rig, verdict = self.rig, self.verdict
        now_s = rig.now_s
        self._ceiling.look(now_s)
        for zone, mmhg in enumerate(rig.plant.zone_mmhg):
            if mmhg > verdict.peak_mmhg and self.scene.planted_s >= 0:
                verdict.peak_mmhg = mmhg
            if self._watching and mmhg - self._by_limb(zone, now_s) >= RELEASED_MMHG:
                self._pressed_s[zone] = now_s
        if self.safe_s is not None and now_s > self.safe_s + ONE_TICK_S:
            if rig.wiring.pump_duty:
                self._say("the pump is driven again although no person has acted")

    def _by_limb(self, zone: int, now_s: float) -> float:
        """What a moving limb adds to a zone, which follows within a look; where zones meet in one line, the other leg's, too."""
        limb, params = self.rig.plant._limb, self.rig.plant.params
        alone = self.scene.setup.topology == "independent"
        legs = [params.zones[zone].leg] if alone else range(len(limb.mmhg))
        moved = max(0.0, *(limb.mmhg[leg] - limb.squeeze_mmhg[leg] for leg in legs))
        if moved >= self._moved[zone] or now_s > self._follows_s[zone]:
            self._moved[zone] = moved
            self._follows_s[zone] = now_s + (1.5 * LOOK_S if alone else 2 * LINE_S)
        return self._moved[zone]

    def end(self) -> Verdict:
        """At the end of the run."""
        verdict, setup = self.verdict, self.scene.setup
        verdict.peak_mmhg = round(verdict.peak_mmhg, 1)
        verdict.over_s = round(self._ceiling.longest_s, 2)
        verdict.hidden_s = round(self._ceiling.hidden_s, 2)
        verdict.seen_s = None if verdict.seen_s is None else round(verdict.seen_s, 2)
        if self.safe_s is None:
            return verdict
        can = [zone for zone, own in enumerate(self._own_s) if own < ENDLESS_S]
        verdict.kept = [zone for zone in range(self.scene.count) if zone not in can]
        verdict.own_s = round(max((self._own_s[zone] for zone in can), default=0.0), 2)
        verdict.vented_s = round(max((self._pressed_s[zone] - self.safe_s for zone in can), default=0.0), 2)
        limit_s = SHARE * verdict.own_s + SLACK_S
        if not self.limits_air:
            limit_s = min(limit_s, longest_vent_s(verdict.own_s))
        if setup.movement:  # a limb that moves presses what is left of the air for so long
            limit_s += self.rig.plant.params.movement.max_s
        if verdict.vented_s > limit_s:
            self._say(f"not below 15 mmHg within {limit_s:.2f} s (but {verdict.vented_s:.2f} s)")
        return verdict


def longest_vent_s(own_s: float) -> float:
    """The most that letting everything out may take, by a plant's own time for it."""
    return max(LONGEST_VENT_S, min(own_s + SLACK_S, TRUE_SHARE * LONGEST_VENT_S))


def own_times(plant: Plant, enable: bool, mark_mmhg: float = RELEASED_MMHG) -> list[float]:
    """Seconds until each zone is below the mark by itself and stays there, with pump and coils off from now on; ENDLESS_S: never."""
    alone = copy_of(plant)
    alone._limb.next_event_s = 1e18  # a limb that moves would be another matter
    alone.drive_pump(0.0)
    for valve in range(len(alone.params.valves)):
        alone.drive_valve(valve, 0.0)
    if enable:
        alone.cut_supply(True)
    start_s = alone.t_s
    found = [0.0 if mmhg < mark_mmhg else ENDLESS_S for mmhg in alone.zone_mmhg]
    passed_s = 0.0
    while (max(found) == ENDLESS_S or passed_s < LINE_S) and passed_s < ENDLESS_S:
        alone.advance(LOOK_S)
        passed_s = round(alone.t_s - start_s, 3)
        for zone, mmhg in enumerate(alone.zone_mmhg):
            if mmhg >= mark_mmhg:
                found[zone] = ENDLESS_S
            elif found[zone] == ENDLESS_S:
                found[zone] = passed_s
    return found
