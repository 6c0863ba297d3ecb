"""The radio: switched on, its services, advertising, and the handler that only copies.

The handler runs in the radio's own task, between any two bytecodes of the loop. It keeps what came in and returns; an exception in it
would switch it off for good, so none leaves it.
"""

import struct

from bluetooth import BLE, UUID

from peristal.core import protocol
from peristal.core.protocol import CHARACTERISTICS, LONGEST_COMMAND, READ, WRITE, WRITE_FAST

CONNECTED, DISCONNECTED, WRITTEN, READ_REQUEST, CONFIRMED, MTU = 1, 2, 3, 4, 20, 21
ENCRYPTED, GET_SECRET, SET_SECRET, PASSKEY = 28, 29, 30, 31
INTERVAL_US = 152500  # one of those that Apple's guidelines name
RETRY_MS = 500
LONGEST_LINE = 128  # of one write to the console
MOST_LINKS = 4
NOTIFY = 0x10
DISPLAY = 3
CONSOLE = 0x20  # a kind of record beside the numbers of characteristics


class Stack:
    """stop: somebody wrote the Stop characteristic. failures: exceptions in the handler. values, console_tx: handles."""

    def __init__(self, links, bonds):
        self.ble = BLE()
        self.links = links
        self.bonds = bonds
        self.window = None
        self.stop = False
        self.failures = 0
        self.values = [0] * (len(CHARACTERISTICS) + 1)
        self.console_tx = 0
        self._console_rx = 0
        self._name = ""
        self._advertising = False
        self._retry_ms = 0

    def start(self, model, version, window):
        """Switches it on. The handler and the bonds have to be there before."""
        self.window = window
        self.ble.irq(self._irq)
        window.configure(False)
        self.ble.active(True)
        self._register(model, version)

    def _register(self, model, version):
        text = UUID(0x2901)
        format = UUID(0x2904)
        own = []
        for number, row in enumerate(CHARACTERISTICS):
            own.append((UUID(protocol.UUID % (number + 1)), row[2], ((text, READ), (format, READ))))
        console = protocol.CONSOLE_UUID
        handles = self.ble.gatts_register_services((
            (UUID(protocol.UUID % 0), tuple(own)),
            (UUID(0x180A), ((UUID(0x2A24), READ), (UUID(0x2A26), READ), (UUID(0x2A28), READ))),
            (UUID(console % 1), ((UUID(console % 2), WRITE | WRITE_FAST), (UUID(console % 3), NOTIFY))),
        ))  # fmt: skip
        write = self.ble.gatts_write
        for number, row in enumerate(CHARACTERISTICS):
            value, name, layout = handles[0][3 * number : 3 * number + 3]
            self.values[number + 1] = value
            self.ble.gatts_set_buffer(value, 20 if row[2] & READ and not row[2] & WRITE else LONGEST_COMMAND + 1)
            write(name, row[1])
            write(layout, struct.pack("<BbHBH", row[3], -1 if number + 1 == protocol.PRESSURES else 0, row[4], 1, 0))
        revision = "%d.%d" % (protocol.MAJOR, protocol.MINOR)
        for handle, value in zip(handles[1], (model, version, revision)):
            write(handle, value)
        self._console_rx, self.console_tx = handles[2]
        self.ble.gatts_set_buffer(self._console_rx, LONGEST_LINE + 1)

    def rename(self, name):
        """The name it is found by, from the next advertising on."""
        self._name = name
        self.ble.config(gap_name=name)
        self.unadvertise()

    def unadvertise(self):
        """Stops advertising; advertise() begins anew."""
        self._advertising = False
        self._retry_ms = 0
        self.ble.gap_advertise(None)

    def advertise(self, elapsed_ms):
        """Sees to it that the device can be found whenever there is room for a link; what failed is tried again."""
        self._retry_ms -= min(self._retry_ms, elapsed_ms)
        if self._advertising or self._retry_ms or self.links.count() >= MOST_LINKS:
            return
        self._advertising = True
        name = self._name.encode()
        try:
            self.ble.gap_advertise(
                INTERVAL_US, b"\x02\x01\x06\x11\x07" + bytes(UUID(protocol.UUID % 0)), resp_data=bytes((len(name) + 1, 9)) + name
            )
        except OSError:
            self._advertising = False
            self._retry_ms = RETRY_MS

    def drop(self, handle):
        """Ends a link."""
        try:
            self.ble.gap_disconnect(handle)
        except OSError:
            pass

    def _irq(self, event, data):
        try:
            if event == WRITTEN:
                self._written(data[0], data[1])
            elif event == READ_REQUEST or event == CONFIRMED or event == MTU:
                link = self.links.find(data[0])
                if link is not None:
                    if event == MTU:
                        link.room = min(data[1] - 3, LONGEST_LINE)
                    elif event == CONFIRMED:
                        link.confirmed = True
                    link.heard = True
            elif event == CONNECTED:
                self._advertising = False
                self.links.connected(data[0])
            elif event == DISCONNECTED:
                self._advertising = False
                self.links.disconnected(data[0])
                self.bonds.restore_hidden()
            elif event == ENCRYPTED:
                if data[1]:
                    self.links.encrypted(data[0], data[3], self.window)
            elif event == GET_SECRET:
                return self.bonds.get(data[0], data[1], data[2])
            elif event == SET_SECRET:
                return self.bonds.set(data[0], data[1], data[2])
            elif event == PASSKEY and data[1] == DISPLAY:
                link = self.links.find(data[0])
                if link is not None:
                    link.passkey = True
        except Exception:
            self.failures += 1
        return None

    def _written(self, handle, value):
        link = self.links.find(handle)
        if link is not None:
            link.heard = True
        if value == self.values[protocol.STOP]:
            self.stop = True  # from anyone, and no ring can be too full for it
            return
        if link is None:
            return
        if value == self._console_rx:
            kind = CONSOLE
        elif value in self.values:
            kind = self.values.index(value)
        else:
            return
        if not link.ring.put(kind, self.ble.gatts_read(value)):
            self.links.lost += 1
