"""`sys` in the VM: its own, with a stdin whose bytes come off the tape."""
import sys as _real
from sys import *  # noqa: F403

import replay_heap as heap
import replay_tape as tape
from replay_kinds import IN_STDIN_BYTE

path = _real.path
modules = _real.modules
print_exception = _real.print_exception


class _Stdin:
    def __init__(self, is_text):
        self._is_text = is_text

    def _byte(self):
        heap.excuse()
        byte = tape.given(IN_STDIN_BYTE)
        return 10 if byte == 13 and self._is_text else byte

    def readinto(self, buffer, count=-1):
        size = len(buffer) if count < 0 or count > len(buffer) else count
        for index in range(size):
            buffer[index] = self._byte()
        return size

    def read(self, count):
        taken = bytearray()
        for _ in range(count):
            first = self._byte()
            taken.append(first)
            if self._is_text and first >= 0x80:
                more = 1 if first & 0xE0 == 0xC0 else 2 if first & 0xF0 == 0xE0 else 3 if first & 0xF8 == 0xF0 else 4
                for _ in range(more):
                    taken.append(self._byte())
        return taken.decode() if self._is_text else bytes(taken)


stdin = _Stdin(True)
stdin.buffer = _Stdin(False)
