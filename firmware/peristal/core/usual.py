"""What is usual for each zone, and whether something takes more: once says nothing, twice in a row does."""

from peristal.core.units import NONE, pa, zeros

ALIKE_PA = pa(16)  # a pump that weakens loses its flow drop, and a blind zone's first fill then ends so much higher
NEVER_MORE = 1 << 29


class Trend:
    """What each zone usually takes for something, from a like pressure (usual_pa; 0: none is known); slow: 2 where it was slower twice.

    last: the zone that was compared last, if it was slower; else NONE.
    """

    def __init__(self, count, more):
        self._more = more
        self._unsure = bytearray(count)
        self.usual = zeros(count)
        self.usual_pa = zeros(count)
        self.slow = bytearray(count)
        self.last = NONE

    def forget(self):
        """Nothing is usual any more."""
        self.last = NONE
        for zone in range(len(self.slow)):
            self.usual_pa[zone] = self.slow[zone] = 0

    def pressed(self):
        """Somebody sat down: where a limb may have helped the only fill that is known, what is usual is not known."""
        for zone in range(len(self.slow)):
            if self._unsure[zone]:
                self.usual_pa[zone] = 0

    def over(self, usual, took, least):
        """Whether that is more sixteenths more than usual than are healthy, and `least`."""
        return took > usual + (usual * self._more >> 4) + least

    def slower(self, zone, took, pressure_pa, least, first, most=NEVER_MORE, doubt=0):
        """Whether it was so twice in a row.

        first: what is usual until it is known, and from then on unless this is slower; most: what it can be at the most.
        doubt: 1 where a limb may have helped: if this is the first one, only what takes twice that is slower until another one was like it.
        """
        usual = self.usual[zone]
        fresh = abs(pressure_pa - self.usual_pa[zone]) > ALIKE_PA
        over = self.over(first if fresh else usual, took, least)
        # Twice as long once, and more than usual again: no limb helped a fill before by so much.
        if over and (fresh or self.slow[zone] or took - least > usual << self._unsure[zone]):
            self.slow[zone] = min(2, self.slow[zone] + 1)
            self.last = zone
        elif fresh:
            self.usual[zone] = first
            self.usual_pa[zone] = pressure_pa
            self._unsure[zone] = doubt
        else:
            self.last = NONE
            self.slow[zone] = 0
            self.usual[zone] = min(most, took if over else usual + (took - usual) // 4)
            self._unsure[zone] &= over
        return self.slow[zone] > 1
