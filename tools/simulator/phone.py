"""A phone in the simulated air: a Bumble central that knows nothing of Peristal.

Its methods are coroutines for the radio's loop. Names and numbers of services are the caller's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bumble import att, core, crypto, device, hci, host, keys, pairing
from bumble.core import UUID, AdvertisingData
from bumble.transport.common import AsyncPipeSink

from tools.simulator.air import Controller
from tools.simulator.bluetooth import Radio


class Refused(Exception):
    """The other side answered with an ATT error, its number is `code`."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ATT error 0x{code:02x}")
        self.code = code


class Delegate(pairing.PairingDelegate):
    """Types the passkey that `ask()` returns."""

    def __init__(self, ask: Callable[[], int | None] | None) -> None:
        capability = pairing.PairingDelegate.IoCapability
        super().__init__(capability.NO_OUTPUT_NO_INPUT if ask is None else capability.KEYBOARD_INPUT_ONLY)
        self._ask = ask

    async def get_number(self) -> int | None:
        """Waits until the number can be read somewhere."""
        assert self._ask is not None
        for _ in range(100):
            number = self._ask()
            if number is not None:
                return number
            await asyncio.sleep(0.1)
        return None


class Phone:
    """One central with an address and a memory for its bonds.

    heard       (time, characteristic UUID, bytes) of notifications and indications, in order
    connection  the link, None when there is none
    """

    def __init__(self, radio: Radio, address: str = "C0:00:00:00:00:01", *, bonds: keys.MemoryKeyStore | None = None) -> None:
        self.radio = radio
        self.loop = radio.loop
        self.address = hci.Address(address)
        self.bonds = bonds or keys.MemoryKeyStore()
        self.ask: Callable[[], int | None] | None = None
        self.bonding = True
        self.heard: list[tuple[float, str, bytes]] = []
        self.connection: Any = None
        self.peer: Any = None
        self._found: dict[str, Any] = {}
        self._scanning: Callable[[Any], None] | None = None
        self._told_to: dict[str, Callable[[bytes], None]] = {}
        self.controller: Any = None

    async def switch_on(self) -> None:
        """Comes into the air."""
        self.controller = Controller(str(self.address), link=self.radio.air)
        config = device.DeviceConfiguration(address=self.address, irk=bytes(self.address)[::-1].ljust(16, b"\7"))
        self._device: Any = device.Device(config=config, host=host.Host(self.controller, AsyncPipeSink(self.controller)))
        self.controller.host = self._device.host
        self._device.keystore = self.bonds
        self._device.pairing_config_factory = lambda connection: pairing.PairingConfig(
            sc=True, mitm=self.ask is not None, bonding=self.bonding, delegate=Delegate(self.ask),
            identity_address_type=pairing.PairingConfig.AddressType.RANDOM,
        )  # fmt: skip
        seed = bytes(self.address) * 6
        self._device.smp_manager._ecc_key = crypto.EccKey.from_private_key_bytes(seed[:32])  # pyright: ignore[reportPrivateImportUsage]
        await self._device.power_on()

    async def start_scan(self, tell: Callable[[Any], None]) -> None:
        """Tells of each advertisement: .address, .data (an AdvertisingData of advertisement and scan response together), .rssi."""
        if self.controller is None:
            await self.switch_on()
        self._scanning = tell
        self._device.on("advertisement", tell)
        await self._device.start_scanning(filter_duplicates=False)

    async def stop_scan(self) -> None:
        """Listens no more."""
        if self._scanning is not None:
            await self._device.stop_scanning()
            self._device.remove_listener("advertisement", self._scanning)
            self._scanning = None

    async def scan(self, seconds: float = 2.0) -> list[Any]:
        """What was advertised in that time, the last of each device."""
        seen: dict[str, Any] = {}
        await self.start_scan(lambda one: seen.__setitem__(str(one.address), one))
        await asyncio.sleep(seconds)
        await self.stop_scan()
        return list(seen.values())

    async def connect(self, address: Any, mtu: int | None = None, timeout: float = 5.0) -> None:
        """Connects and discovers everything. `mtu` None leaves it at 23. Raises TimeoutError when nobody answers."""
        if self.controller is None:
            await self.switch_on()
        self._found.clear()
        self._device.address_resolver = None  # addresses are what they are here; Bumble would look for a bonded one without an end
        try:
            self.connection = await self._device.connect(address, timeout=timeout)
        except core.TimeoutError:
            raise TimeoutError(f"{address} does not answer") from None
        self.connection.once("disconnection", self._gone)
        if mtu is not None:
            await self.connection.gatt_client.request_mtu(mtu)

    def _gone(self, _reason: int) -> None:
        self.connection = None

    async def discover(self) -> dict[str, dict[str, Any]]:
        """Services: {service UUID: {characteristic UUID: proxy}}, UUIDs as text in upper case."""
        self.peer = device.Peer(self.connection)
        await self.peer.discover_all()
        table: dict[str, dict[str, Any]] = {}
        for service in self.peer.services:
            row = table[name_of(service.uuid)] = {}
            for characteristic in service.characteristics:
                row[name_of(characteristic.uuid)] = characteristic
                self._found[name_of(characteristic.uuid)] = characteristic
        return table

    def _attribute(self, uuid: str) -> Any:
        if self.connection is None:  # Bumble would ask nobody, and wait for the answer
            raise ConnectionError("the link ended")
        return self._found[uuid]

    async def read(self, uuid: str) -> bytes:
        """A characteristic's value."""
        return await self._try(self._attribute(uuid).read_value())

    async def descriptor(self, uuid: str, kind: int) -> bytes:
        """A descriptor's value."""
        for one in self._attribute(uuid).descriptors:
            if one.type == UUID.from_16_bits(kind):
                return await self._try(one.read_value())
        raise KeyError(f"{uuid} has no 0x{kind:04x}")

    async def write(self, uuid: str, data: bytes, answered: bool = True) -> None:
        """A write, with the other side's answer awaited or not."""
        await self._try(self._attribute(uuid).write_value(data, with_response=answered))

    async def subscribe(self, uuid: str, tell: Callable[[bytes], None] | None = None) -> None:
        """Hands what is notified or indicated to tell(); without one it is kept in `heard`."""

        def keep(data: bytes) -> None:
            self.heard.append((self.loop.time(), uuid, bytes(data)))

        hear = keep if tell is None else lambda data: tell(bytes(data))
        self._told_to[uuid] = hear
        await self._try(self._attribute(uuid).subscribe(hear))

    async def unsubscribe(self, uuid: str) -> None:
        """No more of them."""
        await self._try(self._attribute(uuid).unsubscribe(self._told_to.pop(uuid, None)))

    async def pair(self) -> None:
        """Pairs anew. Raises ProtocolError, or ConnectionError when the other side ended the link over it."""
        connection = self.connection
        await self._try(connection.cancel_on_disconnection(asyncio.wait_for(connection.pair(), 20)))

    async def encrypt(self) -> None:
        """Encrypts with the bond. Raises when there is none on either side."""
        await self._try(asyncio.wait_for(self.connection.encrypt(), 20))

    async def disconnect(self) -> None:
        """Ends the link."""
        if self.connection is not None:
            await self.connection.disconnect()
            self.connection = None

    async def until(self, true: Callable[[], Any], seconds: float = 5.0, what: str = "") -> Any:
        """Waits until something is true and returns it. Raises AssertionError."""
        for _ in range(round(seconds * 100)):
            found = true()
            if found:
                return found
            await asyncio.sleep(0.01)
        raise AssertionError(f"{what or 'this'} did not happen within {seconds} s")

    def told(self, uuid: str) -> list[bytes]:
        """What came from one characteristic so far."""
        return [data for _, name, data in self.heard if name == uuid]

    @staticmethod
    async def _try(waiting: Any) -> Any:
        try:
            return await waiting
        except att.ATT_Error as error:
            raise Refused(error.error_code) from None
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise ConnectionError("the link ended") from None


def name_of(uuid: UUID) -> str:
    """A UUID as text: 4 or 36 characters, upper case."""
    digits = bytes(uuid.to_bytes())[::-1].hex().upper()
    if len(digits) == 4:
        return digits
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def local_name(data: AdvertisingData) -> str:
    """The complete name, "" when there is none."""
    found = data.get(AdvertisingData.Type.COMPLETE_LOCAL_NAME)
    return found if isinstance(found, str) else (found or b"").decode()
