"""What each of the questions that follow a silence answers, from both sides: whose it is, how long it may last, what else shows."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import OWN_SENSORS, Desk
from host_tests.made_boards import make
from host_tests.test_guard_silence import Driven
from peristal.core import faults
from peristal.core.answer import SEEMS, SURE
from peristal.core.flow import PLAUSIBLE, SEEN
from peristal.core.units import NONE, pa


def silent(topology: str, *zones: int, ms: int = 1000, half_ms: int = 900, meaning: int = faults.NO_RISE, elsewhere: bool = False) -> Any:
    """Zone 1 has not answered for so long, of a patience of 1 s; what that means is made up here."""
    driven = Driven(topology, *(zones or (0,)))
    answer = driven.answer
    answer.others.sharing, answer._patience_ms, answer._has_answered = driven.levels.sharing, lambda *_: 1000, lambda *_: False
    answer._rises_slowly, answer.others.shows_up, answer._meaning = lambda *_: False, lambda _: elsewhere, lambda *_: meaning
    answer.driven_ms[0] = 500
    answer._silent[0], answer._half_silent = ms * 1000, half_ms * 1000
    return answer


@pytest.mark.parametrize(
    "topology, zones, half_ms, told",
    (
        ("independent", (0,), 900, False),
        ("independent", (0,), 500, True),
        ("independent", (0, 2), 900, True),
        ("zone sensors", (0,), 900, False),
    ),
)
def test_a_zone_that_has_just_become_firm_alone_has_the_second_half_of_its_patience_to_come(topology, zones, half_ms, told):
    assert silent(topology, *zones, half_ms=half_ms).tick(20) == (0 if told else NONE)


def test_what_begins_to_show_in_another_zone_is_waited_for_half_a_patience_more():
    answer = silent("independent", half_ms=0, elsewhere=True)
    assert answer.tick(20) == NONE and answer._silent[0] == 500_000


def test_a_look_at_a_blind_zone_begins_anew():
    answer = silent("manifold")
    second = answer.second
    second._asked_ms, second._look_ms = 1900, 500
    answer.driven_ms[0], answer._smooth_pa, answer._base_pa = 2000, 9000, 7000
    assert answer.tick(20) == NONE and second.zone == 0
    assert (second._asked_ms, second._look_ms, second._before_pa) == (20, 0, answer.others.start_pa[0])
    assert answer._smooth_pa > 7000
    spin_up_pa = pa(10) * 300 * answer.flow_ml_s[0] // answer.levels.ten_ul(0, pa(15))
    assert pa(8) < spin_up_pa < pa(12), "it may have risen before the pump was at full flow"
    assert second._most_pa == answer.others.start_pa[0] + pa(22) + (answer.flow.drop_pa[0] >> 2) + answer._smooth_pa - 7000 + spin_up_pa
    assert second._none_pa == answer._smooth_pa - pa(3) - (answer.flow.drop_pa[0] >> 2)


# --- whose silence it is ----------------------------------------------------------------------------------------------


def test_a_line_has_no_lowest_zone_side_by_side():
    assert Driven("manifold", 0, 1).answer._lowest() == pa(200)


def meant(topology: str, zone: int = 1, *, board: Any = None, unanswered: int = 0, jumped: int = 0, worn: bool = False) -> Any:
    """A zone is silent, and the pump's strokes show."""
    desk = Desk(topology, board)
    answer: Any = desk.guard.answer
    answer.flow.quarters = lambda _: 1
    answer._unanswered, answer.flow.jumped[zone], answer._top_pa[zone] = unanswered, jumped, pa(10)
    if worn:
        answer.unfolded[3] = SURE
    return answer


def test_on_a_board_with_one_zone_its_silence_is_the_pump_s_or_the_sensor_s():
    assert meant("independent", 0, board=make("independent", 1, 1))._meaning(0, 0, 0) == faults.NO_ANSWER
    assert meant("independent", 0, board=make("independent", 2, 1))._meaning(0, 0, 0) == faults.NO_RISE


def test_the_second_silence_of_which_the_first_was_on_no_worn_leg_is_not_the_vent_s():
    answer = meant("zone sensors", unanswered=1, jumped=SEEN, worn=True)
    assert answer._meaning(1, pa(5), pa(5)) == faults.NO_RISE and answer._in_vain == 1


def test_the_zone_that_was_named_instead_last_time_is_forgotten():
    answer = meant("independent")
    answer.others.part = 2
    assert answer._meaning(1, 0, 0) == faults.NO_RISE and answer.others.part == NONE


@pytest.mark.parametrize("quarters, out, flows", ((1, False, False), (2, False, True), (1, True, True)))
def test_air_flows_when_the_line_shows_half_of_the_drop_or_what_goes_out_shows_it(quarters, out, flows):
    answer = meant("zone sensors")
    answer.flow.quarters, answer._goes_out = (lambda _: quarters), lambda *_: out
    answer.flow.now_pa = lambda _: pa(20) // 2 - 1
    answer._meaning(1, 0, 0)
    assert answer.flows is flows
    answer.flow.now_pa = lambda _: pa(20) // 2
    answer._meaning(1, 0, 0)
    assert answer.flows is (quarters > 1), "a drop that is large enough says it all"


def test_a_blind_zone_s_own_air_does_not_show_as_it_goes_out():
    for topology, out in (("manifold", False), ("zone sensors", True)):
        answer = Driven(topology).answer
        answer._slowed, answer.flow.line_pa = True, 5000
        assert answer._goes_out(0, 4000) is out


@pytest.mark.parametrize(
    "from_line, patience_ms, driven_ms, least_pa", ((True, 800, 800, 200), (False, 800, 300, 80), (False, 799, 300, 40)),
)  # fmt: skip
def test_a_zone_that_rises_all_the_same_does_so_by_its_least_and_is_remembered(from_line, patience_ms, driven_ms, least_pa):
    for rise_pa, slowly in ((least_pa, False), (least_pa + 1, True)):
        answer = Driven("manifold" if from_line else "independent").answer
        answer.driven_ms[0], answer._half_pa, answer._smooth_pa = driven_ms, 5000, 5000 + rise_pa
        assert answer._rises_slowly(0, patience_ms, from_line) is slowly and answer._slowed is slowly


def test_on_the_line_a_short_patience_or_a_short_drive_shows_no_rise_and_side_by_side_nothing_does():
    for zones, patience_ms, driven_ms in (((0,), 799, 800), ((0,), 800, 799), ((0, 1), 800, 800)):
        answer = Driven("manifold", *zones).answer
        answer.driven_ms[0], answer._smooth_pa = driven_ms, 9000
        assert not answer._rises_slowly(0, patience_ms, True)


def test_without_a_sensor_on_the_line_no_flow_drop_is_seen():
    answer = Driven("independent").answer
    answer.flow.permille, answer.flow.line_pa, answer.flow.drop_pa[0] = 1000, 50_000, 5000
    assert answer.flow.quarters(0) == 1


# --- where the air went -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "opened, shut, rise_pa, level_pa, out",
    ((0, 0, pa(1) + 1, pa(2) + 1, True), (1, 0, pa(5), pa(9), False), (0, 1, pa(5), pa(9), False), (0, 0, pa(1), pa(9), False),
     (0, 0, pa(2), pa(2), False)),
)  # fmt: skip
def test_air_comes_out_where_a_zone_that_is_open_to_the_air_alone_rises(opened, shut, rise_pa, level_pa, out):
    driven = Driven("independent")
    for zone in range(driven.net.n_zones):
        driven.levels.shut[zone] = 1
    driven.levels.open[2], driven.levels.shut[2] = opened, shut
    driven.levels.level_pa[2], driven.answer.others.start_pa[2] = level_pa, level_pa - rise_pa
    assert driven.answer.others.comes_out(0) is out and driven.answer.others.riser == (2 if out else 0)


@pytest.mark.parametrize(
    "driven_ms, falls_pa, level_pa, out",
    (
        (1001, pa(1) - 1, pa(6) + 1, True), (1001, pa(1), pa(9), False), (1001, 0, pa(6), False), (1000, 0, pa(9), False),
        (1001, -pa(1) - 1, pa(2) + 1, True), (1001, -pa(1), pa(6), False),
    ),
)  # fmt: skip
def test_air_comes_out_where_a_zone_that_is_open_to_the_air_does_not_fall_in_a_second(driven_ms, falls_pa, level_pa, out):
    driven = Driven("independent")
    for zone in range(driven.net.n_zones):
        driven.levels.shut[zone] = 1
    driven.levels.shut[2] = 0
    driven.answer.driven_ms[0] = driven_ms
    driven.levels.level_pa[2], driven.answer.others.start_pa[2] = level_pa, level_pa + falls_pa
    assert driven.answer.others.comes_out(0) is out


@OWN_SENSORS
def test_no_zone_is_another_than_itself_and_what_is_driven_by_now_may_rise(topology):
    driven = Driven(topology, 2)
    driven.levels.level_pa[0] = driven.levels.level_pa[2] = pa(20)
    assert not driven.answer.others.another_rose(0) and driven.answer.others.another_rose(1)
    driven.levels.level_pa[0] = 0
    assert not driven.answer.others.another_rose(1), "zone 3 is driven"


@pytest.mark.parametrize(
    "topology, zones, unfolded, elsewhere, shows",
    (
        ("independent", (0,), SEEMS, True, True),
        ("zone sensors", (0,), 0, True, True),
        ("manifold", (0,), SEEMS, True, False),
        ("independent", (0, 2), SEEMS, True, False),
        ("independent", (0,), SURE, True, False),
        ("independent", (0,), SEEMS, False, False),
    ),
)
def test_air_for_a_slack_zone_that_is_driven_alone_may_begin_to_show_in_another(topology, zones, unfolded, elsewhere, shows):
    answer = Driven(topology, *zones).answer
    answer.others.instead, answer.unfolded[0] = (lambda _: elsewhere), unfolded
    answer.others.most_pa = lambda _: pa(4)
    assert bool(answer.others.shows_up(0)) is shows
    assert answer.others.shown_pa == (pa(4) if shows else 0)
    assert not answer.others.shows_up(0), "once"


@pytest.mark.parametrize("shown_pa, aired, shows", ((pa(12), False, True), (pa(12) + 1, False, False), (pa(4), True, False)))
def test_what_no_neighbour_shows_and_what_comes_out_of_an_open_zone_needs_no_more_time(shown_pa, aired, shows):
    answer = Driven("independent", 0).answer
    answer.others.instead, answer.others.most_pa, answer.others.comes_out = (lambda _: True), (lambda _: shown_pa), (lambda zone: aired)
    assert bool(answer.others.shows_up(0)) is shows


@OWN_SENSORS
@pytest.mark.parametrize("more_pa, rose", ((pa(3) + 1, True), (pa(3), False)))
def test_a_zone_that_has_got_the_air_goes_on_rising_and_a_neighbour_of_the_full_one_hardly_does(topology, more_pa, rose):
    driven = Driven(topology)
    driven.answer.others.shown_pa = pa(5)
    driven.answer.others.start_pa[2], driven.levels.level_pa[2] = pa(10), pa(15) + more_pa
    assert driven.answer.others.another_rose(0) is rose


# --- as a drive begins ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "from_line, unfolded, silent_ms, anew",
    ((True, SURE, 500, True), (True, SEEMS, 500, True), (True, 0, 0, True), (True, 0, 500, False), (False, SURE, 0, False)),
)
def test_what_a_blind_zone_must_rise_from_is_where_it_begins_unless_a_first_fill_goes_on(from_line, unfolded, silent_ms, anew):
    answer = Driven("manifold").answer
    answer._anchor_pa[0], answer.unfolded[0], answer._silent[0] = 99, unfolded, silent_ms * 1000
    answer._held_permille, answer._slowed, answer._half_silent, answer._had_pa, answer.flow.jumped[0] = 700, True, 5, 6, SEEN
    answer._watch_drive(0, 3000, from_line)
    assert answer._anchor_pa[0] == (3000 if anew else 99)
    assert (answer.driven, answer._held_permille, answer._slowed, answer._half_silent, answer._had_pa) == (0, 0, False, 0, 0)
    assert not answer.flow.jumped[0] and answer._peak_pa[0] == 3000


@pytest.mark.parametrize("jumped, line_pa, becomes", ((0, 2001, PLAUSIBLE), (0, 2000, 0), (SEEN, 2001, SEEN), (PLAUSIBLE, 2001, PLAUSIBLE)))
def test_a_line_that_is_charged_may_have_half_of_its_drop_and_what_was_seen_stays_so(jumped, line_pa, becomes):
    answer = Driven("manifold").answer
    answer.driven_ms[0], answer.flow.drop_pa[0], answer.flow.jumped[0] = 500, 4000, jumped
    answer.flow._line_at_start_pa = answer.flow.line_pa = line_pa
    answer._watch_drive(0, 3000, True)
    assert answer.flow.jumped[0] == becomes


@pytest.mark.parametrize(
    "below_pa, unfolded, flow, smooth, answered, held",
    (
        (0, SURE, 679, 600, True, 679),  # a thirty-second of 700
        (0, SURE, 600, 679, True, 679),  # it trembles: the higher one of what flows now and in the mean
        (0, SURE, 680, 600, False, 700),
        (0, SURE, 600, 680, False, 700),
        (0, SURE, 710, 600, False, 710),
        (0, 0, 710, 600, True, 710),
        (pa(14), SURE, 679, 600, True, 679),
        (pa(14) + 1, SURE, 679, 600, False, 700),
    ),
)
def test_near_its_ceiling_a_line_answers_by_the_flow_that_its_zone_no_longer_takes(below_pa, unfolded, flow, smooth, answered, held):
    driven = Driven("manifold")
    answer = driven.answer
    reading_pa = driven.net.ceiling_pa - below_pa
    answer.driven_ms[0], answer.unfolded[0], answer._held_permille = 500, unfolded, 700
    answer._anchor_pa[0] = answer._peak_pa[0] = reading_pa
    answer.flow.permille = smooth
    assert answer._has_answered(0, reading_pa, True, flow) is answered and answer._held_permille == held


def test_where_only_the_line_shows_a_zone_its_flow_drop_says_nothing_of_the_part():
    answer = Driven("manifold").answer
    answer.flow.permille, answer.flow.line_pa, answer.flow.drop_pa[0] = 1000, 50_000, 5000
    assert answer.flow.quarters(0) == 1


@pytest.mark.parametrize("shows, quarters", ((1, 0), (0, 1)))
def test_a_flow_that_would_drop_20_mmhg_says_so_when_little_of_it_flows_too(shows, quarters):
    answer = Driven("zone sensors").answer
    answer.flow.permille, answer.flow.drop_pa[0], answer.flow.line_pa, answer.flow.shows[0] = 1000, pa(9), 0, shows
    assert answer.flow.quarters(0) == quarters


@pytest.mark.parametrize(
    "from_line, silent_ms, unfolded, driven_ms, answered",
    (
        (True, 500, 0, 299, False),
        (True, 500, 0, 300, True),
        (True, 0, 0, 299, True),
        (True, 500, SEEMS, 299, True),
        (False, 500, 0, 299, True),
    ),
)
def test_a_first_fill_that_goes_on_after_a_look_does_not_answer_by_the_flow_drop_that_comes_back(
    from_line, silent_ms, unfolded, driven_ms, answered
):
    answer = Driven("manifold" if from_line else "zone sensors").answer
    answer._silent[0], answer.unfolded[0], answer.driven_ms[0] = silent_ms * 1000, unfolded, driven_ms
    answer._anchor_pa[0] = answer._peak_pa[0] = 3000
    assert answer._has_answered(0, 3000 + pa(8), from_line, 1000) is answered
    assert answer._anchor_pa[0] == (3000 + pa(8) if answered else 3000)


def test_a_zone_s_own_sensor_answers_by_its_rise_near_the_ceiling_too():
    driven = Driven("zone sensors")
    reading_pa = driven.net.ceiling_pa
    driven.answer.driven_ms[0], driven.answer._anchor_pa[0], driven.answer._peak_pa[0] = 500, reading_pa, reading_pa
    assert not driven.answer._has_answered(0, reading_pa, False, 1000)


@pytest.mark.parametrize("driven", (True, False))
def test_only_what_is_driven_begins_a_drive_and_every_zone_is_marked_as_it_begins(driven):
    rig = Driven("zone sensors", *((0,) if driven else (1,)))
    for zone in range(rig.net.n_zones):
        rig.levels.level_pa[zone] = 1000 + zone
    rig.answer._has_answered(0, 3000, False, 1000)
    assert rig.answer.driven == (0 if driven else NONE)
    assert list(rig.answer.others.start_pa) == [1000 + zone if driven else 0 for zone in range(rig.net.n_zones)]
