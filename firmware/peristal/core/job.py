"""One piece of work on one zone: close what must be closed, open the zone, let air move, let it settle, read and judge.

FILL looks at a zone and fills it or tops it up, RELIEVE lets a little out, RELEASE (manifolds only) empties it.
"""

from peristal.core import faults
from peristal.core.estimate import Reading
from peristal.core.learned import LEARN_MS, PULSE_PA, SLACK_PA, SLOW_RUN_MS
from peristal.core.routes import CLOSING, DRIVING, FILL, IDLE, NO_JOB, OPENING, RELEASE, RELIEVE, SETTLING
from peristal.core.run import TOP_UP_PA, Run
from peristal.core.units import NONE, pa

BAND_PA = 220  # a fill has reached its target: 1.7 mmHg, by which a second run may miss too
HIGH_PA = pa(3)  # a holding zone is relieved above this
BLIND_PULSE_PA = 200  # a blind zone that is not there yet: chamber and air take back half of a pulse before it is seen
FRESH_HIGH_PA = 500  # one that was just filled falls by itself: it stretches, and its air cools
RELIEVED_PA = 133  # a relief leaves this much above the target: what lets out too much costs another start of the pump
VENTED_PA = pa(10)  # a released zone; the rest leaves while it stays open
LOOK_TICKS = 2
SETTLE_MS = 80  # after coasting and the line's own time; the guard judges the static pressure first, 30 ms before
SETTLE_MOST_MS = 600  # a limb that moves all the time is not waited for
STILL_TICKS = 2
REFUSED_MS = 100  # a pump that does not run by then was refused by the guard: let it settle and look
FLOW_PA_S = pa(10)  # a pump that only just runs does not show how long it coasts
GIVEN_PA = pa(20)
GIVEN_MS = 160
TURN_MS = 4000  # how long a fill goes on at the least when another zone waits for the line


class Job:
    """kind, zone, stage and what was measured; the regulator begins it and reads what became of it from its own arrays."""

    def __init__(self, regulator):
        self.regulator = regulator
        self.net = regulator.net
        self.drive = regulator.drive
        self.estimate = regulator.estimate
        self.learned = regulator.learned
        self.reading = Reading()
        self.run = Run(regulator, self.reading)
        self._looks = 0
        self._run_ms = 0  # how long the last run was, where something can be learned from it
        self._refused = False  # the guard stopped the pump: that says nothing of the zone
        self.end()

    def begin(self, kind, zone):
        """Starts: first everything that must be closed closes."""
        self.end()
        self.kind = kind
        self.zone = zone
        self.stage = CLOSING
        self.drive.refresh()
        self.reading.restart(self.estimate.reading(zone))

    def end(self):
        """Every zone is kept as it is."""
        self.kind = NO_JOB
        self.zone = NONE
        self.stage = IDLE
        self.stage_ms = self._job_ms = self.pulse_ms = 0
        self._from_pa = 0  # the static pressure before a pulse
        self.run.rise_pa_s = 0
        self._disturbed = False
        self._gives_way = False  # the run ended for a zone that waits
        self._shared = False  # the pump ran for other zones too
        self._abandoned = False  # its zone shall have another pressure now: the job only waits for the pump to stop
        self.closed = False  # its inlet closed while the pump goes on for others

    def drives(self):
        """Whether the pump is to run for it."""
        return self.kind == FILL and self.stage == DRIVING

    def retarget(self):
        """Its zone shall have another pressure now."""
        if self.kind == FILL and self.stage >= DRIVING and self.reading.average_pa > self.estimate.pa[self.zone]:
            # What has flowed in was not measured yet: the line's reading bounds it, or the zone would pass for empty.
            self.estimate.known(self.zone, self.reading.average_pa)
        if self.kind == FILL and self.drive.pump_still_ms < self.net.coast_ms:
            # A pump that still coasts into a line with every valve shut would drive it far above its ceiling.
            self._enter(SETTLING)
            self._abandoned = True
        else:
            self.end()

    def tick(self, elapsed_ms, share):
        """One step; share: how many zones the pump drives, so that a fill's time is counted by its air."""
        zone = self.zone
        self.stage_ms += elapsed_ms
        self._job_ms += elapsed_ms // share
        self.reading.tick(elapsed_ms, self.estimate.reading(zone), self.run.blind or self.estimate.age_ms[zone] == 0)
        stage = self.stage
        if stage == CLOSING:
            if self.stage_ms > elapsed_ms and self._in_place():
                # A zone with its own sensor shows there what is to be done, and need not be opened for it.
                if self.kind == FILL and not self.run.blind and not self._is_far():
                    self._look()
                else:
                    self._enter(OPENING)
            return
        shared = self.kind == FILL and self.regulator.drives_others(self)
        if shared and stage != OPENING:
            self._shared = True
            self.pulse_ms = 0  # its share of the flow is not what pulses are timed by
            if stage == SETTLING and not self.closed:
                self.closed = True  # the air is for others, and what comes in until its inlet has closed was not its run's
                self._run_ms = 0
        if stage == OPENING:
            if self.stage_ms > elapsed_ms and self._in_place():
                self._opened(shared)
        elif stage == DRIVING:
            self._drive(shared, elapsed_ms)
        elif self._abandoned:
            if self.closed or self.drive.pump_still_ms >= self.net.coast_ms:
                self.end()
        elif self.kind == FILL and self.net.vent_valve != NONE and not self.drive.state[self.net.vent_valve]:
            # The guard opened the vent: what is read now says nothing of the fill, but a still zone was far too high.
            self._disturbed = self._disturbed or self.drive.pump_still_ms >= self.net.coast_ms
            self._run_ms = 0
            self.stage_ms = 0
        elif self._is_still(self.net.coast_ms + self.net.settle_ms[zone] + SETTLE_MS):
            self._settled()

    def _in_place(self):
        """Break before make on a manifold; on an independent board only the zone's own valves count."""
        net = self.net
        if not net.independent:
            return self.drive.in_place
        return self.drive.is_placed(net.fill_valve[self.zone]) and self.drive.is_placed(net.exhaust_valve[self.zone])

    def _enter(self, stage):
        regulator = self.regulator
        self.stage = stage
        self.stage_ms = 0
        self._looks = 0
        if stage == SETTLING:
            self.closed = regulator.drives_others(self) > 0
        elif stage == DRIVING and self.kind == FILL:
            self._shared = regulator.drives_others(self) > 0
            if regulator.reached[self.zone]:
                regulator.drift.corrected(self.zone, self._from_pa)
            self.run.begin(self.zone, self._from_pa, self.pulse_ms)

    def _opened(self, shared):
        """The zone is open and still: unless it is known to be far below, its static pressure decides what the job does.

        Where the pump runs for others air comes in at once: such a zone was looked at before it was opened.
        """
        above_pa = self.estimate.reading(self.zone) - self.estimate.pa[self.zone]
        if self.kind == FILL and above_pa > GIVEN_PA and self.stage_ms < self.net.settle_ms[self.zone] + GIVEN_MS:
            return  # the line still empties into a blind zone, or another zone does: that must be seen
        if shared or self.kind != FILL or self._is_far():
            self._enter(DRIVING)
        else:
            self._look()

    def _is_far(self):
        """Whether a zone that is to be filled is far below its target: it needs no look.

        For a blind one a look is a start more: while its slack is taken up it is looked at only where a fill may have come as far.
        """
        zone = self.zone
        regulator = self.regulator
        target_pa = regulator.target_pa[zone]
        far_pa = BAND_PA if self.run.blind and target_pa < SLACK_PA else PULSE_PA
        return not regulator.reached[zone] and self.estimate.pa[zone] < target_pa - far_pa

    def _look(self):
        if self._looks == 0:
            self.reading.restart(self.estimate.reading(self.zone))
        self._looks += 1
        if self._looks > LOOK_TICKS and self._is_still(0) and self.drive.show != self.zone:
            self._judge(self.zone, self.reading.static_pa())

    def _is_still(self, least_ms):
        """Whether the reading has come to rest after at least this time, or was waited for long enough."""
        waited = self.stage_ms - least_ms
        return waited >= 0 and (self.reading.still_ticks >= STILL_TICKS or waited >= SETTLE_MOST_MS)

    def _judge(self, zone, static_pa):
        """From a static reading: reached, a pulse, a longer run, or a relief."""
        regulator = self.regulator
        learned = self.learned
        self.estimate.known(zone, static_pa)
        self._from_pa = static_pa
        deficit = regulator.target_pa[zone] - static_pa
        held = regulator.reached[zone]
        if held and self.stage != SETTLING and regulator.drift.waits(zone, static_pa, deficit):
            self.end()
        elif deficit < -(HIGH_PA if held and self.stage != SETTLING else FRESH_HIGH_PA) and static_pa >= SLACK_PA:
            self.begin(RELIEVE, zone)
            self._from_pa = static_pa
            self.pulse_ms = learned.relief_ms(zone, static_pa, -deficit - RELIEVED_PA)
        elif deficit <= (regulator.drift.low_pa[zone] if held else BAND_PA):
            regulator.holds(zone, static_pa)
            self.end()
        elif self._job_ms >= learned.fill_limit_ms[zone]:
            regulator.gave_up[zone] = 1
            regulator.notices |= faults.NOT_REACHED
            self.end()
        elif self._gives_way or ((not held or self.drive.show != NONE) and self._is_to_wait()):
            self.end()  # its turn comes again
        elif regulator.drives_others(self) and not regulator.may_join(zone):
            self.end()  # what was too high needed no line; with the limb that has let go it does, and would lose its air to an empty one
        elif self.stage == CLOSING or self.closed:
            self.closed = False
            self._enter(OPENING)
        else:
            shared = regulator.drives_others(self)
            above_pa = TOP_UP_PA if held else BLIND_PULSE_PA if self.run.blind else self.run.aim_pa
            self.pulse_ms = 0 if shared else learned.pulse_ms(zone, deficit + above_pa, static_pa)
            self._enter(DRIVING)

    def _drive(self, sharing, elapsed_ms):
        """Air moves: until the zone is empty, the pulse is over, or the reading says that the target is there."""
        zone = self.zone
        run_ms = self.stage_ms
        if self.kind == RELEASE:
            self.estimate.venting(zone, self.reading.average_pa)
            if run_ms >= 200 and self.estimate.pa[zone] <= VENTED_PA - BAND_PA:
                self.regulator.reached[zone] = 1
                self.end()
            return
        if self.kind == RELIEVE:
            if run_ms + (elapsed_ms >> 1) > self.pulse_ms:
                self.pulse_ms = run_ms  # what it let out is counted by what it was, to the tick
                self._enter(SETTLING)
            return
        stop = self.run.enough(elapsed_ms, run_ms, self.pulse_ms, sharing, self._shared)
        if not stop and not self.pulse_ms:
            stop = self._gives_way = self._is_to_wait()
        # A blind zone that gets air only in pulses, because even the least duty is too much for the line, no longer has its whole drop.
        refused = run_ms > REFUSED_MS and self.drive.pump_permille == 0 and (self.run.blind or self.regulator.pump.asked > 0)
        if stop or refused or self._job_ms >= self.learned.fill_limit_ms[zone]:
            if self.pulse_ms:
                self.pulse_ms = run_ms  # what it brings is counted by what it was, to the tick
            steady = self.pulse_ms or self.run.steady()
            self._enter(SETTLING)
            self._refused = refused
            self._run_ms = run_ms if steady and not refused and not self.closed else 0

    def _is_to_wait(self):
        """Whether another zone needs the line now, or the guard wants to see it; what is only late waits for a fill that is nearly done."""
        if self._job_ms <= TURN_MS and self.drive.show == NONE:
            return False
        left = self.regulator.target_pa[self.zone] - self.run.within_pa
        return self.regulator.others_wait(self.zone, left * 1000 < self.run.rise_pa_s * TURN_MS)

    def _settled(self):
        """The pump has coasted and the line is still: this is the static pressure."""
        zone = self.zone
        regulator = self.regulator
        learned = self.learned
        run = self.run
        target_pa = regulator.target_pa[zone]
        static = self.reading.static_pa()
        if self.kind == RELIEVE:
            learned.learn_relief(zone, self._from_pa, self._from_pa - static, self.pulse_ms)
            self.estimate.known(zone, static)
            above = static - target_pa
            if above < -regulator.drift.low_pa[zone]:
                regulator.reached[zone] = 0
            elif above <= HIGH_PA or regulator.reached[zone]:
                regulator.holds(zone, static)  # a step down has not arrived before its air is out
            self.end()
            return
        if self._disturbed:
            learned.too_late(zone, run.stop_pa, target_pa, run.drop_share)
        elif self.pulse_ms:
            if self._run_ms:
                learned.learn_pulse(zone, self.pulse_ms, static - self._from_pa)
        elif self._shared:
            if self._run_ms >= LEARN_MS and run.rate_pa_s > FLOW_PA_S:  # of a shorter one no reading shows the rise
                learned.learn_late(zone, static - run.stop_pa, run.rate_pa_s, run.lag_ms)
        elif self._run_ms >= LEARN_MS or (self._run_ms and static >= SLACK_PA <= target_pa):  # one that shot past its slack shows no drop
            slack = target_pa < SLACK_PA
            learned.learn_over(zone, run.stop_pa, static, run.drop_share, run.rate_pa_s, slack, self._run_ms < SLOW_RUN_MS)
        elif static < target_pa >> 1 and not self._refused and run.rate_pa_s > -GIVEN_PA:  # or the line was full from before
            learned.stopped_early(zone, run.stop_pa - static, run.drop_share)
        self._judge(zone, static)
