"""What this hardware can do, before a session starts: times to fill and vent, from declared parts and what zones have shown.

A program whose steps are too short for pump or valves is stretched; two legs that would be under pressure for too long
together take turns; what remains too long is refused. Used once at a start, never per tick.
"""

from peristal.core import limits, model
from peristal.core.check import check
from peristal.core.program import ProgramError
from peristal.core.units import mmhg, pa
from peristal.core.walk import Walk

RELEASED_PA = pa(limits.highest("released_mmhg"))
JOB_MS = 350  # a job's looks, and the ticks between its stages
SETTLE_MS = 120


def fall_ms(two_ms, from_pa, to_pa):
    """Time to fall from one pressure to another where two_ms is that for a fall to an eighth (80 to 10, 120 to 15 mmHg).

    Pressures fall like exp(-t): ln(x) is 3 (x2 - 1) / (x2 + 4 x + 1) within 6 percent up to 8, and ln(8) is 2.08.
    """
    high, low = max(1, mmhg(from_pa)), max(1, mmhg(to_pa))
    if high <= low:
        return 0
    return two_ms * 300 // 208 * (high * high - low * low) // (high * high + 4 * high * low + low * low)


class Reach:
    """fit() a program to the board; afterwards alternate says whether the legs take turns."""

    stretches = True
    def __init__(self, net, regulator, dump_ms, walked=None):
        self.net = net
        self.learned = regulator.learned
        self.pump = regulator.pump
        self.one_by_one = not net.independent
        self._dump_ms = dump_ms  # all zones together, from the cap to 15 mmHg
        self.alternate = False
        # The sequencer cuts a cycle short so long before the limit. What the zones have shown needs no such reserve: a program
        # that ran on a new board must not be refused a week later because a zone is a second slower than declared.
        self.spare_ms = 0 if max(self.learned.over_at_pa) >= 0 else 5000
        self._wearer = None
        self._known_ms = {}  # within one fit(): a pulse moves a zone in the same way again and again
        self._walked = walked

    def walked(self):
        """A step was walked through: whoever waits is told."""
        if self._walked:
            self._walked()

    def fit(self, program, set_pa, wearer, alternate):
        """Checks a program and changes it where it must; returns how ("" = not at all), raises ProgramError when that does not help.

        alternate: the legs take turns already.
        """
        if program.zones > self.net.longest_leg:
            raise ProgramError("program: %d zones; allowed: up to %d on this board" % (program.zones, self.net.longest_leg))
        self._wearer = wearer
        self.alternate = alternate
        rows = bytearray(program.rows)
        self._known_ms.clear()
        turns = ""
        try:
            walk = check(program, set_pa, self)
        except ProgramError as error:
            if alternate or self.net.n_legs == 1:
                raise error
            program.rows = rows
            self.alternate = True
            self._known_ms.clear()
            turns = "the legs take turns (together: %s)" % error
            walk = Walk(program, set_pa, self)
            walk.cycle()
        self._known_ms.clear()
        if not walk.stretched:
            return turns
        return turns + (", " if turns else "") + "%d steps stretched: %s" % (walk.stretched, walk.says)

    def fill_ms(self, place, from_pa, to_pa):
        """Time to fill the zones at this place (0 = foot), one after the other, from one pressure to a higher one."""
        return self._over_legs(place, from_pa, to_pa, self._fill_ms)

    def dump_ms(self, level_pa):
        """Time until all zones, let out together from these pressures (foot first), are below 15 mmHg."""
        net = self.net
        full_ml = all_ml = 0
        for zone in net.each_zone:
            volume_ml = net.zones[zone].volume_ml
            all_ml += volume_ml
            if level_pa[zone - net.leg_start[net.leg_of[zone]]] >= RELEASED_PA and not (self.alternate and net.leg_of[zone]):
                full_ml += volume_ml
        return fall_ms(self._dump_ms, max(level_pa), RELEASED_PA) * (full_ml if self.one_by_one else all_ml) // all_ml + JOB_MS

    def vent_ms(self, place, from_pa, to_pa):
        """Time until the zones at this place have fallen from one pressure to a lower one."""
        return self._over_legs(place, from_pa, to_pa, self._vent_ms)

    def _over_legs(self, place, from_pa, to_pa, time_ms):
        key = (place, from_pa, to_pa)
        if key in self._known_ms:
            return self._known_ms[key]
        total_ms = longest_ms = 0
        net = self.net
        for leg in range(net.n_legs):
            zone = net.leg_start[leg] + place
            if place < net.leg_zones[leg] and self._wearer.zone_pa(zone, max(from_pa, to_pa)):  # pyright: ignore[reportOptionalMemberAccess]
                one_ms = time_ms(zone, from_pa, to_pa)
                total_ms += one_ms
                longest_ms = max(longest_ms, one_ms)
        self._known_ms[key] = found_ms = longest_ms if self.alternate else total_ms
        return found_ms

    def _job_ms(self, zone):
        valve = self.net.valves[self.net.fill_valve[zone]]
        return JOB_MS + valve.on_ms + valve.off_ms + self.net.coast_ms + SETTLE_MS

    def _fill_ms(self, zone, from_pa, to_pa):
        pump = self.net.board.pump
        v0_ml = self.net.zones[zone].volume_ml
        need_ml = model.air_ml(v0_ml, to_pa) - model.air_ml(v0_ml, from_pa)
        flow_ml_s = self.learned.flow_ml_s(zone)
        least = pump.min_duty_permille
        quiet = max(least + 50, self.pump.quiet_permille)
        if quiet < 1000:
            flow_ml_s = flow_ml_s * (quiet - least) // (1000 - least)
        return need_ml * 1000 // max(1, flow_ml_s) + pump.soft_start_ms + self._job_ms(zone)

    def _vent_ms(self, zone, from_pa, to_pa):
        return fall_ms(self.learned.vent_ms[zone], from_pa, max(to_pa, pa(10))) + self._job_ms(zone)
