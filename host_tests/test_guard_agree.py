"""Two sensors of the same air, and a line that rises although nobody pumps: from both sides, to the pascal and the tick."""

from __future__ import annotations

import pytest

from host_tests.guard_desk import MANIFOLDS
from host_tests.test_guard_readings import LONG_MS, Shown
from peristal.core import faults
from peristal.core.units import NONE, pa

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


@pytest.mark.parametrize(
    "zone_pa, line_pa, fault",
    (
        (pa(60) // 4, pa(60) + 4, faults.VALVE_STUCK_CLOSED),
        (pa(60) // 4 + 2, pa(60) + 4, faults.SENSORS_DISAGREE),
        (pa(60) // 4, pa(60), faults.SENSORS_DISAGREE),
        (pa(10), pa(60) + 1, faults.VALVE_STUCK_CLOSED),
        (pa(10), pa(60), faults.SENSORS_DISAGREE),
    ),
)
def test_a_line_of_more_than_60_mmhg_over_a_zone_that_has_not_a_quarter_of_it_is_not_open_to_it(zone_pa, line_pa, fault):
    assert looked_at(zone_pa, line_pa).tick(21).told == (fault, 0)


@pytest.mark.parametrize("late_pa, fault", ((121, faults.PUMP_RUNS_ON), (120, faults.SENSORS_DISAGREE)))
def test_a_zone_that_goes_on_rising_under_a_higher_line_is_pumped(late_pa, fault):
    """What it rises by in the first half is a pump that coasts; in the second half a sensor that shows too little stands still."""
    shown = looked_at(pa(40), pa(70)).tick()
    shows(shown, pa(41), pa(70))
    shown.tick(9)
    shows(shown, pa(41) + late_pa, pa(70))
    assert not shown.tick(10).told[0]
    assert shown.tick().told == (fault, 0)


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
    assert not shown.tick(15).told[0]
    assert shown.tick().told == (faults.SENSORS_DISAGREE, 0), "and looks add up"


def test_one_that_rises_above_its_line_is_a_sensor():
    shown = looked_at(pa(60), pa(30)).tick()
    shows(shown, pa(62), pa(30))
    assert shown.tick(6).told == (faults.SENSORS_DISAGREE, 0)


def test_what_swings_or_was_driven_while_another_rose_has_its_own_name():
    for case, fault in (("swings", faults.SENSOR_JUMPS), ("crossed", faults.VALVES_CROSSED), ("another drive", faults.SENSORS_DISAGREE)):
        shown = looked_at(pa(60), pa(30))
        if case == "swings":
            sensor = shown.net.zone_sensor[0]
            shown.check._swings[sensor] = 2
        else:
            answer = shown.guard.answer
            answer.driven = 0 if case == "crossed" else 1
            for zone in range(shown.net.n_zones):
                answer._start_pa[zone] = shown.levels.level_pa[zone]
            answer._start_pa[2] -= pa(2) + 1
        for _ in range(7):
            shown.check._swing_ms[shown.net.zone_sensor[0]] = 0
            shown.tick()
        assert shown.told == (fault, 0)


# --- a shut line that rises above everything ---------------------------------------------------------------------------


@MANIFOLDS
@pytest.mark.parametrize(
    "from_pa, to_pa, highest_pa, fault",
    (
        (pa(60), pa(90), pa(90) - ALLOWED - 1, faults.PUMP_RUNS_ON),
        (pa(60), pa(90), pa(90) - ALLOWED, faults.VALVE_STUCK_OPEN),
        (pa(110), pa(90), pa(60), faults.VALVE_STUCK_OPEN),  # what falls is let out
    ),
)
def test_no_zone_that_opens_gives_more_than_it_has(topology, from_pa, to_pa, highest_pa, fault):
    shown = Shown(topology)
    for zone in range(shown.net.n_zones):
        shown.levels.level_pa[zone] = highest_pa if zone == 1 else 0
    line = shown.net.line_sensor
    shown.still(LONG_MS)
    shown.check._line_ms = 0
    shown.show(line, from_pa)
    shown.tick()
    shown.show(line, to_pa)
    assert shown.tick(26).told == (fault, NONE)
