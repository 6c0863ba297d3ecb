"""Replays a tape recorded in the simulator on a real MicroPython VM: the same files, given the same inputs, must make the same outputs.

    result = replay(tape, firmware_files("esp32_manifold"), first_tick=100, last_tick=3000)
    assert result.difference is None and result.max_bytes_per_tick == 0
"""
import array
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools import link
from tools.deploy import build
from tools.mpy import compile_mpy
from tools.simulator.fake_machine import UNIQUE_ID
from tools.simulator.tape import INPUT_BYTES, INPUT_NAMES, INPUTS, OUTPUT_BYTES, OUTPUT_NAMES, OUTPUTS, Tape
from tools.wasm.vm import HEAP_BYTES, HERE, VmError, run_script

ROOT = HERE.parent.parent
_CALLBACKS = ("TIMER_FIRED", "PIN_IRQ", "SCHEDULED")
_RESULT = "@replay "


@dataclass(frozen=True)
class Replay:
    """What a replay showed. A tick ends where the watchdog is fed and they count from 1; bytes are of the VM's heap, in blocks of 16."""

    difference: str | None  # the first one, in words; None: every input was asked for and every output was the same
    ticks: int
    inputs_used: int
    outputs_compared: int
    max_bytes_per_tick: int  # over the ticks that were measured
    excused_ticks: int  # of these, ticks that read from sys.stdin or printed: what they allocate is not counted
    allocating_ticks: list[tuple[int, int]]  # (tick, bytes), the first ten of them
    allocating_places: list[str]  # where in the ticks after the first of these it happened again: between which calls
    first_feed_bytes: int  # in use at the end of tick 1, compiling included; nothing is collected during a replay
    end_bytes: int
    printed: str


def firmware_files(board: str, mpy: bool = False, root: Path = ROOT) -> dict[str, bytes]:
    """What deploying puts on a board, as path on the device -> content: firmware/ and the board's board.py.

    `mpy`: the package linked, as .mpy (bytecode), main.py and board.py as they are, because a board looks for these two as source.
    """
    files = {"board.py": (root / "boards" / board / "board.py").read_bytes()}
    firmware = root / "firmware"
    if mpy:
        for name, source in link.units(firmware).items():
            files[name + ".mpy"] = build.compiled(source, name, lines=True)
        files |= link.texts(firmware)
        files["main.py"] = (firmware / "main.py").read_bytes()
    else:
        files |= {path.relative_to(firmware).as_posix(): path.read_bytes() for path in firmware.rglob("*.py")}
    return files


def compiled(path: Path, name: str) -> bytes:
    """The bytecode of a device file; `name` is shown in tracebacks. Raises tools.mpy.CompileError."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "out.mpy"
        compile_mpy(path, target, name)
        return target.read_bytes()


def ticks_at(tape: Tape, mark: str) -> int:
    """How many ticks had ended where `tape.mark(mark)` was called."""
    return tape.outputs[0 : tape.marks[mark][1] * OUTPUT_BYTES : OUTPUT_BYTES].count(OUTPUTS["WDT_FEED"])


def replay(tape: Tape, files: Mapping[str, bytes], first_tick: int = 1, last_tick: int = 0, *, every: int = 1, heap_bytes: int = HEAP_BYTES,
           timeout_s: float = 300.0) -> Replay:
    """Run main.py of `files` (path on the device -> content) on the tape, and look for allocations in first_tick..last_tick.

    `every`: look after so many ticks only. That is quicker, and no less sure that nothing was allocated; what was is only told for all of
    them together, and all of them are excused if one is.

    Stops at the first difference. Raises tools.wasm.vm.VmError when the VM itself fails.
    """
    job = {"inputs": len(tape.inputs) // INPUT_BYTES, "outputs": len(tape.outputs) // OUTPUT_BYTES,
           "first_tick": first_tick, "last_tick": last_tick, "every": every}
    content = {f"/rig/{path.name}": path.read_bytes() for path in (HERE / "replay").glob("*.py")}
    content["/rig/replay_kinds.py"] = kinds().encode()
    content["/rig/job.json"] = json.dumps(job).encode()
    content |= {f"/rig/tape/{name}": column for name, column in columns(tape).items()}
    content |= {f"/flash/{name.lstrip('/')}": data for name, data in files.items()}
    run = run_script("/rig/replay_main.py", content, heap_bytes, timeout_s)
    printed, found, result = run.printed.rpartition(_RESULT)
    if not found:
        raise VmError(f"the replay ended without a result\n{run.printed[-2000:]}{run.traceback}")
    fields = json.loads(result)
    fields["allocating_ticks"] = [(tick, size) for tick, size in fields["allocating_ticks"]]
    fields["allocating_places"] = [_place(tape, *place) for place in fields["allocating_places"]]
    return Replay(printed=printed, **fields)


def _place(tape: Tape, size: int, input_index: int, output_index: int, is_input: int) -> str:
    last = output_index * OUTPUT_BYTES - OUTPUT_BYTES
    after = f"{OUTPUT_NAMES[tape.outputs[last]]} pin {tape.outputs[last + 1]}" if last >= 0 else "no output"
    if is_input:
        before = f"input {input_index} {INPUT_NAMES[tape.inputs[input_index * INPUT_BYTES]]}"
    else:
        here = output_index * OUTPUT_BYTES
        before = f"output {output_index} {OUTPUT_NAMES[tape.outputs[here]]} pin {tape.outputs[here + 1]}"
    return f"{size} bytes before {before}; the last output was {after}"


def columns(tape: Tape) -> dict[str, bytes]:
    """The two streams column by column: the VM reads a column into an array, which costs it no allocation."""
    return {
        "in_kind": bytes(tape.inputs[0::INPUT_BYTES]),
        "in_value": _values(tape.inputs, 1, INPUT_BYTES),
        "out_kind": bytes(tape.outputs[0::OUTPUT_BYTES]),
        "out_pin": bytes(tape.outputs[1::OUTPUT_BYTES]),
        "out_value": _values(tape.outputs, 2, OUTPUT_BYTES),
    }


def _values(stream: bytearray, first: int, step: int) -> bytes:
    column = bytearray(len(stream) // step * 4)
    for byte in range(4):
        column[byte::4] = stream[first + byte :: step]
    values = array.array("i", bytes(column))
    if sys.byteorder == "big":
        values.byteswap()
    if values and not -(2**30) <= min(values) <= max(values) < 2**30:
        raise ValueError("a value on the tape does not fit MicroPython's 31-bit integers")
    return bytes(column)


def kinds() -> str:
    """The kind numbers as a module for the VM; tools/simulator/tape.py is where they are given."""
    lines = [f"IN_{name} = {number}" for name, number in INPUTS.items()]
    lines += [f"OUT_{name} = {number}" for name, number in OUTPUTS.items()]
    lines.append(f"INPUT_NAMES = {INPUT_NAMES!r}")
    lines.append(f"OUTPUT_NAMES = {OUTPUT_NAMES!r}")
    lines.append(f"UNIQUE_ID = {UNIQUE_ID!r}")
    lines.append(f"CALLBACK_KINDS = {[INPUTS[name] for name in _CALLBACKS]}")
    return "\n".join(lines) + "\n"
