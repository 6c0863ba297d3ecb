"""What only time and again tells a part by its name, from both sides: gifts, kinks, a vent that stays open, pressure that has gone."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.fault_scene import TOPOLOGIES
from host_tests.guard_desk import OWN_SENSORS, TICK_MS, Desk, holding
from host_tests.test_guard_silence import Driven
from host_tests.test_guard_zone import OVER, Watched
from peristal.core import faults
from peristal.core.answer import SEEMS, SURE
from peristal.core.flow import PLAUSIBLE, SEEN
from peristal.core.units import NONE, pa


def test_a_zone_that_has_too_much_is_let_out_before_one_that_is_only_to_be_judged():
    zones = Desk("manifold").guard.zones
    zones.relief_zone, zones.relief_ms = 0, 5
    zones.relieve(1, pa(60))
    assert (zones.relief_zone, zones.relief_ms, zones._relieved) == (0, 5, NONE)
    zones.relief_zone = NONE
    zones.relieve(1, pa(60))
    assert (zones.relief_zone, zones.relief_ms, zones._relieved, zones._relieved_pa) == (1, zones._pulse_ms[1], 1, pa(60))


def test_a_blind_zone_that_is_full_twice_running_without_air_of_its_own_is_let_out_for_a_moment():
    def full(*air_permille_x10: int) -> bool:
        desk = Desk("manifold")
        trends: Any = desk.guard.trends
        for air in air_permille_x10:
            trends.fill_ms[1] = 500
            trends._air_ul[1] = desk.net.zones[1].volume_ml * 16 + air
            trends.filled(1, pa(60), pa(60))
        return desk.guard.zones.relief_zone == 1

    assert full(0, 0)
    assert not full(0) and not full(0, 1, 0) and not full(1, 1)
    nothing = -16 * Desk("manifold").net.zones[1].volume_ml
    assert not full(nothing, nothing, nothing), "before it gets any it may be the line that is full, before a hose that is kinked"
    assert full(nothing + 1, nothing + 1)


# --- reliefs of a line alone ------------------------------------------------------------------------------------------


def relieved(watched: Watched, left_pa: int, *, static: bool = True) -> int:
    """Once too high; after the relief it has so much. How often it was emptied by now."""
    level_pa = pa(60) + OVER + 1
    watched.look(level_pa, 2, target_pa=pa(60))
    assert watched.zones.relief_zone == 1
    watched.look(left_pa)
    assert watched.zones.emptied == before(watched), "while it lets out nothing is counted"
    watched.zones.relief_zone = NONE
    watched.look(left_pa, read=static)
    return watched.zones.emptied


def before(watched: Watched) -> int:
    return watched.desk.__dict__.get("emptied", 0)


@pytest.mark.parametrize("left_pa, counts", (((pa(60) + OVER + 1) // 2 - 1, True), ((pa(60) + OVER + 1) // 2, False)))
def test_five_reliefs_in_a_row_that_leave_less_than_half_of_a_blind_zone_emptied_the_line_alone(left_pa, counts):
    watched = Watched("manifold")
    for number in range(1, 6):
        assert watched.told[0] == faults.OK
        emptied = relieved(watched, left_pa)
        assert emptied == (number if counts else 0)
        watched.desk.__dict__["emptied"] = emptied
        watched.look(left_pa, 3)
        assert watched.zones.emptied == emptied, "each relief counts once"
    assert watched.told == ((faults.LINE_PRESSURE, 1) if counts else (faults.OK, NONE))


@pytest.mark.parametrize("more_ms, counts", ((0, 1), (TICK_MS, 0)))
def test_what_is_let_down_for_more_than_two_reliefs_may_be_the_zone(more_ms, counts):
    """A small zone of a leg somebody sat on was filled too far five times in a row, and let down to 6 mmHg: "line pressure"."""
    watched = Watched("manifold")
    watched.look(pa(60) + OVER + 1, 2, target_pa=pa(60))
    watched.levels.vented = True
    ticks = (watched.zones._pulse_ms[1] * 2 + more_ms) // TICK_MS
    watched.look(pa(60) + OVER + 1, ticks, read=False)
    watched.levels.vented = False
    watched.zones.relief_zone = NONE
    watched.look(pa(5))
    assert watched.zones.emptied == counts


@pytest.mark.parametrize("by", ("a relief", "the regulator"))
def test_how_long_one_was_let_out_before_says_nothing_of_the_next(by):
    watched = Watched("manifold")
    watched.zones._out_ms = 10_000
    if by == "a relief":
        watched.look(pa(60), target_pa=pa(60))
        watched.zones.relieve(1, pa(60))  # it was full twice without air of its own
        watched.zones.relief_zone = NONE
    else:
        watched.look(pa(66), 3, target_pa=pa(60))
    watched.look(0)
    assert watched.zones.emptied == 1


def test_one_relief_that_lets_out_a_part_a_release_or_a_new_session_begins_that_count_anew():
    for what in ("a part", "a release", "a new session", "another zone", "own sensor"):
        watched = Watched("zone sensors" if what == "own sensor" else "manifold")
        for number in range(4):
            emptied = relieved(watched, 0)
            assert emptied == (0 if what == "own sensor" else number + 1)
            watched.desk.__dict__["emptied"] = emptied
        if what == "a part":
            assert relieved(watched, pa(50)) == 0
        elif what == "a new session":
            watched.look(pa(60) + OVER + 1, 2, target_pa=pa(60))
            watched.zones.forget()
            assert watched.zones.emptied == 0 and watched.zones._relieved == NONE
        elif what == "a release":
            watched.look(pa(60) + OVER + 1, 2, target_pa=pa(60))
            watched.zones.relief_zone = NONE
            watched.look(0, target_pa=0)
            assert watched.zones.emptied == 4, "what was let out says nothing"
        elif what == "another zone":
            watched.look(pa(60) + OVER + 1, 2, target_pa=pa(60))
            watched.zones.relief_zone = NONE
            watched.zone = 2
            watched.levels.static[1] = 0
            watched.look(0, target_pa=pa(60))
            assert watched.zones.emptied == 4
        assert not watched.told[0]


@pytest.mark.parametrize("above_mmhg, counts", ((6, True), (4, False)))
def test_what_the_regulator_lets_out_counts_as_well_where_it_was_5_mmhg_above_its_target(above_mmhg, counts):
    """A zone that is shut off from its line: each pulse fills the line alone, and each let-down empties it."""
    watched = Watched("manifold")
    for number in range(1, 6):
        assert watched.told[0] == faults.OK
        watched.look(pa(6 + above_mmhg), 3, target_pa=pa(6))
        watched.look(pa(6 + above_mmhg) * 8 // 9, target_pa=pa(6))
        assert watched.zones.relief_zone == NONE and watched.zones.emptied == (number - 1 if counts else 0), "nothing was let out yet"
        watched.look(0, 3, target_pa=pa(6))
        assert watched.zones.emptied == (number if counts else 0)
    assert watched.told == ((faults.LINE_PRESSURE, 1) if counts else (faults.OK, NONE))


def test_a_target_that_falls_lets_out_what_it_should():
    watched = Watched("manifold")
    for _ in range(6):
        watched.look(pa(68), 3, target_pa=pa(60))
        assert watched.zones._relieved == 1
        watched.look(pa(68), target_pa=pa(16))
        watched.look(0, 3, target_pa=pa(16))
        assert watched.zones.emptied == 0 and watched.zones._relieved == NONE
        watched.zones._ceil_pa[1] = watched.zones._high_pa[1] = 0
    assert watched.told == (faults.OK, NONE)


# --- a vent that stays open -------------------------------------------------------------------------------------------


def in_vain(*zones: int, jumped: int = SEEN, worn: int = SURE, topology: str = "zone sensors") -> list[int]:
    """What the silence of these zones, one after the other, means; zone 4 of the same leg has taken its slack, or not."""
    driven = Driven(topology)
    answer = driven.answer
    if driven.net.line_sensor != NONE:
        driven.reads(driven.net.line_sensor, pa(110))
        answer.flow.line_pa = pa(110)
    answer.unfolded[3] = worn
    found = []
    for zone in zones:
        answer.flow.jumped[zone] = jumped
        answer._top_pa[zone] = pa(10)  # the pump's strokes show
        found.append(answer._meaning(zone, pa(5), pa(5)))
    return found


@pytest.mark.parametrize("topology", ("manifold", "zone sensors"))
def test_a_second_zone_in_a_row_that_takes_a_flow_in_vain_on_a_leg_that_is_worn_means_the_vent(topology):
    one, vent, pump = faults.NO_RISE, faults.VALVE_STUCK_OPEN, faults.NO_ANSWER
    assert in_vain(0, 1, topology=topology) == [one, vent]
    assert in_vain(0, 0, topology=topology) == [one, one], "the same one says nothing new"
    assert in_vain(0, 1, worn=SEEMS, topology=topology) == [one, one]
    assert in_vain(0, 1, jumped=PLAUSIBLE, topology=topology) == [one, pump]
    assert in_vain(0, 0, 1, topology=topology) == [one, one, vent]


def test_independent_zones_have_no_way_out_in_common():
    assert in_vain(0, 1, topology="independent") == [faults.NO_RISE, faults.NO_RISE]


@OWN_SENSORS
def test_a_leg_is_worn_when_one_of_its_zones_has_surely_taken_its_slack(topology):
    driven = Driven(topology)
    net = driven.net
    for zone in range(net.n_zones):
        for state in (SEEMS, SURE):
            for other in range(net.n_zones):
                driven.answer.unfolded[other] = state if other == zone else 0
            worn = [driven.answer._is_worn(each) for each in range(net.n_zones)]
            assert worn == [state == SURE and net.leg_of[each] == net.leg_of[zone] for each in range(net.n_zones)]


def test_what_answered_or_a_new_session_begins_the_row_anew():
    driven = Driven("zone sensors")
    answer = driven.answer
    answer.unfolded[3] = SURE
    answer._in_vain, answer._unanswered, answer.flow.jumped[1] = 0, 0, SEEN
    driven.reads(driven.net.line_sensor, pa(110))
    answer.flow.line_pa = pa(110)
    assert answer._meaning(1, pa(5), pa(5)) == faults.NO_RISE and answer._in_vain == 1
    answer.begin()
    assert answer._in_vain == NONE and answer._unanswered == 0


# --- what a blind zone had in this drive ------------------------------------------------------------------------------


def had(most_pa: int, now_pa: int) -> Any:
    """Behind a line that shows the whole drop of a full flow."""
    answer = Driven("manifold").answer
    answer.flow.permille, answer._had_pa, answer._smooth_pa = 1000, most_pa, now_pa
    answer._watch_loss(0)
    return answer


def test_a_line_that_falls_by_22_mmhg_and_a_third_below_what_the_zone_had_shows_that_it_has_gone():
    for most_pa, now_pa, gone in (
        (12_000, 8000, False), (12_000, 7999, True), (7000, 7000 - pa(22), False), (7000, 6999 - pa(22), True),
    ):  # fmt: skip
        answer = had(most_pa, now_pa)
        assert (answer.second.zone == 0) is gone and answer._had_pa == (0 if gone else most_pa)


def test_what_a_blind_zone_surely_had_is_the_line_less_a_quarter_more_than_the_declared_drop():
    answer = had(100, 0)
    drop = answer.flow.drop_pa[0] * 1000 // 800
    assert had(100, drop + 100)._had_pa == 100 and had(100, drop + 101)._had_pa == 101
    answer.flow.permille, answer._smooth_pa = 500, 5000 + answer.flow.drop_pa[0] * 250 // 800
    answer._watch_loss(0)
    assert answer._had_pa == 5000 and answer.second.zone == NONE


def test_pressure_that_has_gone_makes_every_coil_doubtful():
    desk = Desk("manifold")
    desk.guard.line.lost, desk.guard.answer.driven = True, 2
    desk.tick()
    assert desk.guard.second.zone == 2 and not desk.guard.line.lost
    desk.tick()
    assert desk.guard.second.zone == NONE and not desk.fault, "with no other zone that has any there is nothing to be seen"


# --- a jump that may be a loose contact's first -----------------------------------------------------------------------

MAY_JUMP = (faults.SENSORS_DISAGREE, faults.VALVE_STUCK_OPEN, faults.VALVE_STUCK_CLOSED, faults.PUMP_RUNS_ON, faults.SUPPLY_DIP)


def jumped(desk: Desk, zone: int, swings: int, ago_ms: int = 0) -> Any:
    """The guard of a desk on which the zone's sensor has swung so often, the last time so long ago."""
    sensor = desk.net.sensor_of(zone)
    desk.guard.plausible._swings[sensor], desk.guard.plausible._swing_ms[sensor] = swings, ago_ms
    return desk.guard


@pytest.mark.parametrize("fault", MAY_JUMP)
@pytest.mark.parametrize("swings, ago_ms", ((0, 0), (1, 499), (1, 500)))
def test_what_a_jump_may_have_shown_is_named_later_and_everything_is_off_at_once(fault, swings, ago_ms):
    desk = holding("zone sensors")
    guard = jumped(desk, 1, swings, ago_ms)
    guard.trip(fault, 1)
    waits = swings and ago_ms < 500
    assert (guard.fault, guard.suspect) == ((faults.OK, fault) if waits else (fault, faults.OK))
    desk.tick()
    assert desk.open and not guard.enable


@pytest.mark.parametrize("fault", (faults.SENSOR_JUMPS, faults.SENSOR_LOW, faults.TINGLING, faults.RESET_STORM, faults.LOOP_STALLED))
def test_what_no_jump_shows_has_its_name_at_once(fault):
    guard = jumped(Desk("zone sensors"), NONE, 2)
    guard.trip(fault)
    assert (guard.fault, guard.suspect) == (fault, faults.OK)


@pytest.mark.parametrize("fault", MAY_JUMP)
def test_it_is_the_part_where_the_reading_stays_and_the_contact_where_it_comes_back(fault):
    for swings, told in ((1, fault), (2, faults.SENSOR_JUMPS)):
        desk = Desk("zone sensors")
        jumped(desk, 1, 1).trip(fault, 1)
        desk.run(1460)
        assert desk.guard.fault == faults.OK
        jumped(desk, 1, swings)
        desk.run(40)
        assert (desk.guard.fault, desk.guard.fault_zone) == (told, 1)


def test_a_contact_that_goes_on_swinging_has_its_name_as_soon_as_it_is_sure():
    desk = holding("independent")
    jumped(desk, 1, 1).trip(faults.VALVE_STUCK_OPEN, 1)
    for number in range(4):
        assert not desk.guard.fault
        desk.show(1, 30.0 if number % 2 == 0 else 60.0)
        desk.run(100)
    assert (desk.guard.fault, desk.guard.fault_zone) == (faults.SENSOR_JUMPS, 1)


@pytest.mark.parametrize("fault", (faults.SUPPLY_DIP, faults.PUMP_RUNS_ON))
def test_without_a_jump_only_one_sensor_takes_its_time_with_what_may_be_another_part(fault):
    for topology in TOPOLOGIES:
        guard: Any = Desk(topology).guard
        guard.trip(fault)
        assert (guard.fault, guard.suspect) == ((faults.OK, fault) if topology == "manifold" else (fault, faults.OK))
