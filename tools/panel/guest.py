"""A browser's Bluetooth: a central in the simulated air for each WebSocket, with the manners of a real one.

Messages are JSON, one a frame. From the page: `{"id": 1, "op": "connect", "phone": "..."}`, then `read`, `write`, `subscribe` (with a
`uuid`, and `hex` for a write, `fast` for one without an answer), `disconnect`, `hand` (see hands.py). Each is answered once:
`{"id": 1, "hex": "..."}`, or `{"id": 1, "error": "...", "kind": "..."}`. Without an id come `{"told": uuid, "hex": "..."}` and
`{"gone": true}`.

As in a browser one operation is in flight at a time: a second one is refused as `busy`. What an encrypted characteristic refuses makes
the central pair and try again, as an operating system does; whether that helps is the firmware's decision.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tools.panel.hands import Hands
from tools.simulator.central import Bonds, Central, Refused
from tools.simulator.live_pair import LivePair

WANT_ENCRYPTION = (0x05, 0x0F)  # ATT errors: not authenticated, not encrypted
SERVICE = "9B2F0000-5C1D-4E6A-8F3B-706572697374"
SIG = "-0000-1000-8000-00805F9B34FB"
MOST_PHONES = 200


class Failed(Exception):
    """What the page is told: a kind it can act on, and words."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


class Phones:
    """The phones that were ever here, by the name the page gave itself: each keeps its address and its bonds."""

    def __init__(self, pair: LivePair) -> None:
        self.pair = pair
        self.here: set[str] = set()
        self._known: dict[str, tuple[int, Bonds]] = {}

    def take(self, name: str, on_gone: Callable[[], None]) -> Central:
        """The phone of this name. Failed when another tab is it already."""
        if name in self.here:
            raise Failed("busy", "this browser is connected already, in another tab")
        if name not in self._known and len(self._known) == MOST_PHONES:
            raise Failed("busy", "too many phones")
        number, bonds = self._known.setdefault(name, (16 + len(self._known), Bonds()))
        self.here.add(name)
        return Central(self.pair, number, on_gone=on_gone, bonds=bonds)


class Guest:
    """One WebSocket. take(message) answers it by send(message); leave() when it is closed."""

    def __init__(self, phones: Phones, hands: Hands, send: Callable[[dict[str, Any]], None]) -> None:
        self._phones = phones
        self._hands = hands
        self._send = send
        self._name = ""
        self._central: Central | None = None
        self._busy = False

    async def leave(self) -> None:
        """The page is gone, and its phone with it."""
        try:
            if self._central is not None:
                await self._central.disconnect()
        except (ConnectionError, TimeoutError, RuntimeError):
            pass  # it was faster
        self._phones.here.discard(self._name)

    async def take(self, message: dict[str, Any]) -> None:
        """Carries out a message of the page and answers it."""
        answer: dict[str, Any] = {"id": message.get("id")}
        try:
            answer |= await self._carry_out(message)
        except Failed as error:
            answer |= {"error": str(error), "kind": error.kind}
        except Refused as error:
            answer |= {"error": str(error), "kind": "refused"}
        except (TimeoutError, ConnectionError, RuntimeError) as error:  # a RuntimeError: the simulated pair has ended
            answer |= {"error": str(error) or "nobody answered", "kind": "gone"}
        except (KeyError, TypeError, ValueError) as error:
            answer |= {"error": f"not understood: {error}", "kind": "message"}
        self._send(answer)

    async def _carry_out(self, message: dict[str, Any]) -> dict[str, Any]:
        op = message.get("op")
        if op == "hand":
            await asyncio.to_thread(self._hands.do, message)
            return {}
        if self._busy:
            raise Failed("busy", "an operation is in flight already")
        self._busy = True
        try:
            if op == "connect":
                return await self._connect(str(message["phone"]))
            if self._central is None or not self._central.connected:
                raise Failed("gone", "not connected")
            if op == "disconnect":
                await self._central.disconnect()
                return {}
            return await self._operation(self._central, str(op), message)
        finally:
            self._busy = False

    async def _connect(self, name: str) -> dict[str, Any]:
        if self._central is None:
            self._central, self._name = self._phones.take(name, lambda: self._send({"gone": True})), name
        central = self._central
        await asyncio.to_thread(self._hands.reach)
        found = [one for one in await central.scan() if SERVICE in one.services]
        if not found:
            raise Failed("gone", "nobody advertises the service")
        await central.connect(found[0].address)
        await asyncio.to_thread(self._hands.met, name)
        return {"name": found[0].name}

    async def _operation(self, central: Central, op: str, message: dict[str, Any]) -> dict[str, Any]:
        uuid = str(message["uuid"]).upper()
        known = uuid[4:8] if uuid.endswith(SIG) else uuid
        if op not in ("read", "write", "subscribe"):
            raise Failed("message", f"not understood: {op!r}")
        if not any(known == one.uuid for service in central.services for one in service.characteristics):
            raise Failed("missing", f"the device has no {uuid}")
        if op == "read":
            return {"hex": (await self._permitted(central, lambda: central.read(known))).hex()}
        if op == "write":
            data, answered = bytes.fromhex(message["hex"]), not message.get("fast")
            await self._permitted(central, lambda: central.write(known, data, answered))
            return {}
        await central.subscribe(known, lambda data: self._send({"told": uuid.lower(), "hex": bytes(data).hex()}))
        return {}

    @staticmethod
    async def _permitted(central: Central, operation: Callable[[], Any]) -> Any:
        """Carries it out, and once more after pairing where that was asked for."""
        try:
            return await operation()
        except Refused as refused:
            if refused.code not in WANT_ENCRYPTION:
                raise
            try:
                await central.pair()
            except (Refused, ConnectionError, TimeoutError) as error:
                raise Failed("refused", f"the device did not pair: {error or type(error).__name__}") from None
            except Exception as error:  # Bumble's own of a pairing that failed
                raise Failed("refused", f"the device did not pair: {error or type(error).__name__}") from None
        return await operation()
