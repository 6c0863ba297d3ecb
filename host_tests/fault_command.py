"""`make faults SEED=n`: every fault of the campaign, in all topologies and programs, and the table of what came of it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from host_tests import campaign, fault_run
from host_tests.campaigns import faults
from host_tests.fault_kinds import BY_NAME, KINDS

OF_ONE = 10


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; 0 when all was safe and named right, 1 when not, 2 for a wrong argument, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__, allow_abbrev=False)
    parser.add_argument("--seed", type=_whole, default=os.environ.get("SEED") or "1", help="or SEED=n: which moments, plants and details")
    parser.add_argument("--runs", type=_whole, help=f"how many (default {faults.CAMPAIGN.minimum}; of one fault {OF_ONE})")
    parser.add_argument("--only", metavar="FAULT", choices=sorted(BY_NAME), help=f"one fault alone: {', '.join(BY_NAME)}")
    parser.add_argument("--run", type=_whole, metavar="N", help="one run again, with all that is known of it")
    parser.add_argument("--fresh", action="store_true", help="forget what was made before")
    options = parser.parse_args(argv)
    if options.run is not None:
        return _one(options.seed, options.run)
    if options.runs is None:
        options.runs = OF_ONE if options.only else faults.CAMPAIGN.minimum
    if options.runs < 1:
        parser.error(f"--runs: {options.runs} is not allowed; allowed: 1 or more")
    if options.only:
        return _only(options.seed, options.only, options.runs)
    try:
        good = campaign.run(faults.CAMPAIGN, options.seed, options.runs, fresh=options.fresh)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here")
        return 130
    return 0 if good else 1


def _whole(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: whole numbers from 0")
    return number


def _one(seed: int, index: int) -> int:
    outcome = fault_run.run(*fault_run.plan(seed, index))
    for key, value in fault_run.to_json(outcome).items():
        print(f"{key}: {value}")
    print(outcome.says)
    return 1 if outcome.verdict.why or outcome.named is False else 0


def _only(seed: int, name: str, wanted: int) -> int:
    """The first runs of one fault; their numbers are those of the whole campaign."""
    bad = 0
    for index in range(KINDS.index(BY_NAME[name]), len(KINDS) * wanted, len(KINDS)):
        outcome = fault_run.run(*fault_run.plan(seed, index))
        wrong = "named wrong; " if outcome.named is False and outcome.planted else ""
        bad += bool(outcome.verdict.why or wrong)
        print(f"{index}: {wrong}seen {outcome.verdict.seen_s} s, peak {outcome.verdict.peak_mmhg} mmHg; {outcome.says}", flush=True)
    print(f"{name}: {wanted - bad} of {wanted} runs safe and named right")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
