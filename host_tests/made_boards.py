"""Boards made from the schema: every topology with 1 to 6 zones on one leg or two, on a chip that has the pins for all of them."""

from __future__ import annotations

from functools import cache

from peristal.core.board import Board
from peristal.core.parts import Leg, Line, Mux, Panel, Pump, Sensor, Supply, Valve, Zone

TOPOLOGIES = ("manifold", "zone_sensors", "independent")
VOLUMES_ML = (700, 800, 1000, 1200, 1400, 1500)
SENSOR = {"zero_mv": 500, "full_mv": 4500, "range_pa": 40000, "divider_permille": 500}
LINE_CHANNEL = 15
# Pins of an ESP32-S3 that no start-up pulses.
PINS = (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 21, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 47, 48)
MUX = {"pin": 3, "select_pins": (43, 44, 45, 46)}


@cache
def make(topology: str, zones: int, legs: int) -> Board:
    """A checked board: a boot-class pump of 14 L/min, valves of C 0.5, a wide vent; every valve on plain on/off."""
    pins = iter(PINS)
    independent = topology == "independent"

    def valve(rest: str, c_ml_s_bar: int = 500) -> Valve:
        return Valve(pin=next(pins), rest=rest, drive="on_off", current_ma=350, c_ml_s_bar=c_ml_s_bar)

    def zone(leg: int, place: int) -> Zone:
        sensor = None if topology == "manifold" else Sensor(mux_channel=leg * 6 + place, **SENSOR)
        if independent:
            return Zone(volume_ml=VOLUMES_ML[place], inlet=valve("closed"), exhaust=valve("open"), sensor=sensor)
        return Zone(volume_ml=VOLUMES_ML[place], valve=valve("open"), sensor=sensor)

    pump, enable = next(pins), next(pins)
    line = (
        Line(volume_ml=40, ceiling_mmhg=140)
        if independent
        else Line(volume_ml=60, ceiling_mmhg=140, vent=valve("open", 1500), sensor=Sensor(mux_channel=LINE_CHANNEL, **SENSOR))
    )
    names = ("left", "right")[:legs]
    return Board(
        name="made",
        title=f"{topology}, {legs} x {zones} zones",
        chip="esp32s3",
        topology="independent" if independent else "manifold",
        supply=Supply(voltage_mv=12000, current_ma=15000, enable_pin=enable, relief_mmhg=170),
        pump=Pump(pin=pump, flow_ml_min=14000, stall_mmhg=600, min_duty_permille=250, current_ma=1500),
        line=line,
        mux=Mux(**MUX),
        legs=tuple(Leg(name=name, zones=tuple(zone(leg, place) for place in range(zones))) for leg, name in enumerate(names)),
        panel=Panel(button_pin=0, led_pin=19),
    )
