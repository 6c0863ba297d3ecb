"""The pairing window: 60 seconds that only somebody beside the device can open, while nothing is under pressure.

Making keys stalls the loop for some 100 ms, so while it is open the deadman is off and the watchdog is stretched; a session that begins
closes it. Outside of it the stack bonds with nobody, and its pairing is the old kind that stalls nothing.
"""

OPEN_MS = 60000
NO_INPUT_NO_OUTPUT, DISPLAY_ONLY = 3, 0


class Window:
    """open() and close(); tick() closes it when its time is over or the first new bond is there."""

    def __init__(self, ble, bonds, links, slow):
        self.left_ms = 0
        self._ble = ble
        self._bonds = bonds
        self._links = links
        self._slow = slow  # slow(True): the loop may stall for a while
        self._link = None  # the one that paired
        self._passkey = False

    def configure(self, open, shows_passkey=False):
        """What the stack does with whoever wants to pair."""
        self._ble.config(bond=open, le_secure=open, mitm=shows_passkey, io=DISPLAY_ONLY if shows_passkey else NO_INPUT_NO_OUTPUT)

    def open(self, shows_passkey):
        """Opens it (anew)."""
        self.close()
        self._slow(True)
        self._link = None
        self._passkey = shows_passkey
        self._bonds.begin()
        self.configure(True, shows_passkey)
        self.left_ms = OPEN_MS

    def close(self):
        """Closes it; true when it brought a bond."""
        if not self.left_ms:
            return False
        self.left_ms = 0
        self.configure(False)
        conflict = self._bonds.conflict
        made = self._bonds.end(self._link is not None)
        self._bonds.restore_hidden()
        for link in self._links.slots:
            if not link.owner or (conflict and link is self._link):
                link.barred = True
                link.owner = False
        self._slow(False)
        return made

    def allows(self, link, authenticated):
        """Radio's task: whether a link that is encrypted and bonded now is an owner's. Where a passkey is shown it has to be typed."""
        if not self.left_ms:
            return not link.barred
        if (self._passkey and not authenticated) or (self._link is not None and self._link is not link):
            return False
        self._link = link
        return True

    def tick(self, elapsed_ms, active):
        """True when it has just closed with a new bond."""
        if not self.left_ms:
            return False
        if active or self.left_ms <= elapsed_ms:
            return self.close()
        self.left_ms -= elapsed_ms
        if self._bonds.conflict or (self._bonds.new is not None and self._link is not None):
            return self.close()
        return False
