"""Classic ESP32, two legs of four zones on one manifold: one pump, one sensor, normally-open valves.

Reference plant: a 15 L/min boot-class pump, 4 mm zone valves (C 0.5), a large vent (C 1.0), chambers of 0.8 to 2.0 L.
Wiring: every gate has a 10 k pull-down; the enable feeds a charge pump that holds the 12 V only while it is toggled.
"""

from peristal.core.board import Board
from peristal.core.parts import Leg, Line, Panel, Pump, Sensor, Supply, Valve, Zone

ZONE_VALVE = {"rest": "open", "current_ma": 400, "c_ml_s_bar": 500, "hold_permille": 500}


def zone(pin, volume_ml):
    return Zone(volume_ml=volume_ml, valve=Valve(pin=pin, **ZONE_VALVE))


BOARD = Board(
    name="esp32_manifold",
    title="Two legs of four zones on one manifold",
    chip="esp32",
    topology="manifold",
    supply=Supply(voltage_mv=12000, current_ma=5000, enable_pin=23, relief_mmhg=170),
    pump=Pump(pin=25, flow_ml_min=15000, stall_mmhg=600, min_duty_permille=250, current_ma=1500),
    line=Line(
        volume_ml=50,
        ceiling_mmhg=140,
        vent=Valve(pin=26, rest="open", current_ma=500, c_ml_s_bar=1000),
        # XGZP6847A, 0-40 kPa: 0.5-4.5 V, halved by 100 k / 100 k with 100 nF at the pin.
        sensor=Sensor(pin=36, zero_mv=500, full_mv=4500, range_pa=40000, divider_permille=500),
    ),
    legs=(
        Leg(name="left", zones=(zone(4, 800), zone(18, 1200), zone(19, 1600), zone(21, 2000))),
        Leg(name="right", zones=(zone(22, 800), zone(27, 1200), zone(32, 1600), zone(33, 2000))),
    ),
    panel=Panel(button_pin=13, led_pin=2, buzzer_pin=17, plus_pin=16, minus_pin=14, program_pin=5),
)
