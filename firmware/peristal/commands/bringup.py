"""Words that bring a board up: list the steps, run one, answer what it asks."""

from peristal.commands.rights import ALWAYS, ANYONE, LOCAL, whole_number
from peristal.commands.session import air_may_not_move
from peristal.core import faults, limits
from peristal.core.gate import STEPS
from peristal.core.states import BRINGUP, DONE, FAULT, IDLE

ASKS = ("none", "yes_no", "mmhg", "cut")  # by the numbers of core/bringup.py


def _bringup(app, words):
    gate, running = app.session.gate, app.session.bringup
    missing = gate.missing()
    for step, name in enumerate(STEPS):
        what = "passed"
        if running is not None and running.step == step:
            what = "running: " + running.says
        elif gate.failed == step:
            what = "failed: " + gate.why
        elif name in missing:
            what = "next" if name == missing[0] else "missing"
        yield "  %d %s %s" % (step + 1, name, what)
    yield "ok bringup=%s passed=%d steps=%d step=%s asks=%s" % (
        "running" if running is not None else "missing" if missing else "passed",
        len(STEPS) - len(missing),
        len(STEPS),
        STEPS[running.step] if running is not None else "none",
        ASKS[running.asks if running is not None else 0],
    )


def _run(app, words):
    missing = app.session.gate.missing()
    name = words[0].lower() if words else missing[0] if missing else ""
    if name not in STEPS:
        return "error: step: %r is not allowed; allowed: %s" % (name, ", ".join(STEPS)) if name else "error: bringup: everything is passed"
    if missing and STEPS.index(missing[0]) < STEPS.index(name):
        return "error: bringup: %s comes before %s" % (missing[0], name)
    why = _zero_is_off(app) or _fault(app.guarding) or air_may_not_move(app)
    if why:
        return "error: " + why
    step = STEPS.index(name)
    app.bring_up(step)
    on = "a bottle" if step < STEPS.index("leak") else "sleeves around a rolled towel"
    return "ok step=%s hoses on %s, never on a leg" % (name, on)


def _zero_is_off(app):
    """A sensor that shows pressure with everything open: said here, because nothing may be run then. None: no such one."""
    sensing = app.sensing
    if app.guarding.vented_ms > app.guarding.vent_ms and app.guarding.pressurised:
        for sensor in range(sensing.count):
            found = sensing.mv16[sensor]
            if not sensing.in_datasheet(sensor, found):
                says = "sensor %d reads %d mV with everything open, at 0 mmHg it should be about %d: look at its wires and board.py"
                return says % (sensor + 1, found >> 4, sensing.nominal16[sensor] >> 4)
    return None


def _fault(guard):
    return None if guard.fault == faults.OK else faults.line(guard.fault, guard.fault_zone)


def _answer(asks, value):
    """What carries out one of the answers."""

    def answer(app, words):
        running = app.session.bringup
        if running.asks != asks:
            return "error: bringup: nothing is asked that this answers"
        reading = whole_number(words[0]) if words else value
        why = limits.refuse("calibrate_mmhg", reading) if words else None
        if why:
            return "error: " + why
        running.answer = reading
        return "ok"

    return answer


COMMANDS = (
    ("bringup", "", "the steps that a new board has to pass", ALWAYS, ANYONE, _bringup),
    ("bringup run", "[STEP]", "runs the next step, or this one", (IDLE, DONE, FAULT), LOCAL, _run),
    ("yes", "", "answers the bring-up", (BRINGUP,), LOCAL, _answer(1, 1)),
    ("no", "", "answers the bring-up", (BRINGUP,), LOCAL, _answer(1, 0)),
    ("again", "", "once more", (BRINGUP,), LOCAL, _answer(1, 2)),
    ("reads", "MMHG", "what the manometer reads", (BRINGUP,), LOCAL, _answer(2, 0)),
)
