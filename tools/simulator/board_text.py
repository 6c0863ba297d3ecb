"""The text of a board.py for a Board that was built in Python: how random boards get onto the simulated chip's flash."""

from __future__ import annotations

from typing import Any

PARTS = ("Leg", "Line", "Mux", "Panel", "Pump", "Sensor", "Supply", "Valve", "Zone")


def text_of(board: Any) -> str:
    """A board.py that builds the same Board; fields at their default are left out."""
    return f"from peristal.core.board import Board\nfrom peristal.core.parts import {', '.join(PARTS)}\n\nBOARD = {_text(board)}\n"


def _text(value: Any) -> str:
    fields = getattr(value, "FIELDS", None)
    if fields is None:
        return repr(value)
    given = []
    for key, field in fields.items():
        held = getattr(value, key)
        if isinstance(held, (tuple, list)) and field[1] == "many":
            given.append(f"{key}=({''.join(_text(part) + ', ' for part in held)})")
        elif held != field[2]:
            given.append(f"{key}={_text(held)}")
    return f"{type(value).__name__}({', '.join(given)})"
