"""What a program has to be before it may run. Each refusal is a ProgramError that names the step and what is allowed."""

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
    VENT,
    ZONES,
    ProgramError,
    number_of,
)

REST_MS = limits.lowest("rest_s") * 1000
ENDS = (REACHED, TIME, BOTH, REPEAT, TIME + RAMP, BOTH + RAMP)


def check(program):
    """Raises ProgramError unless the program ends, stays in its zones and lets every zone rest in each cycle."""
    _header(program)
    rested_ms = [0] * program.zones
    for step in range(program.length()):
        _step(program, step, rested_ms)
    for zone in range(program.zones):
        if rested_ms[zone] < REST_MS:
            raise ProgramError("zone %d: rests %d ms in a cycle; allowed: at least %d ms" % (zone + 1, rested_ms[zone], REST_MS))


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


def _step(program, step, rested_ms):
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
        return
    if end != REACHED and not 1 <= number <= LONGEST_STEP_MS // 100:
        raise ProgramError("step %d: lasts %d00 ms; allowed: 100 to %d ms" % (step + 1, number, LONGEST_STEP_MS))
    for zone in range(program.zones):
        action = rows[at + zone]
        if action != HOLD and action > MAX_SHARE:
            raise ProgramError("step %d: zone %d asks for %d %%; allowed: 1 to %d %%" % (step + 1, zone + 1, action, MAX_SHARE))
        if action == VENT and end != REACHED:
            rested_ms[zone] += number * 100
