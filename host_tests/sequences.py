"""Any sequence of commands, presses, faults, resets and pauses, on the whole firmware, and three things that must hold in all of them.

- No zone is above 130 mmHg for longer than 100 ms and what its air needs to leave.
- Nothing begins or goes on without a person's act just before, and the pump is never driven outside a session.
- Whenever no session is going on, what can be vented is below 15 mmHg in its time; and every session ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from host_tests.fault_judge import ENDLESS_S, LONGEST_VENT_S, LOOK_S, RELEASED_MMHG, SHARE, Ceiling, own_times
from host_tests.fault_kinds import INDEPENDENT, MANIFOLD
from host_tests.fault_scene import Scene, Setup
from tools.simulator.fake_machine import HARD_RESET, SOFT_RESET, WDT_RESET

WRAP_MS = 1 << 30
ACTIVE = ("preflight", "running", "finishing")
ACT_S = 1.0
"""So soon after a person's act, and at the end of a hang or a start-up that swallowed it, something may begin."""
START_UP_S = 2.0
ENDS_S = 60 + 45 + 120.0
"""One minute of session, its gentle release and what may be stretched: then the last one must have ended."""
GAPS_S = (0.02, 0.3, 1.0, 2.5, 4.0, 8.0, 15.0, 30.0, 50.0)
FOREVER_S = 1e9

Act = Callable[["Run"], None]


def press(hold_s: float, key: str = "button_pin") -> Act:
    """A button of the front panel."""

    def act(run: Run) -> None:
        if getattr(run.rig.board.panel, key) is not None:
            run.person(hold_s)
            run.rig.press(run.rig.now_s, hold_s, key)

    return act


def line(text: str) -> Act:
    """A line on the console, and Enter."""

    def act(run: Run) -> None:
        run.person(0.0)
        run.rig.chip.type(text + "\n")

    return act


def reset(cause: int) -> Act:
    """The chip."""
    return lambda run: run.disturb(lambda: run.rig.chip.reset(cause))


def stall(seconds: float) -> Act:
    """The loop stands still for so long, in whatever it does next."""

    def act(run: Run) -> None:
        chip, switch = run.rig.chip, run.scene.switch
        switch.step, switch.lasting = "decide", False
        switch.fault = lambda: chip.advance(round(seconds * 1e6))
        run.person(seconds)

    return act


def hang(where: str) -> Act:
    """For good, until the watchdog bites."""

    def act(run: Run) -> None:
        chip, switch = run.rig.chip, run.scene.switch
        switch.step, switch.lasting = "regulate", False
        switch.fault = lambda: chip.hang(where)

    return act


def sensor(index: int, fault: str | None) -> Act:
    """One of the sensors, and None: it is well again."""

    def act(run: Run) -> None:
        plant = run.rig.plant
        run.disturb(lambda: plant.sensor_fault.__setitem__(index % len(plant.sensor_fault), fault))
        if fault == "frozen":
            run.cannot_see(plant.params.sensors[index % len(plant.sensor_fault)].zone)

    return act


def valve(index: int, stuck: str | None) -> Act:
    """One of the valves."""

    def act(run: Run) -> None:
        valves = run.rig.plant.valve_stuck
        run.disturb(lambda: valves.__setitem__(index % len(valves), stuck))

    return act


def supply(cut: bool) -> Act:
    """The 12 V."""
    return lambda run: run.disturb(lambda: run.rig.plant.cut_supply(cut))


def squeeze(mmhg: float) -> Act:
    """Somebody sits on the first leg, or gets up."""
    return lambda run: run.disturb(lambda: run.rig.plant.squeeze_mmhg.__setitem__(0, mmhg))


def unplug(index: int, gone: bool) -> Act:
    """A hose."""

    def act(run: Run) -> None:
        hoses = run.rig.plant.zone_unplugged
        run.disturb(lambda: hoses.__setitem__(index % len(hoses), gone))

    return act


EVENTS: tuple[tuple[str, Act], ...] = (
    *((f"press for {hold_s} s", press(hold_s)) for hold_s in (0.05, 0.2, 0.2, 0.2, 1.5, 1.5, 6.0, 11.0)),
    *((key, press(0.1, key)) for key in ("plus_pin", "minus_pin", "program_pin")),
    *((text, line(text)) for text in (
        "start", "start", "start wave 100 1", "start uniform 95 1", "stop", "pause", "resume", "resume", "+", "-", "clear", "tingling",
        "set pressure 100", "set pressure 20", "set program pulse", "boost 1 on", "skip 2 on", "tight", "set cap 60", "set leg 1",
        "set time 1800000000", "set time 1", "forget", "calibrate 1 60", "start; rm -rf", "\x00\x01\x7f", "x" * 300,
    )),
    ("watchdog reset", reset(WDT_RESET)), ("reset pin", reset(HARD_RESET)), ("soft reset", reset(SOFT_RESET)),
    ("stall 0.08 s", stall(0.08)), ("stall 0.2 s", stall(0.2)), ("stall 0.45 s", stall(0.45)),
    ("hang in Python", hang("python")), ("hang in C", hang("c")),
    ("sensor 1 open", sensor(0, "open")), ("sensor 2 shorted", sensor(1, "short")), ("sensor 1 frozen", sensor(0, "frozen")),
    ("sensor 1 well", sensor(0, None)), ("sensor 2 well", sensor(1, None)),
    ("valve 2 stuck open", valve(1, "open")), ("valve 3 stuck closed", valve(2, "closed")), ("valve 2 well", valve(1, None)),
    ("valve 3 well", valve(2, None)),
    ("12 V gone", supply(True)), ("12 V back", supply(False)), ("12 V back", supply(False)),
    ("sits down", squeeze(50.0)), ("gets up", squeeze(0.0)), ("unplugs 1", unplug(0, True)), ("plugs 1 in", unplug(0, False)),
)  # fmt: skip


@dataclass
class Outcome:
    """What was done, and what is wrong with what came of it (empty: nothing)."""

    setup: Setup
    done: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    peak_mmhg: float = 0.0

    @property
    def says(self) -> str:
        """In one line."""
        return f"{self.setup.says}: {', '.join(self.done)}: {'; '.join(self.why) or 'safe'}"


class Run:
    """One sequence of (gap, event) numbers; any whole numbers will do."""

    def __init__(self, setup: Setup, steps: Sequence[tuple[int, int]], before_wrap_ms: int = 0, firmware: Path | None = None) -> None:
        self.scene: Scene = setup.scene()
        self.rig = self.scene.rig
        self.rig.chip.start_ticks_ms = WRAP_MS - before_wrap_ms if before_wrap_ms else 0
        if firmware is not None:
            self.rig.chip.firmware = firmware
        self.outcome = Outcome(setup)
        self._ceiling = Ceiling(self.rig.plant, self._say)
        self._shown: set[int] = set()
        self._starts = 0
        self._acted_s = -1e9
        self._active = False
        self._quiet_s = 0.0
        self._limits: list[float] | None = None
        self._pump_looks = 0
        self._moved: dict[int, float] = {}
        at_s = 1.0
        for gap, event in steps:
            at_s += GAPS_S[gap % len(GAPS_S)]
            name, act = EVENTS[event % len(EVENTS)]
            self.outcome.done.append(f"{at_s:.2f} s {name}")
            self.rig.at(at_s, lambda act=act: act(self))
        self._last_s = at_s
        self.rig.every(LOOK_S, self._look)

    def person(self, seconds: float) -> None:
        """A person acts now, for so long."""
        self._acted_s = max(self._acted_s, self.rig.now_s + seconds)

    def disturb(self, what: Callable[[], Any]) -> None:
        """Something changes that air and time to vent hang on."""
        self._limits = None
        self._quiet_s = self.rig.now_s
        what()

    def cannot_see(self, zone: int | None) -> None:
        """Its sensor (None: the line's) shows the same from now on. Before the first pressure that it could show since the start-up nothing
        else tells of it (SAFETY.md); with sensors on line and zones the other one does."""
        topology = self.scene.setup.topology
        if topology == INDEPENDENT and zone is not None and zone not in self._shown:
            self._ceiling.unseen.add(zone)
        elif topology == MANIFOLD and not self._shown:
            self._ceiling.unseen.update(range(self.scene.count))

    def _say(self, why: str) -> None:
        if why not in self.outcome.why:
            self.outcome.why.append(why)

    def _look(self) -> None:
        rig, outcome = self.rig, self.outcome
        now_s, state = rig.now_s, rig.state
        outcome.peak_mmhg = max(outcome.peak_mmhg, *rig.plant.zone_mmhg)
        self._ceiling.look(now_s)
        if rig.chip.starts != self._starts:
            self._starts = rig.chip.starts
            self._shown.clear()
            for of, fault in zip(rig.plant.params.sensors, rig.plant.sensor_fault, strict=True):
                if fault == "frozen":
                    self.cannot_see(of.zone)  # since before the start, now
        self._shown.update(zone for zone, mmhg in enumerate(rig.plant.zone_mmhg) if mmhg >= RELEASED_MMHG)
        active = state in ACTIVE and not rig.chip.in_repl
        if not outcome.states or outcome.states[-1] != state:
            outcome.states.append(state)
        if active and not self._active and now_s - self._acted_s > ACT_S + (START_UP_S if rig.chip.starts > 1 else 0.0):
            self._say(f"{now_s:.2f} s: {state} although no person has acted")
        if active or self._active:
            self._quiet_s, self._limits = now_s, None
        self._active = active
        self._pump_looks = 0 if active or not rig.wiring.pump_duty or state == "off" else self._pump_looks + 1
        if self._pump_looks > 2:
            self._say(f"{now_s:.2f} s: the pump is driven while {state}")
        if not active:
            self._must_be_vented(now_s, state)
            if now_s > self._last_s + 1.0 and now_s - self._quiet_s > LONGEST_VENT_S + 1.0:
                rig.chip.power_off()
        elif now_s > self._last_s + ENDS_S:
            self._say(f"still {state} {ENDS_S:.0f} s after the last act")
            rig.chip.power_off()

    def _must_be_vented(self, now_s: float, state: str) -> None:
        """Looks once the time is over that the air itself needs."""
        if self._limits is None:
            own = own_times(self.rig.plant, False) if max(self.rig.plant.zone_mmhg) >= RELEASED_MMHG else []
            most_s = max((seconds for seconds in own if seconds < ENDLESS_S), default=0.0)
            self._limits = [SHARE * most_s + ACT_S if seconds < ENDLESS_S else FOREVER_S for seconds in own]
        limb = self.rig.plant._limb  # what it adds as it moves is no air; the zone follows within 20 ms
        for zone, limit_s in enumerate(self._limits):
            leg = self.rig.plant.params.zones[zone].leg
            moved = max(0.0, limb.mmhg[leg] - limb.squeeze_mmhg[leg])
            mmhg = self.rig.plant.zone_mmhg[zone] - max(moved, self._moved.get(zone, 0.0))
            self._moved[zone] = moved
            if now_s - self._quiet_s > limit_s and mmhg >= RELEASED_MMHG:
                self._say(f"{now_s:.2f} s: zone {zone + 1} still has {mmhg:.0f} mmHg while {state}")

    def run(self) -> Outcome:
        """To its end."""
        self.rig.run_until(self._last_s + ENDS_S + 60.0)
        return self.outcome
