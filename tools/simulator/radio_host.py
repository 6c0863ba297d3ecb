"""The Bumble side of the simulated radio: a peripheral whose attributes, pairing and keys are what MicroPython's NimBLE makes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from bumble import att, crypto, device, gatt, hci, host, keys, pairing, smp
from bumble.core import UUID

FLAG_READ, FLAG_WRITE_NO_RESPONSE, FLAG_WRITE, FLAG_NOTIFY, FLAG_INDICATE = 0x02, 0x04, 0x08, 0x10, 0x20
READ_ENCRYPTED, READ_AUTHENTICATED = 0x200, 0x400
WRITE_ENCRYPTED, WRITE_AUTHENTICATED = 0x1000, 0x2000
OUR_SECRET, PEER_SECRET = 1, 2
DISPLAY = 3  # passkey action
PREFERRED_MTU = 256
SECRET_BYTES = 80  # struct ble_store_value_sec: opaque to the firmware, and about as long
P256_MS = 120  # one pairing with LE Secure Connections on the core that also runs the firmware
ATT_TOO_LONG = att.ATT_INVALID_ATTRIBUTE_LENGTH_ERROR
GAP, GATT = 0x1800, 0x1801


@dataclass
class Entry:
    """One attribute value of MicroPython's table."""

    flags: int
    data: bytes = b""
    room: int = 20
    append: bool = False
    attribute: Any = None


class Events(Protocol):
    """What the radio's own code is told; `secret_*` answer at once, as the IRQ handler does."""

    def connected(self, handle: int, address: hci.Address, here: bool) -> None: ...
    def wrote(self, handle: int, value_handle: int) -> None: ...
    def wants_to_read(self, handle: int, value_handle: int) -> int: ...
    def mtu_changed(self, handle: int, mtu: int) -> None: ...
    def encryption(self, handle: int, encrypted: bool, authenticated: bool, bonded: bool) -> None: ...
    def get_secret(self, kind: int, index: int, key: bytes | None) -> bytes | None: ...
    def set_secret(self, kind: int, key: bytes, value: bytes | None) -> bool: ...
    def passkey(self, handle: int, action: int, number: int) -> None: ...
    def stall(self, ms: int) -> None: ...


@dataclass
class Link:
    """One connection, and what is known of its security."""

    connection: Any
    bonded: bool = False
    authenticated: bool = False
    passkey: Any = None


@dataclass
class Settings:
    """ble.config(...)"""

    bond: bool = False
    mitm: bool = False
    io: int = 3  # no input, no output
    le_secure: bool = False
    mtu: int = PREFERRED_MTU
    gap_name: bytes = b"MPY ESP32"
    changed: list[str] = field(default_factory=list)


def address_key(address: hci.Address) -> bytes:
    """ble_addr_t: type, then the address, lowest byte first."""
    return bytes([1 if address.is_random else 0]) + bytes(address)


async def _refuse_write(_bearer: Any, _value: bytes) -> None:
    raise att.ATT_Error(att.ATT_WRITE_NOT_PERMITTED_ERROR)


class _Keys(keys.KeyStore):
    """Bumble keeps nothing: keys come from and go to the firmware."""


class Delegate(pairing.PairingDelegate):
    """Shows the number that the firmware chooses."""

    def __init__(self, peripheral: Peripheral, link: Link) -> None:
        super().__init__(pairing.PairingDelegate.IoCapability(peripheral.settings.io))
        self.peripheral = peripheral
        self.link = link

    async def generate_passkey(self) -> int:
        """Asks the firmware; it answers with gap_passkey()."""
        import asyncio

        self.link.passkey = asyncio.get_running_loop().create_future()
        self.peripheral.events.passkey(self.link.connection.handle, DISPLAY, 0)
        return await self.link.passkey


class Peripheral(device.Device):
    """One activation of the radio."""

    def __init__(self, events: Events, settings: Settings, address: hci.Address, source: Any, sink: Any) -> None:
        config = device.DeviceConfiguration(address=address, gap_service_enabled=False, gatt_service_enabled=False, keystore=None)
        super().__init__(config=config, host=host.Host(source, sink))
        self.keystore = _Keys()
        self.events = events
        self.settings = settings
        self.links: dict[int, Link] = {}
        self.entries: dict[int, Entry] = {}
        self.pairing_config_factory = self._pairing_begins
        self.on(self.EVENT_CONNECTION, self._connected)

    # Attributes

    def register(self, services: list[tuple[Any, list[Any]]]) -> tuple[tuple[int, ...], ...]:
        """Builds the table anew: the stack's own two services first. Handles are ATT's own."""
        server = self.gatt_server
        server.max_mtu = self.settings.mtu
        server.attributes.clear()
        server.services.clear()
        server.attributes_by_handle.clear()
        self.entries.clear()
        readable = gatt.Characteristic.Properties.READ
        name = gatt.Characteristic(UUID.from_16_bits(0x2A00), readable, self._permissions(FLAG_READ), self._gap_name())
        server.add_service(gatt.Service(UUID.from_16_bits(GAP), [name]))
        server.add_service(gatt.Service(UUID.from_16_bits(GATT), []))
        found = []
        for uuid, characteristics in services:
            built = [self._characteristic(*row) for row in characteristics]
            server.add_service(gatt.Service(uuid, [characteristic for characteristic, _ in built]))
            handles = []
            for _, entries in built:
                for entry in entries:
                    self.entries[entry.attribute.handle] = entry
                    handles.append(entry.attribute.handle)
            found.append(tuple(handles))
        writable = att.Attribute.Permissions.WRITEABLE
        for attribute in server.attributes:
            if not attribute.permissions & writable:  # declarations among them: Bumble would let a client rewrite them
                attribute.write_value = _refuse_write  # type: ignore[method-assign]
        return tuple(found)

    def _gap_name(self) -> Any:
        return att.AttributeValue(read=lambda connection: self.settings.gap_name)

    def _characteristic(self, uuid: UUID, flags: int, descriptors: list[tuple[UUID, int]] | None = None) -> tuple[Any, list[Entry]]:
        entries = [Entry(flags)]
        extra = []
        properties = gatt.Characteristic.Properties(flags & 0x3E)
        characteristic = gatt.Characteristic(uuid, properties, self._permissions(flags), self._value(entries[0]))
        if flags & (FLAG_NOTIFY | FLAG_INDICATE):  # NimBLE puts it before the others
            cccd = gatt.GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR
            value = self.gatt_server.make_descriptor_value(characteristic)
            extra.append(gatt.Descriptor(cccd, self._permissions(FLAG_READ | FLAG_WRITE), value))
        for one, its_flags in descriptors or []:
            entry = Entry(its_flags)
            entry.attribute = gatt.Descriptor(one, self._permissions(its_flags), self._value(entry))
            extra.append(entry.attribute)
            entries.append(entry)
        characteristic.descriptors = extra
        entries[0].attribute = characteristic
        return characteristic, entries

    @staticmethod
    def _permissions(flags: int) -> att.Attribute.Permissions:
        readable, writable = flags & FLAG_READ, flags & (FLAG_WRITE | FLAG_WRITE_NO_RESPONSE)
        return att.Attribute.Permissions((1 if readable else 0) | (2 if writable else 0))

    def _value(self, entry: Entry) -> Any:
        return att.AttributeValue(read=lambda link: self._read(link, entry), write=lambda link, value: self._write(link, entry, value))

    def _check(self, connection: Any, needs_encryption: int, needs_authentication: int) -> None:
        link = self.links[connection.handle]
        if needs_encryption | needs_authentication and not connection.encryption:
            known = self.events.get_secret(OUR_SECRET, 0, address_key(connection.peer_address)) is not None
            raise att.ATT_Error(att.ATT_INSUFFICIENT_ENCRYPTION_ERROR if known else att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR)
        if needs_authentication and not link.authenticated:
            raise att.ATT_Error(att.ATT_INSUFFICIENT_AUTHENTICATION_ERROR)

    def _read(self, connection: Any, entry: Entry) -> bytes:
        if not entry.flags & FLAG_READ:
            raise att.ATT_Error(att.ATT_READ_NOT_PERMITTED_ERROR)
        self._check(connection, entry.flags & READ_ENCRYPTED, entry.flags & READ_AUTHENTICATED)
        code = self.events.wants_to_read(connection.handle, entry.attribute.handle)
        if code:
            raise att.ATT_Error(code)
        return bytes(entry.data)

    def _write(self, connection: Any, entry: Entry, value: bytes) -> None:
        if not entry.flags & (FLAG_WRITE | FLAG_WRITE_NO_RESPONSE):
            raise att.ATT_Error(att.ATT_WRITE_NOT_PERMITTED_ERROR)
        self._check(connection, entry.flags & WRITE_ENCRYPTED, entry.flags & WRITE_AUTHENTICATED)
        before = entry.data if entry.append else b""
        entry.data = (before + value)[: entry.room]  # what is longer is cut, and nobody is told
        self.events.wrote(connection.handle, entry.attribute.handle)

    # Links

    def _connected(self, connection: Any) -> None:
        self.links[connection.handle] = link = Link(connection)
        connection.on(connection.EVENT_DISCONNECTION, lambda reason: self._disconnected(connection))
        connection.on(connection.EVENT_CONNECTION_ATT_MTU_UPDATE, lambda: self.events.mtu_changed(connection.handle, connection.att_mtu))
        connection.on(connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, lambda: self._encrypted(link))
        self.events.connected(connection.handle, connection.peer_address, True)

    def _disconnected(self, connection: Any) -> None:
        self.links.pop(connection.handle, None)
        self.events.connected(connection.handle, connection.peer_address, False)

    def _encrypted(self, link: Link) -> None:
        """A link whose old key was found; a pairing tells by itself, when its keys are exchanged."""
        if link.connection.handle not in self.smp_manager.sessions and link.connection.encryption:
            self.events.encryption(link.connection.handle, True, link.authenticated, link.bonded)

    # Pairing and keys

    def _pairing_begins(self, connection: Any) -> pairing.PairingConfig:
        """A pairing begins. A bond of the same address is deleted first, or the stack would ask for that for ever."""
        settings, link = self.settings, self.links[connection.handle]
        key = address_key(connection.peer_address)
        if self.events.get_secret(PEER_SECRET, 0, key) is not None:
            for kind in (OUR_SECRET, PEER_SECRET):
                self.events.set_secret(kind, key, None)
            if self.events.get_secret(PEER_SECRET, 0, key) is not None:
                raise RuntimeError("the firmware kept a secret that was to be deleted: the host task would spin for ever")
        if settings.le_secure:
            self.events.stall(P256_MS)
        return pairing.PairingConfig(
            sc=settings.le_secure, mitm=settings.mitm, bonding=settings.bond, delegate=Delegate(self, link),
            identity_address_type=pairing.PairingConfig.AddressType.PUBLIC,
        )  # fmt: skip

    def on_pairing(self, connection: Any, identity_address: hci.Address | None, keys: keys.PairingKeys, sc: bool) -> None:
        super().on_pairing(connection, identity_address, keys, sc)
        link = self.links.get(connection.handle)
        session = self.smp_manager.sessions.get(connection.handle)
        if link is None or session is None:
            return
        key = keys.ltk or keys.ltk_peripheral or keys.ltk_central
        assert key is not None
        link.authenticated, link.bonded = key.authenticated, session.bonding
        tell: list[Callable[[], Any]] = [
            lambda: self.events.encryption(connection.handle, True, link.authenticated, link.bonded),
        ]
        if session.bonding:
            value = (key.value + bytes([key.authenticated, sc])).ljust(SECRET_BYTES, b"\0")
            tell.append(lambda: self._store(address_key(identity_address or connection.peer_address), value))
        for step in reversed(tell) if self.secrets_first else tell:
            step()

    secrets_first = True  # which comes first has differed between versions of NimBLE: the firmware must not care

    def _store(self, key: bytes, value: bytes) -> None:
        for kind in (OUR_SECRET, PEER_SECRET):
            if not self.events.set_secret(kind, key, value):
                raise RuntimeError("the firmware refused a secret: NimBLE would delete the oldest bond to make room")

    async def get_long_term_key(self, connection_handle: int, rand: bytes, ediv: int) -> bytes | None:
        connection = self.lookup_connection(connection_handle)
        if connection is None:
            return None
        key = self.smp_manager.get_long_term_key(connection, rand, ediv)
        if key is None:
            stored = self.events.get_secret(OUR_SECRET, 0, address_key(connection.peer_address))
            if stored is None:
                return None
            link = self.links[connection_handle]
            link.bonded, link.authenticated = True, bool(stored[16])
            key = bytes(stored[:16])
        return key

    def seed_keys(self, private: bytes) -> None:
        """A fixed key pair, so that a run is the same whenever it is made."""
        self.smp_manager._ecc_key = crypto.EccKey.from_private_key_bytes(private)  # pyright: ignore[reportPrivateImportUsage]


__all__ = ["Entry", "Link", "Peripheral", "Settings", "smp"]
