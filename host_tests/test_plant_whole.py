"""The plant as a whole: neighbours and limb, determinism, step sizes, healthy draws, and that off means deflated."""

from __future__ import annotations

from dataclasses import replace

import pytest

import tools.simulator.plant as plant_module
from host_tests.plant_rigs import independent, manifold, pump, shut_vent, table_zone
from tools.simulator.plant import Plant
from tools.simulator.plant_chambers import Chambers
from tools.simulator.plant_healthy import RANGE, TOPOLOGIES, Shape, random_healthy
from tools.simulator.plant_params import PARTS_OF_A_PLANT, TABLE, MovementParams

SHAPES = [Shape(t, legs) for t in TOPOLOGIES for legs in ((4,), (4, 4), (1,), (6, 6))]


def script(plant: Plant, step_s: float, ticks: int = 300) -> list[float]:
    """Fills zone 0, shuts it, vents the line, fills zone 1, holds, vents all; readings every 20 ms."""
    vent = len(plant.params.valves) - 1
    acts = {
        0: [(vent, 1.0), (1, 1.0)],
        125: [(0, 1.0)],
        140: [(vent, 0.0)],
        150: [(vent, 1.0), (1, 0.0)],
        225: [(1, 1.0)],
        260: [(vent, 0.0), (0, 0.0)],
    }
    readings = []
    for tick in range(ticks):
        plant.enable_edge()
        for valve, duty in acts.get(tick, ()):
            plant.drive_valve(valve, duty)
        plant.drive_pump(1.0 if 3 <= tick < 120 or 155 <= tick < 220 else 0.0)
        for _ in range(round(0.02 / step_s)):
            plant.advance(step_s)
        plant.sync()
        readings += [*plant.zone_mmhg, plant.line_mmhg]
    return readings


def two_zones() -> Plant:
    return Plant(manifold((table_zone(0.6, start_l=0.5, coupling=0.05, beta_l_per_mmhg=0.0002, leak_c=0.0005),) * 2), 3)


def close(one: list[float], other: list[float]) -> None:
    """Both zones always, and the line once it has settled in the first fill: within 1 % or 0.3 mmHg."""
    assert max(one[0::3]) > 60.0 and max(one[1::3]) > 20.0
    settled = slice(2 + 3 * 20, 3 * 118, 3)
    for part in (slice(0, None, 3), slice(1, None, 3), settled):
        assert one[part] == pytest.approx(other[part], rel=0.01, abs=0.3)


@pytest.mark.parametrize("step_s", [0.001, 0.0001, 0.005])
def test_the_result_does_not_depend_on_how_time_is_cut(step_s):
    close(script(two_zones(), 0.02), script(two_zones(), step_s))


def test_the_step_is_fine_enough(monkeypatch):
    coarse = script(two_zones(), 0.02)
    for name in ("FINE_S", "MIDDLE_S", "COARSE_S"):
        monkeypatch.setattr(plant_module, name, 0.0005)
    close(coarse, script(two_zones(), 0.02))


def test_unsynchronised_readings_lag_one_step_at_most():
    plant = shut_vent(Plant(manifold((table_zone(1.0, start_l=1.0),), pump=pump(15.0))))
    plant.drive_pump(1.0)
    plant.advance(1.0)
    plant.advance(0.0049)
    before = plant.zone_mmhg[0]
    plant.sync()
    assert 0.0 <= plant.zone_mmhg[0] - before < 0.5


def test_the_same_seed_gives_the_same_run_and_another_one_does_not():
    params = random_healthy(4, Shape("manifold", (4,), movement=True))
    runs = []
    for seed in (1, 1, 2):
        plant = Plant(params, seed)
        plant.charge(60.0, zone=2)
        runs.append(script(plant, 0.02))
    assert runs[0] == runs[1] != runs[2]
    assert params == random_healthy(4, Shape("manifold", (4,), movement=True)) != random_healthy(5, Shape("manifold", (4,), movement=True))


def test_a_neighbour_of_the_same_leg_is_squeezed_and_the_other_leg_is_not():
    zones = (table_zone(1.0, coupling=0.05), table_zone(1.0, coupling=0.05), table_zone(1.0, coupling=0.05, leg=1))
    plant = Plant(independent(zones))
    for exhaust in (3, 4, 5):
        plant.drive_valve(exhaust, 1.0)
    plant.advance(0.03)
    for zone in (0, 1, 2):
        plant.charge(40.0, zone=zone)
    plant.charge(80.0, zone=1)
    plant.advance(0.05)
    assert plant.zone_mmhg == [pytest.approx(44.0, abs=0.05), pytest.approx(82.0, abs=0.05), pytest.approx(40.0, abs=0.05)]


def test_a_slack_neighbour_feels_nothing():
    plant = Plant(manifold((table_zone(1.0, coupling=0.1), table_zone(1.0, coupling=0.1)), pump=pump(15.0)))
    plant.drive_valve(1, 1.0)
    plant.advance(0.03)
    plant.charge(80.0, zone=0)
    plant.advance(0.1)
    assert plant.zone_mmhg[1] == 0.0


def test_movement_and_pulse_reach_inflated_zones_only():
    zones = (table_zone(1.0), table_zone(1.0), table_zone(1.0))
    moves = MovementParams(on=True, mean_gap_s=5.0, pulse_mmhg=0.4)
    plant = Plant(independent(zones, movement=moves), 9)
    for exhaust in (3, 4, 5):
        plant.drive_valve(exhaust, 1.0)
    plant.advance(0.03)
    plant.charge(60.0, zone=0)
    plant.charge(15.0, zone=2)
    seen, slack, half = [], [], []
    for _ in range(3000):
        plant.advance(0.02)
        seen.append(plant.zone_mmhg[0] - 60.0)
        slack.append(plant.zone_mmhg[1])
        half.append(plant.zone_mmhg[2] - 15.0)
    assert 5.0 <= max(seen) <= 20.5 and min(seen) == pytest.approx(-0.4, abs=0.05)
    moved = sum(s > 4.0 for s in seen) / len(seen)
    assert 0.02 < moved < 0.5
    assert max(slack) == 0.0
    assert max(half) == pytest.approx(max(seen) / 2, rel=0.02)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s.topology}-{'+'.join(map(str, s.zones_per_leg))}")
def test_off_means_every_zone_decays(shape):
    """Coils and pump off, whatever the healthy plant: the highest pressure only falls, and all are deflated within 16 s."""
    for seed in range(6):
        plant = Plant(random_healthy(seed, shape), seed)
        for zone in range(len(plant.params.zones)):
            plant.charge(80.0, zone=zone)
        highest = max(plant.zone_mmhg)
        while plant.t_s < 16.0:
            plant.advance(0.02)
            # the highest, not each: on the way out zones meet in the line, and a lower one may take a little from a higher
            assert max(plant.zone_mmhg) <= highest + 1e-6
            highest = max(plant.zone_mmhg)
        assert highest < 15.0


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s.topology}-{'+'.join(map(str, s.zones_per_leg))}")
def test_healthy_plants_stay_inside_the_documented_ranges(shape):
    for seed in range(30):
        params = random_healthy(seed, shape)
        found = {"zone": params.zones, "valve": params.valves, "sensor": params.sensors, "pump": [params.pump], "plant": [params],
                 "supply": [params.supply], "movement": [params.movement]}  # fmt: skip
        for part, items in found.items():
            for item in items:
                for name in (n for n in PARTS_OF_A_PLANT[part].__dataclass_fields__ if f"{part}.{n}" in RANGE):
                    low, high = RANGE[f"{part}.{name}"]
                    assert low <= getattr(item, name) <= high, f"{part}.{name}"


def test_the_table_names_unit_and_source_of_every_parameter():
    names = [row.name for row in TABLE]
    assert len(names) == len(set(names)) > 50
    for row in TABLE:
        assert row.unit and row.source and row.says
        if row.min is not None:
            assert row.min <= row.default <= row.max, row.name


@pytest.mark.parametrize("bad", [Shape("ring"), Shape("manifold", (7,)), Shape("manifold", (1, 1, 1)), Shape("manifold", ())])
def test_an_unknown_shape_is_refused(bad):
    with pytest.raises(ValueError):
        random_healthy(0, bad)


def test_work_per_tick_stays_small(monkeypatch):
    """Counts chamber updates, not seconds: 8 zones, one filling, 32 reads of 50 us in each tick of 20 ms."""
    plant = Plant(replace(manifold((table_zone(1.0),) * 8), sensors=()))
    for valve in range(1, 9):
        plant.drive_valve(valve, 1.0)
    plant.advance(0.04)
    calls = []
    settle = Chambers.settle
    monkeypatch.setattr(Chambers, "settle", lambda self, *args: (calls.append(1), settle(self, *args))[1])

    def per_tick(duty: float) -> float:
        calls.clear()
        for _ in range(100):
            plant.drive_pump(duty)
            for _ in range(32):
                plant.advance(0.00005)
            for _ in range(4):
                plant.advance(0.0046)
        return len(calls) / 100

    assert per_tick(1.0) <= 14
    plant.drive_valve(0, 1.0)
    plant.advance(0.5)
    assert per_tick(0.0) <= 10
    assert shut_vent(plant).valve_open[8] is False
