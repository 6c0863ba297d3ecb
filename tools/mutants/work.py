"""Runs tests on one mutant, in a process of its own that has a firmware folder of its own.

The process is forked from one that has imported everything but the firmware, so a mutant costs little more than the test that kills it.
"""

from __future__ import annotations

import compileall
import importlib
import importlib.util
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tools.mutants.hunt import IMPORTS_S, Hunt, Result
from tools.mutants.reach import Watch, marked
from tools.mutants.stage import Stage, StagePipe
from tools.mutants.targets import FILES, FIRMWARE, ROOT
from tools.simulator import loader

LONGEST_S = 1800
STAYS = re.compile(r"tools(\.mutants.*|\.simulator(\.(loader|signals|tape|pads|clock|fake_\w+))?)?$")
"""Modules that hold nothing of the firmware, and the compiled files."""
SILENT = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:xdist", "--no-header", "--tb=no", "-W", "ignore",
          "--assert=plain")  # fmt: skip
BEFOREHAND = ("hypothesis", "hypothesis.strategies", "numpy", "unittest.mock")


class Folder:
    """A copy of the firmware in which one file at a time is exchanged."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="peristal-mutants-"))
        self.firmware = self.path / "firmware"
        shutil.copytree(FIRMWARE, self.firmware, ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(str(self.firmware), quiet=2)
        for path in self.firmware.rglob("*.py"):  # and once more as the simulated chip wants it
            loader.compile_source(path.read_bytes(), str(path))
        for module in BEFOREHAND:
            importlib.import_module(module)

    def remove(self) -> None:
        """Deletes it."""
        shutil.rmtree(self.path, ignore_errors=True)

    def run(
        self,
        name: str,
        source: str | None,
        tests: Sequence[str],
        only: Sequence[str] | None = None,
        first: Sequence[str] = (),
        most_s: Mapping[str, float] | None = None,
    ) -> Result:
        """Runs test files with this file exchanged (None: as it is).

        `only`: these tests of them alone, in this order; else the ones of `first` come before all others. A mutant with which a test
        takes more than its `most_s` of the processor's time never ends, and is killed by that test.
        """
        began_s = time.monotonic()
        if source is not None:
            self._put(name, source)
        note = self.path / "note"
        note.write_text("")
        ended = self._fork([*SILENT, *tests], lambda: Hunt(note, only, first, most_s), IMPORTS_S)
        if source is not None:
            shutil.copyfile(FIRMWARE / name, self.firmware / name)
        return Result.of(note.read_text(), ended, round(time.monotonic() - began_s, 2))

    def stage(self, tests: Sequence[str]) -> StagePipe:
        """A process that has collected these tests and waits for mutants."""
        ask, answer = os.pipe(), os.pipe()
        note = self.path / "stage"
        child = os.fork()
        if child == 0:
            for end in (ask[1], answer[0]):
                os.close(end)
            self._child([*SILENT, *tests], lambda: Stage(self.firmware, note, ask[0], answer[1]), 0.0)
        for end in (ask[0], answer[1]):
            os.close(end)
        return StagePipe(child, note, ask[1], answer[0])

    def reach(self, tests: Sequence[str], kept: Path) -> None:
        """Writes which of these tests comes by which lines."""
        spans = {}
        for name in FILES:
            source, spans[name] = marked((FIRMWARE / name).read_text(), name)
            self._put(name, source)

        def plugin() -> Watch:
            watch = Watch(spans, kept)
            build: Any = loader.build_builtins
            loader.build_builtins = lambda *given: {**build(*given), **watch.names()}
            return watch

        self._fork([*SILENT, *tests], plugin, 0.0)
        for name in FILES:
            shutil.copyfile(FIRMWARE / name, self.firmware / name)

    def _put(self, name: str, source: str) -> None:
        (self.firmware / name).write_text(source)
        Path(importlib.util.cache_from_source(str(self.firmware / name))).unlink(missing_ok=True)

    def _fork(self, arguments: list[str], plugin: Callable[[], Any], imports_s: float) -> bool:
        """Runs pytest in a child; False when it had to be ended."""
        began_s = time.monotonic()
        child = os.fork()
        if child == 0:
            self._child(arguments, plugin, imports_s)
        while (found := os.waitpid(child, os.WNOHANG)) == (0, 0):
            if time.monotonic() - began_s > LONGEST_S:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return False
            time.sleep(0.005)
        return not os.WIFSIGNALED(found[1])

    def _child(self, arguments: list[str], plugin: Callable[[], Any], imports_s: float) -> Any:
        status = 1
        try:
            os.chdir(ROOT)
            signal.setitimer(signal.ITIMER_PROF, imports_s)
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
            import peristal  # the package first: wherever pytest looks later, its modules come from this folder

            assert str(peristal.__file__).startswith(str(self.firmware))
            importlib.import_module("tools.simulator.quicker")  # this copy of the model, too, remembers what it has worked out
            status = int(pytest.main(arguments, plugins=[plugin()]))
        finally:
            os._exit(status)
