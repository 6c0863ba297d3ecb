"""What the parts of a board are called where a person reads: zones by leg and number, valves by what they do."""

from __future__ import annotations

from typing import Any

from peristal.core.board import Board
from peristal.core.parts import Sensor, Valve

CHIP_NAMES = {"esp32": "ESP32", "esp32s3": "ESP32-S3", "esp32c3": "ESP32-C3", "esp32c6": "ESP32-C6"}
KINDS = {"valve": "", "inlet": " inlet", "exhaust": " exhaust", "sensor": " sensor"}


def place(board: Board, path: str) -> str:
    """'left zone 1 exhaust' for 'legs[0].zones[0].exhaust', 'line vent' for 'line.vent'."""
    if not path.startswith("legs["):
        return path.replace(".", " ")
    leg, zone, kind = int(path[5]), int(path.split("zones[")[1].split("]")[0]), path.rpartition(".")[2]
    return f"{board.legs[leg].name} zone {zone + 1}{KINDS[kind]}"


def valve_figures(valve: Valve) -> str:
    """Kind, coil and conductance, as a shop would be asked."""
    drive = "peak and hold" if valve.drive == "pwm" else "on/off"
    return f"normally {valve.rest}, {valve.current_ma} mA, {drive}"


def conductance(valve: Valve) -> str:
    """C in the unit of datasheets."""
    return f"{valve.c_ml_s_bar / 1000:g} dm3/(s bar)"


def divider(sensor: Sensor) -> tuple[str, str]:
    """The upper and the lower resistor of a sensor's divider."""
    lower = round(sensor.divider_kohm * sensor.divider_permille / 1000)
    return f"{sensor.divider_kohm - lower} k", f"{lower} k"


def panel_parts(board: Board) -> list[tuple[str, int, str]]:
    """(key, pin, words) of what the front panel has."""
    panel: Any = board.panel
    words = {
        "button_pin": "button to ground",
        "plus_pin": "key + to ground",
        "minus_pin": "key - to ground",
        "program_pin": "key for programs, to ground",
        "led_pin": "WS2812 colour LED" if panel.led == "neopixel" else "LED through 330 ohm",
        "buzzer_pin": "piezo buzzer on a transistor",
    }
    return [(key, getattr(panel, key), words[key]) for key in words if getattr(panel, key) is not None]
