"""What the pump needs before it may run: one open path into a zone that wants pressure, below every cap. At the desk."""

from __future__ import annotations

import pytest

from host_tests.guard_desk import ALL, OWN_SENSORS, Desk, holding
from peristal.core import faults
from peristal.core.reasons import WHY_CAP, WHY_FLOW, WHY_PATH, WHY_TRIP
from peristal.core.units import pa
from tools.simulator import boards


@ALL
def test_the_pump_runs_into_one_open_path_alone(topology):
    desk = Desk(topology)
    net = desk.net

    def run():
        for _ in range(20):
            desk.line_mmhg = 30.0 if desk.drive.pump_permille else 0.0
            desk.tick()

    def refused(why):
        run()
        return desk.guard.pump_permille == 0 and bool(desk.guard.reasons & why)

    desk.fill(0)
    run()
    assert desk.guard.pump_permille == 1000
    desk.wish.target_pa[0] = 0
    assert refused(WHY_PATH)
    desk.fill(0)
    desk.wish.coil[net.fill_valve[0]] ^= 1  # no way in
    assert refused(WHY_PATH)
    desk.fill(0)
    desk.wish.coil[net.exhaust_valve[0] if net.independent else net.vent_valve] = 0  # a way out
    assert refused(WHY_PATH)
    desk.fill(0)
    desk.wish.coil[net.fill_valve[1]] ^= 1  # a second way in, to a zone that wants nothing
    assert refused(WHY_PATH)
    desk.fill(0)
    run()
    assert desk.guard.pump_permille == 1000


@ALL
def test_the_pump_waits_until_every_valve_is_in_place(topology):
    desk = Desk(topology)
    desk.fill(0, 60.0, 0)
    desk.tick()
    desk.fill(0)
    desk.tick()
    assert desk.guard.pump_permille == 0 and desk.guard.reasons & WHY_PATH
    while not desk.drive.in_place:
        assert desk.guard.pump_permille == 0
        desk.tick()
    desk.tick()
    assert desk.guard.pump_permille == 1000


@ALL
def test_no_target_above_120_mmhg_and_no_fill_of_a_zone_at_the_cap(topology):
    desk = Desk(topology)
    desk.fill(0, 120.0)
    desk.run(400)
    assert desk.guard.pump_permille
    desk.fill(0, 121.0)
    desk.run(20)
    assert desk.guard.pump_permille == 0 and desk.guard.reasons & WHY_CAP
    if topology != "manifold":
        for shown, why in ((118.0, 0), (121.0, WHY_CAP)):
            desk = Desk(topology)
            desk.guard.line.agreed[0] = 1
            desk.guard.coming._late_ms = 0  # a pump that stands at once
            desk.fill(0, 119.0)
            for mmhg in range(0, int(shown), 3):
                desk.rise(0, mmhg)
                desk.run(60)
            desk.rise(0, shown)
            desk.run(20)
            assert desk.guard.reasons & WHY_CAP == why and bool(desk.guard.pump_permille) is not bool(why)


@OWN_SENSORS
def test_a_zone_at_the_cap_gets_no_air_until_its_sensor_has_shown_less(topology):
    """A sensor is read in every sixth tick or so: what it showed counts in the others, too."""
    desk = Desk(topology)
    desk.fill(0, 119.0)
    for mmhg in range(0, 121, 3):
        desk.rise(0, mmhg)
        desk.run(60)
    desk.rise(0, 121.0)
    desk.tick()
    desk.unread = {desk.net.zone_sensor[0]}
    for _ in range(15):
        desk.tick()
        assert desk.guard.pump_permille == 0 and desk.guard.reasons & WHY_CAP
    desk.unread = set()
    desk.show(0, 112.0)
    desk.line_mmhg = 112.0
    desk.run(60)
    assert desk.guard.pump_permille and not desk.fault


@pytest.mark.parametrize("shown, why", ((117.0, 0), (121.0, WHY_CAP)))
def test_a_blind_zone_that_the_still_line_has_shown_at_the_cap_gets_no_air(shown, why):
    desk = holding("manifold", shown)
    assert desk.guard.levels.static[0]
    desk.fill(0, 119.0)
    desk.run(60)
    assert desk.guard.reasons & WHY_CAP == why and bool(desk.guard.pump_permille) is not bool(why)


@ALL
def test_of_the_caps_the_smallest_counts(topology):
    for wearer_mmhg, allowed in ((200, 120), (80, 80)):
        desk = Desk(topology)
        desk.guard.limit_cap(pa(wearer_mmhg))
        desk.fill(0, allowed)
        desk.run(400)
        assert desk.guard.pump_permille
        desk.fill(0, allowed + 1)
        desk.run(20)
        assert desk.guard.pump_permille == 0 and desk.guard.reasons & WHY_CAP


@ALL
def test_a_board_s_own_cap_counts_when_it_is_lower(topology):
    for cap, wearer, allowed in ((80, 120, 80), (80, 60, 60), (120, 120, 120)):
        board = boards.load("esp32_manifold" if topology == "manifold" else "esp32s3_independent")
        board.cap_mmhg = cap
        desk = Desk(topology, board)
        if wearer != 120:
            desk.guard.limit_cap(pa(wearer))
        for target, runs, ms in ((allowed, True, 400), (allowed + 1, False, 20)):
            desk.fill(0, target)
            desk.run(ms)
            assert bool(desk.guard.pump_permille) is runs and bool(desk.guard.reasons & WHY_CAP) is not runs


@ALL
def test_on_a_manifold_the_pump_fills_one_zone_at_a_time(topology):
    """A blind one would be given more than the line tells: half of the flow drops a quarter of what is declared."""
    desk = Desk(topology)
    desk.fill(0)
    desk.wish.target_pa[1] = desk.wish.target_pa[0]
    other = desk.net.fill_valve[1]
    desk.wish.coil[other] = desk.wish.coil[desk.net.fill_valve[0]]
    desk.run(400)
    assert bool(desk.guard.pump_permille) is desk.net.independent
    assert desk.net.independent or desk.guard.reasons & WHY_PATH
    desk.wish.coil[other] ^= 1
    desk.run(400)
    assert desk.guard.pump_permille


def test_side_by_side_one_inlet_that_is_surely_open_is_path_enough():
    desk = Desk("independent")
    net = desk.net
    desk.fill(0)
    desk.run(400)
    assert desk.guard.pump_permille
    desk.wish.target_pa[1] = pa(60)
    desk.wish.coil[net.fill_valve[1]] = 1  # it still moves
    desk.tick()
    assert desk.guard.pump_permille
    desk.wish.coil[net.fill_valve[0]] = 0  # the first one closes: what is left has not opened yet
    desk.tick()
    desk.tick()
    assert desk.guard.pump_permille or not desk.drive.is_placed(net.fill_valve[1])
    desk.run(400)
    assert desk.guard.pump_permille
    desk.guard.leave_out(1, faults.LEAKS)
    desk.tick()
    assert not desk.guard.pump_permille


def test_the_line_s_verdict_stops_the_pump_and_nothing_else():
    desk = Desk("manifold")
    desk.fill(0)
    desk.run(400)
    desk.guard.line.tick = lambda elapsed_ms, wish: setattr(desk.guard.line, "reasons", WHY_FLOW)
    coil = bytes(desk.guard.coil)
    desk.tick()
    assert desk.guard.pump_permille == 0 and desk.guard.reasons & WHY_FLOW and bytes(desk.guard.coil) == coil
    desk.guard.line.tick = lambda elapsed_ms, wish: setattr(desk.guard.line, "reasons", WHY_TRIP)
    desk.tick()
    assert desk.open


def test_a_zone_that_is_looked_at_with_both_sensors_gets_the_pump_s_least_duty_and_no_more():
    desk = Desk("zone sensors")
    desk.fill(0, 60.0)
    desk.run(400)
    least = desk.net.board.pump.min_duty_permille
    desk.guard.line.tick = lambda elapsed_ms, wish: None
    for idles_ms, wished, gets in ((0, 1000, 1000), (20, 1000, least), (20, least - 1, least - 1)):
        desk.guard.line.idles_ms = idles_ms
        desk.wish.pump_permille = wished
        desk.run(20)
        assert desk.guard.pump_permille == gets


@ALL
def test_the_pump_gets_not_even_one_tick_while_a_valve_is_switched(topology):
    desk = Desk(topology)
    desk.hold(60.0)
    desk.run(1000)
    assert desk.drive.in_place
    desk.fill(0)  # opens the zone and starts the pump in the same tick
    desk.tick()
    assert desk.guard.pump_permille == 0 and desk.guard.reasons & WHY_PATH
    desk.run(400)
    assert desk.guard.pump_permille == 1000
    desk.fill(1)  # and from one zone to the next
    desk.tick()
    assert desk.guard.pump_permille == 0 and desk.guard.reasons & WHY_PATH


@ALL
@pytest.mark.parametrize("why", ("a fault", "a suspect", "a hand", "a trip"))
def test_what_opens_everything_stops_the_pump_in_the_same_tick(topology, why):
    desk = Desk(topology)
    desk.fill(0)
    desk.run(400)
    assert desk.guard.pump_permille == 1000
    if why == "a hand":
        desk.hand = True
    elif why == "a trip":
        desk.guard.line.tick = lambda elapsed_ms, wish: setattr(desk.guard.line, "reasons", WHY_TRIP)
    else:
        desk.guard.trip(faults.LOOP_STALLED if why == "a fault" else faults.OVER_PRESSURE)
    desk.tick()
    assert desk.open and desk.drive.pump_permille == 0


@ALL
def test_a_pump_that_nobody_wants_is_not_refused(topology):
    desk = Desk(topology)
    desk.hold(60.0)
    desk.run(400)
    assert any(desk.guard.coil) and desk.guard.reasons == 0


def test_the_pump_waits_for_a_vent_that_closes_behind_an_open_zone():
    """Not in the tick in which it is switched, and not while it moves."""
    board = boards.load("esp32_manifold")
    board.line.vent.on_ms = 100
    desk = Desk("manifold", board)
    desk.look(0)
    desk.wish.coil[desk.net.vent_valve] = 0
    desk.run(1000)
    assert desk.drive.in_place
    desk.fill(0)
    refused = []
    for _ in range(8):
        desk.tick()
        refused.append(bool(desk.guard.reasons & WHY_PATH and not desk.guard.pump_permille))
    assert refused == [True] * 6 + [False] * 2
