"""The tables of the fault campaign, and what all its runs together must show."""

from __future__ import annotations

from collections import Counter
from statistics import median

from host_tests.fault_kinds import KINDS
from host_tests.fault_run import Outcome
from host_tests.fault_scene import TOPOLOGIES

OF_ITS_OWN_PERCENT = 90
OF_ALL_PERCENT = 95
FEW = 5
"""With so few runs of a fault one wrong name is already more than a tenth; a sample lets one pass."""

HEAD = """named: right by the table / runs in which the topology can see it. told: what was reported, most often first ("-": nothing).
seen: s from the fault to its report, median and longest. peak: highest true pressure of a zone from the fault on, mmHg.
vented: s from the report (or the crash) until every zone that can vent was and stayed below 15 mmHg; own: what the plant needs by itself.
"""


def told(outcome: Outcome) -> str:
    """What one run reported."""
    verdict = outcome.verdict
    return verdict.reported or "+".join(verdict.notices) or "-"


def table(outcomes: list[Outcome]) -> str:
    """A row for each fault and topology."""
    columns = f"{'fault':<31}{'topology':<14}{'named':>7}  {'seen':>12}  {'peak':>5} {'vented':>7} {'own':>6}  {'verdict':<8} told"
    lines = [HEAD, columns]
    for kind in KINDS:
        for topology in TOPOLOGIES:
            some = [o for o in outcomes if o.kind == kind.name and o.setup.topology == topology and o.planted]
            if not some:
                continue
            seen = [o.verdict.seen_s for o in some if o.verdict.seen_s is not None]
            can = [o for o in some if o.named is not None]
            named = f"{sum(bool(o.named) for o in can)}/{len(can)}" if can else "-"
            seen_text = f"{median(seen):5.1f} {max(seen):6.1f}" if seen else "-"
            peak = max(o.verdict.peak_mmhg for o in some)
            vented, own = max(o.verdict.vented_s for o in some), max(o.verdict.own_s for o in some)
            verdict = "FAILED" if any(o.verdict.why for o in some) else "safe"
            said = ", ".join(f"{name} {count}" for name, count in Counter(told(o) for o in some).most_common())
            lines.append(
                f"{kind.name:<31}{topology:<14}{named:>7}  {seen_text:>12}  {peak:5.0f} {vented:7.2f} {own:6.2f}  {verdict:<8} {said}"
            )
    return "\n".join(lines)


def shortfalls(outcomes: list[Outcome]) -> list[str]:
    """Which shares of right names are too small, and which faults were never planted."""
    can = [o for o in outcomes if o.planted and o.named is not None]
    found = []
    for kind in KINDS:
        own = [o for o in can if o.kind == kind.name]
        drawn = [o.planted for o in outcomes if o.kind == kind.name]
        if 2 * sum(drawn) < len(drawn) or (not drawn and len(outcomes) >= len(KINDS)):
            found.append(f"{kind.name}: planted in {sum(drawn)} of {len(drawn)} runs, less than half")
        wrong = [o for o in own if not o.named]
        if len(wrong) > max(1 if FEW <= len(own) else 0, len(own) * (100 - OF_ITS_OWN_PERCENT) // 100):
            found.append(f"{kind.name}: named right in {len(own) - len(wrong)} of {len(own)} runs, less than {OF_ITS_OWN_PERCENT} %")
    right = sum(bool(o.named) for o in can)
    if 100 * right < OF_ALL_PERCENT * len(can):
        found.append(f"all faults: named right in {right} of {len(can)} runs, less than {OF_ALL_PERCENT} %")
    return found


def text(outcomes: list[Outcome]) -> str:
    """The whole report."""
    lines = [f"{len(outcomes)} faults, each in a session of its own.", table(outcomes), ""]
    programs = Counter(o.setup.program for o in outcomes)
    lines.append("programs: " + ", ".join(f"{name} {count}" for name, count in programs.most_common()))
    never = [o for o in outcomes if not o.planted]
    lines.append(f"not planted (its condition never came in that session): {len(never)} {dict(Counter(o.kind for o in never)) or ''}")
    failed = [o for o in outcomes if o.verdict.why]
    lines += [f"unsafe: {len(failed)}", *(o.says for o in failed)]
    wrong = [o for o in outcomes if o.planted and o.named is False]
    lines += [f"named wrong: {len(wrong)}", *(o.says for o in wrong)]
    return "\n".join([*lines, *shortfalls(outcomes), ""])
