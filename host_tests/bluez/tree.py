"""Objects on a bus: interfaces and properties by path, with the signals that tell of their changes, sent as BlueZ sends them."""

from __future__ import annotations

from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
PEER = "org.freedesktop.DBus.Peer"
UNKNOWN_OBJECT = "org.freedesktop.DBus.Error.UnknownObject"
UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
UNKNOWN_PROPERTY = "org.freedesktop.DBus.Error.UnknownProperty"
READ_ONLY = "org.freedesktop.DBus.Error.PropertyReadOnly"

Properties = dict[str, Variant]


class Error(Exception):
    """Becomes an error reply."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, text)
        self.name = name if "." in name else f"org.bluez.Error.{name}"
        self.text = text


class Tree:
    """add(), change() and remove() tell the bus; `settable` names the properties that a client may set, as (interface, name)."""

    def __init__(self, bus: MessageBus, settable: set[tuple[str, str]]) -> None:
        self.bus = bus
        self.settable = settable
        self.objects: dict[str, dict[str, Properties]] = {}

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        kind = MessageType.SIGNAL
        self.bus.send(Message(message_type=kind, path=path, interface=interface, member=member, signature=signature, body=body))

    def add(self, path: str, interfaces: dict[str, Properties]) -> None:
        """A new object. Its coming is told from the root, which is where BlueZ's object manager is."""
        self.objects[path] = interfaces
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    def remove(self, path: str) -> None:
        """The object and all below it go, the deepest first."""
        for one in sorted((one for one in self.objects if one == path or one.startswith(f"{path}/")), key=len, reverse=True):
            interfaces = self.objects.pop(one)
            self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [one, list(interfaces)])

    def change(self, path: str, interface: str, changed: Properties, gone: tuple[str, ...] = ()) -> None:
        """Properties that are new, and names of those that have no value any more."""
        properties = self.objects.get(path, {}).get(interface)
        if properties is None:
            return
        properties.update(changed)
        for name in gone:
            properties.pop(name, None)
        self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, changed, list(gone)])

    def value(self, path: str, interface: str, name: str) -> Any:
        """A property's value, None where there is none."""
        variant = self.objects.get(path, {}).get(interface, {}).get(name)
        return None if variant is None else variant.value

    def answer(self, message: Message) -> Message | None:
        """The reply to what every object understands, None when it is something of its own. Raises Error."""
        call = (message.interface, message.member)
        if call == (OBJECT_MANAGER, "GetManagedObjects"):
            return Message.new_method_return(message, "a{oa{sa{sv}}}", [self.objects])
        if call == (INTROSPECTABLE, "Introspect"):
            return Message.new_method_return(message, "s", ["<node/>"])
        if message.interface == PEER:
            return Message.new_method_return(message)
        if message.path not in self.objects:
            raise Error(UNKNOWN_OBJECT, f"no object at {message.path}")
        if message.interface != PROPERTIES:
            return None
        interface = message.body[0]
        properties = self.objects[message.path].get(interface)
        if properties is None:
            raise Error(UNKNOWN_METHOD, f"no interface {interface} at {message.path}")
        if message.member == "GetAll":
            return Message.new_method_return(message, "a{sv}", [properties])
        name = message.body[1]
        if name not in properties:
            raise Error(UNKNOWN_PROPERTY, f"no property {name}")
        if message.member == "Get":
            return Message.new_method_return(message, "v", [properties[name]])
        if (interface, name) not in self.settable:
            raise Error(READ_ONLY, f"{name} cannot be set")
        self.change(message.path, interface, {name: message.body[2]})
        return Message.new_method_return(message)
