"""What the guard asks to see: the regulator opens that zone to the still line, whatever it was doing, and goes on when it was seen."""

import pytest

from host_tests.sessions import run_session
from peristal.core import faults
from peristal.core.routes import DRIVING, SETTLING
from peristal.core.units import NONE


@pytest.mark.parametrize("reached", (True, False))
def test_a_zone_that_the_guard_wants_to_see_is_shown_at_once_and_the_fill_goes_on_afterwards(reached):
    """In the middle of another one's fill; one that has its pressure, and one that has not yet."""
    seen = []

    def before(rig):
        def look():
            if rig.state != "running":
                return
            app, levels = rig.app, rig.app.guarding.levels
            drive, job = app.drive, app.regulator.lead
            if not seen:
                filling = app.session.sequencer.phase == 1 and job.zone == 2 and job.stage_ms > 500 and rig.wiring.pump_duty > 0
                if filling and levels.level_pa[0] > 5000:
                    app.regulator.reached[0] = reached
                    drive.show = 0
                    seen.append(rig.now_s)
            elif len(seen) == 1:
                assert rig.now_s < seen[0] + 1.5, "not shown"
                if levels.static[0]:
                    assert not drive.pump_permille
                    seen.append(rig.now_s)
            elif len(seen) < 20:  # it stays open until the guard has seen enough
                assert levels.static[0]
                seen.append(rig.now_s)
                if len(seen) == 20:
                    drive.show = NONE
            elif job.zone == 2 and rig.wiring.pump_duty > 0:
                rig.stop_when(lambda: True)
                seen.append(-1)

        rig.every(0.02, look)
        rig.stop_when(lambda: bool(seen) and rig.now_s > seen[0] + 10)

    run_session("esp32c3_mini", "uniform", minutes=2, pressure_mmhg=60, before=before, snug=True)
    assert seen[-1] == -1, "the fill goes on"


def test_a_blind_zone_gets_no_air_while_the_line_shows_another_one_whose_valve_stays_open():
    """The line that the last fill left full empties into the next zone within 100 ms; into both it goes on emptying, and that is seen."""
    found = []

    def before(rig):
        def look():
            if rig.state != "running":
                return
            job = rig.app.regulator.lead
            if not found and job.zone == 0 and job.stage == SETTLING and rig.plant.zone_mmhg[0] > 60:
                found.append(rig.now_s)
                rig.plant.valve_stuck[rig.app.guarding.net.fill_valve[0]] = "open"
            elif len(found) == 1 and job.zone == 1 and job.stage == DRIVING:
                found.append(rig.app.guarding.second.zone)

        def over():
            if rig.app is not None and rig.app.guarding.fault:
                found.append(rig.app.guarding.fault)
            return len(found) > 2 or (bool(found) and rig.now_s > found[0] + 20)

        rig.every(0.02, look)
        rig.stop_when(over)

    run_session("esp32c3_mini", "sequential", minutes=4, pressure_mmhg=80, before=before, snug=True)
    assert found[1:] == [1, faults.VALVE_STUCK_OPEN], "it was in doubt before the pump ran for it"


def test_a_session_with_whole_valves_is_in_no_doubt_of_them():
    doubts = []

    def before(rig):
        rig.every(0.02, lambda: doubts.append(rig.now_s) if rig.state == "running" and rig.app.guarding.second.zone != NONE else None)
        rig.stop_when(lambda: rig.now_s > 150)

    run_session("esp32c3_mini", "sequential", minutes=4, pressure_mmhg=80, before=before)
    assert not doubts
