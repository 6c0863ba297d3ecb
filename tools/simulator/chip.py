"""The simulated chip: runs the unmodified firmware from power-on, through resets and crashes, until a host event takes the power away.

    chip = Chip("esp32", Flash({"board.py": source}), wiring)
    chip.at(60_000_000, chip.power_off)
    chip.run()

The wiring is what the pins are connected to, an object with
    advance(dt_us)                 let its physics go on by dt_us
    output(gpio, duty_u16)         a pad changed: 0 low, 65535 high, between them PWM
    adc_mv(gpio) -> float          voltage at an analog pin, mV
    level(gpio) -> 0, 1 or None    level at a digital input; None: open, the pull decides
Pins, not objects of the firmware: it knows nothing of the chip.
"""

import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from tools.simulator import fake_sys
from tools.simulator.chip_facts import CHIPS
from tools.simulator.clock import Clock
from tools.simulator.fake_adc import Noise
from tools.simulator.fake_machine import PWRON_RESET, SOFT_RESET
from tools.simulator.fake_stdin import Serial
from tools.simulator.flash import Flash
from tools.simulator.loader import World
from tools.simulator.pads import Channel, Pad
from tools.simulator.signals import ChipReset, HostError, PowerOff
from tools.simulator.tape import INPUTS, Tape

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"


class Chip(Clock):
    """One ESP32.

    kind            esp32, esp32s3, esp32c3 or esp32c6
    start_ticks_ms  what ticks_ms starts from at each start-up (0..2**30-1); ticks_us starts from a thousand times that
    adc_read_us     time of one ADC read; adc_noise_mv: sigma of a single sample at the pin
    console         lines printed so far; `on_console(line)` is called for each, if set
    tape            a Tape records while it is set
    """

    def __init__(
        self,
        kind: str,
        flash: Flash,
        wiring: Any,
        start_ticks_ms: int = 0,
        seed: int = 0,
        *,
        adc_read_us: int = 50,
        adc_noise_mv: float = 4.0,
        startup_ms: int = 300,
        firmware: Path = FIRMWARE,
    ) -> None:
        if kind not in CHIPS:
            raise ValueError(f"kind is one of {', '.join(CHIPS)}, not {kind!r}")
        super().__init__(wiring)
        self.kind = kind
        self.facts = CHIPS[kind]
        self.flash = flash
        self.start_ticks_ms = start_ticks_ms
        self.adc_read_us = adc_read_us
        self.startup_ms = startup_ms
        self.firmware = firmware
        self.tape: Tape | None = None
        self.console: list[str] = []
        self.on_console: Callable[[str], None] | None = None
        self.pads = {gpio: Pad(gpio) for gpio in sorted(self.facts.pins)}
        modes, channels = range(self.facts.pwm_modes), range(self.facts.pwm_channels)
        self.ledc = {(mode, index): Channel(mode, index) for mode in modes for index in channels}
        self.pwm_full_stays_inverted = False  # a suspected defect of the driver, see fake_pwm.py
        self.pixels: dict[int, list[tuple[int, ...]]] = {}
        self.adc_failures: dict[int | None, int] = {}
        self.noise = Noise(seed, adc_noise_mv)
        self.serial = Serial(self)
        self.random = random.Random(seed)
        self.rtc_memory = b""
        self.cause = PWRON_RESET
        self.starts = 0
        self.in_repl = False
        self.start_us = 0
        self.ticks_offset_us = 0
        self.wdt_us = 0
        self.cpu_hz = self.facts.cpu_hz
        self.radio: Any = None  # see bluetooth.py; without one the firmware finds no `bluetooth`
        self.world: World | None = None
        self.pin_objects: dict[int, Any] = {}
        self.pwm_tables: Any = None
        self._hooks: dict[str, list[Callable[[ModuleType], None]]] = {}
        self._line = ""

    # For the host

    def on_import(self, name: str, hook: Callable[[ModuleType], None]) -> None:
        """Call `hook(module)` each time the firmware module `name` ("peristal.core.guard") has been run by an import.

        The place to plant a fault.
        """
        self._hooks.setdefault(name, []).append(hook)

    def fail_adc(self, gpio: int | None = None, reads: int = 1) -> None:
        """The next `reads` ADC reads of a pin (None: of any) fail, which reads as 0."""
        self.adc_failures[gpio] = self.adc_failures.get(gpio, 0) + reads

    def input_edge(self, gpio: int) -> None:
        """The wiring changed the level of an input: pin handlers are queued. Only needed where firmware uses Pin.irq."""
        pad = self.pads[gpio]
        level = self.input_level(gpio) or 0
        if level != pad.input_level:
            pad.input_level = level
            if pad.handler is not None and pad.trigger & (1 if level else 2):
                self.schedule(pad.handler, self.pin_objects[gpio], INPUTS["PIN_IRQ"], gpio)

    def type(self, text: str | bytes) -> None:
        """A person or a program sends this over USB serial, from now on; Ctrl-C in it ("\\x03") interrupts the firmware."""
        self.serial.type(text.encode() if isinstance(text, str) else text)

    def run(self) -> None:
        """Start up and go on until a host event raises PowerOff. An error of the host's own (event, wiring) is raised here."""
        if self.dead is not None:
            raise RuntimeError("the chip is off: power_cycle() first")
        while True:
            try:
                self._start_up()
            except ChipReset as reset:
                self.cause = reset.cause
                self._revive()
            except PowerOff:
                return
            except HostError as wrapped:
                raise wrapped.error from None

    def module(self, name: str) -> ModuleType:
        """A module of the running firmware ("__main__", "peristal.app"). KeyError if it was not imported in this start-up."""
        if self.world is None:
            raise KeyError(name)
        return self.world.modules[name]

    def power_cycle(self) -> None:
        """Power off and on: pads float low, RTC memory is lost, the flash stays. `run()` starts up again; the host's events stay."""
        self._revive()
        for channel in self.ledc.values():
            channel.duty_u16 = 0
        for pad in self.pads.values():
            pad.mode = pad.level = pad.pull = 0
            pad.route(None)
            pad.invert = False
            self.drive(pad)
        self.rtc_memory = b""
        self.cause = PWRON_RESET

    def cut_power(self) -> None:
        """The supply of the chip fails now."""
        self.sync()
        self.die(PowerOff())

    # The course of a start-up

    def _revive(self) -> None:
        self.dead = None
        self.forget_alarms()
        self.serial.forget()
        self.wake_us = self.now_us
        self.world = None
        self._flush_console()
        for pad in self.pads.values():
            pad.handler = None

    def _start_up(self) -> None:
        self.in_repl = False
        self.starts += 1
        self.start_us = self.now_us
        self.ticks_offset_us = self.start_ticks_ms * 1000 - self.start_us
        self.enter_c()
        self.advance(self.startup_ms * 1000)
        self.leave_c()
        while self._run_world():
            self.cause = SOFT_RESET
            self._soft_reset()
        self.in_repl = True
        while True:
            try:
                self.idle()
            except KeyboardInterrupt:
                self.write_console("\n>>> ")

    def _run_world(self) -> bool:
        """Run main.py to its end; True when it asked for a soft reset (sys.exit() in main.py is one on this port)."""
        self.world = World(self, self.firmware, self._hooks)
        try:
            self.world.run_main()
        except SystemExit:
            return True
        except (ChipReset, PowerOff, HostError):
            raise
        except BaseException as error:
            self._print_error(error)
        if self.dead is not None:
            raise self.dead
        return False

    def _soft_reset(self) -> None:
        """PWM ends low, outputs and the watchdog stay, timers stop."""
        watchdog_due_us = self._wdt_due_us
        self.forget_alarms()
        self.watchdog_due(watchdog_due_us)
        for channel, owner in self.pwm_tables.pins.items():
            if owner is not None:
                self.ledc[channel].duty_u16 = 0
                self.pads[owner].invert = False
                self.drive_channel(self.ledc[channel])
        self.write_console("MPY: soft reboot\n")

    # For the fakes

    def check_alive(self) -> None:
        """Every call that takes no time asks here whether the chip still runs."""
        if self.dead is not None:
            raise self.dead

    def fail(self, error: BaseException) -> None:
        """Something of the host failed: end the run with it."""
        self._fail(error)

    def drive(self, pad: Pad) -> None:
        """Tell the wiring if what the pad puts out has changed."""
        wanted = pad.wanted()
        if wanted != pad.driven:
            self.sync()
            pad.driven = wanted
            try:
                self.wiring.output(pad.gpio, wanted)
            except Exception as error:
                self._fail(error)

    def drive_channel(self, channel: Channel) -> None:
        """The same for every pad the LEDC channel is routed to."""
        for pad in channel.pads:
            self.drive(pad)

    def detach(self, pad: Pad) -> None:
        """Route the pad back to its output register."""
        pad.route(None)
        self.drive(pad)

    def input_level(self, gpio: int) -> int | None:
        """Level the wiring puts on a pin, None when it is open."""
        if self.now_us - self.plant_us > self.input_age_us:
            self.sync()
        try:
            return self.wiring.level(gpio)
        except Exception as error:
            self._fail(error)

    def adc_failure(self, gpio: int) -> bool:
        """True when this read fails (see fail_adc)."""
        for key in (gpio, None):
            if key in self.adc_failures:
                self.adc_failures[key] -= 1
                if not self.adc_failures[key]:
                    del self.adc_failures[key]
                return True
        return False

    def write_console(self, text: str) -> None:
        """Append text to the console; a line is complete at its newline."""
        self._line += text
        while "\n" in self._line:
            line, self._line = self._line.split("\n", 1)
            self._put_line(line.rstrip("\r"))

    def _flush_console(self) -> None:
        if self._line:
            line, self._line = self._line, ""
            self._put_line(line)

    def _put_line(self, line: str) -> None:
        self.console.append(line)
        if self.on_console is not None:
            try:
                self.on_console(line)
            except Exception as error:
                self._fail(error)

    def _print_error(self, error: BaseException) -> None:
        names = self.world.names if self.world is not None else {}
        self.write_console("\n".join(fake_sys.traceback_lines(error, names)) + "\n")

    def on_callback(self, kind: int, number: int) -> None:
        """On the tape: a callback runs before the value of the call in which it fell."""
        if self.tape is not None:
            self.tape.given(kind, number)

    def on_callback_error(self, error: BaseException) -> None:
        """Printed, and everything goes on."""
        self._print_error(error)
