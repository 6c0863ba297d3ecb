"""The board as flat tables of numbers: what the tick works with instead of parts and paths."""

from peristal.core import model
from peristal.core.units import NONE, pa, zeros

PLACES = ("pin", "mux_channel")  # needed once, and different in parts that are otherwise the same


class Facts:
    """A part of the board once everything is built: its figures, without the code that checked them."""


def facts_of(part, made):
    """Its Facts; parts with the same figures share one of `made`."""
    facts = Facts()
    for key in part.FIELDS:
        value = getattr(part, key)
        if key not in PLACES and isinstance(value, (int, str)):
            setattr(facts, key, value)
    for other in made:
        if other.__dict__ == facts.__dict__:
            return other
    made.append(facts)
    return made[-1]


class Net:
    """Zones, valves and sensors by index; byte tables hold NONE (255) where there is nothing.

    Zones run leg by leg from the foot up; valve 0 is the line's vent on a manifold; sensor 0 is the line's where there is one.
    """

    def __init__(self, board):
        self.board = board
        self.independent = board.topology == "independent"
        self.valves = [valve for _, valve in board.valves()]
        self.sensors = [sensor for _, sensor in board.sensors()]
        self.zones = [zone for _, zone in board.zones()]
        self.n_valves = len(self.valves)
        self.n_sensors = len(self.sensors)
        self.n_zones = len(self.zones)
        self.each_zone = range(self.n_zones)  # to go through them: shorter than range(), and no slower
        self.n_legs = len(board.legs)
        self.leg_names = [leg.name for leg in board.legs]
        self.valve_pins = bytes([valve.pin for valve in self.valves])
        self.pump_pin = board.pump.pin
        self.leg_zones = bytes([len(leg.zones) for leg in board.legs])
        self.longest_leg = max(self.leg_zones)
        self.leg_start = bytes([sum(self.leg_zones[:leg]) for leg in range(self.n_legs)])
        self.leg_of = bytes([leg for leg in range(self.n_legs) for _ in range(self.leg_zones[leg])])
        # A valve that lets air into the zone, one that lets it out to the air, and the line's own vent.
        self.fill_valve = bytes([self.valves.index(zone.inlet or zone.valve) for zone in self.zones])
        self.exhaust_valve = bytes([self.valves.index(zone.exhaust) if zone.exhaust else NONE for zone in self.zones])
        self.vent_valve = self.valves.index(board.line.vent) if board.line.vent else NONE
        self.rest_open = bytes([1 if valve.rest == "open" else 0 for valve in self.valves])
        self.line_sensor = 0 if board.line.sensor else NONE
        self.zone_sensor = bytes([self.sensors.index(zone.sensor) if zone.sensor else NONE for zone in self.zones])
        self.ceiling_pa = pa(board.ceiling_mmhg())
        self.coast_ms = board.pump.coast_ms
        # With the pump off, until the line (at its ceiling) and a zone behind its valve have one pressure.
        self.settle_ms = zeros(self.n_zones)
        self.fill_c = zeros(self.n_zones)  # conductance of the way in, mL/(s bar), ...
        self.out_c = zeros(self.n_zones)  # ... and of the way out, the zone alone
        for zone in range(self.n_zones):
            self.fill_c[zone] = fill_c = self.valves[self.fill_valve[zone]].c_ml_s_bar
            out = self.exhaust_valve[zone]
            self.out_c[zone] = self.valves[out].c_ml_s_bar if out != NONE else model.series(fill_c, self.valves[self.vent_valve].c_ml_s_bar)
            self.settle_ms[zone] = model.settle_ms(board.line.volume_ml, fill_c, self.ceiling_pa, pa(40))
        # Foot to thigh over both legs: zone 1 left, zone 1 right, zone 2 left, ...
        order = sorted([(zone - self.leg_start[self.leg_of[zone]], zone) for zone in range(self.n_zones)])
        self.foot_first = bytes([zone for _, zone in order])

    def settle(self):
        """Once everything is built: only the figures of the board are kept, so that its classes can leave the heap."""
        made = []
        self.valves = [facts_of(valve, made) for valve in self.valves]
        self.sensors = [facts_of(sensor, made) for sensor in self.sensors]
        self.zones = [facts_of(zone, made) for zone in self.zones]
        board = facts_of(self.board, made)
        board.pump = facts_of(self.board.pump, made)
        board.line = facts_of(self.board.line, made)
        self.board = board

    def drop_pa(self, zone, at_pa):
        """What the pump's declared flow drops in the zone's valve, the zone being at that pressure."""
        pump = self.board.pump
        return model.drop_pa(self.fill_c[zone], pump.flow_ml_min // 60, pa(pump.stall_mmhg), at_pa)

    def sensor_of(self, zone):
        """The sensor that shows a zone: its own, or, as for no zone, the line's, or NONE."""
        own = NONE if zone == NONE else self.zone_sensor[zone]
        return self.line_sensor if own == NONE else own

    def zone_of(self, sensor):
        """The zone a sensor belongs to; NONE for the line's."""
        for zone in range(self.n_zones):
            if self.zone_sensor[zone] == sensor:
                return zone
        return NONE


class Wish:
    """What session and regulator ask for: coils (1 = energised), pump, and the pressure each zone is meant to have."""

    def __init__(self, net):
        self.coil = bytearray(net.n_valves)
        self.pump_permille = 0
        self.target_pa = zeros(net.n_zones)

    def all_off(self):
        """Every coil and the pump off: every zone open to the air."""
        coil = self.coil
        for valve in range(len(coil)):
            coil[valve] = 0
        self.pump_permille = 0
