"""What the guard must see although a sensor, the deadman or the clock plays tricks on it (true pressures of the model)."""

from dataclasses import replace

import pytest

from host_tests.sessions import run_session
from host_tests.test_guard import When, fault_of, filling, highest, holding, vented_after
from peristal.core import faults
from peristal.core.board import Board
from peristal.core.parts import BoardError
from tools.simulator import boards

# A dead sensor of a zone's own cannot be told from a folded chamber in its first fill: there the relief valve is the limit.
LIMIT_MMHG = {"esp32c3_mini": 130, "esp32s3_independent": 180}
BOTH = pytest.mark.parametrize("board_name", ("esp32c3_mini", "esp32s3_independent"))


@pytest.mark.parametrize("board_name, relief_mmhg", (("esp32c3_mini", 170.0), ("esp32c3_mini", None), ("esp32s3_independent", None)))
def test_a_sensor_frozen_in_a_fill_stops_the_pump_long_before_the_relief_valve(board_name, relief_mmhg):
    board = boards.load(board_name)
    plant = boards.reference_plant(board)
    plant = replace(plant, supply=replace(plant.supply, relief_mmhg=relief_mmhg))

    def freeze(rig):
        for sensor in range(len(rig.plant.sensor_fault)):
            rig.plant.sensor_fault[sensor] = "frozen"

    seen = run_session(board_name, "sequential", plant=plant, before=When(filling, freeze), until_s=120, snug=True)
    assert fault_of(seen) in (faults.NO_ANSWER, faults.SENSOR_FROZEN, faults.OVER_PRESSURE, faults.WILL_NOT_VENT)
    assert highest(seen) < 130 and vented_after(seen)


@BOTH
def test_a_sensor_frozen_in_a_hold_is_found_by_its_top_ups_and_fills(board_name):
    def freeze(rig):
        for sensor in range(len(rig.plant.sensor_fault)):
            rig.plant.sensor_fault[sensor] = "frozen"

    seen = run_session(board_name, "sequential", minutes=5, before=When(holding, freeze), until_s=370, snug=True)
    assert fault_of(seen) in (faults.NO_ANSWER, faults.SENSOR_FROZEN, faults.OVER_PRESSURE, faults.WILL_NOT_VENT)
    assert highest(seen) < LIMIT_MMHG[board_name]


@BOTH
def test_a_sensor_that_never_moves_is_found_in_the_first_fill(board_name):
    board = boards.load(board_name)
    plant = boards.reference_plant(board)
    plant = replace(plant, sensors=tuple(replace(sensor, gain=0.0) for sensor in plant.sensors))
    seen = run_session(board_name, "sequential", plant=plant, until_s=150)
    assert fault_of(seen) == faults.NO_ANSWER
    assert highest(seen) < LIMIT_MMHG[board_name]


@BOTH
def test_a_dead_pump_is_no_session(board_name):
    board = boards.load(board_name)
    plant = boards.reference_plant(board)
    dead = replace(plant, pump=replace(plant.pump, q0_l_min=0.001, ripple_mmhg=0.0))
    assert fault_of(run_session(board_name, "wave", plant=dead, until_s=150)) == faults.NO_ANSWER


def test_a_deadman_that_strikes_between_test_and_write_leaves_nothing_on():
    """The soft timer runs between bytecodes: also between the look at `locked` and the write that follows it."""

    def strike(rig):
        outputs = rig.app.outputs
        pump = outputs._pwm[0]

        class Interrupted:
            def duty_u16(self, duty):
                if duty and not outputs.locked:
                    outputs._pwm[0] = pump
                    rig.app.deadman.fired = True
                    outputs.all_off()
                pump.duty_u16(duty)

        outputs._pwm[0] = Interrupted()
        outputs._last_permille[0] = 1

    seen = run_session("esp32c3_mini", "sequential", before=When(filling, strike), until_s=80, snug=True)
    assert fault_of(seen) == faults.LOOP_STALLED
    assert seen.rig.wiring.pump_duty == 0 and vented_after(seen)


def test_after_the_deadman_every_output_is_written_anew():
    def stray(rig):
        rig.chip.stall(150_000)
        rig.app.outputs._pwm[1].duty_u16(30000)  # what an interrupted write might leave behind

    seen = run_session("esp32c3_mini", "sequential", before=When(holding, stray), until_s=80, snug=True)
    assert fault_of(seen) == faults.LOOP_STALLED
    assert seen.rig.wiring.levels[seen.rig.board.valves()[0][1].pin] == 0


def test_a_pause_does_not_restart_the_hour():
    hour: list = []

    def pause(rig):
        hour.append(rig.app.guarding.session_ms)
        rig.press(rig.now_s, 1.3)
        rig.press(rig.now_s + 40, 0.2)
        rig.at(rig.now_s + 45, lambda: hour.append(rig.app.guarding.session_ms))

    run_session("esp32c3_mini", "sequential", before=When(holding, pause, from_s=25), until_s=110, snug=True)
    assert len(hour) == 2 and hour[1] > hour[0] > 20000


def test_a_zero_that_creeps_during_the_session_does_not_keep_it_from_ending():
    def creep(rig):
        take = rig.app.sensing.take
        rig.app.sensing.take = lambda sensor, mv16: take(sensor, mv16 + 500)  # about 5 mmHg

    seen = run_session("esp32c3_mini", "sequential", minutes=1, before=When(holding, creep), snug=True)
    assert seen.states[-1] == "done"


def test_a_reading_every_few_ticks_counts_as_the_time_between():
    """With many sensors each is read in turn: 50 ms above the trip are 50 ms, not 50 ms of readings."""
    at: dict = {}

    def squeeze(rig):
        start = rig.now_s
        plan = rig.app.sensing.make_plan
        rig.app.sensing.make_plan = lambda busy: plan(1)  # zone 1 comes only in turn
        rig.every(0.005, lambda: rig.plant.charge(140, 0))
        rig.every(0.01, lambda: at.setdefault("s", rig.now_s - start) if rig.app.guarding.coil[1] == 0 else None)

    run_session("esp32s3_independent", "sequential", before=When(holding, squeeze), until_s=60, snug=True)
    assert at["s"] < 0.25


def test_a_moment_below_15_mmhg_is_no_rest():
    counted: dict = {}

    def dip(rig):
        rig.app.guarding.zones.pressed_ms[0] = 50000
        rig.app.guarding.levels.level_pa[0] = 0
        rig.app.guarding.zones.tick(20, rig.app.wish, 5000)
        counted["after"] = rig.app.guarding.zones.pressed_ms[0]

    run_session("esp32c3_mini", "sequential", before=When(holding, dip), until_s=45, snug=True)
    assert counted["after"] == 50000


def board_with(**changes):
    good = boards.load("esp32s3_independent")
    fields = {key: getattr(good, key) for key in Board.FIELDS}
    return lambda: Board(**{**fields, **{key: change(fields[key]) for key, change in changes.items()}})


def test_a_relief_valve_below_the_lines_ceiling_is_refused():
    def low(supply):
        supply.relief_mmhg = 145
        return supply

    with pytest.raises(BoardError, match=r"supply.relief_mmhg: 145; allowed: at least 150"):
        board_with(supply=low)()


def test_more_pwm_frequencies_than_timers_are_refused():
    def mixed(legs):
        for index, zone in enumerate(legs[0].zones):
            zone.exhaust.pwm_hz = 18000 + index
        return legs

    with pytest.raises(BoardError, match=r"pwm_hz: 6 different ones .* allowed: up to 4 on esp32s3"):
        board_with(legs=mixed)()
