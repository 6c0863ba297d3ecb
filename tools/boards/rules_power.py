"""Supply, coils, enable and relief."""

from __future__ import annotations

from collections.abc import Iterator
from math import isqrt

from peristal.core.board import Board
from peristal.core.board_check import RELIEF_MARGIN_MMHG, SUPPLY_SHARE_PERCENT
from peristal.core.parts import Valve
from tools.boards.findings import FINE, WARNING, Finding, judged

INRUSH = 3  # of the run current, for a pump that is switched hard
SIZES_MA = (1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 8000, 10000, 12500, 15000, 20000)  # supplies that are sold


def hold_ma(valve: Valve) -> int:
    """Mean current of a held coil: the flyback diode keeps it flowing through the duty's gaps."""
    return valve.current_ma if valve.drive == "on_off" else valve.current_ma * valve.hold_permille // 1000


def heat_mw(board: Board, valve: Valve) -> int:
    """Heat of a held coil: its resistance times the square of the mean current."""
    share = 1000 if valve.drive == "on_off" else valve.hold_permille
    return board.supply.voltage_mv * valve.current_ma // 1000 * share // 1000 * share // 1000


def worst_ma(board: Board) -> int:
    """Pump at full duty, every coil held, and one pulling in (the firmware staggers them)."""
    held = sum(hold_ma(valve) for _, valve in board.valves())
    pulling = max((valve.current_ma - hold_ma(valve) for _, valve in board.valves()), default=0)
    return board.pump.current_ma + held + pulling


def current(board: Board) -> Iterator[Finding]:
    """The supply carries the worst moment."""
    need, given = worst_ma(board), board.supply.current_ma * SUPPLY_SHARE_PERCENT // 100
    size = next((size for size in SIZES_MA if size * SUPPLY_SHARE_PERCENT // 100 >= need), SIZES_MA[-1])
    yield judged(
        need <= given,
        "supply.current_ma",
        f"pump, held coils and one pulling in need {need} mA, {SUPPLY_SHARE_PERCENT} % of the supply are {given} mA",
        f"a supply of {size} mA",
    )
    if board.pump.drive == "on_off":
        inrush = need + (INRUSH - 1) * board.pump.current_ma
        yield judged(
            inrush <= board.supply.current_ma,
            "pump.drive",
            f"switched hard the pump draws {INRUSH} times its current for a moment: {inrush} mA in all",
            "drive='pwm' with its soft start, or a larger supply",
            WARNING,
        )


def heat(board: Board) -> Iterator[Finding]:
    """A coil that is held for most of a session stays below what it may dissipate for good; inlets open only for moments."""
    total = 0
    for path, valve in board.valves():
        if path.endswith(".inlet"):
            continue
        mw = heat_mw(board, valve)
        total += mw
        if mw <= valve.continuous_mw:
            continue
        most = isqrt(valve.continuous_mw * 1_000_000 // max(1, board.supply.voltage_mv * valve.current_ma // 1000))
        if valve.drive == "on_off" or most < 380:
            ways = f"a coil of up to {valve.continuous_mw * 1000 // board.supply.voltage_mv} mA"
            better = f"drive='pwm' with hold_permille {most}, or {ways}" if most >= 380 else ways
        else:
            better = f"hold_permille up to {most}"
        yield judged(False, f"{path}.hold_permille" if valve.drive == "pwm" else f"{path}.drive",
                     f"held, the coil turns {mw} mW into heat, its datasheet allows {valve.continuous_mw}", better)  # fmt: skip
    yield Finding(FINE, "coils", f"{total / 1000:.1f} W of heat while every zone is held")


def relief(board: Board) -> Iterator[Finding]:
    """The line's ceiling stays below the relief valve; the two layers that need no software are there."""
    value, ceiling = board.supply.relief_mmhg, board.line.ceiling_mmhg
    if value is None:
        better = "one that opens at 150 to 200 mmHg and passes the pump's whole flow"
        yield Finding(WARNING, "supply.relief_mmhg", "no mechanical relief valve", better)
    else:
        yield judged(
            value >= ceiling + RELIEF_MARGIN_MMHG,
            "supply.relief_mmhg",
            f"relief opens at {value} mmHg, the line's ceiling is {ceiling} mmHg",
            f"a relief valve of at least {ceiling + RELIEF_MARGIN_MMHG} mmHg, or line.ceiling_mmhg up to {value - RELIEF_MARGIN_MMHG}",
        )
    if board.supply.enable_pin is None:
        says = "nothing ends a hang below Python before the watchdog's reset"
        yield Finding(WARNING, "supply.enable_pin", says, "a charge pump on a toggled pin")
