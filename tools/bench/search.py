"""The printed search for the peers' constants on the training plants."""

from __future__ import annotations

from tools.bench import contenders, runs
from tools.bench.plants import TOPOLOGIES
from tools.bench.runs import Job


def search(only: str | None, processes: int) -> None:
    """Prints the cost of every candidate and the best for each topology; see contenders.cost."""
    for topology in [only] if only else TOPOLOGIES:
        tried = contenders.candidates(topology)
        jobs = [Job(name, topology, seed, value=value) for name, value in tried for seed in contenders.SEARCH_SEEDS]
        answers = list(runs.run_all(jobs, processes))
        best: dict[str, tuple[float, object]] = {}
        print(f"{topology}: seeds {contenders.SEARCH_SEEDS[0]}..{contenders.SEARCH_SEEDS[-1]}")
        for name, value in tried:
            mine = [a for a in answers if a.job.contender == name and a.job.value == value]
            found = [fill for a in mine for fill in a.fills]
            price = contenders.cost(found, sum(1 for a in mine if a.fault))
            print(f"  {name:<10}{value!s:<36}cost {price:7.2f}   latched {sum(1 for a in mine if a.fault)}")
            if name not in best or price < best[name][0]:
                best[name] = (price, value)
        for name, (price, value) in best.items():
            print(f"  best {name}: {value} (cost {price:.2f})", flush=True)
