"""The links of this moment, and what each may do.

Permission is the firmware's own: encrypted alone says nothing, because the stack lets any stranger pair. A link is the owner's when it
is encrypted with a key that was ours before, or that was made while the pairing window was open.
"""

from peristal.ble.ring import Ring
from peristal.commands.rights import ANYONE, LOCAL, OWNER
from peristal.lines import Lines

NOBODY = 0xFFFF
MOST = 5  # the radio has four; a slot is free again one tick after its link has ended
MOST_STRANGERS = 2
SILENCE_MS = 30000
YOUNG_MS = 3000  # time for an owner to encrypt before a new-comer takes the place
DEFAULT_RATE_MS = 1000
LONG_MS = 1 << 28
RESULTS = 4


class Link:
    """One link. What the radio's task writes: handle, fresh, ended, owner, stranger, heard, confirmed and the ring."""

    def __init__(self, console):
        self.ring = Ring()
        self.handle = NOBODY
        self.ended = False
        self.owner = False
        self.local = False
        self.barred = False  # was there when a window closed: what it becomes now it became in the dark
        self.stranger = False  # encrypted by a pairing that nobody allowed
        self.fresh = False
        self.heard = False
        self.confirmed = False
        self.room = 20  # of a packet
        self.passkey = False
        self.lines = Lines(console, ANYONE)
        self.results = bytearray(2 * RESULTS)
        self.open()

    def open(self):
        """The loop's part of a new link."""
        self.fresh = False
        self.age_ms = 0
        self.silent_ms = 0
        self.rate_ms = DEFAULT_RATE_MS
        self.due_ms = 0
        self.waiting = 0  # results to be indicated
        self.asked = False  # one is on its way
        self.status_due = True
        self.told = False  # that it was refused
        self.leaving_ms = 0
        self.typed = None  # written to the console and not taken yet, from typed_at on
        self.typed_at = 0
        self.text = None  # a line of its answer, sent so far
        self.sent = 0

    def begin(self, handle):
        """A client connected (radio's task)."""
        self.owner = self.local = self.barred = self.stranger = self.ended = self.heard = self.confirmed = self.passkey = False
        self.room = 20
        self.fresh = True
        self.handle = handle

    def rights(self):
        """One of ANYONE, OWNER, LOCAL."""
        return ANYONE if not self.owner else LOCAL if self.local else OWNER

    def leave(self):
        """The handle of a link that has to go; it is told again after a second."""
        self.leaving_ms = 1000
        return self.handle

    def answer(self, opcode, result):
        """Keeps a result until it can be indicated; of a flood the last ones are left out."""
        if self.waiting < RESULTS:
            self.results[2 * self.waiting] = opcode
            self.results[2 * self.waiting + 1] = result
            self.waiting += 1

    def answered(self):
        """The oldest result is on its way."""
        self.waiting -= 1
        for index in range(2 * self.waiting):
            self.results[index] = self.results[index + 2]

    def clear(self, console):
        """Forgets everything of a link that has ended, before the slot is anybody else's."""
        while self.ring.take():
            pass
        self.ring.data = b""
        self.lines = Lines(console, ANYONE)
        self.open()
        self.owner = self.local = self.ended = False
        self.handle = NOBODY


class Links:
    """All slots. lost: writes that found a ring full; surplus: a link for which there was no slot."""

    def __init__(self, console):
        self.console = console
        self.slots = [Link(console) for _ in range(MOST)]
        self.lost = 0
        self.surplus = NOBODY

    def find(self, handle):
        """The slot of a link, or None."""
        for link in self.slots:
            if link.handle == handle and not link.ended:
                return link
        return None

    def connected(self, handle):
        """Radio's task."""
        link = self.find(NOBODY)
        if link is None:
            self.surplus = handle
        else:
            link.begin(handle)

    def disconnected(self, handle):
        """Radio's task. What the link was allowed ends here and now; that it was allowed is kept for the loop."""
        link = self.find(handle)
        if link is not None:
            link.ended = True

    def encrypted(self, handle, authenticated, bonded, window):
        """Radio's task: the link is encrypted; the window says whether that makes it an owner's."""
        link = self.find(handle)
        if link is not None and bonded and window.allows(link, authenticated):
            link.owner = True
        elif link is not None and not link.owner:
            link.stranger = True

    def count(self):
        """Links that are there."""
        count = 0
        for link in self.slots:
            if link.handle != NOBODY and not link.ended:
                count += 1
        return count

    def owners(self):
        """Whether an owner is there."""
        for link in self.slots:
            if link.owner and not link.ended:
                return True
        return False

    def unwanted(self, elapsed_ms):
        """Lets time pass; the handle of a link that has to go, or NOBODY.

        That is: a stranger that paired on its own, one that has been silent for 30 s, and the one that has been here longest when
        there are more than two (or the newest, when all are so young that an owner may be among them).
        """
        strangers = 0
        oldest = newest = None
        for link in self.slots:
            if link.handle == NOBODY or link.ended:
                continue
            if link.leaving_ms > 0:  # it was told to go; a radio in a bag takes a while to notice
                link.leaving_ms -= elapsed_ms
                continue
            link.age_ms = min(link.age_ms + elapsed_ms, LONG_MS)
            link.silent_ms = 0 if link.heard else min(link.silent_ms + elapsed_ms, LONG_MS)
            link.heard = False
            if link.owner:
                continue
            if link.stranger or link.silent_ms >= SILENCE_MS:
                return link.leave()
            strangers += 1
            if oldest is None or link.age_ms > oldest.age_ms:
                oldest = link
            if newest is None or link.age_ms <= newest.age_ms:
                newest = link
        if strangers > MOST_STRANGERS and oldest is not None and newest is not None:
            return oldest.leave() if oldest.age_ms >= YOUNG_MS else newest.leave()
        return NOBODY
