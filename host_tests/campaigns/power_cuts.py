"""Power cuts at every write operation of every stored file, in every life, on every board; told by host_tests/power_cuts.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from host_tests import power_cuts
from host_tests.campaigns.shape import Campaign, Record
from tools.simulator import boards

BATCH = 27
MINIMUM = 1100  # must not be less than there are cases; those that are left over begin again


@cache
def all_cases() -> list[tuple[str, str, int, str]]:
    """In turn from each board, so that the first ones are spread over all of them; more runs than there are begin again."""
    return [case for board in boards.names() for case in power_cuts.cases(board)]


def runs(_seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """One cut each; there is nothing to draw."""
    known = all_cases()
    for index in indices:
        case = known[index % len(known)]
        why = power_cuts.cut(*case) if len(known) <= MINIMUM else f"there are {len(known)} cases: raise MINIMUM"
        yield {"index": index, "why": f"{case}: {why}" if why else "", "case": list(case)}


def report(records: list[Record]) -> str:
    """How many operations of which life were cut."""
    lives = Counter((record["case"][0], record["case"][1]) for record in records)
    lines = [f"{board:<24}{life:<14}{count:>5} cuts" for (board, life), count in sorted(lives.items())]
    failed = [record["why"] for record in records if record["why"]]
    lines.append(f"operations that a cut can hit, each torn in two ways: {len(all_cases())} cuts")
    return "\n".join([*lines, f"failed: {len(failed)}", *failed, ""])


CAMPAIGN = Campaign(
    name="power_cuts",
    line="the power cut at every write operation of every stored file",
    minimum=MINIMUM,
    batch=BATCH,
    runs=runs,
    report=report,
    sources=("power_cuts.py",),
)
