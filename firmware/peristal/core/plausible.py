"""What readings cannot do when parts are whole: swing to and fro, disagree about the same air, or all fall at once.

Each check names the part it speaks of; what a topology cannot tell apart is in SAFETY.md.
"""

from peristal.core import faults
from peristal.core.answer import SPREAD_PA
from peristal.core.falls import Falls
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
LATE_MS = 40
TURN_MS = 100


class Plausible(Falls):
    """tick() trips the guard."""

    def __init__(self, net, sensing, drive, levels, guard):
        count = net.n_sensors
        Falls.__init__(self, net, drive, levels, guard)
        self.sensing = sensing
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
        self._turn_ms = 0

    def tick(self, elapsed_ms, active):
        """Call after the levels; only while a session goes on do coils and pump tell what should be."""
        self._watch_steady(elapsed_ms)
        if elapsed_ms > LATE_MS:
            self._excuse()  # the enable may have let go meanwhile: that is the loop's fault
            self.drive.refresh()  # ... and what it held is pulled in again
        for sensor in range(self.net.n_sensors):
            if self.sensing.age_ms[sensor] == 0:
                self._watch_swings(sensor)
            if self._swing_ms[sensor] < SWING_MS:
                self._swing_ms[sensor] += elapsed_ms
        if not active:
            self._excuse()
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
                if line_pa < zone_pa and self._all_fall_on():
                    fault = faults.SUPPLY_DIP  # the line is let out, and so are they
                self.guard.trip(fault, zone)
        self._looked = looked
