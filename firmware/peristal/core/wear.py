"""What wears: how fast each zone loses its air in a hold and how long it takes to vent, against what it took before.

leak_pa (lost in 10 s) and vent_ms of every zone can be read at any time. A freshly filled chamber stretches and sags by up to
8 mmHg in its first ten seconds, and a limb that moves looks like a loss once: so one measurement alone says nothing.
"""

from array import array

from peristal.core import faults
from peristal.core.units import NONE, pa

SETTLE_MS = 500
WINDOW_MS = 3000
TOP_UP_MS = 1000
WARN_PA = pa(12)  # lost in 10 s
STOP_PA = pa(28)
EMPTIED_FROM_PA = pa(25)
STRETCHES_PA = pa(8)  # in its first seconds
FELT_PA = pa(12)  # when a neighbour is let out
VENT_FROM_PA = pa(30)
VENTED_PA = pa(15)
ALIKE_PA = pa(12)
SLOWER_MS = 300
LONGEST_MS = 60000


def score(before, above):
    """Two up for a measurement above its limit, one down for any other."""
    return min(before + 2, 8) if above else max(before - 1, 0)


class Wear:
    """tick() gives notices to the guard, and leaves a zone out that loses its air too fast."""

    def __init__(self, net, levels, guard):
        count = net.n_zones
        self.net = net
        self.levels = levels
        self.guard = guard
        self.leak_pa = array("i", [0] * count)
        self.vent_ms = array("i", [0] * count)
        self._mark_pa = array("i", [0] * count)
        self._mark_ms = array("i", [-1] * count)  # since the mark was taken; -1: none
        self._held_ms = array("i", [0] * count)  # since the pump last drove it
        self._emptied = 0  # the zone that was last found so, and 1
        self._neighbours = bytearray(count)  # one was let out since the mark
        self._lost = bytearray(count)  # score of the measurements above the warning ...
        self._torn = bytearray(count)  # ... and above the stop
        self._from_pa = array("i", [0] * count)
        self._usual_pa = array("i", [0] * count)
        self._usual_ms = array("i", [0] * count)
        self._venting_ms = array("i", [-1] * count)
        self._slow = bytearray(count)

    def tick(self, elapsed_ms, wish):
        """Call after the levels were judged, while a session goes on."""
        levels = self.levels
        if self._others_vent(wish):
            for zone in range(self.net.n_zones):
                self._neighbours[zone] = 1
        for zone in range(self.net.n_zones):
            target = wish.target_pa[zone]
            level = levels.level_pa[zone]
            if self._held_ms[zone] < LONGEST_MS:
                self._held_ms[zone] += elapsed_ms
            if levels.filling[zone]:
                if self._mark_ms[zone] >= TOP_UP_MS and levels.static[zone]:
                    self._judge(zone, level, self._mark_ms[zone])
                self._held_ms[zone] = 0
                self._mark_ms[zone] = -1
            elif target < VENTED_PA or (not levels.shut[zone] and not levels.open[zone]):
                self._mark_ms[zone] = -1
            elif self.net.zone_sensor[zone] == NONE:
                self._look(zone, level, elapsed_ms)
            elif levels.shut[zone]:
                self._watch(zone, level, elapsed_ms)
            else:
                self._mark_ms[zone] = -1
            self._watch_vent(zone, level, elapsed_ms, target)

    def _watch(self, zone, level_pa, elapsed_ms):
        """A zone with a sensor of its own, shut."""
        passed = self._mark_ms[zone]
        if passed < 0:
            if self._held_ms[zone] >= SETTLE_MS:
                self._mark(zone, level_pa)
            return
        passed += elapsed_ms
        self._mark_ms[zone] = passed
        if passed >= WINDOW_MS:
            self._judge(zone, level_pa, passed)
            self._mark(zone, level_pa)

    def _look(self, zone, level_pa, elapsed_ms):
        """A zone that can be seen only while it is open to the still line."""
        if self._mark_ms[zone] >= 0:
            self._mark_ms[zone] += elapsed_ms
        if not self.levels.static[zone]:
            return
        passed = self._mark_ms[zone]
        if passed >= WINDOW_MS:
            self._judge(zone, level_pa, passed)
        self._mark(zone, level_pa)

    def _mark(self, zone, level_pa):
        self._mark_pa[zone] = level_pa
        self._mark_ms[zone] = self._neighbours[zone] = 0

    def emptied(self, zone):
        """A zone that should have kept its pressure has lost most of it; the second in a row: every coil let go."""
        if self._emptied and zone != self._emptied - 1:
            self.guard.trip(faults.SUPPLY_DIP)
        self._emptied = zone + 1

    def _others_vent(self, wish):
        """Whether another zone loses its air now: its neighbours feel that."""
        net = self.net
        if not net.independent:
            return self.levels.open_count and self.levels.vented
        for zone in range(net.n_zones):
            if wish.target_pa[zone] == 0 and self.levels.level_pa[zone] >= VENTED_PA:
                return True
        return False

    def _judge(self, zone, level_pa, passed_ms):
        """What was lost since the mark, less what a healthy chamber may lose."""
        lost = self._mark_pa[zone] - level_pa
        if self._mark_pa[zone] < EMPTIED_FROM_PA or level_pa > self._mark_pa[zone] // 3:
            self._emptied = 0
        else:
            self.emptied(zone)
        self.leak_pa[zone] = lost * 1000 // passed_ms * 10
        if self._held_ms[zone] <= passed_ms + SETTLE_MS + WINDOW_MS:
            lost -= STRETCHES_PA
        if self._neighbours[zone]:
            lost -= FELT_PA
        lost = lost * 1000 // passed_ms * 10
        enough = 4 if self.net.zone_sensor[zone] == NONE else 6
        self._lost[zone] = score(self._lost[zone], lost > WARN_PA)
        self._torn[zone] = score(self._torn[zone], lost > STOP_PA)
        if self._lost[zone] >= enough:
            self.guard.notice(faults.LEAKING, zone)
        if self._torn[zone] >= enough:
            self.guard.trip(faults.LEAKS, zone)

    def _watch_vent(self, zone, level_pa, elapsed_ms, target_pa):
        """From the release to 15 mmHg, of releases that begin at a like pressure."""
        passed = self._venting_ms[zone]
        if target_pa or self.levels.shut[zone]:
            self._venting_ms[zone] = -1
            self._from_pa[zone] = level_pa
            return
        if passed < 0:
            self._venting_ms[zone] = 0
            return
        if self._from_pa[zone] < VENT_FROM_PA:
            return
        passed += elapsed_ms
        self._venting_ms[zone] = passed
        if level_pa >= VENTED_PA:
            return
        self.vent_ms[zone] = passed
        usual = self._usual_ms[zone]
        if usual == 0 or abs(self._from_pa[zone] - self._usual_pa[zone]) > ALIKE_PA:
            self._usual_ms[zone] = passed
            self._usual_pa[zone] = self._from_pa[zone]
        elif passed > usual + (usual >> 1) + SLOWER_MS:
            self._slow[zone] += 1
            if self._slow[zone] > 1:
                self.guard.notice(faults.VENT_SLOW, zone)
        else:
            self._slow[zone] = 0
            self._usual_ms[zone] = usual + (passed - usual) // 4
        self._from_pa[zone] = 0
