"""The bring-up of a board: what its steps are made of, fills, holds, questions. Loaded only while a step (bringup_steps.py) runs.

On bottles, then with the sleeves on a rolled towel, never on a leg. Air moves as in a session, through regulator and guard; what a
step does by hand (a coil that clicks, a zone kept or let out while it is measured) it does with the pump off, and the guard sees
that too. Every wait has an end, so a step that is left alone fails, and everything opens.
"""

from peristal.core import faults, limits, model
from peristal.core.gate import STEPS
from peristal.core.preflight import NOT_COMMISSIONED, Preflight
from peristal.core.units import NONE, pa

HOLD_MMHG = 50  # below any cap a board may have, and within what a calibration may use
FILL_MS = 100000  # a zone may be above 15 mmHg for 120 s
ASK_MS = 60000
FRESH_MS = 1000
LOOK_MS = 600  # until a line that was vented shows the zone that is open to it
RELEASED_PA = pa(15)
OUT_PA = pa(10)
LEFT_PA = pa(20)
EMPTY_PA = pa(1)
DRIFT_PA = pa(limits.highest("drift_mmhg"))

NOTHING, YES_NO, READING, CUT = range(4)
ANSWERS = ("", " (yes, no, again)", " (reads MMHG)", "")
AGAIN = 2


class Failed(Exception):
    """Why a step is not passed."""


class Bringup:
    """One step. tick() is true when it is over; why says then why it is not passed ("": it is). says and asks: what goes on."""

    def __init__(self, session, step):
        self.session = session
        self.net = session.net
        self.guard = session.guard
        self.step = step
        self.drives = False
        self.says = ""
        self.asks = NOTHING
        self.answer = None  # 0 no, 1 yes, AGAIN, or a reading in mmHg
        self.why = "stopped"
        self._elapsed_ms = 0
        self._coil = NONE  # the one that clicks
        self._held = False  # everything is shut by hand ...
        self._open = NONE  # ... but this zone, which is open to the line ...
        self._out = False  # ... and to the air
        self._script = self._run()

    def tick(self, elapsed_ms):
        """Goes on; true when it is over."""
        self._elapsed_ms = elapsed_ms
        try:
            for zone in self.net.each_zone:
                if self.guard.left_out[zone]:
                    raise Failed("%s: %s" % (self._name(zone), faults.words(self.guard.left_out[zone])))
            next(self._script)
            return False
        except StopIteration:
            self.why = ""
        except Failed as error:
            self.why = str(error)
        return True

    def shape(self, wish):
        """What is done by hand instead of what the regulator wishes: always with the pump off."""
        net = self.net
        coil = wish.coil
        if self._coil != NONE:
            coil[self._coil] = 1
        if not self._held:
            return
        wish.pump_permille = 0
        for valve in range(net.n_valves):
            coil[valve] = net.rest_open[valve]
        if self._open == NONE:
            return
        if not net.independent:
            coil[net.fill_valve[self._open]] = 0
        if self._out:
            coil[net.exhaust_valve[self._open] if net.independent else net.vent_valve] = 0

    # --- what steps are made of -------------------------------------------------------------------------------------

    def _run(self):
        # What was just stored has kept the loop from reading: a moment for every sensor's turn, with the 12 V off.
        left_ms = FRESH_MS
        while left_ms > 0 and self.session.preflight.sensing.first_fault() != NONE:
            yield
            left_ms -= self._elapsed_ms
        if self.step > STEPS.index("zero"):
            yield from self._recall_zeros()
        elif self.step == 0:
            yield from self._zeros(False)  # as they are: the next step judges them
        self.drives = STEPS[self.step] != "zero"
        yield from getattr(self, STEPS[self.step])()
        self._by_hand(False)
        self._target(0)
        yield from self._empty()

    def _empty(self):
        guard = self.guard
        self._tell("lets the air out")
        while guard.pressurised or guard.vented_ms < guard.vent_ms >> 1 or (guard.vented_ms >> 1 < guard.vent_ms and not self._is_empty()):
            yield

    def _is_empty(self):
        """Against the commissioning zeros."""
        preflight = self.session.preflight
        sensing = preflight.sensing
        for sensor in range(sensing.count):
            if sensing.drift_pa(sensor, sensing.mv16[sensor], preflight.commissioned16[sensor]) > EMPTY_PA:
                return False
        return True

    def _recall_zeros(self):
        """Measures with the commissioning zeros: new ones so soon after a step would hold what is left of its air."""
        preflight = self.session.preflight
        sensing = preflight.sensing
        if min(preflight.commissioned16) == NOT_COMMISSIONED:
            verdict = yield from self._zeros(False)
            if verdict != Preflight.READY:
                raise Failed(faults.words(verdict))
            return
        yield from self._empty()
        for sensor in range(sensing.count):
            zero16 = preflight.commissioned16[sensor]
            if sensing.drift_pa(sensor, sensing.mv16[sensor], zero16) > DRIFT_PA:
                raise Failed(faults.words(faults.SENSOR_DRIFT))
            sensing.set_zero(sensor, zero16)

    def _zeros(self, anew):
        """Vented? Sensors healthy? What do they read? As before each session; anew: these are the commissioning zeros."""
        self._tell("reads the sensors with everything open")
        preflight = self.session.preflight
        preflight.begin(anew)
        verdict = Preflight.BUSY
        while verdict == Preflight.BUSY:
            yield
            verdict = preflight.tick(self._elapsed_ms)
        return verdict

    def _tell(self, says, asks=NOTHING):
        self.says = says + ANSWERS[asks]
        self.asks = asks
        if asks:
            print("peristal: bringup " + self.says)

    def _name(self, zone):
        leg = self.net.leg_of[zone]
        return "zone %d (%s %d)" % (zone + 1, self.net.leg_names[leg], zone - self.net.leg_start[leg] + 1)

    def _by_hand(self, held, zone=NONE, out=False):
        self._held = held
        self._open = zone
        self._out = out

    def _target(self, target_mmhg, first=0, end=NONE):
        for zone in self.net.each_zone:
            self.session.regulator.set_target(zone, pa(target_mmhg) if first <= zone < end else 0)

    def _wait(self, wait_ms):
        while wait_ms > 0:
            yield
            wait_ms -= self._elapsed_ms

    def _ask(self, says, asks):
        self._tell(says, asks)
        self.answer = None
        left_ms = ASK_MS
        while self.answer is None:
            yield
            left_ms -= self._elapsed_ms
            if left_ms < 0:
                raise Failed("nobody answered for %d s" % (ASK_MS // 1000))
        self.asks = NOTHING
        return self.answer

    def _agreed(self, says, otherwise):
        answer = AGAIN
        while answer == AGAIN:
            answer = yield from self._ask(says, YES_NO)
        if not answer:
            raise Failed(otherwise)

    def _fill(self, target_mmhg, first, end):
        """Zones from first up to end, one of them or more, and holds."""
        regulator = self.session.regulator
        self._tell("fills %s to %d mmHg" % (self._name(first) if end == first + 1 else "zones %d to %d" % (first + 1, end), target_mmhg))
        self._by_hand(False)
        self._target(target_mmhg, first, end)
        left_ms = FILL_MS
        again = True
        while True:
            late = NONE
            for zone in range(first, end):
                if not regulator.reached[zone]:
                    late = zone
            if late == NONE:
                return
            if regulator.gave_up[late] and again:
                # A folded chamber may take longer than one fill may last; its slack is taken up now.
                again = False
                self._target(0)
                yield from self._wait(LOOK_MS)
                self._target(target_mmhg, first, end)
            elif regulator.gave_up[late] or left_ms < 0:
                says = "%s does not reach %d mmHg: a leak, a weak pump, or a hose that is not on"
                raise Failed(says % (self._name(late), target_mmhg))
            yield
            left_ms -= self._elapsed_ms

    def _release(self, zone):
        """Lets one zone out alone; returns how long it took to 15 mmHg, at the most twice what is allowed.

        While it vents, one sensor on the line tells little: after the time allowed it looks what is left.
        """
        level_pa = self.guard.levels.level_pa
        blind = self.net.zone_sensor[zone] == NONE
        limit_ms = self._vent_limit_ms(zone)
        self._target(0)
        self._by_hand(True, zone, True)
        passed_ms = took_ms = 0
        while level_pa[zone] > OUT_PA and passed_ms < (limit_ms if blind else 2 * limit_ms):
            yield
            passed_ms += self._elapsed_ms
            if level_pa[zone] >= RELEASED_PA:
                took_ms = passed_ms
        if blind:
            self._by_hand(True, zone)
            yield from self._wait(LOOK_MS)
            took_ms = 2 * limit_ms if level_pa[zone] > LEFT_PA else 0
        return took_ms

    def _vent_limit_ms(self, zone):
        """Twice what the declared parts need, and a second."""
        net = self.net
        return 2 * model.vent_ms(net.zones[zone].volume_ml, net.out_c[zone], pa(HOLD_MMHG), RELEASED_PA) + 1000
