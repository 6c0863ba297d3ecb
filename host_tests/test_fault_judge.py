"""The fault campaign's judge: with a guard, an output or a session that misbehaves it must say so, whatever the firmware reports."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from host_tests import fault_plants as plants
from host_tests import fault_report, fault_run, fault_scene
from host_tests.fault_judge import Judge, Verdict, longest_vent_s, own_times
from host_tests.fault_kinds import BY_NAME, KINDS, UNSEEN, ZONE_SENSORS, Kind
from host_tests.fault_kinds import INDEPENDENT as INDEPENDENT_ZONES
from host_tests.fault_reports import NEUTRAL, known
from host_tests.fault_run import Outcome
from host_tests.fault_scene import TOPOLOGIES, Scene, Setup, shipped
from peristal.core import modes
from tools import fault_classes, safety
from tools.bench.ideal import fill_s
from tools.simulator.plant import Plant

MANIFOLD = Setup("manifold", "esp32c3_mini", 5, "sequential", 80, False, 5, snug=True)
INDEPENDENT = Setup("independent", "esp32s3_independent", 5, "sequential", 80, False, 5, snug=True)


@pytest.fixture
def sabotage(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[ModuleType], None]], None]:
    """Changes a module of the firmware under test each time it is imported on the simulated chip."""

    def change(name: str, hook: Callable[[ModuleType], None]) -> None:
        made = Setup.scene

        def scene(setup: Setup) -> Scene:
            built = made(setup)
            built.rig.chip.on_import(name, hook)
            return built

        monkeypatch.setattr(Setup, "scene", scene)

    return change


def why_of(kind: str | Kind, setup: Setup) -> str:
    outcome = fault_run.run(BY_NAME[kind] if isinstance(kind, str) else kind, setup)
    assert outcome.planted
    return "; ".join(outcome.verdict.why)


def replace_method(cls: str, method: str, wrap: Callable[[Any], Any]) -> Callable[[ModuleType], None]:
    def hook(module: ModuleType) -> None:
        owner = getattr(module, cls)
        setattr(owner, method, wrap(getattr(owner, method)))

    return hook


def test_the_firmware_as_it_is_passes() -> None:
    outcome = fault_run.run(BY_NAME["sensor shorted"], MANIFOLD)
    assert (outcome.verdict.why, outcome.named, outcome.verdict.reported) == ([], True, "sensor high")
    assert outcome.verdict.seen_s is not None and outcome.verdict.seen_s < 0.2
    assert fault_run.from_json(fault_run.to_json(outcome)) == outcome


def test_it_sees_a_pump_that_goes_on(sabotage: Any) -> None:
    def wrap(write: Any) -> Any:
        def writing(outputs: Any, drive: Any, enable: bool) -> None:
            outputs.begun = enable or getattr(outputs, "begun", False)
            if outputs.begun and not enable:
                drive.pump_permille = 600
            write(outputs, drive, enable)

        return writing

    sabotage("peristal.hw.outputs", replace_method("Outputs", "write", wrap))
    assert "the pump is driven" in why_of("sensor shorted", MANIFOLD)


def test_it_sees_valves_that_keep_the_air(sabotage: Any) -> None:
    def wrap(tick: Any) -> Any:
        def keeping(guard: Any, *args: Any) -> None:
            coil = bytes(guard.coil)
            tick(guard, *args)
            if guard.fault:
                guard.coil[:] = coil
                guard.enable = True

        return keeping

    sabotage("peristal.core.guard", replace_method("Guard", "tick", wrap))
    why = why_of(replace(BY_NAME["sensor shorted"], when=Scene.pressed), INDEPENDENT)
    assert "not below 15 mmHg within" in why
    assert "the 12 V is still on" in why


def test_it_sees_pressure_above_the_limit(sabotage: Any) -> None:
    def wrap(tick: Any) -> Any:
        def blind(guard: Any, elapsed_ms: int, wish: Any, *args: Any) -> None:
            tick(guard, elapsed_ms, wish, *args)
            guard.fault = 0
            guard.coil[:] = wish.coil
            guard.pump_permille, guard.enable = wish.pump_permille, True

        return blind

    sabotage("peristal.core.guard", replace_method("Guard", "tick", wrap))
    why = why_of(replace(BY_NAME["regulator overfills"], when=Scene.pressed, horizon_s=25.0), replace(INDEPENDENT, pressure_mmhg=100))
    assert "above 130 mmHg for longer than" in why


def test_it_sees_a_session_that_starts_by_itself(sabotage: Any) -> None:
    def wrap(tick: Any) -> Any:
        def ticking(session: Any, elapsed_ms: int) -> None:
            tick(session, elapsed_ms)
            if session.guard.fault and session.state_ms > 3000:
                session.guard.clear()
                session._enter(0)
                session.start()

        return ticking

    sabotage("peristal.core.session", replace_method("Session", "tick", wrap))
    assert "although no person has acted" in why_of("session too long", MANIFOLD)


def test_it_sees_a_fault_in_a_healthy_session(sabotage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_run, "WAIT_S", 10.0)

    def wrap(tick: Any) -> Any:
        def ticking(guard: Any, *args: Any) -> None:
            tick(guard, *args)
            if guard.session_ms > 1000:
                guard.trip(1)

        return ticking

    sabotage("peristal.core.guard", replace_method("Guard", "tick", wrap))
    outcome = fault_run.run(BY_NAME["pump dead"], MANIFOLD)
    assert "before anything was planted" in "; ".join(outcome.verdict.why)


def test_every_name_is_one_of_the_fault_table() -> None:
    for kind in KINDS:
        assert set(kind.names) <= set(TOPOLOGIES)
        for names in kind.names.values():
            assert names == UNSEEN or names <= known(), f"{kind.name}: {names - known()}"


def test_the_fault_table_is_planted_row_by_row() -> None:
    planted = {name for kind in KINDS for names in kind.names.values() for name in names}
    assert known() - planted == set(safety.ITSELF)
    assert set(safety.ITSELF) >= NEUTRAL
    causes = [cause.names for cause in fault_classes.CAUSES]
    for kind in KINDS:
        cause = next(names for names in causes if names.items() >= kind.names.items())
        assert set(cause) - set(kind.names) <= {t for t, names in cause.items() if names == UNSEEN} or kind.name == SITS_UNSEEN
    for names in causes:
        assert any(names.items() >= kind.names.items() for kind in KINDS), f"{names} is never planted"


SITS_UNSEEN = "limb presses a zone that is shut"


def test_every_class_of_more_than_one_name_says_why() -> None:
    for cause in fault_classes.CAUSES:
        several = any(len(names) > 1 for names in cause.names.values())
        assert bool(cause.why) is several, cause.name


def test_the_document_says_of_every_name_what_the_campaign_takes_it_for() -> None:
    rows = [line.strip("| ").split(" | ") for line in safety.text().splitlines() if re.match(r"\| \d+ \|", line)]
    says = {row[1]: f"; {row[3]};" for row in rows}
    assert set(says) == known()
    for cause in fault_classes.CAUSES:
        for name, cell in says.items():
            found = re.search(f"; {re.escape(cause.name)}(?: \\(([^)]*)\\))?;", cell)
            where = set(cause.names if found else ())
            if found and found[1]:
                where = {topology for topology in TOPOLOGIES if fault_classes.SHORT[topology] in found[1].split(", ")}
            assert where == {topology for topology, names in cause.names.items() if name in names}, (cause.name, name)


@pytest.mark.parametrize("kind, topology, reported, zone, left_out, right", (
    ("leak, large", "manifold", "leak", 2, [2], True),
    ("leak, large", "manifold", "leak", 1, [1], False),  # a whole zone is named
    ("leak, large", "manifold", "leak", 2, [1, 2], False),  # and one more left out
    ("leak, large", "manifold", "leaking", None, [], False),
    ("way out stays open", INDEPENDENT_ZONES, "leak", 2, [2], True),
    ("way out stays open", INDEPENDENT_ZONES, "leak", 0, [0], False),
    ("way out stays open", ZONE_SENSORS, "leak", 2, [2], False),  # the line's vent is no zone's
    ("way out stays open", ZONE_SENSORS, "no answer", 0, [], True),
    ("zone valves crossed", "manifold", "no rise", 0, [0], None),
    ("limb presses", "manifold", "", None, [], True),
    ("limb presses", "manifold", "line pressure", None, [], False),
))  # fmt: skip
def test_a_name_is_right_for_the_part_and_the_zone_that_are_broken(kind, topology, reported, zone, left_out, right) -> None:
    verdict = Verdict(reported=reported, zone=zone, left_out=left_out)
    assert fault_run.named(BY_NAME[kind], topology, verdict, 2) is right


def test_a_notice_that_was_shown_before_the_fault_names_nothing(sabotage: Any) -> None:
    def wrap(begin: Any) -> Any:
        def beginning(guard: Any) -> None:
            begin(guard)
            guard.notice(1 << 5)  # leaking

        return beginning

    sabotage("peristal.core.guard", replace_method("Guard", "begin", wrap))
    outcome = fault_run.run(replace(BY_NAME["leak, small"], plant=lambda scene: None, when=Scene.runs, horizon_s=5.0), MANIFOLD)
    assert outcome.planted and outcome.verdict.notices == [] and outcome.named is False


def test_what_the_program_never_fills_is_not_broken() -> None:
    board = replace(MANIFOLD, board="esp32_manifold").parts()[0]
    assert fault_scene.used_zones(board, "isolate") == [1, 5]
    for program in modes.names():
        assert program == "isolate" or fault_scene.used_zones(board, program) == list(range(8))
    outcome = fault_run.run(BY_NAME["hose unplugged"], replace(MANIFOLD, board="esp32_manifold", program="isolate", seed=6))
    assert outcome.zone in (1, 5) and outcome.named


def let_out(scene: Scene, *, alone: bool, mmhg: float = 80.0) -> Plant:
    """Our zone has its pressure and is let out; the other zones, which are slack, are shut or let out with it."""
    plant = Plant(scene.plant.params)
    plant.valve_share[:] = scene.plant.valve_share
    others = [valve for zone, valve in enumerate(scene.fill) if zone != scene.zone and plant.params.valves[valve].rest_open]
    for _ in range(20):
        plant.enable_edge()
        for valve in others if alone else ():
            plant.drive_valve(valve, 1.0)
        plant.advance(0.02)
    plant.charge(mmhg, scene.zone)
    return plant


def release_s(scene: Scene) -> float:
    """From 80 to 15 mmHg, the other zones being shut."""
    plant = let_out(scene, alone=True)
    start_s = plant.t_s
    while plant.zone_mmhg[scene.zone] > 15.0:
        plant.enable_edge()
        plant.advance(0.02)
    return plant.t_s - start_s


@pytest.mark.parametrize("setup", (MANIFOLD, INDEPENDENT))
def test_a_clogged_way_out_makes_the_air_of_its_zone_take_at_least_twice_as_long(setup) -> None:
    for seed in range(4):
        scene = replace(setup, seed=seed).scene()
        scene._released[scene.zone] = let_out(scene, alone=True)
        healthy_s = release_s(scene)
        plants.clog(scene)
        assert 2.15 < release_s(scene) / healthy_s < 8.0 and release_s(scene) > healthy_s + 0.55


@pytest.mark.parametrize("setup, alone, felt", ((MANIFOLD, True, True), (MANIFOLD, False, False), (INDEPENDENT, False, True)))
def test_a_way_out_is_clogged_where_the_zone_s_air_does_not_just_spread_over_the_slack_zones(setup, alone, felt) -> None:
    """Into them it is gone as soon with a way out that is shut."""
    scene = setup.scene()
    scene.runs = lambda: True
    scene._released[scene.zone] = let_out(scene, alone=alone, mmhg=30.0)
    scene.vents[scene.zone] = 1
    assert not plants.clogs(scene), "there must be something to hold the next releases against"
    scene.vents[scene.zone] = 2
    assert plants.clogs(scene) is felt


def test_what_a_scene_keeps_of_a_release_is_the_plant_as_it_began() -> None:
    scene = replace(INDEPENDENT, seed=3).scene()
    scene.plant.charge(80.0, scene.zone)
    scene.reached = lambda zone=None: scene.mmhg(zone) > 60.0
    shut = dict.fromkeys(range(scene.count), False)
    scene.let_out = lambda zone: shut[zone]
    scene._watch()
    assert scene._released[scene.zone] is None
    shut[scene.zone] = True
    scene._watch()
    began_mmhg = scene._released[scene.zone].zone_mmhg[scene.zone]
    scene.plant.charge(40.0, scene.zone)
    scene._watch()
    assert scene._released[scene.zone].zone_mmhg[scene.zone] == began_mmhg, "and not as it went on"


def test_a_narrowed_fill_path_takes_at_least_twice_as_long() -> None:
    for setup in (MANIFOLD, INDEPENDENT):
        scene = setup.scene()
        params, ceiling = scene.plant.params, scene.rig.board.line.ceiling_mmhg
        whole_s = fill_s(Plant(params), scene.zone, 60.0, ceiling)
        plants.narrow(scene)
        valve = scene.fill[scene.zone]
        part = replace(params.valves[valve], c=params.valves[valve].c * scene.plant.valve_share[valve])
        narrowed = replace(params, valves=(*params.valves[:valve], part, *params.valves[valve + 1 :]))
        assert whole_s is not None and (fill_s(Plant(narrowed), scene.zone, 60.0, ceiling) or 200.0) > 1.7 * whole_s


@pytest.mark.parametrize("setup", (MANIFOLD, INDEPENDENT))
def test_a_failed_supply_is_felt_where_two_zones_are_to_keep_their_pressure(setup) -> None:
    """With everything off all of them are let out anyway."""
    scene = setup.scene()
    for zone in range(2):
        scene.plant.charge(100.0, zone)
    assert scene.reached(0) and scene.reached(1) and not scene.two_pressed()
    for way_out in {valve for valve in (scene.vent, *scene.exhaust) if valve is not None}:
        scene.plant.drive_valve(way_out, 1.0)
    for _ in range(5):
        scene.plant.enable_edge()
        scene.plant.advance(0.02)
    scene.plant.charge(100.0, 0)
    scene.plant.charge(100.0, 1)
    assert scene.two_pressed()
    limb = scene.plant._limb
    limb.mmhg = [60.0] * len(limb.mmhg)
    assert not scene.two_pressed(), "what a limb adds is lost when it lets go"
    limb.mmhg = [0.0] * len(limb.mmhg)
    for left_ms, target_pa, felt in ((1000, 9000, False), (2000, 0, False), (2000, 9000, True)):
        sequencer = SimpleNamespace(left_ms=lambda zone, ms=left_ms: ms, target_pa=[target_pa] * scene.count)
        scene.rig._app, scene.rig._app_start = SimpleNamespace(session=SimpleNamespace(sequencer=sequencer)), scene.rig.chip.starts
        assert scene.two_pressed() is felt, "what is let out within a limb's time anyway"
    scene.plant.charge(0.0, 1)
    assert not scene.two_pressed()


@pytest.mark.parametrize("topology, counts", (("manifold", False), ("independent", True)))
def test_what_the_other_leg_s_limb_presses_into_a_common_line_is_not_held_against_the_firmware(topology, counts) -> None:
    """With the way out stuck shut 13 mmHg stayed in every zone, and came to 15 in one leg as the other one moved."""
    scene = replace(MANIFOLD, board="esp32_manifold", topology=topology, movement=True).scene()
    judge = Judge(scene, False, False)
    judge._watching, judge._pressed_s = True, [-1.0] * scene.count
    limb = scene.plant._limb
    assert len(limb.mmhg) == 2
    scene.plant.charge(16.0, 0)
    limb.mmhg = [0.0, 12.0]
    judge._look()
    assert (judge._pressed_s[0] >= 0) is counts
    limb.mmhg, judge._follows_s = [0.0, 0.0], [-1.0] * scene.count
    judge._look()
    assert judge._pressed_s[0] >= 0, "what stays a second later counts"


def test_a_zone_is_kept_while_it_is_shut_and_a_neighbour_that_is_filled_hides_what_it_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the pump at it for 8 s, as a slow one is, it shows no loss, and is let out as soon as it has its pressure."""
    scene = MANIFOLD.scene()
    zone = scene.zone = 1
    for open_, filled, near_mmhg, kept, shown in (
        (True, False, 0.0, 0.0, 0.0),
        (False, False, 0.0, 10.0, 10.0),
        (False, False, 80.0, 10.0, 10.0),  # a limb
        (False, True, 80.0, 10.0, 10.0 - 80.0 * 0.1 / 1.4),
    ):
        scene.kept_s[zone] = scene.shown_s[zone] = scene._kept_s[zone] = scene._shown_s[zone] = 0.0
        monkeypatch.setattr(scene, "is_open", lambda zone, open_=open_: open_)
        monkeypatch.setattr(scene, "fills", lambda zone, filled=filled: filled and zone == 2)
        for step in range(101):
            scene.plant.charge(100.0, zone)
            scene.plant.charge(near_mmhg * step / 100, 2)
            scene._watch()
            if step == 0:
                scene._kept_s[zone] = scene._shown_s[zone] = 0.0
        assert scene.kept_s[zone] == pytest.approx(kept) and scene._shown_s[zone] == pytest.approx(shown, abs=0.3)


def test_every_kind_comes_on_every_topology_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault_scene, "starts", lambda setup: True)  # whether each would start is not asked here
    drawn = [fault_run.plan(9, index) for index in range(len(KINDS) * 3)]
    for kind in KINDS:
        assert {setup.topology for found, setup in drawn if found is kind} == set(kind.names)
    assert len({setup.program for _, setup in drawn}) >= 4
    assert any(setup.board for _, setup in drawn) and any(not setup.board for _, setup in drawn)
    assert [fault_run.plan(9, index)[1] for index in range(5)] == [setup for _, setup in drawn[:5]]
    for topology in ("manifold", "independent"):
        assert shipped(topology)


@pytest.mark.parametrize("kind", ("12 V sags for good", "zone valve stays open", "leak, large", "sensor frozen in a fill"))
def test_each_kind_meets_every_program_on_each_topology_that_can_have_it(kind, monkeypatch):
    """With 51 kinds, three topologies and eleven programs one number after the other gave each kind the same program for ever."""
    met: list[tuple[str, str]] = []
    monkeypatch.setattr(fault_run, "draw", lambda _, topology, program: met.append((topology, program)) or INDEPENDENT)
    number = KINDS.index(BY_NAME[kind])
    programs = BY_NAME[kind].programs or modes.names()
    able = [topology for topology in TOPOLOGIES if topology in BY_NAME[kind].names]
    for turn in range(len(programs) * len(able)):
        fault_run.plan(1, number + turn * len(KINDS))
    assert set(met) == {(topology, program) for topology in able for program in programs}


def outcome_of(kind: str, named: bool | None, reported: str = "x") -> Outcome:
    outcome = Outcome(kind, MANIFOLD, named=named)
    outcome.verdict.reported = reported
    return outcome


def test_shares_of_right_names_that_are_too_small_fail_the_whole() -> None:
    good = [outcome_of(kind.name, True) for kind in KINDS for _ in range(20)]
    assert fault_report.shortfalls(good) == []
    two_of_its_own = [*good, *(outcome_of("leak, small", False) for _ in range(2))]
    assert fault_report.shortfalls(two_of_its_own) == []
    assert "leak, small: named right in 20 of 23 runs" in fault_report.shortfalls([*two_of_its_own, outcome_of("leak, small", False)])[0]
    a_tenth = [*good, *(outcome_of(kind.name, False) for kind in KINDS for _ in range(2))]
    assert [line[:10] for line in fault_report.shortfalls(a_tenth)] == ["all faults"]
    unseen = [*good, *(outcome_of("leak, small", None) for _ in range(50))]
    assert fault_report.shortfalls(unseen) == []
    assert "leak, small" in fault_report.text(two_of_its_own)


def test_a_fault_that_is_hardly_ever_planted_fails_the_whole() -> None:
    good = [outcome_of(kind.name, True) for kind in KINDS for _ in range(20)]
    never = [replace(outcome_of("leak, small", False), planted=False) for _ in range(20)]
    assert fault_report.shortfalls([*good, *never]) == []
    assert fault_report.shortfalls([*good, *never, *never[:1]]) == ["leak, small: planted in 20 of 41 runs, less than half"]
    assert "planted in 0 of 0" in fault_report.shortfalls([outcome for outcome in good if outcome.kind != "pump dead"])[0]


def test_a_zone_just_below_the_mark_that_its_driven_line_still_lifts_needs_a_moment_by_itself():
    """Nothing that the firmware could do keeps the line's air out of it: what a plant needs is measured until it stays below."""

    def own(line_mmhg: float) -> list[float]:
        plant = Plant(MANIFOLD.parts()[1])
        for valve in range(1, len(plant.params.valves)):  # all but the first zone's are shut, the vent, too
            plant.drive_valve(valve, 1.0)
        plant.advance(0.2)
        plant.charge(14.9, 0)
        plant.charge(line_mmhg)
        return own_times(plant, False)

    assert max(own(14.0)) == 0.0
    lifted = own(250.0)
    assert 0.0 < lifted[0] < 2.0 and max(lifted[1:]) == 0.0


def test_a_program_that_stands_still_while_all_air_leaves_keeps_nobody_under_pressure():
    scene = INDEPENDENT.scene()
    scene.rig.press(fault_scene.PRESS_S, 0.4)
    seen: set[tuple[bool, bool]] = set()

    def look() -> None:
        if scene.rig.state == "running":
            full = [zone for zone in range(scene.count) if scene.reached(zone)]
            wished = any(scene.rig.app.session.sequencer.target_pa[zone] for zone in full)
            seen.add((wished, scene.stays_pressed()) if full else (False, False))

    scene.rig.every(0.05, look)
    scene.rig.run_until(45.0)
    assert seen == {(True, True), (False, False)}
    assert BY_NAME["zone too long under pressure"].when is Scene.stays_pressed


@pytest.mark.parametrize("own_s, most_s", ((3.0, 15.0), (14.8, 15.0), (15.06, 15.16), (16.0, 16.1), (25.0, 18.0)))
def test_the_15_s_are_the_declared_parts_and_true_ones_that_need_longer_get_their_own_time_and_no_more(own_s, most_s):
    assert longest_vent_s(own_s) == pytest.approx(most_s)
