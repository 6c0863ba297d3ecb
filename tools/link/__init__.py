"""Links the firmware for a board: fewer files, no constants to look up, nothing that only the host's documents need."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
if str(FIRMWARE) not in sys.path:
    sys.path.insert(0, str(FIRMWARE))

from tools.link.bundle import Linker  # noqa: E402
from tools.link.modules import LinkError  # noqa: E402

__all__ = ["FIRMWARE", "HOT", "LinkError", "units"]

# Where a tick spends most opcodes (make bench): arithmetic over arrays, no loop that could hang and keep the deadman's timer out. Only
# two, because machine code is four times as long as bytecode and lies in the chip's scarce instruction memory.
HOT = ("peristal.core.drive", "peristal.core.levels")


def units(firmware: Path = FIRMWARE) -> dict[str, str]:
    """Path on the device without suffix ("peristal/app") -> source of each linked unit. Raises LinkError."""
    digest = hashlib.sha256()
    for path in sorted(firmware.rglob("*.py")):
        digest.update(path.as_posix().encode() + path.read_bytes())
    return dict(_units(firmware, digest.hexdigest()))


@cache
def _units(firmware: Path, digest: str) -> dict[str, str]:
    linker = Linker(firmware, HOT)
    return {linker.path_of(name): source for name, source in linker.units().items()}
