"""One small JSON file a room, with schema version and checksum: written beside, then renamed over, so that a power cut at
any moment leaves the old or the new one whole."""

import binascii
import json
import os


def save(path, schema, data):
    """Writes data (what JSON can hold) under path, atomically. Raises OSError when the flash does."""
    text = json.dumps([schema, data])
    with open(path + ".new", "w") as file:
        file.write("%08x %s\n" % (binascii.crc32(text.encode()), text))
    os.rename(path + ".new", path)


def load(path, schema):
    """The data of a file, or None when there is none. A damaged one, or one of another schema, is set aside as path.bad."""
    try:
        with open(path) as file:
            line = file.read()
    except OSError:
        return None
    except ValueError:  # no text at all
        line = ""
    try:
        text = line[9:].strip()
        if int(line[:8], 16) == binascii.crc32(text.encode()):
            found, data = json.loads(text)
            if found == schema:
                return data
    except ValueError:
        pass
    os.rename(path, path + ".bad")
    return None
