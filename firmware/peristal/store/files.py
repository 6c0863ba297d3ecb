"""One small JSON file a room, with schema version and checksum: written beside, then renamed over, so that a power cut at
any moment leaves the old or the new one whole."""

import binascii
import json
import os

LONGEST = 8000  # bytes: entry, two blocks and rename stall the chip for a third of a second, and the watchdog waits for half
FRAME = 10  # checksum, space and newline around it
TOO_LARGE = 27  # EFBIG
MISSING = 2  # ENOENT


def save(path, schema, data):
    """Writes data (what JSON can hold) under path, atomically. Raises OSError when the flash does, or when it is too much."""
    text = json.dumps([schema, data])
    raw = text.encode()
    if len(raw) > LONGEST:
        raise OSError(TOO_LARGE)
    with open(path + ".new", "w") as file:
        file.write("%08x %s\n" % (binascii.crc32(raw), text))
    os.rename(path + ".new", path)


def load(path):
    """[schema, data] of a file, or None when there is none. Raises ValueError for a damaged one, OSError when the flash does."""
    try:
        size = os.stat(path)[6]
    except OSError as error:
        if error.args[0] == MISSING:
            return None
        raise error
    if size > LONGEST + FRAME:  # before it is read: it may be more than the heap can hold
        raise ValueError("%d bytes" % size)
    with open(path, "rb") as file:
        line = file.read()
    raw = line[9:].strip()
    if line[:8] != ("%08x" % binascii.crc32(raw)).encode():
        raise ValueError("checksum")
    found = json.loads(raw)
    if not isinstance(found, list) or len(found) != 2 or not isinstance(found[0], int):
        raise ValueError("no schema")
    return found
