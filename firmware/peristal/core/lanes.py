"""Walks through the rows of a program: one lane for all zones, or one for each leg where they are offset.

What a row wants goes to the targets: at once, or, in a ramp, on a straight line in steps that a fill or a relief can make.
"""

from array import array

from peristal.core import faults
from peristal.core.program import HOLD, LONGEST_STEP_MS, MAX_ROWS, RAMP, REACHED, REPEAT, ROW, TIME, VENT, ZONES, Program, number_of
from peristal.core.targets import STEP_PA
from peristal.core.units import NONE, pa, zeros

RAMP_STEP_PA = pa(4)
FELT_PA = pa(25)  # ramps begin and end here: below it chambers unfold, and readings say little
WAITING = 255  # a leg's row while it waits for the other leg to be half a cycle ahead


class Lanes:
    """row of each lane, how many there are (count), and what each zone's step wants (to_pa); notices says what was not reached."""

    def __init__(self, net, wearer, targets):
        self.net = net
        self.wearer = wearer
        self.targets = targets
        self.program = Program("", 1, "")
        self.set_pa = 0
        self.notices = 0
        self.count = 1
        self.only = NONE  # the leg that alone gets pressure
        self.row = bytearray(net.n_legs)
        self.to_pa = zeros(net.n_zones)  # more comes with the next step
        self._share = bytearray(net.n_zones)
        self._from_share = bytearray(net.n_zones)
        self._from_pa = zeros(net.n_zones)
        self._first = bytearray(net.n_legs)  # its zones, from the first one ...
        self._end = bytearray(net.n_legs)  # ... up to this one
        self._row_ms = zeros(net.n_legs)
        self._times = array("h", [0] * (MAX_ROWS * net.n_legs))

    def load(self, program, set_pa):
        """Another program, with everything vented."""
        self.program = program
        self.set_pa = set_pa
        self.notices = 0
        self.vent()

    def vent(self):
        """No zone has a share of the pressure any more."""
        for zone in self.net.each_zone:
            self._share[zone] = self._from_share[zone] = VENT

    def part(self, offset):
        """Before a first cycle: each leg walks by itself, or all as one."""
        net = self.net
        self.count = net.n_legs if offset else 1
        for lane in range(net.n_legs):
            self.row[lane] = WAITING
            self._first[lane] = net.leg_start[lane]
            self._end[lane] = net.leg_start[lane] + net.leg_zones[lane] if offset else net.n_zones
        for at in range(len(self._times)):
            self._times[at] = 0  # the last cycle may have ended within a repeat

    def lower(self):
        """After a change of what the wearer wants: takes down at once what is too high now."""
        for zone in self.net.each_zone:
            most_pa = self._asked(zone, max(self._share[zone], self._from_share[zone]))
            self.targets.at_most(zone, most_pa)
            if most_pa < self._from_pa[zone]:
                self._from_pa[zone] = most_pa
            self.to_pa[zone] = min(self.to_pa[zone], self._asked(zone, self._share[zone]))

    def step(self, lane, elapsed_ms, regulator):
        """Goes on with a lane; whether its next cycle is to begin: then enter(lane, 0) begins it."""
        self._row_ms[lane] += elapsed_ms
        if self.row[lane] == WAITING:
            return self._may_start(lane)
        return self._row_ended(lane, regulator) and self._next_row(lane, regulator)

    def left_ms(self, zone):
        """How long a zone keeps its pressure: to the end of a step by time after which it gets less, else LONGEST_STEP_MS."""
        net = self.net
        leg = net.leg_of[zone]
        lane = leg if self.count > 1 else 0
        row = self.row[lane]
        rows = self.program.rows
        if row != WAITING and rows[row * ROW + ZONES] == TIME:
            after = (row + 1) * ROW % len(rows)
            if rows[after + ZONES] != REPEAT and rows[after + zone - net.leg_start[leg]] < self._share[zone]:
                return self._row_time_ms(lane) - self._row_ms[lane]
        return LONGEST_STEP_MS

    def enter(self, lane, row):
        """A lane's zones get what this row wants."""
        net = self.net
        rows = self.program.rows
        ramp = rows[row * ROW + ZONES] & RAMP
        self.row[lane] = row
        self._row_ms[lane] = 0
        for zone in range(self._first[lane], self._end[lane]):
            leg = net.leg_of[zone]
            action = rows[row * ROW + zone - net.leg_start[leg]]
            if self.only != NONE and leg != self.only:
                action = VENT
            self._from_share[zone] = self._share[zone]
            self._from_pa[zone] = self.targets.goal_pa[zone]
            if action != HOLD:
                self._share[zone] = action
            self.to_pa[zone] = self._asked(zone, self._share[zone])
            if not ramp:
                self._from_share[zone] = self._share[zone]
                self.targets.want(zone, self.to_pa[zone])

    def _asked(self, zone, share):
        """The one place that says what a zone gets for a share of the set pressure."""
        if share == VENT:
            return 0
        place = zone - self.net.leg_start[self.net.leg_of[zone]]
        return self.wearer.zone_pa(zone, self.program.asked_pa(place, share, self.set_pa))

    def _may_start(self, lane):
        """A leg begins its cycle when the other is in the second half of its own; the first leg also when both wait."""
        other = self.row[1 - lane]
        if other == WAITING:
            return lane == 0
        return other >= self.program.length() >> 1

    def _row_time_ms(self, lane):
        """The time of the row, at the wearer's pace where anything is under pressure: a rest is never shorter."""
        time_ms = number_of(self.program.rows, self.row[lane]) * 100
        pace = self.wearer.pace_permille
        if pace < 1000:
            for zone in range(self._first[lane], self._end[lane]):
                if self._share[zone]:
                    return time_ms * pace // 1000
            return time_ms
        return time_ms * pace // 1000

    def _row_ended(self, lane, regulator):
        end = self.program.rows[self.row[lane] * ROW + ZONES]
        time_ms = self._row_time_ms(lane)
        timed = self._row_ms[lane] >= time_ms
        if end != TIME and not (timed and end == TIME + RAMP):
            first, end_zone = self._first[lane], self._end[lane]
            reached = self.targets.there(first, end_zone) and regulator.all_reached(first, end_zone)
            if end & RAMP:
                reached = self._ramp(lane, time_ms, reached) and reached
            timed = (timed or end == REACHED) and reached
        return timed

    def _next_row(self, lane, regulator):
        """The row after this one; whether there is none, and the next cycle is to begin."""
        rows = self.program.rows
        times = self._times
        row = self.row[lane]
        if rows[row * ROW + ZONES] & RAMP - 1 == TIME:
            self._look_what_was_missed(lane, regulator)
        row += 1
        while row < len(rows) // ROW and rows[row * ROW + ZONES] == REPEAT:
            at = lane * MAX_ROWS + row
            if times[at] + 1 < number_of(rows, row):
                times[at] += 1
                row -= rows[row * ROW + ZONES + 3]
                break
            times[at] = 0
            row += 1
        if row < len(rows) // ROW:
            self.enter(lane, row)
            return False
        if self.count > 1:
            self.row[lane] = WAITING
            for zone in range(self._first[lane], self._end[lane]):
                self._share[zone] = self._from_share[zone] = VENT
                self.targets.want(zone, 0)
        return self.count == 1

    def _look_what_was_missed(self, lane, regulator):
        """A step that ended by time without its pressure is a notice, never a fault."""
        at = self.row[lane] * ROW
        rows = self.program.rows
        for zone in range(self._first[lane], self._end[lane]):
            action = rows[at + zone - self.net.leg_start[self.net.leg_of[zone]]]
            if action != HOLD and self.targets.target_pa[zone]:
                if not regulator.reached[zone] or self.targets.target_pa[zone] != self.to_pa[zone]:
                    self.notices |= faults.NOT_REACHED

    def _ramp(self, lane, whole_ms, reached):
        """Moves every goal on its straight line, in steps that a fill or a relief can make, once the step before is reached.

        Whether all are at the end of their lines.
        """
        passed_ds = min(self._row_ms[lane], whole_ms) // 100
        whole_ds = whole_ms // 100
        arrived = True
        for zone in range(self._first[lane], self._end[lane]):
            goal = self.to_pa[zone]
            before = self.targets.goal_pa[zone]
            if before == goal:
                continue
            arrived = False
            if passed_ds >= whole_ds:
                self.targets.want(zone, goal)
            elif reached:
                now = self._from_pa[zone] + (goal - self._from_pa[zone]) * passed_ds // whole_ds
                now = max(now, before - STEP_PA)  # the guard sees a zone that waits for its turn as too high
                if now < FELT_PA:
                    now = min(goal, FELT_PA) if now > before else before if goal else 0
                if abs(now - before) >= RAMP_STEP_PA:
                    self.targets.want(zone, now)
        return arrived
