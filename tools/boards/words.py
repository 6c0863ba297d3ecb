"""What every key of a board file means: the words beside the ranges that the firmware's own tables hold."""

from __future__ import annotations

from peristal.core import parts
from peristal.core.board import Board

CLASSES: tuple[type[parts.Part], ...] = (
    Board, parts.Supply, parts.Pump, parts.Line, parts.Mux, parts.Leg, parts.Zone, parts.Valve, parts.Sensor, parts.Panel,
)  # fmt: skip

UNITS = (
    ("_permille", "permille"), ("_ml_s_bar", "mL/(s bar)"), ("_ml_min", "mL/min"), ("_mmhg", "mmHg"), ("_per_10_min", "s"), ("_mv", "mV"),
    ("_mw", "mW"), ("_ma", "mA"), ("_ua", "uA"), ("_us", "us"), ("_ms", "ms"), ("_ml", "mL"), ("_pa", "Pa"), ("_hz", "Hz"), ("_s", "s"),
    ("_kohm", "kohm"), ("_pin", "GPIO"), ("_pins", "GPIO"), ("pin", "GPIO"),
)  # fmt: skip

WORDS = {
    "Board.name": "the board's folder; what is learned and stored carries it",
    "Board.title": "one line that says what it drives",
    "Board.chip": "decides which pins, ADC range and PWM channels there are",
    "Board.psram": "kind of PSRAM on the module: it takes pins",
    "Board.topology": "manifold: one way out for all zones; independent: each zone has inlet and exhaust",
    "Board.supply": "the supply of pump and coils",
    "Board.pump": "the pump",
    "Board.line": "what lies between pump and zone valves",
    "Board.mux": "an analog multiplexer, where ADC1 pins run out",
    "Board.legs": "1 or 2 sleeves",
    "Board.panel": "button, LED and what else a hand reaches",
    "Board.cap_mmhg": "what the sleeves bear: no zone goes above it",
    "Supply.voltage_mv": "voltage of pump and coils",
    "Supply.current_ma": "what the supply can give; 90 % of it is used at most",
    "Supply.enable_pin": "feeds the charge pump that holds the 12 V only while the loop toggles it; may be left out below 30 mmHg stuck",
    "Supply.relief_mmhg": "opening pressure of the mechanical relief valve on the line, at least 10 above the ceiling",
    "Pump.pin": "gate of the pump's transistor",
    "Pump.drive": "pwm: throttled and started softly; on_off: switched",
    "Pump.pwm_hz": "frequency of the PWM; equal ones share a timer",
    "Pump.flow_ml_min": "free flow, from the datasheet",
    "Pump.stall_mmhg": "pressure at which the flow ends, from the datasheet",
    "Pump.min_duty_permille": "below this it stalls; measure it",
    "Pump.current_ma": "current at full duty",
    "Pump.soft_start_ms": "ramp to the wished duty",
    "Pump.spin_up_ms": "from standstill to full flow",
    "Pump.coast_ms": "from full flow to standstill",
    "Pump.max_run_s": "longest run in one go",
    "Pump.max_on_s_per_10_min": "its duty cycle, from the datasheet",
    "Line.volume_ml": "volume of manifold and hoses",
    "Line.ceiling_mmhg": "the pump is throttled to stay below it, and below 130 where zones have no sensor",
    "Line.vent": "normally-open valve to the air; a manifold needs one, an independent board has none",
    "Line.sensor": "pressure of the line; a manifold needs one",
    "Mux.pin": "ADC1 pin of its common output",
    "Mux.select_pins": "1 to 4 pins, the lowest bit first",
    "Mux.settle_us": "wait between choosing a channel and reading it",
    "Leg.name": "left or right, as the display calls it",
    "Leg.zones": "1 to 6 chambers, zone 1 at the foot",
    "Zone.volume_ml": "volume at which its slack is taken up: foot smallest, thigh largest",
    "Zone.valve": "manifold: normally-open valve to the line",
    "Zone.inlet": "independent: normally-closed valve from the line",
    "Zone.exhaust": "independent: normally-open valve to the air",
    "Zone.sensor": "pressure of the zone; all zones have one or none",
    "Valve.pin": "gate of the coil's transistor",
    "Valve.rest": "what it is without current",
    "Valve.drive": "pwm: peak and hold; on_off: full current as long as it is on",
    "Valve.pwm_hz": "frequency of the PWM",
    "Valve.current_ma": "coil current at full voltage",
    "Valve.pull_in_ms": "time at full current before it is only held",
    "Valve.hold_permille": "duty that holds it; it drops out at about 360",
    "Valve.continuous_mw": "heat the coil may make for good, from the datasheet",
    "Valve.refresh_s": "a held coil is pulled in again this often",
    "Valve.c_ml_s_bar": "sonic conductance C (ISO 6358) times 1000: 0.5 dm3/(s bar) is 500",
    "Valve.on_ms": "longest delay from current to the new position",
    "Valve.off_ms": "longest delay from no current to rest",
    "Sensor.pin": "ADC1 pin, or mux_channel",
    "Sensor.mux_channel": "channel of the multiplexer, or pin",
    "Sensor.zero_mv": "output at 0 mmHg, before the divider",
    "Sensor.full_mv": "output at range_pa, before the divider",
    "Sensor.range_pa": "its full scale: 40 kPa is 40000",
    "Sensor.zero_error_mv": "how far its zero may lie off, from the datasheet",
    "Sensor.rail_mv": "its supply: what a short shows",
    "Sensor.divider_permille": "share of the output that reaches the pin",
    "Sensor.divider_kohm": "both resistors of the divider together",
    "Sensor.most_load_ua": "current the sensor's output can give",
    "Panel.button_pin": "the button, to ground: start, stop, pause",
    "Panel.led_pin": "the LED",
    "Panel.led": "a plain LED, or one WS2812",
    "Panel.buzzer_pin": "a piezo buzzer on a transistor",
    "Panel.plus_pin": "key for more pressure, to ground",
    "Panel.minus_pin": "key for less pressure, to ground",
    "Panel.program_pin": "key for the next program, to ground",
}


def unit(key: str) -> str:
    """The unit that the end of a key's name says, or ''."""
    return next((unit for end, unit in UNITS if key.endswith(end)), "")
