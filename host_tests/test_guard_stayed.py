"""What a zone that did not come down does once the 12 V is off, from both sides, to the pascal: pumped, without a way out, or too full."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import Desk
from peristal.core import faults
from peristal.core.units import NONE, pa

OVER, SHUT_IN, PUMPED = faults.OVER_PRESSURE, faults.WILL_NOT_VENT, faults.PUMP_RUNS_ON


def named(was_pa: int, now_pa: int, line_pa: int = 0, *, zone: int = 1, held: bool = False, **board: str) -> int:
    """What too much pressure in this zone comes to be called."""
    desk = Desk(board.get("topology", "zone sensors"))
    guard: Any = desk.guard
    net, shown = desk.net, desk.sensing.pa
    for sensor in range(net.n_sensors):
        shown[sensor] = now_pa
    if net.line_sensor != NONE and net.zone_sensor[0] != NONE:
        shown[net.line_sensor] = line_pa
    guard.naming._from_pa, guard.held = was_pa, held
    return guard.naming._stayed(OVER, zone)


def test_what_has_not_fallen_by_a_sixteenth_has_no_way_out():
    assert named(8000, 7501) == SHUT_IN and named(8000, 7500) == OVER
    assert named(8000, 7501, topology="independent") == SHUT_IN
    assert named(8000, 7501, held=True) == SHUT_IN


def test_but_only_where_the_line_is_a_quarter_lower():
    assert named(8000, 8000, 5999) == SHUT_IN and named(8000, 8000, 6000) == OVER


def test_what_was_let_out_slowly_before_is_too_full_because_the_way_out_is_clogged():
    for bit, fault in ((faults.VENT_SLOW, SHUT_IN), (faults.SLOW_FILL, OVER)):
        guard: Any = Desk("manifold").guard
        guard.notices = bit
        assert guard.naming.name(OVER, 1) == fault
        assert guard.naming.name(faults.ABSOLUTE_PRESSURE, 1) == faults.ABSOLUTE_PRESSURE


def test_a_limb_that_lets_go_of_air_that_leaves_slowly_is_no_pump_that_ran_on():
    for bit, fault in ((faults.VENT_SLOW, SHUT_IN), (faults.SLOW_FILL, PUMPED)):
        guard: Any = Desk("zone sensors").guard
        guard.notices, guard.held, guard.naming._from_pa = bit, True, 2000
        assert guard.naming.name(SHUT_IN, 1) == fault


@pytest.mark.parametrize("line_pa, fault", ((3062, PUMPED), (3063, SHUT_IN)))
def test_a_line_an_eighth_below_what_left_slowly_had_a_pump_that_ran_on_and_no_narrow_way_out(line_pa, fault):
    """With all valves open the pump held 38 mmHg, which was first told as a slow vent; without the 12 V the line fell before the zones."""
    desk = Desk("zone sensors")
    guard: Any = desk.guard
    guard.notices, guard.held, guard.naming._from_pa, guard.naming._most_pa = faults.VENT_SLOW, True, 5000, 5000
    desk.sensing.pa[desk.net.zone_sensor[1]], desk.sensing.pa[desk.net.line_sensor] = 3500, line_pa
    assert guard.naming.name(SHUT_IN, 1) == fault
    desk = Desk("independent")  # without a sensor on the line nothing tells
    guard = desk.guard
    guard.notices, guard.held, guard.naming._from_pa = faults.VENT_SLOW, True, 5000
    desk.sensing.pa[desk.net.zone_sensor[1]] = 3500
    assert guard.naming.name(SHUT_IN, 1) == SHUT_IN


def test_a_sensor_that_is_stuck_lets_nothing_out_slowly():
    guard: Any = Desk("zone sensors").guard
    guard.notices, guard.naming._from_pa = faults.VENT_SLOW, pa(10)
    assert guard.naming.name(faults.SENSOR_STUCK, 1) == faults.SENSOR_STUCK and guard.naming.name(SHUT_IN, 1) == SHUT_IN


def test_of_less_than_8_mmhg_only_what_was_held_and_falls_by_2_as_the_12_v_go_is_said():
    assert named(pa(7), pa(7) - pa(2), held=True) == OVER and named(pa(7), pa(7) - pa(2) - 1, held=True) == PUMPED


def test_of_less_than_8_mmhg_nothing_is_said():
    assert named(pa(8), pa(8)) == SHUT_IN and named(pa(8) - 1, pa(8) - 1) == OVER


def test_what_was_held_with_the_way_out_open_and_falls_by_an_eighth_without_the_pump_was_pumped():
    assert named(8000, 6999, held=True) == PUMPED and named(8000, 7000, held=True) == OVER
    assert named(8000, 6999) == OVER


@pytest.mark.parametrize(
    "now_pa, most_pa, line_pa, fault",
    (
        (4000, 4000, 3000, PUMPED), (4000, 4000, 3016, SHUT_IN),  # half as much, of itself, as the zone, which has lost half
        (4000, 4000, 2000, PUMPED), (4000, 2016, 2000, PUMPED), (4000, 2016, 2001, SHUT_IN),  # a line with less than half is vented
    ),
)  # fmt: skip
def test_of_a_line_that_does_not_fall_as_the_zone_does_others_take_the_air_or_a_limb_lets_go(now_pa, most_pa, line_pa, fault):
    desk = Desk("zone sensors")
    guard: Any = desk.guard
    guard.naming._from_pa, guard.naming._most_pa, guard.held = 8000, most_pa, True
    desk.sensing.pa[desk.net.zone_sensor[1]], desk.sensing.pa[desk.net.line_sensor] = now_pa, line_pa
    assert guard.naming._stayed(OVER, 1) == fault


def test_the_line_and_a_blind_zone_say_nothing_of_that():
    assert named(8000, 6999, zone=NONE, held=True) == OVER
    assert named(8000, 6999, held=True, topology="manifold") == OVER


@pytest.mark.parametrize(
    "suspect, now_pa, fault",
    (
        (OVER, 8000, SHUT_IN),
        (OVER, 6999, PUMPED),
        (SHUT_IN, 8000, SHUT_IN),
        (SHUT_IN, 6999, PUMPED),
        (faults.ABSOLUTE_PRESSURE, 6999, faults.ABSOLUTE_PRESSURE),
    ),
)
def test_it_is_named_a_second_and_a_half_after_everything_was_turned_off(suspect, now_pa, fault):
    desk = Desk("independent")
    guard: Any = desk.guard
    desk.sensing.pa[1] = 8000
    guard.held = True
    guard.trip(suspect, 1)
    assert (guard.suspect, guard.fault) == (suspect, faults.OK)
    desk.sensing.pa[1] = now_pa
    guard._name(1480)
    assert not guard.fault
    guard._name(20)
    assert (guard.fault, guard.fault_zone, guard.suspect) == (fault, 1, faults.OK)


def blind(fault: int, fell_pa: int, before_pa: int = 500, topology: str = "manifold") -> int:
    """What all of a board's air comes to be called, which lost so much in the second half of its time, and then so much more."""
    guard: Any = Desk(topology).guard
    guard.fell_pa, guard.naming._from_pa = before_pa, 3000
    guard.sensing.pa[guard.net.line_sensor if guard.net.line_sensor != NONE else 0] = 3000 - fell_pa
    return guard.naming.name(fault, NONE)


def test_where_only_the_line_shows_it_what_falls_by_more_than_before_as_soon_as_the_12_v_are_off_was_pumped():
    """What leaves through a narrow way leaves ever more slowly."""
    most_pa = 500 + pa(2)
    assert blind(SHUT_IN, most_pa + 1) == PUMPED and blind(SHUT_IN, most_pa) == SHUT_IN
    assert blind(OVER, most_pa + 1) == OVER and blind(SHUT_IN, most_pa + 1, topology="zone sensors") == SHUT_IN
    for fault, waits in ((SHUT_IN, True), (faults.SENSOR_STUCK, False)):
        guard = Desk("manifold").guard
        guard.trip(fault)
        assert (guard.suspect, guard.fault) == ((fault, faults.OK) if waits else (faults.OK, fault))


@pytest.mark.parametrize("suspect", (faults.SENSOR_FROZEN, faults.NO_ANSWER))
def test_a_zone_that_was_driven_in_vain_and_does_not_empty_either_has_neither_way_in_nor_out(suspect):
    """One that shows the very same is its sensor's."""
    for now_pa, fault in ((7801, faults.SENSOR_FROZEN), (7800, SHUT_IN), (7501, SHUT_IN), (7500, faults.NO_ANSWER)):
        guard: Any = Desk("independent").guard
        guard.naming._from_pa, guard.sensing.pa[1] = 8000, now_pa
        assert guard.naming.name(suspect, 1) == fault


def test_what_will_not_vent_or_is_stuck_is_named_at_once_unless_it_is_held():
    for fault in (faults.SENSOR_STUCK, SHUT_IN):
        for held in (False, True):
            guard = Desk("independent").guard
            guard.held = held
            guard.trip(fault, 1)
            assert (guard.fault, guard.suspect) == ((faults.OK, fault) if held else (fault, faults.OK))
    guard.held = False
    guard.trip(SHUT_IN, 1)
    assert not guard.fault, "its name is still being found out"
    guard.held = True
    guard.trip(faults.PUMP_TOO_LONG)
    assert guard.fault == faults.PUMP_TOO_LONG, "a plainer name counts at once"
    guard._forget()
    assert not guard.held


def test_valves_that_look_crossed_may_be_a_contact_that_swings_and_are_named_last():
    for later, fault in ((faults.OK, faults.VALVES_CROSSED), (faults.SENSOR_JUMPS, faults.SENSOR_JUMPS)):
        guard: Any = Desk("independent").guard
        guard.trip(faults.VALVES_CROSSED, 1)
        assert (guard.fault, guard.suspect) == (faults.OK, faults.VALVES_CROSSED)
        if later:
            guard.trip(later, 2)
        else:
            guard._name(1500)
        assert guard.fault == fault


# --- held ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vented, lower_pa, held", ((True, pa(2) - 1, True), (True, pa(2), False), (False, 0, False)))
@pytest.mark.parametrize("topology", ("zone sensors", "independent"))
def test_a_zone_that_is_over_its_target_for_3_s_is_held_when_the_line_is_hardly_lower_with_the_vent_open(topology, vented, lower_pa, held):
    desk = Desk(topology)
    zones: Any = desk.guard.zones
    level_pa = pa(60) + pa(15) + 1
    desk.guard.levels.vented = vented
    desk.guard.answer.flow.line_pa = level_pa - lower_pa
    desk.guard.levels.level_pa[1], desk.guard.levels.static[1] = level_pa, 1
    desk.wish.target_pa[1] = pa(60)
    for _ in range(150):
        assert not desk.guard.held and not desk.fault
        zones.tick(20, desk.wish, 1000)
    assert desk.fault == OVER and desk.guard.held is (held and topology == "zone sensors")


# --- what the dump shows, to the tick --------------------------------------------------------------------------------


def dip(shows: list[int], was_pa: int = 4000) -> tuple[int, int]:
    """A supply dip is suspected on a board whose zones are blind; what the line shows in each of the next ticks, the last one on and on."""
    desk = Desk("manifold")
    guard: Any = desk.guard
    guard.naming._most_pa = 100_000  # of a suspect long ago
    desk.sensing.pa[desk.net.line_sensor] = was_pa
    guard.trip(faults.SUPPLY_DIP, 1)
    assert (guard.suspect, guard.fault) == (faults.SUPPLY_DIP, faults.OK)
    for tick in range(75):
        desk.sensing.pa[desk.net.line_sensor] = shows[min(tick, len(shows) - 1)]
        assert not guard.fault
        guard._name(20)
    return guard.fault, guard.fault_zone


def test_a_line_that_rises_by_8_mmhg_and_a_quarter_once_every_valve_has_let_go_gets_air_that_was_kept():
    most_pa = 4000 + 1000 + pa(8)
    assert dip([4000]) == dip([most_pa]) == (faults.SUPPLY_DIP, 1)
    assert dip([most_pa + 1]) == (faults.VALVE_STUCK_OPEN, 1)
    assert dip([0] * 5 + [most_pa + 1] + [0]) == (faults.VALVE_STUCK_OPEN, 1), "in the tick after 100 ms"
    assert dip([most_pa + 1] * 5 + [0]) == (faults.SUPPLY_DIP, 1), "before that the valves have not let go"


@pytest.mark.parametrize("ends_pa, stays", ((1001, True), (1000, False)))
def test_or_by_half_and_2_mmhg_and_stays_higher_than_a_limb_leaves_it(ends_pa, stays):
    """Through a wide way out the line has a part of each zone's pressure, and more of all of them together."""
    for most_pa, rises in ((1200 + pa(2) + 1, True), (1200 + pa(2), False)):
        told = faults.VALVE_STUCK_OPEN if rises and stays else faults.SUPPLY_DIP
        assert dip([800] * 5 + [most_pa] + [ends_pa], 800) == (told, 1)


def test_only_a_pump_that_seems_to_run_on_may_be_a_line_s_loose_contact():
    """Where the line's sensor is the only one it may not have swung yet."""
    for topology, fault, swings, later in (
        ("manifold", PUMPED, True, True),
        ("manifold", PUMPED, False, True),
        ("manifold", faults.SENSOR_LOW, True, False),
        ("zone sensors", PUMPED, True, True),
        ("zone sensors", PUMPED, False, False),
        ("zone sensors", faults.SENSOR_LOW, True, False),
    ):
        guard: Any = Desk(topology).guard
        guard.plausible.swings = lambda zone, swings=swings: swings
        guard.trip(fault)
        assert (guard.suspect, guard.fault) == ((fault, faults.OK) if later else (faults.OK, fault))


@pytest.mark.parametrize("topology, later", (("manifold", True), ("zone sensors", False), ("independent", False)))
def test_a_supply_dip_is_told_at_once_where_every_zone_shows_it(topology, later):
    guard = Desk(topology).guard
    guard.trip(faults.SUPPLY_DIP)
    assert bool(guard.suspect) is later and bool(guard.fault) is not later


def test_a_sensor_that_is_stuck_is_no_zone_without_a_way_out():
    for fault in (faults.SENSOR_STUCK, SHUT_IN):
        desk = Desk("independent")
        guard: Any = desk.guard
        desk.sensing.pa[1] = guard.naming._from_pa = 8000
        assert guard.naming._stayed(fault, 1) == fault
        guard.held, desk.sensing.pa[1] = True, 6999
        assert guard.naming._stayed(fault, 1) == PUMPED


@pytest.mark.parametrize("given", (True, False))
def test_what_a_blind_zone_gives_to_the_line_its_whole_leg_may_have(given):
    desk = Desk("manifold")
    guard: Any = desk.guard
    pressed: list[int] = []
    guard.ceiling.tick, guard.ceiling.given, guard.zones.presses = (lambda *_: False), given, pressed.append
    desk.sensing.worst_pa[desk.net.line_sensor] = 22_000
    guard.tick(20, desk.wish, True, False)
    assert pressed == ([22_000] if given else [])
