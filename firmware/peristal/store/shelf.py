"""All stored files, without knowing any: each is put back when it is added, and written when its owner has changed.

A file carries the number of its schema. `steps` are functions, the n-th makes data of schema n + 1 from data of schema n, so
the newest schema is one more than there are steps. What cannot be read is set aside as path.bad and said; it never keeps
the firmware from starting.
"""

import os

from peristal.core.borrow import borrow
from peristal.core.journal import DAMAGED, INTERRUPTED, UNSTORED
from peristal.store import files

PATH, OWNER, DUMP, SCHEMA, NOTICE = range(5)


class Shelf:
    """put_back() every file at start-up, store() while everything is vented. notices: bits of the notices table, of what was damaged.

    journal: what goes wrong is told to it, with the number of the file for a zone. Its own file is added first and written last.
    """

    def __init__(self, journal):
        self.notices = 0
        self.journal = journal
        self._rows = []

    def put_back(self, path, owner, room, dump, notice, steps=(), things=()):
        """Puts a file's data back by room.restore(data, *things), which may raise whatever it likes over what it cannot use.

        owner.changed says that dump() has something new to be written. notice: the bit to show when the file is damaged.
        """
        row = (path, owner, dump, len(steps) + 1, notice)  # what puts it back has done its work
        self._rows.append(row)
        interrupted = _exists(path + ".new")
        try:
            found = files.load(path)
            if found is not None:
                schema, data = found
                if not 1 <= schema <= len(steps) + 1:
                    raise ValueError("schema %d, known are 1 to %d" % (schema, len(steps) + 1))
                for step in steps[schema - 1 :]:
                    data = step(data)
                room.restore(data, *things)
                owner.changed = schema <= len(steps)
        except Exception as error:  # whatever it is: the device has to start
            self._set_aside(row, error)
        if interrupted:
            print("peristal: a write of %s was interrupted; what was stored before is used" % path)
            self.journal.add(INTERRUPTED, len(self._rows) - 1)
            owner.changed = True  # the next write takes the half one away

    def keep(self, name, owner, *things):
        """put_back() for a room of this folder ("store.profile"), read from the flash when it is needed.

        It has PATH, STEPS and NOTICE, restore(data, *things), and dump(*things) for the file.
        """
        room = borrow(name)
        self.put_back(room.PATH, owner, room, lambda: borrow(name).dump(*things), room.NOTICE, room.STEPS, things)

    def _set_aside(self, row, error):
        path = row[PATH]
        self.notices |= row[NOTICE]
        self.journal.add(DAMAGED, len(self._rows) - 1)
        try:
            os.rename(path, path + ".bad")
            print("peristal: %s is damaged (%s); kept as %s.bad, defaults are used" % (path, error, path))
        except OSError as why:
            print("peristal: %s is damaged (%s) and cannot be set aside: %s" % (path, error, why))

    def path(self, number):
        """Of the file with this number."""
        return self._rows[number][PATH] if number < len(self._rows) else "file %d" % number

    @property
    def changed(self):
        """Whether a file has to be written."""
        for row in self._rows:
            if row[OWNER].changed:
                return True
        return False

    def store(self, owner=None):
        """Writes the file of this owner, or of one that has changed; returns why it could not be written, or None.

        One call a tick: a flash write stalls the chip for up to a third of a second, and the watchdog waits for half. What fails
        is not tried again until the owner changes again; what was stored before is still there.
        """
        for number in range(len(self._rows) - 1, -1, -1):
            row = self._rows[number]
            if row[OWNER] is owner or (owner is None and row[OWNER].changed):
                row[OWNER].changed = False
                try:
                    files.save(row[PATH], row[SCHEMA], row[DUMP]())
                except (OSError, MemoryError) as error:  # a full flash: the session matters more
                    self.journal.add(UNSTORED, number)
                    row[OWNER].changed = False  # the journal has just told itself
                    return "%s is not stored: %s" % (row[PATH], error)
                return None
        return None


def _exists(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False
