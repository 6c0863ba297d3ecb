"""What the line shows of the pump's flow: the drop on its way into a zone, and the jump as the pump starts.

The declared parts say how much that is; healthy ones show 0.8 to 1.5 times that. Without a sensor on the line nothing of it is seen.
"""

from peristal.core.units import NONE, pa, zeros

LINE_RISE_PA = pa(8)  # on the line the pump's strokes alone show 6
SHOWS_PA = pa(20)  # a flow drop of this much is seen at once ...
SHOWS_PERMILLE = 800  # ... from this share of the flow on
LEAPS_PA = pa(40)  # a limb presses 20
MOST_PA = pa(80)  # where it drops more the pump is held back before the line shows all of it
AT_ONCE_MS = 1000  # a full flow that does not show for so long is none
START_MS = 300  # until valve, pump and line are at full flow
WEAK_QUARTERS = 1  # a flow drop of less than a quarter of the declared one: less than half of the flow comes
PLAUSIBLE, SEEN = 1, 2  # of `jumped`


def gain_permille(drop, stall):
    """By how much of its flow at full duty the pump gains at the most, because less drop holds it back less; stall: above the zone."""
    return drop * 1000 // max(drop, stall - drop)


def pumped_permille(speed, gain):
    """The flow at a speed of the pump where less drop lets it gain: a step of Newton's to flow = speed * (1 + gain * (1 - flow^2))."""
    share = speed * speed // 1000
    return speed + speed * gain // 1000 * (1000 - share) // (1000 + 2 * gain * share // 1000)


class Flow:
    """drop_pa of each zone at full flow, shows: whether that is seen at once. jumped: whether the line has jumped in its present drive."""

    def __init__(self, net, sensing, levels):
        self.net = net
        self.sensing = sensing
        self.levels = levels
        self.line_pa = self.permille = 0  # both without the pump's strokes
        self.drop_pa = zeros(net.n_zones)
        self.shows = bytearray(net.n_zones)
        self.jumped = bytearray(net.n_zones)
        self.steady = False  # the pump runs no slower than of late
        self.dry_ms = 0  # how long a full flow has not shown on the line
        self._line_at_start_pa = 0
        self._late_pa = 0  # the line in the mean of twice the time
        for zone in net.each_zone:
            drop = net.drop_pa(zone, 0)
            self.drop_pa[zone] = drop
            self.shows[zone] = 1 if drop >= SHOWS_PA and net.line_sensor != NONE else 0

    def tick(self, flow_permille):
        """Smooths what the line shows, and the flow alike."""
        line = self.net.line_sensor
        self.steady = flow_permille >= self.permille
        if line != NONE:
            self.line_pa += (self.sensing.worst_pa[line] - self.line_pa) >> 3
            self._late_pa += (self.line_pa - self._late_pa) >> 4
            self.permille += (flow_permille - self.permille) >> 3

    def begin(self, zone):
        """The pump begins to drive a zone."""
        self.jumped[zone] = 0
        line = self.net.line_sensor
        # The smoothed line comes down late from what was there before; the pump's strokes are not there yet.
        self._line_at_start_pa = self.line_pa if line == NONE else min(self.line_pa, self.sensing.worst_pa[line])

    def watch_jump(self, zone):
        """A pump that starts shows on the line, whatever the zone does."""
        line_pa = self.line_pa
        if line_pa < self._line_at_start_pa:
            self._line_at_start_pa = line_pa
        elif line_pa - self._line_at_start_pa >= max(LINE_RISE_PA >> 1, self.drop_pa[zone] >> 2):
            self.jumped[zone] = SEEN
        elif not self.jumped[zone] and line_pa > self.drop_pa[zone] >> 1:
            self.jumped[zone] = PLAUSIBLE  # a line that was charged before falls to its flow drop instead of rising to it

    def is_back(self, zone):
        """Whether a line that has shown nothing of the flow shows most of it now: no pump that has failed, nor a limb, brings that."""
        drop_pa = min(self.drop_pa[zone], MOST_PA)
        at_once_pa = self.sensing.worst_pa[self.net.line_sensor] - self._late_pa
        # Of a step line and mean are half apart at the most; what rises as a zone does, of a weak pump, is not.
        return self.line_pa - self._late_pa >= drop_pa * 3 >> 3 or at_once_pa > max(drop_pa, LEAPS_PA)

    def dry_for_ms(self, zone, elapsed_ms, driven_ms, flow_permille):
        """For how long the line has shown nothing of a full flow into this zone; 0 while that says nothing."""
        if self.jumped[zone] or not self.shows[zone] or self.parts(zone):
            self.dry_ms = 0
        elif driven_ms > START_MS and flow_permille >= SHOWS_PERMILLE:
            self.dry_ms += elapsed_ms
            return self.dry_ms
        return 0

    def parts(self, zone):
        """Whether the line beside a zone with its own sensor shows a flow that may have two ways: of two each drops a quarter of it."""
        own = self.net.zone_sensor[zone]
        if own == NONE or self.net.line_sensor == NONE:
            return False
        return self.line_pa - self.sensing.worst_pa[own] > max(LINE_RISE_PA, self.drop_pa[zone] >> 3)

    def halves(self, zone):
        """Whether it shows some half of the declared flow: of a drop that is off by a fifth or by half, a quarter."""
        own = self.net.zone_sensor[zone]
        if own == NONE or self.net.line_sensor == NONE:
            return False
        drop_pa = self.now_pa(zone)
        return drop_pa >= LINE_RISE_PA and drop_pa * 3 >> 4 < self.line_pa - self.sensing.worst_pa[own] < drop_pa * 3 >> 3

    def now_pa(self, zone):
        """Its declared flow drop, of what flows now."""
        return self.drop_pa[zone] * (self.permille * self.permille // 1000) // 1000

    def quarters(self, zone):
        """How many quarters of its declared flow drop a line beside a zone with its own sensor shows; 1 where that says nothing."""
        own = self.net.zone_sensor[zone]
        drop_pa = self.now_pa(zone)
        if own == NONE or self.net.line_sensor == NONE or drop_pa < LINE_RISE_PA:
            return WEAK_QUARTERS
        quarters = (self.line_pa - self.sensing.worst_pa[own] << 2) // drop_pa
        return quarters if self.shows[zone] or drop_pa >= SHOWS_PA >> 1 else max(quarters, WEAK_QUARTERS)

    def most_line_pa(self):
        """What the line has while it drives; without a sensor of its own the most: a quarter more than the declared drop above a zone."""
        if self.net.line_sensor != NONE:
            return self.line_pa
        most_pa = pa(200)
        for zone in self.net.each_zone:
            if self.levels.filling[zone]:
                most_pa = min(most_pa, self.levels.level_pa[zone] + self.drop_pa[zone] * 5 // 4)
        return most_pa
