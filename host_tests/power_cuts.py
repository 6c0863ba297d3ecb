"""Power cuts in the middle of every write operation: what a life of the device writes, cut at one of them, and the life after it.

A file may then be as it was before or after, never in between; nothing else may be lost; and the device has to say what happened.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from tools.simulator.rig import Rig

TEARS = ("old", "partial")
CHANGED_S = 1.5


@cache
def idle_s(board: str) -> float:
    """How long an idle life lasts: until everything counts as vented and every file that waited is written."""
    rig = Rig(board)
    rig.run_until(0.5)
    return 5.0 + rig.app.guarding.vent_ms / 1000


def framed(schema: int, data: Any) -> bytes:
    """A stored file as the firmware writes it."""
    text = json.dumps([schema, data])
    return f"{binascii.crc32(text.encode()):08x} {text}\n".encode()


def change_everything(rig: Rig) -> None:
    """Every file has to be written anew, also of rooms that come later."""
    for row in rig.app.shelf._rows:
        row[1].changed = True


def first_start(rig: Rig) -> float:
    """A new device: every file is written for the first time."""
    del rig.flash.files["bringup.json"]
    rig.at(CHANGED_S, lambda: change_everything(rig))
    return idle_s(rig.board.name)


def changes(rig: Rig) -> float:
    """A device with a past, whose person changes things."""
    for name, content in past(rig.board.name).items():
        rig.flash.put(name, content)
    rig.type_line(1.0, "set pressure 50")
    rig.type_line(1.1, "set minutes 7")
    rig.at(1.2, lambda: rig.app.regulator.learned.over_at_pa.__setitem__(0, 8000))
    rig.at(CHANGED_S, lambda: change_everything(rig))
    return idle_s(rig.board.name)


def damaged(rig: Rig) -> float:
    """Files that have to be set aside first."""
    for name, content in past(rig.board.name).items():
        rig.flash.put(name, content[:-9] if name.endswith(".json") else content)
    rig.at(CHANGED_S, lambda: change_everything(rig))
    return idle_s(rig.board.name)


def migration(rig: Rig) -> float:
    """A firmware one schema ahead of every file that it finds."""
    for name, content in past(rig.board.name).items():
        rig.flash.put(name, content)
    rig.chip.on_import("peristal.store.shelf", one_schema_ahead)
    return idle_s(rig.board.name)


def one_schema_ahead(module: ModuleType) -> None:
    put_back = module.Shelf.put_back

    def ahead(self: Any, path: str, owner: Any, room: Any, dump: Any, notice: int, steps: tuple[Any, ...] = (), things: Any = ()) -> None:
        put_back(self, path, owner, room, dump, notice, (*steps, lambda data: data), things)

    module.Shelf.put_back = ahead  # type: ignore[attr-defined]


def session(rig: Rig) -> float:
    """A whole short session and what is stored after it."""
    rig.flash.put("profile.json", framed(1, {"program": "sequential", "pressure_mmhg": 55, "minutes": 1}))
    rig.press(1.0)
    return 61.0 + 45.0 + 2 * idle_s(rig.board.name)


LAST_STEP = "step vent vent time 6000"


def programs(rig: Rig) -> float:
    """A person's own programs: one is sent, sent again with other steps, given another name, and another one removed."""
    at_s = idle_s(rig.board.name) - 3.0
    lines: list[str] = []
    for first, middle in (("program knee 2", "80 60"), ("program shin 2", "70 50"), ("program knee 2", "90 90")):
        lines += ["program put", *[f"program add {line}" for line in (first, f"step {middle} reached", LAST_STEP)], "program end"]
    for line in (*lines, "program rename knee calf", "program rm shin"):
        rig.at(at_s, lambda line=line: rig.chip.type(line + "\n") if rig.chip.starts == 1 else None)  # nothing more after the cut
        at_s += 0.6
    return at_s + 2.0


LIVES: dict[str, Callable[[Rig], float]] = {one.__name__: one for one in (first_start, changes, damaged, migration, session, programs)}


@cache
def past(board: str) -> dict[str, bytes]:
    """Files of a device that has been used: a first life, with values that differ from the defaults."""
    rig = Rig(board)
    rig.type_line(1.0, "set program wave")
    rig.type_line(1.1, "set minutes 33")
    rig.type_line(1.2, "set pressure 45")
    rig.at(CHANGED_S, lambda: change_everything(rig))
    rig.run_until(idle_s(board))
    return {name: content for name, content in rig.flash.files.items() if name != "board.py"}


@dataclass(frozen=True)
class Reference:
    """A life without a cut: how many write operations, and every content that each file ever had (None: not there)."""

    operations: int
    contents: dict[str, set[bytes | None]]


@cache
def reference(board: str, life: str) -> Reference:
    """Runs it once and looks at the flash before each operation."""
    rig = Rig(board)
    end_s = LIVES[life](rig)
    contents: dict[str, set[bytes | None]] = {}
    step = rig.flash.step

    def look() -> None:
        for name in {*rig.flash.files, *contents}:
            contents.setdefault(name, {None} if rig.flash.operations else set()).add(rig.flash.files.get(name))

    def stepped() -> str | None:
        look()
        return step()

    look()
    rig.flash.step = stepped  # type: ignore[method-assign]
    rig.run_until(end_s)
    look()
    assert rig.state in ("idle", "done")
    return Reference(rig.flash.operations, contents)


def cut(board: str, life: str, operation: int, tear: str) -> str:
    """What is wrong after a cut in this operation of that life, or "" when nothing is."""
    known = reference(board, life).contents
    rig = Rig(board)
    end_s = LIVES[life](rig)
    rig.flash.cut_after(operation, tear)
    rig.run_until(end_s + 100.0)  # the cut ends it long before; this event must not end the second life
    cut_s = rig.now_s
    if cut_s >= end_s:
        return "the cut never came"
    kept = dict(rig.flash.files)
    for name in {*kept, *known}:
        if not name.endswith(".new") and kept.get(name) not in known.get(name, {None}):
            return f"{name} is neither as before nor as after: {kept.get(name)!r}"
    half = [name.removesuffix(".new") for name in kept if name.endswith(".json.new")]
    bad = {name for name in kept if name.endswith(".bad")}
    rig.chip.power_cycle()
    heard = len(rig.chip.console)
    rig.run_until(cut_s + idle_s(board))
    if rig.state not in ("idle", "done") and not (life == "session" and cut_s < 1.0):  # before it was started
        return f"after it the device is {rig.state}"
    said = "\n".join(rig.chip.console[heard:])
    for name in half:
        if f"a write of {name} was interrupted" not in said:
            return f"nothing was said of {name}"
    # What was damaged before may have to be set aside in this life; nothing else may.
    set_aside = {name for name in rig.flash.files if name.endswith(".bad")} - bad
    if set_aside and life != "damaged":
        return f"set aside: {sorted(set_aside)}"
    left = [name for name in rig.flash.files if name.endswith(".json.new")]
    if left:
        return f"left behind: {left}"
    lost = [name for name in kept if not name.endswith((".new", ".bad")) and name not in rig.flash.files]
    return f"lost: {lost}" if lost else ""


def cases(board: str) -> list[tuple[str, str, int, str]]:
    """Every operation of every life on a board, torn both ways."""
    return [(board, life, operation, tear) for life in LIVES for operation in range(reference(board, life).operations) for tear in TEARS]
