"""Every fault of host_tests/fault_kinds.py at random moments, in all programs and topologies; judged by host_tests/fault_judge.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from host_tests import fault_report, fault_run
from host_tests.campaigns.shape import Campaign, Record
from host_tests.fault_kinds import KINDS

SOURCES = ("judge", "kinds", "plants", "report", "reports", "run", "scene")


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """Each in a session of its own."""
    for index in indices:
        outcome = fault_run.run(*fault_run.plan(seed, index))
        yield {"index": index, "why": outcome.says if outcome.verdict.why else "", "outcome": fault_run.to_json(outcome)}


def outcomes(records: list[Record]) -> list[fault_run.Outcome]:
    """Back from the progress file."""
    return [fault_run.from_json(record["outcome"]) for record in records]


CAMPAIGN = Campaign(
    name="faults",
    line=f"{len(KINDS)} faults at random moments in sessions on random plants: safe by true pressures, and named right",
    minimum=500,
    batch=8,
    runs=runs,
    report=lambda records: fault_report.text(outcomes(records)),
    together=lambda records: fault_report.shortfalls(outcomes(records)),
    sources=(*(f"fault_{name}.py" for name in SOURCES), "crash_kinds.py"),
)
