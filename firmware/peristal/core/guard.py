"""The guard: the only way to the outputs. It can only make a wish safer, and keeps the reason.

It trusts neither session nor regulator: it judges readings, counts time and air itself, and with any fault everything is
off, which on every accepted board means that every zone is open to the air.
"""

from peristal.core import faults, limits
from peristal.core.alive import Alive
from peristal.core.allowed import Allowed
from peristal.core.answer import Answer
from peristal.core.ceiling import Ceiling
from peristal.core.coming import Coming
from peristal.core.leaks import Leaks
from peristal.core.levels import Levels
from peristal.core.line_watch import LineWatch
from peristal.core.naming import DRIFT_PA, Naming
from peristal.core.plausible import Plausible
from peristal.core.reasons import ROUTINE, WHY_FAULT, WHY_HAND, WHY_TRIP
from peristal.core.runs_on import RunsOn
from peristal.core.second_look import SecondLook
from peristal.core.trends import Trends
from peristal.core.units import NONE, mmhg, pa
from peristal.core.unseen import Unseen
from peristal.core.zone_watch import CAP_PA, RELEASED_PA, ZoneWatch

SESSION_MS = limits.highest("minutes") * 60000 + 120000  # the gentle release at the end included
LONG_MS = 1 << 28
# What the builder's own power cut looks like.
CUT_SHOWS = (faults.SUPPLY_DIP, faults.VALVE_STUCK_OPEN, faults.LEAKS)
STILL_PA = pa(1)


class Guard:
    """coil and pump_permille are what may be done; fault and fault_zone say why everything is off; enable says the 12 V may stay.

    stopping: the fault that asks for a controlled stop. left_out: for each zone the fault for which it gets no air (0: none).
    journal: what has add(code, zone, value), or None.
    """

    def __init__(self, net, sensing, drive):
        board = net.board
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.journal = None
        self.levels = Levels(net, sensing, drive)
        self.ceiling = Ceiling(net, sensing, drive, self.levels)
        self.line = LineWatch(net, sensing, drive, self.levels)
        self.trends = Trends(net, self.levels, self)
        self.leaks = Leaks(net, self.levels, self.trends, self)
        self.second = SecondLook(self.levels, self.leaks, drive)
        self.coming = Coming(net, sensing, self.levels)
        self.answer = Answer(net, sensing, drive, self.levels, self.second, self.coming)
        self.alive = Alive(net, sensing, self.levels, self.answer, self.line)
        self.zones = ZoneWatch(net, drive, self.levels, self)
        self.unseen = Unseen(net, sensing, drive, self)
        self.runs_on = RunsOn(net, sensing, drive, self.levels, self)
        self.plausible = Plausible(net, sensing, drive, self.levels, self)
        self.naming = Naming(net, self.levels, self)
        self.allowed = Allowed(net, drive, self.levels, self)
        self.coil = bytearray(net.n_valves)
        self.pump_permille = 0
        self.enable = False  # the 12 V of pump and coils: only while a session is going on and nothing is wrong
        self.fault = faults.OK
        self.fault_zone = NONE
        self.changed = False  # the latched fault is not stored yet
        self.suspect = faults.OK  # everything is off already; naming.py has the name within NAME_MS
        self.held = False  # what should leave does not fall at all, and the line is no lower
        self.fell_pa = 0  # by so much it has fallen in the second half of its time
        self.stopping = faults.OK
        self.cut_expected = False  # a step of the bring-up waits for a person to pull the 12 V
        self.left_out = bytearray(net.n_zones)
        self.reasons = 0
        self.last_reasons = 0
        self.notices = 0
        self._board_cap_pa = self.cap_pa = min(CAP_PA, pa(board.cap_mmhg))
        self.vented_ms = 0
        self.session_ms = 0
        self._run_ms = 0
        self._run_limit_ms = board.pump.max_run_s * 1000
        self.vent_ms = board.vent_ms()  # from the cap to 15 mmHg, all zones together
        self._half_pa = 0  # what was left after half of that
        self._shut_pa = 0  # what the line showed before anything was opened
        self._will_not_vent_ms = max(10000, 3 * self.vent_ms)

    @property
    def pressurised(self):
        """Whether anything may be above 15 mmHg."""
        return self.levels.highest_pa >= RELEASED_PA

    @property
    def longest_pressed_ms(self):
        """How long the zone that has been above 15 mmHg for longest has been there."""
        return self.zones.longest_pressed_ms

    def limit_cap(self, wearer_pa):
        """The wearer's own cap; of it, the board's and the absolute one the smallest counts."""
        self.cap_pa = min(self._board_cap_pa, wearer_pa)

    # --- what is found ----------------------------------------------------------------------------------------------

    def trip(self, fault, zone=NONE):
        """A fault, from wherever it was seen: acts by its rank. What is latched first stays."""
        if self.cut_expected and fault in CUT_SHOWS:
            return
        if fault == faults.OVER_PRESSURE or fault == faults.SENSORS_DISAGREE:
            taker = self.plausible.gains.taker()
            if taker != NONE:  # what is too much, or where the line's air goes
                fault = faults.VALVE_STUCK_OPEN
                zone = taker
        rank = faults.rank(fault)
        if rank == faults.SKIP and zone != NONE:
            self.leave_out(zone, fault)
        elif rank == faults.STOP:
            if self.stopping == faults.OK:
                self.stopping = fault
                self._log(fault, zone)
        elif self.fault == faults.OK and fault != self.suspect:
            if not self.naming.waits(fault, zone):
                self.latch(fault, zone)
            elif not self.suspect:
                self.suspect = fault
                self.fault_zone = zone
                self.naming.begin(zone)

    def latch(self, fault, zone):
        """Vents, drops the 12 V and stays until a person clears it, whatever the rank of the fault."""
        self.fault = fault
        self.fault_zone = zone
        self.suspect = faults.OK
        self.changed = True
        self._log(fault, zone)

    def _name(self, elapsed_ms):
        if self.naming.ends(elapsed_ms):
            self.latch(self.naming.name(self.suspect, self.fault_zone), self.fault_zone)

    def _highest(self):
        """The zone with a sensor of its own that shows most, or NONE."""
        highest = 0
        for zone in self.net.each_zone:
            if self.levels.level_pa[zone] > self.levels.level_pa[highest]:
                highest = zone
        return highest if self.net.zone_sensor[0] != NONE else NONE

    def notice(self, bit, zone=NONE):
        """Something to be shown; told once a session to the journal."""
        if not self.notices & bit:
            self.notices |= bit
            if self.journal is not None:
                self._log(faults.number(bit), zone)

    def leave_out(self, zone, fault):
        """A zone gets no more air in this session; with none left the session ends."""
        if self.left_out[zone]:
            return
        self.left_out[zone] = fault
        self._log(fault, zone)
        self.notices |= faults.ZONE_LEFT_OUT
        for other in self.net.each_zone:
            if not self.left_out[other]:
                return
        self.trip(faults.NOTHING_LEFT)

    def _log(self, code, zone):
        if self.journal is not None:
            self.journal.add(code, zone, mmhg(self.levels.level_pa[zone] if zone != NONE else self.levels.highest_pa))

    def clear(self):
        """A person asks to go on: True when the fault is gone (vented, sensors healthy), else it stays."""
        if self.pressurised or self.sensing.first_fault() != NONE:
            return False
        self.fault = self.suspect = faults.OK
        self.fault_zone = NONE
        self.changed = True
        self._forget()
        return True

    def begin(self):
        """A new session; a pause begins none."""
        self._forget()
        self.unseen.begin()
        self.answer.begin()
        self.notices = 0
        self.stopping = self.suspect = faults.OK
        for zone in self.net.each_zone:
            self.left_out[zone] = faults.OK

    def _forget(self):
        self.held = False
        self.zones.forget()
        self.runs_on.forget()
        self.ceiling.forget()
        self.line.forget()
        self._run_ms = self.session_ms = 0

    # --- the tick ---------------------------------------------------------------------------------------------------

    def tick(self, elapsed_ms, wish, active, hand):
        """Judges everything, then allows the wish or something safer.

        active: a session is going on. hand: a person's button is down and everything must be open.
        """
        self.levels.tick(elapsed_ms)
        self._watch_sensors(active)
        self.zones.tick(elapsed_ms, wish, self.vent_ms)
        self.runs_on.tick(elapsed_ms)
        self.plausible.tick(elapsed_ms, active)
        if active:
            self.leaks.tick(elapsed_ms, wish)
            self.trends.tick(elapsed_ms, wish)
        self.line.tick(elapsed_ms, wish)
        if self.line.blocked != NONE:
            self.trip(faults.VALVE_STUCK_CLOSED, self.line.blocked)
            self.line.blocked = NONE
        if self.ceiling.tick(elapsed_ms):
            self.trip(self.ceiling.fault)
        if self.ceiling.given:
            self.zones.presses(self.sensing.worst_pa[self.net.line_sensor])
        self.reasons = self.zones.reasons | self.line.reasons | self.ceiling.reasons
        self.unseen.tick()
        silent = self.answer.tick(elapsed_ms)
        if self.alive.tick(elapsed_ms, wish):
            self.trip(faults.SENSOR_FROZEN, self.answer.driven)
        if self.line.lost:
            self.line.lost = False
            self.second.doubt(self.answer.driven, faults.OK)
        elif self.line.back:
            self.line.back = False
            self.trip(faults.SUPPLY_DIP, self.answer.driven)
        elif self.levels.gained != NONE:
            self.second.doubt(self.levels.gained, faults.VALVE_STUCK_OPEN)
        self.levels.gained = NONE
        if silent != NONE:
            fault = self.naming.of_silence(silent)
            if fault:
                self.trip(fault, silent)
        self._watch_time(elapsed_ms, active)
        if self.suspect:
            self._name(elapsed_ms)
        if self.fault or self.suspect:
            self._all_off(WHY_FAULT)
        elif hand:
            self._all_off(WHY_HAND)
        elif self.reasons & WHY_TRIP:
            self._all_off(WHY_TRIP)
            self.trends.pressed()
        else:
            self.allowed.wish(elapsed_ms, wish)
        self._watch_vent(elapsed_ms, active)
        # What is to be open needs no 12 V; without them a pump that will not stop stands, too.
        self.enable = active and not (self.fault or self.suspect or self.reasons & WHY_TRIP)
        self._keep_reasons()

    def _keep_reasons(self):
        """Each intervention that is not routine goes to the journal as it begins: code 96 and the bit's place."""
        fresh = self.reasons & ~self.last_reasons & ~ROUTINE
        self.last_reasons = self.reasons
        code = 96
        while fresh:
            if fresh & 1:
                self._log(code, self.zones.relief_zone)
            fresh >>= 1
            code += 1

    def _all_off(self, why):
        coil = self.coil
        for valve in range(len(coil)):
            coil[valve] = 0
        self.pump_permille = 0
        self.reasons |= why

    def _watch_sensors(self, active):
        if active or self.levels.highest_pa >= RELEASED_PA:
            sensor = self.sensing.first_fault()
            if sensor != NONE:
                self.trip(self.sensing.fault[sensor], self.net.zone_of(sensor))

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
            self.zones.relief_zone = NONE

    def _watch_vent(self, elapsed_ms, active):
        """Counts how long everything has been off; still pressurised after three vent times means it will not vent."""
        for valve in range(len(self.coil)):  # a pump without any coil has no path, and was refused
            if self.coil[valve]:
                self.vented_ms = 0
                self._shut_pa = self.levels.reading_pa(NONE)
                return
        if self.vented_ms < LONG_MS:
            self.vented_ms += elapsed_ms
            if self.vented_ms < self._will_not_vent_ms >> 1:
                self._half_pa = self.levels.highest_pa
        if self.vented_ms > self._will_not_vent_ms and not self.suspect:
            if self.levels.highest_pa >= RELEASED_PA:
                self.fell_pa = self._half_pa - self.levels.highest_pa
                self.held = self.fell_pa < STILL_PA
                self.trip(faults.WILL_NOT_VENT, self._highest() if self.held else NONE)
            elif active and self.session_ms > self._will_not_vent_ms and self._half_pa - STILL_PA < self.levels.highest_pa >= DRIFT_PA:
                self.held = True
                zone = self._highest()
                self.trip(self.naming.of_what_stays(zone, self._shut_pa), zone)
