"""The guard's own judgement of the pressure in every zone, from readings and from what the outputs really did.

A zone with its own sensor is always known. On a manifold with one sensor a zone is known (static) only while its valve is
open, the pump has coasted and the vent is shut; while it fills the line's reading is an upper bound, while it vents the
line's reading times a factor of the two orifices is.
"""

from peristal.core import limits, model
from peristal.core.units import NONE, clamp, pa, zeros

RESIDUE_PA = pa(2)
STEP_PA = pa(15)
TEN_PA = pa(10)
TRIP_PA = pa(limits.highest("trip_mmhg"))
LONG_MS = 1 << 20
FELL_PA = pa(4)  # as a valve opened: one that is blocked shows the line as it was
GAINED_PA = pa(25)  # a limb moves 20, and a neighbour's pressure shows
STILL_MS = 50  # after the pump has coasted and the line has emptied into the zone; the regulator waits a little longer


class Levels:
    """level_pa: the highest pressure each zone may have; static: 1 where it was measured this tick; filling: 1 where the pump drives it.

    open: 1 where the way to the line is open or may be; shut: 1 where nothing can get in or out (by the coils).
    """

    def __init__(self, net, sensing, drive):
        count = net.n_zones
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.level_pa = zeros(count)
        self.static = bytearray(count)
        self.filling = bytearray(count)
        self.shut = bytearray(count)
        self.highest_pa = 0
        self.sharing = 0  # how many zones the pump drives
        self.open_count = 0
        self.vented = False  # the line's vent is open or may be
        self.gained = NONE  # a blind zone that was shut and shows more now than it had, under a line that had still more
        self.shut_pa = 0  # what the line showed last while everything was shut
        vent = net.valves[net.vent_valve].c_ml_s_bar if net.vent_valve != NONE else 0
        self._vent_squared = vent * vent
        self.open = bytearray(count)
        # Zones that meet in the line need this long until its reading speaks for each of them.
        self.mix_ms = zeros(count)
        # Air for ten mmHg at 15, 30, 45 ... mmHg in a chamber of 1000 mL.
        self._ten_ml = bytes([model.air_ml(1000, STEP_PA * at + TEN_PA) - model.air_ml(1000, STEP_PA * at) for at in range(1, 9)])
        self._together_ms = 0
        self._vent_ms = 0  # with a zone open since the line's vent is shut: until then zones fill it
        self._still_ms = zeros(count)
        for zone in range(count):
            self._still_ms[zone] = net.coast_ms + net.settle_ms[zone] + STILL_MS
            self.mix_ms[zone] = model.vent_ms(net.zones[zone].volume_ml, net.fill_c[zone], pa(100), pa(10))

    def tick(self, elapsed_ms):
        """Judges every zone; call after the sensors were read and before the outputs change."""
        net = self.net
        drive = self.drive
        state, still_ms = drive.state, drive.still_ms
        on_ms, off_ms = drive.on_ms, drive.off_ms
        opens, filling, rest_open = self.open, self.filling, net.rest_open
        driven = drive.pump_permille > 0
        open_c = 0
        was_open = self.open_count
        self.open_count = self.sharing = 0
        self.vented = net.vent_valve != NONE and drive.is_open(net.vent_valve, 1)
        if self._together_ms < LONG_MS:
            self._together_ms += elapsed_ms
        if self.vented:
            self._vent_ms = 0
        elif was_open and self._vent_ms < LONG_MS:
            self._vent_ms += elapsed_ms
        for zone in net.each_zone:
            valve = net.fill_valve[zone]
            # As drive.is_open() has it, without a call for every zone in every tick.
            if state[valve]:
                is_open = not rest_open[valve] or still_ms[valve] < on_ms[valve]
            else:
                is_open = rest_open[valve] or still_ms[valve] < off_ms[valve]
            if is_open:
                if not opens[zone]:
                    self._together_ms = 0  # another zone joins: the line speaks for all of them only once they have met
                opens[zone] = 1
                self.shut[zone] = 0
                open_c += net.fill_c[zone]
                self.open_count += 1
                if driven:
                    filling[zone] = 1
                    self.sharing += 1
                else:
                    filling[zone] = 0
            else:
                opens[zone] = filling[zone] = 0
                out = net.exhaust_valve[zone]
                self.shut[zone] = 0 if out != NONE and drive.is_open(out, rest_open[out]) else 1
        highest = 0
        if net.zone_sensor[0] != NONE:
            level_pa, static, zone_sensor = self.level_pa, self.static, net.zone_sensor
            worst_pa, age_ms = self.sensing.worst_pa, self.sensing.age_ms
            for zone in net.each_zone:
                sensor = zone_sensor[zone]
                level_pa[zone] = level = worst_pa[sensor]
                static[zone] = 0 if age_ms[sensor] else 1
                if level > highest:
                    highest = level
        else:
            self._from_line(open_c)
            for zone in net.each_zone:
                if self.level_pa[zone] > highest:
                    highest = self.level_pa[zone]
        if net.line_sensor != NONE and open_c and not driven and self.sensing.worst_pa[net.line_sensor] > highest:
            highest = self.sensing.worst_pa[net.line_sensor]
        self.highest_pa = highest

    def reading_pa(self, zone):
        """What the zone's sensor shows (NONE: the line's; 0 where there is none)."""
        sensor = self.net.sensor_of(zone)
        return self.sensing.pa[sensor] if sensor != NONE else 0

    def ten_ul(self, zone, at_pa):
        """The air that lifts a zone by ten mmHg there."""
        return self.net.zones[zone].volume_ml * self._ten_ml[clamp(at_pa // STEP_PA, 1, len(self._ten_ml)) - 1]

    def near_pa(self, zone):
        """The pressures of its neighbours on the leg together: boot chambers overlap by up to a tenth."""
        level_pa, leg_of = self.level_pa, self.net.leg_of
        near_pa = 0
        for other in range(zone - 1, zone + 2, 2):
            if 0 <= other < self.net.n_zones and leg_of[other] == leg_of[zone]:
                near_pa += level_pa[other]
        return near_pa

    def settled(self, zone):
        """Whether the pump has coasted, the zone's valve has moved and the line has emptied into it."""
        return self.drive.pump_still_ms >= self._still_ms[zone] and self.drive.still_ms[self.net.fill_valve[zone]] >= 100

    def _from_line(self, open_c):
        """One sensor on the line: what it says of each zone depends on what is open."""
        net = self.net
        drive = self.drive
        line_pa = self.sensing.worst_pa[net.line_sensor]
        vented = self.vented
        bound = line_pa
        if not open_c:
            self.shut_pa = line_pa
        else:
            ratio_x16 = 16 + 16 * self._vent_squared // (open_c * open_c)
            bound = (line_pa * ratio_x16 >> 4) + RESIDUE_PA
        level_pa = self.level_pa
        for zone in net.each_zone:
            self.static[zone] = 0
            if not self.open[zone]:
                continue
            valve = net.fill_valve[zone]
            settled = drive.still_ms[valve] >= 100
            if drive.pump_still_ms < self._still_ms[zone]:
                if line_pa > level_pa[zone]:
                    level_pa[zone] = line_pa
            elif vented:
                alone = settled and self.open_count == 1
                if (alone or self._together_ms >= self.mix_ms[zone]) and bound < level_pa[zone]:
                    level_pa[zone] = bound
            elif (
                settled
                and (line_pa > TRIP_PA or self._vent_ms >= self._still_ms[zone] - net.coast_ms)  # a still line shows no more than is there
                and (self.open_count == 1 or self._together_ms >= self.mix_ms[zone])
            ):
                if level_pa[zone] + GAINED_PA < line_pa < self.shut_pa - FELL_PA and line_pa <= TRIP_PA:
                    if drive.still_ms[valve] < 100 + net.settle_ms[zone]:
                        continue  # until the line has emptied into it
                    self.gained = zone
                level_pa[zone] = line_pa
                self.static[zone] = 1
