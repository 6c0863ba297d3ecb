"""The line console: one table of commands, the same for USB serial and for Bluetooth.

A line is a command and its arguments. Its answer ends with exactly one line that begins with "ok" or "error: "; the lines
of a list come before it and begin with two spaces. What is refused has changed nothing.
"""

from peristal.core import builders, faults, gestures, limits
from peristal.core.states import DONE, FAULT, FINISHING, IDLE, NAMES, PAUSED, PREFLIGHT, RUNNING
from peristal.core.units import mmhg, pa

# Who may: whoever is connected; an authorised link; USB, or a service mode that the button opened.
ANYONE, OWNER, LOCAL = range(3)
WHO = ("", "only for a paired device", "only over USB, or in a service mode that the button opens")

ALWAYS = (IDLE, PREFLIGHT, RUNNING, PAUSED, FINISHING, DONE, FAULT)
AT_REST = (IDLE, DONE)
ADJUSTING = (IDLE, DONE, RUNNING)


def _help(app, words):
    return ["  %s - %s" % ((row[0] + " " + row[1]).rstrip(), row[2]) for row in COMMANDS] + ["ok commands=%d" % len(COMMANDS)]


def _status(app, words):
    session = app.session
    going = session.active or session.state == PAUSED
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


def _air_may_not_move(app):
    """Why no command may put air into the sleeves now, or None."""
    if app.panel.button.down:
        return "button: it is held down; let it go first"
    if app.guarding.pressurised:
        return "pressure: there is still air in the sleeves; wait until it is out"
    return None


def _number(word):
    """A whole number, or the word as it is: the limits refuse what is no number."""
    digits = word[1:] if word[:1] == "-" else word
    return int(word) if digits.isdigit() else word


def _start(app, words):
    session = app.session
    why = _air_may_not_move(app)
    if why is None and words and words[0].isdigit():
        words = [None] + words  # without a program: the last one
        if len(words) > 3:
            why = "minutes: %r is one number too many; usage: start [program] [mmhg] [minutes]" % words[3]
    if why is None:
        why = session.choose(
            words[0] if words else None,
            _number(words[1]) if len(words) > 1 else None,
            _number(words[2]) if len(words) > 2 else None,
        )
    if why:
        return "error: " + why
    session.start()
    return "ok state=%s program=%s pressure_mmhg=%d minutes=%d" % (
        NAMES[session.state], session.program, session.pressure_mmhg, session.minutes,
    )  # fmt: skip


def _stop(app, words):
    app.session.act(gestures.STOP)
    return _state(app)


def _pause(app, words):
    app.session.act(gestures.PAUSE)
    return _state(app)


def _resume(app, words):
    why = _air_may_not_move(app)
    if why:
        return "error: " + why
    app.session.act(gestures.RESUME)
    return _state(app)


def _plus(app, words):
    return _step(app, limits.PRESSURE_STEP_MMHG, gestures.PLUS)


def _minus(app, words):
    return _step(app, -limits.PRESSURE_STEP_MMHG, gestures.MINUS)


def _step(app, step_mmhg, action):
    why = limits.refuse("pressure_mmhg", app.session.pressure_mmhg + step_mmhg)
    if why:
        return "error: " + why
    app.session.act(action)
    return "ok pressure_mmhg=%d" % app.session.pressure_mmhg


def _programs(app, words):
    lines = []
    for number, name in enumerate(builders.names()):
        lines.append("  %d %s%s" % (number + 1, name, " (chosen)" if name == app.session.program else ""))
    return lines + ["ok programs=%d" % len(lines)]


def _set_program(app, words):
    why = app.session.choose(program=words[0])
    return "error: " + why if why else "ok program=" + app.session.program


def _set_pressure(app, words):
    session = app.session
    why = session.choose(pressure_mmhg=_number(words[0]))
    if why:
        return "error: " + why
    if session.state == RUNNING:
        session.sequencer.set_pressure(pa(session.pressure_mmhg))  # lower at once, higher from the next step
    return "ok pressure_mmhg=%d" % session.pressure_mmhg


def _set_minutes(app, words):
    why = app.session.choose(minutes=_number(words[0]))
    return "error: " + why if why else "ok minutes=%d" % app.session.minutes


def _set_quiet(app, words):
    word = words[0].lower()
    if word not in ("on", "off"):
        return "error: quiet: %r is not allowed; allowed: on, off" % words[0]
    why = app.session.choose(quiet=word == "on")
    return "error: " + why if why else "ok quiet=" + word


def _notices(app, words):
    bits = app.session.notices
    names = [faults.NOTICES[bit][0] for bit in sorted(faults.NOTICES) if bits & bit]
    return "ok notices=%d %s" % (bits, "; ".join(names) or "none")


def _fault(app, words):
    guard = app.guarding
    return "ok " + ("fault 0 none" if guard.fault == faults.OK else faults.line(guard.fault, guard.fault_zone))


def _clear(app, words):
    fault = app.guarding.fault
    if fault == faults.OK:
        return "error: clear: there is no fault"
    # Whoever clears a fault of the hardware has to stand beside it.
    return "error: clear: fault %d %s is cleared by %s, never from the console" % (fault, faults.FAULTS[fault][0], faults.FAULTS[fault][2])


def _forget(app, words):
    app.forget_learned()
    return "ok forgotten"


def _learned(app, words):
    learned = app.regulator.learned
    lines = []
    for zone in range(len(learned.over_pa)):
        if learned.over_at_pa[zone] < 0:
            text = "nothing yet"
        else:
            drop, at, rate = mmhg(learned.over_pa[zone]), mmhg(learned.over_at_pa[zone]), mmhg(learned.rate_pa_s[zone])
            text = "over_mmhg=%d at_mmhg=%d rate_mmhg_s=%d" % (drop, at, rate)
        lines.append("  zone %d: %s" % (zone + 1, text))
    return lines + ["ok zones=%d" % len(lines)]


def _calibrate(app, words):
    sensing = app.sensing
    number, true_mmhg = _number(words[0]), _number(words[1])
    if not (isinstance(number, int) and 1 <= number <= sensing.count):
        return "error: sensor: %r is not allowed; allowed: 1 to %d" % (number, sensing.count)
    if not (isinstance(true_mmhg, int) and 0 <= true_mmhg <= limits.CAP_MMHG):
        return "error: calibrate_mmhg: %r is not allowed; allowed: 0, or %d to %d mmHg" % (
            true_mmhg, limits.lowest("calibrate_mmhg"), limits.highest("calibrate_mmhg"),
        )  # fmt: skip
    if app.drive.pump_permille:
        return "error: calibrate: the pump is running; wait for a hold"
    why = sensing.calibrate(number - 1, pa(true_mmhg)) if true_mmhg else _take_zero(app, number - 1)
    if why:
        return "error: " + why
    app.session.changed = True
    return "ok sensor=%d calibrated_mmhg=%d" % (number, true_mmhg)


def _take_zero(app, sensor):
    """The first point: what the sensor reads now, with everything vented, is its commissioning zero. Why not, or None."""
    sensing = app.sensing
    if app.guarding.vented_ms <= app.guarding.vent_ms or sensing.fault[sensor]:
        return "zero: everything has to be vented and the sensor healthy"
    mv16 = sensing.mv16[sensor]
    if not sensing.in_datasheet(sensor, mv16):
        nominal = sensing.nominal16[sensor] >> 4
        return "zero_mv: %d is not allowed; the datasheet's is %d, see zero_error_mv in board.py" % (mv16 >> 4, nominal)
    sensing.set_zero(sensor, mv16)
    app.session.preflight.commissioned16[sensor] = mv16
    return None


# (command, arguments ([] may be left out), one line of help, allowed in which states, who may, what it does)
COMMANDS = (
    ("help", "", "this list", ALWAYS, ANYONE, _help),
    ("status", "", "state, program, pressure, cycle, time left, fault, zones", ALWAYS, ANYONE, _status),
    ("start", "[program] [mmhg] [minutes]", "begins a session", AT_REST, OWNER, _start),
    ("stop", "", "ends the session, lets the air out", ALWAYS, ANYONE, _stop),
    ("pause", "", "lets the air out, keeps the place", (RUNNING, FINISHING), OWNER, _pause),
    ("resume", "", "goes on at the same place", (PAUSED,), OWNER, _resume),
    ("+", "", "5 mmHg more", ADJUSTING, OWNER, _plus),
    ("-", "", "5 mmHg less", ADJUSTING, OWNER, _minus),
    ("programs", "", "lists the programs", ALWAYS, ANYONE, _programs),
    ("set program", "NAME", "chooses the program", AT_REST, OWNER, _set_program),
    ("set pressure", "MMHG", "the pressure, also while running", ADJUSTING, OWNER, _set_pressure),
    ("set minutes", "MINUTES", "the session's length, also while running", ADJUSTING, OWNER, _set_minutes),
    ("set quiet", "on|off", "a slower, quieter pump", AT_REST, OWNER, _set_quiet),
    ("notices", "", "what was noticed in this session", ALWAYS, ANYONE, _notices),
    ("fault", "", "the fault and what to do", ALWAYS, ANYONE, _fault),
    ("clear", "", "says how the fault is cleared", ALWAYS, OWNER, _clear),
    ("learned", "", "what was learned of each zone", ALWAYS, ANYONE, _learned),
    ("forget", "", "forgets what was learned", AT_REST, OWNER, _forget),
    ("calibrate", "SENSOR MMHG", "the true pressure now; 0 is the zero", ALWAYS, LOCAL, _calibrate),
)
_ROWS = {row[0]: row for row in COMMANDS}


class Console:
    """run() carries out lines. app has session, guarding, regulator, sensing, drive, panel and forget_learned()."""

    def __init__(self, app):
        self._app = app

    def run(self, line, rights):
        """Carries out one line (ASCII) for somebody with these rights; returns the lines of the answer (none for an empty one)."""
        words = line.split()
        if not words:
            return ()
        name = words[0].lower()  # a phone's keyboard begins a line with a capital
        row = _ROWS.get(name + " " + words[1].lower()) if len(words) > 1 else None
        if row is None:
            row = _ROWS.get(name)
        if row is None:
            name = " ".join(words[:2]) if name == "set" else words[0]
            return ("error: command: %r is not known; help lists them" % name,)
        answer = self._refuse(row, words, rights) or row[5](self._app, words[row[0].count(" ") + 1 :])
        return (answer,) if isinstance(answer, str) else answer

    def _refuse(self, row, words, rights):
        """The error line of a command that may not be carried out now, or with these arguments; else None."""
        name, arguments, _, states, who, _ = row
        guard = self._app.guarding
        state = self._app.session.state
        given = len(words) - name.count(" ") - 1
        wanted = arguments.split()
        least = len([argument for argument in wanted if argument[0] != "["])
        if who > rights:
            return "error: %s: %s" % (name, WHO[who])
        if not least <= given <= len(wanted):
            return "error: %s: usage: %s" % (name, (name + " " + arguments).rstrip())
        if guard.fault != faults.OK and FAULT not in states:
            return "error: %s: fault %d %s is latched; cleared by %s" % (
                name, guard.fault, faults.FAULTS[guard.fault][0], faults.FAULTS[guard.fault][2],
            )  # fmt: skip
        if state not in states:
            return "error: %s: not while %s; allowed while %s" % (name, NAMES[state], ", ".join([NAMES[one] for one in states]))
        return None
