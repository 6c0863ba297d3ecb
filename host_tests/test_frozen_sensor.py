"""A sensor freezes before its zone has shown a pressure: whole sessions on random plants, judged by the true pressures."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from host_tests import sequences
from host_tests.fault_scene import PRESS_S, Setup, draw
from peristal.core import faults


def frozen(topology: str, seed: int, idle: bool) -> sequences.Outcome:
    """A session with a sensor that freezes while the slack is taken up, or in the pause before a second session."""
    rng = Random(f"unseen {topology} {seed}")
    setup = replace(draw(rng, topology, rng.choice(("wave", "uniform", "sequential"))), minutes=1)
    start = next(number for number, (name, _) in enumerate(sequences.EVENTS) if name == "start")
    run = sequences.Run(setup, [(2, start)])
    again_s = 3.5 + rng.uniform(45.0, 60.0) + 25.0
    freeze_s = again_s - 5.0 if idle else rng.uniform(4.5, 12.0)

    def freeze() -> None:
        run.disturb(lambda: run.rig.plant.sensor_fault.__setitem__(0, "frozen"))

    def console(line: str) -> None:
        run.person(0.0)
        run.rig.chip.type(line + "\n")

    run.rig.at(freeze_s, freeze)
    run._last_s = freeze_s
    if idle:
        run.rig.at(again_s - 25.0, lambda: console("stop"))
        run.rig.at(again_s, lambda: console("start"))
        run._last_s = again_s
    return run.run()


@pytest.mark.parametrize(
    "topology, idle, seed",
    (("manifold", False, 1), ("manifold", False, 2), ("manifold", True, 0), ("independent", True, 0), ("independent", True, 1)),
)
def test_a_sensor_that_freezes_before_a_zone_is_seen_does_not_let_it_be_overfilled(topology, idle, seed):
    outcome = frozen(topology, seed, idle)
    assert not outcome.why, outcome.says
    assert outcome.peak_mmhg < 140.0 and "running" in outcome.states


@pytest.mark.parametrize(
    "topology, plant, zone, until_s, most_mmhg, told",
    (
        ("zone sensors", 930413102, 0, 22.0, 60.0, faults.SENSORS_DISAGREE),  # 151 mmHg, what narrow valves may drop explained it
        ("zone sensors", 1019574366, 0, 14.0, 60.0, faults.SENSORS_DISAGREE),  # 81, "valve stuck closed"
        ("independent", 298994469, 0, 15.0, 170.0, faults.NO_RISE),  # 178 for 16 s, "fill too long"
    ),
)
def test_a_sensor_that_is_dead_before_the_first_pressure_is_told_with_less_air(topology, plant, zone, until_s, most_mmhg, told):
    rig = Setup(topology, "", plant, "smooth", 60, False, 1).scene().rig
    peaks: list[float] = []
    rig.at(0.6, lambda: rig.plant.sensor_fault.__setitem__(zone if topology == "independent" else zone + 1, "frozen"))
    rig.press(PRESS_S, 0.4)
    rig.every(0.05, lambda: peaks.append(max(rig.plant.zone_mmhg)))
    rig.run_until(until_s)
    guard = rig.app.guarding
    assert told in (guard.fault, guard.left_out[zone])
    assert 20.0 < max(peaks) < most_mmhg
