"""Every fault that the campaign plants: how, when, where, and as which row of the fault classes.

Under which names it may be reported stands in tools/fault_classes.py, from which SAFETY.md says the same to people: a name is right
here when the document says so, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from host_tests import crash_kinds
from host_tests import fault_plants as plants
from host_tests.fault_scene import TOPOLOGIES, Scene
from tools.fault_classes import UNSEEN, told

MANIFOLD, ZONE_SENSORS, INDEPENDENT = TOPOLOGIES
OWN_SENSORS = frozenset((ZONE_SENSORS, INDEPENDENT))
EVERYWHERE = frozenset(TOPOLOGIES)
NOWHERE: frozenset[str] = frozenset()
RUNNING_S = (8.0, 70.0)
HORIZON_S = 200.0
"""Slow pumps take a minute for a first fill, and the broken zone may be the last."""
TWO_CYCLES_S = 300.0
"""What shows against its trend needs two more cycles: at most 90 s under pressure and a rest of 30 s each. So does what is there from the
start and shows where its zone is full alone: of ten zones the last may have its first pressure after 200 s, and so long a weak pump may
need for the slack of four. A seat shows where the line has less than the zone, or more, for long enough."""

SLOW_CYCLES_S = 450.0
"""The same where a release must have been slower twice: with ten zones and a slow pump a cycle lasts 150 s."""


@dataclass(frozen=True)
class Kind:
    """`plant(scene)` plants it, as soon as `when(scene)` holds after a moment drawn from `at_s`.

    `names`: what may be reported, by topology; a topology that is not in it is not planted with it. `horizon_s`: how long the firmware
    has to see it. `off_s`: for crashes, the longest until every actuator pin is low. `zones`: the fewest that the board must have.
    `limits_air`: the fault itself keeps air in. `curable`: letting some air out is answer enough; then nothing need be reported, but
    no other name may be. `blind`: topologies on which nothing tells of the pressure from before the first fill on; there the relief
    valve is the limit. `starts`: a person presses the button for a session. `used`: in a zone that the program gives pressure: in any
    other it could neither be felt nor seen. `local`: topologies on which the part belongs to that zone, so that no other may be named.
    """

    name: str
    plant: Callable[[Scene], None]
    names: dict[str, frozenset[str]]
    when: Callable[[Scene], bool] = Scene.runs
    at_s: tuple[float, float] = RUNNING_S
    horizon_s: float = HORIZON_S
    off_s: float | None = None
    limits_air: bool = False
    curable: bool = False
    blind: frozenset[str] = NOWHERE
    starts: bool = True
    zones: int = 1
    used: bool = False
    local: frozenset[str] = NOWHERE
    programs: tuple[str, ...] = ()
    wait_s: float = 0.0


def only(names: dict[str, frozenset[str]], *topologies: str) -> dict[str, frozenset[str]]:
    """Planted on these topologies alone."""
    return {topology: names[topology] for topology in topologies}


def always(scene: Scene) -> bool:
    """At once."""
    return True


def crash(name: str, plant: Callable[[Scene], None], cause: str, off_s: float, horizon_s: float = 30.0) -> Kind:
    """A crash, which ends the session whatever the topology."""
    return Kind(name, plant, told(cause), horizon_s=horizon_s, off_s=off_s)


BEFORE = (0.0, 0.0)
AT_FIRST = (0.5, 1.0)
START_UP_S = 20.0
SHORT_HOLDS = ("wave", "flush", "staggered")
ONE_AFTER_THE_OTHER = ("sequential", "wave", "gradient", "flush", "isolate", "staggered")
TWO_CYCLES_BEFORE_S = 200.0

KINDS: tuple[Kind, ...] = (
    # pressure
    Kind("limb presses", plants.squeeze(30, 50), told("somebody sits on a leg"), Scene.pressed, curable=True),
    Kind("limb presses hard", plants.squeeze(70, 110), told("somebody sits on a leg"), Scene.pressed, curable=True),
    Kind("regulator overfills", plants.regulator_misled, told("a regulator that overfills"), Scene.shows_nothing, curable=True),
    Kind(
        "inlet's seat leaks",
        plants.seat_leaks,
        told("a valve's seat leaks"),
        Scene.holds_beside_a_line,
        horizon_s=TWO_CYCLES_S,
        zones=2,
        used=True,
        local=EVERYWHERE,
    ),
    # sensors
    Kind("sensor open", plants.sensor_fault("open"), told("a sensor's wire off"), local=OWN_SENSORS),
    Kind("sensor shorted", plants.sensor_fault("short"), told("a sensor shorted to its supply"), local=OWN_SENSORS),
    Kind(
        "sensor frozen in a fill",
        plants.sensor_fault("frozen"),
        told("a sensor that freezes in a fill"),
        Scene.fills_well,
        used=True,
        local=OWN_SENSORS,
    ),
    Kind(
        "sensor stuck",
        plants.sensor_fault("frozen"),
        told("a sensor dead from the start"),
        always,
        AT_FIRST,
        blind=frozenset((MANIFOLD, INDEPENDENT)),  # with a sensor on the line and on the zone the other one tells
        local=OWN_SENSORS,
    ),
    Kind("sensor's zero drifted up", plants.sensor_moved(10, 14), told("a sensor's zero too high"), always, BEFORE),
    Kind("sensor's zero drifted down", plants.sensor_moved(-20, -10), told("a sensor's zero too low"), always, BEFORE),
    Kind("sensor's contact loose", plants.sensor_jumps, told("a loose contact of a sensor"), local=OWN_SENSORS),
    Kind("sensor not read", plants.sensor_not_read, told("a sensor that is not read"), local=OWN_SENSORS),
    Kind(
        "sensor reads low",
        plants.sensor_share(0.5, 0.7),
        only(told("a sensor that shows a wrong share"), ZONE_SENSORS),
        always,
        AT_FIRST,
        TWO_CYCLES_S,
        used=True,
        local=EVERYWHERE,
    ),
    Kind(
        "sensor reads high",
        plants.sensor_share(1.4, 1.7),
        only(told("a sensor that shows a wrong share"), ZONE_SENSORS),
        always,
        AT_FIRST,
        TWO_CYCLES_S,
        used=True,
        local=EVERYWHERE,
    ),
    # sleeves and hoses
    Kind("hose unplugged", plants.unplug, told("a hose unplugged"), used=True, local=EVERYWHERE),
    Kind("hose kinked", plants.kink, told("a hose kinked"), limits_air=True, used=True, local=EVERYWHERE),
    Kind("sleeves not worn", plants.not_worn, told("sleeves not worn"), always, BEFORE),
    Kind("seam bursts", plants.burst, told("a seam bursts"), Scene.reached, used=True, local=EVERYWHERE),
    Kind(
        "leak, small",
        plants.leak(14, 22),
        told("a small leak"),
        Scene.kept_long_alone,
        horizon_s=TWO_CYCLES_S,
        used=True,
        local=EVERYWHERE,
    ),
    Kind("leak, large", plants.leak(60, 120), told("a large leak"), Scene.kept_long, used=True, local=EVERYWHERE),
    # valves
    Kind(
        "zone valve stays shut",
        plants.fill_valve("closed"),
        told("a zone's valve stays shut"),
        limits_air=True,
        used=True,
        local=EVERYWHERE,
    ),
    Kind("zone valve stays open", plants.fill_valve("open"), told("a zone's valve stays open"), Scene.fills_another, zones=2),
    Kind(
        "way out stays shut",
        plants.out_valve("closed"),
        told("the way out stays shut"),
        Scene.holds,
        limits_air=True,
        used=True,
        local=frozenset((INDEPENDENT,)),
    ),
    Kind(
        "way out stays open",
        plants.out_valve("open"),
        told("the way out stays open"),
        horizon_s=TWO_CYCLES_S,
        used=True,
        local=frozenset((INDEPENDENT,)),
    ),
    Kind(
        "way out clogged",
        plants.clog,
        told("the way out clogged"),
        plants.clogs,
        (60.0, 130.0),
        SLOW_CYCLES_S,
        limits_air=True,
        used=True,
        wait_s=TWO_CYCLES_BEFORE_S,
    ),
    Kind("zone valves crossed", plants.cross_fill, told("two zones' valves crossed"), always, BEFORE, zones=2),
    Kind("zone valve and way out crossed", plants.cross_out, told("a zone's valve and a way out crossed"), always, BEFORE),
    # pump and supply
    Kind("pump weak", plants.weak_pump(0.2, 0.35), told("a weak pump"), always, BEFORE, TWO_CYCLES_S),
    Kind("pump dead", plants.weak_pump(0.0, 0.0), told("a dead pump")),
    Kind("pump will not stop", plants.pump_shorted, told("a pump that does not stop: switch shorted, or pin stuck")),
    Kind("12 V dips", plants.dip, told("12 V that fails or sags"), Scene.two_pressed),
    Kind("12 V sags for good", plants.brown_out, told("12 V that fails or sags"), Scene.two_pressed),
    # time
    Kind("zone too long under pressure", plants.never_steps_on, told("a zone kept under pressure"), Scene.stays_pressed),
    Kind("session too long", plants.clock_stands, told("a session without end")),
    # code
    Kind("ticks late", plants.late_ticks, told("ticks late")),
    crash("tick hangs", plants.short_hang, "a tick that hangs", crash_kinds.DEADMAN_S),
    crash("hang in Python", plants.any_step("hang in Python"), "a hang", crash_kinds.DEADMAN_S),
    crash("hang below Python", plants.any_step("hang below Python"), "a hang", crash_kinds.WATCHDOG_S),
    crash("exception", plants.any_step("exception"), "an exception", crash_kinds.ALL_OFF_S),
    crash("panic or reset pin", plants.crash("panic or reset pin"), "a panic, or a reset that nobody wanted", crash_kinds.START_UP_S),
    crash("reset storm", plants.resets, "resets again and again", crash_kinds.START_UP_S, 120.0),
    # files and fingers
    Kind("settings damaged", plants.garbage("settings.json"), told("settings damaged"), always, BEFORE, START_UP_S),
    Kind("button held at power-up", plants.button_held, told("the button held at power-up"), always, BEFORE, START_UP_S, starts=False),
    # each newer kind behind the older ones, so that the runs of a round keep their order
    Kind("pump weakens", plants.weak_pump(0.2, 0.5), told("a pump that weakens"), Scene.fills_again, horizon_s=TWO_CYCLES_S, used=True),
    Kind(
        "limb presses a zone that is shut",
        plants.squeeze(70, 110),
        only(told("somebody sits on a leg"), MANIFOLD),
        Scene.holds_while_another_fills,
        curable=True,
        zones=2,
        used=True,
    ),
    Kind(
        "fill path narrowed",
        plants.narrow,
        told("a hose or valve too narrow for its fill"),
        Scene.vented_once,
        horizon_s=TWO_CYCLES_S,
        limits_air=True,
        used=True,
        local=EVERYWHERE,
    ),
    Kind(
        "leak, large, in a short hold",
        plants.leak(60, 120),
        told("a large leak in a short hold"),
        Scene.kept_shortly,
        horizon_s=TWO_CYCLES_S,
        used=True,
        local=EVERYWHERE,
        programs=SHORT_HOLDS,
        wait_s=TWO_CYCLES_BEFORE_S,
    ),
    Kind(
        "12 V dips, one zone pressed",
        plants.dip,
        told("12 V that fails while one zone has pressure"),
        Scene.one_holds,
        curable=True,
        used=True,
        programs=ONE_AFTER_THE_OTHER,
    ),
    Kind("program damaged", plants.program_damaged, told("a stored program damaged"), always, BEFORE, START_UP_S),
    Kind(
        "file damaged",
        plants.garbage("learned.json", "record.json", "journal.json"),
        told("learned values, record or journal damaged"),
        always,
        BEFORE,
        START_UP_S,
    ),
    Kind(
        "pump weakens at first",
        plants.weak_pump(0.2, 0.5),
        told("a pump that weakens before its first cycle is over"),
        Scene.fills_well,
        curable=True,
        used=True,
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}

__all__ = ["BEFORE", "BY_NAME", "KINDS", "UNSEEN", "Kind"]
