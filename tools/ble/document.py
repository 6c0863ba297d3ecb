"""Writes firmware/PROTOCOL.md from the firmware's own tables: `python -m tools.ble.document`."""

from __future__ import annotations

from pathlib import Path

from peristal.commands import rights
from peristal.console import table
from peristal.core import protocol, services, states
from tools.ble import texts, vectors

DOCUMENT = Path(__file__).resolve().parents[2] / "firmware" / "PROTOCOL.md"
STATES = {
    "idle": "waiting", "preflight": "looks at its sensors", "running": "squeezes", "paused": "vented, keeps the place",
    "finishing": "releases gently", "done": "over, vented", "fault": "vented and locked until the button",
    "breathing": "the air is out; light and sound pace the breath",
    "bringup": "a step of the bring-up goes on, on the bench; the console's `bringup` says which, and what it asks",
}  # fmt: skip
HEAD = """# The Bluetooth protocol, version {version}

Generated from `services.py` and `protocol.py` in `firmware/peristal/core/` and the console's table by `python -m tools.ble.document`. `tools/ble/vectors.json` has
the same as data, with examples that the tests of the firmware replay.

**In short.** Connect to whatever advertises service `{service}`. Read Features. Anybody may read, watch and stop.
To command, pair: hold the device's button for three seconds while nothing runs (the light flickers for a minute), connect, and touch a
characteristic marked *paired only*. Then write `01` to the Control Point: the session begins.

- Every packet has at most 20 bytes, so no MTU has to be negotiated. Numbers are little-endian. `{service}` is the
  base of all UUIDs: the fourth to eighth digit counts up.
- Names and formats are in descriptors 0x2901 and 0x2904 of each characteristic.
- Numbers, fields and UUIDs are only ever added at the end; `since` says in which version. Ignore bytes behind those you know, and bits
  without a meaning. Another major version: stop, and say so.
- One command at a time: wait for its answer. What comes faster than it can be carried out (about a dozen commands) is dropped and flagged.
- The device decides by itself when it is safe: a command that may not be carried out changes nothing.
- A lost link takes up to six seconds to show. The session then goes on to its end, or goes soft (at most 40 mmHg), or stops, as
  `set link` on the console says. Connecting again starts nothing.
"""
PAIRING = """## Who may do what

| who | may |
|---|---|
| anybody who is connected | read, watch, stop, and on the console what is marked *anybody* |
| a paired device | everything, but |
| on USB, or a device that was connected while the button was held for three seconds | calibrate, open the pairing window (USB) |

Nobody clears a fault over the air: that is the button's. The window opens by holding the button for three seconds while nothing runs and the
air is out, or by `pair` on the USB console, which then shows a passkey that has to be typed. It closes after 60 seconds, at the first new device, or
when a session begins. LE Secure Connections is used. At most three devices are kept; `bonds` lists, `unpair` forgets, holding the button for
ten seconds forgets all.

Outside the window a phone can still go through the motions of pairing, because the radio's stack allows it: it gains nothing and is
disconnected. At most two devices that are not paired may be connected at once, and one that neither reads nor writes for 30 seconds is
disconnected; so is the longest connected of them when a third one comes.
"""
CONSOLE = """## The console

The Nordic UART Service carries lines of text: write to `{write}`, listen to `{notify}`, with CR, LF or
both at the end of a line, at most 80 characters. The same console is on USB (115200 baud). An answer ends with one line that begins with `ok`
or `error: `; the lines of a list come before it and begin with two spaces. What is refused has changed nothing. Wait for the answer before
the next line.

| line | what it does | who | while |
|---|---|---|---|
"""
WALK = """## A walk in ten minutes, with nothing but a phone

nRF Connect (Android, iOS) or LightBlue (iOS) is all it takes; an iPhone has no Web Bluetooth, so this is its way in. No device at hand? With
a USB Bluetooth dongle `make run ARGS="--radio usb:0"` is one.

1. Switch the device on and scan. **{name}** appears, with service `{service}`. Connect.
2. Open the unknown service. Read **Features** (`…0001`): `01 00 02 04 04 14 64 78 01 3C 0A` is protocol 1.0, two legs of four zones,
   20 to 100 mmHg, never above 120 (0x78), 1 to 60 minutes, up to 10 packets a second.
3. Switch on notifications of **Status** (`…0005`) and of **Zone Pressures** (`…0006`): once a second a packet for each leg, all near 0.
4. Write `00` to **Stop** (`…0002`). It always works, for anybody: remember where it is.
5. Hold the device's button for three seconds, let go: its light flickers. Within a minute write `3C` to **Target Pressure** (`…0007`): the
   phone asks whether to pair. Yes; write it again if the app does not by itself. **Last Result** (`…0004`) now reads `80 05 01`: done. The
   light stops: nobody else can pair.
6. Write `14` to **Duration** (`…0008`): 20 minutes. `01` to **Program** (`…0009`): the first one.
7. Switch on indications of the **Control Point** (`…0003`), put the sleeves on, and write `01`. The answer is `80 01 01`; the state in Status
   (its first byte) goes from `00` to `01` and `02`, and the pressures rise from the foot up.
8. Write `0D 0A`: ten packets a second. `05 32`: 50 mmHg, at once. `03`: pause; wait until the air is out; `04`: on.
9. Open the **Nordic UART** service (or a UART app): subscribe to the second characteristic, write `status` as text to the first.
10. Write `00` to **Stop**. Disconnect, connect again: the phone is known, nothing has to be pressed any more, and nothing starts by itself.
"""


def _since(number: int) -> str:
    return f"{protocol.MAJOR}.{number}"


def _characteristics() -> list[str]:
    lines = ["## Characteristics", "", "| UUID | name | properties | since | what it is |", "|---|---|---|---|---|"]
    for number, (since, name, flags, _, _) in enumerate(services.CHARACTERISTICS, 1):
        properties = ", ".join(word for bit, word in vectors.PROPERTIES if flags & bit)
        lines.append(f"| `{vectors.uuid(number)}` | {name} | {properties} | {_since(since)} | {texts.CHARACTERISTICS[name]} |")
    lines += ["", "Beside them: Device Information 0x180A (0x2A24 the board's name, 0x2A26 the firmware's version, 0x2A28 this protocol's). A"]
    lines += ["Battery service is not declared: no board measures one yet.", ""]
    for name, fields in vectors.FIELDS.items():
        lines += [f"### {name}", "", "| byte | field | type | since | what it is |", "|---|---|---|---|---|"]
        at = 0
        for since, field, letter in fields:
            lines.append(f"| {at} | {field} | {texts.FORMATS[letter]} | {_since(since)} | {texts.FIELDS[field]} |")
            at += vectors.SIZES[letter]
        if name == "Zone Pressures":
            lines.append(f"| {at}... | one for each zone of the leg, from the foot | s16 | 1.0 | 0.1 mmHg; how many says Features |")
        for title, flags in (("Status", texts.STATUS_FLAGS), ("Zone Pressures", texts.PRESSURE_FLAGS)):
            if name == title:
                lines += ["", "Flags: " + "; ".join(f"{getattr(protocol, flag)} {says}" for flag, says in flags.items()) + "."]
        example = next(one for one in vectors.build()["packets"] if one["characteristic"] == name)
        told = ", ".join(f"{key} {value}" for key, value in example["fields"].items())
        lines += ["", f"Example: `{_hex(example['hex'])}`: {told}.", ""]
    return lines


def _hex(text: str) -> str:
    return bytes.fromhex(text).hex(" ").upper()


def _commands() -> list[str]:
    lines = ["## Commands", "", "Written to the Control Point: an opcode and its arguments; those in [] may be left out from the end. The words are what"]
    lines += ["the console would be told; states and ranges are the same there.", ""]
    lines += ["| opcode | arguments | as words | since | what it does |", "|---|---|---|---|---|"]
    for opcode, (since, words, _) in sorted(vectors.OPS.items()):
        arguments = texts.ARGUMENTS.get(opcode, "")
        lines.append(f"| `{opcode:02X}` | {arguments} | {f'`{words}`' if words else ''} | {_since(since)} | {texts.OPS[opcode]} |")
    sizes = "Arguments are one byte each" + "".join(f", `{op:02X}` has four" for op, row in vectors.OPS.items() if "I" in row[2]) + "."
    lines += ["", sizes, "", "| result | | since | |", "|---|---|---|---|"]
    lines += [f"| {getattr(protocol, name)} | {name.lower().replace('_', ' ')} | 1.0 | {says} |" for name, says in texts.RESULTS.items()]
    lines += ["", "Examples, in an order in which all of them succeed (let the session run before the boost, and let the air out before resume):", ""]
    lines += ["| write | answer | |", "|---|---|---|"]
    lines += [f"| `{_hex(row['hex'])}` | `{_hex(row['answer'])}` | {row['says']} |" for row in vectors.build()["commands"]]
    lines += ["", "### States", "", "| | | since | |", "|---|---|---|---|"]
    lines += [f"| {number} | {name} | 1.0 | {STATES[name]} |" for number, name in enumerate(states.NAMES)]
    return lines


def _console() -> list[str]:
    who = ("anybody", "paired", "USB or service mode")
    uuids = vectors.build()["console"]
    lines = [CONSOLE.format(write=uuids["write"], notify=uuids["notify"]).rstrip()]
    for name, arguments, says, allowed, may, _ in table():
        line = f"{name} {arguments}".rstrip().replace("|", "\\|")
        when = "always" if set(allowed) == set(rights.ALWAYS) else ", ".join(states.NAMES[state] for state in allowed)
        lines.append(f"| `{line}` | {says} | {who[may]} | {when} |")
    return lines


def text() -> str:
    """The document."""
    version = f"{protocol.MAJOR}.{protocol.MINOR}"
    parts = [
        HEAD.format(version=version, service=vectors.uuid(0)), PAIRING, *_characteristics(), *_commands(), "", *_console(), "",
        WALK.format(name="Peristal", service=vectors.uuid(0)),
    ]  # fmt: skip
    return "\n".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(text())
