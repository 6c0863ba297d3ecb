"""The self-test before a session: the slack take-up shows whether each valve moves its own zone, who is there and how much air it takes."""

from functools import cache

import pytest

from host_tests.fault_reports import fault_now, notices_now
from host_tests.guard_desk import Desk
from host_tests.made_boards import make
from host_tests.sessions import PRESS_S, run_session
from peristal.core import faults
from peristal.core.drive import Drive
from peristal.core.guard import Guard
from peristal.core.net import Net
from peristal.core.self_test import FALLS_FROM_MS, LIMB_MS, SelfTest
from peristal.core.sensing import Sensing
from peristal.core.sequencer import OUT
from peristal.core.units import pa
from tools.simulator import boards
from tools.simulator.rig import Rig

BOTH = pytest.mark.parametrize("board_name", ("esp32c3_mini", "esp32s3_independent"))


def from_the_start(act):
    """An event for run_session's `before`: something is wrong before the button is pressed."""
    return lambda rig: rig.at(PRESS_S - 1, lambda: act(rig))


def guard_of(seen):
    return seen.rig.app.guarding


def test_crossed_inlets_are_named_before_anything_is_pressurised():
    def cross(rig):
        rig.plant.coil_of[0], rig.plant.coil_of[2] = rig.plant.coil_of[2], rig.plant.coil_of[0]

    seen = run_session("esp32s3_independent", "sequential", before=from_the_start(cross), until_s=60)
    assert guard_of(seen).fault == faults.VALVES_CROSSED
    assert max(max(true) for _, _, _, true in seen.samples) < 30


def test_an_inlet_that_stays_open_is_found_before_anything_is_tight():
    """Two folded zones share the air: what is seen first is that the one that is meant gets no pressure."""
    seen = run_session(
        "esp32s3_independent", "sequential", before=from_the_start(lambda rig: rig.plant.valve_stuck.__setitem__(4, "open")), until_s=90
    )  # fmt: skip
    assert guard_of(seen).fault in (faults.VALVE_STUCK_OPEN, faults.VALVES_CROSSED, faults.NO_ANSWER)
    assert max(max(true) for _, _, _, true in seen.samples) < 60


@pytest.mark.parametrize("board_name, named", (("esp32c3_mini", 255), ("esp32_manifold_5", 0), ("esp32s3_independent", 2)))
def test_a_way_out_that_is_shut_is_found_before_anything_is_tight(board_name, named):
    """It was found with 80 mmHg in every zone, and nothing on the board could let them out."""
    def shut(rig):
        valves = [valve for _, valve in rig.board.valves()]
        out = rig.board.line.vent or rig.board.zones()[2][1].exhaust
        rig.plant.valve_stuck[valves.index(out)] = "closed"

    seen = run_session(board_name, "sequential", before=from_the_start(shut), until_s=100, snug=True)
    assert (guard_of(seen).fault, guard_of(seen).fault_zone) == (faults.WILL_NOT_VENT, named)
    assert max(max(true) for _, _, _, true in seen.samples) < 15


def test_a_zone_whose_valve_sticks_in_the_self_test_is_named():
    def shut(rig):
        valve = [valve for _, valve in rig.board.valves()].index(rig.board.zones()[3][1].valve)

        def look():
            if rig.plant.zone_mmhg[4] > 3:  # the next zone has its turn
                rig.plant.valve_stuck[valve] = "closed"

        rig.every(0.02, look)

    seen = run_session("esp32_manifold_5", "sequential", before=from_the_start(shut), until_s=100, snug=True)
    assert (guard_of(seen).fault, guard_of(seen).fault_zone) == (faults.WILL_NOT_VENT, 3)
    assert max(max(true) for _, _, _, true in seen.samples) < 15


def at_the_desk(board_name):
    """A self-test whose readings are set by hand: (its vents() after so many ms, guard, how to set every reading in Pa)."""
    net = Net(boards.load(board_name))
    sensing, drive = Sensing(net), Drive(net)
    guard = Guard(net, sensing, drive)
    test = SelfTest(net, guard)
    test.begin()

    def reads(value):
        for sensor in range(net.n_sensors):
            sensing.pa[sensor] = value

    def vents(ms):
        seen = False
        for _ in range(0, ms, 20):
            seen = test.vents(20)
        return seen

    return vents, guard, reads


@pytest.mark.parametrize("board_name", ("esp32c3_mini", "esp32_manifold_5", "esp32s3_independent"))
def test_every_reading_has_to_fall_by_a_quarter_or_to_nothing(board_name):
    vents, guard, reads = at_the_desk(board_name)
    reads(pa(8))
    assert not vents(FALLS_FROM_MS)  # from here on they count
    reads(pa(8) - (pa(8) >> 2) + 1)
    assert not vents(20)
    reads(pa(8) - (pa(8) >> 2))
    assert vents(20)
    vents, guard, reads = at_the_desk(board_name)
    reads(pa(2))
    assert not vents(FALLS_FROM_MS - 20) and vents(20), "there is nothing left, but that says nothing before everything is open"
    reads(pa(2) + 1)
    assert not vents(20)
    assert guard.fault == 0


@pytest.mark.parametrize("board_name, named", (("esp32c3_mini", 255), ("esp32_manifold_5", 0), ("esp32s3_independent", 0)))
def test_a_reading_that_stays_is_borne_for_the_modelled_time_and_a_limb_s(board_name, named):
    vents, guard, reads = at_the_desk(board_name)
    reads(pa(6))
    most_ms = guard.vent_ms + LIMB_MS
    assert not vents(most_ms // 20 * 20)
    assert guard.suspect == guard.fault == 0
    assert not vents(20)
    assert (guard.suspect, guard.fault_zone, guard.held) == (faults.WILL_NOT_VENT, named, True)


def test_what_was_held_is_held_though_it_falls_once_the_12_v_are_off():
    """A pump that did not stop was told as air that stays: the reading fell while the guard still looked for the name."""
    vents, guard, reads = at_the_desk("esp32_manifold_5")
    reads(pa(6))
    vents(guard.vent_ms + LIMB_MS + 40)
    reads(pa(5))
    assert not vents(20) and guard.suspect == faults.WILL_NOT_VENT and guard.held


def test_a_zone_that_is_left_out_need_not_fall():
    vents, guard, reads = at_the_desk("esp32s3_independent")
    reads(0)
    guard.sensing.pa[1] = pa(9)
    assert not vents(1000)
    guard.left_out[1] = faults.NO_RISE
    assert vents(20)


@cache
def healthy(board_name):
    """A minute's session of a board that ships, for how many seconds its way out was looked at, and the notices on the way.

    In worn sleeves where they are few; many take too long to take up the slack.
    """
    begun, notices = [], set()

    def look(rig):
        def phases():
            app = rig.app
            if rig.state == "running":
                notices.update(notices_now(app))
            if app and app.session.testing and app.session.sequencer.proving == OUT:
                begun.append(rig.now_s)

        rig.every(0.05, phases)

    snug = board_name in ("esp32_manifold", "esp32_manifold_5")
    return run_session(board_name, "sequential", minutes=1, before=look, snug=snug), len(begun) * 0.05, notices


@pytest.mark.parametrize("board_name", boards.names())
def test_a_healthy_way_out_is_seen_to_work_within_three_seconds_and_the_session_runs_to_its_end(board_name):
    """The slack stays taken up: what follows is a first cycle as ever."""
    seen, looked_s, _ = healthy(board_name)
    assert seen.states[-1] == "done" and guard_of(seen).fault == 0
    assert 0.4 < looked_s < 3
    assert max(max(true) for _, _, _, true in seen.samples) > 50


def unplug(rig):
    rig.plant.zone_unplugged[1] = True


@BOTH
def test_a_single_zone_without_pressure_is_a_fault(board_name):
    seen = run_session(board_name, "sequential", before=from_the_start(unplug), until_s=100, snug=True)
    assert (guard_of(seen).fault, guard_of(seen).fault_zone) == (faults.NO_RISE, 1)


def test_a_zone_that_the_wearer_skips_may_be_unplugged():
    def skip(rig):
        unplug(rig)
        assert rig.app.session.skip(1, True) is None

    seen = run_session("esp32c3_mini", "flush", minutes=1, before=from_the_start(skip), snug=True)
    assert seen.states[-1] == "done" and guard_of(seen).fault == 0


def test_a_leg_that_is_not_there_is_left_out_and_the_other_has_its_session():
    def one_leg(rig):
        for zone in (2, 3):
            rig.plant.zone_unplugged[zone] = True

    seen = run_session(make("manifold", 2, 2), "sequential", minutes=1, before=from_the_start(one_leg), snug=True)
    assert seen.states[-1] == "done"
    assert list(guard_of(seen).left_out) == [0] * 2 + [faults.NO_RISE] * 2
    assert max(true[1] for _, _, _, true in seen.samples) > 45


@BOTH
def test_a_healthy_pair_shows_what_each_zone_took_and_how_it_vents(board_name):
    seen, _, notices = healthy(board_name)
    test, trends = seen.rig.app.session.self_test, guard_of(seen).trends
    zones = len(seen.samples[0][3])
    assert test.done == zones
    assert not notices, "its pump is not called weak"
    for zone in range(zones):
        assert 600 < test.taken_permille[zone] < 1400, "what a worn sleeve takes"
        assert 200 < trends.vent_ms[zone] < 15000


def test_a_latched_fault_outlives_a_power_cut_and_only_the_button_clears_it():
    from tools.simulator.rig import Rig

    rig = Rig("esp32s3_independent", settings={"program": "wave", "pressure_mmhg": 40, "minutes": 2})
    rig.press(PRESS_S)
    rig.at(12, lambda: rig.plant.sensor_fault.__setitem__(0, "open"))
    rig.run_until(40)
    assert rig.state == "fault"
    rig.plant.sensor_fault[0] = None
    rig.chip.power_cycle()
    seen: list = []
    rig.at(45, lambda: seen.append((rig.state, rig.app.guarding.fault)))
    rig.press(46)
    rig.run_until(60)
    assert seen == [("fault", faults.SENSOR_LOW)]
    assert rig.state == "idle"
    rig.chip.power_cycle()
    rig.run_until(65)
    assert rig.state == "idle" and rig.app.guarding.fault == faults.OK


def test_air_that_will_not_leave_stays_latched_over_a_power_cut_and_the_button_alone_does_not_clear_it():
    from tools.simulator.rig import Rig

    rig = Rig("esp32c3_mini", settings={"program": "interval", "pressure_mmhg": 60, "minutes": 5}, snug=True)
    vent = [valve for _, valve in rig.board.valves()].index(rig.board.line.vent)
    stuck: list = []

    def shut():
        if not stuck and min(rig.plant.zone_mmhg) > 45:
            stuck.append(rig.now_s)
            rig.plant.valve_stuck[vent] = "closed"
            rig.press(rig.now_s + 0.1)

    rig.press(PRESS_S)
    rig.every(0.02, shut)
    rig.run_until(75)
    assert stuck and rig.state == "fault" and rig.app.guarding.fault == faults.WILL_NOT_VENT
    assert min(rig.plant.zone_mmhg) > 15
    rig.chip.power_cycle()
    seen: list = []
    rig.at(80, lambda: seen.append((rig.state, rig.app.guarding.fault)))
    rig.press(81)  # still under pressure: a person has to let the air out first
    rig.at(85, lambda: seen.append((rig.state, rig.app.guarding.fault)))
    rig.at(86, lambda: rig.plant.valve_stuck.__setitem__(vent, None))
    rig.press(108)
    rig.run_until(113)
    assert seen == [("fault", faults.WILL_NOT_VENT)] * 2
    assert rig.state == "idle" and rig.app.guarding.fault == faults.OK


def test_a_pump_with_half_of_its_flow_is_called_weak_when_the_slack_is_taken_up_and_the_session_goes_on():
    """Through the whole firmware: three of the four zones take 1.6 times their volume of what the pump should bring."""
    rig = Rig("esp32c3_mini", settings={"minutes": 3, "program": "wave", "pressure_mmhg": 50})
    rig.plant.pump_share = 0.55
    rig.press(1.0)
    rig.run_until(80.0)
    assert rig.state == "running" and not fault_now(rig.app)
    assert notices_now(rig.app) == {"pump weak"}
    assert rig.app.session.self_test.done == 4


@pytest.mark.parametrize(
    "rose_mmhg, fed, fault",
    ((12.5, 1, faults.VALVES_CROSSED), (11.5, 1, faults.OK), (5.5, 3, faults.VALVE_STUCK_OPEN), (4.5, 3, faults.OK)),
)
def test_a_zone_that_rises_instead_of_another_by_what_no_neighbour_shows_has_its_air(rose_mmhg, fed, fault):
    """Had it risen by its own valve before, that one does not shut; else the two are crossed."""
    desk = Desk("independent")
    desk.guard.answer.fed[2] = fed
    check = SelfTest(desk.net, desk.guard)
    check.begin()
    reached = bytearray(desk.net.n_zones)
    desk.guard.levels.filling[0] = 1
    check.tick(20, reached)
    desk.guard.levels.level_pa[2] = int(rose_mmhg * 133.322)
    for _ in range(130):
        check.tick(20, reached)
    assert (desk.guard.fault or desk.guard.suspect) == fault


@pytest.mark.parametrize("topology", ("zone sensors", "independent"))
@pytest.mark.parametrize(
    "change, fault, zone",
    (
        ({}, faults.SENSOR_STUCK, 1),
        ({"less_ml": 1}, faults.OK, 255),  # before the slack can be taken up nothing presses it
        ({"gained": 2.9}, faults.OK, 255),
        ({"before": 1.9}, faults.SENSOR_STUCK, 1),
        ({"before": 2.1, "gained": 2.8}, faults.OK, 255),  # it gained before: a seat, which is told from 5 mmHg on
        ({"before": 2.1, "gained": 3.1}, faults.VALVE_STUCK_OPEN, 0),
        ({"before": -1.0}, faults.SENSOR_STUCK, 1),  # it sagged meanwhile
        ({"rose": 2.1}, faults.OK, 255),
        ({"fed": 1}, faults.OK, 255),
        ({"ms": 2480}, faults.OK, 255),  # a limb presses for 2 s
        ({"beside": 3}, faults.OK, 255),
        ({"other leg": True}, faults.OK, 255),
    ),
)
def test_a_zone_that_only_its_neighbour_feels_has_a_dead_sensor(topology, change, fault, zone):
    """It was filled to 167 mmHg, where the relief valve was, and told as the neighbour's valve, which stays open."""
    desk = Desk(topology)
    riser = change.get("beside", 0)
    if change.get("other leg"):
        desk.net.leg_of = bytes([1]) + desk.net.leg_of[1:]
    desk.guard.answer.fed[riser] = change.get("fed", 3)
    check = SelfTest(desk.net, desk.guard)
    check.begin()
    reached = bytearray(desk.net.n_zones)
    levels = desk.guard.levels
    levels.filling[1] = 1
    for other in range(desk.net.n_zones):
        levels.level_pa[other] = pa(8) if other == riser else 0
    check.tick(20, reached)
    levels.level_pa[riser] += int(change.get("before", 0) * 133.322)
    while check.taken_permille[1] < 700:
        desk.guard.zones.fill_ul[1] += 1000
        fed, desk.guard.answer.fed[riser] = desk.guard.answer.fed[riser], 0
        check.tick(20, reached)
        desk.guard.answer.fed[riser] = fed
    desk.guard.zones.fill_ul[1] -= change.get("less_ml", 0) * 1000
    check.tick(20, reached)
    levels.level_pa[riser] += int(change.get("gained", 3.1) * 133.322)
    levels.level_pa[1] = int(change.get("rose", 1.9) * 133.322)
    for _ in range(change.get("ms", 2520) // 20):
        check.tick(20, reached)
    assert (desk.guard.fault or desk.guard.suspect) == fault
    assert desk.guard.fault_zone == zone
    levels.filling[1] = 0
    levels.filling[2] = 1
    check.tick(20, reached)
    assert not any(check._feels), "the next zone's turn"


@pytest.mark.parametrize("board_name", ("esp32_manifold_5", "esp32s3_independent"))
def test_a_seat_that_leaks_from_the_start_is_no_crossed_valve(board_name):
    """Zone 1 has had its own air before zone 2's turn comes, of which it takes some."""
    def leak(rig):
        zone = rig.board.zones()[0][1]
        fill = [valve for _, valve in rig.board.valves()].index(zone.inlet or zone.valve)
        rig.plant.valve_extra_c[fill] = rig.plant.params.valves[fill].c * 0.3

    seen = run_session(board_name, "sequential", before=from_the_start(leak), until_s=60)
    assert (guard_of(seen).fault, guard_of(seen).fault_zone) == (faults.VALVE_STUCK_OPEN, 0)
    assert max(max(true) for _, _, _, true in seen.samples) < 30


def test_a_hose_that_is_kinked_from_the_start_is_named_in_the_first_zones_turn():
    """Blind: the line filled, was let out and filled again, for as long as the session was."""
    seen = run_session("esp32c3_mini", "flush", before=from_the_start(lambda rig: rig.plant.zone_kinked.__setitem__(0, True)), until_s=15)
    assert (guard_of(seen).fault, guard_of(seen).fault_zone) == (faults.VALVE_STUCK_CLOSED, 0)


@pytest.mark.parametrize(
    "mmhg, permille, looks, blocked", ((15.1, 31, 3, True), (14.9, 31, 3, False), (15.1, 32, 3, False), (15.1, 31, 2, False))
)
def test_a_blind_zone_that_shows_pressure_with_next_to_no_air_thrice_is_not_open(mmhg, permille, looks, blocked):
    """Once is a limb. Looks that follow each other without a drive are one."""
    desk = Desk("manifold")
    check = SelfTest(desk.net, desk.guard)
    check.begin()
    levels, reached = desk.guard.levels, bytearray(desk.net.n_zones)
    desk.guard.zones.fill_ul[0] = permille * desk.net.zones[0].volume_ml * 1000 // check._stall_permille + 999
    for _ in range(looks):
        levels.filling[0] = 1
        check.tick(20, reached)
        levels.filling[0], levels.static[0] = 0, 1
        levels.level_pa[0] = int(mmhg * 133.322)
        for _ in range(5):
            check.tick(20, reached)
    assert (desk.guard.fault or desk.guard.left_out[0]) == (faults.VALVE_STUCK_CLOSED if blocked else faults.OK)
    check.begin()
    assert check._blocked == 0


def test_the_twelve_volts_stay_off_until_the_sensors_have_proved_well():
    """So a pump whose switch is shorted cannot shake the zeros: it was told as a noisy sensor."""
    volts = set()

    def short(rig):
        rig.plant.pump_stuck_on = True
        rig.every(0.02, lambda: volts.add(rig.plant.supply_volts) if rig.state in ("idle", "preflight") else None)

    seen = run_session("esp32_manifold_5", "sequential", before=from_the_start(short), until_s=60)
    assert volts == {0} and guard_of(seen).fault == faults.PUMP_RUNS_ON
