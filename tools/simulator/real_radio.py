"""The simulated pair on a real Bluetooth controller: a real phone sees it, in real time (`make run ARGS="--radio usb:0"`)."""

from __future__ import annotations

import asyncio
import select
import sys
import time
from typing import Any

from bumble.transport import open_transport

from tools.simulator.bluetooth import Radio
from tools.simulator.rig import Rig

OPEN_TIMEOUT_S = 10.0
PACE_S = 0.005  # how often the radio is looked after
PAIR_AT_S = 1.0
PAIR_HOLD_S = 3.3
PRESS_S = 0.2
WORDS = """The simulated pair is in the air: scan with a phone for "Peristal". For the first minute it can be paired with.
Enter        holds its button for three seconds: the pairing window opens again
b and Enter  presses it shortly: start, stop, clear a fault
Ctrl-C       ends"""


class RadioError(RuntimeError):
    """The controller cannot be used; the text says why."""


class RealLoop:
    """An ordinary asyncio loop with what Radio asks for beside it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self.errors: list[BaseException] = []
        self._loop.set_exception_handler(self._keep)

    def _keep(self, _loop: Any, context: dict[str, Any]) -> None:
        self.errors.append(context.get("exception") or RuntimeError(context["message"]))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    def finish(self, coroutine: Any) -> Any:
        """Runs a coroutine to its end."""
        return self._loop.run_until_complete(coroutine)

    def wait(self, seconds: float) -> None:
        """Lets the radio work for so long, and at least once."""
        self.finish(asyncio.sleep(max(seconds, 0.0)))
        if self.errors:
            raise self.errors.pop(0)


def attach(rig: Rig, transport_name: str) -> None:
    """Gives the pair a radio over any of Bumble's transports. RadioError when that cannot be opened."""
    loop = RealLoop()
    try:
        transport = loop.finish(asyncio.wait_for(open_transport(transport_name), OPEN_TIMEOUT_S))
    except Exception as error:  # each transport has its own
        hint = "; is a Bluetooth dongle plugged in, and may you use it?" if transport_name.startswith("usb") else ""
        raise RadioError(f"{transport_name!r} cannot be opened: {str(error) or type(error).__name__}{hint}") from None
    Radio(rig.chip, loop, transport)
    rig.press(PAIR_AT_S, PAIR_HOLD_S)
    began_s: list[float] = []

    def pace() -> None:
        if not began_s:
            began_s.append(time.monotonic() - rig.now_s)
        loop.wait(rig.now_s - (time.monotonic() - began_s[0]))
        _listen_to_keys(rig)

    rig.every(PACE_S, pace)


def _listen_to_keys(rig: Rig) -> None:
    if sys.stdin is None or not sys.stdin.isatty() or not select.select([sys.stdin], [], [], 0)[0]:
        return
    short = sys.stdin.readline().strip() == "b"
    rig.press(rig.now_s, PRESS_S if short else PAIR_HOLD_S)
