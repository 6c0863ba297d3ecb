"""Who has lost what together, by the figures alone: zones with sensors of their own tell a supply that fails from a hole or a limb."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.test_guard_supply import Shown, begun, fallen
from peristal.core.falls import EXCUSED, FED_PA, GONE_PA
from peristal.core.units import pa

SINKS = (pa(40), pa(7), pa(7))  # what a zone has, and has lost in this period and in the one before: a mmHg more than ...
EMPTIED = pa(40)  # ... its neighbour shows of one that has lost so much in this one


def lost(*zones: tuple[int, int, int]) -> Any:
    """Zone 1 has emptied; zones 2, 3 ... have so much, and have lost so much in this period and in the one before."""
    check: Any = Shown("zone sensors", 0).check
    check._fell_pa[0] = EMPTIED
    for zone, (has_pa, fell_pa, sank_pa) in enumerate(zones, 1):
        check.levels.level_pa[zone], check._fell_pa[zone], check._sank_pa[zone] = has_pa, fell_pa, sank_pa
    return check


@pytest.mark.parametrize(
    "zone, dip",
    (
        (SINKS, True),
        ((pa(40), pa(7), pa(6)), False),  # in one period a limb does
        ((pa(40), pa(6), pa(7)), False),
        ((pa(10), pa(30), 0), True),  # more than a limb moves
        ((pa(40), -FED_PA + 1, 0), False),
        ((pa(40), -FED_PA, 0), True),  # what gains has let in what another had
        ((pa(4), pa(4), pa(8)), False),  # it had 16, ...
        ((pa(4), pa(4), pa(4)), True),  # ... and so little is no air to lose
    ),
)
def test_beside_a_zone_that_has_emptied_all_that_had_air_have_lost_theirs_or_it_is_no_supply(zone, dip):
    assert lost(SINKS, zone)._others_sink(0) is dip


def test_a_zone_that_emptied_alone_has_a_hole():
    assert not lost()._others_sink(0) and not lost((pa(14), 0, 0))._others_sink(0)


def test_what_was_let_out_of_late_says_nothing_of_the_supply():
    check = lost(SINKS, (pa(40), 0, 0))
    assert not check._others_sink(0)
    check._let_out[2] = 1
    assert check._others_sink(0)


def test_a_zone_that_was_let_out_says_nothing_in_that_period_and_empties_in_none_before_the_next():
    shown = begun("independent")
    shown.levels.shut[1] = 0
    shown.tick()
    shown.levels.shut[1] = 1
    for left in range(EXCUSED - 1, -1, -1):
        fallen(shown, 0)
        assert shown.check._let_out[1] == left


@pytest.mark.parametrize("since, dip", ((0, False), (1, True), (3, True)))
def test_all_that_lose_their_air_at_once_say_so_in_the_next_period_after_one_of_them_was_let_out_a_little(since, dip):
    """A ramp lets out the millimetre that a fill went too far; the 12 V failed half a second later, and nothing was told."""
    shown = begun("independent")
    levels, check = shown.levels, shown.check
    for zone in range(2):
        levels.level_pa[zone] = pa(60)
    for zone in range(2, 4):
        levels.level_pa[zone] = 0
    check._watch_falls(600)
    check._excuse()  # begins anew: the zones have just got this
    check._watch_falls(600)
    check._watch_falls(600)
    levels.shut[1] = 0
    check._watch_falls(20)
    levels.shut[1] = 1
    for _ in range(since):
        check._watch_falls(600)
    levels.open[1], levels.shut[1] = 1, 0  # looked at: open to the still line, of which all that is shut says nothing
    levels.level_pa[0] = levels.level_pa[1] = pa(10)
    check._watch_falls(600)
    assert bool(shown.told[0]) is dip


@pytest.mark.parametrize("let_out, dip", ((0, True), (1, True), (EXCUSED, False)))
def test_a_zone_that_is_let_out_has_not_emptied_by_what_it_lost_before(let_out, dip):
    shown = begun("independent")
    levels, check = shown.levels, shown.check
    for zone, (before_pa, now_pa, fell_pa) in enumerate(((pa(30), pa(10), pa(30)), (pa(40), pa(33), pa(7)), (0, 0, 0), (0, 0, 0))):
        check._before_pa[zone], levels.level_pa[zone], check._fell_pa[zone] = before_pa, now_pa, fell_pa
    check._let_out[0] = let_out
    check._watch_falls(600)
    assert bool(shown.told[0]) is dip


@pytest.mark.parametrize("had, dip", ((pa(15), False), (pa(15) - 1, True)))
def test_what_has_no_air_need_not_fall_on(had, dip):
    check = lost()
    for zone in range(3):
        check.levels.shut[zone] = 1
        check._before_pa[zone], check._fell_pa[zone], check.levels.level_pa[zone] = pa(40), pa(10), pa(30)
    check._before_pa[2] = check.levels.level_pa[2] = had
    assert check._all_fall_on() is dip


@pytest.mark.parametrize(
    "most, now, gone", ((pa(60), pa(60) - GONE_PA - 1, True), (pa(60), pa(60) - GONE_PA, False), (pa(100), pa(70), False))
)
def test_a_zone_that_lost_more_than_a_limb_moves_and_a_third_of_it_does_not_keep_it(most, now, gone):
    check = lost()
    check._most_pa[1], check.levels.level_pa[1] = most, now
    assert check.came_empty(1) is gone


@pytest.mark.parametrize(
    "older, sank, fell, empties",
    (
        (0, 0, pa(23), True), (pa(12), -pa(1), pa(12), True), (pa(20), -pa(11), pa(12), False),  # a limb presses in between
        (-pa(20), pa(12), pa(11), True), (pa(20), -pa(30), pa(23), True), (pa(20), -pa(30), pa(22), False),
    ),
)  # fmt: skip
def test_what_a_zone_rose_by_between_two_losses_counts_against_them(older, sank, fell, empties):
    """A limb that let go twice within 2 s was told as the 12 V, in a healthy session."""
    check = lost()
    check._older_pa[1], check._sank_pa[1], check._fell_pa[1], check.levels.level_pa[1] = older, sank, fell, pa(30)
    assert check._empties(1, 0) is empties
