"""Faults and notices, one table each: number, name, what happens, what clears it, what the wearer reads.

A fault vents everything and latches; a notice is shown and the session goes on.
"""

OK = 0
OVER_PRESSURE = 1
ABSOLUTE_PRESSURE = 2
LINE_PRESSURE = 3
SENSOR_LOW = 4
SENSOR_HIGH = 5
SENSOR_STALE = 6
SENSOR_DRIFT = 7
WILL_NOT_VENT = 8
FILL_TOO_LONG = 9
PUMP_TOO_LONG = 10
PRESSED_TOO_LONG = 11
SESSION_TOO_LONG = 12
LOOP_STALLED = 13
NO_ANSWER = 14

BUTTON = "the button, with healthy sensors"

# number: (name, what happens, what clears it, what the wearer reads)
FAULTS = {
    OVER_PRESSURE: ("over-pressure", "vent and latch", BUTTON, "A zone stayed above its target. Everything was vented."),
    ABSOLUTE_PRESSURE: ("absolute pressure", "vent and latch", BUTTON, "The pressure went over the absolute limit. Everything was vented."),
    LINE_PRESSURE: ("line pressure", "vent and latch", BUTTON, "The air line is blocked or its valve did not open."),
    SENSOR_LOW: ("sensor low", "vent and latch", BUTTON, "A pressure sensor is unplugged or shorted to ground."),
    SENSOR_HIGH: ("sensor high", "vent and latch", BUTTON, "A pressure sensor is shorted to its supply or over its range."),
    SENSOR_STALE: ("sensor stale", "vent and latch", BUTTON, "A pressure sensor was not read in time."),
    SENSOR_DRIFT: ("sensor drift", "vent and latch", BUTTON, "A pressure sensor's zero has moved too far. Check it or calibrate."),
    WILL_NOT_VENT: ("will not vent", "vent, cut the 12 V, latch", BUTTON, "Air stays in the sleeve. Unplug the hose or open the zip."),
    FILL_TOO_LONG: ("fill too long", "vent and latch", BUTTON, "A zone took too much air. Is the sleeve worn and plugged in?"),
    PUMP_TOO_LONG: ("pump too long", "vent and latch", BUTTON, "The pump ran too long without a pause."),
    PRESSED_TOO_LONG: ("pressed too long", "vent and latch", BUTTON, "A zone was under pressure for too long."),
    SESSION_TOO_LONG: ("session too long", "vent and latch", BUTTON, "The session went past its longest time."),
    NO_ANSWER: ("no answer", "vent and latch", BUTTON, "The pump runs but no pressure comes. Check pump, hose, sleeve and sensor."),
    LOOP_STALLED: ("loop stalled", "vent and latch", BUTTON, "The controller paused too long and vented to be safe."),
}

# bit: (name, what the wearer reads)
NOT_REACHED = 1
CUT_SHORT = 2
RELIEVED = 4
STRETCHED = 8
NOTICES = {
    NOT_REACHED: ("not reached", "A zone did not reach its pressure in time."),
    CUT_SHORT: ("cycle cut short", "A cycle was ended early because a zone had been under pressure for long enough."),
    STRETCHED: ("cycle stretched", "The pump was held back (quiet, or to rest); cycles take longer."),
    RELIEVED: ("relieved", "A zone was relieved because it was well above its target."),
}


def line(fault, zone):
    """The console line of a fault: its number, name, zone (255 = none) and what the wearer reads."""
    name, action, _, words = FAULTS[fault]
    where = "" if zone == 255 else " zone %d" % (zone + 1)
    return "fault %d %s%s: %s (%s)" % (fault, name, where, words, action)
