"""A pump that runs although nobody drives it: what shows it, and what only looks alike. At the desk."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import ALL, OWN_SENSORS, Desk
from peristal.core import faults
from peristal.core.reasons import WHY_RELIEF
from peristal.core.units import NONE, pa


def held(topology: str) -> Desk:
    """Every zone has its 60 mmHg and is shut."""
    desk = Desk(topology)
    desk.hold(60.0)
    for zone in range(desk.net.n_zones):
        desk.show(zone, 60.0)
    return desk.run(1000)


def begin_look(desk: Desk, zone: int, line_mmhg: float) -> None:
    """A zone is opened to the still line, until the look at it begins."""
    desk.look(zone)
    for _ in range(60):
        desk.line_mmhg = line_mmhg
        desk.tick()
        if desk.guard.runs_on._zone == zone:
            break


def looks_up(desk: Desk, zone: int, from_mmhg: float, rise_mmhg: float, at_once: bool = False, apart_ms: int = 1500) -> None:
    """A zone is opened to the still line for a look, and rises meanwhile."""
    begin_look(desk, zone, from_mmhg)
    for tick in range(20):
        share = float(tick > 9) if at_once else tick / 19
        desk.show(zone, from_mmhg + rise_mmhg * share)
        desk.line_mmhg = desk.zone_mmhg[zone]
        desk.tick()
    desk.hold(60.0)
    desk.run(40)
    desk.show(zone, from_mmhg)
    desk.run(apart_ms)


@OWN_SENSORS
@pytest.mark.parametrize(
    "rise_mmhg, at_once, looks, told",
    (
        (6.0, False, 2, True), (6.0, False, 1, False),  # twice the least counts twice
        (3.2, False, 3, True), (3.2, False, 2, False), (2.2, False, 9, False),
        (8.0, True, 9, False),  # a limb
    ),
)  # fmt: skip
def test_zones_that_rise_look_after_look_with_the_pump_off_are_driven_by_something_else(topology, rise_mmhg, at_once, looks, told):
    desk = Desk(topology)
    desk.hold(60.0)
    for zone in range(desk.net.n_zones):
        desk.show(zone, 40.0)
    desk.run(1000)
    for look in range(looks):
        looks_up(desk, look % 2, 40.0, rise_mmhg, at_once)
    assert (desk.fault == faults.PUMP_RUNS_ON) is told


@OWN_SENSORS
@pytest.mark.parametrize("gives_mmhg, fault, zone", ((3.2, faults.VALVE_STUCK_OPEN, 2), (2.8, faults.PUMP_RUNS_ON, 255)))
def test_air_that_a_shut_zone_gives_meanwhile_is_that_zone_s_valve(topology, gives_mmhg, fault, zone):
    desk = Desk(topology)
    desk.hold(60.0)
    for other in range(desk.net.n_zones):
        desk.show(other, 40.0)
    desk.run(1000)
    looks_up(desk, 0, 40.0, 6.0)
    begin_look(desk, 0, 40.0)
    for tick in range(22):
        desk.show(0, 40.0 + 6.0 * min(1.0, tick / 19))
        desk.show(2, 40.0 - gives_mmhg * min(1.0, tick / 19))
        desk.line_mmhg = desk.zone_mmhg[0]
        desk.tick()
    assert (desk.guard.fault, desk.guard.fault_zone) == (fault, zone)


@OWN_SENSORS
def test_a_look_at_a_zone_that_keeps_still_begins_the_count_anew_and_so_does_a_new_session(topology):
    for between in ("calm", "begin", "at once after"):
        desk = Desk(topology)
        desk.hold(60.0)
        for zone in range(desk.net.n_zones):
            desk.show(zone, 40.0)
        desk.run(1000)
        looks_up(desk, 0, 40.0, 3.2)
        looks_up(desk, 0, 40.0, 3.2)
        if between == "calm":
            looks_up(desk, 0, 40.0, 0.2)
        elif between == "begin":
            desk.guard.begin()
        looks_up(desk, 0, 40.0, 3.2, apart_ms=1500 if between != "at once after" else 0)
        assert (desk.fault == faults.PUMP_RUNS_ON) is (between == "at once after")


@ALL
def test_a_way_out_that_still_lets_air_out_after_three_times_what_the_zone_needs_is_fed(topology):
    for falls_mmhg, pump_ran, told in ((1.5, False, True), (0.5, False, False), (1.5, True, False)):
        desk = held(topology)
        runs_on = desk.guard.runs_on
        most_ms = runs_on._most_out_ms[1]
        runs_on.lets_out(1, 20, pa(60), True)
        for passed_ms in range(0, most_ms, 20):
            runs_on.lets_out(1, 20, pa(60) - int(falls_mmhg * 133.322), False)
            assert not desk.fault
            if pump_ran and passed_ms == most_ms // 2:
                desk.drive.pump_permille = 1000
                runs_on.tick(20)
                desk.drive.pump_permille = 0
        runs_on.lets_out(1, 20, pa(60) - int(falls_mmhg * 133.322), False)
        assert (desk.fault == faults.PUMP_RUNS_ON) is told


@OWN_SENSORS
def test_a_limb_that_moves_has_its_zone_relieved_as_often_as_it_likes(topology):
    desk = held(topology)
    for _ in range(12):
        desk.zone_mmhg[1] = 76.0
        desk.tick()
        assert desk.guard.reasons & WHY_RELIEF
        desk.zone_mmhg[1] = 60.0
        desk.run(3500)
    assert not desk.fault


@ALL
def test_a_relief_that_the_guard_itself_keeps_open_and_that_never_ends_is_a_pump_that_runs_on(topology):
    desk = Desk(topology)
    desk.hold(60.0)
    desk.show(1, 90.0)
    desk.tick()
    desk.guard.zones.relief_zone, desk.guard.zones.relief_ms = 1, 1 << 20
    desk.tick()
    for mmhg in (80.0, 75.0):
        desk.show(1, mmhg)
        desk.tick()
    assert not desk.fault
    desk.run(desk.guard.runs_on._most_out_ms[1] + 40)
    assert desk.fault == faults.PUMP_RUNS_ON


def test_a_new_session_forgets_which_zone_was_looked_at():
    watch = Desk("independent").guard.runs_on
    watch._zone = 2
    watch.forget()
    assert watch._zone == NONE


def test_a_new_session_does_not_judge_the_look_that_was_under_way():
    watch: Any = Desk("independent").guard.runs_on
    watch._zone, watch._look_ms, watch._readings, watch._mean_pa = 2, 400, 10, pa(10)
    watch.forget()
    watch._looked_at = lambda: 1
    watch.tick(20)
    assert (watch._zone, watch.climbs) == (1, 0)


@pytest.mark.parametrize("readings, climbs", ((3, 0), (4, 1)))
def test_a_rise_that_three_readings_show_may_be_noise_and_four_make_one(readings, climbs):
    watch: Any = Desk("independent").guard.runs_on
    watch._zone, watch._look_ms, watch._readings, watch._step_pa = 0, 400, readings, 100
    watch._judge(400)
    assert watch.climbs == climbs


def test_a_line_that_the_last_relief_emptied_alone_fills_again_from_its_zone():
    watch: Any = Desk("manifold").guard.runs_on
    watch._zone, watch._look_ms, watch._readings, watch._step_pa = 0, 400, 4, 100
    watch.guard.zones.emptied = 1
    watch._judge(1000)
    assert watch.climbs == 0
    watch.guard.zones.emptied = 0
    watch._judge(1000)
    assert watch.climbs == 2


@pytest.mark.parametrize("more_pa, climbs", ((-10, 2), (10, 0)))
def test_a_zone_that_rises_twice_as_fast_as_the_pump_could_lift_it_is_pressed(more_pa, climbs):
    """Through a narrow valve the line follows a limb for some ticks: no step shows it."""
    watch: Any = Desk("manifold").guard.runs_on
    watch._zone, watch._look_ms, watch._readings, watch._step_pa, watch._mean_pa = 1, 160, 8, 100, pa(60)
    brings = watch.guard.answer.flow_ml_s[1] * 160 * pa(10) / watch.levels.ten_ul(1, pa(60))
    watch._judge(round(2 * brings) + more_pa)
    assert watch.climbs == climbs


def test_a_zone_that_was_let_out_in_the_look_has_given_nothing():
    desk = Desk("independent")
    watch: Any = desk.guard.runs_on
    watch._looked_at = lambda: 1
    desk.guard.levels.shut[2], desk.guard.levels.level_pa[2] = 1, 5000
    watch.tick(20)
    assert watch._had_pa[2] == 5000
    watch.tick(20)
    assert watch._had_pa[2] == 5000
    desk.guard.levels.shut[2] = 0
    watch.tick(20)
    desk.guard.levels.shut[2], desk.guard.levels.level_pa[2] = 1, 1000
    watch.tick(20)
    assert watch._giver() == NONE


@pytest.mark.parametrize("topology, shut, zone", (("zone sensors", 1, 2), ("zone sensors", 0, NONE), ("manifold", 1, NONE)))
def test_only_a_zone_that_should_be_shut_and_that_its_own_sensor_shows_can_have_given_air(topology, shut, zone):
    desk = Desk(topology)
    watch: Any = desk.guard.runs_on
    desk.guard.levels.shut[2] = shut
    watch._had_pa[2] = desk.guard.levels.level_pa[2] + pa(3) + 1
    assert watch._giver() == zone
    watch._had_pa[2] -= 1
    assert watch._giver() == NONE


def test_the_largest_step_of_a_look_is_its_own():
    watch: Any = Desk("independent").guard.runs_on
    watch._looked_at = lambda: 1
    watch._step_pa = 9000
    watch.tick(20)
    assert (watch._zone, watch._step_pa) == (1, 0)


def test_air_that_does_not_end_is_told_once_and_counted_anew():
    desk = Desk("independent")
    watch: Any = desk.guard.runs_on
    watch._before_pa, watch._out_ms = 8000, watch._most_out_ms[1] - 20
    watch.lets_out(1, 20, 8000 - pa(1) - 1, False)
    assert not desk.fault
    watch.lets_out(1, 20, 8000 - pa(1) - 1, False)
    assert desk.fault == faults.PUMP_RUNS_ON and watch._out_ms == 0


# --- a line in which everything is shut --------------------------------------------------------------------------------

SEAT = pa(3)


class ShutLine:
    """Everything is shut, the pump is still, zones have 60 mmHg at the most, and the line shows 40."""

    def __init__(self, topology: str = "manifold") -> None:
        self.desk = Desk(topology)
        self.guard: Any = self.desk.guard
        self.watch: Any = self.guard.runs_on
        self.desk.drive.pump_still_ms = self.desk.net.coast_ms + 51
        self.told: list[tuple[int, int]] = []
        self.guard.trip = lambda fault, zone=NONE: self.told.append((fault, zone))
        self.guard.levels.open_count, self.guard.levels.highest_pa = 1, pa(60)
        self.shows(pa(40))
        self.guard.levels.open_count = 0

    def shows(self, *line_pa: int, ms: int = 20) -> ShutLine:
        for each in line_pa:
            self.watch._watch_shut(ms, each)
        return self

    def again(self, line_pa: int = pa(40)) -> ShutLine:
        """A zone is open for a moment."""
        self.guard.levels.open_count = 1
        self.shows(line_pa)
        self.guard.levels.open_count = 0
        return self


STUCK = [(faults.VALVE_STUCK_OPEN, NONE)]


@pytest.mark.parametrize("by_pa, told", ((SEAT + 1, STUCK), (SEAT, [])))
def test_a_shut_line_that_falls_at_once_by_3_mmhg_a_second_time_has_a_zone_with_a_leaking_seat(by_pa, told):
    line = ShutLine().shows(pa(40), pa(40) - by_pa)
    assert not line.told, "once says nothing"
    assert not line.shows(pa(30), pa(20)).told, "nor again while it stays shut"
    assert line.again().shows(pa(40), pa(40) - by_pa).told == told


@pytest.mark.parametrize(
    "open_pa, shut_pa, what, told",
    (
        (pa(40), pa(10) - 1, "", STUCK),
        (pa(40), pa(10), "", []),
        (pa(8) + 1, 0, "", STUCK),
        (pa(8), 0, "", []),  # who lets go of a slack zone as its valve shuts
        (pa(40), 0, "not settled", []),
        (pa(40), 0, "vented", []),
        (pa(40), 0, "two are open", []),
        (pa(40), 0, "driven", []),
    ),
)
def test_a_line_that_is_empty_as_soon_as_it_is_shut_twice_in_a_session_has_its_way_out_open(open_pa, shut_pa, what, told):
    """A wide one empties it while the zone's valve still moves: there was no fall to be seen any more."""
    line = ShutLine()
    levels: Any = line.guard.levels
    levels.settled = lambda zone: what != "not settled"
    for _ in range(2):
        levels.open[1], levels.open_count = 1, 1
        line.shows(open_pa)
        levels.settled, settled = lambda zone: False, levels.settled
        line.shows(open_pa >> 1)
        levels.settled = settled
        levels.vented, levels.open_count = what == "vented", 2 if what == "two are open" else 1
        line.desk.drive.pump_still_ms = 0 if what == "driven" else 5000
        if what in ("vented", "two are open", "driven"):
            line.shows(open_pa)
        line.desk.drive.pump_still_ms = 5000
        levels.open[1], levels.open_count, levels.vented = 0, 0, False
        assert not line.told, "once a limb may have let go"
        line.shows(shut_pa, shut_pa)
    assert line.told == told


@pytest.mark.parametrize("ticks, told", ((5, STUCK), (6, [])))
def test_a_shut_line_may_lose_as_much_in_time(ticks, told):
    line = ShutLine()
    for _ in range(2):
        line.shows(*[pa(40)] * ticks, pa(40) - SEAT - 1).again()
    assert line.told == told


@pytest.mark.parametrize(
    "rises_pa, told",
    (((SEAT + 1, SEAT + 60), STUCK), ((SEAT + 1, SEAT + 61), []), ((SEAT - 58, SEAT), []), ((60, 120, SEAT + 2, SEAT + 2), STUCK)),
)
def test_a_shut_line_that_has_risen_and_stands_has_a_zone_with_a_leaking_seat(rises_pa, told):
    line = ShutLine()
    for _ in range(2):
        line.shows(*[pa(40)] * 20, *(pa(40) + rise for rise in rises_pa)).again()
    assert line.told == told


def let_out(line: ShutLine, line_pa: int, zones: int = 0) -> ShutLine:
    """The line's vent is open, and so many zones with it, and shuts again."""
    levels = line.guard.levels
    levels.vented, levels.open_count = True, zones
    line.shows(line_pa)
    levels.vented, levels.open_count = False, 0
    return line


@pytest.mark.parametrize(
    "left_pa, rises, zones, told",
    (
        (0, (pa(30), pa(55), pa(55)), 0, STUCK),  # in a tick or two the line has what is behind it
        (0, (60, 2 * SEAT + 1, 2 * SEAT + 1), 0, STUCK),
        (0, (60, 2 * SEAT, 2 * SEAT), 0, []),  # so much must come twice
        (pa(30), (pa(36) + 1, pa(36) + 2), 0, STUCK),  # a vent that is narrower than what fills the line
        (0, (pa(8), pa(8)), 1, []),  # what is left in a zone that was let out, too
        (0, [pa(4) * tick for tick in range(1, 6)], 0, []),  # it may yet be driven, ...
        (0, [pa(4) * tick for tick in range(1, 7)], 0, STUCK),  # ... but not for so long with so little
    ),
)
def test_a_line_that_was_let_out_alone_stays_empty_or_a_seat_leaks(left_pa, rises, zones, told):
    """Where all zones rise and fall together nothing else showed it: each gave its air to the next one."""
    assert let_out(ShutLine(), left_pa, zones).shows(*rises).told == told


def test_a_little_that_comes_back_into_a_line_that_was_let_out_says_something_the_second_time():
    line = ShutLine()
    for times in (1, 2):
        let_out(line, 0).shows(60, SEAT + 1, SEAT + 1)
        assert line.told == (STUCK if times == 2 else [])
        line.again()


def test_a_line_that_was_driven_and_not_let_out_is_not_empty_when_it_rests():
    line = ShutLine()
    line.desk.drive.pump_still_ms = 0
    line.shows(0)
    line.desk.drive.pump_still_ms = 5000
    assert not line.shows(60, 2 * SEAT + 1, 2 * SEAT + 1).told


def test_what_a_line_shows_of_a_zone_goes_by_the_zone_that_is_open_and_by_no_other_one():
    line = ShutLine()
    levels: Any = line.guard.levels
    levels.settled = lambda zone: zone == 0
    for _ in range(2):
        levels.open[1], levels.open_count = 1, 1
        line.shows(pa(40))
        levels.open[1], levels.open_count = 0, 0
        line.shows(0, 0)
    assert not line.told


def test_a_line_that_rises_above_what_a_limb_can_press_into_any_zone_is_driven():
    top = pa(60) + pa(25)
    for first, then, told in ((pa(50), top + 1, True), (pa(50), top, False), (top + 1 - SEAT, top + 1, False), (top - SEAT, top + 1, True)):
        line = ShutLine().again(first).shows(first, then)
        assert line.told == ([(faults.PUMP_RUNS_ON, NONE)] if told else []), (first, then)
        line = ShutLine().again(first).shows(then)
        assert line.told == ([(faults.PUMP_RUNS_ON, NONE)] if told else []), "since the last tick in which a valve may have moved"


DIP = [(faults.SUPPLY_DIP, NONE)]
MOVED = pa(8)


def moves(*line_pa: int, waits: int = 11) -> ShutLine:
    """The line has shown its 40 mmHg for so many ticks when it shows something else."""
    return ShutLine().shows(*[pa(40)] * waits, *line_pa)


@pytest.mark.parametrize("by_pa, told", ((MOVED + 1, STUCK), (MOVED, []), (-MOVED - 1, STUCK), (-MOVED, [])))
def test_a_shut_line_that_moves_at_once_by_8_mmhg_shows_after_400_ms_what_has_opened(by_pa, told):
    to_pa = pa(40) + by_pa
    assert not moves(*[to_pa] * 20).told
    line = moves(*[to_pa] * 21)
    assert line.told == told
    assert line.shows(*[to_pa] * 60).told == told, "once"


@pytest.mark.parametrize("waits, told", ((9, []), (10, STUCK)))
def test_a_valve_may_be_200_ms_late(waits, told):
    assert moves(*[pa(20)] * 40, waits=waits).told == told


@pytest.mark.parametrize("ticks, told", ((2, STUCK), (16, [])))
def test_what_moves_it_slowly_is_no_valve(ticks, told):
    steps = [pa(40) - pa(16) * step // ticks for step in range(1, ticks + 1)]
    assert moves(*steps, *[pa(24)] * 30).told == told


@pytest.mark.parametrize(
    "met_pa, falls_pa, told",
    (
        (pa(30), pa(1) + 1, DIP), (pa(30), pa(1), STUCK),
        (MOVED // 2 + pa(1) + 2, pa(1) + 1, DIP), (MOVED // 2 + pa(1) + 1, pa(1) + 1, STUCK),  # 4 mmHg are an empty line
    ),
)  # fmt: skip
def test_what_goes_on_falling_once_line_and_zones_have_met_and_is_not_empty_are_all_of_them(met_pa, falls_pa, told):
    assert moves(pa(20), *[met_pa] * 4, *[met_pa - falls_pa] * 16).told == told
    assert moves(pa(20), *[met_pa] * 3, *[met_pa - falls_pa] * 17).told == STUCK, "until then they have 100 ms"


@pytest.mark.parametrize("line_pa, sink, told", ((pa(30), True, DIP), (pa(30) + 1, True, STUCK), (pa(30), False, STUCK)))
def test_a_line_with_less_than_half_of_what_zones_have_is_open_to_the_air_and_they_show_whether_they_are_too(line_pa, sink, told):
    line = moves()
    line.guard.plausible.all_sink = lambda driven: sink and driven == NONE
    assert line.shows(*[line_pa] * 21).told == told


@pytest.mark.parametrize(
    "met_pa, ends_pa, told",
    (
        (pa(55), pa(40) + SEAT - 1, STUCK), (pa(55), pa(40) - SEAT + 1, STUCK), (pa(55), pa(40) + SEAT, DIP), (pa(55), pa(40) - SEAT, DIP),
        (pa(30), pa(28), DIP), (pa(40), pa(38), STUCK),
    ),
)  # fmt: skip
def test_a_shut_line_that_a_limb_lifts_and_lets_go_has_a_zone_that_is_open_to_it(met_pa, ends_pa, told):
    """It is back where it was; and what comes of a failed 12 V goes on."""
    assert moves(pa(55), *[met_pa] * 4, *[ends_pa] * 16).told == told


def test_what_has_not_fallen_since_line_and_zones_met_no_limb_let_go_of():
    """The line is back where it was at once, and the zones' own sensors show that all of them sink."""
    line = moves()
    line.guard.levels.highest_pa = pa(100)
    line.guard.plausible.all_sink = lambda driven: True
    assert line.shows(pa(55), *[pa(40)] * 20).told == DIP


def test_a_line_that_has_moved_a_little_may_yet_move_far_and_be_driven():
    assert ShutLine().shows(*[pa(37) - 1] * 12, *[pa(20)] * 21).told == STUCK
    assert ShutLine().shows(*[pa(37) - 1] * 2, pa(86)).told == [(faults.PUMP_RUNS_ON, NONE)]
    assert ShutLine().shows(*[pa(40)] * 12, pa(60), pa(86)).told == [(faults.PUMP_RUNS_ON, NONE)]


def test_a_line_that_is_not_shut_or_not_at_rest_may_move():
    for what in ("open", "vented", "coasts", "late", "nothing"):
        line = ShutLine()
        levels, ms = line.guard.levels, 20
        if what == "open":
            levels.open_count = 1
        elif what == "vented":
            levels.vented = True
        elif what == "coasts":
            line.desk.drive.pump_still_ms -= 1
        elif what == "late":
            ms = 41
        line.shows(pa(40), pa(90), ms=ms)
        assert bool(line.told) is (what == "nothing"), what
    assert ShutLine().shows(pa(40), pa(90), ms=40).told, "a tick may take two"


@pytest.mark.parametrize("what", ("open", "vented", "coasts", "late", "nothing"))
def test_the_shut_line_is_watched_anew_after_anything_that_may_have_moved_it(what):
    line = moves(*[pa(60)] * 10)
    levels, drive, still_ms = line.guard.levels, line.desk.drive, line.desk.drive.pump_still_ms
    if what == "open":
        levels.open_count = 1
    elif what == "vented":
        levels.vented = True
    elif what == "coasts":
        drive.pump_still_ms = still_ms - 1
    line.shows(pa(60), ms=41 if what == "late" else 20)
    levels.open_count, levels.vented, drive.pump_still_ms = 0, False, still_ms
    assert line.shows(*[pa(60)] * 60).told == (STUCK if what == "nothing" else [])


def test_a_new_session_has_not_seen_the_line_move():
    line = ShutLine().shows(pa(40), pa(30)).again()
    line.watch.forget()
    assert not line.shows(pa(40), pa(30)).told


def test_a_board_without_a_sensor_on_the_line_has_no_shut_line():
    desk = Desk("independent")
    desk.hold(60.0)
    desk.run(1000)
    assert desk.guard.runs_on._shut_ms == 0
    desk = Desk("manifold")
    desk.hold(60.0)
    desk.run(1000)
    assert desk.guard.runs_on._shut_ms > 0


# --- a line with everything open ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("topology, mmhg_s, what, told", (
    ("manifold", 8.0, "", True), ("manifold", 2.9, "", True), ("manifold", 2.3, "", False), ("manifold", 8.0, "strokes", True),
    ("manifold", 2.9, "a limb", False), ("manifold", -8.0, "", False), ("manifold", 8.0, "one is shut", False),
    ("zone sensors", 8.0, "", True), ("zone sensors", -8.0, "zones fill each other", False), ("manifold", 8.0, "just opened", False),
    ("manifold", 8.0, "pump", False),
))  # fmt: skip
def test_a_line_that_rises_look_after_look_with_everything_open_is_driven(topology, mmhg_s, what, told):
    desk = Desk(topology)
    desk.line_mmhg = 60.0
    desk.zone_mmhg = [20.0] * desk.net.n_zones
    desk.vent()
    desk.run(1000)
    if what == "one is shut":
        desk.wish.coil[desk.net.fill_valve[0]] = 1
        desk.run(500)
    for tick in range(400):
        desk.line_mmhg += mmhg_s / 50
        if what == "strokes":
            desk.line_mmhg += 4.0 * (-1) ** tick
        elif what == "a limb":
            desk.line_mmhg += 20.0 * (tick % 60 == 30) - 20.0 * (tick % 60 == 50)
        elif what == "zones fill each other":
            desk.zone_mmhg = [mmhg + 0.16 for mmhg in desk.zone_mmhg]
        elif what == "just opened":
            desk.wish.coil[desk.net.fill_valve[tick % 2]] ^= tick % 10 == 0
        elif what == "pump":
            desk.drive.pump_still_ms = 0
        desk.tick()
        if desk.fault:
            break
    assert (desk.fault == faults.PUMP_RUNS_ON) is told


def test_without_a_sensor_on_the_line_nothing_is_said_of_an_open_one():
    desk = Desk("zone sensors")
    desk.vent()
    desk.run(1000)
    watch: Any = desk.guard.runs_on
    assert watch._looked_at() == 0
    desk.net.line_sensor = NONE
    assert watch._looked_at() == NONE
    desk.net.line_sensor = 0
    desk.guard.levels.open_count -= 1
    assert watch._looked_at() == NONE


@pytest.mark.parametrize(
    "lost_pa, low_pa, told", ((pa(1) + (pa(60) >> 5) + 1, pa(40), DIP), (pa(1) + (pa(60) >> 5), pa(40), STUCK), (pa(9), 0, STUCK))
)
def test_zones_with_sensors_of_their_own_that_all_lose_air_meanwhile_are_all_open(lost_pa, low_pa, told):
    """The line may come to stand where it was. One alone that has air shows nothing but itself."""
    line = ShutLine("zone sensors").shows(*[pa(40)] * 11)
    levels = line.guard.levels
    for zone in range(levels.net.n_zones):
        levels.level_pa[zone] = 0
    levels.level_pa[0], levels.level_pa[1] = pa(60), low_pa
    line.shows(pa(55))
    levels.level_pa[0] -= lost_pa
    levels.level_pa[1] -= min(low_pa, pa(5))
    assert line.shows(*[pa(41)] * 20).told == told
