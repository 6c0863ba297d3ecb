"""What PROTOCOL.md says of each thing in the firmware's tables. Every key is a name or number of theirs; a test holds that none is missing."""

CHARACTERISTICS = {
    "Features": "what this device is and which values it takes; read it first",
    "Stop": "any byte, from anybody, paired or not: the session ends and the air goes out. Nothing is answered: look at Status",
    "Control Point": "commands, see below. Each is answered by an indication `80 opcode result`",
    "Last Result": "the answer to the last command of anybody, `80 opcode result`; also to what was written to the three below",
    "Status": "what the device is doing; notified when it changes, at most five times a second, a new state at once",
    "Zone Pressures": "one packet for each leg, at the rate of command `0D` (once a second where none was given); a read gives the last packet",
    "Target Pressure": "mmHg as one byte, for typing by hand: the same as command `05`",
    "Duration": "minutes as one byte: the same as command `06`",
    "Program": "number of the program as one byte: the same as command `07`",
}
FORMATS = {"B": "u8", "H": "u16", "I": "u32", "h": "s16"}
FIELDS = {
    "major": "version of the protocol: another one may mean other bytes, so do not go on",
    "minor": "what was added since: everything of a lower one still holds",
    "legs": "1 or 2",
    "zones_leg_1": "zones of the first leg, zone 1 at the foot",
    "zones_leg_2": "zones of the second, 0 when there is none",
    "least_mmhg": "lowest pressure that can be chosen",
    "most_mmhg": "highest pressure that can be chosen (a program or the wearer's own cap may be lower)",
    "cap_mmhg": "no zone ever gets more",
    "least_minutes": "shortest session",
    "most_minutes": "longest session",
    "most_hz": "highest rate of Zone Pressures",
    "state": "see States",
    "phase": "0 taking up slack, 1 cycle, 2 release between cycles, 3 gentle release at the end, 4 nothing",
    "cycle": "number of the cycle, from 1",
    "seconds_left": "until the end; the gentle release comes on top",
    "fault": "number of the latched fault, 0 none: see the table of faults in SAFETY.md",
    "fault_zone": "its zone (from 0, over both legs), 255 none",
    "notices": "bits of the notices of this session: see SAFETY.md",
    "pressure_mmhg": "the chosen pressure",
    "minutes": "the chosen length",
    "program": "number of the chosen program, as `programs` on the console lists it",
    "flags": "a bit each, see below; those without a meaning yet are 0",
    "leg": "0 the first, 1 the second",
    "sequence": "counts the packets of this leg, wraps at 255: a gap is a packet that was left out",
}
STATUS_FLAGS = {"QUIET": "quiet mode is chosen", "WINDOW_OPEN": "the pairing window is open", "LOST_WRITES": "writes came faster than they could be kept"}
PRESSURE_FLAGS = {"RISING": "the pump is running"}
RESULTS = {
    "SUCCESS": "done",
    "NOT_SUPPORTED": "no such opcode, or not in this version",
    "INVALID": "too short, too long, or a value out of its range; nothing was changed",
    "FAILED": "not in this state: the console's answer to the same words says why",
    "NOT_PERMITTED": "this link is not paired",
}
ARGUMENTS = {
    0x01: "[program] [mmHg] [minutes]", 0x05: "mmHg", 0x06: "minutes", 0x07: "program", 0x08: "0 off, 1 on", 0x09: "zone [0 off, 1 on]",
    0x0A: "[zone]", 0x0B: "zone [0 off, 1 on]", 0x0C: "seconds since 1970", 0x0D: "packets a second, 0 none",
}  # fmt: skip
OPS = {
    0x00: "asks whether this link may command: success or not permitted, nothing else happens",
    0x01: "begins a session; what is left out is as chosen last, program 0 too",
    0x02: "ends it and lets the air out",
    0x03: "lets the air out and keeps the place",
    0x04: "goes on at the same place",
    0x05: "another pressure; a lower one acts at once, a higher one from the next step",
    0x06: "another length",
    0x07: "another program, while nothing runs",
    0x08: "a slower, quieter pump",
    0x09: "10 mmHg more in a zone, in this session",
    0x0A: "too tight here: 5 mmHg less in a zone, or in the one filled last; remembered",
    0x0B: "leaves a zone out",
    0x0C: "sets the clock, for the record of sessions",
    0x0D: "how often this link gets Zone Pressures",
    0x0E: "tingling or numbness: lets the air out and locks until the button is pressed",
    0x0F: "5 mmHg more",
    0x10: "5 mmHg less",
}
EXAMPLES = (
    # (opcode, arguments, what it is for)
    (0x00, (), "may I?"),
    (0x0D, (10,), "ten packets a second"),
    (0x05, (50,), "50 mmHg"),
    (0x06, (20,), "20 minutes"),
    (0x08, (1,), "quiet"),
    (0x0C, (1764000000,), "24 November 2025, 16:00 UTC"),
    (0x07, (1,), "the first program"),
    (0x01, (), "start what was chosen"),
    (0x09, (2, 1), "boost zone 2"),
    (0x0F, (), "5 mmHg more"),
    (0x10, (), "5 mmHg less"),
    (0x03, (), "pause"),
    (0x04, (), "resume"),
    (0x02, (), "stop"),
)
