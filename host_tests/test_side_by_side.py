"""Zones that fill side by side, pulses, the end of a session: what the pump brings is ended by what is read, not by what is expected."""

import pytest

from host_tests import matrix
from host_tests.made_boards import make
from host_tests.sessions import run_session
from peristal.core.routes import FILL, OPENING, SETTLING

SET_MMHG = 70
SEED = 234
MOVING_MS = 100  # a coil is pulled in or let go, and the job takes note in its next tick


def session(program, zones, before=None):
    return run_session(make("independent", zones, 2), program, pressure_mmhg=SET_MMHG, minutes=1, seed=SEED, before=before, snug=True)


@pytest.mark.parametrize(("program", "zones"), (("smooth", 3), ("uniform", 5)))
def test_zones_that_fill_side_by_side_end_at_their_pressure(program, zones):
    """The last of them gets the flow of all: its rise is four times as fast as its readings have shown so far."""
    ends_at_its_pressure(session(program, zones))


def ends_at_its_pressure(seen):
    assert seen.states[-1] == "done", seen.rig.chip.console
    assert max(max(true) for _, _, _, true in seen.samples) < SET_MMHG + 7


def test_beside_a_running_pump_only_zones_that_fill_have_an_open_inlet():
    """One that is looked at, or that settles, would take air that nothing ends."""
    longest: dict[int, int] = {}
    shared = []

    def before(rig):
        open_ms = {}

        def look():
            if rig.state != "running":
                return
            regulator = rig.app.regulator
            driving = [job.zone for job in regulator.jobs if job.drives()]
            shared.append(len(driving) > 1)
            for job in regulator.jobs:
                valve = regulator.net.fill_valve[job.zone] if job.kind == FILL else None
                idle = valve is not None and driving and job.stage in (OPENING, SETTLING)
                flows = idle and regulator.drive.pump_permille and regulator.drive.state[valve]
                open_ms[job] = open_ms.get(job, 0) + 20 if flows else 0
                longest[job.zone] = max(longest.get(job.zone, 0), open_ms[job])

        rig.every(0.02, look)

    ends_at_its_pressure(session("uniform", 3, before))
    assert any(shared)
    assert max(longest.values()) <= MOVING_MS


def test_a_pulse_ends_when_the_line_shows_that_it_brings_more_than_was_learned():
    """What was learned while a neighbour was let out says too little."""

    def before(rig):
        def forget():
            if rig.state != "running":
                return
            learned = rig.app.regulator.learned
            for zone, rate in enumerate(learned._model_rate_pa_s):
                learned.rate_pa_s[zone] = rate * 3 >> 3

        rig.every(0.02, forget)

    seen = run_session("esp32_manifold", "sequential", pressure_mmhg=SET_MMHG, minutes=1, before=before, snug=True)
    assert seen.states[-1] == "done", seen.rig.chip.console
    assert max(max(true) for _, _, _, true in seen.samples) < SET_MMHG + 5


def test_a_session_is_done_when_the_zone_that_was_let_out_last_is_empty_too():
    """The line shows the mean of all zones long before the last one has met them."""
    found = matrix.run(matrix.Cell("pulse", 6, 1, "manifold"), seed=211, minutes=2, pressure_mmhg=85)
    assert found["why"] == ""
