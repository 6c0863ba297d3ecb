"""ESP32-C3, one leg of four zones on a manifold, on/off valves: the smallest pair worth building.

Reference plant: a 6 L/min pump, small valves (C 0.3) and a vent of C 0.5, chambers of 0.6 to 1.2 L.
A C3 has six PWM channels: the pump, the vent and the buzzer take three, the zone valves are plain on/off and small enough to
be held at full voltage. The button is the module's own BOOT button: whoever holds it down while the chip starts lands in the
bootloader, with everything off. The colour LED is the module's own.
"""

from peristal.core.board import Board
from peristal.core.parts import Leg, Line, Panel, Pump, Sensor, Supply, Valve, Zone


def zone(pin, volume_ml):
    return Zone(
        volume_ml=volume_ml,
        valve=Valve(pin=pin, rest="open", drive="on_off", current_ma=250, c_ml_s_bar=300, continuous_mw=3500),
    )


BOARD = Board(
    name="esp32c3_mini",
    title="One leg of four zones on a manifold, on/off valves",
    chip="esp32c3",
    topology="manifold",
    supply=Supply(voltage_mv=12000, current_ma=3000, enable_pin=3, relief_mmhg=170),
    pump=Pump(pin=10, flow_ml_min=6000, stall_mmhg=400, min_duty_permille=300, current_ma=700),
    line=Line(
        volume_ml=30,
        ceiling_mmhg=140,
        vent=Valve(pin=1, rest="open", current_ma=300, c_ml_s_bar=500),
        # XGZP6847A, 0-40 kPa: 0.5-4.5 V, halved by 100 k / 100 k with 100 nF at the pin.
        sensor=Sensor(pin=0, zero_mv=500, full_mv=4500, range_pa=40000, divider_permille=500),
    ),
    legs=(Leg(name="left", zones=(zone(4, 600), zone(5, 800), zone(6, 1000), zone(7, 1200))),),
    panel=Panel(button_pin=9, led_pin=8, led="neopixel", buzzer_pin=21),
)
