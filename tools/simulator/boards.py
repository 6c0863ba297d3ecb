"""Board files by name, and the reference plant that a board file states."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from random import Random
from types import CodeType
from typing import Any

from tools.simulator.plant_params import MovementParams, PlantParams, PumpParams, SensorParams, SupplyParams, ValveParams, ZoneParams

BOARDS = Path(__file__).resolve().parents[2] / "boards"
MMHG_PER_PA = 1 / 133.322


def names() -> list[str]:
    """Names of all boards that ship."""
    return sorted(path.parent.name for path in BOARDS.glob("*/board.py"))


def source(name: str) -> str:
    """Text of a board file. Raises KeyError for an unknown name."""
    if name not in names():
        raise KeyError(f"board: {name!r} is not known; allowed: {', '.join(names())}")
    return (BOARDS / name / "board.py").read_text()


def why_not(name: str) -> str:
    """Why a board of this folder cannot be used, "" when it can: a builder's own file may have any mistake in it."""
    from tools.boards.load import NoBoard, read  # (it imports this module)

    try:
        refusals = read(BOARDS / name / "board.py")[1]
    except NoBoard as error:
        return str(error)
    return refusals[0] if refusals else ""


def titles() -> str:
    """A line for each board: its name and what it drives, or that it cannot be used yet."""
    lines = []
    for name in names():
        broken = why_not(name)
        lines.append(f"  {name:<22}{f'cannot be used: {broken}' if broken else load(name).title}")
    return "\n".join(lines)


def load(name: str) -> Any:
    """The checked Board of a board file, built under CPython."""
    path = str(BOARDS / name / "board.py")
    scope = {"__name__": "<run_path>", "__file__": path}
    exec(_code(source(name), path), scope)
    return scope["BOARD"]


@lru_cache(maxsize=64)
def _code(text: str, path: str) -> CodeType:
    return compile(text, path, "exec", dont_inherit=True)


def reference_plant(board: Any, *, movement: bool = False, coupling: float = 0.05) -> PlantParams:
    """The plant a board file states: declared volumes, conductances, pump and sensors, everything else at its default."""
    zones = []
    valves: list[ValveParams] = []
    declared = [(leg, zone) for leg, part in enumerate(board.legs) for zone in part.zones]
    for leg, zone in declared:
        v0 = zone.volume_ml / 1000
        zones.append(
            ZoneParams(
                v0_l=v0,
                dv_l=0.25 * v0,
                k_l_per_mmhg=0.0008 * v0,
                beta_l_per_mmhg=0.03 * v0 / 80,
                leak_c=0.0005 * v0,
                coupling=coupling,
                leg=leg,
            )
        )
    zone_index = {id(zone): index for index, (_, zone) in enumerate(declared)}
    for path, valve in board.valves():
        owner = next((zone for _, zone in declared if valve in (zone.valve, zone.inlet, zone.exhaust)), None)
        index = None if owner is None else zone_index[id(owner)]
        to_air = path == "line.vent" or path.endswith(".exhaust")
        valves.append(
            ValveParams(
                zone=index,
                to="air" if to_air else "line",
                c=valve.c_ml_s_bar / 1000,
                rest_open=valve.rest == "open",
                coil_a=valve.current_ma / 1000,
                volts=board.supply.voltage_mv / 1000,
            )
        )
    sensors = []
    for _, sensor in board.sensors():
        owner = next((zone for _, zone in declared if zone.sensor is sensor), None)
        sensors.append(
            SensorParams(
                zone=None if owner is None else zone_index[id(owner)],
                zero_mv=sensor.zero_mv,
                full_mv=sensor.full_mv,
                range_mmhg=sensor.range_pa * MMHG_PER_PA,
                divider=sensor.divider_permille / 1000,
            )
        )
    pump = board.pump
    return PlantParams(
        line_l=board.line.volume_ml / 1000,
        zones=tuple(zones),
        valves=tuple(valves),
        pump=PumpParams(
            q0_l_min=pump.flow_ml_min / 1000,
            stall_mmhg=pump.stall_mmhg,
            u0=pump.min_duty_permille / 1000,
            run_a=pump.current_ma / 1000,
        ),
        supply=SupplyParams(
            volts=board.supply.voltage_mv / 1000,
            has_enable=board.supply.enable_pin is not None,
            relief_mmhg=board.supply.relief_mmhg,
        ),
        sensors=tuple(sensors),
        movement=MovementParams(on=movement),
    )


def snug(plant: PlantParams) -> PlantParams:
    """The same pair once its slack has been taken up, as a session leaves it: the chambers hold nine tenths of what they take without
    pressure, and a session's first cycle begins after a third of the time."""
    return replace(plant, zones=tuple(replace(zone, start_l=0.9 * zone.v0_l) for zone in plant.zones))


def worn_plant(board: Any, seed: int, *, movement: bool = True) -> PlantParams:
    """The reference plant as a real pair would differ from it: sensor errors, volumes and the pump drawn from the seed."""
    rng = Random(seed)
    plant = reference_plant(board, movement=movement)
    scale = rng.uniform(0.9, 1.1)
    zones = tuple(replace(zone, v0_l=zone.v0_l * scale * rng.uniform(0.93, 1.07)) for zone in plant.zones)
    sensors = tuple(replace(sensor, gain=rng.uniform(0.985, 1.015), offset_mmhg=rng.uniform(-2.5, 2.5)) for sensor in plant.sensors)
    pump = replace(plant.pump, q0_l_min=plant.pump.q0_l_min * rng.uniform(0.9, 1.1))
    return replace(plant, zones=zones, sensors=sensors, pump=pump)
