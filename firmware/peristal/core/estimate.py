"""What the pressure of every zone probably is: its own sensor, or what the line's showed when it could."""

from array import array

from peristal.core import model
from peristal.core.units import NONE, pa, zeros

OLD_MS = 1000000
STILL_PA = 60  # two readings 40 ms apart that differ by less are one pressure and its noise
RECENT = 4
# Readings further apart than this are averaged over fewer: two zones, or three and more, share the ticks then.
EVERY_TICK_MS, EVERY_OTHER_MS = 25, 45


class Reading:
    """What a job looks at, tick by tick: average_pa, its rate_pa_s, and whether it is at rest.

    steady_pa_s is the rate a quarter of a second ago, without the pump's ripple, which beats with the ticks. still_ticks counts
    how long the reading has been at rest, and static_pa() is the mean of the latest: a narrow valve lets a line that was driven
    to its ceiling fall for a tenth of a second longer than a wide one.
    """

    def __init__(self):
        self._recent_pa = zeros(RECENT)
        self._turn = 0
        self.restart(0)

    def restart(self, reading_pa):
        """Begins anew with this reading."""
        self.average_pa = reading_pa
        self.rate_pa_s = self.steady_pa_s = 0
        self.still_ticks = 0
        self.lag_ms = 0  # how far the average is behind
        self._since_ms = 0

    def tick(self, elapsed_ms, reading_pa, fresh):
        """A new reading; what is not fresh (not every sensor is read in every tick) only takes time."""
        since = self._since_ms = self._since_ms + elapsed_ms
        self.lag_ms += elapsed_ms
        if not fresh or since <= 0:
            return
        shift = 2 if since <= EVERY_TICK_MS else 1 if since <= EVERY_OTHER_MS else 0
        change = (reading_pa - self.average_pa) >> shift
        self.average_pa += change
        self.rate_pa_s += (change * 1000 // since - self.rate_pa_s) >> (shift or 1)
        self.steady_pa_s += (self.rate_pa_s - self.steady_pa_s) >> 3
        self.lag_ms = (since << shift) - (since >> 1)
        self._since_ms = 0
        turn = self._turn = (self._turn + 1) % RECENT
        self.still_ticks = self.still_ticks + 1 if abs(reading_pa - self._recent_pa[turn - 2]) <= STILL_PA else 0
        self._recent_pa[turn] = reading_pa

    def static_pa(self):
        """Mean of the latest readings: the static pressure, once still_ticks says that they are at rest."""
        recent = self._recent_pa
        return (recent[0] + recent[1] + recent[2] + recent[3] + 2) >> 2


class Estimate:
    """pa and age_ms of every zone."""

    def __init__(self, net, sensing, drive):
        count = net.n_zones
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.pa = zeros(count)
        self.age_ms = zeros(count)
        self._line_gain_x16 = array("i", [16] * count)  # zone pressure over line pressure while it vents through the line
        self._all_gain_x16 = 16
        self._mix_ms = 0  # until zones that meet in the line have one pressure
        self._dump_ms = 0
        if net.vent_valve != NONE:
            vent = net.valves[net.vent_valve].c_ml_s_bar
            together = 0
            for zone in range(count):
                fill_c = net.fill_c[zone]
                together += fill_c
                self._line_gain_x16[zone] = 16 + 16 * vent * vent // (fill_c * fill_c)
                self._mix_ms = max(self._mix_ms, model.vent_ms(net.zones[zone].volume_ml, fill_c, pa(100), pa(10)))
            self._all_gain_x16 = 16 + 16 * vent * vent // (together * together)

    def reading(self, zone):
        """The latest reading that a job on this zone looks at."""
        sensor = self.net.zone_sensor[zone]
        return self.sensing.pa[sensor if sensor != NONE else self.net.line_sensor]

    def tick(self, elapsed_ms, idle):
        """New readings and the ageing of what cannot be seen; idle: no job is going on."""
        net = self.net
        zone_sensor, age_ms = net.zone_sensor, self.age_ms
        read_pa, read_ms = self.sensing.pa, self.sensing.age_ms
        for zone in net.each_zone:
            sensor = zone_sensor[zone]
            if sensor != NONE:
                self.pa[zone] = read_pa[sensor]
                age_ms[zone] = read_ms[sensor]
            elif age_ms[zone] < OLD_MS:
                age_ms[zone] += elapsed_ms
        if not idle:
            self._dump_ms = 0
        elif net.zone_sensor[0] == NONE and self.drive.in_place:
            self._from_dump(elapsed_ms)

    def known(self, zone, pressure_pa):
        """A zone was measured just now."""
        self.pa[zone] = pressure_pa
        self.age_ms[zone] = 0

    def venting(self, zone, line_pa):
        """A zone is open to the vent, alone: what the line reads tells what is in it."""
        if self.net.zone_sensor[zone] == NONE:
            self.known(zone, line_pa * self._line_gain_x16[zone] >> 4)

    def _from_dump(self, elapsed_ms):
        """With every valve at rest the line shows all zones together, once they have met in it."""
        if max(self.drive.state):
            self._dump_ms = 0
        elif self._dump_ms < self._mix_ms:
            self._dump_ms += elapsed_ms
        else:
            pressure = self.sensing.pa[self.net.line_sensor] * self._all_gain_x16 >> 4
            for zone in self.net.each_zone:
                self.known(zone, pressure)
