"""The regulator: from the pressure each zone should have to pump duty and valve routes.

One job at a time uses the line: FILL a zone (which also looks at it and tops it up), RELIEVE it a little, or RELEASE it.
Every job closes what must be closed, opens its zone, lets air move, then lets it settle and reads the static pressure.
"""

from array import array

from peristal.core import faults, model
from peristal.core.routes import CLOSING, DRIVING, FILL, NO_JOB, OPENING, RELEASE, RELIEVE, SETTLING, Routes
from peristal.core.units import NONE, clamp, pa

BAND_PA = pa(2)  # a fill has reached its target
LOW_PA = pa(3)  # a holding zone is topped up below this
HIGH_PA = pa(4)  # and relieved above this
VENTED_PA = pa(10)  # a released zone; the rest leaves while it stays open
PULSE_PA = pa(15)  # deficits up to this are closed by a pulse of known length
THROTTLE_PA = pa(20)  # the pump is throttled over this much below the line's ceiling
LOOK_MS = 8000
SETTLE_MS = 120
MOVEMENT_MS = 2200  # limb movement lasts up to 2 s: a zone with its own sensor is corrected only after that
SLOPE_TICKS = 12
CLOSE_MS = 30
LEARN_MS = 600  # shorter runs end before flow and average have settled
AVERAGE_LAG_MS = 60
REFUSED_MS = 100  # a pump that does not run by then was refused by the guard: let it settle and look
SHAPE_MMHG = (0, 30, 60, 90, 120)  # the flow drop falls as the zone's pressure rises: the board's own curve at these
SLACK_PA = pa(15)  # targets below this only take up slack: nobody feels them sag


class Regulator:
    """reached, gave_up and est_pa of every zone; set_target() asks, tick() works on it."""

    def __init__(self, net, sensing, drive):
        count = net.n_zones
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.routes = Routes(net)
        self.target_pa = array("i", [0] * count)
        self.reached = bytearray([1] * count)
        self.gave_up = bytearray(count)
        self.est_pa = array("i", [0] * count)
        self.est_age_ms = array("i", [0] * count)
        self.over_pa = array("i", [0] * count)  # learned: reading when the pump stops minus static pressure after
        self.over_at_pa = array("i", [-1] * count)  # the pressure it was learned at; -1 = not yet
        self.rate_pa_s = array("i", [0] * count)  # learned: rise of a zone near its target
        self.notices = 0
        self._first_over_pa = array("i", [0] * count)
        self._lead_pa = array("i", [0] * count)  # what still flows while the average catches up and the pump coasts
        self._drop_permille = array("i", [1000] * len(SHAPE_MMHG))  # flow drop at SHAPE_MMHG, against that at 0
        self._model_rate_pa_s = array("i", [0] * count)  # rise of a full chamber at the pump's whole flow
        self._look_ticks = 0
        self._off_ms = array("i", [0] * count)
        self._fill_limit_ms = array("i", [0] * count)
        self._vent_ms = array("i", [0] * count)
        self._line_gain_x16 = array("i", [0] * count)  # zone pressure over line pressure while it vents through the line
        self._avg_pa = 0
        self._dump_ms = 0
        self._mix_ms = 0
        self._stage_ms = 0
        self._job_ms = 0
        self._pulse_ms = 0
        self._stop_pa = 0
        self._learn_ms = 0
        self._ring = array("i", [0] * SLOPE_TICKS)
        self._ring_at = 0
        self._ring_full = False
        self._all_gain_x16 = 16
        self._declare()

    def _declare(self):
        """What the board's declared parts make likely; learned values replace it."""
        net = self.net
        pump = net.board.pump
        flow = pump.flow_ml_min // 60
        longest_ms = 90000 if pump.flow_ml_min < 4000 else 60000
        vent = net.valves[net.vent_valve].c_ml_s_bar if net.vent_valve != NONE else 0
        together = 0
        for zone in range(net.n_zones):
            volume = net.zones[zone].volume_ml
            fill_c = net.valves[net.fill_valve[zone]].c_ml_s_bar
            self._fill_limit_ms[zone] = min(
                longest_ms, 2 * model.fill_ms(volume, flow, pa(pump.stall_mmhg), net.ceiling_pa, fill_c, pa(100)) + 2000
            )
            if net.independent:
                out = net.valves[net.exhaust_valve[zone]].c_ml_s_bar
                self._line_gain_x16[zone] = 16
            else:
                out = model.series(fill_c, vent)
                self._line_gain_x16[zone] = 16 + 16 * vent * vent // (fill_c * fill_c)
                together += fill_c
                self._mix_ms = max(self._mix_ms, model.vent_ms(volume, fill_c, pa(100), pa(10)))
            self._vent_ms[zone] = model.vent_ms(volume, out, pa(80), pa(10))
            rate = flow * pa(10) // max(1, model.air_ml(volume, pa(70)) - model.air_ml(volume, pa(60)))
            self._model_rate_pa_s[zone] = rate
            self._lead_pa[zone] = clamp(rate * (AVERAGE_LAG_MS + (net.coast_ms >> 1)) // 1000, pa(2), pa(25))
            if net.zone_sensor[zone] == NONE:
                # Three quarters of the declared flow drop: the first stop comes early rather than late.
                self._first_over_pa[zone] = 3 * model.drop_pa(fill_c, flow, pa(pump.stall_mmhg), 0) >> 2
        if net.zone_sensor[0] == NONE:
            first_c = net.valves[net.fill_valve[0]].c_ml_s_bar
            at_zero = max(1, model.drop_pa(first_c, flow, pa(pump.stall_mmhg), 0))
            for index in range(len(SHAPE_MMHG)):
                self._drop_permille[index] = 1000 * model.drop_pa(first_c, flow, pa(pump.stall_mmhg), pa(SHAPE_MMHG[index])) // at_zero
        if together:
            self._all_gain_x16 = 16 + 16 * vent * vent // (together * together)

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
        self._off_ms[zone] = 0
        if self.routes.zone == zone and (target_pa == 0 or target_pa < before):
            self.routes.end()

    def all_reached(self):
        """Whether every zone is where it should be, or was given up for this step."""
        reached = self.reached
        gave_up = self.gave_up
        for zone in range(self.net.n_zones):
            if not reached[zone] and not gave_up[zone]:
                return False
        return True

    def tick(self, elapsed_ms, wish):
        """One step: estimate, work on the job, choose the next, and write the wish."""
        routes = self.routes
        self._estimate(elapsed_ms)
        wanted = 0
        for zone in range(self.net.n_zones):
            wish.target_pa[zone] = self.target_pa[zone]
            wanted |= self.target_pa[zone]
        if wanted == 0:
            routes.end()
            wish.all_off()
            return
        self._stage_ms += elapsed_ms
        self._job_ms += elapsed_ms
        if routes.job == NO_JOB:
            self._choose()
        else:
            self._work(elapsed_ms)
        pump = 0
        if routes.job == FILL and routes.stage == DRIVING:
            pump = self._pump_permille()
        routes.write(wish, self.target_pa)
        wish.pump_permille = pump

    # --- estimate -------------------------------------------------------------------------------------------------

    def _estimate(self, elapsed_ms):
        net = self.net
        sensing = self.sensing
        est_pa = self.est_pa
        age_ms = self.est_age_ms
        for zone in range(net.n_zones):
            sensor = net.zone_sensor[zone]
            if sensor != NONE:
                est_pa[zone] = sensing.pa[sensor]
                age_ms[zone] = sensing.age_ms[sensor]
            elif age_ms[zone] < 1000000:
                age_ms[zone] += elapsed_ms
            if self.target_pa[zone] == 0:
                self.reached[zone] = 1 if est_pa[zone] <= VENTED_PA else 0
        routes = self.routes
        if net.line_sensor == NONE:
            if routes.zone != NONE:
                self._average(sensing.pa[net.zone_sensor[routes.zone]])
            return
        reading = sensing.pa[net.line_sensor]
        if routes.zone != NONE and net.zone_sensor[routes.zone] != NONE:
            self._average(sensing.pa[net.zone_sensor[routes.zone]])
        else:
            self._average(reading)
        if net.zone_sensor[0] == NONE and routes.job == NO_JOB and self.drive.in_place:
            self._estimate_dump(reading, elapsed_ms)

    def _estimate_dump(self, reading_pa, elapsed_ms):
        """With every valve at rest the line shows all zones together, once they have met in it."""
        state = self.drive.state
        for valve in range(self.net.n_valves):
            if state[valve]:
                self._dump_ms = 0
                return
        if self._dump_ms < self._mix_ms:
            self._dump_ms += elapsed_ms
            return
        pressure = reading_pa * self._all_gain_x16 >> 4
        for zone in range(self.net.n_zones):
            self.est_pa[zone] = pressure
            self.est_age_ms[zone] = 0

    def _average(self, reading_pa):
        self._avg_pa += (reading_pa - self._avg_pa) >> 2

    # --- jobs -----------------------------------------------------------------------------------------------------

    def _choose(self):
        """Releases first, then corrections of what holds, then the next fill from the foot up, then a look."""
        net = self.net
        look = NONE
        fill = NONE
        for index in range(net.n_zones):
            zone = net.foot_first[index]
            target = self.target_pa[zone]
            if target == 0:
                if not net.independent and not self.reached[zone]:
                    self._begin(RELEASE, zone)
                    return
                continue
            if self.reached[zone]:
                if look == NONE and self._wants_look(zone):
                    look = zone
            elif fill == NONE and not self.gave_up[zone]:
                fill = zone
        if look != NONE:
            self._begin(FILL, look)
        elif fill != NONE:
            self._begin(FILL, fill)

    def _wants_look(self, zone):
        if self.target_pa[zone] < SLACK_PA:
            return False
        if self.net.zone_sensor[zone] == NONE:
            return self.est_age_ms[zone] >= LOOK_MS
        error = self.est_pa[zone] - self.target_pa[zone]
        if -LOW_PA <= error <= HIGH_PA:
            self._off_ms[zone] = 0
            return False
        self._off_ms[zone] += 20
        return self._off_ms[zone] >= MOVEMENT_MS

    def _begin(self, job, zone):
        self.routes.begin(job, zone)
        self._stage_ms = 0
        self._job_ms = 0
        self._off_ms[zone] = 0
        self._pulse_ms = 0

    def _stage(self, stage):
        self.routes.stage = stage
        self._stage_ms = 0
        self._look_ticks = 0
        if stage == DRIVING:
            self._ring_at = 0
            self._ring_full = False

    def _work(self, elapsed_ms):
        routes = self.routes
        stage = routes.stage
        if stage == CLOSING:
            if self._stage_ms > elapsed_ms and self.drive.in_place:
                self._stage(OPENING)
        elif stage == OPENING:
            if self._stage_ms > elapsed_ms and self.drive.in_place:
                self._opened()
        elif stage == DRIVING:
            self._drive()
        elif self._stage_ms >= self.net.coast_ms + SETTLE_MS:
            self._settled()

    def _opened(self):
        """The zone is open and still: its static pressure decides what the job does."""
        zone = self.routes.zone
        if self.routes.job != FILL or (not self.reached[zone] and self.est_pa[zone] < self.target_pa[zone] - PULSE_PA):
            self._stage(DRIVING)
            return
        # Two ticks let the line and the average come to rest on the zone's pressure.
        if self._look_ticks == 0:
            self._avg_pa = self._reading(zone)
        self._look_ticks += 1
        if self._look_ticks > 2:
            self._judge(zone, self._avg_pa)

    def _reading(self, zone):
        sensor = self.net.zone_sensor[zone]
        return self.sensing.pa[sensor if sensor != NONE else self.net.line_sensor]

    def _judge(self, zone, static_pa):
        """From a static reading: reached, a pulse, a longer run, or a relief."""
        self.est_pa[zone] = static_pa
        self.est_age_ms[zone] = 0
        deficit = self.target_pa[zone] - static_pa
        if deficit <= BAND_PA:
            self.reached[zone] = 1
            self.gave_up[zone] = 0
            self.routes.end()
            if deficit < -HIGH_PA:
                self._begin(RELIEVE, zone)
                # Pressure falls like exp(-t): 80 to 10 mmHg are 2.1 time constants. What flows while the vent closes is left out.
                self._pulse_ms = clamp(-deficit * 10 // 21 * self._vent_ms[zone] // static_pa - CLOSE_MS, 20, 2000)
        elif self._job_ms >= self._fill_limit_ms[zone]:
            self.gave_up[zone] = 1
            self.notices |= faults.NOT_REACHED
            self.routes.end()
        else:
            rate = max(self.rate_pa_s[zone], self._model_rate_pa_s[zone] >> 1)
            self._pulse_ms = 0
            if self.rate_pa_s[zone] and deficit <= PULSE_PA and static_pa >= SLACK_PA:
                self._pulse_ms = clamp(deficit * 900 // rate, 40, 3000)
            self._stage(DRIVING)

    def _drive(self):
        routes = self.routes
        zone = routes.zone
        if routes.job == RELEASE:
            sensor = self.net.zone_sensor[zone]
            if sensor == NONE:
                self.est_pa[zone] = self._avg_pa * self._line_gain_x16[zone] >> 4
                self.est_age_ms[zone] = 0
            if self._stage_ms >= 200 and self.est_pa[zone] <= VENTED_PA - pa(2):
                self.reached[zone] = 1
                routes.end()
        elif routes.job == RELIEVE:
            if self._stage_ms >= self._pulse_ms:
                self._stage(SETTLING)
        else:
            self._watch_slope()
            if self._pulse_ms:
                stop = self._stage_ms > self._pulse_ms
            else:
                stop = self._avg_pa >= self._stop_at(zone)
            refused = self._stage_ms > REFUSED_MS and self.drive.pump_permille == 0
            if stop or refused or self._job_ms >= self._fill_limit_ms[zone]:
                self._stop_pa = self._avg_pa
                if self._ring_full and not self._pulse_ms:
                    self._learn_rate(zone)
                self._learn_ms = self._stage_ms
                self._stage(SETTLING)

    def _stop_at(self, zone):
        """The reading at which the pump stops: the target plus what the reading is known to fall afterwards."""
        target = self.target_pa[zone]
        learned_at = self.over_at_pa[zone]
        over = self.over_pa[zone]
        if learned_at < 0:
            over = self._first_over_pa[zone]
            if over > 0 and (self._stage_ms < LEARN_MS or target < SLACK_PA):
                over = over * 6 // 5  # nearly the whole declared drop: the flow still rises, or the chamber is slack and does not
            learned_at = 0
        if over > 0:
            over = over * self._drop_at(target) // self._drop_at(learned_at)
        if learned_at < SLACK_PA <= target:
            over -= self._lead_pa[zone]  # a slack chamber does not rise: what was learned there lacks the lead
        return clamp(target + over, target >> 1, self.net.ceiling_pa)

    def _drop_at(self, pressure_pa):
        """Share of the flow drop at a pressure, in permille of that at 0: a straight line between the points of SHAPE_MMHG."""
        step = pa(30)
        index = clamp(pressure_pa // step, 0, len(SHAPE_MMHG) - 2)
        low = self._drop_permille[index]
        return max(1, low + (self._drop_permille[index + 1] - low) * (pressure_pa - index * step) // step)

    def _watch_slope(self):
        self._ring[self._ring_at] = self._avg_pa
        self._ring_at += 1
        if self._ring_at == SLOPE_TICKS:
            self._ring_at = 0
            self._ring_full = True

    def _learn_rate(self, zone):
        """Rise over the last SLOPE_TICKS ticks, in Pa/s; _ring_at is the oldest entry."""
        rise = self._avg_pa - self._ring[self._ring_at]
        self.rate_pa_s[zone] = max(pa(1), rise * 50 // (SLOPE_TICKS - 1))

    def _settled(self):
        zone = self.routes.zone
        static = self._avg_pa
        if self.routes.job == RELIEVE:
            self.est_pa[zone] = static
            self.est_age_ms[zone] = 0
            if static < self.target_pa[zone] - LOW_PA:
                self.reached[zone] = 0
            self.routes.end()
            return
        if not self._pulse_ms and (self._learn_ms >= LEARN_MS or static >= SLACK_PA):
            self._learn_over(zone, static)
        self._judge(zone, static)

    def _learn_over(self, zone, static_pa):
        measured = clamp(self._stop_pa - static_pa, -pa(20), self.net.ceiling_pa)
        if self.over_at_pa[zone] < 0 or abs(static_pa - self.over_at_pa[zone]) > pa(10):
            self.over_pa[zone] = measured
        else:
            self.over_pa[zone] += (measured - self.over_pa[zone]) >> 1
        self.over_at_pa[zone] = max(0, static_pa)

    def _pump_permille(self):
        """Full duty, throttled as the line comes near its ceiling."""
        if self.net.line_sensor == NONE:
            return 1000
        room = self.net.ceiling_pa - self.sensing.pa[self.net.line_sensor]
        if room >= THROTTLE_PA:
            return 1000
        lowest = self.net.board.pump.min_duty_permille
        if room <= 0:
            return lowest
        return lowest + (1000 - lowest) * room // THROTTLE_PA
