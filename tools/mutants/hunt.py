"""Which test runs and which fails, noted in a file that outlives the process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


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
    """A plugin for pytest. `only`: these tests alone and in this order; `first`: these before all others."""

    def __init__(self, note: Path, only: Sequence[str] | None = None, first: Sequence[str] = ()) -> None:
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
