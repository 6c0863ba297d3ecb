"""The paper of the session's picture: a figure laid out in inches from the top left, and its colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Okabe and Ito's palette, which stays distinct for colour-blind readers; zone 1 (foot) first, at most six zones.
ZONE_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#7F5539")
LIMIT_COLOUR = "#C1272D"
INK, SOFT, FAINT = "#222222", "#6B6B6B", "#D9D9D9"
DASHED = (0, (5, 3))
WIDTH_IN, LEFT_IN, RIGHT_IN = 13.0, 0.95, 0.3
DPI = 110


class Sheet:
    """One figure of a given height; `axes` and `write` take inches."""

    def __init__(self, height_in: float) -> None:
        self.height_in = height_in
        self.inner_in = WIDTH_IN - LEFT_IN - RIGHT_IN
        self.figure = Figure(figsize=(WIDTH_IN, height_in), facecolor="white")
        FigureCanvasAgg(self.figure)

    def axes(self, left_in: float, top_in: float, width_in: float, height_in: float) -> Any:
        """Axes in the sheet's style, with only their left and bottom lines."""
        box = (left_in / WIDTH_IN, 1 - (top_in + height_in) / self.height_in, width_in / WIDTH_IN, height_in / self.height_in)
        axes = self.figure.add_axes(box)
        axes.tick_params(labelsize=8.5, colors=SOFT, length=3, width=0.6)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(FAINT)
        return axes

    def write(self, left_in: float, top_in: float, text: str, size: float, colour: str = INK, **how: Any) -> None:
        """A line of text; `top_in` is its baseline."""
        self.figure.text(left_in / WIDTH_IN, 1 - top_in / self.height_in, text, size=size, color=colour, va="baseline", **how)

    def save(self, path: Path) -> None:
        """Writes a PNG, whatever the file is called. Raises OSError."""
        self.figure.savefig(path, format="png", dpi=DPI)
