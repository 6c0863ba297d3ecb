"""The line console: one table of commands, the same for USB serial and for Bluetooth.

A line is a command and its arguments. Its answer ends with exactly one line that begins with "ok" or "error: "; the lines
of a list come before it and begin with two spaces. What is refused has changed nothing.
"""

from peristal.commands import adjust, session
from peristal.commands.rights import ALWAYS, ANYONE, WHO
from peristal.core import faults
from peristal.core.borrow import borrow
from peristal.core.protocol import FAILED, INVALID, NOT_PERMITTED, NOT_SUPPORTED
from peristal.core.states import FAULT, NAMES


def _help(app, words):
    count = 0
    for row in HERE:
        count += 1
        yield _line_of(row)
    for theme, _ in LATER:
        module = app.stalls.lend(theme)
        while module is None:  # nothing in this tick, and nothing allocated
            yield None
            module = app.stalls.lend(theme)
        for row in module.COMMANDS:
            count += 1
            yield _line_of(row)
    yield "ok commands=%d" % count


def _line_of(row):
    return "  %s - %s" % ((row[0] + " " + row[1]).rstrip(), row[2])


# What a wearer needs at once is always here ...
HERE = (("help", "", "this list", ALWAYS, ANYONE, _help),) + session.COMMANDS + adjust.COMMANDS
# ... and a theme that can wait is read from the flash when one of its words comes: (module, its words, each between commas).
LATER = (
    ("commands.choices", ",programs,set program,set cap,set comfort,set leg,set legs,set pace,set breathing,wearer,record,"),
    ("commands.programs", ",program list,program show,program put,program add,program end,program run,program rename,program rm,"),
    ("commands.service", ",fault,clear,learned,forget,calibrate,zones,"),
    ("commands.bringup", ",bringup,bringup run,yes,no,again,reads,"),
    ("commands.journal", ",journal,loop,"),
    ("commands.radio", ",radio,pair,bonds,unpair,set name,set link,"),
)
BUSY = "error: busy: this command is read from the flash, which has to wait while there is air in the sleeves; try again"
NO_ROOM = "error: memory: there is no room for this command now; try again at rest"


def table():
    """Every row, in the order in which help lists them."""
    rows = HERE
    for theme, _ in LATER:
        rows += borrow(theme).COMMANDS
    return rows


def _find(rows, names):
    for name in names:
        for row in rows:
            if row[0] == name:
                return row
    return None


class Console:
    """run() carries out lines. app has session, guarding, regulator, sensing, drive, panel, radio, stalls and forget_learned().

    refused: the result (see protocol.py) of a line that was not carried out, 0 when it reached its command.
    """

    def __init__(self, app):
        self.refused = 0
        self._app = app

    def run(self, line, rights):
        """Carries out one line (ASCII) for somebody with these rights; returns the lines of the answer (none for an empty one)."""
        words = line.split()
        self.refused = 0
        if not words:
            return ()
        name = words[0].lower()  # a phone's keyboard begins a line with a capital
        names = (name + " " + words[1].lower(), name) if len(words) > 1 else (name,)
        row = _find(HERE, names)
        if row is None:
            row = self._find_later(names)
        if isinstance(row, str):
            self.refused = FAILED
            return (row,)
        if row is None:
            self.refused = NOT_SUPPORTED
            name = " ".join(words[:2]) if name == "set" else words[0]
            return ("error: command: %r is not known; help lists them" % name,)
        try:
            answer = self._refuse(row, words, rights) or row[5](self._app, words[row[0].count(" ") + 1 :])
        except MemoryError:
            self.refused = FAILED
            return (NO_ROOM,)
        return (answer,) if isinstance(answer, str) else answer

    def _find_later(self, names):
        """The row of a theme that is not here; an error line when it cannot be read now; None when there is none."""
        for name in names:
            for theme, known in LATER:
                if "," + name + "," in known:
                    try:
                        module = self._app.stalls.lend(theme)
                    except MemoryError:
                        return NO_ROOM
                    return BUSY if module is None else _find(module.COMMANDS, names)
        return None

    def _refuse(self, row, words, rights):
        """The error line of a command that may not be carried out now, or with these arguments; else None."""
        name, arguments, _, states, who, _ = row
        guard = self._app.guarding
        state = self._app.session.state
        given = len(words) - name.count(" ") - 1
        wanted = arguments.split()
        least = len([argument for argument in wanted if argument[0] != "["])
        if who > rights:
            self.refused = NOT_PERMITTED
            return "error: %s: %s" % (name, WHO[who])
        if not least <= given <= (given if arguments.endswith("...") else len(wanted)):
            self.refused = INVALID
            return "error: %s: usage: %s" % (name, (name + " " + arguments).rstrip())
        self.refused = FAILED
        if guard.fault != faults.OK and FAULT not in states:
            return "error: %s: fault %d %s is latched; cleared by %s" % (
                name, guard.fault, faults.name(guard.fault), faults.cleared_by(guard.fault),
            )  # fmt: skip
        if state not in states:
            return "error: %s: not while %s; allowed while %s" % (name, NAMES[state], ", ".join([NAMES[one] for one in states]))
        self.refused = 0
        return None
