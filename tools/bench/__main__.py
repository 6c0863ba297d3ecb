"""`make bench`: runs all contenders on random plants and prints how they did. `--help` lists the options."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tools.bench import contenders, report, runs, search
from tools.bench.figures import Result
from tools.bench.plants import TOPOLOGIES
from tools.bench.runs import LIMB, SLOW, Job

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_SEEDS = "1000..1013"
SLOW_SEEDS = 4
MOST_SEEDS = 10_000
LEAST_TICKS_S = 0.5


def seeds_of(text: str) -> range:
    """a..b (both included) or a single seed. Raises ValueError for anything else."""
    low, _, high = text.partition("..")
    found = range(int(low), int(high or low) + 1)
    if not found or found[0] < 0 or found[-1] - found[0] >= MOST_SEEDS:
        raise ValueError("no seed in it, or too many")
    return found


def options(argv: list[str]) -> argparse.Namespace:
    """The command line; SEEDS of the environment is the default of --seeds."""
    parser = argparse.ArgumentParser(prog="make bench", description="The regulator against its peers on random plants.")
    parser.add_argument("--seeds", default=os.environ.get("SEEDS") or DEFAULT_SEEDS, help="a..b: which plants (default %(default)s)")
    parser.add_argument("--topology", choices=TOPOLOGIES, help="only this one")
    parser.add_argument("--ours-only", action="store_true", help="without the peers")
    parser.add_argument("--quick", action="store_true", help="only the main run: no second run with movement, no slow plants")
    parser.add_argument("--dump", type=int, default=0, metavar="N", help="list the worst N fills by each figure")
    parser.add_argument("--search", action="store_true", help="search the peers' constants on the training plants")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default %(default)s)")
    parser.add_argument("--budgets", action="store_true", help="only what the firmware costs, which make bench measures first")
    parser.add_argument("--after-budgets", action="store_true", help=argparse.SUPPRESS)  # as make bench: nothing is measured for a typo
    chosen = parser.parse_args(argv)
    try:
        chosen.seeds = seeds_of(chosen.seeds)
    except ValueError:
        parser.error(f"seeds {chosen.seeds!r}: allowed is a..b, for example 100..120; up to {MOST_SEEDS} of them, from 0")
    if chosen.jobs < 1 or chosen.dump < 0:
        parser.error(f"--jobs {chosen.jobs}, --dump {chosen.dump}: allowed are 1 or more jobs, and 0 or more fills")
    return chosen


def jobs_of(chosen: argparse.Namespace) -> list[Job]:
    """Everything to run, in the order of the tables."""
    topologies = [chosen.topology] if chosen.topology else list(TOPOLOGIES)
    names = contenders.NAMES[:1] if chosen.ours_only else contenders.NAMES
    found = [Job(name, topology, seed) for topology in topologies for seed in chosen.seeds for name in names]
    if not chosen.quick:
        found += [Job(contenders.OURS, topology, seed, LIMB) for topology in topologies for seed in chosen.seeds]
        found += [Job(contenders.OURS, topology, seed, SLOW) for topology in topologies for seed in chosen.seeds[:SLOW_SEEDS]]
    return found


def collect(answers: list[runs.Answer]) -> dict[tuple[str, str, str], Result]:
    """Answers put together by (kind, topology, contender)."""
    results: dict[tuple[str, str, str], Result] = {}
    for answer in answers:
        job = answer.job
        result = results.setdefault((job.kind, job.topology, job.contender), Result(job.contender, job.topology))
        result.add(answer)
    return results


def _progress(count: int) -> Callable[[int], None]:
    def tell(number: int) -> None:
        if sys.stderr.isatty():
            print(f"\r{number} of {count} sessions", end="" if number < count else "\r" + " " * 40 + "\r", file=sys.stderr, flush=True)

    return tell


def main(argv: list[str]) -> int:
    """0 when every figure of ours meets its target on the main run and nothing latched, else 1."""
    chosen = options(argv)
    if chosen.budgets or chosen.after_budgets:
        from tools.budgets.__main__ import main as budgets

        status = budgets()
        if status or chosen.budgets:
            return status
    if chosen.search:
        search.search(chosen.topology, chosen.jobs)
        return 0
    began = time.monotonic()
    jobs = jobs_of(chosen)
    answers = list(runs.run_all(jobs, chosen.jobs, _progress(len(jobs))))
    results = collect(answers)
    met = report.show(results, chosen, time.monotonic() - began)
    report.write_json(results, chosen, ROOT / "build" / "bench.json")
    if not chosen.ours_only:
        from tools.bench import picture

        picture.draw(chosen.seeds, chosen.topology or TOPOLOGIES[0], ROOT / "build" / "bench.png")
        print("files: build/bench.json, build/bench.png")
    return 0 if met else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
