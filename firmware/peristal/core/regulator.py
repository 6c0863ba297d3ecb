"""The regulator: from the pressure each zone should have to pump duty and valve routes.

On a manifold one job at a time uses the line. On an independent board zones are relieved side by side, and those of about
the same pressure fill side by side: they share the pump's flow, and each inlet closes when its zone has its pressure.
"""


from peristal.core import routes
from peristal.core.drift import NOW, Drift
from peristal.core.estimate import Estimate
from peristal.core.job import HIGH_PA, VENTED_PA, Job
from peristal.core.learned import SLACK_PA, Learned
from peristal.core.routes import FILL, NO_JOB, RELEASE
from peristal.core.seat_look import SeatLook
from peristal.core.throttle import Throttle
from peristal.core.units import NONE, pa, zeros

STALE_VENT_PA = pa(14)  # a neighbour's pressure shows in a released zone: not worth a release of its own
FAR_PA = pa(20)  # a fill from so far below its target keeps the pump for seconds
UNFOLDED_PA = pa(4)
# What is missing times how long it is missing, in Pa * 16 ms: 4 mmHg for the last 2 s before a release, 2 for the last 4.
WORTH = pa(8) * 1000 >> 4
JOIN_PA = pa(6)  # inlets of zones that differ by more would let one drain into the other


class Regulator:
    """reached and gave_up of every zone; set_target() asks, tick() works on it."""

    def __init__(self, net, sensing, drive):
        count = net.n_zones
        self.net = net
        self.ends = None  # knows when a zone will be let out (left_ms); set by who runs a program
        self.drive = drive
        self.sensing = sensing
        self.estimate = Estimate(net, sensing, drive)
        self.learned = Learned(net)
        self.drift = Drift(net, self.estimate)
        self.pump = Throttle(net, sensing)
        self.seats = SeatLook(net, drive)
        self.may_wait = False  # a program's own step: nothing is lost by half a second before everything is let out
        self.target_pa = zeros(count)
        self.reached = bytearray([1] * count)
        self.gave_up = bytearray(count)
        self.notices = 0
        self.jobs = [Job(self) for _ in range(count if net.independent else 1)]
        self._driving = 0  # zones that the pump ran for in the last tick
        self.plan_pa = 0  # what the zones will be filled to once their slack is taken up
        self._turn = 0
        self._blind = net.zone_sensor[0] == NONE

    @property
    def lead(self):
        """The job that is told of: one that the pump runs for, or any."""
        found = self.jobs[0]
        for job in self.jobs:
            if job.drives():
                return job
            if found.kind == NO_JOB:
                found = job
        return found

    def busy_sensor(self):
        """The sensor that is read in this tick, whatever else is: of a zone that fills, or that is worked on, or NONE."""
        jobs = self.jobs
        turn = self._turn
        found = NONE
        for _ in range(len(jobs)):
            turn = (turn + 1) % len(jobs)
            if jobs[turn].drives():
                found = turn
                break
            if found == NONE and jobs[turn].zone != NONE:
                found = turn
        if found == NONE:
            return NONE
        self._turn = found
        return self.net.zone_sensor[jobs[found].zone]

    def set_target(self, zone, target_pa):
        """Asks for a pressure (0 = vented); what was reached for another pressure counts no longer."""
        before = self.target_pa[zone]
        if before == target_pa:
            return
        self.target_pa[zone] = target_pa
        self.gave_up[zone] = 0
        self.reached[zone] = 0
        self.drift.begin(zone)
        for job in self.jobs:
            if job.zone == zone and not (job.kind == FILL and target_pa > before > 0):
                job.retarget()
        if target_pa == 0 and before < SLACK_PA and self.estimate.pa[zone] <= STALE_VENT_PA:
            self.reached[zone] = 1  # only its slack was taken up: nothing to let out by itself

    def all_reached(self, first=0, end=NONE):
        """Whether every zone (or those from first up to end) is where it should be, or was given up for this step."""
        for zone in range(first, min(end, self.net.n_zones)):
            if not self.reached[zone] and not self.gave_up[zone]:
                return False
        return True

    def holds(self, zone, static_pa):
        """A zone is where it should be, as was just read."""
        self.reached[zone] = 1
        self.gave_up[zone] = 0
        self.drift.holds(zone, static_pa)

    def tick(self, elapsed_ms, wish):
        """One step: estimate, work on the jobs, choose the next, and write the wish."""
        estimate = self.estimate
        jobs = self.jobs
        busy = driving = 0
        for job in jobs:
            busy += job.kind != NO_JOB
            driving += job.drives()
        estimate.tick(elapsed_ms, busy == 0)
        wanted = 0
        for zone in self.net.each_zone:
            target = self.target_pa[zone]
            wish.target_pa[zone] = target
            wanted |= target
            if target == 0:
                self.reached[zone] = 1 if estimate.pa[zone] <= (STALE_VENT_PA if self.reached[zone] else VENTED_PA) else 0
        self.drift.tick(elapsed_ms, self.target_pa, self.reached)
        self.pump.tick(self.drive.pump_permille, elapsed_ms)
        if wanted == 0:
            for job in jobs:
                job.end()
            self.pump.asked = 0
            if not self.seats.looks(elapsed_ms, wish, estimate.pa if self.may_wait else None, estimate.age_ms):
                wish.all_off()
            return
        self.seats.fills()
        if driving < self._driving:
            for job in jobs:
                job.reading.rate_pa_s = job.reading.rate_pa_s * self._driving // max(1, driving)  # the flow of those that are full
        self._driving = driving
        for job in jobs:
            if job.kind != NO_JOB:
                job.tick(elapsed_ms, max(1, driving))
        self._choose()
        lead = self.lead
        self.pump.asked = self.pump.permille(lead.stage_ms) if lead.drives() else 0
        routes.write(self.net, wish, jobs, self.target_pa)
        wish.pump_permille = self.pump.asked

    # --- which job ------------------------------------------------------------------------------------------------

    def _choose(self):
        """Releases first, then what is too high and corrections of what holds, then the next fill from the foot up."""
        for job in self.jobs:
            if job.kind == NO_JOB:
                if not self.net.independent:
                    for zone in self.net.foot_first:
                        if self.target_pa[zone] == 0 and not self.reached[zone]:
                            job.begin(RELEASE, zone)
                            return
                zone = self._next_fill()
                if zone == NONE:
                    return
                job.begin(FILL, zone)
                if not self.net.independent:
                    return

    def _next_fill(self):
        """A zone to look at or to fill; on an independent board one that may join what goes on."""
        fill = self.drive.show
        if fill != NONE:
            return fill
        for zone in self.net.foot_first:
            target = self.target_pa[zone]
            if target == 0 or self._worked_on(zone):
                continue
            missing_pa = target - self.estimate.pa[zone]
            if self.reached[zone]:
                if target >= SLACK_PA and self.drift.due(zone) and self._is_worth_it(zone, missing_pa) and self.may_join(zone):
                    return zone
            elif self.gave_up[zone] or not self.may_join(zone):
                continue
            elif missing_pa < -HIGH_PA:
                return zone
            elif fill == NONE and self.pump.rested():
                fill = zone
        company = self._tops_up()
        if not self._blind and (company or (fill != NONE and self.target_pa[fill] - self.estimate.pa[fill] > FAR_PA)):
            for zone in self.net.foot_first:
                if self.reached[zone] and self.target_pa[zone] >= SLACK_PA and not self._worked_on(zone) and self.may_join(zone):
                    missing_pa = self.target_pa[zone] - self.estimate.pa[zone]
                    soon = self.drift.soon(zone, missing_pa, company) if not company or self._is_worth_it(zone, missing_pa) else 0
                    if soon:
                        return zone if soon == NOW else NONE
        return fill

    def _is_worth_it(self, zone, missing_pa):
        """Whether a holding zone is still held for long enough: shortly before it is let out a start of the pump brings nothing."""
        return missing_pa <= 0 or self._blind or missing_pa * (self.ends.left_ms(zone) >> 4) >= WORTH  # pyright: ignore[reportAttributeAccessIssue]

    def _tops_up(self):
        """Whether the pump will start for a zone that holds: one that would soon be due joins, and needs no start of its own."""
        for job in self.jobs:
            if job.kind == FILL and job.stage < routes.DRIVING and self.reached[job.zone]:
                return True
        return False

    def _worked_on(self, zone):
        for job in self.jobs:
            if job.zone == zone:
                return True
        return False

    def may_join(self, zone):
        """Nothing goes on that this zone would disturb, or be disturbed by."""
        pressure = self.estimate.pa[zone]
        too_high = pressure > self.target_pa[zone] + HIGH_PA
        for job in self.jobs:
            if job.kind != FILL or job.zone == zone or too_high:
                continue  # a relief needs no line
            apart = pressure - self.estimate.pa[job.zone]
            if job.stage > routes.DRIVING or not -JOIN_PA < apart < JOIN_PA or not self._shares_well(zone, job.zone):
                return False
        return True

    def _shares_well(self, one, other):
        """Whether two zones fill at about the same rate side by side; then half the air of both is what each has taken.

        A folded chamber takes all the air while its neighbour stands still, and a small one waits for a large one: the guard
        could not tell that from a sleeve that is torn.
        """
        pressure = self.estimate.pa
        zones = self.net.zones
        small, large = zones[one].volume_ml, zones[other].volume_ml
        if small > large:
            small, large = large, small
        return pressure[one] >= UNFOLDED_PA and pressure[other] >= UNFOLDED_PA and large * 3 <= small * 5

    def drives_others(self, but):
        """For how many other jobs the pump runs now."""
        others = 0
        for job in self.jobs:
            if job is not but and job.drives():
                others += 1
        return others

    def others_wait(self, filling, nearly):
        """Whether a fill should let another zone have the line: one to be let down at once, a look when it is long overdue.

        nearly: the fill is as good as done, and no look is worth another start of the pump.
        """
        if self.net.independent:
            return False
        if self.drive.show != NONE:
            return self.drive.show != filling
        for zone in self.net.each_zone:
            if zone == filling:
                continue
            target = self.target_pa[zone]
            if not self.reached[zone]:
                if self.estimate.pa[zone] > (target + HIGH_PA if target else VENTED_PA):
                    return True
            elif not nearly and target >= SLACK_PA and self.drift.overdue(zone, self.estimate.pa[zone] - target):
                return True
        return False
