"""Every fault that the campaign plants: how, when, and under which names of the fault table it may be reported.

A name stands for what the wearer and the builder are told. Where a topology cannot tell faults apart, several names are right;
`UNSEEN` says that it cannot see the fault at all (then the session only has to stay safe).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from host_tests import crash_kinds
from host_tests import fault_plants as plants
from host_tests.fault_scene import TOPOLOGIES, Scene

MANIFOLD, ZONE_SENSORS, INDEPENDENT = TOPOLOGIES
UNSEEN: frozenset[str] = frozenset()
RUNNING_S = (8.0, 70.0)
HORIZON_S = 200.0
"""Slow pumps take a minute for a first fill, and the broken zone may be the last."""


@dataclass(frozen=True)
class Kind:
    """`plant(scene)` plants it, as soon as `when(scene)` holds after a moment drawn from `at_s`.

    `names`: what may be reported, by topology; a topology that is not in it cannot have the fault. `horizon_s`: how long the firmware
    has to see it. `off_s`: for crashes, the longest until every actuator pin is low. `zones`: the fewest that the board must have.
    `limits_air`: the fault itself keeps air in. `curable`: letting some air out is answer enough; then nothing need be reported, but
    no other name may be. `blind`: nothing tells of the pressure from before the first fill on; there the relief valve is the limit.
    `starts`: a person presses the button for a session.
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
    blind: bool = False
    starts: bool = True
    zones: int = 1


def everywhere(*names: str) -> dict[str, frozenset[str]]:
    """The same names on every topology."""
    return dict.fromkeys(TOPOLOGIES, frozenset(names))


def on(**names: str) -> dict[str, frozenset[str]]:
    """By topology: manifold, zone_sensors, independent; names parted by commas, "-" for UNSEEN."""
    keys = {"manifold": MANIFOLD, "zone_sensors": ZONE_SENSORS, "independent": INDEPENDENT}
    return {keys[key]: UNSEEN if text == "-" else frozenset(text.split(", ")) for key, text in names.items()}


def crash(name: str, plant: Callable[[Scene], None], names: str, off_s: float, horizon_s: float = 30.0) -> Kind:
    """A crash, which ends the session whatever the topology."""
    return Kind(name, plant, everywhere(*names.split(", ")), horizon_s=horizon_s, off_s=off_s)


BEFORE = (0.0, 0.0)
START_UP_S = 20.0

KINDS: tuple[Kind, ...] = (
    # pressure
    Kind("limb presses", plants.squeeze(30, 50), everywhere("over-pressure", "absolute pressure"), Scene.pressed, curable=True),
    Kind("limb presses hard", plants.squeeze(70, 110), everywhere("over-pressure", "absolute pressure"), Scene.pressed, curable=True),
    Kind("regulator overfills", plants.regulator_misled, on(
        manifold="over-pressure, absolute pressure, line pressure",
        zone_sensors="over-pressure, absolute pressure, line pressure, sensors disagree",  # the gains do differ
        independent="over-pressure, absolute pressure",
    ), curable=True),
    Kind(
        "inlet's seat leaks",
        plants.seat_leaks,
        on(
            manifold="leak, leaking, valve stuck open, over-pressure",
            zone_sensors="leak, leaking, valve stuck open, over-pressure",
            independent="leak, leaking, valve stuck open, over-pressure",
        ),
        Scene.holds,
        zones=2,
    ),
    # sensors
    Kind("sensor open", plants.sensor_fault("open"), everywhere("sensor low")),
    Kind("sensor shorted", plants.sensor_fault("short"), everywhere("sensor high")),
    Kind(
        "sensor frozen in a fill",
        plants.sensor_fault("frozen"),
        on(
            manifold="sensor frozen, sensor stuck, no answer, will not vent",
            zone_sensors="sensor frozen, sensor stuck, no answer, will not vent, no rise, sensors disagree",
            independent="sensor frozen, sensor stuck, no answer, will not vent, no rise",
        ),
        Scene.fills_well,
    ),
    Kind(
        "sensor stuck",
        plants.sensor_fault("frozen"),
        on(
            manifold="sensor stuck, sensor frozen, no answer",
            zone_sensors="sensor stuck, sensor frozen, no answer, no rise, sensors disagree",
            independent="sensor stuck, sensor frozen, no answer, no rise",
        ),
        blind=True,
        at_s=(0.5, 1.0),
        when=lambda scene: True,
    ),
    Kind("sensor's zero drifted up", plants.sensor_moved(10, 14), everywhere("sensor drift"), lambda scene: True, BEFORE),
    Kind("sensor's zero drifted down", plants.sensor_moved(-20, -10), everywhere("sensor drift", "sensor low"), lambda s: True, BEFORE),
    Kind(
        "sensor's contact loose",
        plants.sensor_jumps,
        on(
            manifold="implausible rate, sensor noisy, sensor low, sensor high",
            zone_sensors="implausible rate, sensor noisy, sensor low, sensor high",
            independent="implausible rate, sensor noisy, sensor low, sensor high",
        ),
    ),
    Kind("sensor not read", plants.sensor_not_read, everywhere("sensor stale")),
    Kind("sensor reads low", plants.sensor_share(0.5, 0.7), on(zone_sensors="sensors disagree"), at_s=(0.5, 1.0), when=lambda scene: True),
    Kind("sensor reads high", plants.sensor_share(1.4, 1.7), on(zone_sensors="sensors disagree"), at_s=(0.5, 1.0), when=lambda scene: True),
    # sleeves and hoses
    Kind("hose unplugged", plants.unplug, everywhere("no rise", "leak")),
    Kind("hose kinked", plants.kink, on(
        manifold="line pressure, valve stuck closed, will not vent",
        zone_sensors="line pressure, valve stuck closed, will not vent, sensors disagree",
        independent="valve stuck closed, no rise, will not vent",
    ), limits_air=True),
    Kind("sleeves not worn", plants.not_worn, everywhere("no rise", "fill too long", "no answer"), lambda scene: True, BEFORE),
    Kind("seam bursts", plants.burst, everywhere("leak", "no rise"), Scene.pressed),
    Kind("leak, small", plants.leak(14, 22), everywhere("leaking", "leak")),
    Kind("leak, large", plants.leak(60, 120), everywhere("leak", "no rise", "slow fill")),
    # valves
    Kind("zone valve stays shut", plants.fill_valve("closed"), on(
        manifold="line pressure, valve stuck closed, will not vent",
        zone_sensors="line pressure, valve stuck closed, will not vent, sensors disagree",
        independent="valve stuck closed, no rise",
    ), limits_air=True),
    Kind("zone valve stays open", plants.fill_valve("open"), on(
        manifold="valve stuck open, leak, leaking, slow fill, no answer",
        zone_sensors="valve stuck open, valves crossed, no answer",
        independent="valve stuck open, valves crossed, over-pressure, no answer",
    ), zones=2),
    Kind("way out stays shut", plants.out_valve("closed"), everywhere("will not vent", "valve stuck closed"), Scene.holds, limits_air=True),
    Kind("way out stays open", plants.out_valve("open"), everywhere("valve stuck open", "no rise", "leak", "no answer")),
    Kind("way out clogged", plants.clog, everywhere("vent slow", "will not vent"), at_s=(60.0, 130.0), limits_air=True),
    Kind("zone valves crossed", plants.cross_fill, on(
        manifold="-",
        zone_sensors="valves crossed",
        independent="valves crossed",
    ), lambda scene: True, BEFORE, zones=2),
    Kind("zone valve and way out crossed", plants.cross_out, everywhere(
        "valves crossed", "no rise", "no answer", "line pressure", "valve stuck closed", "valve stuck open"
    ), lambda scene: True, BEFORE),
    # pump and supply
    Kind("pump weak", plants.weak_pump(0.2, 0.35), everywhere(
        "pump weak", "slow fill", "no answer", "fill too long"
    ), lambda scene: True, BEFORE),
    Kind("pump dead", plants.weak_pump(0.0, 0.0), everywhere("no answer", "pump weak")),
    Kind("pump will not stop", plants.pump_shorted, everywhere("pump runs on")),
    Kind("12 V dips", plants.dip, everywhere("supply dip"), Scene.two_pressed),
    Kind("12 V sags for good", plants.brown_out, everywhere("supply dip"), Scene.two_pressed),
    # time
    Kind("zone too long under pressure", plants.never_steps_on, everywhere("pressed too long"), Scene.pressed),
    Kind("session too long", plants.clock_stands, everywhere("session too long")),
    # code
    Kind("ticks late", plants.late_ticks, everywhere("loop overrun", "loop late")),
    crash("tick hangs", plants.short_hang, "loop stalled", crash_kinds.DEADMAN_S),
    crash("hang in Python", plants.any_step("hang in Python"), "watchdog reset", crash_kinds.DEADMAN_S),
    crash("hang below Python", plants.any_step("hang below Python"), "watchdog reset", crash_kinds.WATCHDOG_S),
    crash("exception", plants.any_step("exception"), "watchdog reset, unexplained reset", crash_kinds.ALL_OFF_S),
    crash("panic or reset pin", plants.crash("panic or reset pin"), "unexplained reset", crash_kinds.START_UP_S),
    crash("reset storm", plants.resets, "reset storm", crash_kinds.START_UP_S, 120.0),
    # files and fingers
    Kind("settings damaged", plants.garbage("settings.json"), everywhere("settings damaged"), lambda s: True, BEFORE, START_UP_S),
    Kind("button held at power-up", plants.button_held, everywhere("button held"), lambda s: True, BEFORE, START_UP_S, starts=False),
    # last, so that the numbers of the runs above stay what they were
    Kind("pump weakens", plants.weak_pump(0.2, 0.5), everywhere("pump weak", "slow fill", "no answer", "fill too long"), Scene.fills_well),
)
BY_NAME = {kind.name: kind for kind in KINDS}
