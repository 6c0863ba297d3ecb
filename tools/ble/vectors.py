"""Writes vectors.json: the protocol as data and examples, one file for firmware, command line and page: `python -m tools.ble.vectors`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from peristal.core import faults, protocol, services, states
from peristal.core.fault_words import HAPPENS, WORDS
from tools.ble import texts

FILE = Path(__file__).with_name("vectors.json")
SIZES = {"B": 1, "H": 2, "I": 4, "P": 1, "O": 1}
PROPERTIES = (
    (services.READ, "read"), (services.WRITE, "write"), (services.WRITE_FAST, "write without response"), (services.NOTIFY, "notify"),
    (services.INDICATE, "indicate"), (services.ENCRYPTED, "paired only"),
)  # fmt: skip


def rows(fields: str) -> tuple[tuple[int, str, str], ...]:
    """(since, name, struct letter) of each field of a line of services.py."""
    words = fields.split()
    return tuple((int(layout[1:]), name, layout[0]) for name, layout in zip(words[::2], words[1::2]))


FIELDS = {
    "Features": rows(services.FEATURES_FIELDS), "Status": rows(services.STATUS_FIELDS), "Zone Pressures": rows(services.PRESSURES_FIELDS),
}  # fmt: skip
OPS: dict[int, tuple[int, str, str]] = {}  # (since, words, fields)
for _opcode, _row in enumerate(protocol.OPS):
    _words, _fields, _since = _row.split(":")
    OPS[_opcode] = (int(_since), _words, _fields)
STATUS_EXAMPLE = {
    "state": 2, "phase": 1, "cycle": 3, "seconds_left": 845, "fault": 0, "fault_zone": 255, "notices": 1, "pressure_mmhg": 60,
    "minutes": 20, "program": 1, "flags": 1,
}  # fmt: skip
FEATURES_EXAMPLE = {
    "major": 1, "minor": 0, "legs": 2, "zones_leg_1": 4, "zones_leg_2": 4, "least_mmhg": 20, "most_mmhg": 100, "cap_mmhg": 120,
    "least_minutes": 1, "most_minutes": 60, "most_hz": 10,
}  # fmt: skip
PRESSURES_EXAMPLE = {"leg": 0, "sequence": 17, "flags": 1, "tenths_mmhg": [601, 598, 213, -2]}


def uuid(number: int) -> str:
    """UUID of the service (0) or of a characteristic."""
    return services.UUID % number


def encode(opcode: int, arguments: tuple[int, ...]) -> bytes:
    """A command's bytes."""
    out = bytes([opcode])
    for field, value in zip(OPS[opcode][2], arguments):
        out += value.to_bytes(SIZES[field.upper()], "little")
    return out


def pack(fields: Any, values: dict[str, int]) -> bytes:
    """A packet's bytes."""
    return b"".join(values[name].to_bytes(SIZES[letter], "little") for _, name, letter in fields)


def build() -> dict[str, Any]:
    """The file's content."""
    characteristics = []
    for number, (since, name, flags, layout, unit) in enumerate(services.CHARACTERISTICS, 1):
        row: dict[str, Any] = {"name": name, "uuid": uuid(number), "since": f"1.{since}"}
        row["properties"] = [word for bit, word in PROPERTIES if flags & bit]
        row["presentation"] = {"format": layout, "exponent": -1 if number == protocol.PRESSURES else 0, "unit": unit}
        if name in FIELDS:
            row["fields"] = [{"name": one, "type": texts.FORMATS[letter], "since": f"1.{since}"} for since, one, letter in FIELDS[name]]
        characteristics.append(row)
    zones = b"".join(value.to_bytes(2, "little", signed=True) for value in PRESSURES_EXAMPLE["tenths_mmhg"])
    return {
        "protocol": f"{protocol.MAJOR}.{protocol.MINOR}",
        "service": uuid(0),
        "characteristics": characteristics,
        "console": {name: services.CONSOLE_UUID % number for number, name in ((1, "service"), (2, "write"), (3, "notify"))},
        "states": list(states.NAMES),
        "results": {name: getattr(protocol, name) for name in texts.RESULTS},
        "status_flags": {name: getattr(protocol, name) for name in texts.STATUS_FLAGS},
        "pressure_flags": {name: getattr(protocol, name) for name in texts.PRESSURE_FLAGS},
        "faults": [{"number": number, "name": name, "says": says, "happens": HAPPENS[faults.rank(number)]} for number, name, says in WORDS],
        "opcodes": [
            {"opcode": opcode, "words": words, "fields": fields, "since": f"1.{since}", "says": texts.OPS[opcode]}
            for opcode, (since, words, fields) in sorted(OPS.items())
        ],
        "commands": [
            {"says": says, "opcode": opcode, "arguments": list(arguments), "hex": encode(opcode, arguments).hex(),
             "answer": bytes([protocol.ANSWER, opcode, protocol.SUCCESS]).hex()}
            for opcode, arguments, says in texts.EXAMPLES
        ],
        "packets": [
            {"characteristic": "Features", "hex": pack(FIELDS["Features"], FEATURES_EXAMPLE).hex(), "fields": FEATURES_EXAMPLE},
            {"characteristic": "Status", "hex": pack(FIELDS["Status"], STATUS_EXAMPLE).hex(), "fields": STATUS_EXAMPLE},
            {"characteristic": "Zone Pressures", "hex": (pack(FIELDS["Zone Pressures"], PRESSURES_EXAMPLE) + zones).hex(),
             "fields": PRESSURES_EXAMPLE},
        ],
    }  # fmt: skip


def text() -> str:
    """The file."""
    return json.dumps(build(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
