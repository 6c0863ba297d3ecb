"""The wiring diagram of a board: every pin and what hangs on it, and the few circuits that each of them repeats."""

from __future__ import annotations

from typing import Any

from peristal.core.board import Board
from tools.boards.insets import draw_insets
from tools.boards.names import CHIP_NAMES, divider, panel_parts, place, valve_figures
from tools.boards.parts_list import fuse_a
from tools.boards.svg import BLUE, GREEN, GREY, INK, ORANGE, RED, Drawing

WIDTH = 1200
TOP = 220
ROW = 38
LEFT, CHIP_LEFT, CHIP_RIGHT, DRIVER, LOAD, LOAD_WIDTH, RAIL = 40, 480, 640, 690, 776, 350, 1150


def draw(board: Any) -> str:
    """The diagram as SVG text."""
    loads = _loads(board)
    rows = max(len(loads), _left_rows(board))
    bottom = TOP + ROW * rows + 20
    page = Drawing(WIDTH, bottom + 330)
    page.text(LEFT, 38, board.name, 20, bold=True)
    page.text(LEFT, 60, f"{board.title} - drawn from board.py; grounds of all parts are joined and not drawn", 12, GREY)
    page.box(CHIP_LEFT, TOP - 44, CHIP_RIGHT - CHIP_LEFT, ROW * rows + 52, "#e8eef5")
    page.text((CHIP_LEFT + CHIP_RIGHT) / 2, TOP - 24, CHIP_NAMES[board.chip] + " module", 13, anchor="middle", bold=True)
    _power(page, board)
    _right(page, board, loads)
    _left(page, board)
    draw_insets(page, board, bottom)
    return str(page)


def _loads(board: Any) -> list[tuple[int, str, str]]:
    """(pin, name, figures) of what is switched at 12 V."""
    pump = board.pump
    found = [(pump.pin, "pump", f"{pump.flow_ml_min / 1000:g} L/min, {pump.stall_mmhg} mmHg, {pump.current_ma} mA")]
    return found + [(valve.pin, place(board, path), valve_figures(valve)) for path, valve in board.valves()]


def _left_rows(board: Board) -> int:
    direct = [sensor for _, sensor in board.sensors() if sensor.pin is not None]
    muxed = [sensor for _, sensor in board.sensors() if sensor.pin is None]
    return len(direct) + (max(len(muxed), 1 + len(board.mux.select_pins)) + 1 if board.mux else 0) + len(panel_parts(board))


def _power(page: Drawing, board: Board) -> None:
    supply = board.supply
    y = 112
    volts = f"{supply.voltage_mv / 1000:g} V"
    page.box(LEFT, y - 26, 220, 52, "#fdf3f2", RED)
    page.text(LEFT + 110, y - 5, f"{volts} supply, {supply.current_ma / 1000:g} A", 13, anchor="middle", bold=True)
    page.text(LEFT + 110, y + 13, "plug-in, double-insulated", 11, anchor="middle")
    page.wire((LEFT + 220, y), (310, y), colour=RED, width=2.4)
    page.box(310, y - 12, 84, 24, "#fff", RED)
    page.text(352, y + 4, f"fuse {fuse_a(board)} A T", 11, anchor="middle")
    page.wire((394, y), (700, y), colour=RED, width=2.4)
    page.dot(440, y, RED)
    page.wire((440, y), (440, 148), (470, 148), colour=RED, width=2.4)
    page.box(470, 134, 90, 28, "#fff", ORANGE)
    page.text(515, 152, f"{volts} to 5 V", 11, anchor="middle")
    page.wire((560, 148), (600, 148), (600, TOP - 44), colour=ORANGE, width=2)
    page.text(608, 168, "5 V, sensors too", 10, ORANGE)
    if supply.enable_pin is not None:
        page.box(700, y - 26, 200, 52, "#fff", RED)
        page.text(800, y - 5, "12 V switch", 12, anchor="middle", bold=True)
        page.text(800, y + 13, "on while it is toggled", 11, anchor="middle")
        page.wire((900, y), (RAIL, y), colour=RED, width=2.4)
        page.text(910, y - 8, f"{volts} for pump and coils only", 11, RED)
        page.wire((CHIP_RIGHT, TOP - 4), (800, TOP - 4), (800, y + 26), colour=GREEN)
        page.text(CHIP_RIGHT - 8, TOP, f"enable  GPIO {supply.enable_pin}", 11, anchor="end")
    else:
        page.wire((700, y), (RAIL, y), colour=RED, width=2.4)


def _right(page: Drawing, board: Board, loads: list[tuple[int, str, str]]) -> None:
    for row, (pin, name, figures) in enumerate(loads):
        y = TOP + 24 + row * ROW
        page.text(CHIP_RIGHT - 8, y + 4, f"GPIO {pin}", 12, anchor="end")
        page.wire((CHIP_RIGHT, y), (DRIVER, y), colour=BLUE)
        page.box(DRIVER, y - 12, 62, 24, "#fff", BLUE)
        page.text(DRIVER + 31, y + 4, "driver", 11, anchor="middle")
        page.wire((DRIVER + 62, y), (LOAD, y), colour=INK)
        page.box(LOAD, y - 15, LOAD_WIDTH, 30)
        page.text(LOAD + 10, y + 4, name, 12, bold=True)
        page.text(LOAD + LOAD_WIDTH - 8, y + 4, figures, 10, GREY, anchor="end")
        page.wire((LOAD + LOAD_WIDTH, y), (RAIL, y), colour=RED)
        page.dot(RAIL, y, RED)
    page.wire((RAIL, 112), (RAIL, TOP + 24 + (len(loads) - 1) * ROW), colour=RED, width=2.4)


def _left(page: Drawing, board: Board) -> None:
    row = 0

    def line() -> float:
        nonlocal row
        row += 1
        return TOP + 24 + (row - 1) * ROW

    direct = [(path, sensor) for path, sensor in board.sensors() if sensor.pin is not None]
    muxed = [(path, sensor) for path, sensor in board.sensors() if sensor.pin is None]
    for path, sensor in direct:
        y = line()
        page.box(LEFT, y - 15, 240, 30)
        page.text(LEFT + 10, y + 4, place(board, path), 12, bold=True)
        page.text(LEFT + 232, y + 4, f"0-{sensor.range_pa // 1000} kPa", 10, GREY, anchor="end")
        page.wire((LEFT + 240, y), (320, y))
        page.box(320, y - 12, 100, 24, "#fff")
        page.text(370, y + 4, " / ".join(divider(sensor)), 11, anchor="middle")
        page.wire((420, y), (CHIP_LEFT, y), colour=GREEN)
        page.text(CHIP_LEFT + 8, y + 4, f"GPIO {sensor.pin}", 12)
    if board.mux:
        first = row
        for path, sensor in muxed:
            y = line()
            page.box(LEFT, y - 15, 200, 30)
            page.text(LEFT + 10, y + 4, place(board, path), 12, bold=True)
            page.wire((LEFT + 200, y), (340, y))
            page.box(256, y - 11, 68, 22, "#fff")
            page.text(290, y + 4, "/".join(divider(sensor)).replace(" ", ""), 10, anchor="middle")
            page.text(346, y + 4, f"ch {sensor.mux_channel}", 10)
        pins = [(board.mux.pin, "common"), *[(pin, f"S{bit}") for bit, pin in enumerate(board.mux.select_pins)]]
        row = first + max(len(muxed), len(pins))
        top = TOP + 24 + first * ROW
        page.box(340, top - 19, 90, ROW * (row - first), "none", INK)
        page.text(385, top - 7 + ROW * (row - first - 1) + 40, "analog multiplexer", 10, GREY, anchor="middle")
        for index, (pin, says) in enumerate(pins):
            y = top + index * ROW
            page.text(424, y + 4, says, 10, anchor="end")
            page.wire((430, y), (CHIP_LEFT, y), colour=GREEN if index == 0 else BLUE)
            page.text(CHIP_LEFT + 8, y + 4, f"GPIO {pin}", 12)
        row += 1
    for _, pin, says in panel_parts(board):
        y = line()
        page.box(LEFT + 150, y - 13, 230, 26, "#fff")
        page.text(LEFT + 160, y + 4, says, 11)
        page.wire((LEFT + 380, y), (CHIP_LEFT, y), colour=GREY)
        page.text(CHIP_LEFT + 8, y + 4, f"GPIO {pin}", 12)
