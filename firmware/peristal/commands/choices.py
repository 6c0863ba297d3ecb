"""Words for what the next session shall be: program, pressure, minutes, quiet."""

from peristal.commands.rights import ADJUSTING, ALWAYS, ANYONE, AT_REST, OWNER, whole_number
from peristal.core import modes
from peristal.core.states import RUNNING
from peristal.core.units import pa


def _programs(app, words):
    lines = []
    for number, name in enumerate(modes.names()):
        lines.append("  %d %s%s" % (number + 1, name, " (chosen)" if name == app.session.program else ""))
    return lines + ["ok programs=%d" % len(lines)]


def _set_program(app, words):
    why = app.session.choose(program=words[0])
    return "error: " + why if why else "ok program=" + app.session.program


def _set_pressure(app, words):
    session = app.session
    why = session.choose(pressure_mmhg=whole_number(words[0]))
    if why:
        return "error: " + why
    if session.state == RUNNING:
        session.sequencer.set_pressure(pa(session.pressure_mmhg))  # lower at once, higher from the next step
    return "ok pressure_mmhg=%d" % session.pressure_mmhg


def _set_minutes(app, words):
    why = app.session.choose(minutes=whole_number(words[0]))
    return "error: " + why if why else "ok minutes=%d" % app.session.minutes


def _set_quiet(app, words):
    word = words[0].lower()
    if word not in ("on", "off"):
        return "error: quiet: %r is not allowed; allowed: on, off" % words[0]
    why = app.session.choose(quiet=word == "on")
    return "error: " + why if why else "ok quiet=" + word


COMMANDS = (
    ("programs", "", "lists the programs", ALWAYS, ANYONE, _programs),
    ("set program", "NAME", "chooses the program", AT_REST, OWNER, _set_program),
    ("set pressure", "MMHG", "the pressure, also while running", ADJUSTING, OWNER, _set_pressure),
    ("set minutes", "MINUTES", "the session's length, also while running", ADJUSTING, OWNER, _set_minutes),
    ("set quiet", "on|off", "a slower, quieter pump", AT_REST, OWNER, _set_quiet),
)
