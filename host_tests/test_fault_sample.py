"""A seeded sample of the fault campaign and of the healthy sessions; the full counts are in `make campaign`."""

from __future__ import annotations

import pytest

from host_tests import fault_healthy, fault_run
from host_tests.fault_kinds import KINDS

SEED = 20
# One run in thirty-seven: a person, the chip, a valve, a sensor and a leak, on all topologies; the campaign has every kind on each of them.
SAMPLE = range(0, 3 * len(KINDS), 37)


@pytest.mark.parametrize("index", SAMPLE, ids=[KINDS[index % len(KINDS)].name.replace(" ", "-") for index in SAMPLE])
def test_a_fault_in_a_session_leaves_nobody_under_pressure(index):
    outcome = fault_run.run(*fault_run.plan(SEED, index))
    assert not outcome.verdict.why, outcome.says


def test_a_zone_s_sensor_that_shows_half_is_found_by_the_line_s_before_130_mmhg():
    kind, setup = fault_run.plan(6, 12)
    assert kind.name == "sensor reads low"
    outcome = fault_run.run(kind, setup)
    assert outcome.named and not outcome.verdict.why, outcome.says


def test_a_healthy_session_on_a_random_plant_brings_no_fault():
    assert fault_healthy.session(SEED, 17)["why"] == ""
