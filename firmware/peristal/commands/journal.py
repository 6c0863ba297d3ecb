"""Words for what happened: the journal, and how well the loop keeps its time."""

from peristal.commands.rights import ALWAYS, ANYONE, OWNER
from peristal.core import faults, journal
from peristal.core.units import NONE, mmhg


def _text(app, code, zone, value):
    """An event in words."""
    unit = "mmHg"
    if code < journal.FIRST_REASON:
        name = "fault %d" % code if code < journal.FIRST_NOTICE else "notice %d" % code
        try:
            name += " " + faults.name(code)
        except KeyError:  # of a newer firmware
            pass
    elif code < journal.FIRST_REASON + len(journal.REASONS):
        name = "guard: " + journal.REASONS[code - journal.FIRST_REASON]
    else:
        name, unit, _ = journal.EVENTS.get(code, ("event %d" % code, "", False))
        return _where(app, code, zone, name, value, unit)
    return _where(app, code, zone, name, mmhg(value), unit)


def _where(app, code, zone, name, value, unit):
    if zone != NONE:
        name += " " + app.shelf.path(zone) if code in journal.OF_FILES else " zone %d" % (zone + 1)
    if not isinstance(unit, str):
        return name + " " + (unit[value] if 0 <= value < len(unit) else "%d" % value)
    return "%s %d %s" % (name, value, unit) if value or unit == "s" else name


def _journal(app, words):
    shown = 0
    for at_s, code, zone, value, times in app.journal.rows():
        text = _text(app, code, zone, value)
        yield "  %d:%02d:%02d %s%s" % (at_s // 3600, at_s // 60 % 60, at_s % 60, text, " (%d times)" % times if times > 1 else "")
        shown += 1
    yield "ok events=%d" % shown


def _loop(app, words):
    pace = app.pace
    return "ok worst_ms=%d worst_period_ms=%d late=%d ticks=%d" % (pace.worst_ms, pace.worst_period_ms, pace.late, pace.ticks)


COMMANDS = (
    ("journal", "", "what happened, since each start-up", ALWAYS, OWNER, _journal),
    ("loop", "", "the longest tick, the longest period, late ticks", ALWAYS, ANYONE, _loop),
)
