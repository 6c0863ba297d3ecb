"""Without 12 V every coil lets go: zones with sensors of their own that should keep their air, or are driven, lose it together.

A limb that lets go does that too, but at once, and 20 mmHg at the most; a zone that bursts takes a tenth from its neighbours.
"""

from peristal.core import faults
from peristal.core.units import NONE, pa, zeros

PERIOD_MS = 600
FALL_PA = pa(2)  # and a 32nd of the reading, in three periods, of every shut zone: a limb lets go in one, or in two that meet there
GONE_PA = pa(22)  # and a third: no limb does that, and once is enough
BURSTS = 4  # a zone that bursts and its neighbours, which feel that, are three; one that is driven may rise by the air of so many
EXCUSED = 2  # in this period; 1: in the last one
FED_PA = pa(1)  # gained or lost in a period: the pump has its 12 V
# While one is driven in vain every shut zone loses this in this period and the last, and a quarter of what that one does (its
# neighbours feel it; half of it what is open to it, from which a hole's air comes, too), ...
SINKS_PA = pa(2)
SUNK_PA = pa(10)  # ... or this and a third since it was shut
JOINS_PA = pa(5)  # so little above the line, to which it would be open, a zone has no more to lose


class Falls:
    """_watch_falls() trips the guard; what each zone lost of late can be asked for."""

    def __init__(self, net, drive, levels, guard):
        self.net = net
        self.drive = drive
        self.levels = levels
        self.guard = guard
        self._period_ms = 0
        self._before_pa = zeros(net.n_zones)
        self._was_shut = bytearray(net.n_zones)
        self._fell_pa = zeros(net.n_zones)  # in the last period
        self._sank_pa = zeros(net.n_zones)  # ... in the one before, ...
        self._older_pa = zeros(net.n_zones)  # ... and before that
        self._let_out = bytearray(net.n_zones)  # EXCUSED: what it loses in this period says nothing
        self._kept_pa = zeros(net.n_zones)  # what each zone had at the end of the period in which it was shut
        self._came = bytearray(net.n_zones)  # it had lost much of that when it was opened
        self._most_pa = zeros(net.n_zones)  # what it had at the end of one since it was let out last
        self._all_fell = 0

    def _excuse(self):
        """What was lost by now says nothing."""
        self._all_fell = 0
        for zone in self.net.each_zone:
            self._let_out[zone] = EXCUSED

    def all_sink(self, driven):
        """Whether all others that are shut with pressure, or driven too, lose it while one (or NONE) is driven in vain: nothing holds them.

        Of zones without sensors of their own nothing is known, and none sinks.
        """
        found = False
        levels = self.levels
        fell_pa = max(0, self._falls_pa(driven)) if driven != NONE else 0
        for zone in self.net.each_zone:
            beside = levels.filling[zone]
            if zone == driven or not (levels.shut[zone] or beside) or not self._was_shut[zone] or self._kept_pa[zone] < pa(15):
                continue
            falls_pa = self._falls_pa(zone)
            # Without 12 V the air goes on leaving: what has lost much and stands was let go by a limb.
            sunk = self._lost(zone, SUNK_PA) and (driven == NONE or falls_pa > FED_PA or levels.level_pa[zone] < pa(15))
            # By a 32nd of what it has, too: a chamber that is stretched gives as much.
            if sunk or falls_pa >= SINKS_PA + (levels.level_pa[zone] >> 5) + (fell_pa >> (1 if beside else 2)):
                found = True
            elif levels.level_pa[zone] > self.guard.answer.flow.line_pa + JOINS_PA:
                return False
        return found

    def came_empty(self, zone):
        """Whether a zone with a sensor of its own has lost much of its air though nothing let it out, and no other one has."""
        for other in self.net.each_zone:
            if self._has_lost(other) != (other == zone):
                return False  # without 12 V all would
        return True

    def counted(self, zone):
        """What a zone has lost by now counts no more."""
        self._most_pa[zone] = self._came[zone] = 0

    def _has_lost(self, zone):
        most, now = self._most_pa[zone], self.levels.level_pa[zone]
        return self._came[zone] > 0 or (most - now > GONE_PA and now * 3 < most << 1)

    def _falls_pa(self, zone):
        return self._fell_pa[zone] + self._before_pa[zone] - self.levels.level_pa[zone]

    def _lost(self, zone, most_pa):
        """Whether a zone has lost more than this, and a third, since it was shut."""
        kept, now = self._kept_pa[zone], self.levels.level_pa[zone]
        return kept - now > most_pa and now * 3 < kept << 1

    def _all_fall_on(self):
        """Whether two zones and all that have air, but for what is let out, fell in the last period and go on falling in this one."""
        found = 0
        for zone in self.net.each_zone:
            if self._before_pa[zone] >= pa(15) and (self.levels.shut[zone] or self.levels.open[zone]):
                found += 1
                fell_pa = self._before_pa[zone] - self.levels.level_pa[zone]
                if self._fell_pa[zone] <= FALL_PA + (self._before_pa[zone] >> 5) or fell_pa <= FED_PA:
                    return False
        return found > 1

    def _watch_falls(self, elapsed_ms):
        """Without 12 V every coil lets go: all zones that should be shut, or are driven, lose their air together."""
        levels = self.levels
        self._period_ms += elapsed_ms
        ends = self._period_ms >= PERIOD_MS
        shut = 0
        fell = gone = 0
        emptied = NONE  # it has lost most of its air by this period
        venting = rises = came = False
        for zone in self.net.each_zone:
            if not levels.shut[zone] and not levels.filling[zone]:
                self._was_shut[zone] = 0
                if levels.vented or not levels.open[zone]:
                    self._let_out[zone] = EXCUSED
                    self._most_pa[zone] = 0
                if not levels.open[zone] and self._before_pa[zone] >= pa(15):
                    venting = True  # its neighbours feel that
            if not ends:
                continue
            before = self._before_pa[zone]
            now = levels.level_pa[zone]
            self._before_pa[zone] = now
            self._most_pa[zone] = max(self._most_pa[zone], now)
            self._older_pa[zone] = self._sank_pa[zone]
            self._sank_pa[zone] = self._fell_pa[zone]
            self._fell_pa[zone] = 0 if self._let_out[zone] == EXCUSED else before - now
            if self._let_out[zone]:
                self._let_out[zone] -= 1
            if not self._let_out[zone] and self._empties(zone, 0):
                emptied = zone
            if levels.shut[zone] and self._was_shut[zone]:
                self._came[zone] = self._lost(zone, GONE_PA)
                came = came or self._came[zone]  # a limb that lets go leaves slack zones below 15 mmHg, too
            else:
                self._kept_pa[zone] = now
                came = came or (levels.filling[zone] and self._fell_pa[zone] + self._sank_pa[zone] > max(GONE_PA, now >> 1))
            if levels.filling[zone] and now - before > FED_PA:
                rises = True
            elif self._was_shut[zone] and before >= pa(15):
                shut += 1
                if before - now > FALL_PA + (before >> 5) >> (self._all_fell >> 1):  # it falls ever more slowly
                    fell += 1
                if before - now > GONE_PA and now * 3 < before << 1:
                    gone += 1
            self._was_shut[zone] = 1
        if ends:
            self._period_ms = 0
            # One that alone had air shows nothing but itself; and in the end they are empty, although nothing lets them out.
            empty = self._all_fell and came and levels.highest_pa < pa(15) and not levels.vented
            if fell == shut and (shut > 1 or empty or (shut and self._all_fell)) and not (venting or (rises and shut < BURSTS)):
                self._all_fell += 3 if gone == shut else 1
            else:
                self._all_fell = 0
            if self._all_fell > 2 or (emptied != NONE and not venting and not rises and self._others_sink(emptied)):
                self._all_fell = 0
                self.guard.trip(faults.SUPPLY_DIP)
            elif came and shut < 2:
                self.drive.refresh()  # it alone had air: if all have let go in a dip of the 12 V, the others can be filled again

    def _others_sink(self, emptied):
        """Whether the others that had air have lost theirs, too: in each of two periods, or more than a limb moves.

        Of one that is empty, a neighbour shows a tenth. What gains while others lose has let in what they had.
        """
        found = False
        fell_pa = self._fell_pa[emptied]
        for zone in self.net.each_zone:
            now_fell_pa = self._fell_pa[zone]
            had_pa = self.levels.level_pa[zone] + now_fell_pa + max(0, self._sank_pa[zone])
            if zone != emptied and had_pa >= pa(15) and not self._let_out[zone] and now_fell_pa > -FED_PA:
                if min(now_fell_pa, self._sank_pa[zone]) <= FED_PA + (fell_pa >> 3) and not self._empties(zone, fell_pa >> 3):
                    return False
                found = True
        return found

    def _empties(self, zone, more_pa):
        """Whether a zone has lost what no limb moves, and so much more, and a third in the last three periods, but for its rises."""
        lost_pa = self._fell_pa[zone] + max(0, self._sank_pa[zone] + max(0, self._older_pa[zone]))
        return lost_pa > GONE_PA + more_pa and self.levels.level_pa[zone] < lost_pa << 1
