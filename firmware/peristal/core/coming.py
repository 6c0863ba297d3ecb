"""Air that no sensor has shown: what a stopping pump still brings, and what a zone with its own sensor had and does not show.

A sensor that freezes while its zone is topped up near the cap would hide 20 mmHg in every short pulse; so air that was not answered
counts as being in the zone until it shows. What an honest zone owes is what the pump brought while it spun up: 7 mmHg at 95 mmHg a second.
"""

from peristal.core import limits
from peristal.core.levels import TEN_PA, TRIP_PA
from peristal.core.second_look import RISE_PA  # of ten that the declared parts bring: so much is an answer
from peristal.core.units import pa, zeros

NOISE_PA = pa(1)
SURE_PA = TRIP_PA - pa(3)  # a sensor may show 2 % less than there is (its datasheet)
NEAR_PA = TRIP_PA - 2 * TEN_PA  # one more pulse of a strong pump
LATE_MS = 40  # a reading is an average over a tick, and the pump stops in the next one


class Coming:
    """begin_tick() before any pumped(), both once a tick; too_late() and is_silent() say what follows.

    owed_ul: what was brought to each zone and not shown yet.
    """

    def __init__(self, net, sensing, levels):
        self.net = net
        self.sensing = sensing
        self.levels = levels
        self._ul = 0  # in this tick, and what a pump that was just told to stop still brings
        self._late_ms = (net.coast_ms >> 1) + LATE_MS  # slowing down, a pump brings half as much
        self.owed_ul = zeros(net.n_zones)
        self._waits = bytearray(net.n_zones)
        self._base_pa = zeros(net.n_zones)  # what it showed before that came
        self._fell_pa = zeros(net.n_zones)  # by so much it has fallen since: a zone that loses its air has a sensor that lives

    def begin_tick(self):
        """A pump that was stopped brings an eighth less with each tick."""
        self._ul -= self._ul >> 3

    def pumped(self, zone, here_ul, released):
        """What came to a zone in this tick: nothing when it has its pressure, or is let out."""
        if here_ul > self._ul:
            self._ul = here_ul
        level_pa = self.levels.level_pa[zone]
        rose_pa = level_pa - self._base_pa[zone]
        # As in answer.py, a limb that lets go shows that its sensor lives, too.
        if here_ul:
            self._fell_pa[zone] = 0
        if released or abs(rose_pa) >= RISE_PA or not self.owed_ul[zone] or self._fell_pa[zone] >= RISE_PA:
            self._base_pa[zone] = level_pa
            self.owed_ul[zone] = self._fell_pa[zone] = 0
        elif rose_pa < (-NOISE_PA if here_ul else 0):
            self._base_pa[zone] = level_pa
            self._fell_pa[zone] -= rose_pa
        elif self.levels.settled(zone) and rose_pa * 10 >= self._owed_pa(zone) * 3:
            self.owed_ul[zone] = 0
        if level_pa >= RISE_PA:  # a slack chamber shows nothing of its air
            self.owed_ul[zone] += here_ul

    def too_late(self, zone):
        """Whether what comes until the pump stands lifts a zone with its own sensor above the trip."""
        level_pa = self.levels.level_pa[zone]
        late_ms = self._late_ms + self.sensing.age_ms[self.net.zone_sensor[zone]]
        coming_pa = self._ul // limits.TICK_MS * late_ms * TEN_PA // self.levels.ten_ul(zone, level_pa)
        if self.levels.settled(zone) or not self.owed_ul[zone]:
            self._waits[zone] = 0
        if level_pa + self._owed_pa(zone) + coming_pa >= SURE_PA:
            self._waits[zone] = 1  # until it shows, or the pump stands: is_silent() judges a still zone alone
        return self._waits[zone] > 0

    def is_silent(self, zone):
        """Whether a pump that stands has brought ten mmHg that do not show, and may bring hardly more."""
        owed_pa = self._owed_pa(zone)
        near = owed_pa >= TEN_PA and self.levels.level_pa[zone] + owed_pa >= NEAR_PA
        return near and self._fell_pa[zone] <= NOISE_PA and self.levels.settled(zone)

    def _owed_pa(self, zone):
        return self.owed_ul[zone] * 100 // self.levels.ten_ul(zone, self.levels.level_pa[zone]) * TEN_PA // 100
