"""One cycle close up: all zones as lines, and below them, like a score, what the firmware did with each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.simulator.recorder import Cycle, Recorder
from tools.simulator.session_run import clock
from tools.simulator.sheet import DASHED, FAINT, INK, LEFT_IN, SOFT, ZONE_COLOURS, Sheet

LEG_LINES = ("-", (0, (4, 1.4)))
LINES_IN, ROW_IN, LEG_GAP_ROWS, BETWEEN_IN, FOOT_IN = 2.9, 0.15, 0.5, 0.12, 0.6
BEFORE_S = 1.0
ROOM_MMHG = 12
MOVES_MMHG = 2.0  # the pulse is below, a movement above
KEY = "seconds since the cycle began        full colour: the pump fills the zone        pale: the zone is meant to have pressure"
MOVES_KEY = "        grey: that leg moves"


def close_up_height_in(recorder: Recorder) -> float:
    """What close_up() needs below its top."""
    return LINES_IN + BETWEEN_IN + _score_rows(recorder) * ROW_IN + FOOT_IN


def close_up(sheet: Sheet, recorder: Recorder, top_in: float) -> None:
    """Draws the whole cycle nearest the middle of the session."""
    cycle = typical(recorder)
    at = [n for n, t_s in enumerate(recorder.t_s) if cycle.from_s - BEFORE_S <= t_s <= cycle.to_s + BEFORE_S]
    samples = range(at[0], at[-1] + 1)
    seconds = [recorder.t_s[n] - cycle.from_s for n in samples]
    what = f"cycle {cycle.number}" if cycle.number else "before the first cycle"
    sheet.write(LEFT_IN, top_in - 0.12, f"{what} close up, {clock(cycle.from_s)} to {clock(cycle.to_s)}", 11, weight="bold")
    axes = sheet.axes(LEFT_IN, top_in, sheet.inner_in, LINES_IN)
    top_mmhg = max(max(target) for target in recorder.target_mmhg)
    if top_mmhg:
        axes.axhline(top_mmhg, color=INK, linewidth=0.9, linestyle=DASHED)
    for leg, zones in enumerate(recorder.legs):
        for zone in zones:
            mmhg = [recorder.zone_mmhg[zone][n] for n in samples]
            top_mmhg = max(top_mmhg, *mmhg)
            colour = ZONE_COLOURS[recorder.number_of(zone) - 1]
            axes.plot(seconds, mmhg, color=colour, linestyle=LEG_LINES[leg % 2], linewidth=1.7, label=recorder.zone_names[zone])
    top_mmhg += ROOM_MMHG
    axes.set_ylim(0, top_mmhg)
    axes.set_xlim(seconds[0], seconds[-1])
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_ylabel("mmHg", size=9, color=SOFT)
    axes.tick_params(labelbottom=False)
    axes.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(recorder.zone_names), frameon=False, fontsize=8.5,
        handlelength=2.2, columnspacing=1.2, borderaxespad=0.1, labelcolor=INK,
    )  # fmt: skip
    _movements(axes, recorder, samples, seconds, top_mmhg)
    _score(sheet.axes(LEFT_IN, top_in + LINES_IN + BETWEEN_IN, sheet.inner_in, _score_rows(recorder) * ROW_IN), recorder, samples, seconds)


def typical(recorder: Recorder) -> Cycle:
    """The whole cycle nearest the middle of the session; without one, the longest part there is."""
    whole = [cycle for cycle in recorder.cycles if cycle.complete]
    if whole:
        return whole[len(whole) // 2]
    nothing = Cycle(0, recorder.t_s[0], recorder.t_s[-1])
    return max(recorder.cycles, key=lambda cycle: cycle.to_s - cycle.from_s, default=nothing)


def _movements(axes: Any, recorder: Recorder, samples: range, seconds: list[float], top_mmhg: float) -> None:
    """A grey band with its name where a leg moves."""
    for leg, name in enumerate(recorder.leg_names):
        for start, length in _runs(seconds, [recorder.limb_mmhg[leg][n] > MOVES_MMHG for n in samples]):
            axes.axvspan(start, start + length, color="#000000", alpha=0.07, linewidth=0, zorder=0)
            axes.text(start + length / 2, top_mmhg * 0.985, name, size=7.5, color=SOFT, ha="center", va="top", clip_on=True)


def _score_rows(recorder: Recorder) -> float:
    return len(recorder.zone_names) + LEG_GAP_ROWS * (len(recorder.legs) - 1)


def _score(axes: Any, recorder: Recorder, samples: range, seconds: list[float]) -> None:
    """A row per zone, the first leg on top, the foot at the bottom of each leg."""
    inlet = {valve.zone: v for v, valve in enumerate(recorder.rig.plant.params.valves) if valve.to == "line"}
    rows: dict[int, float] = {}
    row = 0.0
    for zones in reversed(recorder.legs):
        for zone in zones:
            rows[zone] = row
            row += 1
        row += LEG_GAP_ROWS
    for zone, row in rows.items():
        colour = ZONE_COLOURS[recorder.number_of(zone) - 1]
        meant = [recorder.target_mmhg[zone][n] > 0 for n in samples]
        filled = [recorder.pump_duty[n] > 0 and recorder.open_valves[n] >> inlet[zone] & 1 > 0 for n in samples]
        axes.broken_barh(_runs(seconds, meant), (row + 0.1, 0.8), color=colour, alpha=0.28, linewidth=0)
        axes.broken_barh(_runs(seconds, filled), (row + 0.1, 0.8), color=colour, linewidth=0)
    axes.set_ylim(0, _score_rows(recorder))
    axes.set_xlim(seconds[0], seconds[-1])
    axes.set_yticks([row + 0.5 for row in rows.values()], [recorder.zone_names[zone] for zone in rows])
    axes.tick_params(axis="y", length=0, labelsize=8)
    axes.set_xlabel(KEY + (MOVES_KEY if recorder.rig.plant.params.movement.on else ""), size=9, color=SOFT)


def _runs(seconds: Sequence[float], on: Sequence[bool]) -> list[tuple[float, float]]:
    """(start, length) of every stretch of samples that are on."""
    step_s = seconds[1] - seconds[0]
    runs: list[tuple[float, float]] = []
    began: float | None = None
    for second, is_on in zip([*seconds, seconds[-1] + step_s], [*on, False]):
        if is_on and began is None:
            began = second
        elif not is_on and began is not None:
            runs.append((began, second - began))
            began = None
    return runs
