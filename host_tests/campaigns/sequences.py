"""Random sequences of commands, presses, faults, resets and pauses; what must hold is told by host_tests/sequences.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

from host_tests import sequences
from host_tests.campaigns.shape import Campaign, Record
from host_tests.fault_scene import TOPOLOGIES, draw
from peristal.core import modes

LONGEST = 20
BEFORE_WRAP_MS = (0, 0, 1, 5_000, 30_000, 60_000)


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """Each a session that a person starts, and then anything."""
    start = next(number for number, (name, _) in enumerate(sequences.EVENTS) if name == "start")
    for index in indices:
        rng = Random(f"sequence {seed} {index}")
        programs = modes.names()
        setup = replace(draw(rng, TOPOLOGIES[index % 3], programs[index // 3 % len(programs)]), minutes=1)
        steps = [(rng.randrange(1 << 16), rng.randrange(1 << 16)) for _ in range(rng.randrange(1, LONGEST))]
        going = [(2, start), (rng.randrange(5, 9), rng.randrange(1 << 16))]  # anything is more likely to matter in the middle of it
        outcome = sequences.Run(setup, [*going, *steps], rng.choice(BEFORE_WRAP_MS)).run()
        why = f"run {index}: {outcome.says}" if outcome.why else ""
        yield {"index": index, "why": why, "states": outcome.states, "events": len(outcome.done), "peak_mmhg": round(outcome.peak_mmhg, 1)}


def report(records: list[Record]) -> str:
    """How many events came in which states."""
    states = Counter(state for record in records for state in set(record["states"]))
    lines = [f"{len(records)} sequences of {sum(record['events'] for record in records)} events"]
    lines.append("sequences that came into a state: " + ", ".join(f"{name} {count}" for name, count in states.most_common()))
    lines.append(f"highest true pressure: {max(record['peak_mmhg'] for record in records):.0f} mmHg")
    failed = [record["why"] for record in records if record["why"]]
    return "\n".join([*lines, f"failed: {len(failed)}", *failed, ""])


CAMPAIGN = Campaign(
    name="sequences",
    line="random sequences of commands, presses, faults, resets and pauses: no limit, no start by itself, no pressure left",
    minimum=300,
    batch=10,
    runs=runs,
    report=report,
    sources=("sequences.py", "fault_judge.py", "fault_scene.py", "crash_kinds.py"),
)
