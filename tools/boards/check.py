"""`make check BOARD=...`: holds a board file against chip and physics and says what would be better. Without a board: all that ship.

Status: 0 nothing wrong (warnings are allowed), 1 an error, 2 no such board or a file that cannot be read.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from peristal.core.board import Board
from tools.boards import rules_air, rules_pins, rules_power, rules_sensors
from tools.boards.findings import ERROR, FINE, WARNING, Finding
from tools.boards.load import NoBoard, find, read
from tools.simulator import boards

RULES = (rules_pins.pins, rules_pins.pwm, rules_sensors.spans, rules_sensors.loads, rules_power.current, rules_power.heat,
         rules_power.relief, rules_air.routes)  # fmt: skip
RULES_OF_A_WHOLE_BOARD = (rules_sensors.reading, rules_air.vent, rules_air.stuck_pump, rules_air.fills)


def check(path: Path) -> tuple[Board, list[Finding]]:
    """The board of a file and everything that can be said about it, errors first. Raises NoBoard."""
    board, refusals = read(path)
    found = [finding for rule in RULES for finding in rule(board)]
    if rules_air.complete(board):
        found += [finding for rule in RULES_OF_A_WHOLE_BOARD for finding in rule(board)]
    explained = {finding.path for finding in found if finding.level == ERROR}
    fields = {_field(path) for path in explained}
    for said in refusals:
        place, _, words = said.partition(": ")
        if _field(place) not in fields:
            found.append(Finding(ERROR, place, words))
    order = (ERROR, WARNING, FINE)
    return board, sorted(found, key=lambda finding: order.index(finding.level))


def _field(path: str) -> str:
    """The device names a sensor's divider where the host says which end of its range it means; both are one mistake."""
    return {"valves": "pwm channels", "pwm_hz": "pwm timers"}.get(path, path)


def refusal(path: Path) -> str:
    """Why a file must not go onto a device, "" when it may: what the device would refuse and what the check calls an error."""
    try:
        _, found = check(path)
    except NoBoard as error:
        return str(error)
    return "\n".join(str(finding) for finding in found if finding.level == ERROR)


def report(board: Board, found: list[Finding], quiet: bool = False) -> str:
    """The findings as lines; quiet leaves out what is fine."""
    lines = [f"{board.name}: {board.title}"]
    alike: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in found:
        alike.setdefault((finding.level, finding.says, finding.better), []).append(finding)
    for (level, _, _), same in alike.items():
        if not quiet or level != FINE:
            more = f" (and {len(same) - 1} more like it)" if len(same) > 1 else ""
            lines.append(f"  {level:<8} {same[0]}{more}")
    counts = {level: sum(finding.level == level for finding in found) for level in (ERROR, WARNING, FINE)}
    errors, warnings = (f"{counts[level]} {level}{'s' if counts[level] != 1 else ''}" for level in (ERROR, WARNING))
    lines.append(f"  {errors}, {warnings}, {counts[FINE]} figures are fine")
    return "\n".join(lines)


def main(argv: list[str]) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make check", usage='make check BOARD=name [ARGS="--quiet"]', description=__doc__)
    parser.add_argument("boards", nargs="*", metavar="BOARD", help="names, folders or files (default: all that ship)")
    parser.add_argument("--quiet", action="store_true", help="only what is wrong")
    given = parser.parse_args(argv)
    named = given.boards or os.environ.get("BOARD", "").split() or boards.names()
    status = 0
    for name in named:
        try:
            board, found = check(find(name))
        except NoBoard as error:
            print(error, file=sys.stderr)
            return 2
        print(report(board, found, given.quiet), flush=True)
        if any(finding.level == ERROR for finding in found):
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
