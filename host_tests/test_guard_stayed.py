"""What a zone that did not come down does once the 12 V is off, from both sides, to the pascal: pumped, without a way out, or too full."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import Desk
from peristal.core import faults
from peristal.core.units import NONE, pa

OVER, SHUT_IN, PUMPED = faults.OVER_PRESSURE, faults.WILL_NOT_VENT, faults.PUMP_RUNS_ON


def named(was_pa: int, now_pa: int, line_pa: int = 0, *, zone: int = 1, held: bool = False, vent_ms: int = 1000, **board: str) -> int:
    """What too much pressure in this zone comes to be called."""
    desk = Desk(board.get("topology", "zone sensors"))
    guard: Any = desk.guard
    net, shown = desk.net, desk.sensing.pa
    for sensor in range(net.n_sensors):
        shown[sensor] = now_pa
    if net.line_sensor != NONE and net.zone_sensor[0] != NONE:
        shown[net.line_sensor] = line_pa
    guard._suspect_pa, guard.held, guard.vent_ms = was_pa, held, vent_ms
    return guard._stayed(OVER, zone)


def test_what_has_not_fallen_by_a_sixteenth_has_no_way_out():
    assert named(8000, 7501) == SHUT_IN and named(8000, 7500) == OVER
    assert named(8000, 7501, topology="independent") == SHUT_IN
    assert named(8000, 7501, held=True) == SHUT_IN


def test_but_only_where_the_line_is_a_quarter_lower():
    assert named(8000, 8000, 5999) == SHUT_IN and named(8000, 8000, 6000) == OVER


def test_and_not_on_a_board_that_takes_long_to_vent():
    assert named(8000, 8000, vent_ms=11_999) == SHUT_IN and named(8000, 8000, vent_ms=12_000) == OVER


def test_of_less_than_8_mmhg_nothing_is_said():
    assert named(pa(8), pa(8)) == SHUT_IN and named(pa(8) - 1, pa(8) - 1) == OVER


def test_what_was_held_with_the_way_out_open_and_falls_by_an_eighth_without_the_pump_was_pumped():
    assert named(8000, 6999, held=True) == PUMPED and named(8000, 7000, held=True) == OVER
    assert named(8000, 6999) == OVER


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


def test_what_will_not_vent_is_named_at_once_unless_it_is_held():
    for held in (False, True):
        guard = Desk("independent").guard
        guard.held = held
        guard.trip(SHUT_IN, 1)
        assert (guard.fault, guard.suspect) == ((faults.OK, SHUT_IN) if held else (SHUT_IN, faults.OK))
    guard.held = False
    guard.trip(SHUT_IN, 1)
    assert not guard.fault, "its name is still being found out"
    guard.held = True
    guard.trip(faults.PUMP_TOO_LONG)
    assert guard.fault == faults.PUMP_TOO_LONG, "a plainer name counts at once"
    guard._forget()
    assert not guard.held


# --- held ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vented, lower_pa, held", ((True, pa(2) - 1, True), (True, pa(2), False), (False, 0, False)))
@pytest.mark.parametrize("topology", ("zone sensors", "independent"))
def test_a_zone_that_is_over_its_target_for_3_s_is_held_when_the_line_is_hardly_lower_with_the_vent_open(topology, vented, lower_pa, held):
    desk = Desk(topology)
    zones: Any = desk.guard.zones
    level_pa = pa(60) + pa(15) + 1
    desk.guard.levels.vented = vented
    desk.guard.answer.line_pa = level_pa - lower_pa
    desk.guard.levels.level_pa[1], desk.guard.levels.static[1] = level_pa, 1
    desk.wish.target_pa[1] = pa(60)
    for _ in range(150):
        assert not desk.guard.held and not desk.fault
        zones.tick(20, desk.wish, 1000)
    assert desk.fault == OVER and desk.guard.held is (held and topology == "zone sensors")
