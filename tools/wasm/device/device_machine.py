"""`machine` of the virtual device."""
import device_air as air
import device_clock as clock

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

cause = PWRON_RESET
wdt_ms = 0
_fed_ms = 0
_timers = {}


class Pin:
    IN = 1
    OUT = 3
    PULL_DOWN = 1
    PULL_UP = 2

    def __init__(self, id, mode=-1, pull=-1, value=None):
        if not 0 <= id < 49:
            raise ValueError("invalid pin")
        self.gpio = id
        self._mode = mode
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return 1 if self._mode == Pin.IN else (1 if air.duty.get(self.gpio, 0) else 0)
        air.output(self.gpio, air.FULL if level else 0)


class PWM:
    def __init__(self, dest, freq=5000, duty_u16=32768):
        self._gpio = dest.gpio
        air.output(self._gpio, duty_u16)

    def duty_u16(self, duty):
        air.output(self._gpio, duty)

    def deinit(self):
        air.output(self._gpio, 0)


class ADC:
    ATTN_11DB = 3

    def __init__(self, pin, atten=0):
        self._gpio = pin.gpio

    def read_uv(self):
        return air.pin_mv(self._gpio) * 1000


class Timer:
    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id):
        self._id = id

    def init(self, mode=1, callback=None, period=-1):
        _timers[self._id] = (self, callback, period)

    def deinit(self):
        _timers.pop(self._id, None)


class WDT:
    def __init__(self, id=0, timeout=5000):
        global wdt_ms, _fed_ms
        wdt_ms = timeout
        _fed_ms = clock.now_ms
        if clock.host is not None:
            clock.host.say(f"watchdog {timeout} ms")

    def feed(self):
        global _fed_ms
        _fed_ms = clock.now_ms


rtc_memory = b""


class RTC:
    def memory(self, content=None):
        global rtc_memory
        if content is None:
            return rtc_memory
        rtc_memory = bytes(content)


def reset_cause():
    return cause


def reset():
    if clock.host is not None:
        clock.host.reset(HARD_RESET)
    raise clock.Reset()


def soft_reset():
    raise SystemExit


def unique_id():
    return b"\x24\x0a\xc4\x00\x01\x02"


def freq(hz=None):
    return 160000000


def _pass(ms):
    """Timers whose period lies in what passed ring once; a watchdog that was not fed resets."""
    for timer, callback, period in list(_timers.values()):
        if clock.now_ms // period != (clock.now_ms - ms) // period:
            callback(timer)
    if wdt_ms and clock.now_ms - _fed_ms > wdt_ms:
        if clock.host is not None:
            clock.host.reset(WDT_RESET)
        raise clock.Reset()


clock.passing.append(_pass)
