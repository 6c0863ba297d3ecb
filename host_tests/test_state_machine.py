"""Any sequence of commands, presses, faults, resets and time: no limit exceeded, no start without a person, no pressure left behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from host_tests.fault_scene import TOPOLOGIES, Setup
from host_tests.sequences import EVENTS, GAPS_S, Run
from host_tests.test_fault_judge import replace_method

STEPS = st.lists(st.tuples(st.integers(0, len(GAPS_S) - 1), st.integers(0, len(EVENTS) - 1)), min_size=1, max_size=12)
NUMBERS = {name: number for number, (name, _) in enumerate(EVENTS)}


def setup_of(topology: str, plant: int, mmhg: int = 80) -> Setup:
    return Setup(topology, "", plant, "sequential", mmhg, False, plant, minutes=1)


@settings(max_examples=4, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, st.sampled_from(TOPOLOGIES), st.integers(1, 50), st.sampled_from((0, 1, 9_000, 40_000)))
def test_no_sequence_exceeds_a_limit_starts_by_itself_or_leaves_pressure(steps, topology, plant, before_wrap_ms):
    begun = [(2, NUMBERS["start"]), *steps]
    outcome = Run(setup_of(topology, plant), begun, before_wrap_ms).run()
    assert not outcome.why, outcome.says


def why_of(names: Sequence[tuple[int, str]], setup: Setup, hooks: dict[str, Any]) -> str:
    run = Run(setup, [(gap, NUMBERS[name]) for gap, name in names])
    for module, hook in hooks.items():
        run.rig.chip.on_import(module, hook)
    return "; ".join(run.run().why)


INDEPENDENT = replace(setup_of("independent", 5), board="esp32s3_independent")
STARTED = [(2, "start"), (7, "-"), (7, "-")]


def test_the_properties_hold_for_a_plain_session():
    run = Run(INDEPENDENT, [(gap, NUMBERS[name]) for gap, name in STARTED])
    outcome = run.run()
    assert not outcome.why
    assert outcome.states[-1] in ("done", "breathing") and "running" in outcome.states
    assert outcome.peak_mmhg > 40


def test_they_see_a_session_that_goes_on_after_a_reset():
    def eager(module: ModuleType) -> None:
        tick = module.Session.tick

        def ticking(session: Any, elapsed_ms: int) -> None:
            tick(session, elapsed_ms)
            if session.state == 0 and session.state_ms > 4000:
                session.start()

        module.Session.tick = ticking

    why = why_of([*STARTED, (2, "watchdog reset"), (5, "-")], INDEPENDENT, {"peristal.core.session": eager})
    assert "although no person has acted" in why


def test_they_see_air_that_is_kept_after_a_stop():
    def wrap(tick: Any) -> Any:
        def keeping(guard: Any, elapsed_ms: int, wish: Any, active: bool, hand: bool) -> None:
            coil = bytes(guard.coil)
            tick(guard, elapsed_ms, wish, active, hand)
            if not active:
                guard.coil[:] = coil
                guard.enable = True

        return keeping

    hooks = {"peristal.core.guard": replace_method("Guard", "tick", wrap)}
    assert "still has" in why_of([(2, "start"), (8, "-"), (2, "stop"), (7, "-")], INDEPENDENT, hooks)


def test_they_see_a_pump_outside_a_session():
    def wrap(write: Any) -> Any:
        def writing(outputs: Any, drive: Any, enable: bool) -> None:
            drive.pump_permille = drive.pump_permille if enable else 500
            write(outputs, drive, enable)

        return writing

    hooks = {"peristal.hw.outputs": replace_method("Outputs", "write", wrap)}
    assert "the pump is driven while" in why_of([(2, "-")], INDEPENDENT, hooks)




def test_a_sensor_that_is_dead_since_before_a_restart_tells_of_nothing_from_the_start():
    """What it had shown before counts no more (SAFETY.md): there the relief valve is the limit."""
    for fault, unseen in (("frozen", {1}), ("short", set())):
        run = Run(INDEPENDENT, [(1, NUMBERS["-"])])
        run._shown.add(1)
        run.rig.plant.sensor_fault[1] = fault
        run._starts = -1
        run._look()
        assert run._ceiling.unseen == unseen


def test_the_only_sensor_of_a_line_tells_of_nothing_once_it_froze_before_the_first_pressure():
    """With sensors on line and zones the other one tells; and what froze later is known from what it had shown."""
    for topology, shown, unseen in (("manifold", False, True), ("manifold", True, False), ("zone sensors", False, False)):
        run = Run(setup_of(topology, 5), [(1, NUMBERS["-"])])
        if shown:
            run._shown.add(0)
        EVENTS[NUMBERS["sensor 1 frozen"]][1](run)
        assert run._ceiling.unseen == (set(range(run.scene.count)) if unseen else set()), topology
