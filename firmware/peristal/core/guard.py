"""The guard: the only way to the outputs. It can only make a wish safer, and keeps the reason.

It trusts neither session nor regulator: it judges readings, counts time and air itself, and with any fault everything is
off, which on every accepted board means that every zone is open to the air.
"""

from array import array

from peristal.core import faults, limits, model
from peristal.core.answer import Answer
from peristal.core.levels import Levels
from peristal.core.line_watch import LineWatch
from peristal.core.reasons import WHY_CAP, WHY_FAULT, WHY_FLOW, WHY_HAND, WHY_PATH, WHY_RELIEF, WHY_TRIP
from peristal.core.units import NONE, pa

CAP_PA = pa(limits.CAP_MMHG)
TRIP_PA = pa(limits.highest("trip_mmhg"))
OVER_PA = pa(limits.highest("over_mmhg"))
RELEASED_PA = pa(limits.highest("released_mmhg"))
RELIEF_MS = limits.highest("relief_ms")
TRIP_MS = limits.highest("trip_ms")
LATCH_MS = limits.highest("latch_ms")
PRESSED_MS = limits.highest("pressed_s") * 1000
REST_MS = limits.lowest("rest_s") * 1000
MOST_GAP_MS = 400
SESSION_MS = limits.highest("minutes") * 60000 + 120000  # the gentle release at the end included
# The pump may not go on driving a zone that already reads too high; limb movement alone is no reason to latch.
DRIVEN_OVER_MS = 60
PULSE_MS = 400  # how long one relief by the guard keeps the zone open
LONG_MS = 1 << 28


class Guard:
    """coil and pump_permille are what may be done; fault and fault_zone say why everything is off; enable says the 12 V may stay."""

    def __init__(self, net, sensing, drive):
        count = net.n_zones
        board = net.board
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.levels = Levels(net, sensing, drive)
        self.line = LineWatch(net, sensing, drive, self.levels)
        self.answer = Answer(net, sensing, drive, self.levels)
        self._gap_ms = array("i", [0] * count)  # since a zone was last judged: not every sensor is read in every tick
        self._below_ms = array("i", [0] * count)
        self.coil = bytearray(net.n_valves)
        self.pump_permille = 0
        self.enable = False  # the 12 V of pump and coils: only while a session is going on and nothing is wrong
        self.fault = faults.OK
        self.fault_zone = NONE
        self.reasons = 0
        self.notices = 0
        self.pressed_ms = array("i", [0] * count)
        self.longest_pressed_ms = 0
        self.vented_ms = 0
        self.session_ms = 0
        self._ceil_pa = array("i", [0] * count)
        self._ceil_ms = array("i", [0] * count)
        self._over_ms = array("i", [0] * count)
        self._driven_over_ms = array("i", [0] * count)
        self._trip_ms = array("i", [0] * count)
        self._fill_ms = array("i", [0] * count)
        self._fill_limit_ms = array("i", [0] * count)
        self._relief_zone = NONE
        self._relief_ms = 0
        self._run_ms = 0
        self._run_limit_ms = board.pump.max_run_s * 1000
        flow = board.pump.flow_ml_min // 60
        longest_ms = limits.fill_ms(board.pump.flow_ml_min)
        for zone in range(count):
            declared = net.zones[zone]
            fill_c = net.valves[net.fill_valve[zone]].c_ml_s_bar
            need_ms = model.fill_ms(declared.volume_ml, flow, pa(board.pump.stall_mmhg), net.ceiling_pa, fill_c, CAP_PA)
            self._fill_limit_ms[zone] = min(longest_ms, 2 * need_ms + 3000)
        self.vent_ms = board.vent_ms()
        self._will_not_vent_ms = max(10000, 3 * self.vent_ms)

    @property
    def pressurised(self):
        """Whether anything may be above 15 mmHg."""
        return self.levels.highest_pa >= RELEASED_PA

    def trip(self, fault, zone=NONE):
        """Latches a fault; the first one stays."""
        if self.fault == faults.OK:
            self.fault = fault
            self.fault_zone = zone

    def clear(self):
        """A person asks to go on: True when the fault is gone (vented, sensors healthy), else it stays."""
        if self.pressurised or self.sensing.first_fault() != NONE:
            return False
        self.fault = faults.OK
        self.fault_zone = NONE
        self._forget()
        return True

    def begin(self):
        """A new session; a pause begins none."""
        self._forget()
        self.answer.begin()
        self.notices = 0

    def _forget(self):
        for zone in range(self.net.n_zones):
            self._over_ms[zone] = self._driven_over_ms[zone] = self._trip_ms[zone] = self._fill_ms[zone] = 0
            self._ceil_pa[zone] = 0
        self.line.forget()
        self._relief_zone = NONE
        self._run_ms = self.session_ms = 0

    def tick(self, elapsed_ms, wish, active, hand):
        """Judges everything, then allows the wish or something safer.

        active: a session is going on. hand: a person's button is down and everything must be open.
        """
        self.levels.tick(elapsed_ms)
        self.reasons = 0
        self._watch_sensors(active)
        self._watch_zones(elapsed_ms, wish)
        if self.line.tick(elapsed_ms, wish):
            self.trip(faults.LINE_PRESSURE)
        self.reasons |= self.line.reasons
        silent = self.answer.tick(elapsed_ms)
        if silent != NONE:
            self.trip(faults.NO_ANSWER, silent)
        self._watch_time(elapsed_ms, active)
        if self.fault != faults.OK:
            self._all_off(WHY_FAULT)
        elif hand:
            self._all_off(WHY_HAND)
        elif self.reasons & WHY_TRIP:
            self._all_off(WHY_TRIP)
        else:
            self._allow(elapsed_ms, wish)
        self._watch_vent(elapsed_ms)
        self.enable = active and self.fault == faults.OK

    def _all_off(self, why):
        coil = self.coil
        for valve in range(len(coil)):
            coil[valve] = 0
        self.pump_permille = 0
        self.reasons |= why

    # --- what is watched --------------------------------------------------------------------------------------------

    def _watch_sensors(self, active):
        if active or self.levels.highest_pa >= RELEASED_PA:
            sensor = self.sensing.first_fault()
            if sensor != NONE:
                self.trip(self.sensing.fault[sensor])

    def _watch_zones(self, elapsed_ms, wish):
        levels = self.levels
        net_blind = self.net.zone_sensor[0] == NONE  # then static readings come in every tick, or not at all
        longest = 0
        for zone in range(self.net.n_zones):
            level = levels.level_pa[zone]
            self._follow_target(zone, wish.target_pa[zone], elapsed_ms)
            gap = min(self._gap_ms[zone] + elapsed_ms, MOST_GAP_MS)
            self._gap_ms[zone] = gap
            if levels.static[zone]:
                self._judge_static(zone, level, gap)
                self._gap_ms[zone] = 0
            elif net_blind:
                self._gap_ms[zone] = 0
            if level >= RELEASED_PA:
                pressed = self.pressed_ms[zone] + elapsed_ms
                self.pressed_ms[zone] = pressed
                if pressed > longest:
                    longest = pressed
                    if pressed > PRESSED_MS:
                        self.trip(faults.PRESSED_TOO_LONG, zone)
                self._below_ms[zone] = 0
            elif self.pressed_ms[zone]:
                # A moment below 15 mmHg is no rest.
                self._below_ms[zone] += elapsed_ms
                if self._below_ms[zone] >= REST_MS:
                    self.pressed_ms[zone] = 0
            fill = self._fill_ms[zone]
            if levels.filling[zone]:
                self._fill_ms[zone] = fill = fill + elapsed_ms
                if fill > self._fill_limit_ms[zone]:
                    self.trip(faults.FILL_TOO_LONG, zone)
            elif fill:
                # A healthy hold may be topped up: a sixteenth of the time is given back.
                self._fill_ms[zone] = 0 if level < RELEASED_PA and wish.target_pa[zone] == 0 else max(0, fill - (elapsed_ms + 15 >> 4))
        self.longest_pressed_ms = longest

    def _follow_target(self, zone, target_pa, elapsed_ms):
        """The highest target of the last modelled vent time: a planned release starts above its new target."""
        if target_pa >= self._ceil_pa[zone]:
            self._ceil_pa[zone] = target_pa
            self._ceil_ms[zone] = 0
            return
        waited = self._ceil_ms[zone] + elapsed_ms
        self._ceil_ms[zone] = waited
        if waited > self.vent_ms:
            self._ceil_pa[zone] = target_pa
            self._ceil_ms[zone] = 0

    def _judge_static(self, zone, level_pa, elapsed_ms):
        if level_pa > TRIP_PA:
            over = self._trip_ms[zone] + elapsed_ms
            self._trip_ms[zone] = over
            if over >= TRIP_MS:
                self.reasons |= WHY_TRIP
            if over >= LATCH_MS:
                self.trip(faults.ABSOLUTE_PRESSURE, zone)
        else:
            self._trip_ms[zone] = 0
        if level_pa <= self._ceil_pa[zone] + OVER_PA:
            self._over_ms[zone] = 0
            self._driven_over_ms[zone] = 0
            return
        over = self._over_ms[zone] + elapsed_ms
        self._over_ms[zone] = over
        if self.levels.filling[zone]:
            self._driven_over_ms[zone] += elapsed_ms
        if over >= RELIEF_MS or self._driven_over_ms[zone] >= DRIVEN_OVER_MS:
            self.trip(faults.OVER_PRESSURE, zone)
        if self._ceil_pa[zone] and self._relief_zone == NONE:
            self._relief_zone = zone
            self._relief_ms = PULSE_MS
            self.notices |= faults.RELIEVED

    def _watch_time(self, elapsed_ms, active):
        if self.drive.pump_permille:
            self._run_ms += elapsed_ms
            if self._run_ms > self._run_limit_ms:
                self.trip(faults.PUMP_TOO_LONG)
        else:
            self._run_ms = 0
        if active:
            self.session_ms += elapsed_ms
            if self.session_ms > SESSION_MS:
                self.trip(faults.SESSION_TOO_LONG)
        else:
            self._relief_zone = NONE

    def _watch_vent(self, elapsed_ms):
        """Counts how long everything has been off; still pressurised after three vent times means it will not vent."""
        for valve in range(len(self.coil)):
            if self.coil[valve]:
                self.vented_ms = 0
                return
        if self.pump_permille:
            self.vented_ms = 0
            return
        if self.vented_ms < LONG_MS:
            self.vented_ms += elapsed_ms
        if self.vented_ms > self._will_not_vent_ms and self.levels.highest_pa >= RELEASED_PA:
            self.trip(faults.WILL_NOT_VENT)

    # --- what is allowed --------------------------------------------------------------------------------------------

    def _allow(self, elapsed_ms, wish):
        coil = self.coil
        for valve in range(len(coil)):
            coil[valve] = wish.coil[valve]
        self.pump_permille = wish.pump_permille
        if self._relief_zone != NONE:
            self._relieve(elapsed_ms)
        if self.pump_permille:
            why = self._pump_refused(wish) | (self.reasons & WHY_FLOW)
            if why:
                self.pump_permille = 0
                self.reasons |= why

    def _relieve(self, elapsed_ms):
        """Opens one zone to the air for a moment, whatever was wished."""
        net = self.net
        zone = self._relief_zone
        self.pump_permille = 0
        self.reasons |= WHY_RELIEF
        if net.independent:
            self.coil[net.exhaust_valve[zone]] = 0
        else:
            self.coil[net.fill_valve[zone]] = 0
            self.coil[net.vent_valve] = 0
        self._relief_ms -= elapsed_ms
        if self._relief_ms <= 0:
            self._relief_zone = NONE

    def _pump_refused(self, wish):
        """Why the pump may not run now (0 = it may): it needs one open path into a zone that is meant to have pressure."""
        net = self.net
        drive = self.drive
        if not drive.in_place:
            return WHY_PATH
        if net.vent_valve != NONE and not self.coil[net.vent_valve]:
            return WHY_PATH
        paths = 0
        for zone in range(net.n_zones):
            valve = net.fill_valve[zone]
            if self.coil[valve] == net.rest_open[valve]:
                continue
            paths += 1
            target = wish.target_pa[zone]
            if target <= 0 or (net.independent and not self.coil[net.exhaust_valve[zone]]):
                return WHY_PATH
            if target > CAP_PA or (self.levels.static[zone] and self.levels.level_pa[zone] >= CAP_PA):
                return WHY_CAP
        return 0 if paths else WHY_PATH
