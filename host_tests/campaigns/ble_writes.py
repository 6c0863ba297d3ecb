"""200 000 random and mutated writes over Bluetooth while sessions run (see ble_fuzz.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from host_tests.campaigns.shape import Campaign, Record

WRITES = 5000  # a run


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """Each run has a board, a pair and writes of its own."""
    from host_tests.ble_fuzz import Fuzz

    for index in indices:
        result = Fuzz(seed * 100000 + index, WRITES).run()
        yield {
            "index": index, "why": "; ".join(result.wrong), "writes": result.writes, "lost": result.lost, "ticks": result.ticks_running,
            "longest_ms": round(result.longest_ms, 1), "highest_mmhg": round(result.highest_mmhg),
        }  # fmt: skip


def report(records: list[Record]) -> str:
    """Totals and extremes."""
    writes, lost, ticks = (sum(record[name] for record in records) for name in ("writes", "lost", "ticks"))
    longest = max((record["longest_ms"] for record in records), default=0)
    highest = max((record["highest_mmhg"] for record in records), default=0)
    return (
        f"{writes} writes, {lost} of them dropped as too fast; {ticks} ticks of sessions, the longest {longest} ms; "
        f"highest true pressure {highest} mmHg"
    )


CAMPAIGN = Campaign(
    "ble_writes", f"random Bluetooth writes while sessions run, {WRITES} a run", 40, 1, runs, report,
    sources=("ble_fuzz.py", "ble_client.py"),
)  # fmt: skip
