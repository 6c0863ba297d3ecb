"""`time` in the VM: the ticks come off the tape, the arithmetic on them is the interpreter's own."""
import time as _real

import replay_tape as tape
from replay_kinds import IN_SLEEP, IN_TICKS_MS, IN_TICKS_US, IN_TIME_S

ticks_add = _real.ticks_add
ticks_diff = _real.ticks_diff
_EPOCH_2000_S = 946684800  # a board counts from 2000, the VM from 1970


def ticks_ms():
    return tape.given(IN_TICKS_MS)


def ticks_us():
    return tape.given(IN_TICKS_US)


def time():
    return tape.given(IN_TIME_S)


def time_ns():
    return time() * 1000000000


def gmtime(seconds=None):
    return _real.gmtime((time() if seconds is None else seconds) + _EPOCH_2000_S)


def mktime(parts):
    return _real.mktime(parts) - _EPOCH_2000_S


localtime = gmtime
ticks_cpu = ticks_us


def _pass_us(us):
    tape.passed(IN_SLEEP, 0 if us < 0 else us if us < 0x3FFFFFFF else 0x3FFFFFFF)


def sleep_us(us):
    _pass_us(us)


def sleep_ms(ms):
    _pass_us(ms * 1000)


def sleep(s):
    _pass_us(int(s * 1000000))
