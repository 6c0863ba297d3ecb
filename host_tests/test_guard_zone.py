"""A zone's limits from both sides, to the pascal and the tick: readings and the drive's flow are put straight before the watch."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import ALL, OWN_SENSORS, TICK_MS, Desk
from peristal.core import faults, limits, model
from peristal.core.reasons import WHY_TRIP
from peristal.core.units import NONE, clamp, pa

TRIP, OVER, RELEASED, CAP = pa(130), pa(15), pa(15), pa(120)


class Watched:
    """One zone of the guard's zone watch; what levels and drive say is made up here, tick by tick."""

    def __init__(self, topology: str = "independent", zone: int = 1, vent_ms: int = 1000) -> None:
        self.desk = Desk(topology)
        self.zone = zone
        self.vent_ms = vent_ms
        self.guard = self.desk.guard
        self.zones: Any = self.guard.zones
        self.levels: Any = self.guard.levels
        self.levels.sharing = 1

    def look(self, level_pa: int, ticks: int = 1, *, target_pa: int | None = None, read: bool = True) -> Watched:
        """So many ticks with this level; `read`: measured in each of them."""
        if target_pa is not None:
            self.desk.wish.target_pa[self.zone] = target_pa
        for _ in range(ticks):
            self.levels.level_pa[self.zone] = level_pa
            self.levels.static[self.zone] = 1 if read else 0
            self.zones.tick(TICK_MS, self.desk.wish, self.vent_ms)
        return self

    def pump(self, ms: int, permille: int = 1000, sharing: int = 1) -> Watched:
        """So long the pump drives the zone."""
        self.levels.filling[self.zone], self.levels.sharing = 1, sharing
        self.desk.drive.pump_permille = permille
        self.look(pa(20), ms // TICK_MS, target_pa=pa(60))
        self.levels.filling[self.zone] = 0
        return self

    @property
    def told(self) -> tuple[int, int]:
        """Fault (latched or suspected) and zone."""
        return self.desk.fault, self.guard.fault_zone


@ALL
def test_above_130_mmhg_50_ms_open_everything_and_500_latch(topology):
    assert Watched(topology).look(TRIP, 100, target_pa=CAP).told == (faults.OK, NONE)
    watched = Watched(topology)
    seen = []
    for _ in range(25):
        seen.append((bool(watched.look(TRIP + 1, target_pa=CAP).zones.reasons & WHY_TRIP), watched.told[0]))
    assert seen == [(False, 0)] * 2 + [(True, 0)] * 22 + [(True, faults.ABSOLUTE_PRESSURE)]
    assert watched.told[1] == 1
    watched = Watched(topology)
    for _ in range(3):
        watched.look(TRIP + 1, 24, target_pa=CAP).look(CAP if topology == "manifold" else TRIP)
    assert not watched.told[0] and not watched.look(TRIP + 1, 2).zones.reasons, "and each time anew"


@OWN_SENSORS
@pytest.mark.parametrize("unread_ms, latches", ((60, False), (80, False), (100, True)))
def test_the_time_between_two_readings_counts_and_of_a_long_silence_no_more_than_400_ms(topology, unread_ms, latches):
    watched = Watched(topology).look(0, target_pa=CAP)
    watched.look(0, 1000, read=False).look(TRIP + 1)
    assert not watched.told[0]
    watched.look(0, unread_ms // TICK_MS - 1, read=False).look(TRIP + 1)
    assert bool(watched.told[0]) is latches


@OWN_SENSORS
def test_above_130_mmhg_everything_stays_open_between_two_readings_too(topology):
    watched = Watched(topology).look(TRIP + 1, 3, target_pa=CAP)
    seen = [bool(watched.look(TRIP + 1, read=read).zones.reasons & WHY_TRIP) for read in (True, False, False, True, False)]
    assert seen == [True] * 5
    assert not watched.look(TRIP).zones.reasons and not watched.look(TRIP, read=False).zones.reasons


def sat_on(level_pa: int = TRIP + 1, ticks: int = 3, *, target_pa: int = CAP) -> Watched:
    """Zone 2 of two legs of four, looked at; the others are shut with 80 mmHg."""
    watched = Watched("manifold")
    watched.levels.open[watched.zone] = 1
    for zone in range(watched.desk.net.n_zones):
        watched.levels.level_pa[zone] = pa(80)
    watched.zones._line_pa = watched.guard.sensing.worst_pa[0] = level_pa  # it does not rise any more
    return watched.look(level_pa, ticks, target_pa=target_pa)


def test_what_a_blind_zone_shows_above_130_mmhg_the_others_of_its_leg_may_have_too():
    watched = sat_on()
    first = list(watched.desk.net.leg_of).count(0)
    assert list(watched.levels.level_pa) == [TRIP + 1] * first + [pa(80)] * (watched.desk.net.n_zones - first)
    watched.levels.level_pa[0] = TRIP + 500
    assert watched.look(TRIP + 2).levels.level_pa[0] == TRIP + 500, "but not less than before"
    watched = sat_on(ticks=2)
    assert list(watched.levels.level_pa).count(pa(80)) == watched.desk.net.n_zones - 1


def test_everything_stays_open_until_the_line_has_shown_none_of_a_blind_leg_above_the_cap():
    watched = sat_on()
    for read in (True, False, False):
        assert watched.look(TRIP + 1, read=read).zones.reasons & WHY_TRIP
    assert watched.look(CAP, 50, read=False).zones.reasons & WHY_TRIP, "its neighbours have not been seen yet"
    for zone in range(watched.desk.net.n_zones):
        watched.levels.level_pa[zone] = CAP
    watched.levels.level_pa[0] = CAP + 1
    assert watched.look(CAP, read=False).zones.reasons & WHY_TRIP
    watched.levels.level_pa[0] = CAP
    assert not watched.look(CAP, read=False).zones.reasons
    watched.levels.level_pa[0] = CAP + 1
    assert not watched.look(CAP, read=False).zones.reasons, "it is over"


def test_a_blind_zone_that_is_relieved_from_above_130_mmhg_opens_everything_at_once():
    for level_pa, opens in ((TRIP + 1, True), (TRIP, False)):
        watched = sat_on(level_pa, 2, target_pa=pa(60))
        assert bool(watched.zones.reasons & WHY_TRIP) is opens
        assert watched.zones.relief_zone == (NONE if opens else watched.zone) and watched.guard.notices == faults.RELIEVED


def test_a_blind_zone_above_the_cap_that_still_rises_opens_everything_at_once_because_somebody_sits_down():
    """With its line let out nothing would show how far it goes on."""
    just = pa(1)
    for level_pa, rises_pa, opens in ((CAP + 1, just + 1, True), (CAP, just + 1, False), (CAP + 1, just, False), (CAP + 1, -just, False)):
        watched = Watched("manifold").look(level_pa - OVER - 1, target_pa=level_pa - OVER - 1)
        watched.desk.net.settle_ms[1] = 0
        watched.guard.sensing.worst_pa[0] = level_pa - rises_pa
        watched.look(level_pa - OVER - 1).look(level_pa)
        assert bool(watched.zones.reasons & WHY_TRIP) is opens
        assert watched.zones.relief_zone == (NONE if opens else watched.zone)


@OWN_SENSORS
def test_a_zone_with_a_sensor_of_its_own_is_relieved_alone_from_above_130_mmhg_too_until_50_ms_are_over(topology):
    """Each of the others shows for itself what it has."""
    watched = Watched(topology).look(TRIP + 1, target_pa=pa(60))
    watched.look(TRIP + 1)
    assert watched.zones.relief_zone == 1 and not watched.zones.reasons & WHY_TRIP


def test_what_shows_more_than_it_should_while_nothing_is_wanted_is_no_line_that_was_emptied():
    watched = Watched("manifold")
    watched.guard.vented_ms = 20
    for _ in range(6):
        watched.look(pa(12), 2, target_pa=0).look(0, 2)
        assert watched.zones._relieved == NONE and not watched.zones.emptied
    assert watched.told == (faults.OK, NONE)


def test_a_new_session_forgets_who_sat_on_the_leg():
    watched = sat_on()
    watched.zones.forget()
    assert not watched.look(TRIP + 1, read=False).zones.reasons


def test_a_line_that_a_blind_zone_lifts_above_its_ceiling_has_all_of_its_leg_opened():
    desk = Desk("manifold")
    desk.look(0)
    desk.line_mmhg = 60.0
    desk.run(1000)
    desk.line_mmhg = desk.net.board.ceiling_mmhg() + 21.0
    desk.tick()
    assert desk.open and desk.guard.levels.level_pa[1] > TRIP
    desk.line_mmhg = 90.0
    desk.tick()
    assert desk.open, "the line alone says nothing of the others yet"
    desk.line_mmhg = 50.0
    desk.run(4500)
    assert not desk.open and not desk.fault


def test_a_blind_zone_counts_no_time_in_which_it_was_not_seen():
    watched = Watched("manifold").look(0, target_pa=CAP)
    for _ in range(24):
        watched.look(TRIP + 1, 20, read=False).look(TRIP + 1)
    assert not watched.told[0]
    assert watched.look(TRIP + 1).told[0]


@ALL
def test_15_mmhg_over_the_target_are_relieved_and_after_3_s_a_fault(topology):
    watched = Watched(topology).look(pa(60) + OVER, 1000, target_pa=pa(60))
    assert watched.zones.relief_zone == NONE and not watched.told[0] and not watched.guard.notices
    first = 2 if topology == "manifold" else 1  # a blind one must show it twice
    assert watched.look(pa(60) + OVER + 1, first - 1).zones.relief_zone == NONE
    watched.look(pa(60) + OVER + 1)
    assert watched.zones.relief_zone == 1 and watched.guard.notices == faults.RELIEVED
    assert not watched.look(pa(60) + OVER + 1, 149 - first).told[0]
    assert watched.look(pa(60) + OVER + 1).told == (faults.OVER_PRESSURE, 1)
    watched = Watched(topology)
    for _ in range(3):
        watched.look(pa(60) + OVER + 1, 149, target_pa=pa(60)).look(pa(60) + OVER)
    assert not watched.told[0]


@ALL
def test_a_zone_that_wants_nothing_is_not_relieved_and_has_no_limit_but_the_trip_while_all_is_off(topology):
    for vented_ms, fault in ((0, faults.OVER_PRESSURE), (20, faults.OK)):
        watched = Watched(topology)
        watched.guard.vented_ms = vented_ms
        watched.look(OVER + 1, 150, target_pa=0)
        assert watched.told[0] == fault and watched.zones.relief_zone == NONE
    watched = Watched(topology).look(pa(10) + OVER + 1, target_pa=pa(10))
    watched.guard.vented_ms = 20
    assert watched.look(pa(10) + OVER + 1, 149).told[0] == faults.OVER_PRESSURE, "one that wants a pressure has its limit all the same"


@ALL
def test_one_relief_after_the_other(topology):
    watched = Watched(topology).look(pa(60) + OVER + 1, 2, target_pa=pa(60))
    length_ms = watched.zones.relief_ms
    watched.zones.relief_ms = 1
    watched.look(pa(60) + OVER + 1)
    assert watched.zones.relief_ms == 1, "the one that goes on has its time"
    watched.zones.relief_zone = NONE
    watched.look(pa(60) + OVER + 1)
    assert (watched.zones.relief_zone, watched.zones.relief_ms) == (1, length_ms)


@pytest.mark.parametrize(
    "targets, ticks",
    (
        ((), 102),  # two windows of 1000 ms, and a tick to be over each
        (((20, 40), (90, 1)), 102),  # a release that was taken back
        (((20, 51), (90, 1)), 102),  # as its first window ended
        (((60, 25), (20, 25)), 52),  # a release in two steps
        (((20, 51), (60, 10), (20, 41)), 51),  # the highest target of the last window, ...
    ),
)
def test_a_release_starts_above_its_target_for_as_long_as_it_may_take(targets, ticks):
    """The highest target of the last modelled vent, or a little more, counts; here each takes 1000 ms."""
    watched = Watched().look(pa(60), target_pa=pa(90))
    for mmhg, count in targets:
        watched.look(pa(60), count, target_pa=pa(mmhg))
    assert watched.look(pa(60), ticks - 1, target_pa=pa(20)).zones.relief_zone == NONE
    assert watched.look(pa(60), 1, target_pa=pa(20)).zones.relief_zone == 1


def test_a_higher_target_counts_at_once():
    watched = Watched().look(pa(40), target_pa=pa(40)).look(pa(60) + OVER, target_pa=pa(60))
    assert watched.zones.relief_zone == NONE


@ALL
def test_120_s_above_15_mmhg_are_the_most_and_5_s_below_it_the_least(topology):
    watched = Watched(topology).look(RELEASED - 1, 100, target_pa=pa(60))
    assert watched.zones.longest_pressed_ms == 0
    watched.look(RELEASED, 6000)
    assert watched.zones.longest_pressed_ms == 120_000 and not watched.told[0]
    assert watched.look(RELEASED).told == (faults.PRESSED_TOO_LONG, 1)
    for more_ms, fault in ((0, faults.PRESSED_TOO_LONG), (1, faults.WILL_NOT_VENT)):
        watched = Watched(topology).look(RELEASED, 6000)
        watched.guard.vented_ms = watched.vent_ms + more_ms
        assert watched.look(RELEASED).told == (fault, 1), "with everything off for so long it should be empty"
    watched = Watched(topology).look(RELEASED, 5999, target_pa=pa(60))
    for below, kept in ((249, True), (249, True), (250, False)):
        watched.look(RELEASED - 1, below)
        assert (watched.zones.pressed_ms[1] > 0) is kept
        watched.zones.pressed_ms[1] -= TICK_MS if kept else 0
        watched.look(RELEASED)
    assert not watched.told[0] and watched.zones.longest_pressed_ms == TICK_MS


def test_a_zone_that_is_not_pressed_counts_no_rest_for_ever():
    watched = Watched().look(RELEASED - 1, 300)
    assert watched.zones._below_ms[1] == 0
    watched.look(RELEASED).look(RELEASED - 1, 1000)
    assert watched.zones._below_ms[1] == 5000


def test_the_zone_that_has_been_pressed_for_longest_is_told():
    watched = Watched()
    watched.look(RELEASED, 100, target_pa=pa(60))
    watched.levels.level_pa[0] = RELEASED
    watched.look(RELEASED, 10)
    assert watched.zones.longest_pressed_ms == 2200 and watched.zones.pressed_ms[0] == 200


# --- time and air of a fill -------------------------------------------------------------------------------------------


def fill_limits(watched: Watched) -> tuple[int, int, int]:
    """By the table's words: milliseconds and microlitres of the zone, and microlitres in a millisecond against 80 mmHg."""
    net, pump = watched.desk.net, watched.desk.net.board.pump
    volume, flow = net.zones[watched.zone].volume_ml, pump.flow_ml_min // 60
    c = net.valves[net.fill_valve[watched.zone]].c_ml_s_bar
    need_ms = model.fill_ms(volume, flow, pa(pump.stall_mmhg), net.ceiling_pa, c, CAP)
    longest_ms = min(limits.fill_ms(pump.flow_ml_min), 2 * need_ms + 3000)
    return longest_ms, 2 * model.air_ml(volume, CAP) * 1000, flow * (pump.stall_mmhg - 80) // pump.stall_mmhg


@ALL
def test_a_fill_has_its_time_and_its_air_and_not_a_tick_more(topology):
    for by_air in (False, True):
        watched = Watched(topology)
        most_ms, most_ul, flow_ul_ms = fill_limits(watched)
        watched.zones._fill_limit_ms[1], watched.zones._fill_limit_ul[1] = (1 << 29, most_ul) if by_air else (most_ms, 1 << 29)
        ticks = most_ul // (flow_ul_ms * TICK_MS) if by_air else most_ms // TICK_MS
        watched.pump(ticks * TICK_MS)
        assert watched.told == (faults.OK, NONE)
        watched.desk.guard.answer.unfolded[1] = 1
        assert watched.pump(TICK_MS).told == (faults.FILL_TOO_LONG, 1)
        watched = Watched(topology)
        watched.zones._fill_limit_ms[1], watched.zones._fill_limit_ul[1] = (1 << 29, most_ul) if by_air else (most_ms, 1 << 29)
        watched.desk.guard.trends.fill_ms[1] = -1
        assert not watched.pump(ticks * TICK_MS).desk.guard.left_out[1]
        watched.pump(TICK_MS)
        assert watched.desk.guard.left_out[1] == faults.LEAKS and not watched.desk.fault, "it has had its pressure, and does not keep it"
        watched = Watched(topology)
        assert (watched.zones._fill_limit_ms[1], watched.zones._fill_limit_ul[1]) == (most_ms, most_ul)


@ALL
def test_a_blind_fill_of_which_the_line_has_shown_nothing_is_no_slow_one(topology):
    """The way out was open, and at part of its duty the pump's time was over before its air had been missed."""
    watched = Watched(topology)
    most_ms, _, _ = fill_limits(watched)
    watched.pump(most_ms + TICK_MS)
    blind = topology == "manifold"
    assert watched.desk.guard.suspect == (faults.NO_ANSWER if blind else faults.OK)
    assert watched.desk.guard.fault == (faults.OK if blind else faults.FILL_TOO_LONG)


@ALL
@pytest.mark.parametrize("permille, sharing", ((1000, 1), (1000, 3), (625, 1), (0, 1), (260, 2)))
def test_the_air_goes_by_the_duty_above_the_least_and_by_the_zones_that_share_it(topology, permille, sharing):
    watched = Watched(topology)
    least, flow_ul_ms = watched.desk.net.board.pump.min_duty_permille, fill_limits(watched)[2]
    watched.pump(100, permille, sharing)
    share = clamp((permille - least) * 1000 // (1000 - least), 50, 1000)
    each_ms = -(-TICK_MS // sharing)
    assert watched.zones.fill_ms[1] == 5 * each_ms
    assert watched.zones.fill_ul[1] == 5 * (flow_ul_ms * share // 1000 * each_ms)
    assert watched.zones.flow_ul == flow_ul_ms * share // 1000 * each_ms


@ALL
def test_what_a_fill_took_is_given_back_slowly_faster_in_a_release_and_at_once_when_it_is_vented(topology):
    watched = Watched(topology).pump(2000)
    flow_ul_ms, ms, ul = fill_limits(watched)[2], watched.zones.fill_ms[1], watched.zones.fill_ul[1]
    watched.look(RELEASED, 10, target_pa=pa(60))
    assert (watched.zones.fill_ms[1], watched.zones.fill_ul[1]) == (ms - 10 * 2, ul - 10 * 2 * flow_ul_ms), "a sixteenth, rounded up"
    watched.look(RELEASED, 10, target_pa=0)
    assert (watched.zones.fill_ms[1], watched.zones.fill_ul[1]) == (ms - 20 - 400, ul - 420 * flow_ul_ms)
    watched.look(RELEASED - 1, 1, target_pa=pa(60))
    assert watched.zones.fill_ms[1] == ms - 422, "a low one that is to be kept is not vented"
    watched.look(RELEASED - 1, 1, target_pa=0)
    assert watched.zones.fill_ms[1] == watched.zones.fill_ul[1] == 0
    watched = Watched(topology).pump(100).look(RELEASED, 10, target_pa=0)
    assert watched.zones.fill_ms[1] == watched.zones.fill_ul[1] == 0, "and never less than nothing"


def test_a_new_session_forgets_what_was_over_or_in_a_fill_and_the_targets_of_before():
    watched = Watched().pump(1000).look(TRIP + 1, 20, target_pa=CAP - OVER)
    watched.zones.forget()
    assert watched.zones.relief_zone == NONE and not watched.zones.fill_ms[1] and not watched.zones.fill_ul[1]
    watched.look(TRIP + 1, 6, target_pa=CAP - OVER)
    assert not watched.told[0], "26 ticks in all"
    watched = Watched().look(pa(90), target_pa=pa(90))
    watched.zones.forget()
    assert watched.look(pa(90), target_pa=pa(20)).zones.relief_zone == 1
    watched = Watched().look(pa(80), 149, target_pa=pa(60))
    watched.zones.forget()
    assert not watched.look(pa(80), 2).told[0]


def relieved(watched: Watched, left_pa: int, times: int = 1, target_pa: int = pa(60)) -> tuple[int, int]:
    """A zone at 90 mmHg is relieved, and this is what is left; what is told by then."""
    for _ in range(times):
        watched.look(pa(90), 2, target_pa=pa(60))
        assert watched.zones.relief_zone == watched.zone
        watched.look(0, 3)  # while it goes on nothing is judged
        watched.zones.relief_zone = NONE
        watched.look(left_pa, 5, target_pa=target_pa)
    return watched.told


def test_a_zone_on_one_sensor_that_five_reliefs_in_a_row_empty_at_once_is_not_behind_the_line():
    """Its hose is kinked: nothing but the line was filled, and nothing else is let out."""
    half = pa(90) // 2
    watched = Watched("manifold")
    assert relieved(watched, half - 1, 4) == (faults.OK, NONE)
    assert relieved(watched, half) == (faults.OK, NONE)
    assert relieved(watched, half - 1, 4) == (faults.OK, NONE), "one that keeps half of it begins the count anew"
    assert relieved(watched, half - 1) == (faults.LINE_PRESSURE, watched.zone)


def test_a_zone_with_a_sensor_of_its_own_or_that_is_let_out_may_be_empty_after_a_relief():
    for topology in ("zone sensors", "independent"):
        assert relieved(Watched(topology), 0, 9) == (faults.OK, NONE)
    assert relieved(Watched("manifold"), 0, 9, target_pa=0) == (faults.OK, NONE)


def test_a_blind_zone_whose_reading_still_rises_is_not_relieved_before_the_line_has_settled():
    """How much there is decides what is opened: with 150 mmHg everything, and not one zone for a moment."""
    for step_pa, waits in ((pa(1) + 1, True), (pa(1), False)):
        watched = Watched("manifold").look(pa(60), target_pa=pa(60))
        watched.desk.net.settle_ms[1] = 100
        for tick in range(1, 100 // TICK_MS + 1):
            watched.guard.sensing.worst_pa[0] = pa(60) + OVER + 1 + tick * step_pa
            watched.look(pa(60) + OVER + 1 + tick * step_pa)
            assert watched.zones.relief_zone == (NONE if waits or tick == 1 else 1)
        watched.look(pa(60) + OVER + 1 + (100 // TICK_MS + 1) * step_pa)
        assert watched.zones.relief_zone == 1, "however fast it rises"
    watched = Watched("manifold").look(TRIP + 1, target_pa=pa(60))
    assert watched.zones.reasons & WHY_TRIP, "far too high it does not wait"


def test_a_blind_zone_whose_reading_still_falls_is_not_relieved_as_the_line_empties_into_it_through_a_narrow_way():
    """However long that takes: it ends by itself."""
    for step_pa, waits in ((pa(1) + 1, True), (pa(1), False)):
        watched = Watched("manifold").look(pa(60), target_pa=pa(60))
        watched.desk.net.settle_ms[1] = 40
        for tick in range(1, 16):
            watched.guard.sensing.worst_pa[0] = TRIP - tick * step_pa
            watched.look(TRIP - tick * step_pa)
            assert watched.zones.relief_zone == (NONE if waits or tick == 1 else 1)
        if waits:
            watched.look(TRIP - 15 * step_pa)
            assert watched.zones.relief_zone == 1, "now it does not fall any more"


def test_a_new_session_forgets_what_reliefs_have_emptied():
    watched = Watched("manifold")
    relieved(watched, 0, 4)
    watched.zones.forget()
    assert relieved(watched, 0, 4) == (faults.OK, NONE)
    assert relieved(watched, 0) == (faults.LINE_PRESSURE, watched.zone)
