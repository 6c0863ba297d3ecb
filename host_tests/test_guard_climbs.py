"""A pump that nobody drives, from both sides, to the pascal and the tick: what levels, drive and readings say is put before the watch."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import ALL, TICK_MS, Desk
from peristal.core import faults, model
from peristal.core.units import NONE, pa

LONG_MS = 100_000


class Looked:
    """One zone, alone, is open to the still line; each look is a list of readings, one for each tick."""

    def __init__(self, topology: str = "manifold", zone: int = 0) -> None:
        self.desk = Desk(topology)
        self.net, self.guard = self.desk.net, self.desk.guard
        self.watch: Any = self.guard.runs_on
        self.levels: Any = self.guard.levels
        self.drive: Any = self.desk.drive
        self.sensing: Any = self.desk.sensing
        self.zone = zone
        own = self.net.zone_sensor[zone]
        self.sensor = self.net.line_sensor if own == NONE else own
        self.drive.pump_still_ms = LONG_MS
        for valve in range(self.net.n_valves):
            self.drive.still_ms[valve] = LONG_MS
        self.drive.state[self.net.exhaust_valve[zone] if self.net.independent else self.net.vent_valve] = 1  # shut

    def look(self, *readings_pa: int, apart_ms: int = 2000) -> Looked:
        """A look with these readings, and then none for so long."""
        self.levels.open_count, self.levels.open[self.zone] = 1, 1
        for reading in readings_pa:
            self.sensing.pa[self.sensor], self.sensing.age_ms[self.sensor] = reading, 0
            self.watch.tick(TICK_MS)
        self.levels.open_count, self.levels.open[self.zone] = 0, 0
        for _ in range(apart_ms // TICK_MS):
            self.watch.tick(TICK_MS)
        return self

    def rises(self, rise_pa: int, ticks: int = 6, apart_ms: int = 2000) -> Looked:
        """Evenly; what counts is from the mean of the first two to that of the last two."""
        return self.look(*(6000 + rise_pa * at // (ticks - 2) for at in range(ticks)), apart_ms=apart_ms)

    @property
    def climbs(self) -> int:
        return self.watch.climbs


@ALL
def test_three_looks_in_a_row_in_which_a_zone_rises_with_the_pump_off_are_a_pump_that_runs_on(topology):
    looked = Looked(topology)
    for number in range(1, 4):
        assert looked.desk.fault == faults.OK
        assert looked.rises(210).climbs == number
    assert (looked.desk.fault, looked.guard.fault_zone) == (faults.PUMP_RUNS_ON, NONE)
    looked = Looked(topology).rises(400)
    assert looked.climbs == 2, "twice as much counts twice"
    assert not looked.desk.fault
    assert looked.guard.clear() and looked.climbs == 0


@pytest.mark.parametrize(
    "rise_pa, ticks, climbs",
    (
        # The least is 200 Pa, or 9 in 10 ms.
        (199, 6, 0), (200, 6, 1), (399, 6, 1), (400, 6, 2),
        (199, 10, 0), (200, 10, 1), (214, 12, 0), (218, 12, 1), (214, 20, 0), (359, 20, 0), (360, 20, 1), (719, 20, 1), (720, 20, 2),
    ),
)  # fmt: skip
def test_a_rise_must_be_200_pa_and_9_pa_in_10_ms_and_twice_of_it_counts_twice(rise_pa, ticks, climbs):
    assert Looked().rises(rise_pa, ticks).climbs == climbs


def test_less_than_60_pa_begin_the_count_anew_and_what_is_in_between_says_nothing():
    for rise_pa, climbs in ((60, 1), (199, 1), (59, 0), (0, 0), (-300, 0)):
        assert Looked().rises(210).rises(rise_pa).climbs == climbs


def test_a_look_needs_120_ms_and_is_over_after_400():
    assert Looked().rises(210, 6).climbs == 1
    assert Looked().rises(210, 5).climbs == 0
    assert Looked().rises(210).rises(-300, 5).climbs == 1, "what is too short forgives nothing either"
    long = Looked()
    long.levels.open_count, long.levels.open[0] = 1, 1
    for tick in range(21):
        long.sensing.pa[long.sensor], long.sensing.age_ms[long.sensor] = 6000 + 30 * tick, 0
        long.watch.tick(TICK_MS)
        assert long.climbs == 0
    long.watch.tick(TICK_MS)
    assert long.climbs == 1, "more than 400 ms are a look, although it goes on"


@pytest.mark.parametrize("readings, climbs", ((3, 0), (4, 1)))
def test_a_look_needs_four_readings_and_what_was_not_read_is_none(readings, climbs):
    looked = Looked("independent")
    looked.levels.open_count, looked.levels.open[0] = 1, 1
    for tick in range(8):
        looked.sensing.pa[looked.sensor], looked.sensing.age_ms[looked.sensor] = 6000 + 110 * tick, 0 if tick < readings else 20
        looked.watch.tick(TICK_MS)
    assert looked.look(apart_ms=100).climbs == climbs


def test_a_limb_lifts_a_zone_at_once():
    """Three quarters of the rise in one step are too much."""
    assert Looked().look(6000, 6000, 6150, 6150, 6200, 6200).climbs == 1  # 150 of 200
    assert Looked().look(6000, 6000, 6151, 6151, 6200, 6200).climbs == 0
    assert Looked().look(6000, 6000, 6151, 6001, 6200, 6200).climbs == 0, "the largest of them"


def test_who_sits_down_does_it_within_a_second_and_a_half():
    assert Looked().rises(210, apart_ms=1360).rises(210).climbs == 1
    assert Looked().rises(210, apart_ms=1500).rises(210).climbs == 2


@pytest.mark.parametrize("what", ("another is open", "vented", "valve", "way out", "way out open", "pump", "none"))
def test_only_a_zone_that_alone_is_open_to_a_line_that_has_long_been_still_is_looked_at(what):
    for enough in (True, False):
        looked = Looked()
        net, drive = looked.net, looked.drive
        least_ms = 100 + 2 * net.settle_ms[0]
        if what == "valve":
            drive.still_ms[net.fill_valve[0]] = least_ms - (not enough)
        elif what == "way out":
            drive.still_ms[net.vent_valve] = least_ms - (not enough)
        elif what == "way out open":
            drive.state[net.vent_valve] = 1 if enough else 0
        elif what == "pump":
            drive.pump_still_ms = net.coast_ms + net.settle_ms[0] - (not enough)
        looked.levels.vented = what == "vented" and not enough
        looked.levels.open_count, looked.levels.open[0] = (2 if what == "another is open" and not enough else 1), 1
        if what == "none" and not enough:
            looked.levels.open_count = looked.levels.open[0] = 0
        assert looked.watch._looked_at() == (0 if enough else NONE)


# --- what is let out --------------------------------------------------------------------------------------------------


@ALL
def test_a_way_out_that_has_let_out_for_three_times_what_the_air_needs_with_the_pump_off_is_fed(topology):
    looked = Looked(topology)
    net, watch = looked.net, looked.watch
    c = net.valves[net.fill_valve[1]].c_ml_s_bar
    out_c = net.valves[net.exhaust_valve[1]].c_ml_s_bar if net.independent else model.series(c, net.valves[net.vent_valve].c_ml_s_bar)
    most_ms = 3 * model.vent_ms(net.zones[1].volume_ml, out_c, pa(80), pa(10))
    assert watch._most_out_ms[1] == most_ms
    for falls, told in ((True, True), (False, False)):
        looked = Looked(topology)
        watch = looked.watch
        watch.lets_out(1, TICK_MS, 8000, True)
        for _ in range(most_ms // TICK_MS):
            watch.lets_out(1, TICK_MS, 8000 - pa(1) - falls, False)
        assert not looked.desk.fault
        watch.lets_out(1, TICK_MS, 8000 - pa(1) - falls, False)
        assert (looked.desk.fault == faults.PUMP_RUNS_ON) is told, "a way out that leads nowhere says nothing"


def test_a_pump_that_is_driven_and_a_new_session_begin_that_time_anew():
    for what in ("driven", "new session", "relief"):
        looked = Looked()
        watch, most_ms = looked.watch, looked.watch._most_out_ms[1]
        watch.lets_out(1, TICK_MS, 8000, True)
        for _ in range(most_ms // TICK_MS):
            watch.lets_out(1, TICK_MS, 4000, False)
        if what == "driven":
            looked.drive.pump_permille = 300
            watch.tick(TICK_MS)
        elif what == "new session":
            watch.forget()
        else:
            watch.lets_out(1, TICK_MS, 8000, True)
        watch.lets_out(1, TICK_MS, 4000, False)
        assert bool(looked.desk.fault) is (what == "relief"), "one relief after the other adds up"
