"""What a fault does, what it is called and what is written down of it. To the tick, at the desk."""

from __future__ import annotations

import pytest

from host_tests.guard_desk import ALL, OWN_SENSORS, TICK_MS, Desk
from peristal.core import faults
from peristal.core.reasons import WHY_HAND, WHY_RELIEF
from peristal.core.units import NONE

LATER = pytest.mark.parametrize("fault", (faults.OVER_PRESSURE, faults.ABSOLUTE_PRESSURE, faults.LINE_PRESSURE))


class Notes:
    """A journal that keeps everything."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, int]] = []

    def add(self, code: int, zone: int, value: int) -> None:
        self.rows.append((code, zone, value))

    def codes(self) -> list[int]:
        return [code for code, _, _ in self.rows]


def noting(topology: str) -> tuple[Desk, Notes]:
    """A desk in a session, with everything open, and what is written down."""
    desk, notes = Desk(topology), Notes()
    setattr(desk.guard, "journal", notes)  # noqa: B010 (the firmware declares no type)
    return desk.run(100), notes


def named_after(desk: Desk) -> int:
    """Milliseconds until the suspect has a name; everything is off and without 12 V meanwhile."""
    start_ms = desk.now_ms
    while not desk.guard.fault:
        desk.tick()
        assert desk.open and not desk.guard.enable
        assert desk.now_ms - start_ms < 3000
    return desk.now_ms - start_ms


# --- suspects -------------------------------------------------------------------------------------------------------


@LATER
def test_a_suspect_switches_everything_off_at_once_and_has_its_name_after_1500_ms(fault):
    desk = Desk("independent")
    desk.hold(60.0)
    desk.run(1000)
    desk.guard.trip(fault, 1)
    desk.tick()
    assert desk.open and not desk.guard.enable and not desk.guard.fault
    assert named_after(desk) + TICK_MS == 1500
    assert (desk.guard.fault, desk.guard.fault_zone, desk.guard.suspect) == (fault, 1, faults.OK)


def test_a_plain_name_is_latched_at_once_and_takes_the_place_of_a_suspect():
    desk = Desk("independent")
    desk.guard.trip(faults.OVER_PRESSURE, 1)
    desk.run(500)
    desk.guard.trip(faults.SENSOR_LOW, 2)
    assert (desk.guard.fault, desk.guard.fault_zone, desk.guard.suspect) == (faults.SENSOR_LOW, 2, faults.OK)
    desk.run(3000)
    assert desk.guard.fault == faults.SENSOR_LOW


def test_a_second_suspect_neither_takes_the_name_nor_the_time_of_the_first():
    desk = Desk("independent")
    desk.guard.trip(faults.OVER_PRESSURE, 1)
    desk.run(1000)
    desk.guard.trip(faults.ABSOLUTE_PRESSURE, 2)
    assert named_after(desk) == 500
    assert (desk.guard.fault, desk.guard.fault_zone) == (faults.OVER_PRESSURE, 1)


def test_a_suspect_of_another_day_has_its_whole_time_again():
    desk = Desk("independent")
    for _ in range(2):
        desk.guard.trip(faults.OVER_PRESSURE, 1)
        assert named_after(desk) == 1500
        assert desk.guard.clear()


@ALL
@pytest.mark.parametrize("suspect", (faults.SENSOR_FROZEN, faults.NO_ANSWER))
@pytest.mark.parametrize(
    "at_mmhg, falls_by, fault",
    (
        (60.0, 1.2, faults.SENSOR_FROZEN), (60.0, 1.8, faults.WILL_NOT_VENT), (60.0, -1.8, faults.WILL_NOT_VENT),
        (60.0, 3.8, faults.NO_ANSWER), (15.5, 0.0, faults.SENSOR_FROZEN),
        (14.4, 0.0, faults.NO_ANSWER), (0.0, 0.0, faults.NO_ANSWER), (110.0, 100.0, faults.NO_ANSWER),
    ),
)  # fmt: skip
def test_a_pressure_that_moves_with_the_air_was_true_and_one_that_stays_is_frozen(topology, suspect, at_mmhg, falls_by, fault):
    desk = Desk(topology)
    for zone in range(desk.net.n_zones):
        desk.show(zone, at_mmhg)
    desk.tick()
    desk.guard.trip(suspect, 1)
    desk.show(1, at_mmhg - falls_by)
    named_after(desk)
    if topology == "manifold" and fault == faults.WILL_NOT_VENT:
        fault = faults.NO_ANSWER  # the line shows what all zones have
    assert (desk.guard.fault, desk.guard.fault_zone) == (fault, 1)


@pytest.mark.parametrize(
    "suspect, flows, notices, falls_by, fault",
    (
        (faults.SENSOR_FROZEN, True, 0, 40.0, faults.NO_RISE), (faults.SENSOR_FROZEN, False, 0, 40.0, faults.NO_ANSWER),
        (faults.SENSOR_FROZEN, True, 0, 0.0, faults.SENSOR_FROZEN), (faults.NO_ANSWER, True, 0, 40.0, faults.NO_ANSWER),
        (faults.SENSOR_FROZEN, True, faults.PUMP_WEAK, 40.0, faults.NO_ANSWER),
        (faults.SENSOR_FROZEN, True, ~faults.PUMP_WEAK, 40.0, faults.NO_RISE),
    ),
)  # fmt: skip
def test_a_true_pressure_that_did_not_rise_under_a_line_that_showed_the_flow_is_that_zone_s(suspect, flows, notices, falls_by, fault):
    """A seam that bursts or leaks: the pump works (unless it was told as weak), and everything stays off all the same."""
    desk = Desk("zone sensors")
    for zone in range(desk.net.n_zones):
        desk.show(zone, 60.0)
    desk.tick()
    desk.guard.answer.flows, desk.guard.notices = flows, notices
    desk.guard.trip(suspect, 1)
    desk.show(1, 60.0 - falls_by)
    named_after(desk)
    assert (desk.guard.fault, desk.guard.fault_zone) == (fault, 1) and desk.open


def test_of_the_line_it_is_the_line_that_must_fall():
    for falls, fault in ((True, faults.NO_ANSWER), (False, faults.SENSOR_FROZEN)):
        desk = Desk("zone sensors")
        desk.line_mmhg = 60.0
        desk.tick()
        desk.guard.trip(faults.SENSOR_FROZEN)
        desk.line_mmhg = 40.0 if falls else 60.0
        named_after(desk)
        assert desk.guard.fault == fault
    desk = Desk("independent")  # no line to look at
    desk.guard.trip(faults.SENSOR_FROZEN)
    named_after(desk)
    assert desk.guard.fault == faults.NO_ANSWER


def test_a_new_session_forgets_a_suspect():
    desk = Desk("independent")
    desk.guard.trip(faults.OVER_PRESSURE, 1)
    desk.run(500)
    desk.guard.begin()
    desk.run(2000)
    assert not desk.fault


# --- ranks ----------------------------------------------------------------------------------------------------------


@ALL
def test_a_fault_that_asks_for_a_stop_leaves_the_outputs_alone_and_the_first_counts(topology):
    desk, notes = noting(topology)
    desk.hold(60.0)
    desk.run(1000)
    desk.guard.trip(faults.LOOP_OVERRUN)
    desk.guard.trip(faults.NOTHING_LEFT)
    desk.run(200)
    assert desk.guard.stopping == faults.LOOP_OVERRUN and not desk.fault and any(desk.guard.coil) and desk.guard.enable
    assert notes.codes() == [faults.LOOP_OVERRUN]


@ALL
def test_a_zone_is_left_out_for_the_first_reason_and_what_has_no_zone_is_latched(topology):
    desk, notes = noting(topology)
    desk.guard.trip(faults.LEAKS, 1)
    desk.guard.trip(faults.NO_RISE, 1)
    assert desk.guard.left_out[1] == faults.LEAKS and not desk.fault
    assert notes.codes() == [faults.LEAKS] and notes.rows[0][1] == 1
    desk.guard.trip(faults.LEAKS)
    assert desk.guard.fault == faults.LEAKS


def test_what_latches_is_written_down_once_and_waits_to_be_stored():
    desk, notes = noting("independent")
    desk.show(2, 42.0)
    desk.run(100)
    notes.rows.clear()
    assert not desk.guard.changed
    desk.guard.trip(faults.LOOP_STALLED, 2)
    assert desk.guard.changed
    desk.guard.trip(faults.PUMP_TOO_LONG, 1)
    desk.run(100)
    assert notes.rows == [(faults.LOOP_STALLED, 2, 42)]
    desk.guard.changed = False
    desk.show(2, 0.0)
    desk.run(1000)
    assert desk.guard.clear() and desk.guard.changed


def test_without_a_zone_the_highest_pressure_is_written_down():
    desk, notes = noting("independent")
    desk.show(1, 33.0)
    desk.run(100)
    desk.guard.trip(faults.LOOP_STALLED)
    assert notes.rows == [(faults.LOOP_STALLED, NONE, 33)]


def test_a_notice_is_written_down_once_a_session_and_needs_no_journal():
    desk, notes = noting("independent")
    for _ in range(3):
        desk.guard.notice(faults.LEAKING, 2)
    desk.guard.notice(faults.VENT_SLOW)
    assert desk.guard.notices == faults.LEAKING | faults.VENT_SLOW
    assert [row[:2] for row in notes.rows] == [(69, 2), (70, NONE)]
    desk.guard.begin()
    desk.guard.notice(faults.LEAKING, 2)
    assert notes.codes() == [69, 70, 69]
    silent = Desk("independent")
    silent.guard.notice(faults.LEAKING, 1)
    silent.guard.trip(faults.LOOP_STALLED)
    silent.run(100)
    assert silent.guard.notices == faults.LEAKING


@OWN_SENSORS
def test_each_intervention_is_written_down_as_it_begins_and_routine_is_not(topology):
    desk, notes = noting(topology)
    desk.hold(60.0)
    desk.fill(0)  # the pump waits for its path: routine
    desk.run(100)
    assert notes.rows == []
    desk.hold(60.0)
    for zone in range(desk.net.n_zones):
        desk.show(zone, 60.0)
    desk.run(1000)
    desk.show(1, 76.0)
    desk.run(40)
    place = WHY_RELIEF.bit_length() - 1
    assert (96 + place, 1, 76) in notes.rows and notes.codes().count(96 + place) == 1
    notes.rows.clear()
    desk.show(1, 60.0)
    desk.run(1000)
    desk.hand = True
    desk.run(200)
    assert notes.codes() == [96 + WHY_HAND.bit_length() - 1]
    desk.hand = False
    desk.run(200)
    desk.hand = True
    desk.run(200)
    assert len(notes.rows) == 2


# --- time -----------------------------------------------------------------------------------------------------------


def test_a_pump_that_pauses_begins_its_time_anew():
    desk = Desk("independent")
    for name in ("_fill_limit_ms", "_fill_limit_ul"):
        setattr(desk.guard.zones, name, [1 << 60] * desk.net.n_zones)
    rising = 0
    for _ in range(3):
        desk.fill(0, 100.0)
        for _ in range(3000):
            rising += 1
            desk.show(0, 14.0 - rising % 10)
            desk.tick()
        desk.vent()
        desk.run(100)
    assert not desk.fault


@OWN_SENSORS
def test_a_relief_ends_with_the_session(topology):
    desk = Desk(topology)
    desk.hold(60.0)
    desk.show(1, 60.0)
    desk.run(1000)
    desk.show(1, 76.0)
    desk.run(20)
    assert desk.guard.zones.relief_zone == 1
    desk.active = False
    desk.vent()
    desk.run(20)
    assert desk.guard.zones.relief_zone == NONE


def test_a_new_session_begins_the_hour_the_pump_s_time_the_line_s_counts_and_the_slack_anew():
    desk = Desk("manifold")
    desk.guard.session_ms = 3_000_000
    ceiling = desk.net.board.ceiling_mmhg()
    for _ in range(2):
        desk.line_mmhg = ceiling + 30.0
        desk.drive.pump_still_ms = 0
        desk.tick()
        desk.line_mmhg = 0.0
        desk.run(1000)
    desk.look(0)
    desk.line_mmhg = 30.0
    desk.run(1000)
    assert desk.guard.answer.unfolded[0]
    desk.guard.begin()
    assert desk.guard.session_ms == 0 and not any(desk.guard.answer.unfolded)
    desk.vent()
    desk.line_mmhg = ceiling + 30.0
    desk.drive.pump_still_ms = 0
    desk.tick()
    desk.line_mmhg = 0.0
    desk.run(3000)
    assert not desk.fault, "two that were, and one: no third time"


def test_a_fault_that_is_cleared_begins_every_count_anew():
    desk = Desk("independent")
    desk.guard.session_ms = 3_000_000
    desk.guard.trip(faults.LOOP_STALLED)
    desk.run(100)
    assert desk.guard.clear() and desk.guard.session_ms == 0


# --- what still shows when all is off -------------------------------------------------------------------------------


def shown_at_the_end(topology: str, mmhg: float, *, old: bool = True, creeps: float = 0.0, active: bool = True, zone: int = 1) -> Desk:
    """Everything is off in a session for a little more than three vent times."""
    desk = Desk(topology)
    most_ms = max(10_000, 3 * desk.guard.vent_ms)
    if old:
        desk.guard.session_ms = most_ms + 1000
    desk.show(zone, mmhg)
    ticks = (most_ms + 200) // TICK_MS
    for tick in range(ticks):
        desk.active = active and (old or tick > ticks - 50)
        desk.show(zone, mmhg + creeps * (1 - tick / ticks))
        desk.tick()
    return desk


def test_a_sensor_that_shows_8_mmhg_when_the_air_is_out_is_stuck():
    assert shown_at_the_end("independent", 9.0).fault == faults.SENSOR_STUCK
    assert not shown_at_the_end("independent", 7.0).fault
    assert not shown_at_the_end("independent", 9.0, creeps=4.0).fault, "it still falls: air is leaving"
    assert shown_at_the_end("independent", 9.0, creeps=1.0).fault == faults.SENSOR_STUCK
    assert not shown_at_the_end("independent", 9.0, old=False).fault, "a session that has just begun takes its zeros first"
    assert not shown_at_the_end("independent", 9.0, active=False).fault
    assert shown_at_the_end("independent", 16.0).fault == faults.WILL_NOT_VENT


@pytest.mark.parametrize(
    "topology, before_mmhg, fault",
    (
        ("manifold", 40.0, faults.WILL_NOT_VENT), ("manifold", 12.5, faults.WILL_NOT_VENT), ("manifold", 11.5, faults.SENSOR_STUCK),
        ("manifold", 0.0, faults.WILL_NOT_VENT), ("independent", 40.0, faults.SENSOR_STUCK),
    ),
)  # fmt: skip
def test_where_the_line_alone_shows_it_a_reading_that_moved_as_everything_opened_is_true_and_the_air_stays(topology, before_mmhg, fault):
    desk = Desk(topology)
    most_ms = max(10_000, 3 * desk.guard.vent_ms)
    desk.guard.session_ms = most_ms + 1000
    desk.hold(60.0)
    desk.line_mmhg = before_mmhg
    desk.run(1000)
    assert any(desk.guard.coil) and not desk.fault
    desk.vent()
    desk.show(1, 9.0)
    desk.line_mmhg = 9.0
    desk.run(most_ms + 200)
    assert desk.fault == fault


@pytest.mark.parametrize("line_mmhg, fault", ((5.9, faults.SENSOR_STUCK), (6.1, faults.WILL_NOT_VENT), (11.9, faults.WILL_NOT_VENT)))
def test_what_the_line_shows_too_with_everything_open_is_true_and_the_air_stays(line_mmhg, fault):
    """Four zones and their line all showed 13 mmHg behind a way out that was shut: that was told as one sensor's."""
    desk = Desk("zone sensors")
    most_ms = max(10_000, 3 * desk.guard.vent_ms)
    desk.guard.session_ms = most_ms + 1000
    desk.vent()
    desk.show(1, 9.0)
    desk.line_mmhg = line_mmhg
    desk.run(most_ms + 1800)
    assert desk.guard.fault == fault


@OWN_SENSORS
@pytest.mark.parametrize(
    "from_mmhg, to_mmhg, fault",
    (
        (9.0, 7.6, faults.PUMP_RUNS_ON), (9.0, 8.1, faults.SENSOR_STUCK),
        (16.0, 13.6, faults.PUMP_RUNS_ON), (16.0, 14.3, faults.WILL_NOT_VENT), (20.0, 17.0, faults.PUMP_RUNS_ON),
    ),
)  # fmt: skip
def test_what_stays_until_the_12_v_is_off_and_then_falls_by_an_eighth_was_pumped(topology, from_mmhg, to_mmhg, fault):
    desk = shown_at_the_end(topology, from_mmhg)
    assert desk.open and not desk.guard.enable and not desk.guard.fault
    desk.show(1, to_mmhg)
    desk.run(1500)
    assert (desk.guard.fault, desk.guard.fault_zone) == (fault, 1)


@ALL
def test_what_is_looked_at_in_a_vent_begins_anew_with_every_coil(topology):
    desk = Desk(topology)
    desk.active = False
    most_ms = max(10_000, 3 * desk.guard.vent_ms)
    for zone in range(desk.net.n_zones):
        desk.show(zone, 15.5)
    desk.run(most_ms - 100)
    desk.hold(20.0)
    desk.run(20)
    desk.vent()
    desk.run(most_ms - 100)
    assert not desk.fault
    desk.run(200)
    assert desk.fault == faults.WILL_NOT_VENT


@pytest.mark.parametrize("fault", (faults.SUPPLY_DIP, faults.VALVE_STUCK_OPEN, faults.LEAKS))
def test_while_a_person_is_asked_to_pull_the_12_v_what_that_looks_like_is_no_fault(fault):
    for expected in (False, True):
        guard = Desk("independent").guard
        guard.cut_expected = expected
        guard.trip(fault, 1)
        assert bool(guard.fault or guard.stopping or guard.left_out[1]) is not expected


@pytest.mark.parametrize("fault", (faults.ABSOLUTE_PRESSURE, faults.SENSOR_LOW, faults.PUMP_TOO_LONG, faults.WILL_NOT_VENT))
def test_and_everything_else_still_is(fault):
    guard = Desk("independent").guard
    guard.cut_expected = True
    guard.trip(fault, 1)
    assert guard.fault or guard.suspect
