"""A moment without 12 V in a drive, where line and zones have sensors: the flow goes, a shut zone loses air, the flow is back."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import TICK_MS, Desk
from peristal.core import faults
from peristal.core.units import NONE, pa

LINE, OWN = pa(70), pa(60)
FALLS_PA, SINKS_PA = pa(10), pa(2)
DRIVEN_MS, BACK_MS, REFRESH_MS = 600, 5000, 400


class Driven:
    """Zone 1 has long been driven, with a drop of 10 mmHg and more; zone 2 is shut with 60."""

    def __init__(self, topology: str = "zone sensors") -> None:
        self.desk = Desk(topology)
        self.check: Any = self.desk.guard.let_go
        self.levels: Any = self.desk.guard.levels
        self.answer: Any = self.desk.guard.answer
        self.sensing: Any = self.desk.sensing
        self.refreshed = 0
        self.desk.drive.refresh = self._refresh
        self.answer.flow.steady = True
        self.answer.driven = 0
        self.answer.driven_ms[0] = DRIVEN_MS
        self.levels.filling[0] = self.levels.open[0] = 1
        self.levels.sharing = 1
        self.levels.shut[1] = 1
        self.levels.level_pa[1] = OWN
        for sensor in range(self.desk.net.n_sensors):
            self.sensing.age_ms[sensor] = 0
        self.show(LINE)
        self.answer.flow.line_pa = LINE
        self.check._own_pa = OWN
        assert not self.check.tick(TICK_MS)

    def _refresh(self) -> None:
        self.refreshed += 1

    def show(self, line_pa: int, own_pa: int = OWN) -> None:
        if self.desk.net.line_sensor != NONE:
            self.sensing.worst_pa[self.desk.net.line_sensor] = line_pa
        own = self.desk.net.zone_sensor[0]
        if own != NONE:
            self.sensing.worst_pa[own] = own_pa

    def falls(self, line_pa: int = LINE - FALLS_PA, readings: int = 2) -> Driven:
        """The line shows so much at once, in so many readings of the zone."""
        self.show(line_pa)
        for _ in range(readings):
            assert not self.check.tick(TICK_MS)
        return self

    def is_back(self, mean_pa: int = LINE) -> bool:
        self.answer.flow.line_pa = mean_pa
        return bool(self.check.tick(TICK_MS))


@pytest.mark.parametrize("lost_pa, told", ((SINKS_PA + 1, True), (SINKS_PA, False)))
def test_a_flow_that_goes_at_once_with_the_air_of_a_shut_zone_and_comes_back_was_without_its_12_v(lost_pa, told):
    driven = Driven().falls()
    assert driven.refreshed == 1, "what was held has let go"
    driven.levels.level_pa[1] -= lost_pa
    assert driven.is_back() is told
    if told:
        assert not driven.is_back(), "it is told once"


@pytest.mark.parametrize(
    "line_pa, readings, seen",
    (
        (LINE - FALLS_PA, 2, True),
        (LINE - FALLS_PA + 1, 2, False),  # the pump's strokes
        (LINE - FALLS_PA, 1, False),  # a limb lets go, and the zone is read later
    ),
)
def test_what_is_no_fall_of_the_line_alone(line_pa, readings, seen):
    assert bool(Driven().falls(line_pa, readings).refreshed) is seen


def test_a_line_that_keeps_more_than_a_quarter_of_its_drop_has_its_flow():
    for left_pa, seen in ((pa(20) // 4, True), (pa(20) // 4 + 1, False)):
        driven = Driven()
        driven.check._drop_pa, driven.check._line_pa = pa(20), OWN + pa(20)
        driven.show(OWN + left_pa)
        driven.check.tick(TICK_MS)
        assert driven.check._readings == int(seen)


@pytest.mark.parametrize("own_pa, seen", ((OWN, True), (OWN - 1, False), (OWN - pa(18), False)))
def test_a_limb_that_lets_go_takes_from_the_zone_what_it_takes_from_the_line(own_pa, seen):
    driven = Driven()
    driven.show(LINE - FALLS_PA, own_pa)
    driven.check.tick(TICK_MS)
    assert driven.check._readings == int(seen)
    assert driven.check._own_pa == OWN + ((own_pa - OWN) >> 3), "smoothed as the line is"


@pytest.mark.parametrize("what", ("less flow than of late", "side by side", "just begun", "not driven", "old readings", "no drop"))
def test_what_says_nothing_of_the_flow(what):
    driven = Driven()
    if what == "less flow than of late":
        driven.answer.flow.steady = False
    elif what == "side by side":
        driven.levels.sharing = 2
    elif what == "just begun":
        driven.answer.driven_ms[0] = DRIVEN_MS - TICK_MS
    elif what == "not driven":
        driven.levels.filling[0] = 0
    elif what == "old readings":
        driven.sensing.age_ms[driven.desk.net.zone_sensor[0]] = 20
    else:
        driven.check._drop_pa = 0
        driven.show(OWN - pa(40))
    driven.falls(OWN - pa(40))
    assert not driven.refreshed


def test_half_of_the_drop_within_five_seconds_is_a_flow_that_is_back():
    for mean_pa, waited_ms, told in (
        (OWN + (LINE - OWN) // 2 + 1, 20, True),
        (OWN + (LINE - OWN) // 2, 20, False),
        (LINE, BACK_MS - 20, True),
        (LINE, BACK_MS + 20, False),
    ):
        driven = Driven().falls()
        driven.levels.level_pa[1] -= pa(5)
        driven.answer.flow.line_pa = OWN
        for _ in range(waited_ms // TICK_MS - 1):
            assert not driven.check.tick(TICK_MS)
        assert driven.is_back(mean_pa) is told, (mean_pa, waited_ms)


def test_one_reading_that_is_low_and_another_one_later_are_no_fall():
    driven = Driven().falls(readings=1)
    driven.falls(LINE, readings=1)
    driven.falls(readings=1)
    assert not driven.refreshed


def test_a_drive_that_begins_with_a_low_line_has_lost_nothing():
    driven = Driven().falls(readings=1)
    driven.levels.filling[0] = 0
    driven.falls(readings=1)
    driven.levels.filling[0] = 1
    driven.falls(readings=3)
    assert not driven.refreshed


def test_what_a_drive_drops_goes_by_what_its_zone_shows_as_it_begins():
    driven = Driven()
    driven.levels.filling[0] = 0
    driven.show(LINE, pa(30))
    assert not driven.check.tick(TICK_MS)
    driven.levels.filling[0] = 1
    assert not driven.check.tick(TICK_MS)
    assert driven.check._drop_pa == LINE - pa(30)


def test_12_v_that_are_gone_again_at_once_are_seen_again():
    driven = Driven().falls()
    driven.levels.level_pa[1] -= SINKS_PA + 1
    assert driven.is_back()
    driven.answer.flow.line_pa = OWN
    driven.falls()
    assert driven.refreshed == 2, "what was held has let go once more"


def test_air_that_a_shut_zone_lost_in_an_earlier_moment_says_nothing_of_a_later_one():
    driven = Driven().falls()
    driven.levels.level_pa[1] -= SINKS_PA + 1
    assert driven.is_back()
    driven.falls(LINE, readings=1)
    driven.falls()
    assert driven.refreshed == 2
    assert not driven.is_back()


def test_meanwhile_the_coils_are_pulled_in_again_and_again():
    driven = Driven().falls()
    driven.answer.flow.line_pa = OWN
    for _ in range(4 * REFRESH_MS // TICK_MS):
        driven.check.tick(TICK_MS)
    assert driven.refreshed == 1 + 4


@pytest.mark.parametrize("topology", ("manifold", "independent"))
def test_without_both_sensors_there_is_nothing_to_compare(topology):
    driven = Driven(topology)
    driven.falls(0)
    assert not driven.refreshed
    driven = Driven()
    driven.answer.driven = NONE
    assert not driven.falls(0).refreshed


def test_the_guard_tells_it():
    desk: Any = Desk("zone sensors")
    desk.hold()
    desk.guard.let_go.tick = lambda elapsed_ms: True
    desk.guard.answer.driven = 1
    desk.tick()
    assert desk.fault == faults.SUPPLY_DIP
