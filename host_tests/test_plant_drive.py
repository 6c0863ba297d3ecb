"""The 12 V side: enable, coils, supply sag, the pump's own start and stop, relief."""

from __future__ import annotations

from dataclasses import replace

import pytest

from host_tests.plant_rigs import PLAIN_SUPPLY, independent, manifold, pump, rigid_zone, seconds_until, shut_vent, table_zone
from tools.simulator.plant import Plant
from tools.simulator.plant_params import PumpParams, SupplyParams, ValveParams

ENABLED = SupplyParams(r_ohm=0.0, has_enable=True, enable_hold_s=0.1, relief_mmhg=None)


def toggling(plant: Plant, seconds: float) -> None:
    for _ in range(round(seconds / 0.02)):
        plant.enable_edge()
        plant.advance(0.02)


def one_valve(**changes: object) -> Plant:
    valve = replace(ValveParams(zone=0, c=0.5, rest_open=True, pull_in_share=0.7, release_share=0.25, on_s=0.012, off_s=0.03), **changes)
    return Plant(replace(manifold((table_zone(1.0),)), valves=(valve,)))


def test_without_an_edge_nothing_is_powered():
    plant = Plant(manifold((table_zone(1.0),), supply=ENABLED))
    plant.drive_valve(0, 1.0)
    plant.drive_pump(1.0)
    plant.advance(0.5)
    assert plant.supply_volts == 0.0 and plant.valve_open == [True, True] and plant.pump_flow_l_s == 0.0


def test_enable_decays_one_hold_time_after_the_last_edge_and_everything_deflates():
    plant = Plant(manifold((table_zone(0.5),), supply=ENABLED))
    plant.drive_valve(1, 1.0)
    plant.drive_pump(1.0)
    toggling(plant, 4.0)
    filled = plant.zone_mmhg[0]
    assert filled > 20.0 and plant.supply_volts == 12.0 and not plant.valve_open[1]
    plant.advance(0.0799)
    assert plant.supply_volts == 12.0
    plant.advance(0.0002)
    assert plant.supply_volts == 0.0
    plant.advance(plant.params.valves[1].off_s + 0.001)
    assert plant.valve_open[1]
    plant.advance(20.0)
    assert plant.zone_mmhg[0] < 0.1
    plant.enable_edge()
    assert plant.supply_volts == 12.0


def test_an_edge_counts_from_its_own_moment_however_lazily_the_plant_steps():
    plant = Plant(manifold((table_zone(0.5),), supply=ENABLED))
    plant.advance(1.0)
    plant.advance(0.013)
    plant.enable_edge()
    plant.advance(0.099)
    assert plant.supply_volts == 12.0
    plant.advance(0.002)
    assert plant.supply_volts == 0.0


def test_an_edge_powers_nothing_before_its_moment():
    plant = Plant(manifold((table_zone(0.5),), supply=ENABLED))
    plant.drive_valve(1, 1.0)
    plant.advance(1.010)
    plant.sync()
    plant.advance(0.018)  # lazily, over the slow pass at 1.02 s
    plant.enable_edge()
    plant.advance(plant.params.valves[1].on_s - 0.001)
    plant.sync()
    assert plant.valve_open[1]
    plant.advance(0.002)
    assert not plant.valve_open[1]


def test_a_cut_supply_takes_pump_and_coils_and_comes_back():
    plant = shut_vent(Plant(manifold((table_zone(1.0),))))
    plant.drive_pump(1.0)
    plant.advance(1.0)
    plant.cut_supply(True)
    assert plant.supply_volts == 0.0
    plant.advance(0.3)
    assert plant.valve_open[1] and plant.pump_flow_l_s == 0.0
    plant.cut_supply(False)
    plant.advance(0.3)
    assert not plant.valve_open[1] and plant.pump_flow_l_s > 0.1


def test_a_valve_moves_after_its_delay():
    plant = one_valve()
    plant.drive_valve(0, 1.0)
    plant.advance(0.0115)
    assert plant.valve_open == [True]
    plant.advance(0.001)
    assert plant.valve_open == [False]
    plant.drive_valve(0, 0.0)
    plant.advance(0.0295)
    assert plant.valve_open == [False]
    plant.advance(0.001)
    assert plant.valve_open == [True]


def test_a_pulse_shorter_than_the_delay_moves_nothing():
    plant = one_valve()
    plant.drive_valve(0, 1.0)
    plant.advance(0.010)
    plant.drive_valve(0, 0.0)
    plant.advance(0.1)
    assert plant.valve_open == [True]


@pytest.mark.parametrize("duty, moves", [(0.69, False), (0.71, True)])
def test_pull_in_needs_its_share_of_the_voltage(duty, moves):
    plant = one_valve()
    plant.drive_valve(0, duty)
    plant.advance(0.5)
    assert plant.valve_open == [not moves]


@pytest.mark.parametrize("duty, holds", [(0.4, True), (0.26, True), (0.24, False)])
def test_a_pulled_in_valve_holds_down_to_its_release_voltage(duty, holds):
    plant = one_valve()
    plant.drive_valve(0, 1.0)
    plant.advance(0.1)
    plant.drive_valve(0, duty)
    plant.advance(0.5)
    assert plant.valve_open == [not holds]
    plant.drive_valve(0, 0.5)  # a hold duty cannot pull it in again
    plant.advance(0.5)
    assert plant.valve_open == [not holds]


def test_a_normally_closed_valve_opens_with_current():
    plant = one_valve(rest_open=False)
    assert plant.valve_open == [False]
    plant.drive_valve(0, 1.0)
    plant.advance(0.1)
    assert plant.valve_open == [True]


def test_supply_sags_with_the_current_it_gives():
    supply = SupplyParams(volts=12.0, r_ohm=0.5, has_enable=False, relief_mmhg=None)
    params = manifold((table_zone(1.0),), supply=supply, pump=PumpParams(u0=0.3, run_a=1.2, inrush=3.0))
    plant = Plant(params)
    assert plant.supply_volts == 12.0
    plant.drive_valve(0, 1.0)
    plant.drive_valve(1, 1.0)
    assert plant.supply_volts == pytest.approx(12.0 / (1.0 + 0.5 * 0.8 / 12.0))
    plant.drive_pump(1.0)
    inrush = plant.supply_volts
    assert inrush == pytest.approx(12.0 / (1.0 + 0.5 * (0.8 + 3.6) / 12.0))
    plant.advance(1.0)
    assert inrush + 0.5 < plant.supply_volts < 11.7


def test_inrush_on_a_weak_supply_drops_a_holding_valve():
    supply = SupplyParams(volts=12.0, r_ohm=3.0, has_enable=False, relief_mmhg=None)
    big = PumpParams(run_a=2.0, inrush=4.0, spin_up_s=0.15)
    valve = ValveParams(zone=0, release_share=0.25, off_s=0.005)
    plant = Plant(replace(manifold((table_zone(1.0),), supply=supply, pump=big), valves=(valve,)))
    plant.drive_valve(0, 1.0)
    plant.advance(0.1)
    plant.drive_valve(0, 0.4)
    plant.advance(0.1)
    assert plant.valve_open == [False]
    plant.drive_pump(1.0)
    plant.advance(0.05)
    assert plant.valve_open == [True]


def test_pump_stalls_below_u0_spins_up_and_coasts_down():
    spinning = PumpParams(q0_l_min=15.0, stall_mmhg=1e9, u0=0.4, spin_up_s=0.1, coast_s=0.2)
    plant = Plant(manifold((rigid_zone(1.0),), zone_c=1.0, vent_c=1.0, pump=spinning))
    plant.drive_pump(0.39)
    plant.advance(1.0)
    assert plant.pump_flow_l_s == 0.0
    plant.drive_pump(0.7)
    plant.advance(0.02)
    assert 0.0 < plant.pump_flow_l_s < 0.1
    plant.advance(1.0)
    assert plant.pump_flow_l_s == pytest.approx(0.25 * 0.5, rel=0.01)
    plant.drive_pump(0.0)
    plant.advance(0.05)
    assert plant.pump_flow_l_s > 0.02
    plant.advance(0.16)
    assert plant.pump_flow_l_s == 0.0


def test_relief_holds_the_line_near_its_set_pressure():
    supply = replace(PLAIN_SUPPLY, relief_mmhg=170.0, relief_c=0.7)
    closed = manifold((table_zone(1.0),), supply=supply, pump=pump(15.0))
    plant = shut_vent(Plant(closed))
    plant.drive_valve(0, 1.0)
    plant.advance(0.03)
    plant.drive_pump(1.0)
    highest = 0.0
    for _ in range(200):
        plant.advance(0.005)
        highest = max(highest, plant.line_mmhg)
    assert 170.0 < highest < 190.0
    plant.relief_stuck = "closed"
    plant.advance(2.0)
    assert plant.line_mmhg == pytest.approx(600.0, rel=0.01)  # dead-headed: the pump's stall
    plant.relief_stuck = "open"
    plant.advance(2.0)
    assert plant.line_mmhg < 60.0


def test_independent_exhaust_open_at_rest_and_inlet_shut():
    plant = Plant(independent((table_zone(1.0),)))
    assert plant.valve_open == [False, True]
    plant.charge(80.0, zone=0)
    assert seconds_until(plant, lambda: plant.zone_mmhg[0] < 1.0) < 10.0
