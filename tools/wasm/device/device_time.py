"""`time` of the virtual device: the VM's arithmetic over virtual time."""
import time as _real

import device_clock as clock
from device_clock import ticks_ms  # noqa: F401

ticks_add = _real.ticks_add
ticks_diff = _real.ticks_diff


def ticks_us():
    return clock.now_ms * 1000 & ((1 << 30) - 1)


def time():
    return clock.now_ms // 1000


def sleep_us(us):
    clock.advance_us(us)


def sleep_ms(ms):
    clock.advance_us(ms * 1000)


def sleep(s):
    clock.advance_us(int(s * 1000000))
