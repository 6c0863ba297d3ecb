"""Runs jobs on all cores. A job is one session of one contender on one plant; what comes back is small."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import Pool
from typing import Any

from tools.bench.contenders import maker
from tools.bench.loop import Loop, Trace
from tools.bench.metrics import Cycle, Fill, cycles, fills
from tools.bench.plants import Bench, bench_plant

CYCLES = 3
LONGEST_S = 900.0
STILL, LIMB, SLOW = "still", "limb", "slow"


@dataclass(frozen=True)
class Job:
    """`kind`: STILL (limb still, coupling as drawn), LIMB (movement and full coupling), SLOW (the seed's first plant that is only slow)."""

    contender: str
    topology: str
    seed: int
    kind: str = STILL
    value: Any = None


@dataclass
class Answer:
    """`ran` is False where the seed drew no plant of that kind, or the device refused the program (`refused` says why)."""

    job: Job
    rejected: int
    ran: bool = False
    fills: list[Fill] = field(default_factory=list)
    cycles: list[Cycle] = field(default_factory=list)
    fault: str = ""
    refused: str = ""
    ticks: int = 0


@lru_cache(maxsize=64)
def plant_of(seed: int, topology: str) -> Bench:
    """The plant of a seed, drawn once for each process."""
    return bench_plant(seed, topology)


def trace_of(job: Job, cycles_wanted: int = CYCLES) -> Trace | None:
    """The whole trace of a job, None where there is no such plant."""
    bench: Bench | None = plant_of(job.seed, job.topology)
    if job.kind == LIMB:
        bench = bench.with_limb()
    elif job.kind == SLOW:
        bench = bench.slow
    return Loop(bench, maker(job.contender, bench, job.value)).run(cycles_wanted, LONGEST_S) if bench else None


def run(job: Job) -> Answer:
    """One job."""
    answer = Answer(job, plant_of(job.seed, job.topology).rejected)
    trace = trace_of(job)
    if trace is not None and trace.refused:
        answer.refused = trace.refused
    elif trace is not None:
        answer.ran, answer.fault, answer.ticks = True, trace.fault, len(trace.t_s)
        answer.fills, answer.cycles = fills(trace), cycles(trace)
    return answer


def run_all(jobs: Iterable[Job], processes: int, told: Callable[[int], None] | None = None) -> Iterator[Answer]:
    """All answers, in the order of the jobs; `told(n)` after each."""
    with Pool(processes) as pool:
        for number, answer in enumerate(pool.imap(run, list(jobs), 1), 1):
            if told:
                told(number)
            yield answer
