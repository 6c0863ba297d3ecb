"""Words that tell how the zones are: self-test, leaks, vent times."""

from peristal.commands.rights import ALWAYS, ANYONE
from peristal.core import faults
from peristal.core.units import mmhg


def _zones(app, words):
    guard = app.guarding
    test = app.session.self_test
    wear = guard.wear
    for zone in range(guard.net.n_zones):
        out = guard.left_out[zone]
        yield "  zone %d: taken_percent=%d leak_mmhg_10s=%d vent_ms=%d %s" % (
            zone + 1, max(0, test.taken_permille[zone] // 10), mmhg(wear.leak_pa[zone]), wear.vent_ms[zone],
            "left out: " + faults.name(out) if out else "ok",
        )  # fmt: skip
    yield "ok zones=%d tested=%d%s" % (guard.net.n_zones, test.done, " testing" if app.session.testing else "")


COMMANDS = (("zones", "", "self-test, leak and vent time of each zone", ALWAYS, ANYONE, _zones),)
