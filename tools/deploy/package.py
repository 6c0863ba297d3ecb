"""firmware/package.json, by which mip installs the sources."""

from __future__ import annotations

import json
from pathlib import Path

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"


def package_json() -> str:
    """What `mip install` copies, as sources; board.py is yours."""
    names = [path.relative_to(FIRMWARE).as_posix() for path in sorted(FIRMWARE.rglob("*.py"))]
    return json.dumps({"urls": [[name, name] for name in names], "deps": [], "version": "0.1"}, indent=1) + "\n"
