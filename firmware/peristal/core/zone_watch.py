"""The guard's limits of a zone: over its target, over the trip, too long under pressure, too much air or time in one fill."""

from peristal.core import faults, limits, model
from peristal.core.levels import TRIP_PA
from peristal.core.reasons import WHY_TRIP
from peristal.core.trends import GIFTS
from peristal.core.units import NONE, clamp, pa, zeros

CAP_PA = pa(limits.CAP_MMHG)
OVER_PA = pa(limits.highest("over_mmhg"))
SAT_PA = pa(25)  # a limb that moves brings 20
RELEASED_PA = pa(limits.highest("released_mmhg"))
RELIEF_MS = limits.highest("relief_ms")
TRIP_MS = limits.highest("trip_ms")
LATCH_MS = limits.highest("latch_ms")
PRESSED_MS = limits.highest("pressed_s") * 1000
REST_MS = limits.lowest("rest_s") * 1000
MOST_GAP_MS = 400
EMPTIED_TIMES = 5  # a limb that lets go in the middle of a relief may do it once or twice
ABOVE_PA = pa(5)  # a fresh fill may be 3.75 too high
HELD_PA = pa(2)
RISES_PA = pa(1)  # from one reading to the next: the line still fills from the zone behind a narrow valve, or empties into it
PULSE_SHARE = 8  # one relief by the guard lets out a fifth: an eighth of the time from 80 to 10 mmHg


class ZoneWatch:
    """tick() trips the guard; reasons holds what must be prevented now, relief_zone what is to be opened for relief_ms."""

    def __init__(self, net, drive, levels, guard):
        count = net.n_zones
        pump = net.board.pump
        self.net = net
        self.drive = drive
        self.levels = levels
        self.guard = guard
        self.reasons = 0
        self.target_pa = zeros(count)  # what is wished for
        self.relief_zone = NONE
        self.sat_pa = 0  # above this somebody sits on what is relieved
        self.relief_ms = 0
        self._lowered = NONE  # that was relieved last, with the target that it has
        self._relieved = NONE  # the zone without a sensor of its own that was relieved last, ...
        self._relieved_pa = 0  # ... at this pressure, ...
        self._line_pa = 0  # what the line showed in the tick before
        self.emptied = 0  # ... and how often in a row that has emptied it ...
        self._out_ms = 0  # ... within this time
        self.pressed_ms = zeros(count)
        self.longest_pressed_ms = 0
        self._gap_ms = zeros(count)  # since a zone was last judged: not every sensor is read in every tick
        self._below_ms = zeros(count)
        self._ceil_pa = zeros(count)
        self._high_pa = zeros(count)  # highest target since the present window began
        self._ceil_ms = zeros(count)
        self._over_ms = zeros(count)
        self._trip_ms = zeros(count)
        self._pressed_on = False  # some blind zone may still have what one of them has shown above the trip
        self.fill_ms = zeros(count)
        self.fill_ul = zeros(count)  # air, by the pump's declared flow: it needs no sensor
        self.flow_ul = 0  # of it, in this tick
        self._pulse_ms = zeros(count)
        self._fill_limit_ms = zeros(count)
        self._fill_limit_ul = zeros(count)
        self._least_permille = pump.min_duty_permille
        # Against 80 mmHg; the limit itself leaves room for what the declared figures may be off.
        self._flow_ul_ms = max(1, pump.flow_ml_min // 60 * (pump.stall_mmhg - 80) // pump.stall_mmhg)
        flow = pump.flow_ml_min // 60
        longest_ms = limits.fill_ms(pump.flow_ml_min)
        for zone in range(count):
            volume = net.zones[zone].volume_ml
            fill_c = net.fill_c[zone]
            need_ms = model.fill_ms(volume, flow, pa(pump.stall_mmhg), net.ceiling_pa, fill_c, CAP_PA)
            self._fill_limit_ms[zone] = min(longest_ms, 2 * need_ms + 3000)
            self._pulse_ms[zone] = clamp(model.vent_ms(volume, net.out_c[zone], pa(80), pa(10)) // PULSE_SHARE, 60, 400)
            self._fill_limit_ul[zone] = 2 * model.air_ml(volume, CAP_PA) * 1000

    def forget(self):
        """A new session, or a cleared fault."""
        for zone in self.net.each_zone:
            self._over_ms[zone] = self._trip_ms[zone] = 0
            self.fill_ms[zone] = self.fill_ul[zone] = self._ceil_pa[zone] = self._high_pa[zone] = 0
            self.guard.coming.pumped(zone, 0, True)
        self.relief_zone = NONE
        self._pressed_on = False
        self.emptied = 0
        self._relieved = NONE

    def tick(self, elapsed_ms, wish, vent_ms):
        """Judges every zone; vent_ms is the modelled time until all are vented."""
        levels = self.levels
        net_blind = self.net.zone_sensor[0] == NONE  # then static readings come in every tick, or not at all
        self.reasons = 0
        self.guard.coming.begin_tick()
        longest = 0
        level_pa, static, filling = levels.level_pa, levels.static, levels.filling
        ceil_pa, high_pa, ceil_ms = self._ceil_pa, self._high_pa, self._ceil_ms
        gap_ms, pressed_ms = self._gap_ms, self.pressed_ms
        fill_ms, owed_ul = self.fill_ms, self.guard.coming.owed_ul
        self.target_pa = target_pa = wish.target_pa
        for zone in self.net.each_zone:
            level = level_pa[zone]
            target = target_pa[zone]
            if target != ceil_pa[zone] or target != high_pa[zone] or ceil_ms[zone]:
                self._follow_target(zone, target, elapsed_ms, vent_ms)
            gap = gap_ms[zone] + elapsed_ms
            gap_ms[zone] = gap if gap < MOST_GAP_MS else MOST_GAP_MS
            if static[zone]:
                self._judge_static(zone, level, gap_ms[zone], target)
                gap_ms[zone] = 0
            elif net_blind:
                gap_ms[zone] = 0
            elif self._trip_ms[zone] >= TRIP_MS:
                self.reasons |= WHY_TRIP  # until its sensor, which is not read in every tick, has shown less
            if level >= RELEASED_PA:
                pressed = pressed_ms[zone] + elapsed_ms
                pressed_ms[zone] = pressed
                if pressed > longest:
                    longest = pressed
                    if pressed > PRESSED_MS:
                        out = self.guard.vented_ms > vent_ms  # it should be empty by now
                        self.guard.trip(faults.WILL_NOT_VENT if out else faults.PRESSED_TOO_LONG, zone)
                self._below_ms[zone] = 0
            elif pressed_ms[zone]:
                # A moment below 15 mmHg is no rest.
                self._below_ms[zone] += elapsed_ms
                if self._below_ms[zone] >= REST_MS:
                    pressed_ms[zone] = 0
            if filling[zone] or fill_ms[zone] or owed_ul[zone]:
                self._count_fill(zone, elapsed_ms, target == 0)
        self.longest_pressed_ms = longest
        if net_blind:
            if levels.vented:
                self._out_ms += elapsed_ms
            self._line_pa = self.guard.sensing.worst_pa[self.net.line_sensor]
        if self._pressed_on:
            self._keep_open()

    def presses(self, level_pa):
        """Who sits on a leg presses all its zones; where only the line shows one of them, the others may have as much."""
        levels = self.levels
        leg_of = self.net.leg_of
        for zone in self.net.each_zone:
            if levels.open[zone]:
                for other in self.net.each_zone:
                    if leg_of[other] == leg_of[zone] and levels.level_pa[other] < level_pa:
                        levels.level_pa[other] = level_pa
        self._pressed_on = True

    def _keep_open(self):
        """Everything stays open until the line has spoken for all of them, and none is above the cap."""
        self.relief_zone = NONE
        for level in self.levels.level_pa:
            if level > CAP_PA:
                self.reasons |= WHY_TRIP
                return
        self._pressed_on = False

    def _count_fill(self, zone, elapsed_ms, released):
        """Time and air of a fill; a healthy hold may be topped up: a sixteenth of the time, and its air, is given back.

        While the zone is let out it is twice the time, at least.
        """
        fill = self.fill_ms[zone]
        here_ul = 0
        if self.levels.filling[zone]:
            least = self._least_permille
            share = clamp((self.drive.pump_permille - least) * 1000 // (1000 - least), 50, 1000)
            elapsed_ms = -(-elapsed_ms // self.levels.sharing)  # zones side by side share the flow
            self.fill_ms[zone] = fill = fill + elapsed_ms
            self.flow_ul = here_ul = self._flow_ul_ms * share // 1000 * elapsed_ms
            self.fill_ul[zone] += here_ul
            if fill > self._fill_limit_ms[zone] or self.fill_ul[zone] > self._fill_limit_ul[zone]:
                # Had it had its pressure already, it would not keep it; what this guard had to let out, no leak did. And where the line
                # has shown nothing of all that air, it is no slow fill.
                fault = faults.FILL_TOO_LONG
                if self.guard.trends.fill_ms[zone] < 0:
                    fault = faults.LEAKS
                elif self.net.zone_sensor[zone] == NONE and not self.guard.answer.unfolded[zone]:
                    fault = faults.NO_ANSWER
                self.guard.trip(faults.OVER_PRESSURE if zone == self._lowered else fault, zone)
        elif released and self.levels.level_pa[zone] < RELEASED_PA:
            self.fill_ms[zone] = self.fill_ul[zone] = 0
        else:
            back_ms = elapsed_ms << 1 if released else elapsed_ms + 15 >> 4
            self.fill_ms[zone] = max(0, fill - back_ms)
            self.fill_ul[zone] = max(0, self.fill_ul[zone] - back_ms * self._flow_ul_ms)
        coming = self.guard.coming
        if (here_ul or coming.owed_ul[zone]) and self.net.zone_sensor[zone] != NONE:
            coming.pumped(zone, here_ul, released)

    def _follow_target(self, zone, target_pa, elapsed_ms, vent_ms):
        """The highest target of at least the last modelled vent time: a planned release starts above its new target."""
        if zone == self._lowered:
            self._lowered = NONE
        if target_pa >= self._ceil_pa[zone]:
            self._ceil_pa[zone] = self._high_pa[zone] = target_pa
            self._ceil_ms[zone] = 0
            return
        if zone == self._relieved:
            self._relieved = NONE  # what falls now was to fall
        if target_pa > self._high_pa[zone]:
            self._high_pa[zone] = target_pa
        waited = self._ceil_ms[zone] + elapsed_ms
        self._ceil_ms[zone] = waited
        if waited > vent_ms:
            self._ceil_pa[zone] = self._high_pa[zone]  # a release in two steps: the first one's target still counts
            self._high_pa[zone] = target_pa
            self._ceil_ms[zone] = 0

    def relieve(self, zone, level_pa):
        """Lets a zone out for a moment; a blind one is then judged by what is left. What has too much goes first."""
        if self.relief_zone != NONE:
            return
        self._relieved = self.relief_zone = zone
        self._relieved_pa = level_pa
        self._out_ms = 0
        self.relief_ms = self._pulse_ms[zone]

    def _watch_relieved(self, zone, level_pa):
        """One relief lets out a fifth of a chamber; what it empties, time and again, is the line alone: the zone is not behind it."""
        if level_pa > self._relieved_pa - (self._relieved_pa >> 3):
            return  # nothing was let out yet
        self._relieved = NONE
        if self._out_ms > self._pulse_ms[zone] << 1:
            return  # somebody let it down to its target: what is far lower then may be the zone
        self.emptied = self.emptied + 1 if level_pa < self._relieved_pa >> 1 else 0
        if self.guard.trends.given[zone] >= GIFTS:
            self.guard.trip(faults.VALVE_STUCK_CLOSED if self.emptied else faults.VALVE_STUCK_OPEN, zone)
        if self.emptied >= EMPTIED_TIMES:
            self.guard.trip(faults.LINE_PRESSURE, zone)

    def _judge_static(self, zone, level_pa, elapsed_ms, target_pa):
        blind = self.net.zone_sensor[zone] == NONE
        if zone == self._relieved and self.relief_zone == NONE:
            self._watch_relieved(zone, level_pa)
        if level_pa > TRIP_PA:
            over = self._trip_ms[zone] + elapsed_ms
            self._trip_ms[zone] = over
            if over >= TRIP_MS:
                self.reasons |= WHY_TRIP
                if blind:
                    self.presses(level_pa)
            if over >= LATCH_MS:
                self.guard.trip(faults.ABSOLUTE_PRESSURE, zone)
        else:
            self._trip_ms[zone] = 0
        if target_pa and level_pa > self._ceil_pa[zone] + ABOVE_PA and blind:
            self._relieved = zone  # whoever lets it out
            self._relieved_pa = level_pa
            self._out_ms = 0
        # With everything off there is nothing safer to be done: zones that empty through one line meet in it.
        if level_pa <= self._ceil_pa[zone] + OVER_PA or (target_pa == 0 and self.guard.vented_ms):
            self._over_ms[zone] = 0
            return
        over = self._over_ms[zone] + elapsed_ms
        self._over_ms[zone] = over
        if over >= RELIEF_MS:
            line = self.net.line_sensor
            if line != NONE and self.levels.vented and self.guard.answer.flow.line_pa > level_pa - HELD_PA:
                self.guard.held = True  # with the way out open the line would be lower
            self.guard.trip(faults.OVER_PRESSURE, zone)
        moves_pa = level_pa - self._line_pa
        if blind and (moves_pa < -RISES_PA or (moves_pa > RISES_PA and over <= self.net.settle_ms[zone])) and level_pa <= TRIP_PA:
            # How much there is decides what is opened: above 130 mmHg everything, and not one zone for a moment. And what falls by so
            # much in a tick is the line that empties into the zone, through a way that has become narrow.
            return
        if self._ceil_pa[zone] and self.relief_zone == NONE:
            self.relief_zone = self._lowered = zone
            self.sat_pa = self._ceil_pa[zone] + SAT_PA
            # What is above the cap and still rises is somebody who sits down: how far, a shut zone does not show and a line let out hides.
            if blind and level_pa > (CAP_PA if moves_pa > RISES_PA else TRIP_PA):
                self.presses(level_pa)
            self.relief_ms = self._pulse_ms[zone]
            self.guard.notice(faults.RELIEVED, zone)
