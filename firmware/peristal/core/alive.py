"""Whether a line that is held at its ceiling lives: its sensor could be frozen, and a zone without one of its own be filled unseen.

Such a line stands where it is, and its throttle takes back the flow little by little, whatever the reading is made of. It trembles all the
same: by the pump's strokes, or as it is throttled. Where it does not for two thirds of the time that the zone would need from its target to
the cap, the pump idles for a moment: the line of a zone that wants less falls by what the flow has dropped.
"""

from peristal.core.answer import SPREAD_PA, THROTTLED_PA
from peristal.core.levels import TEN_PA
from peristal.core.units import NONE, pa
from peristal.core.zone_watch import CAP_PA

DROPS_PA = pa(10)  # so much lower the zone must be kept: else the line need not fall
COASTED_MS = 100


class Alive:
    """tick() says that the line's sensor is frozen."""

    def __init__(self, net, sensing, levels, answer, line):
        self.net = net
        self.sensing = sensing
        self.levels = levels
        self.answer = answer
        self.line = line  # where the guard finds that the pump may only idle
        self._still_ms = self._idle_ms = 0
        self._top_pa = self._low_pa = 0  # since it last trembled

    def tick(self, elapsed_ms, wish):
        """Watches the line of a zone that only it can see."""
        if self.net.zone_sensor[0] != NONE:
            return False
        line_pa = self.sensing.worst_pa[self.net.line_sensor]
        zone = self.answer.driven
        if line_pa > self._top_pa:
            self._top_pa = line_pa
        if line_pa < self._low_pa:
            self._low_pa = line_pa
        shows = line_pa >= self.net.ceiling_pa - THROTTLED_PA and zone != NONE and line_pa >= wish.target_pa[zone] + DROPS_PA
        # The regulator may take an idle pump's line for the zone's own pressure and stop: one that lives falls all the same.
        held = shows and (self.levels.filling[zone] or (self._idle_ms and self.levels.open[zone] and not self.levels.vented))
        if not held or self._top_pa - self._low_pa >= SPREAD_PA:
            self._top_pa = self._low_pa = line_pa
            self._still_ms = self._idle_ms = self.line.idles_ms = 0
            return False
        if self._idle_ms:
            self._idle_ms += elapsed_ms
            return self._idle_ms > self.net.coast_ms + self.net.settle_ms[zone] + COASTED_MS
        self._still_ms += elapsed_ms
        target_pa = wish.target_pa[zone]
        room_ul = self.levels.ten_ul(zone, target_pa) * (max(DROPS_PA, CAP_PA - target_pa) * 20 // TEN_PA) // 30
        if self._still_ms * self.answer.flow_ml_s[zone] > room_ul:  # as declared; a line that is too full brings a third more
            self._idle_ms = self.line.idles_ms = elapsed_ms
        return False
