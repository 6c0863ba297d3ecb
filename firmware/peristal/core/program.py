"""A program: a compact table of steps for the zones of one leg, the same for every leg.

A step is ROW bytes: one action for each of six zones, how it ends, a time in 0.1 s (2 bytes, low first) and an argument.
Actions: VENT, HOLD (stay as it is) or a share of the set pressure in percent.
Ends: REACHED (every zone is where it should be), TIME, BOTH, REPEAT (go back `argument` rows, `time` times in all).
"""

from peristal.core.limits import lowest

VENT = 0
HOLD = 255
MAX_SHARE = 100

REACHED, TIME, BOTH, REPEAT = range(4)
RAMP = 16  # added to TIME: the pressures move in a straight line until the time is over

REST_MS = lowest("rest_s") * 1000
ZONES = 6
ROW = ZONES + 4
MAX_ROWS = 96


class ProgramError(ValueError):
    """A program that may not run; the text names the step and why."""


class Program:
    """Name, source of the protocol and steps; built with add() and repeat(), then check()."""

    def __init__(self, name, zones, source):
        self.name = name
        self.zones = zones
        self.source = source
        self.rows = bytearray()

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


def number_of(rows, row):
    """The 16-bit number of a step: its time in 0.1 s, or how often it repeats."""
    at = row * ROW + ZONES + 1
    return rows[at] | rows[at + 1] << 8


def check(program, rest_ms=REST_MS):
    """Raises ProgramError unless the program ends, stays in its zones and lets every zone rest in each cycle."""
    rows = program.rows
    count = program.length()
    if not 1 <= count <= MAX_ROWS:
        raise ProgramError("program: %d steps; allowed: 1 to %d" % (count, MAX_ROWS))
    if not 1 <= program.zones <= ZONES:
        raise ProgramError("program: %d zones; allowed: 1 to %d" % (program.zones, ZONES))
    rested_ms = [0] * program.zones
    for step in range(count):
        at = step * ROW
        end = rows[at + ZONES]
        number = number_of(rows, step)
        if end > REPEAT and end != TIME + RAMP:
            raise ProgramError("step %d: end %d; allowed: 0 to %d" % (step + 1, end, REPEAT))
        if end == REPEAT:
            back = rows[at + ZONES + 3]
            if not 1 <= back <= step or not 2 <= number <= 1000:
                raise ProgramError(
                    "step %d: repeats %d steps %d times; allowed: 1 to %d steps, 2 to 1000 times" % (step + 1, back, number, step)
                )
            for inner in range(step - back, step):
                if rows[inner * ROW + ZONES] == REPEAT:
                    raise ProgramError("step %d: repeats a repeat (step %d); allowed: plain steps" % (step + 1, inner + 1))
            continue
        if end in (TIME, BOTH, TIME + RAMP) and not 1 <= number <= 1200:
            raise ProgramError("step %d: lasts %d00 ms; allowed: 100 to 120000 ms" % (step + 1, number))
        for zone in range(program.zones):
            action = rows[at + zone]
            if action != HOLD and action > MAX_SHARE:
                raise ProgramError("step %d: zone %d asks for %d %%; allowed: 1 to %d %%" % (step + 1, zone + 1, action, MAX_SHARE))
            if action == VENT and end != REACHED:
                rested_ms[zone] += number * 100
    for zone in range(program.zones):
        if rested_ms[zone] < rest_ms:
            raise ProgramError("zone %d: rests %d ms in a cycle; allowed: at least %d ms" % (zone + 1, rested_ms[zone], rest_ms))
