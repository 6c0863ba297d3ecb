"""What the pump brings and no sensor has shown: the guard counts it as being in the zone. At the desk, and in a whole session."""

from __future__ import annotations

import pytest

from host_tests.guard_desk import OWN_SENSORS, Desk
from peristal.core import coming as rules
from peristal.core import faults
from peristal.core.reasons import WHY_CAP
from peristal.core.units import pa


@OWN_SENSORS
def test_the_pump_stops_before_what_it_brings_as_it_coasts_is_above_the_trip(topology):
    """And with it what the last 3 mmHg may still be owed."""
    desk = Desk(topology)
    zones, net = desk.guard.zones, desk.net
    desk.guard.line.agreed[0] = 1
    zones._flow_ul_ms = 120
    desk.fill(0, 119.0)
    shown = 80.0
    while not desk.guard.reasons & WHY_CAP:
        assert shown < 119.0, "the cap stops it first"
        shown += 120 * 20 * 10 / desk.guard.levels.ten_ul(0, pa(int(shown)))
        desk.rise(0, shown)
        desk.tick()
    assert desk.guard.pump_permille == 0
    brings = 120 * (net.board.pump.coast_ms / 2 + 40) / desk.guard.levels.ten_ul(0, pa(int(shown))) * 10
    assert 127.0 - brings - 4.0 < shown < 127.0 - brings + 1.0
    for _ in range(3):
        shown += brings / 6
        desk.rise(0, shown)
        desk.tick()
        assert desk.guard.pump_permille == 0 and desk.guard.reasons & WHY_CAP, "it has stopped, but does not stand yet"


@OWN_SENSORS
def test_what_still_comes_is_counted_to_the_pascal_and_with_the_age_of_the_reading(topology):
    desk = Desk(topology)
    coming, levels = desk.guard.coming, desk.guard.levels
    age_ms = desk.sensing.age_ms
    sensor = desk.net.zone_sensor[0]
    coming._late_ms, coming._ul = 100, 2000  # 100 mL a second, for 100 ms: 10 mL
    for age, ul in ((0, 10_000), (60, 16_000)):
        age_ms[sensor] = age
        coming_pa = ul * pa(10) // levels.ten_ul(0, pa(110))
        for level_pa, late in ((pa(130) - pa(3) - coming_pa - 1, False), (pa(130) - pa(3) - coming_pa, True)):
            levels.level_pa[0] = level_pa
            assert levels.ten_ul(0, level_pa) == levels.ten_ul(0, pa(110)) and coming.too_late(0) is late


@OWN_SENSORS
def test_a_pump_that_was_stopped_brings_an_eighth_less_with_each_tick_and_a_reading_is_40_ms_late(topology):
    desk = Desk(topology)
    coming, zones = desk.guard.coming, desk.guard.zones
    assert coming._late_ms == desk.net.board.pump.coast_ms // 2 + 40
    coming._ul = 8000
    for left in (7000, 6125):
        desk.tick()
        assert coming._ul == left
    desk.fill(0)
    desk.run(1000)
    assert coming._ul == zones.flow_ul > 0, "and one that runs what it brings now"
    coming._ul = 16 * zones.flow_ul
    desk.tick()
    assert coming._ul == 14 * zones.flow_ul, "or what it brought before it began again, softly"


def pulsed(topology: str, shown: float, rises: float = 0.0, pulses: int = 8) -> tuple[Desk, float]:
    """Zone 1 near the cap, topped up in pulses of 100 ms that would lift it by 6 mmHg each; and what it would have in the end."""
    desk = Desk(topology)
    guard = desk.guard
    guard.line.agreed[0] = 1
    desk.fill(0, 118.0)
    for mmhg in range(0, int(shown), 3):
        desk.rise(0, mmhg)
        desk.run(60)
    desk.rise(0, shown)
    guard.zones._flow_ul_ms = guard.levels.ten_ul(0, pa(int(shown))) * 6 // 1000  # 60 mmHg a second
    desk.fill(0, 118.0, 0)
    desk.line_mmhg = shown
    desk.run(1000)
    came = 0.0
    for _ in range(pulses):
        desk.fill(0, 118.0)
        for _ in range(5):
            desk.tick()
            came += 1.2 * (desk.drive.pump_permille > 0)
            desk.rise(0, desk.zone_mmhg[0] + rises / 5)
        desk.fill(0, 118.0, 0)
        desk.line_mmhg = desk.zone_mmhg[0]
        desk.run(700)
        if desk.fault or guard.left_out[0]:
            break
    return desk, came


@OWN_SENSORS
def test_a_sensor_that_freezes_while_its_zone_is_topped_up_near_the_cap_hides_no_more_than_30_mmhg(topology):
    """In pulses so short that each alone is no silence."""
    desk, came = pulsed(topology, 96.0)
    assert came < 30.0
    assert desk.fault == faults.SENSOR_FROZEN or desk.guard.left_out[0] == faults.SENSOR_FROZEN, desk.fault


@OWN_SENSORS
def test_a_zone_that_shows_a_third_of_its_air_in_each_pulse_is_topped_up_for_as_long_as_it_likes(topology):
    desk = pulsed(topology, 96.0, 2.0)[0]
    assert desk.zone_mmhg[0] == pytest.approx(96.0 + 8 * 2.0, abs=0.1) and not desk.fault and not desk.guard.left_out[0]


@OWN_SENSORS
def test_what_is_owed_is_forgotten_when_it_shows_and_when_the_zone_is_let_out(topology):
    for pressure, target, owed in ((pa(96), 1, True), (pa(99), 1, False), (pa(96), 0, False)):
        desk = Desk(topology)
        coming, levels = desk.guard.coming, desk.guard.levels
        levels.level_pa[0] = pa(96)
        coming.pumped(0, 1000, False)
        coming.pumped(0, 1000, False)
        assert coming.owed_ul[0] == 2000 and coming._base_pa[0] == pa(96)
        levels.level_pa[0] = pressure
        coming.pumped(0, 0, target == 0)
        assert (coming.owed_ul[0] > 0) is owed
        coming.owed_ul[0] = 1000
        desk.guard.begin()
        assert not coming.owed_ul[0], "and by a new session"


@OWN_SENSORS
def test_a_zone_that_a_limb_lets_go_owes_from_there_on(topology):
    desk = Desk(topology)
    coming, levels = desk.guard.coming, desk.guard.levels
    levels.level_pa[0] = pa(96)
    coming.pumped(0, 1000, False)
    for fell, base in ((rules.NOISE_PA, pa(96)), (rules.NOISE_PA + 1, pa(96) - rules.NOISE_PA - 1)):
        levels.level_pa[0] = pa(96) - fell
        coming.pumped(0, 1000, False)
        assert coming._base_pa[0] == base, "noise is no fall"


@OWN_SENSORS
def test_ten_mmhg_that_do_not_show_are_a_silence_near_the_cap_alone(topology):
    desk = Desk(topology)
    coming, levels = desk.guard.coming, desk.guard.levels
    desk.hold(60.0)
    desk.run(2000)
    assert levels.settled(0)
    cases = ((99, 10.2, False), (99, 11.2, True), (102, 9.8, False), (102, 10.2, True), (93, 17.3, True), (60, 30.0, False))
    for shown, owed, silent in cases:
        levels.level_pa[0] = pa(shown)
        coming.owed_ul[0] = int(levels.ten_ul(0, pa(shown)) * owed / 10)
        assert coming.is_silent(0) is silent, (shown, owed)
    levels.level_pa[0] = pa(102)
    coming.owed_ul[0] = int(levels.ten_ul(0, pa(102)) * 1.1)
    desk.drive.pump_still_ms = 0
    assert not coming.is_silent(0), "a pump that still coasts may yet show it"


@OWN_SENSORS
def test_a_pump_that_was_stopped_for_what_is_owed_stands_until_the_zone_is_still_or_has_shown_it(topology):
    """Else it would go on in pulses, after none of which a silent sensor could be judged."""
    desk = Desk(topology)
    coming, levels, drive = desk.guard.coming, desk.guard.levels, desk.drive
    for shows in (False, True):
        desk.hold(60.0)
        desk.run(2000)
        drive.pump_still_ms = 0
        levels.level_pa[0] = pa(100)
        coming.owed_ul[0] = levels.ten_ul(0, pa(100))
        coming._ul = levels.ten_ul(0, pa(100)) * 20 * 2 // coming._late_ms
        assert coming.too_late(0)
        coming._ul = 0
        assert coming.too_late(0), "although less comes by now"
        if shows:
            coming.owed_ul[0] = 0
        else:
            drive.pump_still_ms = 10_000
        assert not coming.too_late(0)


@OWN_SENSORS
def test_what_is_owed_is_held_against_the_least_that_was_shown_also_long_after_the_fill(topology):
    desk = Desk(topology)
    coming = desk.guard.coming
    desk.hold(60.0)
    desk.show(0, 59.0)
    desk.run(1000)
    coming.owed_ul[0] = desk.guard.levels.ten_ul(0, pa(59))
    coming._base_pa[0] = desk.guard.levels.level_pa[0]
    desk.run(20)
    desk.show(0, 57.5)
    desk.run(200)
    assert not desk.guard.zones.fill_ms[0] and coming._base_pa[0] <= pa(58) and coming.owed_ul[0]
    desk.show(0, 61.0)
    desk.run(60)
    assert not coming.owed_ul[0], "a limb that presses shows that the sensor lives"


@OWN_SENSORS
@pytest.mark.parametrize("rose, still, owes", ((2.8, True, False), (2.8, False, True), (2.5, True, True)))
def test_once_the_pump_stands_three_tenths_of_what_came_are_an_answer(topology, rose, still, owes):
    desk = Desk(topology)
    coming, levels = desk.guard.coming, desk.guard.levels
    desk.hold(60.0)
    desk.run(2000)
    levels.level_pa[0] = pa(60)
    coming.owed_ul[0] = levels.ten_ul(0, pa(60)) * 9 // 10
    coming._base_pa[0] = pa(60) - int(133.322 * rose)
    if not still:
        desk.drive.pump_still_ms = 0
    coming.pumped(0, 0, False)
    assert (coming.owed_ul[0] > 0) is owes


@OWN_SENSORS
@pytest.mark.parametrize(
    "fell_pa, silent, owes", ((rules.NOISE_PA, True, True), (rules.NOISE_PA + 1, False, True), (rules.RISE_PA, False, False))
)
def test_a_zone_that_falls_as_soon_as_the_pump_stands_has_a_hole_and_a_sensor_that_lives(topology, fell_pa, silent, owes):
    """A torn zone that the pump had just kept at 98 mmHg was told as a sensor that shows the same all the time."""
    desk = Desk(topology)
    coming, levels = desk.guard.coming, desk.guard.levels
    desk.hold(60.0)
    desk.run(2000)
    levels.level_pa[0] = from_pa = pa(103)
    coming.owed_ul[0] = levels.ten_ul(0, from_pa) * 13 // 10
    coming._base_pa[0], coming._fell_pa[0] = from_pa, pa(20)
    coming.pumped(0, 1, False)
    assert coming._fell_pa[0] == 0, "what was lost before that says nothing"
    for step in (fell_pa >> 1, fell_pa, fell_pa):
        levels.level_pa[0] = from_pa - step
        coming.pumped(0, 0, False)
    assert (coming.owed_ul[0] > 0) is owes and coming.is_silent(0) is silent
    assert coming._fell_pa[0] == (fell_pa if owes else 0)
