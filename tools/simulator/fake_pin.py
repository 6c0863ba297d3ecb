"""machine.Pin of the ESP32 port (ports/esp32/machine_pin.c).

One object for each GPIO, `init` in the port's order (value before mode), input-only pins.
"""

from typing import Any

from tools.simulator.pads import OUTPUT, PULL_UP, Pad
from tools.simulator.tape import INPUTS, OUTPUTS

PIN_LEVEL = INPUTS["PIN_LEVEL"]
PIN_VALUE = OUTPUTS["PIN_VALUE"]
_ABSENT = object()


def need_int(value: Any) -> int:
    """An argument the port takes with mp_obj_get_int: TypeError for a float, a string, None."""
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"can't convert {type(value).__name__} to int")


class Pin:
    """`_chip` and `_pins` are set by the subclass that a start-up binds to its chip."""

    __slots__ = ("_pad",)
    _chip: Any
    _pins: dict[int, "Pin"]

    IN, OUT, OPEN_DRAIN = 1, 3, 7
    PULL_DOWN, PULL_UP = 1, 2
    IRQ_RISING, IRQ_FALLING = 1, 2
    WAKE_LOW, WAKE_HIGH = 4, 5
    DRIVE_0, DRIVE_1, DRIVE_2, DRIVE_3 = 0, 1, 2, 3

    def __new__(cls, id: Any, *args: Any, **kwargs: Any) -> "Pin":
        """The GPIO's object; any further argument goes to `init`. ValueError "invalid pin" for one the chip does not have."""
        if isinstance(id, Pin):
            pin = id
        else:
            pad = cls._chip.pads.get(id) if isinstance(id, int) and not isinstance(id, bool) else None
            if pad is None:
                raise ValueError("invalid pin")
            pin = cls._pins.get(id)
            if pin is None:
                pin = object.__new__(cls)
                pin._pad = pad
                cls._pins[id] = pin
        if args or kwargs:
            pin.init(*args, **kwargs)
        return pin

    def init(self, mode: Any = None, pull: Any = -1, *, value: Any = _ABSENT, drive: Any = _ABSENT, hold: Any = _ABSENT) -> None:
        """Sets the output register first, then the mode.

        ValueError "pin can only be input". A pull on an input-only pin is ignored without a word.
        """
        chip, pad = self._chip, self._pad
        chip.check_alive()
        if value is not _ABSENT:
            pad.level = 1 if value else 0
        if drive is not _ABSENT:
            need_int(drive)
        if mode is not None:
            mode = need_int(mode)
            if mode & OUTPUT and pad.gpio in chip.facts.input_only:
                raise ValueError("pin can only be input")
            pad.mode = mode
            if mode & OUTPUT:
                pad.route(None)  # gpio_set_direction takes the pad back from the LEDC
        if not (isinstance(pull, int) and pull == -1) and pad.gpio not in chip.facts.input_only:
            pad.pull = 0 if pull is None else need_int(pull)
        if value is not _ABSENT and chip.tape is not None:
            chip.tape.made(PIN_VALUE, pad.gpio, pad.level)
        chip.drive(pad)

    def value(self, *level: Any) -> int | None:
        """Level 0/1 of the pad without an argument; with one, sets the output register (of an input too, as on the chip)."""
        if level:
            (new,) = level
            self._set(1 if new else 0)
            return None
        chip = self._chip
        now_us = chip.now_us + 1
        if now_us < chip.wake_us:
            chip.now_us = now_us
        else:
            chip.advance(1)
        read = self._read(chip, self._pad)
        if chip.tape is not None:
            chip.tape.given(PIN_LEVEL, read)
        return read

    __call__ = value

    def on(self) -> None:
        """Output register 1."""
        self._set(1)

    def off(self) -> None:
        """Output register 0."""
        self._set(0)

    def toggle(self) -> None:
        """Output register the other way."""
        self._set(1 - self._pad.level)

    def irq(self, handler: Any = None, trigger: int = 3, wake: Any = None) -> None:
        """Soft handler for edges.

        The queue is 8 deep and what does not fit is lost. (The port returns an irq object; this one returns None.)
        """
        if wake is not None:
            raise ValueError("bad wake value")
        self._chip.check_alive()
        pad = self._pad
        pad.handler = handler
        pad.trigger = need_int(trigger) if handler is not None else 0
        pad.input_level = self._read(self._chip, pad)

    def _set(self, level: int) -> None:
        chip, pad = self._chip, self._pad
        if chip.wake_us < 0:
            raise chip.dead
        pad.level = level
        if chip.tape is not None:
            chip.tape.made(PIN_VALUE, pad.gpio, level)
        chip.drive(pad)

    @staticmethod
    def _read(chip: Any, pad: Pad) -> int:
        if pad.mode & OUTPUT and not (pad.mode & 4 and pad.level):
            return 1 if pad.wanted() else 0
        if pad.mode == 0:
            return 0
        level = chip.input_level(pad.gpio)
        if level is None:
            return 1 if pad.pull & PULL_UP else 0
        return level

    def __repr__(self) -> str:
        return f"Pin({self._pad.gpio})"
