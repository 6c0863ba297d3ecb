"""Walks through one cycle of a program as the hardware would, in modelled time: how long is each zone pressed, does it rest?

Used once before a program runs, never per tick. A repeated part is walked twice and what it adds is multiplied, so that the
walk is short whatever the program says.
"""

from peristal.core import limits
from peristal.core.program import BOTH, HOLD, LONGEST_STEP_MS, RAMP, REACHED, REPEAT, ROW, ZONES, ProgramError, number_of
from peristal.core.units import pa, zeros

REST_MS = limits.lowest("rest_s") * 1000
RELEASED_PA = pa(limits.highest("released_mmhg"))
LONGEST_CYCLE_MS = limits.highest("minutes") * 60000


class NoReach:
    """Hardware that takes no time: what remains are the program's own times."""

    stretches = False
    one_by_one = False
    spare_ms = 0  # of the time under pressure

    def walked(self):
        """A step was walked through."""

    def dump_ms(self, level_pa):
        """Time until all zones, let out together from these pressures (foot first), are below 15 mmHg."""
        return 0

    def fill_ms(self, place, from_pa, to_pa):
        """Time to fill the zones at this place (0 = foot) from one pressure to a higher one."""
        return 0

    def vent_ms(self, place, from_pa, to_pa):
        """Time until the zones at this place have fallen from one pressure to a lower one."""
        return 0


class Walk:
    """cycle() raises ProgramError for what no program may do. Then: total_ms of the cycle, stretched (steps), says (of the first)."""

    def __init__(self, program, set_pa, reach=None):
        self.program = program
        self.set_pa = set_pa
        self.reach = reach or NoReach()
        self.total_ms = 0
        self.stretched = 0
        self.says = ""
        self._level_pa = zeros(ZONES)
        self._goal_pa = zeros(ZONES)
        self._out_ms = zeros(ZONES)  # until a zone that is let out in this step is below 15 mmHg
        self._pressed_ms = zeros(ZONES)
        self._low_ms = zeros(ZONES)
        self._most_low_ms = zeros(ZONES)

    def cycle(self):
        """Walks once, and once more where the end of a cycle and the beginning of the next belong together."""
        zones = range(self.program.zones)
        self._steps()
        if [zone for zone in zones if self._most_low_ms[zone] < REST_MS or self._pressed_ms[zone]]:
            for zone in zones:
                self._most_low_ms[zone] = 0
            self._steps()
        for zone in zones:
            low_ms = self._most_low_ms[zone]
            if low_ms < REST_MS:
                raise ProgramError("zone %d: rests %d ms in a cycle; allowed: at least %d ms below 15 mmHg" % (zone + 1, low_ms, REST_MS))

    def _steps(self):
        rows = self.program.rows
        self.total_ms = 0
        for step in range(self.program.length()):
            if rows[step * ROW + ZONES] == REPEAT:
                self._repeat(step, rows[step * ROW + ZONES + 3])
            else:
                self._step(step)
            if self.total_ms > LONGEST_CYCLE_MS:
                self._refuse("step %d: the cycle has taken %d s by then; allowed: up to %d s", step + 1, self.total_ms, LONGEST_CYCLE_MS)

        for zone in range(self.program.zones):
            self._ends_rest(zone)

    def _repeat(self, step, back):
        """The second pass through a repeated part; what it added, all further ones add too."""
        more = number_of(self.program.rows, step) - 2
        total_ms, pressed_ms, low_ms = self.total_ms, list(self._pressed_ms), list(self._low_ms)
        for inner in range(step - back, step):
            self._step(inner)
        self.total_ms += (self.total_ms - total_ms) * more
        for zone in range(self.program.zones):
            added_ms = max(0, self._low_ms[zone] - low_ms[zone])
            self._low_ms[zone] = min(self._low_ms[zone] + added_ms * more, LONGEST_CYCLE_MS)
            if added_ms and self._low_ms[zone] >= REST_MS:
                self._pressed_ms[zone] = 0
            self._press(zone, step, max(0, self._pressed_ms[zone] - pressed_ms[zone]) * more)

    def _refuse(self, why, step, time_ms, most_ms):
        raise ProgramError(why % (step, time_ms // 1000, most_ms // 1000))

    def _press(self, zone, step, time_ms):
        pressed_ms = self._pressed_ms[zone] + time_ms
        most_ms = self.program.pressed_s * 1000 - self.reach.spare_ms
        if pressed_ms > most_ms:
            why = "step %%d: zone %d is above 15 mmHg for %%d s by then; allowed: up to %%d s" % (zone + 1)
            self._refuse(why, step + 1, pressed_ms, most_ms)
        self._pressed_ms[zone] = pressed_ms

    def _ends_rest(self, zone):
        """Keeps the longest time below 15 mmHg."""
        self._most_low_ms[zone] = max(self._most_low_ms[zone], self._low_ms[zone])

    def _moves_ms(self, step):
        """How long the hardware needs for this step; goals and times out are in _goal_pa and _out_ms afterwards."""
        program, reach = self.program, self.reach
        rows, levels, goals = program.rows, self._level_pa, self._goal_pa
        at = step * ROW
        fill_ms = out_ms = kept_pa = moves = 0
        for zone in range(program.zones):
            action = rows[at + zone]
            goal_pa = levels[zone]
            if action != HOLD:
                asked_pa = program.asked_pa(zone, action, self.set_pa) if action else 0
                moves |= goal_pa ^ asked_pa
                goal_pa = asked_pa
            goals[zone] = goal_pa
            kept_pa |= goal_pa
        for zone in range(program.zones if moves else 0):
            level_pa, goal_pa = levels[zone], goals[zone]
            if goal_pa == level_pa:
                continue
            if goal_pa > level_pa:
                fill_ms += reach.fill_ms(zone, level_pa, goal_pa)
            elif 0 < goal_pa < level_pa:
                self._out_ms[zone] = reach.vent_ms(zone, level_pa, goal_pa)
                fill_ms += self._out_ms[zone]
            elif goal_pa < level_pa:
                time_ms = reach.vent_ms(zone, level_pa, 0) if kept_pa else reach.dump_ms(self._level_pa)
                out_ms = out_ms + time_ms if kept_pa and reach.one_by_one else max(out_ms, time_ms)
                self._out_ms[zone] = out_ms if reach.one_by_one else time_ms
        return fill_ms + out_ms if reach.one_by_one else max(fill_ms, out_ms)

    def _step(self, step):
        end = self.program.rows[step * ROW + ZONES]
        self.reach.walked()
        moves_ms = self._moves_ms(step)
        time_ms = moves_ms
        if end != REACHED:
            time_ms = number_of(self.program.rows, step) * 100
            least_ms = 0 if end & BOTH else moves_ms + (moves_ms >> 2)  # a fill may need a correction
            if step == self.program.length() - 1 and max(self._goal_pa) == 0:
                least_ms = moves_ms + REST_MS  # the rest of the cycle
            if time_ms < least_ms and self.reach.stretches:
                self._stretch(step, time_ms, least_ms)
                time_ms = least_ms
            if end & RAMP:
                moves_ms = time_ms + (moves_ms >> 1)  # the last steps come when the time is over
            if end & BOTH:
                time_ms = max(time_ms, moves_ms)
        self.total_ms += time_ms
        levels, goals, low = self._level_pa, self._goal_pa, self._low_ms
        for zone in range(self.program.zones):
            level_pa, goal_pa = levels[zone], goals[zone]
            if level_pa < RELEASED_PA and goal_pa < RELEASED_PA:
                low_ms = low[zone] + time_ms
            else:
                if low[zone]:
                    self._ends_rest(zone)
                if goal_pa >= RELEASED_PA:
                    out_ms = time_ms
                elif end & RAMP:
                    out_ms = time_ms * (level_pa - RELEASED_PA) // level_pa
                else:
                    out_ms = min(time_ms, self._out_ms[zone])
                self._press(zone, step, out_ms)
                low_ms = time_ms - out_ms
                if time_ms < self._out_ms[zone] and goal_pa < RELEASED_PA:
                    goal_pa = max(goal_pa, RELEASED_PA)  # not below 15 mmHg yet
            low[zone] = low_ms
            if low_ms >= REST_MS:
                self._pressed_ms[zone] = 0
            levels[zone] = goal_pa

    def _stretch(self, step, time_ms, least_ms):
        """Makes a step as long as the hardware needs."""
        tenths = (least_ms + 99) // 100
        if tenths > LONGEST_STEP_MS // 100:
            raise ProgramError("step %d: needs %d ms on this hardware; allowed: up to %d ms" % (step + 1, least_ms, LONGEST_STEP_MS))
        at = step * ROW + ZONES + 1
        self.program.rows[at] = tenths & 255
        self.program.rows[at + 1] = tenths >> 8
        self.stretched += 1
        if not self.says:
            self.says = "step %d takes %d00 instead of %d ms" % (step + 1, tenths, time_ms)
