"""What readings cannot do when parts are whole: swing to and fro, disagree about the same air, or all fall at once.

Each check names the part it speaks of; what a topology cannot tell apart is in SAFETY.md.
"""

from peristal.core import faults
from peristal.core.answer import SPREAD_PA
from peristal.core.gains import STEP_PA, Gains
from peristal.core.units import NONE, pa, zeros

JUMP_PA = pa(25)  # between two readings; a moving limb adds 5-20 mmHg
BELOW_PA = -pa(12)  # of the zero that was taken before the start no air shows so little: a step to there is a jump, however small
BACK_PA = -pa(6)  # ... and back is one only from here on
SWINGS = 5  # to and fro, each within this time of the one before
SWING_MS = 500
STEADY_MS = 200  # after a coil or the pump was switched the line may jump
SAME_READINGS = 100  # of a sensor that shows the very same value: noise alone would change it
DISAGREE_PA = pa(8)  # and a sixteenth of the reading: two gain errors of 2 % and a calibration
AGREED_PA = pa(30)  # from here on two that agree both show 3 of 4 parts at least
DISAGREE_MS = 120
PUMPED_MS = 400  # so long a line that is higher than its zone is watched: in the second half of it ...
PUMPED_PA = 120  # ... a pump that runs on lifts the zone by 180 Pa and more (runs_on.py), a sensor that shows too little does not rise
AGAIN_MS = 100  # for each further look in which it is so, however short; half of it for a line that is lower
EMPTIES_PA = 200  # since the pump was stopped; what was just filled stretches by less until its line is still
BLOCKED_PA = pa(60)
PERIOD_MS = 600
FALL_PA = pa(2)  # and a 32nd of the reading, in three periods, of every shut zone: a limb lets go in one, or in two that meet there
GONE_PA = pa(22)  # and a third: no limb does that, and once is enough
BURSTS = 4  # a zone that bursts and its neighbours, which feel that, are three; one that is driven may rise by the air of so many
FED_PA = pa(1)  # gained in a period: the pump has its 12 V
# While one is driven in vain every shut zone loses this in this period and the last, and a quarter of what that one does (its
# neighbours feel it; half of it what is open to it, from which a hole's air comes, too), ...
SINKS_PA = pa(2)
SUNK_PA = pa(10)  # ... or this and a third since it was shut
JOINS_PA = pa(5)  # so little above the line, to which it would be open, a zone has no more to lose
LATE_MS = 40
TURN_MS = 100


class Plausible:
    """tick() trips the guard."""

    def __init__(self, net, sensing, drive, levels, guard):
        count = net.n_sensors
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.levels = levels
        self.guard = guard
        self.gains = Gains(net, levels, guard)
        self._last_pa = zeros(count)
        self._last_mv16 = zeros(count)
        self._same = bytearray(count)
        self._up = bytearray(count)
        self._swings = bytearray(count)
        self._swing_ms = zeros(count)
        self._steady_ms = 0
        self._pump_permille = 0
        self._disagree_ms = zeros(net.n_zones)
        self._looked = NONE  # the zone that is looked at, ...
        self._apart_pa = self._smooth_pa = 0  # ... how far line and zone were apart as that began, what it shows without its noise, ...
        self._before_zone_pa = 0
        self._above_pa = 0  # what the zone showed first far above its line since the pump was stopped
        self._low_pa = self._stroke_pa = 0  # the least that the line has shown since, and the most above that
        self._moved_pa = self._rise_pa = 0  # ... and by how much that has moved in all looks, and in the second half of the time
        self._flowed = False  # and whether in one of them a flow's drop had gone from the line
        self._period_ms = 0
        self._before_pa = zeros(net.n_zones)
        self._was_shut = bytearray(net.n_zones)
        self._fell_pa = zeros(net.n_zones)  # in the last period
        self._kept_pa = zeros(net.n_zones)  # what each zone had at the end of the period in which it was shut
        self._came = bytearray(net.n_zones)  # it had lost much of that when it was opened
        self._most_pa = zeros(net.n_zones)  # what it had at the end of one since it was let out last
        self._all_fell = 0
        self._turn_ms = 0

    def tick(self, elapsed_ms, active):
        """Call after the levels; only while a session goes on do coils and pump tell what should be."""
        self._watch_steady(elapsed_ms)
        if elapsed_ms > LATE_MS:
            self._all_fell = 0  # the enable may have let go meanwhile: that is the loop's fault
            self.drive.refresh()  # ... and what it held is pulled in again
        for sensor in range(self.net.n_sensors):
            if self.sensing.age_ms[sensor] == 0:
                self._watch_swings(sensor)
            if self._swing_ms[sensor] < SWING_MS:
                self._swing_ms[sensor] += elapsed_ms
        if not active:
            self._all_fell = 0
            return
        if self.net.zone_sensor[0] != NONE:
            self._watch_falls(elapsed_ms)
            self._turn_ms += elapsed_ms
            if self._turn_ms >= TURN_MS:  # slow things: not in every tick
                self.gains.tick(self._turn_ms)
                self._turn_ms = 0
            if self.net.line_sensor != NONE:
                self._watch_agreement(elapsed_ms)

    def swings(self, zone):
        """How often the zone's sensor (NONE: the line's) has swung to or fro by now, the last time within SWING_MS."""
        sensor = self.net.sensor_of(zone)
        return self._swings[sensor] if sensor != NONE and self._swing_ms[sensor] < SWING_MS else 0

    def all_sink(self, driven):
        """Whether all others that are shut with pressure, or driven too, lose it while one (or NONE) is driven in vain: nothing holds them.

        Of zones without sensors of their own nothing is known, and none sinks.
        """
        found = False
        levels = self.levels
        fell_pa = max(0, self._falls_pa(driven)) if driven != NONE else 0
        for zone in self.net.each_zone:
            beside = levels.filling[zone]
            if zone == driven or not (levels.shut[zone] or beside) or not self._was_shut[zone] or self._kept_pa[zone] < pa(15):
                continue
            falls_pa = self._falls_pa(zone)
            # Without 12 V the air goes on leaving: what has lost much and stands was let go by a limb.
            sunk = self._lost(zone, SUNK_PA) and (driven == NONE or falls_pa > FED_PA or levels.level_pa[zone] < pa(15))
            # By a 32nd of what it has, too: a chamber that is stretched gives as much.
            if sunk or falls_pa >= SINKS_PA + (levels.level_pa[zone] >> 5) + (fell_pa >> (1 if beside else 2)):
                found = True
            elif levels.level_pa[zone] > self.guard.answer.flow.line_pa + JOINS_PA:
                return False
        return found

    def came_empty(self, zone):
        """Whether a zone with a sensor of its own has lost much of its air though nothing let it out, and no other one has."""
        for other in self.net.each_zone:
            if self._has_lost(other) != (other == zone):
                return False  # without 12 V all would
        return True

    def _has_lost(self, zone):
        most, now = self._most_pa[zone], self.levels.level_pa[zone]
        return self._came[zone] > 0 or (most - now > GONE_PA and now * 3 < most << 1)

    def _falls_pa(self, zone):
        return self._fell_pa[zone] + self._before_pa[zone] - self.levels.level_pa[zone]

    def _lost(self, zone, most_pa):
        """Whether a zone has lost more than this, and a third, since it was shut."""
        kept, now = self._kept_pa[zone], self.levels.level_pa[zone]
        return kept - now > most_pa and now * 3 < kept << 1

    def _watch_steady(self, elapsed_ms):
        """How long neither a coil nor the pump has been switched."""
        pump = self.drive.pump_permille
        changed = abs(pump - self._pump_permille) > 200
        self._pump_permille = pump
        least = self.drive.pump_still_ms if pump == 0 else STEADY_MS
        for valve in range(self.net.n_valves):
            if self.drive.still_ms[valve] < least:
                least = self.drive.still_ms[valve]
        self._steady_ms = 0 if changed else min(self._steady_ms + elapsed_ms, least)

    def _watch_swings(self, sensor):
        sensing = self.sensing
        net = self.net
        if sensing.mv16[sensor] != self._last_mv16[sensor]:
            self._same[sensor] = 0
            self._last_mv16[sensor] = sensing.mv16[sensor]
        elif self._same[sensor] < SAME_READINGS:
            self._same[sensor] += 1
        else:
            self.guard.trip(sensing.fault[sensor] or faults.SENSOR_STUCK, net.zone_of(sensor))  # a wire that is off shows the same, too
        reading = sensing.pa[sensor]
        # One whose zero has drifted to about there goes to and fro with its noise and with the limb: that is no jump.
        if reading < (BACK_PA if self._last_pa[sensor] < BACK_PA - JUMP_PA else BELOW_PA):
            reading -= JUMP_PA
        change = reading - self._last_pa[sensor]
        self._last_pa[sensor] = reading
        if sensor != net.line_sensor and not -STEP_PA <= change <= STEP_PA:
            zone = net.zone_of(sensor)
            self.gains.steps(zone, change)
            if change > 0:
                self.guard.trends.helped[zone] = 1  # by a limb, or in a fill that is too fast to tell
        if -JUMP_PA < change < JUMP_PA or (sensor == net.line_sensor and self._steady_ms < STEADY_MS):
            return
        swings = self._swings
        up = 1 if change > 0 else 0
        if self._swing_ms[sensor] >= SWING_MS:
            swings[sensor] = 0
        if swings[sensor] == 0 or up != self._up[sensor]:
            swings[sensor] += 1
        self._up[sensor] = up
        self._swing_ms[sensor] = 0
        if swings[sensor] >= SWINGS:
            swings[sensor] = 0
            self.guard.trip(faults.SENSOR_JUMPS, net.zone_of(sensor))

    def _watch_agreement(self, elapsed_ms):
        """A zone that alone is open to a still line has its pressure, or comes nearer to it."""
        levels = self.levels
        pa_of, apart_ms = self.sensing.pa, self._disagree_ms
        looked = NONE
        for zone in self.net.each_zone:
            if levels.open_count != 1 or levels.vented or not levels.open[zone]:
                continue
            sensor = self.net.zone_sensor[zone]
            zone_pa = pa_of[sensor]
            line_pa = pa_of[self.net.line_sensor]
            if self.drive.pump_permille or zone_pa - line_pa <= DISAGREE_PA:
                self._above_pa = 0
            elif self._above_pa == 0:
                self._above_pa = zone_pa
            if not levels.settled(zone):
                continue
            looked = zone
            apart_pa = abs(zone_pa - line_pa)
            if self.sensing.age_ms[sensor]:
                continue
            if apart_pa <= DISAGREE_PA + (zone_pa >> 4):
                apart_ms[zone] = 0
                if zone_pa >= AGREED_PA:
                    self.guard.line.agreed[zone] = 1
                continue
            if apart_ms[zone] == 0:
                self._moved_pa = 0
                self._flowed = False
            elif zone != self._looked:
                apart_ms[zone] += AGAIN_MS if line_pa > zone_pa else AGAIN_MS >> 1
            if zone != self._looked or apart_ms[zone] == 0:
                self._smooth_pa = self._before_zone_pa = zone_pa
                self._low_pa = line_pa
                self._stroke_pa = 0
                self._apart_pa = apart_pa
            apart_ms[zone] += elapsed_ms
            if self.guard.line.flow_pa - line_pa > DISAGREE_PA:
                self._flowed = True
            self._low_pa = min(self._low_pa, line_pa)
            self._stroke_pa = max(self._stroke_pa, line_pa - self._low_pa)
            rise_pa = zone_pa - self._smooth_pa >> 1
            self._smooth_pa += rise_pa
            self._moved_pa += zone_pa - self._before_zone_pa
            self._before_zone_pa = zone_pa
            self._rise_pa = self._rise_pa + rise_pa if apart_ms[zone] > PUMPED_MS >> 1 else 0
            falls = self._moved_pa < -PUMPED_PA or self._above_pa - zone_pa > EMPTIES_PA
            if self._apart_pa - apart_pa > self._apart_pa >> 3 or (line_pa < zone_pa and falls):
                apart_ms[zone] = 0  # through a narrow way they meet late; or the air of both leaves: it is not still
            elif apart_ms[zone] > (DISAGREE_MS if line_pa < zone_pa else PUMPED_MS):
                apart_ms[zone] = 0
                # A line that stays full while its zone has next to nothing is not open to it; where a flow's drop has gone, it is.
                fault = faults.SENSORS_DISAGREE
                if line_pa > BLOCKED_PA and zone_pa < line_pa >> 3 and not self._flowed:
                    # ... unless a pump that runs on keeps it: a still line has no strokes.
                    fault = faults.PUMP_RUNS_ON if self._stroke_pa > SPREAD_PA else faults.VALVE_STUCK_CLOSED
                answer = self.guard.answer
                others = answer.others
                if line_pa > zone_pa and (self._rise_pa > PUMPED_PA or self._moved_pa > PUMPED_PA << 2):
                    fault = faults.PUMP_RUNS_ON
                elif zone == answer.driven and others.instead(zone) and line_pa - levels.level_pa[others.riser] <= DISAGREE_PA:
                    fault = others.means()  # the line shows the one that has got its air
                self.guard.trip(fault, zone)
        self._looked = looked

    def _watch_falls(self, elapsed_ms):
        """Without 12 V every coil lets go: all zones that should be shut, or are driven, lose their air together."""
        levels = self.levels
        self._period_ms += elapsed_ms
        ends = self._period_ms >= PERIOD_MS
        shut = 0
        fell = gone = 0
        venting = rises = came = False
        for zone in self.net.each_zone:
            if not levels.shut[zone] and not levels.filling[zone]:
                self._was_shut[zone] = 0
                if levels.vented or not levels.open[zone]:
                    self._most_pa[zone] = 0
                    venting = venting or (not levels.open[zone] and self._before_pa[zone] >= pa(15))  # its neighbours feel that
            if not ends:
                continue
            before = self._before_pa[zone]
            now = levels.level_pa[zone]
            self._most_pa[zone] = max(self._most_pa[zone], now)
            if levels.shut[zone] and self._was_shut[zone]:
                self._came[zone] = self._lost(zone, GONE_PA)
                came = came or self._came[zone]  # a limb that lets go leaves slack zones below 15 mmHg, too
            else:
                self._kept_pa[zone] = now
                came = came or (levels.filling[zone] and self._falls_pa(zone) > max(GONE_PA, now >> 1))
            self._before_pa[zone] = now
            self._fell_pa[zone] = before - now
            if levels.filling[zone] and now - before > FED_PA:
                rises = True
            elif self._was_shut[zone] and before >= pa(15):
                shut += 1
                if before - now > FALL_PA + (before >> 5) >> (self._all_fell >> 1):  # it falls ever more slowly
                    fell += 1
                if before - now > GONE_PA and now * 3 < before << 1:
                    gone += 1
            self._was_shut[zone] = 1
        if ends:
            self._period_ms = 0
            # One that alone had air shows nothing but itself; and in the end they are empty, although nothing lets them out.
            empty = self._all_fell and came and levels.highest_pa < pa(15) and not levels.vented
            if fell == shut and (shut > 1 or empty or (shut and self._all_fell)) and not (venting or (rises and shut < BURSTS)):
                self._all_fell += 3 if gone == shut else 1
                if self._all_fell > 2:
                    self._all_fell = 0
                    self.guard.trip(faults.SUPPLY_DIP)
            else:
                self._all_fell = 0
