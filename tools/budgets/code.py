"""Bytes of bytecode, module by module, as `make flash ARGS=--bytecode` puts them on the device (without line numbers)."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.mpy import ROOT, compile_mpy


def sizes() -> dict[str, int]:
    """Module (path under firmware/) -> bytes of its .mpy. main.py counts too, although it is deployed as source."""
    firmware = ROOT / "firmware"
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.mpy"
        for path in sorted(firmware.rglob("*.py")):
            name = path.relative_to(firmware).as_posix()
            compile_mpy(path, target, name, optimise=3)
            found[name] = target.stat().st_size
    return found
