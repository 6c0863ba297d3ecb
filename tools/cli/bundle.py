"""`peristal bundle`: what a bug report needs, in one file that can be shown to anybody.

Nothing in it says whose device it is: no address, no name, no key, no bond, no own program, no record of sessions and nothing of what is
remembered of the wearer. What stays is how the device is, what it measured of its own parts, and what happened.
"""

from __future__ import annotations

import io
import json
import platform
import re
import zipfile
from importlib import metadata
from typing import Any

from tools.ble import packets
from tools.cli import show
from tools.cli.device import Device
from tools.cli.trouble import FAILED, LOST, Trouble

LINES = (  # the console's answers, and why each is needed
    ("status", "state, pressures and fault"), ("notices", "notices of the last session"), ("fault", "the latched fault"),
    ("zones", "self-test, leak and vent time of each zone"), ("learned", "what was learned of each zone"),
    ("loop", "whether the loop was late"), ("journal", "what happened since each start-up"),
)  # fmt: skip
LEFT_OUT = (
    "Left out: addresses, names, keys, bonds, own programs, the record of sessions, what is remembered of the wearer, the time of day."
)
REDACTIONS = (
    (re.compile(r"\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b"), "<address>"),
    (re.compile(r"\b[0-9A-Fa-f]{12,}\b"), "<hex>"),
    (re.compile(r"\bclock set\b.*"), "clock set"),
)


def redact(text: str, secrets: set[str], known: set[str]) -> str:
    """The text without addresses, keys, times, and the given secrets; names of programs stay where they are built in (`known`)."""
    text = re.sub(r"\bprogram=(\S+)", lambda found: found[0] if found[1] in known else "program=<own>", text)
    for pattern, instead in REDACTIONS:
        text = pattern.sub(instead, text)
    for secret in sorted(secrets - {""}, key=len, reverse=True):
        text = re.sub(re.escape(secret), "<name>", text, flags=re.IGNORECASE)
    return text


async def collect(device: Device) -> dict[str, str]:
    """File name: content."""
    own = {line.split()[0] for line in (await device.line("program list"))[:-1]}
    known = set(await device.programs()) - own
    secrets = {device.link.found.name, device.link.found.address} | own
    said: dict[str, str] = {}
    for line, _ in LINES:
        try:
            lines = await device.line(line)
        except Trouble as trouble:
            if trouble.code == LOST:
                raise
            lines = [f"not told: {trouble.text}"]
        said[f"{line}.txt"] = redact("\n".join(lines), secrets, known) + "\n"
    features = device.features
    await device.pressures()
    told = show.status_of(device)
    told.pop("device")
    told |= {"features": vars(features)}
    said["status.json"] = redact(json.dumps(told, indent=1), secrets, known) + "\n"
    about = {
        "program": "peristal", "protocol": packets.VECTORS["protocol"], "python": platform.python_version(), "system": platform.system(),
        "release": platform.release(), "bleak": _version("bleak"), "rich": _version("rich"),
    }  # fmt: skip
    said["computer.json"] = json.dumps(about, indent=1) + "\n"
    return {"README.txt": readme(said), **said}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"


def readme(files: dict[str, str]) -> str:
    """What is in the bundle."""
    why = {f"{line}.txt": says for line, says in LINES}
    why |= {"status.json": "the same as data, and what the board is", "computer.json": "versions here"}
    lines = ["A bundle for a bug report on Peristal. Please look into it before you send it.", ""]
    lines += [f"{name:<16}{why[name]}" for name in files]
    return "\n".join([*lines, "", LEFT_OUT]) + "\n"


def pack(files: dict[str, str]) -> bytes:
    """The files as a zip, the same bytes for the same content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


async def bundle(call: Any) -> Any:
    """Collects, redacts, writes, and says what is in it."""
    with call.progress("asking the device", None):
        files = await collect(call.device)
    path = call.options.output
    try:
        path.write_bytes(pack(files))
    except OSError as error:
        raise Trouble(FAILED, f"--output: {path} cannot be written: {error.strerror}") from None
    call.tell(f"{path}\n\n{files['README.txt']}")
    return {"file": str(path), "contains": list(files), "left_out": LEFT_OUT}
