"""Words for what the next session shall be: program, pressure, minutes, quiet."""

from peristal.commands.rights import ADJUSTING, ALWAYS, ANYONE, AT_REST, OWNER, whole_number
from peristal.core import presets


def _programs(app, words):
    session = app.session
    names = session.names()
    for number, name in enumerate(names):
        row = presets.find(name)
        text = "%s %d-%d mmHg %d-%d min" % (row[1], row[2][0], row[2][2], row[3][0], row[3][2]) if row else "own"
        yield "  %d %s %s%s" % (number + 1, name, text, " (chosen)" if name == session.program else "")
    yield "ok programs=%d" % len(names)


def _set_program(app, words):
    why = app.session.choose(program=words[0])
    session = app.session
    if why:
        return "error: " + why
    return "ok program=%s pressure_mmhg=%d minutes=%d" % (session.program, session.pressure_mmhg, session.minutes)


def _set_pressure(app, words):
    session = app.session
    why = session.choose(pressure_mmhg=whole_number(words[0]), eased=session.state not in AT_REST)
    return "error: " + why if why else "ok pressure_mmhg=%d" % session.pressure_mmhg


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
    ("set quiet", "on|off", "a slower, quieter pump", ADJUSTING, OWNER, _set_quiet),
)
