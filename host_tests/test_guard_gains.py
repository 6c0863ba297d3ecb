"""Zones that are shut while others are filled: what they gain came through a valve that does not close, and a limb's pressure did not."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import OWN_SENSORS, TICK_MS, Desk
from peristal.core import faults
from peristal.core.units import NONE, pa

FILLED, SHUT, FAR = 0, 2, 3
RISES_MS, STAYS_MS = 1000, 2400
NOTHING_PA = 80  # what a whole valve lets in at the most, and what is taken off for each drive
FULL_PA = pa(2) - NOTHING_PA  # what a gain adds, however large


class Gains(Desk):
    """Zone 1 is filled again and again, zone 3 is kept at 40 mmHg meanwhile; all others are empty."""

    def __init__(self, topology: str) -> None:
        super().__init__(topology)
        self.hold(60.0, FILLED, SHUT)
        self.zone_mmhg[FILLED], self.zone_mmhg[SHUT] = 16.0, 40.0
        self.run(1000)
        for other in range(self.net.n_zones):
            self.guard.answer.unfolded[other] = 2

    def drives(
        self, gain_mmhg: float, ms: int = 1000, after_ms: int = STAYS_MS + 600, stays: float = 1.0, others: tuple[int, ...] = ()
    ) -> Gains:
        """Zone 1 rises by 8 mmHg, zone 3 and these others by so much, of which a share stays."""
        from_mmhg, kept_mmhg = self.zone_mmhg[FILLED], self.zone_mmhg[SHUT]
        self.fill(FILLED, 110.0)
        for at_ms in range(0, ms, TICK_MS):
            share = at_ms / ms
            self.zone_mmhg[FILLED] = from_mmhg + 8.0 * share
            self.line_mmhg = self.zone_mmhg[FILLED] + (40.0 if self.drive.pump_permille else 0.0)
            self.zone_mmhg[SHUT] = kept_mmhg + gain_mmhg * share
            for other in others:
                self.zone_mmhg[other] += gain_mmhg * TICK_MS / ms
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
@pytest.mark.parametrize("gain_mmhg, found", ((3.0, True), (1.6, False)))
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
        desk.drives(4.0, others=(FAR,))
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
    for tick in range((RISES_MS * 3 + 300) // TICK_MS):
        desk.rise(FILLED, 5.0 + tick / 4)
        desk.zone_mmhg[SHUT] = 20.0 + min(tick, seconds * 50) * 2.6 / 50
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
    desk.guard.answer.others.instead = lambda zone: True
    for _ in range(4):
        desk.drives(4.0)
    assert desk.fault != faults.VALVE_STUCK_OPEN


# --- to the tick: what levels say is made up here ---------------------------------------------------------------------


class Watched:
    """Zone 3 is shut with 40 mmHg, zone 1 is driven or shut; of the others nothing is known."""

    def __init__(self, topology: str) -> None:
        self.desk = Desk(topology)
        self.check: Any = self.desk.guard.plausible.gains
        self.levels: Any = self.desk.guard.levels
        self.answer: Any = self.desk.guard.answer
        self.answer.others.instead = lambda zone: False
        self.line_mmhg = 90.0  # while it is driven
        self.answer.flow.most_line_pa = lambda: pa(round(self.line_mmhg))
        for zone in range(self.desk.net.n_zones):
            self.desk.wish.target_pa[zone] = pa(60)
            self.levels.shut[zone] = 1 if zone == SHUT else 0
        self.desk.guard.zones.target_pa = self.desk.wish.target_pa
        self.levels.level_pa[SHUT] = pa(40)

    def tick(self, ms: int, gain_pa: int = 0, *, driven: bool = False, zones: tuple[int, ...] = (SHUT,)) -> Watched:
        """So long, in which these zones gain so much, evenly."""
        self.levels.sharing = 1 if driven else 0
        before = list(self.levels.level_pa)
        for at_ms in range(TICK_MS, ms + 1, TICK_MS):
            for zone in zones:
                self.levels.level_pa[zone] = before[zone] + gain_pa * at_ms // ms
            self.check.tick(TICK_MS)
        return self

    def jumps(self, change_pa: int) -> Watched:
        """The zone's sensor shows so much more from one reading to the next."""
        plausible: Any = self.desk.guard.plausible
        sensing: Any = self.desk.sensing
        sensor = self.desk.net.zone_sensor[SHUT]
        plausible._last_pa[sensor], sensing.pa[sensor] = pa(40), pa(40) + change_pa
        plausible._watch_swings(sensor)
        self.levels.level_pa[SHUT] += change_pa
        return self

    def opens(self, *, filling: bool = False) -> Watched:
        """Zone 3 is not shut for a tick."""
        self.levels.shut[SHUT], self.levels.filling[SHUT] = 0, int(filling)
        self.check.tick(TICK_MS)
        self.check.tick(TICK_MS)
        self.levels.shut[SHUT] = 1
        return self

    @property
    def gains(self) -> int:
        return self.check._gains_pa[SHUT]


@OWN_SENSORS
@pytest.mark.parametrize("stays_ms, counts", ((2440, False), (2460, True)))
@pytest.mark.parametrize("drive_ms", (500, 1000, 3500))
def test_what_is_gained_must_stay_for_as_long_as_a_limb_moves_however_long_the_drive_was(topology, drive_ms, stays_ms, counts):
    watched = Watched(topology).tick(20, driven=True).tick(drive_ms, pa(3), driven=True).tick(20).tick(stays_ms - 20)
    watched.tick(20, -pa(3)).tick(200)
    assert watched.gains == (FULL_PA if counts else 0)


@OWN_SENSORS
@pytest.mark.parametrize(
    "had_mmhg, rest_ms, aired, gains",
    (
        (10, 20, False, FULL_PA), (34, 20, False, FULL_PA), (90, 20, False, 54), (90, 2_500, False, 132), (90, 40_000, False, FULL_PA),
        (90, 20, True, FULL_PA),
    ),
)  # fmt: skip
def test_what_a_chamber_takes_back_after_it_was_let_down_came_through_no_valve(topology, had_mmhg, rest_ms, aired, gains):
    """It had stretched. Healthy, let down from 87 to 9 mmHg, a zone rose by 2.7 while others filled: "valve stuck open"."""
    watched = Watched(topology)
    for mmhg, ms in ((had_mmhg, 20), (10, rest_ms)):
        watched.levels.level_pa[SHUT] = pa(mmhg)
        watched.tick(ms)
    watched.levels.shut[SHUT] = 0 if aired else 1
    watched.tick(20, driven=True).tick(1000, pa(5), driven=True).tick(20).tick(3000)
    assert watched.gains == pytest.approx(gains, abs=6)


@OWN_SENSORS
def test_of_a_long_drive_4_s_are_watched_and_then_the_next(topology):
    watched = Watched(topology).tick(20, driven=True)
    for number in (1, 2):
        watched.tick(4000, pa(3), driven=True)
        assert watched.gains == FULL_PA * (number - 1)
        watched.tick(2600, pa(1), driven=True)
        assert watched.gains == FULL_PA * number
    assert not watched.desk.fault
    assert watched.tick(6600, pa(5), driven=True).desk.fault == faults.VALVE_STUCK_OPEN


@OWN_SENSORS
@pytest.mark.parametrize(
    "gain_pa, rise_pa, filling, gains",
    ((pa(3), 0, False, FULL_PA), (pa(3), pa(3), True, FULL_PA), (0, pa(3), False, 0), (0, pa(3), True, 0), (-pa(3), pa(3), True, 0)),
)
def test_a_zone_that_is_opened_counts_once_and_what_comes_then_does_not(topology, gain_pa, rise_pa, filling, gains):
    watched = Watched(topology).tick(20, driven=True).tick(1000, gain_pa, driven=True)
    watched.levels.level_pa[SHUT] += rise_pa
    watched.opens(filling=filling)
    assert watched.gains == gains and not watched.desk.fault


@OWN_SENSORS
def test_a_zone_that_is_opened_counts_with_what_it_had_by_then_and_not_with_its_least(topology):
    watched = Watched(topology).tick(20, driven=True).tick(1000, pa(3), driven=True)
    watched.tick(20).tick(500, -pa(2)).tick(500, pa(2)).opens()
    assert watched.gains == FULL_PA


@OWN_SENSORS
def test_what_had_been_gained_in_an_earlier_watch_is_not_counted_for_a_zone_that_is_soon_filled_itself(topology):
    watched = Watched(topology).tick(20, driven=True).tick(1000, pa(3), driven=True).opens(filling=True)
    watched.levels.filling[SHUT] = 0
    watched.tick(200).tick(20, driven=True).opens(filling=True)
    assert watched.gains == FULL_PA - NOTHING_PA


@OWN_SENSORS
def test_a_zone_that_goes_on_rising_with_others_of_its_leg_or_beside_crossed_valves_has_no_open_valve(topology):
    def risen(zones: tuple[int, ...] = (SHUT,), elsewhere: bool = False) -> int:
        watched = Watched(topology)
        watched.answer.others.instead = lambda zone: elsewhere
        for zone in zones:
            watched.levels.shut[zone] = 1
        return watched.tick(20, driven=True).tick(3000, pa(15), driven=True, zones=zones).desk.fault

    assert risen() == faults.VALVE_STUCK_OPEN
    assert risen(elsewhere=True) == faults.OK and risen(zones=(0, SHUT)) == faults.OK


def test_what_others_of_its_leg_gain_meanwhile_does_not_excuse_a_zone_that_gained_nothing():
    for other, gains in ((FAR, FULL_PA - NOTHING_PA), (7, FULL_PA - NOTHING_PA)):
        watched = Watched("zone sensors")
        watched.check._gains_pa[SHUT], watched.levels.shut[other] = FULL_PA, 1
        watched.tick(20, driven=True).tick(1000, pa(3), driven=True, zones=(other,)).tick(3000)
        assert watched.gains == gains


def test_the_other_leg_is_no_neighbour_and_its_gains_say_nothing():
    watched = Watched("zone sensors")
    first = watched.desk.net.leg_zones[0]
    for zone in range(watched.desk.net.n_zones):
        watched.levels.level_pa[zone] = 8000 + 800 * zone
    assert watched.levels.near_pa(0) == 8800
    assert watched.levels.near_pa(1) == 8000 + 9600
    assert watched.levels.near_pa(first - 1) == 8000 + 800 * (first - 2)
    assert watched.levels.near_pa(first) == 8000 + 800 * (first + 1)
    for level_pa, near_pa, gained_pa in ((9000, 8800, 1000), (9000, 8800 + 1600, 800), (9000, 8800 - 1600, 1000), (7900, 8800, -100)):
        watched.check._mark_pa[0], watched.check._near_pa[0] = 8000, 8800
        watched.levels.level_pa[0], watched.levels.level_pa[1] = level_pa, near_pa
        assert watched.check._gained(0) == gained_pa
    watched.levels.shut[7], watched.levels.level_pa[7] = 1, pa(40)
    watched.tick(20, driven=True).tick(1000, pa(3), driven=True, zones=(SHUT, 7)).tick(3000)
    assert watched.gains == watched.check._gains_pa[7] == FULL_PA


def test_what_another_has_gained_in_an_earlier_drive_is_no_excuse():
    watched = Watched("independent")
    watched.levels.shut[FAR] = 1
    watched.tick(20, driven=True).tick(1000, pa(3), driven=True, zones=(FAR,)).tick(3000)
    assert watched.check._gains_pa[FAR] == FULL_PA
    watched.levels.shut[FAR], watched.levels.open[FAR] = 0, 1
    watched.tick(20, driven=True).tick(1000, pa(3), driven=True).tick(3000)
    assert watched.gains == FULL_PA


def test_what_a_zone_gains_while_nothing_is_driven_came_through_no_valve():
    watched = Watched("independent").tick(60, pa(9))
    assert watched.tick(3000).gains == 0
    watched.tick(20, driven=True).tick(1000, pa(3), driven=True).tick(20).tick(2040, pa(7))
    assert not watched.desk.fault, "it rose on, and no line drove it"


def test_a_zone_that_was_open_to_the_air_is_watched_anew_when_it_is_shut():
    watched = Watched("independent")
    watched.levels.shut[SHUT] = 0
    watched.tick(20, driven=True).tick(1000, pa(3), driven=True)
    watched.levels.shut[SHUT] = 1
    assert watched.tick(600, driven=True).tick(3000).gains == 0


def test_what_a_person_expects_to_open_is_not_told_later():
    watched = Watched("independent")
    watched.desk.guard.cut_expected = True
    watched.check._gains_pa[SHUT] = 2 * FULL_PA
    watched.tick(20, driven=True).tick(1000, pa(3), driven=True).tick(3000)
    assert not watched.desk.fault and watched.gains == 0


@OWN_SENSORS
def test_what_a_zone_gives_away_first_is_counted_from_its_least_and_a_neighbour_s_fall_is_no_gain(topology):
    for first_mmhg, found in ((-3.5, True), (0.0, False)):
        desk = Gains(topology)
        for _ in range(3):
            kept_mmhg = desk.zone_mmhg[SHUT]
            desk.fill(FILLED, 110.0)
            for at_ms in range(0, 2000, TICK_MS):
                desk.rise(FILLED, desk.zone_mmhg[FILLED] + 0.25)
                desk.line_mmhg = desk.zone_mmhg[FILLED] + (40.0 if desk.drive.pump_permille else 0.0)
                desk.zone_mmhg[SHUT] = kept_mmhg + first_mmhg * min(1.0, (2000 - at_ms) / 1000)
                desk.zone_mmhg[FAR] = 0.0 if found else max(0.0, 40.0 - at_ms / 20)
                desk.tick()
            desk.hold(110.0, FILLED)
            desk.hold(60.0, SHUT)
            desk.run(STAYS_MS + 600)
            desk.guard.runs_on.forget()
        assert (desk.fault == faults.VALVE_STUCK_OPEN) is found


@OWN_SENSORS
@pytest.mark.parametrize(
    "gain_pa, relieved, gains_pa",
    ((67, True, FULL_PA), (66, True, 4 * 66 - NOTHING_PA), (pa(2), False, FULL_PA), (pa(2) - 1, False, FULL_PA - 1)),
)
def test_a_zone_that_is_relieved_for_it_needs_half_a_mmhg(topology, gain_pa, relieved, gains_pa):
    watched = Watched(topology).tick(20, driven=True).tick(1000, gain_pa, driven=True)
    watched.desk.guard.zones.relief_zone = SHUT if relieved else FAR
    assert watched.opens().gains == gains_pa


@OWN_SENSORS
@pytest.mark.parametrize("jump_pa, counts", ((pa(4), True), (pa(4) + 1, False)))
def test_what_comes_from_one_reading_to_the_next_is_a_limb_and_no_gain(topology, jump_pa, counts):
    watched = Watched(topology).tick(20, driven=True).jumps(jump_pa).tick(1000, driven=True)
    assert watched.opens().gains == (FULL_PA if counts else 0)


@OWN_SENSORS
def test_what_comes_through_a_valve_counts_beside_a_limb_that_presses_and_lets_go(topology):
    watched = Watched(topology).tick(20, driven=True).jumps(pa(9)).tick(1000, pa(3), driven=True).jumps(-pa(9)).tick(3000)
    assert watched.gains == FULL_PA
    watched.tick(20, driven=True).jumps(pa(9)).tick(1000, driven=True).jumps(-pa(9)).tick(3000)
    assert watched.gains == FULL_PA - NOTHING_PA


@OWN_SENSORS
@pytest.mark.parametrize("before", (True, False))
def test_a_limb_that_presses_slowly_or_before_the_drive_and_lets_go_at_once_has_brought_nothing(topology, before):
    watched = Watched(topology)
    if before:
        watched.jumps(pa(9)).tick(20, driven=True).tick(1000, driven=True)
    else:
        watched.tick(20, driven=True).tick(1000, pa(9), driven=True)
    assert watched.jumps(-pa(9)).tick(3000).gains == 0


@OWN_SENSORS
@pytest.mark.parametrize("line_mmhg, counts", ((45.0, True), (40.0, False)))
def test_a_seat_lets_in_nothing_while_the_line_is_no_higher_than_the_zone(topology, line_mmhg, counts):
    watched = Watched(topology)
    watched.line_mmhg = line_mmhg
    watched.tick(20, driven=True).tick(1000, pa(3), driven=True).tick(3000)
    assert watched.gains == (FULL_PA if counts else 0)


@OWN_SENSORS
@pytest.mark.parametrize("ms, gains", ((480, FULL_PA), (520, FULL_PA - NOTHING_PA)))
def test_a_top_up_that_is_soon_over_proves_nothing(topology, ms, gains):
    watched = Watched(topology)
    watched.check._gains_pa[SHUT] = FULL_PA
    assert watched.tick(20, driven=True).tick(ms, driven=True).tick(3000).gains == gains


@pytest.mark.parametrize(
    "gain_pa, level_pa, gains",
    (
        (pa(2) + 1, 0, 2 * FULL_PA),
        (NOTHING_PA + 1, pa(2), FULL_PA + 1),
        (NOTHING_PA, pa(2), FULL_PA),
        (0, pa(2) - 1, FULL_PA - NOTHING_PA),
        (0, pa(2), FULL_PA),
        (-pa(3), pa(9), FULL_PA),
    ),
)
def test_a_zone_that_is_open_to_the_air_and_rises_while_another_is_filled_gets_its_air(gain_pa, level_pa, gains):
    """One that goes on showing it says nothing new, nor one that still lets out its own; one that shows nothing gets none."""
    watched = Watched("independent")
    watched.check._gains_pa[SHUT], watched.levels.shut[SHUT], watched.levels.level_pa[SHUT] = FULL_PA, 0, level_pa
    watched.desk.wish.target_pa[SHUT] = 0
    watched.tick(20, driven=True).tick(1000, gain_pa, driven=True).tick(20)
    assert watched.gains == gains


def test_without_a_sensor_the_line_has_no_more_than_its_drop_above_what_it_fills():
    desk = Desk("independent")
    answer: Any = desk.guard.answer
    assert answer.flow.most_line_pa() == pa(200)
    for zone in (0, 2):
        desk.guard.levels.filling[zone], desk.guard.levels.level_pa[zone] = 1, pa(10 + zone)
        answer.flow.drop_pa[zone] = 4000
    assert answer.flow.most_line_pa() == pa(10) + 5000
    with_line: Any = Desk("zone sensors").guard.answer
    with_line.flow.line_pa = 1234
    assert with_line.flow.most_line_pa() == 1234


@OWN_SENSORS
def test_what_it_gave_away_first_is_no_part_of_what_it_gains(topology):
    watched = Watched(topology).tick(20, driven=True).tick(200, -pa(5), driven=True).tick(800, pa(3), driven=True)
    assert watched.opens().gains == FULL_PA


def test_what_had_risen_is_counted_from_where_it_is_marked():
    watched = Watched("independent")
    watched.check._risen_pa[SHUT] = watched.check._stepped_pa[SHUT] = 9000
    watched.check._mark(SHUT)
    assert (watched.check._risen_pa[SHUT], watched.check._stepped_pa[SHUT], watched.check._mark_pa[SHUT]) == (0, 0, pa(40))


@OWN_SENSORS
@pytest.mark.parametrize("shut", (True, False))
def test_what_a_sensor_shows_below_nothing_with_the_pump_still_is_no_gain(topology, shut):
    """Before the first fill a coarse sensor's noise wanders on either side of 0 by more than a gain, and stays there for a while."""
    desk = Desk(topology)
    if shut:
        desk.hold()
    for _ in range(6):
        for mmhg, ms in ((-1.5, 1500), (-0.1, 200), (1.3, STAYS_MS + 600)):
            desk.zone_mmhg[SHUT] = mmhg
            desk.run(ms)
    assert desk.fault == faults.OK


@OWN_SENSORS
@pytest.mark.parametrize("gain_pa, found", ((NOTHING_PA + 60, True), (NOTHING_PA, False)))
def test_a_little_that_stays_again_and_again_adds_up(topology, gain_pa, found):
    """A seat of a tenth, in zones that stretch: no gain is of 2 mmHg."""
    watched = Watched(topology)
    for _ in range(10):
        assert not watched.desk.fault
        watched.tick(20, driven=True).tick(1000, gain_pa, driven=True).tick(3000)
        watched.levels.level_pa[SHUT] = pa(40)
        watched.tick(3000)
    assert (watched.desk.fault == faults.VALVE_STUCK_OPEN) is found


@OWN_SENSORS
@pytest.mark.parametrize("share_pa, counts", ((pa(2) >> 1, True), ((pa(2) >> 1) + 1, False)))
def test_another_zone_that_gains_a_mmhg_too_is_the_leg(topology, share_pa, counts):
    watched = Watched(topology)
    watched.levels.shut[FILLED], watched.levels.level_pa[FILLED] = 1, pa(40)
    watched.tick(20, driven=True)
    for part in range(1, 11):
        watched.levels.level_pa[FILLED] = pa(40) + share_pa * part // 10
        watched.tick(100, pa(3) // 10, driven=True)
    assert watched.opens().gains == (FULL_PA if counts else 0)


@OWN_SENSORS
@pytest.mark.parametrize("sum_pa, found", ((540 - FULL_PA, False), (541 - FULL_PA, True)))
def test_three_full_gains_are_enough(topology, sum_pa, found):
    watched = Watched(topology)
    watched.check._gains_pa[SHUT] = sum_pa
    watched.tick(20, driven=True).tick(1000, pa(3), driven=True).tick(3000)
    assert (watched.desk.fault == faults.VALVE_STUCK_OPEN) is found


# --- one gain that is more than any limb's ---------------------------------------------------------------------------------


@OWN_SENSORS
@pytest.mark.parametrize("suspect", (faults.OVER_PRESSURE, faults.SENSORS_DISAGREE, faults.NO_ANSWER))
def test_what_a_shut_zone_has_gained_explains_too_much_pressure_and_a_line_that_shows_less(topology, suspect):
    for gain_pa, others_gain, taken in ((pa(22) + 1, False, True), (pa(22), False, False), (pa(22) + 1, True, False)):
        desk = Gains(topology)
        gains: Any = desk.guard.plausible.gains
        gains._gain_ms[SHUT], gains._state[SHUT] = 0, 0
        gains._gained = lambda zone, gain_pa=gain_pa: gain_pa
        gains._others_gain = lambda zone, others_gain=others_gain: others_gain
        desk.guard.trip(suspect, FILLED)
        taken = taken and suspect != faults.NO_ANSWER
        assert (desk.fault, desk.guard.fault_zone) == ((faults.VALVE_STUCK_OPEN, SHUT) if taken else (suspect, FILLED))


def test_only_what_is_watched_and_shut_can_have_taken_air():
    gains: Any = Gains("independent").guard.plausible.gains
    gains._gained = lambda zone: pa(40)
    for ms, state, taker in ((0, 0, SHUT), (-1, 0, 255), (0, 1, 255), (0, 2, SHUT)):
        gains._gain_ms[SHUT], gains._state[SHUT] = ms, state
        assert gains.taker() == taker


@OWN_SENSORS
@pytest.mark.parametrize("gain_pa, taken", ((pa(22) + 1, True), (pa(22), False)))
def test_what_a_zone_had_taken_explains_its_pressure_also_as_it_is_let_out_until_the_next_drive(topology, gain_pa, taken):
    """A zone whose valve stays open was told as over-pressure once the program had begun to let it out."""
    desk = Gains(topology)
    gains: Any = desk.guard.plausible.gains
    gains._gain_ms[SHUT], gains._gained = 0, lambda zone: gain_pa if zone == SHUT else 0
    desk.tick()
    assert (gains.taker() == SHUT) is taken
    desk.wish.target_pa[SHUT] = 0
    desk.wish.coil[desk.net.exhaust_valve[SHUT] if desk.net.independent else desk.net.fill_valve[SHUT]] = 0
    if desk.net.vent_valve != NONE:
        desk.wish.coil[desk.net.vent_valve] = 0
    desk.run(200)
    assert gains._gain_ms[SHUT] == -1 and (gains.taker() == SHUT) is taken
    gains._mark(FAR)
    assert gains.taker() == NONE


@pytest.mark.parametrize("fed, fault", ((0, faults.VALVE_STUCK_OPEN), (1, faults.VALVES_CROSSED), (3, faults.VALVE_STUCK_OPEN)))
def test_one_that_was_driven_without_having_risen_gets_its_air_with_anothers(fed, fault):
    guard: Any = Gains("independent").guard
    guard.answer.fed[SHUT], guard.answer.driven = fed, FILLED
    guard.plausible.gains._tell(SHUT)
    assert (guard.fault or guard.suspect) == fault
