"""Faults and notices by number: their rank, and what the table says of each. What is latched is never cleared over the air.

Numbers are append-only: apps, journals and tests know them. A fault is 1 to 63; a notice has a bit, and 64 plus the bit's
position as its number. Names and words are in fault_words.py, read from flash only when something is to be told; how each
is detected and which faults a topology cannot tell apart: SAFETY.md, made from these tables.
"""

from peristal.core.borrow import borrow

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
SENSOR_FROZEN = 15
SENSOR_STUCK = 16
SENSOR_JUMPS = 17
SENSORS_DISAGREE = 18
SENSOR_NOISY = 19
NO_RISE = 20
LEAKS = 21
VALVE_STUCK_OPEN = 22
VALVE_STUCK_CLOSED = 23
VALVES_CROSSED = 24
PUMP_RUNS_ON = 25
SUPPLY_DIP = 26
LOOP_OVERRUN = 27
RESET_STORM = 28
BUTTON_HELD = 29
TINGLING = 30
NOTHING_LEFT = 31

# Notices: bits. They are shown and the session goes on.
NOT_REACHED = 1 << 0
CUT_SHORT = 1 << 1
RELIEVED = 1 << 2
STRETCHED = 1 << 3
SLOW_FILL = 1 << 4
LEAKING = 1 << 5
VENT_SLOW = 1 << 6
PUMP_WEAK = 1 << 7
LOOP_LATE = 1 << 8
WATCHDOG_RESET = 1 << 9
UNEXPLAINED_RESET = 1 << 10
SETTINGS_DAMAGED = 1 << 11
PROGRAM_DAMAGED = 1 << 12
FILE_DAMAGED = 1 << 13
ZONE_LEFT_OUT = 1 << 14
MAINTENANCE = 1 << 15
FIRST_NOTICE = 64

# What happens, from the mildest to the strongest; the strongest that is due counts.
NOTICE, SKIP, STOP, VENT = range(4)
SKIPPING = (NO_RISE, LEAKS)
STOPPING = (LOOP_OVERRUN, NOTHING_LEFT)


def rank(number):
    """What happens: NOTICE, SKIP (leave the zone out), STOP (a controlled stop) or VENT (vent, drop the 12 V, latch)."""
    if number >= FIRST_NOTICE:
        return NOTICE
    return SKIP if number in SKIPPING else STOP if number in STOPPING else VENT


def cleared_by(number):
    """What clears it."""
    return "the button, with healthy sensors" if rank(number) == VENT else "the next session"


def _row(number):
    for row in borrow("core.fault_words").WORDS:
        if row[0] == number:
            return row
    raise KeyError("fault %r is not in the table" % number)


def name(number):
    """Its short name."""
    return _row(number)[1]


def words(number):
    """What the wearer reads."""
    return _row(number)[2]


def line(number, zone):
    """The console line: number, name, zone (255 = none), what the wearer reads and what happens."""
    where = "" if zone == 255 else " zone %d" % (zone + 1)
    return "fault %d %s%s: %s (%s)" % (number, name(number), where, words(number), borrow("core.fault_words").HAPPENS[rank(number)])


def number(bit):
    """The number of one notice, from its bit. Allocates nothing."""
    place = 0
    while bit > 1:
        bit >>= 1
        place += 1
    return FIRST_NOTICE + place


def numbers(bits):
    """The numbers of notices, from their bits."""
    return [FIRST_NOTICE + place for place in range(30) if bits >> place & 1]
