"""What each zone has shown of itself: how far its reading falls when the pump stops, and how fast it rises.

Until a zone has shown it, the board's declared parts say what is likely, on the careful side.
"""

from array import array

from peristal.core import limits, model
from peristal.core.units import NONE, clamp, pa

SLACK_PA = pa(15)  # targets below this only take up slack: nobody feels them sag
PULSE_PA = pa(15)  # deficits up to this are closed by a pulse of known length
LEARN_MS = 600  # shorter runs end before flow and average have settled
AVERAGE_LAG_MS = 100  # the average over some ticks, the tick itself and the valve of the outputs
MOST_FALL_PA = pa(900)  # the strongest pump through the narrowest valve, at full duty: what is throttled is a share of it
FIRST_FALL_PA = pa(2)
LIMB_PA = pa(24)  # a moving limb adds up to 20 mmHg to what is measured: within this no single fill may change much
MOST_CHANGE_PA = pa(5)
PULSE_DEAD_MS = 30  # the pump's soft start and spin-up, less what it coasts
MOST_PULSE_MS = 400  # what would take longer is a run: it knows when to stop
OVER_CEILING_PA = pa(15)
SHAPE_STEP_PA = pa(30)
SHAPE_POINTS = 5  # the flow drop falls as the zone's pressure rises: the board's own curve at 0, 30, 60, 90, 120 mmHg


class Learned:
    """over_pa (reading at the stop minus static pressure after, at full flow) and rate_pa_s of every zone."""

    def __init__(self, net):
        count = net.n_zones
        pump = net.board.pump
        flow = pump.flow_ml_min // 60
        stall_pa = pa(pump.stall_mmhg)
        self.net = net
        self.changed = False  # since it was stored
        self.over_pa = array("i", [0] * count)
        self.over_at_pa = array("i", [-1] * count)  # the pressure it was learned at; -1 = not yet
        self.rate_pa_s = array("i", [0] * count)  # what a pulse of the pump brings
        self.vent_ms = array("i", [0] * count)  # 80 to 10 mmHg through its own way out
        self.fill_limit_ms = array("i", [0] * count)
        self._model_rate_pa_s = array("i", [0] * count)
        self._first_over_pa = array("i", [0] * count)
        self._declared_drop_pa = array("i", [0] * count)
        self._lead_pa = array("i", [0] * count)  # what still flows while the average catches up and the pump coasts
        self._shape_permille = array("i", [1000] * SHAPE_POINTS)
        longest_ms = limits.fill_ms(pump.flow_ml_min)
        for zone in range(count):
            volume = net.zones[zone].volume_ml
            fill_c = net.valves[net.fill_valve[zone]].c_ml_s_bar
            if net.independent:
                out_c = net.valves[net.exhaust_valve[zone]].c_ml_s_bar
            else:
                out_c = model.series(fill_c, net.valves[net.vent_valve].c_ml_s_bar)
            self.vent_ms[zone] = model.vent_ms(volume, out_c, pa(80), pa(10))
            self.fill_limit_ms[zone] = min(longest_ms, 2 * model.fill_ms(volume, flow, stall_pa, net.ceiling_pa, fill_c, pa(100)) + 2000)
            most_flow = min(flow, model.flow_ml_s(fill_c, net.ceiling_pa, pa(65)))
            rate = most_flow * pa(10) // max(1, model.air_ml(volume, pa(70)) - model.air_ml(volume, pa(60)))
            self._model_rate_pa_s[zone] = rate
            self.rate_pa_s[zone] = rate
            self._lead_pa[zone] = clamp(rate * (AVERAGE_LAG_MS + (net.coast_ms >> 1)) // 1000, pa(2), pa(25))
            self._declared_drop_pa[zone] = model.drop_pa(fill_c, flow, stall_pa, 0)
            if net.zone_sensor[zone] == NONE:
                # Flow and conductance may each be a tenth off, and the drop goes with their squares: so the first stop
                # comes at six tenths of the declared drop, early rather than late, and teaches the true one.
                self._first_over_pa[zone] = 6 * self._declared_drop_pa[zone] // 10
        first_c = net.valves[net.fill_valve[0]].c_ml_s_bar
        at_zero = max(1, model.drop_pa(first_c, flow, stall_pa, 0))
        for point in range(SHAPE_POINTS):
            self._shape_permille[point] = 1000 * model.drop_pa(first_c, flow, stall_pa, point * SHAPE_STEP_PA) // at_zero

    def _shape(self, pressure_pa):
        """Share of the flow drop at a pressure, in permille of that at 0."""
        point = clamp(pressure_pa // SHAPE_STEP_PA, 0, SHAPE_POINTS - 2)
        low = self._shape_permille[point]
        return max(1, low + (self._shape_permille[point + 1] - low) * (pressure_pa - point * SHAPE_STEP_PA) // SHAPE_STEP_PA)

    def knows_drop(self, zone):
        """Whether the zone's own flow drop was seen (with a sensor of its own it never is)."""
        return self.over_at_pa[zone] >= 0 and self.over_pa[zone] > 0

    def full_drop_pa(self, zone):
        """Flow drop of a zone at full duty, at the least 5 mmHg: as declared, or learned (and not less than half of that)."""
        declared = max(pa(5), self._declared_drop_pa[zone])
        return max(declared >> 1, self.over_pa[zone]) if self.knows_drop(zone) else declared

    def stop_pa(self, zone, target_pa, run_ms, drop_share):
        """The reading at which the pump stops: the target plus what the reading is known to fall afterwards."""
        learned_at = self.over_at_pa[zone]
        over = self.over_pa[zone]
        if learned_at < 0:
            over = self._first_over_pa[zone]
            if over > 0 and run_ms < LEARN_MS:
                over = over * 5 // 3  # the flow still rises: only a reading far above means anything yet
            learned_at = 0
        if over > 0:
            over = over * self._shape(target_pa) // self._shape(learned_at)
            over = (over >> 4) * drop_share // 1000 << 4
        if learned_at < SLACK_PA <= target_pa:
            over -= self._lead_pa[zone]  # a slack chamber does not rise: what was learned there lacks the lead
        # Far above the ceiling the flow is still to be throttled, and with it the drop: that says nothing of the zone.
        return clamp(target_pa + over, target_pa >> 1, self.net.ceiling_pa + OVER_CEILING_PA)

    def learn_over(self, zone, stop_pa, static_pa, drop_share):
        """After a run: the reading at its stop and the static pressure that was left."""
        measured = clamp(stop_pa - static_pa, -pa(20), MOST_FALL_PA)
        if measured > 0:
            measured = min(measured * 1000 // drop_share, MOST_FALL_PA)
        self.changed = True
        known_at = self.over_at_pa[zone]
        if known_at < 0 or abs(static_pa - known_at) > pa(10):
            # A first fill stretches the chamber and warms its air: the reading falls further than it will next time.
            self.over_pa[zone] = measured - FIRST_FALL_PA if 0 <= known_at < SLACK_PA <= static_pa and measured > 0 else measured
        else:
            change = (measured - self.over_pa[zone]) >> 1
            if abs(change) <= LIMB_PA >> 1:
                change = clamp(change, -MOST_CHANGE_PA, MOST_CHANGE_PA)
            self.over_pa[zone] += change
        self.over_at_pa[zone] = max(0, static_pa)

    def recall(self, zone, over_pa, over_at_pa, rate_pa_s):
        """Figures of an earlier session; what is out of bounds is not believed."""
        if -pa(20) <= over_pa <= MOST_FALL_PA and -1 <= over_at_pa <= pa(140) and rate_pa_s > 0:
            self.over_pa[zone] = over_pa
            self.over_at_pa[zone] = over_at_pa
            self.rate_pa_s[zone] = self._rate_in_bounds(zone, rate_pa_s)

    def forget(self):
        """Begins anew, as on a new board."""
        for zone in range(self.net.n_zones):
            self.over_pa[zone] = 0
            self.over_at_pa[zone] = -1
            self.rate_pa_s[zone] = self._model_rate_pa_s[zone]
        self.changed = True

    def stopped_early(self, zone):
        """A run ended long before its target: the drop is larger than thought, or was learned wrong."""
        if self.over_at_pa[zone] >= 0:
            self.over_pa[zone] = min(self.over_pa[zone] + MOST_CHANGE_PA, MOST_FALL_PA)
        elif self._first_over_pa[zone] > 0:
            self._first_over_pa[zone] = min(self._first_over_pa[zone] * 3 >> 1, MOST_FALL_PA)

    def too_late(self, zone, stop_pa, target_pa):
        """A fill went so far over that the guard relieved it: what was left was at least 15 mmHg above the target."""
        most = stop_pa - target_pa - pa(18)
        if self.over_at_pa[zone] < 0:
            self.over_pa[zone] = most
            self.over_at_pa[zone] = target_pa
        elif most < self.over_pa[zone]:
            self.over_pa[zone] -= (self.over_pa[zone] - most) >> 1

    def pulse_ms(self, zone, deficit_pa, static_pa):
        """How long the pump runs for a small deficit; 0 when a run with its own stop is better."""
        if deficit_pa > PULSE_PA or static_pa < SLACK_PA or deficit_pa * 900 // self.rate_pa_s[zone] > MOST_PULSE_MS:
            return 0
        return clamp(deficit_pa * 900 // self.rate_pa_s[zone] + PULSE_DEAD_MS, 40, MOST_PULSE_MS)

    def learn_pulse(self, zone, pulse_ms, rise_pa):
        """What a pulse really brought: half of it is believed at once, within five eighths and one and a half of the declared rate."""
        brought = clamp(rise_pa * 1000 // max(20, pulse_ms - PULSE_DEAD_MS), 0, pa(400))
        self.rate_pa_s[zone] = self._rate_in_bounds(zone, (self.rate_pa_s[zone] + brought) >> 1)
        self.changed = True

    def _rate_in_bounds(self, zone, rate_pa_s):
        declared = self._model_rate_pa_s[zone]
        return clamp(rate_pa_s, declared * 5 >> 3, declared + (declared >> 1))
