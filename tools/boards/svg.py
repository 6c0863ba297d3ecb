"""A little SVG: shapes, wires and the symbols of a circuit diagram, collected in one drawing."""

from __future__ import annotations

from html import escape

INK, PALE, RED, ORANGE, BLUE, GREEN, GREY = "#1f2933", "#f4f6f8", "#c0392b", "#b9770e", "#1f5fa8", "#1e8449", "#7b8794"
FONT = "font-family=\"'DejaVu Sans',Verdana,Arial,sans-serif\""


class Drawing:
    """Coordinates in pixels from the upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._shapes: list[str] = []

    def text(self, x: float, y: float, says: str, size: int = 12, colour: str = INK, anchor: str = "start", bold: bool = False) -> None:
        """One line of text; y is its base line."""
        weight = ' font-weight="bold"' if bold else ""
        self._shapes.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>{escape(says)}</text>'
        )

    def box(self, x: float, y: float, w: float, h: float, fill: str = PALE, line: str = INK, round_: int = 4) -> None:
        """A rectangle."""
        self._shapes.append(
            f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{round_}" fill="{fill}" stroke="{line}" stroke-width="1.3"/>'
        )

    def wire(self, *points: tuple[float, float], colour: str = INK, width: float = 1.6, dashed: bool = False) -> None:
        """A line through points."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self._shapes.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dash}/>')

    def dot(self, x: float, y: float, colour: str = INK, radius: float = 3) -> None:
        """A joint of wires."""
        self._shapes.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{colour}"/>')

    def circle(self, x: float, y: float, radius: float, fill: str = PALE, line: str = INK) -> None:
        """A circle."""
        self._shapes.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" stroke="{line}" stroke-width="1.3"/>')

    def area(self, *points: tuple[float, float], fill: str = PALE, line: str = INK) -> None:
        """A filled polygon."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._shapes.append(f'<polygon points="{path}" fill="{fill}" stroke="{line}" stroke-width="1.3" stroke-linejoin="round"/>')

    # --- symbols ----------------------------------------------------------------------------------------------------

    def resistor(self, x: float, y: float, label: str, upright: bool = False) -> None:
        """36 long, centred on x, y."""
        if upright:
            self.box(x - 6, y - 18, 12, 36, "#fff", round_=0)
            self.text(x + 11, y + 4, label, 11)
        else:
            self.box(x - 18, y - 6, 36, 12, "#fff", round_=0)
            self.text(x, y - 11, label, 11, anchor="middle")

    def capacitor(self, x: float, y: float, label: str, upright: bool = False) -> None:
        """Plates 6 apart, centred on x, y."""
        if upright:
            self.wire((x - 11, y - 3), (x + 11, y - 3), width=2)
            self.wire((x - 11, y + 3), (x + 11, y + 3), width=2)
            self.text(x + 15, y + 4, label, 11)
        else:
            self.wire((x - 3, y - 11), (x - 3, y + 11), width=2)
            self.wire((x + 3, y - 11), (x + 3, y + 11), width=2)
            self.text(x, y - 15, label, 11, anchor="middle")

    def diode(self, x: float, y: float, to: str = "up") -> None:
        """20 long, centred on x, y; `to` is where its current goes: up or right."""
        if to == "up":
            self.area((x - 8, y + 8), (x + 8, y + 8), (x, y - 6), fill="#fff")
            self.wire((x - 8, y - 7), (x + 8, y - 7), width=2)
        else:
            self.area((x - 8, y - 8), (x - 8, y + 8), (x + 6, y), fill="#fff")
            self.wire((x + 7, y - 8), (x + 7, y + 8), width=2)

    def ground(self, x: float, y: float) -> None:
        """The point where a wire ends in ground."""
        for half, down in ((10, 0), (6, 4), (2, 8)):
            self.wire((x - half, y + down), (x + half, y + down), width=1.6)

    def transistor(self, x: float, y: float, label: str) -> None:
        """An N-MOSFET: gate at x - 26, y; drain at x, y - 22; source at x, y + 22."""
        self.wire((x - 26, y), (x - 12, y))
        self.wire((x - 12, y - 12), (x - 12, y + 12), width=2)
        self.wire((x - 7, y - 14), (x - 7, y + 14), width=2)
        self.wire((x - 7, y - 10), (x, y - 10), (x, y - 22))
        self.wire((x - 7, y + 10), (x, y + 10), (x, y + 22))
        self.text(x + 6, y + 4, label, 11)

    def coil(self, x: float, y: float, label: str) -> None:
        """An upright load 44 long, centred on x, y."""
        self.box(x - 11, y - 22, 22, 44, "#fff", round_=0)
        self.wire((x - 11, y + 22), (x + 11, y - 22), width=1)
        self.text(x - 16, y + 4, label, 11, anchor="end")

    def __str__(self) -> str:
        size = f'width="{self.width}" height="{self.height}" viewBox="0 0 {self.width} {self.height}"'
        page = f'<rect width="{self.width}" height="{self.height}" fill="#fff"/>'
        return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {FONT}>', page, *self._shapes, "</svg>\n"])
