"""Why a pin is special, chip by chip. Sources: the chips' datasheets, ESP-IDF 5.5, ports/esp32 of MicroPython 1.28."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from peristal.core import chips

STRAPPING = {
    "esp32": {
        0: "low at start-up enters the bootloader",
        2: "high at start-up keeps the bootloader away",
        5: "sets the SDIO timing at start-up",
        12: "high at start-up selects 1.8 V for the flash, and the chip does not start",
        15: "low at start-up silences the boot log",
    },
    "esp32s3": {
        0: "low at start-up enters the bootloader",
        3: "chooses the JTAG source at start-up",
        45: "high at start-up selects 1.8 V for the flash",
        46: "must be low at start-up to enter the bootloader",
    },
    "esp32c3": {
        2: "must be high at start-up",
        8: "must be high at start-up to enter the bootloader",
        9: "low at start-up enters the bootloader",
    },
    "esp32c6": {
        4: "sets the SDIO edge at start-up",
        5: "sets the SDIO edge at start-up",
        8: "must be high at start-up to enter the bootloader",
        9: "low at start-up enters the bootloader",
        15: "chooses the JTAG source at start-up",
    },
}
FLASH = {"esp32": range(6, 12), "esp32s3": range(26, 33), "esp32c3": range(11, 18), "esp32c6": range(24, 31)}
USB = {"esp32": (), "esp32s3": (19, 20), "esp32c3": (18, 19), "esp32c6": (12, 13)}
JTAG = {"esp32": range(12, 16), "esp32s3": range(39, 43), "esp32c3": range(4, 8), "esp32c6": range(4, 8)}
UART = {"esp32": (1, 3), "esp32s3": (43, 44), "esp32c3": (21, 20), "esp32c6": (16, 17)}
PULSES = {
    "esp32": (0, 1, 3, 5, *range(6, 12), 12, 14, 15),
    "esp32s3": (0, 19, 20, 43, 26),
    "esp32c3": (9, 18, 19, 21),
    "esp32c6": (9, 13, 16),
}
UNSTEADY = {"esp32": (2, 13), "esp32s3": (18, 21, 39, 40, 41, 42), "esp32c3": (2, 8), "esp32c6": (4, 5, 8, 15)}
GOOD_ACTUATORS = {
    "esp32": (4, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33, 16, 17),
    "esp32s3": (*range(4, 18), 38, 47, 48),
    "esp32c3": (0, 1, 3, 10, 4, 5, 6, 7),
    "esp32c6": (0, 1, 2, 3, 18, 19, 20, 21, 22, 23),
}
DEVKIT_ADC = {"esp32": (36, 39, 34, 35, 32, 33)}
"""ADC1 pins that the usual module brings out, where these are not all."""


def adc1_pins(chip: str) -> Iterable[int]:
    """ADC1 pins of a chip."""
    pins: Any = chips.CHIPS[chip][chips.ADC1]
    return pins


def reasons(chip: str, psram: str, pin: int) -> list[str]:
    """Everything that is special about a pin, worst first."""
    said = []
    if pin in FLASH[chip]:
        said.append("belongs to the flash")
    elif pin not in chips.CHIPS[chip][chips.PINS]:
        said.append("does not exist on this chip")
    if pin in chips.PSRAM.get((chip, psram), ()):
        said.append("belongs to the PSRAM")
    if pin in chips.CHIPS[chip][chips.INPUT_ONLY]:
        said.append("is input only and has no pull-up")
    if pin in USB[chip]:
        said.append("is the USB port")
    if pin in UART[chip]:
        said.append("is the serial console (UART0)")
    if pin in PULSES[chip]:
        said.append("is high or pulses at start-up")
    elif pin in UNSTEADY[chip]:
        said.append("may be high for a moment at start-up")
    if pin in STRAPPING[chip]:
        said.append(f"is a strapping pin: {STRAPPING[chip][pin]}")
    return said


def free_pins(chip: str, psram: str, use: str, taken: Iterable[int]) -> list[int]:
    """Pins that would serve for a use ('actuator', 'adc', 'output', 'input') and are not taken, the best first."""
    facts = chips.CHIPS[chip]
    if use == "actuator":
        order = list(GOOD_ACTUATORS[chip])
    elif use == "adc":
        order = list(DEVKIT_ADC.get(chip) or adc1_pins(chip))
    else:
        plain = [pin for pin in facts[chips.PINS] if not reasons(chip, psram, pin)]
        good = set(GOOD_ACTUATORS[chip])
        order = sorted(plain, key=lambda pin: (pin in good, pin))
    blocked = {*taken, *chips.PSRAM.get((chip, psram), ())}
    return [pin for pin in order if pin not in blocked]
