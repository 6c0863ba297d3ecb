"""Sessions recorded in the simulator, and what a real MicroPython makes of them: the outputs must be the same, number for number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from host_tests import made_boards
from host_tests.bottles import bottles
from host_tests.fault_kinds import KINDS, Kind
from host_tests.fault_scene import PRESS_S, Scene, Setup, topology_of
from peristal.core import faults
from tools.simulator import boards
from tools.simulator.builder import Builder
from tools.simulator.rig import Rig
from tools.simulator.tape import Tape
from tools.wasm.rig import Replay, firmware_files, replay, ticks_at

SMALL = {"manifold": ("manifold", 2, 1), "zone sensors": ("zone_sensors", 2, 1), "independent": ("independent", 2, 1)}
"""Boards of two zones, of each topology: a cycle takes some ten seconds, and a tick's arithmetic is that of every board."""
HEAP_BYTES = 1 << 19  # all of it is walked after every tick: no more than a session from bytecode needs
EVERY = 8
"""Ticks between two looks at the heap. Where there is something to tell, a second replay looks after every tick."""
LONGEST_S = 400.0
LEAST_S = 16.0
CLEAR_S = 15.0  # after a fault, until a person presses the button
AGAIN_S = 10.0  # from the button that clears it on, the next session with it
IN_THE_CODE = {  # planted in the simulator's copy of the firmware, or in its chip: nothing that a tape holds
    "regulator overfills", "sensor not read", "zone too long under pressure", "session too long", "ticks late", "tick hangs",
    "hang in Python", "hang below Python", "exception", "panic or reset pin", "reset storm",
}  # fmt: skip
PHYSICAL = tuple(kind for kind in KINDS if kind.name not in IN_THE_CODE)


@dataclass
class Recording:
    """A tape, the files that were on the flash before, and what was printed. The ticks from first to last allocate nothing."""

    tape: Tape
    files: dict[str, bytes]
    printed: list[str]
    rig: Rig
    first_tick: int = 1
    last_tick: int = 0

    @property
    def told(self) -> str:
        """Names of the fault that is or was latched, of what zones were left out for, and of the notices."""
        if self.rig.app is None:
            return ""
        guard, journal = self.rig.app.guarding, self.rig.app.journal
        codes = {row[1] for row in journal.rows() if row[1] < 96} | {guard.fault} | set(guard.left_out)
        return ", ".join(sorted(faults.name(code) for code in codes if code))

    def differs(self, mpy: bool) -> str:
        """What is not the same on MicroPython, from sources or from what is deployed (`mpy`); "" when all is."""
        result = self.replayed(mpy, every=EVERY)
        if result.max_bytes_per_tick or result.excused_ticks:
            result = self.replayed(mpy)
        if result.difference is not None:
            return f"{result.difference}\n{result.printed[-1500:]}"
        if result.printed.splitlines() != self.printed:
            return f"printed otherwise: {set(result.printed.splitlines()) ^ set(self.printed)}"
        if result.max_bytes_per_tick:
            return f"allocates: {result.allocating_ticks}, {result.allocating_places}"
        return ""

    def replayed(self, mpy: bool, firmware: dict[str, bytes] | None = None, every: int = 1) -> Replay:
        """The replay itself; `firmware`: other files than the checkout's."""
        there = firmware or firmware_files(boards.names()[0], mpy=mpy)
        return replay(self.tape, {**there, **self.files}, self.first_tick, self.last_tick, every=every, heap_bytes=HEAP_BYTES)


def board_of(name: str) -> Any:
    """A board that ships by its name, a small one by its topology."""
    return made_boards.make(*SMALL[name]) if name in SMALL else name


def record(rig: Rig, ends: Callable[[Recording], bool]) -> Recording:
    """Runs a rig from power-on until `ends(recording)` or LONGEST_S. Measures while the session runs."""
    recording = Recording(Tape(), {name: bytes(content) for name, content in rig.flash.files.items()}, rig.chip.console, rig)
    tape = rig.chip.tape = recording.tape

    def look() -> None:
        if rig.state == "running":
            tape.marks.setdefault("running", (0, 0))
            if tape.marks["running"] == (0, 0):
                tape.mark("running")
            tape.mark("last")

    rig.every(0.1, look)
    rig.stop_when(lambda: ends(recording))
    rig.run_until(LONGEST_S)
    assert rig.chip.starts == 1
    if "running" in tape.marks:
        recording.first_tick, recording.last_tick = ticks_at(tape, "running") + 2, ticks_at(tape, "last") - 1
    return recording


def session(
    board: str, program: str, *, seed: int = 5, minutes: int = 10, cycles: int = 0, before: Any = None, snug: bool = False, **choices: Any
) -> Recording:
    """A session on a worn pair: so many cycles of it (and LEAST_S), or the whole with cycles=0. `before(rig)` may add events."""
    made = board_of(board)
    plant = boards.worn_plant(boards.load(board) if isinstance(made, str) else made, seed)
    rig = Rig(made, plant=plant, seed=seed, settings={"program": program, "pressure_mmhg": 50, "minutes": minutes, **choices}, snug=snug)
    rig.press(1.5)
    if before is not None:
        before(rig)

    def ends(_: Recording) -> bool:
        if cycles:
            return rig.state == "running" and rig.app.session.sequencer.cycle > cycles and rig.now_s > LEAST_S
        return rig.state in ("done", "fault") and rig.now_s > 3

    recording = record(rig, ends)
    wanted = "running" if cycles else "done"
    assert rig.app.session.state == {"running": 2, "done": 5}[wanted], f"{board}, {program}: {rig.chip.console[-3:]}"
    return recording


def fault(kind: Kind, setup: Setup | None = None, board: str = "", program: str = "wave", seed: int = 3) -> Recording:
    """A session in which a part fails; once the fault is latched and the air is out, the button clears it and starts again."""
    if setup is None:
        made = made_boards.make(*SMALL[board])
        setup = Setup(board, "", 0, program, 50, False, seed)
        settings = {"program": program, "pressure_mmhg": 50, "minutes": 10, "pace_percent": 150}
        scene = Scene(Rig(made, plant=boards.worn_plant(made, seed, movement=False), seed=seed, settings=settings), setup, Random(seed))
    else:
        scene = setup.scene()
    rig = scene.rig
    assert topology_of(rig.board) == setup.topology
    if kind.used:
        scene.use()
    if kind.starts:
        rig.press(PRESS_S)
    at_s = min(scene.rng.uniform(*kind.at_s), 20.0)
    until: list[float] = []

    if kind.used:
        scene.use()

    def plant() -> None:
        if kind.when(scene) or (kind.used and scene.turn_to(kind.when)):
            scene.planted_s = rig.now_s
            kind.plant(scene)
        else:
            rig.at(rig.now_s + 0.02, plant)

    if at_s == 0.0:
        plant()
    else:
        rig.at(at_s, plant)

    def ends(recording: Recording) -> bool:
        if not until and scene.planted_s >= 0 and recording.told:
            until.append(rig.now_s + CLEAR_S + AGAIN_S)
            rig.press(rig.now_s + CLEAR_S)
            rig.press(rig.now_s + CLEAR_S + 2.0)
        return bool(until) and rig.now_s > until[0]

    recording = record(rig, ends)
    recording.last_tick = 0  # what is told of a fault costs its text
    return recording


def bringup(board: str) -> Recording:
    """A new device that is brought up."""
    made = board_of(board)
    rig = Rig(made, plant=bottles(boards.load(board) if isinstance(made, str) else made), seed=3, brought_up=())
    builder = Builder(rig, at_s=1.0)
    recording = record(rig, lambda _: builder.done and rig.state == "idle" and not rig.app.shelf.changed)
    assert builder.failed is None, builder.failed
    return recording
