"""A whole board: building it checks it, so that a mistake is a line that names the field, not a sleeve that stays tight."""

from peristal.core import chips, model
from peristal.core.borrow import borrow
from peristal.core.limits import CAP_MMHG, highest
from peristal.core.parts import REQUIRED, Leg, Line, Mux, Panel, Part, Pump, Supply
from peristal.core.units import pa

BUZZER_HZ = 2700  # a small piezo's resonance


class Board(Part):
    """The declarative description a builder edits. Raises BoardError naming the field and what is allowed."""

    FIELDS = {
        "name": (str, None, REQUIRED),
        "title": (str, None, REQUIRED),
        "chip": (tuple(sorted(chips.CHIPS)), None, REQUIRED),
        "psram": (("none", "quad", "octal"), None, "none"),
        "topology": (("manifold", "independent"), None, REQUIRED),
        "supply": (Supply, None, REQUIRED),
        "pump": (Pump, None, REQUIRED),
        "line": (Line, None, REQUIRED),
        "mux": (Mux, None, None),
        "legs": (Leg, "many", REQUIRED),
        "panel": (Panel, None, REQUIRED),
        "cap_mmhg": (60, CAP_MMHG, CAP_MMHG),  # a sleeve that bears less than the absolute cap
    }

    def __init__(self, **given):
        super().__init__(**given)
        self.check()

    def check(self):
        """Raises BoardError for what traps air or cannot work. Needed once, so it is borrowed."""
        for check in borrow("core.board_check").CHECKS:
            check(self)

    def valves(self):
        """(path, valve) of every valve, the line's vent first, then zone by zone."""
        found = []
        if self.line.vent:
            found.append(("line.vent", self.line.vent))
        for path, zone in self.zones():
            for key in ("valve", "inlet", "exhaust"):
                if getattr(zone, key):
                    found.append((path + "." + key, getattr(zone, key)))
        return found

    def zones(self):
        """(path, zone) of every zone, leg by leg, from the foot up."""
        return [
            ("legs[%d].zones[%d]" % (leg_index, index), zone)
            for leg_index, leg in enumerate(self.legs)
            for index, zone in enumerate(leg.zones)
        ]

    def sensors(self):
        """(path, sensor) of every sensor, the line's first."""
        found = [("line.sensor", self.line.sensor)] if self.line.sensor else []
        return found + [(path + ".sensor", zone.sensor) for path, zone in self.zones() if zone.sensor]

    def actuator_pins(self):
        """Every pin whose safe level is low: pump, valves, 12 V enable."""
        pins = [self.pump.pin] + [valve.pin for _, valve in self.valves()]
        if self.supply.enable_pin is not None:
            pins.append(self.supply.enable_pin)
        return pins

    def ceiling_mmhg(self):
        """What the pump is throttled to stay below: the line's ceiling, but no more than the trip (130) where zones have no sensor.

        One of them whose valve stays open has the line's pressure, and nothing tells.
        """
        blind = any([not zone.sensor for _, zone in self.zones()])
        return min(self.line.ceiling_mmhg, highest("trip_mmhg")) if blind else self.line.ceiling_mmhg

    def vent_ms(self, from_mmhg=CAP_MMHG):
        """Modelled time until every zone has fallen from the cap, or another pressure, to 15 mmHg with all coils off."""
        from_pa, to_pa = pa(from_mmhg), pa(15)
        zones = [zone for _, zone in self.zones()]
        if self.line.vent:
            pairs = [(zone.volume_ml, zone.valve.c_ml_s_bar) for zone in zones]
            return model.manifold_vent_ms(pairs, self.line.vent.c_ml_s_bar, from_pa, to_pa)
        return max([model.vent_ms(zone.volume_ml, zone.exhaust.c_ml_s_bar, from_pa, to_pa) for zone in zones])

    def safe_pins(self):
        """What main.py needs before anything else: LED pin, 1 for a colour LED or 0, then every actuator pin."""
        return [self.panel.led_pin, 1 if self.panel.led == "neopixel" else 0] + self.actuator_pins()
