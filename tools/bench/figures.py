"""The table of figures: each row with its target, what was reached, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.bench.metrics import Cycle, Fill, cycles_until_right, quantile

if TYPE_CHECKING:
    from tools.bench.runs import Answer

MISSING = 99.0  # stands for a fill that never got there


@dataclass
class Result:
    """What one contender did on the plants of one topology; `latched` names each latched fault with its seed.

    `refused`: seeds that are no plants here because the device would not start the program, and what it said.
    """

    contender: str
    topology: str
    fills: list[Fill] = field(default_factory=list)
    cycles: list[Cycle] = field(default_factory=list)
    latched: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    plants: int = 0
    rejected: int = 0

    def add(self, answer: Answer) -> None:
        """One more session."""
        self.rejected += answer.rejected
        if answer.refused:
            self.refused.append(f"seed {answer.job.seed}: {answer.refused}")
        if not answer.ran:
            return
        self.plants += 1
        self.fills += answer.fills
        self.cycles += answer.cycles
        if answer.fault:
            self.latched.append(f"seed {answer.job.seed}: {answer.fault}")

    @property
    def share_rejected(self) -> float:
        """Of all plants drawn for this result, how many the formula refused."""
        return self.rejected / (self.rejected + self.plants) if self.plants else 0.0


@dataclass
class Row:
    """One figure; `target` None is for information. ok is None then, and when there was nothing to measure."""

    name: str
    target: float | None
    reached: float | None
    at_least: bool = False
    unit: str = ""

    @property
    def ok(self) -> bool | None:
        """Whether the target is met."""
        if self.target is None or self.reached is None:
            return None
        return self.reached >= self.target if self.at_least else self.reached <= self.target + 1e-9

    def as_json(self) -> dict[str, Any]:
        """For build/bench.json."""
        return {"figure": self.name, "unit": self.unit, "target": self.target, "reached": self.reached, "met": self.ok}


def rows(result: Result) -> list[Row]:
    """Every row of the table, in its order."""
    first = [f for f in result.fills if f.cycle == 1]
    later = [f for f in result.fills if f.cycle > 1]
    found = []
    for name, some, limits in (("2nd cycle on", later, (1.10, 1.25, 3.0, 6.0, 3.0)), ("1st cycle", first, (1.25, 1.6, 5.0, 8.0, 5.0))):
        ratios = [MISSING if f.fill_ratio is None else f.fill_ratio for f in some if f.ideal_s]
        over = [f.overshoot for f in some if f.overshoot is not None]
        errors = [MISSING if f.error is None else abs(f.error) for f in some]
        found += [
            Row(f"fill time / ideal, median, {name}", limits[0], quantile(ratios, 0.5)),
            Row(f"fill time / ideal, p95, {name}", limits[1], quantile(ratios, 0.95)),
        ]
        if some is later:
            settled = [MISSING if f.settled_ratio is None else f.settled_ratio for f in some if f.ideal_s]
            found.append(Row(f"settled time / ideal, median, {name}", 1.35, quantile(settled, 0.5)))
        found += [
            Row(f"overshoot, p95, {name}", limits[2], quantile(over, 0.95), unit="mmHg"),
            Row(f"overshoot, worst, {name}", limits[3], max(over, default=None), unit="mmHg"),
            Row(f"error 1 s into the hold, p95, {name}", limits[4], quantile(errors, 0.95), unit="mmHg"),
        ]
    held = [f for f in later if f.good]
    band = 5 if result.topology == "manifold" else 3
    time_s = sum([f.hold_s for f in held])
    share = sum([f.inside[band == 5] * f.hold_s for f in held]) / time_s * 100 if time_s else None
    until = cycles_until_right(result.fills)
    return [
        *found,
        Row(f"good chambers, hold within {band} mmHg", 85.0 if band == 5 else 95.0, share, True, "%"),
        Row("cycles until within 3 mmHg, p95", 1.0, quantile([float(n) for n in until], 0.95)),
        Row("valve operations / minimum, p95", 2.0, quantile([c.valve_ratio for c in result.cycles], 0.95)),
        Row("pump starts / minimum, p95", 2.0, quantile([c.pump_ratio for c in result.cycles], 0.95)),
        Row("looks / one per 8 s of hold, p95", 1.0, quantile([c.look_ratio for c in result.cycles], 0.95)),
        Row("sessions with a latched fault", 0.0, float(len(result.latched))),
    ]
