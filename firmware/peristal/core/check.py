"""What a program has to be before it may run: its form, and what a walk through it shows of pressure, rest and length.

Each refusal is a ProgramError that names the step or the zone and what is allowed.
"""

from peristal.core import limits
from peristal.core.program import (
    BOTH,
    HOLD,
    LONGEST_STEP_MS,
    MAX_ROWS,
    MAX_SHARE,
    MOST_LESS_MMHG,
    MOST_REPEATS,
    RAMP,
    REACHED,
    REPEAT,
    ROW,
    TIME,
    ZONES,
    ProgramError,
    number_of,
)  # fmt: skip
from peristal.core.units import pa
from peristal.core.walk import Walk

ENDS = (REACHED, TIME, BOTH, REPEAT, TIME + RAMP, BOTH + RAMP)


def check(program, set_pa=0, reach=None):
    """Raises ProgramError unless the program ends, stays in its zones, rests, and keeps no zone under pressure for too long.

    reach: how long this hardware takes to fill and vent (see reach.py), which also makes steps longer that are too short for it.
    Without it only the program's own times count, at the highest pressure it is meant for. Returns the walk.
    """
    _header(program)
    filled = 0
    for step in range(program.length()):
        filled |= _step(program, step)
    if not filled:
        raise ProgramError("program: no step fills a zone; allowed: one or more")
    walk = Walk(program, set_pa or pa(program.pressure_mmhg[1]), reach)
    walk.cycle()
    return walk


def _header(program):
    count = program.length()
    if not 1 <= count <= MAX_ROWS:
        raise ProgramError("program: %d steps; allowed: 1 to %d" % (count, MAX_ROWS))
    if not 1 <= program.zones <= ZONES:
        raise ProgramError("program: %d zones; allowed: 1 to %d" % (program.zones, ZONES))
    for name in ("pressure_mmhg", "minutes"):
        low, high = getattr(program, name)
        if low > high or limits.refuse(name, low) or limits.refuse(name, high):
            raise ProgramError("%s: %d to %d; allowed: within %d to %d" % (name, low, high, limits.lowest(name), limits.highest(name)))
    why = limits.refuse("pressed_s", program.pressed_s)
    if why:
        raise ProgramError(why)
    if max(program.less_mmhg) > MOST_LESS_MMHG:
        raise ProgramError("less: %d mmHg; allowed: 0 to %d mmHg" % (max(program.less_mmhg), MOST_LESS_MMHG))


def _step(program, step):
    """Whether the step fills a zone."""
    rows = program.rows
    at = step * ROW
    end = rows[at + ZONES]
    number = number_of(rows, step)
    if end not in ENDS:
        raise ProgramError("step %d: end %d; allowed: %s" % (step + 1, end, ENDS))
    if end == REPEAT:
        back = rows[at + ZONES + 3]
        if not 1 <= back <= step or not 2 <= number <= MOST_REPEATS:
            raise ProgramError(
                "step %d: repeats %d steps %d times; allowed: 1 to %d steps, 2 to %d times" % (step + 1, back, number, step, MOST_REPEATS)
            )
        for inner in range(step - back, step):
            if rows[inner * ROW + ZONES] == REPEAT:
                raise ProgramError("step %d: repeats a repeat (step %d); allowed: plain steps" % (step + 1, inner + 1))
        return 0
    if end != REACHED and not 1 <= number <= LONGEST_STEP_MS // 100:
        raise ProgramError("step %d: lasts %d00 ms; allowed: 100 to %d ms" % (step + 1, number, LONGEST_STEP_MS))
    filled = 0
    for zone in range(program.zones):
        action = rows[at + zone]
        if action != HOLD:
            filled |= action
        if action != HOLD and action > MAX_SHARE:
            raise ProgramError("step %d: zone %d asks for %d %%; allowed: 1 to %d %%" % (step + 1, zone + 1, action, MAX_SHARE))
    return filled
