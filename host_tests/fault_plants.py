"""How each fault of the campaign is planted: in the plant, in the fakes, or in the running code. One function each."""

from __future__ import annotations

from typing import Any

from host_tests import crash_kinds
from host_tests.fault_scene import Scene
from peristal.core import modes
from peristal.core.program import Program
from peristal.store import programs
from tools.simulator.fake_machine import WDT_RESET
from tools.simulator.plant_orifice import orifice_l_s
from tools.simulator.rig import stored_file

OVERRUN_US = (25_000, 55_000)
"""A tick that takes so much longer is late, but not so late that the deadman (100 ms) strikes."""


RESETS, BETWEEN_RESETS_S = 3, 30.0


def squeeze(low_mmhg: float, high_mmhg: float) -> Any:
    """Someone sits down on the leg, within a second."""

    def planted(scene: Scene) -> None:
        leg = scene.plant.params.zones[scene.zone].leg
        wanted = scene.rng.uniform(low_mmhg, high_mmhg)
        rig, begun_s = scene.rig, scene.rig.now_s

        def press() -> None:
            share = min(1.0, (rig.now_s - begun_s) / 1.0)
            scene.plant.squeeze_mmhg[leg] = share * wanted
            if share < 1.0:
                rig.at(rig.now_s + 0.02, press)

        press()

    return planted


def seat_leaks(scene: Scene) -> None:
    """The zone's inlet lets air through while it is shut."""
    valve = scene.fill[scene.zone]
    scene.plant.valve_extra_c[valve] = scene.plant.params.valves[valve].c * scene.rng.uniform(0.1, 0.4)


def fill_valve(stuck: str) -> Any:
    """The valve between line and zone."""

    def planted(scene: Scene) -> None:
        scene.plant.valve_stuck[scene.fill[scene.zone]] = stuck

    return planted


def out_valve(stuck: str) -> Any:
    """The exhaust of the zone, or the vent of the line."""

    def planted(scene: Scene) -> None:
        scene.plant.valve_stuck[scene.out] = stuck

    return planted


def kink(scene: Scene) -> None:
    """The zone's hose is kinked."""
    scene.plant.zone_kinked[scene.zone] = True


CLOGGED_TIMES = (2.2, 5.0)
LEAST_SHARE = 0.01
SLOWER_S = 0.6
"""A release that takes less more than before harms nobody; half of it is what the firmware calls slower."""


def clog(scene: Scene) -> None:
    """So narrow a way out that the zone's last release would have taken 2.2 to 5 times as long, and at least SLOWER_S longer."""
    times = scene.rng.uniform(*CLOGGED_TIMES)
    wanted_s = max(times * scene.release_s(1.0), scene.release_s(1.0) + SLOWER_S)
    low, high = LEAST_SHARE, 1.0
    for _ in range(12):
        share = (low * high) ** 0.5
        low, high = (share, high) if scene.release_s(share) > wanted_s else (low, share)
    scene.plant.valve_share[scene.out] = low


def clogs(scene: Scene) -> bool:
    """The zone has been through two cycles, and its release goes by its way out: what spreads over slack zones that are let out with it is
    below 15 mmHg as soon with a way out that is all but shut, and nobody could feel or see that."""
    if not scene.vented_twice():
        return False
    before_s = scene.release_s(1.0)
    return scene.release_s(LEAST_SHARE) > max(CLOGGED_TIMES[1] * before_s, before_s + SLOWER_S)


def narrow(scene: Scene) -> None:
    """Hose or valve let through a quarter to less than half of what a fill had, with the line as high as it can get.

    A line with a sensor is held at its ceiling; one without rises until the relief valve opens.
    """
    plant, board = scene.plant, scene.rig.board
    valve, pump = plant.params.valves[scene.fill[scene.zone]], plant.params.pump
    line_mmhg = board.ceiling_mmhg() if board.line.sensor else plant.params.supply.relief_mmhg or pump.stall_mmhg
    halfway_mmhg = 0.6 * scene.setup.pressure_mmhg
    through = orifice_l_s(valve.c, valve.b, line_mmhg, halfway_mmhg)
    before = min(through, pump.q0_l_min / 60.0 * (1.0 - halfway_mmhg / pump.stall_mmhg))
    plant.valve_share[scene.fill[scene.zone]] = scene.rng.uniform(0.25, 0.45) * before / through


def cross_fill(scene: Scene) -> None:
    """The coils of two zones' valves are on each other's pins."""
    other = (scene.zone + 1) % scene.count
    _cross(scene, scene.fill[scene.zone], scene.fill[other])


def cross_out(scene: Scene) -> None:
    """The coils of the zone's valve and of a way out are on each other's pins."""
    _cross(scene, scene.fill[scene.zone], scene.out)


def _cross(scene: Scene, one: int, other: int) -> None:
    scene.plant.coil_of[one], scene.plant.coil_of[other] = other, one


def sensor_fault(kind: str) -> Any:
    """The zone's sensor, or the line's where that is the only one."""

    def planted(scene: Scene) -> None:
        scene.plant.sensor_fault[scene.sensor[scene.zone]] = kind

    return planted


def sensor_share(low: float, high: float) -> Any:
    """The zone's sensor shows a share of the pressure."""

    def planted(scene: Scene) -> None:
        scene.plant.sensor_error[scene.sensor[scene.zone]] = (scene.rng.uniform(low, high), 0.0)

    return planted


def sensor_moved(low_mmhg: float, high_mmhg: float) -> Any:
    """Between two sessions the zero moves by more than it may since it was commissioned in the first."""

    def planted(scene: Scene) -> None:
        rig, sensor = scene.rig, scene.sensor[scene.zone]
        moved_mmhg = scene.rng.uniform(low_mmhg, high_mmhg)

        def move() -> None:
            scene.planted_s = rig.now_s
            scene.plant.sensor_error[sensor] = (1.0, moved_mmhg)

        scene.planted_s = -1.0
        rig.press(20.0)  # ends the first session
        rig.at(38.0, move)
        rig.press(40.0)

    return planted


def sensor_jumps(scene: Scene) -> None:
    """A loose contact: the reading jumps by tens of mmHg and back, several times a second."""
    sensor, rig = scene.sensor[scene.zone], scene.rig
    jump_mmhg = scene.rng.uniform(40.0, 90.0) * scene.rng.choice((-1, 1))

    def again(bad: bool) -> None:
        scene.plant.sensor_error[sensor] = (1.0, jump_mmhg if bad else 0.0)
        rig.at(rig.now_s + scene.rng.uniform(0.06, 0.25), lambda: again(not bad))

    again(True)


def sensor_not_read(scene: Scene) -> None:
    """The code skips one sensor from now on."""
    sensors, sensor = scene.rig.app.sensors, scene.sensor[scene.zone]
    read_one = sensors._read_one

    def skipping(which: int, count: int) -> None:
        if which != sensor:
            read_one(which, count)

    sensors._read_one = skipping


def regulator_misled(scene: Scene) -> None:
    """The code: the regulator is told far too little of the zone's pressure, the guard sees both figures."""
    scene.rig.app.sensing.gain_permille[scene.sensor[scene.zone]] = scene.rng.randrange(500, 700)


def unplug(scene: Scene) -> None:
    """The zone's hose is pulled off."""
    scene.plant.zone_unplugged[scene.zone] = True


def leak(low_mmhg: float, high_mmhg: float) -> Any:
    """So many mmHg lost in 10 s at 80 mmHg: C 0.00055 for each litre is 1 mmHg (see plant_healthy.py)."""

    def planted(scene: Scene) -> None:
        v0_l = scene.plant.params.zones[scene.zone].v0_l
        scene.plant.leak_c[scene.zone] += 0.00055 * v0_l * scene.rng.uniform(low_mmhg, high_mmhg)

    return planted


def burst(scene: Scene) -> None:
    """A seam opens."""
    scene.plant.leak_c[scene.zone] += scene.rng.uniform(0.3, 1.0)


def not_worn(scene: Scene) -> None:
    """Nobody is in the sleeves: each chamber has far more room."""
    for zone, params in enumerate(scene.plant.params.zones):
        scene.plant.loosen(zone, params.v0_l * scene.rng.uniform(2.5, 4.0))


def weak_pump(low: float, high: float) -> Any:
    """A share of its flow is left."""

    def planted(scene: Scene) -> None:
        scene.plant.pump_share = scene.rng.uniform(low, high)

    return planted


def pump_shorted(scene: Scene) -> None:
    """The pump's switch conducts whatever its pin says: only the 12 V enable ends that."""
    scene.plant.pump_stuck_on = True


def dip(scene: Scene) -> None:
    """The 12 V is gone for a moment."""
    rig = scene.rig
    rig.plant.cut_supply(True)
    rig.at(rig.now_s + scene.rng.uniform(0.2, 1.5), lambda: rig.plant.cut_supply(False))


def brown_out(scene: Scene) -> None:
    """The supply sags so far that the coils drop out, and stays there."""
    scene.plant.supply_share = scene.rng.uniform(0.1, 0.25)


def never_steps_on(scene: Scene) -> None:
    """The code: the sequencer keeps what it has for ever."""
    scene.rig.app.session.sequencer.tick = lambda *args: None


def clock_stands(scene: Scene) -> None:
    """The code: the session's own clock stands, and an hour has passed."""
    session = scene.rig.app.session
    session.minutes = 1 << 20
    scene.rig.app.guarding.session_ms += 61 * 60_000


def late_ticks(scene: Scene) -> None:
    """The code: every tick takes too long, but not as long as the deadman waits."""
    chip, switch = scene.rig.chip, scene.switch
    late_us = scene.rng.randrange(*OVERRUN_US)
    switch.step, switch.lasting = scene.rng.choice(("decide", "regulate", "tell")), True
    switch.fault = lambda: chip.advance(late_us)


def short_hang(scene: Scene) -> None:
    """The code: one tick hangs for longer than the deadman waits."""
    chip, switch = scene.rig.chip, scene.switch
    hang_us = scene.rng.randrange(150_000, 400_000)
    switch.step, switch.lasting = scene.rng.choice(("decide", "regulate", "guard")), False
    switch.fault = lambda: chip.advance(hang_us)


def resets(scene: Scene) -> None:
    """Reset after reset, each time a person starts again: three within ten minutes."""
    rig = scene.rig
    for number in range(1, RESETS):
        rig.press(rig.now_s + BETWEEN_RESETS_S * number - 5.0)
        rig.at(rig.now_s + BETWEEN_RESETS_S * number, lambda: rig.chip.reset(WDT_RESET))
    scene.persons_end_s = rig.now_s + BETWEEN_RESETS_S * (RESETS - 1)
    rig.press(scene.persons_end_s + 20.0)  # the person tries once more: it must stay locked
    rig.chip.reset(WDT_RESET)


def garbage(first: str, *others: str) -> Any:
    """A file on the flash, one of these, is damaged before power-on."""

    def planted(scene: Scene) -> None:
        path = scene.rng.choice((first, *others)) if others else first
        text = bytearray(scene.rig.flash.files.get(path, b"") or b"00000000 [1, {}]\n")
        for _ in range(3):
            text[scene.rng.randrange(len(text))] = scene.rng.randrange(256)
        scene.rig.flash.files[path] = bytes(text)

    return planted


def program_damaged(scene: Scene) -> None:
    """The wearer's own program, the one that is chosen, is damaged before power-on."""
    flash, name = scene.rig.flash, "mine"
    mine: Program = modes.build(scene.setup.program, 1)
    data: dict[str, Any] = {field: getattr(mine, field) for field in programs.FIELDS}
    data |= {"zones": 1, "less_mmhg": bytes(mine.less_mmhg).hex(), "rows": bytes(mine.rows).hex()}
    flash.put(programs.path(name), stored_file(data))
    profile = scene.setup.settings() | {"program": name}
    flash.put("profile.json", stored_file(profile))
    garbage(programs.path(name))(scene)


def button_held(scene: Scene) -> None:
    """The button is down at power-on and stays so."""
    scene.rig.wiring.pressed.add(scene.rig.board.panel.button_pin)


def crash(name: str) -> Any:
    """What crash_kinds.py plants under this name."""

    def planted(scene: Scene) -> None:
        crash_kinds.plant(scene.rig, scene.switch, crash_kinds.BY_NAME[name], scene.rng.randrange(1 << 30))

    return planted


def any_step(what: str) -> Any:
    """The same, in one of the eight steps."""

    def planted(scene: Scene) -> None:
        crash(f"{what} in {scene.rng.choice(crash_kinds.STEPS)}")(scene)
        scene.switch.lasting = False  # what happens in every start-up again leaves nobody to report it

    return planted
