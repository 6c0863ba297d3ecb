"""What the zones that should get no air do while one is driven: air that was meant for it may show in another.

Then the two are crossed, or the other one's valve lets in what it should not; a neighbour that is pressed from outside shows less.
"""

from peristal.core import faults
from peristal.core.levels import TEN_PA
from peristal.core.units import NONE, pa, zeros

CROSSED_PA = pa(6)
SURELY_PA = pa(12)  # a neighbour shows a tenth of a zone whose sensor is dead
SHOWN_PA = pa(3)  # what another gains, in half the time in which a zone with a flow gains it, once it has begun to show
ELSEWHERE = 4
ROSE_PA = pa(1)
ELSE_PA = pa(2)
FALLS_MS = 1000  # a zone of 6 mmHg that is open to the air has lost 1 by then
GOT_TIMES = 6  # what a riser has gained, times this, is what the air of the drive brings it: a neighbour shows a tenth
SEEMS, SURE = 1, 2  # of `unfolded`


class Others:
    """begin_drive() when one begins; went_elsewhere() when one is over, another_rose(), comes_out() and shows_up() meanwhile.

    part: the zone that is to be named instead of the one that is driven, or NONE.
    """

    def __init__(self, net, levels, answer):
        self.net = net
        self.levels = levels
        self.answer = answer
        self.sharing = 0
        self.times = 0  # drives in a row after which another zone had risen
        self.shown_pa = 0  # by how much, when a silent slack zone's time was over
        self.start_pa = zeros(net.n_zones)  # every zone's, when the present drive began
        self.part = NONE
        self.riser = 0  # that rose most of those that should not

    def begin_drive(self):
        """A drive begins, or goes on with fewer zones side by side, or was answered: from now on it counts what others gain."""
        levels = self.levels
        self.sharing = levels.sharing
        for other in self.net.each_zone:
            if not levels.filling[other] or not self.answer.driven_ms[other]:
                self.start_pa[other] = levels.level_pa[other]

    def rise_pa(self, zone):
        """What a zone has gained since the last drive began."""
        return self.levels.level_pa[zone] - self.start_pa[zone]

    def most_pa(self, zone):
        """What one of the others that should get no air has gained since the last drive began, more than a second one: not from a limb."""
        most_pa = second_pa = 0
        for other in self.net.each_zone:
            if other != zone and not self.levels.filling[other]:
                rise_pa = self.rise_pa(other)
                second_pa = max(second_pa, min(most_pa, rise_pa))
                if rise_pa > most_pa:
                    most_pa = rise_pa
                    self.riser = other
        return most_pa - second_pa

    def means(self):
        """The air that was meant for one zone shows in another: one that had its own before has its own valve, which lets more in."""
        self.part = self.riser if self.answer.fed[self.riser] > 1 else NONE
        return faults.VALVES_CROSSED if self.part == NONE else faults.VALVE_STUCK_OPEN

    def another_rose(self, zone):
        """Whether the air that was meant for this zone shows in one that is shut."""
        most_pa = self.most_pa(zone)
        if self.levels.sharing > 1 or most_pa <= self.shown_pa + (SHOWN_PA if self.shown_pa else CROSSED_PA):
            return False
        return self._got_it(zone, most_pa)

    def _got_it(self, zone, most_pa):
        """Whether the one that rose most has what the air of this drive would bring it, or a part; a neighbour shows a tenth."""
        answer = self.answer
        riser = self.riser
        tens = answer.driven_ms[zone] * answer.flow_ml_s[zone] // self.levels.ten_ul(riser, self.start_pa[riser])
        return answer.unfolded[riser] != SURE or most_pa * GOT_TIMES >= tens * TEN_PA

    def comes_out(self, driven):
        """Whether the air that is meant for another shows in a zone that is open to the air (independent zones), the riser then.

        It rises, or in a drive of a second it does not fall, as what was let out does.
        """
        levels = self.levels
        least_pa = -ROSE_PA if self.answer.driven_ms[driven] > FALLS_MS else ROSE_PA
        for zone in range(self.net.n_zones if self.net.independent else 0):
            if not levels.open[zone] and not levels.shut[zone] and self.rise_pa(zone) > least_pa:
                if levels.level_pa[zone] > (ELSE_PA if self.rise_pa(zone) > ROSE_PA else CROSSED_PA):
                    self.riser = zone
                    return True
        return False

    def shows_up(self, zone):
        """Whether air that is meant for a slack zone begins to show in another, or only what a neighbour of a zone that is filled shows."""
        slack = self.answer.unfolded[zone] != SURE and self.net.zone_sensor[zone] != NONE
        if not slack or self.levels.sharing > 1 or self.shown_pa:
            return False
        shown_pa = self.most_pa(zone)
        if self.instead(zone) and shown_pa <= SURELY_PA and not self.comes_out(zone):  # what is open to the air does not go on rising
            self.shown_pa = shown_pa
        return self.shown_pa > 0

    def instead(self, zone):
        """Whether in its last drive another zone rose instead of this one."""
        most_pa = self.most_pa(zone)
        return self.rise_pa(zone) < max(ROSE_PA, most_pa >> 3) and most_pa > ELSE_PA

    def went_elsewhere(self, zone):
        """A drive of one zone has ended: whether again and again another zone rose instead, in however short pulses."""
        shown_pa = self.most_pa(zone)
        if self.rise_pa(zone) >= ROSE_PA:
            self.times = 0
        elif shown_pa > ELSE_PA and self._got_it(zone, shown_pa):
            surely = shown_pa > SURELY_PA and self.answer.unfolded[zone] != SURE  # while slack is taken up a limb does not press so much
            self.times += ELSEWHERE if surely else 2 if shown_pa > CROSSED_PA else 1
            return self.times >= ELSEWHERE
        return False
