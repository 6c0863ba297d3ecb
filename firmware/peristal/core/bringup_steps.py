"""The steps of the bring-up, in the order of gate.py's STEPS: what each drives, measures and asks. Loaded only while one runs."""

from array import array

from peristal.core import faults, model
from peristal.core.bringup import (
    AGAIN,
    CUT,
    HOLD_MMHG,
    LOOK_MS,
    READING,
    RELEASED_PA,
    YES_NO,
    Bringup,
    Failed,
)  # fmt: skip
from peristal.core.preflight import Preflight
from peristal.core.units import NONE, mmhg, pa

CUT_MMHG = 40
HELD_MMHG = 10  # lost by then is no hold
CLICKS = 3
CLICK_MS = 200
HUM_MMHG = 20
HUM_MS = 2000
STRETCH_MS = 5000  # with top-ups: a fresh chamber sags by itself
LEAK_MS = 10000
LEAK_MMHG = 10
HOLD_MS = 2000
CROSSED_PA = pa(12)  # of 50: a neighbour shows a tenth
MOVED_PA = pa(4)
APART_PA = pa(4)  # two sensors with gains of +-2 %, and their noise
MOVED_MS = 1000
PULL_MS = 60000


def _vent_ms(net):
    """Modelled time until every zone has fallen from the pressure of the cut to 15 mmHg, as in board.py's own check."""
    pairs = [(net.zones[zone].volume_ml, net.fill_c[zone]) for zone in net.each_zone]
    if net.vent_valve != NONE:
        return model.manifold_vent_ms(pairs, net.valves[net.vent_valve].c_ml_s_bar, pa(CUT_MMHG), pa(15))
    outs = [(net.zones[zone].volume_ml, net.out_c[zone]) for zone in net.each_zone]
    return max([model.vent_ms(volume_ml, c, pa(CUT_MMHG), pa(15)) for volume_ml, c in outs])


class Step(Bringup):
    """One method a step."""

    def wiring(self):
        """Each valve and the pump in turn: what should be heard, and where."""
        net = self.net
        for valve in range(net.n_valves):
            name = "vent"
            for zone in net.each_zone:
                if net.exhaust_valve[zone] == valve:
                    name = self._name(zone) + " exhaust"
                elif net.fill_valve[zone] == valve:
                    name = self._name(zone) + (" inlet" if net.independent else " valve")
            name += " (pin %d)" % net.valve_pins[valve]
            answer = AGAIN
            while answer == AGAIN:
                self._tell("clicks " + name)
                for _ in range(CLICKS):
                    self._coil = valve
                    yield from self._wait(CLICK_MS)
                    self._coil = NONE
                    yield from self._wait(CLICK_MS)
                answer = yield from self._ask("%s: did it click %d times, and no other?" % (name, CLICKS), YES_NO)
            if not answer:
                raise Failed("%s does not click, or another does: look at its wires, its driver and the pin in board.py" % name)
        name = "pump (pin %d)" % net.pump_pin
        answer = AGAIN
        while answer == AGAIN:
            self._tell("runs the " + name)
            self._target(HUM_MMHG, 0, 1)
            yield from self._wait(HUM_MS)
            self._target(0)
            answer = yield from self._ask("%s: did it run for a moment, and nothing else hum?" % name, YES_NO)
        if not answer:
            raise Failed("%s does not run: look at its wires, its driver, the 12 V and its enable" % name)

    def zero(self):
        """What the sensors read with everything open: the commissioning zeros, which later ones are held against."""
        preflight = self.session.preflight
        sensing = preflight.sensing
        verdict = yield from self._zeros(True)
        if verdict != Preflight.READY:
            for sensor in range(sensing.count):
                if sensing.fault[sensor] or not sensing.in_datasheet(sensor, sensing.mv16[sensor]):
                    says = "sensor %d reads %d mV, at 0 mmHg it should be about %d: look at its wires and board.py"
                    raise Failed(says % (sensor + 1, sensing.mv16[sensor] >> 4, sensing.nominal16[sensor] >> 4))
            raise Failed(faults.words(verdict))
        preflight.fresh = False
        self.session.changed = True

    def gauge(self):
        """A point of each sensor that no other one can check, against a sphygmomanometer."""
        net = self.net
        line = net.line_sensor
        for zone in range(1 if line != NONE else net.n_zones):
            yield from self._fill(HOLD_MMHG, zone, zone + 1)
            yield from self._wait(STRETCH_MS)
            self._by_hand(True, zone)
            yield from self._wait(HOLD_MS)
            reading = yield from self._ask("%s holds: what does the manometer on its hose read?" % self._name(zone), READING)
            self._calibrate(line if line != NONE else net.zone_sensor[zone], pa(reading), "the manometer reads")
            yield from self._release(zone)

    def _calibrate(self, sensor, true_pa, who):
        sensing = self.session.preflight.sensing
        why = sensing.calibrate(sensor, true_pa)
        if why:
            shown = mmhg(sensing.pa[sensor])
            raise Failed("sensor %d shows %d mmHg where %s %d: %s" % (sensor + 1, shown, who, mmhg(true_pa), why))
        self.session.changed = True

    def _compare(self, own, line, zone):
        """A zone's sensor takes its gain from the line's, which the manometer has checked."""
        sensing = self.session.preflight.sensing
        if abs(sensing.pa[own] - sensing.pa[line]) > APART_PA:
            says = "%s shows %d mmHg where the line shows %d: look at its sensor, its hose and board.py"
            raise Failed(says % (self._name(zone), mmhg(sensing.pa[own]), mmhg(sensing.pa[line])))
        if sensing.calibrate(own, sensing.pa[line]) is None:
            self.session.changed = True

    def zones(self):
        """Each zone fills and holds, and moves its own sensor (or chamber) and no other."""
        net = self.net
        level_pa = self.guard.levels.level_pa
        before_pa = array("i", level_pa)
        for zone in net.each_zone:
            own = net.zone_sensor[zone]
            before_pa[:] = level_pa
            yield from self._fill(HOLD_MMHG, zone, zone + 1)
            self._by_hand(True, zone)
            yield from self._wait(HOLD_MS)
            self._hold_at_least(level_pa[zone], zone)
            for other in net.each_zone:
                if own != NONE and other != zone and level_pa[other] - before_pa[other] > CROSSED_PA:
                    says = "%s was filled, and zone %d rose too: valves, hoses or sensors are crossed"
                    raise Failed(says % (self._name(zone), other + 1))
            if own == NONE:
                name = self._name(zone)
                why = "%s was filled, and not it alone is firm: valves or hoses are crossed" % name
                yield from self._agreed("%s: is this chamber firm, and no other?" % name, why)
            elif net.line_sensor != NONE:
                self._compare(own, net.line_sensor, zone)
            yield from self._release(zone)

    def _hold_at_least(self, level_pa, zone):
        if level_pa < pa(HOLD_MMHG - HELD_MMHG):
            raise Failed("%s does not hold: %d mmHg are left" % (self._name(zone), mmhg(level_pa)))

    def leak(self):
        """What each zone of a leg loses in ten seconds, all of them shut, after the chambers have stretched."""
        net = self.net
        for leg in range(net.n_legs):
            first = net.leg_start[leg]
            end = first + net.leg_zones[leg]
            yield from self._fill(HOLD_MMHG, first, end)
            yield from self._wait(STRETCH_MS)
            before = yield from self._look(first, end)
            self._tell("measures what zones %d to %d lose" % (first + 1, end))
            yield from self._wait(LEAK_MS)
            after = yield from self._look(first, end)
            for zone in range(first, end):
                self._hold_at_least(before[zone - first], zone)
                lost = mmhg(before[zone - first] - after[zone - first])
                if lost > LEAK_MMHG:
                    says = "%s loses %d mmHg in 10 s, allowed are %d: look at its hose, its fittings and its seam"
                    raise Failed(says % (self._name(zone), lost, LEAK_MMHG))

    def _look(self, first, end):
        """What is in each of some zones that are shut; one without a sensor is opened to the line for it."""
        found = array("i", [])
        for zone in range(first, end):
            self._by_hand(True, zone if self.net.zone_sensor[zone] == NONE else NONE)
            yield from self._wait(LOOK_MS if self._open == zone else self._elapsed_ms)
            found.append(self.guard.levels.level_pa[zone])
        self._by_hand(True)
        return found

    def vent(self):
        """How long each zone takes from 50 to 15 mmHg."""
        for zone in self.net.each_zone:
            yield from self._fill(HOLD_MMHG, zone, zone + 1)
            self._tell("times how fast %s vents" % self._name(zone))
            took_ms = yield from self._release(zone)
            limit_ms = self._vent_limit_ms(zone)
            if took_ms > limit_ms:
                says = "%s takes %d ms or more from %d to 15 mmHg, allowed are %d: a kinked hose, or valves narrower than in board.py"
                raise Failed(says % (self._name(zone), took_ms, HOLD_MMHG, limit_ms))

    def power(self):
        """Every zone holds, the 12 V goes, and everything has to deflate by itself while the coils would still be held."""
        net = self.net
        sensing = self.session.preflight.sensing
        yield from self._fill(CUT_MMHG, 0, net.n_zones)
        self._by_hand(True)
        yield from self._wait(HOLD_MS)
        self.guard.cut_expected = True
        self._tell("all zones hold: pull the 12 V plug now, and leave USB in", CUT)
        before_pa = array("i", sensing.pa)
        passed_ms = since_ms = 0
        moved = False
        while not moved:
            yield
            passed_ms += self._elapsed_ms
            since_ms += self._elapsed_ms
            for sensor in range(sensing.count):
                if abs(sensing.pa[sensor] - before_pa[sensor]) > MOVED_PA:
                    moved = True
            if since_ms > MOVED_MS and not moved:
                since_ms = 0
                before_pa[:] = sensing.pa
            if passed_ms > PULL_MS:
                says = "no zone lost its air within %d s: was the 12 V plug pulled? then the valves trap the air"
                raise Failed(says % (PULL_MS // 1000))
        self._tell("measures how everything deflates")
        limit_ms = 2 * _vent_ms(net) + 1000
        yield from self._wait(limit_ms)
        for zone in net.each_zone:
            sensor = net.zone_sensor[zone] if net.zone_sensor[zone] != NONE else net.line_sensor
            if sensing.pa[sensor] >= RELEASED_PA:
                says = "%s still has %d mmHg, %d ms after the 12 V went: air is trapped"
                raise Failed(says % (self._name(zone), mmhg(sensing.pa[sensor]), limit_ms))
        if net.zone_sensor[0] == NONE:
            yield from self._agreed("are all chambers soft now?", "a chamber kept its air without 12 V: its valve does not open by itself")
