"""Air: routes, vent time, a pump that cannot be stopped, fills."""

from __future__ import annotations

from collections.abc import Iterator

from peristal.core import limits, model
from peristal.core.board import Board
from peristal.core.board_check import MOST_STUCK_MMHG, MOST_VENT_MS, stuck_pa
from peristal.core.parts import Zone
from peristal.core.units import mmhg, pa
from tools.boards.findings import ERROR, FINE, WARNING, Finding, judged, least

HARM = {
    "open": "traps up to 120 mmHg in the sleeve on every power cut, reset and fault",
    "closed": "joins the zones with all coils off",
}


def routes(board: Board) -> Iterator[Finding]:
    """With every coil off every zone is open to the air, whatever the pump does."""
    wanted = {"vent": "open", "valve": "open", "exhaust": "open", "inlet": "closed"}
    good = 0
    for path, valve in board.valves():
        rest = wanted[path.rpartition(".")[2]]
        if valve.rest == rest:
            good += 1
        else:
            says = HARM[rest]
            yield judged(False, f"{path}.rest", f"a valve that is {valve.rest} without current {says}", f"a normally-{rest} valve")
    yield Finding(FINE, "valves", f"{good} of {len(board.valves())} valves rest where all coils off lets the air out")


def complete(board: Board) -> bool:
    """Whether every zone has the valves of its topology: only then can anything be computed."""
    if board.topology == "manifold":
        return bool(board.line.vent) and all(zone.valve and not zone.exhaust for _, zone in board.zones())
    return not board.line.vent and all(zone.inlet and zone.exhaust for _, zone in board.zones())


def vent(board: Board) -> Iterator[Finding]:
    """All zones fall from the cap to 15 mmHg in 15 s."""
    took_ms = board.vent_ms()
    says = f"all zones from {limits.CAP_MMHG} to 15 mmHg take {took_ms / 1000:.1f} s with all coils off, "
    says += f"allowed are {MOST_VENT_MS / 1000:.0f} s"
    if board.line.vent:
        zones = [(zone.volume_ml, zone.valve.c_ml_s_bar) for _, zone in board.zones()]
        c = least(20, 5000, lambda c: model.manifold_vent_ms(zones, c, pa(limits.CAP_MMHG), pa(15)) <= MOST_VENT_MS)
        better = f"a vent of C {c} mL/(s bar), two valves in parallel count twice" if c else "zone valves of a larger C too"
        yield judged(took_ms <= MOST_VENT_MS, "line.vent.c_ml_s_bar", says, better)
        return
    slowest = max((zone.volume_ml for _, zone in board.zones()), default=0)
    c = least(20, 5000, lambda c: model.vent_ms(slowest, c, pa(limits.CAP_MMHG), pa(15)) <= MOST_VENT_MS)
    yield judged(took_ms <= MOST_VENT_MS, "exhaust.c_ml_s_bar", says, f"an exhaust of C {c} mL/(s bar) on the largest zone")


def stuck_pump(board: Board) -> Iterator[Finding]:
    """A pump that cannot be stopped holds less than 30 mmHg through the open vent, or the 12 V can be cut."""
    held = mmhg(stuck_pa(board))
    enable = board.supply.enable_pin is not None
    says = f"a pump stuck on with all coils off holds {held} mmHg"
    if not board.line.vent:
        says = f"a pump stuck on dead-ends at {held} mmHg behind the closed inlets"
    better = "a 12 V enable (enable_pin)"
    if board.line.vent:
        flow, stall = board.pump.flow_ml_min // 60, pa(board.pump.stall_mmhg)
        c = least(20, 5000, lambda c: mmhg(model.drop_pa(c, flow, stall, 0)) < MOST_STUCK_MMHG)
        better += f", or a vent of C {c} mL/(s bar)" if c else ""
    if held < MOST_STUCK_MMHG:
        says += f", below {MOST_STUCK_MMHG}"
    elif enable:
        says += "; the enable ends it"
    yield judged(held < MOST_STUCK_MMHG or enable, "supply.enable_pin", says, better)


def _fill_ms(board: Board, zone: Zone, target_mmhg: int, flow_ml_min: int | None = None) -> int:
    valve = zone.inlet or zone.valve
    flow = (flow_ml_min or board.pump.flow_ml_min) // 60
    ceiling = pa(board.ceiling_mmhg())
    return model.fill_ms(zone.volume_ml, flow, pa(board.pump.stall_mmhg), ceiling, valve.c_ml_s_bar, pa(target_mmhg))


def _pump_for(board: Board, zone: Zone, target_mmhg: int) -> str:
    flows = range(board.pump.flow_ml_min // 100 * 100 + 100, 40001, 100)
    enough = [flow for flow in flows if _fill_ms(board, zone, target_mmhg, flow) <= limits.fill_ms(flow)]
    return f"a pump of {enough[0]} mL/min" if enough else "a zone valve of a larger C"


def fills(board: Board) -> Iterator[Finding]:
    """Every zone reaches the default pressure, folded and empty, within the time one fill may take; the highest one is wished."""
    limit = limits.fill_ms(board.pump.flow_ml_min)
    default, highest = limits.default("pressure_mmhg"), limits.highest("pressure_mmhg")
    for path, zone in board.zones():
        for target, bad in ((default, ERROR), (highest, WARNING)):
            took = _fill_ms(board, zone, target)
            says = f"{target} mmHg take {took / 1000:.1f} s from folded, one fill may take {limit / 1000:.0f} s"
            better = "" if took <= limit else f"{_pump_for(board, zone, target)}, or a smaller zone"
            yield judged(took <= limit, f"{path}.volume_ml", says, better, bad)
    first = sum(_fill_ms(board, zone, default) for _, zone in board.zones()) / 1000
    most = limits.highest("pressed_s")
    yield judged(
        first <= most,
        "pump.flow_ml_min",
        f"a first cycle of {default} mmHg through all zones fills for about {first:.0f} s; no zone stays pressed for more than {most} s",
        "a larger pump; the firmware takes up the slack first and lets the legs take turns",
        WARNING,
    )
