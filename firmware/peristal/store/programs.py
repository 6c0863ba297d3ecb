"""The wearer's own programs, a file each: written beside and renamed over, so that a power cut loses none.

Only their names are kept in memory. A file holds the steps as the program table has them; its lines are made from that.
"""

import binascii
import os

from peristal.core.borrow import borrow
from peristal.core.program import ROW, ZONES, Program, ProgramError
from peristal.store import files

FOLDER = "programs"
SCHEMA = 1
MOST = 16
END = ".json"
FIELDS = ("source", "pressure_mmhg", "minutes", "pressed_s")


def path(name):
    """Where a program is kept."""
    return FOLDER + "/" + name + END


class Programs:
    """names(), row() and program() for the choices; put(), rename() and remove() write, so they are called while vented only."""

    def __init__(self):
        self.damaged = False  # one was found damaged and set aside
        self.parser = None  # of one that is being sent
        try:
            found = os.listdir(FOLDER)
        except OSError:  # no folder yet
            found = []
        self._names = sorted([name[: -len(END)] for name in found if name.endswith(END)])
        for name in found:
            if name.endswith(END + ".new"):
                print("peristal: a write of %s/%s was interrupted; what was stored before is used" % (FOLDER, name[:-4]))
                try:
                    os.remove(FOLDER + "/" + name)
                except OSError:  # it is in nobody's way
                    pass

    def names(self):
        """In alphabetical order."""
        return self._names

    def row(self, name, zones):
        """What presets.find() says of a preset; None when there is no such program, or none that can be read."""
        try:
            program = self.program(name, zones)
        except ProgramError:
            return None
        pressure, minutes = program.pressure_mmhg, program.minutes
        return (name, None, (pressure[0], None, pressure[1]), (minutes[0], None, minutes[1]), program.source)

    def program(self, name, zones):
        """The program, for legs of so many zones at the most; raises ProgramError."""
        if name not in self._names:
            raise ProgramError("program: %r is not stored" % name)
        try:
            schema, data = files.load(path(name)) or (0, {})
            if schema != SCHEMA:
                raise ValueError("schema")
            program = Program(name, data["zones"], "")
            for field in FIELDS:
                value = data[field]
                setattr(program, field, tuple(value) if isinstance(value, list) else value)
            program.less_mmhg = bytearray(binascii.unhexlify(data["less_mmhg"]))
            program.rows = bytearray(binascii.unhexlify(data["rows"]))
            if len(program.less_mmhg) != ZONES or len(program.rows) % ROW:
                raise ValueError("length")
            borrow("core.check").check(program)
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            self._set_aside(name)
            raise ProgramError("program: %r is damaged and was set aside" % name)
        if program.zones > zones:
            raise ProgramError("program: %d zones; allowed: up to %d on this board" % (program.zones, zones))
        return program

    def put(self, program):
        """Keeps a checked program, in the place of one of the same name; returns why not or None. Raises OSError."""
        if program.name not in self._names and len(self._names) >= MOST:
            return "programs: %d are kept; remove one first" % MOST
        try:
            os.mkdir(FOLDER)
        except OSError:  # it is there
            pass
        data = {field: getattr(program, field) for field in FIELDS}
        data["zones"] = program.zones
        data["less_mmhg"] = binascii.hexlify(program.less_mmhg).decode()
        data["rows"] = binascii.hexlify(program.rows).decode()
        files.save(path(program.name), SCHEMA, data)
        if program.name not in self._names:
            self._names = sorted(self._names + [program.name])
        return None

    def rename(self, name, new_name):
        """Another name for a program that is there, where none is yet. Raises OSError."""
        os.rename(path(name), path(new_name))
        self._names = sorted([new_name if one == name else one for one in self._names])

    def remove(self, name):
        """Raises OSError."""
        os.remove(path(name))
        self._names = [one for one in self._names if one != name]

    def _set_aside(self, name):
        self.damaged = True
        self._names = [one for one in self._names if one != name]
        print("peristal: %s is damaged; kept as %s.bad" % (path(name), path(name)))
        try:
            os.rename(path(name), path(name) + ".bad")
        except OSError:
            pass
