"""A simulated pair that lives in a thread of its own, at a pace of its own, for programs that have an event loop of theirs.

    pair = LivePair("esp32_manifold").start()
    central = Central(pair)                   tools/simulator/central.py: scan, connect, read, write, subscribe, pair
    pair.press(3.3)                           somebody's hand on the button
    pair.stop()

Everything of the chip, its radio and its plant belongs to that thread: look and meddle through `do()`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any

from tools.simulator.bluetooth import Radio
from tools.simulator.rig import Rig

PACE_S = 0.005  # virtual time between two looks at the clock on the wall, times the speed
FREE_SPEED = 10.0  # what counts as the speed of a pair that does not wait
LEAST_WAIT_S = 0.001  # shorter waits add up: each costs more than it gives
MOST_LATE_S = 0.25  # a machine that was busy for longer does not hurry after the lost time
STOP_S = 10.0
READY_S = 2.5  # the firmware has started up and advertises

logging.getLogger("bumble").setLevel(logging.CRITICAL)  # it says what it thinks of every packet it does not expect


class PairError(RuntimeError):
    """The simulated pair is not there any more; the text says why."""


class LivePair:
    """One simulated pair, and the thread it runs in.

    speed   virtual over real time; 0 as fast as the machine can. May be changed at any time
    rig     the pair itself, for `do()` only
    console what the firmware printed so far
    """

    def __init__(self, board: Any = "esp32_manifold", *, speed: float = 1.0, files: dict[str, bytes] | None = None, **options: Any) -> None:
        self.speed = speed
        self.rig = Rig(board, **options)
        self.radio = Radio(self.rig.chip)
        for path, content in (files or {}).items():
            self.rig.flash.put(path, content)
        self.console = self.rig.chip.console
        self.error: BaseException | None = None
        self._inbox: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="simulated pair", daemon=True)
        self._real_s = self._virtual_s = 0.0  # both clocks when they last agreed
        self._speed = speed
        self._stopping = False
        self._off = False

    # For any thread

    def start(self, ready_s: float = READY_S) -> LivePair:
        """Powers it; returns when it has started up (`ready_s` of virtual time, as fast as the machine can)."""
        ready: Future[None] = Future()
        speed, self.speed = self.speed, 0.0

        def arrived() -> None:
            self.speed = speed
            ready.set_result(None)

        self.rig.at(ready_s, arrived)
        self._thread.start()
        while not ready.done() and self._thread.is_alive():
            self._thread.join(0.01)
        self._check()
        return self

    def stop(self) -> None:
        """Takes the power away and ends the thread; raises what went wrong in the simulator, if anything did."""
        self._stopping = True
        self._inbox.put(self.rig.chip.power_off)
        self._thread.join(STOP_S)
        if self.error is not None:
            raise self.error

    def do(self, action: Callable[[], Any], timeout_s: float = 10.0) -> Any:
        """Runs action() between two ticks of the simulator and returns what it returns, or raises what it raises."""
        done: Future[Any] = Future()

        def run() -> None:
            try:
                done.set_result(action())
            except Exception as error:
                done.set_exception(error)

        self._put(run)
        return done.result(timeout_s)

    def begin(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Future[Any]:
        """Starts a coroutine in the radio's loop; the future has its result. A link that ends under it is a ConnectionError."""
        done: Future[Any] = Future()

        async def run() -> None:
            if not done.set_running_or_notify_cancel():  # whoever asked has gone; from here on it cannot be cancelled
                return
            try:
                done.set_result(await work())
            except asyncio.CancelledError:
                done.set_exception(ConnectionError("the link ended"))
            except Exception as error:
                done.set_exception(error)

        self._put(lambda: self.radio.loop.create_task(run()))
        return done

    def press(self, hold_s: float = 0.2, key: str = "button_pin") -> None:
        """A hand presses a button now, and holds it for so much virtual time."""
        self.do(lambda: self.rig.press(self.rig.now_s + 0.001, hold_s, key))

    def until(self, true: Callable[[], Any], seconds: float = 30.0, what: str = "this") -> Any:
        """Waits for so much virtual time at most until true() is so, looked at in the simulator's thread. AssertionError if it never is."""
        end_s = self.do(lambda: self.rig.now_s) + seconds
        while True:
            found, now_s = self.do(lambda: (true(), self.rig.now_s))
            if found:
                return found
            if now_s > end_s:
                raise AssertionError(f"{what} did not happen within {seconds} s")
            time.sleep(0.005)

    def pass_time(self, seconds: float) -> None:
        """Waits until so much virtual time has passed."""
        end_s = self.do(lambda: self.rig.now_s) + seconds
        self.until(lambda: self.rig.now_s >= end_s, seconds + 1.0)

    def open_window(self) -> None:
        """Somebody holds the button until the pairing window opens."""
        self.press(3.3)
        self.until(lambda: self.rig.app.radio.pairing, what="the pairing window")

    def power_cycle(self) -> None:
        """Off and on again; what is on the flash stays."""
        self._off = True
        self._inbox.put(self.rig.chip.power_off)
        while self._off and self._thread.is_alive():
            time.sleep(0.005)
        self.pass_time(READY_S)

    def silence(self, on: bool = True) -> None:
        """The radio goes into a bag (or comes out): links find out after the supervision timeout."""
        air: Any = self.radio.air
        self.do(lambda: air.cut(self.radio.controller) if on else air.back(self.radio.controller))

    def files(self) -> dict[str, bytes]:
        """What is stored on its flash now, for another start."""
        return self.do(lambda: dict(self.rig.flash.files))

    # In its own thread

    def _check(self) -> None:
        if not self._thread.is_alive():
            raise PairError("the simulated pair has ended") from self.error

    def _put(self, action: Callable[[], object]) -> None:
        self._check()
        self._inbox.put(action)

    def _run(self) -> None:
        self._agree()
        self.rig.at(self.rig.now_s + PACE_S, self._look)
        try:
            while True:
                self.rig.chip.run()
                if self._stopping or not self._off:
                    return
                self.rig.chip.power_cycle()
                self._off = False
        except BaseException as error:
            self.error = error

    def _agree(self) -> None:
        self._real_s, self._virtual_s, self._speed = time.monotonic(), self.rig.now_s, self.speed

    def _look(self) -> None:
        self.rig.at(self.rig.now_s + PACE_S * max(1.0, self._speed or FREE_SPEED), self._look)
        self._pace()

    def _pace(self) -> None:
        """Does what others ask for, and waits until the clock on the wall has come as far."""
        if self._speed != self.speed:
            self._agree()
        while True:
            ahead_s = 0.0
            if self._speed:
                ahead_s = (self.rig.now_s - self._virtual_s) / self._speed - (time.monotonic() - self._real_s)
                if ahead_s < -MOST_LATE_S:
                    self._agree()
            try:
                action = self._inbox.get(timeout=ahead_s) if ahead_s > LEAST_WAIT_S else self._inbox.get_nowait()
            except Empty:
                return
            action()
