"""Crashes at moments of a session, each in a run of its own, judged by the true pressures.

One session is simulated once; at each moment the process forks, the child plants the fault, goes on for 30 s of virtual time
and sends its outcome back through a pipe. A run then costs only what comes after the fault. Needs os.fork (Linux, macOS).
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from host_tests.crash_kinds import BY_NAME, Kind, Switch, plant
from tools.simulator import boards
from tools.simulator.plant import Plant
from tools.simulator.plant_params import PlantParams
from tools.simulator.rig import Rig

RELEASED_MMHG = 15.0
AFTER_S = 30.0
LONGEST_VENT_S = 15.0
STARTED_S = 1.5
SUPPLIES = ("enable", "relief only", "neither")
PHASES = ("preflight", "slack", "filling", "nearly full", "settling", "holding", "venting", "rest", "release", "done")
NEARLY_S = 0.3
BUTTON_MEANS_START = ("done",)  # there a press is a person who starts the next session


@dataclass(frozen=True)
class Setup:
    """A session to crash. worn 0 is the reference plant, any other number a pair that differs from it."""

    board: str
    program: str = "sequential"
    supply: str = "enable"
    pressure_mmhg: int = 80
    minutes: int = 3
    worn: int = 0

    def plant(self) -> PlantParams:
        """The plant with this supply: 12 V enable and relief valve, the relief valve alone, or neither."""
        board = boards.load(self.board)
        params = boards.worn_plant(board, self.worn) if self.worn else boards.reference_plant(board)
        supply = params.supply
        if self.supply != "enable":
            supply = replace(supply, has_enable=False)
        if self.supply == "neither":
            supply = replace(supply, relief_mmhg=None)
        return replace(params, supply=supply)

    def rig(self, firmware: Path | None = None) -> Rig:
        """The rig, with a hand that starts the session."""
        settings = {"program": self.program, "pressure_mmhg": self.pressure_mmhg, "minutes": self.minutes}
        rig = Rig(self.board, plant=self.plant(), seed=self.worn + 1, settings=settings)
        if firmware is not None:
            rig.chip.firmware = firmware
        rig.press(STARTED_S)
        return rig


@dataclass(frozen=True)
class Moment:
    """What happens when; `seed` draws the details of the kind."""

    at_s: float
    phase: str
    kind: str
    seed: int = 0


@dataclass
class Outcome:
    """What came of one crash. `below_s`: until every zone was and stayed below 15 mmHg; `off_s`: until every actuator pin was and
    stayed low; `limit_s`: what `below_s` may be; `state`: of the session at the end; `why` names what is wrong (empty: nothing)."""

    setup: Setup
    moment: Moment
    start_mmhg: float = 0.0
    peak_mmhg: float = 0.0
    below_s: float = 0.0
    limit_s: float = 0.0
    off_s: float = 0.0
    state: str = ""
    why: list[str] = field(default_factory=list)

    @property
    def says(self) -> str:
        """The run in one line."""
        setup, moment = self.setup, self.moment
        return (
            f"{setup.board} {setup.program} {setup.pressure_mmhg} mmHg, {setup.supply}, worn {setup.worn}:"
            f" {moment.kind} at {moment.at_s:.3f} s ({moment.phase}, seed {moment.seed}): {'; '.join(self.why) or 'safe'}"
        )


def phase_of(rig: Rig) -> str:
    """The phase a session is in, from what the firmware means to do and what the zones truly have."""
    state = rig.state
    if state != "running":
        return {"finishing": "release"}.get(state, state)
    session = rig.app.session
    routes = rig.app.regulator.routes
    sequencer = rig.chip.module("peristal.core.sequencer")
    if session.sequencer.phase == sequencer.SLACK:
        return "slack"
    if rig.wiring.pump_duty:
        return "filling"
    pressed = [mmhg >= RELEASED_MMHG for mmhg in rig.plant.zone_mmhg]
    targets = list(session.sequencer.target_pa)
    if any(on and not target for on, target in zip(pressed, targets, strict=True)):
        return "venting"
    if not any(targets):
        return "rest"
    return "settling" if routes.job == rig.chip.module("peristal.core.routes").FILL else "holding"


def end_state(rig: Rig) -> str:
    """The session's state, or "REPL" when main.py has ended, or "start-up" when the chip does not come further than that."""
    if rig.chip.in_repl:
        return "REPL"
    try:
        return rig.state
    except KeyError:
        return "start-up"


def phases(setup: Setup, firmware: Path | None = None, step_s: float = 0.05) -> dict[str, list[tuple[float, float]]]:
    """When the session is in which phase: intervals (from s, to s), from a run without faults that ends 5 s after it is done."""
    rig = setup.rig(firmware)
    seen: list[tuple[float, str]] = []
    rig.every(step_s, lambda: seen.append((rig.now_s, phase_of(rig))))
    rig.stop_when(lambda: rig.state == "done" and rig.app.session.state_ms > 5000)
    rig.run_until(setup.minutes * 60 + 100)
    found: dict[str, list[tuple[float, float]]] = {}
    start_s, phase = seen[0]
    for at_s, now in [*seen, (seen[-1][0] + step_s, "")]:
        if now == phase:
            continue
        found.setdefault(phase, []).append((start_s, at_s))
        if phase == "filling" and at_s - start_s > NEARLY_S:
            found.setdefault("nearly full", []).append((at_s - NEARLY_S, at_s))
        start_s, phase = at_s, now
    return found


def choose(found: dict[str, list[tuple[float, float]]], wanted: list[tuple[str, str]], rng: Random) -> list[Moment]:
    """A moment for each (phase, kind), anywhere in that phase; another phase where the session has none of it."""
    moments = []
    for phase, kind in wanted:
        if phase not in found or (phase in BUTTON_MEANS_START and kind.startswith("button")):
            phase = rng.choice([name for name in PHASES if name in found and name not in BUTTON_MEANS_START])
        spans = found[phase]
        start_s, end_s = rng.choices(spans, [end - start for start, end in spans])[0]
        moments.append(Moment(round(rng.uniform(start_s, end_s), 4), phase, kind, rng.randrange(1 << 30)))
    return moments


def crash(setup: Setup, moments: list[Moment], firmware: Path | None = None) -> list[Outcome]:
    """Runs the session once and crashes it at each moment, in the order of the moments."""
    rig = setup.rig(firmware)
    switch = Switch(rig)
    found: dict[int, Outcome] = {}
    watch: list[Watch] = []

    def fork(index: int) -> None:
        if watch:
            return  # this is a child: the other moments are none of its own
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            watch.append(Watch(rig, setup, moments[index], writer))
            watch[0].begin()
            plant(rig, switch, watch[0].kind, Random(moments[index].seed))
            return
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        found[index] = from_json(json.loads(text)) if text else Outcome(setup, moments[index], why=["the run itself died"])

    for index, moment in enumerate(moments):
        rig.at(moment.at_s, lambda index=index: fork(index))
    try:
        rig.run_until(max(moment.at_s for moment in moments) + 0.001)
    except BaseException:
        if not watch:
            raise
        watch[0].end(traceback.format_exc())
    if watch:
        watch[0].run()
    return [found[index] for index in range(len(moments))]


def from_json(data: dict[str, Any]) -> Outcome:
    """An Outcome from asdict() of one."""
    return Outcome(**{**data, "setup": Setup(**data["setup"]), "moment": Moment(**data["moment"])})


class Watch:
    """Lives in the child: looks at the true pressures and at the pins after the fault, judges, reports and ends the process."""

    def __init__(self, rig: Rig, setup: Setup, moment: Moment, writer: int) -> None:
        self.rig = rig
        self.kind: Kind = BY_NAME[moment.kind]
        self.writer = writer
        self.outcome = Outcome(setup, moment)
        self.at_s = rig.now_s
        self.end_s = self.at_s + AFTER_S
        self.peaks = list(rig.plant.zone_mmhg)
        self.outcome.start_mmhg = max(self.peaks)
        self.pressed_s = self.at_s
        self.pins = rig.board.actuator_pins()[: 1 + len(rig.board.valves())]
        self.off_s = self.at_s if not self._on() else float("inf")
        self.drives = rig.wiring.output

    def begin(self) -> None:
        """From the moment of the fault."""
        self.rig.wiring.output = self._output  # type: ignore[method-assign]
        self.rig.at(self.end_s, self.rig.chip.power_off)
        self._look()

    def _on(self) -> bool:
        return any(self.rig.wiring.levels.get(pin, 0) for pin in self.pins)

    def _output(self, gpio: int, duty_u16: int) -> None:
        self.drives(gpio, duty_u16)
        if self._on():
            self.off_s = float("inf")
        elif self.off_s == float("inf"):
            self.off_s = self.rig.now_s

    def _look(self) -> None:
        rig = self.rig
        now_s = rig.now_s
        for zone, mmhg in enumerate(rig.plant.zone_mmhg):
            if mmhg > self.peaks[zone]:
                self.peaks[zone] = mmhg
            if mmhg >= RELEASED_MMHG:
                self.pressed_s = now_s
        rig.at(now_s + (0.02 if now_s < self.at_s + 2 else 0.1), self._look)

    def run(self) -> None:
        """After the run with the fault, or the part of it before the power went away. Never returns."""
        trouble = ""
        sys.settrace(None)  # a second Ctrl-C whose line never came
        try:
            if self.rig.now_s < self.end_s - 0.001:  # the power cut; its events stay
                self.rig.chip.power_cycle()
                self.rig.chip.run()
            self._judge()
        except BaseException:
            trouble = traceback.format_exc()
        self.end(trouble)

    def _judge(self) -> None:
        outcome, kind, rig = self.outcome, self.kind, self.rig
        allowed_s = kind.off_s or 0.0
        outcome.peak_mmhg = max(self.peaks)
        outcome.below_s = round(self.pressed_s - self.at_s, 3)
        outcome.off_s = round(self.off_s - self.at_s, 3)
        outcome.state = end_state(rig)
        vent_s = vent_time_s(outcome.setup.plant(), self.peaks)
        outcome.limit_s = round(min(1.2 * vent_s + 0.1, LONGEST_VENT_S) + allowed_s, 3)
        why = outcome.why
        if outcome.below_s > outcome.limit_s:
            why.append(f"not below 15 mmHg within {outcome.limit_s} s (but {outcome.below_s} s)")
        if kind.off_s is not None and outcome.off_s > kind.off_s:
            why.append(f"pump and valves not off for good within {kind.off_s} s (but {outcome.off_s} s)")
        if rig.plant.pump_flow_l_s > 0:
            why.append("the pump runs at the end")
        if outcome.state in ("preflight", "running", "finishing") and kind.off_s is not None:
            why.append(f"the session is {outcome.state} at the end")

    def end(self, trouble: str) -> None:
        """Reports and leaves, without a trace of the parent's own exits."""
        if trouble:
            self.outcome.why.append(trouble)
        with os.fdopen(self.writer, "w") as pipe:
            json.dump(asdict(self.outcome), pipe)
        os._exit(0)


def vent_time_s(params: PlantParams, from_mmhg: list[float]) -> float:
    """The plant's own time until every zone is below 15 mmHg, pump and coils off, from these pressures."""
    plant_alone = Plant(params, 0)
    for zone, mmhg in enumerate(from_mmhg):
        plant_alone.charge(mmhg, zone)
    plant_alone.charge(max(from_mmhg))
    while max(plant_alone.zone_mmhg) >= RELEASED_MMHG and plant_alone.t_s < 120:
        plant_alone.advance(0.02)
    return plant_alone.t_s
