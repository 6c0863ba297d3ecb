"""How silence is counted, tick by tick, and when it is over: readings that do not answer are put before the watch, with the duty."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import ALL, OWN_SENSORS, TICK_MS, Desk
from host_tests.test_guard_silence import Driven
from peristal.core import faults, model
from peristal.core.answer import SURE
from peristal.core.flow import LINE_RISE_PA
from peristal.core.second_look import LOST_PA
from peristal.core.units import NONE, pa
from tools.bench.plants import bench_plant
from tools.simulator import boards

AT = pa(40)


def silent(topology: str, *zones: int, driven_ms: int = 1000, duty: int = 1000, board: Any = None) -> Driven:
    """These zones (the first by default) have been driven for so long, unfolded, and show 40 mmHg."""
    driven = Driven(topology, *zones, board=board)
    answer = driven.answer
    driven.desk.drive.pump_permille = duty
    answer.others.sharing = driven.levels.sharing
    answer.flow.permille, answer.flow.line_pa = 1000, pa(110)
    for zone in range(driven.net.n_zones):
        answer.unfolded[zone] = SURE
        answer.driven_ms[zone] = driven_ms if driven.levels.filling[zone] else 0
        answer._anchor_pa[zone] = answer._peak_pa[zone] = AT
        answer.flow.jumped[zone] = 1
        if topology == "manifold":
            driven.reads(driven.net.line_sensor, AT)
        else:
            driven.seen(zone, AT)
            if driven.net.line_sensor != NONE:
                driven.reads(driven.net.line_sensor, pa(110))
    return driven


def ticks(driven: Driven, count: int = 1) -> int:
    """What the last of them says."""
    said = NONE
    for _ in range(count):
        said = driven.answer.tick(TICK_MS)
    return said


@ALL
@pytest.mark.parametrize("driven_ms, counted_ms", ((150, 5), (170, 20)))
@pytest.mark.parametrize("duty, flow", ((1000, 1000), (625, 500), (250, 100), (100, 100)))
def test_silence_counts_by_the_flow_and_for_a_quarter_until_the_pump_has_spun_up(topology, driven_ms, counted_ms, duty, flow):
    driven = silent(topology, driven_ms=driven_ms, duty=duty)
    assert driven.net.board.pump.min_duty_permille == 250
    assert ticks(driven) == NONE
    # The reference valves pass a little less than the pump brings against its ceiling.
    assert counted_ms * flow <= driven.answer._silent[0] <= counted_ms * min(1000, flow * 101 // 100)
    assert driven.answer.driven_ms[0] == driven_ms + TICK_MS
    assert not driven.answer._silent[1] and not driven.answer.driven_ms[1]


@pytest.mark.parametrize("line_mmhg, permille", ((140, 914), (100, 914), (70, 500), (46, 218), (39, 218)))
def test_a_firm_zone_behind_a_narrow_valve_is_told_by_what_passes_it_and_not_by_the_pump_s_share(line_mmhg, permille):
    """A frozen sensor hid 135 mmHg: the pump, four times too strong for the valve, was held at 22 % of its flow."""
    board = bench_plant(359696007, "zone sensors").board
    driven = silent("zone sensors", 2, duty=700, board=board)
    assert driven.net.ceiling_pa == pa(140) and driven.answer._firm_permille[2] > 4000
    driven.answer.flow.line_pa = pa(line_mmhg)
    driven.reads(driven.net.line_sensor, pa(line_mmhg))
    ticks(driven)
    assert driven.answer._silent[2] == pytest.approx(TICK_MS * permille, rel=0.01)


def test_a_pump_that_brings_less_than_its_valve_passes_is_counted_by_its_share(topology="zone sensors"):
    driven = silent(topology, duty=400)
    driven.answer._firm_permille[0] = 1000
    driven.answer.flow.line_pa = pa(200)
    ticks(driven)
    assert driven.answer._silent[0] == TICK_MS * 200


def test_a_blind_zone_is_counted_by_the_pump_s_share_whatever_its_line_shows():
    """A line that still comes down from what was there before is no flow."""
    driven = silent("manifold", duty=400)
    driven.answer._firm_permille[0] = 4000
    driven.answer.flow.line_pa = pa(200)
    ticks(driven)
    assert driven.answer._silent[0] == TICK_MS * 200


@OWN_SENSORS
@pytest.mark.parametrize(
    "above_pa, folded, counts",
    ((0, (), True), (pa(3) - 1, (), True), (pa(3), (), False), (0, (2,), False), (0, (0, 2), True), (0, (1,), True)),
)
def test_side_by_side_only_the_lowest_must_rise_and_none_while_another_takes_up_its_slack(topology, above_pa, folded, counts):
    driven = silent(topology, 0, 2)
    driven.seen(0, AT + above_pa)
    driven.answer._anchor_pa[0] = AT + above_pa
    for zone in folded:  # zone 2 is not driven
        driven.answer.unfolded[zone] = driven.levels.static[zone] = 0
    ticks(driven)
    assert driven.answer._silent[0] == (TICK_MS * 1000 // 2 if counts else 0)


@ALL
def test_when_patience_is_over_the_silence_has_a_meaning_and_begins_anew(topology):
    driven = silent(topology)
    answer = driven.answer
    answer._smooth_pa = answer._half_pa = AT
    for zone in range(driven.net.n_zones):
        answer.others.start_pa[zone] = AT
        driven.levels.shut[zone] = 1
    zone_pa = AT - (answer.flow.drop_pa[0] * 1000 // 800 if topology == "manifold" else 0)
    patience = answer._patience_ms(0, zone_pa, topology == "manifold")
    answer._silent[0] = patience * 1000 - TICK_MS * 1000
    answer._top_pa[0] = answer._low_pa[0] = AT
    assert ticks(driven) == NONE and answer._silent[0] == patience * 1000
    assert ticks(driven) == 0 and answer._silent[0] == 0
    assert answer.fault == faults.SENSOR_FROZEN


@pytest.mark.parametrize("line_mmhg, patience_ms, waits_ms", ((40, 400, 700), (110, 400, 400), (40, 900, 900)))
def test_where_no_flow_shows_the_others_have_700_ms_to_show_that_the_12_v_have_failed(line_mmhg, patience_ms, waits_ms):
    driven = silent("zone sensors")
    answer = driven.answer
    answer._patience_ms = lambda zone, zone_pa, from_line: patience_ms
    answer._smooth_pa = answer._half_pa = AT
    answer.flow.drop_pa[0] = pa(60)
    answer.flow.line_pa = pa(line_mmhg)
    driven.reads(driven.net.line_sensor, pa(line_mmhg))
    answer._top_pa[0] = answer._low_pa[0] = AT
    answer._silent[0] = waits_ms * 1000 - TICK_MS * 1000
    assert ticks(driven) == NONE
    assert ticks(driven) == 0 and answer._silent[0] == 0


@OWN_SENSORS
def test_side_by_side_an_answer_counts_that_comes_after_the_first_half_of_a_silence(topology):
    driven = silent(topology, 0, 1)
    answer = driven.answer
    answer._patience_ms = lambda zone, zone_pa, from_line: 400
    for silent_ms, other in ((160, NONE), (200, 1)):
        answer._anchor_pa[1] = AT
        driven.seen(1, AT + pa(3))
        answer._silent[0] = silent_ms * 1000
        ticks(driven)  # zone 1 counts after the answer of zone 2 in the next tick only
        answer._anchor_pa[1] = AT + pa(3)
        answer._silent[0] = silent_ms * 1000
        ticks(driven)
        assert answer._other == other


@ALL
def test_highest_and_lowest_are_those_of_its_second_half(topology):
    driven = silent(topology)
    answer = driven.answer
    sensor = driven.net.line_sensor if topology == "manifold" else driven.net.zone_sensor[0]
    answer._patience_ms = lambda zone, zone_pa, from_line: 400
    seen = []
    for number, change in enumerate((50, -40, 30, 0, 60, -70, 10), 9):
        answer._silent[0] = (number - 1) * TICK_MS * 1000
        driven.reads(sensor, AT + change)
        answer._anchor_pa[0] = min(answer._anchor_pa[0], AT + change)
        ticks(driven)
        seen.append((answer._top_pa[0] - AT, answer._low_pa[0] - AT))
    # 180 ms are in the first half, 200 in the second.
    assert seen == [(50, 50), (50, -40), (50, -40), (50, -40), (60, -40), (60, -70), (60, -70)]


@ALL
def test_an_answer_ends_the_silence_and_clears_the_pump_once_everything_runs(topology):
    """One that only the line can see has answered when it has kept its air with the pump still."""
    for driven_ms, unanswered in ((300, 1), (320, 0)):
        driven = silent(topology, driven_ms=driven_ms)
        answer = driven.answer
        answer._unanswered, answer._silent[0] = 1, 5000
        rise = pa(8) if topology == "manifold" else pa(3)
        driven.reads(driven.net.line_sensor if topology == "manifold" else driven.net.zone_sensor[0], AT + rise)
        ticks(driven)
        assert (answer._silent[0], answer._unanswered) == (0, 1 if topology == "manifold" else unanswered)
        assert answer.fed[0] == (1 if topology == "manifold" or unanswered else 3), "it has risen by its own valve"
    if topology != "manifold":
        driven = silent(topology)
        answer = driven.answer
        answer._unanswered, answer._silent[1] = 1, 5000
        driven.reads(driven.net.zone_sensor[1], AT + pa(3))
        ticks(driven)
        assert (answer._silent[1], answer._unanswered) == (0, 1), "what rises by itself clears nothing but its own silence"


def test_a_blind_zone_keeps_its_silence_from_drive_to_drive_and_one_with_a_sensor_may_answer_in_between():
    for topology, kept in (("manifold", 5000), ("independent", 0)):
        driven = silent(topology)
        answer = driven.answer
        answer._silent[0] = 5000
        driven.drives()
        sensor = driven.net.line_sensor if topology == "manifold" else driven.net.zone_sensor[0]
        driven.reads(sensor, AT + pa(9))
        ticks(driven)
        assert (answer._silent[0], answer.driven_ms[0]) == (kept, 0)


@pytest.mark.parametrize(
    "driven_zone, static, level_pa, lost, forgets",
    (
        (0, 1, 6000 - LOST_PA - 1, True, True),
        (0, 1, 6000 - LOST_PA, False, True),
        (0, 0, 6000 - LOST_PA - 1, False, False),  # while the line is not still it shows no zone
        (1, 1, 6000 - LOST_PA - 1, False, False),  # what the zone of the last drive had says nothing of another
    ),
)
def test_a_blind_zone_that_is_found_without_the_air_of_its_drive_is_told_as_the_pump_has_stopped(
    driven_zone, static, level_pa, lost, forgets
):
    stopped: Any = silent("manifold")
    answer, levels = stopped.answer, stopped.levels
    stopped.desk.guard.leaks.fullest = lambda *_: 2
    stopped.drives()
    answer.driven, answer._had_pa = driven_zone, 6000
    for zone in range(stopped.net.n_zones):
        levels.static[zone] = static if zone == 0 else 0
        levels.level_pa[zone] = level_pa if zone == 0 else 0
    assert ticks(stopped) == NONE
    assert answer.second.zone == (0 if lost else NONE)
    assert answer._had_pa == (0 if forgets else 6000)


@pytest.mark.parametrize("driven_ms, told", ((300, False), (320, True)))
def test_a_zone_that_is_driven_again_tells_that_the_flow_is_back_once_everything_runs(driven_ms, told):
    """Until then the line that fills looks like an answer."""
    driven = silent("manifold", driven_ms=driven_ms)
    driven.answer.second.again = 0
    driven.reads(driven.net.line_sensor, AT + pa(8))
    assert ticks(driven) == (0 if told else NONE)
    assert driven.answer.second.again == (NONE if told else 0)
    assert not told or driven.answer.fault == faults.SUPPLY_DIP


def test_a_flow_that_is_back_after_the_coils_were_pulled_in_is_told_once():
    driven = silent("manifold")
    driven.answer._dry = True
    driven.answer.flow.is_back = lambda zone: True
    assert ticks(driven) == 0 and driven.answer.fault == faults.SUPPLY_DIP
    assert ticks(driven) == NONE


@pytest.mark.parametrize("again, dry_ms", ((0, 0), (1, 1000), (NONE, 1000)))
def test_a_zone_that_is_to_be_driven_again_has_the_whole_time_to_show_its_flow(again, dry_ms):
    driven = silent("manifold")
    answer: Any = driven.answer
    driven.drives()
    answer.flow.dry_ms = 1000
    answer.second.zone, answer.second.again = 0, again
    answer.second.tick = lambda elapsed_ms: faults.OK
    assert ticks(driven) == NONE and answer.flow.dry_ms == dry_ms


@pytest.mark.parametrize(
    "permille, drop_pa, shows",
    (
        (500, LINE_RISE_PA - 1, True),
        (499, LINE_RISE_PA - 1, False),  # of a pump that is held back
        (500, LINE_RISE_PA, False),
        (1000, LINE_RISE_PA, True),  # it shows the drop
    ),
)
def test_a_drive_would_have_shown_its_flow_at_half_of_it_where_next_to_nothing_drops(permille, drop_pa, shows):
    answer: Any = silent("manifold").answer
    answer._meaning = lambda *_: faults.NO_RISE
    answer.flow.permille, answer.flow.drop_pa[0] = permille, drop_pa
    assert answer._blame(0, AT, AT, True) == NONE
    assert answer.second._shows is shows


@OWN_SENSORS
def test_the_end_of_a_drive_after_which_another_had_risen_is_told_once(topology):
    driven = silent(topology)
    driven.answer.others.went_elsewhere = lambda zone: True
    driven.drives()
    assert ticks(driven) == 0 and driven.answer.fault == faults.VALVES_CROSSED
    assert ticks(driven) == NONE
    driven = silent(topology)
    driven.answer.others.went_elsewhere = lambda zone: True
    driven.answer.others.riser, driven.answer.fed[1] = 1, 3
    driven.drives()
    assert ticks(driven) == 1 and driven.answer.fault == faults.VALVE_STUCK_OPEN, "it had its own air before"
    blind = silent("manifold")
    blind.answer.others.went_elsewhere = lambda zone: True
    blind.drives()
    assert ticks(blind) == NONE


@OWN_SENSORS
def test_a_drive_of_a_moment_or_of_zones_side_by_side_does_not_say_where_the_air_went(topology):
    """A limb that presses just then shows in one zone's sensor before the others', and counted once for each of them."""
    for driven_ms, zones, told in ((170, (0,), 0), (150, (0,), NONE), (1000, (0, 1), NONE)):
        driven = silent(topology, *zones, driven_ms=driven_ms)
        driven.answer.others.went_elsewhere = lambda zone: True
        driven.drives()
        assert ticks(driven) == told


@pytest.mark.parametrize("topology", ("manifold", "zone sensors"))
@pytest.mark.parametrize(
    "change, dry",
    (({}, True), ({"jumped": 1}, False), ({"shows": 0}, False), ({"driven_ms": 280}, False), ({"duty": 849}, False), ({"duty": 850}, True)),
)
def test_a_full_flow_that_does_not_show_on_the_line_for_a_second_is_no_pump(topology, change, dry):
    """80 % of the flow, 300 ms after the start."""
    driven = silent(topology, driven_ms=change.get("driven_ms", 1000), duty=change.get("duty", 1000))
    answer: Any = driven.answer
    answer.flow.jumped[0], answer.flow.shows[0] = change.get("jumped", 0), change.get("shows", 1)
    answer._patience_ms = lambda zone, zone_pa, from_line: 1 << 18
    driven.reads(driven.net.line_sensor, pa(10))
    answer.flow._line_at_start_pa = answer._anchor_pa[0] = answer.flow.line_pa = pa(10)
    answer.flow.dry_ms = 980
    for expected, said in ((1000, NONE), (1020, 0)) if dry else ((980, NONE),):
        assert ticks(driven) == said
        assert answer.flow.dry_ms == expected or not dry
    if dry:
        assert answer.fault == faults.NO_ANSWER
    elif "duty" in change or "driven_ms" in change:
        assert answer.flow.dry_ms == 980, "what says nothing forgives nothing"
    else:
        assert answer.flow.dry_ms == 0


@OWN_SENSORS
def test_a_drive_that_goes_on_with_fewer_zones_side_by_side_begins_anew_where_they_are(topology):
    driven = silent(topology, 0, 2)
    for zone in range(driven.net.n_zones):
        driven.seen(zone, AT + zone)
    ticks(driven)
    assert not any(driven.answer.others.start_pa)
    driven.drives(0)
    ticks(driven)
    # The one that goes on has begun before.
    assert list(driven.answer.others.start_pa) == [0] + [AT + zone for zone in range(1, driven.net.n_zones)]
    assert driven.answer.others.sharing == 1
    driven.seen(1, AT + 500)
    driven.drives()
    ticks(driven)
    assert driven.answer.others.start_pa[1] == AT + 1 and driven.answer.others.sharing == 1, "the end of a drive is no beginning"


def test_a_flow_shows_where_it_drops_20_mmhg_on_a_line_that_has_a_sensor():
    seen = set()
    for c in range(600, 4000, 50):
        board = boards.load("esp32_manifold")
        for _, zone in board.zones():
            zone.valve.c_ml_s_bar = c
        answer: Any = Desk("manifold", board).guard.answer
        assert answer.flow.shows[0] == (answer.flow.drop_pa[0] >= pa(20))
        seen.add(answer.flow.shows[0])
    assert seen == {0, 1} and not any(Driven("independent").answer.flow.shows)


@pytest.mark.parametrize("plant, duty", ((774788099, 794), (298994469, 773), (298994469, 1000), (774788099, 600)))
def test_a_slack_zone_behind_a_narrow_valve_is_told_by_its_air_and_not_by_the_pump_s_share(plant, duty):
    """A dead sensor of its own hid 167 mmHg: at part of its duty such a pump brings more, for less holds it back."""
    desk = Desk("independent", bench_plant(plant, "independent").board)
    net, pump = desk.net, desk.net.board.pump
    least, flow = pump.min_duty_permille, pump.flow_ml_min // 60
    speed, low, high = (duty - least) / (1000 - least), 0, pa(pump.stall_mmhg)
    while high - low > 20:  # until valve and pump agree
        middle = (low + high) // 2
        agree = model.flow_ml_s(net.fill_c[0], middle, 0) < flow * speed * (1 - middle / pa(pump.stall_mmhg))
        low, high = (middle, high) if agree else (low, middle)
    brings_ml_s = flow * speed * (1 - low / pa(pump.stall_mmhg))
    desk.hold()
    desk.run(500)
    desk.fill(0, 60.0, duty)
    began_ms = desk.now_ms
    while not desk.guard.left_out[0] and not desk.fault:
        desk.tick()
    ml = brings_ml_s * (desk.now_ms - began_ms - 600) / 1000  # valve and pump, and what is in hand
    assert 1.22 < ml / net.zones[0].volume_ml < 1.36
