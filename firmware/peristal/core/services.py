"""What the radio's stack is told once, at start-up: services, characteristics, and the layout of packets. See protocol.py.

A field is its name, its letter for struct and the minor version that brought it; they follow each other, little-endian.
"""

# 128-bit UUIDs are this with the number in its place: 0 is the service, its characteristics follow one by one.
UUID = "9b2f%04x-5c1d-4e6a-8f3b-706572697374"
CONSOLE_UUID = "6e40%04x-b5a3-f393-e0a9-e50e24dcca9e"  # the Nordic UART Service: 1 service, 2 written, 3 notified

READ, WRITE_FAST, WRITE, NOTIFY, INDICATE, ENCRYPTED = 0x02, 0x04, 0x08, 0x10, 0x20, 0x1000
U8, STRUCT = 0x04, 0x1B
NO_UNIT, MMHG, MINUTE = 0x2700, 0x2781, 0x2760

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

FEATURES_FIELDS = (
    "major B0 minor B0 legs B0 zones_leg_1 B0 zones_leg_2 B0 least_mmhg B0 most_mmhg B0 cap_mmhg B0 "
    "least_minutes B0 most_minutes B0 most_hz B0"
)
STATUS_FIELDS = (
    "state B0 phase B0 cycle H0 seconds_left H0 fault B0 fault_zone B0 notices H0 pressure_mmhg B0 minutes B0 program B0 flags B0"
)
PRESSURES_FIELDS = "leg B0 sequence B0 flags B0"  # then one "h" of 0.1 mmHg for each zone


def layout(fields):
    """The struct format of a line of fields."""
    return "<" + "".join([word[0] for word in fields.split()[1::2]])
