"""A blind zone that is looked at before it is told, and what its line loses in a drive: from both sides, to the pascal and the tick."""

from __future__ import annotations

import pytest

from host_tests.test_guard_silence import Driven
from peristal.core import faults
from peristal.core.units import NONE, pa

LOOK_MS, MOST_MS = 600, 2000


class Asked:
    """Zone 1 of a board with one sensor is looked at: what it showed as the drive began, and what the line showed in it."""

    def __init__(self, start_pa: int = 4000, smooth_pa: int = 12_000, base_pa: int = 12_000, drop_pa: int = 4000) -> None:
        driven = Driven("manifold")
        driven.drives()
        self.answer, self.levels = driven.answer, driven.levels
        self.second = self.answer.second
        self.second.ask(0, start_pa, drop_pa, max(0, smooth_pa - base_pa), smooth_pa)
        self.answer._unanswered, self.answer._in_vain = 2, 3
        self.answer.fault = faults.SENSOR_JUMPS  # of long ago
        self.levels.static[0] = 1

    def tick(self, level_pa: int, ms: int = 20) -> int:
        self.levels.level_pa[0] = level_pa
        return self.answer._look_again(ms)

    def seen(self, first_pa: int, last_pa: int) -> int:
        """The fault that it is told with after the look, or 0."""
        assert self.tick(first_pa) == NONE
        assert self.tick(first_pa, LOOK_MS - 20) == NONE and self.answer.waits(), "600 ms"
        told = self.tick(last_pa)
        assert not self.answer.waits()
        assert told in (0, NONE)
        return self.answer.fault if told == 0 else 0


def test_what_loses_a_millimetre_and_a_thirty_second_of_it_in_the_look_has_a_hole():
    lost_pa = pa(1) + (6400 >> 5)
    assert Asked(6300, smooth_pa=6400).seen(6400, 6400 - lost_pa - 1) == faults.NO_RISE
    assert Asked(6300, smooth_pa=6400).seen(6400, 6400 - lost_pa) == faults.NO_ANSWER, "and with just that much it keeps its air"


def test_one_that_has_risen_by_3_mmhg_is_no_fault_and_what_was_counted_begins_anew():
    asked = Asked(4000)
    assert asked.seen(4000 + pa(3), 4000 + pa(3)) == 0
    assert asked.answer._unanswered == 0 and asked.answer._in_vain == NONE
    asked = Asked(4000)
    assert asked.seen(4000 + pa(3) - 1, 4000 + pa(3) - 1) == faults.NO_RISE
    assert asked.answer._unanswered == 2 and asked.answer._in_vain == 3


@pytest.mark.parametrize("line_rose_pa", (0, 500, -500))
def test_one_that_has_risen_by_more_than_a_limb_a_quarter_of_the_drop_and_what_the_line_showed_got_it_from_elsewhere(line_rose_pa):
    most_pa = 4000 + pa(22) + 1000 + max(0, line_rose_pa)
    for rose_pa, fault in ((most_pa, 0), (most_pa + 1, faults.VALVE_STUCK_OPEN)):
        assert Asked(4000, 12_000 + line_rose_pa, 12_000).seen(rose_pa, rose_pa) == fault


def test_a_firm_zone_in_whose_drive_the_line_was_hardly_higher_gets_no_air():
    more_pa = pa(3) + 1000
    for level_pa, smooth_pa, fault in (
        (5000, 5000 + more_pa - 1, faults.NO_ANSWER),
        (5000, 5000 + more_pa, faults.NO_RISE),
        (pa(15), pa(15), faults.NO_ANSWER),
        (pa(15) - 1, pa(15) - 1, faults.NO_RISE),
    ):
        assert Asked(level_pa, smooth_pa, smooth_pa).seen(level_pa, level_pa) == fault


def test_one_that_does_not_come_to_be_seen_within_2_s_is_told_all_the_same():
    asked = Asked()
    asked.levels.static[0] = 0
    assert asked.tick(5000, MOST_MS) == NONE and asked.answer.waits()
    assert asked.tick(5000) == 0 and asked.answer.fault == faults.NO_RISE and not asked.answer.waits()
    asked = Asked()
    asked.tick(5000)
    asked.levels.static[0] = 0
    asked.tick(9000, 400)
    asked.levels.static[0] = 1
    assert asked.tick(5000, LOOK_MS - 20) == NONE, "what was not seen is no look"
    assert asked.second._look_pa == 5000


# --- what the line loses in a drive ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "topology, more_ms, drop_pa, watched",
    (
        ("manifold", 20, pa(60) - 1, True),
        ("manifold", 0, pa(60) - 1, False),
        ("manifold", 20, pa(60), False),
        ("zone sensors", 20, pa(60) - 1, False),
    ),
)
def test_a_blind_zone_s_loss_is_watched_once_the_line_has_settled_and_where_the_flow_drops_less_than_60_mmhg(
    topology, more_ms, drop_pa, watched
):
    driven = Driven(topology)
    calls: list[int] = []
    driven.answer._watch_loss = calls.append
    driven.answer._drop_pa[0] = drop_pa
    driven.answer._sharing = 1
    driven.answer._driven_ms[0] = 300 + driven.net.settle_ms[0] + more_ms
    driven.answer.tick(20)
    assert calls == ([0] if watched else [])


@pytest.mark.parametrize("topology, first, second", (("manifold", 125, 234), ("zone sensors", 125, 234), ("independent", 0, 0)))
def test_what_flows_is_smoothed_over_eight_ticks_where_the_line_has_a_sensor(topology, first, second):
    driven = Driven(topology)
    for expected in (first, second):
        driven.answer.tick(20)
        assert driven.answer._flow_permille == expected
