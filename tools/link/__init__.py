"""Links the firmware for a board: fewer files, no constants to look up, nothing that only the host's documents need."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
if str(FIRMWARE) not in sys.path:
    sys.path.insert(0, str(FIRMWARE))

from tools.link.bundle import Linker  # noqa: E402
from tools.link.modules import LinkError  # noqa: E402
from tools.link.texts import FILE  # noqa: E402

__all__ = ["FIRMWARE", "HOT", "LinkError", "places", "texts", "units"]

# Where a tick spends most opcodes (make bench): arithmetic over arrays, no loop that could hang and keep the deadman's timer out. Only
# two, because machine code is four times as long as bytecode and lies in the chip's scarce instruction memory.
HOT = ("peristal.core.drive", "peristal.core.levels")


# What was linked is kept for the next process, by all that it hangs on: make flash, make mpy and the tests take seconds less.
KEPT = FIRMWARE.parent / "build" / "link"
MOST_KEPT = 8


def units(firmware: Path = FIRMWARE) -> dict[str, str]:
    """Path on the device without suffix ("peristal/app") -> source of each linked unit. Raises LinkError."""
    return dict(_linked(firmware, _digest(firmware))["units"])


def texts(firmware: Path = FIRMWARE) -> dict[str, bytes]:
    """Path on the device -> content of the file that the units read their long texts from. Raises LinkError."""
    return {FILE: _linked(firmware, _digest(firmware))["texts"].encode()}


def places(firmware: Path = FIRMWARE) -> dict[str, list[str]]:
    """Name of a function on the device -> where it stands in the sources. Raises LinkError."""
    return dict(_linked(firmware, _digest(firmware))["places"])


def _digest(firmware: Path) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for root in (firmware, FIRMWARE, Path(__file__).parent):
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


@cache
def _linked(firmware: Path, digest: str) -> dict[str, Any]:
    kept = KEPT / f"{digest}.json"
    try:
        return json.loads(kept.read_text())
    except (OSError, ValueError):
        pass  # not linked yet, or by somebody whose disk was full
    linker = Linker(firmware, HOT)
    units = {linker.path_of(name): source for name, source in linker.units().items()}
    made = {"units": units, "texts": linker.texts.data.decode() if linker.texts else "", "places": linker.places}
    try:
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in sorted(KEPT.glob("*.json"), key=lambda path: path.stat().st_mtime)[: 1 - MOST_KEPT]:
            old.unlink()
        beside = kept.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(made))
        os.replace(beside, kept)
    except OSError:
        pass  # it only saves time
    return made
