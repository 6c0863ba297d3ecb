"""Sessions in which a person changes everything at random moments; told by host_tests/modifying.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from host_tests import modifying
from host_tests.campaigns.shape import Campaign, Record

BATCH = 10


def runs(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """One session each."""
    for index in indices:
        rig, wrong = modifying.run(seed * 100_000 + index)
        changes = sum(line.startswith("ok ") for line in rig.chip.console)
        refused = sum(line.startswith("error: ") for line in rig.chip.console)
        yield {"index": index, "why": "; ".join(wrong[:2]), "board": rig.board.name, "changes": changes, "refused": refused}


def report(records: list[Record]) -> str:
    """How many changes on which board."""
    lines = []
    for board, sessions in sorted(Counter(record["board"] for record in records).items()):
        of_board = [record for record in records if record["board"] == board]
        changes, refused = (sum(record[name] for record in of_board) for name in ("changes", "refused"))
        lines.append(f"{board:<24}{sessions:>5} sessions, {changes} changes, {refused} refused")
    failed = [f"{record['index']}: {record['why']}" for record in records if record["why"]]
    return "\n".join([*lines, f"failed: {len(failed)}", *failed, ""])


CAMPAIGN = Campaign(
    name="modifiers",
    line="a person who changes everything at random moments: no zone above the cap, none that is left out is filled, no fault",
    minimum=200,
    batch=BATCH,
    runs=runs,
    report=report,
    sources=("modifying.py",),
)
