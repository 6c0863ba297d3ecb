"""Does the pressure answer the pump? A frozen, disconnected or wrong sensor reads the same while the pump drives a zone.

The reading must go on rising, 3 mmHg where the declared parts would bring 10 (30 % of the rate; 8 of 20 on the line, where
the pump's strokes show), once the slack of a folded chamber is taken up; a line that shows a flow drop must also jump when
the pump starts. Which part fails follows from what else answers: no other zone either, or a line that shows no flow, is the
pump or the sensor; one zone alone is that zone. One that only the line can see is looked at with the pump still before it is
left out for want of a rise: it may have risen under a line that stood still. What this cannot see: a sensor that is
dead from the start, in the first fill of a folded chamber with a sensor of its own; there the relief valve is the limit.
"""


from peristal.core import faults
from peristal.core.flow import AT_ONCE_MS, LINE_RISE_PA, SEEN, SHOWS_PA, START_MS, WEAK_QUARTERS, Flow
from peristal.core.levels import TEN_PA
from peristal.core.others import ELSE_PA, SEEMS, SURE, Others
from peristal.core.patience import Patience
from peristal.core.second_look import FIRM_PA, LOST_PA, RISE_PA, RISEN
from peristal.core.units import NONE, clamp, pa, zeros

THROTTLED_PA = pa(14)  # this close to its ceiling the line is held where it is, ...
THROTTLED_SHIFT = 5  # ... in a zone that rises by less and less of the flow: 20 mmHg take a thirteenth of it, and more the higher it is
DIP_MS = 700  # where no flow shows at all none can do harm: until then the other zones show whether the valves, too, have lost their 12 V
UNFOLDED_PA = pa(4)  # the slack is taken up ...
GONE_PA = pa(1)  # ... or it was a limb
LIMB_MS = 2500  # a limb that moves presses for 2 s ...
LIMB_PA = pa(21)  # ... and with 20 mmHg
FELL_PA = pa(10)
FALL_PA = pa(4)
SPREAD_PA = 213  # 1.6 mmHg: less is a sensor's noise, more the strokes of a pump that runs
LEAST_DROP_PA = pa(2)  # no noise of two smoothed readings is half of that
SPIN_UP_MS = 150
SLOW_MS = 800  # on the line, whose strokes hide it for a while, a patience as long as this shows whether a zone rises all the same, ...
RISING_PA, LINE_RISING_PA = 80, 200  # ... in its second half, smoothed: a tenth of what the parts should bring
SOON_RISING_PA = 40  # ... and of a shorter one: four times what is left of a sensor's noise
KNOWN_PA = pa(60)  # where the flow drops more, throttling decides what the line shows
FLOWS_QUARTERS = 2  # a flow drop of half of the declared one and more: seven tenths of the flow, so the zone does not keep it


class Answer(Patience):
    """tick() returns the zone that was driven for too long without an answer, or NONE; fault is what that means.

    flows: the line showed the pump's flow into that zone, which has a sensor of its own.
    """

    def __init__(self, net, sensing, drive, levels, second, coming):
        Patience.__init__(self, net, levels, Flow(net, sensing, levels))
        count = net.n_zones
        self.sensing = sensing
        self.drive = drive
        self.fault = faults.OK
        self.flows = False
        self.fed = bytearray(count)  # in this session: 1: the pump has driven it; 3: and it rose
        self.others = Others(net, levels, self)
        self._seems_ms = zeros(count)
        self._unanswered = 0  # zones in a row
        self._in_vain = NONE  # the last of them on a leg that is worn
        self.driven = NONE  # the zone of the last drive, ...
        self._held_permille = 0  # ... and the flow with which the line last stood at its ceiling in it
        self._least_permille = net.board.pump.min_duty_permille
        self._anchor_pa = zeros(count)
        self._peak_pa = zeros(count)
        self._top_pa = zeros(count)  # highest and lowest reading of the silence's second half
        self._low_pa = zeros(count)
        self._silent = zeros(count)  # ms at full flow, times 1000
        self._had_pa = 0  # the most that it surely had in this drive, where only the line shows it
        self._slowed = False  # the present drive's zone has risen slowly
        self._dry = False  # its line has shown nothing of the flow for so long that the coils were pulled in again
        self._other = NONE  # that has answered since the silence was half over
        self._smooth_pa = self._half_pa = 0  # of the zone that is driven alone; and when half of its patience was over
        self._half_silent = 0  # how long it had been silent by then
        self._base_pa = 0  # what the line showed of it as the pump was at full flow
        self._apart_pa = pa(200)  # by how much it was above a zone that rose; before that no line is
        self.second = second
        self.coming = coming
    def begin(self):
        """A new session: the sleeves may have been taken off and folded."""
        self._unanswered = self.flow.dry_ms = self.others.times = 0
        self._in_vain = self.second.again = NONE
        self.second.end()
        for zone in self.net.each_zone:
            self.unfolded[zone] = self.fed[zone] = self._silent[zone] = self.driven_ms[zone] = 0

    def tick(self, elapsed_ms):
        """Counts driven time without an answer, over as many short pulses as it takes."""
        net, levels, others = self.net, self.levels, self.others
        least = self._least_permille
        flow_permille = clamp((self.drive.pump_permille - least) * 1000 // (1000 - least), 100, 1000)
        silent = NONE
        self.flow.tick(flow_permille)
        lowest_pa = self._lowest() if levels.sharing > 1 else 0
        if levels.sharing != others.sharing and levels.sharing:
            others.begin_drive()
        folded = False  # one that still takes up its slack gets all the air
        for zone in net.each_zone:
            if levels.filling[zone] and not self.unfolded[zone]:
                folded = True
        for zone in net.each_zone:
            own = net.zone_sensor[zone]
            if self.unfolded[zone] != SURE and (levels.static[zone] or self.unfolded[zone]):
                self._see(zone, levels.level_pa[zone], elapsed_ms, own == NONE)
            driven = levels.filling[zone]
            driven_ms = self.driven_ms[zone]
            if not driven:
                if driven_ms > SPIN_UP_MS and own != NONE and others.sharing < 2 and others.went_elsewhere(zone):
                    self.fault = others.means()
                    silent = zone if others.part == NONE else others.part
                if driven_ms and own != NONE:
                    # A top-up of 2 mmHg is two thirds of an answer; what it leaves of the silence counts on in the next.
                    rose_pa = clamp(others.rise_pa(zone), 0, RISE_PA)
                    self._silent[zone] -= (self._silent[zone] >> 10) * rose_pa // RISE_PA << 10
                self.driven_ms[zone] = 0
                if self.coming.owed_ul[zone] and self.coming.is_silent(zone):
                    silent = self._blame(zone, levels.level_pa[zone], levels.level_pa[zone], False)
                if own == NONE:
                    if levels.static[zone] and zone == self.driven:
                        if self._is_lost(levels.level_pa[zone]):  # as the pump stopped
                            self.second.doubt(zone, faults.OK)
                        self._had_pa = 0
                    if self.second.zone == NONE and levels.static[zone] and levels.level_pa[zone] >= FIRM_PA and zone != self._in_vain:
                        self._unanswered = 0  # with the pump still it has kept its air; one that got it in vain loses it
                    continue
            reading = self.sensing.worst_pa[own if own != NONE else net.line_sensor]
            if driven:
                if driven_ms > START_MS:
                    self._smooth_pa += (reading - self._smooth_pa) >> 3
                else:
                    self._smooth_pa = self._base_pa = reading
                if own == NONE and driven_ms > START_MS + net.settle_ms[zone] and self.flow.drop_pa[zone] < KNOWN_PA:
                    self._watch_loss(zone)
            if self._has_answered(zone, reading, own == NONE, flow_permille):
                if own != NONE and driven and driven_ms > START_MS:
                    self._unanswered = 0
                    self.fed[zone] = 3
                    self._goes_on(zone)
                elif zone == self.second.again and driven_ms > START_MS:
                    self.second.again = NONE
                    self.fault = faults.SUPPLY_DIP  # the flow is back, as no pump that has failed brings it
                    silent = zone
                self._silent[zone] = 0
            elif driven and (levels.sharing == 1 or (reading < lowest_pa + RISE_PA and not (folded and self.unfolded[zone]))):
                found = self._wait(zone, reading, elapsed_ms, flow_permille)
                if found != NONE:
                    silent = found
            if driven:
                self.fed[zone] |= 1
                self.driven_ms[zone] = driven_ms = driven_ms + elapsed_ms
                dry_ms = self.flow.dry_for_ms(zone, elapsed_ms, driven_ms, flow_permille)
                if self._dry and self.flow.is_back(zone):
                    self._dry = False
                    self.fault = faults.SUPPLY_DIP
                    silent = zone
                elif dry_ms > AT_ONCE_MS >> 1:
                    self.drive.refresh()  # before anything is blamed: a dip of the 12 V leaves open what was held
                    self._dry = True
                if dry_ms > AT_ONCE_MS:
                    if own == NONE:
                        self.second.doubt(zone, faults.NO_ANSWER)
                    else:
                        self.fault = faults.NO_ANSWER
                        silent = zone
        zone = self.second.zone
        if zone != NONE:
            self.fault = self.second.tick(elapsed_ms)
            if self.fault == RISEN:
                self._unanswered = 0
                self._in_vain = NONE
            elif self.fault:
                return zone
            elif self.second.again == zone:
                self.flow.dry_ms = 0
            return NONE
        return silent

    def _wait(self, zone, reading, elapsed_ms, flow_permille):
        """A zone is driven and shows nothing of it. Returns the zone to be named once its patience is over, or NONE."""
        levels = self.levels
        blind = self.net.zone_sensor[zone] == NONE
        # While the pump spins up it moves little: pulses that are too short for more count for a quarter.
        counted_ms = elapsed_ms if self.driven_ms[zone] > SPIN_UP_MS else elapsed_ms >> 2
        if not blind:
            flow_permille = max(flow_permille, self._brings_permille(zone, reading, flow_permille))
        self._silent[zone] += counted_ms * flow_permille // levels.sharing
        zone_pa = reading
        if blind:
            zone_pa -= self.flow.drop_pa[zone] * (flow_permille * flow_permille // 1000) // 800
        patience_ms = self._patience_ms(zone, zone_pa, blind)
        if self._silent[zone] < patience_ms * 500:
            self._top_pa[zone] = self._low_pa[zone] = reading
            self._half_pa = self._smooth_pa
            self._other = NONE
            self._half_silent = self._silent[zone]
        elif reading > self._top_pa[zone]:
            self._top_pa[zone] = reading
        elif reading < self._low_pa[zone]:
            self._low_pa[zone] = reading
        # A zone that has just become firm has a shorter patience, the second half of which is still to be seen.
        waited = self._silent[zone] - self._half_silent >= patience_ms * 500 or blind or levels.sharing > 1
        if patience_ms < DIP_MS and self.flow.quarters(zone) < WEAK_QUARTERS:
            patience_ms = DIP_MS
        if self._silent[zone] <= patience_ms * 1000 or not waited:
            return NONE
        self._silent[zone] = 0
        if self.others.shows_up(zone):
            self._silent[zone] = (patience_ms - (self._full_ms[zone] >> 1)) * 1000
            return NONE
        return NONE if self._rises_slowly(zone, patience_ms, blind) else self._blame(zone, reading, zone_pa, blind)

    def _blame(self, zone, reading_pa, zone_pa, blind):
        """What its silence means; a blind zone is looked at again before it is named. Returns the zone to be named now, or NONE."""
        self.fault = self._meaning(zone, reading_pa, zone_pa)
        if blind and self.fault == faults.NO_RISE:
            smooth_pa = self._smooth_pa
            # A fast chamber has risen before the pump was at full flow, too.
            early_pa = TEN_PA * START_MS * self.flow_ml_s[zone] // self.levels.ten_ul(zone, FIRM_PA)
            rise_pa = early_pa + max(0, smooth_pa - self._base_pa)
            # Where next to nothing drops the line shows the zone alone.
            full = self.flow.permille >= 500 and self.flow.drop_pa[zone] < LINE_RISE_PA
            shows = full or self.flow.now_pa(zone) >= LINE_RISE_PA
            self.second.ask(zone, self.others.start_pa[zone], self.flow.drop_pa[zone], rise_pa, smooth_pa, shows)
            return NONE
        if blind and self.fault == faults.NO_ANSWER:
            self.second.doubt(zone, faults.NO_ANSWER)
            return NONE
        return zone if self.others.part == NONE else self.others.part

    def _see(self, zone, level_pa, elapsed_ms, from_line):
        """A zone that has had air and shows pressure is unfolded; or a limb presses a slack one, and lets go within 2 s."""
        levels = self.levels
        if level_pa >= UNFOLDED_PA and (from_line or self.fed[zone]):
            if not self.unfolded[zone]:
                self.unfolded[zone] = SEEMS
                self._seems_ms[zone] = self._unanswered = 0
            self._seems_ms[zone] += elapsed_ms
            if from_line or level_pa > LIMB_PA or self._seems_ms[zone] > LIMB_MS:
                self.unfolded[zone] = SURE
                self._silent[zone] = 0  # counted against the patience for a folded chamber
        elif self.unfolded[zone]:
            if levels.vented if levels.open[zone] else not levels.shut[zone]:
                self.unfolded[zone] = SURE  # it was let out
            elif level_pa < GONE_PA:
                self.unfolded[zone] = 0

    def _watch_loss(self, zone):
        """A line that falls far below what the zone must have had: torn, unplugged, or nothing holds any valve."""
        drop_pa = self.flow.now_pa(zone) * 5 >> 2  # a quarter more than declared
        if self._smooth_pa - drop_pa > self._had_pa:
            self._had_pa = self._smooth_pa - drop_pa
        elif self._is_lost(self._smooth_pa):
            self._had_pa = 0
            self.second.doubt(zone, faults.OK)

    def _is_lost(self, level_pa):
        """Whether the zone of the last drive, with this, has lost its air."""
        return level_pa < self._had_pa - LOST_PA and level_pa * 3 < self._had_pa << 1

    def _lowest(self):
        """Of zones that are driven side by side the lowest gets the air; the others need not rise."""
        lowest = pa(200)
        for zone in self.net.each_zone:
            own = self.net.zone_sensor[zone]
            if self.levels.filling[zone] and own != NONE:
                lowest = min(lowest, self.sensing.worst_pa[own])
        return lowest

    def _meaning(self, zone, reading_pa, zone_pa):
        """What silence means: the pump or the sensor, or the zone alone."""
        self.others.part = NONE
        quarters = self.flow.quarters(zone)
        self.flows = quarters >= FLOWS_QUARTERS or (self.flow.now_pa(zone) < SHOWS_PA >> 1 and self._goes_out(zone, reading_pa))
        # What a blind zone has comes on top of its drop: with less than half of that the flow is lost before it, or there is none.
        blind = self.net.zone_sensor[zone] == NONE
        if not blind and (self.others.another_rose(zone) or self.others.comes_out(zone)):
            return self.others.means()
        if not self.unfolded[zone] and self.flow.halves(zone):
            return faults.VALVE_STUCK_OPEN  # before it has had its slack's worth of air: another slack one takes it, too
        if quarters < WEAK_QUARTERS and (self.unfolded[zone] == SURE or not self.flow.parts(zone)):  # or another slack one gets it
            return faults.NO_ANSWER
        if blind and self.flow.shows[zone] and self.flow.line_pa << 1 < self.flow.now_pa(zone):
            return faults.NO_ANSWER
        still = self._top_pa[zone] - self._low_pa[zone] < SPREAD_PA
        fell = self._peak_pa[zone] - self._anchor_pa[zone] > FELL_PA
        if blind:
            if still:  # no strokes of the pump either
                return faults.SENSOR_FROZEN if reading_pa >= FIRM_PA else faults.NO_ANSWER
        elif self.unfolded[zone] and zone_pa >= FIRM_PA and not fell:
            return faults.SENSOR_FROZEN
        self._unanswered += 1
        if not self.net.independent and self._is_worn(zone):
            # Had it been one zone's own hole, the next would have answered the flow that the line shows: it is the way out of all.
            other = self._in_vain
            self._in_vain = zone
            rose = blind and self._smooth_pa - self._base_pa > LINE_RISE_PA  # slowly: from a pump that is weak, and it keeps it
            if self.flow.jumped[zone] == SEEN and self._unanswered > 1 and other != NONE and other != zone and not rose:
                return faults.VALVE_STUCK_OPEN
        if self.flow.jumped[zone] == SEEN or (self._unanswered < 2 and self.net.n_zones > 1):
            return faults.NO_RISE
        return faults.NO_ANSWER

    def _goes_on(self, zone):
        """A zone with a sensor of its own has answered the pump: from here on what others gain was meant for it."""
        self._other = zone
        self._apart_pa = self.flow.line_pa - self._smooth_pa
        if self.levels.sharing < 2 and self.unfolded[zone] == SURE:
            if self._silent[zone] > self._patience_ms(zone, FIRM_PA, False) * 1000:
                self._slowed = True  # the pump brings it less and less: it does not keep it
            self.others.begin_drive()

    def _goes_out(self, zone, reading_pa):
        """Whether what a zone with a sensor of its own does is a hole's doing: a pump that stands lets nothing out, and lifts nothing."""
        own = self.net.zone_sensor[zone]
        if own == NONE or (self.net.line_sensor != NONE and self.flow.line_pa < reading_pa):
            return False
        if self.levels.sharing > 1:  # the air of the lowest goes to another one all the same
            return self._other != NONE
        # However little drops: where line and zone are as far apart as when it still rose, the pump runs.
        drop_pa = self.flow.now_pa(zone)
        if drop_pa > LEAST_DROP_PA and self.flow.line_pa - self._smooth_pa > self._apart_pa - (drop_pa >> 1):
            return True
        return self._slowed or self._peak_pa[zone] - reading_pa > ELSE_PA

    def _rises_slowly(self, zone, patience_ms, from_line):
        """Whether a zone that is driven alone rises all the same: a weak pump or a leak, for which leaks.py has the name."""
        least_ms = SLOW_MS if from_line else START_MS  # smoothed from then on
        if self.levels.sharing > 1 or self.driven_ms[zone] < least_ms or (from_line and patience_ms < SLOW_MS):
            return False
        least_pa = LINE_RISING_PA if from_line else RISING_PA if patience_ms >= SLOW_MS else SOON_RISING_PA
        slowly = self._smooth_pa - self._half_pa > least_pa
        if slowly:
            self._slowed = True
        return slowly

    def _is_worn(self, zone):
        """Whether some zone of its leg has taken its slack."""
        for other in self.net.each_zone:
            if self.unfolded[other] == SURE and self.net.leg_of[other] == self.net.leg_of[zone]:
                return True
        return False

    def _watch_drive(self, zone, reading_pa, from_line):
        """The pump begins to drive a zone, or goes on."""
        if self.driven_ms[zone]:
            self.flow.watch_jump(zone)
            return
        self.driven = zone
        self._held_permille = 0
        self.others.begin_drive()
        if from_line and (self.unfolded[zone] or not self._silent[zone]):
            self._anchor_pa[zone] = reading_pa
        self._peak_pa[zone] = reading_pa
        self._had_pa = self._half_silent = self.others.shown_pa = 0
        self._slowed = self._dry = False
        self._apart_pa = pa(200)
        self.flow.begin(zone)

    def _has_answered(self, zone, reading_pa, from_line, flow_permille):
        reading_pa = max(0, reading_pa)  # less than nothing is noise, from which nothing has risen
        if self.levels.filling[zone]:
            self._watch_drive(zone, reading_pa, from_line)
        if from_line and reading_pa >= self.net.ceiling_pa - THROTTLED_PA:
            flow = max(flow_permille, self.flow.permille)  # it trembles
            if not self.unfolded[zone] or flow <= self._held_permille - (self._held_permille >> THROTTLED_SHIFT):
                self._held_permille = flow
                return True
            self._held_permille = max(self._held_permille, flow)
        if from_line and self._silent[zone] and not self.unfolded[zone] and self.driven_ms[zone] < START_MS:
            return False  # a first fill goes on after a look: its flow drop comes back
        if reading_pa > self._peak_pa[zone]:
            self._peak_pa[zone] = reading_pa
        if reading_pa < self._anchor_pa[zone]:
            if reading_pa < self._anchor_pa[zone] - FALL_PA:
                self._silent[zone] = 0  # a limb let go, or a hose: not frozen; from here on it must rise again
            self._anchor_pa[zone] = reading_pa
        if reading_pa - self._anchor_pa[zone] < (LINE_RISE_PA if from_line else RISE_PA):
            return False
        self._anchor_pa[zone] = reading_pa
        return True
