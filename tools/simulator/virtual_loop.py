"""An asyncio event loop on the chip's virtual time: what Bumble and the clients of a test run in.

Callbacks run in the order in which they were asked for, at the moment they are due and never before, so that a run is the same whenever
it is made. The loop does nothing of its own accord: the chip's clock wakes it.
"""

from __future__ import annotations

import asyncio
import asyncio.events
from collections import deque
from collections.abc import Callable, Coroutine
from heapq import heappop, heappush
from typing import Any


class VirtualLoop(asyncio.AbstractEventLoop):
    """`now_s()` tells the time; `wake_at(s)` asks for a call of `wake(s)` then.

    `errors` are the exceptions of callbacks and of tasks that nobody waited for.
    """

    def __init__(self, now_s: Callable[[], float], wake_at: Callable[[float], None]) -> None:
        self._now_s = now_s
        self._wake_at = wake_at
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._order = 0
        self._pumping = False
        self._armed_s = float("inf")
        self.errors: list[BaseException] = []

    # What asyncio asks of a loop

    def time(self) -> float:
        return self._now_s()

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return self._pumping

    def is_closed(self) -> bool:
        return False

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:  # type: ignore[override]
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        self._arm(self.time())
        return handle

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:  # type: ignore[override]
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._order += 1
        heappush(self._timers, (when, self._order, handle))
        self._arm(when)
        return handle

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:  # type: ignore[override]
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It is passed over when it comes up."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coroutine: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:  # type: ignore[override]
        return asyncio.Task(coroutine, loop=self, **options)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.errors.append(error if isinstance(error, BaseException) else RuntimeError(context["message"]))

    # What the simulator calls

    def _arm(self, when_s: float) -> None:
        if not self._pumping and when_s < self._armed_s:
            self._armed_s = when_s
            self._wake_at(when_s)

    def wake(self, at_s: float) -> bool:
        """Pumps when that is the moment it waits for; an earlier one may have been asked for since, which has then seen to it all."""
        if at_s != self._armed_s:
            return False
        self._armed_s = float("inf")
        self.pump()
        return True

    def pump(self, until: asyncio.Future[Any] | None = None) -> None:
        """Runs what is due now (and stops early when `until` is done). Called from within itself it does nothing."""
        if self._pumping:
            return
        self._pumping = True
        before = asyncio.events._get_running_loop()
        asyncio.events._set_running_loop(self)
        try:
            while until is None or not until.done():
                now_s = self.time() + 1e-9
                while self._timers and self._timers[0][0] <= now_s:
                    self._ready.append(heappop(self._timers)[2])
                if not self._ready:
                    break
                handle = self._ready.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            asyncio.events._set_running_loop(before)
            self._pumping = False
        if self._ready:
            self._arm(self.time())
        elif self._timers:
            self._arm(self._timers[0][0])

    def finish(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Runs a coroutine that needs no time to its end and returns its result."""
        task = self.create_task(coroutine)
        self.pump(task)
        if not task.done():
            raise RuntimeError("this needs time to pass")
        return task.result()
