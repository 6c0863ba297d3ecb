"""Heap of the firmware on the WebAssembly VM, loaded from .mpy files: 32-bit, blocks of 16 bytes, as on the ESP32."""

from __future__ import annotations

from dataclasses import dataclass

from peristal.core import states
from tools.deploy import build
from tools.simulator import boards, builder
from tools.wasm.vm import HERE, VmError, run_script

# A radio to which nobody speaks: what the firmware's own code and buffers for it hold. The host's stack, in C, comes on top.
UUIDS = """
class UUID:
    def __init__(self, value):
        self.value = bytes(16)
    def __iter__(self):
        return iter(self.value)
"""
HANDLES = """
    def gatts_register_services(self, services):
        handle = 3
        found = []
        for _, characteristics in services:
            row = []
            for characteristic in characteristics:
                for _ in range(3 if len(characteristic) == 3 else 1):
                    handle += 1
                    row.append(handle)
            found.append(row)
        return found
"""
QUIET_RADIO = f"""{UUIDS}
class BLE:
    def irq(self, handler):
        self.handler = handler
{HANDLES}
    def quiet(self, *given, **named):
        pass
    config = active = gatts_set_buffer = gatts_write = gap_advertise = quiet
""".encode()

CHUNK_TICKS = 50
SESSION_CHUNKS = 120  # two minutes: slack, a cycle, and the next one's fills

START = """
exec(open("/rig/device_start.py").read())
import gc, sys, time
import device_air
def deep(calls):
    return calls and deep(calls - 1)
def look(what):
    deep(100)  # what dead frames have left on the C stack would hold what it points to
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
HAS_RADIO = "assert app.radio.pairing is False"
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
    with_radio: int  # after start-up, with what the firmware itself needs for the radio


def device_files(board: str) -> dict[str, bytes]:
    """The virtual device's own modules and what deploying puts on it."""
    files = {f"/rig/{path.name}": path.read_bytes() for folder in ("replay", "device") for path in (HERE / folder).glob("*.py")}
    files["/flash/bringup.json"] = builder.stored(boards.source(board)).encode()
    return files | {f"/flash/{name}": data for name, data in build.files(boards.BOARDS / board / "board.py", native=False).items()}


def measure(board: str, chunks: int = SESSION_CHUNKS) -> Heap:
    """Starts the firmware on the VM, runs a session, and asks between the calls how much is held; a chunk is a second. Raises VmError."""
    files = device_files(board)
    seen = _seen(files, [AIR, BEFORE, BUILD, IDLE, RUN, RUN, RUN, RUN, BEGIN, *[RUN, "look('session')"] * chunks, END])
    if len(seen.get("session", [])) != chunks:
        raise VmError(f"the heap was not measured: {seen}")
    radio = _seen({**files, "/flash/bluetooth.py": QUIET_RADIO}, ["import bluetooth", AIR, BEFORE, BUILD, HAS_RADIO, IDLE])
    start_up, with_radio = (one["start-up"][0] - one["before"][0] for one in (seen, radio))
    return Heap(start_up, max(seen["session"]) - seen["before"][0], with_radio)


def _seen(files: dict[str, bytes], steps: list[str]) -> dict[str, list[int]]:
    """What look() printed in a VM of its own. Raises VmError when the firmware or its session did not run."""
    run = run_script("/nothing.py", {**files, "/nothing.py": b""}, then=[START, *steps])
    seen: dict[str, list[int]] = {}
    for line in run.printed.splitlines():
        words = line.split()
        if words[:1] == ["@heap"]:
            seen.setdefault(words[1], []).append(int(words[2]))
        if words[:1] == ["@state"] and words[1:] != [str(states.RUNNING), "0"]:
            raise VmError(f"the session did not run to the end: state {words[1]}, fault {words[2]}")
    if run.traceback or not {"before", "start-up"} <= seen.keys():
        raise VmError(f"the heap was not measured\n{run.printed[-1000:]}{run.traceback}")
    return seen
