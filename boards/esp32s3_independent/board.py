"""ESP32-S3, one leg of four zones, each with its own inlet, exhaust and sensor.

Reference plant: a 15 L/min boot-class pump, inlets and exhausts of C 0.5, chambers of 0.8 to 2.0 L.
The exhausts hold for long and run on PWM; the inlets open briefly and are plain on/off.
The module is one with octal PSRAM (N8R8, N16R8): the firmware then runs from files, without being frozen.
"""

from peristal.core.board import Board
from peristal.core.parts import Leg, Line, Panel, Pump, Sensor, Supply, Valve, Zone


def zone(inlet_pin, exhaust_pin, sensor_pin, volume_ml):
    return Zone(
        volume_ml=volume_ml,
        inlet=Valve(pin=inlet_pin, rest="closed", drive="on_off", current_ma=300, c_ml_s_bar=500),
        exhaust=Valve(pin=exhaust_pin, rest="open", current_ma=400, c_ml_s_bar=500, hold_permille=500),
        # XGZP6847A, 0-40 kPa: 0.5-4.5 V, divided to 0.595 by 68 k / 100 k with 100 nF at the pin.
        sensor=Sensor(
            pin=sensor_pin, zero_mv=500, full_mv=4500, range_pa=40000, divider_permille=595, divider_kohm=168
        ),
    )


BOARD = Board(
    name="esp32s3_independent",
    title="One leg of four zones, each with inlet, exhaust and sensor",
    chip="esp32s3",
    psram="octal",
    topology="independent",
    supply=Supply(voltage_mv=12000, current_ma=5000, enable_pin=15, relief_mmhg=170),
    pump=Pump(pin=11, flow_ml_min=15000, stall_mmhg=600, min_duty_permille=250, current_ma=1500),
    line=Line(volume_ml=30, ceiling_mmhg=140),
    legs=(
        Leg(
            name="left",
            zones=(zone(4, 12, 1, 800), zone(5, 13, 2, 1200), zone(6, 16, 9, 1600), zone(7, 17, 10, 2000)),
        ),
    ),
    panel=Panel(button_pin=38, led_pin=48, led="neopixel", buzzer_pin=47),
)
