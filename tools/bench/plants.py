"""Plants as builders may get them, and the board files they would write for them.

Nothing is drawn to fit: volumes, valves and pump are independent of each other, and a plant is kept when the formula on the
DECLARED figures accepts its board before any run. Declared figures stray from the true ones as datasheets do.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import exp, log
from random import Random
from typing import Any

from peristal.core import model
from peristal.core.board import Board
from peristal.core.board_check import MOST_VENT_MS
from peristal.core.parts import BoardError, Leg, Line, Panel, Pump, Sensor, Supply, Valve, Zone
from peristal.core.units import pa
from tools.simulator.plant_healthy import RANGE
from tools.simulator.plant_params import MovementParams, PlantParams, PumpParams, SensorParams, SupplyParams, ValveParams, ZoneParams

TOPOLOGIES = ("manifold", "zone sensors", "independent")
VOLUME_L, PUMP_L_MIN, C, STALL_MMHG = (0.5, 3.0), (3.0, 20.0), (0.1, 1.0), (350.0, 900.0)
ZONES = (2, 6)
TARGETS_MMHG = range(40, 91, 5)
STRAY = 0.10  # a declared figure lies this far from the true one, at most
LEAK_PER_L = (0.00011, 0.0011)  # 0.2 to 2 mmHg in 10 s at 80 mmHg, dm3/(s bar) for each litre
GOOD = {"leak": 0.00055, "sag": 0.03, "coupling": 0.05}  # upper bounds of a good chamber
CEILING_MMHG = 140
FILL_MS, FILL_SMALL_PUMP_MS, SMALL_PUMP_ML_MIN = 60000, 90000, 4000
PRESSED_MS = 85000  # the sequencer cuts a cycle short here
HOLD_MS = 8000
ACTUATOR_PINS = (4, 13, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33)
SENSOR_PINS = (36, 39, 34, 35, 37, 38, 33)

OK, SLOW, REJECTED = "accepted", "slow", "rejected"


@dataclass
class Bench:
    """One plant to run on: its true parameters, the board file's figures, and what is asked of it."""

    seed: int
    topology: str
    good: bool
    target_mmhg: int
    params: PlantParams
    board: Any
    rejected: int = 0
    slow: Bench | None = field(default=None, repr=False)

    def with_limb(self) -> Bench:
        """The same plant on a moving limb, its chambers overlapping as far as the range goes."""
        zones = tuple(replace(zone, coupling=RANGE["zone.coupling"][1]) for zone in self.params.zones)
        rng = Random(f"limb {self.seed}")
        pulse = {name: _in(rng, f"movement.{name}") for name in ("pulse_mmhg", "pulse_hz")}
        movement = MovementParams(on=True, mean_gap_s=rng.uniform(5.0, 30.0), **pulse)
        return replace(self, params=replace(self.params, zones=zones, movement=movement), slow=None)


def bench_plant(seed: int, topology: str) -> Bench:
    """The first accepted plant of a seed; `rejected` counts those before it, `slow` is the first that was only too slow."""
    rng = Random(f"bench {topology} {seed}")
    rejected, slow = 0, None
    while True:
        bench = draw(rng, seed, topology)
        verdict = judge(bench.board, bench.target_mmhg)
        if verdict == OK:
            return replace(bench, rejected=rejected, slow=slow)
        rejected += 1
        if verdict == SLOW and slow is None:
            slow = bench


def judge(board: Any, target_mmhg: int) -> str:
    """The board check's formula: OK, SLOW (only the fills take too long) or REJECTED (does not vent from cap to 15 mmHg in 15 s)."""
    if board is None or board.vent_ms() > MOST_VENT_MS:
        return REJECTED
    zones = [zone for _, zone in board.zones()]
    longest_ms = FILL_SMALL_PUMP_MS if board.pump.flow_ml_min < SMALL_PUMP_ML_MIN else FILL_MS
    pressed_ms = HOLD_MS + board.vent_ms()
    for number, zone in enumerate(zones):
        first_ms = fill_ms(board, zone, 100)
        if first_ms > longest_ms:
            return SLOW
        if number:  # while the foot is held; the slack has been taken up before
            held = model.air_ml(zone.volume_ml, pa(target_mmhg))
            pressed_ms += fill_ms(board, zone, target_mmhg) * (held - zone.volume_ml) // held
    return SLOW if pressed_ms > PRESSED_MS else OK


def fill_ms(board: Any, zone: Any, mmhg: int) -> int:
    """Declared time of a first fill."""
    valve, pump = zone.inlet or zone.valve, board.pump
    stall_pa, ceiling_pa = pa(pump.stall_mmhg), pa(board.ceiling_mmhg())
    return model.fill_ms(zone.volume_ml, pump.flow_ml_min // 60, stall_pa, ceiling_pa, valve.c_ml_s_bar, pa(mmhg))


def draw(rng: Random, seed: int, topology: str) -> Bench:
    """One plant and its board file, accepted or not."""
    good = rng.random() < 0.5
    count = rng.randint(*ZONES)
    zones = [_zone(rng, volume, good) for volume in sorted(_log(rng, *VOLUME_L) for _ in range(count))]
    valves = _valves(rng, topology, count)
    places = ([] if topology == "independent" else [None]) + ([] if topology == "manifold" else list(range(count)))
    sensors = [
        SensorParams(zone=zone, **{name: _in(rng, f"sensor.{name}") for name in ("gain", "offset_mmhg", "noise_mv")}) for zone in places
    ]
    pump = PumpParams(
        q0_l_min=_log(rng, *PUMP_L_MIN),
        stall_mmhg=rng.uniform(*STALL_MMHG),
        **{name: _in(rng, f"pump.{name}") for name in ("u0", "spin_up_s", "coast_s", "ripple_mmhg", "ripple_hz", "run_a", "inrush")},
    )
    drawn: dict[str, Any] = {name: _in(rng, f"supply.{name}") for name in ("volts", "r_ohm", "enable_hold_s", "relief_mmhg", "relief_c")}
    supply = SupplyParams(**drawn)
    params = PlantParams(
        line_l=_in(rng, "plant.line_l"),
        line_leak_c=_in(rng, "plant.line_leak_c"),
        zones=tuple(zones),
        valves=tuple(valves),
        pump=pump,
        supply=supply,
        sensors=tuple(sensors),
    )
    target = rng.choice(TARGETS_MMHG)
    try:
        board = declare(rng, params, topology)
    except BoardError as error:
        if "to vent" not in str(error):
            raise
        board = None  # vents too slowly: the device itself refuses such a board
    return Bench(seed, topology, good, target, params, board)


def _in(rng: Random, name: str) -> float:
    return rng.uniform(*RANGE[name])


def _log(rng: Random, low: float, high: float) -> float:
    """Every factor equally likely: parts are sold in steps of a factor."""
    return exp(rng.uniform(log(low), log(high)))


def _zone(rng: Random, v0: float, good: bool) -> ZoneParams:
    sag = rng.uniform(0.02, GOOD["sag"] if good else 0.05)
    return ZoneParams(
        v0_l=v0,
        dv_l=v0 * rng.uniform(0.15, 0.35),
        pc_mmhg=_in(rng, "zone.pc_mmhg"),
        k_l_per_mmhg=v0 * rng.uniform(0.0005, 0.0015),
        beta_l_per_mmhg=v0 * sag / 80.0,
        tau_s=_in(rng, "zone.tau_s"),
        leak_c=v0 * rng.uniform(LEAK_PER_L[0], GOOD["leak"] if good else LEAK_PER_L[1]),
        coupling=rng.uniform(0.02, GOOD["coupling"] if good else 0.10),
        thermal=_in(rng, "zone.thermal"),
        thermal_tau_s=_in(rng, "zone.thermal_tau_s"),
        start_l=v0 * rng.uniform(0.1, 0.15),
    )


def _valves(rng: Random, topology: str, count: int) -> list[ValveParams]:
    """In the order of Board.valves(): the vent, then zone by zone; one type of valve for each purpose."""
    first_c, second_c = _log(rng, *C), _log(rng, *C)
    b, coil_a, pull_in, release = [_in(rng, f"valve.{name}") for name in ("b", "coil_a", "pull_in_share", "release_share")]
    if topology == "independent":
        routes = [route for zone in range(count) for route in ((zone, "line", False, first_c), (zone, "air", True, second_c))]
    else:
        routes = [(None, "air", True, second_c)] + [(zone, "line", True, first_c) for zone in range(count)]
    return [
        ValveParams(
            zone=zone, to=to, rest_open=rest_open, c=c, b=b, coil_a=coil_a, pull_in_share=pull_in, release_share=release,
            on_s=_in(rng, "valve.on_s"), off_s=_in(rng, "valve.off_s"),
        )
        for zone, to, rest_open, c in routes
    ]  # fmt: skip


def declare(rng: Random, params: PlantParams, topology: str) -> Board:
    """The board file: datasheet figures within 10 % of the true ones; times are the longest of the parts' spread."""

    def near(value: float) -> int:
        return round(value * rng.uniform(1 - STRAY, 1 + STRAY))

    def at_most(seconds: float) -> int:
        return max(1, round(1000 * seconds * rng.uniform(1.0, 1.3)))

    pins = iter(ACTUATOR_PINS)
    pump = params.pump
    on_ms, off_ms = at_most(max(v.on_s for v in params.valves)), at_most(max(v.off_s for v in params.valves))
    true_c = {part.to == "air": part.c for part in params.valves}
    declared_c = {to_air: near(1000 * true_c[to_air]) for to_air in (True, False)}

    def valve(to_air: bool, rest: str) -> Valve:
        return Valve(pin=next(pins), rest=rest, current_ma=500, c_ml_s_bar=declared_c[to_air], on_ms=on_ms, off_ms=off_ms)

    sensor_pins = iter(SENSOR_PINS)

    def sensor() -> Sensor:
        return Sensor(pin=next(sensor_pins), zero_mv=500, full_mv=4500, range_pa=40000, divider_permille=500, zero_error_mv=60)

    independent = topology == "independent"
    pump_pin = next(pins)
    vent = None if independent else valve(True, "open")
    line = Line(volume_ml=near(1000 * params.line_l), ceiling_mmhg=CEILING_MMHG, vent=vent, sensor=None if independent else sensor())
    zones = []
    for zone in params.zones:
        paths = {"inlet": valve(False, "closed"), "exhaust": valve(True, "open")} if independent else {"valve": valve(False, "open")}
        zones.append(Zone(volume_ml=near(1000 * zone.v0_l), sensor=None if topology == "manifold" else sensor(), **paths))
    return Board(
        name="bench",
        title="A plant of the benchmark",
        chip="esp32",
        topology="independent" if independent else "manifold",
        supply=Supply(voltage_mv=12000, current_ma=20000, enable_pin=2, relief_mmhg=round(params.supply.relief_mmhg or 170)),
        pump=Pump(
            pin=pump_pin,
            flow_ml_min=near(1000 * pump.q0_l_min),
            stall_mmhg=near(pump.stall_mmhg),
            min_duty_permille=min(900, round(1000 * pump.u0 * rng.uniform(1.0, 1 + STRAY)) + 20),
            current_ma=1500,
            coast_ms=at_most(pump.coast_s),
            spin_up_ms=at_most(pump.spin_up_s),
        ),
        line=line,
        legs=(Leg(name="left", zones=tuple(zones)),),
        panel=Panel(button_pin=14, led_pin=5),
    )
