"""`machine` in the VM: inputs come off the tape, outputs are held against it. It refuses nothing: the simulator's fakes have done that
when the tape was recorded. Optional arguments are defaults and not *args, because a tuple for each call would count as the firmware's.
"""
import replay_tape as tape
from replay_kinds import (
    IN_ADC_MV,
    IN_ADC_RAW,
    IN_ADC_U16,
    IN_PIN_IRQ,
    IN_PIN_LEVEL,
    IN_RESET_CAUSE,
    IN_RTC_BYTES,
    IN_RTC_LENGTH,
    IN_TIMER_FIRED,
    OUT_PIN_VALUE,
    OUT_PWM_DEINIT,
    OUT_PWM_DUTY,
    OUT_PWM_DUTY_NS,
    OUT_PWM_DUTY_U16,
    OUT_PWM_FREQ,
    OUT_WDT_FEED,
    OUT_WDT_TIMEOUT,
    UNIQUE_ID,
)

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

_U16, _U10, _NS = OUT_PWM_DUTY_U16, OUT_PWM_DUTY, OUT_PWM_DUTY_NS
_level = bytearray(64)  # of the output registers, for toggle()
_pins = {}
_pwm_freq_hz = {}  # of the pins that have a PWM channel
_timers = {}


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2
    WAKE_LOW = 4
    WAKE_HIGH = 5
    DRIVE_0 = 0
    DRIVE_1 = 1
    DRIVE_2 = 2
    DRIVE_3 = 3

    def __new__(cls, id, mode=None, pull=-1, value=None, drive=None, hold=None):
        if isinstance(id, Pin):
            return id
        if id not in _pins:
            _pins[id] = object.__new__(cls)
        return _pins[id]

    def __init__(self, id, mode=None, pull=-1, value=None, drive=None, hold=None):
        if not isinstance(id, Pin):
            self.gpio = id
        self.init(mode, pull, value)

    def init(self, mode=None, pull=-1, value=None, drive=None, hold=None):
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return tape.given(IN_PIN_LEVEL)
        gpio = self.gpio
        _level[gpio] = 1 if level else 0
        return tape.made(OUT_PIN_VALUE, gpio, _level[gpio])

    def __call__(self, level=None):
        return self.value(level)

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def toggle(self):
        self.value(1 - _level[self.gpio])

    def irq(self, handler=None, trigger=3, wake=None):
        self.handler = handler


class PWM:
    """Each init is a frequency and a duty on the tape, whatever was given; a new frequency repeats the duty."""

    def __init__(self, dest, freq=-1, duty=-1, duty_u16=-1, duty_ns=-1, invert=-1, light_sleep_enable=-1):
        self.gpio = Pin(dest).gpio
        self._kind = 0
        self._duty = 0
        self.init(freq, duty, duty_u16, duty_ns)

    def init(self, freq=-1, duty=-1, duty_u16=-1, duty_ns=-1, invert=-1, light_sleep_enable=-1):
        if duty_u16 >= 0:
            self._keep(_U16, duty_u16)
        elif duty_ns >= 0:
            self._keep(_NS, duty_ns)
        elif duty >= 0:
            self._keep(_U10, duty)
        elif not self._kind:
            self._keep(_U16, 32768)
        self._start(freq if freq != -1 else _pwm_freq_hz.get(self.gpio, 5000))

    def _keep(self, kind, duty):
        self._kind = kind
        self._duty = duty

    def _start(self, freq_hz):
        _pwm_freq_hz[self.gpio] = freq_hz
        tape.made(OUT_PWM_FREQ, self.gpio, freq_hz)
        tape.made(self._kind, self.gpio, self._duty)

    def _apply(self, kind, duty):
        if duty is None:
            tape.end("the firmware reads a duty back, which is not on the tape")
        self._keep(kind, duty)
        tape.made(kind, self.gpio, duty)

    def freq(self, hz=None):
        if hz is None:
            return _pwm_freq_hz[self.gpio]
        if hz != _pwm_freq_hz[self.gpio]:
            self._start(hz)
        return None

    def duty_u16(self, duty=None):
        self._apply(_U16, duty)

    def duty(self, duty=None):
        self._apply(_U10, duty)

    def duty_ns(self, ns=None):
        self._apply(_NS, ns)

    def deinit(self):
        if _pwm_freq_hz.pop(self.gpio, None) is not None:
            self._kind = 0
            tape.made(OUT_PWM_DEINIT, self.gpio, 0)


class ADC:
    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3
    WIDTH_12BIT = 12

    def __init__(self, pin, atten=0):
        self.pin = pin

    def init(self, atten=0):
        pass

    def atten(self, atten=None):
        pass

    def width(self, bits=None):
        pass

    def read_uv(self):
        return tape.given(IN_ADC_MV) * 1000

    def read_u16(self):
        return tape.given(IN_ADC_U16)

    def read(self):
        return tape.given(IN_ADC_RAW)


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __new__(cls, id, mode=1, callback=None, period=-1, tick_hz=1000, freq=None, hard=False):
        if id not in _timers:
            _timers[id] = object.__new__(cls)
            _timers[id].callback = None
        return _timers[id]

    def __init__(self, id, mode=1, callback=None, period=-1, tick_hz=1000, freq=None, hard=False):
        if callback is not None:
            self.callback = callback

    def init(self, mode=1, callback=None, period=-1, tick_hz=1000, freq=None, hard=False):
        self.callback = callback

    def deinit(self):
        """A callback that was already queued still comes."""


class WDT:
    def __init__(self, id=0, timeout=5000):
        tape.made(OUT_WDT_TIMEOUT, 0, timeout)

    def feed(self):
        tape.made(OUT_WDT_FEED, 0, 0)
        tape.tick_ended()


class RTC:
    def __init__(self, id=0):
        pass

    def memory(self, content=None):
        if content is not None:
            return None
        length = tape.given(IN_RTC_LENGTH)
        read = bytearray((length + 2) // 3 * 3)
        for start in range(0, length, 3):
            three = tape.given(IN_RTC_BYTES)
            read[start] = three & 255
            read[start + 1] = three >> 8 & 255
            read[start + 2] = three >> 16
        return bytes(read[:length])


def reset_cause():
    return tape.given(IN_RESET_CAUSE)


def reset():
    if tape.inputs_used < tape.inputs_total or tape.outputs_compared < tape.outputs_total:
        tape.end("the firmware resets the chip, the tape goes on")
    tape.end(None)


def soft_reset():
    raise SystemExit


def unique_id():
    return UNIQUE_ID


def freq(hz=None):
    return 160000000


def idle():
    pass


def disable_irq():
    return 0


def enable_irq(state):
    pass


def _timer_fired(id):
    timer = _timers.get(id)
    if timer is None or timer.callback is None:
        tape.end("timer {} fires on the tape, the firmware has not started it".format(id))
    timer.callback(timer)


def _pin_irq(gpio):
    _pins[gpio].handler(_pins[gpio])


tape.on_callback(IN_TIMER_FIRED, _timer_fired)
tape.on_callback(IN_PIN_IRQ, _pin_irq)
