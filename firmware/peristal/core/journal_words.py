"""The journal's events in words; loaded only when somebody reads it."""

from peristal.core import faults, journal
from peristal.core.units import NONE

CAUSES = ("unknown", "power-on", "reset", "watchdog", "deep sleep", "soft reset")

# (code, name, unit of the value or what it counts through), one constant tuple: it costs the least on the heap.
EVENTS = (
    (112, "start-up", CAUSES),
    (113, "abnormal restart", "in ten minutes"),
    (114, "session", "mmHg"),
    (115, "finished", "s"),
    (116, "stopped", "s"),
    (117, "fault cleared", ""),
    (118, "self-test", "zones"),
    (119, "damaged and set aside", ""),
    (120, "a write was interrupted", ""),
    (121, "not stored", ""),
    (122, "loop late", "ms"),
    (123, "paired", ""),
    (124, "bond forgotten", ""),
    (125, "pairing refused", ""),
    (126, "maintenance", ""),
    (127, "clock set", "min since 2000"),
    (128, "calibrated", "mmHg"),
    (129, "and more", ""),
)
# The guard's reasons, by their bit's place (see reasons.py).
REASONS = ("fault", "button held", "no path", "cap", "left out", "relief", "trip", "line pressure", "not seen yet")


def text(code, zone, value, path):
    """An event in words. path(number): the name of a stored file."""
    unit = "mmHg"
    if code < journal.FIRST_REASON:
        name = "fault %d" % code if code < journal.FIRST_NOTICE else "notice %d" % code
        try:
            name += " " + faults.name(code)
        except KeyError:  # of a newer firmware
            pass
    elif code < journal.FIRST_REASON + len(REASONS):
        name = "guard: " + REASONS[code - journal.FIRST_REASON]
    else:
        name, unit = "event %d" % code, ""
        for row in EVENTS:
            if row[0] == code:
                _, name, unit = row
    if zone != NONE:
        name += " " + path(zone) if journal.DAMAGED <= code <= journal.UNSTORED else " zone %d" % (zone + 1)
    if not isinstance(unit, str):
        return name + " " + (unit[value] if 0 <= value < len(unit) else "%d" % value)
    return "%s %d %s" % (name, value, unit) if value or unit == "s" else name
