"""All stored files, without knowing any: each is put back when it is added, and written when its owner has changed.

A file carries the number of its schema. `steps` are functions, the n-th makes data of schema n + 1 from data of schema n, so
the newest schema is one more than there are steps. What cannot be read is set aside as path.bad and said; it never keeps
the firmware from starting.
"""

import os

from peristal.store import files

PATH, OWNER, RESTORE, DUMP, STEPS, NOTICE = range(6)


class Shelf:
    """add() every file at start-up, store() while everything is vented. notices: bits of the notices table, of what was damaged."""

    def __init__(self):
        self.notices = 0
        self._rows = []

    def add(self, path, owner, restore, dump, notice, steps=()):
        """Puts a file's data back by restore(data), which may raise whatever it likes over what it cannot use.

        owner.changed says that dump() has something new to be written. notice: the bit to show when the file is damaged.
        """
        row = (path, owner, restore, dump, steps, notice)
        self._rows.append(row)
        try:
            found = files.load(path)
            if found is None:
                return
            schema, data = found
            if not 1 <= schema <= len(steps) + 1:
                raise ValueError("schema %d, known are 1 to %d" % (schema, len(steps) + 1))
            for step in steps[schema - 1 :]:
                data = step(data)
            restore(data)
            owner.changed = schema <= len(steps)
        except Exception as error:  # whatever it is: the device has to start
            self._set_aside(row, error)

    def _set_aside(self, row, error):
        path = row[PATH]
        self.notices |= row[NOTICE]
        try:
            os.rename(path, path + ".bad")
            print("peristal: %s is damaged (%s); kept as %s.bad, defaults are used" % (path, error, path))
        except OSError as why:
            print("peristal: %s is damaged (%s) and cannot be set aside: %s" % (path, error, why))

    @property
    def changed(self):
        """Whether a file has to be written."""
        for row in self._rows:
            if row[OWNER].changed:
                return True
        return False

    def store(self, owner=None):
        """Writes the file of this owner, or of the first one that has changed; returns why it could not be written, or None.

        One call a tick: a flash write stalls the chip for up to a third of a second, and the watchdog waits for half. What fails
        is not tried again until the owner changes again; what was stored before is still there.
        """
        for row in self._rows:
            if row[OWNER] is owner or (owner is None and row[OWNER].changed):
                row[OWNER].changed = False
                try:
                    files.save(row[PATH], len(row[STEPS]) + 1, row[DUMP]())
                except (OSError, MemoryError) as error:  # a full flash: the session matters more
                    return "%s is not stored: %s" % (row[PATH], error)
                return None
        return None
