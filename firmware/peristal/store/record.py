"""The last 32 sessions, in one file: what core/record.py makes of each, the oldest first. They are read only when asked for."""

from peristal.core import faults
from peristal.store import files

PATH = "record.json"
STEPS = ()
MOST = 32
WORDS = (1, 5)  # program, how it ended; everything else is a number


def add(shelf, record):
    """Adds every session that ends to those that are stored."""

    def restore(data):
        for row in data:
            for place, value in enumerate(row):
                if isinstance(value, str) != (place in WORDS) or not isinstance(value, (int, str)) or len(row) < 6:
                    raise ValueError("no session")

    def dump():
        ended = record.ended
        return (sessions() + [ended])[-MOST:] if ended else sessions()

    shelf.add(PATH, record, restore, dump, faults.FILE_DAMAGED, STEPS)


def sessions():
    """The stored sessions; none when the file has gone bad since the start-up."""
    try:
        found = files.load(PATH)
    except (OSError, ValueError):
        found = None
    return found[1] if found else []
