"""The same firmware on a real MicroPython: sessions recorded in the simulator give the same outputs there, number for number,
and the running phase allocates nothing."""

import pytest

from tools.simulator import boards
from tools.simulator.rig import Rig
from tools.simulator.tape import Tape
from tools.wasm.rig import firmware_files, replay, ticks_at

RUNNING_S = 60


def record(board_name, program, events=None):
    """A tape of RUNNING_S seconds of a session from power-on, and the files that were on the flash before."""
    board = boards.load(board_name)
    plant = boards.worn_plant(board, 5)
    rig = Rig(board_name, plant=plant, seed=5, settings={"program": program, "pressure_mmhg": 60, "minutes": 10})
    files = {name: bytes(content) for name, content in rig.flash.files.items()}
    tape = rig.chip.tape = Tape()
    rig.press(1.5)
    marks = {}

    def look():
        if rig.state == "running" and "running" not in marks:
            marks["running"] = rig.now_s
            tape.mark("running")
            if events is not None:
                events(rig)

    rig.every(0.1, look)
    rig.stop_when(lambda: "running" in marks and rig.now_s > marks["running"] + RUNNING_S)
    rig.run_until(100)
    assert rig.state == "running"
    return tape, files


# One sensor and a sensor for each zone; fills, releases, ramps and repeats; every other one as the bytecode that is deployed.
SESSIONS = (
    ("esp32_manifold", "sequential", False),
    ("esp32s3_independent", "sequential", False),
    ("esp32_manifold", "wave", True),
    ("esp32s3_independent", "wave", True),
    ("esp32_manifold", "pulse", True),
    ("esp32s3_independent", "smooth", False),
)


@pytest.mark.parametrize("board_name, program, mpy", SESSIONS)
def test_a_session_is_the_same_on_micropython_and_allocates_nothing(board_name, program, mpy):
    tape, files = record(board_name, program)
    first = ticks_at(tape, "running") + 2
    last = ticks_at_end(tape)
    result = replay(tape, {**firmware_files(board_name, mpy=mpy), **files}, first, last)
    assert result.difference is None, result.difference + "\n" + result.printed
    assert result.ticks >= last and last - first > RUNNING_S * 50 - 20
    assert result.max_bytes_per_tick == 0, (result.allocating_ticks, result.allocating_places)


def ticks_at_end(tape):
    """Whole ticks on a tape."""
    tape.mark("end")
    return ticks_at(tape, "end")


def test_the_pressure_keys_allocate_nothing_either():
    def keys(rig):
        for second in range(5, 50, 5):
            rig.press(rig.now_s + second, 0.1, "minus_pin" if second % 2 else "plus_pin")

    tape, files = record("esp32_manifold", "sequential", keys)
    result = replay(tape, {**firmware_files("esp32_manifold"), **files}, ticks_at(tape, "running") + 2, ticks_at_end(tape))
    assert result.difference is None
    assert result.max_bytes_per_tick == 0, (result.allocating_ticks, result.allocating_places)


def test_a_changed_limit_is_seen_as_a_difference():
    """The replay must be able to fail: a plant in the copy that runs on MicroPython."""
    tape, files = record("esp32_manifold", "sequential")
    firmware = firmware_files("esp32_manifold")
    name = "peristal/core/job.py"
    planted = firmware[name].replace(b"BAND_PA = 200", b"BAND_PA = 900")
    assert planted != firmware[name]
    result = replay(tape, {**firmware, name: planted, **files})
    assert result.difference is not None
