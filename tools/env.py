"""The project's own environment: `.venv` and what is installed into it, part by part, each part once.

A part is installed from a file that pins every package of it. The content of that file is kept as the part's stamp: as long as they are
equal nothing is installed, and no network is needed.
"""
import contextlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TYPINGS = ROOT / ".typings"
WASM = ROOT / "tools" / "wasm"
AXE = ROOT / "tools" / "panel" / "axe"
_BIN, _EXE = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")
PYTHON = VENV / _BIN / f"python{_EXE}"
_MADE = VENV / ".made"  # written last: an interrupted start leaves a .venv that has a python and no pip


class SetupError(Exception):
    """The environment cannot be made; the text says why and what helps."""


def program(name: str) -> Path:
    """Path of a command that a package has put into `.venv` (it need not exist)."""
    return VENV / _BIN / f"{name}{_EXE}"


def _call(command: list[str], what: str, cwd: Path = ROOT) -> None:
    environ = {**os.environ, "PATH": f"{VENV / _BIN}{os.pathsep}{os.environ.get('PATH', '')}"}  # npm finds its node by PATH
    done = subprocess.run(command, cwd=cwd, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        last = "\n".join(f"    {line}" for line in done.stdout.strip().splitlines()[-6:])
        raise SetupError(f"{last}\n{what} failed. It needs the network, or a mirror that pip and npm are configured for; "
                         "nothing is half installed, the same command tries again.")


def _pip(pins: Path, *options: str) -> None:
    # --no-deps: the files pin the complete closure, so that a new release of a dependency changes nothing here
    _call([str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", *options,
           "-r", str(pins)], f"Installing {pins.relative_to(ROOT)}")


def _install_typings(pins: Path) -> None:
    # a folder of its own: beside real packages the stubs would shadow `requests`, `asyncio` and others
    shutil.rmtree(TYPINGS, ignore_errors=True)
    _pip(pins, "--target", str(TYPINGS))


def _npm(pins: Path) -> None:
    npm = [shutil.which("npm", path=str(VENV / _BIN)) or "npm"]
    _call([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], f"Installing {pins.relative_to(ROOT)}", pins.parent)


@dataclass(frozen=True)
class Part:
    pins: Path
    stamp: Path
    install: Callable[[Path], None]


def _packages(name: str) -> Part:
    return Part(ROOT / "tools" / "requirements" / f"{name}.txt", VENV / f".installed-{name}", _pip)


PARTS = {
    "run": _packages("run"),
    "test": _packages("test"),
    "radio": _packages("radio"),
    "cli": _packages("cli"),
    "deploy": _packages("deploy"),
    "lint": _packages("lint"),
    "typings": Part(ROOT / "tools" / "requirements" / "typings.txt", TYPINGS / ".installed", _install_typings),
    "browser": _packages("browser"),
    "wasm": Part(WASM / "package-lock.json", WASM / "node_modules" / ".installed", _npm),
    "axe": Part(AXE / "package-lock.json", AXE / "node_modules" / ".installed", _npm),
}


def is_installed(name: str) -> bool:
    """True when the part is installed as its file pins it now."""
    part = PARTS[name]
    return PYTHON.exists() and part.stamp.exists() and part.stamp.read_bytes() == part.pins.read_bytes()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two targets started at once must not install into one folder together (not held on Windows, which has no fcntl)."""
    if os.name == "nt":
        yield
        return
    import fcntl
    with open(ROOT / ".installing", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_venv() -> None:
    if PYTHON.exists() and _MADE.exists():
        return
    print(f"making .venv with Python {sys.version_info[0]}.{sys.version_info[1]}", file=sys.stderr, flush=True)
    try:
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=os.name != "nt").create(VENV)
    except (subprocess.CalledProcessError, OSError, SystemExit) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(f"Python cannot make a virtual environment here ({error}).\n"
                         "On Debian and Ubuntu: apt install python3-venv") from error
    _MADE.touch()


def prepare(names: Iterable[str]) -> None:
    """Install those of the named parts that are missing or out of date, in this order. Raises SetupError."""
    names = tuple(names)
    if all(map(is_installed, names)):
        return
    with _alone():
        _make_venv()
        for name in names:
            if not is_installed(name):
                part = PARTS[name]
                print(f"installing {part.pins.relative_to(ROOT).as_posix()}", file=sys.stderr, flush=True)
                part.stamp.unlink(missing_ok=True)
                part.install(part.pins)
                part.stamp.write_bytes(part.pins.read_bytes())
