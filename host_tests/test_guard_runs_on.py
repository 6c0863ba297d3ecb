"""A pump that runs although nobody drives it: what shows it, and what only looks alike. At the desk."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import ALL, OWN_SENSORS, Desk
from peristal.core import faults
from peristal.core.reasons import WHY_RELIEF
from peristal.core.units import NONE, pa


def held(topology: str) -> Desk:
    """Every zone has its 60 mmHg and is shut."""
    desk = Desk(topology)
    desk.hold(60.0)
    for zone in range(desk.net.n_zones):
        desk.show(zone, 60.0)
    return desk.run(1000)


def looks_up(desk: Desk, zone: int, from_mmhg: float, rise_mmhg: float, at_once: bool = False, apart_ms: int = 1500) -> None:
    """A zone is opened to the still line for a look, and rises meanwhile."""
    desk.look(zone)
    for _ in range(60):
        desk.line_mmhg = from_mmhg
        desk.tick()
        if desk.guard.runs_on._zone == zone:
            break
    for tick in range(20):
        share = float(tick > 9) if at_once else tick / 19
        desk.show(zone, from_mmhg + rise_mmhg * share)
        desk.line_mmhg = desk.zone_mmhg[zone]
        desk.tick()
    desk.hold(60.0)
    desk.run(40)
    desk.show(zone, from_mmhg)
    desk.run(apart_ms)


@OWN_SENSORS
@pytest.mark.parametrize(
    "rise_mmhg, at_once, looks, told",
    (
        (6.0, False, 2, True), (6.0, False, 1, False),  # twice the least counts twice
        (3.2, False, 3, True), (3.2, False, 2, False), (2.2, False, 9, False),
        (8.0, True, 9, False),  # a limb
    ),
)  # fmt: skip
def test_zones_that_rise_look_after_look_with_the_pump_off_are_driven_by_something_else(topology, rise_mmhg, at_once, looks, told):
    desk = Desk(topology)
    desk.hold(60.0)
    for zone in range(desk.net.n_zones):
        desk.show(zone, 40.0)
    desk.run(1000)
    for look in range(looks):
        looks_up(desk, look % 2, 40.0, rise_mmhg, at_once)
    assert (desk.fault == faults.PUMP_RUNS_ON) is told


@OWN_SENSORS
@pytest.mark.parametrize("gives_mmhg, fault, zone", ((3.2, faults.VALVE_STUCK_OPEN, 2), (2.8, faults.PUMP_RUNS_ON, 255)))
def test_air_that_a_shut_zone_gives_meanwhile_is_that_zone_s_valve(topology, gives_mmhg, fault, zone):
    desk = Desk(topology)
    desk.hold(60.0)
    for other in range(desk.net.n_zones):
        desk.show(other, 40.0)
    desk.run(1000)
    looks_up(desk, 0, 40.0, 6.0)
    desk.look(0)
    for _ in range(60):
        desk.line_mmhg = 40.0
        desk.tick()
        if desk.guard.runs_on._zone == 0:
            break
    for tick in range(22):
        desk.show(0, 40.0 + 6.0 * min(1.0, tick / 19))
        desk.show(2, 40.0 - gives_mmhg * min(1.0, tick / 19))
        desk.line_mmhg = desk.zone_mmhg[0]
        desk.tick()
    assert (desk.guard.fault, desk.guard.fault_zone) == (fault, zone)


@OWN_SENSORS
def test_a_look_at_a_zone_that_keeps_still_begins_the_count_anew_and_so_does_a_new_session(topology):
    for between in ("calm", "begin", "at once after"):
        desk = Desk(topology)
        desk.hold(60.0)
        for zone in range(desk.net.n_zones):
            desk.show(zone, 40.0)
        desk.run(1000)
        looks_up(desk, 0, 40.0, 3.2)
        looks_up(desk, 0, 40.0, 3.2)
        if between == "calm":
            looks_up(desk, 0, 40.0, 0.2)
        elif between == "begin":
            desk.guard.begin()
        looks_up(desk, 0, 40.0, 3.2, apart_ms=1500 if between != "at once after" else 0)
        assert (desk.fault == faults.PUMP_RUNS_ON) is (between == "at once after")


@ALL
def test_a_way_out_that_still_lets_air_out_after_three_times_what_the_zone_needs_is_fed(topology):
    for falls_mmhg, pump_ran, told in ((1.5, False, True), (0.5, False, False), (1.5, True, False)):
        desk = held(topology)
        runs_on = desk.guard.runs_on
        most_ms = runs_on._most_out_ms[1]
        runs_on.lets_out(1, 20, pa(60), True)
        for passed_ms in range(0, most_ms, 20):
            runs_on.lets_out(1, 20, pa(60) - int(falls_mmhg * 133.322), False)
            assert not desk.fault
            if pump_ran and passed_ms == most_ms // 2:
                desk.drive.pump_permille = 1000
                runs_on.tick(20)
                desk.drive.pump_permille = 0
        runs_on.lets_out(1, 20, pa(60) - int(falls_mmhg * 133.322), False)
        assert (desk.fault == faults.PUMP_RUNS_ON) is told


@OWN_SENSORS
def test_a_limb_that_moves_has_its_zone_relieved_as_often_as_it_likes(topology):
    desk = held(topology)
    for _ in range(12):
        desk.zone_mmhg[1] = 76.0
        desk.tick()
        assert desk.guard.reasons & WHY_RELIEF
        desk.zone_mmhg[1] = 60.0
        desk.run(3500)
    assert not desk.fault


@ALL
def test_a_relief_that_the_guard_itself_keeps_open_and_that_never_ends_is_a_pump_that_runs_on(topology):
    desk = Desk(topology)
    desk.hold(60.0)
    desk.show(1, 90.0)
    desk.tick()
    desk.guard.zones.relief_zone, desk.guard.zones.relief_ms = 1, 1 << 20
    desk.tick()
    for mmhg in (80.0, 75.0):
        desk.show(1, mmhg)
        desk.tick()
    assert not desk.fault
    desk.run(desk.guard.runs_on._most_out_ms[1] + 40)
    assert desk.fault == faults.PUMP_RUNS_ON


def test_a_new_session_forgets_which_zone_was_looked_at():
    watch = Desk("independent").guard.runs_on
    watch._zone = 2
    watch.forget()
    assert watch._zone == NONE


def test_a_new_session_does_not_judge_the_look_that_was_under_way():
    watch: Any = Desk("independent").guard.runs_on
    watch._zone, watch._look_ms, watch._readings, watch._mean_pa = 2, 400, 10, pa(10)
    watch.forget()
    watch._looked_at = lambda: 1
    watch.tick(20)
    assert (watch._zone, watch.climbs) == (1, 0)


@pytest.mark.parametrize("readings, climbs", ((3, 0), (4, 1)))
def test_a_rise_that_three_readings_show_may_be_noise_and_four_make_one(readings, climbs):
    watch: Any = Desk("independent").guard.runs_on
    watch._look_ms, watch._readings, watch._step_pa = 400, readings, 100
    watch._judge(400)
    assert watch.climbs == climbs


@pytest.mark.parametrize("topology, shut, zone", (("zone sensors", 1, 2), ("zone sensors", 0, NONE), ("manifold", 1, NONE)))
def test_only_a_zone_that_should_be_shut_and_that_its_own_sensor_shows_can_have_given_air(topology, shut, zone):
    desk = Desk(topology)
    watch: Any = desk.guard.runs_on
    desk.guard.levels.shut[2] = shut
    watch._had_pa[2] = desk.guard.levels.level_pa[2] + pa(3) + 1
    assert watch._giver() == zone
    watch._had_pa[2] -= 1
    assert watch._giver() == NONE


def test_the_largest_step_of_a_look_is_its_own():
    watch: Any = Desk("independent").guard.runs_on
    watch._looked_at = lambda: 1
    watch._step_pa = 9000
    watch.tick(20)
    assert (watch._zone, watch._step_pa) == (1, 0)


def test_air_that_does_not_end_is_told_once_and_counted_anew():
    desk = Desk("independent")
    watch: Any = desk.guard.runs_on
    watch._before_pa, watch._out_ms = 8000, watch._most_out_ms[1] - 20
    watch.lets_out(1, 20, 8000 - pa(1) - 1, False)
    assert not desk.fault
    watch.lets_out(1, 20, 8000 - pa(1) - 1, False)
    assert desk.fault == faults.PUMP_RUNS_ON and watch._out_ms == 0
