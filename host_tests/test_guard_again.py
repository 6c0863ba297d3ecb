"""A blind zone that got no flow while another one has lost a part of its air is driven once more: a moment without 12 V is over then."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import TICK_MS, Desk
from host_tests.test_guard_answer import Filled, unfolded
from peristal.core import faults
from peristal.core.second_look import FIRM_PA, LOOK_MS, LOST_PA, PART_PA, RISEN
from peristal.core.units import NONE, pa


def seen(before_pa: int, lost_pa: int, fault: int, again: int = NONE) -> Any:
    """Zone 2 is in doubt, zone 3 was looked at for long enough."""
    second: Any = Desk("manifold").guard.second
    second.doubt(1, fault)
    second._seen, second._before_pa, second.again = 2, before_pa, again
    levels = second.levels
    levels.static[2], levels.open_count, levels.level_pa[2] = 1, 1, before_pa - lost_pa
    found = faults.OK
    while second.zone != NONE:
        found = second.tick(TICK_MS)
    return second, found


@pytest.mark.parametrize(
    "before_pa, lost_pa, fault, again, told",
    (
        (pa(32), PART_PA, faults.NO_ANSWER, NONE, faults.OK),
        (pa(32), PART_PA, faults.NO_ANSWER, 2, faults.OK),  # it was another one that was driven again
        (pa(32), PART_PA, faults.NO_ANSWER, 1, faults.NO_ANSWER),
        (pa(32), PART_PA - 1, faults.NO_ANSWER, NONE, faults.NO_ANSWER),
        (pa(32), PART_PA, faults.NO_RISE, NONE, faults.NO_RISE),
        (pa(32), PART_PA, faults.OK, NONE, faults.OK),
    ),
)
def test_a_zone_is_driven_again_where_another_one_has_lost_5_mmhg(before_pa, lost_pa, fault, again, told):
    second, found = seen(before_pa, lost_pa, fault, again)
    assert found == told
    assert second.again == (1 if fault == faults.NO_ANSWER and told == faults.OK else again)


def test_what_an_earlier_drive_showed_is_no_reason_to_drive_a_zone_again_that_was_only_in_doubt():
    """Its line had shown no flow then; of this one nothing is to be told when the other zone has lost no more than a limb moves."""
    second: Any = Desk("manifold").guard.second
    second._dry = True
    second.doubt(1, faults.OK)
    second._seen, second._before_pa = 2, pa(32)
    second.levels.static[2], second.levels.open_count = 1, 1
    assert then_sees(second, pa(32) - PART_PA) == faults.OK and second.again == NONE


def in_doubt(desk: Filled, mmhg: float = 28.0) -> Filled:
    """Zone 1 got nothing, and zone 2 has less than the 40 mmHg that it had: the pump rests until that was seen."""
    desk.drop_mmhg = 0.0
    desk.go(100)
    desk.guard.leaks.last_pa[1] = pa(40)
    desk.guard.answer.flow.dry_ms = 1000
    desk.guard.second.doubt(0, faults.NO_ANSWER)
    desk.zone_mmhg[1] = mmhg
    desk.now_zone = 1
    desk.look(1)
    return desk.go(LOOK_MS + 600)


def test_a_flow_that_is_back_was_without_its_12_v_and_one_that_is_not_has_no_pump():
    for back, told in ((True, faults.SUPPLY_DIP), (False, faults.NO_ANSWER)):
        desk = in_doubt(unfolded("manifold", 40.0))
        assert not desk.fault and desk.guard.second.again == 0 and not desk.guard.answer.flow.dry_ms
        if back:
            desk.drop_mmhg = 45.0
            desk.start(0).go(1000, 20.0)
            assert desk.guard.second.again == NONE
        else:
            in_doubt(desk.start(0))
        assert desk.fault == told


def test_one_that_has_kept_its_air_says_at_once_that_the_pump_brings_none():
    assert in_doubt(unfolded("manifold", 40.0), 38.0).fault == faults.NO_ANSWER


def test_a_new_session_has_driven_nothing_again():
    desk = in_doubt(unfolded("manifold", 40.0))
    desk.guard.begin()
    assert desk.guard.second.again == NONE


def looked_at(has_pa: int, before_pa: int, line_pa: int, shows: bool = True) -> Any:
    """Zone 2 was driven in vain under this line and is looked at; zone 3, which had 60 mmHg, is to be seen next."""
    second: Any = Desk("manifold").guard.second
    second.leaks.fullest = lambda *_: 2
    second.leaks.last_pa[2] = pa(60)
    second.ask(1, before_pa, pa(8), 0, line_pa, shows)
    levels = second.levels
    levels.open_count = 1
    levels.static[1], levels.level_pa[1] = 1, has_pa
    while second._seen == 1 and second.zone != NONE:
        second.found = second.tick(TICK_MS)
    levels.static[1], levels.static[2] = 0, 1
    return second


def then_sees(second: Any, has_pa: int) -> int:
    second.levels.level_pa[2] = has_pa
    found = faults.OK
    while second.zone != NONE:
        found = second.tick(TICK_MS)
    return found


def test_what_has_risen_but_got_no_flow_in_the_end_is_told_by_another_zone():
    none_pa = pa(30) - pa(3) - pa(2)
    assert looked_at(none_pa, pa(10), pa(30)).found == RISEN
    for has_pa, shows, told, again in (
        (pa(60) - LOST_PA, True, faults.SUPPLY_DIP, 1),
        (pa(60) - LOST_PA + 1, True, RISEN, 1),
        (pa(60) - PART_PA, True, RISEN, 1),
        (pa(60) - PART_PA + 1, True, RISEN, NONE),
        (pa(60) - PART_PA, False, RISEN, NONE),  # a pump that is held back drops next to nothing
    ):
        second = looked_at(none_pa + 1, pa(10), pa(30), shows)
        assert second.zone == 1
        assert then_sees(second, has_pa) == told
        assert second.again == again


@pytest.mark.parametrize("line_pa, again", ((pa(10), 1), (pa(40), NONE)))
def test_a_zone_that_has_nothing_under_a_line_that_showed_its_flow_has_a_hole(line_pa, again):
    second = looked_at(pa(10), pa(10), line_pa)
    assert then_sees(second, pa(60) - PART_PA) == (faults.OK if again == 1 else faults.NO_RISE)
    assert second.again == again


@pytest.mark.parametrize("least_pa, again", ((pa(60) - PART_PA, 1), (pa(60) - PART_PA + 1, NONE)))
def test_a_limb_may_press_the_other_one_again_while_it_is_seen(least_pa, again):
    second = looked_at(pa(10), pa(10), pa(10))
    for has_pa in (pa(60), least_pa):  # not only as the look begins
        second.levels.level_pa[2] = has_pa
        assert second.tick(TICK_MS) == faults.OK
    then_sees(second, pa(60))
    assert second.again == again


@pytest.mark.parametrize(
    "fell_pa, told", ((pa(3) + (pa(24) >> 3) + 1, faults.SUPPLY_DIP), (pa(3) + (pa(24) >> 3), faults.VALVE_STUCK_OPEN))
)
def test_what_a_zone_gained_and_lost_again_came_as_everything_was_open(fell_pa, told):
    second: Any = Desk("manifold").guard.second
    second.leaks.fullest = lambda *_: 2
    second.leaks.last_pa[2] = pa(60)
    second.doubt(1, faults.VALVE_STUCK_OPEN)
    levels = second.levels
    levels.open_count = levels.static[1] = 1
    levels.level_pa[1] = pa(24)
    second.tick(TICK_MS)
    second.tick(TICK_MS)
    levels.level_pa[1] -= fell_pa
    second.tick(TICK_MS)
    levels.static[1], levels.static[2] = 0, 1
    assert then_sees(second, pa(60) - LOST_PA) == told


def test_a_zone_whose_gain_did_not_stay_is_no_matter_where_the_other_one_has_its_air():
    """Who sits down presses a zone, and stands up again."""
    second: Any = Desk("manifold").guard.second
    second.doubt(1, faults.VALVE_STUCK_OPEN)
    second._seen, second._before_pa, second._most_own_pa, second._own_pa = 2, pa(60), pa(60), 0
    second.levels.static[2] = second.levels.open_count = 1
    assert then_sees(second, pa(60) - LOST_PA + 1) == faults.OK


@pytest.mark.parametrize("own_pa, told", ((FIRM_PA, faults.VALVE_STUCK_OPEN), (FIRM_PA - 1, faults.SUPPLY_DIP)))
def test_of_next_to_nothing_a_limb_takes_as_much_as_another_zone(own_pa, told):
    second: Any = Desk("manifold").guard.second
    second.doubt(1, faults.NO_RISE)
    second._seen, second._before_pa, second._loses, second._own_pa = 2, pa(60), True, own_pa
    second.levels.static[2] = second.levels.open_count = 1
    assert then_sees(second, pa(10)) == told


def dry(drop_mmhg: float = 45.0) -> Filled:
    """A line that showed nothing of the flow until the coils were pulled in again."""
    desk = Filled("manifold").start()
    desk.drop_mmhg = 0.0
    while not desk.guard.answer._dry:
        desk.go(TICK_MS)
    desk.drop_mmhg = drop_mmhg
    return desk


def test_a_flow_that_shows_once_the_coils_were_pulled_in_again_was_without_its_12_v():
    assert dry().go(400).fault == faults.SUPPLY_DIP
    assert dry(12.0).go(300).fault == faults.OK, "a limb lifts the line as much"
    desk = dry(0.0)
    desk.start().go(60)
    assert not desk.guard.answer._dry, "of each drive"


@pytest.mark.parametrize("mmhg_s, told", ((25.0, False), (400.0, True)))
def test_what_rises_as_a_zone_does_is_no_flow_that_is_back(mmhg_s, told):
    """A weak pump brings so little that at first nothing of its flow shows: it was told as a moment without 12 V."""
    desk = dry(0.0)
    for _ in range(20):
        desk.drop_mmhg += mmhg_s * TICK_MS / 1000
        desk.go(TICK_MS)
    assert (desk.fault == faults.SUPPLY_DIP) is told


def test_a_line_that_leaps_is_enough_where_the_pump_is_held_back_at_once():
    flow: Any = Desk("manifold").guard.answer.flow
    flow._late_pa = flow.line_pa = pa(10)
    line = flow.net.line_sensor
    for drop_pa, leaps_pa, smooth_pa, back in (
        (pa(30), pa(40) + 1, 0, True), (pa(30), pa(40), 0, False), (pa(60), pa(60) + 1, 0, True), (pa(60), pa(60), 0, False),
        (pa(300), pa(80) + 1, 0, True), (pa(300), pa(80), 0, False), (pa(40), 0, pa(15), True), (pa(40), 0, pa(15) - 2, False),
    ):  # fmt: skip
        flow.drop_pa[0] = drop_pa
        flow.sensing.worst_pa[line] = pa(10) + leaps_pa
        flow.line_pa = pa(10) + smooth_pa
        assert flow.is_back(0) is back, (drop_pa, leaps_pa, smooth_pa)
