"""From a few answers to a whole board file: pins, multiplexer, drives and supply are chosen so that the check is content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peristal.core import chips, limits, model
from peristal.core.board_check import MOST_STUCK_MMHG, MOST_VENT_MS
from peristal.core.units import mmhg, pa
from tools.boards.findings import least
from tools.boards.pin_facts import GOOD_ACTUATORS, adc1_pins, reasons
from tools.boards.rules_power import SIZES_MA

LEDS = {"esp32": (2, "plain"), "esp32s3": (48, "neopixel"), "esp32c3": (8, "neopixel"), "esp32c6": (8, "neopixel")}
BUTTONS = {"esp32": (13, 15, 14), "esp32s3": (38, 21, 18, 14), "esp32c3": (9,), "esp32c6": (10, 11, 9)}
SELECTS = {"esp32": (5, 13, 14, 12), "esp32s3": (39, 40, 41, 42), "esp32c3": (2, 20, 21), "esp32c6": (4, 5, 6, 7)}
SIZES = {"small": 700, "medium": 1000, "large": 1400}  # mL of the foot chamber; the thigh's is two and a half times that
MARGIN_PERCENT = 110  # a vent declared just at the limit would be at it


class NoPlan(Exception):
    """These answers make no board; the text says which one would have to change."""


@dataclass
class Answers:
    """What is asked. Figures as in a board file."""

    name: str
    chip: str = "esp32"
    topology: str = "manifold"
    legs: int = 2
    zones: int = 4
    size: str = "medium"
    zone_sensors: bool = False
    flow_ml_min: int = 15000
    stall_mmhg: int = 600
    pump_ma: int = 1500
    valve_c: int = 500
    valve_ma: int = 400
    enable: bool = True

    @property
    def volumes_ml(self) -> list[int]:
        """Volumes from the foot up."""
        foot = SIZES[self.size]
        steps = max(1, self.zones - 1)
        return [round(foot * (1 + 1.5 * zone / steps) / 50) * 50 for zone in range(self.zones)]


@dataclass
class Layout:
    """What was chosen: which pins, a multiplexer or not, and whether the held coils are plain on/off."""

    manifold: bool
    own_sensors: bool
    mux: bool
    on_off: bool
    sensors: list[int]
    enable: int | None
    pump: int
    vent: int | None
    valves: list[list[int]]
    selects: list[int]
    button: int
    buzzer: int | None


class Pins:
    """Hands out pins, each once."""

    def __init__(self, chip: str) -> None:
        self.chip = chip
        self.left = list(chips.CHIPS[chip][chips.PINS])

    def take(self, what: str, wanted: Any) -> int:
        """The first of the wanted pins that is still free. Raises NoPlan."""
        for pin in wanted:
            if pin in self.left:
                self.left.remove(pin)
                return pin
        raise NoPlan(f"{what}: {self.chip} has no pin left for it; take fewer zones or another chip (esp32 has the most)")

    def take_if(self, wanted: Any) -> int | None:
        """The same, or None."""
        try:
            return self.take("", wanted)
        except NoPlan:
            return None


def vent_c(answers: Answers) -> int:
    """The vent that a manifold needs: fast enough, and without an enable wide enough for a pump stuck on."""
    zones = [(volume_ml, answers.valve_c) for volume_ml in answers.volumes_ml] * answers.legs
    fast = least(20, 5000, lambda c: model.manifold_vent_ms(zones, c, pa(limits.CAP_MMHG), pa(15)) <= MOST_VENT_MS)
    if fast is None:
        raise NoPlan("valve_c: so much air does not leave through these zone valves in 15 s, whatever the vent; allowed: a larger C")
    if not answers.enable:
        flow, stall = answers.flow_ml_min // 60, pa(answers.stall_mmhg)
        wide = least(20, 5000, lambda c: mmhg(model.drop_pa(c, flow, stall, 0)) < MOST_STUCK_MMHG)
        if wide is None:
            raise NoPlan("enable: no vent is wide enough for this pump when it is stuck on; allowed: an enable")
        fast = max(fast, wide)
    return min(5000, -(-fast * MARGIN_PERCENT // 100 // 50) * 50)


def write(answers: Answers) -> str:
    """The text of a board.py. Raises NoPlan."""
    manifold = answers.topology == "manifold"
    if not manifold and not answers.enable:
        raise NoPlan("enable: with independent zones a pump stuck on dead-ends behind the inlets; allowed: an enable")
    if not manifold:
        largest_ml = max(answers.volumes_ml)
        c = least(20, 5000, lambda c: model.vent_ms(largest_ml, c, pa(limits.CAP_MMHG), pa(15)) <= MOST_VENT_MS)
        if c is None or answers.valve_c < c:
            raise NoPlan(f"valve_c: {answers.valve_c} does not empty the largest zone in 15 s; allowed: {c} or more")
    own_sensors = answers.zone_sensors or not manifold
    count = answers.zones * answers.legs
    pins = Pins(answers.chip)
    pins.take("led", LEDS[answers.chip][:1])
    good = GOOD_ACTUATORS[answers.chip]
    adc_order = sorted(adc1_pins(answers.chip), key=lambda pin: (bool(reasons(answers.chip, "none", pin)) and pin < 34, pin in good, -pin))
    need_adc = (1 if manifold else 0) + (count if own_sensors else 0)
    spare = [pin for pin in adc_order if pin not in good]
    mux = own_sensors and need_adc > max(len(spare), 2 if answers.chip != "esp32" else 4)
    sensor_count = (1 if manifold else 0) + (1 if mux else count if own_sensors else 0)
    sensors = [pins.take("sensor", adc_order) for _ in range(sensor_count)]
    enable = pins.take("enable", good) if answers.enable else None
    pump = pins.take("pump", good)
    vent = pins.take("vent", good) if manifold else None
    valves = [[pins.take("valve", good) for _ in range(1 if manifold else 2)] for _ in range(count)]
    bits = max(1, (count - 1).bit_length())
    selects = [pins.take("mux", SELECTS[answers.chip] + good) for _ in range(bits)] if mux else []
    button = pins.take("button", BUTTONS[answers.chip] + good)
    pwm = chips.CHIPS[answers.chip][chips.PWM_CHANNELS] - (2 if manifold else 1)
    held = count  # zone valves of a manifold, exhausts of an independent board: they hold for long
    on_off = held > pwm
    buzzer = pins.take_if(good) if on_off or held < pwm else None
    layout = Layout(manifold, own_sensors, mux, on_off, sensors, enable, pump, vent, valves, selects, button, buzzer)
    return _text(answers, layout)


def _text(answers: Answers, layout: Layout) -> str:
    manifold, mux, sensors, valves, own_sensors = layout.manifold, layout.mux, layout.sensors, layout.valves, layout.own_sensors
    led, led_kind = LEDS[answers.chip]
    holding_ma = answers.valve_ma if layout.on_off else answers.valve_ma // 2
    # everything held, the vent or the inlets at their full current, and one coil pulling in
    need = answers.pump_ma + holding_ma * len(valves) + answers.valve_ma * (1 + (1 if manifold else len(valves)))
    supply = next((size for size in SIZES_MA if size * 90 // 100 >= need), None)
    if supply is None:
        raise NoPlan(f"valve_ma: pump and coils need {need} mA, no supply that is sold gives it; allowed: coils of less current")
    heat = f", continuous_mw={max(5000, 12 * answers.valve_ma * 11 // 10)}" if layout.on_off and 12 * answers.valve_ma > 5000 else ""
    drive = f'drive="on_off", current_ma={answers.valve_ma}{heat}' if layout.on_off else f"current_ma={answers.valve_ma}, hold_permille=500"
    figures = f"{drive}, c_ml_s_bar={answers.valve_c}"
    imports = ["Leg", "Line", *(["Mux"] if mux else []), "Panel", "Pump", "Sensor", "Supply", "Valve", "Zone"]
    sensor = "zero_mv=500, full_mv=4500, range_pa=40000, divider_permille=500"
    zone_sensors = iter(sensors[1 if manifold else 0 :])
    legs = []
    for leg in range(answers.legs):
        lines = []
        for zone, volume in enumerate(answers.volumes_ml):
            index = leg * answers.zones + zone
            where = f"mux_channel={index}" if mux else f"pin={next(zone_sensors)}" if own_sensors else ""
            numbers = ", ".join(str(pin) for pin in valves[index])
            lines.append(f"zone({numbers}, {volume}{', ' + where if where else ''}),")
        name = ("left", "right")[leg]
        body = "\n".join(f"                {line}" for line in lines)
        legs.append(f'        Leg(\n            name="{name}",\n            zones=(\n{body}\n            ),\n        ),')
    keys = "pin=None, mux_channel=None" if own_sensors else ""
    arguments = ("pin" if manifold else "inlet_pin, exhaust_pin") + ", volume_ml" + (", " + keys if keys else "")
    paths = (
        f'valve=Valve(pin=pin, rest="open", {figures}),'
        if manifold
        else f'inlet=Valve(pin=inlet_pin, rest="closed", drive="on_off", current_ma={answers.valve_ma}, c_ml_s_bar={answers.valve_c}),\n'
        f'        exhaust=Valve(pin=exhaust_pin, rest="open", {figures}),'
    )
    if own_sensors:
        sensor_keys = "pin=pin, mux_channel=mux_channel"
        if manifold:
            arguments = arguments.replace("pin=None", "sensor_pin=None")
            sensor_keys = "pin=sensor_pin, mux_channel=mux_channel"
            legs = [text.replace(", pin=", ", sensor_pin=") for text in legs]
        paths += f"\n        sensor=Sensor({sensor_keys}, **SENSOR),"
    line = f"volume_ml={30 + 5 * len(valves)}, ceiling_mmhg=140"
    if manifold:
        line = f"""
        {line.replace(", ", f",{chr(10)}        ")},
        vent=Valve(pin={layout.vent}, rest="open", current_ma={answers.valve_ma}, c_ml_s_bar={vent_c(answers)}),
        sensor=Sensor(pin={sensors[0]}, **SENSOR),
    """
    mux_line = f"    mux=Mux(pin={sensors[-1]}, select_pins={tuple(layout.selects)}),\n" if mux else ""
    enable_text = f"enable_pin={layout.enable}, " if layout.enable is not None else ""
    panel = f"button_pin={layout.button}, led_pin={led}" + (f', led="{led_kind}"' if led_kind != "plain" else "")
    panel += f", buzzer_pin={layout.buzzer}" if layout.buzzer is not None else ""
    join = "\n"
    return f'''"""{answers.legs} x {answers.zones} zones, {answers.topology}, on {answers.chip}: written by `make new-board`, yours to edit.

Figures that were asked for come from your parts; the others are usual ones. `make check BOARD={answers.name}` explains them all.
"""

from peristal.core.board import Board
from peristal.core.parts import {", ".join(imports)}

# XGZP6847A, 0-40 kPa: 0.5-4.5 V, halved by 100 k / 100 k with 100 nF.
SENSOR = {{{", ".join(f'"{part.split("=")[0]}": {part.split("=")[1]}' for part in sensor.split(", "))}}}


def zone({arguments}):
    return Zone(
        volume_ml=volume_ml,
        {paths}
    )


BOARD = Board(
    name="{answers.name}",
    title="{_title(answers)}",
    chip="{answers.chip}",
    topology="{answers.topology}",
    supply=Supply(voltage_mv=12000, current_ma={supply}, {enable_text}relief_mmhg=170),
    pump=Pump(pin={layout.pump}, flow_ml_min={answers.flow_ml_min}, stall_mmhg={answers.stall_mmhg}, current_ma={answers.pump_ma}),
    line=Line({line}),
{mux_line}    legs=(
{join.join(legs)}
    ),
    panel=Panel({panel}),
)
'''


def _title(answers: Answers) -> str:
    words = ("", "one", "two", "three", "four", "five", "six")
    legs = "One leg" if answers.legs == 1 else "Two legs"
    zones = f"{words[answers.zones]} zone{'s' if answers.zones > 1 else ''}"
    way = "on one manifold" if answers.topology == "manifold" else "each with inlet, exhaust and sensor"
    sensors = ", with zone sensors" if answers.zone_sensors and answers.topology == "manifold" else ""
    return f"{legs} of {zones}{', ' if way.startswith('each') else ' '}{way}{sensors}"
