"""Runs a program: which zone should have which pressure now. It only asks; reaching it is the regulator's work.

Slack first, then cycle after cycle (lanes.py walks through the rows), a rest where a cycle is cut short, and a gentle end.
"""

from peristal.core import faults
from peristal.core.borrow import borrow
from peristal.core.lanes import WAITING, Lanes
from peristal.core.program import LONGEST_STEP_MS
from peristal.core.targets import Targets
from peristal.core.units import NONE, pa

# Takes up the slack of every zone before the first cycle, below the 15 mmHg at which a zone counts as pressed.
SLACK_PA = pa(6)
# Left of the time under pressure when a cycle is cut short: the dump itself takes a few seconds.
CUT_MARGIN_MS = 5000
RELEASE_MS = 6000  # from when the guard sees nothing above 15 mmHg any more: after 5 s it counts as a rest
WANTED, OUT, SEEN = range(1, 4)

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
        self.phase = ENDED
        self.proving = 0  # WANTED: once the slack is taken up it is let out, until somebody has SEEN it leave
        self.cycle = 0
        self._notices = 0
        self.targets = Targets(net)
        self.lanes = Lanes(net, wearer, self.targets)
        self.target_pa = self.targets.target_pa
        self.legs = TOGETHER
        self.alternate = False  # one leg at a time whatever was chosen, because both together take too long
        self.active_leg = 0
        self._legs = TOGETHER  # how this cycle runs
        self._phase_ms = 0
        self._gentle = 0

    def load(self, program, set_pa):
        """Starts a program from its first cycle; raises ProgramError (and changes nothing) when it may not run."""
        if self.reach:
            self.says = self.reach.fit(program, set_pa, self.wearer, self.legs == ALTERNATING)
            self.alternate = self.reach.alternate and self.legs != ALTERNATING
        else:
            borrow("core.check").check(program)
        self.lanes.load(program, set_pa)
        self.cycle = 0
        self._notices = faults.STRETCHED if self.says else 0
        self.phase = SLACK
        self.proving = 0
        self.active_leg = 0
        self._legs = self._wanted_legs()
        self._phase_ms = 0
        self.targets.set_all(0)
        self._take_up()

    def _take_up(self):
        for zone in self.net.each_zone:
            self.target_pa[zone] = self.targets.goal_pa[zone] = SLACK_PA if self.wearer.zone_pa(zone, self.lanes.set_pa) else 0

    @property
    def row(self):
        """The step of the leg that leads."""
        return 0 if self.lanes.row[0] == WAITING else self.lanes.row[0]

    @property
    def notices(self):
        """What was stretched, cut short or not reached."""
        return self._notices | self.lanes.notices

    def _wanted_legs(self):
        if self.net.n_legs == 1:
            return TOGETHER
        return ALTERNATING if self.alternate else self.legs

    def set_pressure(self, set_pa):
        """A lower pressure acts at once, a higher one at the next step."""
        self.lanes.set_pa = set_pa
        self.lower()

    def lower(self):
        """After a change of what the wearer wants: takes down at once what is too high now."""
        if self.phase == SLACK:
            for zone in self.net.each_zone:
                if not self.wearer.zone_pa(zone, self.lanes.set_pa):
                    self.targets.goal_pa[zone] = self.target_pa[zone] = 0
        elif self.phase == CYCLE or self.phase == GENTLE:
            self.lanes.lower()

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
            for lane in range(self.lanes.count):
                if self.lanes.step(lane, elapsed_ms, regulator) and not self._start_cycle(lane):
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
        """How long a zone keeps its pressure, as far as that is known; LONGEST_STEP_MS at the most."""
        return self.lanes.left_ms(zone) if self.phase == CYCLE else LONGEST_STEP_MS

    # --- cycles -----------------------------------------------------------------------------------------------------

    def _first_cycle(self):
        """With everything vented: the legs begin as they are wanted now."""
        self.phase = CYCLE
        self._legs = self._wanted_legs()
        self.lanes.part(self._legs == OFFSET)
        self._start_cycle(0)

    def _start_cycle(self, lane):
        """Whether it begins: legs that are to run in another way begin with everything vented."""
        if lane == 0:
            if self._legs != self._wanted_legs():
                self._release(0)
                return False
            self.cycle += 1
            self.lanes.only = NONE
            if self._legs == ALTERNATING:
                self.lanes.only = self.active_leg = (self.active_leg + 1) % self.net.n_legs
        self.lanes.enter(lane, 0)
        return True

    def _release(self, notice):
        """Vents everything at once and rests, then begins the next cycle."""
        self._notices |= notice
        self.phase = RELEASE
        self._phase_ms = 0
        self.targets.set_all(0)
        self.lanes.vent()

    def _gentle_tick(self, regulator):
        """One zone after the other, from the thigh down, each once the one before is empty."""
        if self._gentle < self.net.n_zones and not regulator.reached[self.net.foot_first[self._gentle]]:
            return
        if self._gentle == 0:
            self.phase = ENDED
            return
        self._gentle -= 1
        self.target_pa[self.net.foot_first[self._gentle]] = 0
