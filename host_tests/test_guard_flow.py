"""What the flow explains of the reading of the line and what it does not, from both sides, to the pascal: levels and duty are made up."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.fault_scene import PRESS_S, Setup
from host_tests.guard_desk import MANIFOLDS, TICK_MS, Desk
from peristal.core import faults, model
from peristal.core.reasons import WHY_FLOW
from peristal.core.units import NONE, pa

LEAST = Desk("zone sensors").net.board.pump.min_duty_permille
FULL = 1000 - (1000 - LEAST) // 20  # 95 % of the flow
CAP, HALF_CAP, OVER, MARGIN, SLACK, FELL = pa(120), pa(120) // 2, pa(15), pa(5), pa(12), pa(8)


class Flowing:
    """The pump drives zone 1 at this duty, and has done so for long."""

    def __init__(self, topology: str = "manifold", duty: int = 1000) -> None:
        self.desk = Desk(topology)
        self.net = self.desk.net
        self.net.ceiling_pa = 2 * CAP  # what is above it is another matter
        self.watch: Any = self.desk.guard.line
        self.levels: Any = self.desk.guard.levels
        self.sensing: Any = self.desk.sensing
        self.drive: Any = self.desk.drive
        self.levels.filling[0] = self.levels.open[0] = self.levels.open_count = self.levels.sharing = 1
        self.drive.pump_permille = self.watch._duty_permille = duty
        self.drive.pump_still_ms = 0
        self.watch._flow_zone, self.watch._flow_ms = 0, 600
        self.watch._full_drop_pa = self.watch._drop_pa[0]
        self.watch.agreed[0] = 1

    def tick(self, line_pa: int, ticks: int = 1) -> bool:
        """Whether the pump must rest after the last of them."""
        for _ in range(ticks):
            self.sensing.worst_pa[self.net.line_sensor] = line_pa
            self.watch.flow_pa, self.watch.flow_permille = line_pa, self.share()  # as after a while
            self.watch.tick(TICK_MS, self.desk.wish)
        return bool(self.watch.reasons & WHY_FLOW)

    def part(self) -> int:
        """Of the flow at full duty, in permille, were the pump held back alike: by the duty above the least, and a fifth in hand."""
        least = self.net.board.pump.min_duty_permille
        return min(1000, max(0, (self.watch._duty_permille - least) * 1000 // (1000 - least) + 200))

    def share(self) -> int:
        """Of the drop at full duty, in permille: by the square of the flow, which is more than its part where less holds it back."""
        part, gain = self.part(), self.watch._gain_permille[0]
        part += part * gain // 1000 * (1000 - part * part // 1000) // (1000 + 2 * gain * (part * part // 1000) // 1000)
        return part * part // 1000

    def most_pa(self, target_pa: int) -> int:
        """The highest reading that target, flow and margin explain."""
        watch, share = self.watch, self.share()
        limit = min(target_pa + OVER, CAP)
        own = self.net.zone_sensor[0]
        shown = self.sensing.worst_pa[own] if own != NONE else limit
        at = min(limit, shown + OVER)  # the pressure that is asked for: whether the zone has more than that
        far = abs(at - HALF_CAP)  # 60 mmHg is where the drop is what it was learned as
        there = watch._dense_permille[0] if at > HALF_CAP else 1000000 // watch._slack_permille[0]
        dense = 1000 + (there - 1000) * far // HALF_CAP
        drop = watch._full_drop_pa // 8 * dense // 1000 * share // 125
        limit -= watch._late_pa[0] * share // 1000
        if own != NONE:
            limit = min(limit, shown + OVER + drop // 4)
        return limit + drop + MARGIN


# --- two sensors that have not agreed yet ---------------------------------------------------------------------------


@MANIFOLDS
@pytest.mark.parametrize(
    "own_pa, line_pa, target_pa, agreed, rests",
    (
        (pa(40), pa(130) + 1, CAP, 0, True),
        (pa(40) - 1, pa(130) + 1, CAP, 0, False),
        (pa(40), pa(130), CAP, 0, False),
        (pa(40), pa(130) + 1, CAP, 1, False),
        (pa(40), pa(130) + 1, pa(130) // 2 + 1, 0, True),
        (pa(40), pa(130) + 1, pa(130) // 2, 0, False),
    ),
)
def test_before_its_line_may_have_too_much_for_it_a_zone_is_looked_at_with_both(topology, own_pa, line_pa, target_pa, agreed, rests):
    """A sensor that shows a part of what is there would not be noticed where the flow drops much."""
    flowing, looked = seen(topology, own_pa, line_pa, target_pa, agreed), rests and topology == "zone sensors"
    assert not flowing.tick(line_pa) and flowing.watch.idles_ms == 20 * looked
    if looked:
        still_ms = 500 + flowing.net.settle_ms[0]
        assert not flowing.tick(own_pa + APART + 1, still_ms // TICK_MS - 1), "the line comes down"
        assert flowing.tick(own_pa + APART + 1, 3) and flowing.watch._rest_ms > still_ms - 60, "they do not agree: at rest"


APART = pa(8) + (pa(40) >> 4)


def seen(topology, own_pa, line_pa, target_pa, agreed=0):
    """The first tick with a line as high as this."""
    flowing = Flowing(topology)
    flowing.desk.wish.target_pa[0] = target_pa
    flowing.watch._full_drop_pa = flowing.watch._drop_pa[0] = pa(150)  # that explains it all
    own = flowing.net.zone_sensor[0]
    if own != NONE:
        flowing.sensing.worst_pa[own] = own_pa
    flowing.watch.agreed[0] = agreed
    flowing.tick(0)
    return flowing


@pytest.mark.parametrize("apart_pa, agrees", ((APART, True), (APART + 1, False), (-APART, True), (-APART - 1, False)))
def test_a_line_that_comes_down_to_what_the_zone_shows_has_agreed_and_the_pump_goes_on(apart_pa, agrees):
    flowing = seen("zone sensors", pa(40), pa(131), CAP)
    flowing.tick(pa(131))
    flowing.sensing.worst_pa[flowing.net.zone_sensor[0]] = pa(40) - 1
    flowing.tick(pa(120))
    assert flowing.watch.idles_ms == 40, "noise, and a line that has come down, do not end what was begun"
    flowing.sensing.worst_pa[flowing.net.zone_sensor[0]] = pa(40)
    flowing.tick(pa(40) + apart_pa)
    assert (flowing.watch.agreed[0], flowing.watch.idles_ms) == ((1, 0) if agrees else (0, 60))


def test_what_the_line_still_has_while_the_pump_runs_down_for_that_look_is_not_judged():
    flowing = seen("zone sensors", pa(40), pa(131), CAP)
    flowing.watch._full_drop_pa = 0
    assert not flowing.tick(pa(131), 5) and flowing.watch.idles_ms == 100


def test_a_pump_that_stops_has_ended_that_look():
    flowing = seen("zone sensors", pa(40), pa(131), CAP)
    flowing.tick(pa(131))
    flowing.levels.filling[0] = flowing.drive.pump_permille = 0
    flowing.tick(pa(131))
    assert flowing.watch.idles_ms == 0


# --- more than the flow explains ------------------------------------------------------------------------------------------


@MANIFOLDS
@pytest.mark.parametrize("target", (20, 44, 46, 80, 104, 106, 118))
@pytest.mark.parametrize("duty, own_mmhg", ((1000, 10), (1000, 115), (625, 115), (300, 60), (251, 0)))
def test_what_is_beyond_flow_and_target_for_60_ms_is_in_the_zone_and_the_pump_rests(topology, target, duty, own_mmhg):
    flowing = Flowing(topology, duty)
    flowing.desk.wish.target_pa[0] = pa(target)
    if topology == "zone sensors":
        flowing.sensing.worst_pa[flowing.net.zone_sensor[0]] = pa(own_mmhg)
    most_pa = flowing.most_pa(pa(target))
    assert not flowing.tick(most_pa, 20)
    assert not flowing.tick(most_pa + 1, 3) and flowing.watch._rest_ms == 500
    assert flowing.tick(most_pa)
    flowing = Flowing(topology, duty)
    flowing.desk.wish.target_pa[0] = pa(target)
    if topology == "zone sensors":
        flowing.sensing.worst_pa[flowing.net.zone_sensor[0]] = pa(own_mmhg)
    for _ in range(4):
        assert not flowing.tick(most_pa + 1, 2) and not flowing.tick(most_pa), "it must last"
    assert flowing.watch._rest_ms == 0


@pytest.mark.parametrize("drop_mmhg, stall_mmhg", ((5, 400), (60, 300), (140, 500), (266, 660), (200, 300)))
@pytest.mark.parametrize("duty", (1000, 900, 700, 500, 300, 251))
def test_where_the_line_drops_less_the_pump_is_held_back_less_and_that_flow_is_explained(monkeypatch, drop_mmhg, stall_mmhg, duty):
    """Against the flow at which speed and back pressure agree, found by halving; a pump all but stalled gains no more than twice."""
    board = Desk("zone sensors").net.board
    monkeypatch.setattr(board.pump, "stall_mmhg", stall_mmhg)
    flowing = Flowing("zone sensors", duty)
    monkeypatch.setattr(type(flowing.net), "drop_pa", lambda *_: pa(drop_mmhg))
    left = max(drop_mmhg, stall_mmhg - 60 - drop_mmhg)
    watch = type(flowing.watch)(flowing.net, flowing.sensing, flowing.drive, flowing.levels)
    watch._duty_permille = duty
    flowing.watch = watch
    speed, low, high = flowing.part() / 1000, 0.0, 1.0
    while high - low > 1e-4:
        flow = (low + high) / 2
        low, high = (flow, high) if flow < speed * (1 + drop_mmhg / left * (1 - flow * flow)) else (low, flow)
    assert watch._share(0, flowing.part()) == pytest.approx(1000 * low * low, rel=0.06, abs=3)
    assert watch._share(0, 1000) == 1000


@pytest.mark.parametrize(
    "change, rests",
    (
        ({}, True),
        ({"over": 0}, False),
        ({"own": 12}, False),  # it lives
        ({"own": 11}, True),
        ({"duty": 1000, "over": pa(60)}, False),  # the more is pumped the more drops
        ({"duty": 700}, True),  # and the less the less
        ({"duty": 700, "over": 0}, False),
        ({"began_ms": 580}, False),  # until line and pump are at full flow
        ({"again": pa(70)}, True),  # the next drive begins with what is in the zone by now
        ({"rest": SLACK}, True),
        ({"rest": SLACK - 1}, False),  # with the pump still there was nothing: at first it got no 12 V
        ({"rest": SLACK, "while": 0}, True),  # what the line shows before it is still says nothing
    ),
)
def test_a_slack_zone_s_line_rises_no_further_than_by_what_dropped_as_its_drive_began(change, rests):
    """A sensor that was dead from the start hid 151 mmHg: what narrow valves may drop explained all that the line showed."""
    flowing = Flowing("zone sensors", 800)
    watch, own = flowing.watch, flowing.net.zone_sensor[0]
    flowing.desk.wish.target_pa[0] = pa(60)
    watch._full_drop_pa = watch._drop_pa[0] = pa(300)
    watch._gain_permille[0] = 0
    watch._flow_ms = change.get("began_ms", 600) - 20
    flowing.tick(pa(60))
    then = flowing.share()
    if "again" in change:
        watch._flow_zone = NONE
        flowing.tick(change["again"])
    if "rest" in change:
        watch._rest_ms = 40
        flowing.levels.filling[0] = watch._flow_ms = 0
        flowing.tick(change.get("while", SLACK))
        flowing.tick(change["rest"])
        flowing.levels.filling[0] = 1
    own_pa = flowing.sensing.worst_pa[own] = pa(change.get("own", 0))
    watch._duty_permille = flowing.drive.pump_permille = change.get("duty", 800)
    drop = (pa(60) + MARGIN) * flowing.share() // then if flowing.share() <= then else pa(60)
    assert flowing.tick(own_pa + OVER + drop // 4 + drop + MARGIN + change.get("over", 1), 4) is rests


def test_a_strong_pump_behind_narrow_valves_fills_at_part_of_its_duty_without_a_rest():
    """Its valves drop 330 mmHg at full flow, and the ceiling holds the pump to a third of its speed: two thirds of the flow."""
    rig = Setup("zone sensors", "", 9453, "sequential", 60, False, 1).scene().rig
    rested = []
    rig.press(PRESS_S, 0.4)
    rig.every(0.05, lambda: rested.append(rig.now_s) if rig.app and rig.app.guarding.reasons & WHY_FLOW else None)
    rig.run_until(26.0)
    assert not rested and rig.plant.zone_mmhg[0] > 6 < rig.plant.zone_mmhg[1]


def test_what_the_flow_drops_in_a_blind_zone_is_asked_at_its_target_however_little_the_line_shows():
    """The pump coasts for long into a small zone behind a wide valve: what still comes is more than the flow drops."""
    flowing = Flowing("manifold")
    flowing.desk.wish.target_pa[0] = CAP - OVER
    flowing.watch._late_pa[0], flowing.watch._full_drop_pa, flowing.watch._dense_permille[0] = pa(60), pa(10), 600
    most_pa = flowing.most_pa(CAP - OVER)
    assert most_pa + OVER < CAP
    assert not flowing.tick(most_pa, 20)
    assert not flowing.tick(most_pa + 1, 3) and flowing.tick(most_pa)


@MANIFOLDS
def test_a_zone_that_takes_up_its_slack_may_show_again_what_its_slack_drives_showed(topology):
    """Its drop is kept as the one at 60 mmHg, a quarter less: allowed no more, each drive would end before it has brought anything."""
    flowing = Flowing(topology)
    watch = flowing.watch
    watch._slack_permille[0], watch._late_pa[0] = 700, pa(10)
    jump_pa = watch._full_drop_pa * 1000 // 700
    flowing.desk.wish.target_pa[0] = pa(6)
    assert not flowing.tick(jump_pa, 50)
    assert flowing.tick(jump_pa + pa(30), 4)


def test_the_pump_rests_for_500_ms():
    flowing = Flowing()
    flowing.desk.wish.target_pa[0] = pa(60)
    flowing.tick(flowing.most_pa(pa(60)) + 1, 3)
    assert [flowing.tick(0) for _ in range(26)] == [True] * 25 + [False]


def test_a_pump_that_was_slowed_down_loses_5_permille_of_its_duty_in_a_millisecond():
    flowing = Flowing()
    flowing.drive.pump_permille = 600
    for duty in (900, 800, 700, 600, 600):
        flowing.tick(0)
        assert flowing.watch._duty_permille == duty
    flowing.drive.pump_permille = 950
    flowing.tick(0)
    assert flowing.watch._duty_permille == 950


@MANIFOLDS
def test_a_zone_that_is_not_driven_or_a_pump_that_stands_counts_nothing(topology):
    for what in ("not driven", "the pump stands"):
        flowing = Flowing(topology)
        flowing.desk.wish.target_pa[0] = pa(60)
        flowing.levels.level_pa[0] = 4321
        high = flowing.most_pa(pa(60)) + pa(10)
        flowing.tick(high, 2)
        flowing.levels.filling[0] = 0
        if what == "the pump stands":
            flowing.drive.pump_permille = 0
        flowing.tick(high, 2)
        assert flowing.watch._flow_over_ms[0] == 2 * TICK_MS and flowing.watch._before_pa[0] == 4321
        assert flowing.watch._flow_zone == (0 if what == "not driven" else NONE)
        assert flowing.watch._rest_ms == 0
        flowing.levels.filling[0], flowing.drive.pump_permille = 1, 1000
        flowing.tick(0)
        assert flowing.watch._flow_over_ms[0] == 0, "the next drive begins with a low line"


def test_pulses_with_short_pauses_are_one_drive_and_what_is_too_high_in_them_adds_up():
    flowing = Flowing()
    watch = flowing.watch
    flowing.desk.wish.target_pa[0] = pa(60)
    watch._driven_ms = 0
    high = flowing.most_pa(pa(60)) + pa(10)
    for pulse in range(3):
        flowing.levels.filling[0], flowing.drive.pump_permille = 1, 1000
        assert watch._rest_ms == 0 and not flowing.tick(high)
        assert watch._driven_ms == (2 * pulse + 1) * TICK_MS
        flowing.levels.filling[0] = flowing.drive.pump_permille = 0
        flowing.tick(high - pa(20))
        assert watch._driven_ms == (2 * pulse + 2) * TICK_MS
    assert watch._rest_ms > 0
    flowing.tick(0, 1 + 200 // TICK_MS)
    assert watch._driven_ms == 0, "a pump that has stood for 200 ms has come to rest"


# --- what the flow drops ----------------------------------------------------------------------------------------------


@MANIFOLDS
def test_the_declared_parts_and_a_quarter_are_what_the_flow_may_drop(topology):
    flowing = Flowing(topology)
    net, watch, pump = flowing.net, flowing.watch, flowing.net.board.pump
    for zone in range(net.n_zones):
        c, flow, stall = net.valves[net.fill_valve[zone]].c_ml_s_bar, pump.flow_ml_min // 60, pa(pump.stall_mmhg)
        at_60, at_cap, slack = (model.drop_pa(c, flow, stall, at) for at in (pa(60), CAP, pa(12) // 2))
        assert watch._drop_pa[zone] == at_60 * 5 // 4
        assert watch._dense_permille[zone] == pytest.approx(1000 * at_cap / at_60, abs=2)
        assert watch._slack_permille[zone] == pytest.approx(1000 * at_60 / slack, abs=2)
        volume = net.zones[zone].volume_ml
        late_ml = flow * (pump.stall_mmhg - 90) / pump.stall_mmhg * (pump.coast_ms / 2 + 20) / 1000
        ten_ml = model.air_ml(volume, pa(100)) - model.air_ml(volume, pa(90))
        assert watch._late_pa[zone] == pytest.approx(pa(10) * late_ml / ten_ml, rel=0.1, abs=pa(10) / ten_ml + 2)
        sure = watch._drop_pa[zone] * watch._dense_permille[zone] / 1024 * 5 / 9 - watch._late_pa[zone]
        assert watch.fall_pa(zone) == pytest.approx(max(0, sure), abs=2)
    watch._late_pa[0] = pa(200)
    assert watch.fall_pa(0) == 0


def begun(blind: bool, duty: int, before_pa: int, jump_pa: int, ticks: int = 30) -> Any:
    """A drive of 600 ms whose flow is at once what it is: the line jumps by so much from what it was before."""
    watch = Flowing("manifold" if blind else "zone sensors").watch
    watch._duty_permille, watch._before_pa[0], watch._flow_zone = duty, before_pa, NONE
    for _ in range(ticks):
        watch._follow_flow(0, before_pa + jump_pa, 1000, TICK_MS, blind)
        watch.flow_permille = 1000
    return watch


@pytest.mark.parametrize(
    "blind, duty, before_pa, drive, later",
    (
        (True, FULL, SLACK - 1, True, True), (True, FULL - 1, SLACK - 1, True, False), (True, 1000, SLACK, True, False),
        (False, FULL, SLACK - 1, True, True), (False, FULL - 1, SLACK - 1, False, False), (False, 1000, SLACK, False, False),
    ),
)  # fmt: skip
def test_a_small_jump_is_learned_for_the_drive_and_of_a_slack_zone_for_later_ones(blind, duty, before_pa, drive, later):
    watch = begun(blind, duty, before_pa, pa(40))
    fresh = Flowing("manifold" if blind else "zone sensors").watch
    jump = pa(40) + MARGIN
    if before_pa < SLACK:
        jump = jump * fresh._slack_permille[0] // 1000
    assert jump < fresh._drop_pa[0]
    assert watch._full_drop_pa == (jump if drive else fresh._drop_pa[0])
    assert watch._drop_pa[0] == (jump if later else fresh._drop_pa[0])
    early = begun(blind, duty, before_pa, pa(40), 29)
    assert early._full_drop_pa == early._drop_pa[0] == fresh._drop_pa[0], "600 ms are needed"


@pytest.mark.parametrize("more_pa, learned", ((1, True), (0, False)))
def test_a_jump_of_a_quarter_of_the_declared_drop_is_no_flow_and_holds_for_its_own_drive_alone(more_pa, learned):
    """The 12 V were gone for a moment: from then on every fill of that zone had stopped again and again, and was "slow"."""
    fresh = Flowing("manifold").watch
    quarter = (fresh._declared_pa[0] >> 2) + more_pa
    watch = begun(True, 1000, SLACK - 1, -(-quarter * 1000 // fresh._slack_permille[0]) - MARGIN)
    assert watch._full_drop_pa == quarter
    assert watch._drop_pa[0] == (quarter if learned else fresh._declared_pa[0])


def test_a_jump_that_is_no_smaller_than_declared_teaches_nothing():
    declared = Flowing().watch._drop_pa[0]
    for jump_pa, learned in ((declared - MARGIN, declared), (declared - MARGIN - 1, declared - 1)):
        assert begun(True, 1000, SLACK, jump_pa)._full_drop_pa == learned


def test_the_lowest_reading_of_a_beginning_drive_is_what_was_there_before():
    watch = Flowing().watch
    watch._flow_zone, watch._before_pa[0] = NONE, pa(30)
    for line_pa, before in ((pa(40), pa(30)), (pa(20), pa(20)), (pa(25), pa(20))):
        watch._follow_flow(0, line_pa, 1000, TICK_MS, True)
        assert watch._before_pa[0] == before
    watch._flow_ms = 600
    watch._follow_flow(0, pa(5), 1000, TICK_MS, True)
    assert watch._before_pa[0] == pa(20)


def test_line_and_flow_are_smoothed_alike_by_an_eighth_and_each_drive_begins_anew():
    watch = Flowing().watch
    watch._follow_flow(1, 8000, 800, TICK_MS, True)
    assert (watch._flow_zone, watch._flow_ms, watch.flow_pa, watch.flow_permille) == (1, TICK_MS, 8000, 100)
    assert watch._full_drop_pa == watch._drop_pa[1] and watch._top_pa == 0
    watch._follow_flow(1, 8800, 900, TICK_MS, True)
    assert (watch.flow_pa, watch.flow_permille) == (8100, 200)


@pytest.mark.parametrize("falls_pa, less", ((FELL, 0), (FELL + 1, FELL + 1)))
@pytest.mark.parametrize("permille", (1000, 500))
def test_a_driven_zone_does_not_fall_by_8_mmhg_that_is_flow_that_was_lost(falls_pa, less, permille):
    watch = Flowing().watch
    full = watch._full_drop_pa = 4000
    watch.flow_permille = permille
    drop = full * permille // 1000
    watch.flow_pa = 10_000 + drop
    watch._follow_flow(0, 10_000 + drop, permille, TICK_MS, True)
    assert watch._top_pa == 10_000 and watch._full_drop_pa == full
    watch.flow_pa = 10_000 + drop - falls_pa
    watch._follow_flow(0, 10_000 + drop - falls_pa, permille, TICK_MS, True)
    assert watch._full_drop_pa == full - less * 1000 // permille and watch._top_pa == 10_000
    watch.flow_pa = 0
    watch._follow_flow(0, 0, permille, TICK_MS, True)
    assert watch._full_drop_pa == 0, "and no less than nothing"
    own = Flowing("zone sensors").watch
    own._full_drop_pa, own._top_pa, own.flow_pa = 4000, 10_000, 0
    own._follow_flow(0, 0, permille, TICK_MS, False)
    assert own._full_drop_pa == 4000, "what a zone with a sensor has is known"


LOST = 24 * 133  # at once ...
BACK = 12 * 133  # ... and all but so much of it


@pytest.mark.parametrize("below_pa, told", ((BACK - 40, True), (BACK + 40, False)))
@pytest.mark.parametrize("drive", (1, 2))
def test_a_line_that_fell_at_once_and_is_up_again_in_the_next_drive_had_lost_its_12_v(below_pa, told, drive):
    """A hole keeps what it took, and a pump that weakens does not come back; one drive later a zone may have got what it had."""
    watch = begun(True, 1000, 3000, 9000)
    from_pa = watch.flow_pa
    for line_pa in (from_pa - LOST - 40, from_pa - 2 * LOST):
        watch._follow_flow(0, line_pa, 1000, TICK_MS, True)
        assert watch.lost and watch._lost_pa == from_pa, "what it fell from, not what it fell to"
    for number in range(1, drive + 1):
        watch._flow_zone = NONE
        for _ in range(29):
            watch._follow_flow(0, from_pa - below_pa if number == drive else 4000, 1000, TICK_MS, True)
            assert watch._lost_pa == (from_pa if number == 1 else 0) and not watch.back
        watch._follow_flow(0, from_pa - below_pa if number == drive else 4000, 1000, TICK_MS, True)
        assert watch._lost_pa == 0
    assert watch.back is (told and drive == 1)


@pytest.mark.parametrize("zone", (0, 1))
def test_a_line_that_is_up_in_another_zone_s_drive_says_nothing_of_the_12_v(zone):
    """The first zone may have burst, or its drive ended as another valve stayed open."""
    watch = begun(True, 1000, 3000, 9000)
    from_pa = watch.flow_pa
    watch._follow_flow(0, from_pa - LOST - 40, 1000, TICK_MS, True)
    watch._flow_zone = NONE
    for _ in range(30):
        watch._follow_flow(zone, from_pa, 1000, TICK_MS, True)
    assert watch.back is (zone == 0) and (watch._lost_pa == 0) is (zone == 0)
    for _ in range(30 * zone):
        watch._follow_flow(0, from_pa, 1000, TICK_MS, True)
    assert watch.back, "the first one's next drive does"


def test_where_the_zone_s_own_sensor_shows_what_it_has_a_line_that_falls_has_lost_nothing():
    watch = begun(False, 1000, 3000, 9000)
    watch._follow_flow(0, watch.flow_pa - 2 * LOST, 1000, TICK_MS, False)
    assert not watch.lost and watch._rest_ms == watch._lost_pa == 0


@pytest.mark.parametrize("more_pa, told", ((1, True), (0, False)))
def test_a_line_that_is_as_high_for_a_fuller_zone_has_not_come_back(more_pa, told):
    """Half of the declared drop must be there again, too."""
    watch = begun(True, 1000, 3000, 9000)
    watch._lost_pa, watch._flow_zone, watch._lost_zone = 9000, 0, 0
    watch._flow_ms, watch.flow_permille = 600 - TICK_MS, 1000
    jump_pa = watch._declared_pa[0] // 2 + more_pa
    watch.flow_pa, watch._before_pa[0] = 9000, 9000 + pa(5) - jump_pa
    watch._follow_flow(0, 9000, 1000, TICK_MS, True)
    assert watch._lost_pa == 0 and watch.back is told


def test_a_new_session_knows_of_no_line_that_fell():
    watch = Flowing().watch
    watch._lost_pa = 1000
    watch.forget()
    assert watch._lost_pa == 0


def test_a_line_that_is_up_again_trips_the_guard_once():
    desk = Desk("manifold")
    desk.guard.line.back = True
    desk.run(TICK_MS)
    assert desk.fault == faults.SUPPLY_DIP and not desk.guard.line.back


def in_vain(flowing: Flowing, times: int, after_pa: int = 0) -> Flowing:
    """So often the line is too high for what the zone shows, the pump rests, and the line comes down to so much."""
    for _ in range(times):
        flowing.tick(flowing.most_pa(pa(60)) + 1, 3)
        flowing.tick(after_pa, 26)
    return flowing


@pytest.mark.parametrize(
    "topology, own_pa, after_pa, blocked",
    (
        ("zone sensors", 0, 0, True),
        ("zone sensors", pa(3), SLACK - 1, True),
        ("zone sensors", pa(3) + 1, 0, False),  # some air comes
        ("zone sensors", 0, SLACK, False),  # it stays in the line, or the zone has it
        ("manifold", 0, 0, False),  # which of them shows nothing else
    ),
)
def test_a_line_that_empties_12_times_but_not_into_its_zone_leads_elsewhere(topology, own_pa, after_pa, blocked):
    flowing = Flowing(topology)
    flowing.desk.wish.target_pa[0] = pa(60)
    in_vain(flowing, 6, after_pa)
    if topology != "manifold":
        flowing.sensing.worst_pa[flowing.net.zone_sensor[0]] = own_pa
    in_vain(flowing, 5, after_pa)
    assert flowing.watch.blocked == NONE
    in_vain(flowing, 1, after_pa)
    assert flowing.watch.blocked == (0 if blocked else NONE)


def test_a_sensor_that_always_shows_a_little_shows_no_air_that_comes():
    flowing = Flowing("zone sensors")
    flowing.desk.wish.target_pa[0] = pa(60)
    flowing.sensing.worst_pa[flowing.net.zone_sensor[0]] = pa(4)
    assert in_vain(flowing, 12).watch.blocked == 0


def test_such_rests_count_for_one_zone_in_a_row_and_in_one_session():
    for between in ("another zone", "a new session", "it rose"):
        flowing = Flowing("zone sensors")
        flowing.desk.wish.target_pa[0] = flowing.desk.wish.target_pa[1] = pa(60)
        in_vain(flowing, 11)
        if between == "a new session":
            flowing.watch.forget()
        elif between == "it rose":
            flowing.sensing.worst_pa[flowing.net.zone_sensor[0]] = pa(30)
            flowing.tick(0)
            flowing.sensing.worst_pa[flowing.net.zone_sensor[0]] = 0
        else:
            flowing.levels.filling[0], flowing.levels.filling[1] = 0, 1
            in_vain(flowing, 1)
            flowing.levels.filling[0], flowing.levels.filling[1] = 1, 0
        in_vain(flowing, 11)
        assert flowing.watch.blocked == NONE, between
        in_vain(flowing, 1)
        assert flowing.watch.blocked == 0, between


def test_a_zone_that_is_driven_in_vain_is_told_as_one_whose_valve_stays_shut():
    desk = Desk("zone sensors")
    desk.guard.line.blocked = 1
    desk.run(TICK_MS)
    assert desk.fault == faults.VALVE_STUCK_CLOSED and desk.guard.fault_zone == 1 and desk.guard.line.blocked == NONE
def test_a_pump_that_runs_no_slower_than_of_late_is_steady():
    flow: Any = Desk("zone sensors").guard.answer.flow
    for permille, steady in ((1000, True), (1000, True), (100, False), (100, False), (200, True)):
        for _ in range(4):
            flow.tick(permille)
        assert flow.steady is (steady and permille >= flow.permille), permille
    flow.permille = 500
    for permille, steady in ((500, True), (499, False)):
        flow.permille = 500
        flow.tick(permille)
        assert flow.steady is steady
