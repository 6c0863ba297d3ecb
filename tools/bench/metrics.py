"""From a trace to figures: what is a fill, a hold, an overshoot, a look. True pressures; times in seconds, pressures in mmHg.

fill time    valve's command until the true pressure first is at target - 3, against the ideal from the same moment and state
settled      valve's command until the regulator declares the zone held, against the same ideal
overshoot    peak above the target from the command until 1 s after closing, without what neighbours added since the command
error        at 1 s into the hold, in terms of a perfect reading of the same sensor: its own error does not count
hold         from declared until the target falls; the share of it in which the true pressure is inside the band
cycles       first cycle in which that error is at most 3: the fill was right (what follows in the hold is judged by the share)
operations   coil switchings and pump starts from one cycle to the next, looks apart, against the pattern's minimum
look         on a board that is blind in a hold (one sensor): an opening of a zone that holds, whatever follows from it
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.bench.loop import Command, Trace, sensor_error_mmhg

MARK_MMHG = 3.0
INTO_HOLD_S = 1.0
AFTER_CLOSING_S = 1.0
BANDS_MMHG = (3.0, 5.0)
NEVER = 99


@dataclass
class Fill:
    """One fill of one zone in one cycle and the hold after it; None where it never came to that."""

    seed: int
    zone: int
    cycle: int
    target: float
    good: bool
    at_s: float
    ideal_s: float | None
    fill_s: float | None = None
    settled_s: float | None = None
    overshoot: float | None = None
    error: float | None = None
    inside: tuple[float, float] = (0.0, 0.0)
    hold_s: float = 0.0
    lowest: float = 0.0
    highest: float = 0.0

    @property
    def fill_ratio(self) -> float | None:
        """Fill time against the ideal; None when either was never there."""
        return self.fill_s / self.ideal_s if self.fill_s and self.ideal_s else None

    @property
    def settled_ratio(self) -> float | None:
        """Settled time against the ideal."""
        return self.settled_s / self.ideal_s if self.settled_s and self.ideal_s else None


@dataclass
class Cycle:
    """Switchings of one whole cycle: valves and pump against the pattern's minimum, looks against one per 8 s of hold."""

    seed: int
    number: int
    valve_ratio: float
    pump_ratio: float
    look_ratio: float


def fills(trace: Trace) -> list[Fill]:
    """Every commanded fill whose cycle is complete."""
    last = trace.cycle[-1] if trace.cycle else 0
    return [_fill(trace, command) for command in trace.commands if command.cycle < last or trace.fault]


def _fill(trace: Trace, command: Command) -> Fill:
    zone, bench = command.zone, trace.bench
    start = next(i for i, t in enumerate(trace.t_s) if t >= command.at_s - trace.tick_s)
    target = trace.target_mmhg[start][zone]
    fill = Fill(bench.seed, zone, command.cycle, target, bench.good, command.at_s, command.ideal_s)
    end = next((i for i in range(start, len(trace.t_s)) if trace.target_mmhg[i][zone] < target - 0.1), len(trace.t_s))
    fill.fill_s = _reached_s(trace, command, start, end, target - MARK_MMHG)
    settled = next((i for i in range(start, end) if trace.reached[i][zone]), None)
    closed = next((i for i in range(start if settled is None else settled, end) if not trace.path[i][zone]), end)
    if settled is None:
        opened = next((i for i in range(start, end) if trace.path[i][zone]), start)
        closed = next((i for i in range(opened, end) if not trace.path[i][zone]), end)
    fill.overshoot = _overshoot(trace, zone, start, min(end, closed + round(AFTER_CLOSING_S / trace.tick_s)), target)
    if settled is not None:
        fill.settled_s = max(trace.tick_s, trace.t_s[settled] - command.at_s)
        _hold(trace, fill, settled, end)
    return fill


def _reached_s(trace: Trace, command: Command, start: int, end: int, mark: float) -> float | None:
    """Interpolated between ticks."""
    zone = command.zone
    for i in range(start, end):
        now = trace.mmhg[i][zone]
        if now >= mark:
            before = trace.mmhg[i - 1][zone] if i else now
            part = (mark - before) / (now - before) if now > before else 1.0
            return max(0.001, trace.t_s[i] - trace.tick_s * (1.0 - min(1.0, max(0.0, part))) - command.at_s)
    return None


def _overshoot(trace: Trace, zone: int, start: int, end: int, target: float) -> float:
    params = trace.bench.params.zones
    near = [j for j in (zone - 1, zone + 1) if 0 <= j < len(params) and params[j].leg == params[zone].leg]
    coupling = params[zone].coupling
    base = [trace.mmhg[start][j] for j in near]
    peak = -target
    for row in trace.mmhg[start:end]:
        added = sum([max(0.0, row[j] - b) for j, b in zip(near, base)])
        peak = max(peak, row[zone] - coupling * added - target)
    return peak


def _hold(trace: Trace, fill: Fill, settled: int, end: int) -> None:
    zone = fill.zone
    hold = [row[zone] - fill.target for row in trace.mmhg[settled:end]]
    if not hold:
        return
    fill.hold_s = len(hold) * trace.tick_s
    inside = [sum([abs(e) <= band for e in hold]) / len(hold) for band in BANDS_MMHG]
    fill.inside = (inside[0], inside[1])
    fill.lowest, fill.highest = min(hold), max(hold)
    later = hold[round(INTO_HOLD_S / trace.tick_s) :]
    if later:
        error = sensor_error_mmhg(trace.bench, trace.zero_mmhg, zone, fill.target)
        fill.error = later[0] + error


def cycles(trace: Trace) -> list[Cycle]:
    """Switchings of every whole cycle."""
    found = []
    last = trace.cycle[-1] if trace.cycle else 0
    for number in range(1, last):
        first = trace.cycle.index(number)
        after = trace.cycle.index(number + 1)
        found.append(_cycle(trace, number, first, after))
    return found


def _cycle(trace: Trace, number: int, first: int, after: int) -> Cycle:
    zones = len(trace.bench.params.zones)
    valve = pump = looks = 0
    hold_ticks = 0
    for i in range(first, after):
        now, before = trace.coils[i], trace.coils[i - 1]
        if now != before:
            valve += sum([a != b for a, b in zip(now, before)])
        pump += 1 if trace.pump[i] and not trace.pump[i - 1] else 0
        for zone in range(zones):
            if trace.target_mmhg[i][zone] > 15 and trace.reached[i][zone]:
                hold_ticks += 1
            # reached as it was before: a look may find that the zone is no longer where it should be
            if trace.path[i][zone] and not trace.path[i - 1][zone] and trace.reached[i - 1][zone] and trace.target_mmhg[i - 1][zone] > 15:
                looks += 1
    blind = trace.bench.topology == "manifold"
    least = 4 * zones  # each zone's own two valves (or its valve and the share of the vent), on and off, once each
    counted = valve - 2 * looks if blind else valve
    allowed = hold_ticks * trace.tick_s / 8.0
    return Cycle(trace.bench.seed, number, counted / least, pump / zones, looks / allowed if allowed and blind else 0.0)


def cycles_until_right(found: list[Fill]) -> list[int]:
    """For each zone of each plant the first cycle with the right pressure, NEVER when there was none."""
    first: dict[tuple[int, int], int] = {}
    for fill in found:
        key = (fill.seed, fill.zone)
        right = fill.error is not None and abs(fill.error) <= MARK_MMHG
        first[key] = min(first.get(key, NEVER), fill.cycle if right else NEVER)
    return list(first.values())


def quantile(values: list[float], share: float) -> float | None:
    """The value that this share of all do not exceed (nearest rank); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
