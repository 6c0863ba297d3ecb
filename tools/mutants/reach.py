"""Which quick test comes by which lines of the mutated files, and what it costs: found once for the sources as they are, and kept."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest


@dataclass
class Reach:
    """`cost_s[test]`: CPU seconds while it was watched; `lines[test][file]`: what it came by; `broken`: a test that fails as things are."""

    cost_s: dict[str, float]
    lines: dict[str, dict[str, frozenset[int]]]
    broken: str = ""

    def by(self, file: str, lines: frozenset[int]) -> list[str]:
        """The tests that come by one of these lines (no lines: all tests), the quickest first."""
        tests = [test for test in self.cost_s if not lines or lines & self.lines[test].get(file, frozenset())]
        return sorted(tests, key=self.cost_s.__getitem__)

    def save(self, path: Path) -> None:
        """As JSON."""
        found = {test: {file: sorted(lines) for file, lines in files.items()} for test, files in self.lines.items()}
        path.write_text(json.dumps({"cost_s": self.cost_s, "lines": found, "broken": self.broken}))


def load(path: Path) -> Reach:
    """Raises FileNotFoundError."""
    kept = json.loads(path.read_text())
    lines = {test: {file: frozenset(some) for file, some in files.items()} for test, files in kept["lines"].items()}
    return Reach(kept["cost_s"], lines, kept["broken"])


class Watch:
    """A plugin for pytest that fills a Reach; `files`: path of each mutated file on the disk, and its name."""

    def __init__(self, files: dict[str, str], path: Path) -> None:
        self.files = files
        self.path = path
        self.reach = Reach({}, {})
        self._left: dict[int, set[int]] = {}
        self._of: dict[int, tuple[str, frozenset[int]]] = {}
        self._codes: list[Any] = []  # kept, so that no two have one id

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._left, self._of, self._codes = {}, {}, []
        began_s = time.process_time()
        sys.settrace(self._calls)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.reach.cost_s[item.nodeid] = round(time.process_time() - began_s, 3)
            came: dict[str, frozenset[int]] = {}
            for code, (file, lines) in self._of.items():
                came[file] = came.get(file, frozenset()) | lines - self._left[code]
            self.reach.lines[item.nodeid] = came

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.reach.broken = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.reach.broken = report.nodeid

    def pytest_sessionfinish(self) -> None:
        self.reach.save(self.path)

    def _calls(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        code = frame.f_code
        left = self._left.get(id(code))
        if left is None:
            file = self.files.get(code.co_filename)
            lines = frozenset(line for *_, line in code.co_lines() if line) if file else frozenset()
            left = self._left[id(code)] = set(lines)
            self._codes.append(code)
            if file:
                self._of[id(code)] = (file, lines)
        return self._lines if left else None  # what has been seen whole is not watched any more

    def _lines(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            self._left[id(frame.f_code)].discard(frame.f_lineno)
        return self._lines
