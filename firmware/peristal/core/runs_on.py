"""A pump that runs although nobody drives it: air comes from nowhere else.

Three things show it. A zone that is open to the still line rises in look after look, where a healthy one sags, or so does the line
with everything open; a way out stands open for three times what the zone's air needs, and there is still air; and a line in which
everything is shut rises above all zones.

What moves that line otherwise is a valve that opened, or a seat that leaks: each time everything is shut, and be it for a moment
between two zones, the line comes near the pressure behind it. Healthy it loses up to 7 mmHg a second, and gains nothing: no limb
presses it.
"""

from peristal.core import faults, model
from peristal.core.levels import STILL_MS, TEN_PA
from peristal.core.units import NONE, pa, zeros

LEAST_MS, MOST_MS = 120, 400  # a look that says something, and one that is long enough
RISES_PA = 200  # in a look, and 9 Pa in 10 ms: in a short one a line that fills through a narrow way brings 190, and a pulse less
WIDE_MS = 1200  # a look with everything open, in which the pump's strokes are less than what it brings, ...
WIDE_PA = pa(3)  # ... and nothing else rises for so long
CALM_PA = 60  # less, and the pump stands
ENOUGH = 3  # looks in a row; one with twice as much counts twice
APART_MS = 1500  # each so long after the one before: who sits down on a leg does it within a second
LETS_OUT_PA = pa(1)
GIVES_PA = pa(3)  # in a look of 400 ms at the most: no leak does that
OUT_TIMES = 3
PLACED_MS = 100
EMPTIES_FROM_PA = pa(8)  # a line that showed more of the zone behind it, and a quarter as it is shut: a wide way out empties it at once
SEAT_PA = pa(3)  # in LEAST_MS, twice in a session; a healthy line loses 0.8, and a sensor's noise is 1.6
OVER_PA = pa(25)  # a limb presses 20 into a zone whose valve may open
MOVED_PA = pa(8)  # above or below what it has shown for the last few ticks, ...
STEADY_MS = 200  # ... when all valves have been where they are for so long
MEET_MS, MOVED_MS = 100, 400  # until line and zones have met, and until it shows whether they fall together
HAS_PA = pa(15)
LOSES_PA = pa(1)  # and a 32nd in MOVED_MS; a zone next to one that lets go shows a tenth of it
LATE_MS = 40  # of a later tick the 12 V may have let go


class RunsOn:
    """tick() and lets_out() trip the guard."""

    def __init__(self, net, sensing, drive, levels, guard):
        self.net = net
        self.sensing = sensing
        self.drive = drive
        self.levels = levels
        self.guard = guard
        self.climbs = 0
        self._zone = NONE  # that is looked at, ...
        self._from_pa = self._last_pa = self._mean_pa = 0  # ... its first two readings' mean, its last one and the mean of its last two
        self._readings = 0
        self._step_pa = 0  # the largest between two readings: a limb lifts a zone at once
        self._look_ms = self._most_ms = 0
        self._apart_ms = APART_MS  # since the last look in which one rose
        self._out_ms = 0  # how long a way out has let air out since the pump was last driven
        self._before_pa = self._line_before_pa = 0  # what zone and line showed as a relief began
        self._line_pa = self._shut_pa = 0  # what the line showed in the last tick, and as everything was shut
        self._shut_ms = 0  # for how long
        self._emptied = False  # it was let out before that, all zones being shut (seat_look.py)
        self._open_pa = 0  # what the still line showed last of the zone that was open to it alone
        self._seen = False  # it has moved a little since, as it has _moves times in this session
        self._moves = 0
        self._moved_ms = 0  # since it moved far
        self._met_pa = self._stood_pa = 0  # what it showed until then, and once line and zones have met; and the first of these
        self._had_pa = zeros(net.n_zones)  # all of them, as the look began
        self._most_out_ms = zeros(net.n_zones)
        for zone in net.each_zone:
            self._most_out_ms[zone] = OUT_TIMES * model.vent_ms(net.zones[zone].volume_ml, net.out_c[zone], pa(80), pa(10))

    def forget(self):
        """A new session, or a cleared fault."""
        self.climbs = self._out_ms = self._moves = 0
        self._zone = NONE

    def tick(self, elapsed_ms):
        """Looks at the zone that alone is open to a still line, and at a line in which everything is shut."""
        if self.net.line_sensor != NONE:
            self._watch_shut(elapsed_ms, self.sensing.pa[self.net.line_sensor])
        if self._apart_ms < APART_MS:
            self._apart_ms += elapsed_ms
        if self.drive.pump_permille:
            self._out_ms = 0
        zone = self._looked_at()
        if zone != self._zone or self._look_ms > self._most_ms:
            if self._zone != NONE and self._look_ms >= LEAST_MS:
                self._judge(self._mean_pa - self._from_pa)
            self._zone = zone
            self._look_ms = self._readings = 0
            self._most_ms = WIDE_MS if self.levels.vented else MOST_MS
            for other in self.net.each_zone:
                self._had_pa[other] = self.levels.level_pa[other]
            self._step_pa = 0
        if zone == NONE:
            return
        for other in self.net.each_zone:
            if not self.levels.shut[other]:
                self._had_pa[other] = 0  # what it loses leaves by its own way out
        sensor = self.net.zone_sensor[zone]
        if sensor == NONE or self.levels.vented:
            sensor = self.net.line_sensor
        self._look_ms += elapsed_ms
        if self.sensing.age_ms[sensor]:
            return
        reading = self.sensing.pa[sensor]
        if self._readings:
            self._mean_pa = (reading + self._last_pa) >> 1
            if reading - self._last_pa > self._step_pa:
                self._step_pa = reading - self._last_pa
            if self._readings == 1:
                self._from_pa = self._mean_pa
        self._last_pa = reading
        self._readings += 1

    def _watch_shut(self, elapsed_ms, line_pa):
        """Whether a line in which everything is shut, the pump being still, moves at once, or gains air.

        What moves it far at once is a valve that opened. All of them (the 12 V failed): it shows the zones and falls with them; one
        zone's: it shows that zone and stays; the vent: it is empty.
        """
        last_pa = self._line_pa
        self._line_pa = line_pa
        levels = self.levels
        rests = self.drive.pump_still_ms > self.net.coast_ms + STILL_MS and elapsed_ms <= LATE_MS
        if levels.open_count or levels.vented or not rests:
            self._shut_ms = self._moved_ms = 0
            self._emptied = levels.vented and not levels.open_count
            if levels.open_count != 1 or levels.vented or not rests:
                self._open_pa = 0
            else:
                for zone in self.net.each_zone:
                    if levels.open[zone] and levels.settled(zone):
                        self._open_pa = line_pa
            return
        above = line_pa > levels.highest_pa + OVER_PA
        if self._shut_ms == 0:
            self._shut_pa = last_pa if above else min(last_pa, line_pa) if self._emptied else line_pa
            self._seen = False
        self._shut_ms = shut_ms = self._shut_ms + elapsed_ms
        rise_pa = line_pa - self._shut_pa
        if above and rise_pa > SEAT_PA:
            self.guard.trip(faults.PUMP_RUNS_ON)
        elif self._moved_ms or (shut_ms > STEADY_MS and abs(line_pa - self._met_pa) > MOVED_PA):
            if not self._moved_ms:
                self._stood_pa = self._met_pa
                for zone in self.net.each_zone:
                    self._had_pa[zone] = levels.level_pa[zone]
            self._moved_ms += elapsed_ms
            if self._moved_ms <= MEET_MS:
                self._met_pa = line_pa
            elif self._moved_ms > MOVED_MS:
                self._moved_ms = 0
                falling = line_pa > MOVED_PA >> 1 and self._met_pa - line_pa > LETS_OUT_PA
                if line_pa << 1 < levels.highest_pa:  # the way out is open: zones with sensors of their own tell whether they are, too
                    falling = falling or self.guard.plausible.all_sink(NONE)
                # What is back where it was, a limb had lifted: it presses no shut line, only a zone that is open to it.
                pressed = self._met_pa > line_pa and abs(line_pa - self._stood_pa) < SEAT_PA
                dip = (falling and not pressed) or self._all_lose()
                self.guard.trip(faults.SUPPLY_DIP if dip else faults.VALVE_STUCK_OPEN)
            return
        elif not self._seen and (
            self._fills_up(line_pa - last_pa)
            if rise_pa > SEAT_PA
            else shut_ms <= LEAST_MS and (rise_pa < -SEAT_PA or line_pa << 2 < self._open_pa > EMPTIES_FROM_PA)
        ):
            self._seen = True
            self._moves += 2 if self._emptied and rise_pa > SEAT_PA << 1 else 1  # so much of nothing is no noise
            if self._moves > 1:
                self.guard.trip(faults.VALVE_STUCK_OPEN)
        self._met_pa += (line_pa - self._met_pa) >> (2 if shut_ms > STEADY_MS else 0)

    def _fills_up(self, change_pa):
        """Whether a line that has risen got it from a zone: that ends with its pressure, or in a line that was let out goes on to it."""
        return change_pa < CALM_PA or (self._emptied and self._shut_ms >= LEAST_MS)

    def _all_lose(self):
        """Whether zones with sensors of their own have lost air since the line moved, all that have any: one valve lets out one."""
        found = 0
        for zone in self.net.each_zone if self.net.zone_sensor[0] != NONE else b"":
            if self._had_pa[zone] >= HAS_PA:
                found += 1
                if self._had_pa[zone] - self.levels.level_pa[zone] <= LOSES_PA + (self._had_pa[zone] >> 5):
                    return False
        return found > 1

    def _judge(self, rise_pa):
        """A look is over."""
        least_pa = WIDE_PA if self._most_ms > MOST_MS else max(RISES_PA, self._look_ms * 9 // 10)
        zone = self._zone
        # Twice what the whole flow of the pump brings: a limb, through a narrow valve, or a valve that opened.
        most_pa = 2 * self.guard.answer.flow_ml_s[zone] * self._look_ms * TEN_PA // self.levels.ten_ul(zone, self._mean_pa)
        if rise_pa < CALM_PA:
            self.climbs = 0
            taker = self.guard.plausible.gains.taker()
            # A limb presses it, or lets go of the one that is open; its air goes from one to the other.
            if rise_pa < -GIVES_PA and taker != NONE and self.levels.level_pa[taker] - self._had_pa[taker] > GIVES_PA:
                self.guard.trip(faults.VALVE_STUCK_OPEN, taker)
        elif least_pa <= rise_pa <= most_pa and self._step_pa * 4 <= rise_pa * 3 and self._readings > 3 and self._apart_ms >= APART_MS:
            if self.guard.zones.emptied:
                return  # the last relief emptied the line alone: it fills again from the zone, through a narrow way
            self._apart_ms = 0
            self.climbs += 2 if rise_pa >= least_pa << 1 else 1
            if self.climbs >= ENOUGH:
                giver = self._giver()
                self.guard.trip(faults.PUMP_RUNS_ON if giver == NONE else faults.VALVE_STUCK_OPEN, giver)

    def _giver(self):
        """The zone with a sensor of its own that should be shut and has lost in this look what the other has got, or NONE."""
        for zone in self.net.each_zone:
            if self.levels.shut[zone] and self.net.zone_sensor[zone] != NONE and self._had_pa[zone] - self.levels.level_pa[zone] > GIVES_PA:
                return zone
        return NONE

    def lets_out(self, zone, elapsed_ms, reading_pa, begins):
        """A zone is relieved: with the pump off its air is finite. begins: the relief begins with this tick."""
        line_pa = self.levels.reading_pa(NONE)
        if begins:
            self._before_pa = reading_pa
            self._line_before_pa = line_pa if self.drive.pump_still_ms > self.net.coast_ms + STILL_MS else 0
        # It does lead out; or the line shows that, and stands behind it as high as the zone.
        elif reading_pa < self._before_pa - LETS_OUT_PA or reading_pa - LETS_OUT_PA < line_pa < self._line_before_pa - MOVED_PA:
            self._out_ms += elapsed_ms
            if self._out_ms > self._most_out_ms[zone]:
                self._out_ms = 0
                self.guard.trip(faults.PUMP_RUNS_ON)

    def _looked_at(self):
        """The zone that is open to the line, alone, all else being shut and at rest; the first, where everything is open; or NONE."""
        levels = self.levels
        drive = self.drive
        net = self.net
        if (levels.vented and net.line_sensor == NONE) or levels.open_count != (net.n_zones if levels.vented else 1):
            return NONE
        zone = 0
        while not levels.open[zone]:
            zone += 1
        out = net.exhaust_valve[zone] if net.independent else net.vent_valve
        least_ms = PLACED_MS + (net.settle_ms[zone] << 1)  # a narrow valve fills the line as slowly again as it empties it
        if min(drive.still_ms[net.fill_valve[zone]], drive.still_ms[out]) < least_ms:
            return NONE
        if drive.is_open(out, net.rest_open[out]) and not levels.vented:
            return NONE
        return zone if drive.pump_still_ms >= net.coast_ms + net.settle_ms[zone] else NONE
