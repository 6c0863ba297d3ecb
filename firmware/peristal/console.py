"""The line console: one table of commands, the same for USB serial and for Bluetooth.

A line is a command and its arguments. Its answer ends with exactly one line that begins with "ok" or "error: "; the lines
of a list come before it and begin with two spaces. What is refused has changed nothing.
"""

from peristal.commands import choices, health, journal, programs, radio, service, session, wearer
from peristal.commands.rights import ALWAYS, ANYONE, WHO
from peristal.core import faults
from peristal.core.protocol import FAILED, INVALID, NOT_PERMITTED, NOT_SUPPORTED
from peristal.core.states import FAULT, NAMES


def _help(app, words):
    for row in COMMANDS:
        yield "  %s - %s" % ((row[0] + " " + row[1]).rstrip(), row[2])
    yield "ok commands=%d" % len(COMMANDS)


# In the order in which help lists them.
COMMANDS = (
    (("help", "", "this list", ALWAYS, ANYONE, _help),)
    + session.COMMANDS
    + choices.COMMANDS
    + wearer.COMMANDS
    + programs.COMMANDS
    + service.COMMANDS
    + health.COMMANDS
    + journal.COMMANDS
    + radio.COMMANDS
)
_ROWS = {row[0]: row for row in COMMANDS}


class Console:
    """run() carries out lines. app has session, guarding, regulator, sensing, drive, panel, radio and forget_learned().

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
        row = _ROWS.get(name + " " + words[1].lower()) if len(words) > 1 else None
        if row is None:
            row = _ROWS.get(name)
        if row is None:
            self.refused = NOT_SUPPORTED
            name = " ".join(words[:2]) if name == "set" else words[0]
            return ("error: command: %r is not known; help lists them" % name,)
        answer = self._refuse(row, words, rights) or row[5](self._app, words[row[0].count(" ") + 1 :])
        return (answer,) if isinstance(answer, str) else answer

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
