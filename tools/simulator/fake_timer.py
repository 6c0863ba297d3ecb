"""machine.Timer, WDT and RTC of the ESP32 port (machine_timer.c, machine_wdt.c, machine_rtc.c)."""

from typing import Any

from tools.simulator.clock import NEVER_US
from tools.simulator.fake_pin import need_int
from tools.simulator.tape import INPUTS, OUTPUTS

FREERTOS_TICK_MS = 10
RTC_MEMORY_BYTES = 2048


class Timer:
    """Soft callbacks through the scheduler.

    Numbers 0.. are hardware timers, one object each; -1 is a new virtual timer, which counts 10 ms ticks.
    """

    __slots__ = ("_alarm", "_callback", "_id", "_period_us", "_repeat")
    _chip: Any
    _timers: dict[int, "Timer"]

    ONE_SHOT, PERIODIC = 0, 1

    def __new__(cls, id: Any, **kwargs: Any) -> "Timer":
        """ValueError "invalid Timer number, max N" for one the chip does not have."""
        number = need_int(id)
        if number != -1 and not 0 <= number < cls._chip.facts.timers:
            raise ValueError(f"invalid Timer number, max {cls._chip.facts.timers}")
        timer = cls._timers.get(number) if number >= 0 else None
        if timer is None:
            timer = object.__new__(cls)
            timer._id = number
            timer._alarm = 0
            timer._callback = None
            if number >= 0:
                cls._timers[number] = timer
        if kwargs:
            timer.init(**kwargs)
        return timer

    def __init__(self, id: Any, **kwargs: Any) -> None:
        pass

    def init(
        self, *, mode: int = 1, callback: Any = None, period: int = 0xFFFFFFFF, tick_hz: int = 1000, freq: Any = None, hard: bool = False
    ) -> None:
        """Starts anew from now.

        `period` in 1/tick_hz seconds. ValueError for hard=True, and for a virtual timer under one FreeRTOS tick (10 ms).
        """
        chip = self._chip
        chip.check_alive()
        self._alarm += 1  # an alarm already in the queue of the clock is none of ours any more
        if hard:
            raise ValueError("hard Timers are not implemented")
        period_us = int(1_000_000 / freq) if freq is not None else need_int(period) * 1_000_000 // need_int(tick_hz)
        if self._id == -1:
            period_us = period_us // 1000 // FREERTOS_TICK_MS * FREERTOS_TICK_MS * 1000
            if period_us == 0:
                raise ValueError("period too small for soft timer, less than OS tick period of 10 ms.  Try a hardware timer.")
        self._period_us = max(1, period_us)
        self._repeat = need_int(mode)
        self._callback = callback
        self._arm(chip.now_us + self._period_us)

    def _arm(self, due_us: int) -> None:
        alarm = self._alarm

        def ring() -> None:
            if alarm != self._alarm:
                return
            if self._repeat:
                self._arm(due_us + self._period_us)
            if self._callback is not None:
                self._chip.schedule(self._callback, self, INPUTS["TIMER_FIRED"], self._id)

        self._chip.alarm(due_us, ring)

    def deinit(self) -> None:
        """Stops it. A callback already queued still comes, as on the chip."""
        self._chip.check_alive()
        self._alarm += 1


class WDT:
    """The task watchdog: it cannot be stopped, a second constructor gives it a new time, and it panics the chip when not fed."""

    __slots__ = ()
    _chip: Any

    def __init__(self, id: int = 0, timeout: int = 5000) -> None:
        chip = self._chip
        chip.check_alive()
        if need_int(id) != 0:
            raise ValueError
        if need_int(timeout) <= 0:
            raise ValueError("WDT timeout too short")
        chip.wdt_us = timeout * 1000
        chip.watchdog_due(chip.now_us + chip.wdt_us)
        if chip.tape is not None:
            chip.tape.made(OUTPUTS["WDT_TIMEOUT"], 0, timeout)

    def feed(self) -> None:
        """The time starts anew."""
        chip = self._chip
        if chip.wake_us < 0:
            raise chip.dead
        chip.watchdog_due(chip.now_us + chip.wdt_us)
        if chip.tape is not None:
            chip.tape.made(OUTPUTS["WDT_FEED"], 0, 0)


class RTC:
    """Only the memory: 2048 bytes that outlive every reset and no power loss. There is no date until somebody sets one."""

    __slots__ = ()
    _chip: Any

    def __init__(self, id: int = 0) -> None:
        if need_int(id) != 0:
            raise ValueError(f"RTC({id}) doesn't exist")

    def memory(self, *data: Any) -> bytes | None:
        """The bytes last stored, or stores new ones. ValueError "buffer too long" over 2048."""
        chip = self._chip
        chip.check_alive()
        if not data:
            if chip.tape is not None:
                chip.tape.rtc_read(chip.rtc_memory)
            return chip.rtc_memory
        (new,) = data
        if isinstance(new, str):
            new = new.encode()
        new = bytes(memoryview(new))
        if len(new) > RTC_MEMORY_BYTES:
            raise ValueError("buffer too long")
        chip.rtc_memory = new
        return None


def stop_watchdog(chip: Any) -> None:
    """A reset of the chip ends the watchdog; nothing else does."""
    chip.watchdog_due(NEVER_US)
