"""The line only falls while a blind zone is let out: what comes in meanwhile is a limb's or another zone's, no measure of the way out."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import TICK_MS, Desk
from peristal.core import faults
from peristal.core.trends import FED_MS, FED_PA
from peristal.core.units import pa


def leaving(line_pa: int = pa(8), ms: int = 600) -> Any:
    """One of the zones is let out, for so long."""
    trends: Any = Desk("manifold").guard.trends
    trends.levels.vented, trends.levels.open_count = True, 1
    trends.levels.reading_pa = lambda zone: line_pa
    for _ in range(ms // TICK_MS):
        assert not trends._is_fed(TICK_MS)
    return trends


@pytest.mark.parametrize("rises_pa, fed", ((FED_PA + 1, True), (FED_PA, False)))
def test_a_line_that_rises_while_one_is_let_out_is_fed(rises_pa, fed):
    trends = leaving()
    trends.levels.reading_pa = lambda zone: pa(8) + rises_pa
    assert trends._is_fed(TICK_MS) is fed
    trends.levels.reading_pa = lambda zone: pa(5)
    assert not trends._is_fed(TICK_MS)
    trends.levels.reading_pa = lambda zone: pa(5) + rises_pa
    assert trends._is_fed(TICK_MS) is fed, "from the least that it has shown"


def test_until_valve_and_way_out_are_open_and_as_another_joins_it_may_rise():
    for case in ("just opened", "another joins", "shut meanwhile"):
        trends = leaving(ms=FED_MS - 2 * TICK_MS if case == "just opened" else 600)
        if case == "another joins":
            trends.levels.open_count = 2
        elif case == "shut meanwhile":
            trends.levels.vented = False
            trends._is_fed(TICK_MS)
            trends.levels.vented = True
        trends.levels.reading_pa = lambda zone: pa(20)
        assert not trends._is_fed(TICK_MS), case


def test_what_may_have_let_go_is_pulled_in_again_every_300_ms():
    trends = leaving()
    pulled: list[int] = []
    trends.guard.drive.refresh = lambda: pulled.append(1)
    trends._is_fed(FED_MS)
    assert not pulled
    trends.levels.reading_pa = lambda zone: pa(20)
    for _ in range(4 * FED_MS // TICK_MS):
        trends._is_fed(TICK_MS)
    assert len(pulled) == 4


@pytest.mark.parametrize("fed, told", ((True, False), (False, True)))
def test_what_takes_so_long_because_more_came_is_no_slow_way_out(fed, told):
    desk = Desk("manifold")
    trends: Any = desk.guard.trends
    trends._is_fed = lambda elapsed_ms: fed
    trends._from_pa[0], trends._venting_ms[0], trends.due_ms[0] = pa(60), 0, 1000
    desk.vent()
    desk.guard.levels.level_pa[0] = pa(30)
    desk.guard.levels.open[0], desk.guard.levels.vented = 1, True
    for _ in range(6000 // TICK_MS):
        trends.tick(TICK_MS, desk.wish)
    assert bool(desk.guard.notices & faults.VENT_SLOW) is told
    assert trends._venting_ms[0] == (6000 if told else 0)
