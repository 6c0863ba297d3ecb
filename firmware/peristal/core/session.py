"""The session: its state machine, from a person's wish to the pressure each zone should have now."""

from peristal.core import faults, gestures, limits, modes
from peristal.core.preflight import Preflight
from peristal.core.sequencer import ENDED, GENTLE, Sequencer
from peristal.core.states import DONE, FAULT, FINISHING, IDLE, PAUSED, PREFLIGHT, RUNNING
from peristal.core.units import mmhg, pa

GENTLE_MS = 45000  # after this the rest of the gentle release is a dump
EMPTY_PA = pa(4)
ENDED_MS = 3000  # a press that was meant to stop may come just after the end: it must not begin a new session
LONG_MS = 1 << 28
PAUSE_MS = 600000  # a pause that nobody ends ends the session


class Session:
    """state, choices (program, pressure_mmhg, minutes), elapsed_ms of the session and why it ended."""

    def __init__(self, net, sensing, regulator, guard):
        self.net = net
        self.regulator = regulator
        self.guard = guard
        self.sequencer = Sequencer(net)
        self.preflight = Preflight(sensing, guard)
        self.state = IDLE
        self.program = modes.names()[0]
        self.pressure_mmhg = limits.default("pressure_mmhg")
        self.minutes = limits.default("minutes")
        self.quiet = False
        self.elapsed_ms = 0
        self.state_ms = 0
        self.changed = False  # a choice was changed and is not stored yet
        self.found = 0  # notices of the start-up, shown until the first session is over

    @property
    def active(self):
        """Whether the session may put air into the sleeves."""
        state = self.state
        return state == PREFLIGHT or state == RUNNING or state == FINISHING

    @property
    def notices(self):
        """Bits of the notices table collected in this session."""
        stretched = faults.STRETCHED if self.regulator.pump.stretched else 0
        return self.found | self.sequencer.notices | self.regulator.notices | self.guard.notices | stretched

    def choose(self, program=None, pressure_mmhg=None, minutes=None, quiet=None):
        """Changes the choices for the next session; returns why one is refused (and changes nothing) or None."""
        if program is not None and program not in modes.names():
            return "program: %r is not known; allowed: %s" % (program, ", ".join(modes.names()))
        for name, value in (("pressure_mmhg", pressure_mmhg), ("minutes", minutes)):
            why = None if value is None else limits.refuse(name, value)
            if why:
                return why
        if pressure_mmhg is not None and pa(pressure_mmhg) > self.guard.cap_pa:
            cap = mmhg(self.guard.cap_pa)
            return "pressure_mmhg: %d is above the cap; allowed: %d to %d mmHg" % (pressure_mmhg, limits.lowest("pressure_mmhg"), cap)
        if quiet is not None:
            if quiet is not True and quiet is not False:
                return "quiet: %r is not allowed; allowed: on, off" % quiet
            self.quiet = quiet
        self.program = program or self.program
        self.pressure_mmhg = pressure_mmhg or self.pressure_mmhg
        self.minutes = minutes or self.minutes
        self.changed = True
        return None

    def start(self):
        """Begins a session with the present choices; only from idle or done."""
        if self.state not in (IDLE, DONE):
            return
        if self.state == DONE:
            self.found = 0
        self.sequencer.load(modes.build(self.program, self.net.longest_leg), pa(self.pressure_mmhg))
        self.regulator.notices = 0
        self.regulator.pump.stretched = False
        self.regulator.pump.quiet_permille = limits.default("quiet_permille") if self.quiet else 1000
        self.guard.begin()
        self.elapsed_ms = 0
        self.preflight.begin()
        self._enter(PREFLIGHT)

    def act(self, action):
        """Carries out what a gesture (or a command) means; see the gesture table."""
        if action == gestures.START:
            if self.state != DONE or self.state_ms >= ENDED_MS:
                self.start()
        elif action == gestures.VENT or action == gestures.PAUSE:
            if self.state in (RUNNING, FINISHING):
                self._enter(PAUSED)
        elif action == gestures.STOP:
            if self.state in (PREFLIGHT, RUNNING, PAUSED, FINISHING):
                self._enter(DONE)
        elif action == gestures.RESUME:
            if self.state == PAUSED and not self.guard.pressurised:
                releasing = self.sequencer.phase == GENTLE or self.sequencer.phase == ENDED
                self._enter(DONE if releasing else RUNNING)
                self._hand_over()  # before the sequencer looks: what was reached while vented is no step's end
        elif action == gestures.CLEAR:
            if self.state == FAULT and self.guard.clear():
                self._enter(IDLE)
        elif action == gestures.PLUS:
            self._change_pressure(limits.PRESSURE_STEP_MMHG)
        elif action == gestures.MINUS:
            self._change_pressure(-limits.PRESSURE_STEP_MMHG)
        elif action == gestures.NEXT:
            names = modes.names()
            self.choose(program=names[(names.index(self.program) + 1) % len(names)])

    def _change_pressure(self, step_mmhg):
        wanted = self.pressure_mmhg + step_mmhg
        if limits.lowest("pressure_mmhg") <= wanted <= limits.highest("pressure_mmhg") and pa(wanted) <= self.guard.cap_pa:
            self.pressure_mmhg = wanted
            self.changed = True
            if self.state == RUNNING:
                self.sequencer.set_pressure(pa(wanted))

    def _enter(self, state):
        self.state = state
        self.state_ms = 0

    def tick(self, elapsed_ms):
        """One step: move the state machine on and hand the regulator its targets."""
        self.state_ms = min(self.state_ms + elapsed_ms, LONG_MS)
        state = self.state
        if self.guard.fault != faults.OK:
            if state != FAULT:
                self._enter(FAULT)
        elif state == PREFLIGHT:
            self._preflight(elapsed_ms)
        elif state == RUNNING:
            self._running(elapsed_ms)
        elif state == FINISHING:
            self._finishing(elapsed_ms)
        elif state == PAUSED and self.state_ms > PAUSE_MS:
            self._enter(DONE)
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
        pressed_limit_ms = limits.default("pressed_s") * 1000
        self.sequencer.tick(elapsed_ms, self.regulator, self.guard.longest_pressed_ms, pressed_limit_ms)
        if self.elapsed_ms >= self.minutes * 60000 or self.guard.stopping != faults.OK:
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
                self._enter(DONE)

    def _hand_over(self):
        regulator = self.regulator
        targets = self.sequencer.target_pa
        going = self.state == RUNNING or self.state == FINISHING
        for zone in range(self.net.n_zones):
            regulator.set_target(zone, targets[zone] if going and not self.guard.left_out[zone] else 0)

    def seconds_left(self):
        """Whole seconds until the gentle release."""
        return max(0, self.minutes * 60 - self.elapsed_ms // 1000)
