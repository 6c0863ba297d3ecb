"""From what a program wants to what is asked for: pressures follow their goals no faster than one line can serve them.

A zone that waits for its turn to be let out keeps its old target meanwhile, or it would be far above its new one for so long
that the guard had to step in.
"""

from peristal.core.units import pa, zeros

STEP_PA = pa(10)  # so much down at once is well within what the guard bears above a target


class Targets:
    """goal_pa of every zone is what the program wants now, target_pa what the regulator is asked for."""

    def __init__(self, net):
        self.net = net
        self.goal_pa = zeros(net.n_zones)
        self.target_pa = zeros(net.n_zones)
        self._behind = False

    def want(self, zone, goal_pa):
        """A new goal; follow() moves the target."""
        if self.goal_pa[zone] != goal_pa:
            self.goal_pa[zone] = goal_pa
            self._behind = True

    def set_all(self, target_pa):
        """The same for every zone, at once."""
        for zone in self.net.each_zone:
            self.goal_pa[zone] = self.target_pa[zone] = target_pa
        self._behind = False

    def at_most(self, zone, most_pa):
        """Lowers a goal, and its target at once by a small step; the rest follows."""
        if most_pa < self.goal_pa[zone]:
            self.want(zone, most_pa)
            if self.target_pa[zone] > most_pa > 0:
                self.target_pa[zone] = max(most_pa, self.target_pa[zone] - STEP_PA)

    def fall(self):
        """After a pause: all air is out, so nothing is left that would have to follow a lower goal."""
        for zone in self.net.each_zone:
            if self.goal_pa[zone] < self.target_pa[zone]:
                self.target_pa[zone] = self.goal_pa[zone]

    def there(self, first, end):
        """Whether the targets of these zones are what the program wants."""
        for zone in range(first, end):
            if self.goal_pa[zone] != self.target_pa[zone]:
                return False
        return True

    def follow(self, regulator):
        """Moves the targets: up and a little down at once; far down and, through a shared vent, out, one zone after the other."""
        if not self._behind:
            return
        net = self.net
        goal_pa, target_pa = self.goal_pa, self.target_pa
        kept_pa = out = 0
        for zone in net.each_zone:
            kept_pa |= goal_pa[zone]
            if target_pa[zone] == 0 and not regulator.reached[zone]:
                out += 1  # on its way out
        one_by_one = kept_pa and not net.independent
        waits = 0
        if one_by_one:
            for zone in net.each_zone:
                if goal_pa[zone] == 0 and target_pa[zone] > STEP_PA:
                    waits += 1
            waits -= 1 if waits and not out else 0  # the first one goes now
        calm = regulator.all_reached()
        behind = False
        for index in net.each_zone:
            zone = net.foot_first[index]
            goal, target = goal_pa[zone], target_pa[zone]
            if goal == target:
                continue
            if goal > target:
                wait = waits > 0  # what is let out makes room first
            elif goal == 0:
                wait = one_by_one and target > STEP_PA and out > 0
                out += 1
            else:
                wait = target - goal > STEP_PA and not calm
                calm = calm and target - goal <= STEP_PA
            if wait:
                behind = True
            else:
                target_pa[zone] = goal
        self._behind = behind
