"""machine.PWM as the LEDC driver of MicroPython 1.26 and later has it.

50 % at 5 kHz if nothing is said, channels and timers that run out, duty cut to the resolution. The driver's tables are forgotten at a
reset while the hardware goes on: they live here, once for each start-up; the channels live in the chip.

"Always on" is made by inverting the pad over a duty of nothing. By its source the driver does not take that inversion back when a duty
between the ends follows, so that 30 % after 100 % would come out as 70 %. Nobody has reported it and no board was here to ask:
`Chip.pwm_full_stays_inverted` switches it on for a test.
"""

from typing import Any

from tools.simulator.fake_pin import Pin, need_int
from tools.simulator.pads import FULL, Channel, pwm_resolution
from tools.simulator.tape import OUTPUTS

DEFAULT_FREQ_HZ = 5000
DEFAULT_DUTY_U16 = 32768
MAX_FREQ_HZ = 40_000_000
U16, U10, NS = OUTPUTS["PWM_DUTY_U16"], OUTPUTS["PWM_DUTY"], OUTPUTS["PWM_DUTY_NS"]


class Tables:
    """Which pin has which channel, which timer runs at which frequency: {(mode, index): ...}."""

    def __init__(self, chip: Any) -> None:
        facts = chip.facts
        self.pins: dict[tuple[int, int], int | None] = {(m, i): None for m in range(facts.pwm_modes) for i in range(facts.pwm_channels)}
        self.timers: dict[tuple[int, int], int | None] = {(m, i): None for m in range(facts.pwm_modes) for i in range(facts.pwm_timers)}
        self.bound: dict[tuple[int, int], tuple[int, int]] = {}  # channel -> timer

    def channel_of(self, pin: int) -> tuple[int, int] | None:
        """The pin's channel, else the first free one."""
        for channel, owner in self.pins.items():
            if owner == pin:
                return channel
        return next((channel for channel, owner in self.pins.items() if owner is None), None)

    def timer_at(self, freq: int | None, pin: int) -> tuple[int, int] | None:
        """A timer at that frequency (None: a free one) in a mode that has a channel left for the pin."""
        for timer, at in self.timers.items():
            if at == freq and any(owner in (None, pin) for channel, owner in self.pins.items() if channel[0] == timer[0]):
                return timer
        return None

    def release_timer(self, channel: tuple[int, int]) -> None:
        """Unbind the channel; a timer nobody uses any more is free."""
        timer = self.bound.pop(channel, None)
        if timer is not None and timer not in self.bound.values():
            self.timers[timer] = None


class PWM:
    """`_chip`, `_tables` and `_pin_type` are set by the subclass that a start-up binds to its chip."""

    __slots__ = ("_channel", "_duty", "_duty_kind", "_freq", "_inverted", "_pad", "_timer")
    _chip: Any
    _tables: Tables
    _pin_type: type[Pin]

    def __init__(self, dest: Any, *args: Any, **kwargs: Any) -> None:
        self._pad = self._pin_type(dest)._pad
        self._forget()
        self.init(*args, **kwargs)

    def _forget(self) -> None:
        self._channel: tuple[int, int] | None = None
        self._timer: tuple[int, int] | None = None
        self._freq = -1
        self._duty = 0
        self._duty_kind = 0
        self._inverted = False

    def init(
        self, freq: int = -1, *, duty: int = -1, duty_u16: int = -1, duty_ns: int = -1, invert: int = -1, light_sleep_enable: int = -1
    ) -> None:
        """RuntimeError "out of PWM channels:N" / "out of PWM timers:N".

        ValueError for a frequency or duty out of range; OSError on an input-only pin.
        """
        chip, tables = self._chip, self._tables
        chip.check_alive()
        freq = need_int(freq)
        for kind, given in ((U16, duty_u16), (NS, duty_ns), (U10, duty)):
            if need_int(given) >= 0:
                self._duty_kind, self._duty = kind, int(given)
                break
        else:
            if not self._duty_kind:
                self._duty_kind, self._duty = U16, DEFAULT_DUTY_U16
        if freq != -1:
            self._check_freq(freq)
        if need_int(invert) >= 0:
            self._inverted = invert != 0
        need_int(light_sleep_enable)
        channel = tables.channel_of(self._pad.gpio)
        if channel is None:
            raise RuntimeError(f"out of PWM channels:{len(tables.pins)}")
        self._channel = channel
        if freq == -1:
            freq = tables.timers.get(tables.bound.get(channel, (-1, -1))) or DEFAULT_FREQ_HZ
        if self._pad.gpio in chip.facts.input_only:
            raise OSError(-258, "ESP_ERR_INVALID_ARG")
        self._select_timer(freq)
        self._apply(self._duty_kind, self._duty)

    def _check_freq(self, freq: int) -> None:
        if not 0 < freq <= MAX_FREQ_HZ:
            raise ValueError("frequency must be from 1Hz to 40MHz")

    def _select_timer(self, freq: int) -> None:
        tables, channel = self._tables, self._channel
        assert channel is not None
        timer = tables.timer_at(freq, self._pad.gpio)
        if timer is None:
            own = tables.bound.get(channel)
            alone = own is not None and list(tables.bound.values()).count(own) == 1
            timer = own if alone else tables.timer_at(None, self._pad.gpio)
        if timer is None:
            raise RuntimeError(f"out of PWM timers:{len(tables.timers)}")
        if timer[0] != channel[0]:  # the other speed mode: the channel moves with it
            tables.release_timer(channel)
            tables.pins[channel] = None
            channel = next(c for c, owner in tables.pins.items() if c[0] == timer[0] and owner in (None, self._pad.gpio))
            self._channel = channel
            self._chip.detach(self._pad)
        if tables.bound.get(channel) != timer:
            tables.release_timer(channel)
        tables.bound[channel] = timer
        tables.timers[timer] = freq
        self._timer = timer
        self._freq = freq
        if self._chip.tape is not None:
            self._chip.tape.made(OUTPUTS["PWM_FREQ"], self._pad.gpio, freq)

    def _apply(self, kind: int, duty: int) -> None:
        chip, tables, pad, channel = self._chip, self._tables, self._pad, self._channel
        if chip.wake_us < 0:
            raise chip.dead
        if channel is None:
            raise RuntimeError("PWM is inactive")
        duty_u16 = self._as_u16(kind, duty)
        self._duty_kind, self._duty = kind, duty
        shift = 16 - pwm_resolution(chip.facts, self._freq)
        steps = duty_u16 >> shift
        full = steps == FULL >> shift
        hardware: Channel = chip.ledc[channel]
        if tables.pins[channel] is None or steps == 0 or full:  # the driver configures the channel anew: the pad is routed to it again
            pad.mode = Pin.OUT
            pad.route(hardware)
            pad.invert = self._inverted != full
            hardware.duty_u16 = 0 if full else steps << shift
        else:
            hardware.duty_u16 = steps << shift
            if pad.channel is hardware and not chip.pwm_full_stays_inverted:
                pad.invert = self._inverted
        tables.pins[channel] = pad.gpio
        if chip.tape is not None:
            chip.tape.made(kind, pad.gpio, duty)
        chip.drive_channel(hardware)

    def _as_u16(self, kind: int, duty: int) -> int:
        if kind == U16:
            if not 0 <= duty <= FULL:
                raise ValueError("duty_u16 must be from 0 to 65535")
            return duty
        if kind == U10:
            if not 0 <= duty <= 1023:
                raise ValueError("duty must be from 0 to 1023")
            return duty << 6
        longest = (FULL * 1_000_000_000 + self._freq * FULL // 2) // (self._freq * FULL)
        if not 0 <= duty <= longest:
            raise ValueError(f"duty_ns must be from 0 to {longest} ns")
        return max(1 if duty else 0, min(FULL, (duty * FULL * self._freq + 500_000_000) // 1_000_000_000))

    def _read_u16(self) -> int:
        if self._channel is None:
            raise RuntimeError("PWM is inactive")
        shift = 16 - pwm_resolution(self._chip.facts, self._freq)
        steps = self._as_u16(self._duty_kind, self._duty) >> shift
        return FULL if steps == FULL >> shift else steps << shift

    def duty_u16(self, *duty: Any) -> int | None:
        """Duty 0..65535 (65535 is always on); RuntimeError "PWM is inactive" after deinit."""
        if duty:
            (new,) = duty
            self._apply(U16, new if type(new) is int else need_int(new))
            return None
        return self._read_u16()

    def duty(self, *duty: Any) -> int | None:
        """Duty 0..1023, the port's old unit (1023 is not quite always on)."""
        if duty:
            (new,) = duty
            self._apply(U10, need_int(new))
            return None
        return self._read_u16() >> 6

    def duty_ns(self, *duty: Any) -> int | None:
        """Pulse width in ns, at most the period."""
        if duty:
            (new,) = duty
            self._apply(NS, need_int(new))
            return None
        return self._read_u16() * 1_000_000_000 // (FULL * self._freq)

    def freq(self, *freq: Any) -> int | None:
        """Frequency in Hz, 1..40 MHz; the duty ratio stays."""
        if self._channel is None:
            raise RuntimeError("PWM is inactive")
        if not freq:
            return self._freq
        (new,) = freq
        self._check_freq(need_int(new))
        if new != self._freq:
            self._chip.check_alive()
            self._select_timer(new)
            self._apply(self._duty_kind, self._duty)
        return None

    def deinit(self) -> None:
        """The pin stays low (high if inverted), still routed to the channel, and the channel is free."""
        chip = self._chip
        chip.check_alive()
        if self._channel is not None:
            if self._tables.pins[self._channel] is not None:
                chip.ledc[self._channel].duty_u16 = 0
                self._pad.invert = self._inverted
                chip.drive_channel(chip.ledc[self._channel])
            self._tables.release_timer(self._channel)
            self._tables.pins[self._channel] = None
            if chip.tape is not None:
                chip.tape.made(OUTPUTS["PWM_DEINIT"], self._pad.gpio, 0)
        self._forget()

    def __repr__(self) -> str:
        if self._channel is None:
            return f"PWM(Pin({self._pad.gpio}))"
        return f"PWM(Pin({self._pad.gpio}), freq={self._freq}, duty_u16={self._read_u16()})"
