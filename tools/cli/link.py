"""A link to one device, over Bluetooth. UUIDs are as in tools/ble/packets.py; every method raises Trouble."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bleak import BleakClient, BleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakDBusError, BleakError, BleakGATTProtocolError

from tools.ble import packets
from tools.cli.trouble import FAILED, LOST, NO_ADAPTER, NOT_FOUND, REFUSED, USAGE, Trouble

OTHERS_S = 0.4  # how long after the first device another one may still be heard
ANSWER_S = 10.0
NOT_PAIRED = (
    "not paired: anybody may watch and stop, everything else needs pairing once. Hold the device's button for three seconds while nothing "
    "runs, then: peristal pair"
)
NO_SERVICE = "the Bluetooth service does not answer; on Linux: is bluetoothd running (systemctl start bluetooth)?"
OFF = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: "no Bluetooth adapter was found; plug one in, or try --sim",
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: "the Bluetooth adapter does not speak Low Energy; take another one, or --sim",
    BleakBluetoothNotAvailableReason.POWERED_OFF: "Bluetooth is switched off; switch it on, or try --sim",
}
logging.getLogger("bleak").setLevel(logging.CRITICAL)  # what matters of it comes as an exception


@dataclass(frozen=True)
class Found:
    """A device that was heard. `name` may be "": some answer with it only later."""

    address: str
    name: str
    rssi: int

    @property
    def title(self) -> str:
        return f"{self.name or '(no name)'} {self.address}"


class Link(Protocol):
    """What a command needs of a link; over Bluetooth and in the simulator the same."""

    found: Found
    not_paired: str  # what whoever may not command is told

    async def read(self, uuid: str) -> bytes: ...
    async def write(self, uuid: str, data: bytes, answered: bool = True) -> None: ...
    async def subscribe(self, uuid: str, tell: Callable[[bytes], None]) -> None: ...
    async def pair(self) -> None: ...

    async def again(self) -> None:
        """Connects once more after the link was lost; whoever had subscribed has to do so anew."""
        ...

    @property
    def room(self) -> int:
        """Bytes that fit into one write."""
        ...

    @property
    def lost(self) -> asyncio.Event:
        """Set when the link has ended."""
        ...


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    """Turns what bleak raises into Trouble."""
    try:
        yield
    except BleakBluetoothNotAvailableError as error:
        raise Trouble(NO_ADAPTER, OFF.get(error.reason, f"Bluetooth cannot be used: {error.args[0]}")) from None
    except BleakGATTProtocolError as error:
        if error.code.name in ("INSUFFICIENT_AUTHENTICATION", "INSUFFICIENT_ENCRYPTION", "INSUFFICIENT_AUTHORIZATION"):
            raise Trouble(REFUSED, NOT_PAIRED) from None
        raise Trouble(FAILED, f"the device answered: {error}") from None
    except BleakDBusError as error:
        text = f"{error.dbus_error} {error.dbus_error_details or ''}"
        if "NotPermitted" in text or "NotAuthorized" in text or "Authentication" in text:
            raise Trouble(REFUSED, NOT_PAIRED) from None
        if "Not connected" in text or "NotConnected" in text or "UnknownObject" in text:
            raise Trouble(LOST, "the link was lost") from None
        if "ServiceUnknown" in text or "NameHasNoOwner" in text:
            raise Trouble(NO_ADAPTER, NO_SERVICE) from None
        raise Trouble(FAILED, text.strip()) from None
    except TimeoutError:
        raise Trouble(LOST, "the device does not answer; is it near, and switched on?") from None
    except BleakError as error:
        text = str(error)
        if "onnect" in text:
            raise Trouble(LOST, "the link was lost") from None
        if "not found" in text.lower():
            raise Trouble(FAILED, f"this is no device of protocol {packets.MAJOR}: {text}") from None
        raise Trouble(FAILED, text) from None
    except (FileNotFoundError, ConnectionError) as error:  # no D-Bus
        raise Trouble(NO_ADAPTER, f"{NO_SERVICE} ({error})") from None


async def scan(seconds: float, stop_at: Callable[[Found], bool] | None = None) -> list[Found]:
    """Devices that advertise the service, the strongest first; ends soon after one for which stop_at() holds was heard."""
    return [found for found, _ in await _scan(seconds, stop_at)]


async def _scan(seconds: float, stop_at: Callable[[Found], bool] | None) -> list[tuple[Found, Any]]:
    heard: dict[str, tuple[Found, Any]] = {}
    enough = asyncio.Event()

    def hear(device: Any, told: Any) -> None:
        if packets.SERVICE.lower() in told.service_uuids:
            heard[device.address] = (Found(device.address, told.local_name or device.name or "", told.rssi), device)
            if stop_at is not None and stop_at(heard[device.address][0]):
                enough.set()

    with in_words():
        async with BleakScanner(hear):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(enough.wait(), seconds)
            if enough.is_set():
                await asyncio.sleep(min(OTHERS_S, seconds))
    return sorted(heard.values(), key=lambda one: -one[0].rssi)


def is_named(found: Found, named: str) -> bool:
    """Whether a person means this one: by its name or its address."""
    return named.lower() in (found.name.lower(), found.address.lower())


def choose(heard: list[Found], named: str | None, seconds: float) -> Found:
    """The one that is meant. Raises Trouble when there is none, or more than one."""
    meant = [one for one in heard if named is None or is_named(one, named)]
    if not meant:
        seen = f"; heard: {', '.join(one.title for one in heard)}" if heard else ""
        what = "no device" if named is None else f"no device called {named!r}"
        hint = "Is it near, and switched on? At most four can be connected to it."
        raise Trouble(NOT_FOUND, f"{what} was heard within {seconds:g} s{seen}. {hint}")
    if len(meant) > 1:
        raise Trouble(USAGE, f"--device: more than one device is near; allowed: one of {', '.join(one.title for one in meant)}")
    return meant[0]


class BleakLink:
    """A link through bleak."""

    not_paired = NOT_PAIRED

    def __init__(self, found: Found, client: BleakClient, lost: asyncio.Event) -> None:
        self.found = found
        self.lost = lost
        self._client = client

    @property
    def room(self) -> int:
        characteristic = self._client.services.get_characteristic(packets.CONSOLE_WRITE.lower())
        return 20 if characteristic is None else max(20, characteristic.max_write_without_response_size)

    async def read(self, uuid: str) -> bytes:
        return bytes(await self._within(self._client.read_gatt_char(uuid.lower())))

    async def write(self, uuid: str, data: bytes, answered: bool = True) -> None:
        await self._within(self._client.write_gatt_char(uuid.lower(), data, response=answered))

    async def subscribe(self, uuid: str, tell: Callable[[bytes], None]) -> None:
        await self._within(self._client.start_notify(uuid.lower(), lambda _, data: tell(bytes(data))))

    async def pair(self) -> None:
        await self._within(self._client.pair(), 30.0)

    async def again(self) -> None:
        with in_words():
            await self._client.connect()
        self.lost.clear()

    async def _within(self, work: Awaitable[Any], seconds: float = ANSWER_S) -> Any:
        with in_words():
            try:
                return await asyncio.wait_for(work, seconds)
            except (BleakError, TimeoutError):
                if self.lost.is_set():
                    raise Trouble(LOST, "the link was lost") from None
                raise


@contextlib.asynccontextmanager
async def connect(named: str | None, seconds: float) -> AsyncIterator[Link]:
    """Finds the device, connects, and lets go of it at the end."""
    heard = await _scan(seconds, lambda found: named is None or is_named(found, named))
    found = choose([one for one, _ in heard], named, seconds)
    device = next(device for one, device in heard if one is found)
    lost = asyncio.Event()
    client = BleakClient(device, disconnected_callback=lambda _: lost.set(), timeout=seconds)
    with in_words():
        await client.connect()
    try:
        yield BleakLink(found, client, lost)
    finally:
        with contextlib.suppress(Exception):
            await client.disconnect()
