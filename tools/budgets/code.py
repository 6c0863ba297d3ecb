"""Bytes of bytecode, file by file, as `make flash ARGS=--bytecode` puts them on the device (linked, without line numbers)."""

from __future__ import annotations

from tools import link
from tools.deploy import build


def sizes() -> dict[str, int]:
    """File on the device, without suffix -> bytes of its .mpy. main.py counts too, although it is deployed as source."""
    sources = {**link.units(), "main": (link.FIRMWARE / "main.py").read_text()}
    return {name: len(build.compiled(source, name)) for name, source in sources.items()}
