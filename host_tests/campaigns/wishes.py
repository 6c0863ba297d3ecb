"""Sessions with a regulator that wishes anything; told by host_tests/wishes.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from host_tests.campaigns.shape import Campaign, Record
from host_tests.fault_scene import TOPOLOGIES


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """One session each."""
    from host_tests import wishes

    for index in indices:
        outcome = wishes.Run(*wishes.plan(seed, index)).run()
        why = f"run {index}: {outcome.says}" if outcome.why else ""
        yield {"index": index, "why": why, "topology": outcome.setup.topology, "peak_mmhg": round(outcome.peak_mmhg, 1)}


def report(records: list[Record]) -> str:
    """The highest pressure of each topology."""
    lines = []
    for topology in TOPOLOGIES:
        peaks = [record["peak_mmhg"] for record in records if record["topology"] == topology]
        lines.append(f"{topology:<16}{len(peaks):>5} sessions, highest true pressure {max(peaks, default=0.0):.0f} mmHg")
    failed = [record["why"] for record in records if record["why"]]
    return "\n".join([*lines, f"failed: {len(failed)}", *failed, ""])


CAMPAIGN = Campaign(
    name="wishes",
    line="a regulator that wishes anything: the guard keeps every zone below 130 mmHg",
    minimum=150,
    batch=6,
    runs=runs,
    report=report,
    sources=("wishes.py", "fault_judge.py", "fault_scene.py"),
)
