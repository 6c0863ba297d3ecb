"""What wears: how fast each zone loses its air in a hold and how long it takes to vent, against what it took before.

leak_pa (lost in 10 s) and vent_ms of every zone can be read at any time. A loss counts over top-ups, in however short pieces.
A filled chamber stretches and cools, by a sixteenth of what the fill brought in the mean; a limb that lets go looks like a
loss once: so one measurement alone says nothing.
"""

from array import array

from peristal.core import faults
from peristal.core.units import NONE, pa

SETTLE_MS = 400
WINDOW_MS = 3000
LEAK_PERMILLE = 135  # of the target, lost in 10 s: 11 of 80 mmHg
TORN_PERMILLE = 315  # 25 of 80
STRETCH_SHIFT = 4
EMPTIED_FROM_PA = pa(25)
FELT_PA = pa(12)  # when a neighbour is let out
VENT_FROM_PA = pa(30)
VENTED_PA = pa(15)
ALIKE_PA = pa(12)
COMPANY_SHIFT = 11  # one zone more that is let out through the same vent is unlike, as 15 mmHg are
SLOWER_MS = 300
LEFT_PERCENT = 60  # a blind zone that is let out with less of what it had
HELD, FILLED, LOOSE = range(3)


def score(before, above):
    """Two up for a measurement above its limit, one down for any other."""
    return min(before + 2, 8) if above else max(before - 1, 0)


class Trend:
    """What each zone usually takes for something, from a like pressure."""

    def __init__(self, count):
        self._usual = array("i", [0] * count)
        self._pa = array("i", [0] * count)
        self._slow = bytearray(count)

    def slower(self, zone, took, pressure_pa, least, first=2):
        """Whether it took half as much again as usual, and `least` more, twice in a row; the first counts for first halves of it."""
        usual = self._usual[zone]
        if usual == 0 or abs(pressure_pa - self._pa[zone]) > ALIKE_PA:
            self._usual[zone] = took * first >> 1
            self._pa[zone] = pressure_pa
        elif took > usual + (usual >> 1) + least:
            self._slow[zone] = min(2, self._slow[zone] + 1)
        else:
            self._slow[zone] = 0
            self._usual[zone] = usual + (took - usual) // 4
        return self._slow[zone] > 1

    def most(self):
        """Whether that is so for most zones."""
        return sum(self._slow) > len(self._slow)


class Wear:
    """tick() gives notices to the guard, and leaves a zone out that loses its air too fast."""

    def __init__(self, net, levels, guard):
        count = net.n_zones
        self.net = net
        self.levels = levels
        self.guard = guard
        self.leak_pa = array("i", [0] * count)
        self.vent_ms = array("i", [0] * count)
        self._state = bytearray([LOOSE] * count)  # since it was last measured
        self._last_pa = array("i", [0] * count)
        self._lost_pa = array("i", [0] * count)  # in this window, ...
        self._held_ms = array("i", [0] * count)  # ... as long as it was kept
        self._settle_ms = array("i", [0] * count)  # until line and hose are still after a fill
        self._stretch_pa = array("i", [0] * count)  # what it may still lose for its last fills
        self._emptied = 0  # the zone that was last found so, and 1
        self._neighbours = bytearray(count)  # one was let out in this window
        self._lost = bytearray(count)  # score of the measurements above the warning ...
        self._torn = bytearray(count)  # ... and above the stop
        self._from_pa = array("i", [0] * count)
        self._venting_ms = array("i", [-1] * count)
        self._company = bytearray(count)  # the most zones that left through the line's vent meanwhile
        self._vents = Trend(count)
        self._air_ul = array("i", [-1] * count)  # since it was let out; -1: it has its pressure
        self._fills = Trend(count)

    def tick(self, elapsed_ms, wish):
        """Call after the levels were judged, while a session goes on."""
        levels = self.levels
        leg_of = self.net.leg_of
        for zone in range(self.net.n_zones):
            target = wish.target_pa[zone]
            level = levels.level_pa[zone]
            blind = self.net.zone_sensor[zone] == NONE
            if levels.vented if levels.open[zone] else not levels.shut[zone] and level >= VENTED_PA:
                for other in range(zone - 1, zone + 2):  # they feel that
                    if other != zone and 0 <= other < self.net.n_zones and leg_of[other] == leg_of[zone]:
                        self._neighbours[other] = 1
            if target < VENTED_PA or not (levels.shut[zone] or levels.open[zone]):
                self._release(zone, level, blind)
            elif (levels.open[zone] and (not blind or levels.vented or levels.filling[zone])) or (self._neighbours[zone] and not blind):
                self._state[zone] = FILLED
                if levels.filling[zone]:
                    self._settle_ms[zone] = SETTLE_MS
                    if self._air_ul[zone] >= 0:
                        self._air_ul[zone] += self.guard.zones.flow_ul
                if not blind:
                    self._neighbours[zone] = 0
            elif self._settle_ms[zone] > 0 and not blind:
                self._settle_ms[zone] -= elapsed_ms
            else:
                if self._state[zone] == HELD:
                    self._held_ms[zone] += elapsed_ms
                if levels.static[zone]:
                    self._measure(zone, level, target)
            self._watch_vent(zone, level, elapsed_ms, target)

    def _measure(self, zone, level_pa, target_pa):
        """A zone that is kept, as it can be seen now."""
        lost = self._last_pa[zone] - level_pa
        if self._state[zone] == HELD and self._last_pa[zone] >= EMPTIED_FROM_PA and self.net.zone_sensor[zone] == NONE:
            self._look(zone, level_pa)
        self._last_pa[zone] = level_pa
        if self._state[zone] != HELD:
            if level_pa >= VENTED_PA:
                self._state[zone] = HELD
            if lost < 0:
                self._stretch_pa[zone] -= lost >> STRETCH_SHIFT
            if self._air_ul[zone] > 0 and level_pa > max(VENT_FROM_PA, target_pa - (target_pa >> 2)):
                # The first one after the slack was taken up needs least.
                if self._fills.slower(zone, self._air_ul[zone], level_pa, 0, 3):
                    self.guard.notice(faults.PUMP_WEAK if self._fills.most() else faults.SLOW_FILL, zone)
                self._air_ul[zone] = -1
            return
        self._lost_pa[zone] += lost
        if self._held_ms[zone] >= WINDOW_MS:
            self._judge(zone, target_pa)

    def _release(self, zone, level_pa, blind):
        """A zone is let out: the end of its window, or, where the line shows it only now, a look at what is left of it."""
        if self._state[zone] != LOOSE:
            if blind:
                if not self.levels.open[zone] or (self.levels.open_count == 1 and level_pa >= self._last_pa[zone]):
                    return
                if self.levels.open_count == 1 and self._last_pa[zone] >= EMPTIED_FROM_PA:
                    most_pa = self._last_pa[zone] * LEFT_PERCENT // 100
                    self._torn[zone] = score(self._torn[zone], level_pa < most_pa)
                    self._tell(zone)
                    self._look(zone, level_pa)
            elif self._held_ms[zone] >= WINDOW_MS >> 1:
                self._judge(zone, max(VENTED_PA, self._last_pa[zone]))
            self._state[zone] = LOOSE
        self._last_pa[zone] = level_pa
        self._lost_pa[zone] = self._held_ms[zone] = self._stretch_pa[zone] = 0
        if level_pa < VENTED_PA:
            self._air_ul[zone] = 0

    def _look(self, zone, level_pa):
        """A blind zone can be seen."""
        if level_pa > self._last_pa[zone] // 3:
            self._emptied = 0
        else:
            self.emptied(zone)

    def emptied(self, zone):
        """A zone that should have kept its pressure has lost most of it; the second in a row: every coil let go."""
        if self._emptied and zone != self._emptied - 1:
            self.guard.trip(faults.SUPPLY_DIP)
        self._emptied = zone + 1

    def _judge(self, zone, target_pa):
        """What was lost in the window, less what a healthy chamber may lose."""
        lost = self._lost_pa[zone]
        passed_ms = self._held_ms[zone]
        self.leak_pa[zone] = lost * 1000 // passed_ms * 10
        stretch = min(self._stretch_pa[zone], max(0, lost))
        self._stretch_pa[zone] -= stretch
        lost -= stretch
        if self._neighbours[zone]:
            lost -= FELT_PA
        self._lost_pa[zone] = self._held_ms[zone] = self._neighbours[zone] = 0
        permille = lost * 1000 // target_pa * 10000 // passed_ms
        self._lost[zone] = score(self._lost[zone], permille > LEAK_PERMILLE)
        self._torn[zone] = score(self._torn[zone], permille > TORN_PERMILLE)
        self._tell(zone)

    def _tell(self, zone):
        enough = 4 if self.net.zone_sensor[zone] == NONE else 6
        if self._lost[zone] >= enough - (enough >> 2):
            self.guard.notice(faults.LEAKING, zone)
        if self._torn[zone] >= enough:
            self.guard.trip(faults.LEAKS, zone)

    def _watch_vent(self, zone, level_pa, elapsed_ms, target_pa):
        """From the release to 15 mmHg, of releases that begin at a like pressure and in like company."""
        passed = self._venting_ms[zone]
        if target_pa or self.levels.shut[zone]:
            self._venting_ms[zone] = -1
            self._from_pa[zone] = level_pa
            return
        if passed < 0:
            self._venting_ms[zone] = self._company[zone] = 0
            return
        if self.levels.vented and self.levels.open_count > self._company[zone]:
            self._company[zone] = self.levels.open_count
        if self._from_pa[zone] < VENT_FROM_PA:
            return
        passed += elapsed_ms
        self._venting_ms[zone] = passed
        if level_pa >= VENTED_PA:
            return
        self.vent_ms[zone] = passed
        if self._vents.slower(zone, passed, self._from_pa[zone] + (self._company[zone] << COMPANY_SHIFT), SLOWER_MS):
            self.guard.notice(faults.VENT_SLOW, zone)
        self._from_pa[zone] = 0
