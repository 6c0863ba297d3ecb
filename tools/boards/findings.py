"""What the board check has to say: one finding a rule and place, with the figure and what would be better."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

ERROR, WARNING, FINE = "error", "warning", "fine"


@dataclass(frozen=True)
class Finding:
    """`path` is the field as the board file writes it; `better` is "" where nothing has to change."""

    level: str
    path: str
    says: str
    better: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.says}" + (f"; better: {self.better}" if self.better else "")


def judged(good: bool, path: str, says: str, better: str, bad: str = ERROR) -> Finding:
    """A figure that is fine, or a finding with what would be better."""
    return Finding(FINE, path, says) if good else Finding(bad, path, says, better)


Rule = Callable[..., Iterator[Finding]]


def least(low: int, high: int, enough: Callable[[int], bool]) -> int | None:
    """The smallest number of low..high that is enough (what is enough stays so above it), or None."""
    if not enough(high):
        return None
    while low < high:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle + 1
    return low
