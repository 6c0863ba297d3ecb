"""A central in the air of a simulated pair, for programs with an event loop of their own: what a phone's Bluetooth is to an app.

    central = Central(pair)
    await central.connect((await central.scan())[0].address)
    await central.subscribe(uuid, lambda data: ...)
    await central.write(uuid, b"\\x01")

The command line's `--sim`, the page's bridge and the stand-in for BlueZ all talk through this, so they all send the very same packets.
UUIDs are text in upper case, of 4 or 36 characters. Every method raises Refused (with the ATT error's number as `code`), ConnectionError
when the link ends under it, and TimeoutError when nobody answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bumble import core, hci, keys

from tools.simulator.live_pair import LivePair
from tools.simulator.phone import Phone, Refused, local_name, name_of

MTU = 247
SETTLED_S = 0.05  # the other side has its keys too
FLAGS = ((0x02, "read"), (0x04, "write-without-response"), (0x08, "write"), (0x10, "notify"), (0x20, "indicate"))


@dataclass(frozen=True)
class Seen:
    """One advertisement. The name is "" until the answer to a scan has been heard."""

    address: str
    name: str
    services: tuple[str, ...]
    rssi: int


@dataclass(frozen=True)
class Descriptor:
    uuid: str
    handle: int


@dataclass(frozen=True)
class Characteristic:
    """`flags` in BlueZ's words: read, write, write-without-response, notify, indicate."""

    uuid: str
    handle: int
    flags: tuple[str, ...]
    descriptors: tuple[Descriptor, ...]


@dataclass(frozen=True)
class Service:
    uuid: str
    handle: int
    characteristics: tuple[Characteristic, ...]


class Bonds(keys.MemoryKeyStore):
    """Keys of pairings in which both sides wanted a bond; Bumble would keep all."""

    phone: Phone | None = None

    async def update(self, name: str, keys: keys.PairingKeys) -> None:
        assert self.phone is not None
        if any(session.bonding for session in self.phone._device.smp_manager.sessions.values()):
            await super().update(name, keys)

    def dump(self) -> dict[str, Any]:
        """The keys, as JSON can hold them."""
        return {name: one.to_dict() for name, one in self.all_keys.items()}

    def restore(self, dumped: dict[str, Any]) -> None:
        """What dump() gave."""
        self.all_keys = {name: keys.PairingKeys.from_dict(one) for name, one in dumped.items()}


class Central:
    """One central: a number for its address, a memory for its bonds, at most one link.

    on_gone   called in the event loop that connected, when a link has ended for whatever reason
    heard_s   virtual time at which the packet that is told, or was told last, came; None before the first
    services  what the connected device has, () without a link
    """

    def __init__(self, pair: LivePair, number: int = 1, *, on_gone: Callable[[], None] | None = None, bonds: Bonds | None = None) -> None:
        self.live = pair
        self.on_gone = on_gone
        self.bonds = bonds or Bonds()
        self.phone = Phone(pair.radio, f"C0:00:00:00:00:{number:02X}", bonds=self.bonds)
        self.bonds.phone = self.phone
        self.services: tuple[Service, ...] = ()
        self.connected = False
        self.heard_s: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tell: dict[str, Callable[[bytes], None]] = {}
        self._see: Callable[[Seen], None] | None = None

    async def _do(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        self._loop = asyncio.get_running_loop()
        try:
            return await asyncio.wrap_future(self.live.begin(work))
        except core.InvalidStateError as error:
            raise ConnectionError(str(error)) from None
        except core.TimeoutError as error:
            raise TimeoutError(str(error)) from None

    def _call(self, function: Callable[..., None], *arguments: Any) -> None:
        """From the simulator's thread into the caller's loop, which may be gone."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:
            pass

    # Without a link

    async def start_scan(self, see: Callable[[Seen], None]) -> None:
        """Tells of each advertisement heard from now on."""
        self._see = see
        await self._do(lambda: self.phone.start_scan(self._seen))

    async def stop_scan(self) -> None:
        """Listens no more."""
        self._see = None
        await self._do(self.phone.stop_scan)

    def _seen(self, one: Any) -> None:
        found = one.data.get(core.AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS) or []
        services = tuple(name_of(uuid) for uuid in found if isinstance(uuid, core.UUID))
        seen = Seen(one.address.to_string(False), local_name(one.data), services, one.rssi)
        if self._see is not None:
            self._call(self._tell_seen, seen)

    def _tell_seen(self, seen: Seen) -> None:
        if self._see is not None:
            self._see(seen)

    async def scan(self, seconds: float = 0.6) -> list[Seen]:
        """What was heard in so much virtual time, the fullest advertisement of each device."""
        heard: dict[str, Seen] = {}
        await self.start_scan(lambda seen: heard.update({seen.address: seen}) if seen.name or seen.address not in heard else None)
        await self._do(lambda: asyncio.sleep(seconds))
        await asyncio.sleep(0)
        await self.stop_scan()
        return list(heard.values())

    def is_bonded(self, address: str) -> bool:
        """Whether there is a key for this device."""
        return any(name.split("/")[0] == address for name in self.bonds.all_keys)

    def forget(self, address: str) -> None:
        """Removes the key."""
        for name in [name for name in self.bonds.all_keys if name.split("/")[0] == address]:
            del self.bonds.all_keys[name]

    # The link

    async def connect(self, address: str, timeout_s: float = 5.0) -> None:
        """Connects, asks for an MTU of 247, encrypts where there is a bond, and discovers everything. `timeout_s` in virtual time."""
        self.services = tuple(await self._do(lambda: self._connect(address, timeout_s)))
        self.connected = self.phone.connection is not None
        if not self.connected:
            raise ConnectionError("the link ended")

    async def _connect(self, address: str, timeout_s: float) -> list[Service]:
        phone = self.phone
        self._tell.clear()
        await phone.connect(hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS), MTU, timeout_s)
        phone.connection.once("disconnection", lambda _reason: self._call(self._gone))
        try:
            if self.is_bonded(address):
                await phone.encrypt()
            await phone.discover()
        except BaseException:
            await phone.disconnect()
            raise
        return [self._service(service) for service in phone.peer.services]

    @staticmethod
    def _service(service: Any) -> Service:
        rows = []
        for one in service.characteristics:
            flags = tuple(word for bit, word in FLAGS if one.properties & bit)
            described = tuple(Descriptor(name_of(descriptor.type), descriptor.handle) for descriptor in one.descriptors)
            rows.append(Characteristic(name_of(one.uuid), one.handle, flags, described))
        return Service(name_of(service.uuid), service.handle, tuple(rows))

    def _gone(self) -> None:
        self.connected, self.services = False, ()
        self._tell.clear()
        if self.on_gone is not None:
            self.on_gone()

    async def disconnect(self) -> None:
        """Ends the link; without one it does nothing."""
        await self._do(self.phone.disconnect)

    async def read(self, uuid: str) -> bytes:
        """A characteristic's value."""
        return await self._do(lambda: self.phone.read(uuid))

    async def read_descriptor(self, uuid: str, kind: str) -> bytes:
        """A descriptor's value, by its UUID of 4 digits."""
        return await self._do(lambda: self.phone.descriptor(uuid, int(kind, 16)))

    async def write(self, uuid: str, data: bytes, answered: bool = True) -> None:
        """Writes a characteristic, with the other side's answer awaited or not."""
        await self._do(lambda: self.phone.write(uuid, data, answered))

    async def subscribe(self, uuid: str, tell: Callable[[bytes], None]) -> None:
        """tell(data) is called in this event loop for each notification or indication; a second call replaces it."""
        known = uuid in self._tell
        self._tell[uuid] = tell
        if not known:
            await self._do(lambda: self.phone.subscribe(uuid, lambda data: self._call(self._heard, uuid, data, self.live.rig.now_s)))

    def _heard(self, uuid: str, data: bytes, at_s: float) -> None:
        self.heard_s = at_s
        tell = self._tell.get(uuid)
        if tell is not None:
            tell(data)

    async def unsubscribe(self, uuid: str) -> None:
        """No more of them."""
        if self._tell.pop(uuid, None) is not None:
            await self._do(lambda: self.phone.unsubscribe(uuid))

    async def pair(self) -> bool:
        """Pairs; whether that left a bond. Outside its pairing window the device ends the link over it: ConnectionError."""

        async def work() -> None:
            await self.phone.pair()
            await asyncio.sleep(SETTLED_S)

        await self._do(work)
        return bool(self.bonds.all_keys)


__all__ = ["Central", "Characteristic", "Descriptor", "Refused", "Seen", "Service"]
