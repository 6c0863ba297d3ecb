"""The guard's eye on the line, at the desk: too high, higher than the flow explains, and a pump that something else drives."""

from __future__ import annotations

import pytest

from host_tests.guard_desk import MANIFOLDS, TICK_MS, Desk
from peristal.core import faults, model
from peristal.core.answer import SURE
from peristal.core.leaks import HELD
from peristal.core.reasons import WHY_FLOW, WHY_TRIP
from peristal.core.units import pa
from tools.simulator import boards

ONE_MMHG_PA = 133.322


def declared_mmhg(desk: Desk, zone: int = 0, at_mmhg: float = 75.0) -> float:
    """How much higher than the zone the line reads at full flow."""
    net, pump = desk.net, desk.net.board.pump
    c = net.valves[net.fill_valve[zone]].c_ml_s_bar
    return model.drop_pa(c, pump.flow_ml_min // 60, pa(pump.stall_mmhg), round(at_mmhg * ONE_MMHG_PA)) / ONE_MMHG_PA


def most_drop_mmhg(desk: Desk, zone: int = 0, at_mmhg: float = 75.0) -> float:
    """How much higher it may read: a quarter more than the declared parts drop."""
    return 1.25 * declared_mmhg(desk, zone, at_mmhg)


def over_mmhg(desk: Desk, zone: int = 0, share: float = 1.0) -> float:
    """15 mmHg over the target and 5 for the sensor, less what a pump that coasts still brings into a full chamber."""
    pump, volume_ml = desk.net.board.pump, desk.net.zones[zone].volume_ml
    flow_ml_s = pump.flow_ml_min / 60 * (1 - 90 / pump.stall_mmhg)
    mmhg_per_ml = 10 / (model.air_ml(volume_ml, pa(100)) - model.air_ml(volume_ml, pa(90)))
    return 20 - share * flow_ml_s * (pump.coast_ms / 2 + TICK_MS) / 1000 * mmhg_per_ml


def flowing(topology: str = "manifold", mmhg: float = 60.0, drop_mmhg: float = 65.0, permille: int = 1000, ms: int = 1000) -> Desk:
    """Zone 1 takes up its slack, towards 60 mmHg; while the pump runs the line is so much higher than the zone."""
    desk = Desk(topology)
    desk.guard.answer.unfolded[0] = SURE  # it was seen already: nothing interrupts the drive
    desk.fill(0, mmhg, permille)
    for tick in range(ms // TICK_MS):
        desk.show(0, 2.0 + tick / 10)
        driven = desk.drive.pump_permille
        desk.line_mmhg = 2.0 + tick / 10 + (drop_mmhg * min(1.0, driven / permille) ** 2 if driven else 0.0)
        desk.tick()
    assert desk.drive.pump_permille == permille and not desk.fault and not desk.guard.reasons & WHY_FLOW
    return desk


# --- higher than the flow explains ------------------------------------------------------------------------------------


@pytest.mark.parametrize("beyond_mmhg, stops", ((-4.0, False), (4.0, True)))
def test_what_the_line_reads_beyond_flow_and_target_is_in_the_zone_and_stops_the_pump(beyond_mmhg, stops):
    desk = flowing()
    desk.line_mmhg = 60.0 + over_mmhg(desk) + most_drop_mmhg(desk) + beyond_mmhg
    desk.run(40)
    assert not desk.guard.reasons & WHY_FLOW
    desk.run(40)
    assert bool(desk.guard.reasons & WHY_FLOW) is stops
    assert bool(desk.guard.pump_permille) is not stops and not desk.fault


def test_the_pump_rests_for_half_a_second_and_a_limb_that_moved_latches_nothing():
    desk = flowing()
    desk.line_mmhg = 60.0 + over_mmhg(desk) + most_drop_mmhg(desk) + 4.0
    while not desk.guard.reasons & WHY_FLOW:
        desk.tick()
    desk.line_mmhg = 40.0
    rested_ms = 0
    while desk.guard.reasons & WHY_FLOW:
        assert not desk.guard.pump_permille
        desk.tick()
        rested_ms += TICK_MS
    assert rested_ms == pytest.approx(500, abs=40)
    desk.run(200)
    assert desk.guard.pump_permille and not desk.fault


def test_a_moment_above_it_is_a_stroke_of_the_pump():
    desk = flowing()
    high = 60.0 + over_mmhg(desk) + most_drop_mmhg(desk) + 4.0
    for _ in range(10):
        desk.line_mmhg = high
        desk.run(40)
        desk.line_mmhg = high - 10.0
        desk.tick()
    assert not desk.guard.reasons & WHY_FLOW and desk.guard.pump_permille


def test_no_target_lifts_it_above_the_cap():
    """A throttled pump: at full flow the line's ceiling comes first."""
    share = (400 - 250) / 750 + 0.2
    for beyond, stops in ((-4.0, False), (4.0, True)):
        desk = flowing(mmhg=118.0, drop_mmhg=8.0, permille=400)
        desk.line_mmhg = 120.0 - 15 + over_mmhg(desk, 0, share * share) + most_drop_mmhg(desk, 0, 120.0) * share * share + beyond
        assert desk.line_mmhg < 140.0
        desk.run(80)
        assert bool(desk.guard.reasons & WHY_FLOW) is stops


def test_valves_so_wide_that_the_flow_drops_nothing_in_them_are_judged_too():
    board = boards.load("esp32_manifold")
    for _, zone in board.zones():
        zone.valve.c_ml_s_bar = 1_000_000
    desk = Desk("manifold", board)
    assert desk.guard.line._drop_pa[0] == 0
    desk.fill(0, 30.0)
    desk.run(400)
    assert desk.guard.pump_permille and not desk.fault


def test_a_throttled_pump_drops_less():
    """Half of its way above the least duty, and a fifth in hand: 0.7 of the flow, 0.49 of the drop."""
    share = (625 - 250) / 750 + 0.2
    desk = flowing(drop_mmhg=30.0, permille=625)
    desk.line_mmhg = 60.0 + over_mmhg(desk, 0, share * share) + most_drop_mmhg(desk) * share * share + 4.0
    desk.run(80)
    assert desk.guard.reasons & WHY_FLOW
    desk = flowing(drop_mmhg=30.0, permille=625)
    desk.line_mmhg = 60.0 + over_mmhg(desk, 0, share * share) + most_drop_mmhg(desk) * share * share - 4.0
    desk.run(80)
    assert not desk.guard.reasons & WHY_FLOW


def test_while_the_pump_slows_down_the_line_may_still_show_its_flow():
    """It runs on for 200 ms: 5 permille of its duty are lost in a millisecond."""
    desk = flowing()
    desk.line_mmhg = 60.0 + over_mmhg(desk) + most_drop_mmhg(desk) - 4.0
    desk.run(100)
    desk.wish.pump_permille = 400
    desk.run(100)
    assert desk.drive.pump_permille == 400 and not desk.guard.reasons & WHY_FLOW
    desk.run(400)
    assert desk.guard.reasons & WHY_FLOW, "400 permille drop much less"


def test_the_drop_of_a_slack_chamber_is_learned_and_holds_for_later_fills():
    """The line jumped by 20 mmHg only: 5 more are allowed from now on, not the declared 60; a firm zone drops less than a slack one."""
    desk = flowing(drop_mmhg=20.0)
    allowed = 60.0 + over_mmhg(desk) + (20.0 + 5) * declared_mmhg(desk) / declared_mmhg(desk, 0, 6.0)
    for _ in range(2):
        desk.line_mmhg = allowed - 4.0
        desk.run(80)
        assert not desk.guard.reasons & WHY_FLOW
        desk.line_mmhg = allowed + 4.0
        desk.run(80)
        assert desk.guard.reasons & WHY_FLOW
        desk.look(0)  # at rest the zone turns out to be firm
        desk.line_mmhg = 40.0
        desk.run(1500)
        desk.fill(0)
        while desk.drive.pump_permille < 1000:
            desk.line_mmhg = 40.0 + 20.0 * (desk.drive.pump_permille / 1000) ** 2
            desk.tick()


def driven_again(desk: Desk, zone_mmhg: float, drop_mmhg: float, ms: int = 900) -> None:
    """Zone 1 is looked at with so much pressure, and then driven once more; it rises by 20 mmHg a second."""
    desk.look(0)
    desk.run(40)
    desk.line_mmhg = zone_mmhg
    desk.run(1500)
    desk.fill(0)
    began_ms = desk.now_ms
    while desk.now_ms - began_ms < ms:
        risen_mmhg = (desk.now_ms - began_ms) / 50
        desk.line_mmhg = zone_mmhg + risen_mmhg + drop_mmhg * (desk.drive.pump_permille / 1000) ** 2
        desk.tick()
    assert desk.drive.pump_permille == 1000 and not desk.guard.reasons & WHY_FLOW


def test_a_small_jump_of_a_firm_zone_holds_for_its_own_drive_alone():
    desk = flowing()
    driven_again(desk, 40.0, 20.0)
    driven_again(desk, 40.0, 45.0)
    desk.line_mmhg = 60.0 + over_mmhg(desk) + most_drop_mmhg(desk) - 4.0
    desk.run(80)
    assert not desk.guard.reasons & WHY_FLOW


@pytest.mark.parametrize("fell_mmhg, allowed_less", ((5.0, False), (20.0, True)))
def test_a_line_that_falls_while_a_blind_zone_is_driven_has_lost_flow_and_is_allowed_less(fell_mmhg, allowed_less):
    """A pump that weakens: a zone that is driven does not fall, so what the line lost the drop has lost."""
    desk = flowing(ms=1500)
    desk.line_mmhg -= fell_mmhg
    desk.run(800)
    desk.line_mmhg = 60.0 + over_mmhg(desk) + most_drop_mmhg(desk) - 5.0
    desk.run(80)
    assert bool(desk.guard.reasons & WHY_FLOW) is allowed_less


def thin(desk):
    """How much more drops at the 27 mmHg that a zone that shows 12 may have than at 60."""
    return 1 + (declared_mmhg(desk, 0, 6.0) / declared_mmhg(desk, 0, 60.0) - 1) * (60 - 27) / 60


def test_the_drop_of_a_slack_zone_is_learned_where_it_has_a_sensor_too():
    for beyond, stops in ((-6.0, False), (6.0, True)):
        desk = flowing("zone sensors", mmhg=45.0, drop_mmhg=40.0)
        desk.zone_mmhg[0] = 12.0
        learned = (40.0 + 5) * declared_mmhg(desk, 0, 60.0) / declared_mmhg(desk, 0, 6.0)
        desk.line_mmhg = 12.0 + 15 + 5 + 1.25 * learned * thin(desk) + beyond
        desk.run(80)
        assert bool(desk.guard.reasons & WHY_FLOW) is stops


def test_a_zone_with_a_sensor_that_shows_too_little_stops_the_pump():
    """15 mmHg over what it shows, and a quarter of the drop for the parts, are the most that the line may have beyond its flow."""
    for beyond, stops in ((-6.0, False), (6.0, True)):
        desk = flowing("zone sensors", mmhg=45.0, drop_mmhg=100.0)
        drop = most_drop_mmhg(desk, 0, 60.0) * thin(desk)
        desk.zone_mmhg[0] = 12.0
        desk.line_mmhg = 12.0 + 15 + 5 + drop * 1.25 + beyond
        desk.run(80)
        assert bool(desk.guard.reasons & WHY_FLOW) is stops


@MANIFOLDS
def test_what_the_line_reads_counts_only_for_the_zone_that_is_driven(topology):
    desk = Desk(topology)
    desk.hold(60.0)
    desk.line_mmhg = 138.0
    desk.run(1000)
    assert not desk.guard.reasons & WHY_FLOW


# --- above its ceiling ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "topology, fault, latch_ms", (("manifold", faults.ABSOLUTE_PRESSURE, 500), ("zone sensors", faults.LINE_PRESSURE, 100))
)
def test_the_line_may_be_20_mmhg_above_its_ceiling_and_what_stays_above_latches(topology, fault, latch_ms):
    """With the pump still it has that from the zone; one with a sensor of its own would show it."""
    desk = Desk(topology)
    desk.fill(0)
    desk.drive.still_ms[desk.net.vent_valve] = 0  # it was open, but not to so much
    ceiling = desk.net.board.ceiling_mmhg()
    desk.line_mmhg = ceiling + 19.0
    desk.run(60)
    assert not desk.guard.reasons & WHY_TRIP
    desk.line_mmhg = ceiling + 21.0
    desk.tick()
    assert desk.open and desk.guard.reasons & WHY_TRIP and not desk.fault
    assert desk.until_fault(600) == latch_ms - 20
    assert desk.fault == fault


@MANIFOLDS
@pytest.mark.parametrize("apart_ms, latches", ((15_000, True), (25_000, False)))
def test_the_third_time_within_20_s_of_the_one_before_latches(topology, apart_ms, latches):
    desk = Desk(topology)
    desk.vent()
    for _ in range(3):
        desk.line_mmhg = desk.net.board.ceiling_mmhg() + 30.0
        desk.drive.pump_still_ms = 0
        desk.tick()
        desk.line_mmhg = 0.0
        desk.run(apart_ms - TICK_MS)
        desk.hold(60.0)  # for a tick: a vent that takes so long has a fault of its own
        desk.tick()
        desk.vent()
    assert desk.fault == (faults.LINE_PRESSURE if latches else faults.OK)


@MANIFOLDS
def test_a_line_that_comes_back_to_its_ceiling_begins_anew(topology):
    desk = flowing(topology)
    ceiling = desk.net.board.ceiling_mmhg()
    for _ in range(2):
        desk.line_mmhg = ceiling + 21.0
        desk.run(80)
        desk.line_mmhg = 0.0
        desk.zone_mmhg = [0.0] * desk.net.n_zones
        desk.vent()
        desk.run(25_000)
    assert not desk.fault


@MANIFOLDS
def test_above_its_ceiling_with_every_valve_shut_and_the_pump_off_something_else_drives_it(topology):
    desk = Desk(topology)
    desk.hold(60.0)
    desk.drive.still_ms[desk.net.vent_valve] = 0  # it was open, but not to so much
    ceiling = desk.net.board.ceiling_mmhg()
    desk.line_mmhg = ceiling + 10.0
    desk.zone_mmhg = [60.0] * desk.net.n_zones
    desk.run(2000)
    assert not desk.fault
    desk.line_mmhg = ceiling + 21.0
    desk.tick()
    assert desk.fault == faults.PUMP_RUNS_ON


@pytest.mark.parametrize("topology, what", (("manifold", "coasts"), ("zone sensors", "coasts"), ("manifold", "open")))
def test_a_pump_that_coasts_or_a_line_that_is_open_does_not_run_on(topology, what):
    desk = flowing(topology)
    ceiling = desk.net.board.ceiling_mmhg()
    if what == "coasts":
        desk.hold(60.0)
        desk.run(desk.net.coast_ms)
    else:
        desk.fill(0, 60.0, 0)
        desk.run(40)
        desk.line_mmhg = 7.0
        desk.run(960)
    desk.line_mmhg = ceiling + 21.0
    desk.tick()
    assert desk.guard.reasons & WHY_TRIP and not desk.fault
    desk.run(500)
    assert desk.fault == (faults.ABSOLUTE_PRESSURE if what == "open" else faults.LINE_PRESSURE)


def test_without_a_sensor_on_the_line_there_is_nothing_to_judge():
    desk = flowing("independent")
    desk.line_mmhg = 500.0
    desk.run(1000)
    assert not desk.guard.reasons & (WHY_FLOW | WHY_TRIP)
    assert not desk.guard.line.tick(TICK_MS, desk.wish)


# --- when the flow explains nothing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("above_mmhg, stops", ((7.0, False), (9.0, True)))
def test_a_line_that_stays_above_its_ceiling_may_be_at_the_relief_valve_and_a_blind_zone_is_looked_at(above_mmhg, stops):
    desk = flowing(mmhg=100.0)
    desk.line_mmhg = desk.net.ceiling_pa / ONE_MMHG_PA + above_mmhg
    the_drop_explains_it = desk.line_mmhg - most_drop_mmhg(desk, at_mmhg=100.0) < 100.0 + over_mmhg(desk)
    assert the_drop_explains_it
    stopped = False
    for _ in range(50):
        desk.tick()
        stopped = stopped or bool(desk.guard.reasons & WHY_FLOW)
        desk.guard.answer._silent[0] = desk.guard.alive._still_ms = 0  # that it stands still is another matter
    assert stopped is stops


@pytest.mark.parametrize("lost_mmhg, rests", ((23.0, False), (26.0, True)))
def test_a_pump_that_loses_flow_in_a_drive_rests_until_the_blind_zone_was_read(lost_mmhg, rests):
    desk = flowing()
    desk.run(400)
    desk.line_mmhg -= lost_mmhg
    desk.guard.leaks.last_pa[1], desk.guard.leaks._state[1] = pa(60), HELD
    desk.run(20)
    desk.tick()
    assert bool(desk.guard.reasons & WHY_FLOW) is rests and not desk.fault
    assert (desk.guard.second.zone == 0) is rests, "the others are in doubt, too"


@pytest.mark.parametrize("steps, lost", ((range(900, 400, -100), False), ((1000,) * 5, True)))
def test_a_line_that_falls_because_the_pump_was_throttled_little_by_little_has_lost_no_flow(steps, lost):
    desk = flowing()
    for permille in steps:
        desk.fill(0, 60.0, permille)
        desk.tick()
    desk.line_mmhg -= 30.0
    desk.run(40)
    assert bool(desk.guard.reasons & WHY_FLOW) is lost


@pytest.mark.parametrize("after_ms, lost", ((0, False), (100, False), (220, True)))
def test_for_200_ms_after_a_coil_had_the_pumps_current_a_lower_line_has_lost_no_flow(after_ms, lost):
    """A held coil that was pulled in anew took the pump down to half of its duty for a tick: a healthy session ended as "supply dip"."""
    desk = flowing()
    desk.fill(0, 60.0, 500)
    desk.tick()
    desk.fill(0, 60.0)
    while desk.drive.pump_permille < 1000:
        desk.tick()
    desk.run(after_ms)
    desk.line_mmhg -= 48.0
    desk.run(60)
    assert bool(desk.guard.reasons & WHY_FLOW) is lost


@pytest.mark.parametrize("fell_mmhg", (26.0, 48.0))  # the second shows after the pump's own coasting as well
def test_a_line_that_falls_because_the_pump_was_throttled_has_lost_no_flow(fell_mmhg):
    desk = flowing()
    desk.fill(0, 60.0, 500)
    desk.tick()
    desk.line_mmhg -= fell_mmhg
    desk.run(200)
    assert not desk.guard.reasons & WHY_FLOW
