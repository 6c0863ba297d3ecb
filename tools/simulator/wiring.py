"""What a board's pins are connected to: pump, valves and enable of the plant, sensors, buttons, LED and buzzer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tools.simulator.plant import Plant

FULL = 65535


class Wiring:
    """The wiring object of a Chip (see chip.py) for one board and one plant."""

    def __init__(self, board: Any, plant: Plant) -> None:
        self.board = board
        self.plant = plant
        self.pump_duty = 0
        self.led = 0
        self.pressed: set[int] = set()
        self.levels: dict[int, int] = {}
        self._outputs: dict[int, Callable[[int], None]] = {board.pump.pin: self._pump}
        for index, (_, valve) in enumerate(board.valves()):
            self._outputs[valve.pin] = self._valve(index)
        if board.supply.enable_pin is not None:
            self._outputs[board.supply.enable_pin] = lambda duty: plant.enable_edge()
        self._outputs[board.panel.led_pin] = self._set_led
        self._sensor = {sensor.pin: index for index, (_, sensor) in enumerate(board.sensors()) if sensor.pin is not None}
        self._channel = {sensor.mux_channel: index for index, (_, sensor) in enumerate(board.sensors()) if sensor.pin is None}
        self._select = tuple(board.mux.select_pins) if board.mux else ()
        self._selected = self._channel.get(0)  # the sensor that the multiplexer shows
        panel = board.panel
        self._inputs = {pin for pin in (panel.button_pin, panel.plus_pin, panel.minus_pin, panel.program_pin) if pin is not None}

    def _pump(self, duty: int) -> None:
        self.pump_duty = duty
        self.plant.drive_pump(duty / FULL)

    def _valve(self, index: int) -> Callable[[int], None]:
        return lambda duty: self.plant.drive_valve(index, duty / FULL)

    def _set_led(self, duty: int) -> None:
        self.led = 1 if duty else 0

    def advance(self, dt_us: int) -> None:
        """Virtual time goes on."""
        self.plant.advance(dt_us * 1e-6)

    def output(self, gpio: int, duty_u16: int) -> None:
        """A pad changed."""
        self.levels[gpio] = 1 if duty_u16 else 0
        if gpio in self._select:
            self._selected = self._channel.get(sum(self.levels.get(pin, 0) << bit for bit, pin in enumerate(self._select)))
        action = self._outputs.get(gpio)
        if action is not None:
            action(duty_u16)

    def adc_mv(self, gpio: int) -> float:
        """Voltage at an analog pin; the multiplexer's output follows its select pins."""
        index = self._sensor.get(gpio)
        if index is None:
            mux, index = self.board.mux, self._selected
            if mux is None or gpio != mux.pin or index is None:
                return 0.0
        return self.plant.pin_mv(index)

    def level(self, gpio: int) -> int | None:
        """Buttons pull to ground; everything else is open."""
        return 0 if gpio in self.pressed else None
