"""Heap of the firmware on the WebAssembly VM, loaded from .mpy files: 32-bit, blocks of 16 bytes, as on the ESP32."""

from __future__ import annotations

from dataclasses import dataclass

from peristal.core import states
from tools.deploy import build
from tools.simulator import boards, builder
from tools.wasm.vm import HERE, VmError, run_script

CHUNK_TICKS = 50
SESSION_CHUNKS = 120  # two minutes: slack, a cycle, and the next one's fills

START = """
exec(open("/rig/device_start.py").read())
import gc, sys, time
import device_air
def look(what):
    gc.collect()
    print("@heap", what, gc.mem_alloc())
class Plain:
    def zones(self):
        return [("", zone) for leg in self.legs for zone in leg.zones]
    def sensors(self):
        return [("", one) for one in [self.line.sensor] + [zone.sensor for _, zone in self.zones()] if one]
def plain(part, known):
    if isinstance(part, tuple):
        return tuple([plain(one, known) for one in part])
    if not hasattr(part, "FIELDS"):
        return part
    if id(part) not in known:
        known[id(part)] = copy = Plain()
        for key in part.FIELDS:
            setattr(copy, key, plain(getattr(part, key), known))
    return known[id(part)]
"""
# The air of the rig has a copy of the board: what the firmware keeps of its own is to be seen.
AIR = """
from board import BOARD
device_air.start(plain(BOARD, {}))
BOARD = None
for name in list(sys.modules):
    if name == "board" or name.startswith("peristal"):
        del sys.modules[name]
"""
BEFORE = "look('before')"
BUILD = """
from board import BOARD
from peristal.app import App
app = App(BOARD)
BOARD = None
del sys.modules["board"]
app.deadman.start()
"""
IDLE = "look('start-up')"
RUN = f"""
for _ in range({CHUNK_TICKS}):
    app.tick()
    time.sleep_ms(20)
"""
BEGIN = "app.session.start()"
END = "print('@state', app.session.state, app.guarding.fault)"


@dataclass(frozen=True)
class Heap:
    """Bytes that are held (garbage not counted) above what the VM and the rig hold themselves."""

    start_up: int
    session_peak: int


def device_files(board: str) -> dict[str, bytes]:
    """The virtual device's own modules and what deploying puts on it."""
    files = {f"/rig/{path.name}": path.read_bytes() for folder in ("replay", "device") for path in (HERE / folder).glob("*.py")}
    files["/flash/bringup.json"] = builder.stored(boards.source(board)).encode()
    return files | {f"/flash/{name}": data for name, data in build.files(boards.BOARDS / board / "board.py", native=False).items()}


def measure(board: str, chunks: int = SESSION_CHUNKS) -> Heap:
    """Starts the firmware on the VM, runs a session, and asks between the calls how much is held; a chunk is a second. Raises VmError."""
    steps = [AIR, BEFORE, BUILD, IDLE, RUN, RUN, RUN, RUN, BEGIN, *[RUN, "look('session')"] * chunks, END]
    run = run_script("/nothing.py", {**device_files(board), "/nothing.py": b""}, then=[START, *steps])
    seen: dict[str, list[int]] = {}
    for line in run.printed.splitlines():
        words = line.split()
        if words[:1] == ["@heap"]:
            seen.setdefault(words[1], []).append(int(words[2]))
        if words[:1] == ["@state"] and words[1:] != [str(states.RUNNING), "0"]:
            raise VmError(f"the session did not run to the end: state {words[1]}, fault {words[2]}")
    if "session" not in seen or len(seen["session"]) != chunks:
        raise VmError(f"the heap was not measured\n{run.printed[-1000:]}{run.traceback}")
    base = seen["before"][0]
    return Heap(seen["start-up"][0] - base, max(seen["session"]) - base)
