"""MicroPython's `time` on the virtual clock: ticks that wrap at 2**30, sleeps that run what falls due, no date until somebody sets one."""

import calendar
import time as host_time
from types import ModuleType
from typing import Any

from tools.simulator.fake_pin import need_int
from tools.simulator.tape import INPUTS

TICKS_PERIOD = 1 << 30
TICKS_MAX = TICKS_PERIOD - 1
TICKS_HALF = TICKS_PERIOD >> 1
TICKS_MS, TICKS_US, SLEEP, TIME_S = INPUTS["TICKS_MS"], INPUTS["TICKS_US"], INPUTS["SLEEP"], INPUTS["TIME_S"]
EPOCH_2000 = calendar.timegm((2000, 1, 1, 0, 0, 0))


def build(chip: Any) -> ModuleType:
    """A fresh `time` module for a chip. A ticks call takes 1 us of virtual time, a sleep what it says."""
    time: Any = ModuleType("time")

    def ticks_ms() -> int:
        now_us = chip.now_us + 1
        if now_us < chip.wake_us:
            chip.now_us = now_us
        else:
            chip.advance(1)
            now_us = chip.now_us
        ticks = (now_us + chip.ticks_offset_us) // 1000 & TICKS_MAX
        if chip.tape is not None:
            chip.tape.given(TICKS_MS, ticks)
        return ticks

    def ticks_us() -> int:
        chip.advance(1)
        ticks = chip.now_us + chip.ticks_offset_us & TICKS_MAX
        if chip.tape is not None:
            chip.tape.given(TICKS_US, ticks)
        return ticks

    def ticks_add(ticks: int, delta: int) -> int:
        if type(ticks) is not int or type(delta) is not int:
            ticks, delta = need_int(ticks), need_int(delta)
        if not -TICKS_HALF < delta < TICKS_HALF:
            raise OverflowError("ticks interval overflow")
        return ticks + delta & TICKS_MAX

    def ticks_diff(end: int, start: int) -> int:
        if type(end) is not int or type(start) is not int:
            end, start = need_int(end), need_int(start)
        return (end - start + TICKS_HALF & TICKS_MAX) - TICKS_HALF

    def sleep_for(us: int) -> None:
        chip.advance(us if us > 1 else 1)
        if chip.tape is not None:
            chip.tape.given(SLEEP, min(max(us, 0), TICKS_MAX))

    def sleep_ms(ms: int) -> None:
        sleep_for((ms if type(ms) is int else need_int(ms)) * 1000)

    def sleep_us(us: int) -> None:
        sleep_for(need_int(us))

    def sleep(seconds: float) -> None:
        sleep_for(int(seconds * 1_000_000))

    def seconds_since_2000() -> int:
        chip.advance(1)
        now_s = (chip.now_us - chip.start_us) // 1_000_000
        if chip.tape is not None:
            chip.tape.given(TIME_S, now_s)
        return now_s

    def split(seconds: Any = None) -> tuple[int, ...]:
        now_s = seconds_since_2000() if seconds is None else need_int(seconds)
        parts = host_time.gmtime(now_s + EPOCH_2000)
        return (*parts[:7], parts.tm_yday)

    def mktime(parts: tuple[int, ...]) -> int:
        return calendar.timegm((*parts[:6], 0, 0, 0)) - EPOCH_2000

    time.ticks_ms, time.ticks_us, time.ticks_cpu = ticks_ms, ticks_us, ticks_us
    time.ticks_add, time.ticks_diff = ticks_add, ticks_diff
    time.sleep, time.sleep_ms, time.sleep_us = sleep, sleep_ms, sleep_us
    time.time, time.gmtime, time.localtime, time.mktime = seconds_since_2000, split, split, mktime
    time.time_ns = lambda: seconds_since_2000() * 1_000_000_000
    return time
