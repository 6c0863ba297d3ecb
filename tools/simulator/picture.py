"""The picture of a session: every zone's pressure over the whole of it, and one cycle close up with what the firmware did in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from peristal.core import limits

from tools.simulator.options import Options
from tools.simulator.recorder import Cycle, Recorder
from tools.simulator.session_run import DONE, FAULT, Outcome, clock

# Okabe and Ito's palette, which stays distinct for colour-blind readers; zone 1 (foot) first, at most six zones.
ZONE_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#7F5539")
LIMIT_COLOUR = "#C1272D"
INK, SOFT, FAINT = "#222222", "#6B6B6B", "#D9D9D9"
LEG_LINES = ("-", (0, (4, 1.4)))
POINTS = 3000  # more than a strip is wide in pixels, few enough to be drawn at once
WIDTH_IN, STRIP_IN, CYCLE_IN, ROW_IN, HEAD_IN, GAP_IN, FOOT_IN = 13.0, 0.95, 2.9, 0.15, 0.95, 0.8, 0.55
LEFT_IN, RIGHT_IN, BETWEEN_IN = 0.85, 0.35, 0.6
DPI = 110
ROOM_MMHG = 12  # above the limit, and above the peak of the close-up
LONG_TICKS_MIN = ((8, 1), (25, 2), (45, 5), (90, 10))


def draw(recorder: Recorder, options: Options, outcome: Outcome, path: Path) -> None:
    """Writes the picture as PNG. Raises OSError when the file cannot be written."""
    figure = _Sheet(recorder, options, outcome).figure
    FigureCanvasAgg(figure)
    figure.savefig(path, format="png", dpi=DPI)


class _Sheet:
    """The figure, laid out in inches from the top."""

    def __init__(self, recorder: Recorder, options: Options, outcome: Outcome) -> None:
        self.recorder = recorder
        self.options = options
        self.outcome = outcome
        self.rows = max(len(leg) for leg in recorder.legs)
        zones = len(recorder.zone_names)
        self.height_in = HEAD_IN + self.rows * STRIP_IN + GAP_IN + CYCLE_IN + zones * ROW_IN + 0.12 + FOOT_IN
        self.figure = Figure(figsize=(WIDTH_IN, self.height_in), facecolor="white")
        self.figure.set_layout_engine(None)
        self._head()
        for leg in range(len(recorder.legs)):
            self._leg(leg)
        if len(recorder.t_s) > 1:
            self._close_up(HEAD_IN + self.rows * STRIP_IN + GAP_IN)

    def _axes(self, left_in: float, top_in: float, width_in: float, height_in: float) -> Any:
        box = (left_in / WIDTH_IN, 1 - (top_in + height_in) / self.height_in, width_in / WIDTH_IN, height_in / self.height_in)
        axes = self.figure.add_axes(box)
        axes.tick_params(labelsize=8.5, colors=SOFT, length=3, width=0.6)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(FAINT)
        return axes

    def _write(self, left_in: float, top_in: float, text: str, size: float, colour: str = INK, **how: Any) -> None:
        self.figure.text(left_in / WIDTH_IN, 1 - top_in / self.height_in, text, size=size, color=colour, va="baseline", **how)

    def _head(self) -> None:
        options, recorder = self.options, self.recorder
        whole = sum(cycle.complete for cycle in recorder.cycles)
        self._write(LEFT_IN, 0.36, f"{options.program.capitalize()}, {options.mmhg} mmHg, {options.minutes} min", 16, weight="bold")
        says = f"{whole} cycles" if self.outcome.kind == DONE else f"{whole} cycles, {self.outcome.kind}: {self.outcome.says}"
        colour = SOFT if self.outcome.kind == DONE else LIMIT_COLOUR
        if len(says) > 120:
            says = says[:117] + "..."
        self._write(LEFT_IN, 0.6, says, 10, colour)
        run = f"true pressures, simulated: {options.board}, seed {options.seed}"
        self._write(WIDTH_IN - RIGHT_IN, 0.36, run, 9, SOFT, ha="right")

    # --- the whole session ---------------------------------------------------------------------------------------------

    def _leg(self, leg: int) -> None:
        recorder = self.recorder
        legs = len(recorder.legs)
        width_in = (WIDTH_IN - LEFT_IN - RIGHT_IN - (legs - 1) * BETWEEN_IN) / legs
        left_in = LEFT_IN + leg * (width_in + BETWEEN_IN)
        zones = recorder.legs[leg]
        minutes, every = self._thinned()
        name = recorder.zone_names[zones[0]].rsplit(" ", 1)[0]
        self._write(left_in, HEAD_IN - 0.08, f"{name} leg", 10.5, weight="bold")
        for place, zone in enumerate(reversed(zones)):
            axes = self._axes(left_in, HEAD_IN + (self.rows - len(zones) + place) * STRIP_IN, width_in, STRIP_IN - 0.1)
            mmhg = recorder.zone_mmhg[zone]
            highest = [max(mmhg[at : at + every]) for at in range(0, len(mmhg), every)]
            self._strip(axes, zone, len(zones) - place, len(zones), minutes, highest)
            last = place == len(zones) - 1
            axes.tick_params(labelbottom=last)
            if last:
                axes.set_xlabel("minutes since power-on", size=9, color=SOFT)
            if place == 0 and leg == 0:
                axes.text(-0.012, 1.02, "mmHg", transform=axes.transAxes, ha="right", va="bottom", size=8.5, color=SOFT)

    def _thinned(self) -> tuple[list[float], int]:
        """Times in minutes of every n-th sample, and n."""
        every = max(1, len(self.recorder.t_s) // POINTS)
        return [t_s / 60 for t_s in self.recorder.t_s[::every]], every

    def _strip(self, axes: Any, zone: int, number: int, count: int, minutes: list[float], mmhg: Sequence[float]) -> None:
        recorder = self.recorder
        colour = ZONE_COLOURS[number - 1]
        target = max(recorder.target_mmhg[zone], default=0.0)
        axes.fill_between(minutes, 0, mmhg, color=colour, linewidth=0, alpha=0.9)
        axes.axhline(limits.CAP_MMHG, color=LIMIT_COLOUR, linewidth=1.0)
        axes.axhline(target, color=INK, linewidth=0.9, linestyle=(0, (5, 3)))
        top = max([limits.CAP_MMHG, *mmhg]) + ROOM_MMHG
        end = max(minutes, default=1.0)
        axes.set_ylim(0, top)
        axes.set_xlim(0, end)
        axes.set_yticks([0, round(target), limits.CAP_MMHG] if target else [0, limits.CAP_MMHG])
        axes.set_xticks(_ticks(end))
        totals = recorder.totals[zone]
        where = {1: ", foot", count: ", thigh"}.get(number, "") if count > 1 else ""
        between = (limits.CAP_MMHG + max(target, totals.peak_mmhg)) / 2 if totals.peak_mmhg < limits.CAP_MMHG - 25 else limits.CAP_MMHG * 0.8
        axes.text(end * 0.006, between, f"zone {number}{where}", size=9, color=INK, va="center", weight="bold")
        figures = f"peak {totals.peak_mmhg:.0f} mmHg    {totals.pressed_s / 60:.1f} min above 15    {totals.dose_mmhg_s / 60:.0f} mmHg·min"
        axes.text(end * 0.994, between, figures, size=8.5, color=SOFT, va="center", ha="right")
        if number == count:
            axes.text(end, limits.CAP_MMHG + 3, f"limit {limits.CAP_MMHG}", size=8.5, color=LIMIT_COLOUR, va="bottom", ha="right")
            axes.text(end * 1.003, target, "target", size=8.5, color=INK, va="center", ha="left", clip_on=False, rotation=0)
        if self.outcome.kind == FAULT:
            axes.axvline(recorder.t_s[recorder.state.index(FAULT)] / 60, color=LIMIT_COLOUR, linewidth=1.2)

    # --- one cycle -----------------------------------------------------------------------------------------------------

    def _close_up(self, top_in: float) -> None:
        recorder = self.recorder
        cycle = _typical(recorder)
        at = [n for n, t_s in enumerate(recorder.t_s) if cycle.from_s - 1 <= t_s <= cycle.to_s + 1]
        first, last = at[0], at[-1] + 1
        seconds = [t_s - cycle.from_s for t_s in recorder.t_s[first:last]]
        width_in = WIDTH_IN - LEFT_IN - RIGHT_IN
        what = f"cycle {cycle.number}" if cycle.number else "the beginning"
        self._write(LEFT_IN, top_in - 0.12, f"{what} close up, {clock(cycle.from_s)} to {clock(cycle.to_s)}", 10.5, weight="bold")
        axes = self._axes(LEFT_IN, top_in, width_in, CYCLE_IN)
        highest = 1.0
        for leg, zones in enumerate(recorder.legs):
            for number, zone in enumerate(zones):
                mmhg = recorder.zone_mmhg[zone][first:last]
                highest = max(highest, *mmhg)
                label = recorder.zone_names[zone]
                axes.plot(seconds, mmhg, color=ZONE_COLOURS[number], linestyle=LEG_LINES[leg % 2], linewidth=1.7, label=label)
        target = max(max(target) for target in recorder.target_mmhg)
        axes.axhline(target, color=INK, linewidth=0.9, linestyle=(0, (5, 3)))
        axes.set_ylim(0, max(highest, target) + ROOM_MMHG)
        axes.set_xlim(seconds[0], seconds[-1])
        axes.grid(axis="y", color=FAINT, linewidth=0.5)
        axes.set_axisbelow(True)
        axes.set_ylabel("mmHg", size=9, color=SOFT)
        axes.tick_params(labelbottom=False)
        axes.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(recorder.zone_names), frameon=False, fontsize=8.5,
            handlelength=2.2, columnspacing=1.2, borderaxespad=0.1, labelcolor=INK,
        )  # fmt: skip
        self._score(top_in + CYCLE_IN + 0.12, first, last, seconds)

    def _score(self, top_in: float, first: int, last: int, seconds: list[float]) -> None:
        """Which zone the pump fills (full colour) and which is meant to keep its pressure (pale), foot at the bottom."""
        recorder = self.recorder
        zones = [zone for leg in reversed(recorder.legs) for zone in leg]
        axes = self._axes(LEFT_IN, top_in, WIDTH_IN - LEFT_IN - RIGHT_IN, len(zones) * ROW_IN)
        inlet = {valve.zone: v for v, valve in enumerate(recorder.rig.plant.params.valves) if valve.to == "line"}
        step = seconds[1] - seconds[0]
        numbers = {zone: number for leg in recorder.legs for number, zone in enumerate(leg)}
        for row, zone in enumerate(zones):
            colour = ZONE_COLOURS[numbers[zone]]
            samples = range(first, last)
            meant = [recorder.target_mmhg[zone][n] > 0 for n in samples]
            filled = [recorder.pump_duty[n] > 0 and recorder.open_valves[n] >> inlet[zone] & 1 > 0 for n in samples]
            axes.broken_barh(_runs(seconds, meant, step), (row + 0.12, 0.76), color=colour, alpha=0.28, linewidth=0)
            axes.broken_barh(_runs(seconds, filled, step), (row + 0.12, 0.76), color=colour, linewidth=0)
        axes.set_ylim(0, len(zones))
        axes.set_xlim(seconds[0], seconds[-1])
        axes.set_yticks([row + 0.5 for row in range(len(zones))], [recorder.zone_names[zone] for zone in zones])
        axes.tick_params(axis="y", length=0, labelsize=8)
        axes.set_xlabel("seconds since the cycle began      full colour: the pump fills the zone      pale: the zone keeps its pressure", size=9, color=SOFT)


def _typical(recorder: Recorder) -> Cycle:
    """The whole cycle nearest the middle of the session; without one, the longest part there is."""
    whole = [cycle for cycle in recorder.cycles if cycle.complete]
    if whole:
        return whole[len(whole) // 2]
    nothing = Cycle(0, recorder.t_s[0], recorder.t_s[-1])
    return max(recorder.cycles, key=lambda cycle: cycle.to_s - cycle.from_s, default=nothing)


def _runs(seconds: Sequence[float], on: Sequence[bool], step: float) -> list[tuple[float, float]]:
    """(start, length) of every stretch of samples that are on."""
    runs: list[tuple[float, float]] = []
    began: float | None = None
    for second, is_on in zip([*seconds, seconds[-1] + step], [*on, False]):
        if is_on and began is None:
            began = second
        elif not is_on and began is not None:
            runs.append((began, second - began))
            began = None
    return runs


def _ticks(end_min: float) -> list[float]:
    every = next((step for longest, step in LONG_TICKS_MIN if end_min <= longest), 10)
    return [n * every for n in range(int(end_min / every) + 1)]
