"""Which coils a job energises: the one place that knows what a manifold's and an independent board's valves do.

With every coil off all zones are open to the air; a zone is kept by energising.
"""

from peristal.core.units import NONE

NO_JOB, FILL, RELEASE, RELIEVE = range(4)
IDLE, CLOSING, OPENING, DRIVING, SETTLING = range(5)


class Routes:
    """The job (what is done to which zone) and its stage, and the coils that follow from them."""

    def __init__(self, net):
        self.net = net
        self.job = NO_JOB
        self.zone = NONE
        self.stage = IDLE

    def begin(self, job, zone):
        """Starts a job: first everything that must be closed closes."""
        self.job = job
        self.zone = zone
        self.stage = CLOSING

    def end(self):
        """No job: every zone is kept as it is."""
        self.job = NO_JOB
        self.zone = NONE
        self.stage = IDLE

    def write(self, wish, target_pa):
        """Writes the coils of the present job and stage."""
        if self.net.independent:
            self._write_independent(wish.coil, target_pa)
        else:
            self._write_manifold(wish.coil)

    def _write_manifold(self, coil):
        """All zones and the vent are closed (energised) except the job's zone, and the vent while air is let out."""
        for valve in range(self.net.n_valves):
            coil[valve] = 1
        if self.stage >= OPENING:
            coil[self.net.fill_valve[self.zone]] = 0
        if self.job == RELEASE or (self.job == RELIEVE and self.stage == DRIVING):
            coil[self.net.vent_valve] = 0

    def _write_independent(self, coil, target_pa):
        """A zone that should have pressure keeps its exhaust closed (energised); only the filling zone's inlet is open."""
        net = self.net
        for zone in range(net.n_zones):
            coil[net.fill_valve[zone]] = 0
            coil[net.exhaust_valve[zone]] = 1 if target_pa[zone] else 0
        if self.job == FILL and self.stage >= OPENING:
            coil[net.fill_valve[self.zone]] = 1
        elif self.job == RELIEVE and self.stage == DRIVING:
            coil[net.exhaust_valve[self.zone]] = 0
