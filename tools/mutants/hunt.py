"""Which test runs and which fails, noted in a file that outlives the process."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

IMPORTS_S = 60.0
LONGEST_S = 200.0
"""CPU seconds until a test begins, and of one of which nothing is known (a whole session takes up to 20)."""


def longest_s(cost_s: float) -> float:
    """CPU seconds after which a test that took `cost_s` without a mutant never ends."""
    return 2.0 + 20.0 * cost_s


@dataclass
class Result:
    """`killer`: the test that failed first (empty: the mutant survived); `took_s`: how long it took."""

    killer: str
    took_s: float

    @classmethod
    def of(cls, note: str, ended: bool, took_s: float) -> Result:
        """What a note comes to; `ended`: by itself."""
        said, _, test = note.partition(" ")
        if said == "survived":
            return cls("", took_s)
        return cls(test + ("" if ended or said == "failed" else " (never ended)") or "the tests could not begin", took_s)


class Hunt:
    """A plugin for pytest. `only`: these tests alone and in this order; `first`: these before all others.

    A test that takes more than `most_s` of the processor's time never ends: a signal ends the process, and the note names the test.
    """

    def __init__(
        self, note: Path, only: Sequence[str] | None = None, first: Sequence[str] = (), most_s: Mapping[str, float] | None = None
    ) -> None:
        self.most_s = most_s or {}
        self.note = note
        self.only = only
        self.failed = ""
        self.rank = {test: place for place, test in enumerate(only if only is not None else first)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.only is not None:
            items[:] = [item for item in items if item.nodeid in self.rank]
        items.sort(key=lambda item: self.rank.get(item.nodeid, len(self.rank)))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.note.write_text(f"ran {nodeid}")
        signal.setitimer(signal.ITIMER_PROF, self.most_s.get(nodeid, LONGEST_S))

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.failed = report.nodeid
            self.note.write_text(f"failed {report.nodeid}")

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.failed = report.nodeid
            self.note.write_text(f"failed {report.nodeid} (it cannot be imported)")

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            self.note.write_text("survived")
