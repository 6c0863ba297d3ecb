"""Words for what a wearer changes while the session goes on: pressure, minutes, quiet, single zones, the time."""

from peristal.commands.rights import ADJUSTING, ALWAYS, ANYTIME, AT_REST, OWNER, SWITCH, whole_number
from peristal.core import journal
from peristal.core.units import NONE

SINCE_2000_S = 946684800


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


def _set_time(app, words):
    now_s = whole_number(words[0])
    why = app.session.clock.set(now_s)
    if why:
        return "error: " + why
    app.journal.add(journal.CLOCK, NONE, (now_s - SINCE_2000_S) // 60)
    return "ok time=%d" % now_s


COMMANDS = (
    ("set pressure", "MMHG", "the pressure, also while running", ADJUSTING, OWNER, _set_pressure),
    ("set minutes", "MINUTES", "the session's length, also while running", ADJUSTING, OWNER, _set_minutes),
    ("set quiet", "on|off", "a slower, quieter pump", ADJUSTING, OWNER, _set_quiet),
    ("boost", "ZONE [on|off]", "10 mmHg more in a zone, in this session", ANYTIME, OWNER, _boost),
    ("skip", "ZONE [on|off]", "leaves a zone out", ANYTIME, OWNER, _skip),
    ("tight", "[ZONE]", "5 mmHg less in the zone filled last, from now on", ANYTIME, OWNER, _tight),
    ("trim", "ZONE MMHG", "so much less in a zone, from now on", ANYTIME, OWNER, _trim),
    ("set time", "SECONDS", "since 1970; for the record", ALWAYS, OWNER, _set_time),
)
