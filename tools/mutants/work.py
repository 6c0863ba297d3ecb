"""Runs the tests on one mutant, in a process of its own that has a firmware folder of its own.

The process is forked from one that has imported everything but the firmware, so a mutant costs little more than the test that kills it.
"""

from __future__ import annotations

import compileall
import importlib.util
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.mutants.targets import FIRMWARE, ROOT
from tools.simulator import loader

LONGEST_S = 300
STAYS = re.compile(r"tools(\.mutants.*|\.simulator(\.(loader|signals|tape|pads|clock|fake_\w+))?)?$")
"""Modules that hold nothing of the firmware, and the compiled files."""
SILENT = ("-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no", "-W", "ignore")


@dataclass
class Result:
    """`killer`: the test that failed first (empty: the mutant survived); `took_s`: how long it took."""

    killer: str
    took_s: float


class _Watch:
    """Notes which test runs and which fails, in a file that outlives the process; puts the likeliest killers first."""

    def __init__(self, note: Path, first: Sequence[str]) -> None:
        self.note = note
        self.rank = {test: place for place, test in enumerate(first)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self.rank.get(item.nodeid, len(self.rank)))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.note.write_text(f"ran {nodeid}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.note.write_text(f"failed {report.nodeid}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.note.write_text(f"failed {report.nodeid} (it cannot be imported)")

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus == 0:
            self.note.write_text("survived")


class Folder:
    """A copy of the firmware in which one file at a time is exchanged."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="peristal-mutants-"))
        self.firmware = self.path / "firmware"
        shutil.copytree(FIRMWARE, self.firmware, ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(str(self.firmware), quiet=2)
        for path in self.firmware.rglob("*.py"):  # and once more as the simulated chip wants it
            loader.compile_source(path.read_bytes(), str(path))

    def remove(self) -> None:
        """Deletes it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def run(self, name: str, source: str | None, tests: Sequence[str], first: Sequence[str]) -> Result:
        """Runs the tests with this file exchanged (None: as it is), the ones of `first` before all others."""
        began_s = time.monotonic()
        if source is not None:
            (self.firmware / name).write_text(source)
            Path(importlib.util.cache_from_source(str(self.firmware / name))).unlink(missing_ok=True)
        note = self.path / "note"
        note.write_text("")
        child = os.fork()
        if child == 0:
            self._child(note, tests, first)
        killed_by_time = False
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if time.monotonic() - began_s > LONGEST_S:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                killed_by_time = True
                break
            time.sleep(0.01)
        if source is not None:
            shutil.copyfile(FIRMWARE / name, self.firmware / name)
        said, _, test = note.read_text().partition(" ")
        took_s = round(time.monotonic() - began_s, 2)
        if said == "survived":
            return Result("", took_s)
        return Result(test + (" (never ended)" if killed_by_time else "") or "the tests could not begin", took_s)

    def _child(self, note: Path, tests: Sequence[str], first: Sequence[str]) -> Any:
        os.chdir(ROOT)
        silent = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silent, stream)
        sys.dont_write_bytecode = True
        sys.path[:] = [str(self.firmware), str(ROOT), *(path for path in sys.path if Path(path).resolve() != FIRMWARE)]
        for name in list(sys.modules):
            if name.partition(".")[0] in ("peristal", "host_tests", "tools", "board") and not STAYS.match(name):
                del sys.modules[name]  # a caller may have imported the firmware as it is
        from tools.simulator import chip

        defaults: Any = chip.Chip.__init__.__kwdefaults__
        defaults["firmware"] = self.firmware
        chip.FIRMWARE = self.firmware
        status = 1
        import peristal  # the package first: wherever pytest looks later, its modules come from this folder

        assert str(peristal.__file__).startswith(str(self.firmware))
        try:
            status = int(pytest.main([*SILENT, *tests], plugins=[_Watch(note, first)]))
        finally:
            os._exit(status)
