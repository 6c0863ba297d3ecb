"""The last 32 sessions, in one file: what core/record.py makes of each, the oldest first. They are read only when asked for."""

from peristal.core import faults
from peristal.store import files

PATH = "record.json"
STEPS = ()
NOTICE = faults.FILE_DAMAGED
MOST = 32
WORDS = (1, 5)  # program, how it ended; everything else is a number


def restore(data, record):
    """Only looks whether they are sessions: they are read when they are asked for."""
    for row in data:
        for place, value in enumerate(row):
            if isinstance(value, str) != (place in WORDS) or not isinstance(value, (int, str)) or len(row) < 6:
                raise ValueError("no session")


def dump(record):
    """What restore() takes."""
    ended = record.ended
    return (sessions() + [ended])[-MOST:] if ended else sessions()



def sessions():
    """The stored sessions; none when the file has gone bad since the start-up."""
    try:
        found = files.load(PATH)
    except (OSError, ValueError):
        found = None
    return found[1] if found else []
