"""The front panel: what a person's finger does, in every state, on the whole firmware."""

from functools import cache

import pytest

from host_tests.sessions import run_session
from peristal.core import gestures, states

MINI = "esp32c3_mini"  # the fewest zones


def pressed_at(at_s, hold_s, until_s):
    return run_session(MINI, "sequential", snug=True, before=lambda rig: rig.press(at_s, hold_s), until_s=until_s)


@cache
def first_full_s(board_name=MINI):
    """When the first zone is above 45 mmHg if nobody touches anything."""

    def until_then(rig):
        rig.stop_when(lambda: rig.plant.zone_mmhg[0] > 45)

    return run_session(board_name, "sequential", snug=True, before=until_then).rig.now_s


@pytest.mark.parametrize("board_name", (MINI, "esp32s3_independent"))
def test_the_press_down_edge_vents_at_once_while_anything_is_tight(board_name):
    at_s = first_full_s(board_name) + 1
    edge: list = []

    def watch(rig):
        rig.press(at_s, 5.0)
        rig.at(at_s + 0.045, lambda: edge.append((list(rig.app.drive.state), rig.wiring.pump_duty)))

    seen = run_session(board_name, "sequential", snug=True, before=watch, until_s=at_s + 4.9)
    coils, pump = edge[0]
    assert max(coils) == 0 and pump == 0, "two ticks after the edge every coil and the pump are off"
    assert seen.rig.wiring.pressed, "the button is still held: it vented at the edge, not at the release"


def test_released_before_1_s_it_was_a_stop():
    at_s = first_full_s() + 1
    seen = pressed_at(at_s, 0.4, at_s + 20)
    assert seen.states[-1] == "done"
    assert max(seen.samples[-1][3]) < 5


def test_held_for_1_s_it_was_a_pause_and_a_short_press_goes_on_at_the_same_place():
    place: list = []
    at_s = first_full_s() + 5

    def watch(rig):
        rig.press(at_s, 1.4)
        rig.at(at_s - 0.1, lambda: place.append((rig.app.session.sequencer.row, rig.app.session.sequencer.cycle)))
        rig.press(at_s + 20, 0.3)
        rig.at(at_s + 21, lambda: place.append((rig.app.session.sequencer.row, rig.app.session.sequencer.cycle)))

    seen = run_session(MINI, "sequential", snug=True, minutes=1, before=watch)
    assert seen.states == ["idle", "preflight", "running", "paused", "running", "finishing", "done"]
    assert place[0] == place[1]
    paused = [true for at, state, _, true in seen.samples if state == "paused" and at > at_s + 15]
    assert max(paused[-1]) < 5, "a pause is vented"


def test_a_press_during_preflight_stops():
    seen = pressed_at(3.0, 0.2, 30)
    assert seen.states == ["idle", "preflight", "done"]
    assert all(max(true) < 1 for _, _, _, true in seen.samples)


def test_nothing_starts_while_the_button_stays_down():
    seen = run_session(MINI, "sequential", hold_s=20, until_s=15)
    assert "running" not in seen.states


def test_a_press_meant_to_stop_that_comes_just_after_the_end_starts_nothing():
    ended: list = []

    def watch(rig):
        def look():
            if rig.state == "done" and not ended:
                ended.append(rig.now_s)
                rig.press(rig.now_s + 0.3, 0.2)
                rig.press(rig.now_s + 8, 0.2)

        rig.every(0.02, look)
        rig.stop_when(lambda: bool(ended) and rig.now_s > ended[0] + 10)

    seen = run_session("esp32s3_independent", "wave", minutes=1, before=watch, until_s=100, snug=True)
    after = [(at - ended[0], state) for at, state, _, _ in seen.samples if at > ended[0]]
    assert all(state == "done" for at, state in after if at < 7)
    assert any(state == "preflight" for at, state in after if at > 8), "later it is a start again"


def test_a_glitch_of_one_tick_while_tight_lets_the_air_out():
    at_s = first_full_s() + 1
    seen = pressed_at(at_s, 0.02, at_s + 20)
    assert seen.states[-1] == "done"


def test_minus_lowers_the_pressure_at_once_and_plus_raises_it_with_the_next_step():
    seen_targets: dict = {}

    at_s = first_full_s("esp32_manifold")

    def watch(rig):
        rig.press(at_s, 0.1, "minus_pin")
        for name, at in (("before", at_s - 0.1), ("lowered", at_s + 0.1)):
            rig.at(at, lambda name=name: seen_targets.update({name: rig.app.regulator.target_pa[0]}))
        rig.press(at_s + 0.2, 0.1, "plus_pin")
        rig.at(at_s + 0.4, lambda: seen_targets.update(raised=rig.app.regulator.target_pa[0]))
        rig.at(at_s + 15, lambda: seen_targets.update(later=max(rig.app.regulator.target_pa)))

    run_session("esp32_manifold", "sequential", snug=True, before=watch, until_s=at_s + 16)
    assert seen_targets["before"] - seen_targets["lowered"] == pytest.approx(5 * 133.3, abs=3)
    assert seen_targets["raised"] == seen_targets["lowered"], "more pressure waits for the next step"
    assert seen_targets["later"] == seen_targets["before"]


def test_the_program_button_chooses_the_next_program_and_it_is_remembered():
    seen = run_session(
        "esp32_manifold", "sequential", before=lambda rig: rig.press(0.9, 0.1, "program_pin"), until_s=4,
    )  # fmt: skip
    assert seen.rig.app.session.program == "wave"


class TestTable:
    def test_every_row_names_a_known_state_and_gesture(self):
        for state, gesture in gestures.GESTURES:
            assert state == gestures.PRESSURISED or 0 <= state < len(states.NAMES)
            assert 0 <= gesture <= gestures.HELD_10_S

    def test_no_gesture_of_a_pressurised_sleeve_adds_pressure(self):
        adding = (gestures.START, gestures.RESUME)
        assert all(action not in adding for (state, _), (action, _) in gestures.GESTURES.items() if state == gestures.PRESSURISED)

    def test_a_press_that_began_pressurised_is_no_start_when_released_after_the_air_is_out(self):
        button = gestures.Button()
        assert button.tick(True, 20, states.RUNNING, True) == gestures.VENT
        for _ in range(20):
            assert button.tick(True, 20, states.PAUSED, False) == gestures.NOTHING
        released = [button.tick(False, 20, states.PAUSED, False) for _ in range(3)]
        assert released == [gestures.NOTHING, gestures.STOP, gestures.NOTHING]

    def test_a_bounce_while_pressing_is_one_press(self):
        button = gestures.Button()
        actions = [button.tick(down, 20, states.IDLE, False) for down in (True, False, True, True, False, False, False)]
        assert actions.count(gestures.START) == 1
