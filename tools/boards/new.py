"""`make new-board NAME=...`: asks a few questions and writes a board file that passes the check.

An empty answer takes the default; without a terminal (or with --yes) every default is taken.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from peristal.core import chips, parts
from tools.boards import check, documents
from tools.boards.findings import ERROR
from tools.boards.plan import SIZES, Answers, NoPlan, write
from tools.simulator import boards

NAME = re.compile(r"[a-z][a-z0-9_]{2,30}")
Choice = tuple[str, ...] | range | type


def _whole(part: type[parts.Part], key: str) -> range:
    """The range of a whole number as the board file's schema has it."""
    low, high, _ = part.FIELDS[key]
    return range(low, high + 1)


# field of Answers: (question, what is allowed)
QUESTIONS: dict[str, tuple[str, Choice]] = {
    "chip": ("chip", tuple(chips.CHIPS)),
    "topology": ("valves: one manifold, or inlet and exhaust for each zone", ("manifold", "independent")),
    "legs": ("legs", range(1, 3)),
    "zones": ("zones in each leg", range(1, 7)),
    "size": ("sleeves (a foot chamber of 0.7, 1.0 or 1.4 L)", tuple(SIZES)),
    "zone_sensors": ("a sensor on every zone, not only on the line", bool),
    "flow_ml_min": ("pump: free flow, mL/min", _whole(parts.Pump, "flow_ml_min")),
    "stall_mmhg": ("pump: pressure at which it stalls, mmHg", _whole(parts.Pump, "stall_mmhg")),
    "pump_ma": ("pump: current, mA", _whole(parts.Pump, "current_ma")),
    "valve_c": ("zone valves: conductance C in mL/(s bar) (0.5 dm3/(s bar) is 500)", _whole(parts.Valve, "c_ml_s_bar")),
    "valve_ma": ("valves: coil current, mA", _whole(parts.Valve, "current_ma")),
    "enable": ("a 12 V enable (recommended)", bool),
}


def parse(text: str, allowed: Choice) -> Any:
    """The value of an answer. Raises ValueError with what is allowed."""
    if allowed is bool:
        if text.lower() in ("y", "yes", "n", "no"):
            return text.lower().startswith("y")
        raise ValueError("yes or no")
    if isinstance(allowed, range):
        try:
            value = int(text)
        except ValueError:
            value = None
        if value not in allowed:
            raise ValueError(f"{allowed[0]} to {allowed[-1]}")
        return value
    text = text.lower()
    if text not in allowed:  # type: ignore[operator]
        raise ValueError(", ".join(allowed))  # type: ignore[arg-type]
    return text


def ask(question: str, allowed: Choice, default: Any, read: Any) -> Any:
    """Asks until the answer is allowed; an empty one is the default."""
    shown = ("no", "yes")[default] if allowed is bool else default
    choices = f" ({', '.join(allowed)})" if isinstance(allowed, tuple) else ""
    while True:
        text = read(f"{question}{choices} [{shown}]: ").strip()
        if not text:
            return default
        try:
            return parse(text, allowed)
        except ValueError as error:
            print(f"  {text!r} is not allowed; allowed: {error}")


def ask_all(name: str, read: Any) -> Answers:
    """The questions that matter for what was answered so far."""
    answers = Answers(name)
    for field in fields(Answers):
        if field.name not in QUESTIONS or (field.name == "zone_sensors" and answers.topology == "independent"):
            continue
        question, allowed = QUESTIONS[field.name]
        setattr(answers, field.name, ask(question, allowed, getattr(answers, field.name), read))
        if field.name == "chip" and answers.chip in ("esp32c3", "esp32c6"):
            answers.legs = 1
        if field.name == "topology" and answers.topology == "independent":
            answers.legs = 1
        if field.name == "zones" and answers.legs * answers.zones <= 4:
            answers.flow_ml_min, answers.pump_ma = 9000, 900
    return answers


def problems(text: str, folder: Path) -> list[str]:
    """What the check finds wrong with a board file of this text."""
    path = folder / "board.py.new"
    path.write_text(text)
    try:
        return [str(finding) for finding in check.check(path)[1] if finding.level == ERROR]
    except check.NoBoard as error:
        return [str(error)]
    finally:
        path.unlink()


def make(name: str, read: Any, retry: bool, root: Path = boards.BOARDS) -> int:
    """Asks, writes and says what was written; asks again while the check is not content and somebody is there to answer."""
    if not NAME.fullmatch(name):
        print(f"NAME: {name!r} is not allowed; allowed: 3 to 31 of a-z, 0-9 and _, a letter first", file=sys.stderr)
        return 2
    folder = root / name
    if (folder / "board.py").exists():
        print(f"NAME: {name!r} exists already; allowed: another name", file=sys.stderr)
        return 2
    while True:
        answers = ask_all(name, read)
        made_folder = not folder.exists()
        try:
            text = write(answers)
            folder.mkdir(parents=True, exist_ok=True)
            wrong = problems(text, folder)
        except NoPlan as error:
            text, wrong = "", [str(error)]
        if not wrong:
            break
        print("\nThis board would not pass:", *[f"  {line}" for line in wrong], sep="\n", file=sys.stderr)
        if made_folder and folder.exists():
            folder.rmdir()
        if not retry:
            return 1
        print("Once more, please.\n")
    (folder / "board.py").write_text(text)
    board, found = check.check(folder / "board.py")
    for path, content in documents.of_a_board(board, folder).items():
        path.write_text(content)
    print(f"\n{check.report(board, found, quiet=True)}\n\nwritten: boards/{name}/board.py, yours to edit, and its page board.md")
    print(f'try it:  make run ARGS="--board {name}"     after a change:  make check BOARD={name} && make documents')
    return 0


def main(argv: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make new-board", usage="make new-board NAME=name", description=__doc__)
    parser.add_argument("name", nargs="?", default=os.environ.get("NAME", ""), help="its folder under boards/")
    parser.add_argument("--yes", action="store_true", help="take every default")
    given = parser.parse_args(argv)
    if given.yes:
        return make(given.name, lambda question: "", retry=False)
    try:
        return make(given.name, input, retry=sys.stdin.isatty())
    except EOFError:
        print("\nno answer; nothing was written (--yes takes the defaults)", file=sys.stderr)
        return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nnothing was written", file=sys.stderr)
        sys.exit(130)
