"""What came in over one link and waits for the loop: a fixed ring that the radio's task fills and the loop empties.

One side moves the head, the other the tail, so neither has to wait for the other.
"""

SLOTS = 16


class Ring:
    """put() from the radio's task; take() from the loop, after which kind and data are those of the record taken."""

    def __init__(self):
        self.kind = 0
        self.data = b""
        self._kinds = bytearray(SLOTS)
        self._data = [None] * SLOTS
        self._head = 0
        self._tail = 0

    def put(self, kind, data):
        """Keeps a record (bytes that belong to nobody else); false when the ring is full."""
        head = self._head
        after = (head + 1) % SLOTS
        if after == self._tail:
            return False
        self._kinds[head] = kind
        self._data[head] = data
        self._head = after
        return True

    def take(self):
        """The oldest record; false when there is none."""
        tail = self._tail
        if tail == self._head:
            return False
        self.kind = self._kinds[tail]
        self.data = self._data[tail]
        self._data[tail] = None
        self._tail = (tail + 1) % SLOTS
        return True
