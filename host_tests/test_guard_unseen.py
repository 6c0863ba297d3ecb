"""A zone that has not shown a pressure yet gets its air in portions: at the desk. Whole sessions: test_frozen_sensor.py."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import TICK_MS, Desk, board_of
from peristal.core import faults, model
from peristal.core.answer import SPREAD_PA, SURE
from peristal.core.reasons import WHY_RELIEF, WHY_UNSEEN
from peristal.core.units import pa

PORTION = 0.33  # of the declared volume; the flow is counted against 80 mmHg
DROP_MMHG = 50.0


def counted_ml_s(desk: Desk) -> float:
    pump = desk.net.board.pump
    return pump.flow_ml_min / 60 * (1 - 80 / pump.stall_mmhg)


def drive(desk: Desk, ms: int, drop_mmhg: float = DROP_MMHG, zone: int = 0, rest_mmhg: float = 0.0, permille: int = 1000) -> Desk:
    """The pump is asked for a slack zone; while it runs the line is higher by the drop."""
    desk.fill(zone, 60.0, permille)
    return shown(desk, ms, drop_mmhg, rest_mmhg)


def shown(desk: Desk, ms: int, drop_mmhg: float = DROP_MMHG, rest_mmhg: float = 0.0) -> Desk:
    for _ in range(ms // TICK_MS):
        desk.line_mmhg = rest_mmhg + (drop_mmhg if desk.drive.pump_permille else 0.0)
        desk.tick()
    return desk


def until_rest_ms(desk: Desk) -> int:
    """How long the pump runs until it has to rest."""
    driven = 0
    for _ in range(1000):
        drive(desk, TICK_MS)
        driven += TICK_MS if desk.drive.pump_permille else 0
        if desk.guard.reasons & WHY_UNSEEN:
            return driven
    raise AssertionError("it never rests")


def test_a_slack_zone_on_a_manifold_is_looked_at_after_every_third_of_its_volume():
    desk = Desk("manifold")
    desk.guard.begin()
    wanted_ms = 1000 * PORTION * desk.net.zones[0].volume_ml / counted_ml_s(desk)
    for _ in range(3):
        assert until_rest_ms(desk) == pytest.approx(wanted_ms, rel=0.12)
        assert not desk.guard.pump_permille and not desk.fault
        rested_ms = 0
        while not desk.drive.pump_permille:
            drive(desk, TICK_MS)
            rested_ms += TICK_MS
        # Until pump and line are still, and no longer.
        assert desk.net.coast_ms < rested_ms < desk.net.coast_ms + desk.net.settle_ms[0] + 200
    assert not desk.fault and not desk.guard.left_out[0]


@pytest.mark.parametrize("topology", ("zone sensors", "independent"))
def test_a_zone_with_a_sensor_of_its_own_does_not_rest(topology):
    desk = Desk(topology)
    desk.guard.begin()
    for _ in range(40):
        drive(desk, TICK_MS)
        assert not desk.guard.reasons & (WHY_UNSEEN | WHY_RELIEF)


def test_a_zone_that_has_shown_pressure_does_not_rest():
    desk = Desk("manifold")
    desk.guard.begin()
    desk.guard.answer.unfolded[0] = SURE
    for tick in range(200):
        drive(desk, TICK_MS, DROP_MMHG + tick / 5)
        assert not desk.guard.reasons & WHY_UNSEEN


@pytest.mark.parametrize("zone_unfolded", (False, True))
@pytest.mark.parametrize("moved_pa, dead", ((SPREAD_PA - 40, True), (SPREAD_PA + 40, False)))
def test_a_line_that_keeps_its_reading_when_the_pump_stops_is_dead(zone_unfolded, moved_pa, dead):
    desk = Desk("manifold")
    desk.guard.begin()
    drive(desk, 800)
    desk.guard.answer.unfolded[0] = SURE if zone_unfolded else 0
    desk.look(0)
    desk.run(40)  # the pump is told to stop, and has run in this tick
    desk.line_mmhg -= moved_pa / 133.322
    desk.run(600)
    assert (desk.fault == faults.NO_ANSWER) is dead
    assert bool(desk.fault) is dead


def test_the_reading_may_also_rise_meanwhile():
    desk = Desk("manifold")
    desk.guard.begin()
    drive(desk, 800)
    desk.look(0)
    desk.run(40)
    desk.line_mmhg += (SPREAD_PA + 40) / 133.322  # a limb pressed
    desk.run(600)
    assert not desk.fault


@pytest.mark.parametrize("what", ("short", "little", "shut", "vented"))
def test_what_says_nothing_of_the_sensor_is_not_judged(what):
    """A short pulse and a little duty drop next to nothing, a zone that is shut or vented was not seen."""
    desk = Desk("manifold")
    desk.guard.begin()
    if what == "short":
        desk.fill(0)
        while not desk.drive.pump_permille:
            desk.tick()
        desk.run(40)
    else:
        drive(desk, 800, permille=300 if what == "little" else 1000)
    assert desk.drive.pump_permille
    if what == "shut":
        desk.hold(60.0)
    elif what == "vented":
        desk.look(0)
        desk.wish.coil[desk.net.vent_valve] = 0
    else:
        desk.look(0)
    desk.run(1000)
    assert not desk.fault


def second_session(topology: str, board: Any = None) -> Desk:
    """Zone 1 has had pressure in the first one; now nothing shows."""
    desk = Desk(topology, board)
    desk.guard.begin()
    desk.guard.answer.unfolded[0] = SURE
    desk.guard.begin()
    assert not desk.guard.answer.unfolded[0]
    return desk


def test_without_a_sensor_on_the_line_a_zone_that_may_be_unfolded_is_let_out_after_a_third_of_its_volume():
    desk = second_session("independent")
    net = desk.net
    wanted_ms = 1000 * PORTION * net.zones[0].volume_ml / counted_ml_s(desk)
    own_ms = model.vent_ms(net.zones[0].volume_ml, net.valves[net.exhaust_valve[0]].c_ml_s_bar, pa(130), pa(8))
    driven = 0
    while not desk.guard.reasons & WHY_RELIEF:
        drive(desk, TICK_MS)
        driven += TICK_MS if desk.drive.pump_permille else 0
        assert driven < 5000
    assert driven == pytest.approx(wanted_ms, rel=0.12)
    out_ms = 0
    while desk.guard.reasons & WHY_RELIEF:
        assert not desk.guard.coil[net.exhaust_valve[0]] and not desk.guard.pump_permille
        drive(desk, TICK_MS)
        out_ms += TICK_MS
    assert own_ms <= out_ms < own_ms + 150
    assert not desk.fault and not desk.guard.left_out[0]


def test_a_zone_that_never_had_pressure_is_not_let_out():
    desk = Desk("independent")
    desk.guard.begin()
    for _ in range(200):
        drive(desk, TICK_MS)
        assert not desk.guard.reasons & WHY_RELIEF
        if desk.guard.left_out[0]:
            break


def test_on_a_manifold_whose_flow_hardly_drops_a_zone_that_may_be_unfolded_is_let_out_too():
    board = board_of("manifold")
    for valve in [valve for _, valve in board.valves()]:
        assert valve.c_ml_s_bar < 3000
    desk = second_session("manifold")
    assert not any(desk.guard.unseen._blind)
    desk.guard.unseen._blind[0] = 1
    while not desk.guard.reasons & WHY_RELIEF:
        drive(desk, TICK_MS)
        assert desk.now_ms < 5000
    assert not desk.guard.coil[desk.net.vent_valve] and not desk.guard.coil[desk.net.fill_valve[0]]
