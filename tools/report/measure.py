"""What a session was worth: dose of each zone, and how well each cycle did what was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from tools.report.log import LONGEST_GAP_S, Session

RELEASED_MMHG = 15.0  # automatic cuffs deflate to 15 mmHg; below it a zone counts as let out
REACHED_MMHG = 3.0  # this close to its target a zone has reached it: what the regulator itself calls full
BEGINS_MMHG = 5.0  # from here on a zone is seen to be filled, where no target says when
LET_GO_MMHG = 8.0  # this far below what it held it is being released
LEAST_HOLD_S = 1.0
SOFT_CYCLES = 2  # a comfort start


@dataclass
class Squeeze:
    """One zone in one cycle: seconds since the log's begin, mmHg. `reach_s` is None where it did not get there."""

    cycle: int
    zone: int
    from_s: float
    wanted_mmhg: float
    peak_mmhg: float = 0.0
    reach_s: float | None = None
    sag_mmhg: float = 0.0
    held_s: float = 0.0

    @property
    def reached(self) -> bool:
        return self.reach_s is not None


@dataclass
class Zone:
    """One zone over the session. `leak_mmhg_10s`: what it lost while it was held and the pump rested, None where it never was."""

    name: str
    dose_mmhg_min: float = 0.0
    peak_mmhg: float = 0.0
    pressed_s: float = 0.0
    leak_mmhg_10s: float | None = None
    squeezes: list[Squeeze] = field(default_factory=list)

    @property
    def reached(self) -> int:
        return sum(one.reached for one in self.squeezes)

    @property
    def reach_s(self) -> tuple[float, float] | None:
        """(median, longest) time to reach."""
        times = [one.reach_s for one in self.squeezes if one.reach_s is not None]
        return (median(times), max(times)) if times else None

    @property
    def sag_mmhg(self) -> float | None:
        """The deepest."""
        return max((one.sag_mmhg for one in self.squeezes if one.reached), default=None)


@dataclass
class Cycle:
    number: int
    from_s: float
    to_s: float


@dataclass
class Measured:
    zones: list[Zone]
    cycles: list[Cycle]

    @property
    def squeezes(self) -> list[Squeeze]:
        return [one for zone in self.zones for one in zone.squeezes]


def measure(session: Session) -> Measured:
    """All figures of a session."""
    cycles = _cycles(session)
    zones = [Zone(name) for name in session.zones]
    for number, zone in enumerate(zones):
        _integrate(session, number, zone)
        for cycle in cycles:
            squeeze = _squeeze(session, number, cycle)
            if squeeze is not None and not _is_beside_the_point(session, squeeze, cycles):
                zone.squeezes.append(squeeze)
        zone.leak_mmhg_10s = _leak(session, number)
    return Measured(zones, cycles)


def _is_beside_the_point(session: Session, squeeze: Squeeze, cycles: list[Cycle]) -> bool:
    """One that nobody can judge: soft by intent, where the log does not say how soft, or called off by the end of the session."""
    if session.target is None and squeeze.cycle <= SOFT_CYCLES and session.told.get("comfort", "on") == "on":
        return True
    return not squeeze.reached and len(cycles) > 1 and squeeze.cycle == cycles[-1].number


def _cycles(session: Session) -> list[Cycle]:
    cycles: list[Cycle] = []
    for at_s, state, phase, number in zip(session.t_s, session.state, session.phase, session.cycle):
        if number and state == "running" and phase in ("cycle", "release"):
            if not cycles or cycles[-1].number != number:
                cycles.append(Cycle(number, at_s, at_s))
            cycles[-1].to_s = at_s
    return cycles


def _integrate(session: Session, number: int, zone: Zone) -> None:
    values = session.mmhg[number]
    for at in range(1, len(values)):
        passed_s = session.t_s[at] - session.t_s[at - 1]
        zone.peak_mmhg = max(zone.peak_mmhg, values[at])
        if passed_s <= LONGEST_GAP_S:
            zone.dose_mmhg_min += max(values[at], 0.0) * passed_s / 60
            zone.pressed_s += passed_s if values[at] > RELEASED_MMHG else 0.0


def _span(session: Session, cycle: Cycle) -> range:
    from bisect import bisect_left, bisect_right

    return range(bisect_left(session.t_s, cycle.from_s), bisect_right(session.t_s, cycle.to_s))


def _squeeze(session: Session, number: int, cycle: Cycle) -> Squeeze | None:
    """None when the zone was not meant to have pressure in this cycle."""
    values = session.mmhg[number]
    span = _span(session, cycle)
    if session.target is None:
        wanted = session.wanted[number]
        begin = next((at for at in span if values[at] >= BEGINS_MMHG), None)
        if wanted < RELEASED_MMHG:
            return None
        aims = None
    else:
        aims = session.target[number]
        wanted = max((aims[at] for at in span), default=0.0)
        begin = next((at for at in span if aims[at] > 0.0), None)
    if wanted < RELEASED_MMHG:
        return None
    squeeze = Squeeze(cycle.number, number, session.t_s[span.start if begin is None else begin], wanted)
    squeeze.peak_mmhg = max((values[at] for at in span), default=0.0)
    if begin is None:
        return squeeze
    full = next((at for at in range(begin, span.stop) if values[at] >= wanted - REACHED_MMHG), None)
    if full is None:
        return squeeze
    # a target that rises in a straight line is reached when its top is: the time counts from when the top was asked for
    asked = begin if aims is None else next(at for at in range(begin, span.stop) if aims[at] >= wanted - 0.5)
    squeeze.reach_s = max(session.t_s[full] - session.t_s[min(asked, full)], 0.0)
    end = full
    lowest = values[full]
    for at in range(full, span.stop):
        if (aims is not None and aims[at] < wanted - 0.5) or (aims is None and values[at] < wanted - LET_GO_MMHG):
            break
        end = at
        lowest = min(lowest, values[at])
    squeeze.held_s = session.t_s[end] - session.t_s[full]
    squeeze.sag_mmhg = max(0.0, wanted - lowest)
    return squeeze


def _leak(session: Session, number: int) -> float | None:
    """Loss while the zone is held and the pump rests: the falls of all such stretches, over their time."""
    values = session.mmhg[number]
    lost = held_s = 0.0
    first: int | None = None
    for at in range(1, len(values) + 1):
        resting = (
            at < len(values) and session.state[at] == "running" and session.pump[at] == 0.0 and session.pump[at - 1] == 0.0
            and session.t_s[at] - session.t_s[at - 1] <= LONGEST_GAP_S and _is_held(session, number, at)
        )  # fmt: skip
        if resting and first is None:
            first = at
        elif not resting and first is not None:
            passed_s = session.t_s[at - 1] - session.t_s[first]
            if passed_s >= LEAST_HOLD_S:
                lost += values[first] - values[at - 1]
                held_s += passed_s
            first = None
    return None if held_s < LEAST_HOLD_S else max(0.0, lost / held_s * 10)


def _is_held(session: Session, number: int, at: int) -> bool:
    """Full, and meant to stay so."""
    value = session.mmhg[number][at]
    if session.target is None:
        wanted = session.wanted[number]
        return wanted >= RELEASED_MMHG and value >= wanted - LET_GO_MMHG
    aims = session.target[number]
    return aims[at] >= RELEASED_MMHG and aims[at] == aims[at - 1] and value >= aims[at] - LET_GO_MMHG
