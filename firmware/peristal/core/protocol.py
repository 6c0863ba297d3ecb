"""The Bluetooth protocol as tables: what the firmware uses, and what PROTOCOL.md is made of.

Append only: a number keeps its meaning for ever. since: the minor version of protocol 1 that brought it.
"""

MAJOR, MINOR = 1, 0
MOST_HZ = 10

# 128-bit UUIDs are this with the number in its place: 0 is the service, its characteristics follow one by one.
UUID = "9b2f%04x-5c1d-4e6a-8f3b-706572697374"
CONSOLE_UUID = "6e40%04x-b5a3-f393-e0a9-e50e24dcca9e"  # the Nordic UART Service: 1 service, 2 written, 3 notified

READ, WRITE_FAST, WRITE, NOTIFY, INDICATE, ENCRYPTED = 0x02, 0x04, 0x08, 0x10, 0x20, 0x1000
U8, STRUCT = 0x04, 0x1B
NO_UNIT, MMHG, MINUTE = 0x2700, 0x2781, 0x2760

FEATURES, STOP, CONTROL_POINT, LAST_RESULT, STATUS, PRESSURES, TARGET, DURATION, PROGRAM = range(1, 10)
# (since, name, flags, format, unit), numbered from 1
CHARACTERISTICS = (
    (0, "Features", READ, STRUCT, NO_UNIT),
    (0, "Stop", WRITE | WRITE_FAST, U8, NO_UNIT),
    (0, "Control Point", WRITE | INDICATE | ENCRYPTED, STRUCT, NO_UNIT),
    (0, "Last Result", READ | NOTIFY, STRUCT, NO_UNIT),
    (0, "Status", READ | NOTIFY, STRUCT, NO_UNIT),
    (0, "Zone Pressures", READ | NOTIFY, STRUCT, NO_UNIT),
    (0, "Target Pressure", READ | WRITE | ENCRYPTED, U8, MMHG),
    (0, "Duration", READ | WRITE | ENCRYPTED, U8, MINUTE),
    (0, "Program", READ | WRITE | ENCRYPTED, U8, NO_UNIT),
)

# (since, name, struct letter) of each field, little-endian in this order
FEATURES_FIELDS = (
    (0, "major", "B"), (0, "minor", "B"), (0, "legs", "B"), (0, "zones_leg_1", "B"), (0, "zones_leg_2", "B"),
    (0, "least_mmhg", "B"), (0, "most_mmhg", "B"), (0, "cap_mmhg", "B"), (0, "least_minutes", "B"), (0, "most_minutes", "B"),
    (0, "most_hz", "B"),
)  # fmt: skip
STATUS_FIELDS = (
    (0, "state", "B"), (0, "phase", "B"), (0, "cycle", "H"), (0, "seconds_left", "H"), (0, "fault", "B"), (0, "fault_zone", "B"),
    (0, "notices", "H"), (0, "pressure_mmhg", "B"), (0, "minutes", "B"), (0, "program", "B"), (0, "flags", "B"),
)  # fmt: skip
PRESSURES_FIELDS = ((0, "leg", "B"), (0, "sequence", "B"), (0, "flags", "B"))  # then one "h" of 0.1 mmHg for each zone
QUIET, WINDOW_OPEN, LOST_WRITES = 1, 2, 4  # flags of Status
RISING = 1  # flags of Zone Pressures: the pump runs

ANSWER = 0x80
SUCCESS, NOT_SUPPORTED, INVALID, FAILED, NOT_PERMITTED = range(1, 6)

HELLO, SET_PRESSURE, SET_MINUTES, SET_PROGRAM, SET_RATE = 0x00, 0x05, 0x06, 0x07, 0x0D
# opcode: (since, the console's words, fields). A field is B, H or I (unsigned, 1, 2, 4 bytes), P (a program's number, 0 the one
# chosen last) or O (0 off, 1 on); a small letter may be left out, with those after it. The words are carried out as if typed.
OPS = {
    HELLO: (0, "", ""),
    0x01: (0, "start", "pbb"),
    0x02: (0, "stop", ""),
    0x03: (0, "pause", ""),
    0x04: (0, "resume", ""),
    SET_PRESSURE: (0, "set pressure", "B"),
    SET_MINUTES: (0, "set minutes", "B"),
    SET_PROGRAM: (0, "set program", "P"),
    0x08: (0, "set quiet", "O"),
    0x09: (0, "boost", "Bo"),
    0x0A: (0, "tight", "b"),
    0x0B: (0, "skip", "Bo"),
    0x0C: (0, "set time", "I"),
    SET_RATE: (0, "", "B"),
    0x0E: (0, "tingling", ""),
    0x0F: (0, "+", ""),
    0x10: (0, "-", ""),
}
LONGEST_COMMAND = 6


def layout(fields):
    """The struct format of a table of fields."""
    return "<" + "".join([field[2] for field in fields])


def words(data, program_name):
    """The console line of a command (bytes, from its opcode on): (result, line). The result is SUCCESS when there is a line.

    program_name(number) names a program, None when there is none of this number.
    """
    if not data:
        return INVALID, ""
    row = OPS.get(data[0])
    if row is None:
        return NOT_SUPPORTED, ""
    line = row[1]
    at = 1
    for field in row[2]:
        kind = field.upper()
        size = 4 if kind == "I" else 2 if kind == "H" else 1
        if at == len(data) and field != kind:
            break
        if at + size > len(data):
            return INVALID, ""
        value = 0
        for index in range(at + size - 1, at - 1, -1):
            value = value << 8 | data[index]
        at += size
        if kind == "P":
            value = program_name(value)
            if value is None:
                return INVALID, ""
        elif kind == "O":
            if value > 1:
                return INVALID, ""
            value = "on" if value else "off"
        if line:
            line += " " + str(value)
    return (SUCCESS, line) if at == len(data) else (INVALID, "")
