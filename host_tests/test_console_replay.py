"""The console on a real MicroPython: a session with typed lines is the same there, and ticks in which nothing came in allocate nothing."""

import pytest

from tools.simulator.chip import Chip
from tools.simulator.flash import Flash
from tools.simulator.rig import Rig
from tools.simulator.tape import Tape
from tools.wasm.rig import firmware_files, replay, ticks_at

LINES = [
    (1.0, "help"), (2.0, "status"), (2.2, "set program wave"), (2.4, "set pressure 300"), (2.6, "set quiet on"), (2.8, "learned"),
    (3.2, "set quiet off"), (5.0, "start sequential 60 5"), (9.0, "status"), (10.0, "+"), (11.0, "-"), (12.0, "nonsense"),
    (13.0, "x" * 200), (14.0, "\xff\x00garbage"), (15.0, "notices"), (16.0, "fault"), (17.0, "clear"), (18.0, "programs"),
    (19.0, "calibrate 1 30"),
    (9.5, "boost 2"), (12.5, "skip 3"), (13.5, "tight"), (14.5, "set pace 120"), (16.5, "wearer"), (18.2, "skip 3 off"),
    (33.0, "set comfort off"), (33.5, "trim 1 10"), (34.0, "set cap 50"), (35.0, "record"), (36.5, "set quiet on"),
    (20.0, "set pressure 55"), (21.0, "help"), (22.0, "pause"), (31.0, "status"), (32.0, "resume"), (40.0, "stop"),
]  # fmt: skip
END_S = 39.5


def record(board_name):
    rig = Rig(board_name, seed=5)
    files = {name: bytes(content) for name, content in rig.flash.files.items()}
    tape = rig.chip.tape = Tape()
    for at_s, text in LINES:
        rig.at(at_s, lambda text=text: rig.chip.type(text.encode("latin-1") + b"\r\n"))
    rig.at(8.0, lambda: tape.mark("running"))
    rig.at(END_S, lambda: tape.mark("end"))
    rig.run_until(44)
    assert rig.state == "done" and rig.chip.starts == 1
    return tape, files, rig.chip.console


@pytest.mark.parametrize("board_name, mpy", [("esp32c3_mini", False), ("esp32s3_independent", True)])
def test_a_session_with_typed_lines_is_the_same_on_micropython(board_name, mpy):
    tape, files, spoken = record(board_name)
    first, last = ticks_at(tape, "running"), ticks_at(tape, "end")
    result = replay(tape, {**firmware_files(board_name, mpy=mpy), **files}, first, last)
    assert result.difference is None, result.difference + "\n" + result.printed
    assert result.printed.splitlines() == spoken, "every answer is the same, letter for letter"
    typed_while_running = [at_s for at_s, _ in LINES if 8 < at_s < END_S]
    assert len(typed_while_running) <= result.excused_ticks
    assert result.excused_ticks <= 4 * len(typed_while_running) + len(spoken), "a long answer takes a tick a line"
    assert result.max_bytes_per_tick == 0, (result.allocating_ticks, result.allocating_places)


EVERY_CALL = """
import select, sys
p = select.poll()
p.register(sys.stdin, select.POLLIN)
b = bytearray(2)
while True:
    for stream, event in p.ipoll(200):
        print(stream is sys.stdin, event, sys.stdin.readinto(b), bytes(b))
        print([ord(character) for character in sys.stdin.read(2)], sys.stdin.buffer.read(2), sys.stdin.readinto(b, 1), b)
    print(len(p.poll(0)), sys.implementation.name)
"""


class Wires:
    """A board on which nothing happens."""

    def advance(self, dt_us):
        pass


def test_the_fakes_of_the_vm_and_those_of_the_simulator_make_the_same_of_every_call():
    chip = Chip("esp32", Flash({"main.py": EVERY_CALL.encode()}), Wires())
    chip.tape = Tape()
    for at_us in (400_000, 900_000):
        chip.at(at_us, lambda: chip.type("a\ré1\r\nz"))
    chip.at(1_300_000, chip.power_off)
    chip.run()
    result = replay(chip.tape, dict(chip.flash.files))
    assert result.difference is None, result.printed + str(result.difference)
    assert result.printed.splitlines() == chip.console
    assert chip.console.count("True 1 2 b'a\\n'") == 2, chip.console
    assert chip.console.count("[233, 49] b'\\r\\n' 1 bytearray(b'z\\n')") == 2, chip.console
