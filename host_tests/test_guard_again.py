"""A blind zone that got no flow while another one has lost a part of its air is driven once more: a moment without 12 V is over then."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import TICK_MS, Desk
from host_tests.test_guard_answer import Filled, unfolded
from peristal.core import faults
from peristal.core.second_look import LOOK_MS, PART_PA
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
