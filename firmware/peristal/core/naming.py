"""The name of a fault that may be another part's: by what else was seen, or, with everything off at once, by what the readings do then."""

from peristal.core import faults, limits
from peristal.core.units import NONE, pa

# These are named once everything has been off for so long; a plainer name that comes meanwhile counts.
NAMED_LATER = (
    faults.OVER_PRESSURE, faults.ABSOLUTE_PRESSURE, faults.LINE_PRESSURE, faults.NO_ANSWER, faults.SENSOR_FROZEN, faults.VALVES_CROSSED,
)  # fmt: skip
NAME_MS = 1500
OPEN_MS = 100  # until every valve has let go
ROSE_PA = pa(8)
DRIFT_PA = pa(limits.highest("drift_mmhg"))
FROZEN_PA = 200  # two readings of a sensor that shows the same all the time: five times their noise
FIRM_PA = pa(15)
FALLS_PA = pa(2)  # no noise does that
MOVED_PA = pa(3)  # ... nor this, of two readings


class Naming:
    """begin() when everything goes off; ends() once a tick, and when it is True name() is the fault's."""

    def __init__(self, net, levels, guard):
        self.net = net
        self.levels = levels
        self.guard = guard
        self._ms = 0
        self._from_pa = 0  # what was read of the zone as everything went off
        self._most_pa = 0  # that the line has shown since everything has let go

    def of_silence(self, zone):
        """What is wrong with a zone that was driven in vain; OK while the line is looked at first."""
        guard = self.guard
        answer, plausible = guard.answer, guard.plausible
        driven = answer.driven  # what is named may be another one, which has risen instead
        if driven == NONE or self.levels.filling[zone]:
            driven = zone
        if plausible.came_empty(zone) or guard.leaks.torn(zone):
            return faults.LEAKS  # it lost its air without the pump, too
        # Without 12 V the line would lose its flow, too: a limb let go of them all.
        if plausible.all_sink(zone) and not answer.flow.parts(driven):
            return faults.SUPPLY_DIP
        first = answer.fault == faults.NO_RISE and self._shut_shows(zone) and guard.second.may_be_line(zone)
        return faults.OK if first else answer.fault

    def _shut_shows(self, zone):
        """Whether a shut line, which has a sensor where it has a vent, tells its way out from that of a zone with a sensor of its own."""
        return self.net.zone_sensor[zone] != NONE and self.net.vent_valve != NONE

    def of_what_stays(self, zone, shut_pa):
        """What a reading means that stays once all air is out: of a zone, or of the line (NONE), which showed so much before that.

        It is not true, unless the line shows it, too, or moved as everything opened.
        """
        apart_pa = self.levels.reading_pa(NONE) - (shut_pa if zone == NONE else self.levels.level_pa[zone])
        true = (abs(apart_pa) > MOVED_PA) is (zone == NONE)
        return faults.WILL_NOT_VENT if true else faults.SENSOR_STUCK

    def waits(self, fault, zone):
        """Whether it may be another part, or the contact of a sensor that has jumped and may go on swinging."""
        guard = self.guard
        if self._swings(fault, zone):
            return True
        if fault == faults.SUPPLY_DIP or fault == faults.PUMP_RUNS_ON:
            return self.net.zone_sensor[0] == NONE
        if fault == faults.WILL_NOT_VENT or fault == faults.SENSOR_STUCK:
            return guard.held or (fault == faults.WILL_NOT_VENT and self.net.zone_sensor[0] == NONE)
        return fault in NAMED_LATER

    def _swings(self, fault, zone):
        """How often the reading has jumped to or fro, for what one jump may show: from sensors that disagree to the 12 V."""
        return self.guard.plausible.swings(zone) if faults.SENSORS_DISAGREE <= fault <= faults.SUPPLY_DIP else 0

    def begin(self, zone):
        """Something is wrong with a zone, or NONE with all."""
        self._ms = self._most_pa = 0
        self._from_pa = self.levels.reading_pa(zone)

    def ends(self, elapsed_ms):
        """Whether enough was seen."""
        self._ms += elapsed_ms
        if self._ms > OPEN_MS:
            self._most_pa = max(self._most_pa, self.levels.reading_pa(NONE))
        return self._ms >= NAME_MS

    def name(self, fault, zone):
        """The part's fault, for what it looked like."""
        if self._swings(fault, zone) > 1:
            return faults.SENSOR_JUMPS  # of what is read seldom not every jump is seen
        if fault == faults.SUPPLY_DIP:
            # Had every coil let go, nothing would open by this: a line that rises gets air that the other zones still had.
            # By less where it stays so: a limb lets go.
            rose_pa = self._most_pa - self._from_pa - (self._from_pa >> 2)
            stays = self.levels.reading_pa(NONE) > self._from_pa + (self._from_pa >> 2)
            if rose_pa > ROSE_PA or (stays and rose_pa > (self._from_pa >> 2) + FALLS_PA):
                return faults.VALVE_STUCK_OPEN
        elif fault == faults.SENSOR_FROZEN or fault == faults.NO_ANSWER:
            # A pressure that moves with the air was true: so it was the pump, or, with its flow on the line, a zone that does not
            # keep it. Zones that empty through one line may rise first.
            if self._from_pa >= FIRM_PA:
                if abs(self._from_pa - self.levels.reading_pa(zone)) < FROZEN_PA:
                    return faults.SENSOR_FROZEN
                if self._stayed(fault, zone) != fault:
                    return faults.WILL_NOT_VENT  # it hardly moves, for want of a way in and out
            keeps_none = fault == faults.SENSOR_FROZEN and self.guard.answer.flows and not self.guard.notices & faults.PUMP_WEAK
            return faults.NO_RISE if keeps_none else faults.NO_ANSWER
        elif fault == faults.OVER_PRESSURE or fault == faults.WILL_NOT_VENT or fault == faults.SENSOR_STUCK:
            stayed = self._stayed(fault, zone)
            if fault != faults.SENSOR_STUCK and self.guard.notices & faults.VENT_SLOW:
                # What let the air out slowly lets out too little; but the line before a narrow way out is as full as its zones.
                reading = self.levels.reading_pa(zone)
                full = self.net.line_sensor == NONE or self.levels.reading_pa(NONE) >= reading - (reading >> 3)
                return faults.WILL_NOT_VENT if full else stayed
            return stayed
        return fault

    def _stayed(self, fault, zone):
        """A zone that did not come down: without the 12 V the pump stands, and what still does not fall has no way out."""
        reading = self.levels.reading_pa(zone)
        fell = self._from_pa - reading
        if self.net.zone_sensor[0] == NONE and fault == faults.WILL_NOT_VENT and fell > self.guard.fell_pa + FALLS_PA:
            return faults.PUMP_RUNS_ON  # what leaves through a narrow way leaves ever more slowly
        if zone == NONE or self.net.zone_sensor[zone] == NONE:
            return fault
        line_pa = self.levels.reading_pa(NONE)  # where others' air is in it, it may rise
        firm = self._from_pa >= DRIFT_PA
        if self.guard.held and fell > (self._from_pa >> 3 if firm else FALLS_PA):
            # A line that does not fall as the zone does is shut in with it: others take the air, or a limb lets go.
            most_pa = self._most_pa >> 4
            falls = (most_pa - (line_pa >> 4)) * (self._from_pa >> 3) >= (fell >> 4) * most_pa
            return faults.PUMP_RUNS_ON if falls or line_pa << 1 <= reading else faults.WILL_NOT_VENT
        stays = firm and fell < self._from_pa >> 4 and line_pa < reading - (reading >> 2)
        if stays and fault != faults.SENSOR_STUCK:
            return faults.WILL_NOT_VENT
        return fault
