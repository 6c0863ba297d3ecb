"""The regulator: from the pressure each zone should have to pump duty and valve routes.

One job at a time uses the line: FILL a zone (which also looks at it and tops it up), RELIEVE it a little, or RELEASE it.
Every job closes what must be closed, opens its zone, lets air move, then lets it settle and reads the static pressure.
"""

from array import array

from peristal.core import faults
from peristal.core.estimate import Estimate
from peristal.core.learned import LEARN_MS, PULSE_PA, SLACK_PA, Learned
from peristal.core.routes import CLOSING, DRIVING, FILL, NO_JOB, OPENING, RELEASE, RELIEVE, SETTLING, Routes
from peristal.core.throttle import Throttle
from peristal.core.units import NONE, clamp, pa

AIM_PA = 40  # a little above the target: in the first second the chamber stretches and the air cools
TOP_UP_PA = pa(1)  # a top-up goes on a little further, so that it is not needed again at once
BAND_PA = 200  # a fill has reached its target: 1.5 mmHg
LOW_PA = pa(2)  # a holding zone is topped up below this
HIGH_PA = pa(3)  # and relieved above this
VENTED_PA = pa(10)  # a released zone; the rest leaves while it stays open
STALE_VENT_PA = pa(14)  # a neighbour's pressure shows in a released zone: not worth a release of its own
LOOK_MS = 8000
LOOK_TICKS = 2
SETTLE_MS = 80  # after coasting and the line's own time; the guard judges the static pressure first, 30 ms before
SETTLE_MOST_MS = 600  # a limb that moves all the time is not waited for
STILL_TICKS = 2
MOVEMENT_MS = 2200  # limb movement lasts up to 2 s: what may be one is corrected only after that
MOVED_PA = pa(5)  # a hold that is off by more than this may be a movement
CLOSE_MS = 30
UNSTEADY_X16 = 60 << 4  # a duty that just jumped by this much (in sixteenths of a permille) has another flow than it seems
REFUSED_MS = 100  # a pump that does not run by then was refused by the guard: let it settle and look


class Regulator:
    """reached and gave_up of every zone; set_target() asks, tick() works on it."""

    def __init__(self, net, sensing, drive):
        count = net.n_zones
        self.net = net
        self.drive = drive
        self.sensing = sensing
        self.routes = Routes(net)
        self.estimate = Estimate(net, sensing, drive)
        self.learned = Learned(net)
        self.pump = Throttle(net, sensing)
        self.target_pa = array("i", [0] * count)
        self.reached = bytearray([1] * count)
        self.gave_up = bytearray(count)
        self.notices = 0
        self._doubt = bytearray(count)  # a hold was off at its last look
        self._look_in_ms = array("i", [0] * count)  # an own sensor: how long it has been off; else: time to the next look
        self._stage_ms = 0
        self._job_ms = 0
        self._look_ticks = 0
        self._pulse_ms = 0
        self._asked = 0
        self._stop_pa = 0
        self._run_ms = 0
        self._drop_share = 1000
        self._duty_x16 = self._felt_x16 = 16000
        self._line_shift = bytes([0 if ms < 50 else 1 if ms < 110 else 2 if ms < 250 else 3 for ms in net.settle_ms])
        self._disturbed = False
        self._abandoned = False  # its zone shall have another pressure now: the job only waits for the pump to stop

    def busy_sensor(self):
        """The sensor that is read every tick now, or NONE."""
        zone = self.routes.zone
        return NONE if zone == NONE else self.net.zone_sensor[zone]

    def set_target(self, zone, target_pa):
        """Asks for a pressure (0 = vented); what was reached for another pressure counts no longer."""
        before = self.target_pa[zone]
        if before == target_pa:
            return
        self.target_pa[zone] = target_pa
        self.gave_up[zone] = 0
        self.reached[zone] = 0
        self._look_in_ms[zone] = 0
        if self.routes.zone != zone or (self.routes.job == FILL and target_pa > before > 0):
            return
        if self.routes.job == FILL and self.routes.stage >= DRIVING and self.estimate.average_pa > self.estimate.pa[zone]:
            # What has flowed in was not measured yet: the line's reading bounds it, or the zone would pass for empty.
            self.estimate.known(zone, self.estimate.average_pa)
        if self.routes.job == FILL and self.drive.pump_still_ms < self.net.coast_ms:
            # A pump that still coasts into a line with every valve shut would drive it far above its ceiling.
            self._stage(SETTLING)
            self._abandoned = True
        else:
            self.routes.end()

    def all_reached(self, first=0, end=NONE):
        """Whether every zone (or those from first up to end) is where it should be, or was given up for this step."""
        for zone in range(first, min(end, self.net.n_zones)):
            if not self.reached[zone] and not self.gave_up[zone]:
                return False
        return True

    def tick(self, elapsed_ms, wish):
        """One step: estimate, work on the job, choose the next, and write the wish."""
        routes = self.routes
        estimate = self.estimate
        estimate.tick(elapsed_ms, routes.zone)
        wanted = 0
        for zone in range(self.net.n_zones):
            target = self.target_pa[zone]
            wish.target_pa[zone] = target
            wanted |= target
            if target == 0:
                self.reached[zone] = 1 if estimate.pa[zone] <= (STALE_VENT_PA if self.reached[zone] else VENTED_PA) else 0
            else:
                self._look_in_ms[zone] -= elapsed_ms
        if wanted == 0:
            self.pump.tick(self.drive.pump_permille, elapsed_ms)
            routes.end()
            wish.all_off()
            return
        self._stage_ms += elapsed_ms
        self._job_ms += elapsed_ms
        self.pump.tick(self.drive.pump_permille, elapsed_ms)
        if routes.job == NO_JOB:
            self._choose(elapsed_ms)
        else:
            self._work(elapsed_ms)
        pump = 0
        if routes.job == FILL and routes.stage == DRIVING:
            pump = self.pump.permille(self.learned.full_drop_pa(routes.zone), self._stage_ms)
        routes.write(wish, self.target_pa)
        wish.pump_permille = self._asked = pump

    # --- which job ------------------------------------------------------------------------------------------------

    def _choose(self, elapsed_ms):
        """Releases first, then corrections of what holds, then the next fill from the foot up."""
        net = self.net
        look = NONE
        fill = NONE
        for index in range(net.n_zones):
            zone = net.foot_first[index]
            if self.target_pa[zone] == 0:
                if not net.independent and not self.reached[zone]:
                    self._begin(RELEASE, zone)
                    return
            elif self.reached[zone]:
                if look == NONE and self._wants_look(zone, elapsed_ms):
                    look = zone
            elif fill == NONE and not self.gave_up[zone] and self.pump.rested():
                fill = zone
        if look != NONE:
            self._begin(FILL, look)
        elif fill != NONE:
            self._begin(FILL, fill)

    def _wants_look(self, zone, elapsed_ms):
        """A blind zone is looked at when its time has come, one with a sensor when it has been off for longer than a movement."""
        if self.target_pa[zone] < SLACK_PA:
            return False
        if self.net.zone_sensor[zone] == NONE:
            return self._look_in_ms[zone] <= 0
        error = self.estimate.pa[zone] - self.target_pa[zone]
        if -LOW_PA <= error <= HIGH_PA:
            self._look_in_ms[zone] = MOVEMENT_MS
            return False
        return self._look_in_ms[zone] <= 0

    def _begin(self, job, zone):
        self.routes.begin(job, zone)
        self.drive.refresh()
        self._stage_ms = 0
        self._job_ms = 0
        self._pulse_ms = 0
        self._disturbed = False
        self._abandoned = False

    def _stage(self, stage):
        self.routes.stage = stage
        self._stage_ms = 0
        self._look_ticks = 0
        if stage == DRIVING:
            zone = self.routes.zone
            duty = self.pump.start(self.learned.full_drop_pa(zone), self.estimate.pa[zone], self.learned.knows_drop(zone))
            self._duty_x16 = self._felt_x16 = duty << 4

    def _hold(self, zone, next_look_ms):
        """The zone is where it should be, as far as can be seen."""
        self._look_in_ms[zone] = next_look_ms
        self.routes.end()

    # --- the job --------------------------------------------------------------------------------------------------

    def _work(self, elapsed_ms):
        stage = self.routes.stage
        if stage == CLOSING:
            if self._stage_ms > elapsed_ms and self.drive.in_place:
                self._stage(OPENING)
        elif stage == OPENING:
            if self._stage_ms > elapsed_ms and self.drive.in_place:
                self._opened()
        elif stage == DRIVING:
            self._drive()
        elif self._abandoned:
            if self.drive.pump_still_ms >= self.net.coast_ms:
                self.routes.end()
        elif self.routes.job == FILL and self.net.vent_valve != NONE and not self.drive.state[self.net.vent_valve]:
            # The guard opened the vent: what is read now says nothing of the fill, but a still zone was far too high.
            self._disturbed = self._disturbed or self.drive.pump_still_ms >= self.net.coast_ms
            self._run_ms = 0
            self._stage_ms = 0
        elif self._is_still(self.net.coast_ms + self.net.settle_ms[self.routes.zone] + SETTLE_MS):
            self._settled()

    def _opened(self):
        """The zone is open and still: unless it is known to be far below, its static pressure decides what the job does."""
        zone = self.routes.zone
        estimate = self.estimate
        if self.routes.job != FILL or (not self.reached[zone] and estimate.pa[zone] < self.target_pa[zone] - PULSE_PA):
            self._stage(DRIVING)
            return
        if self._look_ticks == 0:
            estimate.restart(zone)
        self._look_ticks += 1
        if self._look_ticks > LOOK_TICKS and self._is_still(0):
            self._judge(zone, estimate.static_pa())

    def _is_still(self, least_ms):
        """Whether the reading has come to rest after at least this time, or was waited for long enough."""
        waited = self._stage_ms - least_ms
        return waited >= 0 and (self.estimate.still_ticks >= STILL_TICKS or waited >= SETTLE_MOST_MS)

    def _judge(self, zone, static_pa):
        """From a static reading: reached, a pulse, a longer run, or a relief."""
        self.estimate.known(zone, static_pa)
        target = self.target_pa[zone]
        deficit = target - static_pa
        held = self.reached[zone]
        off = deficit < -MOVED_PA or deficit > MOVED_PA << 1  # a stretching chamber sags by up to 8 mmHg
        if held and off and self.net.zone_sensor[zone] == NONE and not self._moved(zone):
            self._hold(zone, MOVEMENT_MS)  # perhaps a moving limb: look again before anything is done about it
            return
        if deficit <= (LOW_PA if held else BAND_PA):
            self.reached[zone] = 1
            self.gave_up[zone] = 0
            self._doubt[zone] = 0
            self._hold(zone, LOOK_MS)
            if deficit < -HIGH_PA:
                self.reached[zone] = held  # a step down has not arrived before its air is out
                self._begin(RELIEVE, zone)
                # Pressure falls like exp(-t): 80 to 10 mmHg are 2.1 time constants. The vent's closing adds to it.
                excess = -deficit - AIM_PA
                self._pulse_ms = clamp(excess * 10 // 21 * self.learned.vent_ms[zone] // static_pa - CLOSE_MS, 20, 2000)
        elif self._job_ms >= self.learned.fill_limit_ms[zone]:
            self.gave_up[zone] = 1
            self.notices |= faults.NOT_REACHED
            self.routes.end()
        else:
            self._pulse_ms = self.learned.pulse_ms(zone, deficit + (TOP_UP_PA if held else AIM_PA), static_pa)
            self._stage(DRIVING)

    def _moved(self, zone):
        """Whether a hold was already off at the last look; remembers that it is now."""
        before = self._doubt[zone]
        self._doubt[zone] = 1 - before
        return before

    def _drive(self):
        """Air moves: until the zone is empty, the pulse is over, or the reading says that the target is there."""
        routes = self.routes
        zone = routes.zone
        estimate = self.estimate
        if routes.job == RELEASE:
            estimate.venting(zone)
            if self._stage_ms >= 200 and estimate.pa[zone] <= VENTED_PA - BAND_PA:
                self.reached[zone] = 1
                routes.end()
            return
        if routes.job == RELIEVE:
            if self._stage_ms >= self._pulse_ms:
                self._stage(SETTLING)
            return
        # The duty as the average of the readings shows it: smoothed alike, and by the line, which follows the flow late.
        self._duty_x16 += ((self.drive.pump_permille << 4) - self._duty_x16) >> 2
        self._felt_x16 += (self._duty_x16 - self._felt_x16) >> self._line_shift[zone]
        drop_share = self.pump.drop_share(self._felt_x16 >> 4)
        if self._pulse_ms:
            stop = self._stage_ms > self._pulse_ms
        else:
            stop = estimate.average_pa >= self.learned.stop_pa(zone, self.target_pa[zone] + AIM_PA, self._stage_ms, drop_share)
        refused = self._stage_ms > REFUSED_MS and self.drive.pump_permille == 0 and self._asked > 0
        if stop or refused or self._job_ms >= self.learned.fill_limit_ms[zone]:
            self._stop_pa = estimate.average_pa
            self._drop_share = drop_share
            steady = abs((self.drive.pump_permille << 4) - self._felt_x16) < UNSTEADY_X16
            self._run_ms = self._stage_ms if steady and not refused else 0
            self._stage(SETTLING)

    def _settled(self):
        """The pump has coasted and the line is still: this is the static pressure."""
        zone = self.routes.zone
        static = self.estimate.static_pa()
        if self.routes.job == RELIEVE:
            self.estimate.known(zone, static)
            above = static - self.target_pa[zone]
            self.reached[zone] = 1 if above >= -LOW_PA and (self.reached[zone] or above <= HIGH_PA) else 0
            self._hold(zone, LOOK_MS)
            return
        if self._disturbed:
            self.learned.too_late(zone, self._stop_pa, self.target_pa[zone])
        elif self._pulse_ms:
            if self._run_ms:
                self.learned.learn_pulse(zone, self._pulse_ms, static - self.estimate.pa[zone])
        elif self._run_ms >= LEARN_MS or (self._run_ms and static >= SLACK_PA):
            self.learned.learn_over(zone, self._stop_pa, static, self._drop_share)
        elif static < self.target_pa[zone] >> 1:
            self.learned.stopped_early(zone)
        self._judge(zone, static)
