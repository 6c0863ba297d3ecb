"""Zones that are shut while others are filled: what they gain came through a valve that does not close, and a limb's pressure did not."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import OWN_SENSORS, TICK_MS, Desk
from peristal.core import faults
from peristal.core.plausible import RISES_MS, STAYS_MS

FILLED, SHUT, FAR = 0, 2, 3


class Gains(Desk):
    """Zone 1 is filled again and again, zone 3 is kept at 40 mmHg meanwhile; all others are empty."""

    def __init__(self, topology: str) -> None:
        super().__init__(topology)
        self.hold(60.0, FILLED, SHUT)
        self.zone_mmhg[FILLED], self.zone_mmhg[SHUT] = 16.0, 40.0
        self.run(1000)
        for other in range(self.net.n_zones):
            self.guard.answer.unfolded[other] = 2

    def drives(self, gain_mmhg: float, ms: int = 1000, after_ms: int = STAYS_MS + 600, stays: float = 1.0) -> Gains:
        """Zone 1 rises by 8 mmHg, zone 3 by so much, of which a share stays."""
        from_mmhg, kept_mmhg = self.zone_mmhg[FILLED], self.zone_mmhg[SHUT]
        self.fill(FILLED, 110.0)
        for at_ms in range(0, ms, TICK_MS):
            share = at_ms / ms
            self.zone_mmhg[FILLED] = from_mmhg + 8.0 * share
            self.line_mmhg = self.zone_mmhg[FILLED] + (40.0 if self.drive.pump_permille else 0.0)
            self.zone_mmhg[SHUT] = kept_mmhg + gain_mmhg * share
            self.tick()
        self.hold(110.0, FILLED)
        self.hold(60.0, SHUT)
        self.run(STAYS_MS // 2)
        self.zone_mmhg[SHUT] = kept_mmhg + gain_mmhg * stays
        self.run(max(0, after_ms - STAYS_MS // 2))
        self.guard.runs_on.forget()  # its looks are not this desk's matter
        return self

    @property
    def told(self) -> tuple[int, int]:
        return self.guard.fault, self.guard.fault_zone


@OWN_SENSORS
@pytest.mark.parametrize("gain_mmhg, found", ((2.6, True), (1.6, False)))
def test_a_shut_zone_that_gains_2_mmhg_in_three_fills_of_another_has_an_open_valve(topology, gain_mmhg, found):
    desk = Gains(topology)
    for _ in range(2):
        desk.drives(gain_mmhg)
        assert not desk.fault
    desk.drives(gain_mmhg)
    assert desk.told == ((faults.VALVE_STUCK_OPEN, SHUT) if found else (faults.OK, 255))


@OWN_SENSORS
def test_what_does_not_stay_is_a_limb_and_what_comes_now_and_then_is_none(topology):
    desk = Gains(topology)
    for _ in range(3):
        desk.drives(15.0, stays=0.0)
    assert not desk.fault
    desk = Gains(topology).drives(4.0).drives(4.0).drives(0.0).drives(0.0)
    assert desk.drives(4.0).fault == faults.OK
    assert desk.drives(4.0).fault == faults.VALVE_STUCK_OPEN


@OWN_SENSORS
def test_what_two_zones_of_a_leg_gain_is_the_leg(topology):
    desk = Gains(topology)
    desk.hold(60.0, FAR)
    for _ in range(3):
        desk.drives(4.0, after_ms=0)
        desk.zone_mmhg[FAR] += 4.0
        desk.run(STAYS_MS + 600)
    assert not desk.fault


@OWN_SENSORS
def test_a_neighbour_s_pressure_shows_with_an_eighth_at_the_most(topology):
    """Zone 2 is filled, by 20 mmHg: 2.5 of it and 2 more are nothing yet."""
    for gain_mmhg, found in ((4.0, False), (5.4, True)):
        desk = Gains(topology)
        desk.hold(60.0, 1)
        for _ in range(3):
            kept_mmhg = desk.zone_mmhg[SHUT]
            desk.fill(1)
            for at_ms in range(0, 1000, TICK_MS):
                desk.rise(1, 20.0 + at_ms / 50)
                desk.zone_mmhg[SHUT] = kept_mmhg + gain_mmhg * at_ms / 1000
                desk.tick()
            desk.hold(60.0, 1)
            desk.run(STAYS_MS + 600)
            desk.zone_mmhg[1] = 20.0
            desk.run(1000)
        assert (desk.fault == faults.VALVE_STUCK_OPEN) is found


@OWN_SENSORS
@pytest.mark.parametrize("seconds, found", ((2, False), (3, True)))
def test_who_sits_down_does_it_in_a_second_and_an_open_valve_goes_on(topology, seconds, found):
    desk = Gains(topology)
    desk.fill(FILLED)
    desk.rise(FILLED, 5.0)
    desk.tick()
    for tick in range((RISES_MS * 3 + 100) // TICK_MS):
        desk.rise(FILLED, 5.0 + tick / 4)
        desk.zone_mmhg[SHUT] = 20.0 + min(tick, seconds * 50) * 4.6 / 50
        desk.tick()
    assert desk.told == ((faults.VALVE_STUCK_OPEN, SHUT) if found else (faults.OK, 255))


def test_a_zone_that_is_let_out_a_little_for_what_it_gained_counts_too():
    for target_mmhg, found in ((60.0, True), (0.0, False)):
        desk = Gains("independent")
        out = desk.net.exhaust_valve[SHUT]
        for _ in range(3):
            desk.drives(4.0, after_ms=STAYS_MS // 2)
            desk.wish.coil[out] = 0
            desk.wish.target_pa[SHUT] = int(target_mmhg * 133.322)
            desk.run(200)
            desk.zone_mmhg[SHUT] = 40.0
            desk.hold(60.0, FILLED, SHUT)
            desk.run(400)
        assert (desk.fault == faults.VALVE_STUCK_OPEN) is found


def test_air_that_the_driven_zone_does_not_get_has_crossed_valves():
    desk: Any = Gains("independent")
    desk.guard.answer.elsewhere = lambda zone: True
    for _ in range(4):
        desk.drives(4.0)
    assert desk.fault != faults.VALVE_STUCK_OPEN


