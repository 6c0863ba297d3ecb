"""Small plants for the plant tests: the chamber of the sanity table, rigid chambers, and a plain manifold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tools.simulator.plant import Plant
from tools.simulator.plant_params import PlantParams, PumpParams, SensorParams, SupplyParams, ValveParams, ZoneParams

PLAIN_SUPPLY = SupplyParams(r_ohm=0.0, has_enable=False, relief_mmhg=None)


def table_zone(v0_l: float, **changes: float) -> ZoneParams:
    """Chamber of the sanity table: dv 0.25 v0, pc 25, k 0.0008 v0, 0.15 L at first; no leak, stretch, heat or coupling."""
    plain = ZoneParams(
        v0_l=v0_l, dv_l=0.25 * v0_l, pc_mmhg=25.0, k_l_per_mmhg=0.0008 * v0_l, beta_l_per_mmhg=0.0,
        leak_c=0.0, coupling=0.0, thermal=0.0, start_l=0.15,
    )  # fmt: skip
    return replace(plain, **changes)


def rigid_zone(v0_l: float) -> ZoneParams:
    """A bottle: full of air at ambient pressure, its volume never changes."""
    return table_zone(v0_l, dv_l=0.0, k_l_per_mmhg=0.0, start_l=v0_l)


def manifold(zones: tuple[ZoneParams, ...], zone_c: float = 0.5, vent_c: float = 0.5, **changes: Any) -> PlantParams:
    """Normally open zone valves 0..n-1 and the normally open vent n; a sensor on the line, then one per zone."""
    valves = (*(ValveParams(zone=i, c=zone_c) for i in range(len(zones))), ValveParams(zone=None, to="air", c=vent_c))
    sensors = (SensorParams(), *(SensorParams(zone=i) for i in range(len(zones))))
    params = PlantParams(line_leak_c=0.0, zones=zones, valves=valves, sensors=sensors, supply=PLAIN_SUPPLY)
    return replace(params, **changes)


def independent(zones: tuple[ZoneParams, ...], exhaust_c: float = 0.5, b: float = 0.3, **changes: Any) -> PlantParams:
    """Normally closed inlets 0..n-1, then normally open exhausts n..2n-1; a sensor per zone."""
    count = range(len(zones))
    inlets = tuple(ValveParams(zone=i, b=b, rest_open=False) for i in count)
    exhausts = tuple(ValveParams(zone=i, to="air", c=exhaust_c, b=b) for i in count)
    sensors = tuple(SensorParams(zone=i) for i in count)
    params = PlantParams(line_leak_c=0.0, zones=zones, valves=inlets + exhausts, sensors=sensors, supply=PLAIN_SUPPLY)
    return replace(params, **changes)


def pump(q0_l_min: float, stall_mmhg: float = 600.0) -> PumpParams:
    """A pump that is at speed at once."""
    return PumpParams(q0_l_min=q0_l_min, stall_mmhg=stall_mmhg, spin_up_s=0.0, coast_s=0.0)


def shut_vent(plant: Plant) -> Plant:
    """Energises the last valve, the vent of a manifold, and waits for it."""
    plant.drive_valve(len(plant.params.valves) - 1, 1.0)
    plant.advance(0.03)
    return plant


def seconds_until(plant: Plant, done: Callable[[], bool], step_s: float = 0.005, most_s: float = 200.0) -> float:
    """Advances until `done()` and returns the time it took; AssertionError after `most_s`."""
    start = plant.t_s
    while not done():
        plant.advance(step_s)
        assert plant.t_s - start < most_s, f"not done after {most_s} s: line {plant.line_mmhg:.1f}, zones {plant.zone_mmhg}"
    return plant.t_s - start
