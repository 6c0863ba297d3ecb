"""The long tests, in numbered runs that can be interrupted and gone on with:  python -m host_tests.campaign [NAMES] [--runs N]

Progress is kept in build/campaign/<name>.jsonl: a first line that says for which seed and sources it counts, then a line for each run.
Exits 1 when a run failed, all together fall short or fewer than the campaign's minimum were made, 2 for a wrong argument, 130 when
interrupted.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from host_tests.campaigns import CAMPAIGNS
from host_tests.campaigns.shape import Campaign, Record

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "campaign"
SOURCES = ("firmware", "boards", "tools/simulator", "host_tests/campaigns")


class Progress:
    """The records made so far with this seed and these sources; anything else in the file is forgotten."""

    def __init__(self, campaign: Campaign, seed: int, folder: Path, fresh: bool = False) -> None:
        self.path = folder / f"{campaign.name}.jsonl"
        self.records: dict[int, Record] = {}
        key = {"campaign": campaign.name, "seed": seed, "sources": fingerprint(campaign)}
        if not fresh:
            self._read(key)
        folder.mkdir(parents=True, exist_ok=True)
        with self.path.open("w") as file:  # also drops a line that an interruption left half written
            file.write(json.dumps(key) + "\n")
            file.writelines(json.dumps(record) + "\n" for record in self.records.values())

    def _read(self, key: Record) -> None:
        try:
            lines = self.path.read_text().splitlines()
        except FileNotFoundError:
            return
        whole = []
        for line in lines:
            try:
                whole.append(json.loads(line))
            except ValueError:
                break
        if whole and whole[0] == key:
            self.records = {record["index"]: record for record in whole[1:]}

    def add(self, records: Sequence[Record]) -> None:
        """Keeps the records of one batch."""
        with self.path.open("a") as file:
            for record in records:
                self.records[record["index"]] = record
                file.write(json.dumps(record) + "\n")


def fingerprint(campaign: Campaign) -> str:
    """Of every file that the outcome hangs on."""
    digest = hashlib.sha256()
    files = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    for path in sorted([*files, *(ROOT / "host_tests" / name for name in campaign.sources)]):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def batches(campaign: Campaign, wanted: int, done: dict[int, Record]) -> Iterator[list[int]]:
    """The numbers of the runs that are left, batch by batch."""
    for first in range(0, wanted, campaign.batch):
        left = [index for index in range(first, min(first + campaign.batch, wanted)) if index not in done]
        if left:
            yield left


def _work(task: tuple[str, int, list[int]]) -> list[Record]:
    name, seed, indices = task
    campaign = next(campaign for campaign in CAMPAIGNS if campaign.name == name)
    return list(campaign.runs(seed, indices))


def run(campaign: Campaign, seed: int, wanted: int, folder: Path | None = None, *, fresh: bool = False, workers: int = 0) -> bool:
    """Makes what is missing of the first `wanted` runs, on all cores; True when all passed and the minimum was reached."""
    folder = folder or FOLDER
    progress = Progress(campaign, seed, folder, fresh)
    kept = sum(index < wanted for index in progress.records)
    print(f"{campaign.name}: {campaign.line}")
    print(f"{campaign.name}: {wanted} runs wanted, at least {campaign.minimum}; {kept} were made before (seed {seed})", flush=True)
    tasks = [(campaign.name, seed, left) for left in batches(campaign, wanted, progress.records)]
    began_s = time.monotonic()
    if tasks:
        with multiprocessing.get_context("fork").Pool(workers or os.cpu_count() or 1) as pool:
            for records in pool.imap_unordered(_work, tasks):
                progress.add(records)
                for record in records:
                    if record["why"]:
                        print(f"{campaign.name}: run {record['index']} failed: {record['why']}")
                print(f"{campaign.name}: {len(progress.records)} of {wanted}, {time.monotonic() - began_s:.0f} s", flush=True)
    records = [record for index, record in sorted(progress.records.items()) if index < wanted]
    failed = sum(bool(record["why"]) for record in records)
    if campaign.report is not None:
        text = campaign.report(records)
        (folder / f"{campaign.name}.txt").write_text(text)
        print(text)
    enough = len(records) >= campaign.minimum
    short = "" if enough else f": fewer than the {campaign.minimum} that count"
    lacks = campaign.together(records) if enough and campaign.together is not None else []
    for lack in lacks:
        print(f"{campaign.name}: {lack}")
    print(f"{campaign.name}: did {len(records)} runs, {failed} failed{short}", flush=True)
    return not failed and not short and not lacks


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    names = [campaign.name for campaign in CAMPAIGNS]
    listed = "\n".join(f"  {campaign.name:<16}{campaign.minimum:>7} runs  {campaign.line}" for campaign in CAMPAIGNS)
    parser = argparse.ArgumentParser(
        prog="campaign", description=f"The long tests.\n{listed}", formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # --run is a word of make faults, and means another thing
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones (default: all): {', '.join(names)}")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other runs (default 1)")
    parser.add_argument("--runs", type=int, help="how many runs in all (default: the campaign's minimum)")
    parser.add_argument("--fresh", action="store_true", help="forget what was made before")
    options = parser.parse_args(argv)
    for name in options.names:
        if name not in names:
            parser.error(f"no campaign {name!r}; allowed: {', '.join(names)}")
    if options.runs is not None and options.runs < 1:
        parser.error(f"--runs: {options.runs} is not allowed; allowed: 1 or more")
    if options.seed < 0:
        parser.error(f"--seed: {options.seed} is not allowed; allowed: 0 or more")
    if not hasattr(os, "fork"):
        parser.error("campaigns need a system with fork (Linux, macOS)")
    good = True
    try:
        for campaign in CAMPAIGNS:
            if not options.names or campaign.name in options.names:
                good &= run(campaign, options.seed, options.runs or campaign.minimum, fresh=options.fresh)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here")
        return 130
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
