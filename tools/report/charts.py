"""The report's drawings, as SVG: colours are CSS variables of the page, so that they hold in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tools.report.log import Event, Session
from tools.report.measure import Cycle, Measured, Squeeze

WIDTH = 940
LEFT, RIGHT = 66, 28  # for names and figures
POINTS = 460  # of a curve: twice that many pixels, since each keeps its lowest and highest
ROW_H, GAP_H = 54, 10
GRID_MMHG = 25


def clock(seconds: float) -> str:
    """12:05."""
    whole = max(0, round(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}" if whole >= 3600 else f"{whole // 60}:{whole % 60:02d}"


def colour(place: int, count: int) -> str:
    """The colour of a zone, from the foot up; six of them are in the page's style."""
    return f"var(--z{round(place * 5 / max(count - 1, 1)) + 1})"


class Axis:
    """Time to pixels."""

    def __init__(self, from_s: float, to_s: float, width: int = WIDTH) -> None:
        self.from_s, self.to_s = from_s, max(to_s, from_s + 0.1)
        self.width = width - LEFT - RIGHT

    def x(self, at_s: float) -> float:
        return LEFT + min(max((at_s - self.from_s) / (self.to_s - self.from_s), 0.0), 1.0) * self.width

    def ticks(self) -> list[float]:
        span_s = self.to_s - self.from_s
        step = next((step for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600) if span_s / step <= 12), 7200)
        return [self.from_s + step * n for n in range(int(span_s // step) + 1)]


def thinned(times: Sequence[float], values: Sequence[float], first: int, last: int) -> list[tuple[float, float]]:
    """A curve with at most about POINTS places; of each place the lowest and the highest stay, so that no peak is lost."""
    count = last - first
    if count <= 2 * POINTS:
        return [(times[at], values[at]) for at in range(first, last)]
    out: list[tuple[float, float]] = []
    for part in range(POINTS):
        begin, end = first + part * count // POINTS, first + (part + 1) * count // POINTS
        low = min(range(begin, end), key=values.__getitem__)
        high = max(range(begin, end), key=values.__getitem__)
        out += [(times[at], values[at]) for at in sorted({low, high})]
    return out


def _path(axis: Axis, points: list[tuple[float, float]], y0: float, height: float, top: float, steps: bool = False) -> str:
    parts: list[str] = []
    last_y = ""
    for at_s, value in points:
        x, y = f"{axis.x(at_s):.1f}", f"{y0 - min(max(value, 0.0), top) / top * height:.1f}"
        if not parts:
            parts.append(f"M{x},{y}")
        elif steps and y != last_y:
            parts.append(f"H{x}V{y}")
        elif not steps:
            parts.append(f"L{x},{y}")
        last_y = y
    if steps and points:
        parts.append(f"H{axis.x(points[-1][0]):.1f}")
    return "".join(parts)


def _span(session: Session, from_s: float, to_s: float) -> tuple[int, int]:
    from bisect import bisect_left, bisect_right

    return bisect_left(session.t_s, from_s), bisect_right(session.t_s, to_s)


def _svg(height: float, parts: list[str], label: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


def _time_axis(axis: Axis, y: float, top: float) -> list[str]:
    parts = []
    for tick in axis.ticks():
        x = f"{axis.x(tick):.1f}"
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{top:.0f}" y2="{y:.0f}"/>')
        parts.append(f'<text class="tick" x="{x}" y="{y + 14:.0f}" text-anchor="middle">{clock(tick - axis.from_s)}</text>')
    return parts


def pressures(session: Session, from_s: float, to_s: float, label: str, row_h: int = ROW_H, origin_s: float | None = None) -> str:
    """One row for each zone, the foot at the bottom: its pressure as an area, its target as a line."""
    axis = Axis(from_s, to_s)
    first, last = _span(session, from_s, to_s)
    top = scale(session)
    parts: list[str] = []
    y = 4.0
    rows: list[tuple[str, int, int, int]] = []
    for leg, zones in session.legs.items():
        rows += [(leg, place, len(zones), zone) for place, zone in reversed(list(enumerate(zones)))]
    height = len(rows) * (row_h + GAP_H) + 24 + (len(session.legs) - 1) * 12
    parts += _time_axis(axis, height - 20, 4.0)
    before = ""
    for leg, place, count, zone in rows:
        if before and leg != before:
            y += 12
        before = leg
        base = y + row_h
        own = colour(place, count)
        points = thinned(session.t_s, session.mmhg[zone], first, last)
        curve = _path(axis, points, base, row_h, top)
        for value in range(GRID_MMHG * 2, int(top), GRID_MMHG * 2):
            level = base - value / top * row_h
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{level:.1f}" y2="{level:.1f}"/>')
            if place == count - 1:
                parts.append(f'<text class="tick" x="{WIDTH - RIGHT + 5}" y="{level + 3:.1f}">{value}</text>')
        if points:
            closed = f"{curve}L{axis.x(points[-1][0]):.1f},{base:.1f}L{axis.x(points[0][0]):.1f},{base:.1f}Z"
            parts.append(f'<path d="{closed}" fill="{own}" opacity=".28"/><path d="{curve}" class="curve" stroke="{own}"/>')
        if session.target is not None:
            aims = [(session.t_s[at], session.target[zone][at]) for at in range(first, last)]
            parts.append(f'<path d="{_path(axis, aims, base, row_h, top, True)}" class="target"/>')
        elif session.wanted[zone] > 0:
            level = base - session.wanted[zone] / top * row_h
            parts.append(f'<line class="target wanted" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{level:.1f}" y2="{level:.1f}"/>')
        parts.append(f'<line class="base" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base:.1f}" y2="{base:.1f}"/>')
        where = "thigh" if place == count - 1 else "foot" if place == 0 else ""
        parts.append(f'<text class="zone" x="2" y="{base - row_h / 2 + 2:.1f}" fill="{own}">{escape(session.zones[zone])}</text>')
        parts.append(f'<text class="tick" x="2" y="{base - row_h / 2 + 15:.1f}">{where}</text>')
        y += row_h + GAP_H
    return _svg(height, parts, label)


def scale(session: Session) -> float:
    """The highest pressure that the drawings show: a step of the grid above all that was, 75 at least."""
    highest = max([max(values) for values in session.mmhg] + session.wanted)
    return max(75.0, (highest // GRID_MMHG + 1) * GRID_MMHG)


def timeline(session: Session, cycles: list[Cycle]) -> str:
    """States and cycles as bands, and what happened as marks above them."""
    axis = Axis(session.t_s[0], session.t_s[-1])
    parts: list[str] = []
    lanes = [("fault", "fault", "faults"), ("guard", "guard", "interventions"), ("notice", "notice", "notices")]
    for row, (kind, style, name) in enumerate(lanes):
        y = 10.0 + row * 16
        parts.append(f'<text class="tick" x="2" y="{y + 3:.0f}">{name}</text>')
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.0f}" y2="{y:.0f}"/>')
        parts += [_mark(axis, event, style, y) for event in session.events if event.kind == kind]
    y = 58.0
    for state, from_s, to_s in bands(session):
        x, wide = axis.x(from_s), axis.x(to_s) - axis.x(from_s)
        parts.append(f'<rect class="band {state}" x="{x:.1f}" y="{y}" width="{max(wide, 0.8):.1f}" height="16"><title>{state} {clock(to_s - from_s)}</title></rect>')
        if wide > 8 * len(state):
            parts.append(f'<text class="band-name" x="{x + wide / 2:.1f}" y="{y + 11.5}" text-anchor="middle">{state}</text>')
    parts.append(f'<text class="tick" x="2" y="{y + 12:.0f}">state</text>')
    for cycle in cycles:
        x = axis.x(cycle.from_s)
        parts.append(f'<line class="cycle" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 16:.0f}" y2="{y + 22:.0f}"/>')
    parts = _time_axis(axis, y + 24, 4.0) + parts
    return _svg(y + 42, parts, "what happened when")


def _mark(axis: Axis, event: Event, style: str, y: float) -> str:
    text = escape(f"{clock(event.at_s - axis.from_s)} {event.text} {event.zone}".strip())
    return f'<circle class="mark {style}" cx="{axis.x(event.at_s):.1f}" cy="{y:.0f}" r="4.5"><title>{text}</title></circle>'


def bands(session: Session) -> list[tuple[str, float, float]]:
    """(state, from, to), one after the other."""
    found: list[tuple[str, float, float]] = []
    for at_s, state in zip(session.t_s, session.state):
        if found and found[-1][0] == state:
            found[-1] = (state, found[-1][1], at_s)
        else:
            if found:
                found[-1] = (found[-1][0], found[-1][1], at_s)
            found.append((state, at_s, at_s))
    return found


def doses(session: Session, measured: Measured) -> str:
    """mmHg x minutes of each zone as bars, a leg beside the other, the foot at the bottom."""
    legs = list(session.legs.items())
    most = max([zone.dose_mmhg_min for zone in measured.zones] + [1.0])
    column = (WIDTH - (len(legs) - 1) * 40) / len(legs)
    tallest = max(len(zones) for _, zones in legs)
    parts: list[str] = []
    for number, (leg, zones) in enumerate(legs):
        x = number * (column + 40)
        whole = sum(measured.zones[zone].dose_mmhg_min for zone in zones)
        parts.append(f'<text class="zone" x="{x:.0f}" y="12">{escape(leg)}{" leg" if leg != "leg" else ""}</text>')
        parts.append(f'<text class="tick" x="{x + column:.0f}" y="12" text-anchor="end">{whole:.0f} in all</text>')
        for place, zone in enumerate(zones):
            y = 22 + (len(zones) - 1 - place) * 26
            dose = measured.zones[zone].dose_mmhg_min
            wide = dose / most * (column - 110)
            parts.append(f'<text class="tick" x="{x:.0f}" y="{y + 14}">{session.zones[zone].rpartition(" ")[2]}</text>')
            own = colour(place, len(zones))
            parts.append(f'<rect x="{x + 16:.1f}" y="{y}" width="{max(wide, 1):.1f}" height="19" rx="3" fill="{own}" opacity=".85"/>')
            parts.append(f'<text class="figure" x="{x + 22 + wide:.1f}" y="{y + 14}">{dose:.0f}</text>')
    return _svg(26 + tallest * 26, parts, "dose of each zone in mmHg times minutes")


def grid(session: Session, measured: Measured) -> str:
    """Every zone in every cycle: a cell tells whether it reached its target, and how far from it it came."""
    cycles = measured.cycles
    cells = {(one.zone, one.cycle): one for one in measured.squeezes}
    rows: list[tuple[str, int]] = []
    for zones in session.legs.values():
        rows += [(session.zones[zone], zone) for zone in reversed(zones)]
    wide = (WIDTH - LEFT - RIGHT) / max(len(cycles), 1)
    gap = 1.5 if wide > 6 else 0.3
    parts: list[str] = []
    y = 2.0
    legs = ""
    for name, zone in rows:
        leg = name.rpartition(" ")[0]
        y += 6 if legs and leg != legs else 0
        legs = leg
        parts.append(f'<text class="tick" x="2" y="{y + 11:.0f}">{escape(name)}</text>')
        for column, cycle in enumerate(cycles):
            style, says = _cell(cells.get((zone, cycle.number)))
            x = LEFT + column * wide
            parts.append(f'<rect class="cell {style}" x="{x:.1f}" y="{y:.0f}" width="{max(wide - gap, 0.4):.1f}" height="14"><title>cycle {cycle.number}: {says}</title></rect>')
        y += 16
    step = max(1, len(cycles) // 20)
    for column in range(0, len(cycles), step):
        x = LEFT + (column + 0.5) * wide
        parts.append(f'<text class="tick" x="{x:.1f}" y="{y + 12:.0f}" text-anchor="middle">{cycles[column].number}</text>')
    parts.append(f'<text class="tick" x="2" y="{y + 12:.0f}">cycle</text>')
    return _svg(y + 18, parts, "which zone reached its target in which cycle")


def _cell(squeeze: Squeeze | None) -> tuple[str, str]:
    if squeeze is None:
        return "none", "not used, or not judged: a soft start, or called off by the end"
    if squeeze.reach_s is None:
        return "missed", f"{squeeze.peak_mmhg:.0f} of {squeeze.wanted_mmhg:.0f} mmHg"
    text = f"{squeeze.wanted_mmhg:.0f} mmHg after {squeeze.reach_s:.1f} s, sag {squeeze.sag_mmhg:.1f}"
    return ("sagged" if squeeze.sag_mmhg > 8 else "good"), text
