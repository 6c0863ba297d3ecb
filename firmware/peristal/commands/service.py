"""Words for the bench: faults, what was learned, calibration, and how the zones are."""

from peristal.commands.rights import ALWAYS, ANYONE, AT_REST, LOCAL, OWNER, whole_number
from peristal.core import faults, journal, limits
from peristal.core.units import NONE, mmhg, pa


def _fault(app, words):
    guard = app.guarding
    return "ok " + ("fault 0 none" if guard.fault == faults.OK else faults.line(guard.fault, guard.fault_zone))


def _clear(app, words):
    fault = app.guarding.fault
    if fault == faults.OK:
        return "error: clear: there is no fault"
    # Whoever clears a fault of the hardware has to stand beside it.
    return "error: clear: fault %d %s is cleared by %s, never from the console" % (fault, faults.name(fault), faults.cleared_by(fault))


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
    number, true_mmhg = whole_number(words[0]), whole_number(words[1])
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
    app.journal.add(journal.CALIBRATED, NONE, true_mmhg)
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


def _zones(app, words):
    guard = app.guarding
    test = app.session.self_test
    for zone in range(guard.net.n_zones):
        out = guard.left_out[zone]
        yield "  zone %d: taken_percent=%d leak_mmhg_10s=%d vent_ms=%d %s" % (
            zone + 1, max(0, test.taken_permille[zone] // 10), mmhg(guard.leaks.leak_pa[zone]), guard.trends.vent_ms[zone],
            "left out: " + faults.name(out) if out else "ok",
        )  # fmt: skip
    yield "ok zones=%d tested=%d%s" % (guard.net.n_zones, test.done, " testing" if app.session.testing else "")


COMMANDS = (
    ("fault", "", "the fault and what to do", ALWAYS, ANYONE, _fault),
    ("clear", "", "says how the fault is cleared", ALWAYS, OWNER, _clear),
    ("learned", "", "what was learned of each zone", ALWAYS, ANYONE, _learned),
    ("forget", "", "forgets what was learned", AT_REST, OWNER, _forget),
    ("calibrate", "SENSOR MMHG", "the true pressure now; 0 is the zero", ALWAYS, LOCAL, _calibrate),
    ("zones", "", "self-test, leak and vent time of each zone", ALWAYS, ANYONE, _zones),
)
