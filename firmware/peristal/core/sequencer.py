"""Runs a program: which zone should have which pressure now. It only asks; reaching it is the regulator's work."""

from array import array

from peristal.core import faults
from peristal.core.program import BOTH, HOLD, RAMP, REACHED, REPEAT, ROW, TIME, VENT, ZONES, Program, check, number_of
from peristal.core.units import pa

# Takes up the slack of every zone before the first cycle, below the 15 mmHg at which a zone counts as pressed.
SLACK_PA = pa(6)
# Left of the time under pressure when a cycle is cut short: the dump itself takes a few seconds.
CUT_MARGIN_MS = 5000
RAMP_STEP_PA = pa(4)

SLACK, CYCLE, RELEASE, GENTLE, ENDED = range(5)


class Sequencer:
    """target_pa of every zone, the phase, the step within the program and the number of the cycle (from 1)."""

    def __init__(self, net):
        self.net = net
        self.program = Program("", 1, "")
        self.phase = ENDED
        self.row = 0
        self.cycle = 0
        self.notices = 0
        self.set_pa = 0
        self.target_pa = array("i", [0] * net.n_zones)
        self._share = bytearray(net.n_zones)
        self._row_ms = 0
        self._times = array("i", [0] * 96)
        self._gentle = 0
        self.alternate = False  # one leg at a time, because both together take too long
        self.active_leg = 0
        self._from_pa = array("i", [0] * net.n_zones)

    def load(self, program, set_pa):
        """Starts a program from its first cycle; raises ProgramError when it may not run."""
        check(program)
        self.program = program
        self.set_pa = set_pa
        self.cycle = 0
        self.notices = 0
        self.phase = SLACK
        self.alternate = False
        self.active_leg = 0
        self._row_ms = 0
        for zone in range(self.net.n_zones):
            self._share[zone] = VENT
            self.target_pa[zone] = SLACK_PA

    def set_pressure(self, set_pa):
        """A lower pressure acts at once, a higher one at the next step."""
        lower = set_pa < self.set_pa
        self.set_pa = set_pa
        if lower and self.phase == CYCLE:
            for zone in range(self.net.n_zones):
                asked = set_pa * self._share[zone] // 100
                if asked < self.target_pa[zone]:
                    self.target_pa[zone] = asked

    def finish(self):
        """Begins the gentle release: the thigh first, zone by zone."""
        self.phase = GENTLE
        self._gentle = self.net.n_zones

    def end(self):
        """Everything open, at once."""
        self.phase = ENDED
        for zone in range(self.net.n_zones):
            self.target_pa[zone] = 0

    def tick(self, elapsed_ms, regulator, pressed_ms, pressed_limit_ms):
        """Moves on when the step has ended; regulator.reached tells what is where it should be."""
        self._row_ms += elapsed_ms
        phase = self.phase
        if phase == CYCLE:
            if pressed_ms >= pressed_limit_ms - CUT_MARGIN_MS:
                self.alternate = self.net.n_legs > 1
                self._release(faults.CUT_SHORT)
            elif self._row_ended(regulator):
                self._next_row()
        elif phase == SLACK:
            if regulator.all_reached():
                self._start_cycle()
        elif phase == RELEASE:
            if regulator.all_reached() and self._row_ms >= 10000:
                self._start_cycle()
        elif phase == GENTLE:
            self._gentle_tick(regulator)

    def _start_cycle(self):
        self.phase = CYCLE
        self.cycle += 1
        if self.alternate:
            self.active_leg = (self.active_leg + 1) % self.net.n_legs
        self._enter(0)

    def _release(self, notice):
        """Vents everything at once and rests, then begins the next cycle."""
        self.notices |= notice
        self.phase = RELEASE
        self._row_ms = 0
        for zone in range(self.net.n_zones):
            self.target_pa[zone] = 0
            self._share[zone] = VENT

    def _gentle_tick(self, regulator):
        """One zone after the other, from the thigh down, each once the one before is empty."""
        if self._gentle < self.net.n_zones and not regulator.reached[self.net.foot_first[self._gentle]]:
            return
        if self._gentle == 0:
            self.phase = ENDED
            return
        self._gentle -= 1
        self.target_pa[self.net.foot_first[self._gentle]] = 0

    def _row_ended(self, regulator):
        rows = self.program.rows
        end = rows[self.row * ROW + ZONES]
        if end & RAMP:
            end = TIME
            self._ramp(number_of(rows, self.row))
        timed = self._row_ms >= number_of(rows, self.row) * 100
        if end == TIME:
            return timed
        reached = regulator.all_reached()
        if end == BOTH:
            return timed and reached
        return end == REACHED and reached

    def _next_row(self):
        rows = self.program.rows
        row = self.row + 1
        while row < len(rows) // ROW and rows[row * ROW + ZONES] == REPEAT:
            if self._times[row] + 1 < number_of(rows, row):
                self._times[row] += 1
                row -= rows[row * ROW + ZONES + 3]
                break
            self._times[row] = 0
            row += 1
        if row >= len(rows) // ROW:
            self._start_cycle()
        else:
            self._enter(row)

    def _enter(self, row):
        net = self.net
        rows = self.program.rows
        self.row = row
        self._row_ms = 0
        for zone in range(net.n_zones):
            action = rows[row * ROW + zone - net.leg_start[net.leg_of[zone]]]
            if self.alternate and net.leg_of[zone] != self.active_leg:
                action = VENT
            if action != HOLD:
                self._share[zone] = action
            self._from_pa[zone] = self.target_pa[zone]
            if not rows[row * ROW + ZONES] & RAMP:
                self.target_pa[zone] = self.set_pa * self._share[zone] // 100

    def _ramp(self, whole_ds):
        """Moves every pressure on its straight line, in steps that a fill or a relief can make."""
        passed_ds = min(self._row_ms // 100, whole_ds)
        for zone in range(self.net.n_zones):
            goal = self.set_pa * self._share[zone] // 100
            start = self._from_pa[zone]
            now = start + (goal - start) * passed_ds // whole_ds
            if passed_ds == whole_ds or abs(now - self.target_pa[zone]) >= RAMP_STEP_PA:
                self.target_pa[zone] = now
