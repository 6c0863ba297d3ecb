"""The keys of those who may: at most three bonds, kept in a file; and the key of the radio's own privacy feature.

The radio's task asks and tells here, so nothing is written and nothing raises. Outside the pairing window nothing that a stranger makes
is kept, and what it makes the stack delete comes back when the link has ended.
"""

from binascii import hexlify, unhexlify

from peristal.core import faults

PATH = "bonds.json"
MOST = 3
OUR, PEER, OWN_KEY = 1, 2, 10  # kinds of secrets


class Bonds:
    """changed: something new is to be stored. open: the window is open, and the first new key is one of ours."""

    def __init__(self):
        self.changed = False
        self.open = False
        self.new = None  # the peer whose key was made in this window
        self.conflict = False  # two peers tried in one window: neither is trusted
        self._secrets = {}  # (kind, key): value
        self._fresh = {}  # made in this window, ours only when it ends well
        self._hidden = []  # what the stack believes to be deleted
        self._order = []  # peers, the oldest first

    def __len__(self):
        return len(self._order)

    def names(self):
        """Addresses of the bonded peers, as text."""
        return [hexlify(bytes(reversed(key[-6:]))).decode() for key in self._order]

    def get(self, kind, index, key):
        """A secret, or None (radio's task)."""
        if key is not None:
            found = (kind, bytes(key))
            if found in self._fresh:
                return self._fresh[found]
            return None if found in self._hidden else self._secrets.get(found)
        for peer in self._order:
            if (kind, peer) in self._secrets and (kind, peer) not in self._hidden:
                if index == 0:
                    return self._secrets[(kind, peer)]
                index -= 1
        return None

    def set(self, kind, key, value):
        """A new secret, or None for one to be deleted. True as the stack needs it: a refusal would delete another bond."""
        name = (kind, bytes(key))
        if value is None:
            known = self.get(kind, 0, key) is not None
            self._fresh.pop(name, None)
            if known and name in self._secrets:
                self._hidden.append(name)
            return known
        value = bytes(value)
        if kind != OWN_KEY:
            peer = name[1]
            if not self.open or (self.new is not None and self.new != peer):
                self.conflict = self.conflict or self.open
                return True
            self.new = peer
            self._fresh[name] = value
        else:
            self._secrets[name] = value
            self.changed = True
        return True

    def begin(self):
        """The window opens."""
        self.new = None
        self.conflict = False
        self._fresh = {}
        self.open = True

    def end(self, well):
        """The window closes. well: the link that paired has become an owner's. True when there is a new bond."""
        self.open = False
        peer, self.new = self.new, None
        fresh, self._fresh = self._fresh, {}
        if peer is None or self.conflict or not well:
            return False
        self._secrets.update(fresh)
        if peer in self._order:
            self._order.remove(peer)
        self._order.append(peer)
        self.changed = True
        return True

    def restore_hidden(self):
        """The link in which the stack deleted something has ended: nothing of it was meant."""
        self._hidden = []

    def _drop(self, peer):
        for kind in (OUR, PEER):
            self._secrets.pop((kind, peer), None)

    def forget(self, number):
        """Forgets the bond of this number (from 0)."""
        self._drop(self._order.pop(number))
        self.changed = True

    def restore(self, data):
        """What dump() gave."""
        self._order = [unhexlify(peer) for peer in data["order"]][:MOST]
        for kind, key, value in data["secrets"]:
            key = unhexlify(key)
            if kind == OWN_KEY or key in self._order:
                self._secrets[(kind, key)] = unhexlify(value)

    def dump(self):
        """For the file: what json can hold."""
        secrets = [(kind, hexlify(key).decode(), hexlify(value).decode()) for (kind, key), value in self._secrets.items()]
        return {"order": [hexlify(peer).decode() for peer in self._order], "secrets": secrets}

    def belong(self, shelf):
        """Puts the stored bonds back and keeps them from now on."""
        shelf.put_back(PATH, self, self, self.dump, faults.FILE_DAMAGED)
