"""Random programs: each is accepted or rejected with a reason, and the first accepted of every hundred runs within all limits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from host_tests.campaigns.shape import Campaign, Record
from host_tests.judge import Judge
from host_tests.made_boards import TOPOLOGIES, make
from host_tests.random_programs import draw
from peristal.core.grammar import parse
from peristal.core.program import Program, ProgramError
from tools.simulator.rig import Rig

BATCH = 100
PRESS_S = 2.5
MINUTES = 2
REASON = re.compile(r"(line|step|zone) \d+: .*; allowed: |(program|pressure_mmhg|minutes|pressed_s|less): .*; allowed: ")


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """One program for each number; the first of a batch that is accepted is run as well."""
    batch = indices[0] // BATCH
    first = None
    for index in range(batch * BATCH, batch * BATCH + BATCH):  # also those made before: the same one is run
        rng = Random(f"program {seed} {index}")
        lines = draw(rng)
        record: dict[str, Any] = {"index": index, "why": "", "verdict": "accepted", "ran": False}
        try:
            parse(lines)
        except ProgramError as error:
            record["verdict"] = "rejected"
            if not REASON.match(str(error)):
                record["why"] = f"rejected without a reason: {error}"
        except Exception as error:
            record["why"] = f"{type(error).__name__} {error} from {lines}"
        if record["verdict"] == "accepted" and first is None and not record["why"]:
            first = index
            if index in indices:
                record.update(run(lines, Random(f"run {seed} {index}")))
        if index in indices:
            yield record


def run(lines: list[str], rng: Random) -> dict[str, Any]:
    """A session of a program on a board drawn for it; refused at its start (with a reason) is fine too."""
    program = parse(lines)
    board = make(rng.choice(TOPOLOGIES), rng.randint(program.zones, 6), rng.randint(1, 2))
    low, high = program.pressure_mmhg
    pressure_mmhg = rng.randint(low, high)
    settings = {"program": "sequential", "pressure_mmhg": pressure_mmhg, "minutes": MINUTES}
    rig = Rig(board, seed=rng.randrange(1 << 20), settings=settings)
    judge = Judge(rig)
    refused: list[str] = []
    rig.at(PRESS_S - 1, lambda: _put(rig, lines, refused))
    rig.press(PRESS_S)
    rig.stop_when(lambda: rig.now_s > PRESS_S + 3 and rig.state in ("idle", "done", "fault"))
    rig.run_until(MINUTES * 60 + 150)
    why = [] if refused else judge.complaints()
    if refused and rig.state != "idle" and judge.states != ["idle"]:
        why.append(f"refused, and yet {judge.states}")
    where = f"{board.title}, {pressure_mmhg} mmHg"
    return {"ran": True, "refused": refused[0] if refused else "", "why": ", ".join(why) + f" ({where}: {lines})" if why else ""}


def _put(rig: Rig, lines: list[str], refused: list[str]) -> None:
    """Makes the program the session's, as an own program would be."""
    session: Any = rig.app.session
    session.build = lambda: parse(lines)
    load = session.sequencer.load

    def loading(program: Program, set_pa: int) -> None:
        try:
            load(program, set_pa)
        except rig.chip.module("peristal.core.program").ProgramError as error:
            refused.append(str(error))
            raise

    session.sequencer.load = loading


def report(records: list[Record]) -> str:
    """How many were accepted, and what became of those that ran."""
    accepted = sum(record["verdict"] == "accepted" for record in records)
    ran = [record for record in records if record["ran"]]
    refused = [f"  {record['refused']}" for record in ran if record["refused"]]
    failed = [f"  {record['index']}: {record['why']}" for record in records if record["why"]]
    return "\n".join(
        [
            f"{len(records)} random programs: {accepted} accepted, {len(records) - accepted} rejected with a reason.",
            f"{len(ran)} of the accepted were run; {len(refused)} of them the board refused at the start:",
            *refused,
            f"failed: {len(failed)}",
            *failed,
            "",
        ]
    )


CAMPAIGN = Campaign(
    name="programs",
    line="random programs are rejected with a reason or accepted; one of every hundred runs within all limits",
    minimum=10000,
    batch=BATCH,
    runs=runs,
    report=report,
    sources=("judge.py", "made_boards.py", "random_programs.py"),
)
