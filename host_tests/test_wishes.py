"""Whatever a regulator wishes, the guard keeps the pressures within their limits; and the judge sees a guard that does not."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from host_tests.fault_scene import Setup
from host_tests.wishes import Run, plan

SEEN = pytest.mark.parametrize("index", range(2))


@SEEN
def test_whatever_is_wished_no_zone_goes_over_its_limit(index):
    outcome = Run(*plan(4, index)).run()
    assert not outcome.why, outcome.says


@pytest.mark.parametrize("board, limit", (("esp32c3_mini", "only the line can see"), ("esp32s3_independent", "is above 130 mmHg")))
def test_it_sees_a_guard_that_lets_every_wish_through(board, limit):
    def lax(module: ModuleType) -> None:
        tick = module.Guard.tick

        def allowing(guard: Any, elapsed_ms: int, wish: Any, active: bool, hand: bool) -> None:
            tick(guard, elapsed_ms, wish, active, hand)
            guard.coil[:] = wish.coil
            guard.pump_permille = wish.pump_permille
            guard.enable = active

        module.Guard.tick = allowing
        module.Guard.trip = lambda *args: None

    topology = "independent" if board == "esp32s3_independent" else "manifold"
    setup = Setup(topology, board, 7, "uniform", 80, False, 7, snug=True)
    run = Run(setup, "greedy", 3)
    run.rig.plant.relief_stuck = "closed"
    run.rig.chip.on_import("peristal.core.guard", lax)
    assert limit in "; ".join(run.run().why)
