"""A month of daily use on every board, told by host_tests/soak.py; further ones are on other seeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from host_tests import soak
from host_tests.campaigns.shape import Campaign, Record
from tools.simulator import boards


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """One month each, the boards in turn."""
    names = boards.names()
    for index in indices:
        board = names[index % len(names)]
        month = soak.Month(board, seed * 1000 + index)
        wrong = soak.why(month.run(), month.passed_ms)
        why = f"{board}, month {index}: " + "; ".join(wrong) if wrong else ""
        yield {"index": index, "why": why, "board": board, "days": soak.record(month.days)}


def report(records: list[Record]) -> str:
    """First and last days of each month, and the sessions around a wrap."""
    lines = []
    for record in records:
        days = record["days"]
        wraps = [day["wrapped"] for day in days]
        lines.append(f"{record['board']}: {len(days)} days; around a wrap of ticks_ms {wraps.count('ms')}, of ticks_us {wraps.count('us')}")
        lines.append(f"{'day':>5}{'seconds':>9}{'peak':>7}{'pump s':>8}{'writes':>8}{'flash bytes':>13}{'things':>8}")
        for day in [*days[:3], *days[-3:]]:
            times = f"{day['day']:>5}{day['seconds']:>9}{day['peak_mmhg']:>7}{day['pump_s']:>8}"
            lines.append(f"{times}{day['writes']:>8}{day['flash_bytes']:>13}{day['things']:>8}")
    failed = [record["why"] for record in records if record["why"]]
    return "\n".join([*lines, f"failed: {len(failed)}", *failed, ""])


CAMPAIGN = Campaign(
    name="soak",
    line="30 virtual days of sessions on every board, around both wraps of the ticks, with clock jumps while idle",
    minimum=len(boards.names()),
    batch=1,
    runs=runs,
    report=report,
    sources=("soak.py", "power_cuts.py"),
)
