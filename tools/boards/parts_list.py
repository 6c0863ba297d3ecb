"""The parts of a board with their figures, counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from peristal.core.board import Board
from peristal.core.parts import Valve
from tools.boards.names import CHIP_NAMES, conductance, divider
from tools.boards.rules_power import worst_ma

FUSES_A = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0, 10.0, 12.5, 16.0)


def fuse_a(board: Board) -> str:
    """The next fuse above the worst current: it carries that for good and still blows before the supply gives up."""
    return f"{next((size for size in FUSES_A if size * 1000 >= worst_ma(board) * 1.05), FUSES_A[-1]):g}"


def parts(board: Any) -> list[tuple[int, str, str]]:
    """(count, part, figures)."""
    supply, pump, line = board.supply, board.pump, board.line
    volts = f"{supply.voltage_mv / 1000:g} V"
    memory = "USB" if board.psram == "none" else f"USB and {board.psram} PSRAM"
    found = [
        (1, f"{CHIP_NAMES[board.chip]} module", f"with {memory}; MicroPython 1.26 or newer"),
        (
            1,
            "power supply",
            f"{volts}, {supply.current_ma / 1000:g} A, plug-in, double-insulated (class II): a person sits in it",
        ),
        (1, "fuse", f"{fuse_a(board)} A, slow, in the {volts} line"),
        (1, "converter", f"{volts} to 5 V, 1 A, for module and sensors"),
        (
            1,
            "pump",
            f"diaphragm, {pump.flow_ml_min / 1000:g} L/min free flow, stalls at {pump.stall_mmhg} mmHg, {volts}, {pump.current_ma} mA",
        ),
    ]
    found += _valves(board)
    if supply.relief_mmhg is not None:
        found.append(
            (
                1,
                "relief valve",
                f"mechanical, opens at {supply.relief_mmhg} mmHg, passes the pump's whole flow; before any valve",
            )
        )
    if supply.enable_pin is not None:
        found.append((1, "12 V switch", "P-MOSFET for the whole current, N-MOSFET, BAT54S, 4.7 uF, 1 uF, 39 k, 220, 10 k (see diagram)"))
    switched = 1 + len(board.valves())
    most_ma = max([pump.current_ma, *[valve.current_ma for _, valve in board.valves()]])
    found.append(
        (switched, "driver", f"logic-level N-MOSFET fully on at 3 V, 30 V, above {3 * most_ma / 1000:g} A; 100 ohm, 10 k at the gate")
    )
    found.append((switched, "flyback diode", f"Schottky, 40 V, above {most_ma / 1000:g} A, across each coil and the motor"))
    sensors = board.sensors()
    kinds = Counter((s.range_pa, s.zero_mv, s.full_mv, s.rail_mv, divider(s), s.divider_permille) for _, s in sensors)
    for (range_pa, zero, full, rail, (upper, lower), permille), count in kinds.items():
        says = f"0 to {range_pa // 1000} kPa, {zero / 1000:g} to {full / 1000:g} V at {rail / 1000:g} V (XGZP6847A or alike)"
        found.append((count, "pressure sensor", says))
        if permille < 1000:
            found.append((count, "divider", f"{upper} above, {lower} below, 1 %, with 100 nF"))
    if board.mux:
        found.append((1, "analog multiplexer", f"{1 << len(board.mux.select_pins)} channels at 3.3 V (CD74HC4067 or alike)"))
    if line.vent:
        found.append((1, "manifold", f"about {line.volume_ml} mL with its hoses"))
    for leg in board.legs:
        volumes = ", ".join(f"{zone.volume_ml / 1000:g}" for zone in leg.zones)
        found.append((1, f"sleeve, {leg.name}", f"{len(leg.zones)} chambers of {volumes} L from the foot up"))
    return found


def _valves(board: Any) -> list[tuple[int, str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    names = {"vent": "vent", "valve": "zone valve", "inlet": "inlet valve", "exhaust": "exhaust valve"}
    for path, valve in board.valves():
        counted[(names[path.rpartition(".")[2]], _valve(board, valve))] += 1
    return [(count, name, figures) for (name, figures), count in counted.items()]


def _valve(board: Board, valve: Valve) -> str:
    hold = f"held at {valve.hold_permille // 10} %" if valve.drive == "pwm" else "on/off"
    return (
        f"2/2, normally {valve.rest}, {board.supply.voltage_mv / 1000:g} V, {valve.current_ma} mA, C {conductance(valve)} or more, {hold}"
    )
