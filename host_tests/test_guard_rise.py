"""How fast a line rises says what its zone gets, from both sides, to the pascal; and a line above its ceiling hides the flow."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import TICK_MS
from host_tests.test_guard_flow import Flowing
from peristal.core import model
from peristal.core.units import pa

TEN = pa(10)


def shared(full_pa: int, rise_ms: int, *, flow_pa: int = 8000, flow_permille: int = 1000, declared_pa: int = 8000) -> Any:
    """The line of a zone has risen by ten mmHg in so long, and its drop was taken for this."""
    flowing = Flowing()
    watch = flowing.watch
    watch._declared_pa[0], watch._full_drop_pa = declared_pa, full_pa
    watch.flow_pa, watch.flow_permille, watch._rise_ms, watch._rise_pa = flow_pa, flow_permille, rise_ms, flow_pa - TEN
    watch._watch_rise(0)
    assert (watch._rise_pa, watch._rise_ms) == (flow_pa, 0), "the next ten mmHg begin here"
    return watch


def expected(rise_ms: int, flow_pa: int, flow_permille: int, declared_pa: int = 8000) -> int:
    """The drop of the share that lifts the line so fast."""
    net = Flowing().net
    pump, at = net.board.pump, min(8, max(1, flow_pa // pa(15)))
    ten_ml = model.air_ml(1000, pa(15) * at + TEN) - model.air_ml(1000, pa(15) * at)
    flow_ml_s = pump.flow_ml_min // 60 * (pump.stall_mmhg - 60) // pump.stall_mmhg
    share = min(1000, net.zones[0].volume_ml * ten_ml // flow_ml_s * 1000 // rise_ms)
    return declared_pa * share // 1000 * share // flow_permille


@pytest.mark.parametrize("flow_pa", (0, pa(30) - 1, pa(30), 8000, pa(200)))
@pytest.mark.parametrize("rise_ms, flow_permille", ((1000, 1000), (1000, 640), (4000, 1000)))
def test_of_less_than_half_of_its_drop_what_comes_follows_from_how_fast_the_line_rises(flow_pa, rise_ms, flow_permille):
    drop_pa = expected(rise_ms, flow_pa, flow_permille)
    assert shared(3999, rise_ms, flow_pa=flow_pa, flow_permille=flow_permille)._full_drop_pa == min(3999, drop_pa)
    assert drop_pa < 3999 or rise_ms == 1000


def test_half_of_its_drop_is_enough_and_a_fast_rise_makes_it_no_more():
    assert shared(4000, 4000)._full_drop_pa == 4000
    assert shared(100, 20)._full_drop_pa == 100
    assert expected(4000, 8000, 1000) < 3999 and expected(20, 8000, 1000) == 8000
    assert shared(3999, 4000, flow_permille=0)._full_drop_pa == 3999, "nothing flows: nothing is divided by it"


@pytest.mark.parametrize("rose_pa, asked", ((TEN, True), (TEN - 1, False)))
@pytest.mark.parametrize("topology", ("manifold", "zone sensors"))
def test_it_is_asked_each_time_the_line_of_a_blind_zone_has_risen_by_ten_mmhg(topology, rose_pa, asked):
    flowing = Flowing(topology)
    watch = flowing.watch
    asks: list[tuple[int, int]] = []
    watch._watch_rise = lambda zone: asks.append((zone, watch._rise_ms))
    watch.flow_pa, watch._rise_pa, watch._rise_ms = 9000, 9000 - rose_pa, 500
    watch._follow_flow(0, 9000, 1000, TICK_MS, topology == "manifold")
    assert asks == ([(0, 520)] if asked and topology == "manifold" else [])


def test_another_zone_s_rise_begins_with_its_drive():
    watch = Flowing().watch
    watch._flow_zone, watch._rise_ms, watch._rise_pa = 1, 700, 0
    watch._follow_flow(0, 6000, 1000, TICK_MS, True)
    assert (watch._flow_zone, watch._rise_ms, watch._rise_pa) == (0, 0, 6000)


@pytest.mark.parametrize(
    "topology, driven_ms, above_pa, counts",
    (
        ("manifold", 600, pa(8) + 1, True),
        ("manifold", 600, pa(8), False),
        ("manifold", 580, pa(8) + 1, False),
        ("zone sensors", 600, pa(8) + 1, False),
    ),
)
def test_a_line_8_mmhg_above_its_ceiling_hides_what_flows_into_a_blind_zone_once_it_flows(topology, driven_ms, above_pa, counts):
    flowing = Flowing(topology)
    watch = flowing.watch
    watch._follow_flow = lambda *_: None
    mean_pa = flowing.net.ceiling_pa + above_pa
    watch._driven_ms = driven_ms - TICK_MS
    watch._mean_pa = next(before for before in range(mean_pa, 2 * mean_pa) if before + (-before >> 3) == mean_pa)
    flowing.desk.wish.target_pa[0] = pa(60)
    watch._watch_flow(0, TICK_MS, flowing.desk.wish)
    assert watch._mean_pa == mean_pa
    assert watch._flow_over_ms[0] == (TICK_MS if counts else 0)
