"""Every mode on every shape of pair: 1 to 6 zones, one leg or two, three topologies; each run to its end and judged."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any, NamedTuple

from host_tests.judge import Judge
from host_tests.made_boards import TOPOLOGIES, make
from peristal.core import modes
from tools.simulator.rig import Rig

PRESS_S = 2.5


class Cell(NamedTuple):
    """One cell of the matrix."""

    mode: str
    zones: int
    legs: int
    topology: str


CELLS = tuple(Cell(*cell) for cell in product(modes.names(), range(1, 7), (1, 2), TOPOLOGIES))


FEW_ZONES = (1, 3)
MOST_ZONES = (Cell("pulse", 6, 1, "manifold"), Cell("gradient", 6, 1, "zone_sensors"), Cell("sequential", 6, 2, "independent"))


def pairwise() -> list[Cell]:
    """A small selection in which every two values of different columns meet, zones from FEW_ZONES: of equals the smallest.

    And the most zones there are, which take the longest, once on each topology.
    """

    def pairs(cell: Cell) -> set[tuple[Any, ...]]:
        return {(a, cell[a], b, cell[b]) for a, b in combinations(range(len(cell)), 2)}

    cells = [cell for cell in CELLS if cell.zones in FEW_ZONES]
    left = set().union(*(pairs(cell) for cell in cells))
    chosen = []
    while left:
        best = max(cells, key=lambda cell: (len(pairs(cell) & left), -cell.zones * cell.legs))
        chosen.append(best)
        left -= pairs(best)
    return [*chosen, *MOST_ZONES]


def run(
    cell: Cell, seed: int, minutes: int, pressure_mmhg: int = 55, most_cycles: int = 1000, snug: bool = False
) -> dict[str, Any]:
    """One session of a cell; "why" is empty when all was well. After `most_cycles` its time is up, however many minutes are left."""
    if cell.zones * cell.legs >= 10 and not snug:
        minutes += 1  # taking up the slack of so many zones takes most of a minute
    board = make(cell.topology, cell.zones, cell.legs)
    settings = {"program": cell.mode, "pressure_mmhg": pressure_mmhg, "minutes": minutes}
    rig = Rig(board, seed=seed, settings=settings, snug=snug)
    judge = Judge(rig)
    cycles = [0]

    def look() -> None:
        if rig.state != "running":
            return
        session = rig.app.session
        cycles.append(session.sequencer.cycle)
        if cycles[-1] > most_cycles:
            session.elapsed_ms = max(session.elapsed_ms, session.minutes * 60_000)

    rig.every(0.5, look)
    rig.press(PRESS_S)
    rig.stop_when(lambda: rig.now_s > PRESS_S + 3 and rig.state in ("idle", "done", "fault"))
    rig.run_until(minutes * 60 + 120)
    found = judge.complaints()
    if max(cycles) < 1:
        found.append("no cycle was begun")
    return {
        "cell": list(cell),
        "why": ", ".join(found),
        "cycles": max(cycles),
        "notices": rig.app.session.notices,
        "says": rig.app.session.sequencer.says,
        "pressed_s": round(judge.pressed_s, 1),
        "peak_mmhg": round(judge.peak_mmhg, 1),
    }
