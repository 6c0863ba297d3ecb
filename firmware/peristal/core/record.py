"""What a session did to each zone: mmHg x minutes, as whole numbers, without allocating anything while it runs."""

from peristal.core.units import zeros

MMHG_MIN = 133322 * 60  # Pa x ms
LOOK_MS = 200


class Record:
    """dose (mmHg x min, whole) of every zone; ended is the last session, as a list, or None; changed says that it is not stored yet.

    That list: [when it began in s of the clock (0 = not known), program, mmHg, seconds, cycles, how it ended, dose of zone 1, ...].
    """

    def __init__(self, n_zones):
        self.dose = zeros(n_zones)
        self.ended = None
        self.changed = False
        self._rest = zeros(n_zones)
        self._ms = 0

    def begin(self):
        """A new session."""
        for zone in range(len(self.dose)):
            self.dose[zone] = self._rest[zone] = 0
        self._ms = 0

    def tick(self, elapsed_ms, pressure_pa):
        """Adds the pressures (an array of Pa by zone) of this tick."""
        self._ms += elapsed_ms
        if self._ms < LOOK_MS:
            return
        for zone in range(len(self.dose)):
            if pressure_pa[zone] > 0:
                rest = self._rest[zone] + pressure_pa[zone] * self._ms
                while rest >= MMHG_MIN:
                    self.dose[zone] += 1
                    rest -= MMHG_MIN
                self._rest[zone] = rest
        self._ms = 0

    def end(self, began_s, program, pressure_mmhg, seconds, cycles, how):
        """A session has ended; it waits to be stored."""
        self.ended = [began_s, program, pressure_mmhg, seconds, cycles, how] + list(self.dose)
        self.changed = True
