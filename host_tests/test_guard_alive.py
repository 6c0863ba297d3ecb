"""A line that is held at its ceiling and does not even tremble: the pump idles, and shows nothing of it: frozen. At the desk."""

from __future__ import annotations

import pytest

from host_tests.guard_desk import Desk
from peristal.core import faults
from peristal.core.reasons import WHY_TRIP
from peristal.core.units import mmhg, pa

TARGET = 60.0


def throttled(line_mmhg: float, topology: str = "manifold") -> Desk:
    """Zone 1 is driven through a narrow valve, and the line stands so high."""
    desk = Desk(topology)
    desk.guard.line._drop_pa[0] = desk.guard.line._declared_pa[0] = pa(160)
    desk.fill(0, TARGET)
    while not desk.drive.pump_permille:
        desk.tick()
    desk.line_mmhg = line_mmhg
    return desk


def until_idle(desk: Desk, trembles_mmhg: float = 0.0, most_ms: int = 6000) -> int | None:
    """Milliseconds until the pump may only idle; None when that never comes."""
    line_mmhg = desk.line_mmhg
    for at_ms in range(0, most_ms, 20):
        desk.line_mmhg = line_mmhg - trembles_mmhg * (at_ms // 100 % 2)
        desk.guard.answer._silent[0] = 0  # whatever the throttle makes of it
        desk.tick()
        if desk.guard.pump_permille and desk.guard.pump_permille == desk.net.board.pump.min_duty_permille:
            return at_ms
    return None


def ceiling_mmhg(desk: Desk) -> int:
    return mmhg(desk.net.ceiling_pa)


def test_a_still_line_at_its_ceiling_makes_the_pump_idle_before_its_zone_can_have_come_from_its_target_to_the_cap():
    desk = throttled(128.0)
    ten_ms = desk.guard.levels.ten_ul(0, pa(int(TARGET))) // desk.guard.answer.flow_ml_s[0]
    took_ms = until_idle(desk)
    assert took_ms is not None and abs(took_ms - (120 - TARGET) / 15 * ten_ms) <= 60
    assert desk.guard.line.idles_ms


def test_near_the_cap_it_is_the_time_of_a_few_mmhg_all_the_same():
    desk = throttled(129.5)
    desk.wish.target_pa[0] = pa(119)
    ten_ms = desk.guard.levels.ten_ul(0, pa(119)) // desk.guard.answer.flow_ml_s[0]
    took_ms = until_idle(desk)
    assert took_ms is not None and abs(took_ms - 10 / 15 * ten_ms) <= 40 < took_ms


@pytest.mark.parametrize("trembles, idles", ((1.4, True), (1.8, False)))
def test_a_line_that_trembles_as_the_strokes_make_it_is_left_alone(trembles, idles):
    assert (until_idle(throttled(128.0), trembles) is not None) is idles


@pytest.mark.parametrize("below, idles", ((13, True), (15, False)))
def test_a_line_below_its_ceiling_is_not_held_there(below, idles):
    desk = throttled(0.0)
    desk.line_mmhg = float(ceiling_mmhg(desk) - below)
    assert (until_idle(desk) is not None) is idles


def test_a_zone_that_is_wished_nearly_the_line_s_pressure_need_not_let_the_line_fall():
    desk = throttled(127.0)
    desk.wish.target_pa[0] = pa(118)
    assert until_idle(desk) is None


def test_a_line_that_does_not_fall_while_the_pump_idles_has_a_frozen_sensor():
    desk = throttled(128.0)
    until_idle(desk)
    most_ms = desk.net.coast_ms + desk.net.settle_ms[0] + 100
    took_ms = desk.until_fault(2000)
    assert desk.fault == faults.SENSOR_FROZEN and desk.guard.fault_zone == 0
    assert abs(took_ms - most_ms) <= 40


@pytest.mark.parametrize("falls, dead", ((1.4, True), (1.8, False)))
def test_one_that_falls_lives_and_the_pump_goes_on(falls, dead):
    desk = throttled(128.0)
    until_idle(desk)
    desk.line_mmhg -= falls
    desk.run(100)
    assert bool(desk.guard.line.idles_ms) is dead and bool(desk.guard.alive._idle_ms) is dead
    desk.run(200)
    assert (desk.fault == faults.SENSOR_FROZEN) is dead


def test_it_is_judged_to_its_end_where_the_regulator_stops_the_pump_meanwhile_and_not_once_the_line_is_let_out():
    for goes_on, told in ((lambda desk: desk.look(0, TARGET), True), (Desk.vent, False), (Desk.hold, False)):
        desk = throttled(128.0)
        until_idle(desk)
        goes_on(desk)
        desk.run(500)
        assert (desk.fault == faults.SENSOR_FROZEN) is told


def test_a_line_that_stands_still_without_a_drive_is_none_that_is_held_at_its_ceiling():
    desk = throttled(128.0)
    desk.run(100)
    assert desk.guard.alive._still_ms
    desk.look(0, TARGET)
    desk.run(60)
    assert not desk.guard.alive._still_ms and not desk.guard.alive._idle_ms


def test_a_line_that_is_full_before_any_drive_is_no_frozen_sensor():
    """Somebody sits on a leg: nothing was driven yet, and no zone is meant."""
    desk = Desk("manifold")
    desk.look(0, TARGET)
    desk.line_mmhg = 129.0
    desk.run(2000)
    assert desk.fault != faults.SENSOR_FROZEN and not desk.guard.reasons & WHY_TRIP


def test_zones_with_sensors_of_their_own_need_no_such_proof():
    desk = throttled(128.0, "zone sensors")
    for shown in range(40):
        desk.show(0, float(shown))
        desk.tick()
        assert not desk.guard.alive._still_ms
