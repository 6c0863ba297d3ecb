"""Which quick test comes by which lines of the mutated files, and what it costs: found once for the sources as they are, and kept.

Each statement of a copy of the firmware leaves a mark before it runs: that costs a few percent, where a tracer would cost tenfold.
"""

from __future__ import annotations

import ast
import builtins
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

Spans = dict[int, int]
"""First and last line of a statement; of a compound one, of what is run before its body."""


@dataclass
class Reach:
    """`cost_s[test]`: CPU seconds; `lines[test][file]`: what it came by; `broken`: a test that fails as things are.

    `files`: the fingerprint of each file of tests that was looked at.
    """

    cost_s: dict[str, float]
    lines: dict[str, dict[str, frozenset[int]]]
    broken: str = ""
    files: dict[str, str] = field(default_factory=dict)

    def only(self, files: dict[str, str]) -> Reach:
        """What is known of files of tests with these fingerprints."""
        same = {file: kept for file, kept in self.files.items() if files.get(file) == kept}
        tests = [test for test in self.cost_s if test.partition("::")[0] in same]
        return Reach({test: self.cost_s[test] for test in tests}, {test: self.lines[test] for test in tests}, "", same)

    def with_(self, other: Reach, files: dict[str, str]) -> Reach:
        """With what was seen of these files."""
        return Reach({**self.cost_s, **other.cost_s}, {**self.lines, **other.lines}, other.broken, {**self.files, **files})

    def by(self, file: str, lines: frozenset[int]) -> list[str]:
        """The tests that come by one of these lines (no lines: all tests), the quickest first."""
        tests = [test for test in self.cost_s if not lines or lines & self.lines[test].get(file, frozenset())]
        return sorted(tests, key=self.cost_s.__getitem__)

    def save(self, path: Path) -> None:
        """As JSON."""
        found = {test: {file: sorted(lines) for file, lines in files.items()} for test, files in self.lines.items()}
        path.write_text(json.dumps({"cost_s": self.cost_s, "lines": found, "broken": self.broken, "files": self.files}))


def load(path: Path) -> Reach:
    """Nothing is known when there is no such file."""
    if not path.exists():
        return Reach({}, {})
    kept = json.loads(path.read_text())
    lines = {test: {file: frozenset(some) for file, some in files.items()} for test, files in kept["lines"].items()}
    return Reach(kept["cost_s"], lines, kept["broken"], kept["files"])


def marks_name(file: str) -> str:
    """Of the bytes in which a file's statements leave their marks."""
    return "came_by_" + "".join(letter if letter.isalnum() else "_" for letter in file)


def marked(source: str, file: str) -> tuple[str, Spans]:
    """The source with a mark before each statement of its functions, and where each of them ends."""
    tree = ast.parse(source)
    spans: Spans = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) or not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        last = body[0].lineno - 1 if body else node.end_lineno or node.lineno
        spans[node.lineno] = max(node.lineno, last, spans.get(node.lineno, 0))
    for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
        _mark(function, marks_name(file))
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n", spans


def _mark(node: ast.AST, name: str) -> None:
    for part in ("body", "orelse", "finalbody"):
        block = getattr(node, part, None)
        if not isinstance(block, list):
            continue
        new: list[ast.stmt] = []
        for statement in block:
            if not isinstance(statement, (ast.FunctionDef, ast.Global, ast.Nonlocal)):
                _mark(statement, name)
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):  # a docstring stays the first
                new += ast.parse(f"{name}[{statement.lineno}] = 1").body
            new.append(statement)
        setattr(node, part, new)
    for handler in getattr(node, "handlers", ()):
        _mark(handler, name)


class Watch:
    """A plugin for pytest that fills a Reach from the marks of each file."""

    def __init__(self, files: dict[str, Spans], path: Path) -> None:
        self.files = files
        self.path = path
        self.reach = Reach({}, {})
        self.marks = {file: bytearray(max(spans.values(), default=0) + 1) for file, spans in files.items()}
        for name, marks in self.names().items():
            setattr(builtins, name, marks)

    def names(self) -> dict[str, bytearray]:
        """What a world of the simulator needs among its builtins."""
        return {marks_name(file): marks for file, marks in self.marks.items()}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        for marks in self.marks.values():
            marks[:] = bytes(len(marks))
        began_s = time.process_time()
        try:
            return (yield)
        finally:
            self.reach.cost_s[item.nodeid] = round(time.process_time() - began_s, 4)
            self.reach.lines[item.nodeid] = {
                file: frozenset(line for first, mark in enumerate(marks) if mark for line in range(first, self.files[file][first] + 1))
                for file, marks in self.marks.items()
                if any(marks)
            }

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self.reach.broken = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.reach.broken = report.nodeid

    def pytest_sessionfinish(self) -> None:
        self.reach.save(self.path)
