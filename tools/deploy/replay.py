"""`make replay PORT=...`: a session recorded in the simulator is fed to the firmware on a connected board, with nothing attached to it.

The firmware must make the same outputs, number for number, on the chip itself; how long its ticks take there and how much heap is left
is printed too. The rig stands in front of the board's pins, radio and clock: nothing is driven, and nothing
that the device has stored changes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tools.boards.load import NoBoard, find
from tools.budgets.ticks import record
from tools.deploy import ports
from tools.deploy.flash import MAKE_FOLDERS
from tools.deploy.link import Link, LinkError
from tools.mpy import compile_mpy
from tools.simulator import boards
from tools.simulator.tape import INPUT_BYTES, OUTPUT_BYTES, Tape
from tools.wasm import rig
from tools.wasm.vm import HERE

RUNNING_S = 10.0
PIECE = (b"_PIECE = const(4096)", b"_PIECE = const(256)")  # a board has no room for the VM's
RUN = "import sys\nsys.path.insert(0, '/rig')\nimport replay_board"
CLEAN = """
import os
def _clean(path):
    try:
        rows = list(os.ilistdir(path))
    except OSError:
        return
    for row in rows:
        name = path + '/' + row[0]
        if row[1] & 0x4000:
            _clean(name)
        else:
            os.remove(name)
    os.rmdir(path)
os.chdir('/')
_clean('/rig')
"""
REPLAY_S = 1800.0


def rig_files(board: str, tape: Tape, flash: dict[str, bytes]) -> dict[str, bytes]:
    """Path on the device -> content: the rig as bytecode, the tape by columns, and what lay on the flash when it was recorded."""
    job = {"inputs": len(tape.inputs) // INPUT_BYTES, "outputs": len(tape.outputs) // OUTPUT_BYTES}
    files = {"rig/job.json": json.dumps(job).encode()}
    with tempfile.TemporaryDirectory() as folder:
        sources = {path.name: path.read_bytes() for path in (HERE / "replay").glob("*.py") if path.name not in SKIPPED}
        sources["replay_kinds.py"] = rig.kinds().encode()
        for name, source in sources.items():
            plain, target = Path(folder) / name, Path(folder) / "out.mpy"
            if name == "replay_tape.py":
                assert PIECE[0] in source
                source = source.replace(*PIECE)
            plain.write_bytes(source)
            compile_mpy(plain, target, name, optimise=3)
            files[f"rig/{name.removesuffix('.py')}.mpy"] = target.read_bytes()
    files |= {f"rig/tape/{name}": column for name, column in rig.columns(tape).items()}
    files |= {f"rig/flash/{name}": data for name, data in flash.items()}
    files["rig/flash/board.py"] = boards.source(board).encode()
    return files


SKIPPED = ("replay_main.py", "replay_vfs.py")


def replay(link: Link, board: str, running_s: float, tell: Any = print) -> dict[str, Any]:
    """What the board did. Raises LinkError."""
    tell("recording a session in the simulator")
    files = rig_files(board, *record(board, running_s))
    link.quiet_down(tell)
    tell(f"found {link.enter()}")
    here = link.read("try:\n from board import BOARD\n print(repr(BOARD.name))\nexcept Exception:\n print(repr(''))")
    if here != board:
        link.restart()
        raise LinkError(f"the firmware on the device is for the board {here!r}; make flash BOARD={board} first")
    link.stretch_watchdog()
    try:
        folders = sorted({"/".join(name.split("/")[:depth]) for name in files for depth in range(1, name.count("/") + 1)})
        link.run(MAKE_FOLDERS % (folders,))
        total = sum(map(len, files.values()))
        done = 0
        for number, (name, data) in enumerate(files.items(), 1):
            tell(f"  {number:>3} of {len(files)}  {done * 100 // total:>3} %  {name} ({len(data)} bytes)")
            link.write(name, data)
            done += len(data)
        link.enter()  # a fresh heap
        tell("replaying")
        said = link.run(RUN, REPLAY_S)
    finally:
        try:
            link.enter()
            link.run(CLEAN)
            link.restart()
        except LinkError as error:
            tell(f"not cleaned up: {error}")
    _, found, result = said.rpartition("@replay ")
    if not found:
        raise LinkError(f"the replay ended without a result: {said[-500:].strip()}")
    return json.loads(result)


def main(argv: list[str]) -> int:
    """Status 0 the same, 1 different or the cable, 2 what was asked for."""
    parser = argparse.ArgumentParser(prog="make replay", usage="make replay BOARD=name [PORT=port]", description=__doc__)
    parser.add_argument("--port", default=os.environ.get("PORT", ""))
    parser.add_argument("--board", default=os.environ.get("BOARD", "esp32_manifold"))
    parser.add_argument("--seconds", type=float, default=RUNNING_S, help="of the running session (default %(default)s)")
    given = parser.parse_args(argv)
    try:
        name = find(given.board).parent.name
        with Link(ports.find(given.port)) as link:
            result = replay(link, name, given.seconds)
    except (NoBoard, ports.NoPort) as error:
        print(error, file=sys.stderr)
        return 2
    except LinkError as error:
        print(error, file=sys.stderr)
        return 1
    times = f"median {result['median_ms']} ms, p99 {result['p99_ms']} ms, worst {result['worst_ms']} ms"
    print(f"{result['ticks']} ticks, {result['inputs']} inputs, {result['outputs']} outputs")
    print(f"tick times on this chip (of 20 ms, the rig's share included): {times}")
    print(f"heap: {result['free']} bytes free, {result['least_free']} at the least before a collection")
    print(f"DIFFERENT: {result['difference']}" if result["difference"] else "the same, number for number")
    return 1 if result["difference"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
