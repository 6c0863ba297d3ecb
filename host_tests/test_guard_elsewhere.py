"""Air that goes elsewhere: into a zone that should be shut, out through a leak, or out as fast as a pump brings it. At the desk."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.fault_run import BY_NAME, run
from host_tests.fault_scene import Setup
from host_tests.guard_desk import OWN_SENSORS, Desk
from host_tests.test_guard_gains import SHUT, Gains
from host_tests.test_guard_runs_on import begin_look, held
from peristal.core import faults
from peristal.core.gains import AIRED
from peristal.core.levels import STILL_MS
from peristal.core.units import NONE, pa

TAKER = 2


# --- a slack zone's valve, in a first fill ---------------------------------------------------------------------------------


def first_fill(drop_pa: int, share: float, unfolded: int = 0) -> Any:
    """What the silence of a zone means whose line shows this share of its declared flow drop."""
    desk = Desk("zone sensors")
    desk.fill(0)
    desk.run(600)
    answer: Any = desk.guard.answer
    answer.flow.now_pa = lambda zone: drop_pa
    answer.flow.line_pa = desk.sensing.worst_pa[desk.net.zone_sensor[0]] + int(drop_pa * share)
    answer.unfolded[0] = unfolded
    return answer._meaning(0, 0, 0)


@pytest.mark.parametrize("share, told", ((0.17, False), (0.20, True), (0.36, True), (0.39, False)))
def test_a_first_fill_in_vain_with_a_quarter_of_the_drop_gives_half_of_its_air_to_another_slack_zone(share, told):
    """Of a declared drop two ways show a quarter, and 0.8 to 1.5 times that; a weak pump shows less, a hole of its own all of it."""
    assert (first_fill(pa(40), share) == faults.VALVE_STUCK_OPEN) is told


def test_a_zone_that_is_unfolded_or_hardly_drops_anything_says_nothing_of_another_ones_slack():
    assert first_fill(pa(8), 0.3) == faults.VALVE_STUCK_OPEN
    assert first_fill(pa(8) - 1, 0.3) != faults.VALVE_STUCK_OPEN
    assert first_fill(pa(40), 0.3, unfolded=1) != faults.VALVE_STUCK_OPEN


@pytest.mark.parametrize("topology", ("manifold", "independent"))
def test_half_a_flow_shows_only_between_a_line_and_a_zone_that_both_have_a_sensor(topology):
    flow: Any = Desk(topology).guard.answer.flow
    flow.now_pa, flow.line_pa = lambda zone: pa(40), pa(10)
    assert not flow.halves(0)


# --- a zone that should be shut, and takes what the open one loses ---------------------------------------------------------


@OWN_SENSORS
@pytest.mark.parametrize(
    "loses_mmhg, gains_mmhg, taker, told",
    ((3.4, 3.4, TAKER, True), (2.6, 3.4, TAKER, False), (3.4, 2.6, TAKER, False), (3.4, 3.4, NONE, False)),
)
def test_what_an_open_zone_loses_while_a_shut_one_gains_went_there(topology, loses_mmhg, gains_mmhg, taker, told):
    """A limb that lets go of the one leg may press the other, but not by what no limb brings."""
    desk = held(topology)
    desk.guard.plausible.gains.taker = lambda: taker
    begin_look(desk, 0, 60.0)
    for tick in range(22):
        share = min(1.0, tick / 19)
        desk.show(0, 60.0 - loses_mmhg * share)
        desk.show(TAKER, 60.0 + gains_mmhg * share)
        desk.line_mmhg = desk.zone_mmhg[0]
        desk.tick()
    assert (desk.guard.fault, desk.guard.fault_zone) == ((faults.VALVE_STUCK_OPEN, TAKER) if told else (faults.OK, NONE))


@pytest.mark.parametrize(
    "before_pa, gained_pa, taken", ((0, pa(40), False), (1, pa(2) + 1, True), (1, pa(2), False)),
)  # fmt: skip
def test_a_zone_that_is_let_out_and_gains_again_while_another_is_filled_explains_its_own_pressure(before_pa, gained_pa, taken):
    """It was told that it will not vent, and its way out was whole."""
    desk = Gains("independent")
    gains: Any = desk.guard.plausible.gains
    gains._gain_ms[SHUT], gains._state[SHUT], gains._gains_pa[SHUT] = 0, AIRED, before_pa
    gains._gained = lambda zone: gained_pa if zone == SHUT else 0
    desk.guard.trip(faults.OVER_PRESSURE, SHUT)
    assert (desk.fault, desk.guard.fault_zone) == (faults.VALVE_STUCK_OPEN if taken else faults.OVER_PRESSURE, SHUT)


@OWN_SENSORS
@pytest.mark.parametrize("gained_pa, counts", ((pa(22) + 1, True), (pa(22), False)))
def test_what_no_limb_brings_counts_also_in_a_zone_whose_turn_is_over_as_it_is_let_out(topology, gained_pa, counts):
    desk = Gains(topology)
    gains: Any = desk.guard.plausible.gains
    gains._gain_ms[SHUT], gains._state[SHUT], gains._last_pa[SHUT] = 0, 0, gained_pa
    desk.wish.target_pa[SHUT] = 0
    desk.guard.levels.shut[SHUT], desk.guard.levels.open[SHUT] = 0, 1
    desk.guard.zones.target_pa = desk.wish.target_pa
    gains.tick(20)
    assert (gains._gains_pa[SHUT] > 0) is counts


# --- a leak that was seen --------------------------------------------------------------------------------------------------


@OWN_SENSORS
@pytest.mark.parametrize("torn, fault", ((2, faults.LEAKS), (1, faults.NO_RISE)))
def test_a_zone_that_gets_nothing_and_lost_its_air_as_it_was_kept_last_leaks(topology, torn, fault):
    desk = held(topology)
    desk.guard.leaks._torn[1] = torn
    desk.guard.answer.tick = lambda elapsed_ms: 1
    desk.guard.answer.fault = faults.NO_RISE
    desk.guard.second.may_be_line = lambda zone: False
    desk.tick()
    assert desk.guard.left_out[1] == fault


def test_what_a_blind_zone_has_lost_as_it_was_looked_at_may_be_a_limbs_doing():
    leaks: Any = Desk("manifold").guard.leaks
    leaks._torn[1] = 8
    assert not leaks.torn(1)


def filled_again(topology: str, times: int, lost: bool = True, sat: int = 0, driven_ms: int = 0) -> Desk:
    """Zone 2 begins to be filled so often, and has lost its air each time."""
    desk = held(topology)
    guard: Any = desk.guard
    guard.plausible.came_empty = lambda zone: lost
    desk.wish.target_pa[1] = pa(60)
    for _ in range(times):
        guard.levels.open[1] = guard.levels.filling[1] = 1
        guard.levels.shut[1], guard.trends.sat[1], guard.answer.driven_ms[1] = 0, sat, driven_ms
        guard.leaks.tick(20, desk.wish)
    return desk


@OWN_SENSORS
def test_a_zone_that_has_lost_what_no_limb_moves_by_two_fills_in_a_row_has_burst(topology):
    """A pump that can still lift it filled it again and again for the whole session, and it was told as a slow fill."""
    assert filled_again(topology, 1).guard.left_out[1] == faults.OK
    assert filled_again(topology, 2).guard.left_out[1] == faults.LEAKS
    assert filled_again(topology, 9, lost=False).guard.left_out[1] == faults.OK
    assert filled_again(topology, 9, sat=1).guard.left_out[1] == faults.OK, "who sat on it has stood up"
    assert filled_again(topology, 9, driven_ms=20).guard.left_out[1] == faults.OK, "it is the same fill"


def test_what_a_blind_zone_has_by_its_next_fill_nothing_shows():
    assert filled_again("manifold", 9).guard.left_out[1] == faults.OK


@OWN_SENSORS
def test_what_was_lost_counts_once(topology):
    falls: Any = held(topology).guard.plausible
    falls._most_pa[1], falls._came[1], falls.levels.level_pa[1] = pa(60), 1, pa(10)
    assert falls.came_empty(1)
    falls.counted(1)
    assert not falls.came_empty(1)


@OWN_SENSORS
def test_a_loss_that_was_counted_at_one_fill_is_not_counted_at_the_next_again(topology):
    guard: Any = held(topology).guard
    guard.plausible._most_pa[1], guard.levels.level_pa[1] = pa(60), pa(10)
    guard.leaks._fill_again(1)
    guard.leaks._fill_again(1)
    assert guard.leaks._torn[1] == 3 and guard.left_out[1] == faults.OK


# --- a pump that lets nothing out ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fell_pa, below_pa, early_ms, told",
    (
        (pa(8) + 1, pa(1) - 1, 0, True),
        (pa(8), pa(1) - 1, 0, False),  # what moves a line anyway
        (pa(8) + 1, pa(1), 0, False),  # it is emptied in front of a zone that is shut in
        (pa(8) + 1, pa(1) - 1, 1, False),  # the pump has just stopped
    ),
)
def test_a_relief_that_lowers_the_line_and_not_the_zone_behind_it_lets_out_what_a_pump_brings(fell_pa, below_pa, early_ms, told):
    """A weak pump brings as much as a narrow way out lets go: the zone stands where it is, and was told that it will not vent."""
    desk = held("zone sensors")
    runs_on, sensing = desk.guard.runs_on, desk.sensing
    desk.drive.pump_still_ms = desk.net.coast_ms + STILL_MS + 1 - early_ms
    sensing.pa[desk.net.line_sensor] = pa(60) - below_pa + fell_pa
    runs_on.lets_out(1, 20, pa(60), True)
    sensing.pa[desk.net.line_sensor] = pa(60) - below_pa
    for _ in range(0, runs_on._most_out_ms[1] + 20, 20):
        assert not desk.fault
        runs_on.lets_out(1, 20, pa(60), False)
    assert (desk.fault == faults.PUMP_RUNS_ON) is told


# --- the whole firmware ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, setup, reported",
    (
        ("zone valve stays open", Setup("zone sensors", "", 1012661739, "gradient", 65, False, 244186937), "valve stuck open"),  # "no rise"
        ("zone valve stays open", Setup("zone sensors", "esp32_manifold_5", 750268983, "interval", 65, False, 996185248), "valve stuck open"),  # noqa: E501
        ("zone valve stays open", Setup("independent", "esp32s3_independent", 730876525, "wave", 80, False, 943988131), "valve stuck open"),
        ("zone valve stays open", Setup("zone sensors", "", 578289824, "isolate", 40, False, 67959107), "valve stuck open"),  # nothing
        ("leak, large, in a short hold", Setup("zone sensors", "", 152521999, "wave", 75, True, 1059208499), "leak"),  # "no answer"
        ("seam bursts", Setup("independent", "", 236349831, "sequential", 40, True, 910663405), "leak"),  # "slow fill"
        ("pump will not stop", Setup("zone sensors", "", 547280742, "pulse", 65, False, 915889377), "pump runs on"),  # "will not vent"
    ),
)
def test_whole_sessions_that_were_told_as_another_part(name, setup, reported):
    outcome = run(BY_NAME[name], setup)
    assert not outcome.verdict.why and outcome.verdict.reported == reported, outcome.says
