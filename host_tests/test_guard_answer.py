"""Does the pressure answer the pump? What silence means, and how much of it a healthy part may show. At the desk."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import OWN_SENSORS, TICK_MS, Desk
from peristal.core import answer, faults
from peristal.core.answer import SEEMS, SURE
from peristal.core.drive import HOLD
from peristal.core.flow import LINE_RISE_PA, SEEN
from peristal.core.units import NONE, pa
from tools.simulator import boards

STROKES_MMHG = 4.0
"""What a pump that runs shows on the line."""


class Filled(Desk):
    """One zone after the other is filled; `zone_mmhg` and what the line drops are what the test makes them."""

    def __init__(self, topology: str, mmhg: float = 100.0, board: Any = None) -> None:
        super().__init__(topology, board)
        self.target_mmhg = mmhg
        self.blind = topology == "manifold"
        self.drop_mmhg = 45.0
        self.strokes_mmhg = STROKES_MMHG
        self.now_zone = 0
        self.guard.begin()

    def start(self, zone: int = 0) -> Filled:
        """The pump begins to drive this zone, and is at full speed."""
        self.now_zone = zone
        self.hold(self.target_mmhg)
        self._show()
        self.run(400)
        self.fill(zone, self.target_mmhg)
        while not self.drive.pump_permille and not self.fault:
            self._show()
            self.tick()
        return self

    def _show(self) -> None:
        share = (self.drive.pump_permille / 1000) ** 2
        stroke = self.strokes_mmhg * (self.now_ms // TICK_MS % 2) if self.drive.pump_permille else 0.0
        if self.net.line_sensor != NONE and any(self.guard.levels.open):
            self.line_mmhg = self.zone_mmhg[self.now_zone] + self.drop_mmhg * share + stroke

    def go(self, ms: int, rate: float = 0.0, zone: int | None = None) -> Filled:
        """So long, with the zone that is driven (or another one) rising by `rate` mmHg a second."""
        for _ in range(ms // TICK_MS):
            self.zone_mmhg[self.now_zone if zone is None else zone] += rate * TICK_MS / 1000
            self._show()
            self.tick()
            if self.guard.fault or self.out:
                break
        return self

    def quiet(self, zone: int, most_ms: int = 40_000) -> Filled:
        """Goes on until this zone is left out, or something latches."""
        start_ms = self.now_ms
        while not self.fault and zone not in self.out:
            assert self.now_ms - start_ms < most_ms, f"nothing within {most_ms} ms"
            self._show()
            self.tick()
        return self

    @property
    def out(self) -> list[int]:
        """The zones that are left out."""
        return [zone for zone in range(self.net.n_zones) if self.guard.left_out[zone]]

    def silent_ms(self, most_ms: int, rate: float = 0.0) -> int:
        """How long until silence has a consequence."""
        start_ms = self.now_ms
        while not self.fault and not self.out:
            self.go(TICK_MS, rate)
            assert self.now_ms - start_ms < most_ms, f"nothing within {most_ms} ms"
        return self.now_ms - start_ms


def unfolded(topology: str, mmhg: float = 40.0, zone: int = 0) -> Filled:
    """A zone that has answered until it had so much."""
    desk = Filled(topology).start(zone)
    desk.go(round(mmhg * 1000 / 40), 40.0)
    desk.hold(100.0)
    if desk.blind:
        desk.look(zone, 100.0)
    desk.go(800)
    assert not desk.fault and not desk.out and desk.guard.answer.unfolded[zone]
    return desk.start(zone)


# --- a zone with a sensor of its own --------------------------------------------------------------------------------


@OWN_SENSORS
@pytest.mark.parametrize("mmhg", (24.0, 40.0, 90.0))
def test_a_firm_zone_that_does_not_rise_while_it_is_driven_has_a_frozen_sensor(topology, mmhg):
    desk = unfolded(topology, mmhg)
    desk.guard.line.agreed[0] = 1
    took_ms = desk.silent_ms(3000)
    assert desk.fault == faults.SENSOR_FROZEN and desk.guard.fault_zone == 0
    # 10 mmHg of a chamber of 0.7 or 0.8 L need 30 to 60 mL of air: 200 ms at least, and 300 until everything runs.
    assert 100 <= took_ms <= 700


def test_the_time_until_an_answer_goes_by_the_air_of_10_mmhg_at_the_declared_flow(topology="independent"):
    """Zone 4 is more than twice as large as zone 1, and a soft chamber takes more air than a firm one."""
    desks = {zone: unfolded(topology, 24.0, zone).go(300, 60.0) for zone in (0, 3)}
    took = {zone: desk.silent_ms(3000) for zone, desk in desks.items()}
    assert took[3] > 1.5 * took[0]
    firm = unfolded(topology, 70.0, 3).go(300, 30.0).silent_ms(3000)
    assert firm < 0.8 * took[3]


@OWN_SENSORS
@pytest.mark.parametrize("rate, healthy", ((20.0, True), (3.0, False)))
def test_a_third_of_the_expected_rate_is_an_answer(topology, rate, healthy):
    desk = unfolded(topology, 30.0).go(2500, rate)
    assert (not desk.fault and not desk.out) is healthy


@OWN_SENSORS
def test_a_reading_that_fell_by_10_mmhg_is_not_frozen(topology):
    """A hose came off: the zone alone is meant."""
    desk = unfolded(topology, 60.0).go(200, 50.0)
    desk.zone_mmhg[0] -= 30.0
    desk.silent_ms(3000)
    assert desk.out == [0] and desk.guard.left_out[0] == faults.NO_RISE and not desk.guard.fault


@OWN_SENSORS
def test_a_limb_that_lets_go_begins_the_silence_anew(topology):
    desk = unfolded(topology, 60.0)
    desk.go(300, 40.0)
    for _ in range(6):
        desk.zone_mmhg[0] -= 7.0
        desk.go(140)
    assert not desk.fault and not desk.out


@OWN_SENSORS
def test_a_reading_that_only_sags_while_it_is_driven_has_not_answered(topology):
    desk = unfolded(topology, 40.0)
    assert desk.silent_ms(2000, -2.0) < 1000
    assert desk.fault == faults.SENSOR_FROZEN


@OWN_SENSORS
def test_a_folded_zone_may_take_its_slack_and_a_third_more_and_is_then_left_out(topology):
    desk = Filled(topology).start()
    share = 1.35 if topology == "independent" else 1.8
    zone, pump = desk.net.zones[0], desk.net.board.pump
    most_flow = min(pump.flow_ml_min // 60, 10**9)
    took_ms = desk.silent_ms(30_000)
    assert took_ms >= share * zone.volume_ml * 1000 / most_flow
    assert took_ms <= 1.35 * share * zone.volume_ml * 1000 / most_flow + 900
    assert desk.guard.left_out[0] == faults.NO_RISE and not desk.guard.fault


def test_a_second_zone_in_a_row_without_an_answer_is_the_pump_unless_the_line_shows_its_flow():
    desk = Filled("independent").start()
    desk.silent_ms(30_000)
    assert desk.out == [0]
    desk.start(1).quiet(1)
    assert desk.fault == faults.NO_ANSWER and desk.out == [0]
    desk = Filled("zone sensors").start()
    desk.silent_ms(30_000)
    desk.start(1).quiet(1)
    assert desk.out == [0, 1] and not desk.fault


def test_a_zone_that_answers_in_between_clears_the_pump():
    desk = Filled("independent").start()
    desk.silent_ms(30_000)
    desk.start(1)
    for _ in range(150):
        desk.zone_mmhg[1] += 0.2
        desk.tick()
    desk.start(2).quiet(2)
    assert desk.out == [0, 2] and not desk.guard.fault


@OWN_SENSORS
def test_short_pulses_add_up(topology):
    """A regulator that only tops up drives for a moment each time."""
    desk = unfolded(topology, 60.0)
    driven_ms = 0
    while not desk.fault:
        desk.hold(100.0)
        desk.go(200)
        desk.fill(0, 100.0)
        while not desk.drive.pump_permille and not desk.fault:
            desk.go(TICK_MS)
        desk.go(260)
        driven_ms += 260
    assert desk.fault == faults.SENSOR_FROZEN
    assert driven_ms <= 2 * 260, "what a pulse has brought shows before the next: a small chamber had come to 188 mmHg in twenty"


@OWN_SENSORS
def test_while_the_pump_spins_up_it_moves_little_and_silence_counts_for_a_quarter(topology):
    desk = unfolded(topology, 50.0)
    pulses = 0
    while not desk.fault and pulses < 60:
        pulses += 1
        desk.hold(100.0)
        desk.go(200)
        desk.fill(0, 100.0)
        while not desk.drive.pump_permille and not desk.fault:
            desk.go(TICK_MS)
        desk.go(120)
    assert 6 <= pulses <= 12 and desk.fault == faults.SENSOR_FROZEN


@OWN_SENSORS
def test_a_new_session_expects_folded_sleeves_again(topology):
    desk = unfolded(topology, 30.0)
    desk.guard.begin()
    desk.zone_mmhg = [0.0] * desk.net.n_zones
    desk.vent()
    desk.run(1000)
    desk.start()
    desk.go(2000)
    assert not desk.fault and not desk.out


# --- a pump that moves too little -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "share, fault",
    ((0.08, faults.NO_ANSWER), (0.15, faults.OK), (0.25, faults.VALVE_STUCK_OPEN), (0.3, faults.VALVE_STUCK_OPEN), (0.4, faults.OK)),
)
def test_a_slack_zone_that_does_not_rise_under_a_line_that_shows_less_than_an_eighth_of_its_drop_is_the_pump(share, fault):
    desk = Filled("zone sensors")
    desk.drop_mmhg = share * desk.guard.answer.flow.drop_pa[0] / 133.322
    desk.start()
    desk.quiet(0)
    assert desk.fault == fault and (desk.out == [0]) is (fault == faults.OK)


@pytest.mark.parametrize("shows_permille, fault", ((480, faults.NO_ANSWER), (520, faults.OK)))
def test_a_blind_zone_under_a_line_with_less_than_half_of_its_drop_does_not_get_the_flow(shows_permille, fault):
    """A hole behind its valve leaves the drop what it was; a pump or a way out that fails takes it away."""
    desk = unfolded("manifold", 5.0)
    desk.strokes_mmhg = 4.0
    desk.drop_mmhg = desk.guard.answer.flow.drop_pa[0] / 133.322 * shows_permille / 1000 - 5.0 - 2.0  # strokes from 0 to 4
    while desk.guard.second.zone == NONE and not desk.fault:  # where no other zone has air there is nothing to be looked at
        desk.go(TICK_MS)
        assert desk.now_ms < 20_000 and not desk.out
    assert desk.fault == fault


@pytest.mark.parametrize("rate, rises", ((0.6, False), (1.6, True)))
def test_a_zone_that_rises_too_slowly_is_slow_and_not_gone(rate, rises):
    """Its patience is two seconds and more."""
    desk = Filled("independent", 100.0)
    desk.start(3)
    desk.go(1500, 4.0)
    desk.guard.answer.unfolded[3] = answer.SURE
    desk.go(2 * desk.guard.answer._patience_ms(3, 0, False) + 500, rate)
    assert (not desk.fault and not desk.out) is rises


@pytest.mark.parametrize("from_line, least_pa", ((False, 80), (True, 200)))
def test_what_rises_slowly_is_seen_in_the_second_half_of_the_patience_of_one_zone_alone(from_line, least_pa):
    """On a line, whose strokes hide it for a while, of a long one."""
    eye = Filled("independent").guard.answer
    eye.driven_ms[0] = 800
    for rise_pa, patience_ms, sharing, rises in (
        (least_pa + 1, 800, 1, True), (least_pa, 800, 1, False), (least_pa + 1, 799, 1, not from_line), (least_pa + 1, 800, 2, False),
    ):  # fmt: skip
        eye._half_pa, eye._smooth_pa, eye.levels.sharing = 5000, 5000 + rise_pa, sharing
        assert eye._rises_slowly(0, patience_ms, from_line) is rises
    eye.levels.sharing, eye._smooth_pa = 1, 9000
    eye.driven_ms[0] = 799
    assert eye._rises_slowly(0, 800, from_line) is not from_line


# --- the air went elsewhere -----------------------------------------------------------------------------------------


def test_air_that_shows_in_a_zone_that_is_shut_is_a_crossed_valve():
    desk = Filled("independent").start()
    desk.go(30_000, 5.0, zone=2)
    assert desk.guard.fault == faults.VALVES_CROSSED
    desk = Filled("independent").start()
    desk.guard.answer.fed[2] = 3
    desk.go(30_000, 5.0, zone=2)
    assert (desk.guard.fault, desk.guard.fault_zone) == (faults.VALVE_STUCK_OPEN, 2), "it has risen in a drive of its own before"
    desk = Filled("independent").start()
    for _ in range(2000):
        desk.zone_mmhg[2] = min(5.0, desk.zone_mmhg[2] + 0.1)  # no more than a limb moves
        desk.go(TICK_MS)
    assert desk.guard.fault != faults.VALVES_CROSSED


def test_four_short_drives_after_which_another_zone_has_risen_are_a_crossed_valve():
    desk = Filled("independent")
    for number in range(1, 5):
        desk.start(0)
        desk.go(300, 9.0, zone=1)
        desk.hold(100.0)
        desk.run(400)
        assert bool(desk.fault) is (number == 4)
    assert desk.fault == faults.VALVES_CROSSED and desk.guard.fault_zone == 0


@pytest.mark.parametrize("what", ("it rises itself", "the other hardly does", "now and then"))
def test_what_looks_like_it_is_none(what):
    desk = Filled("independent")
    for number in range(8):
        desk.start(0)
        if what == "it rises itself" or (what == "now and then" and number % 3 == 2):
            for _ in range(15):
                desk.zone_mmhg[0] += 0.2
                desk.zone_mmhg[1] += 0.2
                desk.tick()
        else:
            desk.go(300, 9.0 if what == "now and then" else 5.0, zone=1)
        desk.hold(100.0)
        desk.run(400)
    assert not desk.fault


def test_zones_side_by_side_that_both_stand_still_are_noticed_although_an_empty_one_is_shut():
    desk = Filled("independent").start(0)
    desk.wish.coil[desk.net.fill_valve[1]] = 1
    for _ in range(100):
        desk.zone_mmhg[0] += 0.4
        desk.zone_mmhg[1] += 0.4
        desk.tick()
    assert not desk.fault and desk.guard.levels.sharing == 2 and list(desk.guard.answer.unfolded)[:2] == [answer.SURE, answer.SURE]
    took_ms = 0
    while not desk.fault and not desk.out:
        desk.tick()
        took_ms += TICK_MS
        assert took_ms < 8000


# --- one sensor on the line -----------------------------------------------------------------------------------------


def test_a_line_that_stands_quite_still_over_a_pump_is_a_frozen_sensor_or_no_pump():
    for mmhg, fault in ((40.0, faults.SENSOR_FROZEN), (3.0, faults.NO_ANSWER)):
        desk = unfolded("manifold", mmhg) if mmhg > 10 else Filled("manifold").start()
        desk.strokes_mmhg = 0.0
        frozen_mmhg = desk.line_mmhg if mmhg > 10 else mmhg
        while not desk.fault:
            desk.line_mmhg = frozen_mmhg
            desk.tick()
            assert desk.now_ms < 60_000
        suspect = desk.guard.suspect or desk.guard.fault
        assert suspect == fault and not desk.out


def test_a_line_that_shows_the_pump_but_does_not_rise_is_the_zone():
    desk = unfolded("manifold", 40.0)
    desk.silent_ms(6000)
    assert desk.out == [0] and desk.guard.left_out[0] == faults.NO_RISE and not desk.guard.fault
    desk.start(1).quiet(1)  # the line jumped as it began: that the pump works is known
    assert desk.fault == faults.VALVE_STUCK_OPEN and desk.out == [0], "two zones in a row have no hole each: the way out of all is open"


@pytest.mark.parametrize("topology", ("manifold", "zone sensors"))
@pytest.mark.parametrize("worn", (False, True))
def test_two_zones_in_a_row_that_take_a_flow_in_vain_have_a_way_out_that_is_open_where_their_leg_is_worn(topology, worn):
    """Nobody in the sleeve looks the same, but then no zone of that leg has ever taken its slack."""
    answer = Filled(topology).guard.answer
    leg = answer.net.leg_of[1]
    mates = [zone for zone in range(answer.net.n_zones) if answer.net.leg_of[zone] == leg]
    assert len(mates) > 2
    for zone in mates[:2] * 2:
        answer.flow.jumped[zone], answer._top_pa[zone] = 2, pa(9)  # the line shows the flow, and the pump's strokes
    answer.unfolded[mates[2]] = SURE if worn else SEEMS  # a limb may have pressed an empty sleeve
    answer.levels.sharing = 1
    meanings = [answer._meaning(zone, pa(40), pa(5)) for zone in (mates[0], mates[0], mates[1])]
    assert meanings[:2] == [faults.NO_RISE, faults.NO_RISE], "one zone alone may have a hole"
    assert meanings[2] == (faults.VALVE_STUCK_OPEN if worn else faults.NO_RISE)


@pytest.mark.parametrize(
    "topology, rose_pa, told",
    (
        ("manifold", LINE_RISE_PA, faults.VALVE_STUCK_OPEN),
        ("manifold", LINE_RISE_PA + 1, faults.NO_RISE),
        ("zone sensors", LINE_RISE_PA + 1, faults.VALVE_STUCK_OPEN),  # it rose once, and was silent after that
    ),
)
def test_a_blind_zone_that_does_rise_by_a_weak_pump_has_no_way_out_that_is_open(topology, rose_pa, told):
    answer: Any = Filled(topology).guard.answer
    for zone in (0, 1):
        answer.flow.jumped[zone], answer._top_pa[zone], answer.unfolded[zone] = SEEN, pa(9), SURE
    answer.levels.sharing = 1
    answer._meaning(0, pa(40), pa(5))
    answer._base_pa, answer._smooth_pa = pa(10), pa(10) + rose_pa
    assert answer._meaning(1, pa(40), pa(5)) == told


def test_an_answer_in_between_or_a_new_session_ends_the_row():
    answer = Filled("manifold").guard.answer
    answer.unfolded[0] = answer.unfolded[1] = SURE
    for forget in (answer.begin, lambda: setattr(answer, "_unanswered", 0)):
        for zone in (0, 1):
            answer.flow.jumped[zone] = 2
            answer._top_pa[zone] = pa(9)
            answer.unfolded[zone] = SURE
        assert answer._meaning(0, pa(40), pa(5)) == faults.NO_RISE
        forget()
        assert answer._meaning(1, pa(40), pa(5)) == faults.NO_RISE
        answer.begin()


def test_a_full_flow_that_does_not_show_on_the_line_for_a_second_is_no_pump():
    desk = Filled("manifold").start()
    desk.drop_mmhg = 0.0
    took_ms = desk.silent_ms(5000)
    assert desk.fault == faults.NO_ANSWER and not desk.out
    assert 1000 <= took_ms <= 2000, "another zone is looked at before"
    desk = Filled("manifold").start()
    desk.drop_mmhg = 0.0
    desk.wish.pump_permille = 500  # little flow drops little
    desk.go(3000)
    assert not desk.fault


@pytest.mark.parametrize("dry_ms", (420, 540))
def test_before_a_pump_is_blamed_the_coils_are_pulled_in_again(dry_ms):
    """What a dip of the 12 V let go is open until then, and no flow shows."""
    desk = Filled("manifold").start()
    desk.drop_mmhg = 0.0
    held = 0
    while desk.guard.answer.flow.dry_ms < dry_ms:
        desk.go(TICK_MS)
        held = held or (desk.guard.answer.flow.dry_ms and desk.drive.state.count(HOLD))
    assert (desk.drive.state.count(HOLD) < held) is (dry_ms > answer.AT_ONCE_MS // 2)
    desk.drop_mmhg = 45.0
    desk.go(200, 20.0)
    assert desk.guard.answer.flow.dry_ms == 0
    assert desk.fault == (faults.SUPPLY_DIP if dry_ms > answer.AT_ONCE_MS // 2 else 0), "then that brought it back"


def test_a_blind_zone_that_does_not_answer_is_looked_at_before_its_pump_is_blamed():
    for blind, zone, waits in ((True, NONE, 1), (False, 1, NONE)):
        eye: Any = Filled("manifold").guard.answer
        eye._meaning = lambda *_: faults.NO_ANSWER
        assert (eye._blame(1, 3000, 1000, blind), eye.second.zone) == (zone, waits)


@pytest.mark.parametrize("topology, waits", (("manifold", True), ("zone sensors", False)))
def test_before_a_pump_is_blamed_another_blind_zone_is_seen_and_one_with_a_sensor_needs_no_look(topology, waits):
    desk: Any = unfolded(topology, 20.0)
    desk.guard.leaks.fullest = lambda *_: 2
    desk.guard.answer._has_answered = lambda *_: True  # only the line shows nothing, ...
    desk.guard.answer.flow.jumped[0] = 0  # ... from now on
    desk.drop_mmhg = 0.0
    while desk.guard.second.zone == NONE and not desk.fault:
        desk.go(TICK_MS)
        assert desk.guard.answer.flow.dry_ms <= answer.AT_ONCE_MS + TICK_MS
    assert desk.fault == (faults.OK if waits else faults.NO_ANSWER)
    assert (desk.guard.second.zone, desk.drive.show) == ((0, 2) if waits else (NONE, NONE))


def test_a_second_silent_zone_with_a_sensor_is_the_pump_at_once():
    desk: Any = Filled("independent").start()
    desk.guard.leaks.fullest = lambda *_: 3
    desk.silent_ms(30_000)
    desk.start(1)
    while not desk.fault:
        desk.go(TICK_MS)
        assert desk.guard.second.zone == desk.drive.show == NONE
    assert desk.fault == faults.NO_ANSWER


def test_a_soft_blind_zone_whose_line_stands_still_without_a_stroke_has_no_pump():
    board = boards.load("esp32_manifold")
    for _, zone in board.zones():
        zone.valve.c_ml_s_bar = 2000
    desk = Filled("manifold", board=board)
    desk.drop_mmhg = desk.strokes_mmhg = 0.0
    desk.start().silent_ms(40_000)
    assert desk.fault == faults.NO_ANSWER and not desk.out


def test_where_the_flow_drops_less_than_20_mmhg_a_line_that_shows_none_says_nothing():
    board = boards.load("esp32_manifold")
    for _, zone in board.zones():
        zone.valve.c_ml_s_bar = 2000
    desk = Filled("manifold", board=board).start()
    desk.drop_mmhg = 0.0
    desk.go(3000)
    assert not desk.fault and not desk.out


def test_a_line_that_was_charged_before_falls_to_its_flow_instead_of_rising_to_it():
    desk = Filled("manifold")
    desk.zone_mmhg = [30.0] * desk.net.n_zones
    desk.line_mmhg = 80.0
    desk.hold(100.0)
    desk.run(1000)
    desk.fill(0, 100.0)
    for _ in range(100):
        desk.line_mmhg = 78.0 + STROKES_MMHG * (desk.now_ms // TICK_MS % 2)
        desk.tick()
    assert desk.fault != faults.NO_ANSWER


def test_a_soft_zone_behind_a_line_that_reads_high_has_a_second_to_answer():
    """What the flow drops is no pressure of the zone: at 6 mmHg the line reads 50."""
    desk = unfolded("manifold", 6.0)
    assert desk.silent_ms(3000) >= 900


def test_strokes_of_6_mmhg_on_the_line_are_no_answer_and_8_of_20_are():
    desk = unfolded("manifold", 40.0)
    desk.strokes_mmhg = 6.0
    desk.silent_ms(6000)
    assert desk.out == [0]
    desk = unfolded("manifold", 40.0).go(1500, 25.0)
    assert not desk.out and not desk.fault


def test_a_line_that_is_held_near_its_ceiling_has_answered():
    desk = unfolded("manifold", 60.0)
    desk.drop_mmhg = desk.net.board.ceiling_mmhg() - 60.0 - 8.0
    desk.strokes_mmhg = 2.0
    desk.wish.target_pa[0] = 15_900
    for _ in range(40):
        desk.wish.pump_permille -= 3
        desk.go(20, 28.0)  # 8 of 20 mmHg in its patience, and by as much as the flow drop shrinks
    assert not desk.out and not desk.fault and desk.line_mmhg > desk.net.board.ceiling_mmhg() - 14.0


@pytest.mark.parametrize("trembles_permille", (0, 8, 20))
def test_a_line_that_stands_near_its_ceiling_while_the_pump_goes_on_as_before_has_not_answered(trembles_permille):
    """The regulator holds the line where it is: with the pump's strokes on it the duty is never quite the same."""
    desk = unfolded("manifold", 60.0)
    desk.drop_mmhg = desk.net.board.ceiling_mmhg() - 60.0 - 8.0
    desk.strokes_mmhg = 2.0
    desk.wish.target_pa[0] = 15_900
    for tick in range(150):
        desk.wish.pump_permille = 1000 - trembles_permille * (tick // 3 % 2)
        desk.go(20)
    assert desk.out == [0] or desk.fault


# --- found empty, one after the other --------------------------------------------------------------------------------


def seen(desk: Filled, zone: int, mmhg: float) -> None:
    """A blind zone is looked at, has this much, and is shut again."""
    desk.look(zone, 100.0)
    desk.zone_mmhg[zone] = mmhg
    desk.now_zone = zone
    desk.go(1000)
    assert desk.guard.levels.level_pa[zone] > pa(int(mmhg) - 2)
    desk.hold(100.0)
    desk.go(500)


@pytest.mark.parametrize("second_mmhg, dip", ((12.0, True), (38.0, False), (58.0, False)))
def test_when_one_does_not_answer_and_the_other_is_found_empty_both_have_lost_their_12_v(second_mmhg, dip):
    desk = Filled("manifold")
    desk.drop_mmhg = 20.0
    for zone in (0, 1):
        seen(desk, zone, 60.0)
    desk.zone_mmhg[0], desk.zone_mmhg[1] = 12.0, second_mmhg
    desk.start(0)
    spent_ms = 0
    while not desk.fault and not desk.out:
        if desk.drive.show == 1 and desk.now_zone == 0:
            desk.look(1, 100.0)
            desk.now_zone = 1
        desk.go(TICK_MS)
        spent_ms += TICK_MS
        assert spent_ms < 10_000
    assert desk.now_zone == 1 and (desk.fault == faults.SUPPLY_DIP) is dip
    assert desk.out == ([] if dip else [0])


# --- is it unfolded, or does a limb press it? ------------------------------------------------------------------------


def pressed(desk: Filled, mmhg: float, ms: int) -> Filled:
    """A limb presses the zone for so long."""
    desk.zone_mmhg[0] += mmhg
    desk.go(ms)
    desk.zone_mmhg[0] -= mmhg
    return desk.go(60)


@OWN_SENSORS
@pytest.mark.parametrize("mmhg, now", ((3.5, 0), (4.5, answer.SEEMS), (20.0, answer.SEEMS), (22.0, answer.SURE)))
def test_a_zone_that_shows_4_mmhg_seems_unfolded_and_more_than_a_limb_presses_is_sure(topology, mmhg, now):
    desk = Filled(topology).start().go(200)
    desk.zone_mmhg[0] = mmhg
    desk.go(100)
    assert desk.guard.answer.unfolded[0] == now


@OWN_SENSORS
def test_a_limb_that_presses_a_zone_before_it_had_air_does_not_unfold_it(topology):
    desk = Filled(topology)
    desk.hold(100.0)
    desk.zone_mmhg[0] = 12.0
    desk.go(4000)
    assert not desk.guard.answer.unfolded[0]


@OWN_SENSORS
@pytest.mark.parametrize("held_ms, unfolded", ((1900, False), (2800, True)))
def test_a_limb_that_lets_go_of_a_slack_zone_leaves_it_folded(topology, held_ms, unfolded):
    """A moving limb presses for 2 s at the most: then the zone still has the time that its slack may take."""
    desk = Filled(topology).start().go(200)
    desk.hold(100.0)
    pressed(desk, 12.0, held_ms)
    assert bool(desk.guard.answer.unfolded[0]) is unfolded
    took_ms = desk.start().silent_ms(30_000)
    own_ms = desk.guard.answer._folded_ms[0]
    assert (took_ms > 0.8 * own_ms) is not unfolded


@OWN_SENSORS
@pytest.mark.parametrize("left_mmhg, unfolded", ((0.5, False), (1.5, True)))
def test_only_a_zone_that_is_empty_again_was_pressed_by_a_limb(topology, left_mmhg, unfolded):
    desk = Filled(topology).start().go(200)
    desk.hold(100.0)
    desk.zone_mmhg[0] = 8.0
    desk.go(500)
    desk.zone_mmhg[0] = left_mmhg
    desk.go(200)
    assert bool(desk.guard.answer.unfolded[0]) is unfolded


@OWN_SENSORS
def test_a_zone_that_had_pressure_and_was_let_out_stays_unfolded(topology):
    desk = Filled(topology).start().go(200)
    desk.zone_mmhg[0] = 6.0
    desk.go(500)
    assert desk.guard.answer.unfolded[0] == answer.SEEMS
    desk.vent()
    desk.go(200)
    desk.zone_mmhg[0] = 0.0
    desk.go(500)
    desk.hold(100.0)
    desk.go(1000)
    assert desk.guard.answer.unfolded[0] == answer.SURE


def test_a_line_that_falls_by_more_than_a_limb_and_a_third_below_what_its_zone_had_makes_the_others_be_looked_at():
    for falls_pa, gone in ((pa(22) + 1, True), (pa(22) - 1, False)):
        eye = Filled("manifold").guard.answer
        eye.flow.drop_pa[0], eye.flow.permille = 1000, 1000
        eye._smooth_pa = 8250
        eye._watch_loss(0)
        assert eye._had_pa == 7000  # a quarter more than the declared drop
        eye._smooth_pa = 7000 - falls_pa
        eye._watch_loss(0)
        assert (eye.second.zone == 0) is gone
        eye.second.end()
    eye._had_pa, eye._smooth_pa = 12000, 8001  # more than a limb, but no third
    eye._watch_loss(0)
    assert eye.second.zone == NONE
    eye._smooth_pa = 7999
    eye._watch_loss(0)
    assert eye.second.zone == 0
