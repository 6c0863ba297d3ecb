"""A moment without 12 V while the pump drives a zone with a sensor of its own, beside a sensor on the line.

The pump stands and every valve lets go: the line falls at once, to its zone or below it, zones that are shut lose air, and what was
held stays open until it is pulled in again. Then the flow is back: no way out that stays open, and no pump that has failed, shows that.
"""

from peristal.core.units import NONE, pa, zeros

FALLS_PA = pa(10)  # below what it shows in the mean, and more than its zone; the pump's strokes are 6
LEFT_SHIFT = 2  # no more than a quarter of the drop is left
READINGS = 2  # of the zone that say so: it may be read 180 ms later than the line, from which a limb has let go
DRIVEN_MS = 600  # until line and pump are at full flow
BACK_MS = 5000
SINKS_PA = pa(2)  # of one that is shut
REFRESH_MS = 400  # the 12 V may be gone for longer


class LetGo:
    """tick() returns whether the 12 V were gone."""

    def __init__(self, net, sensing, drive, levels, answer):
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.levels = levels
        self.answer = answer
        self._line_pa = self._own_pa = self._drop_pa = 0  # in the mean, before the line fell
        self._had_pa = zeros(net.n_zones)  # what was in the zones then
        self._readings = self._back_pa = 0
        self._left_ms = 0  # for so long a flow that is back says that it was gone
        self._sunk = False

    def tick(self, elapsed_ms):
        """Call after the answer was judged."""
        zone = self.answer.driven
        line = self.net.line_sensor
        if line == NONE or zone == NONE or self.net.zone_sensor[zone] == NONE:
            return False
        if self._left_ms > 0:
            if self._left_ms // REFRESH_MS != (self._left_ms - elapsed_ms) // REFRESH_MS:
                self.drive.refresh()
            self._left_ms -= elapsed_ms
            self._watch_others()
            if self._left_ms <= 0:
                self._line_pa = 0  # what it shows by now is the rule
        own = self.net.zone_sensor[zone]
        own_pa = self.sensing.worst_pa[own]
        if not self.levels.filling[zone] or self.levels.sharing > 1 or self.answer.driven_ms[zone] < DRIVEN_MS:
            self._readings = self._drop_pa = 0
            self._own_pa = own_pa
            return False
        self._own_pa += (own_pa - self._own_pa) >> 3  # as the line is smoothed: a limb takes from both
        line_pa = self.sensing.worst_pa[line]
        mean_pa = self.answer.flow.line_pa
        if self._left_ms > 0:
            if self._sunk and mean_pa - self._own_pa > self._back_pa:
                self._left_ms = 0
                return True
            return False
        left_pa = line_pa - own_pa
        fell_pa = self._line_pa - line_pa - max(0, self._had_pa[zone] - own_pa)
        if fell_pa < FALLS_PA or left_pa > self._drop_pa >> LEFT_SHIFT or not self.answer.flow.steady:
            self._readings = 0
            self._line_pa = mean_pa
            self._drop_pa = mean_pa - self._own_pa
            for other in self.net.each_zone:
                self._had_pa[other] = self.levels.level_pa[other]
            self._had_pa[zone] = self._own_pa
        elif self._drop_pa > 0 and self.sensing.age_ms[own] == 0:
            self._readings += 1
            if self._readings >= READINGS:
                self._left_ms = BACK_MS
                self._back_pa = self._drop_pa >> 1
                self._sunk = False
                self.drive.refresh()
        return False

    def _watch_others(self):
        """Whether a zone that is shut has lost air since."""
        for other in self.net.each_zone:
            had_pa = self._had_pa[other]
            if self.levels.shut[other] and had_pa - self.levels.level_pa[other] > SINKS_PA:
                self._sunk = True
