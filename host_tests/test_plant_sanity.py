"""The plant against the table of sanity figures of the pneumatics facts, each within 10 %."""

from __future__ import annotations

from dataclasses import replace

import pytest

from host_tests.plant_rigs import independent, manifold, pump, seconds_until, shut_vent, table_zone
from tools.simulator.plant import Plant
from tools.simulator.plant_params import PumpParams

WITHIN = 0.10
EIGHT_ZONES_L = 1.5
"""Mean slack volume behind the facts' figures for eight zones: two legs from foot to thigh."""

FILLS = [  # NL/min, stall mmHg, valve C, 1 L to 80 s, 2.5 L to 80 s, open-valve manifold reads high by mmHg
    (3.0, 350.0, 0.2, 28.0, 73.0, 7.5),
    (6.0, 400.0, 0.2, 15.0, 40.0, 28.0),
    (15.0, 600.0, 0.5, 5.7, 15.0, 35.0),
    (15.0, 600.0, 0.2, 7.4, 20.0, 134.0),
    (20.0, 600.0, 0.5, 4.5, 12.0, 56.0),
]


def filling(v0_l: float, q0: float, stall: float, c: float) -> Plant:
    plant = shut_vent(Plant(manifold((table_zone(v0_l),), zone_c=c, pump=PumpParams(q0_l_min=q0, stall_mmhg=stall))))
    plant.drive_pump(1.0)
    return plant


@pytest.mark.parametrize("q0, stall, c, one_l, two_and_a_half_l, high", FILLS)
def test_fill_times_and_how_much_the_open_manifold_reads_high(q0, stall, c, one_l, two_and_a_half_l, high):
    for v0_l, expected in ((1.0, one_l), (2.5, two_and_a_half_l)):
        plant = filling(v0_l, q0, stall, c)
        assert seconds_until(plant, lambda p=plant: p.zone_mmhg[0] >= 80.0) == pytest.approx(expected, rel=WITHIN)
        assert plant.line_mmhg - plant.zone_mmhg[0] == pytest.approx(high, rel=WITHIN)


@pytest.mark.parametrize("v0_l, c, seconds", [(1, 0.1, 9.4), (1, 0.2, 4.7), (1, 0.5, 1.9), (2.5, 0.1, 24), (2.5, 0.2, 12), (2.5, 0.5, 4.7)])
def test_vent_from_80_to_10(v0_l, c, seconds):
    plant = Plant(independent((table_zone(v0_l),), exhaust_c=c))
    plant.charge(80.0, zone=0)
    assert seconds_until(plant, lambda: plant.zone_mmhg[0] <= 10.0) == pytest.approx(seconds, rel=WITHIN)


@pytest.mark.parametrize("v0_l, mmhg_s", [(0.5, 164.0), (1.0, 82.0), (2.5, 33.0)])
def test_rate_at_15_litres_a_minute(v0_l, mmhg_s):
    plant = shut_vent(Plant(manifold((table_zone(v0_l),), zone_c=1.0, pump=pump(15.0, 1e9))))
    plant.charge(79.0, zone=0)
    plant.charge(79.0)
    plant.drive_pump(1.0)
    plant.advance(0.02)
    start, at = plant.zone_mmhg[0], plant.t_s
    plant.advance(0.02)
    assert (plant.zone_mmhg[0] - start) / (plant.t_s - at) == pytest.approx(mmhg_s, rel=WITHIN)


@pytest.mark.parametrize("zone_c, vent_c, seconds", [(0.2, 0.2, 50.0), (0.5, 0.5, 20.0), (0.5, 1.0, 10.5)])
def test_all_eight_zones_through_one_vent_from_80_to_15(zone_c, vent_c, seconds):
    plant = Plant(manifold((table_zone(EIGHT_ZONES_L),) * 8, zone_c=zone_c, vent_c=vent_c))
    for zone in range(8):
        plant.charge(80.0, zone=zone)
    assert seconds_until(plant, lambda: max(plant.zone_mmhg) <= 15.0, step_s=0.02) == pytest.approx(seconds, rel=WITHIN)


@pytest.mark.parametrize("vent_c, mmhg", [(0.2, 183.0), (0.5, 53.0), (1.0, 15.0)])
def test_pump_stuck_on_with_the_vent_open(vent_c, mmhg):
    plant = Plant(manifold((table_zone(1.0),), vent_c=vent_c, pump=pump(15.0)))
    plant.pump_stuck_on = True
    plant.advance(20.0)
    assert plant.line_mmhg == pytest.approx(mmhg, rel=WITHIN)


def test_a_hang_with_the_pump_on_takes_a_foot_chamber_from_80_to_130_in_0_38_s():
    plant = shut_vent(Plant(manifold((table_zone(0.5),), pump=pump(15.0))))
    plant.charge(80.0, zone=0)
    plant.charge(115.0)
    plant.drive_pump(1.0)
    assert seconds_until(plant, lambda: plant.zone_mmhg[0] >= 130.0) == pytest.approx(0.38, rel=WITHIN)


def test_a_good_leak_loses_0_2_to_2_mmhg_in_10_s_and_a_faulty_one_more_than_10():
    for leak_c, least, most in ((0.00012, 0.15, 2.0), (0.001, 0.2, 2.0), (0.02, 10.0, 60.0)):
        plant = Plant(independent((table_zone(1.0, leak_c=leak_c),)))
        plant.drive_valve(1, 1.0)
        plant.advance(0.03)
        plant.charge(80.0, zone=0)
        plant.advance(10.0)
        assert least <= 80.0 - plant.zone_mmhg[0] <= most


def test_warm_air_reads_1_to_3_percent_high_and_cools_in_1_to_3_seconds():
    params = manifold((table_zone(1.0, thermal=0.02, thermal_tau_s=0.6),))
    warm, cold = (shut_vent(Plant(replace(params, zones=z))) for z in (params.zones, (table_zone(1.0),)))
    for plant in (warm, cold):
        plant.drive_pump(1.0)
        seconds_until(plant, lambda p=plant: p.zone_mmhg[0] >= 80.0)
        plant.drive_valve(0, 1.0)
        plant.drive_pump(0.0)
        plant.advance(0.03)
    assert 80.0 * 0.01 <= _drop(warm, 3.0) <= 80.0 * 0.03
    assert _drop(warm, 3.0) < 0.1
    assert _drop(cold, 3.0) < 0.01


def _drop(plant: Plant, seconds: float) -> float:
    start = plant.zone_mmhg[0]
    plant.advance(seconds)
    return start - plant.zone_mmhg[0]
