"""The pads and the LEDC as hardware: what is on a pin, whoever set it. A reset of the chip does not touch them; only a power-on does.

The LEDC's channels are routed to pads by the GPIO matrix. MicroPython forgets the routing at a reset and the hardware does not: a channel
handed out again drives its old pad too.
"""

from tools.simulator.chip_facts import PWM_CLOCK_HZ, ChipFacts

FULL = 65535
OUTPUT = 2  # bit of Pin.OUT and Pin.OPEN_DRAIN
PULL_DOWN = 1
PULL_UP = 2


class Pad:
    """One GPIO.

    `mode` as the port numbers it (0 off, 1 in, 3 in and out, 7 open drain), output register, pulls, and the LEDC channel routed to it.
    """

    __slots__ = ("channel", "driven", "gpio", "handler", "input_level", "invert", "level", "mode", "pull", "trigger")

    def __init__(self, gpio: int) -> None:
        self.gpio = gpio
        self.mode = 0
        self.level = 0
        self.pull = 0
        self.channel: Channel | None = None  # set by route() alone
        self.invert = False
        self.driven = 0
        self.handler = None
        self.trigger = 0
        self.input_level = 0

    def route(self, channel: "Channel | None") -> None:
        """Connect the pad to an LEDC channel, or back to its output register."""
        if self.channel is not channel:
            if self.channel is not None:
                self.channel.pads.remove(self)
            if channel is not None:
                channel.pads.append(self)
            self.channel = channel

    def wanted(self) -> int:
        """What the pad puts out now, 0..65535. A pad that floats is low: every gate has its pull-down."""
        if self.channel is not None:
            return FULL - self.channel.duty_u16 if self.invert else self.channel.duty_u16
        return FULL if self.mode & OUTPUT and self.level else 0


class Channel:
    """One LEDC channel; `duty_u16` as quantised by its timer's resolution, `pads` those it is routed to."""

    __slots__ = ("duty_u16", "index", "mode", "pads")

    def __init__(self, mode: int, index: int) -> None:
        self.mode = mode
        self.index = index
        self.duty_u16 = 0
        self.pads: list[Pad] = []


def pwm_resolution(facts: ChipFacts, freq_hz: int) -> int:
    """Bits of duty the driver uses at a frequency (IDF's ledc_find_suitable_duty_resolution, capped)."""
    clock_hz = 1_000_000 if freq_hz < 10 and facts.pwm_modes == 2 else PWM_CLOCK_HZ
    return max(1, min(facts.pwm_bits, (clock_hz // freq_hz).bit_length() - 1))
