"""Classic ESP32, two legs of five zones on one manifold, each zone with a sensor of its own behind an analog multiplexer.

Reference plant: a 20 L/min boot-class pump, 4 mm zone valves (C 0.5), a large vent (C 1.2), chambers of 0.7 to 1.8 L.
Wiring: a CD74HC4067 (16 channels, 3.3 V) in front of one ADC pin; each sensor's divider and its 100 nF sit before it, so that
nothing has to charge when the channel changes. Every pin that is fit for an actuator has one, which leaves none for a buzzer.
The highest select line is a strapping pin that must be low at start-up: it has a 10 k pull-down like the gates.
"""

from peristal.core.board import Board
from peristal.core.parts import Leg, Line, Mux, Panel, Pump, Sensor, Supply, Valve, Zone

ZONE_VALVE = {"rest": "open", "current_ma": 400, "c_ml_s_bar": 500, "hold_permille": 500}
# XGZP6847A, 0-40 kPa: 0.5-4.5 V, halved by 100 k / 100 k with 100 nF.
SENSOR = {"zero_mv": 500, "full_mv": 4500, "range_pa": 40000, "divider_permille": 500}
VOLUMES_ML = (700, 900, 1200, 1500, 1800)  # from the foot up


def zones(valve_pins, first_channel):
    return tuple(
        [
            Zone(
                volume_ml=volume_ml,
                valve=Valve(pin=pin, **ZONE_VALVE),
                sensor=Sensor(mux_channel=first_channel + index, **SENSOR),
            )
            for index, (pin, volume_ml) in enumerate(zip(valve_pins, VOLUMES_ML))
        ]
    )


BOARD = Board(
    name="esp32_manifold_5",
    title="Two legs of five zones on one manifold, zone sensors through a multiplexer",
    chip="esp32",
    topology="manifold",
    supply=Supply(voltage_mv=12000, current_ma=6000, enable_pin=23, relief_mmhg=170),
    pump=Pump(pin=25, flow_ml_min=20000, stall_mmhg=600, min_duty_permille=250, current_ma=1800),
    line=Line(
        volume_ml=60,
        ceiling_mmhg=140,
        vent=Valve(pin=26, rest="open", current_ma=500, c_ml_s_bar=1200),
        sensor=Sensor(pin=36, **SENSOR),
    ),
    mux=Mux(pin=39, select_pins=(5, 13, 14, 12)),
    legs=(
        Leg(name="left", zones=zones((4, 16, 17, 18, 19), 0)),
        Leg(name="right", zones=zones((21, 22, 27, 32, 33), 8)),
    ),
    panel=Panel(button_pin=15, led_pin=2),
)
