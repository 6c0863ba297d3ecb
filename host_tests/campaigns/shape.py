"""What a campaign is: runs that are numbered from 0, each the same for the same seed whenever it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]
"""One run: "index", "why" (empty: it passed), and whatever the report needs. JSON must hold it."""


@dataclass(frozen=True)
class Campaign:
    """`runs(seed, indices)` makes the runs of these numbers; a whole batch (or what is left of it) is asked for at once, so that
    runs which share their beginning can share its cost. `report(records)` is the text written beside the progress."""

    name: str
    line: str
    minimum: int
    batch: int
    runs: Callable[[int, Sequence[int]], Iterable[Record]]
    report: Callable[[list[Record]], str] | None = None
    together: Callable[[list[Record]], list[str]] | None = None
    """What all runs together fall short of, a line each; asked once there are as many as the minimum."""
    sources: tuple[str, ...] = ()
    """Files of host_tests/ beside those of campaigns/ that the result hangs on: progress made with other ones counts no longer."""
