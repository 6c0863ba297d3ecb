"""Crashes at moments spread over every phase of a short session; what they come to is told by host_tests/crashes.py."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from random import Random

from host_tests.campaigns.shape import Campaign, Record
from host_tests.crash_kinds import BY_NAME, KINDS
from host_tests.crash_session import PHASES, SUPPLIES, Setup, choose, from_json, phases
from host_tests.crashes import crash
from tools.simulator import boards

BATCH = 60
PRESSURES_MMHG = (80, 100, 55)
PROGRAMS = ("sequential", "wave")
# The last moments of a fill are where a pump that goes on does most.
PHASE_WEIGHTS = [3 if phase == "nearly full" else 1 for phase in PHASES]


def setup_of(seed: int, batch: int) -> Setup:
    """Board, program and supply in turn; each round has another pressure, the later ones other pairs, every third a moving limb."""
    combinations = [(board, program, supply) for board in boards.names() for program in PROGRAMS for supply in SUPPLIES]
    around, which = divmod(batch, len(combinations))
    board, program, supply = combinations[which]
    worn = 0 if around == 0 else Random(f"{seed} {around} {board}").randrange(1, 1 << 30)
    return Setup(board, program, supply, PRESSURES_MMHG[around % len(PRESSURES_MMHG)], minutes=3, worn=worn, movement=around % 3 == 2)


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """The runs of one batch: one session, crashed at a moment of its own for each number."""
    batch = indices[0] // BATCH
    setup = setup_of(seed, batch)
    around = batch // (len(boards.names()) * len(PROGRAMS) * len(SUPPLIES))
    rng = Random(f"{seed} {batch}")
    wanted = []
    for place in range(BATCH):
        phase = rng.choices(PHASES, PHASE_WEIGHTS)[0]
        wanted.append((phase, KINDS[(around * BATCH + place) % len(KINDS)].name))
    moments = choose(phases(setup), wanted, rng)
    for index, outcome in zip(indices, crash(setup, [moments[index % BATCH] for index in indices]), strict=True):
        yield {"index": index, "why": outcome.says if outcome.why else "", "outcome": asdict(outcome)}


def report(records: list[Record]) -> str:
    """The table: per board, kind and supply the highest pressure, how much of it came after the fault, and the time to 15 mmHg."""
    outcomes = [from_json(record["outcome"]) for record in records]
    lines = [
        f"{len(outcomes)} crashes, each in a run of its own.",
        "peak: highest true pressure of any zone from the fault on, mmHg. rise: the most that the highest zone gained after it, mmHg.",
        "Both are of the runs with a still limb: one that moves adds 5 to 20 mmHg by itself, whatever the chip does.",
        "to 15: longest time until every zone was and stayed below 15 mmHg, s. off: until every actuator pin was low for good, s.",
    ]
    families = list(dict.fromkeys(kind.family for kind in KINDS))
    for board in boards.names():
        lines += ["", f"{board:<24}" + "".join(f"| {supply:^31} " for supply in SUPPLIES)]
        lines.append(f"{'':<18}{'runs':>5} " + "| {:>6} {:>6} {:>6} {:>6}     ".format("peak", "rise", "to 15", "off") * len(SUPPLIES))
        for family in families:
            of_family = [o for o in outcomes if o.setup.board == board and BY_NAME[o.moment.kind].family == family]
            line = f"{family:<18}{len(of_family):>5} "
            for supply in SUPPLIES:
                part = [o for o in of_family if o.setup.supply == supply]
                if not part:
                    line += f"| {'-':>6} {'-':>6} {'-':>6} {'-':>6}     "
                    continue
                still = [o for o in part if not o.setup.movement]
                peak = max((o.peak_mmhg for o in still), default=0.0)
                rise = max((o.peak_mmhg - o.start_mmhg for o in still), default=0.0)
                below_s, off_s = max(o.below_s for o in part), max(o.off_s for o in part)
                off = f"{off_s:6.2f}" if BY_NAME[part[0].moment.kind].off_s is not None else f"{'-':>6}"
                line += f"| {peak:6.1f} {rise:6.1f} {below_s:6.2f} {off}     "
            lines.append(line)
    lines += ["", "runs by phase: " + ", ".join(f"{phase} {sum(o.moment.phase == phase for o in outcomes)}" for phase in PHASES)]
    failed = [o.says for o in outcomes if o.why]
    return "\n".join([*lines, "", f"failed: {len(failed)}", *failed, ""])


CAMPAIGN = Campaign(
    name="crash_moments",
    line="crashes at moments spread over every phase of a session, judged by true pressures",
    minimum=2000,
    batch=BATCH,
    runs=runs,
    report=report,
    sources=("crashes.py", "crash_kinds.py", "crash_session.py"),
)
