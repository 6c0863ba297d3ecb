"""Before a blind zone is left out for want of a rise it is looked at with the pump still; and what the dump shows of the supply."""

from typing import Any

import pytest

from host_tests.guard_desk import TICK_MS, Desk
from host_tests.test_guard_answer import Filled, unfolded
from peristal.core import faults
from peristal.core.answer import SURE
from peristal.core.drive import HOLD, PEAK
from peristal.core.levels import TRIP_PA
from peristal.core.reasons import WHY_UNSEEN
from peristal.core.second_look import LOOK_MOST_MS, LOOK_MS, LOST_PA, SHUT_MOST_MS, SHUT_MS
from peristal.core.units import NONE, pa


def asked(from_mmhg: float = 40.0, to_mmhg: float = 40.0, drop_mmhg: float = 45.0) -> Filled:
    """A zone that is driven with a line that stands still, until the guard lets the pump rest; meanwhile it comes to `to_mmhg`."""
    desk = unfolded("manifold", from_mmhg)
    shows_mmhg = from_mmhg + drop_mmhg
    desk.drop_mmhg = drop_mmhg
    desk.go(100)
    spent_ms = 0
    while desk.guard.second.zone == NONE:
        desk.zone_mmhg[0] = min(to_mmhg, desk.zone_mmhg[0] + (to_mmhg - from_mmhg) / 25)
        desk.drop_mmhg = shows_mmhg - desk.zone_mmhg[0]
        desk.go(TICK_MS)
        spent_ms += TICK_MS
        assert spent_ms < 8000 and not desk.fault and not desk.out
    desk.zone_mmhg[0] = to_mmhg
    return desk


def test_a_blind_zone_in_which_nothing_seems_to_rise_is_seen_with_the_pump_still_before_it_is_left_out():
    desk = asked(drop_mmhg=45.0)
    desk.go(100)
    assert desk.guard.reasons & WHY_UNSEEN and not desk.drive.pump_permille and not desk.out
    desk.go(LOOK_MS + 1500)
    assert desk.out == [0] and desk.guard.left_out[0] == faults.NO_RISE and desk.guard.second.zone == NONE


def test_a_zone_that_is_let_out_before_it_was_seen_is_not_left_out_for_what_could_not_be_seen():
    desk = asked(drop_mmhg=45.0)
    desk.go(100)
    desk.wish.target_pa[0] = 0
    desk.wish.coil[desk.net.vent_valve] = 0
    desk.go(LOOK_MOST_MS * 2, -10.0)
    assert not desk.out and not desk.fault and desk.guard.second.zone == NONE


@pytest.mark.parametrize("to_mmhg, told", ((48.0, False), (60.0, False), (41.0, True)))
def test_a_zone_that_did_rise_under_a_line_that_stood_still_is_no_fault(to_mmhg, told):
    """The flow drops less the fuller it is, and a limb lets go meanwhile."""
    desk = asked(40.0, to_mmhg)
    desk.guard.answer._unanswered = 1
    while desk.guard.second.zone != NONE:
        desk.go(TICK_MS)
    assert bool(desk.out) is told and not desk.fault
    assert desk.guard.answer._unanswered == (1 if told else 0)


def test_what_a_zone_gained_far_beyond_what_the_line_showed_came_from_another_zone():
    desk = asked(17.0, 85.0, 90.0)
    desk.go(LOOK_MS + 1500)
    assert desk.fault == faults.VALVE_STUCK_OPEN


def test_a_zone_that_keeps_its_air_and_gets_no_flow_has_no_pump():
    desk = asked(40.0, 40.0, 6.0)
    desk.go(LOOK_MS + 1500)
    assert desk.fault == faults.NO_ANSWER and not desk.out


@pytest.mark.parametrize("rate, fault", ((-6.0, faults.NO_RISE), (-1.0, faults.NO_ANSWER)))
def test_one_that_loses_it_at_once_has_a_hole(rate, fault):
    desk = asked(40.0, 40.0, 6.0)
    desk.go(LOOK_MS + 1500, rate)
    assert (desk.guard.left_out[0] or desk.fault) == fault


def test_one_that_loses_at_once_what_the_pump_brought_has_a_hole_although_it_has_more_than_before():
    desk = asked(40.0, 60.0)
    desk.go(LOOK_MS + 1500, -10.0)
    assert desk.zone_mmhg[0] > 40.0 and desk.guard.left_out[0] == faults.NO_RISE


def test_a_zone_that_is_asked_after_takes_the_place_of_whatever_was_in_doubt():
    desk: Any = Desk("manifold")
    second = desk.guard.second
    second.doubt(2, faults.NO_ANSWER)
    second._seen = desk.drive.show = 3
    second.ask(1, 4000, 8000, 100, 9000, True)
    assert (second.zone, second._seen, second._fault) == (1, 1, faults.OK)
    assert desk.drive.show == 1, "its fill may end before it was seen"


def test_each_doubt_chooses_anew_which_zone_is_to_be_seen():
    second: Any = Desk("manifold").guard.second
    second._seen, second._asked_ms, second._look_ms, second._fault = 3, 500, 400, faults.NO_RISE
    second.doubt(1, faults.NO_ANSWER)
    assert (second.zone, second._seen, second._asked_ms, second._look_ms, second._fault) == (1, NONE, 0, 0, faults.NO_ANSWER)
    second._seen = 3
    second.doubt(2, faults.OK)
    assert (second.zone, second._seen, second._fault) == (1, 3, faults.NO_ANSWER), "what is in doubt stays so"


@pytest.mark.parametrize("early_ms, told", ((TICK_MS, False), (0, True)))
def test_a_zone_that_cannot_be_seen_is_told_all_the_same(early_ms, told):
    desk = asked()
    began_ms = desk.guard.second._asked_ms
    desk.hold(60.0, 0)
    desk.run(LOOK_MOST_MS + TICK_MS - began_ms - early_ms)
    assert bool(desk.guard.left_out[0]) is told


@pytest.mark.parametrize(
    "fault, before_mmhg, own_mmhg, ends_mmhg, told",
    (
        (faults.NO_ANSWER, 40.0, 10.0, 40.0, faults.NO_ANSWER),  # another zone has its air and keeps it
        (faults.NO_ANSWER, 40.0, 10.0, 36.5, faults.VALVE_STUCK_OPEN),  # it has it, and now it leaves
        (faults.NO_ANSWER, 40.0, 38.0, 36.5, faults.SUPPLY_DIP),  # the line shows the same, whichever valve should be open
        (faults.OK, 40.0, 10.0, 36.5, faults.OK),  # a limb that lets go
        (faults.OK, 65.0, 10.0, 36.5, faults.VALVE_STUCK_OPEN),
        (faults.OK, 65.0, 38.0, 36.5, faults.SUPPLY_DIP),
        (faults.OK, 65.0, 10.0, 40.0, faults.SUPPLY_DIP),  # the dip is over
        (faults.VALVE_STUCK_OPEN, 40.0, 10.0, 36.5, faults.OK),
    ),
)
def test_another_zone_that_goes_on_losing_its_air_while_it_is_looked_at(fault, before_mmhg, own_mmhg, ends_mmhg, told):
    """From 40 mmHg, in 600 ms: 1 and a thirty-second are what a healthy chamber may lose."""
    desk: Any = Desk("manifold")
    second, levels = desk.guard.second, desk.guard.levels
    desk.guard.leaks.fullest = lambda *_: 2
    desk.guard.leaks.last_pa[2] = pa(1000) * int(before_mmhg) // 1000
    second.doubt(1, fault)
    levels.static[1], levels.level_pa[1] = 1, round(own_mmhg * 133.322)
    assert second.tick(TICK_MS) == faults.OK and desk.drive.show == 2
    second.tick(TICK_MS)
    levels.static[1], levels.open_count = 0, 1
    levels.level_pa[1] = 0 if own_mmhg > 30.0 else pa(60)  # what is not seen still says nothing
    levels.static[2] = 1
    looks = LOOK_MS // TICK_MS + 1
    found = faults.OK
    for look in range(looks):
        levels.level_pa[2] = round((40.0 + (ends_mmhg - 40.0) * look / (looks - 1)) * 133.322)
        assert second.zone == 1
        found = second.tick(TICK_MS)
    assert found == told and second.zone == NONE and desk.drive.show == NONE


@pytest.mark.parametrize("loses_mmhg, told", ((4.0, faults.VALVE_STUCK_OPEN), (1.0, faults.SUPPLY_DIP)))
def test_a_zone_that_loses_its_air_as_it_is_looked_at_gives_it_to_the_one_that_took_the_other_s_too(loses_mmhg, told):
    """After a dip of the 12 V both have lost theirs, but the valves that let go hold again."""
    desk = asked(40.0, 40.0)
    second, levels = desk.guard.second, desk.guard.levels
    desk.guard.leaks.fullest = lambda but, most_pa: 2
    desk.guard.leaks.last_pa[2] = pa(60)
    steps = 2 * LOOK_MS // TICK_MS
    while second._seen == 0:
        desk.go(TICK_MS, -loses_mmhg * 1000 / LOOK_MS)
        steps -= 1
        assert steps
    assert second._seen == 2 and second._loses is (told == faults.VALVE_STUCK_OPEN)
    levels.static[0], levels.static[2], levels.level_pa[2], levels.open_count = 0, 1, pa(30), 1
    found = faults.OK
    for _ in range(LOOK_MS // TICK_MS * (2 if second._loses else 1) + 1):
        found = second.tick(TICK_MS)
    assert found == told and second.zone == NONE


@pytest.mark.parametrize(
    "before_pa, falls_pa, falls_ms, told, looked_ms",
    (
        (pa(60), 5, 2 * LOOK_MS, faults.SUPPLY_DIP, 2 * LOOK_MS),  # 2 mmHg a second: without 12 V both go on emptying
        (pa(60), 0, 0, faults.VALVE_STUCK_OPEN, 2 * LOOK_MS),  # it has got what the other one lost, and keeps it
        (pa(60), 40, LOOK_MS - 100, faults.VALVE_STUCK_OPEN, 2 * LOOK_MS),  # a limb lets go
        (pa(20) + LOST_PA, 0, 0, faults.VALVE_STUCK_OPEN, 2 * LOOK_MS),
        (pa(20) + LOST_PA - 1, 0, 0, faults.NO_RISE, LOOK_MS),  # a limb may have let go of it
    ),
)
def test_where_two_have_lost_their_air_what_is_left_is_seen_for_long_enough_to_tell_the_supply_from_a_valve(
    before_pa, falls_pa, falls_ms, told, looked_ms
):
    desk: Any = Desk("manifold")
    second, levels = desk.guard.second, desk.guard.levels
    second.doubt(1, faults.NO_RISE)
    second._seen, second._before_pa, second._loses, second._own_pa = 2, before_pa, True, pa(20)
    levels.static[2], levels.open_count, levels.level_pa[2] = 1, 1, pa(20)
    for spent_ms in range(0, looked_ms, TICK_MS):
        assert second.tick(TICK_MS) == faults.OK
        levels.level_pa[2] -= falls_pa if spent_ms < falls_ms else 0
    assert second.tick(TICK_MS) == told and second.zone == NONE


def test_what_one_doubt_has_shown_of_its_zone_is_forgotten_with_the_next():
    second: Any = Desk("manifold").guard.second
    second._loses = second._dry = True
    second._most_own_pa = pa(60)
    second.doubt(1, faults.NO_ANSWER)
    assert not second._loses and not second._dry and not second._most_own_pa


def test_a_look_that_was_cut_short_tells_of_no_air_that_leaves():
    desk: Any = Desk("manifold")
    second, levels = desk.guard.second, desk.guard.levels
    desk.guard.leaks.fullest = lambda *_: 2
    desk.guard.leaks.last_pa[2] = pa(40)
    second.doubt(1, faults.NO_ANSWER)
    second.tick(TICK_MS)
    levels.static[2] = levels.open_count = 1
    for look in range(LOOK_MS // TICK_MS - 2):
        levels.level_pa[2] = pa(40) - look * 40
        assert second.tick(TICK_MS) == faults.OK
    levels.static[2] = 0
    assert second.tick(LOOK_MOST_MS) == faults.NO_ANSWER and second.zone == NONE


def test_a_zone_that_was_never_seen_still_moves_no_valve():
    """What the line showed of it was the pump's doing."""
    second: Any = Desk("manifold").guard.second
    for _ in range(2):
        second.doubt(1, faults.NO_ANSWER)
        assert second._own_pa == TRIP_PA
        second._own_pa = 0
        second.end()


def test_before_anything_is_blamed_the_coils_are_pulled_in_again():
    """A dip of the 12 V leaves open what was held, and the duty that holds a coil does not pull it in."""
    desk: Any = Desk("manifold")
    desk.guard.leaks.fullest = lambda *_: 2
    desk.hold()
    desk.run(3000)
    assert all(state == HOLD for state in desk.drive.state)
    desk.guard.second.doubt(0, faults.NO_ANSWER)
    desk.run(40)
    assert PEAK in desk.drive.state


# --- a line that is shut ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "level_mmhg, line_mmhg, told",
    (
        (40.0, 40.0, faults.NO_RISE),
        (40.0, 20.0, faults.NO_RISE),
        (40.0, 19.0, faults.VALVE_STUCK_OPEN),
        (4.0, 1.0, faults.VALVE_STUCK_OPEN),
    ),
)
def test_a_shut_line_that_keeps_its_air_belongs_to_a_zone_with_a_hole_and_one_that_is_empty_has_its_way_out_open(
    level_mmhg, line_mmhg, told
):
    desk: Any = Desk("zone sensors")
    second, net = desk.guard.second, desk.net
    desk.fill(1, level_mmhg)
    desk.run(400)
    second.shut(1, faults.NO_RISE, pa(int(level_mmhg)))
    desk.sensing.pa[net.line_sensor] = round(line_mmhg * 133.322)
    assert second.zone == 1 and second.shuts
    spent_ms, found = 0, faults.OK
    while second.shuts:
        desk.guard.allowed.wish(TICK_MS, desk.wish)
        assert bytes(desk.guard.coil) == net.rest_open and desk.guard.pump_permille == 0, "everything is shut"
        desk.drive.tick(desk.guard.coil, 0, TICK_MS)
        desk.guard.levels.tick(TICK_MS)
        found = second.tick(TICK_MS)
        spent_ms += TICK_MS
    assert found == told and second.zone == NONE and SHUT_MS < spent_ms < SHUT_MOST_MS


def test_a_valve_that_does_not_come_to_rest_tells_nothing_of_the_line():
    second: Any = (desk := Desk("zone sensors")).guard.second
    second.shut(1, faults.NO_RISE, pa(40))
    desk.guard.levels.open_count = 1
    assert second.tick(SHUT_MOST_MS) == faults.OK and second.tick(TICK_MS) == faults.NO_RISE


def test_a_line_that_is_shut_has_120_ms_to_empty_from_when_the_last_valve_has_shut_and_so_has_one_that_was_being_let_out():
    """Until then it shows what was in it before: each way out alone empties it."""
    for open_count, vented in ((1, False), (0, True)):
        second: Any = (desk := Desk("zone sensors")).guard.second
        levels = desk.guard.levels
        second.shut(1, faults.NO_RISE, pa(40))
        levels.open_count, levels.vented = open_count, vented
        for _ in range(0, 300, TICK_MS):
            assert second.tick(TICK_MS) == faults.OK
        levels.open_count, levels.vented = 0, False
        for _ in range(0, 120, TICK_MS):
            assert second.tick(TICK_MS) == faults.OK and second.shuts
        assert second.tick(TICK_MS) == faults.VALVE_STUCK_OPEN and not second.shuts


def test_a_valve_that_never_comes_to_rest_has_800_ms():
    second: Any = (desk := Desk("zone sensors")).guard.second
    second.shut(1, faults.NO_RISE, pa(40))
    desk.guard.levels.open_count = 1
    for _ in range(0, 800, TICK_MS):
        assert second.tick(TICK_MS) == faults.OK and second.shuts
    assert second.tick(TICK_MS) == faults.NO_RISE and not second.shuts


def test_a_zone_whose_line_is_shut_takes_the_place_of_whatever_was_in_doubt():
    second: Any = (desk := Desk("zone sensors")).guard.second
    second.doubt(2, faults.NO_ANSWER)
    second._seen = desk.drive.show = 3
    second.shut(1, faults.NO_RISE, pa(40))
    assert (second.zone, second._fault, second.shuts, desk.drive.show) == (1, faults.NO_RISE, True, NONE)


def test_of_a_zone_that_shows_less_than_2_mmhg_a_line_shows_nothing():
    second: Any = Desk("zone sensors").guard.second
    second.shut(1, faults.NO_RISE, pa(2) - 1)
    assert second.zone == NONE and not second.shuts
    second.shut(1, faults.NO_RISE, pa(2))
    assert second.zone == 1 and second.shuts
    second.end()
    assert second.zone == NONE and not second.shuts


@pytest.mark.parametrize(
    "topology, sinks, fault, shuts",
    (
        ("zone sensors", False, faults.NO_RISE, True),
        ("zone sensors", True, faults.NO_RISE, False),  # the supply is told at once: shut again it would show nothing
        ("zone sensors", False, faults.NO_ANSWER, False),
        ("independent", False, faults.NO_RISE, False),
    ),
)
def test_a_zone_whose_own_sensor_shows_no_rise_has_its_line_shut_before_it_is_left_out(topology, sinks, fault, shuts):
    desk: Any = Desk(topology)
    guard = desk.guard
    desk.fill(1, 60.0)
    desk.show(1, 20.0)
    desk.run(400)
    guard.answer.tick = lambda elapsed_ms: 1
    guard.answer.fault = fault
    guard.plausible.all_sink = lambda driven: sinks
    desk.tick()
    assert guard.second.shuts is shuts
    if shuts:
        assert not guard.left_out[1] and not desk.fault
        guard.second.end()
        guard.second._kept = True
        desk.tick()
        assert guard.left_out[1] == faults.NO_RISE and not guard.second.shuts
        assert not guard.second._kept, "and the next one is asked about anew"


def test_a_line_that_is_to_be_shut_is_no_reason_to_forget_what_has_turned_everything_off_in_the_same_tick():
    desk: Any = Desk("zone sensors")
    guard = desk.guard
    desk.fill(1, 60.0)
    desk.show(1, 20.0)
    desk.run(400)
    guard.answer.tick = lambda elapsed_ms: 1
    guard.answer.fault = faults.NO_RISE
    guard.trip(faults.SENSOR_FROZEN, 2)
    assert guard.suspect == faults.SENSOR_FROZEN, "its name is still to be found out"
    desk.tick()
    assert guard.suspect == faults.SENSOR_FROZEN and desk.open and not guard.left_out[1]


@pytest.mark.parametrize(
    "own_mmhg, had_mmhg, has_pa, told",
    (
        (1.0, 8.0, pa(2) - 1, faults.VALVE_STUCK_OPEN),
        (1.0, 8.0, pa(2) + 1, faults.NO_RISE),
        (1.0, 4.0, 0, faults.VALVE_STUCK_OPEN),
        (1.0, 3.9, 0, faults.NO_RISE),  # no other zone has anything to show
        (5.0, 8.0, 0, faults.NO_RISE),  # this one has
    ),
)
def test_a_blind_zone_with_nothing_to_be_seen_by_is_told_by_another_slack_one_that_empties_as_it_is_looked_at(
    own_mmhg, had_mmhg, has_pa, told
):
    """With the way out wide open before the first fill all that showed was a zone that took no slack."""
    desk: Any = Desk("manifold")
    second, levels = desk.guard.second, desk.guard.levels
    for zone in desk.net.each_zone:
        levels.shut[zone] = zone != 1
        desk.guard.leaks.last_pa[zone] = round(had_mmhg * 133.322) if zone == 2 else 0
    second.ask(1, round(own_mmhg * 133.322), 0, 0, 0, True)
    levels.static[1], levels.level_pa[1], levels.open_count = 1, round(own_mmhg * 133.322), 1
    found = faults.OK
    for _ in range(0, 3 * LOOK_MS, TICK_MS):
        levels.static[2], levels.level_pa[2] = second._seen == 2, has_pa
        found = found or second.tick(TICK_MS)
    assert found == told and second.zone == NONE


def test_a_blind_zone_that_loses_its_air_alone_has_its_line_shut_before_it_is_left_out():
    desk = asked(40.0, 60.0)
    while desk.guard.second.zone != NONE and not desk.guard.second.shuts:
        desk.go(TICK_MS, -10.0)
    assert desk.guard.second.shuts and not desk.out


@pytest.mark.parametrize("line_mmhg, fault", ((8.0, faults.NO_RISE), (0.0, faults.VALVE_STUCK_OPEN)))
def test_so_has_one_that_got_nothing_and_loses_hardly_more_through_a_narrow_valve(line_mmhg, fault):
    """With the way out open in a slack zone's fill: 8 mmHg behind a narrow valve lost half a millimetre in the look."""
    desk = asked(8.0, 8.0)
    while desk.guard.second.zone != NONE and not desk.guard.second.shuts:
        desk.go(TICK_MS)
    assert desk.guard.second.shuts and not desk.out
    desk.line_mmhg = line_mmhg
    desk.run(400)
    assert (desk.guard.left_out[0] or desk.fault) == fault


def test_for_a_pump_that_brings_nothing_the_line_is_not_shut():
    desk = asked(40.0, 40.0, 2.0)
    while desk.guard.second.zone != NONE:
        desk.go(TICK_MS)
        assert not desk.guard.second.shuts
    assert desk.guard.answer.fault == faults.NO_ANSWER


def test_one_that_lost_all_it_had_as_it_was_looked_at_leaves_a_line_nothing_to_show_and_is_told():
    desk = asked(8.0, 8.0)
    while desk.guard.second.zone != NONE:
        desk.go(TICK_MS, -20.0)
        assert not desk.guard.second.shuts
    assert desk.guard.left_out[0] == faults.NO_RISE


# --- what the dump shows ---------------------------------------------------------------------------------------------


def dumped(line_mmhg: float, before_mmhg: float = 12.0) -> int:
    """Two blind zones were found empty, the line showing `before_mmhg`; with everything open it comes to `line_mmhg`."""
    desk = Desk("manifold")
    desk.line_mmhg = before_mmhg
    desk.run(200)
    desk.guard.trip(faults.SUPPLY_DIP)
    assert desk.fault == faults.SUPPLY_DIP and not desk.guard.fault
    desk.run(60)
    assert desk.open and not desk.guard.enable
    desk.line_mmhg = line_mmhg
    desk.run(400)
    desk.line_mmhg = 5.0
    desk.run(1500)
    return desk.guard.fault


@pytest.mark.parametrize(
    "line_mmhg, before_mmhg, fault",
    (
        (12.0, 12.0, faults.SUPPLY_DIP),
        (22.5, 12.0, faults.SUPPLY_DIP),
        (24.0, 12.0, faults.VALVE_STUCK_OPEN),
        (57.0, 40.0, faults.SUPPLY_DIP),
        (59.0, 40.0, faults.VALVE_STUCK_OPEN),
    ),
)
def test_air_that_comes_to_the_line_only_as_everything_opens_was_held_until_then(line_mmhg, before_mmhg, fault):
    assert dumped(line_mmhg, before_mmhg) == fault


def test_a_line_that_swings_while_the_pump_seems_to_run_on_is_a_loose_contact():
    desk = Desk("manifold")
    desk.run(400)
    for number in range(12):
        desk.line_mmhg = 60.0 if number % 2 else 0.0
        desk.run(100)
        if number == 2:
            desk.guard.trip(faults.PUMP_RUNS_ON)
            assert desk.guard.suspect == faults.PUMP_RUNS_ON and not desk.guard.fault
    assert desk.guard.fault == faults.SENSOR_JUMPS
    still = Desk("manifold")
    still.guard.trip(faults.PUMP_RUNS_ON)
    still.run(1400)
    assert still.open and not still.guard.enable and still.guard.suspect == faults.PUMP_RUNS_ON
    still.run(200)
    assert still.guard.fault == faults.PUMP_RUNS_ON


def test_little_of_the_drop_and_a_slow_rise_is_a_zone_that_gets_a_part_of_the_flow():
    """What another zone takes, whose valve stays open, drops nothing in this one's: the line has all but its pressure."""
    stops = []
    for share in (25, 100):  # percent of the rate at which the declared flow lifts it
        desk = Filled("manifold", 100.0)
        line = desk.guard.line
        desk.drop_mmhg = 0.3 * line._declared_pa[0] / pa(1000) * 1000
        desk.start(0)
        desk.go(600, 10.0)
        rate = 10_000 * line._flow_ml_s / (desk.net.zones[0].volume_ml * 29) * share / 100
        while desk.drive.pump_permille and not desk.fault and desk.zone_mmhg[0] < 140:
            desk.go(TICK_MS, rate)
        stops.append(desk.zone_mmhg[0])
    assert line._full_drop_pa < line._declared_pa[0] // 2
    slow, fast = stops
    assert slow < fast and slow < 122


@pytest.mark.parametrize("mmhg, in_vain, unanswered", ((16.0, NONE, 0), (16.0, 1, 0), (14.0, NONE, 1), (16.0, 0, 1)))
def test_a_blind_zone_that_keeps_its_air_with_the_pump_still_clears_the_way_out(mmhg, in_vain, unanswered):
    """What it shows in a drive does not: through a vent that stays open the flow lifts the line too."""
    desk = Desk("manifold")
    desk.look(0, 60.0)
    desk.show(0, mmhg)
    desk.guard.answer._unanswered, desk.guard.answer._in_vain = 1, in_vain  # what the open way out has left it says nothing
    desk.guard.answer.unfolded[0] = SURE
    desk.run(400)
    assert desk.guard.levels.static[0] and desk.guard.answer._unanswered == unanswered


@pytest.mark.parametrize("lets_out", ("nothing", "everything", "the zone in doubt", "another zone"))
def test_a_look_at_the_shut_line_holds_nothing_back_that_is_to_be_let_out(lets_out):
    """For 120 to 800 ms the guard would have shut in what a stop, or the program, lets out."""
    desk = Desk("zone sensors")
    desk.hold(60.0)
    for zone in desk.net.each_zone:
        desk.show(zone, 40.0)
    desk.fill(1, 60.0)
    desk.run(500)
    desk.guard.second.shut(1, faults.NO_RISE, pa(40))
    asked = bytes(desk.wish.coil)
    if lets_out == "everything":
        desk.wish.all_off()
    elif lets_out != "nothing":
        zone = 1 if lets_out == "the zone in doubt" else 2
        desk.wish.target_pa[zone] = desk.wish.pump_permille = 0
        desk.wish.coil[desk.net.fill_valve[zone]] = desk.wish.coil[desk.net.vent_valve] = 0
    wished = bytes(desk.wish.coil)
    desk.tick()
    assert desk.guard.second.shuts
    if lets_out == "nothing":
        assert wished == asked and all(desk.guard.coil) and not desk.guard.pump_permille
    else:
        assert bytes(desk.guard.coil) == wished and not desk.guard.pump_permille
