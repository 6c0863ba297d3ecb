"""Mutants of the two tables: every limit that guards something taken away, every fault given another rank."""

from __future__ import annotations

import re
from functools import partial

from tools.mutants.mutations import FAR, Mutant

ROW = re.compile(r'^    "(\w+)": \((\d+), (\d+), (\d+), ', re.MULTILINE)
RANKS = re.compile(r"^(SKIPPING|STOPPING) = \(([^)]*)\)$", re.MULTILINE)


def limits(source: str, name: str) -> list[Mutant]:
    """Each row of the limits' table with its highest value 1000 times as high, and with 0 for all three."""
    found = []
    for row in ROW.finditer(source):
        line = source[: row.start()].count("\n") + 1
        low, default, high = row[2], row[3], row[4]
        for what, figures in (("removed (times 1000)", f"{low}, {default}, {int(high) * FAR}, "), ("zero", "0, 0, 0, ")):
            changed = source[: row.start()] + f'    "{row[1]}": ({figures}' + source[row.end() :]
            found.append(Mutant(f"{name} LIMITS: {what}: {row[1]}", line, partial(str, changed)))
    return found


def ranks(source: str, name: str) -> list[Mutant]:
    """Each fault that does not vent given the rank of those that do."""
    found = []
    for row in RANKS.finditer(source):
        members = [member.strip() for member in row[2].split(",") if member.strip()]
        for member in members:
            left = "".join(f"{other}, " for other in members if other != member)
            changed = source[: row.start()] + f"{row[1]} = ({left})" + source[row.end() :]
            line = source[: row.start()].count("\n") + 1
            found.append(Mutant(f"{name} {row[1]}: removed: {member}", line, partial(str, changed)))
    return found
