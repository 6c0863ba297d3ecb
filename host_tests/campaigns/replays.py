"""Whole sessions of every mode on every board that ships, a bring-up of each, and sessions with faults, replayed on MicroPython."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from host_tests import fault_run, replays
from host_tests.campaigns.shape import Campaign, Record
from host_tests.fault_kinds import KINDS
from peristal.core import modes
from tools.simulator import boards

MINUTES = 3
CASES = [(board, mode) for mode in modes.names() for board in boards.names()] + [(board, "bring-up") for board in boards.names()]
FAULTS = 32
MINIMUM = len(CASES) + FAULTS


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """Sessions and bring-ups first, then faults; every second one as the linked bytecode that is deployed."""
    for index in indices:
        if index < len(CASES):
            board, mode = CASES[index]
            what = f"{mode} on {board}"
            recording = replays.bringup(board) if mode == "bring-up" else replays.session(board, mode, seed=seed + index, minutes=MINUTES)
        else:
            what, recording = _fault(seed, index - len(CASES))
        why = recording.differs(index % 2 == 1)
        yield {"index": index, "why": why, "what": what, "told": recording.told, "inputs": len(recording.tape.inputs)}


def _fault(seed: int, number: int) -> tuple[str, replays.Recording]:
    """The kinds whose fault lies in the parts, in turn, each in another round of the fault campaign: so topologies take turns too."""
    kind = replays.PHYSICAL[number % len(replays.PHYSICAL)]
    kind, setup = fault_run.plan(seed, KINDS.index(kind) + number * len(KINDS))
    return f"{kind.name}, {setup.says}", replays.fault(kind, setup)


def report(records: list[Record]) -> str:
    """What was replayed, and what differed."""
    lines = [f"{'same' if not record['why'] else 'DIFFERS':<8} {record['what']}: {record['told'] or 'nothing told'}" for record in records]
    differ = [f"{record['what']}: {record['why']}" for record in records if record["why"]]
    return "\n".join([*lines, "", f"different: {len(differ)}", *differ, ""])


CAMPAIGN = Campaign(
    name="replays",
    line="whole sessions of every mode, bring-ups and sessions with faults are the same on MicroPython",
    minimum=MINIMUM,
    batch=4,
    runs=runs,
    report=report,
    sources=("replays.py", "fault_run.py", "fault_kinds.py", "fault_plants.py", "fault_scene.py", "bottles.py", "made_boards.py"),
)
