"""The small modules: micropython, gc, esp32, neopixel."""

from types import ModuleType
from typing import Any

from tools.simulator.fake_pin import need_int
from tools.simulator.tape import INPUTS, OUTPUTS

HEAP_BYTES = 128 * 1024  # what a classic ESP32 without SPIRAM has free at start


def build_micropython(chip: Any) -> ModuleType:
    """The `micropython` module.

    const, the scheduler, kbd_intr; the rest does nothing. No native and viper decorators: the firmware has none (WebAssembly refuses
    them).
    """
    micropython: Any = ModuleType("micropython")
    level = [0]

    def const(value: Any) -> Any:
        return value

    def schedule(function: Any, argument: Any) -> None:
        chip.check_alive()
        if not callable(function):
            raise TypeError(f"'{type(function).__name__}' object isn't callable")
        if not chip.schedule(function, argument, INPUTS["SCHEDULED"], 0):
            raise RuntimeError("schedule queue full")

    def kbd_intr(char: int) -> None:
        chip.interrupt_char = need_int(char)

    def opt_level(*new: int) -> int | None:
        if not new:
            return level[0]
        level[0] = need_int(new[0])
        return None

    def heap_lock() -> None:
        """Without effect: only a real heap can refuse."""

    def heap_unlock() -> int:
        return 0

    def alloc_emergency_exception_buf(size: int) -> None:
        need_int(size)

    def mem_info(verbose: Any = None) -> None:
        chip.write_console("mem: simulated\n")

    for function in (const, schedule, kbd_intr, opt_level, heap_lock, heap_unlock, alloc_emergency_exception_buf, mem_info):
        setattr(micropython, function.__name__, function)
    return micropython


def build_gc() -> ModuleType:
    """`gc` with a heap that never fills: what is allocated is measured on the real interpreter."""
    gc: Any = ModuleType("gc")
    enabled = [True]
    limit = [-1]

    def threshold(*amount: int) -> int | None:
        if not amount:
            return limit[0]
        limit[0] = need_int(amount[0])
        return None

    gc.collect = lambda: 0
    gc.mem_free = lambda: HEAP_BYTES * 3 // 4
    gc.mem_alloc = lambda: HEAP_BYTES // 4
    gc.enable = lambda: enabled.__setitem__(0, True)
    gc.disable = lambda: enabled.__setitem__(0, False)
    gc.isenabled = lambda: enabled[0]
    gc.threshold = threshold
    return gc


def build_esp32(chip: Any) -> ModuleType:
    """`esp32`: the chip's temperature, by the name its kind has."""
    esp32: Any = ModuleType("esp32")
    if chip.facts.has_raw_temperature:
        esp32.raw_temperature = lambda: 113  # degrees F
    else:
        esp32.mcu_temperature = lambda: 45  # degrees C
    return esp32


def build_neopixel(chip: Any, pin_type: Any) -> ModuleType:
    """`neopixel`: colours are shown at write(); `chip.pixels` has what each pin shows, a list of (r, g, b)."""
    neopixel: Any = ModuleType("neopixel")

    class NeoPixel:
        """As the frozen module of the port: colours are tuples, bytes are kept modulo 256."""

        ORDER = (1, 0, 2, 3)

        def __init__(self, pin: Any, n: int, bpp: int = 3, timing: int = 1) -> None:
            self.pin = pin
            self.n = need_int(n)
            self.bpp = bpp
            self._colours = [(0,) * bpp] * n
            pin.init(pin_type.OUT)

        def __len__(self) -> int:
            return self.n

        def __setitem__(self, i: int, colour: Any) -> None:
            if len(colour) < self.bpp:
                raise IndexError("tuple index out of range")
            self._colours[i] = tuple(need_int(part) & 255 for part in colour[: self.bpp])

        def __getitem__(self, i: int) -> tuple[int, ...]:
            return self._colours[i]

        def fill(self, colour: Any) -> None:
            for i in range(self.n):
                self[i] = colour

        def write(self) -> None:
            chip.check_alive()
            gpio = self.pin._pad.gpio
            chip.pixels[gpio] = list(self._colours)
            if chip.tape is not None:
                for red, green, blue, *_ in self._colours:
                    chip.tape.made(OUTPUTS["NEOPIXEL"], gpio, red << 16 | green << 8 | blue)

    neopixel.NeoPixel = NeoPixel
    return neopixel
