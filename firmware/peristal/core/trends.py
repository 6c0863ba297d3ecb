"""What each fill and each release takes, against what it took before: valves and hoses wear, a pump weakens.

vent_ms of every zone can be read at any time; fills.slow says where the last fill took more than usual.
"""

from array import array

from peristal.core import faults, model
from peristal.core.reasons import WHY_FLOW
from peristal.core.units import NONE, clamp, pa, zeros
from peristal.core.usual import ALIKE_PA, NEVER_MORE, Trend

FULL_PA = pa(30)  # a fill that is compared
FIRM_PA = pa(60)
VENT_FROM_PA = pa(20)  # a release that is: a program that lets out slowly opens only then
PRESSED_PA = pa(3)  # what leaves does not rise: a limb; that release is not compared, and may last so much longer as a limb presses
VENTED_PA = pa(15)
COMPANY_SHIFT = 15  # one zone more that is let out through the same vent, or filled side by side, is unlike: no pressure is so high
SLOWER_MS = 200  # valves and readings may be so late, ...
LATE_MS = 100  # ... and a pump
MORE = 8  # sixteenths, and ...
MORE_FED = 3  # ... of a fill that the zone's own sensor sees: where no limb jumps into it no healthy one takes an eighth more
TWICE = 16  # ... of the time that a blind zone's air needs: healthy ones differ by four tenths, and no limb changes it much
LOOKS_MS = 1000  # and so much more than that: a zone that somebody sits on gets next to no air, and the looks take as long
DUE_PERMILLE = 1200  # of what the declared parts need: the most that is usual
LEAST_PERMILLE = 600  # the least that healthy blind ones need
LIMB_MS = 2000  # so long a limb may hold a zone up
FED_PA = 200  # 1.5 mmHg: the line only falls while a blind zone is let out, ...
FED_MS = 300  # ... once its valve and the way out are open
DUE_FROM_PA = 2000  # 15 mmHg
DUE_SHIFT = 10  # one entry of the table for each 1024 Pa
DUE_LITRES_SHIFT = 3  # of a chamber of 8 L, so that the model's steps of 20 ms do not show
GIFT_SHIFT = 4  # uL for each mL of its volume: 1.6 %; from 15 to 30 mmHg even the stiffest takes four times that
GIFTS = 2  # in a row
PACED = 128  # a fill that follows a ramp is like those that do, and no other; more than there are zones


def per_pa(took, level_pa):
    """What a fill took, were that 60 mmHg instead of this pressure."""
    return took * (FIRM_PA >> 4) // (level_pa >> 4)


class Trends:
    """tick() gives notices to the guard about vents; feed(), filled() and emptied() tell it of the fills."""

    def __init__(self, net, levels, guard):
        count = net.n_zones
        self.net = net
        self.levels = levels
        self.guard = guard
        self.vent_ms = zeros(count)
        self._from_pa = zeros(count)
        self._seen = bytearray(count)  # that was measured since its last fill, and is not what the line read in it
        self._venting_ms = array("i", [-1] * count)
        self._company = bytearray(count)  # the most zones that left through the line's vent meanwhile
        self.due_ms = zeros(count)  # what the declared parts need for it
        self._lowest_pa = zeros(count)  # meanwhile
        # From 15 mmHg and each 1024 Pa above it down to 15 mmHg, for 8 L through 1 L/(s bar).
        self._unit_ms = zeros(17)
        for step in range(1, 17):
            from_pa = DUE_FROM_PA + (step << DUE_SHIFT)
            self._unit_ms[step] = self._unit_ms[step - 1] + model.vent_ms(8000, 1000, from_pa, from_pa - (1 << DUE_SHIFT))
        self._leaving = self._leaving_ms = self._least_line_pa = 0  # how many blind zones are let out, since when, and what the line showed
        self._vents = Trend(count, MORE)
        self._least_permille = LEAST_PERMILLE if net.zone_sensor[0] == NONE else 0
        # How long the pump has driven it since it was let out, from 15 mmHg on, where its slack is taken up, until it has seven eighths of
        # its target; a blind one, how long it was open to the line until it was seen: through a narrow way the line must be waited for, as
        # the guard has the pump do where it sees the zone. -1: it has its pressure.
        self.fill_ms = zeros(count)
        self._air_ul = zeros(count)  # what the pump gave it meanwhile
        self._fed_pa = zeros(count)  # what it had last while it was open to the line, where its own sensor shows it
        self._beside = bytearray(count)  # the most zones that were filled side by side with it: who gets how much is not known
        self._target_pa = zeros(count)  # of the present fill
        self._blind = net.zone_sensor[0] == NONE
        self.given = bytearray(count)  # how often in a row it was full without having been filled
        # 1 where a limb may have helped since it was let out: the zone's own sensor has jumped up, or it has none that would.
        self.helped = bytearray([self._blind] * count)
        self.sat = bytearray(count)  # 1 where somebody sat down since its last fill: the air of the next one is no measure
        self.fills = Trend(count, MORE if self._blind else MORE_FED)
        self.airs = Trend(count, MORE)
        self.ways = Trend(count, TWICE)  # time for the air of a blind one: before a narrow way the line is full, and the pump waits

    def forget(self):
        """The pump may run slower from now on, or faster."""
        self.fills.forget()
        self.airs.forget()
        self.ways.forget()

    def pressed(self):
        """Somebody sat down: zones that he presses take less air, or have some that they did not get by a fill."""
        self.fills.pressed()
        for zone in self.net.each_zone:
            self.sat[zone] = 1

    def tick(self, elapsed_ms, wish):
        """From the release to 15 mmHg, of releases that begin at a like pressure and in like company.

        Call after the levels were judged, while a session goes on.
        """
        levels = self.levels
        fed = self._blind and self._is_fed(elapsed_ms)
        for zone in self.net.each_zone:
            level_pa = levels.level_pa[zone]
            passed = self._venting_ms[zone]
            if wish.target_pa[zone] or levels.shut[zone]:
                self._venting_ms[zone] = -1
                self._from_pa[zone] = level_pa
                if levels.static[zone]:
                    self._seen[zone] = 1
                elif levels.filling[zone]:
                    self._seen[zone] = 0
                continue
            if passed < 0:
                self._venting_ms[zone] = self._company[zone] = self.due_ms[zone] = 0
                if self.net.independent:
                    self.due_ms[zone] = self._due(zone)
                self._lowest_pa[zone] = level_pa
                continue
            if levels.vented and levels.open_count > self._company[zone]:
                self._company[zone] = levels.open_count
                self.due_ms[zone] = self._due(zone)
            if self._from_pa[zone] < VENT_FROM_PA:
                continue
            if level_pa < self._lowest_pa[zone]:
                self._lowest_pa[zone] = level_pa
            elif level_pa > self._lowest_pa[zone] + PRESSED_PA:
                self._lowest_pa[zone] = level_pa
                self._seen[zone] = 0
                passed = max(0, passed - LIMB_MS)
            if fed:
                self._seen[zone] = 0
                continue
            passed += elapsed_ms
            self._venting_ms[zone] = passed
            due_ms = self.due_ms[zone]
            if due_ms == 0:
                continue  # the line's vent is not open yet
            if level_pa >= VENTED_PA:
                if passed > (due_ms << 1) + LIMB_MS:
                    self.guard.notice(faults.VENT_SLOW, zone)  # no limb does that, nor a part within its tolerance
                continue
            if not self._seen[zone]:  # a limb; or a fill that the session's end cut short: from far lower, and so in no time
                self._from_pa[zone] = 0
                continue
            self.vent_ms[zone] = passed
            like_pa = self._from_pa[zone] + (self._company[zone] << COMPANY_SHIFT)
            took = passed * 1000 // due_ms
            least = SLOWER_MS * 1000 // due_ms
            # A blind one that needs less had less than it seemed: a limb had pressed it, or the line still showed a flow.
            if took >= self._least_permille and self._vents.slower(zone, took, like_pa, least, min(took, DUE_PERMILLE), DUE_PERMILLE):
                self.guard.notice(faults.VENT_SLOW, zone)
            self._from_pa[zone] = 0

    def _is_fed(self, elapsed_ms):
        """Whether more air comes to the line than what is let out: of a limb, or of zones whose valves let go in a dip of the 12 V."""
        levels = self.levels
        line_pa = levels.reading_pa(NONE)
        if not levels.vented or levels.open_count != self._leaving:
            self._leaving = levels.open_count if levels.vented else 0
            self._leaving_ms = 0
        self._leaving_ms += elapsed_ms
        if self._leaving_ms < FED_MS or line_pa < self._least_line_pa:
            self._least_line_pa = line_pa
        fed = line_pa > self._least_line_pa + FED_PA
        if fed and self._leaving_ms // FED_MS != (self._leaving_ms - elapsed_ms) // FED_MS:
            self.guard.drive.refresh()
        return fed

    def feed(self, zone, level_pa, target_pa, elapsed_ms):
        """It should have pressure and is open to the line."""
        fill_ms = self.fill_ms[zone]
        if fill_ms < 0:
            return
        guard = self.guard
        levels = self.levels
        blind = self._blind
        if levels.vented:
            if fill_ms or (blind and level_pa >= VENTED_PA):
                self.fill_ms[zone] = -1  # what it loses must come in twice, and what it has of the others' air need not come in
            return
        if target_pa != self._target_pa[zone]:
            self._target_pa[zone] = target_pa
            if fill_ms:
                self._beside[zone] = PACED
        filling = levels.filling[zone]
        if blind or (level_pa >= VENTED_PA and (filling or guard.reasons & WHY_FLOW)):
            if filling:
                self._air_ul[zone] += guard.zones.flow_ul
                self._beside[zone] = max(self._beside[zone], levels.sharing)
            self.fill_ms[zone] += elapsed_ms // max(1, levels.sharing)  # zones side by side share the flow
        # A ramp's target runs ahead of a narrow way.
        full_pa = FULL_PA if self._beside[zone] >= PACED else max(FULL_PA, target_pa - (target_pa >> 3))
        if blind:
            return
        self._fed_pa[zone] = level_pa
        if level_pa > full_pa:
            if level_pa > full_pa + (target_pa >> 4):
                self.fill_ms[zone] = 0  # at a jump: a limb brought it there
            self._took(zone, level_pa)

    def filled(self, zone, level_pa, target_pa):
        """A blind one is seen after a fill."""
        own_ul = self._air_ul[zone]
        # Before it gets any, it may show the full line in front of a kinked hose.
        if self.fill_ms[zone] >= 0 and level_pa > max(FULL_PA, target_pa - (target_pa >> 2)) and own_ul:
            if own_ul <= self.net.zones[zone].volume_ml << GIFT_SHIFT:
                self.given[zone] += 1  # next to none of the air was its own: it came with another's, or is the line's alone
                if self.given[zone] >= GIFTS:
                    self.guard.zones.relieve(zone, level_pa)
                self.fill_ms[zone] = -1
            else:
                self.given[zone] = 0
                # It may be let out long before it is full; then neither its time nor its pressure says anything. One that is full
                # with little air is one that somebody sits on; its time is enough.
                like_pa = target_pa + (self._beside[zone] << COMPANY_SHIFT)
                own_ul >>= 7
                pace = self.fill_ms[zone] * 1000 // own_ul
                least = NEVER_MORE if level_pa > target_pa - (target_pa >> 4) else LOOKS_MS * 1000 // own_ul
                if self.ways.slower(zone, pace, like_pa, least, pace):
                    self.guard.notice(faults.SLOW_FILL, zone)
                self._took(zone, level_pa)

    def emptied(self, zone):
        """It was let out: its next fill is one that is compared, and this one was too slow if its time was over before it was done."""
        if self.fill_ms[zone] > 0:
            self._ends(zone)
        self.fill_ms[zone] = self._air_ul[zone] = self._beside[zone] = 0
        self._fed_pa[zone] = 0
        self.helped[zone] = self._blind

    def _ends(self, zone):
        """Its fill was cut short: it has taken more than is usual for the whole, or for what the program's time was enough for."""
        level_pa = self._overdue_pa(zone, 0)
        fed_pa, usual_pa = self._fed_pa[zone], self._usual_pa(zone)
        if not level_pa and max(FULL_PA, usual_pa - ALIKE_PA) <= fed_pa <= usual_pa:
            if self.fills.over(self.fills.usual[zone], per_pa(self.fill_ms[zone], fed_pa), LATE_MS):
                level_pa = fed_pa
        if level_pa:
            self._took(zone, level_pa)

    def _overdue_pa(self, zone, level_pa):
        """This pressure, or the usual one of such a fill where it has taken too long even for that: a narrow way may end it lower."""
        usual_pa = self._usual_pa(zone)
        if level_pa < usual_pa and self.fills.over(self.fills.usual[zone], per_pa(self.fill_ms[zone], usual_pa), LATE_MS):
            return usual_pa
        return level_pa

    def _usual_pa(self, zone):
        """What a fill in the company of the present one ends with; 0 where nothing is usual that can be compared."""
        usual_pa = self.fills.usual_pa[zone] - (self._beside[zone] << COMPANY_SHIFT)
        return usual_pa if FULL_PA < usual_pa < 1 << COMPANY_SHIFT else 0

    def _took(self, zone, level_pa):
        """So long, and so much of what the pump should give, for this pressure. Where two zones in a row take more air, it is the pump."""
        fills = self.fills
        airs = self.airs
        level_pa = self._overdue_pa(zone, level_pa)
        first = took = per_pa(self.fill_ms[zone], level_pa)
        self.fill_ms[zone] = -1
        if took < LATE_MS:
            return  # it was full without having been filled
        like_pa = level_pa + (self._beside[zone] << COMPANY_SHIFT)
        before = airs.last
        air = per_pa(self._air_ul[zone] >> 3, level_pa)
        if self.sat[zone]:
            self.sat[zone] = 0
            airs.last = NONE
        else:
            airs.slower(zone, air, like_pa, self.net.zones[zone].volume_ml << GIFT_SHIFT - 3, air)
        unlike = fills.usual_pa[zone] ^ like_pa
        if unlike < PACED << COMPANY_SHIFT and abs((fills.usual_pa[zone] & (1 << COMPANY_SHIFT) - 1) - level_pa) <= ALIKE_PA:
            # A narrow way changes which zones fill side by side: in other company it is two thirds less sure.
            first = min(took, fills.usual[zone] * 5 // 3)
        doubt = self.helped[zone] or 1 < self._beside[zone] < PACED  # beside another zone it would be another share
        slower = fills.slower(zone, took, like_pa, LATE_MS, first, NEVER_MORE, doubt)
        if airs.last == zone != before != NONE:
            self.guard.notice(faults.PUMP_WEAK)
        elif slower:
            self.guard.notice(faults.SLOW_FILL, zone)

    def _due(self, zone):
        """How long the declared parts need from here to 15 mmHg; from 0.6 to 1.4 times that is what healthy ones take."""
        net = self.net
        level_pa = self.levels.level_pa
        volume = net.zones[zone].volume_ml
        fill_c = net.fill_c[zone]
        due_ms = self._vent_due(level_pa[zone], volume, net.out_c[zone])
        if net.independent:
            return due_ms
        vent_c = net.valves[net.vent_valve].c_ml_s_bar
        air = volume = ways_c = 0
        for other in net.each_zone:
            if not self.levels.shut[other]:
                air += net.zones[other].volume_ml * (level_pa[other] >> 4)
                volume += net.zones[other].volume_ml
                ways_c += net.fill_c[other]
        if net.zone_sensor[zone] == NONE and ways_c > fill_c:
            due_ms = max(due_ms, self.levels.mix_ms[zone])
        return max(due_ms, self._vent_due(air // volume << 4, volume, model.series(ways_c, vent_c)))

    def _vent_due(self, from_pa, volume_ml, way_c):
        from_pa = clamp(from_pa - DUE_FROM_PA, 0, (16 << DUE_SHIFT) - 1)
        step = from_pa >> DUE_SHIFT
        low = self._unit_ms[step]
        unit_ms = low + ((self._unit_ms[step + 1] - low) * (from_pa & 1023) >> DUE_SHIFT)
        return max(1, unit_ms * volume_ml // (way_c << DUE_LITRES_SHIFT))
