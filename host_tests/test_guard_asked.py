"""A blind zone that is looked at before it is told, and what its line loses in a drive: from both sides, to the pascal and the tick."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import Desk
from host_tests.test_guard_silence import Driven
from peristal.core import faults
from peristal.core.answer import SURE
from peristal.core.leaks import HELD
from peristal.core.reasons import WHY_UNSEEN
from peristal.core.second_look import LOOK_MOST_MS, RISEN
from peristal.core.units import NONE, pa

LOOK_MS, MOST_MS, SHUT_MS = 600, 2000, 120


class Asked:
    """Zone 1 of a board with one sensor is looked at: what it showed as the drive began, and what the line showed in it."""

    def __init__(self, start_pa: int = 4000, smooth_pa: int = 12_000, base_pa: int = 12_000, drop_pa: int = 4000) -> None:
        driven = Driven("manifold")
        driven.drives()
        self.answer, self.levels = driven.answer, driven.levels
        self.second = self.answer.second
        self.second.ask(0, start_pa, drop_pa, max(0, smooth_pa - base_pa), smooth_pa, True)
        self.answer._unanswered, self.answer._in_vain = 2, 3
        self.answer.unfolded[0] = SURE
        self.answer.fault = faults.SENSOR_JUMPS  # of long ago
        self.levels.static[0] = 1

    def tick(self, level_pa: int, ms: int = 20) -> int:
        self.levels.level_pa[0] = level_pa
        return self.answer.tick(ms)

    def seen(self, first_pa: int, last_pa: int) -> int:
        """The fault that it is told with after the look, or 0."""
        assert self.tick(first_pa) == NONE
        assert self.tick(first_pa, LOOK_MS - 20) == NONE and self.second.zone == 0, "600 ms"
        told = self.tick(last_pa)
        if self.second.shuts:  # it has a hole, unless the shut line is empty
            self.answer.sensing.pa[0] = last_pa
            self.levels.open_count = 0
            told = self.tick(last_pa, SHUT_MS + 20)
        assert self.second.zone == NONE
        assert told in (0, NONE)
        return self.answer.fault if told == 0 else 0


def test_what_loses_a_millimetre_and_a_thirty_second_of_it_in_the_look_has_a_hole():
    lost_pa = pa(1) + (6400 >> 5)
    assert Asked(6300, smooth_pa=6400).seen(6400, 6400 - lost_pa - 1) == faults.NO_RISE
    assert Asked(6300, smooth_pa=6400).seen(6400, 6400 - lost_pa) == faults.NO_ANSWER, "and with just that much it keeps its air"


def test_one_that_has_risen_by_2_mmhg_is_no_fault_and_what_was_counted_begins_anew():
    asked = Asked(4000)
    assert asked.seen(4000 + pa(2), 4000 + pa(2)) == 0
    assert asked.answer._unanswered == 0 and asked.answer._in_vain == NONE
    asked = Asked(4000)
    assert asked.seen(4000 + pa(2) - 1, 4000 + pa(2) - 1) == faults.NO_RISE
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
    assert asked.tick(5000, MOST_MS) == NONE and asked.second.zone == 0
    assert asked.tick(5000) == 0 and asked.answer.fault == faults.NO_RISE and asked.second.zone == NONE
    asked = Asked()
    asked.tick(5000)
    asked.levels.static[0] = 0
    asked.tick(9000, 400)
    asked.levels.static[0] = 1
    assert asked.tick(5000, LOOK_MS - 20) == NONE, "what was not seen is no look"
    assert asked.second._look_pa == 5000


# --- another zone, which should have kept its air -----------------------------------------------------------------------


SEEN_MS = LOOK_MS + 20


class Doubted:
    """Zone 2 is in doubt; each of the others was shut with so much, and the one that is asked for shows what the test says."""

    def __init__(self, fault: int = faults.NO_ANSWER, had_pa: tuple[int, ...] = (8000, 0, 9000, 5000)) -> None:
        desk = Desk("manifold")
        self.guard: Any = desk.guard
        self.drive, self.levels, self.second = desk.drive, self.guard.levels, self.guard.second
        for zone in range(desk.net.n_zones):
            self.guard.leaks.last_pa[zone] = had_pa[zone] if zone < len(had_pa) else 0
            self.guard.leaks._state[zone] = HELD
            self.levels.shut[zone] = 1
        self.second.doubt(1, fault)

    def shows(self, level_pa: int, ms: int = SEEN_MS) -> int:
        """What is told after so long a look."""
        zone = self.drive.show
        self.levels.static[zone], self.levels.level_pa[zone] = 1, level_pa
        told = self.second.tick(ms)
        self.levels.static[zone] = 0
        return told


def test_the_pump_rests_and_the_shut_zone_with_most_air_is_asked_for():
    doubted = Doubted()
    assert doubted.second.tick(20) == faults.OK and doubted.drive.show == 2 and doubted.second.zone == 1
    doubted = Doubted()
    doubted.levels.shut[0] = doubted.levels.shut[2] = 0
    doubted.second.tick(20)
    assert doubted.drive.show == 3
    doubted = Doubted(had_pa=(0, 9000, 0))
    assert doubted.second.tick(20) == faults.NO_ANSWER and doubted.drive.show == NONE, "nor does the one in doubt itself"


@pytest.mark.parametrize("had_mmhg, asked_for", ((25, True), (24.9, False)))
def test_one_with_less_than_25_mmhg_is_not_worth_a_look(had_mmhg, asked_for):
    doubted = Doubted(had_pa=(int(had_mmhg * pa(100) / 100), 0))
    told = doubted.second.tick(20)
    assert (doubted.drive.show == 0) is asked_for and told == (faults.OK if asked_for else faults.NO_ANSWER)


@pytest.mark.parametrize("fault", (faults.NO_ANSWER, faults.NO_RISE, faults.OK))
@pytest.mark.parametrize(
    "had_pa, has_pa, gone", ((9000, 6000, True), (9000, 6001, False), (7000, 7000 - pa(22), True), (7000, 7001 - pa(22), False))
)
def test_when_that_one_lost_a_third_of_it_and_more_than_a_limb_moves_it_is_the_12_v(fault, had_pa, has_pa, gone):
    doubted = Doubted(fault, (had_pa, 0))
    doubted.second.tick(20)
    assert doubted.shows(has_pa, SEEN_MS - 20) == faults.OK and doubted.second.zone == 1, "600 ms"
    again = fault == faults.NO_ANSWER and not gone  # it is driven once more before it is told: test_guard_again.py
    assert doubted.shows(has_pa, 20) == (faults.SUPPLY_DIP if gone else faults.OK if again else fault)
    assert doubted.second.zone == doubted.drive.show == NONE and doubted.second.again == (1 if again else NONE)


def test_one_that_does_not_come_to_be_seen_changes_nothing():
    doubted = Doubted()
    doubted.second.tick(20)
    doubted.levels.level_pa[2] = 0
    assert doubted.second.tick(MOST_MS) == faults.OK and doubted.drive.show == 2
    assert doubted.second.tick(20) == faults.NO_ANSWER and doubted.second.zone == doubted.drive.show == NONE


@pytest.mark.parametrize("fault", (faults.NO_ANSWER, faults.NO_RISE, faults.OK))
def test_with_nothing_to_be_seen_it_is_told_at_once(fault):
    doubted = Doubted(fault, ())
    assert doubted.second.tick(20) == fault and doubted.second.zone == NONE


def test_another_slack_zone_that_could_not_be_seen_for_long_enough_has_lost_nothing():
    """What it shows without a look says nothing."""
    doubted = Doubted(faults.NO_RISE)
    doubted.second.tick(20)
    doubted.second._before_pa = pa(8)
    doubted.levels.static[2] = doubted.levels.level_pa[2] = 0
    assert doubted.second.tick(LOOK_MOST_MS + 20) == faults.NO_RISE and doubted.second.zone == NONE


def test_a_doubt_that_comes_while_another_is_looked_into_waits():
    doubted = Doubted(faults.OK)
    doubted.second.tick(20)
    doubted.second.doubt(3, faults.NO_RISE)
    assert doubted.second.zone == 1 and doubted.shows(9000) == faults.OK


@pytest.mark.parametrize("fault", (faults.NO_RISE, faults.NO_ANSWER, faults.VALVE_STUCK_OPEN))
@pytest.mark.parametrize("more_pa, told", ((pa(8) + 1, True), (pa(8), False)))
def test_a_line_that_is_shut_behind_the_zone_and_shows_8_mmhg_more_than_that_gets_air_from_another(fault, more_pa, told):
    doubted = Doubted(fault)
    doubted.second.tick(20)
    doubted.levels.level_pa[1] = 4000
    doubted.levels.shut_pa = 4000 + more_pa
    doubted.levels.open_count = 1
    assert doubted.second.tick(20) == faults.OK, "while one is open it shows that one"
    doubted.levels.open_count = 0
    assert doubted.second.tick(20) == (faults.VALVE_STUCK_OPEN if told else faults.OK)
    assert (doubted.second.zone == doubted.drive.show == NONE) is told


@pytest.mark.parametrize("fault", (faults.OK, RISEN))
def test_in_a_mere_doubt_the_shut_line_may_be_one_that_the_12_v_just_shut_again(fault):
    doubted = Doubted(fault)
    doubted.second.tick(20)
    doubted.levels.level_pa[1], doubted.levels.shut_pa, doubted.levels.open_count = 1000, 9000, 0
    assert doubted.second.tick(20) == faults.OK and doubted.second.zone == 1


def test_what_is_told_of_a_zone_after_its_own_look_waits_for_the_other_one():
    asked = Asked(4000)
    asked.levels.shut[2] = 1
    asked.answer.second.leaks.last_pa[2], asked.answer.second.leaks._state[2] = 9000, HELD
    assert asked.tick(4000) == asked.tick(4000, LOOK_MS - 20) == asked.tick(4000) == NONE
    assert asked.second.zone == 0 and asked.second.drive.show == 2
    asked.levels.static[2], asked.levels.level_pa[2] = 1, 9000
    assert asked.tick(4000, SEEN_MS) == 0 and asked.answer.fault == faults.NO_RISE


def test_a_new_session_is_in_no_doubt():
    doubted = Doubted()
    doubted.second.tick(20)
    doubted.guard.begin()
    assert doubted.second.zone == doubted.drive.show == NONE


@pytest.mark.parametrize("own", (False, True))
def test_while_one_is_in_doubt_the_pump_is_refused(own):
    desk = Desk("manifold")
    desk.fill(0, 60.0)
    desk.run(600)
    assert desk.drive.pump_permille
    if own:
        desk.guard.second.ask(0, 0, 0, 0, 0, True)
    else:
        desk.guard.leaks.last_pa[1], desk.guard.leaks._state[1] = 9000, HELD
        desk.guard.second.doubt(0, faults.OK)
    desk.tick()
    desk.tick()
    assert not desk.guard.pump_permille and desk.guard.reasons & WHY_UNSEEN


@pytest.mark.parametrize(
    "had_pa, lost_pa, told", ((8000, pa(22), True), (8000, pa(22) - 1, False), (12_000, 3999, False), (8000, -pa(40), False))
)
def test_what_a_zone_gained_while_it_was_shut_another_has_lost_or_somebody_sits_on_both(had_pa, lost_pa, told):
    doubted = Doubted(faults.VALVE_STUCK_OPEN, (had_pa, 0))
    assert doubted.second.tick(20) == faults.OK and doubted.drive.show == 0
    assert doubted.shows(had_pa - lost_pa) == (faults.VALVE_STUCK_OPEN if told else faults.OK)
    assert doubted.second.zone == NONE


def test_what_a_zone_gained_is_told_of_no_valve_when_no_other_can_be_seen():
    assert Doubted(faults.VALVE_STUCK_OPEN, ()).second.tick(20) == faults.OK
    doubted = Doubted(faults.VALVE_STUCK_OPEN, (9000, 0))
    doubted.second.tick(20)
    doubted.levels.level_pa[0] = 0
    assert doubted.second.tick(MOST_MS + 20) == faults.OK and doubted.second.zone == NONE


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
    driven.answer.flow.drop_pa[0] = drop_pa
    driven.answer.others.sharing = 1
    driven.answer.driven_ms[0] = 300 + driven.net.settle_ms[0] + more_ms
    driven.answer.tick(20)
    assert calls == ([0] if watched else [])


@pytest.mark.parametrize("topology, first, second", (("manifold", 125, 234), ("zone sensors", 125, 234), ("independent", 0, 0)))
def test_what_flows_is_smoothed_over_eight_ticks_where_the_line_has_a_sensor(topology, first, second):
    driven = Driven(topology)
    for expected in (first, second):
        driven.answer.tick(20)
        assert driven.answer.flow.permille == expected
