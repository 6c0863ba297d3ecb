"""The air of the plant against closed forms, and against a plain integration of the model's equations."""

from __future__ import annotations

from math import exp, sqrt

import pytest

from host_tests.plant_rigs import independent, manifold, pump, rigid_zone, seconds_until, shut_vent, table_zone
from tools.simulator.plant import Plant
from tools.simulator.plant_orifice import BAR_PER_MMHG, PA_MMHG, linear_conductance, orifice_l_s


def test_choked_vent_of_a_bottle_is_exponential():
    plant = Plant(independent((rigid_zone(1.0),), exhaust_c=0.5, b=0.5))
    plant.charge(2000.0, zone=0)
    plant.advance(1.0)
    expected = (PA_MMHG + 2000.0) * exp(-0.5 * BAR_PER_MMHG * PA_MMHG / 1.0 * 1.0) - PA_MMHG
    assert expected > PA_MMHG  # still choked at the end: r below b = 0.5
    assert plant.zone_mmhg[0] == pytest.approx(expected, rel=0.01)


def test_slack_fills_at_the_flow_of_the_pump_without_pressure():
    plant = shut_vent(Plant(manifold((table_zone(1.0),), zone_c=1.0, pump=pump(15.0, 1e9))))
    plant.drive_pump(1.0)
    plant.advance(0.84 / 0.25)
    assert plant.zone_mmhg[0] == 0.0
    assert plant.air_l[0] == pytest.approx(0.15 + 0.84, rel=0.01)
    plant.advance(0.2)
    assert plant.zone_mmhg[0] > 1.0


def test_bottle_fills_linearly_at_constant_flow():
    plant = shut_vent(Plant(manifold((rigid_zone(2.0),), zone_c=1.0, pump=pump(12.0, 1e9))))
    plant.drive_pump(1.0)
    plant.advance(1.0)
    before = plant.zone_mmhg[0]
    plant.advance(1.0)
    assert plant.zone_mmhg[0] - before == pytest.approx(0.2 * PA_MMHG / 2.05, rel=0.005)


def test_slow_stretch_sags_like_an_rc():
    k, beta, tau, start = 0.002, 0.0001, 5.0, 80.0
    zone = table_zone(1.0, dv_l=0.0, k_l_per_mmhg=k, beta_l_per_mmhg=beta, tau_s=tau)
    plant = Plant(independent((zone,)))
    plant.drive_valve(1, 1.0)
    plant.advance(0.02)
    plant.charge(start, zone=0)
    stretch_per_mmhg = (1.0 + k * start + (PA_MMHG + start) * k) / (PA_MMHG + start)
    share = 1.0 + beta / stretch_per_mmhg
    for seconds in (2.0, 5.0, 20.0):
        plant.advance(seconds - (plant.t_s - 0.02))
        expected = (start - start / share) * (1.0 - exp(-share * seconds / tau))
        assert start - plant.zone_mmhg[0] == pytest.approx(expected, rel=0.03)


def test_a_default_chamber_sags_3_to_8_mmhg_in_the_first_seconds_of_a_hold():
    zone = table_zone(1.0, beta_l_per_mmhg=0.0004, tau_s=6.0)
    plant = shut_vent(Plant(manifold((zone,))))
    plant.drive_pump(1.0)
    seconds_until(plant, lambda: plant.zone_mmhg[0] >= 80.0)
    plant.drive_valve(0, 1.0)
    plant.drive_pump(0.0)
    plant.advance(0.1)
    start = plant.zone_mmhg[0]
    plant.advance(7.0)
    assert 3.0 <= start - plant.zone_mmhg[0] <= 8.0


def test_no_air_is_lost_or_made_while_zones_exchange_it():
    zones = tuple(table_zone(v, beta_l_per_mmhg=0.0004) for v in (0.5, 1.0, 2.5))
    plant = shut_vent(Plant(manifold(zones)))
    plant.charge(110.0, zone=0)
    plant.charge(40.0, zone=2)
    before = plant.free_air_l()
    plant.advance(5.0)
    assert plant.air_l[1] > 0.5 and plant.zone_mmhg[0] < 20.0  # they did exchange
    assert plant.free_air_l() == pytest.approx(before, abs=1e-9)


def test_two_bottles_equalise_to_the_weighted_mean():
    plant = shut_vent(Plant(manifold((rigid_zone(0.5), rigid_zone(2.0)))))
    plant.charge(100.0, zone=0)
    plant.advance(6.0)
    for mmhg in (*plant.zone_mmhg, plant.line_mmhg):
        assert mmhg == pytest.approx(100.0 * 0.5 / 2.55, rel=0.01)


def test_air_flows_between_zones_only_through_open_valves():
    plant = Plant(manifold((rigid_zone(1.0), rigid_zone(1.0))))
    plant.drive_valve(1, 1.0)
    plant.drive_valve(2, 1.0)
    plant.advance(0.03)
    plant.charge(90.0, zone=0)
    plant.advance(2.0)
    assert plant.zone_mmhg[1] == 0.0
    assert plant.zone_mmhg[0] == pytest.approx(90.0 / 1.05, rel=0.01)  # it shares with the line alone


def test_slack_air_stays_after_a_passive_vent():
    plant = Plant(manifold((table_zone(1.0),)))
    plant.charge(80.0, zone=0)
    plant.advance(30.0)
    assert plant.zone_mmhg[0] == pytest.approx(0.0, abs=0.01)
    assert plant.air_l[0] == pytest.approx(1.0, rel=0.001)


def test_later_fills_need_half_a_litre():
    plant = shut_vent(Plant(manifold((table_zone(1.0),), pump=pump(15.0))))
    fills = []
    for _ in range(2):
        plant.drive_valve(1, 1.0)
        plant.drive_pump(1.0)
        fills.append(seconds_until(plant, lambda: plant.zone_mmhg[0] >= 80.0))
        plant.drive_pump(0.0)
        plant.drive_valve(1, 0.0)
        plant.advance(30.0)
    assert 1.8 <= fills[0] / fills[1] <= 3.0  # "two to three times as long"


@pytest.mark.parametrize("v0_l, c, q0", [(1.0, 0.5, 15.0), (0.5, 0.2, 15.0), (2.5, 0.2, 6.0)])
def test_a_fill_agrees_with_a_plain_integration(v0_l: float, c: float, q0: float):
    """Explicit Euler at 50 us on dP/dt = q / [(V + (Pa + P) V') / Pa], written from the model and nothing else."""
    stall, line_l, h = 600.0, 0.05, 0.00005
    line = p = t = 0.0
    volume = 0.15
    while p < 60.0:
        up, down = max(line, p), min(line, p)
        r = (PA_MMHG + down) / (PA_MMHG + up)
        x = (min(r, 0.995) - 0.3) / 0.7
        q = c * (PA_MMHG + up) / 750.062 * sqrt(1.0 - x * x)
        if r > 0.995:
            q *= (1.0 - r) / 0.005
        q = q if line >= p else -q
        if volume < v0_l:
            volume += q * h
        else:
            v = v0_l + 0.25 * v0_l * (1.0 - exp(-p / 25.0)) + 0.0008 * v0_l * p
            dv = 0.25 * v0_l / 25.0 * exp(-p / 25.0) + 0.0008 * v0_l
            p += q * h / ((v + (PA_MMHG + p) * dv) / PA_MMHG)
        line += (q0 / 60.0 * max(0.0, 1.0 - line / stall) - q) * h * PA_MMHG / line_l
        t += h
    plant = shut_vent(Plant(manifold((table_zone(v0_l),), zone_c=c, pump=pump(q0, stall))))
    plant.drive_pump(1.0)
    plant.advance(t)
    assert plant.zone_mmhg[0] == pytest.approx(60.0, rel=0.01)
    assert plant.line_mmhg == pytest.approx(line, rel=0.01)


def test_orifice_is_symmetric_and_continuous_where_it_turns_linear():
    assert orifice_l_s(0.5, 0.3, 80.0, 10.0) == -orifice_l_s(0.5, 0.3, 10.0, 80.0)
    edge = PA_MMHG / 0.995 - PA_MMHG
    assert orifice_l_s(0.5, 0.3, edge * 1.0001, 0.0) == pytest.approx(orifice_l_s(0.5, 0.3, edge * 0.9999, 0.0), rel=0.001)
    assert orifice_l_s(0.5, 0.3, 1.0, 0.0) == pytest.approx(linear_conductance(0.5, 0.3), rel=1e-9)
    assert orifice_l_s(0.2, 0.3, 4000.0, 0.0) == pytest.approx(0.2 * 4760.0 * BAR_PER_MMHG)
