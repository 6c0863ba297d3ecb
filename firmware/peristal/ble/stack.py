"""The radio: switched on, its services, advertising, and the handler that only copies.

The handler runs in the radio's own task, between any two bytecodes of the loop. It keeps what came in and returns; an exception in it
would switch it off for good, so none leaves it.
"""

from bluetooth import BLE

from peristal.core import protocol
from peristal.core.borrow import borrow

CONNECTED, DISCONNECTED, WRITTEN, READ_REQUEST, CONFIRMED, MTU = 1, 2, 3, 4, 20, 21
ENCRYPTED, GET_SECRET, SET_SECRET, PASSKEY = 28, 29, 30, 31
INTERVAL_US = 152500  # one of those that Apple's guidelines name
RETRY_MS = 500
LONGEST_LINE = 128  # of one write to the console
MOST_LINKS = 4
DISPLAY = 3
CONSOLE = 0x20  # a kind of record beside the numbers of characteristics


class Stack:
    """stop: somebody wrote the Stop characteristic. failures: exceptions in the handler. values, console_tx: handles."""

    def __init__(self, links, bonds):
        self.ble = BLE()
        self.links = links
        self.bonds = bonds
        self.stop = False
        self.failures = 0
        self.values = []
        self.console_tx = 0
        self.status_layout = ""
        self._console_rx = 0
        self._payload = b""
        self._name = ""
        self._advertising = False
        self._retry_ms = 0

    def start(self, model, version, net, window):
        """Switches it on. The handler, the window and the bonds have to be there before."""
        register = borrow("ble.register")
        self.window = window
        self.ble.irq(self._irq)
        self.ble.active(True)
        self.values, (self._console_rx, self.console_tx) = register.register(self.ble, model, version, net, LONGEST_LINE)
        self.status_layout = register.status_layout()
        self._payload = b"\x02\x01\x06\x11\x07" + register.service_uuid()

    def rename(self, name):
        """The name it is found by, from the next advertising on."""
        self._name = name
        self.ble.config(gap_name=name)
        self.unadvertise()

    def unadvertise(self):
        """Stops advertising; advertise() begins anew."""
        self._advertising = False
        self._retry_ms = 0
        self.ble.gap_advertise(None)  # pyright: ignore[reportArgumentType]

    def advertise(self, elapsed_ms):
        """Sees to it that the device can be found whenever there is room for a link; what failed is tried again."""
        self._retry_ms -= min(self._retry_ms, elapsed_ms)
        if self._advertising or self._retry_ms or self.links.count() >= MOST_LINKS:
            return
        self._advertising = True
        name = self._name.encode()
        try:
            self.ble.gap_advertise(INTERVAL_US, self._payload, resp_data=bytes((len(name) + 1, 9)) + name)
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
                self._advertising = False  # the stack stops it with every link
                self.links.connected(data[0])
            elif event == DISCONNECTED:
                self.links.disconnected(data[0])
                self.bonds.restore_hidden()
            elif event == ENCRYPTED:
                if data[1]:
                    self.links.encrypted(data[0], data[2], data[3], self.window)
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
