"""The bring-up of a board: what its steps are made of, fills, holds, questions. Loaded only while a step (bringup_steps.py) runs.

On bottles, then with the sleeves on a rolled towel, never on a leg. Air moves as in a session, through regulator and guard; what a
step does by hand (a coil that clicks, a zone kept or let out while it is measured) it does with the pump off, and the guard sees
that too. Every wait has an end, so a step that is left alone fails, and everything opens.
"""

from peristal.core import faults, model
from peristal.core.gate import STEPS
from peristal.core.preflight import Preflight
from peristal.core.units import NONE, pa

HOLD_MMHG = 50  # below any cap a board may have, and within what a calibration may use
FILL_MS = 100000  # a zone may be above 15 mmHg for 120 s
ASK_MS = 60000
LOOK_MS = 600  # until a line that was vented shows the zone that is open to it
RELEASED_PA = pa(15)
OUT_PA = pa(10)
LEFT_PA = pa(20)

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
        self.drives = STEPS[step] != "zero"
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
            for zone in range(self.net.n_zones):
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
        if self.step > STEPS.index("zero"):
            verdict = yield from self._zeros(False)
            if verdict != Preflight.READY:
                raise Failed(faults.words(verdict))
        yield from getattr(self, STEPS[self.step])()
        guard = self.guard
        self._by_hand(False)
        self._target(0)
        self._tell("lets the air out")
        while guard.vented_ms < guard.vent_ms >> 1 or guard.pressurised:
            yield

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
        for zone in range(self.net.n_zones):
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
        while not regulator.all_reached():
            for one in range(self.net.n_zones):
                if regulator.gave_up[one] or left_ms < 0:
                    says = "%s does not reach %d mmHg: a leak, a weak pump, or a hose that is not on"
                    raise Failed(says % (self._name(one), target_mmhg))
            yield
            left_ms -= self._elapsed_ms

    def _release(self, zone):
        """Lets one zone out alone; returns how long it took to 15 mmHg. One sensor on the line then looks what is left."""
        level_pa = self.guard.levels.level_pa
        limit_ms = self._vent_limit_ms(zone)
        self._target(0)
        self._by_hand(True, zone, True)
        passed_ms = took_ms = 0
        while level_pa[zone] > OUT_PA and passed_ms < 2 * limit_ms:
            yield
            passed_ms += self._elapsed_ms
            if level_pa[zone] >= RELEASED_PA:
                took_ms = passed_ms
        if self.net.zone_sensor[zone] == NONE:
            self._by_hand(True, zone)
            yield from self._wait(LOOK_MS)
            if level_pa[zone] > LEFT_PA:
                took_ms = 2 * limit_ms
        return took_ms

    def _vent_limit_ms(self, zone):
        """Twice what the declared parts need, and a second."""
        net = self.net
        c = net.valves[net.exhaust_valve[zone] if net.independent else net.vent_valve].c_ml_s_bar
        if not net.independent:
            c = model.series(c, net.valves[net.fill_valve[zone]].c_ml_s_bar)
        return 2 * model.vent_ms(net.zones[zone].volume_ml, c, pa(HOLD_MMHG), RELEASED_PA) + 1000
