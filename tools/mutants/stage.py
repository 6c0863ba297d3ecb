"""A process in which the quick tests are collected once. Each mutant gets a fork of it, in which the code of one function is exchanged.

That costs a few milliseconds, where a start of pytest and of the firmware would cost half a second. What is not inside a function (a
figure at the top of a file, which others have copied already) cannot be exchanged so: `swaps` says so, and Folder.run does it.
"""

from __future__ import annotations

import ast
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tools.mutants.hunt import Hunt, Result
from tools.simulator import loader

NOTHING = compile("", "nothing", "exec")


def swaps(original: str, changed: str) -> dict[str, CodeType] | None:
    """The code of each function that differs, by its qualified name; None: something outside of functions does."""
    before = compile(ast.unparse(ast.parse(original)), "firmware", "exec")
    after = compile(changed, "firmware", "exec")
    found: dict[str, CodeType] = {}
    return found if _compare(before, after, found, inside=False) else None


def _compare(before: CodeType, after: CodeType, found: dict[str, CodeType], *, inside: bool) -> bool:
    functions = [[const for const in code.co_consts if isinstance(const, CodeType)] for code in (before, after)]
    same = _shape(before) == _shape(after) and len(functions[0]) == len(functions[1])
    if inside:
        if not same or any(_shape(a) != _shape(b) for a, b in zip(*functions, strict=True)):
            found[before.co_qualname] = after
        return True
    if not same:
        return False
    for a, b in zip(*functions, strict=True):
        is_function = bool(a.co_flags & 1)  # CO_OPTIMIZED: a function, not the body of a class
        if not _compare(a, b, found, inside=is_function):
            return False
    return True


def _shape(code: CodeType) -> tuple[Any, ...]:
    consts = [NOTHING.co_code if isinstance(const, CodeType) else (type(const), const) for const in code.co_consts]
    return code.co_code, consts, code.co_names, code.co_varnames, code.co_freevars


def exchange(module: ModuleType, codes: dict[str, CodeType]) -> None:
    """Puts the code into the functions of a module that has been imported."""
    for qualified, code in codes.items():
        held: Any = module
        for part in qualified.split("."):
            held = held.__dict__[part]
        function = held.fget if isinstance(held, property) else held
        assert isinstance(function, FunctionType), qualified
        function.__code__ = code


class Stage:
    """The plugin: serves mutants, a line of JSON each, instead of running what was collected."""

    def __init__(self, firmware: Path, note: Path, asked: int, answered: int) -> None:
        self.firmware = firmware
        self.note = note
        self.asked = asked
        self.answered = answered
        self.hunt = Hunt(note)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        from host_tests.guard_desk import TOPOLOGIES, Desk  # here: of the firmware that has been copied

        for topology in TOPOLOGIES:
            Desk(topology)  # what a board's parts can do is worked out before the first fork
        session.config.pluginmanager.register(self.hunt)
        os.write(self.answered, b"ready\n")
        for task in _lines(self.asked):
            self.note.write_text("")
            child = os.fork()
            if child == 0:
                self._child(items, **task)
            _, status = os.waitpid(child, 0)
            os.write(self.answered, f"{status}\n".encode())
        return True

    def _child(self, items: dict[str, pytest.Item], name: str, source: str, only: list[str], most_s: dict[str, float]) -> None:
        self.hunt.most_s = most_s
        path = self.firmware / name
        original = path.read_bytes()
        codes = swaps(original.decode(), source) or {}
        module = sys.modules.get(name.removesuffix(".py").replace("/", "."))
        if module is not None:
            exchange(module, codes)
        # A simulated chip reads the file, and finds the compiled one of another.
        loader._compiled[(str(path), original)] = loader.compile_source(source.encode(), str(path))
        for test in only:
            self.hunt.pytest_runtest_logstart(test)
            item = items[test]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if self.hunt.failed:
                os._exit(1)
        self.note.write_text("survived")
        os._exit(0)


def _lines(pipe: int) -> Iterator[Any]:
    with os.fdopen(pipe) as file:
        for line in file:
            yield json.loads(line)


class StagePipe:
    """The other end: `run` asks for one mutant. Made only when all has been imported: from then on the folder may be changed."""

    def __init__(self, process: int, note: Path, ask: int, answer: int) -> None:
        self.process = process
        self.note = note
        self._ask = os.fdopen(ask, "w")
        self._answer = os.fdopen(answer)
        self._read()

    def run(self, name: str, source: str, only: Sequence[str], most_s: Mapping[str, float]) -> Result:
        """As Folder.run."""
        began_s = time.monotonic()
        limits = {test: most_s[test] for test in only if test in most_s}
        self._ask.write(json.dumps({"name": name, "source": source, "only": list(only), "most_s": limits}) + "\n")
        self._ask.flush()
        status = int(self._read())
        return Result.of(self.note.read_text(), not os.WIFSIGNALED(status), round(time.monotonic() - began_s, 2))

    def _read(self) -> str:
        answer = self._answer.readline()
        if not answer:
            raise RuntimeError("the stage has ended; it cannot collect the quick tests")
        return answer

    def close(self) -> None:
        """Ends the process."""
        self._ask.close()
        os.waitpid(self.process, 0)
        self._answer.close()
