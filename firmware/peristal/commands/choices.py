"""Words for what the next session shall be, for the wearer behind it, and for the record of what was done."""

from peristal.commands.rights import ALWAYS, ANYONE, ANYTIME, AT_REST, OWNER, SWITCH, whole_number
from peristal.core.sequencer import LEGS

# word: (the wearer's choice, the words for its numbers, or the unit in its name)
SETTINGS = {
    "cap": ("cap_mmhg", None),
    "comfort": ("comfort", SWITCH),
    "leg": ("leg", ("both", "1", "2")),
    "legs": ("arrangement", LEGS),
    "pace": ("pace_percent", None),
    "breathing": ("breathing_min", None),
}


def _programs(app, words):
    session = app.session
    presets = app.stalls.lend("core.presets")
    while presets is None:
        yield None
        presets = app.stalls.lend("core.presets")
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


def _setter(word):
    """What carries out "set WORD VALUE"."""
    name, meanings = SETTINGS[word]

    def change(app, words):
        given = words[0].lower()
        value = whole_number(given)
        if meanings:
            allowed = meanings[: app.session.net.n_legs + 1] if word == "leg" else meanings
            if given not in allowed:
                return "error: %s: %r is not allowed; allowed: %s" % (word, given, ", ".join(allowed))
            value = allowed.index(given)
        why = app.session.adjust(name, value)
        if why:
            return "error: " + why
        return "ok %s=%s pressure_mmhg=%d" % (name, given, app.session.pressure_mmhg)

    return change


def _wearer(app, words):
    session = app.session
    wearer = session.wearer
    for zone in range(app.session.net.n_zones):
        yield "  zone %d: trim_mmhg=%d boost=%s skip=%s" % (
            zone + 1, wearer.trim_mmhg[zone], SWITCH[wearer.boost[zone]], SWITCH[wearer.skip[zone]],
        )  # fmt: skip
    yield "  sessions=%d most_mmhg=%d quiet=%s" % (wearer.sessions, wearer.most_mmhg(), SWITCH[session.quiet])
    for word in sorted(SETTINGS):
        name, meanings = SETTINGS[word]
        value = getattr(wearer, name)
        yield "  %s=%s" % (name, meanings[value] if meanings else value)
    yield "ok zones=%d" % app.session.net.n_zones


def _record(app, words):
    sessions = app.sessions()
    for row in sessions:
        yield "  time=%d program=%s pressure_mmhg=%d seconds=%d cycles=%d ended=%s dose=%s" % (
            tuple(row[:6]) + (",".join([str(dose) for dose in row[6:]]),)
        )  # fmt: skip
    yield "ok sessions=%d" % len(sessions)


COMMANDS = (
    ("programs", "", "lists the programs", ALWAYS, ANYONE, _programs),
    ("set program", "NAME", "chooses the program", AT_REST, OWNER, _set_program),
    ("set cap", "MMHG", "no zone is ever asked for more", ANYTIME, OWNER, _setter("cap")),
    ("set comfort", "on|off", "a soft first two cycles and first sessions", ANYTIME, OWNER, _setter("comfort")),
    ("set leg", "both|1|2", "one leg only", ANYTIME, OWNER, _setter("leg")),
    ("set legs", "together|alternating|offset", "how two legs go together", ANYTIME, OWNER, _setter("legs")),
    ("set pace", "PERCENT", "faster or slower than the program", ANYTIME, OWNER, _setter("pace")),
    ("set breathing", "MINUTES", "0, 2 or 3 minutes of it at the end", AT_REST, OWNER, _setter("breathing")),
    ("wearer", "", "what is remembered of the wearer", ALWAYS, OWNER, _wearer),
    ("record", "", "the last sessions: mmHg x minutes of each zone", ALWAYS, OWNER, _record),
)
