"""Before a blind zone is told for want of a rise it is looked at with the pump still.

In a drive the line shows zone and flow together; still, it shows the zone alone: it may have risen under a line that stood still.
"""

from peristal.core import faults
from peristal.core.units import NONE, pa

RISE_PA = pa(3)
FIRM_PA = pa(15)  # from here on the chamber is stiff and answers fast
LOST_PA = pa(22)  # below what a blind zone had, and a third of it; a limb moves 20
LOOK_MS = 600  # a zone that keeps its air shows the same for so long, but for what it stretches (1 mmHg/s), ...
KEPT_PA = pa(1)
KEPT_SHIFT = 5  # ... and a healthy leak
FLOWS_PA = pa(3)  # and a quarter of its drop: so much less than in the drive it then shows when air flowed into it
LOOK_MOST_MS = 2000


class SecondLook:
    """zone: what is looked at while the pump rests, or NONE; tick() returns what it is told for, or OK while nothing is to be told."""

    def __init__(self, levels):
        self.levels = levels
        self.zone = NONE
        self.risen = False  # the look is over, and it has risen after all
        self._start_pa = self._drop_pa = self._rise_pa = self._line_pa = 0
        self._asked_ms = self._look_ms = self._look_pa = 0

    def ask(self, zone, start_pa, drop_pa, rise_pa, line_pa):
        """What it had before the drive, its declared drop, by how much the line rose in the drive, and what it showed, smoothed."""
        self.zone = zone
        self.risen = False
        self._start_pa = start_pa
        self._drop_pa = drop_pa >> 2
        self._rise_pa = rise_pa
        self._line_pa = line_pa
        self._asked_ms = self._look_ms = 0

    def tick(self, elapsed_ms):
        """Call in every tick after the levels, as long as there is a zone."""
        zone = self.zone
        self._asked_ms += elapsed_ms
        if not self.levels.static[zone]:
            if self._asked_ms <= LOOK_MOST_MS:
                return faults.OK
            self.zone = NONE
            return faults.NO_RISE  # another wish has come between
        level_pa = self.levels.level_pa[zone]
        if not self._look_ms:
            self._look_pa = level_pa
        self._look_ms += elapsed_ms
        if self._look_ms <= LOOK_MS:
            return faults.OK
        self.zone = NONE
        if level_pa < self._look_pa - KEPT_PA - (self._look_pa >> KEPT_SHIFT):
            return faults.NO_RISE  # what the pump brought leaves at once
        rose_pa = level_pa - self._start_pa
        if rose_pa >= RISE_PA:
            if rose_pa <= LOST_PA + self._drop_pa + self._rise_pa:
                self.risen = True
                return faults.OK
            return faults.VALVE_STUCK_OPEN  # without the line: from a zone that should be shut
        if level_pa >= FIRM_PA and self._line_pa - level_pa < FLOWS_PA + self._drop_pa:
            return faults.NO_ANSWER  # it keeps its air and gets none
        return faults.NO_RISE
