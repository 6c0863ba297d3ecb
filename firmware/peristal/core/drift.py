"""What a holding zone's pressure does, and why: the chamber stretches, the limb moves, air leaks, a neighbour presses.

What may be a limb is waited for; everything else is corrected as soon as it is seen. A zone with its own sensor shows in
every tick whether its pressure crept or jumped; a blind one only from look to look.
"""

from array import array

from peristal.core.units import NONE, pa, zeros

LOOK_MS = 8000  # a blind zone is looked at this often
LATE_MS = 16000  # a blind one waits this much longer for a fill to end
TOO_LATE_MS = 32000  # one that shows in every tick that it is off: 8 s, as its wait counts four times as fast
MOVEMENT_MS = 2200  # limb movement lasts up to 2 s
MOVED_PA = pa(5)  # a limb adds 5 to 20 mmHg
FAR_PA = pa(8)  # a healthy sleeve stretches by no more: for less no fill is interrupted
LOW_PA = 240  # a holding zone is topped up below this: the sensor itself may be 2 % off
BLIND_LOW_PA = 466  # 3.5 mmHg, where each look costs an opening
SOON_PERMILLE = 750  # of that, before a long fill: a good chamber loses the rest while the pump is not free
COMPANY_PERMILLE = 500  # where the pump starts for another in any case
AGAIN_PA = 240  # a zone that was topped up may fall so much further until the next one: it stretches or leaks more than a good one
MOST_LOW_PA = pa(4)
HIGH_PA = pa(3)
STEP_PA = pa(2)  # against the mean of the last second a sag or a leak is never this far, a limb is
SLOW_MS = 1000
SAG_PERMILLE = 80  # a sleeve stretches by 3 to 8 mmHg at 80 to 100 ...
EARLY_MS = 2000  # in these a fresh fill falls fastest: what is topped up then stays through the fill that comes next
EARLY_PA = pa(1)
OUT_MS = 8000  # as TOO_LATE_MS: it was below its band for 2 s, and a fill went on
FALLS_MS = 3000  # a fresh fill or top-up that is too high comes down by itself
SAG_MS = 15000  # ... in its first seconds
COUPLING_PERMILLE = 100  # the most that a neighbour's pressure shows in a zone
NEAR_PA = pa(1)
LEAK_PA = pa(10)  # in 10 s, after the stretch
LEAK_MS = 10000

STEADY, SAG, LIMB, LEAK, NEIGHBOUR = range(5)
NOW, WAIT = range(1, 3)
EARLY, NEVER = 1, 3


def cause(change_pa, since_ms, step_pa, near_pa, pressure_pa, held_ms):
    """Why a held pressure differs from what it was: STEADY, SAG, LIMB, LEAK or NEIGHBOUR.

    change_pa: since it was last right, since_ms ago; step_pa: of it, what came within a second (as far as was seen); near_pa:
    how much the neighbours' pressures together changed in that time; held_ms: since the zone was filled.
    """
    if -LOW_PA <= change_pa <= HIGH_PA:
        return STEADY
    shown_pa = near_pa * COUPLING_PERMILLE // 1000
    if change_pa > 0:
        return NEIGHBOUR if near_pa > 0 and change_pa <= shown_pa + NEAR_PA else LIMB
    if near_pa < 0 and change_pa >= shown_pa - NEAR_PA:
        return NEIGHBOUR
    if step_pa < -STEP_PA:
        return LIMB
    if held_ms < SAG_MS and -change_pa * 1000 <= pressure_pa * SAG_PERMILLE:
        return SAG
    return LEAK if -change_pa * LEAK_MS >= LEAK_PA * since_ms or -step_pa * LEAK_MS >= LEAK_PA * SLOW_MS else SAG


class Drift:
    """due() says which holding zone is to be looked at, waits() whether what is read then is to be left alone for now."""

    def __init__(self, net, estimate):
        count = net.n_zones
        self.net = net
        self.estimate = estimate
        self._blind = net.zone_sensor[0] == NONE
        self._first_low_pa = BLIND_LOW_PA if self._blind else LOW_PA
        # After an early top-up; on an independent board those have company, and cost no start of their own.
        self._least_low_pa = 0 if net.independent else self._first_low_pa
        self.low_pa = array("i", [self._first_low_pa] * count)  # so far below its target a holding zone is topped up
        self._look_ms = zeros(count)  # to the next look; with a sensor of its own: until it was off for long enough
        self._doubt = bytearray(count)  # off at the last look
        self._right_pa = zeros(count)  # when it was last right
        self._right_ms = zeros(count)
        self._held_ms = zeros(count)
        self._near_pa = zeros(count)
        self._slow_x16 = zeros(count)  # mean of about the last second
        self._was_held = bytearray(count)  # 2: and topped up since, or not to be
        self.leaks = bytearray(count)  # it was a leak that was topped up last
        self._early = bytearray(count)  # EARLY: it left its band while others were filled, and is topped up before that from then on

    def begin(self, zone):
        """A new pressure is asked for."""
        self._look_ms[zone] = 0
        self._was_held[zone] = self.leaks[zone] = 0

    def holds(self, zone, static_pa):
        """Right, as was just read."""
        if not self._was_held[zone]:
            self._was_held[zone] = 1
            # After a hold with more than one top-up, or with one even so, the next begins half a step further.
            more = self.low_pa[zone] > self._first_low_pa + AGAIN_PA
            self.low_pa[zone] = self._first_low_pa + (AGAIN_PA >> 1 if more else 0)
            self._held_ms[zone] = 0
        self._doubt[zone] = 0
        self._look_ms[zone] = (LOOK_MS >> self.leaks[zone]) if self._blind else MOVEMENT_MS
        self._right_pa[zone] = static_pa
        self._slow_x16[zone] = static_pa << 4
        self._right_ms[zone] = 0
        self._near_pa[zone] = self._near(zone)

    def corrected(self, zone, static_pa):
        """A holding zone is topped up; a blind one that leaks is looked at twice as often from then on."""
        self.leaks[zone] = self._cause(zone, static_pa) == LEAK
        self._was_held[zone] = 2
        self.low_pa[zone] = min(max(self.low_pa[zone], self._least_low_pa) + AGAIN_PA, MOST_LOW_PA)

    def tick(self, elapsed_ms, target_pa, reached):
        """Time passes; own sensors show what the pressure does."""
        for zone in self.net.each_zone:
            if target_pa[zone] == 0:
                continue
            self._right_ms[zone] += elapsed_ms
            self._held_ms[zone] += elapsed_ms
            if self._blind:
                self._look_ms[zone] -= elapsed_ms
            elif reached[zone]:
                self._watch(zone, elapsed_ms, target_pa[zone])

    def _watch(self, zone, elapsed_ms, target_pa):
        pressure = self.estimate.pa[zone]
        off = pressure - target_pa
        self._slow_x16[zone] += ((pressure << 4) - self._slow_x16[zone]) * elapsed_ms // SLOW_MS
        if -self.low_pa[zone] <= off <= HIGH_PA:
            self._look_ms[zone] = MOVEMENT_MS
        else:
            falls = off > 0 and self._right_ms[zone] < FALLS_MS
            self._look_ms[zone] -= elapsed_ms if falls or self._cause(zone, pressure) == LIMB else 4 * elapsed_ms
            if off > 0:
                if self._early[zone] and self.due(zone):
                    self._early[zone] = NEVER  # its neighbours lift it
            elif self._look_ms[zone] < -OUT_MS and self.estimate.drive.pump_permille:
                self._early[zone] |= EARLY

    def due(self, zone):
        """Whether a holding zone wants to be looked at."""
        return self._look_ms[zone] <= 0

    def soon(self, zone, deficit_pa, company=False):
        """Whether a zone with its own sensor that would be due within a long fill is to be topped up before it: 0, NOW, or WAIT a little.

        company: the pump is about to start for another that is topped up, and this one would join.
        From then on it is due here. One that fell out of its band in the last hold, as the line was not free, waits for its fast fall.
        """
        low = self.low_pa[zone] * (COMPANY_PERMILLE if company else SOON_PERMILLE) // 1000
        if self._early[zone] == EARLY and self._was_held[zone] == 1 and self.low_pa[zone] == self._first_low_pa:
            if self._held_ms[zone] < EARLY_MS:
                return WAIT
            self._was_held[zone] = 2
            low = EARLY_PA
            if deficit_pa < low:
                self._early[zone] = 0
        elif self._held_ms[zone] < FALLS_MS or self._cause(zone, self.estimate.pa[zone]) == LIMB:
            return 0
        if not low < deficit_pa < MOST_LOW_PA:
            return 0
        self.low_pa[zone] = low
        return NOW

    def overdue(self, zone, off_pa):
        """Whether it has wanted that for so long, and is so far off as far as is known, that a fill is to be interrupted."""
        off = off_pa < -FAR_PA or off_pa > FAR_PA
        return self._look_ms[zone] <= (-LATE_MS if self._blind else -TOO_LATE_MS) and (off or self._blind)

    def waits(self, zone, static_pa, deficit_pa):
        """Whether what is read may be a moving limb, to be looked at again before anything is done about it."""
        if not self._blind:
            return False
        # A stretching chamber sags by up to 8 mmHg; what a neighbour did is known.
        off = deficit_pa < -MOVED_PA or deficit_pa > MOVED_PA << 1
        if not off or self._doubt[zone] or self._cause(zone, static_pa) == NEIGHBOUR:
            self._doubt[zone] = 0
            return False
        self._doubt[zone] = 1
        self._look_ms[zone] = MOVEMENT_MS
        return True

    def _near(self, zone):
        """Pressures of the neighbours in the same leg together."""
        net = self.net
        near = 0
        for other in range(zone - 1, zone + 2, 2):
            if 0 <= other < net.n_zones and net.leg_of[other] == net.leg_of[zone]:
                near += self.estimate.pa[other]
        return near

    def _cause(self, zone, pressure_pa):
        change = pressure_pa - self._right_pa[zone]
        step = 0 if self._blind else pressure_pa - (self._slow_x16[zone] >> 4)
        near = self._near(zone) - self._near_pa[zone]
        return cause(change, self._right_ms[zone], step, near, pressure_pa, self._held_ms[zone])
