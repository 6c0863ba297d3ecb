"""What zones and a shut line show when the 12 V fail or a valve opens by itself, from both sides, to the pascal and the tick."""

from __future__ import annotations

import pytest

from host_tests.guard_desk import MANIFOLDS, OWN_SENSORS, TICK_MS
from host_tests.test_guard_readings import LONG_MS, Shown
from peristal.core import faults
from peristal.core.units import NONE, pa

MOVED, FALLING = pa(8), pa(1)


# --- all of them fall ---------------------------------------------------------------------------------------------------


def fallen(shown: Shown, by_pa: int, *zones: int) -> Shown:
    """The rest of a period of 600 ms, in which these zones (by default all) lose so much."""
    for zone in zones or range(shown.net.n_zones):
        shown.levels.level_pa[zone] -= by_pa
    return shown.tick(30 - shown.check._period_ms // TICK_MS)


def begun(topology: str = "independent", mmhg: int = 60) -> Shown:
    """A period has just ended."""
    shown = Shown(topology, mmhg)
    while shown.check._period_ms:
        shown.tick()
    return shown


@OWN_SENSORS
def test_all_zones_that_fall_by_5_mmhg_and_a_tenth_in_two_periods_running_have_lost_their_12_v(topology):
    for first, second, told in ((1, 1, True), (0, 1, False), (1, 0, False)):
        shown = begun(topology)
        fallen(shown, pa(5) + pa(60) // 10 + first)
        assert not shown.told[0]
        rest = shown.levels.level_pa[0]
        fallen(shown, pa(5) + rest // 10 + second)
        assert shown.told == ((faults.SUPPLY_DIP, NONE) if told else (faults.OK, NONE))
    shown = begun(topology)
    for _ in range(4):
        fallen(shown, pa(5) + shown.levels.level_pa[0] // 10 + 1)
        fallen(shown, 0)
    assert not shown.told[0]


def test_one_that_keeps_its_pressure_one_alone_or_a_neighbour_that_is_let_out_says_it_is_no_dip():
    for case in ("one keeps it", "one alone", "let out", "opened meanwhile", "all"):
        shown = begun("independent")
        others = range(1, shown.net.n_zones)
        if case == "one alone":
            for zone in others:
                shown.levels.level_pa[zone] = pa(15) - 1
            shown.tick(30)
        if case == "let out":
            shown.levels.shut[0] = 0
        for _ in range(2):
            if case == "opened meanwhile":
                shown.levels.shut[0], shown.levels.open[0] = 0, 1
                shown.tick()
                shown.levels.shut[0], shown.levels.open[0] = 1, 0
            fallen(shown, pa(12), *(others if case in ("one keeps it", "let out", "opened meanwhile") else ()))
        expected = case in ("opened meanwhile", "all")  # what was open in this period is not asked
        assert (shown.told[0] == faults.SUPPLY_DIP) is expected, case


def test_15_mmhg_are_pressure_enough_to_be_asked():
    """Two zones that count are enough; here the second one falls from just 15 mmHg in each period."""
    for low, told in ((pa(15), True), (pa(15) - 1, False)):
        shown = begun("independent")
        for zone in range(2, shown.net.n_zones):
            shown.levels.level_pa[zone] = 0
        shown.tick(30)
        for _ in range(2):
            shown.check._before_pa[1] = low
            shown.levels.level_pa[1] = 0
            fallen(shown, pa(12), 0)
        assert (shown.told[0] == faults.SUPPLY_DIP) is told


def test_a_late_tick_or_no_session_begins_the_falls_anew():
    for elapsed_ms, active, told in ((TICK_MS, True, True), (40, True, True), (41, True, False), (TICK_MS, False, False)):
        shown = begun("independent")
        fallen(shown, pa(12))
        shown.check.tick(elapsed_ms, active)
        shown.check._period_ms = 0
        fallen(shown, pa(12))
        assert (shown.told[0] == faults.SUPPLY_DIP) is told


# --- a shut line --------------------------------------------------------------------------------------------------------


def moved(topology: str, by_pa: int, then_pa: int, ticks: int, mmhg: int = 60) -> Shown:
    """The shut line moves at once by so much, by so much again just before the end, and so many ticks pass in all."""
    shown = Shown(topology, mmhg)
    shown.levels.level_pa[0] = pa(110)  # a zone that may have given it
    shown.check._line_ms = 0
    shown.tick()
    line = shown.net.line_sensor
    for tick in range(ticks):
        shown.show(line, pa(mmhg) + by_pa + (then_pa if tick == ticks - 1 else 0))
        shown.tick()
    return shown


@MANIFOLDS
@pytest.mark.parametrize("sign", (1, -1))
def test_a_shut_line_that_moves_by_8_mmhg_within_100_ms_is_a_valve_that_opened_400_ms_later(topology, sign):
    ticks = 4 + 20  # more than 100 ms until it is seen (the first tick was before), and more than 400 from then on
    assert moved(topology, sign * (MOVED + 1), 0, ticks + 1).told == (faults.VALVE_STUCK_OPEN, NONE)
    assert not moved(topology, sign * (MOVED + 1), 0, ticks).told[0]
    assert not moved(topology, sign * MOVED, 0, 100).told[0]


@MANIFOLDS
@pytest.mark.parametrize(
    "mmhg, to_pa, falls_pa, fault",
    (
        (60, pa(40), FALLING + 1, faults.SUPPLY_DIP),
        (60, pa(40), FALLING, faults.VALVE_STUCK_OPEN),
        (60, MOVED // 2 + FALLING + 2, FALLING + 1, faults.SUPPLY_DIP),
        (60, MOVED // 2 + FALLING + 1, FALLING + 1, faults.VALVE_STUCK_OPEN),  # 4 mmHg are an empty line
    ),
)
def test_what_goes_on_falling_and_is_not_empty_are_all_of_them(topology, mmhg, to_pa, falls_pa, fault):
    assert moved(topology, to_pa - pa(mmhg), -falls_pa, 25, mmhg).told == (fault, NONE)


@MANIFOLDS
def test_the_shut_line_is_watched_anew_after_anything_that_may_have_moved_it(topology):
    for what in ("open", "vented", "switched", "late", "no session", "nothing"):
        shown = Shown(topology)
        shown.levels.level_pa[0] = pa(110)
        shown.show(shown.net.line_sensor, pa(100))
        shown.tick(10)
        assert shown.check._line_event_ms, "it moved"
        if what == "open":
            shown.levels.open_count = 1
        elif what == "vented":
            shown.levels.vented = True
        elif what == "switched":
            shown.still(0)
        if what == "late":
            shown.check.tick(41, True)
        else:
            shown.tick(active=what != "no session")
        shown.levels.open_count, shown.levels.vented = 0, False
        shown.still(LONG_MS)
        shown.tick(100)
        assert bool(shown.told[0]) is (what == "nothing"), what


# --- one is driven in vain ----------------------------------------------------------------------------------------------


@OWN_SENSORS
def test_all_the_others_that_are_shut_with_pressure_must_sink_by_2_mmhg_or_have_just_fallen(topology):
    def asked(case: str) -> bool:
        shown = Shown(topology)
        check, levels = shown.check, shown.levels
        for zone in range(1, shown.net.n_zones):  # zone 1 is driven
            check._was_shut[zone], check._before_pa[zone], check._fell[zone] = 1, pa(60), 0
            levels.level_pa[zone] = pa(60) - pa(2)
        if case in ("one does not", "it has just fallen", "it was open", "it is soft", "it has just 15 mmHg"):
            levels.level_pa[2] += 1
        if case == "it has just fallen":
            check._fell[2] = 1
        if case == "it was open":
            check._was_shut[2] = 0
        if case in ("it is soft", "it has just 15 mmHg"):
            check._before_pa[2] = pa(15) - (case == "it is soft")
            levels.level_pa[2] = check._before_pa[2] - pa(2) + 1
        if case == "nobody can be asked":
            for zone in range(shown.net.n_zones):
                check._was_shut[zone] = 0
        return check.all_sink(0)

    sinks = ("all", "it has just fallen", "it was open", "it is soft")
    assert {case: asked(case) for case in (*sinks, "one does not", "it has just 15 mmHg", "nobody can be asked")} == {
        **dict.fromkeys(sinks, True), "one does not": False, "it has just 15 mmHg": False, "nobody can be asked": False,
    }  # fmt: skip


def test_where_only_the_line_has_a_sensor_nobody_is_seen_to_sink():
    shown = Shown("manifold")
    for zone in range(1, shown.net.n_zones):
        shown.check._was_shut[zone], shown.check._before_pa[zone], shown.levels.level_pa[zone] = 1, pa(60), 0
    assert not shown.check.all_sink(0)


def test_a_zone_has_fallen_when_it_was_shut_for_a_whole_period_and_lost_more_than_2_mmhg():
    shown = begun("independent")
    fallen(shown, pa(2), 0)
    assert not shown.check._fell[0]
    fallen(shown, pa(2) + 1, 0)
    assert list(shown.check._fell)[:2] == [1, 0]
    shown.levels.shut[0], shown.levels.open[0] = 0, 1
    shown.tick()
    shown.levels.shut[0], shown.levels.open[0] = 1, 0
    fallen(shown, pa(2) + 1, 0, 1)
    assert list(shown.check._fell)[:2] == [0, 1]
