"""The journal: a fixed ring of what happened. Adding allocates nothing; the oldest event makes room for a new one.

It lies in memory that outlives a reset (see marker.py) and goes to the flash while everything is vented. What may come in
floods is counted, not added again: a ring full of one thing would say nothing of the others.
"""

from peristal.core.units import NONE

# Codes are append-only. 1 to 63: faults; 64 to 95: notices (64 and the bit's place); 96 to 111: the guard's reasons (96 and place);
# the value of these three is the pressure in mmHg.
FIRST_NOTICE = 64
FIRST_REASON = 96
START_UP = 112
RESTART = 113
SESSION = 114
FINISHED = 115
STOPPED = 116
CLEARED = 117
SELF_TEST = 118
DAMAGED = 119
INTERRUPTED = 120
UNSTORED = 121
LATE = 122
PAIRED = 123
FORGOTTEN = 124
REFUSED = 125
MAINTENANCE = 126
CLOCK = 127
CALIBRATED = 128
MORE = 129

# Repeats of these within a session are counted instead of added (and of notices and reasons). Their words: journal_words.py.
COUNTED = (DAMAGED, INTERRUPTED, UNSTORED, LATE, PAIRED, FORGOTTEN, REFUSED, CLOCK, MORE)

ROOM = 64
SIZE = 12  # seconds since start-up (4 bytes), code, zone, value (4), how often, check
BYTES = ROOM * SIZE
MOST_COUNTED = 16  # different counted events in one session; the others are "and more"


class Journal:
    """add() at any time; rows() for who reads; dump() and restore() for the flash. marker: see marker.py, its memory has the ring."""

    def __init__(self, marker, place, head):
        self.changed = False
        self._marker = marker
        self._memory = marker.memory
        self._place = place  # of the next row and the number of rows; both are covered by the marker's checksum
        self._head = head
        self._now_s = 0
        self._ms = 0
        self._kinds = 0
        if self._memory[place] >= ROOM or self._memory[place + 1] > ROOM:
            self._memory[place] = self._memory[place + 1] = 0

    def tick(self, elapsed_ms):
        """Time goes on."""
        self._ms += elapsed_ms
        if self._ms >= 1000:
            self._ms -= 1000
            self._now_s += 1

    def add(self, code, zone=NONE, value=0):
        """An event: a code of the table above, a zone from 0 (NONE: none), and a value of less than 2**30."""
        if counted(code):
            row = self._find(code, zone)
            if row >= 0:
                self._count(row, value)
                return
            if self._kinds >= MOST_COUNTED and code != MORE:
                self.add(MORE)
                return
        self.changed = True  # repeats alone are not worth a write
        memory = self._memory
        row = memory[self._place]
        memory[self._place] = (row + 1) % ROOM
        memory[self._place + 1] = min(memory[self._place + 1] + 1, ROOM)
        at = self._head + row * SIZE
        self._write(at, self._now_s)
        memory[at + 4] = code
        memory[at + 5] = zone
        self._write(at + 6, value)
        memory[at + 10] = 1
        self._close(at)

    def _count(self, at, value):
        memory = self._memory
        if value > self._read(at + 6):
            self._write(at + 6, value)
        memory[at + 10] = min(memory[at + 10] + 1, 255)
        self._close(at)

    def _find(self, code, zone):
        """Where the same event stands since the last start-up or begin of a session (-1: nowhere); counts the counted ones before it."""
        memory = self._memory
        self._kinds = 0
        for back in range(1, memory[self._place + 1] + 1):
            at = self._head + (memory[self._place] - back) % ROOM * SIZE
            found = memory[at + 4]
            if found == START_UP or found == SESSION:
                break
            if found == code and memory[at + 5] == zone:
                return at
            if counted(found):
                self._kinds += 1
        return -1

    def _close(self, at):
        self._memory[at + 11] = self._check(at)
        self._marker.seal()

    def _check(self, at):
        check = 0x5A
        for place in range(at, at + 11):
            check ^= self._memory[place]
        return check

    def _write(self, at, value):
        memory = self._memory
        memory[at] = value & 255
        memory[at + 1] = value >> 8 & 255
        memory[at + 2] = value >> 16 & 255
        memory[at + 3] = value >> 24 & 255

    def _read(self, at):
        memory = self._memory
        value = memory[at] | memory[at + 1] << 8 | memory[at + 2] << 16
        high = memory[at + 3]
        return value + ((high - 256 if high >= 128 else high) << 24)

    def rows(self):
        """(seconds since the start-up before it, code, zone, value, how often), the oldest first; a row that is damaged is left out."""
        memory = self._memory
        count = memory[self._place + 1]
        first = memory[self._place] - count
        for row in range(first, first + count):
            at = self._head + row % ROOM * SIZE
            if memory[at + 11] == self._check(at):
                yield self._read(at), memory[at + 4], memory[at + 5], self._read(at + 6), memory[at + 10]

    def dump(self):
        """All of it as a list of numbers, five a row."""
        numbers = []
        for row in self.rows():
            numbers.extend(row)
        return numbers

    def restore(self, numbers):
        """Puts stored rows back. Raises ValueError for what add() would not have made; nothing is changed then."""
        if len(numbers) % 5 or len(numbers) > 5 * ROOM:
            raise ValueError("not rows of five")
        for number in numbers:
            if not isinstance(number, int) or not -(1 << 30) < number < 1 << 30:
                raise ValueError("no number")
        for start in range(0, len(numbers), 5):
            at = self._head + start // 5 * SIZE
            self._write(at, numbers[start])
            self._memory[at + 4] = numbers[start + 1] & 255
            self._memory[at + 5] = numbers[start + 2] & 255
            self._write(at + 6, numbers[start + 3])
            self._memory[at + 10] = numbers[start + 4] & 255
            self._memory[at + 11] = self._check(at)
        self._memory[self._place + 1] = len(numbers) // 5
        self._memory[self._place] = len(numbers) // 5 % ROOM
        self._marker.seal()


def counted(code):
    """Whether repeats of an event are counted instead of added."""
    return FIRST_NOTICE <= code < START_UP or code in COUNTED
