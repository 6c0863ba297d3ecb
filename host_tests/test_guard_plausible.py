"""What readings cannot do when parts are whole: each part that is named, and what a healthy pair does that looks like it."""

from __future__ import annotations

import pytest

from host_tests.guard_desk import ALL, MANIFOLDS, OWN_SENSORS, TICK_MS, Desk
from peristal.core import faults
from peristal.core.units import NONE, pa


def holding(topology: str, mmhg: float = 60.0, line_mmhg: float | None = None, looked: bool = False) -> Desk:
    """Every zone is shut at this pressure, and the line has what was left in it; or zone 1 is open to it (`looked`)."""
    desk = Desk(topology)
    desk.look(0, mmhg) if looked else desk.hold(mmhg)
    desk.zone_mmhg = [mmhg] * desk.net.n_zones
    desk.line_mmhg = mmhg if line_mmhg is None else line_mmhg
    return desk.run(2000)


def ready_to_swing(topology: str) -> Desk:
    """Far from every other limit."""
    desk = holding(topology, 60.0, 60.0, looked=topology == "manifold")
    for zone in range(desk.net.n_zones):
        desk.wish.target_pa[zone] = pa(100)
    return desk.run(100)


# --- a sensor that shows the very same value, or swings --------------------------------------------------------------


@ALL
def test_the_very_same_reading_for_100_times_is_a_stuck_sensor(topology):
    for sensor in (0, -1):
        desk = holding(topology)
        sensor %= desk.net.n_sensors
        desk.noiseless = {sensor}
        desk.run(99 * TICK_MS)
        assert not desk.fault
        desk.noiseless = set()
        desk.run(40)
        desk.noiseless = {sensor}
        assert 100 * TICK_MS <= desk.until_fault(3000) <= 103 * TICK_MS
        assert (desk.fault, desk.guard.fault_zone) == (faults.SENSOR_STUCK, desk.net.zone_of(sensor))


@OWN_SENSORS
def test_only_readings_count_not_the_time_between_them(topology):
    desk = holding(topology)
    sensor = desk.net.zone_sensor[1]
    desk.noiseless = {sensor}
    for _ in range(99):
        desk.unread = {sensor}
        desk.run(3 * TICK_MS)
        desk.unread = set()
        desk.tick()
    assert not desk.fault


def swinging(desk: Desk, by_mmhg: float, times: int, apart_ms: int = 100, zone: int = 1) -> int:
    """So many jumps up and down; how many it took to a fault."""
    for number in range(1, times + 1):
        mmhg = 60.0 + (by_mmhg if number % 2 else 0.0)
        if desk.net.zone_sensor[zone] == NONE:
            desk.line_mmhg = mmhg
        else:
            desk.zone_mmhg[zone] = mmhg
        desk.run(apart_ms)
        if desk.guard.fault:
            return number
    return 0


@ALL
def test_five_jumps_to_and_fro_are_a_loose_contact(topology):
    desk = ready_to_swing(topology)
    assert swinging(desk, -30.0, 8) == 5
    assert desk.fault == faults.SENSOR_JUMPS
    assert desk.guard.fault_zone == (NONE if topology == "manifold" else 1)


@OWN_SENSORS
def test_a_limb_s_20_mmhg_slow_swings_and_one_way_are_no_loose_contact(topology):
    for by_mmhg, apart_ms in ((24.0, 100), (30.0, 520)):
        desk = ready_to_swing(topology)
        assert not swinging(desk, by_mmhg, 12, apart_ms) and not desk.fault
    desk = ready_to_swing(topology)
    for mmhg in (0.0, 28.0, 56.0, 84.0, 112.0):
        desk.zone_mmhg[1] = mmhg
        desk.run(200)
    assert not desk.fault


@OWN_SENSORS
def test_jumps_that_pause_begin_anew(topology):
    desk = ready_to_swing(topology)
    for _ in range(4):
        assert not swinging(desk, 30.0, 4)
        desk.run(600)
    assert not desk.fault


@pytest.mark.parametrize("switched", (True, False))
def test_the_line_may_jump_for_200_ms_after_a_coil_or_the_pump_was_switched(switched):
    desk = ready_to_swing("manifold")
    for number in range(20):
        if switched:
            desk.wish.coil[desk.net.fill_valve[1]] ^= 1
        desk.line_mmhg = 60.0 if number % 2 else 90.0
        desk.run(100)
    assert (desk.fault == faults.SENSOR_JUMPS) is not switched


@ALL
def test_a_sensor_that_begins_to_swing_is_known_before_it_is_a_fault(topology):
    desk = ready_to_swing(topology)
    plausible = desk.guard.plausible
    assert not plausible.swings(1)
    swinging(desk, 30.0, 1)
    assert plausible.swings(1) == 1
    swinging(desk, 30.0, 2)
    assert plausible.swings(1) == 2
    assert plausible.swings(NONE) == (2 if topology == "manifold" else 0), "that is the line's"
    if topology != "manifold":
        assert not plausible.swings(0)
    desk.run(600)
    assert not plausible.swings(1)


# --- two sensors of the same air ------------------------------------------------------------------------------------


def looked_at(line_mmhg: float, zone_mmhg: float, others_mmhg: float = 60.0) -> Desk:
    """Zone 1 alone is open to the still line."""
    desk = holding("zone sensors")
    desk.zone_mmhg = [others_mmhg] * desk.net.n_zones
    desk.zone_mmhg[0] = zone_mmhg
    desk.line_mmhg = zone_mmhg
    desk.look(0)
    desk.run(1000)
    assert not desk.fault
    desk.line_mmhg = line_mmhg
    return desk


@pytest.mark.parametrize("sign", (1, -1))
@pytest.mark.parametrize("zone_mmhg, allowed", ((60.0, 11.7), (20.0, 9.2)))
def test_zone_and_line_differ_by_8_mmhg_and_a_sixteenth_at_most(sign, zone_mmhg, allowed):
    desk = looked_at(zone_mmhg + sign * (allowed - 0.8), zone_mmhg)
    desk.run(2000)
    assert not desk.fault
    desk.line_mmhg = zone_mmhg + sign * (allowed + 0.8)
    # A line that is higher is watched for longer: a pump that runs on would lift the zone.
    assert desk.until_fault(1000) == (140 if sign < 0 else 420)
    assert (desk.fault, desk.guard.fault_zone) == (faults.SENSORS_DISAGREE, 0)


@pytest.mark.parametrize("rise_mmhg, fault", ((0.8, faults.SENSORS_DISAGREE), (1.0, faults.PUMP_RUNS_ON)))
def test_a_zone_that_rises_under_a_higher_line_is_pumped(rise_mmhg, fault):
    """Not in the first 200 ms, in which a pump still coasts."""
    desk = looked_at(60.0, 60.0)
    desk.run(1000)
    desk.line_mmhg = 90.0
    desk.run(100)
    desk.show(0, 62.0)
    desk.run(120)
    desk.show(0, 62.0 + rise_mmhg)
    assert desk.until_fault(1000) == 200
    assert desk.fault == fault


def test_a_difference_must_last_and_the_air_must_be_the_same():
    desk = looked_at(80.0, 60.0)
    for _ in range(10):
        desk.run(120)
        desk.line_mmhg = 60.0
        desk.tick()
        desk.line_mmhg = 80.0
    assert not desk.fault
    for change in ("another is open too", "it has only just opened", "it was not read"):
        desk = looked_at(60.0, 60.0)
        if change == "another is open too":
            desk.wish.coil[desk.net.fill_valve[1]] = 0
            desk.run(400)
        elif change == "it has only just opened":
            desk.hold(60.0)
            desk.run(1000)
            desk.look(0)
            desk.tick()
        else:
            desk.unread = {desk.net.zone_sensor[0]}
        desk.line_mmhg = 72.5
        desk.run(180)
        assert not desk.fault, change


@pytest.mark.parametrize(
    "line_mmhg, zone_mmhg, fault",
    ((66.0, 7.0, faults.VALVE_STUCK_CLOSED), (56.0, 6.0, faults.SENSORS_DISAGREE), (66.0, 10.0, faults.SENSORS_DISAGREE)),
)
def test_a_full_line_over_an_empty_zone_is_a_valve_that_stays_shut(line_mmhg, zone_mmhg, fault):
    desk = looked_at(line_mmhg, zone_mmhg)
    desk.until_fault(1000)
    assert (desk.fault, desk.guard.fault_zone) == (fault, 0)


# --- the 12 V fail --------------------------------------------------------------------------------------------------


def falling(desk: Desk, by_mmhg: float, periods: int, *zones: int) -> Desk:
    """These zones (all by default) lose so much in each 600 ms."""
    for _ in range(periods * 30):
        for zone in zones or range(desk.net.n_zones):
            desk.zone_mmhg[zone] -= by_mmhg / 30
        desk.tick()
    return desk


@OWN_SENSORS
def test_zones_that_lose_their_air_all_together_have_lost_their_12_v(topology):
    """2 mmHg and a 32nd of the reading in three periods in a row: from 90 mmHg 4.8."""
    for by_mmhg, periods, fault in ((16.0, 2, 0), (4.0, 6, 0), (6.0, 4, faults.SUPPLY_DIP)):
        desk = falling(holding(topology, 90.0), by_mmhg, periods)
        assert desk.fault == fault, by_mmhg


@OWN_SENSORS
def test_one_period_says_nothing(topology):
    desk = holding(topology, 100.0)
    for _ in range(3):
        falling(desk, 20.0, 1)
        desk.run(1300)
    assert not desk.fault


@OWN_SENSORS
def test_a_zone_that_keeps_its_pressure_clears_the_supply(topology):
    desk = holding(topology, 90.0)
    assert falling(desk, 16.0, 3, *range(1, desk.net.n_zones)).fault != faults.SUPPLY_DIP
    desk = Desk(topology)
    desk.hold(90.0)
    desk.zone_mmhg = [90.0, *[5.0] * (desk.net.n_zones - 1)]
    desk.run(1300)
    assert falling(desk, 16.0, 3, 0).fault != faults.SUPPLY_DIP, "a single zone may leak"


def test_what_neighbours_feel_of_a_release_is_no_dip():
    desk = holding("independent", 90.0)
    desk.wish.target_pa[0] = 0
    desk.wish.coil[desk.net.exhaust_valve[0]] = 0
    assert not falling(desk, 16.0, 3).fault


def test_a_zone_that_is_open_and_empty_hides_no_dip_of_the_others():
    desk = holding("independent", 90.0)
    desk.wish.target_pa[0] = 0
    desk.wish.coil[desk.net.exhaust_valve[0]] = 0
    desk.zone_mmhg[0] = 4.0
    desk.run(1300)
    assert falling(desk, 16.0, 3, *range(1, desk.net.n_zones)).fault == faults.SUPPLY_DIP


def test_the_supply_is_judged_only_in_a_session_and_not_across_a_late_tick():
    desk = holding("independent", 90.0)
    desk.active = False
    assert not falling(desk, 16.0, 4).fault
    desk = holding("independent", 110.0)
    for _ in range(4):
        falling(desk, 18.0, 1)
        desk.guard.tick(60, desk.wish, True, False)  # the enable may have let go meanwhile
    assert desk.fault != faults.SUPPLY_DIP


# --- a shut line ----------------------------------------------------------------------------------------------------


def shut(topology: str, line_mmhg: float) -> Desk:
    """Every valve is shut, and the line keeps this."""
    desk = holding(topology, 60.0, line_mmhg)
    assert not desk.fault
    return desk


@MANIFOLDS
@pytest.mark.parametrize(
    "to_mmhg, then_falls, fault",
    (
        (60.0, 0.0, faults.VALVE_STUCK_OPEN),  # one zone's valve: the line shows that zone
        (0.0, 0.0, faults.VALVE_STUCK_OPEN),  # the vent
        (60.0, 20.0, faults.SUPPLY_DIP),  # all of them
        (60.0, 0.6, faults.VALVE_STUCK_OPEN),
        (6.0, 6.0, faults.VALVE_STUCK_OPEN),  # it falls, but is empty
    ),
)
def test_what_moves_a_shut_line_is_a_valve_that_opened_by_itself(topology, to_mmhg, then_falls, fault):
    desk = shut(topology, 90.0)
    desk.line_mmhg = to_mmhg
    desk.run(120)
    assert not desk.fault
    for _ in range(25):
        desk.line_mmhg -= then_falls / 25
        desk.tick()
    assert (desk.fault, desk.guard.fault_zone) == (fault, NONE)


@MANIFOLDS
@pytest.mark.parametrize("above_mmhg, fault", ((23.5, faults.VALVE_STUCK_OPEN), (26.5, faults.PUMP_RUNS_ON)))
def test_a_shut_line_that_rises_above_what_a_limb_can_press_into_any_zone_is_pumped(topology, above_mmhg, fault):
    desk = shut(topology, 20.0)
    for zone in range(desk.net.n_zones):
        if topology != "manifold":
            desk.show(zone, 60.0)
        desk.guard.levels.level_pa[zone] = pa(60)
    desk.run(500)
    desk.line_mmhg = 60.0 + above_mmhg
    desk.run(700)
    assert desk.fault == fault


@MANIFOLDS
@pytest.mark.parametrize("by_mmhg, moves", ((6.5, False), (9.5, True), (-6.5, False), (-9.5, True)))
def test_a_shut_line_may_move_by_8_mmhg_in_100_ms(topology, by_mmhg, moves):
    desk = shut(topology, 60.0)
    desk.guard.levels.level_pa[0] = pa(60)
    for _ in range(3):
        desk.line_mmhg += by_mmhg
        desk.run(520)
    assert bool(desk.fault) is moves


@MANIFOLDS
def test_a_line_that_leaks_slowly_is_no_valve(topology):
    desk = shut(topology, 120.0)
    for _ in range(200):
        desk.line_mmhg = max(0.0, desk.line_mmhg - 1.2)  # 60 mmHg in a second
        desk.tick()
    assert not desk.fault


@MANIFOLDS
def test_a_line_that_is_open_vented_or_just_switched_may_move(topology):
    for what in ("a zone is open", "the vent is open", "just switched"):
        desk = shut(topology, 90.0)
        if what == "a zone is open":
            desk.look(0)
            desk.zone_mmhg = [90.0] * desk.net.n_zones
        elif what == "the vent is open":
            desk.wish.coil[desk.net.vent_valve] = 0
        desk.run(400)
        for number in range(8):
            if what == "just switched":
                desk.wish.coil[desk.net.fill_valve[0]] ^= 1
                desk.run(20)
                desk.wish.coil[desk.net.fill_valve[0]] ^= 1
                desk.run(160)
            desk.line_mmhg = 90.0 - 9.0 * number if what == "just switched" else 75.0 if number % 2 else 90.0
            if topology == "zone sensors" and what == "a zone is open":
                desk.zone_mmhg[0] = desk.line_mmhg
            desk.run(200)
        assert not desk.fault, what


@MANIFOLDS
def test_an_opening_that_was_meant_after_all_is_forgotten(topology):
    """The line moved, and within the next 400 ms it is vented: nothing was found."""
    desk = shut(topology, 90.0)
    desk.line_mmhg = 60.0
    desk.run(240)
    desk.vent()
    desk.line_mmhg = 0.0
    desk.zone_mmhg = [0.0] * desk.net.n_zones
    desk.run(3000)
    assert not desk.fault


@OWN_SENSORS
@pytest.mark.parametrize("sinking", (True, False))
def test_a_zone_that_does_not_rise_while_the_others_sink_has_no_12_v(topology, sinking):
    """Nothing drives the pump and nothing holds the valves; alone it is that zone."""
    desk = Desk(topology)
    desk.hold(60.0)
    for zone in range(desk.net.n_zones):
        desk.show(zone, 60.0)
    desk.zone_mmhg[0] = 20.0
    desk.run(1200)
    desk.fill(0)
    while not (desk.fault or desk.guard.left_out[0]):
        desk.line_mmhg = 30.0
        if sinking and desk.drive.pump_permille:
            for zone in range(1, desk.net.n_zones):
                desk.zone_mmhg[zone] *= 0.993  # slower than the falls that tell by themselves
        desk.tick()
        assert desk.now_ms < 60_000
    assert (desk.fault == faults.SUPPLY_DIP) is sinking
