"""Random healthy plants: every parameter inside its documented range, and parts that fit each other."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from tools.simulator.plant_params import (
    TABLE,
    MovementParams,
    PlantParams,
    PumpParams,
    SensorParams,
    SupplyParams,
    ValveParams,
    ZoneParams,
)

TOPOLOGIES = ("manifold", "manifold_zone_sensors", "independent")
RANGE = {row.name: (row.min, row.max) for row in TABLE if row.min is not None and row.max is not None}
"""Bounds of every parameter that has any, by its name in the table."""

LEG_L = (4.0, 6.5)
"""Slack volume of a whole leg, shared out over its zones (estimate: 4 zones of 0.5-3 L)."""
FOOT_SHARE = (0.35, 0.6)
"""Volume of the foot zone against that of the thigh zone."""
ALL_VENT_S = 12.0
"""Slowest vent of all zones together from 80 to 15 mmHg that is drawn; a board that needs more than 15 s is refused."""
VENT_S_PER_L = 0.83
"""Seconds for 1 L of slack volume through C 1.0 from 80 to 15 mmHg (the plant's own figure, upper half of its spread)."""

PUMP_L_MIN_PER_L = 2.2
"""NL/min for 1 L of the largest zone: its first fill to 80 mmHg ends in about 40 s, below every fill timeout."""


class Shape(NamedTuple):
    """What the builder chose. `zones_per_leg`: one or two legs of 1-6 zones; `movement`: the limb is alive."""

    topology: str = "manifold"
    zones_per_leg: tuple[int, ...] = (4,)
    movement: bool = False


ONE_LEG = Shape()


def random_healthy(seed: int, shape: Shape = ONE_LEG) -> PlantParams:
    """A plant as a builder may get it.

    Valves: manifold: one per zone to the line, then the vent of the line; independent: inlets of all zones, then
    exhausts of all zones. Sensors: the line (not for independent), then one per zone (not for plain manifold).
    Raises ValueError for an unknown topology or number of zones.
    """
    if shape.topology not in TOPOLOGIES:
        raise ValueError(f"topology {shape.topology!r} is none of {', '.join(TOPOLOGIES)}")
    if not 1 <= len(shape.zones_per_leg) <= 2 or not all(1 <= n <= 6 for n in shape.zones_per_leg):
        raise ValueError(f"zones_per_leg {shape.zones_per_leg} is not one or two legs of 1 to 6 zones")
    rng = Random(seed)
    zones = [z for leg, count in enumerate(shape.zones_per_leg) for z in _leg(rng, leg, count)]
    slowest = max(3.0, PUMP_L_MIN_PER_L * max(z.v0_l for z in zones))
    return PlantParams(
        line_l=_draw(rng, "plant.line_l"),
        line_leak_c=_draw(rng, "plant.line_leak_c"),
        zones=tuple(zones),
        valves=tuple(_valves(rng, shape, sum(z.v0_l for z in zones), len(zones))),
        pump=_part(rng, PumpParams, "pump", q0_l_min=rng.uniform(slowest, RANGE["pump.q0_l_min"][1])),
        supply=_part(rng, SupplyParams, "supply"),
        sensors=tuple(_sensors(rng, shape, len(zones))),
        movement=_movement(rng, shape.movement),
    )


def _draw(rng: Random, name: str) -> float:
    return rng.uniform(*RANGE[name])


def _part(rng: Random, cls: Any, part: str, **given: Any) -> Any:
    """A part with every ranged field drawn, except those given."""
    names = [f for f in cls.__dataclass_fields__ if f not in given and f"{part}.{f}" in RANGE]
    return cls(**given, **{f: _draw(rng, f"{part}.{f}") for f in names})


def _leg(rng: Random, leg: int, count: int) -> list[ZoneParams]:
    """Zones from the smallest at the foot to the largest at the thigh."""
    foot = rng.uniform(*FOOT_SHARE)
    shares = [foot + (1.0 - foot) * i / max(1, count - 1) for i in range(count)]
    litres = rng.uniform(*LEG_L)
    low, high = RANGE["zone.v0_l"]
    zones = []
    for share in shares:
        v0 = min(high, max(low, litres * share / sum(shares)))
        # 0.2-2 mmHg in 10 s at 80 mmHg are C 0.00011 to 0.0011 for each litre of slack volume
        leak = min(max(v0 * rng.uniform(0.00012, 0.001), RANGE["zone.leak_c"][0]), RANGE["zone.leak_c"][1])
        zones.append(
            _part(
                rng, ZoneParams, "zone", leg=leg, v0_l=v0, leak_c=leak,
                dv_l=v0 * rng.uniform(0.15, 0.35),
                k_l_per_mmhg=v0 * rng.uniform(0.0005, 0.0015),
                beta_l_per_mmhg=v0 * rng.uniform(0.02, 0.05) / 80.0,
                start_l=v0 * rng.uniform(0.1, 0.15),
            )
        )  # fmt: skip
    return zones


def _valves(rng: Random, shape: Shape, volume_l: float, count: int) -> list[ValveParams]:
    """One type of zone valve and one of vent per plant, wide enough for the volume they have to vent."""
    need = min(0.98, VENT_S_PER_L * volume_l / ALL_VENT_S)
    if shape.topology == "independent":
        inlet, exhaust = rng.uniform(0.2, 1.0), rng.uniform(0.3, 1.0)
        routes = [(i, "line", False, inlet) for i in range(count)] + [(i, "air", True, exhaust) for i in range(count)]
    else:
        vent = rng.uniform(max(0.4, need), 1.0)
        narrowest = max(0.3, 2.0 * need / count) if count > 1 else max(0.4, need)
        zone_c = rng.uniform(min(narrowest, 0.95), 1.0)
        routes = [(i, "line", True, zone_c) for i in range(count)] + [(None, "air", True, vent)]
    kind = _part(rng, ValveParams, "valve", c=0.0, volts=12.0)
    return [
        ValveParams(
            zone=zone, to=to, rest_open=rest_open, c=c, b=kind.b, pull_in_share=kind.pull_in_share, release_share=kind.release_share,
            coil_a=kind.coil_a, on_s=_draw(rng, "valve.on_s"), off_s=_draw(rng, "valve.off_s"),
        )
        for zone, to, rest_open, c in routes
    ]  # fmt: skip


def _sensors(rng: Random, shape: Shape, count: int) -> list[SensorParams]:
    """XGZP sensors of 0.5-4.5 V over 40 kPa behind a divider of one half: what suits every chip."""
    places: list[int | None] = [] if shape.topology == "independent" else [None]
    if shape.topology != "manifold":
        places += range(count)
    drawn = ("gain", "offset_mmhg", "noise_mv")
    return [SensorParams(zone=zone, **{f: _draw(rng, f"sensor.{f}") for f in drawn}) for zone in places]


def _movement(rng: Random, on: bool) -> MovementParams:
    names = ("mean_gap_s", "pulse_mmhg", "pulse_hz")
    return MovementParams(on=on, **{f: _draw(rng, f"movement.{f}") for f in names})
