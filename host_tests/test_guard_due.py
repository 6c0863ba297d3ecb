"""How long a release may take by the declared parts, and what is told of one that takes longer. To the figure, at the desk."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import OWN_SENSORS, TICK_MS, Desk
from peristal.core import faults, model
from peristal.core.units import NONE, pa

FIFTEEN = pa(15)


def alone_ms(desk: Desk, zone: int, from_pa: int) -> int:
    """Of the model, tick by tick, through everything on the way out."""
    net = desk.net
    c = net.valves[net.fill_valve[zone]].c_ml_s_bar
    way_c = net.valves[net.exhaust_valve[zone]].c_ml_s_bar if net.independent else model.series(c, net.valves[net.vent_valve].c_ml_s_bar)
    return model.vent_ms(net.zones[zone].volume_ml, way_c, from_pa, FIFTEEN)


def shut_all(desk: Desk, *but: int) -> None:
    for zone in range(desk.net.n_zones):
        desk.guard.levels.shut[zone] = 0 if zone in but else 1


@pytest.mark.parametrize("topology", ("independent", "zone sensors", "manifold"))
@pytest.mark.parametrize("mmhg", (20, 30, 60, 100, 130))
def test_what_is_due_is_what_the_model_says_of_one_zone_alone(topology, mmhg):
    desk = Desk(topology)
    for zone in (0, 1):
        shut_all(desk, zone)
        for other in range(desk.net.n_zones):
            desk.guard.levels.level_pa[other] = pa(130)  # what is shut has no say
        desk.guard.levels.level_pa[zone] = pa(mmhg)
        assert desk.guard.trends._due(zone) == pytest.approx(alone_ms(desk, zone, pa(mmhg)), rel=0.08, abs=80)


def test_from_15_mmhg_nothing_is_due_and_above_the_table_what_is_at_its_end():
    desk = Desk("independent")
    trends: Any = desk.guard.trends
    assert [trends._vent_due(at, 1000, 1000) for at in (0, 2000)] == [1, 1]
    end = 2000 + (16 << 10) - 1
    assert trends._vent_due(end, 8000, 1000) == trends._vent_due(end + 5000, 8000, 1000) > trends._vent_due(end - 400, 8000, 1000)
    steps = [trends._vent_due(2000 + at, 8000, 1000) for at in range(0, 16 << 10, 256)]
    assert steps == sorted(steps) and len(set(steps)) > 60, "between the entries too"
    assert trends._vent_due(pa(60), 8000, 1000) == pytest.approx(2 * trends._vent_due(pa(60), 4000, 1000), abs=2)
    assert trends._vent_due(pa(60), 8000, 1000) == pytest.approx(2 * trends._vent_due(pa(60), 8000, 2000), abs=2)


@pytest.mark.parametrize("topology", ("zone sensors", "manifold"))
def test_zones_that_leave_together_need_what_all_of_their_air_needs_through_one_vent(topology):
    desk = Desk(topology)
    net, levels, trends = desk.net, desk.guard.levels, desk.guard.trends
    shut_all(desk, 0, 1, 2)
    for zone, mmhg in enumerate((80, 60, 40)):
        levels.level_pa[zone] = pa(mmhg)
    volumes = [net.zones[zone].volume_ml for zone in range(3)]
    mean_pa = sum(volume * pa(mmhg) for volume, mmhg in zip(volumes, (80, 60, 40), strict=True)) // sum(volumes)
    ways_c = sum(net.valves[net.fill_valve[zone]].c_ml_s_bar for zone in range(3))
    all_ms = model.vent_ms(sum(volumes), model.series(ways_c, net.valves[net.vent_valve].c_ml_s_bar), mean_pa, FIFTEEN)
    for zone in range(3):
        least_ms = max(alone_ms(desk, zone, levels.level_pa[zone]), levels.mix_ms[zone] if topology == "manifold" else 0)
        assert trends._due(zone) == pytest.approx(max(all_ms, least_ms), rel=0.08, abs=80)
    levels.level_pa[1] = levels.level_pa[2] = 0
    high_ms = alone_ms(desk, 0, pa(80))
    assert trends._due(0) == pytest.approx(max(high_ms, levels.mix_ms[0] if topology == "manifold" else 0), rel=0.08, abs=80)


# --- a release, tick by tick ------------------------------------------------------------------------------------------


class Released:
    """Zone 2 of independent zones is let out; levels are made up."""

    def __init__(self, topology: str = "independent") -> None:
        self.desk = Desk(topology)
        self.trends: Any = self.desk.guard.trends
        self.levels: Any = self.desk.guard.levels
        self.levels.open_count = 1
        self.levels.vented = not self.desk.net.independent

    def hold(self, level_pa: int) -> Released:
        self.levels.shut[1] = self.levels.static[1] = 1
        return self._tick(level_pa, pa(60))

    def tick(self, level_pa: int, ticks: int = 1) -> Released:
        self.levels.shut[1] = 0
        return self._tick(level_pa, 0, ticks)

    def _tick(self, level_pa: int, target_pa: int, ticks: int = 1) -> Released:
        self.desk.wish.target_pa[1] = target_pa
        self.levels.level_pa[1] = level_pa
        for _ in range(ticks):
            self.trends.tick(TICK_MS, self.desk.wish)
        return self

    @property
    def told(self) -> bool:
        return bool(self.desk.guard.notices & faults.VENT_SLOW)


@OWN_SENSORS
def test_a_release_that_takes_twice_what_is_due_and_two_seconds_is_told_while_it_goes_on(topology):
    released = Released(topology).hold(pa(60)).tick(pa(60)).tick(pa(60))
    due_ms = released.trends.due_ms[1]
    assert due_ms > 200
    ticks = (2 * due_ms + 2000) // TICK_MS
    assert not released.tick(FIFTEEN, ticks - 1).told
    assert released.tick(FIFTEEN).told


@OWN_SENSORS
@pytest.mark.parametrize("from_pa, seen", ((pa(20), True), (pa(20) - 1, False)))
def test_a_release_counts_from_20_mmhg_on_to_just_below_15(topology, from_pa, seen):
    released = Released(topology).hold(from_pa).tick(from_pa).tick(FIFTEEN, 30)
    assert released.trends.vent_ms[1] == 0
    released.tick(FIFTEEN - 1)
    assert released.trends.vent_ms[1] == (31 * TICK_MS if seen else 0)
    released.tick(FIFTEEN - 1, 10)
    assert released.trends.vent_ms[1] == (31 * TICK_MS if seen else 0), "once"


@OWN_SENSORS
@pytest.mark.parametrize("rise_pa, seen", ((pa(3), True), (pa(3) + 1, False)))
def test_what_leaves_does_not_rise_by_more_than_3_mmhg_that_is_a_limb_and_the_release_says_nothing(topology, rise_pa, seen):
    released = Released(topology).hold(pa(60)).tick(pa(60)).tick(pa(50), 10).tick(pa(40)).tick(pa(40) + rise_pa).tick(FIFTEEN - 1)
    assert bool(released.trends.vent_ms[1]) is seen


@OWN_SENSORS
def test_a_limb_that_presses_gives_a_release_2_s_more_each_time_and_no_way_out_is_told_all_the_same(topology):
    for times in (1, 2):
        released = Released(topology).hold(pa(60)).tick(pa(60)).tick(pa(60))
        ticks = (2 * released.trends.due_ms[1] + 2000) // TICK_MS
        released.tick(pa(30), 100)
        for _ in range(times):
            released.tick(released.desk.guard.levels.level_pa[1] + pa(3) + 1).tick(pa(30), 100)
        passed = 101 + times
        assert released.trends._venting_ms[1] == passed * TICK_MS
        assert not released.tick(pa(30), ticks - passed).told
        assert released.tick(pa(30)).told


@OWN_SENSORS
def test_one_press_counts_once_however_long_it_lasts(topology):
    released = Released(topology).hold(pa(60)).tick(pa(60)).tick(pa(60))
    ticks = (2 * released.trends.due_ms[1] + 2000) // TICK_MS
    released.tick(pa(30), 149).tick(pa(40), 10)  # 3 s have passed, of which the limb has 2
    passed = 160 - 100
    assert released.trends._venting_ms[1] == passed * TICK_MS
    assert not released.tick(pa(40), ticks - passed).told
    assert released.tick(pa(40)).told


@OWN_SENSORS
def test_a_release_that_a_limb_spoiled_is_over_once_it_is_below_15_mmhg(topology):
    released = Released(topology).hold(pa(60)).tick(pa(60)).tick(pa(30), 10).tick(pa(34)).tick(FIFTEEN - 1)
    ticks = (2 * released.trends.due_ms[1] + 2000) // TICK_MS
    released.tick(FIFTEEN - 1, 2 * ticks).tick(FIFTEEN + pa(5))
    assert not released.told, "who presses an empty zone later is no slow release"


@OWN_SENSORS
def test_the_same_release_twice_as_slow_as_what_is_usual_twice_running_is_told(topology):
    def once(released: Released, ticks: int) -> Released:
        return released.hold(pa(60)).tick(pa(60)).tick(pa(30), ticks).tick(FIFTEEN - 1)

    first = once(Released(topology), 1)
    due_ms = first.trends.due_ms[1]
    usual, late = due_ms // TICK_MS, (due_ms * 3 // 2 + 200) // TICK_MS
    for more, told in ((-3, False), (3, True)):
        released = Released(topology)
        for _ in range(3):
            once(released, usual)
        assert not once(released, late + more).told
        assert once(released, late + more).told is told


@pytest.mark.parametrize("topology, seen", (("zone sensors", True), ("manifold", False)))
def test_where_more_air_comes_to_the_line_than_is_let_out_the_release_of_a_blind_zone_says_nothing(topology, seen):
    """One with a sensor of its own shows what it has, whatever else comes to the line."""
    released = Released(topology).hold(pa(60)).tick(pa(60)).tick(pa(50), 30)
    released.levels.reading_pa = lambda zone: pa(40)
    released.tick(pa(40), 5)
    del released.levels.reading_pa
    released.tick(pa(30), 200).tick(FIFTEEN - 1)
    assert bool(released.trends.vent_ms[1]) is seen


def test_a_vent_that_is_not_open_yet_says_nothing():
    released = Released("zone sensors")
    released.levels.vented = False
    released.hold(pa(60)).tick(pa(60)).tick(pa(60), 1000).tick(FIFTEEN - 1)
    assert not released.told and released.trends.vent_ms[1] == 0 and released.trends.due_ms[1] == 0
    assert released.desk.guard.fault_zone == NONE
