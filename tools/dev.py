#!/usr/bin/env python3
"""The one entry command: `python3 tools/dev.py TARGET [ARGS...]`, or `make TARGET ARGS="..."`.

Needs Python 3.11 or newer and nothing else: the first call of a target makes `.venv` in the checkout and installs the pinned packages
that this target needs, later calls install nothing. Exits with the target's own status, or with 2 when the target is unknown or cannot
be set up.
"""
import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (an older Python must be able to read this file up to here and below)
    sys.stderr.write("This is Python {}.{}; Peristal's tools need 3.11 or newer.\n".format(*sys.version_info[:2]))
    sys.stderr.write("Name another one: make PYTHON=python3.12 ...   or   python3.12 tools/dev.py ...\n")
    sys.exit(2)

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # so that this file as a script and `tools.env` see the same packages

from tools import env  # noqa: E402  (needs the line above)


def module(name: str, *first: str, in_root: bool = True) -> Callable[[list[str]], int]:
    """A target that becomes `python -m NAME FIRST... ARGS...` in the project's environment.

    `in_root`: run in the checkout; False keeps the caller's directory, so that file names among the arguments mean what the caller meant.
    """
    def start(args: list[str]) -> int:
        if in_root:
            os.chdir(ROOT)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), str(ROOT / "firmware"), os.environ.get("PYTHONPATH")]))
        command = [str(env.PYTHON), "-P", "-m", name, *first, *args]
        if os.name == "nt":  # execv on Windows returns to the prompt before the program has ended
            return subprocess.call(command)
        sys.stdout.flush()
        os.execv(command[0], command)
    return start


def test(args: list[str]) -> int:
    """pytest. Who wants no compiled files beside the sources gets them in build/: without any, each worker would spend 13 s on compiling
    the tests anew in every run, and each process that a test starts one on the tools."""
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / "build" / "pycache"))
    return module("pytest", *WORKERS)(args)


def lint(args: list[str]) -> int:
    """Run every checker even if one complains; ARGS go to ruff (for example --fix). Returns 0 when all are content."""
    os.chdir(ROOT)
    commands = [
        [str(env.program("ruff")), "check", *args],
        [str(env.program("basedpyright")), "-p", "firmware"],  # device files, against the ESP32 stubs in .typings
        [str(env.program("basedpyright"))],                    # host files, against CPython
    ]
    return max([subprocess.call(command) for command in commands])


def deploy(name: str, *first: str) -> Callable[[list[str]], int]:
    """A target of tools/deploy; file names mean what they mean where the caller is."""
    return module(f"tools.deploy.{name}", *first, in_root=False)


def show_help(_args: list[str]) -> int:
    """Print the table of targets."""
    print('make TARGET [ARGS="..."]   or, without make:   python3 tools/dev.py TARGET [...]\n')
    for name, target in TARGETS.items():
        print(f"  {name:<10}{target.line}")
    return 0


@dataclass(frozen=True)
class Target:
    line: str
    needs: tuple[str, ...]  # names of env.PARTS
    start: Callable[[list[str]], int]


# One worker more than a small machine has cores: tests of the radio, the browser and the cable wait a lot. A file stays in one worker, for
# what its tests share, and conftest.py has put the longest first.
WORKERS = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")
TESTED = ("run", "test", "radio", "deploy", "cli", "wasm")
TARGETS = {
    "run": Target('a session on the simulated board (ARGS="--help" lists its options)', ("run",), module("tools.simulator", in_root=False)),
    "test": Target("all tests (ARGS go to pytest)", (*TESTED, "browser", "axe"), test),
    "campaign": Target("the long, resumable tests", TESTED, module("host_tests.campaign")),
    "faults": Target("each fault in sessions, and what came of it (SEED=n)", ("run", "test"), module("host_tests.fault_command")),
    "mutants": Target("limits taken away one by one, and the test that notices", ("run", "test"), module("tools.mutants")),
    "bench": Target(
        "what the firmware costs, then the regulator against its peers (SEEDS=a..b)", TESTED, module("tools.bench", "--after-budgets")
    ),
    "report": Target("a recorded session as a page that stands alone ([LOG=file])", ("run",), module("tools.report", in_root=False)),
    "peristal": Target('the legs from a terminal (ARGS="--sim status"; ARGS="--help")', ("cli",), module("tools.cli", in_root=False)),
    "check": Target("a board file against chip and physics (BOARD=name)", ("run",), module("tools.boards.check", in_root=False)),
    "new-board": Target("asks a few questions and writes a board file (NAME=name)", ("run",), module("tools.boards.new")),
    "mpy": Target("everything for a board, compiled for its chip, and a littlefs image (BOARD=name)", ("run", "deploy"), deploy("build")),
    "install": Target("MicroPython onto a blank chip (PORT=port FIRMWARE=file.bin)", ("run", "deploy"), deploy("install")),
    "flash": Target("the firmware onto a board; copies what changed (BOARD=name [PORT=port])", ("run", "deploy"), deploy("flash")),
    "console": Target("the firmware's console over USB ([PORT=port])", ("run", "deploy"), deploy("console", "console")),
    "logs": Target("status, fault and journal of a device ([PORT=port])", ("run", "deploy"), deploy("console", "logs")),
    "backup": Target("what a device has stored, into a file (FILE=name [PORT=port])", ("run", "deploy"), deploy("backup", "backup")),
    "restore": Target("checked and put back (FILE=name [PORT=port])", ("run", "deploy"), deploy("backup", "restore")),
    "replay": Target("a recorded session on a connected board, nothing attached (BOARD=name [PORT=port])", TESTED, deploy("replay")),
    "panel": Target("the panel in a browser, with a simulated pair (ARGS=--help)", ("run", "radio"), module("tools.panel")),
    "pictures": Target("the pictures of the modes, from real sessions (ARGS names some)", ("run",), module("tools.programs")),
    "documents": Target("writes the generated documents anew", ("run", "cli"), module("tools.boards.documents")),
    "fuzz": Target("random Bluetooth writes in a session (SEED=n picks them)", ("run", "test", "radio"), module("host_tests.ble_fuzz")),
    "lint": Target("ruff and pyright, the firmware against the ESP32 stubs", (*TESTED[:-1], "browser", "lint", "typings"), lint),
    "help": Target("this list", (), show_help),
}


def main(argv: list[str]) -> int:
    """Prepare the environment of argv[0] and start it with the rest of argv; no argument is `help`."""
    name = argv[0] if argv else "help"
    if name in ("-h", "--help"):
        name = "help"
    target = TARGETS.get(name)
    if target is None:
        print(f"no target {name!r}: allowed are {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    try:
        env.prepare(target.needs)
    except env.SetupError as error:
        print(error, file=sys.stderr)
        return 2
    return target.start(argv[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
