"""A chip on the bench for tests of the fakes: wires that note what the pins do, and a few lines of firmware."""

import textwrap
from typing import Any

from tools.simulator.chip import Chip
from tools.simulator.flash import Flash


class Wires:
    """Notes each output as (us, gpio, duty_u16); inputs are what the test puts into `mv` and `levels`."""

    def __init__(self) -> None:
        self.t_us = 0
        self.outputs: list[tuple[int, int, int]] = []
        self.now: dict[int, int] = {}
        self.mv: dict[int, float] = {}
        self.levels: dict[int, int] = {}
        self.longest_us = 0

    def advance(self, dt_us: int) -> None:
        self.t_us += dt_us
        self.longest_us = max(self.longest_us, dt_us)

    def output(self, gpio: int, duty_u16: int) -> None:
        self.outputs.append((self.t_us, gpio, duty_u16))
        self.now[gpio] = duty_u16

    def adc_mv(self, gpio: int) -> float:
        return self.mv.get(gpio, 0.0)

    def level(self, gpio: int) -> int | None:
        return self.levels.get(gpio)


def chip_with(main: str, kind: str = "esp32", files: dict[str, Any] | None = None, **options: Any) -> Chip:
    """A chip whose flash has `main` as main.py."""
    flash = Flash({"main.py": textwrap.dedent(main), **(files or {})})
    return Chip(kind, flash, Wires(), **options)


def run(main: str, seconds: float = 1.0, kind: str = "esp32", files: dict[str, Any] | None = None, **options: Any) -> Chip:
    """Run it until `seconds` after power-on."""
    chip = chip_with(main, kind, files, **options)
    chip.at(int(seconds * 1_000_000), chip.power_off)
    chip.run()
    return chip


def says(expression: str, setup: str = "", **options: Any) -> str:
    """What the device prints for an expression: its repr, or the type and text of what it raises."""
    main = "import machine, time, os, sys, gc, struct, micropython\nfrom machine import *\n" + textwrap.dedent(setup)
    main += f"\ntry:\n    print(repr({expression}))\nexcept Exception as error:\n    print(type(error).__name__ + ':', error)\n"
    return run(main, **options).console[-1]
