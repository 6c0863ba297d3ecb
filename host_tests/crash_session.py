"""The sessions that are crashed, their phases, and the moments at which it happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from tools.simulator import boards
from tools.simulator.plant_params import PlantParams
from tools.simulator.rig import Rig

RELEASED_MMHG = 15.0
STARTED_S = 1.5
SUPPLIES = ("enable", "relief only", "neither")
PHASES = ("preflight", "slack", "filling", "nearly full", "settling", "holding", "venting", "rest", "release", "done")
NEARLY_S = 0.3
STEP_S = 0.05
BUTTON_MEANS_START = ("done",)  # there a press is a person who starts the next session


@dataclass(frozen=True)
class Setup:
    """A session to crash. worn 0 is the reference plant, any other number a pair that differs from it; movement: the limb moves;
    snug: the sleeves have hardly any slack, so that all phases fit into a minute."""

    board: str
    program: str = "sequential"
    supply: str = "enable"
    pressure_mmhg: int = 80
    minutes: int = 3
    worn: int = 0
    movement: bool = False
    snug: bool = False

    def plant(self) -> PlantParams:
        """The plant with this supply: 12 V enable and relief valve, the relief valve alone, or neither."""
        board = boards.load(self.board)
        params = (
            boards.worn_plant(board, self.worn, movement=self.movement)
            if self.worn
            else boards.reference_plant(board, movement=self.movement)
        )
        supply = params.supply
        if self.supply != "enable":
            supply = replace(supply, has_enable=False)
        if self.supply == "neither":
            supply = replace(supply, relief_mmhg=None)
        return replace(params, supply=supply)

    def rig(self, changed: Mapping[str, str] | None = None) -> Rig:
        """The rig, with a hand that starts the session. `changed`: files of the firmware that are others (path on the device -> source)."""
        settings = {"program": self.program, "pressure_mmhg": self.pressure_mmhg, "minutes": self.minutes}
        rig = Rig(self.board, plant=self.plant(), seed=self.worn + 1, settings=settings, snug=self.snug)
        for name, source in (changed or {}).items():
            rig.flash.put(name, source)  # what lies on the flash comes first
        rig.press(STARTED_S)
        # Being looked at splits the plant's steps, and after a minute a session that is looked at at other times has others: so
        # every one is looked at at the same ones, or a moment found in one run would be another moment in the next.
        rig.every(STEP_S, lambda: None)
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
        moving = ", movement" if setup.movement else ""
        return (
            f"{setup.board} {setup.program} {setup.pressure_mmhg} mmHg, {setup.supply}, worn {setup.worn}{moving}:"
            f" {moment.kind} at {moment.at_s:.3f} s ({moment.phase}, seed {moment.seed}): {'; '.join(self.why) or 'safe'}"
        )


def phase_of(rig: Rig) -> str:
    """The phase a session is in, from what the firmware means to do and what the zones truly have."""
    state = rig.state
    if state != "running":
        return {"finishing": "release"}.get(state, state)
    session = rig.app.session
    job = rig.app.regulator.lead
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
    return "settling" if job.kind == rig.chip.module("peristal.core.routes").FILL else "holding"


def end_state(rig: Rig) -> str:
    """The session's state, or "REPL" when main.py has ended, or "start-up" when the chip does not come further than that."""
    if rig.chip.in_repl:
        return "REPL"
    try:
        return rig.state
    except KeyError:
        return "start-up"


def phases(setup: Setup) -> dict[str, list[tuple[float, float]]]:
    """When the session is in which phase: intervals (from s, to s), from a run without faults that ends 5 s after it is done."""
    rig = setup.rig()
    seen: list[tuple[float, str]] = []
    rig.every(STEP_S, lambda: seen.append((rig.now_s, phase_of(rig))))
    rig.stop_when(lambda: rig.state == "done" and rig.app.session.state_ms > 5000)
    rig.run_until(setup.minutes * 60 + 100)
    found: dict[str, list[tuple[float, float]]] = {}
    start_s, phase = seen[0]
    for at_s, now in [*seen, (seen[-1][0] + STEP_S, "")]:
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


def from_json(data: dict[str, Any]) -> Outcome:
    """An Outcome from asdict() of one."""
    return Outcome(**{**data, "setup": Setup(**data["setup"]), "moment": Moment(**data["moment"])})
