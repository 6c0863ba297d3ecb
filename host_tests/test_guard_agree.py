"""Two sensors of the same air, a line that rises although nobody pumps, and a supply that fails: from both sides."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.test_guard_readings import Shown
from peristal.core import faults
from peristal.core.units import pa

ALLOWED = pa(8)


def looked_at(zone_pa: int, line_pa: int) -> Shown:
    """Zone 1 alone is open to the still line; both show this from now on."""
    shown = Shown("zone sensors")
    shown.levels.shut[0], shown.levels.open[0], shown.levels.open_count = 0, 1, 1
    shown.tick()
    shows(shown, zone_pa, line_pa)
    return shown


def shows(shown: Shown, zone_pa: int, line_pa: int) -> None:
    shown.show(shown.net.zone_sensor[0], zone_pa)
    shown.show(shown.net.line_sensor, line_pa)


@pytest.mark.parametrize("zone_pa", (pa(20), pa(60)))
@pytest.mark.parametrize("sign, ticks", ((1, 21), (-1, 7)))
def test_zone_and_line_may_differ_by_8_mmhg_and_a_sixteenth_for_a_moment(zone_pa, sign, ticks):
    """A line that is lower is a sensor's fault after 120 ms; one that is higher may be filled by a pump, so 400 ms are waited for that."""
    allowed = ALLOWED + zone_pa // 16
    assert not looked_at(zone_pa, zone_pa + sign * allowed).tick(100).told[0]
    shown = looked_at(zone_pa, zone_pa + sign * (allowed + 1))
    assert not shown.tick(ticks - 1).told[0]
    assert shown.tick().told == (faults.SENSORS_DISAGREE, 0)
    shown = looked_at(zone_pa, zone_pa + sign * (allowed + 1)).tick(ticks - 1)
    shows(shown, zone_pa, zone_pa)
    shown.tick()
    shows(shown, zone_pa, zone_pa + sign * (allowed + 1))
    assert not shown.tick(ticks - 1).told[0], "it must last"


@pytest.mark.parametrize("what", ("another is open", "vented", "shut", "moves", "not read", "nothing"))
def test_only_the_same_air_at_rest_is_compared(what):
    shown = looked_at(pa(60), pa(30))
    if what == "another is open":
        shown.levels.open_count = 2
    elif what == "vented":
        shown.levels.vented = True
    elif what == "shut":
        shown.levels.open[0] = 0
    elif what == "moves":
        shown.drive.still_ms[shown.net.fill_valve[0]] = 99
    for _ in range(30):
        if what == "not read":
            for sensor in range(shown.net.n_sensors):
                shown.sensing.mv16[sensor] ^= 1
            shown.sensing.age_ms[shown.net.zone_sensor[0]] = 20
            shown.check.tick(20, True)
        else:
            shown.tick()
    assert bool(shown.told[0]) is (what == "nothing")


@pytest.mark.parametrize("between", ("nothing", "the pump", "the line is as high"))
def test_how_far_a_zone_has_come_down_beside_its_line_is_counted_anew_after_a_drive_or_once_they_agree(between):
    """A zone that loses its air beside a lower line is not still; what it lost before a drive says nothing of that."""
    shown = looked_at(pa(90), pa(60))
    shown.drive.still_ms[shown.net.fill_valve[0]] = 99
    shown.tick(2)
    if between == "the pump":
        shown.drive.pump_permille = 500
    elif between == "the line is as high":
        shows(shown, pa(60), pa(60))
    shown.tick(2)
    shown.drive.pump_permille, shown.drive.still_ms[shown.net.fill_valve[0]] = 0, 5000
    shows(shown, pa(60), pa(30))
    assert bool(shown.tick(40).told[0]) is (between != "nothing")


@pytest.mark.parametrize(
    "zone_pa, line_pa, fault",
    (
        (pa(60) // 8, pa(60) + 8, faults.VALVE_STUCK_CLOSED),
        (pa(60) // 8 + 2, pa(60) + 8, faults.SENSORS_DISAGREE),
        (pa(60) // 8, pa(60), faults.SENSORS_DISAGREE),
        (pa(7), pa(60) + 1, faults.VALVE_STUCK_CLOSED),
        (pa(7), pa(60), faults.SENSORS_DISAGREE),
    ),
)
def test_a_line_of_more_than_60_mmhg_over_a_zone_that_has_not_an_eighth_of_it_is_not_open_to_it(zone_pa, line_pa, fault):
    assert looked_at(zone_pa, line_pa).tick(21).told == (fault, 0)


@pytest.mark.parametrize("drop_pa, fault", ((ALLOWED, faults.VALVE_STUCK_CLOSED), (ALLOWED + 1, faults.SENSORS_DISAGREE)))
def test_a_line_that_showed_a_flow_as_it_was_driven_is_open_to_its_zone(drop_pa, fault):
    shown = looked_at(pa(5), pa(70))
    shown.guard.line.flow_pa = pa(70) + drop_pa
    assert shown.tick(21).told == (fault, 0)


def test_a_flow_that_was_seen_is_not_forgotten_in_a_pulse_too_short_to_show_one():
    """It was "valve stuck closed": between two looks the pump ran for a tick, and the line's flow began anew from what was still there."""
    shown = looked_at(pa(5), pa(70))
    shown.guard.line.flow_pa = pa(70) + ALLOWED + 1
    shown.tick(4)
    shown.levels.open_count = 0
    shown.guard.line.flow_pa = pa(70)
    shown.tick()
    shown.levels.open_count = 1
    for _ in range(20):
        if not shown.told[0]:
            shown.tick()
    assert shown.told == (faults.SENSORS_DISAGREE, 0)
    assert shown.tick(22).told == (faults.VALVE_STUCK_CLOSED, 0), "once told it is asked anew"


@pytest.mark.parametrize(
    "zone_pa, apart_pa, agreed",
    ((pa(30), 0, 1), (pa(30) - 1, 0, 0), (pa(40), ALLOWED + pa(40) // 16, 1), (pa(40), ALLOWED + pa(40) // 16 + 1, 0)),
)
def test_zone_and_line_have_agreed_once_both_have_shown_30_mmhg_alike(zone_pa, apart_pa, agreed):
    shown = looked_at(zone_pa, zone_pa + apart_pa)
    shown.guard.line.agreed[0] = 0
    shown.tick(3)
    assert list(shown.guard.line.agreed) == [agreed] + [0] * (shown.net.n_zones - 1)
    shown.guard.begin()
    assert not any(shown.guard.line.agreed)


@pytest.mark.parametrize("late_pa, fault", ((121, faults.PUMP_RUNS_ON), (120, faults.SENSORS_DISAGREE)))
def test_a_zone_that_goes_on_rising_under_a_higher_line_is_pumped(late_pa, fault):
    """What it rises by in the first half is a pump that coasts; in the second half a sensor that shows too little stands still."""
    shown = looked_at(pa(40), pa(70)).tick()
    shows(shown, pa(41), pa(70))
    shown.tick(9)
    shows(shown, pa(41) + late_pa, pa(70))
    assert not shown.tick(10).told[0]
    assert shown.tick().told == (fault, 0)


@pytest.mark.parametrize(
    "line_pa, fault",
    (
        ((pa(70), pa(70) - 100, pa(70) + 114), faults.PUMP_RUNS_ON), ((pa(70), pa(70) - 100, pa(70) + 113), faults.VALVE_STUCK_CLOSED),
        ((pa(75), pa(70), pa(70) + 213), faults.VALVE_STUCK_CLOSED), ((pa(70), pa(70), pa(66)), faults.VALVE_STUCK_CLOSED),
    ),
)  # fmt: skip
def test_a_full_line_whose_zone_has_nothing_and_that_shows_strokes_is_kept_so_by_a_pump_that_runs_on(line_pa, fault):
    """What only falls, of a line that leaks, is no stroke."""
    shown = looked_at(0, pa(90))
    shown.tick(2)
    shows(shown, 0, pa(93))
    shown.tick()
    shows(shown, 0, 0)
    shown.tick()
    for each in line_pa:
        shows(shown, 0, each)
        assert not shown.tick(7 if each == line_pa[-1] else 6).told[0]
    assert shown.tick(2).told[0] == fault, "what was before this look does not count"


@pytest.mark.parametrize(
    "driven, fed, short_pa, fault",
    (
        (0, 1, 0, faults.VALVES_CROSSED), (0, 3, 0, faults.VALVE_STUCK_OPEN), (2, 3, 0, faults.SENSORS_DISAGREE),
        (0, 3, ALLOWED, faults.VALVE_STUCK_OPEN), (0, 3, ALLOWED + 1, faults.SENSORS_DISAGREE),
    ),
)  # fmt: skip
def test_a_line_that_shows_another_zone_which_rose_instead_of_this_one_has_a_valve_at_fault_and_no_sensor(driven, fed, short_pa, fault):
    """Not where the other one rose because it was driven itself: a sensor that reads high was told as a valve. Nor where it has less than
    the line: the neighbour of a zone whose sensor is dead feels a tenth."""
    shown = looked_at(0, pa(40))
    shown.guard.answer.driven = driven
    shown.guard.answer.others.start_pa[:] = shown.levels.level_pa
    shown.guard.answer.fed[2] = fed
    shown.guard.answer.others.start_pa[2] = 0
    shown.levels.level_pa[2] = pa(40) - short_pa
    assert not shown.tick(20).told[0]
    assert shown.tick().told[0] == fault


@pytest.mark.parametrize("each_pa, fault", ((241, faults.PUMP_RUNS_ON), (240, faults.SENSORS_DISAGREE)))
def test_a_zone_that_rises_in_each_of_many_short_looks_is_pumped_too(each_pa, fault):
    shown = looked_at(pa(40), pa(70)).tick()
    for _ in range(3):
        assert not shown.told[0]
        shown.levels.open[0] = 0
        shown.tick()
        shown.levels.open[0] = 1
        shows(shown, pa(40), pa(70))  # between them it was relieved
        shown.tick()
        shows(shown, pa(40) + each_pa, pa(70))
        shown.tick()
    assert shown.told == (fault, 0)


@pytest.mark.parametrize("nearer_pa, told", ((501, False), (500, True)))
def test_a_line_that_comes_nearer_to_its_zone_is_open_to_it_through_a_narrow_way(nearer_pa, told):
    shown = looked_at(pa(40), pa(40) + 4000).tick(15)
    shows(shown, pa(40), pa(40) + 4000 - nearer_pa)
    assert bool(shown.tick(6).told[0]) is told
    if not told:
        assert not shown.tick(15).told[0], "from there it begins anew"
        assert shown.tick().told == (faults.SENSORS_DISAGREE, 0)


def test_how_near_they_come_is_counted_from_the_present_look():
    shown = looked_at(pa(40), pa(70)).tick(5)
    shown.levels.open[0] = 0
    shown.tick()
    shown.levels.open[0] = 1
    shows(shown, pa(40), pa(60))
    assert not shown.tick(10).told[0]
    assert shown.tick().told == (faults.SENSORS_DISAGREE, 0), "and looks add up, each further one for 100 ms more than it lasts"


def test_looks_that_are_too_short_for_a_reading_of_the_zone_say_nothing_against_those_before():
    shown = looked_at(pa(40), pa(70)).tick(10)
    sensing: Any = shown.guard.sensing
    sensing.age_ms[shown.net.zone_sensor[0]] = 20
    shown.check._watch_agreement(20)
    assert shown.check._disagree_ms[0] == 200
    shows(shown, pa(40), pa(46))
    assert not shown.tick().check._disagree_ms[0]


@pytest.mark.parametrize("ticks, looks", ((1, 3), (2, 2), (5, 2), (7, 1)))
def test_a_line_that_is_lower_counts_in_each_further_look_for_50_ms_more_than_it_lasts(ticks, looks):
    """A fill ends with a look of a tick or two: of a zone that is filled once a minute a name must not take four of them."""
    shown = looked_at(pa(70), pa(40))
    for look in range(1, looks + 1):
        assert not shown.told[0]
        shown.levels.open[0] = 1
        shown.tick()
        assert shown.check._disagree_ms[0] in (0, 20 + (look - 1) * (20 * ticks + 50))
        shown.tick(ticks - 1)
        shown.levels.open[0] = 0
        shown.tick()
    assert shown.told == (faults.SENSORS_DISAGREE, 0)


def test_a_reading_that_agrees_between_two_looks_begins_anew():
    shown = looked_at(pa(70), pa(40)).tick(2)
    shows(shown, pa(70), pa(70))
    shown.tick()
    for _ in range(2):
        shown.levels.open[0] = 0
        shown.tick()
        shown.levels.open[0] = 1
        shows(shown, pa(70), pa(40))
        shown.tick()
    assert not shown.told[0] and shown.check._disagree_ms[0] == 90


@pytest.mark.parametrize("fell_pa, driven, told", ((200, 0, True), (201, 0, False), (201, 300, True)))
def test_a_zone_that_has_fallen_far_above_its_line_since_the_pump_was_stopped_loses_its_air_and_no_sensor_is_wrong(fell_pa, driven, told):
    """The line's vent stayed open behind a narrow valve; by the time that the line was still, two or three readings were all there were."""
    shown = looked_at(pa(60), pa(30))
    shown.drive.pump_still_ms, shown.drive.pump_permille = 0, driven
    shown.tick(5)
    shown.drive.pump_still_ms, shown.drive.pump_permille = 5000, 0
    shows(shown, pa(60) - fell_pa, pa(30))
    shown.tick(8)
    assert (shown.told == (faults.SENSORS_DISAGREE, 0)) is told


def test_one_that_rises_above_its_line_is_a_sensor():
    shown = looked_at(pa(60), pa(30)).tick()
    shows(shown, pa(62), pa(30))
    assert shown.tick(6).told == (faults.SENSORS_DISAGREE, 0)


def test_what_swings_is_not_named_yet():
    for swings in (1, 0):
        shown = looked_at(pa(60), pa(30))
        sensor = shown.net.zone_sensor[0]
        shown.check._swings[sensor] = swings
        for _ in range(7):
            shown.check._swing_ms[sensor] = 0
            shown.tick()
        assert shown.told == (faults.SENSORS_DISAGREE, 0)
        assert shown.guard.suspect == (faults.SENSORS_DISAGREE if swings else faults.OK)


# --- what moves meanwhile ----------------------------------------------------------------------------------------------


def falls(*steps_pa: int, line_mmhg: int = 30) -> Shown:
    """A zone with 60 mmHg falls by so much in each of the first looks, under a line that stays."""
    shown = looked_at(pa(60), pa(line_mmhg))
    shown.check._moved_pa = -5000  # of a look long ago
    shown.tick()
    now_pa = pa(60)
    for step_pa in steps_pa:
        now_pa -= step_pa
        shows(shown, now_pa, pa(line_mmhg))
        shown.tick()
    return shown


@pytest.mark.parametrize("steps_pa", ((0, 0), (50, 50), (120, 0), (0, 120), (-80, 200)))
def test_a_zone_above_its_line_that_falls_by_120_pa_in_all_or_less_is_told_in_time(steps_pa):
    shown = falls(*steps_pa).tick(3)
    assert not shown.told[0]
    assert shown.tick().told == (faults.SENSORS_DISAGREE, 0) and shown.check._disagree_ms[0] == 0, "and the next look begins anew"


@pytest.mark.parametrize("steps_pa", ((121, 0), (61, 60), (40, 41, 40), (20, 20, 20, 20, 41)))
def test_one_that_falls_by_more_loses_its_air_with_the_line_s(steps_pa):
    assert not falls(*steps_pa).tick(max(1, 6 - len(steps_pa))).told[0]


def test_one_that_falls_under_a_higher_line_is_a_sensor_all_the_same():
    shown = falls(150, 150, line_mmhg=100).tick(17)
    assert not shown.told[0]
    assert shown.tick().told == (faults.SENSORS_DISAGREE, 0)


def test_one_that_is_above_its_line_after_it_rose_is_not_pumped():
    shown = looked_at(pa(40), pa(70)).tick(13)
    shows(shown, pa(98), pa(70))
    assert shown.tick(2).told == (faults.SENSORS_DISAGREE, 0)


# --- what is not looked at in every tick -------------------------------------------------------------------------------


def test_slow_things_have_their_turn_every_100_ms():
    shown = Shown("independent")
    turns: list[tuple[int, int]] = []
    shown.check._turn_ms = 0
    for tick in range(1, 13):
        shown.check.gains.tick = lambda ms, tick=tick: turns.append((tick, ms))
        shown.tick()
    assert turns == [(5, 100), (10, 100)]


def test_a_zone_that_is_driven_counts_among_those_that_should_keep_their_air():
    shown = Shown("independent")
    check = shown.check
    shown.levels.shut[0], shown.levels.filling[0] = 0, 1
    shown.levels.shut[1] = 0
    check._watch_falls(600)
    check._watch_falls(20)
    assert list(check._was_shut)[:3] == [1, 0, 1]


def test_a_zone_that_was_driven_in_vain_is_not_one_of_those_that_sink():
    shown = Shown("independent")
    check = shown.check
    for zone in range(4):
        check._was_shut[zone], check._kept_pa[zone], check._before_pa[zone] = 1, pa(60), pa(60)
        shown.levels.level_pa[zone] = pa(60) if zone == 0 else pa(20)
    assert check.all_sink(0) and not check.all_sink(1)


# --- a supply that fails, period by period -----------------------------------------------------------------------------


def periods(*rows: tuple[float, ...], way: str = "", topology: str = "independent") -> int:
    """What four zones have at the end of each period of 600 ms, in mmHg; the fault, or 0. `way`: zone 4 is open, out, or driven."""
    shown = Shown(topology, 0)
    levels, check = shown.levels, shown.check
    if way:
        levels.shut[3], levels.open[3], levels.filling[3] = 0, int(way != "out"), int(way == "driven")
    check._period_ms = 0
    for row in rows:
        before = list(check._before_pa)
        for zone, mmhg in enumerate(row):
            levels.level_pa[zone] = pa(1000) * int(mmhg * 10) // 10_000
        check._watch_falls(600)
        fell = [before[zone] - levels.level_pa[zone] for zone in range(4)]
        assert list(check._fell_pa)[:4] == [*fell[:3], 0 if way == "out" else fell[3]], "what is let out has not fallen"
    assert not (shown.told[0] and check._all_fell), "the next time is counted anew"
    return shown.told[0]


def test_all_that_is_shut_and_falls_three_times_running_has_lost_its_supply():
    assert periods((60, 60, 60, 0), (50, 50, 50, 0), (41, 41, 41, 0)) == faults.OK
    assert periods((60, 60, 60, 0), (50, 50, 50, 0), (41, 41, 41, 0), (37, 37, 37, 0)) == faults.SUPPLY_DIP
    assert periods((60, 60, 60, 0), (56, 48, 48, 0), (52, 37, 36, 0), (48, 33, 32, 0)) == faults.SUPPLY_DIP
    assert periods((60, 60, 60, 0), (48, 48, 59, 0), (37, 37, 58, 0), (33, 33, 57, 0)) == faults.OK, "one keeps its air"


def test_once_is_enough_where_all_lose_22_mmhg_and_a_third():
    assert periods((60, 60, 0, 0), (37, 37, 0, 0)) == faults.SUPPLY_DIP
    assert periods((60, 60, 0, 0), (37, 39, 0, 0)) == faults.OK
    assert periods((90, 90, 0, 0), (61, 61, 0, 0)) == faults.OK and periods((90, 90, 0, 0), (59, 59, 0, 0)) == faults.SUPPLY_DIP
    assert periods((60, 0, 0, 0), (37, 0, 0, 0), (14, 0, 0, 0)) == faults.OK, "one zone alone is that zone"


def test_two_or_three_times_are_enough_where_one_loses_22_mmhg_and_a_third_in_them_and_the_others_fall_on_with_it():
    assert periods((60, 60, 0, 0), (48, 48, 0, 0), (37, 37, 0, 0)) == faults.SUPPLY_DIP
    assert periods((60, 60, 0, 0), (49, 49, 0, 0), (38.1, 38.1, 0, 0)) == faults.OK, "21.9 mmHg"
    assert periods((90, 90, 0, 0), (75, 75, 0, 0), (61, 61, 0, 0)) == faults.OK, "less than a third"
    # The other one loses 1 mmHg and an eighth of that in each of the last two, more than a neighbour shows, or as much as no limb moves.
    assert periods((60, 60, 0, 40), (52, 57, 0, 36), (37, 54, 0, 33), way="driven") == faults.SUPPLY_DIP
    assert periods((60, 60, 0, 40), (52, 57, 0, 36), (37, 51.2, 0, 33), way="driven") == faults.SUPPLY_DIP
    assert periods((60, 60, 0, 40), (52, 57, 0, 36), (37, 54.2, 0, 33), way="driven") == faults.OK
    assert periods((60, 60, 0, 40), (52, 57, 0, 38), (37, 54, 0, 36.9), way="driven") == faults.OK, "the one that is driven keeps its own"
    assert periods((60, 60, 0, 40), (60, 60, 0, 40), (30, 30, 0, 10), way="driven") == faults.SUPPLY_DIP
    assert periods((60, 60, 0, 40), (52, 57, 0, 36), (37, 54, 0, 38), way="driven") == faults.OK, "the pump has its 12 V"
    # One that is shut and gains took what they lost; and one that is let out, or was, says nothing.
    assert periods((60, 60, 9, 40), (52, 57, 14, 36), (37, 54, 20, 33), way="driven") == faults.SUPPLY_DIP
    assert periods((60, 60, 0, 40), (52, 57, 0, 36), (37, 54, 0, 33), way="out") == faults.OK


def test_a_zone_that_is_empty_by_now_has_no_more_to_lose():
    assert periods((60, 30, 0, 0), (45, 5, 0, 0), (30, 5, 0, 0), (26, 5, 0, 0)) == faults.SUPPLY_DIP
    assert periods((60, 14, 0, 0), (45, 5, 0, 0), (30, 5, 0, 0), (26, 5, 0, 0)) == faults.OK, "it had too little to be asked"


def test_the_one_zone_that_has_air_may_lose_it_to_the_last_and_the_supply_is_there():
    lost = (60, 0, 0, 0), (37, 0, 0, 0), (14, 0, 0, 0), (5, 0, 0, 0), (0, 0, 0, 0)
    assert periods(*lost) == faults.OK
    assert periods((60, 30, 0, 0), (45, 5, 0, 0), *lost[2:]) == faults.SUPPLY_DIP, "two had"


def test_what_is_let_out_is_felt_and_what_is_looked_at_is_not():
    fall = (60, 60, 0, 40), (48, 48, 0, 40), (37, 37, 0, 40), (30, 30, 0, 40)
    assert periods(*fall, way="out") == faults.OK
    assert periods(*fall, way="open", topology="zone sensors") == faults.SUPPLY_DIP


def test_a_zone_that_the_pump_fills_shows_that_there_is_a_supply_and_one_that_a_limb_presses_does_not():
    fall = (60, 60, 0, 5), (48, 48, 0, 8), (37, 37, 0, 11), (30, 30, 0, 14)
    assert periods(*fall, way="driven") == faults.OK
    assert periods(*fall) == faults.SUPPLY_DIP
    slow = (60, 60, 0, 5), (48, 48, 0, 5.9), (37, 37, 0, 6.8), (30, 30, 0, 7.7)
    assert periods(*slow, way="driven") == faults.SUPPLY_DIP, "a millimetre is no air"


def test_what_all_lose_at_once_is_no_failed_supply_while_another_is_let_out_or_filled():
    assert periods((60, 60, 0, 40), (20, 20, 0, 40)) == faults.OK, "one keeps its air"
    assert periods((60, 60, 0, 0), (20, 20, 0, 0)) == faults.SUPPLY_DIP
    assert periods((60, 60, 0, 40), (20, 20, 0, 40), way="out") == faults.OK
    assert periods((60, 60, 0, 5), (20, 20, 0, 8), way="driven") == faults.OK


@pytest.mark.parametrize(
    "line_pa, falls, told", ((pa(30), True, faults.SUPPLY_DIP), (pa(30), False, faults.SENSORS_DISAGREE), (pa(90), True, 0))
)
def test_a_line_that_is_let_out_with_all_zones_is_no_sensor_s_fault(line_pa, falls, told):
    shown = looked_at(pa(60), line_pa)
    shown.check._all_fall_on = lambda: falls
    fault = shown.tick(30).told[0]
    assert fault == told or (not told and fault not in (faults.OK, faults.SUPPLY_DIP))


@pytest.mark.parametrize(
    "fell, falls, told",
    ((pa(2) + (pa(60) >> 5) + 1, pa(1) + 1, True), (pa(2) + (pa(60) >> 5), pa(1) + 1, False), (pa(9), pa(1), False)),
)
def test_two_zones_that_fell_in_the_last_period_and_fall_on_have_no_12_v_and_one_tells_nothing(fell, falls, told):
    shown = Shown("zone sensors")
    check, levels = shown.check, shown.levels
    for zone in range(shown.net.n_zones):
        check._before_pa[zone], check._fell_pa[zone], levels.level_pa[zone] = pa(60), fell, pa(60) - falls
    assert check._all_fall_on() is told
    levels.shut[0] = 0
    levels.level_pa[0] = pa(60)
    assert check._all_fall_on() is told, "what is let out is not asked"
    levels.open[0] = 1
    assert not check._all_fall_on(), "one that is open to a line that is shut is"
    levels.level_pa[0] = pa(60) - falls
    for zone in range(1, shown.net.n_zones):
        check._before_pa[zone] = pa(15) - 1
    assert not check._all_fall_on()
