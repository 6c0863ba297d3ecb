"""The ideal fill: an oracle that sees true pressures and true positions, on a copy of the plant.

Full duty under the same ceiling through the same valve; the valves' delays and the pump's spin-up take the time they take.
"""

from __future__ import annotations

from copy import deepcopy

from tools.simulator.plant import Plant
from tools.simulator.plant_orifice import orifice_l_s

STEP_S = 0.005
LONGEST_S = 200.0
HOLD = 0.5  # duty of a coil that has pulled in


def copy_of(plant: Plant) -> Plant:
    """The same plant at the same moment, free to go its own way."""
    params = plant.params
    shared = [params, params.zones, params.valves, params.sensors, params.pump, params.supply, params.movement, plant._sensors]
    return deepcopy(plant, {id(part): part for part in shared})


def fill_s(plant: Plant, zone: int, mark_mmhg: float, ceiling_mmhg: float) -> float | None:
    """Seconds until the zone's true pressure is at the mark, from the command on; uses the plant up. None: not in 200 s."""
    curve = fill_curve(plant, zone, mark_mmhg, ceiling_mmhg)
    (before_s, before), (now_s, now) = curve[-2:]
    if now < mark_mmhg:
        return None
    part = (mark_mmhg - before) / (now - before) if now > before else 1.0
    return max(STEP_S, before_s + (now_s - before_s) * part)


def fill_curve(plant: Plant, zone: int, mark_mmhg: float, ceiling_mmhg: float) -> list[tuple[float, float]]:
    """(seconds since the command, true mmHg) up to the first step at or above the mark; uses the plant up."""
    params = plant.params
    own = next(v for v, valve in enumerate(params.valves) if valve.zone == zone and valve.to == "line")
    wanted: dict[int, bool] = {}
    for v, valve in enumerate(params.valves):
        if valve.to == "air" and valve.zone not in (None, zone):
            continue  # the exhaust of another zone on an independent board has no part in this
        wanted[v] = v == own
        if wanted[v] == valve.rest_open:
            plant.drive_valve(v, 0.0)
        elif not plant._drive.duties[v]:
            plant.drive_valve(v, 1.0)  # one that holds already stays as it is: at half duty it leaves the pump its volts
    started, is_open = plant.t_s, False
    curve = [(0.0, plant.zone_mmhg[zone])]
    c, b = params.valves[own].c, params.valves[own].b
    while plant.t_s - started < LONGEST_S:
        plant.enable_edge()
        ready = all(bool(plant.valve_open[v]) == want for v, want in wanted.items())
        if ready and not is_open:
            is_open = True
            for v, duty in enumerate(plant._drive.duties):
                plant.drive_valve(v, min(duty, HOLD))
        plant.drive_pump(_duty(plant, zone, c, b, ceiling_mmhg) if is_open else 0.0)
        plant.advance(STEP_S)
        plant.sync()
        curve.append((plant.t_s - started, plant.zone_mmhg[zone]))
        if curve[-1][1] >= mark_mmhg:
            break
    return curve


def _duty(plant: Plant, zone: int, c: float, b: float, ceiling_mmhg: float) -> float:
    """Full, or just what keeps the line at its ceiling."""
    pump = plant.params.pump
    most = orifice_l_s(c, b, ceiling_mmhg, plant.zone_mmhg[zone])
    full = pump.q0_l_min / 60.0 * max(0.0, 1.0 - ceiling_mmhg / pump.stall_mmhg)
    if most >= full:
        return 1.0
    volts = plant.supply_volts / plant.params.supply.volts or 1.0
    return min(1.0, (pump.u0 + (1.0 - pump.u0) * most / full) / volts)
