"""What is said when a session has ended."""

from __future__ import annotations

from peristal.core import faults, limits
from tools.simulator.options import Options
from tools.simulator.recorder import Recorder
from tools.simulator.session_run import DONE, FAULT, Outcome, clock


def text(options: Options, recorder: Recorder, outcome: Outcome) -> str:
    """Cycles, totals of every zone, faults and notices, as lines."""
    took_s = recorder.t_s[-1] if recorder.t_s else 0.0
    session = f"{options.program} at {options.mmhg} mmHg for {options.minutes} min on {options.board}, seed {options.seed}"
    lines = [f"{outcome.kind}: {session}"]
    if outcome.kind != DONE:
        lines.append(f"  {outcome.says}")
    lines += ["", *_table(recorder), ""]
    lines.append(f"cycles   {_cycles(recorder)}")
    if recorder.above_mmhg > 0:
        where = f"{recorder.zone_names[recorder.above_zone]} at {clock(recorder.above_at_s)}"
        still = f"{recorder.above_still_mmhg:.1f} without limb movement"
        lines.append(f"above    {recorder.above_mmhg:.1f} mmHg above its target at most ({where}), {still}")
    lines.append(f"faults   {outcome.says if outcome.kind == FAULT else 'none'}")
    notices = [f"{faults.name(number)}: {faults.words(number)}" for number in faults.numbers(recorder.notices)]
    lines.append(f"notices  {'; '.join(notices) or 'none'}")
    rate = f", x{took_s / outcome.wall_s:.0f}" if outcome.wall_s > 0 else ""
    lines.append(f"time     {clock(took_s)} of virtual time in {outcome.wall_s:.1f} s{rate}")
    return "\n".join(lines)


def _cycles(recorder: Recorder) -> str:
    whole = [cycle for cycle in recorder.cycles if cycle.complete]
    if not whole:
        return f"{len(recorder.cycles)} begun, none complete"
    mean_s = sum(cycle.to_s - cycle.from_s for cycle in whole) / len(whole)
    rest = " and part of another" if len(recorder.cycles) > len(whole) else ""
    return f"{len(whole)}{rest}, {mean_s:.0f} s each on average"


def _table(recorder: Recorder) -> list[str]:
    released = limits.highest("released_mmhg")
    width = max(len(name) for name in recorder.zone_names) + 2
    lines = [
        f"{'zone':<{width}}{'peak':>8}{f'above {released}':>14}{'dose':>14}{'valve':>13}",
        f"{'':<{width}}{'mmHg':>8}{'min':>14}{'mmHg x min':>14}{'operations':>13}",
    ]
    for name, zone in zip(recorder.zone_names, recorder.totals):
        numbers = f"{zone.peak_mmhg:>8.1f}{zone.pressed_s / 60:>14.1f}{zone.dose_mmhg_s / 60:>14.0f}{zone.operations:>13}"
        lines.append(f"{name:<{width}}{numbers}")
    return lines
