"""What can be asked for: one parser, the words of `peristal --help`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from tools.cli.trouble import CODES

SETTINGS = {  # word: what the console calls it, what is allowed; "" where only the device knows
    "pressure": "mmHg", "minutes": "minutes", "program": "a name; program list --all lists them", "quiet": "on, off",
    "cap": "mmHg, the most any zone ever gets", "comfort": "on, off", "leg": "both, 1, 2", "legs": "together, alternating, offset",
    "pace": "percent", "breathing": "minutes: 0, 2, 3", "name": "up to 28 characters", "link": "finish, soften, stop", "time": "now",
}  # fmt: skip
WAYS = {"finish", "soften", "stop"}
DESCRIPTION = "Compression boots from a terminal or a script: over Bluetooth, or with --sim a simulated pair with the very same packets."
LONGEST_S = 24 * 3600.0


def number(low: float, high: float, whole: bool = True) -> Any:
    """A type for argparse that names the allowed range."""

    def check(text: str) -> float:
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            shown = f"{low} to {high}" if whole else f"{low:g} to {high:g}"
            raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: {shown}")
        return value

    return check


def new_file(text: str) -> Path:
    """A type for argparse: where a file can be written, which is asked before anything is sent to a device."""
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: a file in a folder that exists")
    return path


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    add = common.add_argument
    add("--device", metavar="NAME", help="name or address of the one that is meant, where several are near (or PERISTAL_DEVICE)")
    add("--sim", action="store_true", help="a simulated pair in this process instead of a device")
    add("--board", metavar="NAME", help="with --sim: the simulated board (default esp32_manifold)")
    add("--seed", metavar="N", type=number(0, 2**31 - 1), help="with --sim: another pair and wearer (default 1)")
    says = "with --sim: how many times as fast while you watch, 0: all it can (default 1)"
    add("--speed", metavar="X", type=number(0, 1000, False), help=says)
    add("--timeout", metavar="S", type=number(1, 60, False), help="how long to look for a device (default 8)")
    add("--json", action="store_true", help="one JSON object on standard output (watch: one a line); errors as JSON on standard error")
    codes = "exit codes:\n" + "\n".join(f"  {code:<4}{says}" for code, says in CODES.items())
    top = argparse.ArgumentParser(
        prog="peristal", description=DESCRIPTION, epilog=codes, parents=[common], allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, says: str, into: Any = commands, **options: Any) -> argparse.ArgumentParser:
        return into.add_parser(name, help=says, description=says, parents=[common], allow_abbrev=False, **options)

    one = command("scan", "which devices are near")
    one.add_argument("--seconds", metavar="S", type=number(0.5, 60, False), default=3.0, help="how long to listen (default 3)")
    command("pair", "makes this computer one that may command; the device's button has to be held for three seconds")
    command("status", "what the device is doing, and its pressures")
    one = command("watch", "the legs live, until the session ends or Ctrl-C")
    _watching(one)
    one.add_argument("--seconds", metavar="S", type=number(0.1, LONGEST_S, False), help="end after so long, whatever happens")
    one = command("start", "begins a session: what is left out is as chosen last")
    _starting(one, "a mode, a preset or one of your own, then pressure and length as numbers: start wave 50 20")
    says = "stays and shows it (with --sim always: the simulated pair lives as long as this command)"
    one.add_argument("--watch", action="store_true", help=says)
    _watching(one)
    command("stop", "ends the session and lets the air out; works without pairing")
    command("pause", "lets the air out and keeps the place")
    command("resume", "goes on at the same place")
    one = command("set", "chooses: " + ", ".join(SETTINGS))
    one.add_argument("what", choices=SETTINGS, metavar="WHAT", help=", ".join(SETTINGS))
    one.add_argument("value", nargs="+", metavar="VALUE", help="what is not allowed is refused with what is")
    for name, says in (("boost", "10 mmHg more in a zone, in this session"), ("skip", "leaves a zone out")):
        one = command(name, says)
        one.add_argument("zone", type=number(1, 12), metavar="ZONE", help="from 1, over both legs")
        one.add_argument("switch", nargs="?", choices=("on", "off"), default="on", help="on (default) or off")
    one = command("tight", "too tight here: 5 mmHg less in a zone, or in the one filled last; remembered")
    one.add_argument("zone", nargs="?", type=number(1, 12), metavar="ZONE")
    one = command("program", "own programs: list, show, put, run, rm")
    below = one.add_subparsers(dest="action", metavar="ACTION", required=True)
    two = command("list", "your own programs", below)
    two.add_argument("--all", action="store_true", help="the built-in ones too, with their ranges")
    two = command("show", "the lines of any program", below)
    two.add_argument("name", metavar="NAME")
    two = command("put", "checks a program and keeps it; a file, or - for standard input", below)
    two.add_argument("file", metavar="FILE")
    two = command("run", "begins a session with it", below)
    _starting(two, "its name, then pressure and length as numbers: run tide 50 20")
    two.add_argument("--watch", action="store_true")
    _watching(two)
    two = command("rm", "removes one of your own", below)
    two.add_argument("name", metavar="NAME")
    command("record", "the last sessions: mmHg x minutes of each zone")
    command("journal", "what happened, since each start-up")
    one = command("ask", "any line of the device's console; `ask help` lists them")
    one.add_argument("line", nargs="+", metavar="WORD")
    one = command("plot", "a recorded session in the terminal")
    one.add_argument("log", type=Path, metavar="LOG")
    one.add_argument("--zone", type=number(1, 12), metavar="N", help="one zone only")
    one = command("report", "a recorded session as an HTML page that stands alone")
    one.add_argument("log", type=Path, metavar="LOG")
    one.add_argument("-o", "--output", type=new_file, metavar="FILE", help="default: beside the log, with .html")
    one = command("bundle", "what a bug report needs, without addresses, names, keys and what is the wearer's own")
    default = Path("peristal-bundle.zip")
    one.add_argument("-o", "--output", type=new_file, default=default, metavar="FILE", help=f"default {default}")
    return top


def _starting(one: argparse.ArgumentParser, says: str) -> None:
    one.add_argument("words", nargs="*", metavar="PROGRAM", help=says)
    one.add_argument("--mmhg", metavar="N", type=int, help="pressure")
    one.add_argument("--minutes", metavar="N", type=int, help="length")


def _read_words(top: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """`start wave 50 20` is what the console takes: a name, mmHg, minutes, each of which may be left out from the end, the name too."""
    words = list(given.words)
    given.program = words.pop(0) if words and not words[0].isdigit() else None
    for name in ("mmhg", "minutes"):
        if words and getattr(given, name) is None and words[0].isdigit():
            setattr(given, name, int(words.pop(0)))
    if words:
        top.error(f"{words[0]!r} is not allowed; allowed: a program's name, mmHg, minutes, as in: {given.command} wave 50 20")
    if given.command == "program" and given.program is None:
        top.error("program run: which one? program list --all lists them")


def _watching(one: argparse.ArgumentParser) -> None:
    one.add_argument("--record", type=new_file, metavar="FILE", help="also writes what is seen into a log, for plot and report")
    one.add_argument("--hz", type=number(1, 50), metavar="N", help="packets a second (default 5; the device says how many are allowed)")


def parse(argv: list[str]) -> argparse.Namespace:
    """The options, defaults filled in. Leaves with status 2 for a bad value, naming what is allowed."""
    top = parser()
    given = top.parse_args(argv)
    if hasattr(given, "words"):
        _read_words(top, given)
    defaults = {
        "device": os.environ.get("PERISTAL_DEVICE"), "sim": False, "board": os.environ.get("BOARD") or "esp32_manifold",
        "seed": 1, "speed": 1.0, "timeout": 8.0, "json": False, "record": None, "hz": None, "watch": False, "seconds": None,
    }  # fmt: skip
    for name, value in defaults.items():
        if not hasattr(given, name):
            setattr(given, name, value)
    return given
