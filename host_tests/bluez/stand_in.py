"""What org.bluez does with one adapter, and a Bumble central in the place of its radio."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from dbus_fast import Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus

from host_tests.bluez.tree import UNKNOWN_METHOD, Error, Properties, Tree
from tools.simulator.central import Central, Characteristic, Refused, Seen

LATENCY_S = 0.015
RSSI_S = 0.05  # between two reports of how strong a device is heard
CONNECT_S = 5.0
ROOT, ADAPTER_PATH = "/org/bluez", "/org/bluez/hci0"
ADAPTER, DEVICE, AGENTS = "org.bluez.Adapter1", "org.bluez.Device1", "org.bluez.AgentManager1"
SERVICE, CHARACTERISTIC, DESCRIPTOR = "org.bluez.GattService1", "org.bluez.GattCharacteristic1", "org.bluez.GattDescriptor1"
SETTABLE = {(ADAPTER, name) for name in ("Powered", "Alias", "Discoverable", "Pairable", "DiscoverableTimeout", "PairableTimeout")}
SETTABLE |= {(DEVICE, name) for name in ("Trusted", "Blocked", "Alias")}
NO_ENCRYPTION, NO_AUTHENTICATION = 0x0F, 0x05
ATT_ERRORS = {  # create_gatt_dbus_error() of BlueZ
    0x02: ("NotPermitted", "Read not permitted"), 0x03: ("NotPermitted", "Write not permitted"), 0x05: ("NotPermitted", "Not paired"),
    0x06: ("NotSupported", "Operation is not supported"), 0x07: ("InvalidArguments", "Invalid offset"),
    0x08: ("NotAuthorized", "Operation Not Authorized"), 0x0C: ("NotPermitted", "Not paired"),
    0x0D: ("InvalidArguments", "Invalid Length"), 0x0F: ("NotPermitted", "Not paired"),
}  # fmt: skip


def full(uuid: str) -> str:
    """A UUID as BlueZ writes it: 36 characters, lower case."""
    return (f"0000{uuid}-0000-1000-8000-00805F9B34FB" if len(uuid) == 4 else uuid).lower()


def variants(**values: tuple[str, Any]) -> Properties:
    return {name: Variant(*both) for name, both in values.items()}


class StandIn:
    """Serves one bus connection. All of it lives in one event loop.

    calls     "Interface1.Member" of every method called so far
    mistakes  exceptions that are the stand-in's own
    """

    def __init__(self, bus: MessageBus, central: Central) -> None:
        self.bus = bus
        self.central = central
        central.on_gone = self._link_ended
        self.tree = Tree(bus, SETTABLE)
        self.calls: list[str] = []
        self.mistakes: list[Exception] = []
        self.scanning: set[str] = set()  # bus names of clients
        self.notifying: dict[str, set[str]] = {}  # path of a characteristic: bus names
        self.device = ""  # path of the connected one
        self._uuids: dict[str, str] = {}  # path: UUID
        self._busy = False
        self._connecting = False
        self._told_s: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.tree.add(ROOT, {AGENTS: {}})
        self.plug_in()

    # The adapter

    def plug_in(self) -> None:
        """There is an adapter."""
        properties = variants(
            Address=("s", "C0:00:00:00:00:01"), AddressType=("s", "public"), Name=("s", "stand-in"), Alias=("s", "stand-in"),
            Class=("u", 0), Powered=("b", True),
            Discoverable=("b", False), DiscoverableTimeout=("u", 0), Pairable=("b", True), PairableTimeout=("u", 0),
            Discovering=("b", False), UUIDs=("as", []), Modalias=("s", "usb:v1D6Bp0246d0542"), Roles=("as", ["central", "peripheral"]),
        )  # fmt: skip
        self.tree.add(ADAPTER_PATH, {ADAPTER: properties})

    async def unplug(self) -> None:
        """There is none any more."""
        if self.central.connected:
            await self.central.disconnect()
        self.tree.remove(ADAPTER_PATH)

    async def power(self, on: bool) -> None:
        """Bluetooth is switched off, or on again."""
        if not on and self.central.connected:
            await self.central.disconnect()
        self.tree.change(ADAPTER_PATH, ADAPTER, {"Powered": Variant("b", on)})

    # Messages

    def hear(self, message: Message) -> bool:
        """The bus's message handler."""
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged" and not message.body[2]:
            self._spawn(self._client_left(message.body[0]))
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        self.calls.append(f"{(message.interface or '').rpartition('.')[2]}.{message.member}")
        self._spawn(self._answer(message))
        return True

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def rest(self) -> None:
        """Waits until nothing is being worked on."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _answer(self, message: Message) -> None:
        try:
            reply = self.tree.answer(message) or await self._method(message)
        except Error as error:
            reply = Message.new_error(message, error.name, error.text)
        except Exception as error:  # a mistake in here: the client is told, and the test fails at its end
            self.mistakes.append(error)
            reply = Message.new_error(message, "org.bluez.Error.Failed", f"the stand-in failed: {error!r}")
        if not message.flags & MessageFlag.NO_REPLY_EXPECTED:
            self.bus.send(reply)

    async def _method(self, message: Message) -> Message:
        methods: dict[tuple[str, str], Callable[[Message], Coroutine[Any, Any, tuple[str, list[Any]] | None]]] = {
            (ADAPTER, "StartDiscovery"): self._start_discovery, (ADAPTER, "StopDiscovery"): self._stop_discovery,
            (ADAPTER, "SetDiscoveryFilter"): self._nothing, (ADAPTER, "RemoveDevice"): self._remove_device,
            (AGENTS, "RegisterAgent"): self._nothing, (AGENTS, "RequestDefaultAgent"): self._nothing,
            (AGENTS, "UnregisterAgent"): self._nothing,
            (DEVICE, "Connect"): self._connect, (DEVICE, "Disconnect"): self._disconnect, (DEVICE, "Pair"): self._pair,
            (CHARACTERISTIC, "ReadValue"): self._read, (CHARACTERISTIC, "WriteValue"): self._write,
            (CHARACTERISTIC, "StartNotify"): self._start_notify, (CHARACTERISTIC, "StopNotify"): self._stop_notify,
            (DESCRIPTOR, "ReadValue"): self._read_descriptor, (DESCRIPTOR, "WriteValue"): self._refuse_to_write,
        }  # fmt: skip
        method = methods.get((message.interface or "", message.member or ""))
        if method is None or message.interface not in self.tree.objects[message.path or ""]:
            raise Error(UNKNOWN_METHOD, f"{message.interface}.{message.member} is not here")
        result = await method(message)
        if message.interface == DEVICE and message.member in ("Connect", "Pair"):
            self._spawn(self._resolve(self.device))  # told after the answer, as BlueZ does
        return Message.new_method_return(message, *(result or ("", [])))

    async def _nothing(self, _message: Message) -> None:
        pass

    async def _client_left(self, name: str) -> None:
        """What a client had asked for ends with it; the link stays, as with BlueZ."""
        if name in self.scanning:
            await self._drop_scanner(name)
        for path, names in list(self.notifying.items()):
            if name in names:
                await self._drop_listener(path, name)

    # Scanning

    def _check_power(self) -> None:
        if not self.tree.value(ADAPTER_PATH, ADAPTER, "Powered"):
            raise Error("NotReady", "Resource Not Ready")

    async def _start_discovery(self, message: Message) -> None:
        self._check_power()
        if message.sender in self.scanning:
            raise Error("InProgress", "Operation already in progress")
        await self._connected_or_not()
        self.scanning.add(message.sender or "")
        for path, interfaces in list(self.tree.objects.items()):
            if "RSSI" in interfaces.get(DEVICE, {}):
                self.tree.change(path, DEVICE, {}, ("RSSI",))
        if len(self.scanning) == 1:
            self._told_s.clear()
            await self.central.start_scan(self._seen)
            self.tree.change(ADAPTER_PATH, ADAPTER, variants(Discovering=("b", True)))

    async def _connected_or_not(self) -> None:
        """Waits until nobody is being connected to: the radio does one thing at a time."""
        while self._connecting:
            await asyncio.sleep(0.01)

    async def _stop_discovery(self, message: Message) -> None:
        if message.sender not in self.scanning:
            raise Error("Failed", "No discovery started")
        await self._drop_scanner(message.sender or "")

    async def _drop_scanner(self, name: str) -> None:
        self.scanning.discard(name)
        if not self.scanning:
            await self.central.stop_scan()
            self.tree.change(ADAPTER_PATH, ADAPTER, variants(Discovering=("b", False)))

    def _seen(self, seen: Seen) -> None:
        path = f"{ADAPTER_PATH}/dev_{seen.address.replace(':', '_')}"
        known = self.tree.objects.get(path, {}).get(DEVICE)
        changed = variants(RSSI=("n", seen.rssi))
        if seen.name and (known is None or known.get("Name") != Variant("s", seen.name)):
            changed |= variants(Name=("s", seen.name), Alias=("s", seen.name))
        if known is not None:
            now_s = time.monotonic()
            if len(changed) > 1 or "RSSI" not in known or now_s - self._told_s.get(path, 0.0) >= RSSI_S:
                self._told_s[path] = now_s
                self.tree.change(path, DEVICE, changed)
            return
        bonded = self.central.is_bonded(seen.address)
        properties = variants(
            Address=("s", seen.address), AddressType=("s", "public"), Alias=("s", seen.address.replace(":", "-")), Paired=("b", bonded),
            Bonded=("b", bonded), Trusted=("b", False), Blocked=("b", False), LegacyPairing=("b", False), Connected=("b", False),
            UUIDs=("as", [full(uuid) for uuid in seen.services]), Adapter=("o", ADAPTER_PATH), ServicesResolved=("b", False),
        )  # fmt: skip
        self.tree.add(path, {DEVICE: properties | changed})

    # The link

    def _address(self, path: str | None) -> str:
        return self.tree.value(path or "", DEVICE, "Address")

    async def _connect(self, message: Message) -> None:
        self._check_power()
        if self.tree.value(message.path or "", DEVICE, "Connected"):
            return
        if self._connecting or self.central.connected:
            raise Error("InProgress", "Operation already in progress")
        self._connecting = True
        try:
            await self.central.connect(self._address(message.path), CONNECT_S)
        except Exception as error:  # nobody answers, or the other side has forgotten the bond
            raise Error("Failed", "le-connection-abort-by-local") from error
        finally:
            self._connecting = False
        self.device = message.path or ""
        self.tree.change(self.device, DEVICE, variants(Connected=("b", True)))

    async def _resolve(self, device: str) -> None:
        """The services, some time after the connection."""
        await asyncio.sleep(LATENCY_S)
        if not self.central.connected or self.tree.value(device, DEVICE, "ServicesResolved"):
            return
        for service in self.central.services:
            path = f"{device}/service{service.handle:04x}"
            properties = variants(UUID=("s", full(service.uuid)), Device=("o", device), Primary=("b", True), Includes=("ao", []))
            self.tree.add(path, {SERVICE: properties})
            for one in service.characteristics:
                self._add_characteristic(path, one)
        uuids = sorted({full(service.uuid) for service in self.central.services})
        self.tree.change(device, DEVICE, variants(UUIDs=("as", uuids), ServicesResolved=("b", True)))

    def _add_characteristic(self, service: str, one: Characteristic) -> None:
        path = f"{service}/char{one.handle:04x}"
        self._uuids[path] = one.uuid
        properties = variants(
            UUID=("s", full(one.uuid)), Service=("o", service), Value=("ay", b""), Flags=("as", list(one.flags)), MTU=("q", 247),
        )  # fmt: skip
        if "notify" in one.flags or "indicate" in one.flags:
            properties |= variants(Notifying=("b", False))
        self.tree.add(path, {CHARACTERISTIC: properties})
        for descriptor in one.descriptors:
            below = f"{path}/desc{descriptor.handle:04x}"
            self._uuids[below] = descriptor.uuid
            told = variants(UUID=("s", full(descriptor.uuid)), Characteristic=("o", path), Value=("ay", b""))
            self.tree.add(below, {DESCRIPTOR: told})

    def _link_ended(self) -> None:
        device, self.device = self.device, ""
        self.notifying.clear()
        bonded = bool(device) and self.central.is_bonded(self._address(device) or "")
        told = variants(ServicesResolved=("b", False), Paired=("b", bonded), Bonded=("b", bonded), Connected=("b", False))
        self.tree.change(device, DEVICE, told)
        for path in [path for path, interfaces in self.tree.objects.items() if SERVICE in interfaces]:
            self.tree.remove(path)
        self._uuids.clear()

    async def _disconnect(self, message: Message) -> None:
        await self._connected_or_not()
        if not self.tree.value(message.path or "", DEVICE, "Connected"):
            raise Error("NotConnected", "Not Connected")
        await self.central.disconnect()
        for _ in range(100):
            if not self.device:
                return
            await asyncio.sleep(0.01)

    async def _pair(self, message: Message) -> None:
        if self.central.is_bonded(self._address(message.path)):
            raise Error("AlreadyExists", "Already Exists")
        await self._connect(message)
        await self._make_keys(message.path or "")

    async def _make_keys(self, device: str) -> None:
        try:
            bonded = await self.central.pair()
        except Exception as error:
            raise Error("AuthenticationFailed", "Authentication Failed") from error
        self.tree.change(device, DEVICE, variants(Paired=("b", True), Bonded=("b", bonded)))

    async def _remove_device(self, message: Message) -> None:
        (path,) = message.body
        address = self._address(path)
        if address is None:
            raise Error("DoesNotExist", "Does Not Exist")
        if path == self.device:
            await self.central.disconnect()
        self.central.forget(address)
        self.tree.remove(path)

    # Attributes

    async def _alone(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """One operation; it takes a connection interval at least. Where security is missing it is brought about first, as BlueZ does."""
        if self._busy:
            raise Error("InProgress", "In Progress")
        self._busy = True
        try:
            result, _ = await asyncio.gather(self._secured(work), asyncio.sleep(LATENCY_S))
            return result
        except Refused as refused:
            name, text = ATT_ERRORS.get(refused.code, ("Failed", f"Operation failed with ATT error: 0x{refused.code:02x}"))
            raise Error(name, text) from refused
        except (ConnectionError, TimeoutError) as error:
            raise Error("Failed", "Not connected") from error
        finally:
            self._busy = False

    async def _secured(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        if not self.central.connected:
            raise Error("Failed", "Not connected")
        try:
            return await work()
        except Refused as refused:
            if refused.code not in (NO_ENCRYPTION, NO_AUTHENTICATION) or self.central.is_bonded(self._address(self.device)):
                raise
        await self._make_keys(self.device)
        return await work()

    def _tell(self, path: str, data: bytes) -> None:
        if path in self.tree.objects:
            self.tree.change(path, CHARACTERISTIC, variants(Value=("ay", data)))

    async def _read(self, message: Message) -> tuple[str, list[Any]]:
        path = message.path or ""
        uuid = self._uuids[path]
        data = await self._alone(lambda: self.central.read(uuid))
        self._tell(path, data)
        return "ay", [data]

    async def _write(self, message: Message) -> None:
        uuid = self._uuids[message.path or ""]
        data, options = message.body
        how = options["type"].value if "type" in options else "request"
        if how == "command":
            await self._secured(lambda: self.central.write(uuid, bytes(data), False))
            return
        await self._alone(lambda: self.central.write(uuid, bytes(data)))

    async def _read_descriptor(self, message: Message) -> tuple[str, list[Any]]:
        path = message.path or ""
        of, kind = self._uuids[path.rpartition("/")[0]], self._uuids[path]
        data = await self._alone(lambda: self.central.read_descriptor(of, kind))
        return "ay", [data]

    async def _refuse_to_write(self, _message: Message) -> None:
        raise Error("NotPermitted", "Write not permitted")

    async def _start_notify(self, message: Message) -> None:
        path = message.path or ""
        names = self.notifying.setdefault(path, set())
        if not names:
            uuid = self._uuids[path]
            await self._alone(lambda: self.central.subscribe(uuid, lambda data: self._tell(path, data)))
            self.tree.change(path, CHARACTERISTIC, variants(Notifying=("b", True)))
        names.add(message.sender or "")

    async def _stop_notify(self, message: Message) -> None:
        path = message.path or ""
        if message.sender not in self.notifying.get(path, ()):
            raise Error("Failed", "No notify session started")
        await self._drop_listener(path, message.sender or "")

    async def _drop_listener(self, path: str, name: str) -> None:
        names = self.notifying[path]
        names.discard(name)
        if not names:
            del self.notifying[path]
            try:
                await self.central.unsubscribe(self._uuids[path])
            except (ConnectionError, Refused, KeyError):
                return
            self.tree.change(path, CHARACTERISTIC, variants(Notifying=("b", False)))
