"""Sensors at the pin, and the fault hooks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from host_tests.plant_rigs import independent, manifold, pump, seconds_until, shut_vent, table_zone
from tools.simulator.plant import Plant
from tools.simulator.plant_params import PlantParams, PumpParams, SensorParams, ValveParams


def with_sensor(**law: float) -> Plant:
    return Plant(replace(independent((table_zone(1.0),)), sensors=(SensorParams(zone=0, **law),)))


def test_pin_follows_the_law_of_the_sensor():
    plant = with_sensor(zero_mv=500.0, full_mv=4500.0, range_mmhg=300.0, divider=0.5, gain=1.02, offset_mmhg=-3.0)
    plant.charge(80.0, zone=0)
    assert plant.pin_mv(0) == pytest.approx(0.5 * (500.0 + 4000.0 * (80.0 * 1.02 - 3.0) / 300.0))


def test_pin_saturates_a_little_beyond_full_scale():
    plant = with_sensor()
    plant.charge(500.0, zone=0)
    assert plant.pin_mv(0) == pytest.approx(0.5 * 4700.0)


def test_sensor_noise_varies_and_repeats_for_a_seed():
    params = replace(independent((table_zone(1.0),)), sensors=(SensorParams(zone=0, noise_mv=2.0),))
    reads = [[plant.pin_mv(0) for _ in range(200)] for plant in (Plant(params, 5), Plant(params, 5), Plant(params, 6))]
    assert reads[0] == reads[1] != reads[2]
    mean = sum(reads[0]) / 200
    assert mean == pytest.approx(250.0, abs=0.6)
    assert 1.5 < (sum((r - mean) ** 2 for r in reads[0]) / 200) ** 0.5 < 2.5


def rippling() -> Plant:
    plant = shut_vent(Plant(manifold((table_zone(1.0),), pump=PumpParams(ripple_mmhg=3.0, ripple_hz=50.0))))
    plant.drive_pump(1.0)
    plant.advance(1.0)
    return plant


def test_a_pump_that_turns_but_moves_no_air_makes_no_strokes():
    plant = rippling()
    before = plant._sensors.ripple_mmhg(0.005)
    for share in (0.5, 0.0):
        plant.pump_share = share
        assert before > 2.9 and plant._sensors.ripple_mmhg(0.005) == pytest.approx(share * before)


def test_ripple_is_on_the_line_alone_and_only_while_the_pump_turns():
    plant = rippling()
    spread = []
    for sensor in (0, 1):
        off = []
        for _ in range(40):
            plant.advance(0.0005)
            true = plant.line_mmhg if sensor == 0 else plant.zone_mmhg[0]
            off.append(plant.pin_mv(sensor) / 0.5 - 500.0 - 4000.0 * true / 300.0)
        spread.append((max(off) - min(off)) * 300.0 / 4000.0)
    assert spread == [pytest.approx(6.0, rel=0.1), pytest.approx(0.0, abs=1e-6)]


def test_open_short_and_frozen_sensor():
    plant = with_sensor()
    plant.charge(80.0, zone=0)
    good = plant.pin_mv(0)
    plant.sensor_fault[0] = "frozen"
    plant.charge(20.0, zone=0)
    assert plant.pin_mv(0) == good
    plant.sensor_fault[0] = "open"
    assert plant.pin_mv(0) == 0.0
    plant.sensor_fault[0] = "short"
    assert plant.pin_mv(0) == 2500.0
    plant.sensor_fault[0] = None
    assert plant.pin_mv(0) < good - 100.0


@pytest.mark.parametrize("stuck, deflates", [("closed", False), ("open", True)])
def test_a_stuck_valve_ignores_its_coil(stuck, deflates):
    plant = Plant(independent((table_zone(1.0),)))
    plant.valve_stuck[1] = stuck
    plant.drive_valve(1, 0.0 if stuck == "closed" else 1.0)
    plant.advance(0.03)
    plant.charge(80.0, zone=0)
    plant.advance(5.0)
    assert (plant.zone_mmhg[0] < 10.0) is deflates
    assert plant.valve_open[1] is deflates


def test_a_leak_begins_and_ends_with_its_hook():
    plant = Plant(independent((table_zone(1.0),)))
    plant.drive_valve(1, 1.0)
    plant.advance(0.03)
    plant.charge(80.0, zone=0)
    plant.advance(5.0)
    assert plant.zone_mmhg[0] == pytest.approx(80.0, abs=0.01)
    plant.leak_c[0] = 0.05
    plant.advance(2.0)
    leaked = plant.zone_mmhg[0]
    assert leaked < 70.0
    plant.leak_c[0] = 0.0
    plant.advance(2.0)
    assert plant.zone_mmhg[0] == pytest.approx(leaked, abs=0.5)


def test_pump_stuck_on_runs_without_a_duty_and_stops_with_the_12_v():
    plant = shut_vent(Plant(manifold((table_zone(1.0),), pump=pump(15.0))))
    plant.pump_stuck_on = True
    plant.advance(1.0)
    assert plant.pump_flow_l_s > 0.1
    plant.cut_supply(True)
    plant.advance(0.1)
    assert plant.pump_flow_l_s == 0.0


def test_an_unplugged_zone_deflates_and_opens_the_line_behind_its_valve():
    plant = shut_vent(Plant(manifold((table_zone(1.0), table_zone(1.0)), pump=pump(15.0))))
    plant.charge(80.0, zone=0)
    plant.charge(80.0, zone=1)
    plant.drive_valve(0, 1.0)
    plant.drive_valve(1, 1.0)
    plant.advance(0.03)
    plant.zone_unplugged[0] = True
    seconds_until(plant, lambda: plant.zone_mmhg[0] < 1.0, most_s=5.0)
    assert plant.zone_mmhg[1] > 70.0
    plant.drive_valve(0, 0.0)
    plant.drive_pump(1.0)
    plant.advance(5.0)
    assert plant.zone_mmhg[0] < 1.0  # the pump blows into the room
    assert plant.line_mmhg < 60.0


@pytest.mark.parametrize("parts", [{"valves": (ValveParams(zone=3),)}, {"valves": (ValveParams(zone=None, to="line"),)},
                                   {"valves": (ValveParams(zone=0, to="moon"),)}, {"sensors": (SensorParams(zone=1),)}])  # fmt: skip
def test_parts_that_lead_nowhere_are_refused(parts):
    with pytest.raises(ValueError):
        PlantParams(zones=(table_zone(1.0),), **parts)


def held(zones: int = 1, mmhg: float = 80.0) -> Plant:
    """An independent plant whose zones are kept at a pressure."""
    plant = Plant(independent(tuple(table_zone(1.0) for _ in range(zones))))
    for zone in range(zones):
        plant.drive_valve(zones + zone, 1.0)
    plant.advance(0.03)
    for zone in range(zones):
        plant.charge(mmhg, zone)
    plant.advance(1.0)
    return plant


def test_a_clogged_valve_vents_in_proportion():
    times = []
    for share in (1.0, 0.25):
        plant = held()
        plant.valve_share[1] = share
        plant.drive_valve(1, 0.0)
        times.append(seconds_until(plant, lambda plant=plant: plant.zone_mmhg[0] < 15.0))
    assert times[1] == pytest.approx(4 * times[0], rel=0.05)


def test_a_shut_valve_with_a_worn_seat_feeds_its_zone_from_the_line():
    plant = held()
    plant.valve_extra_c[0] = 0.05
    plant.charge(140.0)
    plant.drive_pump(1.0)
    plant.advance(2.0)
    assert plant.valve_open[0] is False
    assert plant.zone_mmhg[0] > 90.0


def test_crossed_coils_move_each_others_valve():
    plant = held(2)
    plant.coil_of[2], plant.coil_of[3] = 3, 2
    plant.drive_valve(2, 0.0)
    plant.advance(3.0)
    assert plant.zone_mmhg[0] == pytest.approx(80.0, abs=1.0)
    assert plant.zone_mmhg[1] < 15.0


def test_nothing_passes_a_kinked_hose():
    plant = held()
    plant.zone_kinked[0] = True
    plant.drive_valve(1, 0.0)
    plant.advance(20.0)
    assert plant.zone_mmhg[0] == pytest.approx(80.0, abs=1.0)


def test_an_open_zip_gives_the_air_room():
    plant = held()
    plant.loosen(0, 0.5)
    plant.advance(0.1)
    assert plant.zone_mmhg[0] < 15.0


def test_a_weak_pump_fills_in_proportion():
    times = []
    for share in (1.0, 0.5):
        plant = shut_vent(Plant(manifold((table_zone(1.0),), pump=pump(15.0))))
        plant.pump_share = share
        plant.drive_pump(1.0)
        times.append(seconds_until(plant, lambda plant=plant: plant.zone_mmhg[0] > 40.0))
        assert plant.pump_share == share
    assert times[1] == pytest.approx(2 * times[0], rel=0.1)


def test_held_coils_drop_out_when_the_supply_sags():
    plant = held()
    plant.drive_valve(1, 0.5)
    plant.supply_share = 0.3
    plant.advance(5.0)
    assert plant.supply_volts == pytest.approx(0.3 * 12.0)
    assert plant.zone_mmhg[0] < 15.0
    plant.supply_share = 1.0
    assert plant.supply_volts == pytest.approx(12.0)


def test_a_sensor_that_errs_shows_another_pressure():
    plant = with_sensor()
    plant.charge(80.0, zone=0)
    right = plant.pin_mv(0)
    plant.sensor_error[0] = (0.5, 10.0)
    assert plant.pin_mv(0) == pytest.approx(250.0 + 2000.0 * 50.0 / 300.0)
    plant.sensor_error[0] = (1.0, 0.0)
    assert plant.pin_mv(0) == right


def test_who_sits_on_a_leg_presses_its_inflated_zones():
    plant = held()
    plant.squeeze_mmhg[0] = 40.0
    plant.advance(0.1)
    assert plant.zone_mmhg[0] == pytest.approx(120.0, abs=1.0)
    plant.squeeze_mmhg[0] = 0.0
    plant.advance(0.1)
    assert plant.zone_mmhg[0] == pytest.approx(80.0, abs=1.0)
