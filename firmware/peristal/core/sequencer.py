"""Runs a program: which zone should have which pressure now. It only asks; reaching it is the regulator's work.

Each leg walks through the rows by itself where the legs are offset; together or in turns they walk as one.
"""

from array import array

from peristal.core import faults
from peristal.core.borrow import borrow
from peristal.core.program import HOLD, LONGEST_STEP_MS, MAX_ROWS, RAMP, REACHED, REPEAT, ROW, TIME, VENT, ZONES, Program, number_of
from peristal.core.targets import STEP_PA, Targets
from peristal.core.units import pa, zeros

# Takes up the slack of every zone before the first cycle, below the 15 mmHg at which a zone counts as pressed.
SLACK_PA = pa(6)
# Left of the time under pressure when a cycle is cut short: the dump itself takes a few seconds.
CUT_MARGIN_MS = 5000
RELEASE_MS = 6000  # from when the guard sees nothing above 15 mmHg any more: after 5 s it counts as a rest
RAMP_STEP_PA = pa(4)
FELT_PA = pa(25)  # ramps begin and end here: below it chambers unfold, and readings say little
WANTED, OUT, SEEN = range(1, 4)
WAITING = 255  # a leg's row while it waits for the other leg to be half a cycle ahead

SLACK, CYCLE, RELEASE, GENTLE, ENDED = range(5)
TOGETHER, ALTERNATING, OFFSET = range(3)
LEGS = ("together", "alternating", "offset")


class Sequencer:
    """target_pa of every zone, the phase, the step within the program and the number of the cycle (from 1).

    legs (TOGETHER, ALTERNATING, OFFSET) may be set at any time and begins with the next cycle; call lower() after a change of
    what the wearer wants: what is lower then acts at once, everything else at the next step.
    """

    def __init__(self, net, wearer):
        self.net = net
        self.wearer = wearer  # asked for every pressure (zone_pa) and for the pace
        self.reach = None  # what the board can do (see reach.py); set by who knows it
        self.says = ""  # how the program was changed to suit the board; empty: not at all
        self.program = Program("", 1, "")
        self.phase = ENDED
        self.proving = 0  # WANTED: once the slack is taken up it is let out, until somebody has SEEN it leave
        self.cycle = 0
        self.notices = 0
        self.set_pa = 0
        self.targets = Targets(net)
        self.target_pa = self.targets.target_pa
        self.legs = TOGETHER
        self.alternate = False  # one leg at a time whatever was chosen, because both together take too long
        self.active_leg = 0
        self._legs = TOGETHER  # how this cycle runs
        self._share = bytearray(net.n_zones)
        self._from_share = bytearray(net.n_zones)
        self._from_pa = zeros(net.n_zones)
        self._to_pa = zeros(net.n_zones)  # what the step wants: more comes with the next one
        # A lane is what walks through the rows: one for all zones, or one for each leg.
        self._lanes = 1
        self._first = bytearray(net.n_legs)  # its zones, from the first one ...
        self._end = bytearray(net.n_legs)  # ... up to this one
        self._row = bytearray(net.n_legs)
        self._row_ms = zeros(net.n_legs)
        self._times = array("h", [0] * (MAX_ROWS * net.n_legs))
        self._phase_ms = 0
        self._gentle = 0

    def load(self, program, set_pa):
        """Starts a program from its first cycle; raises ProgramError (and changes nothing) when it may not run."""
        if self.reach:
            self.says = self.reach.fit(program, set_pa, self.wearer, self.legs == ALTERNATING)
            self.alternate = self.reach.alternate and self.legs != ALTERNATING
        else:
            borrow("core.check").check(program)
        self.program = program
        self.set_pa = set_pa
        self.cycle = 0
        self.notices = faults.STRETCHED if self.says else 0
        self.phase = SLACK
        self.proving = 0
        self.active_leg = 0
        self._legs = self._wanted_legs()
        self._phase_ms = 0
        self.targets.set_all(0)
        for zone in self.net.each_zone:
            self._share[zone] = self._from_share[zone] = VENT
        self._take_up()

    def _take_up(self):
        for zone in self.net.each_zone:
            self.target_pa[zone] = self.targets.goal_pa[zone] = SLACK_PA if self.wearer.zone_pa(zone, self.set_pa) else 0

    @property
    def row(self):
        """The step of the leg that leads."""
        return 0 if self._row[0] == WAITING else self._row[0]

    def _wanted_legs(self):
        if self.net.n_legs == 1:
            return TOGETHER
        return ALTERNATING if self.alternate else self.legs

    def set_pressure(self, set_pa):
        """A lower pressure acts at once, a higher one at the next step."""
        self.set_pa = set_pa
        self.lower()

    def lower(self):
        """After a change of what the wearer wants: takes down at once what is too high now."""
        if self.phase == SLACK:
            for zone in self.net.each_zone:
                if not self.wearer.zone_pa(zone, self.set_pa):
                    self.targets.goal_pa[zone] = self.target_pa[zone] = 0
        elif self.phase == CYCLE or self.phase == GENTLE:
            for zone in self.net.each_zone:
                most_pa = self._asked(zone, max(self._share[zone], self._from_share[zone]))
                self.targets.at_most(zone, most_pa)
                if most_pa < self._from_pa[zone]:
                    self._from_pa[zone] = most_pa
                self._to_pa[zone] = min(self._to_pa[zone], self._asked(zone, self._share[zone]))

    def _asked(self, zone, share):
        """The one place that says what a zone gets for a share of the set pressure."""
        if share == VENT:
            return 0
        place = zone - self.net.leg_start[self.net.leg_of[zone]]
        return self.wearer.zone_pa(zone, self.program.asked_pa(place, share, self.set_pa))

    def finish(self):
        """Begins the gentle release: the thigh first, zone by zone."""
        self.phase = GENTLE
        self._gentle = self.net.n_zones

    def end(self):
        """Everything open, at once."""
        self.phase = ENDED
        self.targets.set_all(0)

    def tick(self, elapsed_ms, regulator, pressed_ms, pressed_limit_ms):
        """Moves on when the step has ended; regulator.reached tells what is where it should be."""
        self._phase_ms += elapsed_ms
        phase = self.phase
        if phase == CYCLE:
            if pressed_ms >= pressed_limit_ms - CUT_MARGIN_MS:
                self.alternate = self.net.n_legs > 1
                self._release(faults.CUT_SHORT)
                return
            for lane in range(self._lanes):
                self._row_ms[lane] += elapsed_ms
                if self._row[lane] == WAITING:
                    if self._may_start(lane):
                        self._start_cycle(lane)
                elif self._row_ended(lane, regulator):
                    self._next_row(lane, regulator)
                if self.phase != CYCLE:
                    return
        elif phase == SLACK:
            if self.proving == SEEN:
                self.proving = 0
                if self.net.independent:  # zones fill side by side from where they are about level
                    self._take_up()
            elif regulator.all_reached():
                if self.proving:
                    self.proving = OUT
                    self.targets.set_all(0)
                else:
                    self._first_cycle()
        elif phase == RELEASE:
            if pressed_ms:
                self._phase_ms = 0
            elif regulator.all_reached() and self._phase_ms >= RELEASE_MS:
                self._first_cycle()
        elif phase == GENTLE:
            self._gentle_tick(regulator)
        if self.phase == CYCLE:
            self.targets.follow(regulator)

    def left_ms(self, zone):
        """How long a zone keeps its pressure: to the end of a step by time after which it gets less, else LONGEST_STEP_MS."""
        net = self.net
        leg = net.leg_of[zone]
        lane = leg if self._lanes > 1 else 0
        row = self._row[lane]
        rows = self.program.rows
        if self.phase == CYCLE and row != WAITING and rows[row * ROW + ZONES] == TIME:
            after = (row + 1) * ROW % len(rows)
            if rows[after + ZONES] != REPEAT and rows[after + zone - net.leg_start[leg]] < self._share[zone]:
                return self._row_time_ms(lane) - self._row_ms[lane]
        return LONGEST_STEP_MS

    # --- cycles -----------------------------------------------------------------------------------------------------

    def _first_cycle(self):
        """With everything vented: the legs begin as they are wanted now."""
        self.phase = CYCLE
        self._legs = self._wanted_legs()
        net = self.net
        self._lanes = net.n_legs if self._legs == OFFSET else 1
        for lane in range(net.n_legs):
            self._row[lane] = WAITING
            self._first[lane] = net.leg_start[lane]
            self._end[lane] = net.leg_start[lane] + net.leg_zones[lane] if self._lanes > 1 else net.n_zones
        for at in range(len(self._times)):
            self._times[at] = 0  # the last cycle may have ended within a repeat
        self._start_cycle(0)

    def _may_start(self, lane):
        """A leg begins its cycle when the other is in the second half of its own; the first leg also when both wait."""
        other = self._row[1 - lane]
        if other == WAITING:
            return lane == 0
        return other >= self.program.length() >> 1

    def _start_cycle(self, lane):
        if lane == 0:
            if self._legs != self._wanted_legs():
                self._release(0)
                return
            self.cycle += 1
            if self._legs == ALTERNATING:
                self.active_leg = (self.active_leg + 1) % self.net.n_legs
        self._enter(lane, 0)

    def _release(self, notice):
        """Vents everything at once and rests, then begins the next cycle."""
        self.notices |= notice
        self.phase = RELEASE
        self._phase_ms = 0
        self.targets.set_all(0)
        for zone in self.net.each_zone:
            self._share[zone] = self._from_share[zone] = VENT

    def _gentle_tick(self, regulator):
        """One zone after the other, from the thigh down, each once the one before is empty."""
        if self._gentle < self.net.n_zones and not regulator.reached[self.net.foot_first[self._gentle]]:
            return
        if self._gentle == 0:
            self.phase = ENDED
            return
        self._gentle -= 1
        self.target_pa[self.net.foot_first[self._gentle]] = 0

    # --- rows -------------------------------------------------------------------------------------------------------

    def _row_time_ms(self, lane):
        """The time of the row, at the wearer's pace where anything is under pressure: a rest is never shorter."""
        time_ms = number_of(self.program.rows, self._row[lane]) * 100
        pace = self.wearer.pace_permille
        if pace < 1000:
            for zone in range(self._first[lane], self._end[lane]):
                if self._share[zone]:
                    return time_ms * pace // 1000
            return time_ms
        return time_ms * pace // 1000

    def _row_ended(self, lane, regulator):
        end = self.program.rows[self._row[lane] * ROW + ZONES]
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
        rows = self.program.rows
        times = self._times
        row = self._row[lane]
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
            self._enter(lane, row)
        elif self._lanes > 1:
            self._row[lane] = WAITING
            for zone in range(self._first[lane], self._end[lane]):
                self._share[zone] = self._from_share[zone] = VENT
                self.targets.want(zone, 0)
        else:
            self._start_cycle(lane)

    def _look_what_was_missed(self, lane, regulator):
        """A step that ended by time without its pressure is a notice, never a fault."""
        at = self._row[lane] * ROW
        rows = self.program.rows
        for zone in range(self._first[lane], self._end[lane]):
            action = rows[at + zone - self.net.leg_start[self.net.leg_of[zone]]]
            if action != HOLD and self.target_pa[zone]:
                if not regulator.reached[zone] or self.target_pa[zone] != self._to_pa[zone]:
                    self.notices |= faults.NOT_REACHED

    def _enter(self, lane, row):
        net = self.net
        rows = self.program.rows
        ramp = rows[row * ROW + ZONES] & RAMP
        self._row[lane] = row
        self._row_ms[lane] = 0
        for zone in range(self._first[lane], self._end[lane]):
            leg = net.leg_of[zone]
            action = rows[row * ROW + zone - net.leg_start[leg]]
            if self._legs == ALTERNATING and leg != self.active_leg:
                action = VENT
            self._from_share[zone] = self._share[zone]
            self._from_pa[zone] = self.targets.goal_pa[zone]
            if action != HOLD:
                self._share[zone] = action
            self._to_pa[zone] = self._asked(zone, self._share[zone])
            if not ramp:
                self._from_share[zone] = self._share[zone]
                self.targets.want(zone, self._to_pa[zone])

    def _ramp(self, lane, whole_ms, reached):
        """Moves every goal on its straight line, in steps that a fill or a relief can make, once the step before is reached.

        Whether all are at the end of their lines.
        """
        passed_ds = min(self._row_ms[lane], whole_ms) // 100
        whole_ds = whole_ms // 100
        arrived = True
        for zone in range(self._first[lane], self._end[lane]):
            goal = self._to_pa[zone]
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
