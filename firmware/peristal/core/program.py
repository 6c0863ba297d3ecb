"""A program: a compact table of steps for the zones of one leg, the same for every leg.

A step is ROW bytes: one action for each of six zones, how it ends, a time in 0.1 s (2 bytes, low first) and an argument.
Actions: VENT, HOLD (stay as it is) or a share of the set pressure in percent; less_mmhg is taken off it, zone by zone, so
that a gradient stays a gradient of so many mmHg whatever the set pressure is.
Ends: REACHED (every zone is where it should be), TIME, BOTH, REPEAT (go back `argument` rows, `time` times in all).
"""

from peristal.core import limits
from peristal.core.units import pa

VENT = 0
HOLD = 255
MAX_SHARE = 100

REACHED, TIME, BOTH, REPEAT = range(4)
RAMP = 16  # added to TIME or BOTH: the pressures move in a straight line until the time is over

ZONES = 6
ROW = ZONES + 4
MAX_ROWS = 64
MOST_REPEATS = 1000
MOST_LESS_MMHG = 60
LONGEST_STEP_MS = 120000
LEAST_PA = pa(10)  # what less_mmhg leaves at the least


class ProgramError(ValueError):
    """A program that may not run; the text names the step and why."""


class Program:
    """Name, source of the protocol, limits and steps; built with add() and repeat(), then checked."""

    def __init__(self, name, zones, source):
        self.name = name
        self.zones = zones
        self.source = source
        self.rows = bytearray()
        self.less_mmhg = bytearray(ZONES)
        # The pressures and minutes it is meant for, and how long a zone may stay above 15 mmHg.
        self.pressure_mmhg = (limits.lowest("pressure_mmhg"), limits.highest("pressure_mmhg"))
        self.minutes = (limits.lowest("minutes"), limits.highest("minutes"))
        self.pressed_s = limits.default("pressed_s")

    def length(self):
        """Number of steps."""
        return len(self.rows) // ROW

    def add(self, actions, end, time_ms=0):
        """Adds a step: an action for each zone, how it ends, and its time (0..6553500 ms)."""
        row = bytearray(ROW)
        for zone in range(ZONES):
            row[zone] = actions[zone] if zone < self.zones else VENT
        self._put(row, end, time_ms // 100, 0)

    def repeat(self, back, times):
        """Adds a jump `back` steps up, so that they run `times` times in all (2..65535)."""
        self._put(bytearray(ROW), REPEAT, times, back)

    def _put(self, row, end, number, argument):
        row[ZONES] = end
        row[ZONES + 1] = number & 255
        row[ZONES + 2] = number >> 8
        row[ZONES + 3] = argument
        self.rows.extend(row)

    def asked_pa(self, place, share, set_pa):
        """What a share of the set pressure means for the zone at this place (0 = foot)."""
        asked_pa = set_pa * share // 100
        less_mmhg = self.less_mmhg[place]
        return max(asked_pa - pa(less_mmhg), min(asked_pa, LEAST_PA)) if less_mmhg else asked_pa


def number_of(rows, row):
    """The 16-bit number of a step: its time in 0.1 s, or how often it repeats."""
    at = row * ROW + ZONES + 1
    return rows[at] | rows[at + 1] << 8
