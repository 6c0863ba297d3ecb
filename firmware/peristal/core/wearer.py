"""The wearer: what a person changes on top of any program, and what is remembered of this person.

Whatever was boosted, no zone is asked for more than most_mmhg(): the smallest of the absolute cap, the board's, the wearer's, and the
ceiling of the first sessions.
"""


from peristal.core import limits
from peristal.core.sequencer import LEGS
from peristal.core.units import clamp, pa, zeros

BREATHING = (0, 2, 3)  # minutes: the guide's "2-3 minutes of slow diaphragmatic breathing"
# Shares of the pressure in the first two cycles: a real pump needs two or three until its set pressure, and so does a leg.
RISE_PERMILLE = (700, 850)
LEAST_PA = pa(limits.lowest("pressure_mmhg"))
ROUNDING_PA = 100
FELT_PA = pa(limits.highest("released_mmhg"))  # what is asked below this only takes up slack

CHOICES = ("cap_mmhg", "comfort", "leg", "arrangement", "pace_percent", "breathing_min")


class Wearer:
    """The choices named above (leg: 0 = both), sessions (how many went well), and zone by zone trim_mmhg, boost and skip (0 or 1)."""

    def __init__(self, net):
        count = net.n_zones
        self.net = net
        self.changed = False  # since it was stored
        self.cap_mmhg = limits.CAP_MMHG
        self.comfort = 1
        self.leg = 0
        self.arrangement = 0
        self.pace_percent = limits.default("pace_percent")
        self.pace_permille = 1000  # how long steps under pressure last
        self.breathing_min = 0
        self.sessions = 0
        self.trim_mmhg = bytearray(count)
        self.boost = bytearray(count)
        self.skip = bytearray(count)
        self.sequencer = None  # set by who builds both
        self._most_pa = 0
        self._more_pa = zeros(count)
        self._update()

    def most_mmhg(self):
        """The most that any zone may be asked for now."""
        most = min(self.cap_mmhg, self.net.board.cap_mmhg)
        if self.comfort and self.sessions < limits.highest("first_sessions"):
            most = min(most, limits.highest("first_mmhg"))
        return most

    def zone_pa(self, zone, asked_pa):
        """What a zone is to have where the program asks for asked_pa (0..pa(120)): the one place where wearer and program meet."""
        if asked_pa <= 0 or self.is_out(zone):
            return 0
        if asked_pa >= FELT_PA:
            cycle = self.sequencer.cycle  # pyright: ignore[reportAttributeAccessIssue]
            if self.comfort and cycle <= len(RISE_PERMILLE):
                rise_permille = RISE_PERMILLE[max(0, cycle - 1)]
                asked_pa = max(asked_pa * rise_permille // 1000, min(asked_pa, LEAST_PA))
            asked_pa += self._more_pa[zone]
            if self.trim_mmhg[zone] and asked_pa < LEAST_PA - ROUNDING_PA:
                return 0  # too tight even at the lowest pressure there is: nothing
        return clamp(asked_pa, 0, self._most_pa)

    def is_out(self, zone):
        """Whether a zone is left out: skipped, or of the leg that is not worn."""
        return self.skip[zone] or (self.leg and self.net.leg_of[zone] != self.leg - 1)

    def refuse(self, name, value):
        """Why a choice may not have this value (naming what may), or None."""
        low, high = (0, 0)
        if name in limits.LIMITS:
            return limits.refuse(name, value)
        if name == "breathing_min":
            return None if value in BREATHING else "breathing_min: %r is not allowed; allowed: 0, 2, 3 min" % (value,)
        if name == "comfort":
            high = 1
        elif name == "leg":
            high = self.net.n_legs
        elif name == "arrangement":
            high = len(LEGS) - 1 if self.net.n_legs > 1 else 0
        return limits.outside(name, value, low, high)

    def choose(self, name, value):
        """Sets one of CHOICES; returns why it is refused (and changes nothing) or None."""
        why = self.refuse(name, value)
        if why is None and name == "leg" and not self._any_left(self.skip, value):
            why = "leg: every zone of it is skipped"
        if why is None:
            setattr(self, name, int(value))
            self._update()
        return why

    def set_boost(self, zone, on):
        """10 mmHg more in one zone (from 0), as far as the cap allows, until the session ends."""
        self.boost[zone] = 1 if on else 0
        self._update()

    def set_skip(self, zone, on):
        """Leaves a zone out (or no longer), also in later sessions; returns why not or None."""
        if on:
            skip = bytearray(self.skip)
            skip[zone] = 1
            if not self._any_left(skip, self.leg):
                return "skip: zone %d is the last one left" % (zone + 1)
        self.skip[zone] = 1 if on else 0
        self._update()
        return None

    def set_trim(self, zone, trim_mmhg):
        """So much less in a zone, in every session; returns why it is refused or None."""
        why = limits.refuse("trim_mmhg", trim_mmhg)
        if why is None:
            self.trim_mmhg[zone] = trim_mmhg
            self._update()
        return why

    def end_session(self, well):
        """Boosts were for this session only; one that went well (long enough, no complaint) counts."""
        for zone in self.net.each_zone:
            self.boost[zone] = 0
        if well:
            self.sessions = min(self.sessions + 1, limits.highest("first_sessions"))
        self._update()

    def recall(self, stored):
        """Takes over what was stored (a dict); what is out of its bounds is left as it is."""
        for name in CHOICES:
            self.choose(name, stored.get(name))
        sessions = stored.get("sessions")
        if isinstance(sessions, int):
            self.sessions = clamp(sessions, 0, limits.highest("first_sessions"))
        trims, skips = stored.get("trim_mmhg"), stored.get("skip")
        for zone in self.net.each_zone:
            if isinstance(trims, list) and len(trims) == self.net.n_zones:
                self.set_trim(zone, trims[zone])
            if isinstance(skips, list) and len(skips) == self.net.n_zones and skips[zone] == 1:
                self.set_skip(zone, 1)
        self._update()

    def profile(self):
        """What recall() takes."""
        stored = {name: getattr(self, name) for name in CHOICES}
        stored["sessions"] = self.sessions
        stored["trim_mmhg"] = list(self.trim_mmhg)
        stored["skip"] = list(self.skip)
        return stored

    def _any_left(self, skip, leg):
        for zone in self.net.each_zone:
            if not skip[zone] and (leg == 0 or self.net.leg_of[zone] == leg - 1):
                return True
        return False

    def _update(self):
        self.changed = True
        self.pace_permille = 100000 // self.pace_percent
        self._most_pa = pa(self.most_mmhg())
        for zone in self.net.each_zone:
            more = limits.highest("boost_mmhg") if self.boost[zone] else 0
            self._more_pa[zone] = pa(more - self.trim_mmhg[zone])
