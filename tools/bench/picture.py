"""build/bench.png: one fill of each contender on one plant, beside what an oracle could have done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.bench import contenders, runs
from tools.bench.ideal import fill_curve
from tools.bench.loop import Loop, Trace
from tools.bench.plants import Bench

COLOURS = {contenders.OURS: "#1b6e9c", contenders.THRESHOLD: "#c4622d", contenders.PID: "#7d5ba6"}
INK, SOFT = "#222222", "#7a7a7a"
CYCLE = 2
AFTER_S = 3.0


def draw(seeds: range, topology: str, path: Path) -> None:
    """The thigh's fill in the second cycle of one plant on which everyone got that far."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    for bench in sorted([runs.plant_of(seed, topology) for seed in seeds], key=_plain_to_see):
        zone = len(bench.params.zones) - 1
        curves = {name: _curve(bench, name, zone) for name in contenders.NAMES}
        if all(curves.values()):
            break
    else:
        return
    figure, (above, below) = pyplot.subplots(2, 1, figsize=(11, 7.6), sharex=True, height_ratios=(3, 1.2), layout="constrained")
    _pressures(above, bench, zone, curves)
    _pumps(below, curves)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
    pyplot.close(figure)


def _plain_to_see(bench: Bench) -> bool:
    """False, and so first, where the reading's excess is large enough to be seen and the ceiling does not cut it off."""
    return bench.topology == "manifold" and not 12.0 < contenders.flow_drop_mmhg(bench) < 40.0


class Curve:
    """One fill from its command on: seconds, true pressure, raw reading, pump; `held_s` when it was declared held."""

    def __init__(self, trace: Trace, at_s: float, zone: int, ideal: list[tuple[float, float]]) -> None:
        start = next(i for i, t in enumerate(trace.t_s) if t >= at_s - trace.tick_s)
        end = next((i for i in range(start, len(trace.t_s)) if trace.target_mmhg[i][zone] < 1), len(trace.t_s))
        self.s = [t - at_s for t in trace.t_s[start:end]]
        self.mmhg = [row[zone] for row in trace.mmhg[start:end]]
        own = [trace.path[i][zone] and sum(trace.path[i]) == 1 for i in range(start, end)]
        smooth = trace.raw_mmhg[start]
        self.raw = []
        for here, raw in zip(own, trace.raw_mmhg[start:end]):
            smooth = smooth + (raw - smooth) / 4 if here else raw
            self.raw.append(smooth if here else float("nan"))
        self.pump = [p / 10 if here else 0.0 for here, p in zip(own, trace.pump[start:end])]
        self.target = trace.target_mmhg[start][zone]
        self.held_s = next((s for i, s in enumerate(self.s) if trace.reached[start + i][zone]), None)
        self.ideal = ideal


def _curve(bench: Bench, name: str, zone: int) -> Curve | None:
    loop = Loop(bench, contenders.maker(name, bench))
    kept: dict[str, Any] = {}
    loop.on_command = lambda plant, z, cycle: kept.update(plant=plant) if (z, cycle) == (zone, CYCLE) else None
    trace = loop.run(CYCLE, runs.LONGEST_S)
    command = next((c for c in trace.commands if (c.zone, c.cycle) == (zone, CYCLE)), None)
    if command is None:
        return None
    return Curve(trace, command.at_s, zone, fill_curve(kept["plant"], zone, float(bench.target_mmhg), bench.board.ceiling_mmhg()))


def _pressures(axes: Any, bench: Bench, zone: int, curves: dict[str, Any]) -> None:
    target = curves[contenders.OURS].target
    end = max(1.3 * max(c.held_s or 0.0 for c in curves.values()), 1.8 * (curves[contenders.OURS].held_s or 5.0))
    axes.axhspan(target - 3, target + 3, color="#e9ecd9", linewidth=0)
    axes.axhline(target, color=INK, linewidth=0.8)
    axes.text(end, target, f" set {target:.0f}\n ± 3 mmHg", va="center", size=9, color=INK)
    ideal = curves[contenders.OURS].ideal
    ideal_s, ideal_mmhg = zip(*ideal)
    axes.plot(ideal_s, ideal_mmhg, color=INK, linewidth=1.3, linestyle=(0, (4, 3)), zorder=5, label="ideal (an oracle, full duty)")
    for name, curve in curves.items():
        colour = COLOURS[name]
        held = "never held" if curve.held_s is None else f"held after {curve.held_s:.2f} s"
        axes.plot(curve.s, curve.mmhg, color=colour, linewidth=2.2 if name == contenders.OURS else 1.6, label=f"{name}, {held}")
        axes.plot(curve.s, curve.raw, color=colour, linewidth=0.8, alpha=0.55)
        if curve.held_s is not None and curve.held_s <= end:
            at = next(i for i, s in enumerate(curve.s) if s >= curve.held_s)
            axes.plot([curve.held_s], [curve.mmhg[at]], "o", color=colour, markersize=6)
    axes.plot([], [], color=SOFT, linewidth=0.8, label="thin: what the sensor reads meanwhile (smoothed)")
    axes.plot([], [], "o", color=SOFT, markersize=6, label="declared held")
    axes.set_xlim(0, end)
    axes.set_ylim(0, None)
    axes.set_ylabel("true pressure of the zone, mmHg", color=SOFT)
    axes.legend(frameon=False, loc="lower right", fontsize=9.5)
    params = bench.params
    valve = next(v for v in params.valves if v.to == "line")
    axes.set_title(
        f"One fill of a zone of {params.zones[zone].v0_l:.1f} L, pump {params.pump.q0_l_min:.1f} L/min, valve C {valve.c:.2f}"
        f" ({bench.topology}, seed {bench.seed}, cycle {CYCLE})\n",
        loc="left",
        size=12,
        color=INK,
    )
    note = "True pressures; each contender starts from what its own cycle before left in the zone, the ideal from where ours starts."
    axes.text(0.0, 1.015, note, transform=axes.transAxes, size=9, color=SOFT)
    _plain(axes)


def _pumps(axes: Any, curves: dict[str, Any]) -> None:
    for name, curve in curves.items():
        axes.plot(curve.s, curve.pump, color=COLOURS[name], linewidth=1.3, drawstyle="steps-post")
    axes.set_ylabel("pump duty, %", color=SOFT)
    axes.set_xlabel("seconds since the valve's command", color=SOFT)
    axes.set_ylim(0, 105)
    _plain(axes)


def _plain(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(colors=SOFT)
    axes.grid(axis="y", color="#eeeeee", linewidth=0.8)
    axes.set_axisbelow(True)
