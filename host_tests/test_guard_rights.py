"""Who may go on: a hand on the button, the 12 V, latched faults, broken sensors, zones that are left out. At the desk."""

from __future__ import annotations

import pytest

from host_tests.guard_desk import ALL, Desk, holding
from peristal.core import faults
from peristal.core.reasons import WHY_FAULT, WHY_HAND, WHY_LEFT_OUT
from peristal.core.units import NONE


@ALL
def test_a_hand_on_the_button_opens_everything(topology):
    desk = holding(topology)
    desk.hand = True
    desk.tick()
    assert desk.open and desk.guard.reasons & WHY_HAND and desk.guard.enable
    desk.hand = False
    desk.run(200)
    assert any(desk.guard.coil)


@ALL
def test_the_12_v_are_on_only_in_a_session_without_a_fault(topology):
    desk = holding(topology)
    assert desk.guard.enable
    desk.active = False
    desk.tick()
    assert not desk.guard.enable
    desk.active = True
    desk.guard.trip(faults.LOOP_STALLED)
    desk.tick()
    assert desk.open and not desk.guard.enable and desk.guard.reasons & WHY_FAULT


@ALL
def test_the_12_v_go_with_everything_that_opens_above_130_mmhg_and_come_back_with_it(topology):
    """A pump that does not stop would go on driving what cannot get out, for as long as nothing is latched."""
    desk = holding(topology)
    desk.show(0, 135.0)
    tripped = 0
    for _ in range(15):
        desk.tick()
        tripped += desk.open
        assert desk.guard.enable is not desk.open
    assert tripped > 2 and not desk.fault
    for zone in range(desk.net.n_zones):
        desk.show(zone, 60.0)
    while desk.open:  # one line has to speak for all zones of the leg first
        assert desk.now_ms < 8000 and not desk.guard.enable
        desk.tick()
    assert desk.guard.enable and not desk.fault


@ALL
def test_a_latched_fault_keeps_its_name_and_goes_only_when_vented_with_healthy_sensors(topology):
    desk = holding(topology)
    desk.guard.trip(faults.LOOP_STALLED, 1)
    desk.guard.trip(faults.PUMP_TOO_LONG, 2)
    desk.run(100)
    assert (desk.fault, desk.guard.fault_zone) == (faults.LOOP_STALLED, 1)
    assert not desk.guard.clear() and desk.fault
    for zone in range(desk.net.n_zones):
        desk.show(zone, 0.0)
    desk.vent()
    desk.run(30_000)
    desk.sensing.fault[0] = faults.SENSOR_LOW
    assert not desk.guard.clear() and desk.fault
    desk.sensing.fault[0] = faults.OK
    assert desk.guard.clear()
    assert (desk.fault, desk.guard.fault_zone) == (faults.OK, NONE)


@ALL
@pytest.mark.parametrize("shown, fault", ((-60.0, faults.SENSOR_LOW), (320.0, faults.SENSOR_HIGH)))
def test_an_open_or_shorted_sensor_latches_in_a_session_and_while_anything_is_pressed(topology, shown, fault):
    desk = Desk(topology)
    desk.active = False
    desk.show(0, shown)
    desk.run(100)
    assert not desk.fault  # nobody is in it
    desk.active = True
    desk.tick()
    assert (desk.fault, desk.guard.fault_zone) == (fault, NONE if topology == "manifold" else 0)
    desk = holding(topology)
    desk.active = False
    desk.show(0, shown)
    desk.run(100)
    assert desk.fault == fault


@ALL
def test_a_sensor_that_is_not_read_for_400_ms_latches(topology):
    desk = holding(topology)
    desk.unread = {desk.net.n_sensors - 1}
    took_ms = desk.until_fault(1000)
    assert desk.fault == faults.SENSOR_STALE
    assert 400 <= took_ms <= 440


@ALL
def test_a_zone_that_is_left_out_gets_no_air_and_with_the_last_one_the_session_ends(topology):
    desk = holding(topology)
    desk.guard.leave_out(0, faults.NO_RISE)
    desk.fill(0)
    desk.line_mmhg = desk.zone_mmhg[0]
    desk.run(400)
    assert desk.guard.pump_permille == 0 and desk.guard.reasons & WHY_LEFT_OUT
    assert desk.guard.notices & faults.ZONE_LEFT_OUT and not desk.guard.stopping
    for zone in range(desk.net.n_zones):
        desk.guard.trip(faults.LEAKS, zone)
    assert desk.guard.stopping == faults.NOTHING_LEFT and not desk.fault
    assert desk.guard.left_out[0] == faults.NO_RISE  # the first reason stays
    desk.guard.begin()
    assert not any(desk.guard.left_out) and not desk.guard.stopping and not desk.guard.notices


def test_faults_that_do_not_vent_are_these_alone():
    assert {number for number in range(1, faults.FIRST_NOTICE) if faults.rank(number) == faults.SKIP} == {faults.NO_RISE, faults.LEAKS}
    stopping = {number for number in range(1, faults.FIRST_NOTICE) if faults.rank(number) == faults.STOP}
    assert stopping == {faults.LOOP_OVERRUN, faults.NOTHING_LEFT}
    assert {faults.rank(number) for number in range(faults.FIRST_NOTICE, 94)} == {faults.NOTICE}


def test_every_fault_has_its_own_name_and_words_and_says_what_clears_it():
    numbers = [*range(1, faults.NOTHING_LEFT + 1), *range(faults.FIRST_NOTICE, faults.FIRST_NOTICE + 16)]
    assert len({faults.name(number) for number in numbers}) == len({faults.words(number) for number in numbers}) == len(numbers)
    assert faults.name(faults.OVER_PRESSURE) == "over-pressure" and faults.name(faults.PUMP_RUNS_ON) == "pump runs on"
    with pytest.raises(KeyError, match="fault 63 is not in the table"):
        faults.name(63)
    for number in numbers:
        by_hand = faults.rank(number) == faults.VENT
        assert faults.cleared_by(number) == ("the button, with healthy sensors" if by_hand else "the next session")
    assert faults.line(faults.LEAKS, 2).startswith("fault 21 leak zone 3: A zone loses its air")
    assert faults.line(faults.SUPPLY_DIP, NONE).startswith("fault 26 supply dip: The 12 V")


def test_a_power_cut_that_a_person_was_asked_for_is_no_fault_and_anything_else_is():
    """A step of the bring-up waits until the builder pulls the 12 V: they dip, and every valve lets go."""
    shows = (faults.SUPPLY_DIP, faults.VALVE_STUCK_OPEN, faults.LEAKS)
    for fault in (*shows, faults.NO_RISE, faults.LOOP_OVERRUN, faults.PUMP_TOO_LONG, faults.OVER_PRESSURE):
        for expected in (True, False):
            desk = Desk("independent")
            desk.guard.cut_expected = expected
            desk.guard.trip(fault, 1)
            seen = desk.fault or desk.guard.stopping or desk.guard.left_out[1]
            assert seen == (faults.OK if expected and fault in shows else fault), faults.name(fault)


@pytest.mark.parametrize("active", (True, False))
def test_what_wears_is_measured_in_a_session_alone_and_its_hour_counted(active):
    desk = Desk("independent")
    measured = []
    desk.guard.leaks.tick = lambda elapsed_ms, wish: measured.append(elapsed_ms)
    desk.guard.trends.tick = lambda elapsed_ms, wish: measured.append(elapsed_ms)
    desk.active = active
    desk.run(60)
    assert measured == ([20] * 6 if active else []) and desk.guard.session_ms == sum(measured) // 2
