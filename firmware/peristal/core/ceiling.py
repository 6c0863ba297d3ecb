"""The guard's eye on the line's ceiling: a line that is too high is blocked, or a zone or a pump that nobody drives fills it."""

from peristal.core import faults, limits
from peristal.core.levels import STILL_MS, TRIP_PA
from peristal.core.reasons import WHY_TRIP
from peristal.core.units import NONE, pa

LINE_OVER_PA = pa(limits.highest("line_over_mmhg"))
LATCH_MS = limits.highest("latch_ms")
LINE_MS = 100
LINE_TRIPS = 3  # each within this time of the one before; a moving limb does that once in a while
CALM_MS = 20000
SITS_MS = 1000  # who sits down does it within this time; the line, let out, may be lower meanwhile
FELL_PA = pa(8)  # the pump's strokes show 6


class Ceiling:
    """tick() returns whether the line's pressure is a fault, and which; reasons holds what must be prevented now."""

    def __init__(self, net, sensing, drive, levels):
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.levels = levels
        self.reasons = 0
        self.fault = faults.OK
        self.given = False  # what is too high was so before the pump moved anything: it comes from a blind zone that is open to it
        self._high_ms = 0
        self._shut_in = False  # the line shows, for a zone that is open to it, what no healthy zone has
        self._trips = 0
        self._calm_ms = 0

    def forget(self):
        """A new session, or a cleared fault."""
        self._high_ms = self._trips = 0

    def tick(self, elapsed_ms):
        """A line far above its ceiling is blocked: open everything; a fault when it stays so or comes back.

        So is one that shows more than the trip once the pump is still, and time and again: its relief is over in no time, as
        no chamber's is.
        """
        self.reasons = 0
        self.given = False
        if self.net.line_sensor == NONE:
            return False
        line_pa = self.sensing.worst_pa[self.net.line_sensor]
        still = self.drive.pump_still_ms > self.net.coast_ms + STILL_MS
        if line_pa <= self.net.ceiling_pa + LINE_OVER_PA:
            self._high_ms = 0
            self._calm_ms += elapsed_ms
            if self._calm_ms > CALM_MS:
                self._calm_ms = self._trips = 0
            shut_in = line_pa > TRIP_PA and self._seen_in_a_zone()
            if still and line_pa > TRIP_PA and self.levels.vented and self.drive.still_ms[self.net.vent_valve] > LINE_MS:
                self.reasons |= WHY_TRIP  # an open line gets so full of a pump that nobody drives, or of somebody who sits down
                shut_in = True
            if shut_in and not self._shut_in and (not self._trips or self._calm_ms > SITS_MS):
                if self._trips and self.drive.pump_still_ms > self._calm_ms:
                    self.fault = faults.PUMP_RUNS_ON  # nobody has driven it since the last time
                    return True
                self._trips += 1
                self._calm_ms = 0
            if shut_in or line_pa < TRIP_PA - FELL_PA:
                self._shut_in = shut_in
            self.fault = faults.LINE_PRESSURE
            return self._trips >= LINE_TRIPS
        self.given = still and self.net.zone_sensor[0] == NONE and self.levels.open_count > 0
        if self._high_ms == 0 and not self.given:
            undriven = self._trips and self.drive.pump_still_ms > self._calm_ms
            if undriven and still and not self._seen_in_a_zone(1):
                self.fault = faults.PUMP_RUNS_ON  # the same, of a line that was let out and is full again
                return True
            if still or not undriven:  # one that coasts is what it was at the last trip
                self._trips += 1
        self._calm_ms = 0
        self._high_ms += elapsed_ms
        self.reasons |= WHY_TRIP
        if still and self.levels.open_count == 0:
            self.fault = faults.PUMP_RUNS_ON  # nothing else can lift a line in which every valve is shut
            return True
        if self.given:
            self.fault = faults.ABSOLUTE_PRESSURE
            return self._high_ms >= LATCH_MS
        self.fault = faults.LINE_PRESSURE
        return self._high_ms >= LINE_MS or self._trips >= LINE_TRIPS

    def _seen_in_a_zone(self, ever=0):
        for zone in self.net.each_zone:
            if (self.levels.static[zone] or ever) and self.levels.level_pa[zone] > TRIP_PA:
                return True
        return False
