"""The same firmware on a real MicroPython: what was recorded in the simulator gives the same outputs there, number for number, prints the
same lines, and a running session allocates nothing."""

import pytest

from host_tests import replays
from host_tests.fault_kinds import BY_NAME
from peristal.core import modes
from tools.wasm.rig import firmware_files

TOPOLOGIES = tuple(replays.SMALL)
QUICK = {"pace_percent": 150, "pressure_mmhg": 40, "snug": True}
ONE_CYCLE = [(mode, TOPOLOGIES[at % 3], at % 4 != 3) for at, mode in enumerate(modes.names())]  # most of them as they are deployed


@pytest.mark.parametrize("mode, board, mpy", ONE_CYCLE)
def test_a_cycle_of_every_mode_is_the_same_on_micropython_and_allocates_nothing(mode, board, mpy):
    recording = replays.session(board, mode, cycles=1, **QUICK)
    assert recording.last_tick - recording.first_tick > 250
    assert recording.differs(mpy) == ""


# Boards as they ship, with all their zones: two legs, a multiplexer, on/off valves.
SHIPPED = (
    ("esp32_manifold", "sequential", True),
    ("esp32_manifold_5", "wave", True),
    ("esp32c3_mini", "pulse", False),
    ("esp32s3_independent", "smooth", True),
)

@pytest.mark.parametrize("board, mode, mpy", SHIPPED)
def test_a_board_as_it_ships_is_the_same_on_micropython_and_allocates_nothing(board, mode, mpy):
    """Pressure keys that are pressed on the way included."""

    def before(rig):
        for second in range(14, 24, 2) if rig.board.panel.plus_pin is not None else ():
            rig.press(second, 0.1, "minus_pin" if second % 4 else "plus_pin")
        rig.at(26.0, rig.chip.power_off)

    recording = replays.session(board, mode, before=before, cycles=9)
    assert recording.last_tick - recording.first_tick > 700
    assert recording.differs(mpy) == ""


# What fails on which board (a sensor, a zone's part, the pump); each is cleared by the button, and the next session begins. The campaign
# has every kind that lies in the parts.
FAULTS = (
    ("sensor open", "manifold"),
    ("pump dead", "independent"),
    ("zone valves crossed", "zone sensors"),
)


@pytest.mark.parametrize("kind, board", FAULTS)
def test_a_session_with_a_fault_is_the_same_on_micropython(kind, board):
    recording = replays.fault(BY_NAME[kind], board=board)
    assert recording.told, "nothing was noticed"
    assert any(line.startswith("peristal: fault ") for line in recording.printed), recording.told
    assert recording.differs(True) == ""


def test_a_bring_up_is_the_same_on_micropython():
    recording = replays.bringup("independent")
    assert "peristal: bringup power passed" in recording.printed
    assert recording.differs(True) == ""


def test_a_changed_limit_is_seen_as_a_difference():
    """The replay must be able to fail: a plant in the copy that runs on MicroPython."""
    recording = replays.session("manifold", "sequential", cycles=1, **QUICK)
    firmware = firmware_files("esp32_manifold")
    name = "peristal/core/job.py"
    planted = firmware[name].replace(b"BAND_PA = 220", b"BAND_PA = 900")
    assert planted != firmware[name]
    assert recording.replayed(False, {**firmware, name: planted}).difference is not None
