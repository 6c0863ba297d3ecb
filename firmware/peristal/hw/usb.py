"""USB serial: what is typed there goes to the console, its answers come back. Never waits.

Bytes come from the buffer: a text read waits for the rest of a UTF-8 character, and one byte of noise above 0xBF would stop
the loop for good. Nothing is allocated: ipoll() gives the poller itself, readinto() fills the one byte that is kept for it.
"""

import sys
from select import POLLIN, poll

CTRL_C = 3
PORT_BYTES = 259  # the port keeps so many; what comes while it is full is lost, and nothing tells of it
MOST_BYTES = 64  # a tick; 115200 baud bring 231


class Usb:
    """listen() once a tick, tell() once a tick. lines: a Lines of the console."""

    def __init__(self, lines):
        self.ctrl_c = False  # somebody wants the REPL: what comes after it is meant for that
        self._lines = lines
        self._byte = bytearray(1)
        self._in_a_row = 0  # bytes since the port was last seen empty
        self._poller = poll()
        self._poller.register(sys.stdin, POLLIN)

    def listen(self):
        """Takes what came in, up to the end of one line: a tick carries out one command."""
        byte = self._byte
        if self.ctrl_c:
            return
        for _ in range(MOST_BYTES):
            if not self._waiting():
                self._in_a_row = 0
                return
            sys.stdin.buffer.readinto(byte)
            self._in_a_row += 1
            if byte[0] == CTRL_C:
                self.ctrl_c = True
                return
            if self._in_a_row >= PORT_BYTES:  # the port may have been full behind this byte: "+ 1" may have lost its " 1"
                self._in_a_row = PORT_BYTES  # a flood of days counts no higher
                self._lines.doubt()
            if self._lines.take(byte[0]):
                return

    def _waiting(self):
        for _, event in self._poller.ipoll(0):
            if event & POLLIN:
                return True
        return False

    def tell(self):
        """Sends one line, if there is one."""
        line = self._lines.next_line()
        if line is not None:
            print(line)
