"""What each zone has shown of itself: how far its reading falls when the pump stops, and how fast it rises.

Until a zone has shown it, the board's declared parts say what is likely, on the careful side.
"""

from peristal.core import limits, model
from peristal.core.model import ATM_PA
from peristal.core.units import NONE, clamp, pa, zeros

SLACK_PA = pa(15)  # targets below this only take up slack: nobody feels them sag
PULSE_PA = pa(15)  # deficits up to this are closed by a pulse of known length
LEARN_MS = 600  # shorter runs end before flow and average have settled
SLOW_RUN_MS = 2000  # what is full before gets steeper so fast that a rate of a quarter of a second ago is too low
ACT_MS = 10  # from a reading to the output
MOST_FALL_PA = pa(4000)  # the strongest pump's free flow through the narrowest valve, were it not throttled
FIRST_FALL_PA = pa(2)
LIMB_PA = pa(24)  # a moving limb adds up to 20 mmHg to what is measured: within this no single fill may change much
MOST_CHANGE_PA = pa(5)
MOST_PULSE_MS = 400  # what would take longer is a run: it knows when to stop
FAST_PA_S = pa(60)  # a small chamber's pulses are given at half the flow: there 20 ms are a millimetre and more
FASTER_PA_S = pa(100)  # and at three tenths of it
MOST_RISE_PA = pa(40)  # what a pump that coasts for 0.2 s brings into a chamber that is full within a second
LATE_MS = 80  # the pump may coast, and the line empty, by so much longer or shorter than declared
OVER_CEILING_PA = pa(15)
FIRST_RELIEF = 650  # 18 first reliefs of the tuning plants let out 0.8 to 4.8 times what they should, the middle one 1.6 times
LEAST_RELIEF = 250
MOST_RELIEF = 4000


class Learned:
    """over_pa (reading at the stop minus static pressure after, at the pump's free flow) and rate_pa_s of every zone."""

    def __init__(self, net):
        count = net.n_zones
        pump = net.board.pump
        flow = pump.flow_ml_min // 60
        stall_pa = pa(pump.stall_mmhg)
        self.net = net
        self._blind = net.zone_sensor[0] == NONE
        self.over_pa = zeros(count)
        self.over_at_pa = zeros(count)  # the pressure it was learned at; -1 = not yet
        self.rate_pa_s = zeros(count)  # what a pulse of the pump brings
        self.vent_ms = zeros(count)  # 80 to 10 mmHg through its own way out
        self.fill_limit_ms = zeros(count)
        self._model_rate_pa_s = zeros(count)
        self.pulse_share = zeros(count)  # of the flow (permille), at which this zone's pulses are given
        self._pulsed = bytearray(count)
        self._flow_ml_s = zeros(count)
        self._declared_drop_pa = zeros(count)
        self._lead_ms = zeros(count)  # how long the flow goes on, in effect, after the pump was told to stop
        self._off_ms = zeros(count)  # and after a valve was
        self.relief_permille = zeros(count)  # how long a relief takes, of what it was thought to
        way_out = net.valves[net.exhaust_valve[0] if net.independent else net.vent_valve]
        self._relief_late_ms = (way_out.off_ms - way_out.on_ms) * 3 >> 2  # it rests open: its coil's release opens it
        ramp_ms = max(pump.spin_up_ms, pump.soft_start_ms * (1000 - pump.min_duty_permille) // 1000)
        # Half of its ramp is missing from a pulse, half of its coasting comes on top; declared coasting is the longest.
        self._dead_ms = clamp((ramp_ms >> 1) + ACT_MS - pump.coast_ms * 7 // 16, -60, 120)
        longest_ms = limits.fill_ms(pump.flow_ml_min)
        for zone in range(count):
            volume = net.zones[zone].volume_ml
            fill_c = net.fill_c[zone]
            self.vent_ms[zone] = model.vent_ms(volume, net.out_c[zone], pa(80), pa(10))
            self.fill_limit_ms[zone] = min(longest_ms, 2 * model.fill_ms(volume, flow, stall_pa, net.ceiling_pa, fill_c, pa(100)) + 2000)
            drop = net.drop_pa(zone, pa(60))
            line = min(pa(60) + drop, net.ceiling_pa)
            middle = min(pa(40) + net.drop_pa(zone, pa(40)), net.ceiling_pa)
            # A short pulse fills line and zone at the pump's own flow, however narrow the valve.
            free_flow = flow * ((stall_pa - line) >> 4) // (stall_pa >> 4)
            rate = free_flow * pa(10) // max(1, model.air_ml(volume, pa(70)) - model.air_ml(volume, pa(60)))
            self._flow_ml_s[zone] = min(free_flow, model.flow_ml_s(fill_c, net.ceiling_pa, pa(65)))
            share = self.pulse_share[zone] = 1000 if rate <= FAST_PA_S else 500 if rate < FASTER_PA_S else 300
            self._model_rate_pa_s[zone] = rate * share // 1000
            line_ul = net.board.line.volume_ml * ((line - pa(60)) * 1000 // ATM_PA)
            self._lead_ms[zone] = ACT_MS + pump.coast_ms * 7 // 16 + line_ul // max(1, free_flow)
            self._off_ms[zone] = ACT_MS + net.valves[net.fill_valve[zone]].off_ms
            # At the flow that passes the valve in the middle of a fill, and from there by the square of the flow.
            passes = max(1, model.flow_ml_s(fill_c, middle, pa(40)) * 1000 // flow)
            fits = (ATM_PA + middle) * 10 // (ATM_PA // 100)
            self._declared_drop_pa[zone] = (middle - pa(40)) * 1000 // passes * fits // passes
        self.forget()
        self.changed = False  # since it was stored

    def knows_drop(self, zone):
        """Whether the zone's own flow drop was seen (with a sensor of its own it never is)."""
        return self.over_at_pa[zone] >= 0 and self.over_pa[zone] > 0

    def full_drop_pa(self, zone):
        """Flow drop of a zone at the free flow, at the least 5 mmHg: as declared, or learned (and not less than half of that)."""
        declared = max(pa(5), self._declared_drop_pa[zone])
        return max(declared >> 1, self.over_pa[zone]) if self.knows_drop(zone) else declared

    def drop_pa(self, zone, drop_share):
        """How far the line is above the zone at this share of the free flow's drop: as learned, or as first thought."""
        return (self.over_pa[zone] >> 4) * drop_share // 1000 << 4

    def model_rate_pa_s(self, zone, drop_share):
        """How fast a zone should rise at this share of the drop, by its declared parts: the flow goes with about its root."""
        return self._model_rate_pa_s[zone] * 1000 // self.pulse_share[zone] * (drop_share + 500) // 1500

    def stop_pa(self, zone, target_pa, run_ms, drop_share, reading, zone_pa_s):
        """The reading at which the pump stops: the target plus what the reading is known to fall afterwards.

        zone_pa_s: how fast a blind zone rises behind its drop; one with a sensor of its own shows it in the reading.
        """
        learned_at = self.over_at_pa[zone]
        over = self.over_pa[zone]
        if learned_at < 0 < over and run_ms < LEARN_MS:
            over = over * 5 // 3  # the flow still rises: only a reading far above means anything yet
        if over > 0:
            over = (over >> 4) * drop_share // 1000 << 4
        if learned_at < SLACK_PA and (over <= 0 or target_pa >= SLACK_PA):
            # A slack chamber does not rise: what was learned there lacks what still flows, as fast as it is seen to rise now.
            if over > 0:
                # Not the line's rise: at its ceiling that stands still, and the drop falls as the zone rises.
                seen_pa_s = min(zone_pa_s, self._model_rate_pa_s[zone]) if run_ms < LEARN_MS else zone_pa_s
            else:
                # The lower of two: one has the pump's ripple in it, and a stop would wait for its crest; the other the line's filling.
                seen_pa_s = reading.rate_pa_s if run_ms < SLOW_RUN_MS else min(reading.rate_pa_s, reading.steady_pa_s)
            over = max(over, 0) - self._rate(zone, seen_pa_s, drop_share) * self._stop_ms(zone, reading) // 1000
        elif over < 0:
            # What was learned at another pressure may be far more than what comes here, or a run would end before it began.
            over = max(over, -self._rate(zone, reading.rate_pa_s, drop_share) * self._stop_ms(zone, reading) // 800)
        # Far above the ceiling the flow is still to be throttled, and with it the drop: that says nothing of the zone.
        return clamp(target_pa + over, target_pa >> 1, self.net.ceiling_pa + OVER_CEILING_PA)

    def at_most(self, zone, drop_pa, drop_share):
        """In a run so far the line was never further above its zone than this: where the drop is not known yet, that bounds it.

        A slack chamber stays at nothing for a while, and the bound is the drop itself.
        """
        if self.over_at_pa[zone] < 0:
            self.over_pa[zone] = min(self.over_pa[zone], max(0, drop_pa) * 1000 // drop_share)

    def closing_pa(self, zone, reading, others, from_pa, pump_ms):
        """What still comes in when a zone that filled side by side has its pressure.

        Its inlet closes and the pump goes on for others, or it was the last and the pump stops. from_pa: where it began, if it
        joined for so little that its reading cannot show yet how fast it rises, else 0; then no more comes in all than a pulse
        of pump_ms brings.
        """
        rate = max(0, reading.rate_pa_s)
        if from_pa:
            rate = max(rate, self.rate_pa_s[zone] * 800 // (self.pulse_share[zone] * (others + 1)))
        comes_pa = rate * (reading.lag_ms + self._off_ms[zone] if others else self._stop_ms(zone, reading)) // 1000
        if from_pa and pump_ms < MOST_PULSE_MS:
            comes_pa = min(comes_pa, max(0, rate * (pump_ms - self._dead_ms) // 1000 - reading.average_pa + from_pa))
        return comes_pa

    def _stop_ms(self, zone, reading):
        return max(0, reading.lag_ms + self._lead_ms[zone] + self._late_ms)

    def _rate(self, zone, seen_pa_s, drop_share):
        """How fast a zone rises: as it is seen, within what its declared parts can do (a throttled line hides it)."""
        model_rate = self._model_rate_pa_s[zone] * 1000 // self.pulse_share[zone]
        return clamp(seen_pa_s, model_rate * (drop_share + 300) // 2000 if self._blind else 0, model_rate << 1)

    def learn_over(self, zone, stop_pa, static_pa, drop_share, reading_rate_pa_s, slack, short):
        """After a run: the reading at its stop and the static pressure that was left.

        short: it was over so soon that the chamber stretched and its air cooled only after the stop; more the first time than later.
        """
        measured = clamp(stop_pa - static_pa, -MOST_RISE_PA, MOST_FALL_PA)
        rate = self._rate(zone, reading_rate_pa_s, drop_share)
        if not self._blind:
            # What flows on is what the rise says, within what the pump may coast: the rest was a limb.
            flows_pa = rate * (70 + self._lead_ms[zone] + self._late_ms) // 1000
            measured = clamp(measured, -2 * flows_pa - FIRST_FALL_PA, -flows_pa >> 1)
        elif measured > 0:
            if short and self.over_at_pa[zone] < SLACK_PA <= static_pa:
                measured = max(0, measured - FIRST_FALL_PA)
            measured = min(measured * 1000 // drop_share, MOST_FALL_PA)
        self.changed = True
        known_at = self.over_at_pa[zone]
        if known_at < SLACK_PA <= static_pa and not self._blind and rate > pa(10):
            self.learn_late(zone, static_pa - stop_pa, rate, 70)
        if known_at < 0 or abs(static_pa - known_at) > pa(10):
            self.over_pa[zone] = measured
        else:
            change = measured - self.over_pa[zone]
            if not slack or change < 0:  # what did not rise was stopped too early: the next run would be too
                change >>= 1
            if not slack and abs(change) <= LIMB_PA >> 1:
                change = clamp(change, -MOST_CHANGE_PA, MOST_CHANGE_PA)
            self.over_pa[zone] += change
        # What was learned while slack was taken up lacks the lead, however far that went.
        self.over_at_pa[zone] = clamp(static_pa, 0, SLACK_PA - 1 if slack else static_pa)

    def learn_late(self, zone, rose_pa, rate_pa_s, lag_ms):
        """How much longer the flow went on than declared, after a reading that was this far behind; from 10 mmHg a second up."""
        late_ms = rose_pa * 1000 // rate_pa_s - self._lead_ms[zone] - lag_ms
        self._late_ms = clamp((self._late_ms + late_ms) >> 1, -LATE_MS, LATE_MS)

    def recall(self, zone, over_pa, over_at_pa, rate_pa_s, relief_permille):
        """Figures of an earlier session; what is out of bounds is not believed."""
        if LEAST_RELIEF <= relief_permille <= MOST_RELIEF:
            self.relief_permille[zone] = relief_permille
        if -MOST_RISE_PA <= over_pa <= MOST_FALL_PA and -1 <= over_at_pa <= pa(140) and rate_pa_s > 0:
            if over_at_pa >= 0:
                self.over_pa[zone] = over_pa
                self.over_at_pa[zone] = over_at_pa
            self.rate_pa_s[zone] = self._rate_in_bounds(zone, rate_pa_s)
            self._pulsed[zone] = 1

    def forget(self):
        """Begins anew, as on a new board."""
        for zone in self.net.each_zone:
            # Flow and conductance may each be a tenth off, and the drop goes with their squares: so the first stop
            # comes at six tenths of the declared drop, early rather than late, and teaches the true one.
            self.over_pa[zone] = 6 * self._declared_drop_pa[zone] // 10 if self._blind else 0
            self.over_at_pa[zone] = -1
            self.rate_pa_s[zone] = self._model_rate_pa_s[zone]
            self._pulsed[zone] = 0
            self.relief_permille[zone] = FIRST_RELIEF
        self._late_ms = 0  # what the zones have shown of the lead beyond the declared figures: one pump serves them all
        self.changed = True

    def stopped_early(self, zone, drop_pa, drop_share):
        """A run ended long before its target: its drop, as it was seen, is larger than thought. A zone's own sensor sees none."""
        if not self._blind:
            return
        if self.over_at_pa[zone] >= 0:
            self.over_pa[zone] = min(max(self.over_pa[zone] + MOST_CHANGE_PA, drop_pa * 1000 // drop_share), MOST_FALL_PA)
        else:  # even where next to none was declared the pump's ripple shows in a line that fills nothing yet
            self.over_pa[zone] = min((self.over_pa[zone] + FIRST_FALL_PA) * 3 >> 1, MOST_FALL_PA)

    def too_late(self, zone, stop_pa, target_pa, drop_share):
        """A fill went so far over that the guard relieved it: what was left was at least 15 mmHg above the target."""
        most = stop_pa - target_pa - pa(18)
        if most > 0:
            most = min(most * 1000 // drop_share, MOST_FALL_PA)
        if self.over_at_pa[zone] < 0:
            self.over_pa[zone] = most
            self.over_at_pa[zone] = target_pa
        elif most < self.over_pa[zone]:
            self.over_pa[zone] -= (self.over_pa[zone] - most) >> 1

    def pulse_ms(self, zone, deficit_pa, static_pa):
        """How long the pump runs for a small deficit; 0 when a run with its own stop is better."""
        need_ms = deficit_pa * 950 // self.rate_pa_s[zone]
        if deficit_pa > PULSE_PA or static_pa < SLACK_PA >> 1 or need_ms > MOST_PULSE_MS:
            return 0
        return clamp(need_ms + self._dead_ms, 40, MOST_PULSE_MS)

    def flow_ml_s(self, zone):
        """Free air per second of a fill at full duty, under the line's ceiling: as declared, and as its pulses have shown."""
        return max(1, self._flow_ml_s[zone] * self.rate_pa_s[zone] // self._model_rate_pa_s[zone])

    def learn_pulse(self, zone, pulse_ms, rise_pa):
        """What a pulse really brought: half of it is believed at once.

        Until a zone has had a pulse of its own, what another has shown of the pump counts for it too, by half.
        """
        brought = clamp(rise_pa * 1000 // max(20, pulse_ms - self._dead_ms), 0, pa(400))
        self._pulsed[zone] = 1
        self.rate_pa_s[zone] = self._rate_in_bounds(zone, (self.rate_pa_s[zone] + brought) >> 1)
        permille = clamp(500 + self.rate_pa_s[zone] * 500 // self._model_rate_pa_s[zone], 750, 1500)
        for other in self.net.each_zone:
            if not self._pulsed[other]:
                self.rate_pa_s[other] = max(1, self._model_rate_pa_s[other] * permille // 1000)
        self.changed = True

    def relief_ms(self, zone, from_pa, fall_pa):
        """How long the zone's way out is opened to let this much out."""
        return clamp(self._fall_ms16(zone, from_pa, fall_pa) * self.relief_permille[zone] // 16000 + self._relief_late_ms, 20, 2000)

    def learn_relief(self, zone, from_pa, fell_pa, relief_ms):
        """What a relief, as long as it was to the tick, really let out."""
        now = self.relief_permille[zone]
        took_ms = relief_ms - self._relief_late_ms
        seen = clamp(took_ms * 16000 // max(1, self._fall_ms16(zone, from_pa, fell_pa)), now >> 2, now << 2)
        self.relief_permille[zone] = clamp((now + seen) >> 1, LEAST_RELIEF, MOST_RELIEF)
        self.changed = True

    def _fall_ms16(self, zone, from_pa, fall_pa):
        """Sixteenths of a ms in which a zone should fall by so much through its way out."""
        # Pressure falls like exp(-t): 80 to 10 mmHg are 2.1 time constants.
        return fall_pa * 10 // 21 * self.vent_ms[zone] // max(1, from_pa >> 4)

    def _rate_in_bounds(self, zone, rate_pa_s):
        """A sleeve's stiffness is not declared: it may be three times as soft or twice as stiff as the model's."""
        declared = self._model_rate_pa_s[zone]
        return clamp(rate_pa_s, max(1, declared * 3 >> 3), declared << 1)
