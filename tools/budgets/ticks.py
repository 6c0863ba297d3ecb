"""Bytes that a tick allocates: a session recorded in the simulator, replayed on the VM."""

from __future__ import annotations

from tools.simulator import boards
from tools.simulator.rig import Rig
from tools.simulator.tape import Tape
from tools.wasm.rig import firmware_files, replay, ticks_at
from tools.wasm.vm import VmError

RUNNING_S = 40.0


def record(board_name: str, running_s: float) -> tuple[Tape, dict[str, bytes]]:
    """A tape from power-on to `running_s` seconds of a running session (marks "running" and "end"), and the flash it began with."""
    rig = Rig(board_name, plant=boards.worn_plant(boards.load(board_name), 3), seed=3, settings={"minutes": 5})
    files = {name: bytes(content) for name, content in rig.flash.files.items()}
    tape = rig.chip.tape = Tape()
    rig.press(1.5)
    ran: list[float] = []

    def look() -> None:
        if rig.state == "running":
            if not ran:
                tape.mark("running")
            ran.append(rig.now_s)

    rig.every(0.1, look)
    rig.stop_when(lambda: bool(ran) and rig.now_s > ran[0] + running_s)
    rig.run_until(240)
    tape.mark("end")
    return tape, files


def most_bytes(board_name: str, running_s: float = RUNNING_S) -> int:
    """The most bytes of any tick of the running phase. Raises VmError when the replay differs."""
    tape, files = record(board_name, running_s)
    result = replay(tape, {**firmware_files(board_name, mpy=True), **files}, ticks_at(tape, "running") + 2, ticks_at(tape, "end"))
    if result.difference is not None:
        raise VmError(f"the replay differs: {result.difference}")
    return result.max_bytes_per_tick
