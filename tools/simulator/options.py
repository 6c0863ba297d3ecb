"""What `make run` can be asked for: every name and range comes from the firmware's own tables."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from peristal.core import limits, modes, presets
from tools.simulator import boards

BUILD = Path(__file__).resolve().parents[2] / "build"
BOARD = "esp32_manifold"
SPEEDS = (0.1, 1000.0)
EASY_SPEED = 30.0  # the default session on a terminal: fast enough to see it all, slow enough to follow a cycle
WATCH_S = 50.0  # a longer session is accelerated more, so that watching it takes no longer than this
SEEDS = (0, 2**31 - 1)
USAGE_ERROR = 2


@dataclass(frozen=True)
class Options:
    """One run. `speed` is virtual over real time, None as fast as the machine can."""

    board: str
    program: str
    mmhg: int
    minutes: int
    comfort: bool
    speed: float | None
    seed: int
    csv: Path
    png: Path
    radio: str | None = None


def parse(argv: list[str], on_terminal: bool) -> Options:
    """The options of a command line; leaves with status 2 and the allowed range for a bad value, with 0 after --help and --list."""
    parser = _parser()
    given = parser.parse_args(argv)
    if given.list:
        print(listing())
        parser.exit()
    if given.csv.resolve() == given.png.resolve():
        parser.error(f"argument --png: {str(given.png)!r} is not allowed; allowed: another file than --csv")
    row = presets.find(given.program)
    assert row is not None
    mmhg = _within(parser, "mmhg", "pressure_mmhg", row[2], given.mmhg)
    minutes = _within(parser, "minutes", "minutes", row[3], given.minutes)
    speed = given.speed
    if given.radio is not None:
        if speed not in (0, 1):
            parser.error("argument --speed: with --radio only 1 is allowed: a real phone lives in real time")
        speed = 1.0
    if speed == 0:
        speed = max(EASY_SPEED, minutes * 60 / WATCH_S) if on_terminal else None
    for path in (given.csv, given.png):
        _ensure_build(path)
    return Options(given.board, given.program, mmhg, minutes, given.comfort == "on", speed, given.seed, given.csv, given.png, given.radio)


def listing() -> str:
    """Boards, presets, modes and ranges, as --list prints them."""
    lines = ["boards"]
    lines.append(boards.titles())
    lines.append("presets")
    for name, mode, mmhg, minutes, source in presets.PRESETS:
        figures = f"{mode}, {mmhg[0]}-{mmhg[2]} mmHg ({mmhg[1]}), {minutes[0]}-{minutes[2]} min ({minutes[1]})"
        lines.append(f"  {name:<22}{figures:<54}{source}")
    lines.append("modes")
    lines += [f"  {name:<22}{modes.build(name, 4).source}" for name in modes.names()]
    lines.append("ranges")
    for option, name in (("--mmhg", "pressure_mmhg"), ("--minutes", "minutes")):
        lines.append(f"  {option:<22}{_range(name)}, {limits.default(name)} by default")
    lines.append(f"  {'--speed':<22}{_speeds()}")
    lines.append(f"  {'--seed':<22}{SEEDS[0]} to {SEEDS[1]}")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make run",
        usage='make run ARGS="[options]"   or   python3 tools/dev.py run [options]',
        description="Runs a session of the firmware on a simulated board, from power-on to deflated legs, and draws what every zone felt.",
        epilog="Status: 0 done, 1 the firmware ended or stood still, 2 a bad value, 3 the session ended in a fault, 130 Ctrl-C.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    board = os.environ.get("BOARD") or BOARD  # make run BOARD=..., as the other targets have it; checked like an option
    add("--board", metavar="NAME", type=board_name, default=board, help=f"{', '.join(boards.names())} (default {BOARD})")
    first = modes.names()[0]
    names = presets.names()
    add("--program", metavar="NAME", type=_name(names), default=first, help=f"a preset or a mode: {', '.join(names)} (default {first})")
    for option, name in (("--mmhg", "pressure_mmhg"), ("--minutes", "minutes")):
        own = f"{limits.default(name)}, or the preset's own, within its range"
        add(option, metavar="N", type=_limited(name), help=f"{_range(name)} (default {own})")
    add("--comfort", choices=("on", "off"), default="on", help="the first two cycles rise to the set pressure (default on)")
    paced = f"x{EASY_SPEED:g} or more on a terminal so that it ends within a minute, else max"
    add("--speed", metavar="X|max", type=_speed, default=0.0, help=f"virtual time over real time: {_speeds()} (default {paced})")
    add("--seed", metavar="N", type=_seed, default=1, help="another pair and wearer: sensor errors, volumes, pump, movement (default 1)")
    for option in ("csv", "png"):
        says = "every sample as a table" if option == "csv" else "the picture"
        add(f"--{option}", metavar="FILE", type=_file, default=BUILD / f"session.{option}", help=f"{says} (default build/session.{option})")
    says = "lets real phones see the pair through this Bluetooth controller: usb:0, or any other of Bumble's transports"
    add("--radio", metavar="TRANSPORT", help=says)
    add("--list", action="store_true", help="boards, programs and ranges")
    return parser


def _within(parser: argparse.ArgumentParser, option: str, name: str, allowed: tuple[int, int | None, int], value: int | None) -> int:
    """The value or its default; what is outside of a preset's range is refused."""
    low, default, high = allowed
    if value is None:
        return limits.default(name) if default is None else default
    why = limits.outside(f"argument --{option}", value, low, high, f" {limits.LIMITS[name][3]}")
    if why:
        parser.error(why)
    return value


def _range(name: str) -> str:
    low, _, high, unit, _ = limits.LIMITS[name]
    return f"{low} to {high} {unit}"


def _speeds() -> str:
    return f"{SPEEDS[0]:g} to {SPEEDS[1]:g}, or max"


def _refused(text: str, allowed: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: {allowed}")


def _name(names: list[str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in names:
            raise _refused(text, ", ".join(names))
        return text

    return check


def board_name(text: str) -> str:
    """The name of a board that can be used; for argparse's type=."""
    name = _name(boards.names())(text)
    broken = boards.why_not(name)
    if broken:
        raise argparse.ArgumentTypeError(f"{name!r} cannot be used: {broken}")
    return name


def _whole(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def _limited(name: str) -> Callable[[str], int]:
    def check(text: str) -> int:
        value = _whole(text)
        why = limits.refuse(name, value)
        if why or isinstance(value, str):
            raise argparse.ArgumentTypeError((why or text).removeprefix(f"{name}: "))
        return value

    return check


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        value = float(text.removeprefix("x"))
    except ValueError:
        value = 0.0
    if not SPEEDS[0] <= value <= SPEEDS[1]:
        raise _refused(text, _speeds())
    return value


def _seed(text: str) -> int:
    value = _whole(text)
    if isinstance(value, str) or not SEEDS[0] <= value <= SEEDS[1]:
        raise _refused(text, f"{SEEDS[0]} to {SEEDS[1]}")
    return value


def _ensure_build(path: Path) -> None:
    """The checkout's build folder is made when something goes there; another folder that does not exist is a mistyped one."""
    if path.absolute().parent == BUILD:
        BUILD.mkdir(exist_ok=True)


def _file(text: str) -> Path:
    """Checked before the session, so that its result is not lost after it."""
    path = Path(text)
    _ensure_build(path)
    if path.is_dir() or not path.parent.is_dir():
        raise _refused(text, "a file in a folder that exists")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise _refused(text, "a file that may be written")
    return path.absolute()
