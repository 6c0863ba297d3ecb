"""The hose plan of a board: pump, line, valves as they rest without current, chambers, sensors."""

from __future__ import annotations

from typing import Any

from peristal.core.parts import Valve, Zone
from tools.boards.svg import BLUE, GREEN, GREY, INK, RED, Drawing

STEP = 118
FIRST = 330
LINE_Y = 150
CHAMBER_Y = 300


def draw(board: Any) -> str:
    """The plan as SVG text."""
    zones = [(leg, index, zone) for leg in board.legs for index, zone in enumerate(leg.zones)]
    tall = board.topology == "independent"
    page = Drawing(max(760, FIRST + STEP * len(zones) + 20), 560 if tall else 470)
    page.text(40, 38, f"{board.name}: air", 20, bold=True)
    page.text(40, 60, "Every valve is drawn as it rests without current: with all coils off all zones are open to the air.", 12, GREY)
    end = FIRST + STEP * (len(zones) - 1) + 20
    page.wire((112, LINE_Y), (end, LINE_Y), colour=BLUE, width=5)
    page.circle(80, LINE_Y, 32, "#fff")
    page.area((66, LINE_Y - 16), (66, LINE_Y + 16), (98, LINE_Y), fill="#dbe7f3")
    page.text(80, LINE_Y + 50, "pump", 12, anchor="middle", bold=True)
    page.text(80, LINE_Y + 66, f"{board.pump.flow_ml_min / 1000:g} L/min", 11, GREY, anchor="middle")
    if board.supply.relief_mmhg is not None:
        page.wire((150, LINE_Y), (150, LINE_Y - 30), colour=BLUE, width=3)
        page.box(138, LINE_Y - 54, 24, 24, "#fff", RED)
        page.wire((150, LINE_Y - 54), (150, LINE_Y - 66), colour=RED)
        page.text(170, LINE_Y - 38, f"relief {board.supply.relief_mmhg} mmHg", 11, RED)
    if board.line.sensor:
        _sensor(page, 200, LINE_Y + 24, LINE_Y)
    if board.line.vent:
        page.wire((250, LINE_Y), (250, LINE_Y + 40), colour=BLUE, width=3)
        _valve(page, 250, LINE_Y + 54, board.line.vent, "vent")
        page.wire((250, LINE_Y + 68), (250, LINE_Y + 92), colour=BLUE, width=3)
        page.text(250, LINE_Y + 108, "to the air", 11, GREY, anchor="middle")
    x = FIRST
    for leg in board.legs:
        page.box(x - 34, CHAMBER_Y - 12, STEP * len(leg.zones) - 10, 128, "none", GREY, 10)
        x += STEP * len(leg.zones)
    for place, (_leg, index, zone) in enumerate(zones):
        _zone(page, FIRST + STEP * place + 20, zone, index)
    x = FIRST
    for leg in board.legs:
        page.box(x - 22, CHAMBER_Y + 88, 200, 20, "#fff", "#fff")
        page.text(x - 20, CHAMBER_Y + 103, f"{leg.name} leg, zone 1 at the foot", 12, bold=True)
        x += STEP * len(leg.zones)
    return str(page)


def _sensor(page: Drawing, x: float, y: float, line_y: float) -> None:
    page.wire((x, line_y), (x, y), colour=GREEN, width=2)
    page.circle(x, y + 11, 12, "#fff", GREEN)
    page.text(x, y + 15, "P", 11, GREEN, anchor="middle", bold=True)


def _valve(page: Drawing, x: float, y: float, valve: Valve, says: str) -> None:
    """Two triangles point to point; one that rests closed is filled and barred."""
    shut = valve.rest == "closed"
    fill = INK if shut else "#fff"
    page.area((x - 10, y - 14), (x + 10, y - 14), (x, y), fill=fill)
    page.area((x - 10, y + 14), (x + 10, y + 14), (x, y), fill=fill)
    if shut:
        page.wire((x - 14, y), (x + 14, y), colour=RED, width=3)
    page.text(x + 16, y - 2, says, 11)
    page.text(x + 16, y + 12, f"{'NC' if shut else 'NO'}, C {valve.c_ml_s_bar / 1000:g}", 10, GREY)


def _zone(page: Drawing, x: float, zone: Zone, index: int) -> None:
    valve = zone.inlet or zone.valve
    page.wire((x, LINE_Y), (x, LINE_Y + 60), colour=BLUE, width=3)
    _valve(page, x, LINE_Y + 74, valve, "inlet" if zone.inlet else "zone")
    page.wire((x, LINE_Y + 88), (x, CHAMBER_Y), colour=BLUE, width=3)
    page.box(x - 45, CHAMBER_Y, 90, 76, "#dbe7f3", BLUE, 16)
    page.text(x, CHAMBER_Y + 26, f"zone {index + 1}", 13, anchor="middle", bold=True)
    page.text(x, CHAMBER_Y + 42, f"{zone.volume_ml / 1000:g} L", 11, GREY, anchor="middle")
    if zone.sensor:
        page.circle(x + 30, CHAMBER_Y + 60, 10, "#fff", GREEN)
        page.text(x + 30, CHAMBER_Y + 64, "P", 10, GREEN, anchor="middle", bold=True)
    if zone.exhaust:
        page.wire((x, CHAMBER_Y + 76), (x, CHAMBER_Y + 142), colour=BLUE, width=3)
        _valve(page, x, CHAMBER_Y + 156, zone.exhaust, "exhaust")
        page.wire((x, CHAMBER_Y + 170), (x, CHAMBER_Y + 196), colour=BLUE, width=3)
        page.text(x, CHAMBER_Y + 214, "to the air", 11, GREY, anchor="middle")
