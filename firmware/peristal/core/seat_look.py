"""Before everything is let out: the line alone, for a moment, while the zones still have their air.

It is let out and shut again, and must stay empty: what fills it comes through a valve that does not close. Where all zones rise and fall
together such a zone would give its air to the next one, or take some from it, and never be seen. Then, where zones have no sensors of their
own, the one that was not seen for longest is opened to the line first: what it has lost in a short hold nothing else shows. What the line
shows is judged by the guard (runs_on.py, leaks.py).
"""

from peristal.core.units import NONE, pa

OUT_MS = 60  # the line of a few mL is empty
SHUT_MS = 160  # ... and has shown whether it stays so (runs_on.LEAST_MS, and two readings)
ZONE_MS = 160  # and more, until a zone and the line have met and two readings were taken
MOST_MS = 900  # all in all: valves that do not come to rest are not waited for
FROM_PA = pa(15)  # a program that lets out slowly comes down to 25


class SeatLook:
    """looks() writes the wish while it goes on."""

    def __init__(self, net, drive):
        self.net = net
        self.drive = drive
        self._over = True
        self._every = 1 if net.zone_sensor[0] == NONE else 2  # cycle: a zone's own sensor shows most of it, and each look wears the vent
        self._turn = 0
        self._ms = self._rest_ms = 0
        self._zone = NONE
        self._whole_ms = OUT_MS + SHUT_MS
        self._works = net.line_sensor != NONE and not net.independent

    def fills(self):
        """Some zone is to have pressure: the next time that all are let out is another one."""
        if self._over:
            self._over = not self._works
            self._ms = self._rest_ms = 0

    def looks(self, elapsed_ms, wish, zones_pa, age_ms):
        """All zones are to be let out: whether they still wait for the line.

        zones_pa: what they have, as was seen age_ms ago; None: nobody waits.
        """
        if self._over:
            return False
        drive = self.drive
        begins = self._ms == 0
        self._ms += elapsed_ms
        if begins:
            self._turn = (self._turn + 1) % self._every
            self._over = self._turn > 0 or zones_pa is None or max(zones_pa) < FROM_PA
            if not self._over:
                self._choose(zones_pa, age_ms)
        elif drive.in_place and drive.pump_still_ms > self.net.coast_ms:  # nothing else moves the line
            self._rest_ms += elapsed_ms
        if self._over or zones_pa is None or self._ms > MOST_MS or self._rest_ms > self._whole_ms:
            self._over = True
            return False
        wish.pump_permille = 0
        for valve in range(self.net.n_valves):
            wish.coil[valve] = 1
        if self._rest_ms <= OUT_MS:
            wish.coil[self.net.vent_valve] = 0
        elif self._rest_ms > OUT_MS + SHUT_MS:
            wish.coil[self.net.fill_valve[self._zone]] = 0
        return True

    def _choose(self, zones_pa, age_ms):
        self._zone = NONE
        self._whole_ms = OUT_MS + SHUT_MS
        if self._every > 1:
            return
        for zone in self.net.each_zone:
            if zones_pa[zone] >= FROM_PA and (self._zone == NONE or age_ms[zone] > age_ms[self._zone]):
                self._zone = zone
        self._whole_ms += ZONE_MS + self.net.settle_ms[self._zone]
