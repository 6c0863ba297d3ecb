"""When a reading has answered the pump, how long it may take, and where else the air went: from both sides, to the pascal, at the desk."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import ALL, OWN_SENSORS, TICK_MS, Desk
from peristal.core import faults, model
from peristal.core.answer import SEEMS, SURE
from peristal.core.flow import LINE_RISE_PA, PLAUSIBLE, SEEN
from peristal.core.levels import TEN_PA
from peristal.core.second_look import RISE_PA
from peristal.core.units import NONE, pa

FIFTEEN = pa(15)


class Driven:
    """The pump drives zone 1 (and others, if said so); what levels and sensing say is made up here."""

    def __init__(self, topology: str = "independent", *zones: int, board: Any = None) -> None:
        self.desk = Desk(topology, board)
        self.net = self.desk.net
        self.answer: Any = self.desk.guard.answer
        self.levels: Any = self.desk.guard.levels
        self.sensing: Any = self.desk.sensing
        self.desk.drive.pump_permille = 1000
        self.drives(*(zones or (0,)))

    def drives(self, *zones: int) -> None:
        for zone in range(self.net.n_zones):
            self.levels.filling[zone] = 1 if zone in zones else 0
        self.levels.sharing = len(zones)

    def reads(self, sensor: int, shown_pa: int) -> None:
        self.sensing.pa[sensor] = self.sensing.worst_pa[sensor] = shown_pa

    def seen(self, zone: int, shown_pa: int) -> None:
        """A zone with a sensor of its own."""
        self.reads(self.net.zone_sensor[zone], shown_pa)
        self.levels.level_pa[zone], self.levels.static[zone] = shown_pa, 1


@OWN_SENSORS
@pytest.mark.parametrize("low_pa, high_pa, answers", ((-pa(2), RISE_PA - 1, False), (-pa(2), RISE_PA, True), (100, RISE_PA + 99, False)))
def test_a_reading_of_less_than_nothing_is_noise_and_no_rise_begins_there(topology, low_pa, high_pa, answers):
    driven = Driven(topology)
    driven.answer._anchor_pa[0] = pa(40)
    assert not driven.answer._has_answered(0, low_pa, False, 1000)
    assert driven.answer._has_answered(0, high_pa, False, 1000) is answers


@OWN_SENSORS
@pytest.mark.parametrize("rise_pa, left_ms", ((-pa(1), 100), (0, 100), (RISE_PA >> 1, 51), (RISE_PA - 1, 1), (RISE_PA, 0), (pa(5), 0)))
def test_what_a_top_up_brought_is_a_part_of_an_answer(topology, rise_pa, left_ms):
    """A healthy zone that sags between top-ups of 2 mmHg each had gathered their silence, until a session ended as "no answer"."""
    driven = Driven(topology)
    driven.seen(0, pa(40))
    driven.answer.unfolded[0], driven.answer._anchor_pa[0] = SURE, pa(40)
    driven.answer._silent[0], driven.answer.driven_ms[0], driven.answer.others.start_pa[0] = 100 << 10, 60, pa(40) - rise_pa
    driven.drives()
    for _ in range(3):  # once, as the pump stops
        driven.answer.tick(20)
    assert driven.answer._silent[0] >> 10 == left_ms


# --- where the air went -----------------------------------------------------------------------------------------------


@OWN_SENSORS
@pytest.mark.parametrize(
    "own_pa, other_pa, elsewhere",
    ((pa(1) - 1, pa(2) + 1, True), (pa(1), pa(2) + 1, False), (pa(1) - 1, pa(2), False), (-pa(5), pa(2) + 1, True)),
)
def test_another_zone_rose_instead_when_it_has_2_mmhg_more_and_the_driven_one_not_even_1(topology, own_pa, other_pa, elsewhere):
    driven = Driven(topology)
    for zone in range(driven.net.n_zones):
        driven.answer.others.start_pa[zone] = driven.levels.level_pa[zone] = pa(40)
    driven.levels.level_pa[0] += own_pa
    driven.levels.level_pa[2] += other_pa
    assert driven.answer.others.instead(0) is elsewhere
    driven.drives(0, 2)
    assert not driven.answer.others.instead(0), "what is driven too may rise"


@OWN_SENSORS
@pytest.mark.parametrize("own_pa, instead", ((pa(20) // 8 - 1, True), (pa(20) // 8, False)))
def test_an_eighth_of_what_another_zone_gained_is_noise_in_the_driven_one(topology, own_pa, instead):
    driven = Driven(topology)
    for zone in range(driven.net.n_zones):
        driven.answer.others.start_pa[zone] = driven.levels.level_pa[zone] = pa(40)
    driven.levels.level_pa[0] += own_pa
    driven.levels.level_pa[2] += pa(20)
    assert driven.answer.others.instead(0) is instead


@OWN_SENSORS
@pytest.mark.parametrize("unfolded", (SEEMS, SURE))
@pytest.mark.parametrize("more_ms, less_pa, got", ((0, 0, True), (0, 1, False), (-1, 1, True)))
def test_air_that_went_elsewhere_lifts_a_firm_zone_by_a_sixth_of_what_it_would_bring_there(topology, unfolded, more_ms, less_pa, got):
    """A neighbour of a zone whose sensor is dead shows a tenth of what that one has, however much that is."""
    driven = Driven(topology)
    answer, others = driven.answer, driven.answer.others
    for zone in range(driven.net.n_zones):
        others.start_pa[zone] = driven.levels.level_pa[zone] = pa(40)
    answer.unfolded[2], answer.flow_ml_s[0] = unfolded, 50
    seventy_ul = 7 * driven.levels.ten_ul(2, pa(40))
    answer.driven_ms[0] = -(-seventy_ul // 50) + more_ms
    driven.levels.level_pa[2] += -(-7 * TEN_PA // 6) - less_pa
    assert others.another_rose(0) is (got or unfolded == SEEMS)
    others.times = 3
    assert others.went_elsewhere(0) is (got or unfolded == SEEMS)


@OWN_SENSORS
def test_four_drives_after_which_another_zone_rose_instead_are_too_many_and_one_that_rises_itself_clears_them(topology):
    def drive(own_pa: int, other_pa: int) -> bool:
        driven.levels.level_pa[0], driven.levels.level_pa[2] = pa(40) + own_pa, pa(40) + other_pa
        return driven.answer.others.went_elsewhere(0)

    driven = Driven(topology)
    for zone in range(driven.net.n_zones):
        driven.answer.others.start_pa[zone] = pa(40)
    instead, itself, nobody = (0, pa(3)), (pa(1), pa(3)), (0, 0)
    assert [drive(*instead) for _ in range(4)] == [False, False, False, True]
    driven.answer.others.times = 0
    assert [drive(*case) for case in (instead, instead, nobody, instead, instead)] == [False] * 4 + [True]
    driven.answer.others.times = 0
    assert [drive(*case) for case in (instead, instead, instead, itself, instead, instead, instead, instead)] == [False] * 7 + [True]
    for other_pa, tells in ((pa(6), False), (pa(6) + 1, True)):
        driven.answer.others.times = 2
        assert drive(0, other_pa) is tells
    for other_pa, tells in ((pa(12), False), (pa(12) + 1, True)):
        driven.answer.others.times = 0
        assert drive(0, other_pa) is tells, "no neighbour shows so much: once is enough"
    driven.answer.others.times, driven.answer.unfolded[0] = 0, SURE
    assert not drive(0, pa(20)), "but a limb does, later on"


@OWN_SENSORS
def test_air_that_was_meant_for_one_zone_shows_in_another_that_is_shut_when_that_rose_by_6_mmhg(topology):
    for rise_pa, zones, rose in ((pa(6) + 1, (0,), True), (pa(6), (0,), False), (pa(6) + 1, (0, 1), False), (pa(6) + 1, (0, 2), False)):
        driven = Driven(topology, *zones)
        driven.answer.others.start_pa[2] = pa(40)
        driven.levels.level_pa[2] = pa(40) + rise_pa
        assert driven.answer.others.another_rose(0) is rose


@OWN_SENSORS
def test_what_several_zones_gain_is_a_limb_and_only_what_one_of_them_gains_more_went_there(topology):
    for rises_pa, gone_pa in (((9, 5, 0), 4), ((5, 9, 0), 4), ((0, 9, 9), 0), ((9, 0, -3), 9), ((-1, -1, -1), 0)):
        driven = Driven(topology)
        for zone in range(driven.net.n_zones):
            driven.answer.others.start_pa[zone] = driven.levels.level_pa[zone] = pa(40)
        for zone, rise_pa in enumerate(rises_pa, 1):
            driven.levels.level_pa[zone] += pa(rise_pa)
        assert abs(driven.answer.others.most_pa(0) - pa(gone_pa)) < 3


@OWN_SENSORS
def test_of_zones_side_by_side_the_lowest_counts(topology):
    driven = Driven(topology, 0, 2)
    for zone, mmhg in enumerate((50, 10, 30)):
        driven.seen(zone, pa(mmhg))
    assert driven.answer._lowest() == pa(30)
    driven.drives(0)
    assert driven.answer._lowest() == pa(50)


# --- how long it may take ---------------------------------------------------------------------------------------------


@ALL
def test_the_time_to_answer_goes_by_what_a_zone_has_and_by_where_it_is_read(topology):
    driven = Driven(topology)
    answer, net = driven.answer, driven.net
    from_line = topology == "manifold"
    answer.driven_ms[0] = 300
    assert answer._patience_ms(0, 0, from_line) == answer._folded_ms[0]
    driven.levels.sharing = 2
    assert answer._patience_ms(0, 0, from_line) == answer._all_folded_ms // 2 and answer._all_folded_ms == sum(answer._folded_ms)
    answer.unfolded[0] = 2  # surely
    assert answer._patience_ms(0, FIFTEEN - 1, from_line) == answer._full_ms[0] >= 1000
    volume, flow = net.zones[0].volume_ml, answer.flow_ml_s[0]

    def brings_ms(step: int) -> int:
        return volume * (model.air_ml(1000, step * FIFTEEN + pa(10)) - model.air_ml(1000, step * FIFTEEN)) // flow

    for zone_pa, step in ((FIFTEEN, 1), (2 * FIFTEEN - 1, 1), (2 * FIFTEEN, 2), (7 * FIFTEEN, 7), (9 * FIFTEEN, 7)):
        expected = max(200, brings_ms(step) * (2 if from_line else 1))
        assert answer._patience_ms(0, zone_pa, from_line) == pytest.approx(expected, abs=1)
    sure = answer._patience_ms(0, FIFTEEN, from_line)
    answer.flow_ml_s[0] *= 2  # now the least time counts
    for driven_ms in (40, 299):  # until valve, pump and line are at full flow
        answer.driven_ms[0] = driven_ms
        late = answer._patience_ms(0, FIFTEEN, from_line)
        assert late == pytest.approx(max(200, sure // 2) + 300 if from_line else brings_ms(1) // 2 + driven_ms, abs=2)
    answer.flow_ml_s[0] = 1 << 20
    answer.driven_ms[0] = 300
    assert answer._patience_ms(0, FIFTEEN, from_line) == 200


# --- what is an answer ------------------------------------------------------------------------------------------------


def at(driven: Driven, anchor_pa: int, peak_pa: int, silent: int = 5000) -> Any:
    """Zone 1 in the middle of a drive."""
    answer = driven.answer
    answer.unfolded[0] = 2  # surely
    answer.driven_ms[0] = 1000
    answer._anchor_pa[0], answer._peak_pa[0], answer._silent[0] = anchor_pa, peak_pa, silent
    return answer


@pytest.mark.parametrize("topology, rise_pa", (("independent", pa(3)), ("zone sensors", pa(3)), ("manifold", pa(8))))
def test_a_rise_of_3_mmhg_or_8_on_the_line_is_an_answer_and_the_next_one_begins_there(topology, rise_pa):
    for more, told in ((rise_pa, True), (rise_pa - 1, False)):
        answer = at(Driven(topology), pa(40), pa(41))
        assert answer._has_answered(0, pa(40) + more, topology == "manifold", 1000) is told
        assert answer._anchor_pa[0] == (pa(40) + more if told else pa(40))
        assert answer._peak_pa[0] == max(pa(41), pa(40) + more)


@pytest.mark.parametrize("fall_pa, silent", ((pa(4), 5000), (pa(4) + 1, 0)))
def test_what_falls_by_more_than_4_mmhg_is_not_frozen_and_must_rise_from_there(fall_pa, silent):
    answer = at(Driven(), pa(40), pa(40))
    assert not answer._has_answered(0, pa(40) - fall_pa, False, 1000)
    assert answer._silent[0] == silent and answer._anchor_pa[0] == pa(40) - fall_pa


def test_a_line_that_is_held_within_14_mmhg_of_its_ceiling_has_answered():
    driven = Driven("manifold")
    for below, told in ((pa(14), True), (pa(14) + 1, False)):
        reading = driven.net.ceiling_pa - below
        answer = at(driven, reading, reading)
        answer._held_permille = 1032  # the zone takes a thirty-second less
        assert answer._has_answered(0, reading, True, 1000) is told
    driven = Driven("zone sensors")
    assert not at(driven, driven.net.ceiling_pa, driven.net.ceiling_pa)._has_answered(0, driven.net.ceiling_pa, False, 1000)


@OWN_SENSORS
def test_a_zone_that_had_air_and_shows_4_mmhg_seems_to_have_taken_up_its_slack_and_surely_after_2500_ms_or_above_21_mmhg(topology):
    for fed, level_pa, seems in ((1, pa(4), SEEMS), (1, pa(4) - 1, 0), (0, pa(4), 0), (1, pa(21), SEEMS), (1, pa(21) + 1, SURE)):
        answer = Driven(topology).answer
        answer.fed[0], answer._silent[0], answer._unanswered = fed, 5000, 1
        answer._see(0, level_pa, TICK_MS, False)
        assert (answer.unfolded[0], answer._unanswered) == (seems, 0 if seems else 1)
        assert answer._silent[0] == (0 if seems == SURE else 5000)
    answer = Driven(topology).answer
    answer.fed[0], answer._silent[0] = 1, 5000
    for _ in range(125):
        answer._see(0, pa(4), TICK_MS, False)
        assert answer.unfolded[0] == SEEMS
    answer._unanswered = 1
    answer._see(0, pa(4), TICK_MS, False)
    assert (answer.unfolded[0], answer._silent[0], answer._unanswered) == (SURE, 0, 1)


def test_from_the_line_4_mmhg_are_sure_at_once_and_less_is_nothing():
    for level_pa, unfolded in ((pa(4), SURE), (pa(4) - 1, 0)):
        answer = Driven("manifold").answer
        answer._see(0, level_pa, TICK_MS, True)
        assert answer.unfolded[0] == unfolded


@OWN_SENSORS
@pytest.mark.parametrize(
    "open_, shut, vented, level_pa, unfolded",
    (
        (0, 1, False, pa(1) - 1, 0), (0, 1, False, pa(1), SEEMS),  # a limb let go; or not quite
        (1, 0, False, pa(1) - 1, 0), (1, 0, True, pa(1) - 1, SURE), (0, 0, False, pa(1) - 1, SURE), (1, 0, True, pa(3), SURE),
    ),
)  # fmt: skip
def test_what_seemed_so_was_a_limb_when_it_is_gone_unless_it_was_let_out(topology, open_, shut, vented, level_pa, unfolded):
    driven = Driven(topology)
    driven.levels.open[0], driven.levels.shut[0], driven.levels.vented = open_, shut, vented
    driven.answer.fed[0], driven.answer.unfolded[0] = 1, SEEMS
    driven.answer._see(0, level_pa, TICK_MS, False)
    assert driven.answer.unfolded[0] == unfolded


@OWN_SENSORS
def test_only_what_was_measured_or_seems_so_is_looked_at(topology):
    for static, before, asked in ((1, 0, True), (0, SEEMS, True), (0, 0, False), (1, SURE, False)):
        driven = Driven(topology)
        looks: list[int] = []
        driven.answer._see = lambda zone, level_pa, elapsed_ms, from_line, looks=looks: looks.append(zone)
        for zone in range(driven.net.n_zones):
            driven.levels.static[zone], driven.answer.unfolded[zone] = (static, before) if zone == 1 else (0, 0)
        driven.answer.tick(TICK_MS)
        assert (looks == [1]) is asked
        assert driven.answer.fed[0] == 1 and not driven.answer.fed[1]
    driven.answer.begin()
    assert not any(driven.answer.fed)


@pytest.mark.parametrize(
    "start_pa, quarters, more_pa, jumped",
    ((pa(10), 1, 0, SEEN), (pa(10), 1, -1, 0), (pa(70), 0, 0, PLAUSIBLE), (pa(70), 1, 0, SEEN), (pa(70), 0, -pa(50), 0)),
)
def test_a_pump_that_starts_shows_on_the_line_by_a_quarter_of_its_flow_drop_or_by_what_is_left_of_it(start_pa, quarters, more_pa, jumped):
    """A line that was full before falls to the drop, half of which is enough. A vent that is open shows less than a quarter."""
    driven = Driven("zone sensors")
    answer = driven.answer
    line_pa = start_pa + quarters * (answer.flow.drop_pa[0] // 4) + more_pa
    assert pa(30) < answer.flow.drop_pa[0] < pa(120)
    reads = answer.sensing.worst_pa
    answer.flow.line_pa = reads[answer.net.line_sensor] = start_pa
    answer.driven_ms[0] = 0
    answer._watch_drive(0, pa(20), False)
    assert answer.flow.jumped[0] == 0 and answer._peak_pa[0] == pa(20)
    answer.driven_ms[0] = 20
    answer.flow.line_pa = line_pa
    answer._watch_drive(0, pa(20), False)
    assert answer.flow.jumped[0] == jumped
    for edge, told in ((answer.flow.drop_pa[0] // 2, 0), (answer.flow.drop_pa[0] // 2 + 1, PLAUSIBLE)):
        answer.flow.jumped[0], answer.flow._line_at_start_pa = 0, edge
        answer.flow.line_pa = edge
        answer._watch_drive(0, pa(20), False)
        assert answer.flow.jumped[0] == told


def test_the_lowest_reading_of_a_drive_is_where_the_line_began():
    driven = Driven("zone sensors")
    answer = driven.answer
    jump_pa = answer.flow.drop_pa[0] // 4
    for shown, driven_ms, jumped in ((pa(30), 0, 0), (pa(12), 20, 0), (pa(11) + jump_pa, 40, 0), (pa(12) + jump_pa, 60, SEEN)):
        answer.flow.line_pa = answer.sensing.worst_pa[answer.net.line_sensor] = shown
        answer.driven_ms[0] = driven_ms
        answer._watch_drive(0, pa(20), False)
        assert answer.flow.jumped[0] == jumped


@pytest.mark.parametrize("drop_pa, least_pa", ((pa(16) - 4, pa(8) // 2), (pa(16) + 8, pa(16) // 4 + 2), (pa(40), pa(10))))
def test_a_smoothed_line_comes_down_late_and_without_strokes_4_mmhg_are_a_flow(drop_pa, least_pa):
    answer = Driven("zone sensors").answer
    answer.flow.drop_pa[0] = drop_pa
    for raw_pa, smoothed_pa, from_pa in ((pa(2), pa(6), pa(2)), (pa(6), pa(2), pa(2))):
        for rise_pa, jumped in ((least_pa - 1, False), (least_pa, True)):
            answer.flow.line_pa, answer.sensing.worst_pa[answer.net.line_sensor] = smoothed_pa, raw_pa
            answer.driven_ms[0] = 0
            answer._watch_drive(0, pa(20), False)
            answer.driven_ms[0] = 20
            answer.flow.line_pa = from_pa + rise_pa
            answer._watch_drive(0, pa(20), False)
            assert (answer.flow.jumped[0] == SEEN) is jumped


@pytest.mark.parametrize(
    "rose_pa, has_pa, out, told",
    ((134, 267, True, True), (133, 267, True, False), (134, 266, True, False), (134, 267, False, False)),
)
def test_air_that_shows_in_a_zone_that_is_open_to_the_air_is_that_zone_s_inlet(rose_pa, has_pa, out, told):
    driven = Driven("independent")
    answer = driven.answer
    for zone in range(driven.net.n_zones):
        driven.levels.shut[zone] = 1
    driven.levels.shut[2] = 0 if out else 1
    driven.levels.level_pa[2], answer.others.start_pa[2] = has_pa, has_pa - rose_pa
    for fed, fault in ((1, faults.VALVES_CROSSED), (3, faults.VALVE_STUCK_OPEN)):  # driven in vain before, or with its own air
        answer.fed[2] = fed
        assert (answer._meaning(0, pa(5), pa(5)) == fault) is told
    assert answer.others.part == (2 if told else 255)


@OWN_SENSORS
def test_the_lowest_of_zones_side_by_side_that_does_not_rise_while_another_one_does_has_a_hole_and_the_pump_works(topology):
    for other, flows in ((1, True), (255, False)):
        driven = Driven(topology, 0, 1)
        driven.answer.flow.line_pa = pa(20) + 1
        driven.answer._other = other
        assert driven.answer._goes_out(0, pa(20)) is flows
        if driven.net.line_sensor != 255:
            driven.answer.flow.line_pa = pa(20) - 1
            assert not driven.answer._goes_out(0, pa(20)), "what goes into the line goes out there"


@pytest.mark.parametrize("fell_pa, slowed, flows", ((pa(2) + 1, False, True), (pa(2), False, False), (0, True, True)))
def test_a_zone_that_falls_2_mmhg_under_the_pump_or_had_risen_slowly_has_a_hole(fell_pa, slowed, flows):
    driven = Driven("independent")
    driven.answer._peak_pa[0], driven.answer._slowed = 5000 + fell_pa, slowed
    assert driven.answer._goes_out(0, 5000) is flows
    driven.drives(0, 1)
    assert not driven.answer._goes_out(0, 5000), "of several the others may take it"


@pytest.mark.parametrize(
    "drop_pa, fell_pa, rose, flows", ((300, 140, True, True), (300, 150, True, False), (pa(2), 0, True, False), (300, 0, False, False))
)
def test_however_little_drops_a_line_that_stays_as_far_above_its_zone_as_when_it_rose_shows_a_flow(drop_pa, fell_pa, rose, flows):
    """A seam that bursts in a fill, at a pressure at which it loses what the pump brings, was told as a dead pump."""
    driven = Driven("zone sensors")
    answer = driven.answer
    answer.flow.now_pa = lambda zone: drop_pa
    driven.seen(0, pa(40))
    answer._smooth_pa = answer._peak_pa[0] = pa(40)
    answer.flow.line_pa = pa(40) + 600
    if rose:
        answer._goes_on(0)
    answer.flow.line_pa -= fell_pa
    answer._meaning(0, pa(40), pa(40))
    assert answer.flows is flows
    driven.answer._watch_drive(0, pa(40), False)
    answer._meaning(0, pa(40), pa(40))
    assert not answer.flows, "another drive, in which it has not risen yet"


@OWN_SENSORS
def test_an_answer_that_took_longer_than_a_firm_zone_s_patience_came_of_ever_less(topology):
    for late, slowed in ((1, True), (0, False)):
        driven = Driven(topology)
        answer = at(driven, pa(8), pa(8))
        answer._silent[0] = answer._patience_ms(0, FIFTEEN, False) * 1000 + late
        answer._goes_on(0)
        assert answer._slowed is slowed
        for what in ("folded", "side by side"):
            answer._slowed = False
            answer.unfolded[0] = 0 if what == "folded" else SURE
            driven.drives(*((0,) if what == "folded" else (0, 1)))
            answer.others.start_pa[2], driven.levels.level_pa[2] = pa(7), pa(9)
            answer._goes_on(0)
            assert not answer._slowed and answer._other == 0
            assert answer.others.start_pa[2] == pa(7), "what others gain counts from where it did"


@OWN_SENSORS
def test_what_others_have_gained_until_a_zone_answers_was_no_air_of_its_own(topology):
    driven = Driven(topology)
    answer = at(driven, pa(40), pa(40))
    for zone in range(driven.net.n_zones):
        answer.others.start_pa[zone], driven.levels.level_pa[zone] = pa(10), pa(19)
    answer._goes_on(0)
    assert [answer.others.rise_pa(zone) for zone in range(3)] == [pa(19) - pa(10), 0, 0]
    driven.levels.level_pa[2] += pa(6) + 1
    assert answer.others.another_rose(0)


@pytest.mark.parametrize("shows, line_share, told", ((1, 49, True), (1, 50, False), (0, 49, False)))
def test_a_line_with_less_than_half_of_a_blind_zones_drop_lost_its_flow_before_the_zone_if_that_drop_shows(shows, line_share, told):
    driven = Driven("manifold")
    answer = driven.answer
    answer.flow.permille, answer.flow.drop_pa[0], answer.flow.shows[0] = 1000, 10_000, shows
    answer.flow.line_pa = 10_000 * line_share // 100
    answer._top_pa[0], answer._low_pa[0] = pa(10), 0  # the pump's strokes show
    assert (answer._meaning(0, answer.flow.line_pa, 0) == faults.NO_ANSWER) is told


# --- what silence means -------------------------------------------------------------------------------------------------


@OWN_SENSORS
def test_one_zone_alone_is_that_zone_and_the_second_in_a_row_the_pump_unless_it_shows(topology):
    def meaning(before: int, jumped: int) -> tuple[int, int]:
        driven = Driven(topology)
        answer = driven.answer
        answer._unanswered, answer.flow.jumped[0] = before, jumped
        driven.reads(driven.net.line_sensor, pa(90)) if driven.net.line_sensor != 255 else None
        return answer._meaning(0, pa(5), pa(5)), answer._unanswered

    assert meaning(0, 0) == (faults.NO_RISE, 1)
    assert meaning(1, 0) == (faults.NO_ANSWER, 2)
    assert meaning(1, SEEN) == (faults.NO_RISE, 2)
    assert meaning(1, PLAUSIBLE) == (faults.NO_ANSWER, 2)


@OWN_SENSORS
@pytest.mark.parametrize(
    "unfolded, zone_pa, peak_pa, frozen",
    ((SURE, FIFTEEN, FIFTEEN, True), (0, FIFTEEN, FIFTEEN, False), (SURE, FIFTEEN - 1, FIFTEEN, False),
     (SURE, FIFTEEN, FIFTEEN + pa(10), True), (SURE, FIFTEEN, FIFTEEN + pa(10) + 1, False)),
)  # fmt: skip
def test_a_firm_zone_that_neither_rose_nor_fell_has_a_frozen_sensor(topology, unfolded, zone_pa, peak_pa, frozen):
    driven = Driven(topology)
    answer = at(driven, FIFTEEN, peak_pa)
    answer.unfolded[0] = unfolded
    if driven.net.line_sensor != 255:
        driven.reads(driven.net.line_sensor, pa(110))
    assert (answer._meaning(0, zone_pa, zone_pa) == faults.SENSOR_FROZEN) is frozen


@pytest.mark.parametrize("reading_pa, spread_pa, fault", ((FIFTEEN, 212, faults.SENSOR_FROZEN), (FIFTEEN - 1, 212, faults.NO_ANSWER),
                                                         (FIFTEEN, 213, faults.NO_RISE), (0, 213, faults.NO_RISE)))  # fmt: skip
def test_a_line_without_the_pump_s_strokes_is_a_frozen_sensor_or_no_pump(reading_pa, spread_pa, fault):
    driven = Driven("manifold")
    answer = at(driven, reading_pa, reading_pa)
    answer._low_pa[0], answer._top_pa[0] = reading_pa, reading_pa + spread_pa
    assert answer._meaning(0, reading_pa, reading_pa) == fault


@pytest.mark.parametrize(
    "change, slowly",
    (
        ({}, True),
        ({"sharing": 2}, False),
        ({"patience": 200, "driven": 320}, True),
        ({"patience": 200, "driven": 280}, False),  # not smoothed yet
        ({"patience": 799, "rise": 201, "line": True}, False),
        ({"driven": 799, "rise": 201, "line": True}, False),
        ({"rise": 80}, False),
        ({"rise": 200, "line": True}, False),
        ({"rise": 201, "line": True}, True),
    ),
)
def test_a_zone_that_is_driven_alone_and_still_rises_a_little_in_its_second_half_has_another_name(change, slowly):
    driven = Driven()
    answer = driven.answer
    driven.levels.sharing = change.get("sharing", 1)
    answer.driven_ms[0] = change.get("driven", 800)
    answer._half_pa = 5000
    answer._smooth_pa = 5000 + change.get("rise", 81)
    assert answer._rises_slowly(0, change.get("patience", 800), change.get("line", False)) is slowly


@pytest.mark.parametrize("shows_pa, unfolded, told", ((1, 0, faults.NO_RISE), (0, 0, faults.NO_ANSWER), (1, SURE, faults.NO_ANSWER)))
def test_of_a_slack_zone_s_flow_an_eighth_of_the_drop_may_show_where_another_slack_one_gets_the_rest(shows_pa, unfolded, told):
    """Two valves that are open drop a quarter of what one does: that is no weak pump before both have taken up their slack."""
    driven = Driven("zone sensors")
    answer = driven.answer
    answer.flow.permille, answer.unfolded[0], answer._unanswered = 1000, unfolded, 0
    answer.flow.line_pa = pa(20) + max(pa(8), answer.flow.drop_pa[0] >> 3) + shows_pa
    driven.seen(0, pa(20))
    assert answer.flow.quarters(0) < 1 and answer._meaning(0, pa(20), pa(20)) == told


@pytest.mark.parametrize("topology", ("manifold", "independent"))
def test_only_a_line_beside_a_zone_that_is_seen_shows_in_how_many_parts_the_flow_goes(topology):
    answer = Driven(topology).answer
    answer.flow.line_pa = pa(140)
    assert not answer.flow.parts(0)


@OWN_SENSORS
def test_air_that_shows_elsewhere_has_flowed_however_little_of_it_the_line_shows(topology):
    driven = Driven(topology)
    answer = driven.answer
    answer.flow.quarters = lambda _: 0
    answer.others.start_pa[2], answer.fed[2] = 0, 3
    driven.levels.level_pa[2] = pa(7)
    assert answer._meaning(0, pa(20), pa(20)) == faults.VALVE_STUCK_OPEN and answer.others.part == 2


def test_what_is_read_of_another_blind_zone_is_no_air_that_shows_there():
    driven = Driven("manifold")
    answer = driven.answer
    answer.flow.quarters = lambda _: 0
    answer.others.start_pa[2], answer.fed[2] = 0, 3
    driven.levels.level_pa[2] = pa(7)
    assert answer._meaning(0, pa(20), pa(20)) == faults.NO_ANSWER and answer.others.part == NONE


def test_a_line_that_shows_less_than_a_quarter_of_the_declared_drop_over_its_zone_is_a_weak_pump():
    for permille in (1000, 500):
        driven = Driven("zone sensors")
        answer = driven.answer
        drop_pa = answer.flow.drop_pa[0] * (permille * permille // 1000) // 1000
        answer.flow.permille = permille
        driven.seen(0, pa(20))
        answer.flow.parts = answer.flow.halves = lambda zone: False
        for line_pa, weak in ((pa(20) + (drop_pa + 3) // 4 - 1, True), (pa(20) + (drop_pa + 3) // 4, False)):
            answer.flow.line_pa, answer._unanswered = line_pa, 0
            assert (answer.flow.quarters(0) < 1) is weak
            assert answer._meaning(0, pa(20), pa(20)) == (faults.NO_ANSWER if weak else faults.NO_RISE)
        answer.flow.shows[0], answer.flow.line_pa = 0, 0
        for drop_pa, quarters in ((pa(20) // 2 - 1, 1), (pa(20) // 2, -8)):
            answer.flow.now_pa = lambda _, drop_pa=drop_pa: drop_pa
            assert answer.flow.quarters(0) == quarters, "where the flow drops less than 10 mmHg this says nothing"
    assert Driven("manifold").answer.flow.quarters(0) == Driven("independent").answer.flow.quarters(0) == 1


def test_a_line_that_shows_half_of_the_declared_drop_over_its_zone_shows_a_flow():
    for permille in (1000, 500):
        driven = Driven("zone sensors")
        answer = driven.answer
        drop_pa = answer.flow.drop_pa[0] * (permille * permille // 1000) // 1000
        answer.flow.permille = permille
        driven.seen(0, pa(20))
        for line_pa, flows in ((pa(20) + drop_pa // 2 + 1, True), (pa(20) + drop_pa // 2 - 1, False)):
            answer.flow.line_pa = line_pa
            answer._meaning(0, pa(20), pa(20))
            assert answer.flows is flows
        answer.flow.line_pa = pa(150)
        for least_pa, flows in ((LINE_RISE_PA, True), (LINE_RISE_PA - 1, False)):
            answer.flow.drop_pa[0] = -(-least_pa * 1000 // (permille * permille // 1000))
            answer._meaning(0, pa(20), pa(20))
            assert answer.flows is flows, "where the flow drops next to nothing this says nothing"


@OWN_SENSORS
def test_the_smoothed_reading_of_a_drive_is_kept_from_its_first_half(topology):
    """An eighth of each step is taken over, once the drive has lasted 300 ms; before it is the reading itself."""
    driven = Driven(topology)
    answer = driven.answer
    answer.unfolded[0] = SURE
    answer._anchor_pa[0] = answer._peak_pa[0] = pa(30)
    for driven_ms, reading, smooth in ((0, pa(30), pa(30)), (300, pa(30) + 80, pa(30) + 80), (320, pa(30) + 160, pa(30) + 90)):
        answer.driven_ms[0] = driven_ms
        driven.seen(0, reading)
        if driven_ms == 0:
            answer._smooth_pa = 0
        answer.tick(TICK_MS)
        assert answer._smooth_pa == smooth
