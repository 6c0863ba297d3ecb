"""The self-test before each session: judges the slack take-up (every zone in turn, below 15 mmHg), which costs no time of its own.

Zeros and noise of the sensors come before (preflight), a zone that gets no pressure and a line that shows no flow are seen by
answer.py. Here: does each valve move its own zone and no other, how much air did each zone take (worn or empty, a weak pump),
which legs are there; and, with every coil off, does the air leave again: a way out that is shut is found with 6 mmHg in the
sleeves and not with 100. A leg without any pressure is not there; a single zone is a fault, unless it is skipped. Leaks are too
small to be seen below 15 mmHg: leaks.py measures them in each hold.
"""

from array import array

from peristal.core import faults
from peristal.core.journal import SELF_TEST
from peristal.core.others import SURELY_PA
from peristal.core.units import NONE, pa, zeros

ROSE_PA = pa(5)
ROSE_MS = 2500  # a moving limb presses for 2 s
EMPTY_PA = pa(2)
NEARLY_PERMILLE = 700  # the least that takes up the slack: volume and flow may each be a tenth off
FELT_PA = pa(3)  # from there on, of a zone beside it: it feels with up to a tenth what the driven one's sensor does not show
BLOCKED_PERMILLE = 32  # of its volume: the stiffest chamber has 8 mmHg by then, ...
FULL_PA = pa(15)  # ... and not this, unless a limb presses it just then
BLOCKED = 3  # looks in a row
LOOSE_PERMILLE = 1600  # of the declared volume, in most zones: the pump is weak, or nobody wears the sleeves
FALLS_FROM_MS = 500  # everything is open, and zones that share a line have met in it
LIMB_MS = 2000  # a moving limb keeps a reading up for so long
UNTOUCHED = -1


class SelfTest:
    """taken_permille: what each zone took of its declared volume (-1: nothing yet). done: how many zones are through."""

    def __init__(self, net, guard):
        count = net.n_zones
        pump = net.board.pump
        self.net = net
        self.guard = guard
        self.done = 0
        self.taken_permille = array("i", [UNTOUCHED] * count)
        self._mark_pa = zeros(count)
        self._risen_ms = zeros(count)
        self._feels = bytearray(count)  # it had gained nothing when the slack was nearly taken up, and is held against that
        self._driven = NONE
        self._looked = True  # the zone that was driven last was seen since, ...
        self._blocked = 0  # ... and how often in a row next to no air has filled the line alone
        self._out_ms = 0
        # fill_ul counts against 80 mmHg; in the slack there is none.
        self._stall_permille = 1000 * pump.stall_mmhg // (pump.stall_mmhg - 80)

    def begin(self):
        """A new session."""
        self.done = self._out_ms = self._blocked = 0
        self._driven = NONE
        for zone in self.net.each_zone:
            self.taken_permille[zone] = UNTOUCHED

    def tick(self, elapsed_ms, reached):
        """While the slack is taken up; reached: the regulator's verdict of each zone."""
        guard = self.guard
        done = 0
        for zone in self.net.each_zone:
            if guard.levels.filling[zone]:
                self._looked = False
                if zone != self._driven:
                    self._driven = zone
                    for other in self.net.each_zone:
                        self._mark_pa[other] = guard.levels.level_pa[other]
                        self._feels[other] = 0
                if not self._out_ms:
                    taken_ml = guard.zones.fill_ul[zone] // 1000 * self._stall_permille // 1000
                    self.taken_permille[zone] = taken_ml * 1000 // self.net.zones[zone].volume_ml
                if self.net.zone_sensor[zone] != NONE:
                    self._watch_others(zone, elapsed_ms)
            elif zone == self._driven and not self._looked and guard.levels.static[zone]:
                self._looked = True
                full = guard.levels.level_pa[zone] > FULL_PA and self.taken_permille[zone] < BLOCKED_PERMILLE
                self._blocked = self._blocked + 1 if full else 0
                if self._blocked == BLOCKED:
                    guard.trip(faults.VALVE_STUCK_CLOSED, zone)
            if reached[zone] or guard.left_out[zone]:
                done += 1
        self.done = done

    def _watch_others(self, driven, elapsed_ms):
        """Air that is meant for one zone must show in no other, and in itself before its neighbours feel it."""
        level_pa, mark_pa = self.guard.levels.level_pa, self._mark_pa  # four at once would be a tuple, and that 32 bytes in every tick
        risen_ms, feels = self._risen_ms, self._feels
        rose = level_pa[driven] - mark_pa[driven]
        if self.taken_permille[driven] >= NEARLY_PERMILLE:
            self._mark_beside(driven)
        for zone in self.net.each_zone:
            gained = level_pa[zone] - mark_pa[zone]
            if gained <= FELT_PA or zone == driven:
                risen_ms[zone] = 0
                continue
            felt = feels[zone] and rose <= EMPTY_PA
            if gained <= ROSE_PA and not felt:
                risen_ms[zone] = 0
                continue
            risen_ms[zone] += elapsed_ms
            if risen_ms[zone] > ROSE_MS:
                if felt:
                    self.guard.trip(faults.SENSOR_STUCK, driven)
                elif rose > EMPTY_PA or self.guard.answer.fed[zone] > 1:
                    self.guard.trip(faults.VALVE_STUCK_OPEN, zone)
                elif gained > SURELY_PA:
                    self.guard.trip(faults.VALVES_CROSSED, zone)

    def _mark_beside(self, driven):
        """The slack is nearly taken up: what the zones beside it, which have had their air, gain from now on they feel."""
        leg_of, fed = self.net.leg_of, self.guard.answer.fed
        for zone in range(driven - 1, driven + 2, 2):
            if 0 <= zone < len(fed) and fed[zone] > 1 and leg_of[zone] == leg_of[driven] and not self._feels[zone]:
                level_pa = self.guard.levels.level_pa[zone]
                if level_pa - self._mark_pa[zone] < EMPTY_PA:
                    self._feels[zone] = 1
                    self._mark_pa[zone] = level_pa

    def vents(self, elapsed_ms):
        """Everything is let out now: whether every reading has fallen by a quarter, or to nothing. Trips when one does not.

        A healthy way out needs a third of the modelled time from the cap for that (slack chambers give off little air, slowly);
        a shut one shows its zones' leaks alone, a twentieth of what they have.
        """
        net = self.net
        guard = self.guard
        before_ms = self._out_ms
        self._out_ms = before_ms + elapsed_ms
        if self._out_ms < FALLS_FROM_MS:
            return False
        all_fall = True
        for zone in net.each_zone:
            sensor = net.zone_sensor[zone]
            if guard.left_out[zone] or (sensor == NONE and zone):
                continue  # one sensor speaks for all
            reading_pa = guard.sensing.pa[net.line_sensor if sensor == NONE else sensor]
            if before_ms < FALLS_FROM_MS:
                self._mark_pa[zone] = reading_pa
            if reading_pa > EMPTY_PA and reading_pa > self._mark_pa[zone] - (self._mark_pa[zone] >> 2):
                all_fall = False
                if self._out_ms > guard.vent_ms + LIMB_MS and not guard.suspect:  # what falls once the 12 V are off was held before
                    guard.held = reading_pa > self._mark_pa[zone] - (self._mark_pa[zone] >> 4)
                    guard.trip(faults.WILL_NOT_VENT, NONE if sensor == NONE else zone)
        return all_fall

    def finish(self, wearer):
        """The slack is taken up: the verdict. A zone that the wearer leaves out is not judged."""
        net = self.net
        guard = self.guard
        loose = judged = 0
        for zone in net.each_zone:
            if wearer.is_out(zone) or self.taken_permille[zone] < 0:
                continue
            if guard.left_out[zone]:
                if self._leg_is_there(net.leg_of[zone], wearer):
                    guard.latch(guard.left_out[zone], zone)
                continue
            judged += 1
            if self.taken_permille[zone] > LOOSE_PERMILLE:
                loose += 1
        if loose and loose * 2 > judged:
            guard.notice(faults.PUMP_WEAK)
        if guard.journal is not None:
            guard.journal.add(SELF_TEST, NONE, judged)

    def _leg_is_there(self, leg, wearer):
        for zone in self.net.each_zone:
            if self.net.leg_of[zone] == leg and not self.guard.left_out[zone] and not wearer.is_out(zone):
                return True
        return False
