"""Writes PARAMETERS.md from the plant's own table: `python -m tools.simulator.parameters`."""

from __future__ import annotations

from pathlib import Path

from tools.simulator.plant_params import TABLE

DOCUMENT = Path(__file__).with_name("PARAMETERS.md")
HEAD = """# What the simulated plant is made of

Generated from `plant_params.py` by `python -m tools.simulator.parameters`. Litres are free air, pressures gauge; C is the
sonic conductance of ISO 6358. `least` and `most` bound what a healthy, buyable part shows; random plants stay inside them.

| parameter | what it is | unit | least | default | most | source |
|---|---|---|---|---|---|---|
"""


def _cell(value: object) -> str:
    return "" if value is None or value == () else str(value)


def text() -> str:
    """The document."""
    rows = []
    for row in TABLE:
        default = row.default if isinstance(row.default, (int, float, str)) else ""
        cells = (f"`{row.name}`", row.says, row.unit, row.min, default, row.max, row.source)
        rows.append("| " + " | ".join(_cell(cell).replace("|", " or ") for cell in cells) + " |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(text())
