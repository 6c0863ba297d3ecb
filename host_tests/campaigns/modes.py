"""The full matrix: every mode on 1 to 6 zones, one leg and two, three topologies, runs to `done` and is judged by true pressures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from host_tests import matrix
from host_tests.campaigns.shape import Campaign, Record
from peristal.core import faults, modes

MINUTES = 2
PRESSURES_MMHG = (55, 40, 70, 85)


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """Cell by cell; another seed shifts which pressure a cell gets."""
    for index in indices:
        cell = matrix.CELLS[index % len(matrix.CELLS)]
        pressure_mmhg = PRESSURES_MMHG[(index + index // len(matrix.CELLS) + seed) % len(PRESSURES_MMHG)]
        record = matrix.run(cell, seed + index, MINUTES, pressure_mmhg)
        yield {"index": index, "pressure_mmhg": pressure_mmhg, **record}


def report(records: list[Record]) -> str:
    """A line for each mode: cells, cycles, what was stretched or noticed, the longest time under pressure and the highest pressure."""
    columns = ("cells", "cycles", "stretched", "cut short", "not reached", "pressed s", "peak mmHg")
    lines = [f"{len(records)} sessions of {MINUTES} min and more, one for each cell of mode, zones, legs and topology.", ""]
    lines.append(f"{'mode':<12}" + "".join(f"{column:>13}" for column in columns))
    for mode in modes.names():
        own = [record for record in records if record["cell"][0] == mode]
        if own:
            bits = (faults.STRETCHED, faults.CUT_SHORT, faults.NOT_REACHED)
            noticed = [sum(bool(record["notices"] & bit) for record in own) for bit in bits]
            highest = [max(record[name] for record in own) for name in ("pressed_s", "peak_mmhg")]
            figures = [len(own), sum(record["cycles"] for record in own), *noticed, *highest]
            lines.append(f"{mode:<12}" + "".join(f"{figure:>13}" for figure in figures))
    where = [f"  {' '.join(map(str, record['cell']))}, {record['pressure_mmhg']} mmHg: " for record in records]
    says = [place + record["says"] for place, record in zip(where, records) if record["says"]]
    failed = [place + record["why"] for place, record in zip(where, records) if record["why"]]
    return "\n".join([*lines, "", "stretched:", *says, "", f"failed: {len(failed)}", *failed, ""])


CAMPAIGN = Campaign(
    name="modes",
    line="every mode on 1 to 6 zones, one leg and two, three topologies runs to done",
    minimum=len(matrix.CELLS),
    batch=6,
    runs=runs,
    report=report,
    sources=("matrix.py", "judge.py", "made_boards.py"),
)
