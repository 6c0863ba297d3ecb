"""Does the pressure answer the pump? A frozen, disconnected or wrong sensor reads the same while the pump drives a zone.

The reading must go on rising, 3 mmHg at a time, once the slack of a folded chamber is taken up; a line that shows a flow
drop must also jump when the pump starts. What this cannot see: a sensor that is dead from the start, in the first fill of a
folded chamber with a sensor of its own; there the relief valve is the limit.
"""

from array import array

from peristal.core import model
from peristal.core.units import NONE, clamp, pa

RISE_PA = pa(3)
THROTTLED_PA = pa(20)  # this close to its ceiling the line is held where it is
SHOWS_PA = pa(16)  # a flow drop of this much is seen at once, throttled or not
AT_ONCE_MS = 1000
UNFOLDED_PA = pa(4)  # the slack is taken up


class Answer:
    """tick() returns the zone that was driven for too long without an answer, or NONE."""

    def __init__(self, net, sensing, drive, levels):
        count = net.n_zones
        pump = net.board.pump
        flow = pump.flow_ml_min // 60
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.levels = levels
        self._least_permille = pump.min_duty_permille
        self._anchor_pa = array("i", [0] * count)
        self._silent = array("i", [0] * count)  # ms at full flow, times 1000
        self._driven = bytearray(count)
        self._jumped = bytearray(count)
        self._shows = bytearray(count)
        self._unfolded = bytearray(count)
        self._folded_ms = array("i", [0] * count)
        self._full_ms = array("i", [0] * count)
        for zone in range(count):
            volume = net.zones[zone].volume_ml
            fill_c = net.valves[net.fill_valve[zone]].c_ml_s_bar
            most_flow = max(1, min(flow, model.flow_ml_s(fill_c, net.ceiling_pa, 0)))
            self._folded_ms[zone] = volume * 1350 // most_flow + 300  # volume and flow may each be a tenth off
            self._full_ms[zone] = max(AT_ONCE_MS, volume * 150 // most_flow + 500)
            self._shows[zone] = 1 if model.drop_pa(fill_c, flow, pa(pump.stall_mmhg), 0) >= SHOWS_PA else 0

    def begin(self):
        """A new session: the sleeves may have been taken off and folded."""
        for zone in range(self.net.n_zones):
            self._unfolded[zone] = self._silent[zone] = 0

    def tick(self, elapsed_ms):
        """Counts driven time without an answer, over as many short pulses as it takes."""
        net = self.net
        least = self._least_permille
        flow_permille = clamp((self.drive.pump_permille - least) * 1000 // (1000 - least), 100, 1000)
        silent = NONE
        for zone in range(net.n_zones):
            if self.levels.static[zone] and self.levels.level_pa[zone] >= UNFOLDED_PA:
                self._unfolded[zone] = 1
            own = net.zone_sensor[zone]
            driven = self.levels.filling[zone]
            if own == NONE and not driven:
                self._driven[zone] = 0
                continue
            if self._answered(zone, self.sensing.worst_pa[own if own != NONE else net.line_sensor], own == NONE):
                self._silent[zone] = 0
            elif driven:
                self._silent[zone] += elapsed_ms * flow_permille
                if self._silent[zone] > self._patience_ms(zone, own == NONE) * 1000:
                    silent = zone
        return silent

    def _patience_ms(self, zone, from_line):
        if from_line and self._shows[zone] and not self._jumped[zone]:
            return AT_ONCE_MS
        return self._full_ms[zone] if self._unfolded[zone] else self._folded_ms[zone]

    def _answered(self, zone, reading_pa, from_line):
        if from_line:
            if not self._driven[zone]:
                self._driven[zone] = 1
                self._jumped[zone] = 0
                self._anchor_pa[zone] = reading_pa
            if reading_pa >= self.net.ceiling_pa - THROTTLED_PA:
                return True
        if reading_pa < self._anchor_pa[zone]:
            self._anchor_pa[zone] = reading_pa
        if reading_pa - self._anchor_pa[zone] < RISE_PA:
            return False
        self._jumped[zone] = 1
        self._anchor_pa[zone] = reading_pa
        return True
