"""What is usual for a zone and what is slower than that, and how measurements add up to a verdict. To the figure, at the desk."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from host_tests.guard_desk import Desk
from peristal.core import faults
from peristal.core.leaks import score
from peristal.core.trends import Trend
from peristal.core.units import pa

USUAL, LEAST = 1000, 300
FROM_PA = pa(60)


def slower(made: Trend, took: int, from_pa: int = FROM_PA, zone: int = 0, **most: int) -> bool:
    """What is taken for usual at first is what it took."""
    return made.slower(zone, took, from_pa, LEAST, took, **most)


def trend(zones: int = 1) -> Trend:
    """Each zone took 1000 from 60 mmHg once."""
    made = Trend(zones)
    assert not any(slower(made, USUAL, zone=zone) for zone in range(zones))
    return made


@pytest.mark.parametrize(
    "took, told",
    (
        ((1800, 1800, 1800), False),  # 1500 and 300
        ((1801,), False),
        ((1801, 1801), True),
        ((1801, 1801, 1801, 1801), True),
        ((1801, 1801, 1000), False),
        ((1801, 1801, 1801, 1000, 1801), False),
        ((1801, 1000, 1801), False),
        ((1400, 1400, 1400, 2100, 2100), False),  # usual: 1100, 1175, 1231
        ((1000, 1000, 1000, 2100, 2100), True),
        ((600, 600, 600, 1600, 1600), True),  # usual: 900, 825, 768
        ((1000, 1000, 1000, 1600, 1600), False),
    ),
)
def test_half_as_much_again_and_the_least_twice_in_a_row_is_slower_and_what_is_usual_moves_by_a_quarter(took, told):
    made = trend()
    assert [slower(made, each) for each in took][-1] is told


@pytest.mark.parametrize("away_pa, told", ((pa(12), True), (-pa(12), True), (pa(12) + 1, False), (-pa(12) - 1, False)))
def test_what_began_more_than_12_mmhg_higher_or_lower_is_unlike_and_the_usual_from_then_on(away_pa, told):
    made = trend()
    assert [slower(made, 3000, FROM_PA + away_pa) for _ in range(2)][-1] is told
    if not told:
        assert not slower(made, 3000, FROM_PA + away_pa)
        assert [slower(made, 4801, FROM_PA + away_pa) for _ in range(2)] == [False, True]


@pytest.mark.parametrize("took, told", ((1800, [False] * 3), (1801, [False, True, True])))
def test_what_is_usual_until_it_is_known_may_be_given_and_the_first_one_counts_against_it(took, told):
    made = Trend(1)
    assert [made.slower(0, took, FROM_PA, LEAST, USUAL) for _ in range(3)] == told


def test_what_is_usual_is_never_more_than_the_most_that_it_can_be():
    for most, told in (({}, False), ({"most": 1100}, True)):
        made = trend()
        for _ in range(30):
            assert not slower(made, 1700, **most)
        assert [slower(made, 1951, **most) for _ in range(2)][-1] is told  # 1650 and 300


def test_each_zone_has_its_own_usual():
    made = trend(3)
    for zone in (0, 1):
        assert [slower(made, 2000, zone=zone) for _ in range(2)] == [False, True]
    assert list(made.slow) == [2, 2, 0]
    assert slower(made, 2000) and list(made.slow) == [2, 2, 0], "and no more than that"


def test_a_measurement_above_its_limit_counts_two_up_to_eight_and_any_other_one_down():
    up = [0]
    for _ in range(6):
        up.append(score(up[-1], True))
    assert up == [0, 2, 4, 6, 8, 8, 8]
    down = [8]
    for _ in range(9):
        down.append(score(down[-1], False))
    assert all(before - after == 1 for before, after in pairwise(down[:9])) and down[8:] == [0, 0]


@pytest.mark.parametrize("topology, warning, enough", (("manifold", 3, 6), ("zone sensors", 5, 4), ("independent", 5, 4)))
def test_two_measurements_leave_a_torn_zone_out_and_three_warn_of_a_leak(topology, warning, enough):
    """A blind zone is seen so seldom that two measurements must be enough for a warning too; what tears it a limb may move, twice."""
    for lost, torn in ((warning - 1, enough - 1), (warning, enough - 1), (warning, enough)):
        desk = Desk(topology)
        leaks = desk.guard.leaks
        leaks._lost[1], leaks._torn[1] = lost, torn
        leaks._tell(1)
        assert bool(desk.guard.notices & faults.LEAKING) is (lost >= warning)
        assert desk.guard.left_out[1] == (faults.LEAKS if torn >= enough else 0)
        assert not any(desk.guard.left_out[zone] for zone in range(desk.net.n_zones) if zone != 1)


@pytest.mark.parametrize(
    "took, from_pa, unlike",
    ((2001, FROM_PA - pa(12) - 1, True), (2000, FROM_PA - pa(12) - 1, False), (2001, FROM_PA - pa(12), False), (2001, FROM_PA, False)),
)
def test_twice_what_is_usual_and_still_more_than_12_mmhg_below_is_unlike_already(took, from_pa, unlike):
    made = trend()
    assert made.unlike(0, took, from_pa) is unlike and made.usual_pa[0] == FROM_PA
    assert not Trend(1).unlike(0, took, from_pa), "as long as nothing is usual nothing is unlike"


def test_a_fill_that_takes_twice_as_long_is_judged_while_it_goes_on_and_once_and_the_second_one_is_told():
    desk = Desk("independent")
    trends: Any = desk.guard.trends
    trends.fills._usual[1], trends.fills.usual_pa[1] = 10_000, FROM_PA
    trends.emptied(1)
    for _ in range(30):
        trends.feed(1, FROM_PA - pa(12), 1000)
    assert trends.fills.slow[1] == 0, "it is nearly full"
    for fill in (1, 2):
        trends.emptied(1)
        for _ in range(20):
            trends.feed(1, pa(20), 1000)
        assert trends.fills.slow[1] == fill - 1
        for _ in range(20):
            trends.feed(1, pa(20), 1000)
        assert trends.fills.slow[1] == fill and bool(desk.guard.notices & faults.SLOW_FILL) is (fill > 1)


@pytest.mark.parametrize("topology, level_pa, sharing, ms", (
    ("independent", pa(15), 0, 20), ("independent", pa(15) - 1, 0, 0), ("independent", pa(40), 3, 6), ("zone sensors", pa(14), 1, 0),
    ("manifold", pa(14), 0, 20),
))
def test_a_fill_is_timed_from_15_mmhg_on_where_the_slack_is_seen_and_zones_side_by_side_share_the_pump(topology, level_pa, sharing, ms):
    desk = Desk(topology)
    trends: Any = desk.guard.trends
    desk.guard.levels.sharing = sharing
    trends.feed(1, level_pa, 20)
    assert trends._fill_ms[1] == -1, "it has its pressure"
    trends.emptied(1)
    trends.feed(1, level_pa, 20)
    assert trends._fill_ms[1] == ms


def test_what_the_pump_gives_a_blind_zone_in_pulses_is_added_up_and_nothing_of_it_is_taken_back_as_it_waits():
    desk = Desk("manifold")
    trends: Any = desk.guard.trends
    desk.guard.zones.flow_ul = 70
    trends.emptied(1)
    for pulse in (1, 2):
        for desk.guard.levels.filling[1] in (1, 1, 0, 0, 0):
            trends.feed(1, pa(30), 20)
        assert trends._air_ul[1] == pulse * 140 and trends._fill_ms[1] == pulse * 100
    trends.emptied(1)
    assert trends._air_ul[1] == 0


def test_the_slack_of_a_blind_zone_counts_in_its_first_fill():
    for topology, usual_ms in (("manifold", 3000), ("zone sensors", 2000), ("independent", 2000)):
        desk = Desk(topology)
        trends: Any = desk.guard.trends
        trends._air_ul[1] = 1 << 24
        trends._fill_ms[1] = 2000
        trends.filled(1, FROM_PA, FROM_PA)
        assert trends.fills._usual[1] == usual_ms


def test_after_the_pumps_ceiling_was_changed_no_fill_is_held_against_an_earlier_one():
    made: Any = trend()
    made.slow[0] = 2
    made.forget()
    assert made.slow[0] == 0 and not made.slower(0, 5000, FROM_PA, 0, 5000) and made._usual[0] == 5000


def test_a_zone_that_was_full_without_having_been_driven_says_nothing_about_what_fills_take():
    for took_ms, usual in ((0, 10_000), (8_000, 9_500)):
        trends: Any = Desk("independent").guard.trends
        trends.fills._usual[1], trends.fills.usual_pa[1] = 10_000, FROM_PA
        trends._fill_ms[1] = took_ms
        trends.filled(1, FROM_PA, FROM_PA)
        assert trends.fills._usual[1] == usual and trends._fill_ms[1] == -1


def test_a_zone_that_is_kept_shut_without_a_target_is_not_let_out_yet():
    desk = Desk("independent")
    trends: Any = desk.guard.trends
    for target_pa, shut, counts in ((0, 1, False), (FROM_PA, 0, False), (FROM_PA, 1, False), (0, 0, True)):
        trends._venting_ms[1] = 40
        desk.wish.target_pa[1], desk.guard.levels.shut[1] = target_pa, shut
        trends.tick(20, desk.wish)
        assert (trends._venting_ms[1] >= 0) is counts


def test_of_what_is_not_known_yet_the_first_is_what_is_usual_and_nothing_is_unlike_it():
    trend: Any = Trend(1)
    assert not trend.slower(0, 100, pa(5), 0, 50) and trend._usual[0] == 50 and trend.usual_pa[0] == pa(5)
    trend = Trend(1)
    trend.usual_pa[0] = pa(60)
    assert not trend.unlike(0, 100, pa(20))
    trend._usual[0] = 49
    assert trend.unlike(0, 100, pa(20))


def test_what_the_line_reads_in_a_fill_is_no_pressure_that_was_seen():
    desk = Desk("manifold")
    trends: Any = desk.guard.trends
    levels: Any = desk.guard.levels
    desk.wish.target_pa[1] = pa(60)
    for filling, static, seen in ((0, 1, 1), (0, 0, 1), (1, 0, 0), (0, 0, 0), (1, 1, 1)):
        levels.filling[1], levels.static[1] = filling, static
        trends.tick(20, desk.wish)
        assert trends._seen[1] == seen
