"""Crashes at moments of a session, each in a run of its own, judged by the true pressures.

One session is simulated once; at each moment the process forks, the child plants the fault, goes on for 30 s of virtual time
and sends its outcome back through a pipe. A run then costs only what comes after the fault. Needs os.fork (Linux, macOS).
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping
from dataclasses import asdict, replace

from host_tests.crash_kinds import BY_NAME, POWER_BACK_S, Kind, Switch, plant
from host_tests.crash_session import BUTTON_MEANS_START, RELEASED_MMHG, Moment, Outcome, Setup, end_state, from_json, phase_of
from host_tests.fault_judge import longest_vent_s
from tools.simulator.plant import Plant
from tools.simulator.plant_params import PlantParams
from tools.simulator.rig import Rig

AFTER_S = 30.0
BACK_S = POWER_BACK_S + 3.0  # a power cut is looked at until the chip has been up again for a while


def crash(setup: Setup, moments: list[Moment], changed: Mapping[str, str] | None = None, after_s: float = AFTER_S) -> list[Outcome]:
    """Runs the session once and crashes it at each moment; `after_s`: how long each crash is looked at, a power cut BACK_S at least.

    `changed`: files of the firmware that are others (path on the device -> source).
    """
    rig = setup.rig(changed)
    switch = Switch(rig)
    found: dict[int, Outcome] = {}
    watch: list[Watch] = []

    def fork(index: int) -> None:
        if watch:
            return  # this is a child: the other moments are none of its own
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            watch.append(Watch(rig, setup, moments[index], writer, after_s))
            watch[0].begin()
            # A moving limb may let the session end before the moment that was chosen: a press is then a start, no crash.
            if not (watch[0].kind.name.startswith("button") and phase_of(rig) in BUTTON_MEANS_START):
                plant(rig, switch, watch[0].kind, moments[index].seed)
            return
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        found[index] = from_json(json.loads(text)) if text else Outcome(setup, moments[index], why=["the run itself died"])

    for index, moment in enumerate(moments):
        rig.at(moment.at_s, lambda index=index: fork(index))
    rig.at(max(moment.at_s for moment in moments), lambda: None if watch else rig.chip.power_off())
    try:
        rig.chip.run()
    except BaseException:
        if not watch:
            raise
        watch[0].end(traceback.format_exc())
    if watch:
        watch[0].run()
    return [found[index] for index in range(len(moments))]


class Watch:
    """Lives in the child: looks at the true pressures and at the pins after the fault, judges, reports and ends the process."""

    def __init__(self, rig: Rig, setup: Setup, moment: Moment, writer: int, after_s: float) -> None:
        self.rig = rig
        self.kind: Kind = BY_NAME[moment.kind]
        self.writer = writer
        self.outcome = Outcome(setup, moment)
        self.at_s = rig.now_s
        self.end_s = self.at_s + (max(after_s, BACK_S) if moment.kind == "power cut" else after_s)
        self.peaks = list(rig.plant.zone_mmhg)
        self.outcome.start_mmhg = max(self.peaks)
        self.pressed_s = self.at_s
        self.repl_mmhg = 0.0
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
                if rig.chip.in_repl and not self.outcome.setup.movement:
                    self.repl_mmhg = max(self.repl_mmhg, mmhg)
        rig.at(now_s + (0.02 if now_s < self.at_s + 2 else 0.1), self._look)

    def run(self) -> None:
        """After the run with the fault, or the part of it before the power went away. Never returns."""
        trouble = ""
        sys.settrace(None)  # a second Ctrl-C whose line never came
        try:
            if self.kind.name == "power cut":  # its events stay
                self.rig.chip.power_cycle()
                self.rig.chip.run()
            self._judge()
        except BaseException:
            trouble = traceback.format_exc()
        self.end(trouble)

    def _judge(self) -> None:
        outcome, kind, rig = self.outcome, self.kind, self.rig
        why = outcome.why
        allowed_s = kind.off_s or 0.0
        outcome.peak_mmhg = max(self.peaks)
        outcome.below_s = round(self.pressed_s - self.at_s, 3)
        outcome.off_s = round(self.off_s - self.at_s, 3)
        outcome.state = end_state(rig)
        params = outcome.setup.plant()
        vent_s = vent_time_s(replace(params, movement=replace(params.movement, on=False)), self.peaks)
        if rig.now_s < self.end_s - 0.001:
            why.append(f"the run ended early, at {rig.now_s:.3f} s")
        outcome.limit_s = round(min(1.2 * vent_s + 0.1, longest_vent_s(vent_s)) + allowed_s, 3)
        if outcome.setup.movement:  # a limb that moves presses what is left of the air for so long
            outcome.limit_s += params.movement.max_s
        if outcome.below_s > outcome.limit_s:
            why.append(f"not below 15 mmHg within {outcome.limit_s} s (but {outcome.below_s} s)")
        if kind.off_s is not None and outcome.off_s > kind.off_s:
            why.append(f"pump and valves not off for good within {kind.off_s} s (but {outcome.off_s} s)")
        if self.repl_mmhg:
            why.append(f"the REPL was open with {self.repl_mmhg:.0f} mmHg in a zone")
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
