"""What is usual for a zone and what is slower than that, and how measurements add up to a verdict. To the figure, at the desk."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from host_tests.guard_desk import ALL, Desk, holding
from peristal.core import faults
from peristal.core.leaks import score
from peristal.core.reasons import WHY_FLOW, WHY_RELIEF, WHY_TRIP
from peristal.core.trends import MORE, MORE_FED, PACED
from peristal.core.units import NONE, pa
from peristal.core.usual import Trend

USUAL, LEAST = 1000, 300
FROM_PA = pa(60)


def slower(made: Trend, took: int, from_pa: int = FROM_PA, zone: int = 0, **more: int) -> bool:
    """What is taken for usual at first is what it took."""
    return made.slower(zone, took, from_pa, LEAST, took, **more)


def trend(zones: int = 1, more: int = MORE) -> Trend:
    """Each zone took 1000 from 60 mmHg once."""
    made = Trend(zones, more)
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


@pytest.mark.parametrize("took, told", ((1487, False), (1488, True)))  # 187 and 300
def test_where_the_zone_s_own_sensor_sees_a_fill_three_sixteenths_more_are_slower(took, told):
    made = trend(more=MORE_FED)
    made.usual[0] = USUAL
    for again in (False, told):
        assert slower(made, took) is again
        made.usual[0] = USUAL


@ALL
def test_what_only_the_line_sees_varies_more(topology):
    trends = Desk(topology).guard.trends
    assert (trends.fills._more, trends._vents._more) == (MORE if topology == "manifold" else MORE_FED, MORE)


@pytest.mark.parametrize("away_pa, told", ((pa(16), True), (-pa(16), True), (pa(16) + 1, False), (-pa(16) - 1, False)))
def test_what_began_more_than_16_mmhg_higher_or_lower_is_unlike_and_the_usual_from_then_on(away_pa, told):
    made = trend()
    assert [slower(made, 3000, FROM_PA + away_pa) for _ in range(2)][-1] is told
    if not told:
        assert not slower(made, 3000, FROM_PA + away_pa)
        assert [slower(made, 4801, FROM_PA + away_pa) for _ in range(2)] == [False, True]


@pytest.mark.parametrize("took, told", ((1800, [False] * 3), (1801, [False, True, True])))
def test_what_is_usual_until_it_is_known_may_be_given_and_the_first_one_counts_against_it(took, told):
    made = Trend(1, MORE)
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


def feeding(topology: str = "independent") -> tuple[Any, Any, Any]:
    """Zone 2 was let out, and the pump drives it alone: guard, trends and levels."""
    guard = Desk(topology).guard
    guard.trends.emptied(1)
    guard.levels.filling[1] = guard.levels.sharing = 1
    return guard, guard.trends, guard.levels


@pytest.mark.parametrize("ms, judged", ((2476, True), (2475, False)))
def test_a_fill_that_is_let_out_before_it_is_done_and_took_too_long_by_then_is_judged_all_the_same(ms, judged):
    """2000, three sixteenths of that and 100."""
    for usual_pa in (FROM_PA + (1 << 15), 0, FROM_PA):
        _, trends, _ = feeding()
        trends._beside[1], trends.fill_ms[1] = 1, ms
        trends.fills.usual[1], trends.fills.usual_pa[1] = 2000, usual_pa
        trends.emptied(1)
        like = usual_pa > 1 << 15
        assert trends.fills.slow[1] == (1 if judged and like else 0), "as long as nothing is usual in like company nothing is longer"
        assert trends.fill_ms[1] == trends._beside[1] == 0 and trends.fills.usual[1] == 2000
        trends.emptied(1)
        assert trends.fills.slow[1] == (1 if judged and like else 0), "once"


@pytest.mark.parametrize(
    "fed_pa, usual_pa, ms, judged",
    (
        (pa(50), pa(60), 2065, 1),  # 2475 of 60 mmHg are 2062.5 of 50
        (pa(50), pa(60), 2061, 0),
        (pa(60) - pa(16), pa(60), 1900, 1), (pa(60) - pa(16) - 1, pa(60), 1900, 0),  # unlike what is usual
        (pa(32), pa(40), 1400, 1), (pa(30) - 1, pa(40), 1400, 0), (pa(50), 0, 2300, 0), (pa(50), pa(60) + (2 << 15), 2300, 0),
    ),
)  # fmt: skip
def test_a_fill_that_the_program_cuts_short_each_time_is_held_against_what_it_came_to(fed_pa, usual_pa, ms, judged):
    """A large leak in a short hold, of which nothing else shows: with its time over the zone has 47 of 60 mmHg."""
    _, trends, levels = feeding()
    trends._beside[1], trends.fills.usual[1] = 1, 2000
    trends.fills.usual_pa[1] = usual_pa + (1 << 15) if usual_pa else 0
    levels.filling[1] = 0
    trends.feed(1, fed_pa, pa(100), 20)
    trends._beside[1], trends.fill_ms[1] = 1, ms
    trends.emptied(1)
    assert trends.fills.slow[1] == judged and trends._fed_pa[1] == 0
    if usual_pa:
        assert trends.fills.usual[1] == 2000 and trends.fills.usual_pa[1] == usual_pa + (1 << 15)


@pytest.mark.parametrize("ms, level_pa", ((2600, pa(60)), (2300, pa(50))))
def test_a_fill_that_took_longer_than_the_whole_one_is_held_against_the_whole(ms, level_pa):
    _, trends, levels = feeding()
    told = []
    trends._took = lambda zone, pressure_pa: told.append((zone, pressure_pa))
    trends._beside[1], trends.fills.usual[1], trends.fills.usual_pa[1] = 1, 2000, pa(60) + (1 << 15)
    levels.filling[1] = 0
    trends.feed(1, pa(50), pa(100), 20)
    trends._beside[1], trends.fill_ms[1] = 1, ms
    trends.emptied(1)
    assert told == [(1, level_pa)]


@pytest.mark.parametrize("topology, step_pa, doubt", (("independent", pa(4) + 1, 1), ("independent", pa(4), 0), ("independent", -pa(9), 0)))
def test_only_a_fill_in_which_the_zone_s_own_sensor_has_jumped_up_may_have_been_helped_by_a_limb(topology, step_pa, doubt):
    guard, trends, _ = feeding(topology)
    sensor = guard.net.zone_sensor[1]
    guard.plausible._last_pa[sensor] = pa(20)
    guard.sensing.pa[sensor] = pa(20) + step_pa
    guard.plausible._watch_swings(sensor)
    assert trends.helped[1] == doubt and not any(trends.helped[zone] for zone in (0, 2))
    trends.fill_ms[1] = 1000
    trends._took(1, pa(60))
    assert trends.fills._unsure[1] == doubt
    trends.emptied(1)
    assert trends.helped[1] == 0


def test_of_a_blind_zone_nobody_knows_whether_a_limb_has_helped():
    _, trends, _ = feeding("manifold")
    assert trends.helped[1] == 1
    trends.fill_ms[1] = 1000
    trends._took(1, pa(60))
    assert trends.fills._unsure[1] == 1


def test_a_fill_that_came_to_its_target_is_not_judged_again_when_it_is_let_out():
    _, trends, _ = feeding()
    trends.fills.usual[1], trends.fills.usual_pa[1] = 2000, FROM_PA
    for fill_ms in (-1, 0):
        trends.fill_ms[1] = fill_ms
        trends.emptied(1)
        assert trends.fills.slow[1] == 0 and trends.fill_ms[1] == 0 and trends.fills.usual[1] == 2000


def test_a_ramp_that_is_let_out_before_it_is_done_took_its_own_time():
    _, trends, _ = feeding()
    trends._beside[1], trends.fill_ms[1] = PACED, 9000
    trends.fills.usual[1], trends.fills.usual_pa[1] = 2000, FROM_PA
    trends.emptied(1)
    assert trends.fills.slow[1] == 0


def test_before_a_pressure_of_30_mmhg_is_usual_nothing_is_judged_that_is_not_done():
    for usual_pa, judged in ((pa(30), 0), (pa(30) + 1, 1)):
        _, trends, _ = feeding()
        trends.fills.usual[1], trends.fills.usual_pa[1] = 200, usual_pa
        trends.fill_ms[1] = 1000
        trends.emptied(1)
        assert trends.fills.slow[1] == judged


@pytest.mark.parametrize(
    "topology, level_pa, filling, flow, sharing, ms",
    (
        ("independent", pa(15), 1, False, 1, 20),
        ("independent", pa(15) - 1, 1, False, 1, 0),
        ("independent", pa(20), 1, False, 3, 6),
        ("zone sensors", pa(20), 0, False, 0, 0),
        ("zone sensors", pa(20), 0, True, 0, 20),
        ("zone sensors", pa(14), 0, True, 0, 0),
        ("manifold", pa(14), 0, False, 0, 20),
    ),
)
def test_a_fill_is_timed_from_15_mmhg_on_where_the_slack_is_seen_and_as_long_as_the_pump_drives_it_or_waits_for_its_line(
    topology, level_pa, filling, flow, sharing, ms
):
    """Zones side by side share the pump; a blind one counts as long as it is open."""
    guard, trends, levels = feeding(topology)
    trends.fill_ms[1] = -1
    levels.sharing, levels.filling[1], guard.reasons = sharing, filling, WHY_FLOW if flow else ~WHY_FLOW
    trends.feed(1, level_pa, pa(60), 20)
    assert trends.fill_ms[1] == -1, "it has its pressure"
    trends.emptied(1)
    trends.feed(1, level_pa, pa(60), 20)
    assert trends.fill_ms[1] == ms


@pytest.mark.parametrize("target_pa, full_pa", ((pa(32), pa(30)), (pa(80), pa(70))))
@pytest.mark.parametrize("topology", ("zone sensors", "independent"))
def test_a_zone_with_a_sensor_of_its_own_is_filled_above_30_mmhg_and_seven_eighths_of_its_target(topology, target_pa, full_pa):
    _, trends, _ = feeding(topology)
    trends.fill_ms[1], trends._target_pa[1] = 1000, target_pa
    trends.feed(1, full_pa, target_pa, 20)
    assert trends.fill_ms[1] == 1020
    trends.feed(1, full_pa + 1, target_pa, 20)
    assert trends.fill_ms[1] == -1 and trends.fills.usual[1] == 1040 * (pa(60) >> 4) // ((full_pa + 1) >> 4), "as for 60 mmHg"
    trends.feed(1, full_pa + 1, target_pa, 20)
    assert trends.fill_ms[1] == -1, "a top-up is no fill"


@pytest.mark.parametrize("target_pa, full_pa", ((pa(32), pa(30)), (pa(80), pa(70))))
@pytest.mark.parametrize("topology", ("zone sensors", "independent"))
def test_a_fill_that_ends_at_a_jump_of_a_sixteenth_of_the_target_is_a_limb_s_and_not_compared(topology, target_pa, full_pa):
    for over_pa, compared in ((target_pa >> 4, True), ((target_pa >> 4) + 1, False)):
        _, trends, _ = feeding(topology)
        trends.fill_ms[1], trends._target_pa[1] = 1000, target_pa
        trends.feed(1, full_pa + over_pa, target_pa, 20)
        assert trends.fill_ms[1] == -1 and bool(trends.fills.usual[1]) is compared


def test_a_blind_zone_is_filled_once_it_was_seen():
    _, trends, _ = feeding("manifold")
    trends.feed(1, pa(120), pa(60), 20)
    assert trends.fill_ms[1] == 20, "the line has the flow's drop"


@ALL
def test_what_is_let_out_in_the_middle_of_a_fill_must_come_in_twice_and_is_not_compared(topology):
    for fill_ms, level_pa, left_ms in ((20, 0, -1), (0, pa(15) - 1, 0), (0, pa(15), -1 if topology == "manifold" else 0)):
        _, trends, levels = feeding(topology)
        trends.fill_ms[1] = fill_ms
        levels.vented = True
        trends.feed(1, level_pa, pa(60), 20)
        assert trends.fill_ms[1] == left_ms, "as it begins the vent may still move; but what it has of the others' air it need not get"


@pytest.mark.parametrize(
    "beside, ms, slow", ((3, 1291, 0), (3, 1292, 2), (1, 2098, 0), (1, 2099, 2), (2, 2098, 0), (2, 2099, 2), (4, 2098, 0), (4, 2099, 2))
)
def test_zones_side_by_side_are_compared_with_as_many_side_by_side_or_with_two_thirds_more(beside, ms, slow):
    """Who gets how much of the air is not known, and two valves let through more than one; but a narrow one has others join it."""
    _, trends, levels = feeding()
    for sharing, took_ms in ((3, 1000), (3, 1000), (beside, ms), (beside, ms)):
        trends.emptied(1)
        levels.sharing = sharing
        trends.feed(1, pa(20), pa(64), took_ms * sharing)
        levels.sharing = 1  # the others have their pressure
        trends.feed(1, pa(60), pa(64), 20)
    assert trends.fills.slow[1] == slow and trends._beside[1] == beside


@pytest.mark.parametrize("beside, slow", ((1, 2), (2, 0), (PACED - 1, 0), (PACED, 2)))
def test_a_first_fill_side_by_side_is_doubtful_as_beside_another_zone_it_would_have_had_another_share(beside, slow):
    """Zone 2 beside a small one, and from then on beside a large one, was a "slow fill"."""
    trends: Any = Desk().guard.trends
    for ms in (6460, 8512, 8554):
        trends._beside[1], trends.fill_ms[1] = beside, ms
        trends._took(1, pa(60))
    assert trends.fills.slow[1] == slow


@pytest.mark.parametrize("apart_pa, slow", ((pa(16), 1), (pa(16) + 1, 0)))
def test_in_other_company_only_a_like_pressure_is_compared(apart_pa, slow):
    _, trends, _ = feeding()
    for beside, level_pa, ms in ((1, pa(60), 1000), (2, pa(60) - apart_pa, 2500)):
        trends._beside[1], trends.fill_ms[1] = beside, ms
        trends._took(1, level_pa)
    assert trends.fills.slow[1] == slow


@ALL
def test_a_fill_that_follows_a_ramp_is_compared_with_those_that_do_and_with_no_other(topology):
    ramp, straight = (40, 50, 60), (60, 60, 60)
    for first, again, ms, slow in (
        (ramp, ramp, 3000, 2), (straight, straight, 3000, 2), (straight, ramp, 3000, 0), (ramp, straight, 3000, 0), (ramp, ramp, 400, 0),
    ):  # fmt: skip
        _, trends, _ = feeding(topology)
        for targets, each_ms in ((first, 400), (again, ms), (again, ms)):
            trends.emptied(1)
            for target in targets:
                trends.feed(1, pa(20), pa(target), each_ms)
            trends._took(1, pa(58))
            assert trends.fill_ms[1] == -1
        assert trends.fills.slow[1] == slow, (first, again, ms)
    _, trends, _ = feeding(topology)
    trends.feed(1, pa(20), pa(60), 400)
    assert trends._beside[1] == 1, "as it begins its target is new"
    trends.feed(1, pa(20), pa(61), 400)
    trends.emptied(1)
    assert trends._beside[1] == 0, "and its next fill may be another"


@pytest.mark.parametrize("topology", ("zone sensors", "independent"))
@pytest.mark.parametrize("beside, full_pa", ((PACED - 1, pa(70)), (PACED, pa(30))))
def test_in_a_ramp_a_fill_is_over_at_30_mmhg_as_its_target_runs_ahead_of_a_narrow_way(topology, beside, full_pa):
    _, trends, _ = feeding(topology)
    trends.fill_ms[1], trends._target_pa[1], trends._beside[1] = 1000, pa(80), beside
    trends.feed(1, full_pa, pa(80), 20)
    assert trends.fill_ms[1] == 1020
    trends.feed(1, full_pa + 1, pa(80), 20)
    assert trends.fill_ms[1] == -1


def took(trends: Any, zone: int, ms: int, air_ul: int = 0, level_pa: int = FROM_PA) -> None:
    trends.fill_ms[zone], trends._air_ul[zone] = ms, air_ul
    trends._took(zone, level_pa)


AIR_UL = 400_000


def test_two_zones_in_a_row_that_take_more_of_the_pumps_air_have_the_pump_in_common():
    """However long it takes: at a duty that was low before a pump that weakens is driven harder, and no fill is slower."""
    weak = faults.PUMP_WEAK
    for order, told in (((0, 1), weak), ((0,), 0), ((0, 0), 0), ((0, 2, 1), 0), ((0, 0, 1), weak)):
        for over_ul, tells in ((16, True), (-16, False)):
            guard = Desk().guard
            for zone in range(3):
                took(guard.trends, zone, 1000, AIR_UL)
            for zone in order:
                more_ul = AIR_UL * 3 // 2 + (guard.net.zones[zone].volume_ml << 4)
                took(guard.trends, zone, 1000, AIR_UL if zone == 2 else more_ul + over_ul)
            assert guard.notices == (told if tells else 0), order
    made = trend(2)
    slower(made, 2000)
    assert made.last == 0
    made.forget()
    assert made.last == NONE
    made = trend(2)
    slower(made, 2000)
    slower(made, 2000, pa(100), zone=1)
    assert made.last == 0, "what is fresh was not compared"
    slower(made, 1000)
    assert made.last == NONE


@pytest.mark.parametrize("what", ("trip", "relief"))
def test_the_next_fill_after_somebody_sat_down_is_no_measure_of_the_pumps_air(what):
    """Zones that he presses take half of it; with him gone two in a row took twice as much, and the pump was told as weak."""
    for pressed, weak in ((True, 0), (False, faults.PUMP_WEAK)):
        desk = Desk("manifold")
        guard: Any = desk.guard
        if pressed:
            guard.zones.reasons = WHY_TRIP if what == "trip" else 0
            guard.zones.relief_zone, guard.zones.relief_ms = (NONE, 0) if what == "trip" else (1, 100)
            guard.zones.sat_pa = -1
            ticks, guard.zones.tick = guard.zones.tick, lambda *_: None
            desk.tick()
            guard.zones.tick = ticks
        for zone in range(2):
            guard.trends.emptied(zone)
            took(guard.trends, zone, 1000, AIR_UL)
        guard.notices = 0
        for _ in range(2):
            for zone in range(2):
                took(guard.trends, zone, 1000, 3 * AIR_UL)
        assert guard.notices == weak
        for _ in range(2):
            for zone in range(2):
                took(guard.trends, zone, 1000, 9 * AIR_UL)
        assert guard.notices == faults.PUMP_WEAK, "the fill after that is a measure"


@pytest.mark.parametrize("pressed", (True, False))
def test_a_fill_after_somebody_sat_down_stands_between_two_that_took_more(pressed):
    guard: Any = Desk().guard
    for zone in range(3):
        took(guard.trends, zone, 1000, AIR_UL)
    took(guard.trends, 0, 1000, 3 * AIR_UL)
    if pressed:
        guard.trends.sat[2] = 1
        took(guard.trends, 2, 1000, 3 * AIR_UL)
    took(guard.trends, 1, 1000, 3 * AIR_UL)
    assert guard.notices == (0 if pressed else faults.PUMP_WEAK)


def test_two_zones_whose_fills_take_longer_but_no_more_air_have_narrow_ways():
    guard = Desk().guard
    for zone in (0, 1, 0, 1):
        took(guard.trends, zone, 1000, AIR_UL)
    for zone in (0, 1, 0):
        assert not guard.notices
        took(guard.trends, zone, 1601, AIR_UL)
    assert guard.notices == faults.SLOW_FILL


def test_a_fill_that_ends_far_lower_after_more_time_than_its_usual_pressure_takes_is_slower():
    """Through a narrow way a fill is given up or let out before its time; a lower target takes less."""
    for ms, mmhg, slow in ((1288, 40, 2), (1287, 40, 0), (1400, 80, 0)):  # 1000, three sixteenths of that and 100
        trends: Any = Desk().guard.trends
        for _ in range(2):
            took(trends, 1, 1000)
        for _ in range(2):
            took(trends, 1, ms, level_pa=pa(mmhg))
        assert trends.fills.slow[1] == slow


@pytest.mark.parametrize(
    "ms, ul, target_mmhg, beside, told",
    (
        (6600, 100_000, 80, 1, True),  # of a way that is a quarter as wide: twice as long for each mL, and more
        (5000, 99_900, 80, 1, True),
        (5000, 100_100, 80, 1, False),
        (1360, 45_000, 80, 1, False),  # looks take as long as a short fill
        (6600, 100_000, 97, 1, False),  # against another pressure the pump gives another flow, ...
        (6600, 100_000, 80, PACED, False),  # ... and so it does up a ramp
    ),
)
def test_a_blind_fill_that_is_let_out_far_lower_is_slow_where_twice_in_a_row_the_pump_gave_its_air_half_as_fast(
    ms, ul, target_mmhg, beside, told
):
    """Its time is no longer than usual, and so low a pressure was never usual."""

    def filled(ms: int, ul: int, target_mmhg: int, beside: int, mmhg: int) -> None:
        trends.fill_ms[1], trends._air_ul[1], trends._beside[1] = ms, ul, beside
        trends.filled(1, pa(mmhg), pa(target_mmhg))

    trends: Any = (guard := Desk("manifold").guard).trends
    filled(10_000, 500_000, 80, 1, 80)
    filled(ms, ul, target_mmhg, beside, 62 if target_mmhg == 80 else 90)
    assert not guard.notices
    filled(ms, ul, target_mmhg, beside, 75)
    assert guard.notices == (faults.SLOW_FILL if told else 0)


@pytest.mark.parametrize("over_pa, told", ((0, True), (1, False)))
def test_a_blind_fill_that_ends_full_with_little_air_is_that_of_a_leg_somebody_sits_on(over_pa, told):
    """A zone that took a third of its air, and the looks their time, was a "slow fill"."""
    trends: Any = (guard := Desk("manifold").guard).trends
    for ms, ul in ((10_000, 500_000), (6600, 100_000), (6600, 100_000)):
        trends.fill_ms[1], trends._air_ul[1], trends._beside[1] = ms, ul, 1
        trends.filled(1, pa(80) - (pa(80) >> 4) + over_pa, pa(80))
    assert guard.notices == (faults.SLOW_FILL if told else 0)


def test_after_the_pumps_ceiling_was_changed_neither_time_nor_air_of_a_fill_is_held_against_an_earlier_one():
    guard = Desk().guard
    for zone in (0, 1):
        took(guard.trends, zone, 1000, AIR_UL)
    ways = guard.trends.ways
    slower(ways, USUAL)
    guard.trends.forget()
    assert not any(ways.usual_pa)
    for zone in (0, 1, 0, 1):
        took(guard.trends, zone, 3000, 3 * AIR_UL)
    assert not guard.notices


def test_a_fill_is_compared_as_if_it_had_gone_to_60_mmhg():
    trends: Any = Desk("manifold").guard.trends
    trends.fill_ms[1] = 3000
    trends._took(1, pa(45))
    assert trends.fills.usual[1] == pytest.approx(4000, abs=10) and trends.fills.usual_pa[1] == pa(45)


@pytest.mark.parametrize("ms, compared", ((99, False), (100, True)))
def test_what_is_full_in_less_than_a_tenth_of_a_second_was_pressed_and_says_nothing_of_fills(ms, compared):
    trends: Any = Desk().guard.trends
    trends.fill_ms[1] = ms
    trends._took(1, pa(60))
    assert trends.fill_ms[1] == -1 and bool(trends.fills.usual[1]) is compared


def test_what_the_pump_gives_a_blind_zone_in_pulses_is_added_up_and_nothing_of_it_is_taken_back_as_it_waits():
    guard, trends, levels = feeding("manifold")
    guard.zones.flow_ul = 70
    for pulse in (1, 2):
        for levels.filling[1] in (1, 1, 0, 0, 0):
            trends.feed(1, pa(30), pa(60), 20)
        assert trends._air_ul[1] == pulse * 140 and trends.fill_ms[1] == pulse * 100 and trends._beside[1] == 1
    trends.emptied(1)
    assert trends._air_ul[1] == trends._beside[1] == 0


def test_after_the_pumps_ceiling_was_changed_no_fill_is_held_against_an_earlier_one():
    made: Any = trend()
    made.slow[0] = 2
    made.forget()
    assert made.slow[0] == 0 and not made.slower(0, 5000, FROM_PA, 0, 5000) and made.usual[0] == 5000


def test_a_zone_that_is_kept_shut_without_a_target_is_not_let_out_yet():
    desk = Desk("independent")
    trends: Any = desk.guard.trends
    for target_pa, shut, counts in ((0, 1, False), (FROM_PA, 0, False), (FROM_PA, 1, False), (0, 0, True)):
        trends._venting_ms[1] = 40
        desk.wish.target_pa[1], desk.guard.levels.shut[1] = target_pa, shut
        trends.tick(20, desk.wish)
        assert (trends._venting_ms[1] >= 0) is counts


def test_of_what_is_not_known_yet_the_first_is_what_is_usual():
    made: Any = Trend(1, MORE)
    assert not made.slower(0, 75, pa(20), 0, 50) and made.usual[0] == 50 and made.usual_pa[0] == pa(20)


def test_until_a_second_fill_was_like_the_first_one_a_limb_may_have_helped_and_only_twice_as_long_is_slower():
    for more, slow in ((1, 2), (0, 0)):
        made: Any = Trend(1, MORE)
        for took in (USUAL, USUAL * 2 + LEAST + more, USUAL * 2 + LEAST + more):
            slower(made, took, doubt=1)
        assert made.slow[0] == slow, "else it is what is usual from now on"
    made = Trend(1, MORE)
    for took, slow in ((USUAL, 0), (1900, 0), (1900, 0), (3151, 1), (3151, 2)):  # half as long again as 1900, and 300
        slower(made, took, doubt=1)
        assert made.slow[0] == slow, took


@pytest.mark.parametrize("what", ("trip", "relief"))
@pytest.mark.parametrize("times, doubt, knows", ((1, 1, 0), (2, 1, FROM_PA), (1, 0, FROM_PA)))
def test_who_sits_down_may_have_helped_the_only_fill_that_is_known_by_more_than_half(what, times, doubt, knows):
    """A zone that was filled meanwhile, in less than half of its time: each later fill was "slow". One whose sensor saw no jump was not."""
    desk = Desk("manifold")
    guard: Any = desk.guard
    for _ in range(times):
        slower(guard.trends.fills, USUAL, zone=1, doubt=doubt)
    desk.hold(60.0)
    desk.run(200)
    assert guard.trends.fills.usual_pa[1] == FROM_PA

    def sits(*_: Any) -> None:
        guard.zones.reasons = WHY_TRIP if what == "trip" else 0
        guard.zones.relief_zone, guard.zones.relief_ms = (NONE, 0) if what == "trip" else (1, 100)
        guard.zones.sat_pa = -1

    guard.zones.tick = sits
    desk.tick()
    assert guard.trends.fills.usual_pa[1] == knows and not guard.coil[desk.net.vent_valve]


@pytest.mark.parametrize("topology", ("manifold", "independent"))
@pytest.mark.parametrize("above_mmhg, sat", ((24.0, False), (26.0, True)))
def test_only_what_no_limb_that_moves_presses_is_somebody_who_sits_down(topology, above_mmhg, sat):
    """With a weak pump each fill went 15 mmHg too far and was relieved: no fill was ever compared, and the pump told as nothing."""
    desk = holding(topology)
    desk.show(0, 60.0 + above_mmhg)
    for _ in range(50):
        desk.tick()
        if desk.guard.reasons & WHY_RELIEF:
            break
    assert desk.guard.reasons & WHY_RELIEF
    desk.run(100)
    assert bool(desk.guard.trends.sat[0]) is sat


def test_what_took_twice_as_long_once_needs_to_be_slower_only_once_more():
    """A way that has become half as wide takes twice as long, now a little more and now a little less."""
    made: Any = Trend(1, MORE)
    for took, slow in ((USUAL, 0), (USUAL * 2 + LEAST + 1, 1), (USUAL * 2, 2), (1801, 2), (1800, 0)):
        slower(made, took, doubt=1)
        assert made.slow[0] == slow, took


def test_what_is_slower_in_new_company_is_not_what_is_usual_there():
    """A narrow way changes the company again and again, and each time what is usual would be two thirds more."""
    made: Any = trend()
    for slow in (1, 2):
        made.slower(0, 3000, FROM_PA + (slow << 15), LEAST, 1667)
        assert (made.slow[0], made.usual[0], made.usual_pa[0]) == (slow, USUAL, FROM_PA)
    made.slower(0, 1700, FROM_PA + (3 << 15), LEAST, 1667)
    assert (made.slow[0], made.usual[0], made.usual_pa[0]) == (2, 1667, FROM_PA + (3 << 15))


def test_what_the_line_reads_in_a_fill_is_no_pressure_that_was_seen():
    desk = Desk("manifold")
    trends: Any = desk.guard.trends
    levels: Any = desk.guard.levels
    desk.wish.target_pa[1] = pa(60)
    for filling, static, seen in ((0, 1, 1), (0, 0, 1), (1, 0, 0), (0, 0, 0), (1, 1, 1)):
        levels.filling[1], levels.static[1] = filling, static
        trends.tick(20, desk.wish)
        assert trends._seen[1] == seen


def test_at_another_pressure_the_doubt_about_what_is_usual_says_nothing():
    """It is about the fills before."""
    for doubt in (0, 1):
        trend = Trend(1, 3)
        trend.usual[0], trend._unsure[0] = 1000, doubt
        assert [trend.slower(0, 1500, pa(60), 0, 1000) for _ in range(2)] == [False, True]
