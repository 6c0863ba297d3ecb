"""Sessions in which nothing is wrong: random plants, sensor errors and noise, a limb that moves. No fault may come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from host_tests import fault_healthy
from host_tests.campaigns.shape import Campaign, Record


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """Each on a plant of its own."""
    for index in indices:
        yield {"index": index, **fault_healthy.session(seed, index)}


def report(records: list[Record]) -> str:
    """How many of each kind, what was noticed, and what failed."""
    lines = [f"{len(records)} healthy sessions"]
    for key in ("topology", "program", "end"):
        lines.append(f"{key}: " + ", ".join(f"{name} {count}" for name, count in Counter(record[key] for record in records).most_common()))
    notices = Counter(notice for record in records for notice in record["notices"])
    lines.append("notices: " + (", ".join(f"{name} {count}" for name, count in notices.most_common()) or "none"))
    lines.append(f"highest true pressure: {max(record['peak_mmhg'] for record in records):.0f} mmHg")
    failed = [record["why"] for record in records if record["why"]]
    return "\n".join([*lines, f"failed: {len(failed)}", *failed, ""])


CAMPAIGN = Campaign(
    name="healthy",
    line="healthy sessions on random plants with limb movement and noise: no fault",
    minimum=200,
    batch=4,
    runs=runs,
    report=report,
    sources=("fault_healthy.py", "fault_scene.py", "fault_reports.py"),
)
