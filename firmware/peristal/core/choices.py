"""What is chosen for a session: program, pressure, minutes and what the wearer changes on top, each within its range.

Out of range is refused with the range, never clamped. What lowers a pressure acts at once, everything else from the next step.
"""

from peristal.core import limits
from peristal.core.borrow import borrow
from peristal.core.sequencer import Sequencer
from peristal.core.units import NONE, pa
from peristal.core.wearer import Wearer

LEAST_MAIN_MIN = 5  # of compression, where breathing shortens it


class Choices:
    """program (a name), pressure_mmhg, minutes, quiet and the wearer.

    own: the wearer's own programs, or None: names() lists them, row(name, zones) is like presets.find(), program(name, zones)
    builds one.
    """

    def __init__(self, net):
        self.net = net
        self.own = None
        self.wearer = Wearer(net)
        self.sequencer = Sequencer(net, self.wearer)
        self.wearer.sequencer = self.sequencer  # pyright: ignore[reportAttributeAccessIssue]
        self.borrow = borrow  # how modules are read that no session needs (see borrow.py); the application has its own way
        presets = borrow("core.presets")
        self._names = presets.names()
        self.row = presets.PRESETS[0]
        self.pressure_mmhg = self.row[2][1]
        self.minutes = self.row[3][1]
        self.quiet = False
        self.active_zone = NONE  # the one that was filled last

    @property
    def program(self):
        """Name of the preset, mode or own program."""
        return self.row[0]

    def names(self):
        """Everything that can be started, in the order of its numbers: presets, modes, own programs."""
        return self._names + (self.own.names() if self.own else [])

    def built_in(self, name):
        """Whether it is a preset or a mode."""
        return name in self._names

    def find(self, name):
        """The row of a preset, a mode or an own program (see presets.py), or None."""
        row = self.borrow("core.presets").find(name) if name in self._names else None
        if row is None and self.own:
            row = self.own.row(name, self.net.longest_leg)
        return row

    def build(self):
        """The chosen program; raises ProgramError when an own one is none (any more)."""
        name, mode = self.row[:2]
        zones = self.net.longest_leg
        return self.borrow("core.modes").build(mode, zones) if mode else self.own.program(name, zones)  # pyright: ignore[reportAttributeAccessIssue]

    def choose(self, program=None, pressure_mmhg=None, minutes=None, quiet=None, eased=False):
        """Changes choices; returns why one is refused (and changes nothing) or None.

        A preset brings its own pressure and minutes where they are not given. eased: below its lowest pressure is fine too.
        """
        row = self.row
        if program is not None and program != row[0]:
            row = self.find(program)
            if row is None:
                return "program: %r is not known; allowed: %s" % (program, ", ".join(self.names()))
            if pressure_mmhg is None:
                pressure_mmhg = row[2][1] or self.pressure_mmhg
            if minutes is None:
                minutes = row[3][1] or self.minutes
        why = None if pressure_mmhg is None else self._refuse_pressure(row, pressure_mmhg, eased)
        if why is None and minutes is not None:
            why = self._refuse_minutes(row, minutes, self.wearer.breathing_min)
        if why is None and quiet not in (None, True, False):
            why = "quiet: %r is not allowed; allowed: on, off" % (quiet,)
        if why is None:
            self.row = row
            self.pressure_mmhg = pressure_mmhg or self.pressure_mmhg
            self.minutes = minutes or self.minutes
            self.quiet = self.quiet if quiet is None else quiet
            self._ease()
        return why

    def forget_program(self):
        """The chosen program is no longer what it was; choose() one."""
        self.row = ("",) + self.row[1:]

    def step(self, step_mmhg):
        """So much more or less; returns why not or None. Less is always allowed, down to the lowest pressure there is."""
        return self.choose(pressure_mmhg=self.pressure_mmhg + step_mmhg, eased=True)

    def next(self):
        """The next program that this wearer may have."""
        names = self.names()
        at = names.index(self.program)
        for step in range(1, len(names)):
            if self.choose(names[(at + step) % len(names)]) is None:
                break

    def adjust(self, name, value):
        """One of the wearer's choices (see wearer.py); returns why it is refused or None."""
        why = None
        if name == "breathing_min" and value:
            why = self.wearer.refuse(name, value) or self._refuse_minutes(self.row, self.minutes, value)
        return why or self.wearer.choose(name, value) or self._ease()

    def boost(self, zone, on):
        """10 mmHg more in a zone (from 0), or no longer."""
        self.wearer.set_boost(zone, on)
        self._ease()

    def skip(self, zone, on):
        """Leaves a zone (from 0) out, or no longer; returns why not or None."""
        return self.wearer.set_skip(zone, on) or self._ease()

    def trim(self, zone, trim_mmhg):
        """So much less in a zone (from 0); returns why it is refused or None."""
        return self.wearer.set_trim(zone, trim_mmhg) or self._ease()

    def tight(self, zone=NONE):
        """Too tight here: 5 mmHg less in a zone, or in the one filled last; returns why not or None."""
        if zone == NONE:
            zone = self.active_zone
        if zone == NONE:
            return "zone: none was filled yet; name one"
        return self.trim(zone, self.wearer.trim_mmhg[zone] + limits.TRIM_STEP_MMHG)

    def _refuse_pressure(self, row, value, eased):
        high = min(row[2][2], self.wearer.most_mmhg())
        unit = " mmHg"
        if high < row[2][2]:
            caps = ((self.wearer.cap_mmhg, " (the wearer's cap)"), (self.net.board.cap_mmhg, " (the board's cap)"))
            unit += dict(caps).get(high, " in the first sessions (set comfort off lifts it)")
        return limits.outside("pressure_mmhg", value, limits.lowest("pressure_mmhg") if eased else row[2][0], high, unit)

    def _refuse_minutes(self, row, value, breathing_min):
        low = row[3][0]
        if breathing_min:
            low = max(low, breathing_min + LEAST_MAIN_MIN)
        return limits.outside("minutes", value, low, row[3][2], " min")

    def _ease(self):
        """After every change: no pressure above what the wearer may have now, and what was lowered acts at once. Returns None."""
        self.wearer.changed = True
        self.pressure_mmhg = min(self.pressure_mmhg, self.wearer.most_mmhg())
        self.sequencer.legs = self.wearer.arrangement
        self.sequencer.set_pressure(pa(self.pressure_mmhg))
