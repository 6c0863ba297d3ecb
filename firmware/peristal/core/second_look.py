"""Before a blind zone is told it is looked at with the pump still, and so is another one, which should have kept its air.

In a drive the line shows zone and flow together; still, it shows the zone alone: it may have risen under a line that stood still.
And what looks like this zone's fault, or the pump's, is the 12 V's when another zone has lost its air, too. The pump rests until then.
One that loses its air while it is looked at has a way out that is open: its own valve's doing, or that of a supply that moves no valve.
Or the line's: a line that is shut keeps what it showed of a zone with a hole, and is empty with its way out open.
"""

from peristal.core import faults
from peristal.core.leaks import EMPTIED_FROM_PA
from peristal.core.levels import TRIP_PA
from peristal.core.units import NONE, pa

RISE_PA = pa(3)
RISEN_PA = pa(2)  # of a still line, which has no strokes
FIRM_PA = pa(15)  # from here on the chamber is stiff and answers fast
LOST_PA = pa(22)  # below what a blind zone had, and a third of it; a limb moves 20
# More than a chamber gives by itself, and to an empty line: a limb's doing, or a moment's without 12 V, which a second drive tells from a
# dead pump.
PART_PA = pa(7)
LOOK_MS = 600  # a zone that keeps its air shows the same for so long, but for what it stretches (1 mmHg/s), ...
KEPT_PA = pa(1)
KEPT_SHIFT = 5  # ... and a healthy leak
FLOWS_PA = pa(3)  # and a quarter of its drop: so much less than in the drive it then shows when air flowed into it
LOOK_MOST_MS = 2000
GIVES_PA = pa(8)  # no limb presses a shut line
SHUT_MS = 120  # in which a line with its way out open is empty, and until all valves have moved at the most
SHUT_MOST_MS = 800
SHOWS_PA = pa(2)  # half of it is more than noise
SLACK_PA = pa(4)  # a zone that has taken its slack; a quarter of it is noise
MOVES_PA = pa(3)  # the line goes from one zone's pressure to another's: valves do move
RISEN = NONE


class SecondLook:
    """zone: in doubt, the pump rests, or NONE; tick() returns what it is told for, RISEN, or OK while nothing is to be told.

    shuts: every valve is to be shut.
    """

    def __init__(self, levels, leaks, drive):
        self.levels = levels
        self.leaks = leaks
        self.drive = drive  # where the regulator is told which zone is to be seen
        self.zone = NONE
        self.shuts = False
        self._kept = False  # a shut line has kept its air: what is told next is the zone's
        self.again = NONE  # another zone had less than it should as this one got no flow: it is driven once more before it is told
        self._seen = NONE  # the zone that is looked at: itself, or another, or none is chosen yet
        self._fault = faults.OK  # for which it is told when the other one has kept its air
        self._shows = self._dry = False  # its drive would have shown a flow, and has shown none
        self._before_pa = 0  # what was in the other one, or in itself before the drive
        self._most_pa = self._none_pa = 0  # the most that it can have by now, and from where on it got none
        self._asked_ms = self._look_ms = self._look_pa = self._half_pa = self._least_pa = 0
        self._own_pa = self._most_own_pa = 0  # what the line showed last of the zone in doubt, and the most, ...
        self._loses = False  # ... which lost its air while it was looked at

    def ask(self, zone, start_pa, drop_pa, rise_pa, line_pa, shows):
        """What it had before the drive, its declared drop, by how much the line rose in the drive, and what it showed, smoothed.

        shows: the pump ran fast enough for its flow, or the zone's rise, to be seen.
        """
        self._shows = shows
        self._before_pa = start_pa
        drop_pa >>= 2
        self._most_pa = start_pa + LOST_PA + drop_pa + rise_pa
        self._none_pa = line_pa - FLOWS_PA - drop_pa
        self.end()
        self.doubt(zone, faults.OK)
        self._seen = self.drive.show = zone  # also when its fill ends meanwhile

    def doubt(self, zone, fault):
        """Only another zone is to be seen; fault: OK where all is well if that one has its air."""
        if self.zone == NONE:
            self.zone = zone
            self._seen = NONE
            self._fault = fault
            self._asked_ms = self._look_ms = 0
            self._own_pa = TRIP_PA
            self._most_own_pa = 0
            self._loses = False
            self._dry = False
            self.drive.refresh()  # after a dip of the 12 V what was held has let go

    def shut(self, zone, fault, level_pa):
        """Does this zone, which showed so much, not keep its air, or the line? fault: for which it is told where the line keeps it."""
        self.end()
        if level_pa >= SHOWS_PA:
            self.doubt(zone, fault)
            self._own_pa = level_pa
            self.shuts = True

    def may_be_line(self, zone):
        """Whether it is to be seen first whether a zone that does not rise, with a sensor of its own, or the line loses the air."""
        kept = self._kept
        self._kept = False
        if not kept:
            self.shut(zone, faults.NO_RISE, self.levels.level_pa[zone])
        return self.shuts

    def end(self):
        """Nothing is in doubt any more."""
        self.zone = self.drive.show = NONE
        self.shuts = False

    def _tick_shut(self, elapsed_ms):
        levels = self.levels
        self._asked_ms += elapsed_ms
        self._look_ms = 0 if levels.open_count or levels.vented else self._look_ms + elapsed_ms
        over = self._look_ms > SHUT_MS
        if not over and self._asked_ms <= SHUT_MOST_MS:
            return faults.OK
        self.end()
        self._kept = not over or levels.reading_pa(NONE) << 1 >= self._own_pa
        return self._fault if self._kept else faults.VALVE_STUCK_OPEN

    def tick(self, elapsed_ms):
        """Call in every tick after the levels, as long as there is a zone."""
        seen = self._seen
        if self.shuts:
            return self._tick_shut(elapsed_ms)
        if self.levels.vented:
            self.end()  # let out, it shows nothing of what it had; the next drive asks again
            return faults.OK
        if seen == NONE:
            return self._look_at_another()
        level_pa = self.levels.level_pa[seen]
        over = self._watch(seen, level_pa, elapsed_ms)
        if not over and self._asked_ms <= LOOK_MOST_MS:
            rises = not self.levels.open_count and self.levels.shut_pa > self.levels.level_pa[self.zone] + GIVES_PA
            if not rises or not self._fault or self._fault == RISEN:
                return faults.OK
            self.end()
            return faults.VALVE_STUCK_OPEN  # a shut line that rises gets air from another zone
        may_pa = KEPT_PA + (self._look_pa >> KEPT_SHIFT)
        if seen != self.zone:
            return self._another_has(level_pa, over, may_pa)
        if over:
            if level_pa > self._most_pa:
                self.end()
                return faults.VALVE_STUCK_OPEN  # without the line: from a zone that should be shut
            self._loses = level_pa < self._look_pa - may_pa  # what the pump brought may leave at once
            over = not self._loses
            if over and level_pa >= self._before_pa + RISEN_PA and level_pa <= self._none_pa:
                self.end()
                return RISEN
        self._dry = self._shows and level_pa > self._none_pa
        # What it has may have come before the flow was lost: in a moment without 12 V others lost their air, too.
        risen = over and level_pa >= self._before_pa + RISEN_PA
        self._fault = RISEN if risen else faults.NO_ANSWER if over and FIRM_PA <= level_pa > self._none_pa else faults.NO_RISE
        return self._look_at_another()

    def _watch(self, seen, level_pa, elapsed_ms):
        """What is seen goes on; whether it was seen for long enough."""
        # What is left of a zone that has lost its air, too, leaves slowly.
        look_ms = LOOK_MS << (self._loses and self._before_pa - level_pa >= LOST_PA)
        self._asked_ms += elapsed_ms
        if self.levels.static[seen]:
            if not self._look_ms:
                self._look_pa = self._least_pa = level_pa
            self._least_pa = min(self._least_pa, level_pa)
            self._look_ms += elapsed_ms
            if self._look_ms <= look_ms >> 1:
                self._half_pa = level_pa
        if self.levels.static[self.zone]:
            self._own_pa = self.levels.level_pa[self.zone]
            self._most_own_pa = max(self._most_own_pa, self._own_pa)
        return self._look_ms > look_ms

    def _another_has(self, level_pa, over, may_pa):
        """What is told, now that another zone was seen with so much; over: for long enough; may_pa: what it may have lost meanwhile."""
        zone = self.zone
        lost_pa = self._before_pa - level_pa
        less = over and self._before_pa - self._least_pa >= PART_PA  # a limb may press it again
        self.end()
        if self._before_pa < LOST_PA:
            return faults.VALVE_STUCK_OPEN if over and level_pa << 2 < self._before_pa else self._fault
        gone = over and lost_pa >= LOST_PA and lost_pa * 3 >= self._before_pa
        if self._fault == faults.VALVE_STUCK_OPEN:
            if gone and self._most_own_pa - self._own_pa > MOVES_PA + (self._most_own_pa >> 3):
                return faults.SUPPLY_DIP  # what it gained did not stay: the way out was open, too
            return self._fault if gone else faults.OK  # who sits down presses both
        if self._fault == RISEN:
            if less and self._dry:
                self.again = zone
            return faults.SUPPLY_DIP if gone else RISEN
        falls = min(self._look_pa - self._half_pa, self._half_pa - level_pa) > may_pa >> 1  # a limb lets go in one half
        if over and falls and (gone or self._fault):
            return faults.VALVE_STUCK_OPEN if self._look_pa > self._own_pa + MOVES_PA else faults.SUPPLY_DIP
        if not gone:
            if less and self.again != zone and (self._fault == faults.NO_ANSWER or self._dry):
                self.again = zone
                return faults.OK
            return self._fault
        # Valves that let go in a dip hold by now: one zone that lost its air while it was looked at gave it to another.
        return faults.VALVE_STUCK_OPEN if self._loses and self._own_pa >= FIRM_PA else faults.SUPPLY_DIP

    def _look_at_another(self):
        """Chooses the zone that is seen next; what is told where there is none."""
        # A zone that was seen to have nothing cannot be seen by itself: another one may have its slack.
        seen = self.leaks.fullest(self.zone, SLACK_PA if self._own_pa < SHOWS_PA else EMPTIED_FROM_PA)
        self._seen = self.drive.show = seen
        self._asked_ms = self._look_ms = 0
        if seen != NONE:
            self._before_pa = self.leaks.last_pa[seen]
            return faults.OK
        if self._fault == faults.NO_RISE and self._own_pa < TRIP_PA:  # it was seen: the line would show it, too
            self.shut(self.zone, self._fault, self._own_pa)
            if self.shuts:
                return faults.OK
        self.end()
        return self._fault if self._fault != faults.VALVE_STUCK_OPEN else faults.OK
