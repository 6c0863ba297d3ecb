"""Words that begin, adjust and end a session, and tell how it goes."""

from peristal.commands.rights import ADJUSTING, ALWAYS, ANYONE, AT_REST, FELT, OWNER, whole_number
from peristal.core import faults, gestures, limits
from peristal.core.states import BREATHING, FINISHING, NAMES, PAUSED, PREFLIGHT, RUNNING
from peristal.core.units import mmhg


def _status(app, words):
    session = app.session
    going = session.active or session.state in (PREFLIGHT, PAUSED, BREATHING)
    zones = ",".join([str(mmhg(probable_pa)) for probable_pa in app.regulator.estimate.pa])
    return "ok state=%s program=%s pressure_mmhg=%d cycle=%d left_s=%d fault=%d zones_mmhg=%s" % (
        NAMES[session.state],
        session.program,
        session.pressure_mmhg,
        session.sequencer.cycle if going else 0,
        session.seconds_left() if going else 0,
        app.guarding.fault,
        zones,
    )


def _state(app):
    return "ok state=" + NAMES[app.session.state]


def air_may_not_move(app):
    """Why no command may put air into the sleeves now, or None."""
    if app.panel.button.down:
        return "button: it is held down; let it go first"
    if app.guarding.pressurised:
        return "pressure: there is still air in the sleeves; wait until it is out"
    return None


def start(app, words):
    """Begins a session: [program] [mmhg] [minutes]."""
    session = app.session
    why = air_may_not_move(app)
    if why is None and words and words[0].isdigit():
        words = [None] + words  # without a program: the last one
        if len(words) > 3:
            why = "minutes: %r is one number too many; usage: start [program] [mmhg] [minutes]" % words[3]
    if why is None:
        before = session.row, session.pressure_mmhg, session.minutes
        why = session.choose(
            words[0] if words else None,
            whole_number(words[1]) if len(words) > 1 else None,
            whole_number(words[2]) if len(words) > 2 else None,
        ) or session.start()
        if why:
            session.row, session.pressure_mmhg, session.minutes = before
    if why:
        return "error: " + why
    answer = "ok state=%s program=%s pressure_mmhg=%d minutes=%d" % (
        NAMES[session.state], session.program, session.pressure_mmhg, session.minutes,
    )  # fmt: skip
    says = session.sequencer.says
    return ("  " + says, answer) if says else answer


def _stop(app, words):
    app.session.act(gestures.STOP)
    return _state(app)


def _pause(app, words):
    app.session.act(gestures.PAUSE)
    return _state(app)


def _resume(app, words):
    why = air_may_not_move(app)
    if why:
        return "error: " + why
    app.session.act(gestures.RESUME)
    return _state(app)


def _plus(app, words):
    return _step(app, limits.PRESSURE_STEP_MMHG)


def _minus(app, words):
    return _step(app, -limits.PRESSURE_STEP_MMHG)


def _step(app, step_mmhg):
    why = app.session.step(step_mmhg)
    return "error: " + why if why else "ok pressure_mmhg=%d" % app.session.pressure_mmhg


def _notices(app, words):
    bits = app.session.notices
    names = [faults.name(number) for number in faults.numbers(bits)]
    return "ok notices=%d %s" % (bits, "; ".join(names) or "none")


def _tingling(app, words):
    app.session.act(gestures.TINGLING)
    return "ok vented and locked; the button clears it"


COMMANDS = (
    ("status", "", "state, program, pressure, cycle, time left, fault, zones", ALWAYS, ANYONE, _status),
    ("start", "[program] [mmhg] [minutes]", "begins a session", AT_REST, OWNER, start),
    ("stop", "", "ends the session, lets the air out", ALWAYS, ANYONE, _stop),
    ("pause", "", "lets the air out, keeps the place", (RUNNING, FINISHING), OWNER, _pause),
    ("resume", "", "goes on at the same place", (PAUSED,), OWNER, _resume),
    ("+", "", "5 mmHg more", ADJUSTING, OWNER, _plus),
    ("-", "", "5 mmHg less", ADJUSTING, OWNER, _minus),
    ("tingling", "", "lets the air out and locks until the button", FELT, OWNER, _tingling),
    ("notices", "", "what was noticed in this session", ALWAYS, ANYONE, _notices),
)
