"""The session: its state machine, from a person's wish to the pressure each zone should have now."""

from peristal.core import faults, gestures, limits
from peristal.core.choices import Choices
from peristal.core.clock import Clock
from peristal.core.fitting import Fitting
from peristal.core.gate import Gate
from peristal.core.preflight import Preflight
from peristal.core.program import ProgramError
from peristal.core.record import Record
from peristal.core.routes import FILL
from peristal.core.self_test import SelfTest
from peristal.core.sequencer import CYCLE, ENDED, GENTLE, OUT, SEEN, SLACK, WANTED
from peristal.core.states import BREATHING, BRINGUP, DONE, FAULT, FINISHING, IDLE, PAUSED, PREFLIGHT, RUNNING
from peristal.core.units import NONE, pa

GENTLE_MS = 45000  # after this the rest of the gentle release is a dump
EMPTY_PA = pa(3)  # as the line shows it; a zone that was let out last is up to 2 mmHg behind
ENDED_MS = 3000  # a press that was meant to stop may come just after the end: it must not begin a new session
LONG_MS = 1 << 28
PAUSE_MS = 600000  # a pause that nobody ends ends the session
WELL_MS = 300000  # a session that ran for so long counts among the wearer's first ones


class Session(Choices):
    """state, the choices, elapsed_ms of the session and the record of what it did."""

    def __init__(self, net, sensing, regulator, guard):
        super().__init__(net)
        self.regulator = regulator
        self.guard = guard
        regulator.ends = self.sequencer
        self.sequencer.reach = Fitting(net, regulator, guard.vent_ms)  # pyright: ignore[reportAttributeAccessIssue]
        self.clock = Clock()
        self.record = Record(net.n_zones)
        self.preflight = Preflight(sensing, guard)
        self.self_test = SelfTest(net, guard)
        self.gate = Gate()
        self.bringup = None  # the step of the bring-up that goes on
        self.state = IDLE
        self.elapsed_ms = 0
        self.state_ms = 0
        self.changed = False  # a sensor's zero or gain was taken that is not stored yet
        self.found = 0  # notices of the start-up, shown until the first session is over
        self.refused = None  # why the button's start was refused
        self._began_s = 0
        self._row = 0

    @property
    def active(self):
        """Whether the session may put air into the sleeves; before its sensors have proved well it gets no 12 V either."""
        state = self.state
        if state == BRINGUP:
            return self.bringup.drives  # pyright: ignore[reportOptionalMemberAccess]
        return state == RUNNING or state == FINISHING

    @property
    def testing(self):
        """Whether the self-test goes on: the slack is taken up."""
        return self.state == RUNNING and self.sequencer.phase == SLACK

    @property
    def notices(self):
        """Bits of the notices table collected in this session."""
        stretched = faults.STRETCHED if self.regulator.pump.stretched else 0
        return self.found | self.sequencer.notices | self.regulator.notices | self.guard.notices | stretched

    # --- what a person does -----------------------------------------------------------------------------------------

    def _ease(self):
        super()._ease()
        self.guard.limit_cap(pa(self.wearer.cap_mmhg))
        if self.quiet:
            self._set_quiet()

    def _set_quiet(self):
        before = self.regulator.pump.quiet_permille
        self.regulator.pump.quiet_permille = limits.default("quiet_permille") if self.quiet else 1000
        if self.regulator.pump.quiet_permille != before:
            self.guard.trends.forget()

    def start(self):
        """Begins a session with the present choices; only from idle or done. Returns why the program may not run, or None."""
        if self.state not in (IDLE, DONE):
            return None
        why = self.gate.refuse()
        if why:
            return why
        if self.state == DONE:
            self.found = 0
        self._set_quiet()
        try:
            self.regulator.plan_pa = pa(self.pressure_mmhg)
            self.sequencer.load(self.build(), self.regulator.plan_pa)
            self.sequencer.proving = WANTED
        except ProgramError as error:
            return str(error)
        except MemoryError:  # for what is read from the flash for a start; at rest, so nothing is lost
            return "memory: there is no room for a start now; try again, or restart the device"
        self.regulator.notices = 0
        self.self_test.begin()
        self.regulator.pump.stretched = False
        self.guard.begin()
        self.record.begin()
        self.elapsed_ms = 0
        self._began_s = self.clock.up_s
        self.active_zone = NONE
        self.preflight.begin()
        self._enter(PREFLIGHT)
        return None

    def begin_bringup(self, bringup):
        """Begins a step of the bring-up (see bringup.py); only from idle or done."""
        self.guard.begin()
        self.guard.limit_cap(pa(limits.CAP_MMHG))  # no wearer is there
        self.regulator.notices = 0
        self.regulator.pump.quiet_permille = 1000
        self.gate.begin(bringup.step)
        self.bringup = bringup
        self._enter(BRINGUP)

    def _end_bringup(self):
        """However it ended."""
        bringup = self.bringup
        self.bringup = None
        self.gate.end(bringup.step, bringup.why)  # pyright: ignore[reportOptionalMemberAccess]
        self.guard.cut_expected = False
        self._ease()

    def act(self, action):
        """Carries out what a gesture (or a command) means; see the gesture table."""
        if action == gestures.START:
            if self.state != DONE or self.state_ms >= ENDED_MS:
                self.refused = self.start()
        elif action == gestures.VENT or action == gestures.PAUSE:
            if self.state in (RUNNING, FINISHING):
                self._enter(PAUSED)
            elif self.state == BRINGUP:
                self._enter(IDLE)
        elif action == gestures.STOP:
            if self.state == BRINGUP:
                self._enter(IDLE)
            if self.state in (PREFLIGHT, RUNNING, PAUSED, FINISHING, BREATHING):
                self._enter(DONE, "stopped")
        elif action == gestures.TINGLING:
            if self.state not in (IDLE, FAULT):
                self.guard.trip(faults.TINGLING)
        elif action == gestures.RESUME:
            if self.state == PAUSED and not self.guard.pressurised:
                releasing = self.sequencer.phase == GENTLE or self.sequencer.phase == ENDED
                self._enter(DONE if releasing else RUNNING)
                self.sequencer.targets.fall()
                self._hand_over()  # before the sequencer looks: what was reached while vented is no step's end
        elif action == gestures.CLEAR:
            if self.state == FAULT and self.guard.clear():
                self._enter(IDLE)
        elif action == gestures.PLUS:
            self.step(limits.PRESSURE_STEP_MMHG)
        elif action == gestures.MINUS:
            self.step(-limits.PRESSURE_STEP_MMHG)
        elif action == gestures.NEXT:
            self.next()

    def _enter(self, state, how="done"):
        was = self.state
        if was == BRINGUP:
            self._end_bringup()
        self.state = state
        self.state_ms = 0
        if self.elapsed_ms >= 1000 and was in (RUNNING, PAUSED, FINISHING) and state in (DONE, FAULT, BREATHING):
            self._ended(how)

    def _ended(self, how):
        """The wearer's part is over: what it was goes into the record."""
        fault = self.guard.fault or self.guard.stopping
        if fault != faults.OK:
            how = "tingling" if fault == faults.TINGLING else "fault%d" % fault
        began_s = self.clock.at_s(self._began_s)
        self.record.end(began_s, self.program, self.pressure_mmhg, self.elapsed_ms // 1000, self.sequencer.cycle, how)
        self.wearer.end_session(self.elapsed_ms >= WELL_MS and fault == faults.OK)

    def tick(self, elapsed_ms):
        """One step: move the state machine on and hand the regulator its targets."""
        self.state_ms = min(self.state_ms + elapsed_ms, LONG_MS)
        self.clock.tick(elapsed_ms)
        if self.own and self.own.damaged:
            self.own.damaged = False
            self.found |= faults.PROGRAM_DAMAGED
            self.guard.notice(faults.PROGRAM_DAMAGED)  # to the journal
        state = self.state
        if self.guard.fault != faults.OK:
            if state == BRINGUP:
                self.bringup.why = faults.line(self.guard.fault, self.guard.fault_zone)  # pyright: ignore[reportOptionalMemberAccess]
            if state != FAULT:
                self._enter(FAULT)
        elif state == BRINGUP:
            if self.bringup.tick(elapsed_ms):  # pyright: ignore[reportOptionalMemberAccess]
                self._enter(IDLE)
        elif state == PREFLIGHT:
            self._preflight(elapsed_ms)
        elif state == RUNNING:
            self._running(elapsed_ms)
        elif state == FINISHING:
            self._finishing(elapsed_ms)
        elif state == PAUSED and self.state_ms > PAUSE_MS:
            self._enter(DONE, "left_paused")
        elif state == BREATHING and self.state_ms >= self.wearer.breathing_min * 60000:
            self._enter(DONE)
        if state == RUNNING or state == FINISHING or state == PAUSED:
            self.record.tick(elapsed_ms, self.regulator.estimate.pa)
            job = self.regulator.lead
            if job.kind == FILL and self.sequencer.phase == CYCLE and not self.regulator.reached[job.zone]:
                self.active_zone = job.zone
        self._hand_over()

    def _preflight(self, elapsed_ms):
        verdict = self.preflight.tick(elapsed_ms)
        if verdict == Preflight.READY:
            self.changed = self.changed or self.preflight.fresh
            self.preflight.fresh = False
            self._enter(RUNNING)
        elif verdict != Preflight.BUSY:
            self.guard.trip(verdict)

    def _running(self, elapsed_ms):
        self.elapsed_ms += elapsed_ms
        pressed_limit_ms = self.sequencer.lanes.program.pressed_s * 1000
        testing = self.testing
        if testing:
            self.self_test.tick(elapsed_ms, self.regulator.reached)
            if self.sequencer.proving == OUT and self.self_test.vents(elapsed_ms):
                self.sequencer.proving = SEEN
        self.sequencer.tick(elapsed_ms, self.regulator, self.guard.longest_pressed_ms, pressed_limit_ms)
        if testing and not self.testing:
            self.self_test.finish(self.wearer)
        if self.sequencer.row != self._row:
            self._row = self.sequencer.row
            self._set_quiet()  # at once where it is less, else with the next step
        if self.elapsed_ms >= (self.minutes - self.wearer.breathing_min) * 60000 or self.guard.stopping != faults.OK:
            self.sequencer.finish()
            self._enter(FINISHING)

    def _finishing(self, elapsed_ms):
        """Zone by zone from the thigh, then everything open until nothing is left."""
        if self.sequencer.phase != ENDED:
            self.sequencer.tick(elapsed_ms, self.regulator, 0, 1 << 20)
            if self.state_ms > GENTLE_MS or self.guard.longest_pressed_ms > limits.default("pressed_s") * 1000:
                self.sequencer.end()
        elif self.guard.vented_ms >= self.guard.vent_ms >> 1:
            # Open for twice the modelled time and below 15 mmHg is done too: a sensor's zero may have crept.
            waited = self.guard.vented_ms >> 1 >= self.guard.vent_ms
            if self.guard.levels.highest_pa < EMPTY_PA or (waited and not self.guard.pressurised):
                self._enter(BREATHING if self.wearer.breathing_min and self.guard.stopping == faults.OK else DONE)

    def _hand_over(self):
        regulator = self.regulator
        if self.state == BRINGUP:
            return  # it sets them itself
        targets = self.sequencer.target_pa
        going = self.state == RUNNING or self.state == FINISHING
        regulator.may_wait = going and self.sequencer.phase == CYCLE
        asked, left_out = regulator.target_pa, self.guard.left_out
        for zone in self.net.each_zone:
            target_pa = targets[zone] if going and not left_out[zone] else 0
            if target_pa != asked[zone]:
                regulator.set_target(zone, target_pa)

    def seconds_left(self):
        """Whole seconds until the end; the gentle release comes on top."""
        state = self.state
        if state == IDLE or state == DONE or state == FAULT:  # no tuple: this is asked in every tick
            return 0
        breathed_s = self.state_ms // 1000 if state == BREATHING else 0
        return max(0, self.minutes * 60 - self.elapsed_ms // 1000 - breathed_s)
