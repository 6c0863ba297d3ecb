"""Virtual time of the chip: what falls due as it passes, and what may run then.

Time is one integer of microseconds. It moves when the firmware calls something that takes time, and nowhere else. Due are: the next piece
of physics, host events, machine.Timer alarms and the watchdog. Python callbacks run where MicroPython runs them: between bytecodes, that
is never inside a C call and never inside each other.
"""

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

from tools.simulator.signals import SIGNALS, ChipReset, HostError, Inject, PowerOff

NEVER_US = 1 << 62
SCHEDULER_DEPTH = 8  # MICROPY_SCHEDULER_DEPTH of the ESP32 port; what does not fit is lost
WDT_RESET = 3


class Clock:
    """The clock and the scheduler; `Chip` adds pads, flash and start-up.

    `now_us` is the time since the first power-on. `plant_batch_us` is the longest piece of physics handed to the wiring at once,
    `input_age_us` the most by which what an input shows may be older than the reading.
    """

    # Found without a dictionary: every call of the firmware touches some of them.
    __slots__ = (
        "_callback_running", "_events", "_host_events", "_in_c", "_interrupt", "_order", "_pending", "_plant_due_us", "_wdt_due_us",
        "dead", "input_age_us", "interrupt_char", "irq_off", "lost_callbacks", "now_us", "plant_batch_us", "plant_us", "wake_us", "wiring",
    )  # fmt: skip

    def __init__(self, wiring: Any) -> None:
        self.wiring = wiring
        self.now_us = 0
        self.wake_us = 0  # nothing is due before this; -1: the chip is dead and each call raises
        self.plant_us = 0
        self.plant_batch_us = 5000
        self.input_age_us = 1000
        self.dead: BaseException | None = None
        self.lost_callbacks = 0
        self._plant_due_us = 0
        self._wdt_due_us = NEVER_US
        self._events: list[tuple[int, int, Callable[[], None], bool]] = []
        self._host_events = 0
        self._order = 0
        self._pending: deque[tuple[Callable[[Any], Any], Any, int, int]] = deque()
        self._callback_running = False
        self._in_c = 0
        self.irq_off = False
        self._interrupt: BaseException | None = None
        self.interrupt_char = 3  # micropython.kbd_intr(-1) switches Ctrl-C off

    # What falls due

    def at(self, us: int, event: Callable[[], None]) -> None:
        """Call `event()` at the virtual time `us`; if that is past, at the next moment.

        It may raise KeyboardInterrupt, Inject, PowerOff or ChipReset.
        """
        self._host_events += 1
        self._push(us, event, True)

    def alarm(self, us: int, event: Callable[[], None]) -> None:
        """Like `at`, for what is inside the chip: forgotten by a reset, and it does not keep an idle run going."""
        self._push(us, event, False)

    def _push(self, us: int, event: Callable[[], None], from_host: bool) -> None:
        self._order += 1
        heappush(self._events, (us, self._order, event, from_host))
        if us < self.wake_us and self.dead is None:
            self.wake_us = us

    def forget_alarms(self) -> None:
        """A reset stops every timer, the watchdog and what was queued."""
        self._events = [entry for entry in self._events if entry[3]]
        self._events.sort()
        self._pending.clear()
        self._wdt_due_us = NEVER_US
        self._interrupt = None
        self._in_c = 0
        self._callback_running = self.irq_off = False
        self.interrupt_char = 3

    def watchdog_due(self, us: int) -> None:
        """The watchdog resets the chip at `us`."""
        self._wdt_due_us = us
        if us < self.wake_us and self.dead is None:
            self.wake_us = us

    def schedule(self, callback: Callable[[Any], Any], argument: Any, kind: int, number: int) -> bool:
        """Queue a Python callback; False when the queue is full and it is lost. `kind` and `number` are for the tape."""
        if len(self._pending) >= SCHEDULER_DEPTH:
            self.lost_callbacks += 1
            return False
        self._pending.append((callback, argument, kind, number))
        if self.dead is None:
            self.wake_us = min(self.wake_us, self.now_us)
        return True

    # Time

    def advance(self, us: int) -> None:
        """Let `us` microseconds pass, and all that falls due in them happen."""
        target_us = self.now_us + us
        while self.wake_us <= target_us:
            if self.wake_us > self.now_us:
                self.now_us = self.wake_us
            self._service()
        if target_us > self.now_us:
            self.now_us = target_us

    def stall(self, us: int) -> None:
        """Time spent inside a C call: no Python callback and no Ctrl-C until it returns."""
        self.enter_c()
        try:
            self.advance(us)
        finally:
            self.leave_c()
        if self._interrupt is not None:
            self.advance(0)

    def enter_c(self) -> None:
        """A C call begins that takes time."""
        self._in_c += 1

    def leave_c(self) -> None:
        """It returned: what was held back runs at the next call that takes time."""
        self._in_c = max(0, self._in_c - 1)
        if (self._pending or self._interrupt is not None) and self.dead is None:
            self.wake_us = min(self.wake_us, self.now_us)

    def hang(self, where: str) -> None:
        """Never return, as firmware that is stuck.

        A loop of Python ("python": callbacks and Ctrl-C still get through) or a call that hangs in C ("c": nothing does).
        """
        if where not in ("python", "c"):
            raise ValueError(f"where is 'python' or 'c', not {where!r}")
        if where == "c":
            self.enter_c()
        try:
            while True:
                self.idle()
        finally:
            if where == "c":
                self.leave_c()

    def idle(self, us: int = 1_000_000) -> None:
        """Pass a second (or `us`) without a firmware call. RuntimeError (to the host) when nothing could ever end the wait."""
        if not self._host_events and self._wdt_due_us == NEVER_US:
            advice = "use chip.at(us, chip.power_off)"
            self._fail(RuntimeError(f"the firmware stands still and nothing is scheduled that would end the run: {advice}"))
        self.advance(us)

    def sync(self) -> None:
        """Bring the physics up to now."""
        lag_us = self.now_us - self.plant_us
        if lag_us > 0:
            self.plant_us = self.now_us
            try:
                self.wiring.advance(lag_us)
            except Exception as error:
                self._fail(error)
        self._plant_due_us = self.now_us + self.plant_batch_us

    def die(self, signal: BaseException) -> None:
        """The chip stops here: this call and every further one raises `signal`."""
        self.dead = signal
        self.wake_us = -1
        raise signal

    def _fail(self, error: BaseException) -> None:
        self.die(HostError(error))

    def power_off(self) -> None:
        """End the run; as a host event: `chip.at(us, chip.power_off)`."""
        raise PowerOff

    def reset(self, cause: int) -> None:
        """Reset the chip now."""
        self.die(ChipReset(cause))

    # What happens at a moment

    def _service(self) -> None:
        if self.dead is not None:
            raise self.dead.with_traceback(None)  # else each further call of a dying firmware would lengthen it
        if self.now_us >= self._plant_due_us:
            self.sync()
        try:
            while self._events and self._events[0][0] <= self.now_us:
                _, _, event, from_host = heappop(self._events)
                if from_host:
                    self._host_events -= 1
                    self.sync()
                    self._host(event)
                else:
                    event()
            if self.now_us >= self._wdt_due_us:
                self.reset(WDT_RESET)
            if self._interrupt is not None and not self._in_c:
                interrupt, self._interrupt = self._interrupt, None
                raise interrupt
            if self._pending:
                self._run_pending()
        finally:
            self._find_wake()

    def _find_wake(self) -> None:
        if self.dead is not None:
            self.wake_us = -1
            return
        wake_us = self._plant_due_us
        if self._wdt_due_us < wake_us:
            wake_us = self._wdt_due_us
        if self._events and self._events[0][0] < wake_us:
            wake_us = self._events[0][0]
        self.wake_us = wake_us

    def _host(self, event: Callable[[], None]) -> None:
        try:
            event()
        except SIGNALS as signal:
            self.die(signal)
        except KeyboardInterrupt as interrupt:
            if self.interrupt_char < 0:
                return
            if self._in_c:
                self._interrupt = interrupt
                return
            raise
        except Inject as wrapped:
            raise wrapped.error from None
        except Exception as error:
            self._fail(error)

    def _run_pending(self) -> None:
        while self._pending and not (self._callback_running or self._in_c or self.irq_off):
            callback, argument, kind, number = self._pending.popleft()
            self._callback_running = True
            self.on_callback(kind, number)
            try:
                callback(argument)
            except SIGNALS:
                raise
            except BaseException as error:
                self.on_callback_error(error)
            finally:
                self._callback_running = False

    def on_callback(self, kind: int, number: int) -> None:
        """A Python callback is about to run (for the tape)."""

    def on_callback_error(self, error: BaseException) -> None:
        """A Python callback raised: the port prints it and goes on."""
