"""Air in portions for what has not been seen, from both sides, to the microlitre and the pascal: flow and readings are made up here."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import ALL, Desk
from peristal.core import faults, model
from peristal.core.answer import SPREAD_PA
from peristal.core.units import NONE, pa
from tools.simulator import boards


class Given:
    """Zone 1 is filled with so many microlitres in each tick; levels, line and drive are made up here."""

    def __init__(self, topology: str = "manifold", board: Any = None) -> None:
        self.desk = Desk(topology, board)
        self.net, self.guard = self.desk.net, self.desk.guard
        self.watch: Any = self.guard.unseen
        self.levels: Any = self.guard.levels
        self.answer: Any = self.guard.answer
        self.portion_ul = self.net.zones[0].volume_ml * 330
        self.watch.begin()

    def fill(self, *air_ul: int, line_pa: int = 5000, showed_pa: int = 0) -> Given:
        """`showed_pa`: what the line has shown in this drive, smoothed; the same, unless given."""
        self.answer.flow.line_pa = showed_pa or line_pa
        self.levels.filling[0] = self.levels.sharing = self.levels.open[0] = self.levels.open_count = 1
        self.levels.static[0] = 0
        for each in air_ul:
            self.guard.zones.flow_ul = each
            self.tick(line_pa)
        return self

    def rest(self, *line_pa: int, read: bool = False) -> Given:
        """The pump is off; `read`: the last reading is the zone's own pressure."""
        self.levels.filling[0] = self.levels.sharing = 0
        for number, each in enumerate(line_pa, 1):
            self.levels.static[0] = 1 if read and number == len(line_pa) else 0
            self.tick(each)
        return self

    @property
    def told(self) -> tuple[int, int]:
        """For what the zone is told, and which, once another one was looked at."""
        second = self.guard.second
        return (second._fault, second.zone) if second.zone != NONE else (faults.OK, NONE)

    def tick(self, line_pa: int) -> None:
        if self.net.line_sensor != NONE:
            self.desk.sensing.pa[self.net.line_sensor] = self.desk.sensing.worst_pa[self.net.line_sensor] = line_pa
        self.watch.tick()


# --- portions ---------------------------------------------------------------------------------------------------------


def test_a_blind_zone_waits_after_a_third_of_its_volume_until_it_was_seen():
    given = Given().fill(given_ul := Given().portion_ul)
    assert not given.watch.waits(0) and given_ul == given.portion_ul
    assert given.fill(1).watch.waits(0) and not given.watch.waits(1)
    assert given.rest(5000, 900).watch.waits(0), "not seen yet"
    assert not given.rest(800, read=True).watch.waits(0)
    given.fill(given.portion_ul, 1)
    given.watch.begin()
    assert not given.watch.waits(0)
    given = Given()
    given.answer.unfolded[0] = 1
    assert not given.fill(given.portion_ul, 1).watch.waits(0), "one that has shown its pressure needs no portions"


@pytest.mark.parametrize("topology", ("zone sensors", "independent"))
def test_a_zone_with_a_sensor_of_its_own_waits_for_nothing(topology):
    given = Given(topology)
    assert not given.fill(given.portion_ul, given.portion_ul).watch.waits(0)


@pytest.mark.parametrize("known, unfolded, blind, out", ((1, 0, 1, True), (0, 0, 1, False), (1, 1, 1, False), (1, 0, 0, False)))
def test_one_that_may_be_unfolded_and_that_no_rest_shows_is_let_out_after_each_portion(known, unfolded, blind, out):
    given = Given("independent")
    given.answer.unfolded[0] = known
    given.watch.begin()
    assert given.watch._known[0] == known
    given.answer.unfolded[0], given.watch._blind[0] = unfolded, blind
    assert given.fill(given.portion_ul).guard.zones.relief_zone == NONE
    given.fill(1)
    assert given.guard.zones.relief_zone == (0 if out else NONE)
    if out:
        net = given.net
        valve = net.valves[net.exhaust_valve[0]]
        own_ms = model.vent_ms(net.zones[0].volume_ml, valve.c_ml_s_bar, pa(130), pa(8))
        assert given.guard.zones.relief_ms == own_ms + valve.off_ms
        given.guard.zones.relief_zone = NONE
        assert given.fill(given.portion_ul).guard.zones.relief_zone == NONE and given.fill(1).guard.zones.relief_zone == 0


def test_without_a_sensor_on_the_line_what_short_fills_have_given_adds_up_whatever_the_zone_shows_between_them():
    given = Given("independent")
    given.answer.unfolded[0] = 1
    given.watch.begin()
    given.answer.unfolded[0] = 0
    assert given.fill(given.portion_ul).rest(0, 0, read=True).guard.zones.relief_zone == NONE
    assert given.fill(1).guard.zones.relief_zone == 0


@ALL
def test_what_a_rest_shows_hangs_on_the_line_s_sensor_and_the_flow_s_drop(topology):
    assert not any(Given("manifold").watch._blind) and not any(Given("zone sensors").watch._blind)
    assert all(Given("independent").watch._blind)
    net, pump = Given(topology).net, Given(topology).net.board.pump
    for zone in range(net.n_zones):
        drop_pa = model.drop_pa(net.valves[net.fill_valve[zone]].c_ml_s_bar, pump.flow_ml_min // 60, pa(pump.stall_mmhg), pa(10))
        assert Given(topology).watch._slack_fall_pa[zone] == drop_pa * 530 // 1000


def test_where_the_drop_is_less_than_two_spreads_a_rest_shows_nothing():
    seen = set()
    for c in range(600, 4000, 50):
        board = boards.load("esp32_manifold")
        for _, zone in board.zones():
            zone.valve.c_ml_s_bar = c
        watch = Given("manifold", board).watch
        assert bool(watch._blind[0]) is (watch._slack_fall_pa[0] < 2 * SPREAD_PA)
        seen.add(watch._blind[0])
        if watch._blind[0]:
            board = boards.load("esp32_manifold_5")
            for _, zone in board.zones():
                zone.valve.c_ml_s_bar = c
            assert not any(Given("zone sensors", board).watch._blind), "a zone with a sensor of its own is seen all the same"
    assert seen == {0, 1}
    net = Given().net
    through_c = model.series(net.valves[net.fill_valve[0]].c_ml_s_bar, net.valves[net.vent_valve].c_ml_s_bar)
    own_ms = model.vent_ms(net.zones[0].volume_ml, through_c, pa(130), pa(8))
    assert Given().watch._out_ms[0] == own_ms + net.valves[net.vent_valve].off_ms


# --- a line that does not move ----------------------------------------------------------------------------------------


def driven(fall_pa: int = 2 * SPREAD_PA) -> Given:
    """The line must fall by so much at the least when the pump stops; it shows 5000 Pa."""
    given = Given().fill(100)
    assert given.watch._zone == 0
    given.watch._fall_pa = fall_pa
    return given


@pytest.mark.parametrize(
    "shown_pa, fall_pa, dead",
    (
        ((5000,), 2 * SPREAD_PA, True),
        ((5000,), 2 * SPREAD_PA - 1, False),  # too little to tell
        ((5000 - SPREAD_PA + 1,), 2 * SPREAD_PA, True),
        ((5000 - SPREAD_PA,), 2 * SPREAD_PA, False),
        ((5000 + SPREAD_PA,), 2 * SPREAD_PA, False),
        ((5000 - SPREAD_PA, 5000), 2 * SPREAD_PA, False),
        ((5000 + 100, 5000 - SPREAD_PA + 100, 5000), 2 * SPREAD_PA, False),
        ((5000 + 100, 5000 - SPREAD_PA + 101, 5000), 2 * SPREAD_PA, True),
    ),
)
def test_a_line_that_keeps_its_reading_although_the_flow_s_drop_has_gone_is_dead(shown_pa, fall_pa, dead):
    given = driven(fall_pa).rest(*shown_pa, read=True)
    assert given.told == ((faults.NO_ANSWER, 0) if dead else (faults.OK, NONE))
    assert given.watch._zone == NONE


@pytest.mark.parametrize("showed_pa, dead", ((SPREAD_PA - 1, True), (SPREAD_PA, False), (1 - SPREAD_PA, True), (-SPREAD_PA, False)))
def test_a_line_that_has_moved_in_its_drive_lives_though_its_zone_rises_by_the_drop_as_the_pump_coasts(showed_pa, dead):
    given = Given().fill(100, showed_pa=5000 + showed_pa)
    given.watch._fall_pa = 2 * SPREAD_PA
    assert bool(given.rest(5000, read=True).told[0]) is dead


@pytest.mark.parametrize("what", ("two at once", "vented", "another is open too", "it is shut", "still moving"))
def test_what_was_not_the_driven_zone_alone_at_rest_is_not_judged(what):
    given = driven()
    if what == "two at once":
        given.levels.filling[0], given.levels.sharing = 0, 2
    else:
        given.levels.filling[0] = given.levels.sharing = 0
    given.levels.vented = what == "vented"
    given.levels.open_count = 2 if what == "another is open too" else 1
    given.levels.open[0] = 0 if what == "it is shut" else 1
    given.tick(5000)
    assert given.watch._zone == (0 if what == "still moving" else NONE)
    given.levels.vented, given.levels.open_count, given.levels.open[0] = False, 1, 1
    assert bool(given.rest(5000, read=True).told[0]) is (what == "still moving")


def test_a_fill_that_goes_on_begins_with_what_the_line_shows_then():
    assert driven().fill(100, line_pa=5000 + SPREAD_PA).watch._fall_pa != 2 * SPREAD_PA
    given = driven().fill(100, line_pa=5000 + SPREAD_PA)
    given.watch._fall_pa = 2 * SPREAD_PA
    assert given.rest(5000 + SPREAD_PA, read=True).told == (faults.NO_ANSWER, 0)


@pytest.mark.parametrize("unfolded", (0, 1))
@pytest.mark.parametrize("duty, smoothed", ((1000, 1000), (1000, 400), (625, 1000), (100, 1000)))
def test_what_the_line_falls_by_goes_by_the_duty_of_the_last_tick_and_by_what_has_flowed(unfolded, duty, smoothed):
    given = Given()
    least = given.net.board.pump.min_duty_permille
    assert least == 250
    given.desk.drive.pump_permille = duty
    line: Any = given.guard.line
    line.flow_permille = smoothed
    given.answer.unfolded[0] = unfolded
    given.fill(100)
    full_pa = line.fall_pa(0) if unfolded else given.watch._slack_fall_pa[0]
    flow = max(0, duty - least) * 1000 // (1000 - least)
    assert given.watch._fall_pa == full_pa * min(flow * flow // 1000, smoothed) // 1000
    assert full_pa != (given.watch._slack_fall_pa[0] if unfolded else line.fall_pa(0))
