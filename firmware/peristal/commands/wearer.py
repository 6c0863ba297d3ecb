"""Words for what the wearer changes on top of a program, for what was felt, and for the record of what was done."""

from peristal.commands.rights import ALWAYS, AT_REST, OWNER, whole_number
from peristal.core import gestures, journal
from peristal.core.sequencer import LEGS
from peristal.core.states import BREATHING, DONE, FINISHING, IDLE, PAUSED, PREFLIGHT, RUNNING
from peristal.core.units import NONE

SWITCH = ("off", "on")
SINCE_2000_S = 946684800
# word: (the wearer's choice, the words for its numbers, or the unit in its name)
SETTINGS = {
    "cap": ("cap_mmhg", None),
    "comfort": ("comfort", SWITCH),
    "leg": ("leg", ("both", "1", "2")),
    "legs": ("arrangement", LEGS),
    "pace": ("pace_percent", None),
    "breathing": ("breathing_min", None),
}


def _zone(app, word):
    """(zone from 0, None), or (None, why not)."""
    number, count = whole_number(word), app.session.net.n_zones
    if isinstance(number, int) and 1 <= number <= count:
        return number - 1, None
    return None, "error: zone: %r is not allowed; allowed: 1 to %d" % (word, count)


def _switch(app, words, name, change):
    """Carries out "NAME ZONE [on|off]"."""
    zone, why = _zone(app, words[0])
    word = words[1].lower() if len(words) > 1 else "on"
    if why is None and word not in SWITCH:
        why = "error: %s: %r is not allowed; allowed: on, off" % (name, word)
    if why:
        return why
    why = change(zone, SWITCH.index(word))
    return "error: " + why if why else "ok zone=%s %s=%s" % (words[0], name, word)


def _boost(app, words):
    return _switch(app, words, "boost", app.session.boost)


def _skip(app, words):
    return _switch(app, words, "skip", app.session.skip)


def _trimmed(session, zone, why):
    return "error: " + why if why else "ok zone=%d trim_mmhg=%d" % (zone + 1, session.wearer.trim_mmhg[zone])


def _tight(app, words):
    session = app.session
    zone, why = _zone(app, words[0]) if words else (session.active_zone, None)
    if why:
        return why
    return _trimmed(session, zone, session.tight(zone))


def _trim(app, words):
    zone, why = _zone(app, words[0])
    if why:
        return why
    return _trimmed(app.session, zone, app.session.trim(zone, whole_number(words[1])))


def _tingling(app, words):
    app.session.act(gestures.TINGLING)
    return "ok vented and locked; the button clears it"


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


def _set_time(app, words):
    now_s = whole_number(words[0])
    why = app.session.clock.set(now_s)
    if why:
        return "error: " + why
    app.journal.add(journal.CLOCK, NONE, (now_s - SINCE_2000_S) // 60)
    return "ok time=%d" % now_s


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


WORN = (PREFLIGHT, RUNNING, PAUSED, FINISHING, BREATHING)
ANYTIME = (IDLE, DONE) + WORN
FELT = WORN + (DONE,)  # also when the air is just out
COMMANDS = (
    ("boost", "ZONE [on|off]", "10 mmHg more in a zone, in this session", ANYTIME, OWNER, _boost),
    ("skip", "ZONE [on|off]", "leaves a zone out", ANYTIME, OWNER, _skip),
    ("tight", "[ZONE]", "5 mmHg less in the zone filled last, from now on", ANYTIME, OWNER, _tight),
    ("trim", "ZONE MMHG", "so much less in a zone, from now on", ANYTIME, OWNER, _trim),
    ("tingling", "", "lets the air out and locks until the button", FELT, OWNER, _tingling),
    ("wearer", "", "what is remembered of the wearer", ALWAYS, OWNER, _wearer),
    ("record", "", "the last sessions: mmHg x minutes of each zone", ALWAYS, OWNER, _record),
    ("set cap", "MMHG", "no zone is ever asked for more", ANYTIME, OWNER, _setter("cap")),
    ("set comfort", "on|off", "a soft first two cycles and first sessions", ANYTIME, OWNER, _setter("comfort")),
    ("set leg", "both|1|2", "one leg only", ANYTIME, OWNER, _setter("leg")),
    ("set legs", "together|alternating|offset", "how two legs go together", ANYTIME, OWNER, _setter("legs")),
    ("set pace", "PERCENT", "faster or slower than the program", ANYTIME, OWNER, _setter("pace")),
    ("set breathing", "MINUTES", "0, 2 or 3 minutes of it at the end", AT_REST, OWNER, _setter("breathing")),
    ("set time", "SECONDS", "since 1970; for the record", ALWAYS, OWNER, _set_time),
)
