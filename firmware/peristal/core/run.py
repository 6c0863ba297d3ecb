"""The pump drives one zone: whether enough has come, judged while its air still flows.

A zone's own sensor shows what is in it. Where only the line has one, what the flow drops on its way is taken off: learned per zone,
and smaller with less flow. Either way the run ends early by what still comes once the pump is told to stop.
"""

from peristal.core.learned import LEARN_MS, PULSE_PA, SLACK_PA, SLOW_RUN_MS
from peristal.core.units import NONE, pa

AIM_PA = 70  # a little above the target: in the first seconds the chamber stretches and the air cools ...
BLIND_FIRST_PA = pa(1)  # ... a blind one at the target itself (its stops are less exact), but in its first fill, in which it stretches most
TOP_UP_PA = 240  # a top-up goes on a little further, so that it is not needed again at once
UNSTEADY_X16 = 60 << 4  # a duty that just jumped by this much (in sixteenths of a permille) has another flow than it seems
FLOWS_MS = 400  # pump and line have followed: what the line reads is the zone and the flow


class Run:
    """begin(), then enough() in every tick. stop_pa, rate_pa_s, lag_ms and drop_share are the readings at its end, for what is learned.

    within_pa is what is in the zone while air flows, rise_pa_s how fast that rises.
    """

    def __init__(self, regulator, reading):
        self.net = regulator.net
        self.regulator = regulator
        self.reading = reading
        self.blind = self.net.zone_sensor[0] == NONE
        self.aim_pa = 0 if self.blind else AIM_PA
        self.zone = NONE
        self.from_pa = 0  # the static pressure before it
        self.within_pa = self.rise_pa_s = 0
        self.stop_pa = self.rate_pa_s = self.lag_ms = 0
        self.drop_share = 1000
        self._smooth_pa = 0  # what is in a blind one, without the pump's strokes
        self._duty_x16 = self._felt_x16 = 16000
        self._line_shift = 0  # how late the line follows the flow

    def begin(self, zone, from_pa, pulse_ms):
        """The pump starts; pulse_ms: how long it is to run, 0: until the readings say that enough has come."""
        regulator = self.regulator
        learned = regulator.learned
        self.zone = zone
        self.from_pa = from_pa
        settle_ms = self.net.settle_ms[zone]
        self._line_shift = (settle_ms >= 50) + (settle_ms >= 110) + (settle_ms >= 250)
        most = learned.pulse_share[zone] if pulse_ms else 1000
        target = regulator.target_pa[zone]
        slack = target < SLACK_PA
        if slack:
            target = regulator.plan_pa
        duty = regulator.pump.start(learned.full_drop_pa(zone), regulator.estimate.pa[zone], target, learned.knows_drop(zone), most, slack)
        self._duty_x16 = self._felt_x16 = duty << 4

    def steady(self):
        """Whether the flow that is felt is the one that is asked for."""
        return abs((self.regulator.drive.pump_permille << 4) - self._felt_x16) < UNSTEADY_X16

    def enough(self, elapsed_ms, run_ms, pulse_ms, sharing, shared):
        """One tick: True when it is to end. sharing: for how many others the pump runs now; shared: it ran for others, too."""
        zone = self.zone
        reading = self.reading
        regulator = self.regulator
        drive = regulator.drive
        learned = regulator.learned
        pump = regulator.pump
        target_pa = regulator.target_pa[zone]
        average_pa = reading.average_pa
        # The duty as the average of the readings shows it: smoothed alike, and by the line, which follows the flow late.
        if drive.pump_permille:
            self._duty_x16 += ((drive.pump_permille << 4) - self._duty_x16) >> 2
            self._felt_x16 += (self._duty_x16 - self._felt_x16) >> self._line_shift
        self.drop_share = drop_share = pump.drop_share(self._felt_x16 >> 4, average_pa)
        if run_ms >= LEARN_MS:
            learned.at_most(zone, average_pa - self.from_pa, drop_share)
        blind = self.blind
        seen_pa = average_pa
        stop_pa = target_pa + (TOP_UP_PA if pulse_ms else self.aim_pa)
        stop_share = drop_share
        if blind:
            seen_pa += self._see(zone, average_pa, drop_share, elapsed_ms, run_ms)
            if learned.over_at_pa[zone] < SLACK_PA <= target_pa:
                # Its drop was not seen yet, or only with its slack: a folded chamber did not rise, and its line stood still. What
                # raises the line now does not make a drop.
                stop_share = pump.drop_share(self._felt_x16 >> 4, average_pa, max(0, reading.rate_pa_s))
                stop_pa += BLIND_FIRST_PA
        else:
            self.within_pa = average_pa
            if run_ms >= FLOWS_MS:
                self.rise_pa_s = reading.rate_pa_s
        if shared:
            near_pa = self.from_pa if self.from_pa > stop_pa - PULSE_PA else 0
            stop_pa -= learned.closing_pa(zone, reading, sharing, near_pa, pump.run_ms)
        elif not pulse_ms or blind:
            stop_pa = learned.stop_pa(zone, stop_pa, run_ms, stop_share, reading, self.rise_pa_s)
            if pulse_ms and stop_pa < target_pa:
                stop_pa = target_pa  # it has its length, and the line is never below its zone
        self.stop_pa = seen_pa
        self.rate_pa_s = reading.rate_pa_s
        self.lag_ms = reading.lag_ms
        if pulse_ms and run_ms + (elapsed_ms >> 1) > pulse_ms:
            return True
        if pulse_ms or (blind and run_ms < LEARN_MS):
            # An average is too far behind; the flow of so short a run is not quite what its duty would bring.
            if regulator.estimate.reading(zone) >= stop_pa + ((stop_pa - target_pa) >> 4):
                return True
        return not pulse_ms and seen_pa >= stop_pa

    def _see(self, zone, average_pa, drop_share, elapsed_ms, run_ms):
        """What only the line shows: less what the flow drops. Returns what the pump's strokes are to be smoothed by."""
        learned = self.regulator.learned
        within_pa = average_pa - learned.drop_pa(zone, drop_share)
        if run_ms >= FLOWS_MS:
            change = (within_pa - self.within_pa) * 1000 // elapsed_ms - self.rise_pa_s
            self.rise_pa_s += change >> (3 if run_ms < SLOW_RUN_MS else 5)  # without the ripple, where there is time
        else:
            self.rise_pa_s = learned.model_rate_pa_s(zone, drop_share)
        self.within_pa = within_pa
        if run_ms < SLOW_RUN_MS:
            self._smooth_pa = within_pa
            return 0
        self._smooth_pa += self.rise_pa_s * elapsed_ms // 1000 + ((within_pa - self._smooth_pa) >> 4)
        return self._smooth_pa - within_pa
