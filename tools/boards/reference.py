"""Writes boards/REFERENCE.md from the schema: every key, unit, range, default."""

from __future__ import annotations

from typing import Any

from peristal.core.parts import REQUIRED
from tools.boards.words import CLASSES, WORDS, unit

HEAD = """# What a board file says

Generated from `firmware/peristal/core/parts.py` and `board.py`, which check every board file against it, by
`python3 tools/dev.py documents`. A key that is not listed here, or a value outside its range, is refused with a line that names it.
A board file is Python: common figures may be written once and used often, as the boards that ship do.
`make check BOARD=...` says more about a board than the ranges can; `make new-board NAME=...` writes one.
"""


def text() -> str:
    """The document."""
    sections = [HEAD]
    for part in CLASSES:
        says = (part.__doc__ or "").split(" Raises")[0].strip()
        rows = [f"## {part.__name__}\n\n{says}\n", "| key | what it is | unit | allowed | default |", "|---|---|---|---|---|"]
        for key, field in part.FIELDS.items():
            rows.append(f"| `{key}` | {WORDS[f'{part.__name__}.{key}']} | {unit(key)} | {_allowed(field)} | {_default(field)} |")
        sections.append("\n".join(rows) + "\n")
    return "\n".join(sections)


def _allowed(field: tuple[Any, Any, Any]) -> str:
    kind, high, _ = field
    if isinstance(kind, tuple):
        return ", ".join(f"`{word}`" for word in kind)
    if isinstance(kind, int):
        return f"{kind} to {high}"
    name = {"str": "text", "int": "number"}.get(kind.__name__, f"[{kind.__name__}](#{kind.__name__.lower()})")
    return f"a tuple of {name}" if high == "many" else name


def _default(field: tuple[Any, Any, Any]) -> str:
    if field[2] is REQUIRED:
        return "must be said"
    return "none" if field[2] is None else f"`{field[2]}`" if isinstance(field[2], str) else str(field[2])
