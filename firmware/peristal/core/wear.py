"""What wears: how fast each zone loses its air in a hold and how long it takes to vent, against what it took before.

leak_pa (lost in 10 s) and vent_ms of every zone can be read at any time. A loss counts over top-ups, in however short pieces.
A filled chamber stretches and cools, by a sixteenth of what the fill brought in the mean; a limb that lets go looks like a
loss once: so one measurement alone says nothing.
"""

from array import array

from peristal.core import faults, model
from peristal.core.units import NONE, clamp, pa

SETTLE_MS = 400
WINDOW_MS = 3000
LEAK_PERMILLE = 135  # of the target, lost in 10 s: 11 of 80 mmHg
TORN_PERMILLE = 315  # 25 of 80
STRETCH_SHIFT = 4
ABOVE_PA = pa(5)  # a fresh fill may be 3.75 too high; what is further above is being let down, or a limb presses it
GONE_PA = pa(22)  # a limb moves 20
EMPTIED_FROM_PA = pa(25)
FELT_SHIFT = 3  # of what the neighbours' pressures together fell: boot chambers overlap by up to a tenth
FULL_PA = pa(30)  # a fill that is compared
VENT_FROM_PA = pa(20)  # a release that is: a program that lets out slowly opens only then
PRESSED_PA = pa(3)  # what leaves does not rise: a limb, and that release says nothing
VENTED_PA = pa(15)
ALIKE_PA = pa(12)
COMPANY_SHIFT = 11  # one zone more that is let out through the same vent is unlike, as 15 mmHg are
SLOWER_MS = 200  # valves and readings may be so late
MOST = 1 << 29
DUE_PERMILLE = 1200  # of what the declared parts need: the most that is usual
LIMB_MS = 2000  # so long a limb may hold a zone up
DUE_FROM_PA = 2000  # 15 mmHg
DUE_SHIFT = 10  # one entry of the table for each 1024 Pa
DUE_LITRES_SHIFT = 3  # of a chamber of 8 L, so that the model's steps of 20 ms do not show
GIFT_SHIFT = 4  # uL for each mL of its volume: 1.6 %; from 15 to 30 mmHg even the stiffest takes four times that
GIFTS = 2  # in a row
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

    def slower(self, zone, took, pressure_pa, least, first, most=MOST):
        """Whether it took half as much again as usual, and `least` more, twice in a row.

        first: what is usual until it is known; most: what it can be at the most.
        """
        usual = self._usual[zone]
        fresh = usual == 0 or abs(pressure_pa - self._pa[zone]) > ALIKE_PA
        if fresh:
            self._usual[zone] = usual = first
            self._pa[zone] = pressure_pa
        if took > usual + (usual >> 1) + least:
            self._slow[zone] = min(2, self._slow[zone] + 1)
        elif not fresh:
            self._slow[zone] = 0
            self._usual[zone] = min(most, usual + (took - usual) // 4)
        return self._slow[zone] > 1

    def unlike(self, zone, took, pressure_pa):
        """Whether it has already taken twice as much as usual, and is still far below."""
        return took > self._usual[zone] << 1 and self._usual[zone] > 0 and pressure_pa < self._pa[zone] - ALIKE_PA

    def at(self, zone):
        """The pressure that it usually takes it for."""
        return self._pa[zone]

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
        self._neighbours = bytearray(count)  # one is let out: a zone with a sensor of its own feels it
        self._near_pa = array("i", [0] * count)  # pressures of the neighbours together as this window began
        self._lost = bytearray(count)  # score of the measurements above the warning ...
        self._torn = bytearray(count)  # ... and above the stop
        self._from_pa = array("i", [0] * count)
        self._seen = bytearray(count)  # that was measured since its last fill, and is not what the line read in it
        self._venting_ms = array("i", [-1] * count)
        self._company = bytearray(count)  # the most zones that left through the line's vent meanwhile
        self.due_ms = array("i", [0] * count)  # what the declared parts need for it
        self._lowest_pa = array("i", [0] * count)  # meanwhile
        # From 15 mmHg and each 1024 Pa above it down to 15 mmHg, for 8 L through 1 L/(s bar).
        self._unit_ms = array("i", [0] * 17)
        for step in range(1, 17):
            from_pa = DUE_FROM_PA + (step << DUE_SHIFT)
            self._unit_ms[step] = self._unit_ms[step - 1] + model.vent_ms(8000, 1000, from_pa, from_pa - (1 << DUE_SHIFT))
        self._vents = Trend(count)
        self._air_ul = array("i", [-1] * count)  # since it was let out; -1: it has its pressure
        self._given = bytearray(count)  # how often in a row it was full without having been filled
        self._fills = Trend(count)

    def tick(self, elapsed_ms, wish):
        """Call after the levels were judged, while a session goes on."""
        levels = self.levels
        leg_of = self.net.leg_of
        for zone in range(self.net.n_zones):
            target = wish.target_pa[zone]
            level = levels.level_pa[zone]
            blind = self.net.zone_sensor[zone] == NONE
            if not blind and (levels.vented if levels.open[zone] else not levels.shut[zone] and level >= VENTED_PA):
                for other in range(zone - 1, zone + 2):  # they feel that
                    if other != zone and 0 <= other < self.net.n_zones and leg_of[other] == leg_of[zone]:
                        self._neighbours[other] = 1
            if target < VENTED_PA or not (levels.shut[zone] or levels.open[zone]):
                self._release(zone, level, blind)
            elif (levels.open[zone] and (not blind or levels.vented or levels.filling[zone])) or self._neighbours[zone]:
                self._state[zone] = FILLED
                if levels.filling[zone]:
                    self._settle_ms[zone] = SETTLE_MS
                    if self._air_ul[zone] >= 0:
                        self._air_ul[zone] += self.guard.zones.flow_ul
                        if self._fills.unlike(zone, self._air_ul[zone], level):
                            self._filled(zone, self._fills.at(zone))
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
        above = self._last_pa[zone] > target_pa + ABOVE_PA
        self._last_pa[zone] = level_pa
        if above and self._state[zone] == HELD:
            self._state[zone] = FILLED  # where it comes down to its target its loss says nothing
        if self._state[zone] != HELD:
            if level_pa >= VENTED_PA:
                self._state[zone] = HELD
                if self._held_ms[zone] == 0:
                    self._near_pa[zone] = self._near(zone)
                if lost < 0:  # not before: the noise of a slack chamber that waits for its fill is no rise
                    self._stretch_pa[zone] -= lost >> STRETCH_SHIFT
            if self._air_ul[zone] >= 0 and level_pa > max(FULL_PA, target_pa - (target_pa >> 2)):
                self._watch_gift(zone)
                if self._air_ul[zone]:
                    self._filled(zone, level_pa)
                self._air_ul[zone] = -1
            return
        self._lost_pa[zone] += lost
        if self._held_ms[zone] >= WINDOW_MS:
            self._judge(zone, target_pa)

    def _watch_gift(self, zone):
        """A blind zone that was let out is full again, and next to none of the air was its own: it came with another's."""
        if self._air_ul[zone] > self.net.zones[zone].volume_ml << GIFT_SHIFT or self.net.zone_sensor[zone] != NONE:
            self._given[zone] = 0
            return
        self._given[zone] += 1
        if self._given[zone] >= GIFTS:
            self.guard.trip(faults.VALVE_STUCK_OPEN, zone)

    def _filled(self, zone, level_pa):
        """So much air for this pressure; the first one after the slack was taken up needs least."""
        if self._fills.slower(zone, self._air_ul[zone], level_pa, 0, self._air_ul[zone] * 3 >> 1):
            self.guard.notice(faults.PUMP_WEAK if self._fills.most() else faults.SLOW_FILL, zone)
        self._air_ul[zone] = -1

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
        lost = self._last_pa[zone] - level_pa
        if lost < GONE_PA or lost * 3 < self._last_pa[zone]:
            self._emptied = 0
        else:
            self.emptied(zone)

    def emptied(self, zone):
        """A zone that should have kept its pressure has lost much of it; the second in a row: every coil let go."""
        if self._emptied and zone != self._emptied - 1:
            self.guard.trip(faults.SUPPLY_DIP)
        self._emptied = zone + 1

    def _near(self, zone):
        level_pa, leg_of = self.levels.level_pa, self.net.leg_of
        near_pa = 0
        for other in range(zone - 1, zone + 2, 2):
            if 0 <= other < self.net.n_zones and leg_of[other] == leg_of[zone]:
                near_pa += level_pa[other]
        return near_pa

    def _judge(self, zone, target_pa):
        """What was lost in the window, less what a healthy chamber may lose."""
        lost = self._lost_pa[zone]
        passed_ms = self._held_ms[zone]
        self.leak_pa[zone] = lost * 1000 // passed_ms * 10
        stretch = min(self._stretch_pa[zone], max(0, lost))
        self._stretch_pa[zone] -= stretch
        lost -= stretch
        near_pa = self._near(zone)
        if near_pa < self._near_pa[zone]:
            lost -= self._near_pa[zone] - near_pa >> FELT_SHIFT
        self._near_pa[zone] = near_pa
        self._lost_pa[zone] = self._held_ms[zone] = 0
        permille = lost * 1000 // target_pa * 10000 // passed_ms
        # What only the stretch of a fresh fill excuses says nothing, in a program of short holds least of all.
        if permille > LEAK_PERMILLE or (lost + stretch) * 1000 // target_pa * 10000 // passed_ms <= LEAK_PERMILLE:
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
            if self.levels.static[zone]:
                self._seen[zone] = 1
            elif self.levels.filling[zone]:
                self._seen[zone] = 0
            return
        if passed < 0:
            self._venting_ms[zone] = self._company[zone] = self.due_ms[zone] = 0
            if self.net.independent:
                self.due_ms[zone] = self._due(zone)
            self._lowest_pa[zone] = level_pa
            return
        if self.levels.vented and self.levels.open_count > self._company[zone]:
            self._company[zone] = self.levels.open_count
            self.due_ms[zone] = self._due(zone)
        if self._from_pa[zone] < VENT_FROM_PA:
            return
        if level_pa < self._lowest_pa[zone]:
            self._lowest_pa[zone] = level_pa
        elif level_pa > self._lowest_pa[zone] + PRESSED_PA:
            self._from_pa[zone] = 0
            return
        passed += elapsed_ms
        self._venting_ms[zone] = passed
        due_ms = self.due_ms[zone]
        if due_ms == 0:
            return  # the line's vent is not open yet
        if level_pa >= VENTED_PA:
            if passed > (due_ms << 1) + LIMB_MS:
                self.guard.notice(faults.VENT_SLOW, zone)  # no limb does that, nor a part within its tolerance
            return
        self.vent_ms[zone] = passed
        if not self._seen[zone]:  # a fill that the session's end cut short: from far lower, and so in no time
            self._from_pa[zone] = 0
            return
        like_pa = self._from_pa[zone] + (self._company[zone] << COMPANY_SHIFT)
        took = passed * 1000 // due_ms
        if self._vents.slower(zone, took, like_pa, SLOWER_MS * 1000 // due_ms, min(took, DUE_PERMILLE), DUE_PERMILLE):
            self.guard.notice(faults.VENT_SLOW, zone)
        self._from_pa[zone] = 0

    def _due(self, zone):
        """How long the declared parts need from here to 15 mmHg; from 0.6 to 1.4 times that is what healthy ones take."""
        net = self.net
        level_pa = self.levels.level_pa
        volume = net.zones[zone].volume_ml
        fill_c = net.valves[net.fill_valve[zone]].c_ml_s_bar
        if net.independent:
            return self._vent_due(level_pa[zone], volume, net.valves[net.exhaust_valve[zone]].c_ml_s_bar)
        vent_c = net.valves[net.vent_valve].c_ml_s_bar
        due_ms = self._vent_due(level_pa[zone], volume, model.series(fill_c, vent_c))
        air = volume = ways_c = 0
        for other in range(net.n_zones):
            if not self.levels.shut[other]:
                air += net.zones[other].volume_ml * (level_pa[other] >> 4)
                volume += net.zones[other].volume_ml
                ways_c += net.valves[net.fill_valve[other]].c_ml_s_bar
        if net.zone_sensor[zone] == NONE and ways_c > fill_c:
            due_ms = max(due_ms, self.levels.mix_ms[zone])
        return max(due_ms, self._vent_due(air // volume << 4, volume, model.series(ways_c, vent_c)))

    def _vent_due(self, from_pa, volume_ml, way_c):
        from_pa = clamp(from_pa - DUE_FROM_PA, 0, (16 << DUE_SHIFT) - 1)
        step = from_pa >> DUE_SHIFT
        low = self._unit_ms[step]
        unit_ms = low + ((self._unit_ms[step + 1] - low) * (from_pa & 1023) >> DUE_SHIFT)
        return max(1, unit_ms * volume_ml // (way_c << DUE_LITRES_SHIFT))
