"""What a look at a blind zone says of it, from both sides, to the pascal: it was emptied, it is torn, or nothing."""

from __future__ import annotations

import pytest

from host_tests.test_guard_hold import Kept
from peristal.core import faults
from peristal.core.leaks import HELD, LOOSE
from peristal.core.units import NONE, pa


def seen(kept: Kept, level_pa: int) -> Kept:
    """A look at a blind zone of some ticks, and it is shut again."""
    kept.way(1, to_line=True)
    kept.tick(level_pa)
    kept.tick(level_pa)
    kept.way(1)
    return kept.tick(level_pa, read=False)


@pytest.mark.parametrize(
    "had_pa, has_pa, empty",
    ((12_000, 8000, True), (12_000, 8001, False), (7000, 7000 - pa(22), True), (7000, 7001 - pa(22), False), (pa(22) - 1, 0, False)),
)
def test_a_blind_zone_that_lost_22_mmhg_and_a_third_of_it_may_have_been_emptied_with_all_others(had_pa, has_pa, empty):
    kept = seen(seen(Kept("manifold"), had_pa), has_pa)
    second = kept.guard.second
    assert (second.zone, second._fault) == ((1, faults.OK) if empty else (NONE, faults.OK)), "another is looked at, which may be so, too"


@pytest.mark.parametrize("had_pa, has_pa, scored", ((pa(60), pa(60) * 6 // 10 - 1, 3), (pa(60), pa(60) * 6 // 10, 0), (pa(25) - 1, 0, 0)))
def test_a_blind_zone_that_is_let_out_with_less_than_60_percent_was_torn(had_pa, has_pa, scored):
    kept = seen(Kept("manifold"), had_pa)
    kept.desk.wish.target_pa[1] = 0
    kept.tick(had_pa, 5, read=False)
    assert kept.state == HELD, "it is not open yet"
    kept.way(1, to_line=True)
    kept.levels.vented = True
    kept.tick(had_pa, 5, read=False)
    assert kept.state == HELD, "and what it has is not seen before it falls"
    kept.tick(has_pa, read=False)
    assert kept.state == LOOSE and kept.leaks._torn[1] == scored
    assert kept.tick(0).leaks._torn[1] == scored, "once"


def test_what_leaves_with_others_says_nothing_of_a_blind_zone():
    kept = seen(Kept("manifold"), pa(60))
    kept.desk.wish.target_pa[1] = 0
    kept.way(0, to_line=True)
    kept.way(1, to_line=True)
    kept.tick(pa(60), read=False)
    assert kept.state == LOOSE and not kept.leaks._torn[1]
