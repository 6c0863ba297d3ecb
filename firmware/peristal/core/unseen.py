"""Air for a zone that has not shown a pressure yet is given in portions, each too small for 130 mmHg in an unfolded chamber.

Where only the line has a sensor, the pump rests after each portion until the still line has been read. A line that keeps its
reading from the last driven tick until then, although a flow drop has gone, is a dead sensor: that is judged after every
drive. Where only the zones have sensors, or the drop is too small, a rest shows nothing; a zone that has had pressure since the
chip started, and may be unfolded still, is let out after each portion instead. What this cannot see: a sensor of a zone's own
that is dead before the zone first had pressure.
"""


from peristal.core import faults, model
from peristal.core.answer import SPREAD_PA
from peristal.core.units import NONE, pa, zeros

# Of the declared volume, by the declared flow: the stiffest chamber has 130 mmHg after 42 % more air than it has at 0 (dV 15 %,
# k 0.05 %/mmHg); volume and flow may each be a tenth off, and the flow is counted against 80 mmHg.
PORTION_PERMILLE = 330
SURE_PERMILLE = 530  # of the expected drop, which is a quarter above the declared one: valve and pump may each be a tenth off


class Unseen:
    """waits(zone): the zone gets no air until it was seen; tick() trips the guard and lets zones out."""

    def __init__(self, net, sensing, drive, guard):
        count = net.n_zones
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.guard = guard
        self._from_line = net.zone_sensor[0] == NONE
        self._blind = bytearray(count)  # a rest shows nothing
        self._known = bytearray(count)  # it has had pressure since the chip started
        self._given_ul = zeros(count)
        self._portion_ul = zeros(count)
        self._out_ms = zeros(count)
        self._zone = NONE  # the zone that was driven last, until it was seen
        self._top_pa = self._low_pa = 0
        self._fall_pa = 0  # what the line falls by at the least ...
        self._slack_fall_pa = zeros(count)  # ... and from a slack chamber's drop at full duty
        pump = net.board.pump
        self._least_permille = pump.min_duty_permille
        for zone in range(count):
            self._portion_ul[zone] = net.zones[zone].volume_ml * PORTION_PERMILLE
            self._slack_fall_pa[zone] = net.drop_pa(zone, pa(10)) * SURE_PERMILLE // 1000
            self._blind[zone] = net.line_sensor == NONE or (self._from_line and self._slack_fall_pa[zone] < SPREAD_PA << 1)
            out = net.valves[net.exhaust_valve[zone] if net.independent else net.vent_valve]
            self._out_ms[zone] = model.vent_ms(net.zones[zone].volume_ml, net.out_c[zone], pa(130), pa(8)) + out.off_ms

    def begin(self):
        """A new session, before what was seen in the last one is forgotten."""
        for zone in self.net.each_zone:
            self._given_ul[zone] = 0
            if self.guard.answer.unfolded[zone]:
                self._known[zone] = 1

    def waits(self, zone):
        """Whether the pump must rest until this zone was seen."""
        return self._from_line and self._given_ul[zone] > self._portion_ul[zone]

    def tick(self):
        """Call after the fills were counted."""
        guard = self.guard
        levels = guard.levels
        for zone in self.net.each_zone:
            if levels.filling[zone]:
                if not guard.answer.unfolded[zone]:
                    self._given_ul[zone] += guard.zones.flow_ul
                    if self._blind[zone] and self._known[zone] and self._given_ul[zone] > self._portion_ul[zone]:
                        self._given_ul[zone] = 0
                        guard.zones.relief_zone = zone
                        guard.zones.relief_ms = self._out_ms[zone]
            elif self._from_line and levels.static[zone]:
                self._given_ul[zone] = 0
        if self._from_line:
            self._watch_fall(levels)

    def _watch_fall(self, levels):
        """From the last driven tick until the line is still its reading must have moved."""
        reading = self.sensing.worst_pa[self.net.line_sensor]
        if levels.sharing == 1:
            for zone in self.net.each_zone:
                if levels.filling[zone]:
                    self._zone = zone
                    line = self.guard.line
                    unfolded = self.guard.answer.unfolded[zone]
                    self._fall_pa = line.fall_pa(zone) if unfolded else self._slack_fall_pa[zone]
                    flow = max(0, self.drive.pump_permille - self._least_permille) * 1000 // (1000 - self._least_permille)
                    # Of a short pulse, or little duty, less; the smoothed share alone allows more than flows at little duty.
                    self._fall_pa = self._fall_pa * min(flow * flow // 1000, line.flow_permille) // 1000
            # What it showed so far counts, too: a live line need not fall where the zone rises while the pump coasts.
            line_pa = self.guard.answer.flow.line_pa
            self._top_pa = max(reading, line_pa)
            self._low_pa = min(reading, line_pa)
            return
        zone = self._zone
        if zone == NONE:
            return
        if reading > self._top_pa:
            self._top_pa = reading
        elif reading < self._low_pa:
            self._low_pa = reading
        if levels.sharing or levels.vented or levels.open_count != 1 or not levels.open[zone]:
            self._zone = NONE
        elif levels.static[zone]:
            self._zone = NONE
            if self._top_pa - self._low_pa < SPREAD_PA <= self._fall_pa >> 1:
                self.guard.second.doubt(zone, faults.NO_ANSWER)
