"""The last 32 sessions, in one file: what core/record.py makes of each, the oldest first. They are read only when asked for."""

from peristal.core import faults
from peristal.store import files

PATH = "record.json"
STEPS = ()
MOST = 32


def add(shelf, record):
    """Adds every session that ends to those that are stored."""

    def restore(data):
        for row in data:
            if len(row) < 6:
                raise ValueError("no session")

    def dump():
        ended = record.ended
        return (sessions() + [ended])[-MOST:] if ended else sessions()

    shelf.add(PATH, record, restore, dump, faults.FILE_DAMAGED, STEPS)


def sessions():
    """The stored sessions."""
    found = files.load(PATH)
    return found[1] if found else []
