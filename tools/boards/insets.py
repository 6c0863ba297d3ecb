"""The circuits that a board repeats: driver, enable, divider, button."""

from __future__ import annotations

from peristal.core.board import Board
from tools.boards.names import divider
from tools.boards.svg import BLUE, GREEN, GREY, ORANGE, RED, Drawing

HEIGHT = 290


def draw_insets(page: Drawing, board: Board, top: float) -> None:
    """Draws them side by side below `top`."""
    has_enable = board.supply.enable_pin is not None
    for x, width, title in ((40, 330, "driver: each valve and the pump"), (390, 460, "12 V switch"), (870, 290, "each sensor")):
        if title == "12 V switch" and not has_enable:
            continue
        page.box(x, top, width, HEIGHT, "#fff", "#cbd2d9")
        page.text(x + 14, top + 24, title, 13, bold=True)
    _driver(page, 40, top)
    if has_enable:
        _enable(page, 390, top, board.supply.enable_pin)
    _divider(page, 870, top, board)


def _driver(page: Drawing, x: float, top: float) -> None:
    gate, drain = top + 190, x + 200
    page.wire((drain, top + 50), (drain, top + 76), colour=RED, width=2)
    page.text(drain + 12, top + 52, "12 V, switched", 11, RED)
    page.coil(drain, top + 98, "coil or motor")
    page.wire((drain, top + 120), (drain, gate - 22))
    page.dot(drain, top + 66)
    page.dot(drain, top + 134)
    page.wire((drain, top + 66), (drain + 56, top + 66), (drain + 56, top + 134), (drain, top + 134))
    page.diode(drain + 56, top + 100)
    page.text(drain + 70, top + 98, "flyback", 11)
    page.text(drain + 70, top + 112, "Schottky", 11)
    page.transistor(drain, gate, "logic-level")
    page.text(drain + 6, gate + 18, "N-MOSFET", 11)
    page.wire((x + 20, gate), (drain - 26, gate), colour=BLUE)
    page.resistor(x + 74, gate, "100")
    page.text(x + 18, gate - 12, "GPIO", 11, BLUE)
    page.dot(x + 128, gate)
    page.wire((x + 128, gate), (x + 128, top + 250))
    page.resistor(x + 128, gate + 32, "10 k", upright=True)
    page.ground(x + 128, top + 250)
    page.wire((drain, gate + 22), (drain, top + 250))
    page.ground(drain, top + 250)
    page.text(x + 14, top + 280, "The 10 k keeps it off while the chip starts or is missing.", 10, GREY)


def _enable(page: Drawing, x: float, top: float, pin: int) -> None:
    y = top + 150
    page.text(x + 14, y - 30, f"GPIO {pin}", 11, GREEN)
    page.wire((x + 14, y), (x + 110, y), colour=GREEN)
    page.resistor(x + 54, y + 0, "220")
    page.wire((x + 116, y), (x + 260, y))
    page.capacitor(x + 113, y, "4.7 uF")
    page.dot(x + 145, y)
    page.wire((x + 145, y), (x + 145, top + 235))
    page.diode(x + 145, y + 44)
    page.ground(x + 145, top + 235)
    page.diode(x + 180, y, to="right")
    page.text(x + 172, y - 16, "BAT54S", 11)
    page.dot(x + 215, y)
    page.wire((x + 215, y), (x + 215, top + 235))
    page.box(x + 206, y + 30, 18, 20, "#fff", "#fff")
    page.capacitor(x + 215, y + 40, "1 uF", upright=True)
    page.ground(x + 215, top + 235)
    page.dot(x + 278, y)
    page.wire((x + 278, y), (x + 278, top + 235))
    page.resistor(x + 278, y + 40, "39 k", upright=True)
    page.ground(x + 278, top + 235)
    page.wire((x + 260, y), (x + 324, y))
    page.transistor(x + 350, y, "N-MOSFET")
    page.wire((x + 350, y + 22), (x + 350, top + 235))
    page.ground(x + 350, top + 235)
    page.wire((x + 350, y - 22), (x + 350, top + 90))
    page.box(x + 310, top + 62, 80, 28, "#fff")
    page.text(x + 350, top + 80, "P-MOSFET", 11, anchor="middle")
    page.wire((x + 270, top + 70), (x + 310, top + 70), colour=RED, width=2)
    page.wire((x + 390, top + 70), (x + 440, top + 70), colour=RED, width=2)
    page.text(x + 262, top + 62, "12 V", 11, RED)
    page.text(x + 440, top + 62, "switched", 11, RED, anchor="end")
    page.text(x + 358, top + 106, "10 k to source", 10, GREY)
    page.text(x + 14, top + 266, "Toggled every 20 ms it holds; 85 ms after the last edge it is off (calculated).", 10, GREY)
    page.text(x + 14, top + 280, "A level that stays, high or low, is off too.", 10, GREY)


def _divider(page: Drawing, x: float, top: float, board: Board) -> None:
    sensor = board.sensors()[0][1]
    upper, lower = divider(sensor)
    y = top + 90
    page.box(x + 16, y - 22, 74, 44)
    page.text(x + 53, y + 4, "sensor", 11, anchor="middle")
    page.wire((x + 53, y - 22), (x + 53, y - 40), colour=ORANGE)
    page.text(x + 60, y - 30, f"{sensor.rail_mv / 1000:g} V", 11, ORANGE)
    page.wire((x + 53, y + 22), (x + 53, top + 220))
    page.ground(x + 53, top + 220)
    page.wire((x + 90, y), (x + 180, y))
    if sensor.divider_permille < 1000:
        page.resistor(x + 128, y, upper)
    page.dot(x + 168, y)
    if sensor.divider_permille < 1000:
        page.wire((x + 168, y), (x + 168, top + 220))
        page.resistor(x + 168, y + 60, lower, upright=True)
        page.ground(x + 168, top + 220)
    page.wire((x + 168, y), (x + 270, y), colour=GREEN)
    page.text(x + 272, y - 10, "mux" if sensor.pin is None or board.mux else "ADC pin", 11, GREEN, anchor="end")
    page.dot(x + 228, y)
    page.wire((x + 228, y), (x + 228, top + 220))
    page.box(x + 220, y + 50, 16, 20, "#fff", "#fff")
    page.capacitor(x + 228, y + 60, "100 nF", upright=True)
    page.ground(x + 228, top + 220)
    says = "The 100 nF sit before the multiplexer, not behind it." if board.mux else "The 100 nF sit at the pin."
    page.text(x + 14, top + 266, says, 10, GREY)
    page.text(x + 14, top + 280, f"Zero {sensor.zero_mv} mV, {sensor.full_mv} mV at {sensor.range_pa // 1000} kPa.", 10, GREY)
