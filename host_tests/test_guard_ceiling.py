"""A line above its ceiling, from both sides, to the pascal and the tick: what sensing, levels and drive say is put before the watch."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import MANIFOLDS, TICK_MS, Desk
from peristal.core import faults
from peristal.core.reasons import WHY_TRIP
from peristal.core.units import pa

OVER, TRIP = pa(20), pa(130)
STILL_MS = 50


class Lined:
    """The pump has just been driven and a zone is open to the line; most_pa: the highest reading that is allowed."""

    def __init__(self, topology: str = "manifold") -> None:
        self.desk = Desk(topology)
        self.watch: Any = self.desk.guard.ceiling
        self.levels: Any = self.desk.guard.levels
        self.drive: Any = self.desk.drive
        self.sensing: Any = self.desk.sensing
        self.net = self.desk.net
        self.levels.open_count = 1
        self.drive.pump_still_ms = 0
        self.most_pa = self.net.ceiling_pa + OVER

    def tick(self, line_pa: int, ticks: int = 1) -> bool:
        """Whether one of them was a fault."""
        told = False
        for _ in range(ticks):
            self.sensing.pa[self.net.line_sensor] = self.sensing.worst_pa[self.net.line_sensor] = line_pa
            told = bool(self.watch.tick(TICK_MS)) or told
        return told

    @property
    def opens(self) -> bool:
        return bool(self.watch.reasons & WHY_TRIP)

    def zone_shows(self, level_pa: int, *, read: bool = True) -> None:
        self.levels.level_pa[0], self.levels.static[0] = level_pa, 1 if read else 0


@MANIFOLDS
def test_20_mmhg_above_its_ceiling_open_everything_and_after_100_ms_latch(topology):
    lined = Lined(topology)
    assert not lined.tick(lined.most_pa, 1000) and not lined.opens
    for _ in range(2):
        assert not lined.tick(lined.most_pa + 1, 4) and lined.opens
        assert not lined.tick(lined.most_pa) and not lined.opens, "and 100 ms begin anew"
        lined.tick(lined.most_pa, 1001)
    assert not lined.tick(lined.most_pa + 1, 4)
    assert lined.tick(lined.most_pa + 1) and lined.watch.fault == faults.LINE_PRESSURE


@MANIFOLDS
@pytest.mark.parametrize("calm_ticks, told", ((1000, True), (1001, False)))
def test_the_third_time_within_20_s_of_the_one_before_latches_at_once(topology, calm_ticks, told):
    lined = Lined(topology)
    for _ in range(2):
        assert not lined.tick(lined.most_pa + 1)
        lined.tick(0, 1000)
    lined.tick(0, calm_ticks - 1000)
    assert lined.tick(lined.most_pa + 1) is told
    if not told:
        lined.tick(0, 1000)
        assert not lined.tick(lined.most_pa + 1), "20 s begin with each time"
        lined.tick(0, 500)
        assert lined.tick(lined.most_pa + 1)


@pytest.mark.parametrize("still_ms, driven", ((1020, True), (1021, False)))
def test_a_still_line_that_shows_too_much_again_without_having_been_driven_is_driven_by_a_pump_that_runs_on(still_ms, driven):
    lined = Lined()
    lined.drive.pump_still_ms = 5000
    lined.zone_shows(TRIP + 1)
    assert not lined.tick(TRIP + 1), "it may have been driven before"
    lined.zone_shows(0)
    lined.tick(0, 51)
    lined.zone_shows(TRIP + 1)
    lined.drive.pump_still_ms = 1040 + still_ms - 1020
    assert lined.tick(TRIP + 1) is not driven
    assert lined.watch.fault == (faults.LINE_PRESSURE if driven else faults.PUMP_RUNS_ON)


def open_to_the_air(topology: str, still_ms: int, vent_ms: int) -> Lined:
    lined = Lined(topology)
    lined.levels.vented = True
    lined.drive.pump_still_ms, lined.drive.still_ms[lined.net.vent_valve] = still_ms, vent_ms
    return lined


@MANIFOLDS
@pytest.mark.parametrize(
    "line_pa, more_ms, vent_ms, vented, opens",
    (
        (TRIP + 1, 1, 101, True, True),
        (TRIP, 1, 101, True, False),
        (TRIP + 1, 0, 101, True, False),
        (TRIP + 1, 1, 100, True, False),
        (TRIP + 1, 1, 101, False, False),
    ),
)
def test_an_open_line_with_a_still_pump_that_shows_more_than_130_mmhg_loses_the_12_v(topology, line_pa, more_ms, vent_ms, vented, opens):
    lined = open_to_the_air(topology, 0, vent_ms)
    lined.drive.pump_still_ms = lined.net.coast_ms + STILL_MS + more_ms
    lined.levels.vented = vented
    assert not lined.tick(line_pa), "once it may be somebody who sits down"
    assert lined.opens is opens


@MANIFOLDS
@pytest.mark.parametrize(
    "lowest_pa, ticks, told", ((TRIP - pa(8), 50, False), (TRIP - pa(8) - 1, 50, True), (TRIP - pa(8) - 1, 49, False), (0, 49, False))
)
def test_an_open_line_that_fills_again_without_having_been_driven_has_a_pump_that_runs_on(topology, lowest_pa, ticks, told):
    """What trembles about 130 mmHg as it empties is one time, and so is somebody who sits down, for a second."""
    lined = open_to_the_air(topology, 5000, 5000)
    assert not lined.tick(TRIP + 1)
    assert not lined.tick(lowest_pa, ticks) and not lined.opens
    assert lined.tick(TRIP + 1) is told and lined.opens
    assert not told or lined.watch.fault == faults.PUMP_RUNS_ON


@pytest.mark.parametrize(
    "before, more_ms, let_out_ticks, zone_pa, told",
    (
        (True, 1, 1, TRIP, True),
        (False, 1, 1, TRIP, False),  # the first time a sensor may have jumped
        (True, 0, 1, TRIP, False),  # it may coast
        (True, 1, 99, TRIP, False),  # it was driven since
        (True, 1, 1, TRIP + 1, False),  # the zone shows as much
    ),
)
def test_a_line_that_was_let_out_and_is_full_again_without_having_been_driven_has_a_pump_that_runs_on(
    before, more_ms, let_out_ticks, zone_pa, told
):
    lined = Lined("zone sensors")
    if before:
        lined.tick(lined.most_pa + 1)
    lined.tick(0, let_out_ticks)
    lined.zone_shows(zone_pa, read=False)
    lined.drive.pump_still_ms = lined.net.coast_ms + STILL_MS + more_ms
    assert lined.tick(lined.most_pa + 1) is told
    assert lined.watch.fault == (faults.PUMP_RUNS_ON if told else faults.LINE_PRESSURE)


def test_what_a_zone_shows_too_each_time_counts_as_line_pressure_though_nobody_drives_it():
    lined = Lined("zone sensors")
    lined.drive.pump_still_ms = 5000
    lined.zone_shows(TRIP + 1, read=False)
    told = []
    for _ in range(3):
        told.append(lined.tick(lined.most_pa + 1))
        lined.tick(0)
    assert told == [False, False, True] and lined.watch.fault == faults.LINE_PRESSURE


@MANIFOLDS
@pytest.mark.parametrize("driven", (True, False))
def test_a_line_that_is_full_again_before_its_pump_has_coasted_was_not_driven_anew(topology, driven):
    """A pump that did not stop was told as line pressure: by the time it should have coasted the line had been full three times."""
    lined = Lined(topology)
    for times in range(3):
        told = lined.tick(lined.most_pa + 1)
        assert told is (driven and times == 2)
        lined.tick(0)
        lined.drive.pump_still_ms = 0 if driven else 2 * TICK_MS + times
    if driven or topology == "manifold":  # what a blind zone gives is another matter
        return
    lined.drive.pump_still_ms = lined.net.coast_ms + STILL_MS + 1
    assert lined.tick(lined.most_pa + 1) and lined.watch.fault == faults.PUMP_RUNS_ON


@MANIFOLDS
def test_a_new_session_forgets_how_often_and_how_long(topology):
    lined = Lined(topology)
    for _ in range(2):
        lined.tick(lined.most_pa + 1)
        lined.tick(0)
    lined.tick(lined.most_pa + 1, 4)
    lined.watch.forget()
    assert not lined.tick(lined.most_pa + 1, 4) and lined.tick(lined.most_pa + 1)


@MANIFOLDS
@pytest.mark.parametrize("more_ms, open_count, fault", ((1, 0, faults.PUMP_RUNS_ON), (0, 0, faults.OK), (1, 1, faults.OK)))
def test_with_every_valve_shut_and_the_pump_coasted_only_a_pump_lifts_the_line(topology, more_ms, open_count, fault):
    lined = Lined(topology)
    lined.levels.open_count = open_count
    lined.drive.pump_still_ms = lined.net.coast_ms + 50 + more_ms
    assert lined.tick(lined.most_pa + 1) is bool(fault)
    given = topology == "manifold" and more_ms > 0  # by the zone that is open, which has no sensor of its own
    assert lined.watch.fault == (fault or (faults.ABSOLUTE_PRESSURE if given else faults.LINE_PRESSURE))
    lined.levels.open_count = 1
    lined.drive.pump_still_ms = 0
    assert lined.tick(lined.most_pa + 1, 4) and lined.watch.fault == faults.LINE_PRESSURE, "what a zone is open to has another name"


def test_what_a_blind_zone_gives_to_the_line_long_after_the_pump_is_above_the_trip_and_no_blocked_line():
    lined = Lined()
    lined.drive.pump_still_ms = lined.net.coast_ms + STILL_MS + 1
    for _ in range(4):
        assert not lined.tick(lined.most_pa + 1, 24) and lined.opens and lined.watch.given
        assert not lined.tick(lined.most_pa) and not lined.opens and not lined.watch.given
    assert not lined.tick(lined.most_pa + 1, 24)
    assert lined.tick(lined.most_pa + 1) and lined.watch.fault == faults.ABSOLUTE_PRESSURE


@MANIFOLDS
@pytest.mark.parametrize("still_ms, open_count, given", ((1, 1, True), (0, 1, False), (1, 0, False)))
def test_only_an_open_blind_zone_and_only_once_the_pump_has_coasted_gives_it(topology, still_ms, open_count, given):
    lined = Lined(topology)
    lined.levels.open_count = open_count
    lined.drive.pump_still_ms = lined.net.coast_ms + STILL_MS + still_ms
    lined.tick(lined.most_pa + 1)
    assert lined.watch.given is (given and topology == "manifold")


@MANIFOLDS
@pytest.mark.parametrize(
    "line_pa, level_pa, read, counts",
    ((TRIP + 1, TRIP + 1, True, True), (TRIP, TRIP + 1, True, False), (TRIP + 1, TRIP, True, False), (TRIP + 1, TRIP + 1, False, False)),
)
def test_a_still_line_that_shows_more_than_130_mmhg_of_a_zone_time_and_again_is_no_chamber(topology, line_pa, level_pa, read, counts):
    lined = Lined(topology)
    assert lined.most_pa > TRIP
    for number in range(1, 4):
        lined.zone_shows(level_pa, read=read)
        assert lined.tick(line_pa, 10) is (counts and number == 3)
        lined.zone_shows(0)
        if number < 3:
            assert not lined.tick(0, 900)
    assert lined.watch.fault == faults.LINE_PRESSURE
