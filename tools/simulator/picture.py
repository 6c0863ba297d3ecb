"""The picture of a session: each zone over the whole of it, thigh above foot as on the leg, and one cycle close up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from peristal.core import limits
from tools.simulator.options import Options
from tools.simulator.picture_cycle import close_up, close_up_height_in
from tools.simulator.recorder import RELEASED_MMHG, Recorder
from tools.simulator.session_run import DONE, FAULT, Outcome
from tools.simulator.sheet import DASHED, INK, LEFT_IN, LIMIT_COLOUR, RIGHT_IN, SOFT, WIDTH_IN, ZONE_COLOURS, Sheet

POINTS = 3000  # more than a strip is wide in pixels, few enough to be drawn at once
HEAD_IN, STRIP_IN, GAP_IN, BETWEEN_IN = 1.05, 1.03, 0.85, 0.95
ROOM_MMHG, WORDS_MMHG = 34, 17  # above the limit there is room for a line of words
LONGEST_LINE = 150
TICKS_MIN = ((1.5, 0.25), (3, 0.5), (8, 1), (25, 2), (45, 5), (90, 10))  # up to so many minutes: a tick every so many


def draw(recorder: Recorder, options: Options, outcome: Outcome, path: Path) -> None:
    """Writes the picture as PNG; the recorder has at least two samples. Raises OSError when the file cannot be written."""
    rows = max(len(leg) for leg in recorder.legs)
    strips_in = HEAD_IN + rows * STRIP_IN
    sheet = Sheet(strips_in + GAP_IN + close_up_height_in(recorder))
    _head(sheet, recorder, options, outcome)
    for leg in range(len(recorder.legs)):
        _leg(sheet, recorder, leg, strips_in, outcome)
    close_up(sheet, recorder, strips_in + GAP_IN)
    sheet.save(path)


def _head(sheet: Sheet, recorder: Recorder, options: Options, outcome: Outcome) -> None:
    whole = sum(cycle.complete for cycle in recorder.cycles)
    sheet.write(LEFT_IN, 0.38, f"{options.program.capitalize()}, {options.mmhg} mmHg, {options.minutes} min", 16, weight="bold")
    cycles = "1 cycle" if whole == 1 else f"{whole} cycles"
    if outcome.kind == DONE:
        sheet.write(LEFT_IN, 0.62, f"{cycles}, done", 10, SOFT)
    else:
        says = f"{cycles}, {outcome.says}"
        sheet.write(LEFT_IN, 0.62, says if len(says) <= LONGEST_LINE else f"{says[: LONGEST_LINE - 3]}...", 10, LIMIT_COLOUR)
    right_in = WIDTH_IN - RIGHT_IN
    sheet.write(right_in, 0.38, f"true pressures on a simulated {options.board}, seed {options.seed}", 9.5, SOFT, ha="right")
    if outcome.kind == DONE and recorder.rig.plant.params.movement.on:
        sheet.write(right_in, 0.62, "short spikes and dips: the wearer moves a leg", 9.5, SOFT, ha="right")


def _leg(sheet: Sheet, recorder: Recorder, leg: int, bottom_in: float, outcome: Outcome) -> None:
    """The strips of one leg, one column."""
    legs = len(recorder.legs)
    width_in = (sheet.inner_in - (legs - 1) * BETWEEN_IN) / legs
    left_in = LEFT_IN + leg * (width_in + BETWEEN_IN)
    zones = recorder.legs[leg]
    every = max(1, len(recorder.t_s) // POINTS)
    minutes = [t_s / 60 for t_s in recorder.t_s[::every]]
    top_in = bottom_in - len(zones) * STRIP_IN
    sheet.write(left_in, top_in - 0.07, f"{recorder.leg_names[leg]} leg", 11, weight="bold")
    sheet.write(left_in - 0.07, top_in - 0.07, "mmHg", 8.5, SOFT, ha="right")
    for place, zone in enumerate(reversed(zones)):
        axes = sheet.axes(left_in, top_in + place * STRIP_IN, width_in, STRIP_IN - 0.1)
        mmhg = recorder.zone_mmhg[zone]
        _strip(axes, recorder, zone, len(zones) - place, len(zones))
        _pressure(axes, recorder, zone, minutes, [max(mmhg[at : at + every]) for at in range(0, len(mmhg), every)])
        if outcome.kind == FAULT:
            axes.axvline(recorder.t_s[recorder.state.index(FAULT)] / 60, ymax=0.75, color=LIMIT_COLOUR, linewidth=1.2)
        if place < len(zones) - 1:
            axes.tick_params(labelbottom=False)
        else:
            axes.set_xlabel("minutes since power-on", size=9, color=SOFT)


def _strip(axes: Any, recorder: Recorder, zone: int, number: int, count: int) -> None:
    """Scale, target, limit and figures of one zone."""
    totals = recorder.totals[zone]
    target = round(max(recorder.target_mmhg[zone]))
    if target < RELEASED_MMHG:  # it was only to take up its slack
        target = 0
    end = recorder.t_s[-1] / 60
    axes.axhline(limits.CAP_MMHG, color=LIMIT_COLOUR, linewidth=1.0)
    axes.set_yticks([0, limits.CAP_MMHG], ["0", f"limit {limits.CAP_MMHG}"])
    if target:
        axes.axhline(target, color=INK, linewidth=0.9, linestyle=DASHED)
        axes.set_yticks([0, target, limits.CAP_MMHG], ["0", f"target {target}", f"limit {limits.CAP_MMHG}"])
        axes.get_yticklabels()[1].set_color(INK)
    axes.get_yticklabels()[-1].set_color(LIMIT_COLOUR)
    top_mmhg = max(limits.CAP_MMHG, totals.peak_mmhg)
    axes.set_ylim(0, top_mmhg + ROOM_MMHG)
    axes.set_xlim(0, end)
    every = next((step for longest, step in TICKS_MIN if end <= longest), TICKS_MIN[-1][1])
    ticks = [n * every for n in range(int(end / every) + 1)]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    place = {1: " (foot)", count: " (thigh)"}.get(number, "") if count > 1 else ""
    axes.text(end * 0.006, top_mmhg + WORDS_MMHG, f"zone {number}{place}", size=9, color=INK, va="center", weight="bold")
    figures = f"peak {totals.peak_mmhg:.0f} mmHg    {totals.pressed_s / 60:.1f} min above 15    {totals.dose_mmhg_s / 60:.0f} mmHg·min"
    axes.text(end * 0.994, top_mmhg + WORDS_MMHG, figures, size=8.5, color=SOFT, va="center", ha="right")


def _pressure(axes: Any, recorder: Recorder, zone: int, minutes: list[float], mmhg: Sequence[float]) -> None:
    colour = ZONE_COLOURS[recorder.number_of(zone) - 1]
    axes.fill_between(minutes, 0, mmhg, color=colour, linewidth=0, alpha=0.9)
