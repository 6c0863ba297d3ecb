"""What a zone with a sensor of its own, shut or open to the air, gains while others are filled: time and again it came through its valve.

A seat lets in air only while the pump drives the line above the zone, and the air stays. A limb needs no pump, and moves a zone
from one reading to the next; what it does counts neither way.
"""

from array import array

from peristal.core import faults
from peristal.core.units import NONE, clamp, pa, zeros

STEP_PA = pa(4)  # from one reading to the next, 20 to 180 ms: a limb, which moves 5 and more; an open valve lets in 20 in 1 s
NOTHING_PA = 80  # 0.6 mmHg: whole valves show less; what is above it adds up, and each drive without a gain takes so much back
GAIN_PA = pa(2)  # so much of one gain counts
ENOUGH_PA = 540  # three of them
TAKEN_PA = pa(22)  # in one go: a limb moves 20
GAIN_SHIFT = 3  # a neighbour's pressure shows with a tenth
BACK_SHIFT = 4  # a chamber that was let down and shut takes back up to a twentieth of that, for it had stretched, ...
BACK_TICKS_SHIFT = 10  # ... within some 20 s; ...
BACK_FROM_PA = pa(16)  # ... of so little nothing that counts
LEAST_MS = 500  # in a top-up that is over sooner a zone that gains nothing proves nothing
GAIN_MS = 4000  # of a drive are watched, ...
STAYS_MS = 2400  # ... and what is gained must stay for longer than a limb that moves
RISES_MS = 1000  # whoever sits down does it in one of these, ...
RISES_PA = GAIN_PA  # ... so a zone that gains as much in a third one has an open valve
SHUT, AIRED, STAYS, OPEN = range(4)
NOT_DRIVEN_PA = -pa(200)  # a zone shows less than nothing with a zero that is a little off, or noise
OVER = -2  # in this turn: others whose time is over too are asked after it


class Gains:
    """tick() trips the guard."""

    def __init__(self, net, levels, guard):
        self.net = net
        self.levels = levels
        self.guard = guard
        count = net.n_zones
        self._mark_pa = zeros(count)  # what a shut zone had as the line began to be driven above it, ...
        self._near_pa = zeros(count)  # ... its neighbours together, ...
        self._least_pa = zeros(count)  # ... and the least that it had gained since that was over
        self._last_pa = zeros(count)  # and what in the last turn
        self._stepped_pa = zeros(count)  # what a limb has added since
        self._had_pa = zeros(count)  # the most that it had of late
        self._back_pa = zeros(count)  # what it may take back of that, from its mark on
        self._gain_ms = array("i", [-1] * count)  # how long it is watched: of the drive, and from STAYS_MS down after it
        self._state = bytearray(count)  # as which it is watched
        self._risen_pa = zeros(count)  # what it had gained RISES_MS ago, ...
        self._risen = bytearray(count)  # ... and how often in a row it had risen by then
        self._gains_pa = zeros(count)  # what adds up
        self._taker = NONE  # what taker() would have said as it was let out

    def tick(self, elapsed_ms):
        """Looks at every zone that is not open to the line."""
        levels = self.levels
        guard = self.guard
        gain_ms, level_pa, had_pa = self._gain_ms, levels.level_pa, self._had_pa
        line_pa = guard.answer.flow.most_line_pa() if levels.sharing else NOT_DRIVEN_PA
        for zone in self.net.each_zone:
            had_pa[zone] -= had_pa[zone] - level_pa[zone] >> BACK_TICKS_SHIFT
            if had_pa[zone] < level_pa[zone]:
                had_pa[zone] = level_pa[zone]
            watched_ms = gain_ms[zone]
            state = self._state[zone]
            now = OPEN if levels.open[zone] else SHUT if levels.shut[zone] else AIRED
            if watched_ms >= 0 and (now != state and (now != SHUT or state != STAYS)):
                if self.taker() == zone:
                    self._taker = zone
                # Let out a little, by whomever, because of that; or as its turn is over, with what no limb brings it.
                if state != AIRED and (guard.zones.target_pa[zone] or self._last_pa[zone] > TAKEN_PA):
                    gained_pa = self._last_pa[zone]  # before that: now its own fill may be in it, and what its neighbours lose is not
                    # Relieved, and again: what one fill brings it may be less.
                    self._count(zone, min(gained_pa << 2, GAIN_PA) if guard.zones.relief_zone == zone else gained_pa)
                gain_ms[zone] = -1
                continue
            driven = line_pa > level_pa[zone]
            if watched_ms < 0:
                gain_ms[zone] = -1
                if driven and now != OPEN:
                    gain_ms[zone] = self._risen[zone] = 0
                    self._state[zone] = now
                    self._mark(zone)
                continue
            gain_ms[zone] = now_ms = watched_ms + elapsed_ms
            self._last_pa[zone] = gained_pa = self._gained(zone)
            if now_ms // RISES_MS > watched_ms // RISES_MS:
                self._risen[zone] = self._risen[zone] + 1 if driven and gained_pa - self._risen_pa[zone] > RISES_PA else 0
                self._risen_pa[zone] = gained_pa
                if self._risen[zone] > 2 and not self._others_gain(zone):
                    self._tell(zone)
            if state == STAYS:
                if gained_pa < self._least_pa[zone]:
                    self._least_pa[zone] = gained_pa
                if watched_ms > STAYS_MS:
                    gain_ms[zone] = OVER
                    self._count(zone, self._least_pa[zone])
            elif not driven or watched_ms > GAIN_MS:
                gain_ms[zone] = -1
                if gained_pa > NOTHING_PA or (watched_ms >= LEAST_MS and (state == SHUT or level_pa[zone] < GAIN_PA)):
                    if state == AIRED:
                        self._count(zone, gained_pa)  # a limb hardly presses what is empty
                    else:
                        gain_ms[zone] = 0
                        self._state[zone] = STAYS
                        self._least_pa[zone] = gained_pa
            elif gained_pa < 0:
                self._mark(zone)  # it gave some away first, to one that had less, or to the air

    def steps(self, zone, change_pa):
        """The zone's sensor shows more or less than in its last reading, by more than STEP_PA: a limb, and what it takes back."""
        change_pa = max(change_pa, -self._stepped_pa[zone])
        self._stepped_pa[zone] += change_pa
        self._mark_pa[zone] += change_pa

    def taker(self):
        """The zone that should be shut and has gained from the line what no limb that moves brings it, or NONE.

        Of one that is let out, and has gained before, less is enough.
        """
        for zone in self.net.each_zone:
            aired = self._state[zone] == AIRED
            if self._gain_ms[zone] >= 0 and (not aired or self._gains_pa[zone]):
                if self._gained(zone) > (GAIN_PA if aired else TAKEN_PA) and not self._others_gain(zone):
                    return zone
        return self._taker

    def _mark(self, zone):
        self._taker = NONE
        self._mark_pa[zone] = self.levels.level_pa[zone]
        self._near_pa[zone] = self.levels.near_pa(zone)
        self._back_pa[zone] = max(0, self._had_pa[zone] - self.levels.level_pa[zone] - BACK_FROM_PA) >> BACK_SHIFT
        self._risen_pa[zone] = self._stepped_pa[zone] = self._last_pa[zone] = 0

    def _count(self, zone, gained_pa):
        if gained_pa > NOTHING_PA and self._others_gain(zone):
            return
        if self._state[zone] != AIRED:
            gained_pa -= self._back_pa[zone]
        self._gains_pa[zone] = sum_pa = max(0, self._gains_pa[zone] + clamp(gained_pa, 0, GAIN_PA) - NOTHING_PA)
        if sum_pa > ENOUGH_PA:
            self._gains_pa[zone] = 0
            self._tell(zone)

    def _tell(self, zone):
        answer = self.guard.answer
        if not answer.others.instead(answer.driven):
            # It was driven, too, and has never risen by that: its air comes with another's.
            self.guard.trip(faults.VALVES_CROSSED if answer.fed[zone] == 1 else faults.VALVE_STUCK_OPEN, zone)

    def _others_gain(self, zone):
        """Whether others of its leg have gained too: that is the leg."""
        leg_of = self.net.leg_of
        for other in self.net.each_zone:
            if other != zone and leg_of[other] == leg_of[zone] and self._gain_ms[other] != -1 and self._gained(other) > GAIN_PA >> 1:
                return True
        return False

    def _gained(self, zone):
        """What a zone has gained since it was marked, less the most that a rise of its neighbours may show in it."""
        return self.levels.level_pa[zone] - self._mark_pa[zone] - max(0, self.levels.near_pa(zone) - self._near_pa[zone] >> GAIN_SHIFT)
