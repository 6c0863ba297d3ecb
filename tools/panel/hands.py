"""What a person beside the simulated pair can do: press its button, carry it away, pull a hose or a wire, switch it off and on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tools.simulator.live_pair import LivePair

PRESS_S = 0.2
PAIR_S = 3.3
LONGEST_S = 12.0
AWAY_S = 6.0  # by the clock on the wall, if the page does not say otherwise; the radio finds out after 2 s of the pair's own
SPEEDS = (0.1, 100.0)


class Hands:
    """do(message) carries out `{"op": "hand", "do": "button", "seconds": 3.3}` and the like, see ACTS; it may wait for the pair.

    open_door: the first time a phone is here, somebody holds the button so that it may pair.
    """

    def __init__(self, pair: LivePair, open_door: bool) -> None:
        self.pair = pair
        self.open_door = open_door
        self._met: set[str] = set()
        self._back_at = 0.0

    def do(self, message: dict[str, Any]) -> None:
        """Raises KeyError, TypeError or ValueError for what it does not understand."""
        self.ACTS[message["do"]](self, message)

    def met(self, name: str) -> None:
        """A phone has connected."""
        if self.open_door and name not in self._met and self.pair.do(lambda: self.pair.rig.state) in ("idle", "done"):
            self.pair.press(PAIR_S)
        self._met.add(name)

    def reach(self) -> None:
        """A phone wants to connect: a pair that was carried away is there again when its time is over."""
        if self._back_at and time.monotonic() >= self._back_at:
            self._back_at = 0.0
            self.pair.silence(False)

    def _button(self, message: dict[str, Any]) -> None:
        self.pair.press(_within("seconds", float(message.get("seconds", PRESS_S)), 0.01, LONGEST_S))

    def _away(self, message: dict[str, Any]) -> None:
        self._back_at = time.monotonic() + _within("seconds", float(message.get("seconds", AWAY_S)), 0.0, 600.0)
        self.pair.silence()

    def _hose(self, message: dict[str, Any]) -> None:
        off, unplugged = bool(message["off"]), self.pair.rig.plant.zone_unplugged
        zone = int(_within("zone", int(message["zone"]), 0, len(unplugged) - 1))
        self.pair.do(lambda: unplugged.__setitem__(zone, off))

    def _sensor(self, message: dict[str, Any]) -> None:
        fault = "open" if message["off"] else None
        self.pair.do(lambda: self.pair.rig.plant.sensor_fault.__setitem__(0, fault))

    def _power(self, _message: dict[str, Any]) -> None:
        self.pair.power_cycle()

    def _speed(self, message: dict[str, Any]) -> None:
        self.pair.speed = _within("speed", float(message["times"]), *SPEEDS)

    ACTS: dict[str, Callable[[Hands, dict[str, Any]], None]] = {
        "button": _button, "away": _away, "hose": _hose, "sensor": _sensor, "power": _power, "speed": _speed,
    }  # fmt: skip


def _within(name: str, value: float, low: float, high: float) -> float:
    if not low <= value <= high:
        raise ValueError(f"{name}: {value:g} is not allowed; allowed: {low:g} to {high:g}")
    return value
