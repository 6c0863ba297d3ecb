"""The guard's eye on the line as the pump drives a zone: higher than flow and target explain is pressure in the zone."""

from array import array

from peristal.core import limits, model
from peristal.core.ceiling import FELL_PA
from peristal.core.flow import gain_permille, pumped_permille
from peristal.core.levels import TEN_PA, TRIP_PA
from peristal.core.plausible import DISAGREE_PA
from peristal.core.reasons import WHY_FLOW
from peristal.core.second_look import RISE_PA
from peristal.core.units import NONE, clamp, pa, zeros

OVER_PA = pa(limits.highest("over_mmhg"))
CAP_PA = pa(limits.CAP_MMHG)
HALF_CAP_PA = CAP_PA >> 1
FLOW_MARGIN_PA = pa(5)
FLOW_OVER_MS = 60
FLAT_PA = pa(8)  # above the ceiling, smoothed: a relief valve (10 and more above it) hides what the flow drops from here on
JUMP_MS = 600  # until line and pump are at full flow
SLACK_PA = pa(12)
LOST_PA = pa(24)  # within 160 ms, at a duty that has not fallen: the pump has lost flow, or the zone its air
FLOW_REST_MS = 500  # long enough for the pump to coast and the zone to show its static pressure
LATE_MS = 20  # and the tick until it is
SEEN_PA = pa(40)  # what a zone's own sensor shows is compared with the line from here on, where twice its target is above the trip
IDLES_MS = 500  # at its least duty the pump drops next to nothing: until its line has come down
VAIN = 12  # rests in a row, some ten seconds: the line was far above what its flow drops, fell to nothing, and the zone did not rise
WEAK_MS = 200  # after a coil that was pulled in had the pump's current for a tick the line is lower, until it is at full flow again
STOP_PERMILLE_MS = 5  # a pump that is switched off runs on for up to 200 ms


class LineWatch:
    """tick() sets reasons: whether the pump must rest now."""

    def __init__(self, net, sensing, drive, levels):
        pump = net.board.pump
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.levels = levels
        self.reasons = 0
        self.lost = False  # the line fell at once in a drive: the pump, the zone or every zone lost its air, ...
        self.back = False  # ... and is up again in the next one of the same zone
        self.blocked = NONE  # the zone whose air leaves the line by another way, time and again: for the guard, which takes it
        self._rests = 0  # how often in a row, ...
        self._rests_zone = NONE  # ... of this one with a sensor of its own, ...
        self._rests_pa = 0  # ... which has shown so much since
        self._lost_pa = 0  # from so much, ...
        self._lost_zone = NONE  # ... in the drive of this one
        self._flow_over_ms = zeros(net.n_zones)
        self._rest_ms = 0
        self.idles_ms = 0  # for so long the pump has run at its least duty, so that zone and line can be compared without another start
        self.agreed = bytearray(net.n_zones)  # in this session, at 30 mmHg and more, zone and line have shown the same air alike
        self._duty_permille = self._weak_ms = 0
        self._least_permille = pump.min_duty_permille
        self._full_permille = 1000 - (1000 - pump.min_duty_permille) // 20  # 95 % of the flow: what drops at less is not the whole
        # A quarter more than the declared parts drop: pumps and valves differ from their datasheets.
        self._drop_pa = zeros(net.n_zones)
        self._dense_permille = array("i", [1000] * net.n_zones)
        self._slack_permille = array("i", [1000] * net.n_zones)
        self._gain_permille = zeros(net.n_zones)
        self._late_pa = zeros(net.n_zones)  # what the pump still brings into the zone after it was told to stop
        self._before_pa = zeros(net.n_zones)  # each zone's pressure before the present drive
        self._flow_zone = NONE  # the present drive: its zone, ...
        self._flow_ms = 0
        self.flow_pa = 0
        # What the line shows in the mean, and for how long it has been driven: also in the pauses of a pump that even at its least duty
        # is too much for the line, and so gets pulses.
        self._mean_pa = self._driven_ms = 0
        self.flow_permille = 0  # ... line and drop (of that at full duty), smoothed alike, ...
        self._rise_pa = self._rise_ms = 0  # since the line last stood ten mmHg lower
        # What the line shows above the zone that shows nothing yet, as its drive begins, and at which share of the drop.
        self._slack_zone = NONE
        self._slack_pa = self._slack_share = 0
        self._full_drop_pa = self._top_pa = 0  # ... its drop at full duty, and the highest pressure that is then in the zone
        self._declared_pa = zeros(net.n_zones)  # drop, by the parts alone, ...
        self._flow_ml_s = max(1, pump.flow_ml_min // 60 * (pump.stall_mmhg - 60) // pump.stall_mmhg)  # ... and what then flows
        for zone in net.each_zone:
            flow = pump.flow_ml_min // 60
            self._declared_pa[zone] = self._drop_pa[zone] = net.drop_pa(zone, pa(60)) * 5 // 4
            # The denser the air, the less it drops, and the less the pump brings: permille of that at 60 mmHg, at the cap ...
            self._dense_permille[zone] = 1250 * net.drop_pa(zone, CAP_PA) // max(1, self._drop_pa[zone])
            # ... how much of what a slack chamber shows is left at 60 mmHg ...
            self._slack_permille[zone] = 800 * self._drop_pa[zone] // max(1, net.drop_pa(zone, SLACK_PA >> 1)) or 1000
            # ... and what the pump gains at part of its duty.
            self._gain_permille[zone] = gain_permille(net.drop_pa(zone, pa(60)), pa(pump.stall_mmhg - 60))
            ten_ml = model.air_ml(net.zones[zone].volume_ml, pa(100)) - model.air_ml(net.zones[zone].volume_ml, pa(90))
            late_ml = flow * (pump.stall_mmhg - 90) // pump.stall_mmhg * ((pump.coast_ms >> 1) + LATE_MS) // 1000
            self._late_pa[zone] = pa(10) * late_ml // max(1, ten_ml)

    def fall_pa(self, zone):
        """What the line falls by at the least when the pump stops from full duty, less what still comes into the zone: as at the cap."""
        drop = (self._drop_pa[zone] * self._dense_permille[zone] >> 10) * 5 // 9  # a quarter more was allowed, two thirds are sure
        return max(0, drop - self._late_pa[zone])

    def forget(self):
        """A new session, or a cleared fault."""
        self._lost_pa = self._rests = 0
        for zone in self.net.each_zone:
            self.agreed[zone] = 0

    def tick(self, elapsed_ms, wish):
        """Judges the line's reading; without a sensor on the line there is nothing to judge."""
        self.reasons = 0
        line = self.net.line_sensor
        if line != NONE:
            self._watch_flow(self.sensing.worst_pa[line], elapsed_ms, wish)

    def _follow_flow(self, zone, line_pa, flow_permille, elapsed_ms, blind):
        """The drop of this drive: the line jumps by it as the drive begins, and what it falls by later the flow has lost.

        A zone that is driven does not fall; and a slack one does not rise meanwhile: its drop holds for later drives.
        """
        if zone != self._flow_zone:
            self._flow_zone = zone
            self._flow_ms = self.flow_permille = self._top_pa = 0
            self.flow_pa = self._rise_pa = line_pa
            self._rise_ms = 0
            self._full_drop_pa = self._drop_pa[zone]
        steady = not self._weak_ms and flow_permille >= self.flow_permille
        if blind and steady and line_pa < self.flow_pa - LOST_PA:
            self._rest_ms = FLOW_REST_MS
            self.lost = True
            self._lost_pa = max(self._lost_pa, self.flow_pa)
            self._lost_zone = zone
        self.flow_pa += (line_pa - self.flow_pa) >> 3
        self.flow_permille += (flow_permille - self.flow_permille) >> 3
        if self._flow_ms < JUMP_MS:
            self._flow_ms += elapsed_ms
            if line_pa < self._before_pa[zone]:
                self._before_pa[zone] = line_pa
            if self._flow_ms >= JUMP_MS and (blind or self._duty_permille >= self._full_permille):
                jump = (self.flow_pa - self._before_pa[zone] + FLOW_MARGIN_PA) * 1000 // max(1, self.flow_permille)
                if self._lost_pa and zone == self._lost_zone:  # of another one it says nothing: the loss may be that zone's own
                    # A fuller zone's line is as high without the flow.
                    self.back = self.flow_pa > self._lost_pa - (LOST_PA >> 1) and jump > self._declared_pa[zone] >> 1
                    self._lost_pa = 0
                slack = self._before_pa[zone] < SLACK_PA
                if slack:
                    jump = jump * self._slack_permille[zone] // 1000
                if jump < self._full_drop_pa and (slack or blind):
                    self._full_drop_pa = jump
                    # At less duty it says less of the whole; and less than a quarter is no flow: a moment without 12 V.
                    if slack and self._duty_permille >= self._full_permille and jump > self._declared_pa[zone] >> 2:
                        self._drop_pa[zone] = jump
            return
        if not blind:
            return  # what a zone with a sensor has is known
        zone_pa = self.flow_pa - self._full_drop_pa * self.flow_permille // 1000
        if zone_pa > self._top_pa:
            self._top_pa = zone_pa
        elif zone_pa < self._top_pa - FELL_PA:
            self._full_drop_pa = max(0, self._full_drop_pa - (self._top_pa - zone_pa) * 1000 // max(1, self.flow_permille))
        self._rise_ms += elapsed_ms
        if self.flow_pa - self._rise_pa >= TEN_PA:
            self._watch_rise(zone)

    def _watch_rise(self, zone):
        """The line has risen by ten mmHg: where it shows less than half of the drop, the zone may get but a part of the flow.

        Then what it gets follows from how fast it rises: another zone, whose valve stays open, takes ever more of it.
        """
        if self._full_drop_pa << 1 < self._declared_pa[zone]:
            share = min(1000, self.levels.ten_ul(zone, self.flow_pa) // self._flow_ml_s * 1000 // self._rise_ms)
            drop = self._declared_pa[zone] * share // 1000 * share // max(1, self.flow_permille)
            self._full_drop_pa = min(self._full_drop_pa, drop)
        self._rise_pa = self.flow_pa
        self._rise_ms = 0

    def _look_with_both(self, zone, own_pa, target_pa, elapsed_ms):
        """Where the flow drops much, a sensor that shows half hides it: once, before there can be too much.

        No zone has more than the line that drives it: the pump idles, and rests where they do not agree so.
        """
        if self.idles_ms or (own_pa >= SEEN_PA and self.flow_pa > TRIP_PA < target_pa << 1):
            self.idles_ms += elapsed_ms
            if abs(self.flow_pa - own_pa) <= DISAGREE_PA + (own_pa >> 4):
                self.agreed[zone] = 1
                self.idles_ms = 0
            elif self.idles_ms > IDLES_MS + self.net.settle_ms[zone]:
                self._rest_ms = FLOW_REST_MS + self.net.settle_ms[zone]

    def _slack_drop(self, zone, drops):
        """The most that drops on the way to a zone that shows nothing: what did as its first drive began; any pressure takes from that."""
        if zone != self._slack_zone and self._flow_ms >= JUMP_MS:
            self._slack_zone = zone
            self._slack_pa = self.flow_pa + FLOW_MARGIN_PA
            self._slack_share = max(1, drops)
        if zone != self._slack_zone or drops > self._slack_share:
            return TRIP_PA << 3  # that limits nothing
        return self._slack_pa * drops // self._slack_share

    def _share(self, zone, flow):
        """Of the drop at full duty, in permille, at this share of the pump's speed."""
        flow = pumped_permille(flow, self._gain_permille[zone])
        return flow * flow // 1000

    def _watch_flow(self, line_pa, elapsed_ms, wish):
        """During flow the sensor reads high, but by no more than the parts allow: what is beyond is in the zone."""
        duty = self.drive.pump_permille
        self._duty_permille = max(duty, self._duty_permille - elapsed_ms * STOP_PERMILLE_MS)
        self._weak_ms = WEAK_MS if duty < self._duty_permille else max(0, self._weak_ms - elapsed_ms)
        if self._rest_ms > 0:
            self._rest_ms -= elapsed_ms
            self.reasons |= WHY_FLOW
            if self._rest_ms <= 0 and line_pa < SLACK_PA:
                self._slack_zone = NONE  # there was nothing: less had flowed at first, for want of 12 V
                self._rests += 1
                if self._rests >= VAIN:
                    self.blocked = self._rests_zone
        flow = clamp((self._duty_permille - self._least_permille) * 1000 // (1000 - self._least_permille) + 200, 0, 1000)
        self._mean_pa += (line_pa - self._mean_pa) >> 3
        self._driven_ms += elapsed_ms
        if not duty:
            self._flow_zone = NONE
            self.idles_ms = 0
            if not self._duty_permille:
                self._driven_ms = 0
        for zone in self.net.each_zone:
            if not self.levels.filling[zone]:
                self._before_pa[zone] = self.levels.level_pa[zone]
                continue
            own = self.net.zone_sensor[zone]
            blind = own == NONE
            share = self._share(zone, flow)
            self._follow_flow(zone, line_pa, share, elapsed_ms, blind)
            at_pa = limit = min(wish.target_pa[zone] + OVER_PA, CAP_PA)
            own_pa = line_pa if blind else self.sensing.worst_pa[own]
            if not blind:
                at_pa = min(limit, own_pa + OVER_PA)
            # At 60 mmHg the drop is what it was learned as; denser air drops less, and what is slack more.
            dense = self._dense_permille[zone] if at_pa > HALF_CAP_PA else 1000000 // self._slack_permille[zone]
            dense = 1000 + (dense - 1000) * abs(at_pa - HALF_CAP_PA) // HALF_CAP_PA
            drop = (self._full_drop_pa >> 3) * dense // 1000 * share // 125
            if not blind and own_pa < SLACK_PA:
                drop = min(drop, self._slack_drop(zone, share))
            limit -= self._late_pa[zone] * share // 1000
            if blind:
                flat = self._driven_ms >= JUMP_MS and self._mean_pa > self.net.ceiling_pa + FLAT_PA
            else:  # a sensor that shows too little: the pump rests, and what line and zone show at rest is compared
                limit = min(limit, own_pa + OVER_PA + (drop >> 2))
                flat = False
                if own_pa > self._rests_pa + RISE_PA:
                    self._rests_zone = NONE  # some air comes
                if not self.agreed[zone]:
                    self._look_with_both(zone, own_pa, wish.target_pa[zone], elapsed_ms)
            if (line_pa - drop - FLOW_MARGIN_PA <= limit or self.idles_ms) and not flat:
                self._flow_over_ms[zone] = 0
                continue
            self._flow_over_ms[zone] += elapsed_ms
            if self._flow_over_ms[zone] >= FLOW_OVER_MS:
                # A moving limb looks the same: no latch, but the pump rests until a static reading says more.
                self._rest_ms = FLOW_REST_MS
                if zone != self._rests_zone and not blind:
                    self._rests_zone = zone
                    self._rests_pa = own_pa
                    self._rests = 0
