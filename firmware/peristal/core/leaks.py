"""Leaks: how fast each zone loses its air in a hold.

leak_pa (lost in 10 s) of every zone can be read at any time. A loss counts over top-ups, in however short pieces.
A filled chamber stretches and cools, by a sixteenth of what the fill brought in the mean. A limb moves a zone within two
readings of a sensor of its own, up or down, and that counts neither way; where a blind zone is looked at, a limb that lets go
looks like a loss once: so one measurement alone says nothing.
"""


from peristal.core import faults
from peristal.core.units import NONE, pa, zeros

SETTLE_MS = 400
WINDOW_MS = 3000
LEAK_PERMILLE = 100  # of the target, lost in 10 s: 8 of 80 mmHg, where a healthy one loses 2 and stretches a few more than the mean, ...
LEAK_BLIND_PERMILLE = 135  # ... and 11 where a limb that lets go between two looks seems a loss
ALIKE_PERMILLE = 75  # 6 of 80, time and again as much, is no limb either: healthy ones stretch a few more than the mean ...
APART_PERMILLE = 35  # ... and this differs by so much at the most
ALIKE = 3  # less one for each that is not
LOWER_PA = pa(16)  # what is let down first has stretched, and says nothing of what it loses higher up
TORN_PERMILLE = 315  # 25 of 80
STRETCH_SHIFT = 4
STRETCH_SHARE = 36  # of the target: the most that even a soft chamber stretches in a second, and what was held shortly stretched little
JUMP_PA = pa(2)  # from one reading to the next, 20 to 180 ms: a leak that would be left out loses a tenth of that
ABOVE_PA = pa(5)  # a fresh fill may be 3.75 too high; what is further above is being let down, or a limb presses it
STILL_PA = pa(1)  # of what a look has shown; twice its noise
GONE_PA = pa(22)  # a limb moves 20
EMPTIED_FROM_PA = pa(25)
FELT_SHIFT = 3  # of what the neighbours' pressures together fell: boot chambers overlap by up to a tenth
VENTED_PA = pa(15)
TORN = 4  # two for a window or a look with a loss, one more for what no limb moves, ...
TORN_BLIND = 6  # ... whose jumps a sensor of its own sees
LEFT_PERCENT = 60  # a blind zone that is let out with less of what it had
HELD, FILLED, LOOSE = range(3)


def score(before, above):
    """Two up for a measurement above its limit, one down for any other."""
    return min(before + 2, 8) if above else max(before - 1, 0)


class Leaks:
    """tick() gives notices to the guard, and leaves a zone out that loses its air too fast.

    last_pa: what each zone showed last.
    """

    def __init__(self, net, levels, trends, guard):
        count = net.n_zones
        self._blind = net.zone_sensor[0] == NONE  # all are, or none
        self._leak_permille = LEAK_BLIND_PERMILLE if self._blind else LEAK_PERMILLE
        self.net = net
        self.levels = levels
        self.trends = trends
        self.guard = guard
        self.leak_pa = zeros(count)
        self._state = bytearray([LOOSE] * count)  # since it was last measured
        self.last_pa = zeros(count)
        self._lost_pa = zeros(count)  # in this window, ...
        self._held_ms = zeros(count)  # ... as long as it was kept
        self._settle_ms = zeros(count)  # until line and hose are still after a fill
        self._stretch_pa = zeros(count)  # what it may still lose for its last fills
        self._moved = bytearray(count)  # 2: it jumped in its last reading; 1: in the one before too
        self._neighbours = bytearray(count)  # one is let out: a zone with a sensor of its own feels it
        self._near_pa = zeros(count)  # pressures of the neighbours together as this window began
        self._lost = bytearray(count)  # score of the measurements above the warning ...
        self._torn = bytearray(count)  # ... and above the stop
        self._alike = bytearray(count)  # and how often a blind one lost about as much again, ...
        self._alike_permille = zeros(count)  # ... this last, ...
        self._alike_pa = zeros(count)  # ... at this target
        self._looked = self._before = NONE  # the blind zone that was seen in this tick, and in the one before
        self._ends = False  # it is let out next
        self._look_pa = 0  # what it showed as it was looked at, or when it had fallen last

    def tick(self, elapsed_ms, wish):
        """Call after the levels were judged, while a session goes on."""
        levels = self.levels
        leg_of = self.net.leg_of
        blind = self._blind
        self._before = self._looked
        self._looked = NONE
        for zone in self.net.each_zone:
            target = wish.target_pa[zone]
            level = levels.level_pa[zone]
            if not blind and (levels.vented if levels.open[zone] else not levels.shut[zone] and level >= VENTED_PA):
                for other in range(zone - 1, zone + 2, 2):  # they feel that
                    if 0 <= other < self.net.n_zones and leg_of[other] == leg_of[zone]:
                        self._neighbours[other] = 1
            if target >= VENTED_PA and levels.open[zone]:
                self.trends.feed(zone, level, target, elapsed_ms)
            if target < VENTED_PA or not (levels.shut[zone] or levels.open[zone]):
                self._release(zone, level)
            elif (levels.open[zone] and (not blind or levels.vented or levels.filling[zone])) or self._neighbours[zone]:
                self._state[zone] = FILLED
                if levels.filling[zone]:
                    self._settle_ms[zone] = SETTLE_MS
                    if not blind and not self.guard.answer.driven_ms[zone]:
                        self._fill_again(zone)
                self._neighbours[zone] = 0
            elif self._settle_ms[zone] > 0 and not blind:
                self._settle_ms[zone] -= elapsed_ms
            else:
                if self._state[zone] == HELD:
                    self._held_ms[zone] += elapsed_ms
                if levels.static[zone]:
                    self._measure(zone, level, target)
                elif blind and self._state[zone] == HELD:
                    self.trends.filled(zone, self.last_pa[zone], target)

    def _fill_again(self, zone):
        """A zone with a sensor of its own that has lost by its next fill what no limb moves, and alone: a seam that bursts."""
        if self.guard.plausible.came_empty(zone) and not self.trends.sat[zone]:
            self.guard.plausible.counted(zone)
            self._tear(zone, True, GONE_PA + 1)
            self._tell(zone)

    def _measure(self, zone, level_pa, target_pa):
        """A zone that is kept, as it can be seen now."""
        lost = self.last_pa[zone] - level_pa
        if self._blind:
            if self._before != zone:
                self._look_pa = level_pa
                if self._state[zone] == HELD and lost >= GONE_PA and lost * 3 >= self.last_pa[zone]:
                    self.guard.second.doubt(zone, faults.OK)  # has another one lost its air, too?
            elif self._look_pa - level_pa > STILL_PA:
                self._lost_pa[zone] += self.last_pa[zone] - self._look_pa
                self._look_pa = level_pa
                self._state[zone] = FILLED  # through a narrow way the line still falls
                if lost > STILL_PA and level_pa > target_pa >> 1:  # below that it waits for its fill, and loses nothing
                    self._lost[zone] = self._torn[zone] = 0  # no leak is so fast: what it seemed to lose was the line's
            self._looked = zone
            if self._state[zone] == HELD and lost < STILL_PA:
                self.trends.filled(zone, level_pa, target_pa)
        above = self.last_pa[zone] > target_pa + ABOVE_PA
        self.last_pa[zone] = level_pa
        if above and self._state[zone] == HELD:
            self._state[zone] = FILLED  # where it comes down to its target its loss says nothing
        if self._state[zone] != HELD:
            if level_pa >= VENTED_PA:
                self._state[zone] = HELD
                self._moved[zone] = 0
                if self._held_ms[zone] == 0:
                    self._near_pa[zone] = self.levels.near_pa(zone)
                if lost < 0:  # not before: the noise of a slack chamber that waits for its fill is no rise
                    self._stretch_pa[zone] -= lost >> STRETCH_SHIFT
            return
        moved = self._moved[zone]
        jumps = not self._blind and abs(lost) > JUMP_PA
        self._moved[zone] = (1 if moved else 2) if jumps else 0
        if moved == 1 or not (moved or jumps):  # the other half of a jump may come with the next reading; what goes on is no limb
            self._lost_pa[zone] += lost
        if self._held_ms[zone] >= WINDOW_MS:
            self._judge(zone, target_pa)

    def _release(self, zone, level_pa):
        """A zone is let out: the end of its window, or, where the line shows it only now, a look at what is left of it."""
        if self._state[zone] != LOOSE:
            if self._blind:
                if self.levels.static[zone] and self._state[zone] == HELD:
                    self._last_look(zone, level_pa)
                    return
                if not self.levels.open[zone] or (self.levels.open_count == 1 and level_pa >= self.last_pa[zone]):
                    return
                if self.levels.open_count == 1:
                    self._look_what_is_left(zone, level_pa)
            elif self._held_ms[zone] >= WINDOW_MS >> 1:
                self._judge(zone, max(VENTED_PA, self.last_pa[zone]))
            self._state[zone] = LOOSE
        self.last_pa[zone] = level_pa
        if self._blind or self._held_ms[zone] == 0:
            self._lost_pa[zone] = self._held_ms[zone] = self._stretch_pa[zone] = 0
        else:
            self._near_pa[zone] = 0  # holds that are too short alone are one window together
        if level_pa < VENTED_PA:
            self.trends.emptied(zone)

    def _last_look(self, zone, level_pa):
        """A blind zone is seen before everything is let out (seat_look.py): often, and so no limb that lets go by then is a tear."""
        if self._before != zone:
            self._look_what_is_left(zone, level_pa)
        self._ends = True
        self._measure(zone, level_pa, max(VENTED_PA, self.last_pa[zone]))
        self._ends = False

    def _look_what_is_left(self, zone, level_pa):
        """Of a blind zone that is let out; a way that has become narrow shows as little."""
        if self.last_pa[zone] >= EMPTIED_FROM_PA and not self.trends.fills.slow[zone]:
            lost_pa = self.last_pa[zone] - level_pa
            torn = level_pa < self.last_pa[zone] * LEFT_PERCENT // 100
            if torn or lost_pa < GONE_PA >> 3:  # what has lost something since it was seen last is not whole either
                self._tear(zone, torn, lost_pa)
                self._tell(zone)

    def fullest(self, but, most_pa):
        """The blind zone that is shut and should have most air, so much at the least, in which its loss would show, or NONE."""
        found = NONE
        for zone in self.net.each_zone:
            if zone != but and self.levels.shut[zone] and self.last_pa[zone] >= most_pa:
                found = zone
                most_pa = self.last_pa[zone]
        return found

    def _judge(self, zone, target_pa):
        """What was lost in the window, less what a healthy chamber may lose."""
        lost = self._lost_pa[zone]
        passed_ms = self._held_ms[zone]
        self.leak_pa[zone] = lost * 1000 // passed_ms * 10
        stretch = min(self._stretch_pa[zone], max(0, lost), target_pa // STRETCH_SHARE * passed_ms // 1000)
        self._stretch_pa[zone] -= stretch
        lost -= stretch
        near_pa = self.levels.near_pa(zone)
        rose_pa = near_pa - self._near_pa[zone]
        gained_pa = -lost - (max(0, rose_pa) >> FELT_SHIFT)
        lost -= max(0, -rose_pa) >> FELT_SHIFT
        self._near_pa[zone] = near_pa
        self._lost_pa[zone] = self._held_ms[zone] = 0
        permille = lost * 1000 // target_pa * 10000 // passed_ms
        # A valve that lets air out lets it in from a line that has more: what no limb brings a blind zone came so.
        above = permille > self._leak_permille or (self._blind and gained_pa > GONE_PA)
        # What only the stretch of a fresh fill excuses says nothing, in a program of short holds least of all; nor does one that gains.
        stretched = (lost + stretch) * 1000 // target_pa * 10000 // passed_ms > self._leak_permille
        if above or not (stretched or (gained_pa >= JUMP_PA and not self._blind)):
            self._lost[zone] = score(self._lost[zone], above)
        if self._blind:
            self._compare(zone, permille, target_pa)
        if not self._ends and (lost >= 0 or not self._blind):
            self._tear(zone, permille > TORN_PERMILLE, lost)
        self._tell(zone)

    def _compare(self, zone, permille, target_pa):
        """Whether a blind one, for which the limit is higher, loses as much as the last time: what a limb does differs."""
        if target_pa < self._alike_pa[zone] - LOWER_PA:
            return
        if permille <= ALIKE_PERMILLE:
            self._alike[zone] = max(self._alike[zone] - 1, 0)
            return
        alike = abs(permille - self._alike_permille[zone]) <= APART_PERMILLE
        self._alike[zone] = self._alike[zone] + 1 if alike else 1
        self._alike_permille[zone] = permille
        self._alike_pa[zone] = target_pa
        if self._alike[zone] >= ALIKE:
            self._alike[zone] = 0
            self.guard.notice(faults.LEAKING, zone)

    def _tear(self, zone, torn, lost_pa):
        """Less than a limb moves, time and again, or more."""
        self._torn[zone] = score(self._torn[zone], torn) + (torn and lost_pa > GONE_PA)

    def torn(self, zone):
        """Whether a zone with a sensor of its own has lost too much when it was kept last."""
        return not self._blind and self._torn[zone] > 1

    def _tell(self, zone):
        if self._lost[zone] >= (3 if self._blind else 5):
            self.guard.notice(faults.LEAKING, zone)
        if self._torn[zone] >= (TORN_BLIND if self._blind else TORN):
            self.guard.trip(faults.LEAKS, zone)

