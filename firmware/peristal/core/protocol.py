"""The Bluetooth protocol: what is decided while it is spoken. What is told the stack at start-up: services.py; both make PROTOCOL.md.

Append only: a number keeps its meaning for ever.
"""

MAJOR, MINOR = 1, 0
MOST_HZ = 10

FEATURES, STOP, CONTROL_POINT, LAST_RESULT, STATUS, PRESSURES, TARGET, DURATION, PROGRAM = range(1, 10)
QUIET, WINDOW_OPEN, LOST_WRITES = 1, 2, 4  # flags of Status
RISING = 1  # flags of Zone Pressures: the pump runs

ANSWER = 0x80
SUCCESS, NOT_SUPPORTED, INVALID, FAILED, NOT_PERMITTED = range(1, 6)

HELLO, SET_PRESSURE, SET_MINUTES, SET_PROGRAM, SET_RATE = 0x00, 0x05, 0x06, 0x07, 0x0D
# The commands, by opcode: the console's words, the fields, the minor version that brought it. A field is B, H or I (unsigned, 1, 2,
# 4 bytes), P (a program's number, 0 the one chosen last) or O (0 off, 1 on); a small letter may be left out, with those after it.
# The words are carried out as if typed.
OPS = (
    "::0",
    "start:pbb:0",
    "stop::0",
    "pause::0",
    "resume::0",
    "set pressure:B:0",
    "set minutes:B:0",
    "set program:P:0",
    "set quiet:O:0",
    "boost:Bo:0",
    "tight:b:0",
    "skip:Bo:0",
    "set time:I:0",
    ":B:0",
    "tingling::0",
    "+::0",
    "-::0",
)
LONGEST_COMMAND = 6


def words(data, program_name):
    """The console line of a command (bytes, from its opcode on): (result, line). The result is SUCCESS when there is a line.

    program_name(number) names a program, None when there is none of this number.
    """
    if not data:
        return INVALID, ""
    if data[0] >= len(OPS):
        return NOT_SUPPORTED, ""
    line, fields, _ = OPS[data[0]].split(":")
    at = 1
    for field in fields:
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
