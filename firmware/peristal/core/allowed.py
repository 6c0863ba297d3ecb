"""What may be done of a wish, once the guard has found nothing for which all must be off: the valves as wished, the pump if it has a path.

A zone that has too much is let out for a moment, whatever was wished; and the pump never runs into a line that leads nowhere.
"""

from peristal.core import faults
from peristal.core.reasons import WHY_CAP, WHY_FLOW, WHY_LEFT_OUT, WHY_PATH, WHY_RELIEF, WHY_UNSEEN
from peristal.core.units import NONE
from peristal.core.zone_watch import CAP_PA, RELIEF_MS

STEADY_MS = 1000


class Allowed:
    """wish() sets the guard's coil and pump_permille, and adds to its reasons what it does otherwise."""

    def __init__(self, net, drive, levels, guard):
        self.net = net
        self.drive = drive
        self.levels = levels
        self.guard = guard
        self._relief_pa = 0  # what the line showed after some time of a long relief

    def wish(self, elapsed_ms, wish):
        """This wish, or something safer."""
        guard = self.guard
        coil = guard.coil
        moves = False
        # Only what is kept anyway is shut for a look at the line: what the wish lets out leaves by the vent, and is not held back.
        shuts = guard.second.shuts and wish.coil[self.net.vent_valve]
        for valve in range(len(coil)):
            coil[valve] = self.net.rest_open[valve] if shuts else wish.coil[valve]
            if (coil[valve] > 0) != (self.drive.state[valve] > 0):
                moves = True
        guard.pump_permille = 0 if shuts else wish.pump_permille
        if guard.zones.relief_zone != NONE:
            self.relieve(elapsed_ms)
        if guard.pump_permille:
            why = self._pump_refused(wish, moves) | (guard.reasons & WHY_FLOW)
            if why:
                guard.pump_permille = 0
                guard.reasons |= why
            elif guard.line.idles_ms:
                guard.pump_permille = min(wish.pump_permille, self.net.board.pump.min_duty_permille)

    def relieve(self, elapsed_ms):
        """Opens one zone to the air for a moment, and every other one above the cap, whatever was wished."""
        net = self.net
        guard = self.guard
        zones = guard.zones
        coil = guard.coil
        zone = zones.relief_zone
        guard.pump_permille = 0
        guard.reasons |= WHY_RELIEF
        if self.levels.level_pa[zone] > zones.sat_pa:
            guard.trends.pressed()
        for other in net.each_zone:
            # Whoever sits on a leg presses them all: what shows more than the cap does not wait for its turn.
            if other == zone or (net.zone_sensor[other] != NONE and self.levels.level_pa[other] > CAP_PA):
                coil[net.exhaust_valve[other] if net.independent else net.fill_valve[other]] = 0
        if net.vent_valve != NONE:
            coil[net.vent_valve] = 0
        guard.runs_on.lets_out(zone, elapsed_ms, self.levels.reading_pa(zone), not guard.last_reasons & WHY_RELIEF)
        zones.relief_ms -= elapsed_ms
        if zones.relief_ms <= 0:
            # Far too high it stays open: a zone that is shut again is blind where only the line has a sensor.
            line_pa = self.levels.reading_pa(zone)
            if self.levels.level_pa[zone] <= CAP_PA:
                zones.relief_zone = NONE
            elif zones.relief_ms >= -STEADY_MS:
                self._relief_pa = line_pa
            elif zones.relief_ms < -RELIEF_MS:
                # An open line that shows little, and goes on showing it, is driven.
                driven = self._relief_pa - (self._relief_pa >> 3) < line_pa < self.levels.level_pa[zone] >> 1
                guard.trip(faults.PUMP_RUNS_ON if driven else faults.ABSOLUTE_PRESSURE, zone)

    def _pump_refused(self, wish, moves):
        """Why the pump may not run now (0 = it may): it needs one open path into a zone that is meant to have pressure.

        On a manifold no more than one: of two nothing tells what the line shows of each.
        moves: a valve is switched in this very tick.
        """
        net = self.net
        drive = self.drive
        guard = self.guard
        coil = guard.coil
        if not net.independent and (moves or not drive.in_place):
            return WHY_PATH
        if net.vent_valve != NONE and not coil[net.vent_valve]:
            return WHY_PATH
        paths = 0
        for zone in net.each_zone:
            valve = net.fill_valve[zone]
            if coil[valve] == net.rest_open[valve]:
                continue
            target = wish.target_pa[zone]
            if target <= 0 or (net.independent and not coil[net.exhaust_valve[zone]]):
                return WHY_PATH
            # Side by side, one inlet that is surely open is path enough; what others still move opens another.
            if drive.is_placed(valve) and (drive.state[valve] > 0) == (coil[valve] > 0):
                paths += 1
            if guard.left_out[zone]:
                return WHY_LEFT_OUT
            if guard.unseen.waits(zone) or guard.second.zone != NONE:
                return WHY_UNSEEN
            # What a sensor of its own has shown counts until it is read again.
            own = net.zone_sensor[zone] != NONE
            if target > guard.cap_pa or ((own or self.levels.static[zone]) and self.levels.level_pa[zone] >= guard.cap_pa):
                return WHY_CAP
            if own and guard.coming.too_late(zone):
                return WHY_CAP
        return 0 if paths == 1 or (paths and net.independent) else WHY_PATH
