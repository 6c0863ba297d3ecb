"""`select` in the VM: the tape says when sys.stdin is ready. One stream a poller; what it hands out is made once, as on a board."""
import replay_tape as tape
from replay_kinds import IN_STDIN_READY

POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16
_NONE = ()


class poll:
    def __init__(self):
        self._pair = [None, 0]
        self._ready = (self._pair,)

    def register(self, stream, mask=POLLIN | POLLOUT):
        if self._pair[0] not in (None, stream):
            tape.end("the tape knows one stream in a poller")
        self._pair[0] = stream

    def unregister(self, stream):
        self._pair[0] = None

    def modify(self, stream, mask):
        pass

    def ipoll(self, timeout=-1, flags=0):
        events = tape.given(IN_STDIN_READY)
        if not events:
            return _NONE
        self._pair[1] = events
        return self._ready

    def poll(self, timeout=-1):
        return [tuple(pair) for pair in self.ipoll(timeout)]
