"""The picture of a mode: all zones over one cycle, true pressures of a real session of the firmware on a shipped board."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.simulator.rig import Rig
from tools.simulator.sheet import DASHED, FAINT, INK, LEFT_IN, SOFT, WIDTH_IN, ZONE_COLOURS, Sheet

BOARD = "esp32s3_independent"
FOLDER = Path(__file__).resolve().parents[1] / "pictures" / "modes"
SET_MMHG, MINUTES, CYCLE = 60, 8, 2
LOOK_S, PRESS_S = 0.05, 2.5
PA_PER_MMHG = 133.322
STRIP_IN, TOP_IN, FOOT_IN = 0.74, 0.55, 0.5
NAMES_IN = 0.3  # left of the strips, for their names
ROOM_MMHG = 14


@dataclass
class Cycle:
    """One whole cycle: seconds since it began, then for each zone true pressures and targets."""

    seconds: list[float] = field(default_factory=list)
    true: list[list[float]] = field(default_factory=list)
    targets: list[list[float]] = field(default_factory=list)
    says: str = ""


def record(mode: str, board: str = BOARD, set_mmhg: int = SET_MMHG) -> Cycle:
    """The second cycle of a session; the wearer's comfort start is off, so that it has the set pressure."""
    rig = Rig(board, settings={"program": mode, "pressure_mmhg": set_mmhg, "minutes": MINUTES})
    found = Cycle()
    number = [0]

    def look() -> None:
        app: Any = rig.app
        if rig.state != "running":
            return
        number[0] = app.session.sequencer.cycle
        found.says = app.session.sequencer.says
        if number[0] == CYCLE:
            found.seconds.append(rig.now_s)
            found.true.append(list(rig.plant.zone_mmhg))
            found.targets.append([pa / PA_PER_MMHG for pa in app.regulator.target_pa])

    rig.at(1.0, lambda: rig.app.session.adjust("comfort", 0))
    rig.every(LOOK_S, look)
    rig.press(PRESS_S)
    rig.stop_when(lambda: number[0] > CYCLE)
    rig.run_until(MINUTES * 60 + 60)
    if not found.seconds or number[0] <= CYCLE:
        raise RuntimeError(f"{mode}: no whole cycle in {MINUTES} min")
    found.seconds = [second - found.seconds[0] for second in found.seconds]
    return found


def draw(mode: str, source: str, cycle: Cycle, path: Path) -> None:
    """Writes the picture as PNG: a strip for each zone, thigh above foot, pressure filled, target as a line."""
    zones = len(cycle.true[0])
    sheet = Sheet(TOP_IN + zones * STRIP_IN + FOOT_IN)
    sheet.write(LEFT_IN, 0.32, mode, 15, weight="bold")
    sheet.write(WIDTH_IN - 0.3, 0.32, f"{source}   |   one cycle at {SET_MMHG} mmHg, {cycle.seconds[-1]:.0f} s", 9.5, SOFT, ha="right")
    top_mmhg = SET_MMHG + ROOM_MMHG
    for place, zone in enumerate(reversed(range(zones))):
        axes = sheet.axes(LEFT_IN + NAMES_IN, TOP_IN + place * STRIP_IN, sheet.inner_in - NAMES_IN, STRIP_IN - 0.1)
        axes.fill_between(cycle.seconds, 0, [true[zone] for true in cycle.true], color=ZONE_COLOURS[zone], linewidth=0, alpha=0.85)
        axes.plot(cycle.seconds, [targets[zone] for targets in cycle.targets], color=INK, linewidth=0.9, linestyle=DASHED)
        axes.axhline(SET_MMHG, color=FAINT, linewidth=0.6, zorder=0)
        axes.set_ylim(0, top_mmhg)
        axes.set_xlim(0, cycle.seconds[-1])
        axes.set_yticks([0, SET_MMHG])
        name = {0: " (foot)", zones - 1: " (thigh)"}.get(zone, "")
        axes.set_ylabel(f"{zone + 1}{name}", rotation=0, ha="right", va="center", size=9, color=INK, labelpad=14)
        if place < zones - 1:
            axes.tick_params(labelbottom=False)
        else:
            axes.set_xlabel("seconds      filled: true pressure of the zone in mmHg      dashed: what it is asked for", size=9, color=SOFT)
    sheet.save(path)
