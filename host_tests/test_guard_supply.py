"""What zones show when the 12 V fail, from both sides, to the pascal and the tick."""

from __future__ import annotations

import pytest

from host_tests.guard_desk import OWN_SENSORS, TICK_MS, Desk
from host_tests.test_guard_readings import Shown
from peristal.core import faults
from peristal.core.drive import HOLD
from peristal.core.units import NONE, pa

FED = pa(1)


# --- all of them fall ---------------------------------------------------------------------------------------------------


def fallen(shown: Shown, by_pa: int, *zones: int) -> Shown:
    """The rest of a period of 600 ms, in which these zones (by default all) lose so much."""
    for zone in zones or range(shown.net.n_zones):
        shown.levels.level_pa[zone] -= by_pa
    return shown.tick(30 - shown.check._period_ms // TICK_MS)


def calm(shown: Shown) -> Shown:
    """What the test has set before was no loss."""
    for fell_pa in (shown.check._fell_pa, shown.check._sank_pa, shown.check._older_pa):
        for zone in range(shown.net.n_zones):
            fell_pa[zone] = 0
    return shown


def begun(topology: str = "independent", mmhg: int = 60) -> Shown:
    """A period has just ended."""
    shown = Shown(topology, mmhg)
    while shown.check._period_ms:
        shown.tick()
    return shown


@OWN_SENSORS
def test_all_zones_that_fall_by_2_mmhg_and_a_32nd_in_two_periods_and_half_of_it_in_the_third_have_lost_their_12_v(topology):
    for short, told in ((None, True), (0, False), (1, False), (2, False)):
        shown = begun(topology)
        for period in range(3):
            assert not shown.told[0]
            fallen(shown, (pa(2) + (shown.levels.level_pa[0] >> 5) >> (period > 1)) + (period != short))
        assert shown.told == ((faults.SUPPLY_DIP, NONE) if told else (faults.OK, NONE))
    shown = begun(topology)
    for _ in range(4):
        fallen(shown, pa(4))
        fallen(shown, pa(4))
        fallen(shown, 0)
    assert not shown.told[0]


def test_in_the_end_one_of_them_may_be_left_but_not_none():
    for mmhg, highest_pa, told in ((60, pa(40), True), (20, pa(15), False), (20, pa(15) - 1, True)):
        shown = begun("independent", 20)
        shown.levels.highest_pa = highest_pa  # at last: empty, although nothing has let them out
        shown.check._kept_pa[1] = pa(60)
        shown.levels.level_pa[0] = shown.check._before_pa[0] = pa(mmhg)
        fallen(shown, pa(4))
        fallen(shown, pa(4))  # the others have less than 15 mmHg now
        assert not shown.told[0]
        fallen(shown, pa(4))
        assert (shown.told[0] == faults.SUPPLY_DIP) is told
    for what in ("vented", "never fell"):
        shown = begun("zone sensors", 20 if what == "vented" else 14)
        shown.levels.highest_pa = pa(14)
        shown.check._kept_pa[1] = pa(60)
        fallen(shown, pa(6))
        shown.levels.vented = what == "vented"
        assert not fallen(fallen(fallen(shown, pa(1)), pa(1)), pa(1)).told[0], what


@pytest.mark.parametrize("lost_pa, told", ((pa(23), True), (pa(21), False)))
def test_zones_that_are_driven_side_by_side_and_have_lost_what_they_had_have_lost_their_12_v_too(lost_pa, told):
    shown = begun("independent", 14)
    for zone in (0, 1):
        shown.levels.shut[zone], shown.levels.filling[zone] = 0, 1
        shown.levels.level_pa[zone] = pa(30)
    shown.tick(60)
    for falls_pa in (pa(16), lost_pa - pa(16)):
        assert not shown.told[0]
        fallen(shown, falls_pa, 0, 1)
        shown.levels.highest_pa = max(shown.levels.level_pa)
    assert (shown.told[0] == faults.SUPPLY_DIP) is told
    assert not shown.check.came_empty(0), "it has lost its air in a drive"


@pytest.mark.parametrize("case, told", (("driven", True), ("open to a still line", False), ("shut, before one that is driven", True)))
def test_of_what_is_nearly_empty_one_must_have_lost_its_air_in_a_drive_or_shut(case, told):
    shown = begun("independent", 9)
    check, levels = shown.check, shown.levels
    check._all_fell, levels.highest_pa = 1, pa(9)
    if case.startswith("shut"):
        check._kept_pa[0] = pa(60)
        levels.shut[1], levels.filling[1] = 0, 1
    else:
        check._before_pa[0] = pa(40)
        levels.shut[0], levels.open[0], levels.filling[0] = 0, 1, int(case == "driven")
    check._watch_falls(600)
    assert (shown.told[0] == faults.SUPPLY_DIP) is told


@pytest.mark.parametrize("lost_pa, told", ((pa(22) + 1, True), (pa(22), False)))
def test_one_that_has_lost_its_air_in_two_periods_of_a_drive_ends_empty_as_without_the_12_v(lost_pa, told):
    shown = begun("independent", 5)
    check, levels = shown.check, shown.levels
    check._all_fell, levels.highest_pa = 1, pa(5)
    check._before_pa[0], check._fell_pa[0] = pa(14), lost_pa - pa(14) + pa(5)
    levels.shut[0], levels.filling[0] = 0, 1
    check._watch_falls(600)
    assert (shown.told[0] == faults.SUPPLY_DIP) is told


def test_what_a_zone_has_in_a_drive_is_what_it_keeps_when_that_is_over():
    shown = begun("independent", 60)
    shown.levels.shut[1], shown.levels.filling[1] = 0, 1
    fallen(shown, pa(25), 1)
    assert shown.check._kept_pa[1] == pa(35) and not shown.check._came[1]


@OWN_SENSORS
@pytest.mark.parametrize("more_pa, told", ((1, True), (0, False)))
def test_slack_zones_that_a_limb_has_pressed_are_no_lower_than_before_and_have_lost_no_12_v(topology, more_pa, told):
    shown = begun(topology, 17)
    shown.levels.highest_pa = pa(11)
    shown.check._kept_pa[1] = pa(17) - pa(6) + pa(22) + more_pa
    assert bool(fallen(fallen(fallen(shown, pa(6)), 0), 0).told[0]) is told


@pytest.mark.parametrize("count, told", ((4, True), (3, False)))
def test_one_that_is_driven_may_rise_by_the_air_of_four_but_not_of_three(count, told):
    """A zone that bursts and its two neighbours, which feel that, are three."""
    shown = begun("zone sensors", 60)
    assert shown.net.n_zones > 4
    shown.levels.shut[0], shown.levels.filling[0] = 0, 1
    for zone in range(count + 1, shown.net.n_zones):
        shown.levels.level_pa[zone] = shown.check._before_pa[zone] = 0
    shown.levels.highest_pa = pa(60)
    for _ in range(3):
        assert not shown.told[0]
        fallen(shown, pa(5), *range(1, count + 1))
        shown.levels.level_pa[0] += 2 * FED
    assert not shown.told[0] or told
    fallen(shown, pa(5), *range(1, count + 1))
    assert (shown.told[0] == faults.SUPPLY_DIP) is told


def test_one_that_keeps_its_pressure_one_alone_or_a_neighbour_that_is_let_out_says_it_is_no_dip():
    for case in ("one keeps it", "one alone", "let out", "opened meanwhile", "all"):
        shown = begun("independent")
        others = range(1, shown.net.n_zones)
        if case == "one alone":
            for zone in others:
                shown.levels.level_pa[zone] = pa(15) - 1
            calm(shown.tick(30))
        if case == "let out":
            shown.levels.shut[0] = 0
        for _ in range(3):
            if case == "opened meanwhile":
                shown.levels.shut[0], shown.levels.open[0] = 0, 1
                shown.tick()
                shown.levels.shut[0], shown.levels.open[0] = 1, 0
            zones = (0,) if case == "one alone" else () if case == "all" else others
            fallen(shown, pa(12), *zones)
        expected = case in ("opened meanwhile", "all")  # what was open in this period is not asked
        assert (shown.told[0] == faults.SUPPLY_DIP) is expected, case


def test_15_mmhg_are_pressure_enough_to_be_asked():
    """Two zones that count are enough; here the second one falls from just 15 mmHg in each period."""
    for low, told in ((pa(15), True), (pa(15) - 1, False)):
        shown = begun("independent")
        for zone in range(2, shown.net.n_zones):
            shown.levels.level_pa[zone] = 0
        calm(shown.tick(30))
        for _ in range(3):
            shown.check._before_pa[1] = low
            calm(shown)
            shown.levels.level_pa[1] = 0
            fallen(shown, pa(12), 0)
        assert (shown.told[0] == faults.SUPPLY_DIP) is told


def test_a_late_tick_or_no_session_begins_the_falls_anew():
    for elapsed_ms, active, told in ((TICK_MS, True, True), (40, True, True), (41, True, False), (TICK_MS, False, False)):
        shown = begun("independent")
        fallen(fallen(shown, pa(7)), pa(7))
        shown.check.tick(elapsed_ms, active)
        shown.check._period_ms = 0
        fallen(shown, pa(7))
        assert (shown.told[0] == faults.SUPPLY_DIP) is told


# --- one is driven in vain ----------------------------------------------------------------------------------------------


SINKS = pa(2) + (pa(60) >> 5)  # 2 mmHg and a 32nd of what it has


def sunk(topology: str, by_pa: int = SINKS, since_shut_pa: int = 0, driven_by_pa: int = 0, kept_pa: int = pa(60)) -> Shown:
    """Zone 1 is driven and has lost so much; the others are shut and have lost theirs in these two periods, or since they were shut."""
    shown = Shown(topology)
    check, levels = shown.check, shown.levels
    levels.shut[0], levels.filling[0] = 0, 1
    check._before_pa[0], check._fell_pa[0], levels.level_pa[0] = pa(60), driven_by_pa >> 1, pa(60) - (driven_by_pa - (driven_by_pa >> 1))
    for zone in range(1, shown.net.n_zones):
        levels.shut[zone], check._was_shut[zone], check._kept_pa[zone] = 1, 1, kept_pa
        levels.level_pa[zone] = kept_pa - since_shut_pa
        check._fell_pa[zone] = by_pa >> 1
        check._before_pa[zone] = levels.level_pa[zone] + by_pa - (by_pa >> 1)
    return shown


@OWN_SENSORS
def test_all_the_others_that_are_shut_with_pressure_must_sink_by_2_mmhg_and_a_32nd(topology):
    assert sunk(topology).check.all_sink(0)
    assert not sunk(topology, SINKS - 1).check.all_sink(0)
    cases = (("one does not", False), ("it is open", True), ("it was open", True), ("it had 15 mmHg", False), ("it had less", True))
    for case, told in cases:
        shown = sunk(topology)
        shown.check._fell_pa[2] -= 1
        if case == "it is open":
            shown.levels.shut[2] = 0
        if case == "it was open":
            shown.check._was_shut[2] = 0
        if case.startswith("it had"):
            shown.check._kept_pa[2] = pa(15) - (case == "it had less")
        assert shown.check.all_sink(0) is told, case
    shown = sunk(topology)
    for zone in range(1, shown.net.n_zones):
        shown.levels.shut[zone] = 0
    assert not shown.check.all_sink(0), "nobody can be asked"


@OWN_SENSORS
def test_neighbours_of_a_zone_that_bursts_feel_a_quarter_of_what_it_loses(topology):
    for by_pa, told in ((SINKS + pa(5), True), (SINKS + pa(5) - 1, False)):
        assert sunk(topology, by_pa, driven_by_pa=pa(20)).check.all_sink(0) is told
    assert sunk(topology, driven_by_pa=-pa(20)).check.all_sink(0), "one that has risen takes nothing away"


@OWN_SENSORS
def test_one_that_is_driven_too_is_open_to_it_and_must_lose_half_as_much(topology):
    for by_pa, told in ((SINKS + pa(10), True), (SINKS + pa(10) - 1, False)):
        shown = sunk(topology, by_pa, driven_by_pa=pa(20))
        shown.levels.shut[1], shown.levels.filling[1] = 0, 1
        assert shown.check.all_sink(0) is told


@OWN_SENSORS
def test_what_lies_5_mmhg_above_the_line_has_no_more_to_lose_but_says_nothing_itself(topology):
    for above_pa, told in ((pa(5), True), (pa(5) + 1, False)):
        shown = sunk(topology)
        shown.check._fell_pa[2] -= 1
        shown.guard.answer.flow.line_pa = shown.levels.level_pa[2] - above_pa
        assert shown.check.all_sink(0) is told
    shown = sunk(topology, 0)
    shown.guard.answer.flow.line_pa = pa(60)
    assert not shown.check.all_sink(0), "none has sunk"


@OWN_SENSORS
def test_what_has_long_sunk_counts_too_10_mmhg_and_a_third_since_it_was_shut(topology):
    falls = pa(1) + 1
    for kept, lost, told in ((pa(24), pa(10) + 1, True), (pa(24), pa(10), False), (pa(60), pa(20) + 1, True), (pa(60), pa(20), False)):
        assert sunk(topology, falls, lost, kept_pa=kept).check.all_sink(0) is told


@OWN_SENSORS
def test_a_shut_zone_that_lost_much_and_stands_was_let_go_by_a_limb_unless_it_is_empty(topology):
    """Without 12 V it would go on falling; that a seam of the zone that is driven has burst had been told as the supply."""
    for kept, lost, falls, told in (
        (pa(60), pa(30), pa(1), False),
        (pa(60), pa(30), pa(1) + 1, True),
        (pa(60), pa(60) - pa(15), 0, False),
        (pa(60), pa(60) - pa(15) + 1, 0, True),
    ):
        shown = sunk(topology, falls, lost, kept_pa=kept)
        assert shown.check.all_sink(0) is told
        shown.levels.filling[0] = 0
        assert shown.check.all_sink(NONE), "while none is driven a dip may be over"


@OWN_SENSORS
def test_while_none_is_driven_all_of_them_must_sink(topology):
    for by_pa, told in ((SINKS, True), (SINKS - 1, False)):
        shown = sunk(topology, by_pa)
        shown.levels.filling[0] = 0
        assert shown.check.all_sink(NONE) is told


def test_where_only_the_line_has_a_sensor_nobody_is_seen_to_sink():
    for topology, asked in (("manifold", False), ("zone sensors", True)):
        shown = begun(topology) if asked else Shown(topology, 60)
        shown.tick(60)
        assert any(shown.check._was_shut) is asked, "what was not shut is not asked"


@OWN_SENSORS
def test_what_a_zone_lost_while_it_was_shut_is_known_when_it_is_opened(topology):
    for lost, came in ((pa(22) + 1, True), (pa(22), False)):
        shown = begun(topology, 60)
        shown.levels.shut[1], shown.levels.filling[1] = 0, 1
        fallen(shown, 0)
        shown.levels.shut[1], shown.levels.filling[1] = 1, 0
        fallen(shown, 0)  # from now on it is kept
        fallen(shown, lost, 1)
        assert shown.check.came_empty(1) is came and not shown.check.came_empty(2)
        shown.levels.shut[1], shown.levels.filling[1] = 0, 1
        shown.tick(60)
        assert shown.check.came_empty(1) is came, "until it is shut again"
        shown.levels.shut[1], shown.levels.filling[1] = 1, 0
        shown.levels.level_pa[1] += pa(10)
        shown.tick(60)
        assert not shown.check.came_empty(1), "it has had air since"


@pytest.mark.parametrize(
    "topology, let_out, came", (("independent", False, True), ("independent", True, False), ("zone sensors", True, False))
)
def test_what_a_zone_lost_while_it_was_open_to_a_pump_that_stands_it_does_not_keep_either(topology, let_out, came):
    """A seam that bursts in a fill: 34 mmHg were gone before the pump drove it again, in vain, and the pump was blamed."""
    shown = begun(topology, 60)
    shown.levels.shut[1], shown.levels.open[1] = 0, 1
    fallen(shown, 0)
    if let_out:
        shown.levels.vented, shown.levels.open[1] = topology != "independent", 1 if topology != "independent" else 0
    shown.levels.level_pa[1] -= pa(25)
    shown.tick(1)
    shown.levels.vented, shown.levels.open[1], shown.levels.filling[1] = False, 1, 1
    shown.tick(60)
    assert shown.check.came_empty(1) is came and not shown.check.came_empty(2)
    shown.check._came[2] = 1
    assert not shown.check.came_empty(1), "another one, too: that is the 12 V"


def test_a_driven_zone_that_rises_by_more_than_1_mmhg_in_the_period_has_its_12_v():
    for rise, told in ((FED, True), (FED + 1, False)):
        shown = begun("independent")
        shown.levels.shut[0], shown.levels.filling[0], shown.levels.level_pa[0] = 0, 1, pa(5)
        shown.tick(30)
        for _ in range(3):
            shown.levels.level_pa[0] += rise
            fallen(shown, pa(12), *range(1, shown.net.n_zones))
        assert (shown.told[0] == faults.SUPPLY_DIP) is told


@pytest.mark.parametrize("flows, told", ((False, faults.SUPPLY_DIP), (True, faults.SENSOR_FROZEN)))
def test_a_line_that_still_has_its_flow_has_its_12_v_a_limb_let_go_of_all_zones(flows, told):
    desk = Desk("zone sensors")
    desk.hold()
    desk.guard.plausible.all_sink = lambda driven: True
    desk.guard.answer.flow.parts = lambda zone: flows
    desk.guard.answer.fault = faults.SENSOR_FROZEN
    desk.guard.answer.tick = lambda elapsed_ms: 1
    desk.tick()
    assert desk.fault == told


@pytest.mark.parametrize("named, asked", ((0, 0), (2, 1)))
def test_where_another_has_risen_instead_the_flow_is_that_of_the_one_that_is_driven(named, asked):
    """In a dip an empty zone takes what the fuller ones lose, and the line shows more than it has."""
    desk = Desk("zone sensors")
    desk.hold()
    asks: list[int] = []
    desk.guard.plausible.all_sink = lambda driven: driven == named
    desk.guard.answer.flow.parts = lambda zone: bool(asks.append(zone))
    desk.guard.answer.fault, desk.guard.answer.driven = faults.VALVE_STUCK_OPEN, 1
    desk.guard.answer.tick = lambda elapsed_ms: named
    desk.guard.levels.tick = lambda elapsed_ms: None
    desk.guard.levels.filling[0] = desk.guard.levels.sharing = 1
    desk.tick()
    assert asks == [asked] and desk.fault == faults.SUPPLY_DIP


@pytest.mark.parametrize("case, refreshed", (("it alone had air", True), ("another has air", False), ("it has its air", False)))
def test_a_zone_that_alone_had_air_and_lost_it_may_have_been_let_go_so_the_coils_are_pulled_in_again(case, refreshed):
    shown = begun("independent", 60)
    for zone in range(1, shown.net.n_zones):
        if case != "another has air" or zone > 1:
            shown.levels.level_pa[zone] = shown.check._kept_pa[zone] = 0
    calm(shown.tick(30))
    shown.drive.state[1], shown.drive._peak_ms[1] = HOLD, 0
    fallen(shown, pa(12 if case == "it has its air" else 30), 0)
    assert not shown.told[0]
    assert (shown.drive._peak_ms[1] > 0) is refreshed


@OWN_SENSORS
@pytest.mark.parametrize(
    "sinks, came, told",
    ((True, False, faults.SUPPLY_DIP), (True, True, faults.LEAKS), (False, True, faults.LEAKS), (False, False, faults.NO_RISE)),
)
def test_a_zone_that_is_driven_in_vain_and_had_lost_its_air_before_leaks(topology, sinks, came, told):
    desk = Desk(topology)
    desk.hold()
    desk.guard.plausible.all_sink = lambda driven: sinks
    desk.guard.plausible.came_empty = lambda zone: came and zone == 1
    desk.guard.answer.fault = faults.NO_RISE
    desk.guard.answer.tick = lambda elapsed_ms: 1
    desk.tick()
    assert (desk.fault or desk.guard.left_out[1]) == told
