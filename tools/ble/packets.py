"""The one codec of the host's programs: every UUID, opcode, field and state comes from vectors.json, as in the firmware and in the page."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("vectors.json").read_text())
MAJOR = int(VECTORS["protocol"].partition(".")[0])
SERVICE: str = VECTORS["service"].upper()
UUID: dict[str, str] = {row["name"]: row["uuid"].upper() for row in VECTORS["characteristics"]}
CONSOLE_WRITE, CONSOLE_NOTIFY = VECTORS["console"]["write"].upper(), VECTORS["console"]["notify"].upper()
STATES: list[str] = VECTORS["states"]
RESULTS: dict[int, str] = {number: name for name, number in VECTORS["results"].items()}
OPCODES: dict[str, dict[str, Any]] = {row["words"] or row["says"].split()[0]: row for row in VECTORS["opcodes"]}
FAULTS: dict[int, dict[str, Any]] = {row["number"]: row for row in VECTORS["faults"]}
FIRST_NOTICE = 64
NO_ZONE = 255
HELLO, RATE = "asks", "how"  # the two commands that have no words
SIZES = {"B": 1, "H": 2, "I": 4, "P": 1, "O": 1}
_LETTERS = {"u8": "B", "u16": "H", "u32": "I", "s16": "h"}
_FIELDS: dict[str, list[dict[str, str]]] = {row["name"]: row.get("fields", []) for row in VECTORS["characteristics"]}


class PacketError(ValueError):
    """Bytes that are no packet of this protocol, or a value that fits in none; the text says what and what is allowed."""


def decode(name: str, data: bytes) -> dict[str, Any]:
    """The fields of a packet of Features, Status or Zone Pressures, by name; bytes behind those that are known are of a newer version.

    Status has its state as a word; Zone Pressures have `mmhg`, one for each zone of the leg. Raises PacketError when it is too short.
    """
    fields = _FIELDS[name]
    layout = "<" + "".join(_LETTERS[field["type"]] for field in fields)
    size = struct.calcsize(layout)
    if len(data) < size:
        raise PacketError(f"{name}: {len(data)} bytes ({data.hex(' ')}) are too few; at least {size}")
    values: dict[str, Any] = dict(zip((field["name"] for field in fields), struct.unpack_from(layout, data)))
    if name == "Zone Pressures":
        values["mmhg"] = [tenths / 10 for (tenths,) in struct.iter_unpack("<h", data[size : size + (len(data) - size) // 2 * 2])]
    if name == "Status":
        state = values["state"]
        values["state"] = STATES[state] if state < len(STATES) else f"state {state}"
    return values


def encode(words: str, *values: int) -> bytes:
    """The bytes of a command, by its words ("set pressure") and its arguments as numbers. Raises PacketError."""
    row = OPCODES.get(words)
    if row is None:
        raise PacketError(f"command: {words!r} is not known; allowed: {', '.join(OPCODES)}")
    fields: str = row["fields"]
    least = sum(1 for field in fields if field.isupper())
    if not least <= len(values) <= len(fields):
        raise PacketError(f"{words}: {len(values)} numbers are not allowed; allowed: {least} to {len(fields)}")
    out = bytes([row["opcode"]])
    for field, value in zip(fields, values):
        most = (1 << 8 * SIZES[field.upper()]) - 1
        if not 0 <= value <= most:
            raise PacketError(f"{words}: {value} is not allowed; allowed: 0 to {most}")
        out += value.to_bytes(SIZES[field.upper()], "little")
    return out


def answer(data: bytes) -> tuple[int, str]:
    """(opcode, name of the result) of an indication of the Control Point. Raises PacketError."""
    if len(data) < 3 or data[0] != 0x80:
        raise PacketError(f"Control Point: {data.hex(' ') or 'nothing'} is no answer; 80, opcode, result is one")
    return data[1], RESULTS.get(data[2], f"RESULT {data[2]}")


def flags(packet: str, value: int) -> list[str]:
    """Names of the flags that are set in Status ("status") or Zone Pressures ("pressure")."""
    return [name.lower() for name, bit in VECTORS[f"{packet}_flags"].items() if value & bit]


def notices(bits: int) -> list[int]:
    """Numbers of the notices, from their bits in Status."""
    return [FIRST_NOTICE + place for place in range(16) if bits >> place & 1]


def fault_name(number: int) -> str:
    """Short name of a fault or notice, also of one that a newer firmware has."""
    return FAULTS[number]["name"] if number in FAULTS else f"{'notice' if number >= FIRST_NOTICE else 'fault'} {number}"


def fault_words(number: int) -> str:
    """What the wearer reads of it."""
    return FAULTS[number]["says"] if number in FAULTS else "Unknown to this program: a newer one will know."
