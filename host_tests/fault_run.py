"""One run of the fault campaign: a session, one fault at a moment of it, and what came of it."""

from __future__ import annotations

import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from host_tests.fault_judge import LONGEST_VENT_S, Judge, Verdict
from host_tests.fault_kinds import BEFORE, BY_NAME, KINDS, UNSEEN, Kind
from host_tests.fault_reports import latched_name
from host_tests.fault_scene import PRESS_S, TOPOLOGIES, Scene, Setup, draw
from peristal.core import modes

WAIT_S = 90.0
"""The moment of a fault waits at most so long for its condition (a fill of that zone, say), or as long as its kind says ..."""
TURN_S = 45.0
"""... and so long for it in the zone that was drawn; then any zone that the program uses will do."""
SELF_TEST_S = 200.0
"""Both are counted from the first zone that has its pressure on: a slow pump takes up the slack of six zones in 170 s."""
AFTER_S = LONGEST_VENT_S + 3.0
AFTER_SKIP_S = 90.0
"""A zone that is left out may be the first sign of what the next zone shows to be the pump or the supply: a rest and a fill later."""
NOTICE_S = 15.0
"""After the right notice the session goes on: for so long no wrong fault may come."""


@dataclass
class Outcome:
    """One run. `named`: right by the table; None where the topology cannot see the fault."""

    kind: str
    setup: Setup
    at_s: float = 0.0
    zone: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    named: bool | None = False
    planted: bool = True

    @property
    def says(self) -> str:
        """The run in one line."""
        verdict = self.verdict
        told = verdict.reported or ", ".join(verdict.notices) or "nothing"
        came = "; ".join(verdict.why) or "safe"
        return f"{self.kind}, zone {self.zone + 1}, at {self.at_s:.2f} s, {self.setup.says}: told {told}; {came}"


def plan(seed: int, index: int) -> tuple[Kind, Setup]:
    """Kind, topology and program in turn: whatever their numbers are, each kind meets every program on each topology that can have it."""
    rng = Random(f"fault {seed} {index}")
    around, number = divmod(index, len(KINDS))
    kind = KINDS[number]
    able = [topology for topology in TOPOLOGIES if topology in kind.names]
    programs = kind.programs or tuple(modes.names())
    turn, place = divmod(around, len(able))
    while True:
        setup = draw(rng, able[place], programs[(turn + number + 4 * place) % len(programs)])
        if kind.zones == 1 or len(setup.parts()[0].zones()) >= kind.zones:
            return kind, setup


def run(kind: Kind, setup: Setup, firmware: Path | None = None) -> Outcome:
    """Makes one run."""
    scene = setup.scene()
    if firmware is not None:
        scene.rig.chip.firmware = firmware
    if kind.used:
        scene.use()
    outcome = Outcome(kind.name, setup)
    judge = Judge(scene, kind.limits_air, setup.topology in kind.blind)
    outcome.verdict = judge.verdict
    _Course(scene, kind, judge, outcome).run()
    judge.end()
    outcome.zone = scene.zone
    outcome.named = named(kind, setup.topology, outcome.verdict, scene.zone)
    return outcome


def named(kind: Kind, topology: str, verdict: Verdict, zone: int) -> bool | None:
    """Whether what was reported is right: the first latched fault, or else one of the notices, and no whole zone for the broken one."""
    names = kind.names[topology]
    if names == UNSEEN:
        return None
    if kind.curable and not verdict.reported and not verdict.notices:
        return True
    if topology in kind.local and (verdict.zone not in (None, zone) or set(verdict.left_out) - {zone}):
        return False
    return verdict.reported in names if verdict.reported else any(notice in names for notice in verdict.notices)


class _Course:
    """What happens when in one run."""

    def __init__(self, scene: Scene, kind: Kind, judge: Judge, outcome: Outcome) -> None:
        self.scene, self.kind, self.judge, self.outcome = scene, kind, judge, outcome
        self.rig = scene.rig
        judge.on_fault = self._fault
        judge.on_notice = self._notice
        self.ends_s = 1e9

    def run(self) -> None:
        """From power-on to the end."""
        rig, kind = self.rig, self.kind
        if kind.starts:
            rig.press(PRESS_S)
        at_s = self.scene.rng.uniform(*kind.at_s)
        if at_s == 0.0:
            self._plant()
        else:
            rig.at(at_s, lambda: self._try(at_s))
        rig.every(0.1, lambda: rig.chip.power_off() if rig.now_s > self.ends_s else None)
        try:
            rig.chip.run()
        except Exception:
            self.judge.verdict.why.append(traceback.format_exc())

    def _try(self, at_s: float) -> None:
        rig, kind, scene = self.rig, self.kind, self.scene
        since_s = at_s + SELF_TEST_S if scene.full_s is None else max(at_s, scene.full_s)
        if kind.when(scene) or (kind.used and rig.now_s > since_s + TURN_S and scene.turn_to(kind.when)):
            self._plant()
        elif rig.now_s < since_s + (kind.wait_s or WAIT_S):
            rig.at(rig.now_s + 0.02, lambda: self._try(at_s))
        else:
            self.outcome.planted = False
            rig.chip.power_off()

    def _plant(self) -> None:
        rig, kind, scene = self.rig, self.kind, self.scene
        scene.planted_s = scene.persons_end_s = rig.now_s
        self.outcome.at_s = round(rig.now_s, 3)
        self.ends_s = rig.now_s + kind.horizon_s
        if kind.off_s is not None:
            rig.at(rig.now_s, lambda: rig.at(scene.persons_end_s, self._watch_pins))
        kind.plant(scene)

    def _fault(self) -> None:
        self.ends_s = self.rig.now_s + (AFTER_S if latched_name(self.rig.app) else AFTER_SKIP_S)

    def _notice(self, new: set[str]) -> None:
        if new & self.kind.names[self.outcome.setup.topology]:
            if self.judge.verdict.seen_s is None:
                self.judge.verdict.seen_s = self.rig.now_s - self.scene.planted_s
            self.ends_s = min(self.ends_s, self.rig.now_s + NOTICE_S)

    def _watch_pins(self) -> None:
        """A crash: every actuator pin must be low within its time; from then on all must leave."""
        rig, off_s = self.rig, self.kind.off_s or 0.0
        pins = rig.board.actuator_pins()[: 1 + len(rig.board.valves())]
        began_s = rig.now_s

        def look() -> None:
            if not any(rig.wiring.levels.get(pin, 0) for pin in pins):
                self.judge.safe_from_now(off_s + 0.02)
            elif rig.now_s - began_s > off_s + 0.02:
                self.judge._say(f"pump and valves not off within {off_s:.2f} s")
            else:
                rig.at(rig.now_s + 0.01, look)

        rig.at(rig.now_s + 0.01, look)


def to_json(outcome: Outcome) -> dict[str, Any]:
    """A record for the campaign."""
    return asdict(outcome)


def from_json(data: dict[str, Any]) -> Outcome:
    """An Outcome from to_json() of one."""
    return Outcome(**{**data, "setup": Setup(**data["setup"]), "verdict": Verdict(**data["verdict"])})


__all__ = ["BEFORE", "BY_NAME", "Outcome", "from_json", "named", "plan", "run", "to_json"]
