"""Virtual time of the virtual device: it passes when the firmware sleeps. What is due then happens: timers, the watchdog, the air.

`host` is the module through which the outside is reached (bytes typed, resets), or None where nobody is outside.
"""

_WRAP = (1 << 30) - 1

now_ms = 0
_rest_us = 0
host = None
passing = []  # functions called with the milliseconds that passed


class Reset(BaseException):
    """The chip resets: nothing of the firmware runs any more."""


def advance_us(us):
    """The firmware waits this long."""
    global now_ms, _rest_us
    _rest_us += us
    ms = _rest_us // 1000
    _rest_us -= ms * 1000
    if ms:
        now_ms += ms
        for step in passing:
            step(ms)
    if host is not None:
        host.look()


def ticks_ms():
    return now_ms & _WRAP
