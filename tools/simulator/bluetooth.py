"""MicroPython's `bluetooth` module over Bumble, with the defects of the original (extmod/modbluetooth.c and nimble/modbluetooth_nimble.c).

    rig = Rig("esp32_manifold")
    radio = Radio(rig.chip)             before the power comes on; without it the firmware finds no `bluetooth`
    phone = radio.loop.create_task(...) clients are coroutines in the radio's loop, which runs on the chip's time

The handler runs inside the stack's own task, so between any two calls of the firmware that take time; what it raises disables it for good
and ends the run.
"""

from __future__ import annotations

import asyncio
from errno import EINVAL, ENODEV, ENOMEM
from math import ceil
from types import ModuleType
from typing import Any

from bumble import att, hci
from bumble.core import UUID as BumbleUUID
from bumble.transport.common import AsyncPipeSink

from tools.simulator.air import Air, Controller
from tools.simulator.radio_host import OUR_SECRET, Entry, Peripheral, Settings
from tools.simulator.virtual_loop import VirtualLoop

ENOTCONN = 128  # the ESP32's newlib
CENTRAL_CONNECT, CENTRAL_DISCONNECT, GATTS_WRITE, GATTS_READ_REQUEST = 1, 2, 3, 4
INDICATE_DONE, MTU_EXCHANGED, CONNECTION_UPDATE, ENCRYPTION_UPDATE, GET_SECRET, SET_SECRET, PASSKEY_ACTION = 20, 21, 27, 28, 29, 30, 31
OUR_IRK = 10
MOST_LINKS = 4
ADVERTISING_BYTES = 31
POOL = 12  # notifications that may wait for the air
ACTIVATE_US = 180_000
CALL_US = 40
NOTIFY_US = 150
ADDRESS = "24:A1:60:C0:FF:F0/P"
PRIVATE_KEY = bytes(range(1, 33))
WRITABLE = {"bond", "mitm", "io", "le_secure", "mtu", "gap_name", "rxbuf", "addr_mode"}


class Radio:
    """The radio of a chip.

    fail_notify    so many of the next notifications and indications raise ENOMEM
    fail_advertise so many of the next starts of advertising raise ENOMEM
    sent           notifications and indications handed to the air so far
    longest_irq_us virtual time the handler has taken at most
    secrets_first  whether a new key is told before or after the link is said to be encrypted
    """

    def __init__(self, chip: Any, loop: Any = None, transport: Any = None) -> None:
        self.chip = chip
        chip.radio = self
        self.loop = loop or VirtualLoop(lambda: chip.now_us / 1e6, self._wake_at)
        self.air = Air(self.loop)
        self.transport = transport
        self.controller: Controller | None = None
        self.fail_notify = 0
        self.fail_advertise = 0
        self.sent = 0
        self.longest_irq_us = 0
        self.secrets_first = True
        self.device: Any = None  # the Peripheral while it is on
        self.settings = Settings()
        self.handler: Any = None
        self.advertising: tuple[int, bytes, bytes] | None = None
        self._waiting = 0
        self._stall_ms = 0
        self._generation = 0

    def _wake_at(self, at_s: float) -> None:
        self.chip.at(ceil(at_s * 1e6 - 1e-3), lambda: self._wake(at_s))

    def _wake(self, at_s: float) -> None:
        if not self.loop.wake(at_s):
            return
        while self._stall_ms:  # the stack's task has the core for itself
            self._stall_ms -= 5
            self.chip.now_us += 5000
            self.chip.sync()
        if self.loop.errors:
            raise self.loop.errors.pop(0)

    # The chip's life

    def reset(self) -> None:
        """The chip starts up: the radio is off, and every link of the old one runs into its timeout."""
        self.deactivate()
        self.handler = None
        self.settings = Settings()

    def deactivate(self) -> None:
        """Off."""
        self._generation += 1
        if self.controller is not None:
            self.controller.le_legacy_advertiser.stop()
            self.air.cut(self.controller)
            self.air.remove_controller(self.controller)
            self.controller.le_connections.clear()
        self.controller = self.device = self.advertising = None

    def activate(self) -> None:
        """On: takes a while, and asks for the key of the privacy feature at once."""
        if self.device is not None:
            return
        self.chip.stall(ACTIVATE_US)
        self.device = self.loop.finish(self._power_on())
        irk = self.get_secret(OUR_IRK, 0, b"irk")
        if irk is None:
            self.set_secret(OUR_IRK, b"irk", bytes(range(16)))

    async def _power_on(self) -> Peripheral:
        if self.transport is not None:
            device = Peripheral(self, self.settings, hci.Address(ADDRESS), self.transport.source, self.transport.sink)
        else:
            self.controller = Controller("legs", link=self.air, public_address=hci.Address(ADDRESS))
            device = Peripheral(self, self.settings, hci.Address(ADDRESS), self.controller, AsyncPipeSink(self.controller))
            self.controller.host = device.host
            device.seed_keys(PRIVATE_KEY)
        device.secrets_first = self.secrets_first
        await device.power_on()
        return device

    # What the Bumble side tells

    def irq(self, event: int, data: tuple[Any, ...]) -> Any:
        """Calls the firmware's handler as the port does; views are valid inside only."""
        if self.handler is None or self.chip.dead is not None:
            return None
        began_us = self.chip.now_us
        views = tuple(memoryview(bytes(part)) if isinstance(part, (bytes, bytearray)) else part for part in data)
        try:
            result = self.handler(event, views)
        except Exception as error:
            self.handler = None
            self.chip.write_console("Unhandled exception in IRQ callback handler\n")
            self.loop.errors.append(error)
            return None
        finally:
            for view in views:
                if isinstance(view, memoryview):
                    view.release()
        self.longest_irq_us = max(self.longest_irq_us, self.chip.now_us - began_us)
        return result

    def connected(self, handle: int, address: hci.Address, here: bool) -> None:
        if here:
            self.advertising = None
        self.irq(CENTRAL_CONNECT if here else CENTRAL_DISCONNECT, (handle, int(address.is_random), bytes(address)[::-1]))

    def wrote(self, handle: int, value_handle: int) -> None:
        self.irq(GATTS_WRITE, (handle, value_handle))

    def wants_to_read(self, handle: int, value_handle: int) -> int:
        answer = self.irq(GATTS_READ_REQUEST, (handle, value_handle))
        return answer if isinstance(answer, int) else 0

    def mtu_changed(self, handle: int, mtu: int) -> None:
        self.irq(MTU_EXCHANGED, (handle, mtu))

    def encryption(self, handle: int, encrypted: bool, authenticated: bool, bonded: bool) -> None:
        self.irq(ENCRYPTION_UPDATE, (handle, encrypted, authenticated, bonded, 16 if encrypted else 0))

    def get_secret(self, kind: int, index: int, key: bytes | None) -> bytes | None:
        value = self.irq(GET_SECRET, (kind, index, key))
        if value is not None and not isinstance(value, (bytes, bytearray, memoryview)):
            self.loop.errors.append(TypeError(f"_IRQ_GET_SECRET returned {value!r}: only bytes and None are allowed"))
            return None
        return None if value is None else bytes(value)

    def set_secret(self, kind: int, key: bytes, value: bytes | None) -> bool:
        return bool(self.irq(SET_SECRET, (kind, key, value)))

    def passkey(self, handle: int, action: int, number: int) -> None:
        self.irq(PASSKEY_ACTION, (handle, action, number))

    def stall(self, ms: int) -> None:
        self._stall_ms += ms

    # What the firmware calls

    def _active(self) -> Peripheral:
        self.chip.advance(CALL_US)
        if self.device is None:
            raise OSError(ENODEV)
        return self.device

    def _entry(self, value_handle: int) -> Entry:
        entry = self._active().entries.get(value_handle)
        if entry is None:
            raise OSError(EINVAL)
        return entry

    def advertise(self, interval_us: int | None, data: bytes | None, answer: bytes | None, connectable: bool) -> None:
        device = self._active()
        if interval_us is None:
            self.advertising = None
            self.loop.call_soon(lambda: self.loop.create_task(device.stop_advertising()))
            return
        if len(data or b"") > ADVERTISING_BYTES or len(answer or b"") > ADVERTISING_BYTES:
            raise OSError(EINVAL)
        if self.fail_advertise:
            self.fail_advertise -= 1
            raise OSError(ENOMEM)
        if len(device.links) >= MOST_LINKS and connectable:
            raise OSError(ENOMEM)
        old = self.advertising or (0, b"", b"")
        self.advertising = (interval_us, old[1] if data is None else bytes(data), old[2] if answer is None else bytes(answer))
        start = device.start_advertising(
            own_address_type=hci.OwnAddressType.PUBLIC, advertising_data=self.advertising[1], scan_response_data=self.advertising[2],
            advertising_interval_min=interval_us / 1000, advertising_interval_max=interval_us / 1000,
        )  # fmt: skip
        self.loop.call_soon(lambda: self.loop.create_task(start))

    def _connection(self, handle: int) -> Any:
        link = self._active().links.get(handle)
        if link is None:
            raise OSError(ENOTCONN)
        return link.connection

    def disconnect(self, handle: int) -> bool:
        """True, or False when there is no such link (as MP_ENOTCONN is turned into)."""
        link = self._active().links.get(handle)
        if link is None:
            return False
        self.loop.call_soon(lambda: self.loop.create_task(self._disconnect(link.connection)))
        return True

    async def _disconnect(self, connection: Any) -> None:
        if self.device is not None and connection.handle in self.device.links:
            try:
                await connection.disconnect()
            except Exception:  # it was faster
                pass

    def notify(self, handle: int, value_handle: int, data: Any) -> None:
        entry = self._entry(value_handle)
        self.chip.advance(NOTIFY_US)
        connection = self._connection(handle)
        self._take_from_pool()
        value = bytes(entry.data if data is None else data)[: connection.att_mtu - 3]
        packet = bytes(att.ATT_Handle_Value_Notification(attribute_handle=value_handle, attribute_value=value))
        self.loop.call_soon(self._send, connection, packet)
        self.loop.call_later(self.air.latency_s * 2, self._back_to_pool)

    def _take_from_pool(self) -> None:
        if self.fail_notify or self._waiting >= POOL:
            self.fail_notify = max(0, self.fail_notify - 1)
            raise OSError(ENOMEM)
        self._waiting += 1
        self.sent += 1

    def _back_to_pool(self) -> None:
        self._waiting -= 1

    def _send(self, connection: Any, packet: bytes) -> None:
        if self.device is not None and connection.handle in self.device.links:
            self.device.gatt_server.send_gatt_pdu(connection, packet)

    def indicate(self, handle: int, value_handle: int, data: Any) -> None:
        entry = self._entry(value_handle)
        self.chip.advance(NOTIFY_US)
        connection = self._connection(handle)
        self._take_from_pool()
        value = bytes(entry.data if data is None else data)
        self.loop.call_soon(lambda: self.loop.create_task(self._indicate(connection, entry, value, self._generation)))

    async def _indicate(self, connection: Any, entry: Entry, value: bytes, generation: int) -> None:
        assert self.device is not None
        status = 0
        handle, value_handle = connection.handle, entry.attribute.handle
        try:
            await self.device.gatt_server.indicate_subscriber(connection, entry.attribute, value, force=True)
        except (TimeoutError, asyncio.CancelledError):
            status = 13  # BLE_HS_ETIMEOUT
        self._back_to_pool()
        if generation == self._generation:
            self.irq(INDICATE_DONE, (handle, value_handle, status))

    def answer_passkey(self, handle: int, action: int, number: int) -> None:
        link = self._active().links.get(handle)
        if link is None or link.passkey is None or link.passkey.done():
            raise OSError(EINVAL)
        self.loop.call_soon(link.passkey.set_result, number)


def uuid_of(value: Any) -> BumbleUUID:
    """Bumble's form of a UUID of the module."""
    return BumbleUUID.from_bytes(bytes(value))


def build(chip: Any) -> ModuleType:
    """A fresh `bluetooth` module for a start-up of the chip."""
    radio: Radio = chip.radio
    radio.reset()
    bluetooth: Any = ModuleType("bluetooth")

    class UUID:
        """16 bits from an int, 128 from text or from 16 bytes (lowest first)."""

        def __init__(self, value: Any, /) -> None:
            if isinstance(value, int):
                if not 0 <= value <= 0xFFFF:
                    raise ValueError("UUID is not in the 16-bit range")
                self._bytes = value.to_bytes(2, "little")
            elif isinstance(value, str):
                digits = value.replace("-", "")
                if len(digits) != 32:
                    raise ValueError("invalid UUID")
                self._bytes = bytes.fromhex(digits)[::-1]
            else:
                self._bytes = bytes(value)
                if len(self._bytes) not in (2, 4, 16):
                    raise ValueError("invalid UUID")

        def __bytes__(self) -> bytes:
            return self._bytes

        def __len__(self) -> int:
            return len(self._bytes)

        def __eq__(self, other: Any) -> bool:
            return isinstance(other, UUID) and other._bytes == self._bytes

        def __hash__(self) -> int:
            return hash(self._bytes)

    class BLE:
        """The one radio."""

        def __new__(cls) -> Any:
            if not hasattr(bluetooth, "_ble"):
                bluetooth._ble = object.__new__(cls)
            return bluetooth._ble

        def active(self, *on: Any) -> bool:
            chip.advance(CALL_US)
            if on:
                radio.activate() if on[0] else radio.deactivate()
            return radio.device is not None

        def irq(self, handler: Any) -> None:
            chip.check_alive()
            if handler is not None and not callable(handler):
                raise ValueError("invalid handler")
            radio.handler = handler

        def config(self, *names: str, **values: Any) -> Any:
            chip.advance(CALL_US)
            settings = radio.settings
            if names:
                (name,) = names
                if name == "mac":
                    return (0, bytes(hci.Address(ADDRESS))[::-1])
                if name not in ("gap_name", "mtu"):
                    raise ValueError("unknown config param")
                return getattr(settings, name)
            for name, value in values.items():
                if name not in WRITABLE:
                    raise ValueError("unknown config param")
                if name == "gap_name":
                    value = value.encode() if isinstance(value, str) else bytes(value)
                    if len(value) > 31:
                        raise OSError(EINVAL)
                if name == "io" and value not in range(5):
                    raise ValueError("invalid io capability")
                setattr(settings, name, value)
            return None

        def gap_advertise(self, interval_us: Any, adv_data: Any = None, *, resp_data: Any = None, connectable: bool = True) -> None:
            radio.advertise(interval_us, adv_data, resp_data, connectable)

        def gap_disconnect(self, conn_handle: int, /) -> bool:
            return radio.disconnect(conn_handle)

        def gap_passkey(self, conn_handle: int, action: int, passkey: int, /) -> None:
            radio.answer_passkey(conn_handle, action, passkey)

        def gatts_register_services(self, services: Any, /) -> Any:
            device = radio._active()
            if radio.advertising is not None:
                raise OSError(EINVAL)
            rows = []
            for uuid, characteristics in services:
                built = []
                for row in characteristics:
                    descriptors = [(uuid_of(one[0]), one[1]) for one in row[2]] if len(row) > 2 else []
                    built.append((uuid_of(row[0]), row[1], descriptors))
                rows.append((uuid_of(uuid), built))
            return device.register(rows)

        def gatts_read(self, value_handle: int, /) -> bytes:
            entry = radio._entry(value_handle)
            data = bytes(entry.data)
            if entry.append:
                entry.data = b""
            return data

        def gatts_write(self, value_handle: int, data: Any, send_update: bool = False, /) -> None:
            entry = radio._entry(value_handle)
            entry.data = data.encode() if isinstance(data, str) else bytes(data)
            entry.room = max(entry.room, len(entry.data))
            if send_update:
                raise NotImplementedError("gatts_write(..., True): the firmware does not use it")

        def gatts_notify(self, conn_handle: int, value_handle: int, data: Any = None, /) -> None:
            radio.notify(conn_handle, value_handle, data)

        def gatts_indicate(self, conn_handle: int, value_handle: int, data: Any = None, /) -> None:
            radio.indicate(conn_handle, value_handle, data)

        def gatts_set_buffer(self, value_handle: int, len: int, append: bool = False, /) -> None:
            entry = radio._entry(value_handle)
            entry.room, entry.append, entry.data = len, append, entry.data[:len]

    bluetooth.UUID, bluetooth.BLE = UUID, BLE
    bluetooth.FLAG_READ, bluetooth.FLAG_WRITE, bluetooth.FLAG_NOTIFY = 0x02, 0x08, 0x10
    bluetooth.FLAG_INDICATE, bluetooth.FLAG_WRITE_NO_RESPONSE = 0x20, 0x04
    return bluetooth


__all__ = ["ENOTCONN", "OUR_SECRET", "Radio", "build"]
