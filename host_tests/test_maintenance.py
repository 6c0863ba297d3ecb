"""Maintenance mode: the REPL for a hobbyist, with the outputs off, and never with pressure in the sleeves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from peristal.core import faults
from tools.simulator import boards
from tools.simulator.fake_machine import WDT_RESET
from tools.simulator.rig import Rig

BOTH = pytest.mark.parametrize("board", ("esp32_manifold", "esp32s3_independent"))
SESSION = {"program": "sequential", "pressure_mmhg": 80, "minutes": 3}


class Looked:
    """A rig watched every 20 ms: the highest true pressure while the REPL was open, and since when it was."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.opened_s: float | None = None
        self.mmhg = 0.0
        rig.every(0.02, self._look)

    def _look(self) -> None:
        if self.rig.chip.in_repl:
            self.opened_s = self.opened_s or self.rig.now_s
            self.mmhg = max(self.mmhg, *self.rig.plant.zone_mmhg)
            assert not any(self.rig.wiring.levels.get(pin) for pin in self.rig.board.actuator_pins()), "outputs are off"


def when_filling(rig: Rig, event: Callable[[], None], mmhg: float = 50) -> None:
    def look() -> None:
        if max(rig.plant.zone_mmhg) > mmhg and rig.wiring.pump_duty:
            event()
        else:
            rig.at(rig.now_s + 0.05, look)

    rig.at(3, look)


@BOTH
def test_ctrl_c_in_a_session_lets_the_air_out_first_and_opens_the_repl_then(board: str) -> None:
    rig = Rig(board, settings=SESSION, snug=True)
    looked = Looked(rig)
    asked: list[float] = []
    rig.press(1.5)

    def ctrl_c() -> None:
        asked.append(rig.now_s)
        rig.chip.type("\x03")

    when_filling(rig, ctrl_c)
    rig.stop_when(lambda: bool(asked) and rig.now_s > asked[0] + 16)
    rig.run_until(80)
    assert looked.opened_s is not None and looked.mmhg < 15
    assert looked.opened_s < asked[0] + 15
    assert any("maintenance" in line for line in rig.chip.console)


def test_the_repl_stays_free_for_an_hour_and_a_new_start_is_an_ordinary_one() -> None:
    rig = Rig("esp32_manifold")
    rig.at(8, lambda: rig.chip.type("\x03"))
    rig.at(60, lambda: rig.chip.reset(WDT_RESET))  # as after a longer while, or machine.reset()
    alive: list[bool] = []
    rig.at(59, lambda: alive.append(rig.chip.in_repl and rig.chip.starts == 1 and rig.chip.wdt_us >= 3600_000_000))
    rig.run_until(65)
    assert alive == [True]
    assert rig.state == "idle" and rig.app.session.notices == 0


@BOTH
def test_the_button_held_at_power_up_for_a_while_opens_the_repl_when_let_go(board: str) -> None:
    rig = Rig(board)
    looked = Looked(rig)
    rig.press(0.0, 5.0)
    rig.run_until(20)
    assert looked.opened_s is not None and 5.0 < looked.opened_s < 12


@pytest.mark.parametrize("hold_s", (0.5, 2.0))
def test_a_button_let_go_sooner_means_nothing(hold_s: float) -> None:
    rig = Rig("esp32_manifold")
    rig.press(0.0, hold_s + 0.3)
    rig.run_until(15)
    assert rig.state == "idle" and not rig.chip.in_repl


def test_a_button_that_stays_down_is_a_fault_that_its_next_press_clears() -> None:
    rig = Rig("esp32_manifold")
    seen: list[int] = []
    rig.press(0.0, 15.0)
    rig.at(14, lambda: seen.append(rig.app.guarding.fault))
    rig.at(18, lambda: seen.append(rig.app.guarding.fault))
    rig.press(20)
    rig.run_until(25)
    assert seen == [faults.BUTTON_HELD, faults.BUTTON_HELD]
    assert rig.state == "idle" and rig.app.guarding.fault == faults.OK


def test_a_hand_on_the_button_after_a_crash_is_no_wish_for_the_repl() -> None:
    rig = Rig("esp32_manifold", settings=SESSION)
    rig.press(1.5)
    when_filling(rig, lambda: rig.chip.reset(WDT_RESET))
    rig.at(3, lambda: rig.every(1, lambda: rig.wiring.pressed.add(rig.board.panel.button_pin) if rig.chip.starts == 2 else None))
    rig.at(40, lambda: rig.wiring.pressed.clear())
    rig.run_until(45)
    assert not rig.chip.in_repl


@pytest.mark.parametrize("board", boards.names())
def test_a_reset_and_ctrl_c_open_no_repl_before_large_chambers_are_empty_though_the_line_shows_little(board: str) -> None:
    plant = boards.reference_plant(boards.load(board), movement=False)
    plant = replace(  # as far from the board file as a real pair may be
        plant,
        zones=tuple(replace(zone, v0_l=zone.v0_l * 1.17) for zone in plant.zones),
        sensors=tuple(replace(sensor, offset_mmhg=-2.5) for sensor in plant.sensors),
    )
    rig = Rig(board, plant=plant, settings=SESSION, snug=True)
    looked = Looked(rig)
    rig.press(1.5)

    def crash() -> None:
        for zone in range(len(plant.zones)):
            rig.plant.charge(120, zone)
        rig.at(rig.now_s + 2, lambda: rig.chip.type("\x03"))
        rig.chip.reset(WDT_RESET)

    when_filling(rig, crash)
    rig.stop_when(lambda: looked.opened_s is not None and rig.now_s > looked.opened_s + 1)
    rig.run_until(80)
    assert looked.opened_s is not None and looked.mmhg < 15


@BOTH
def test_air_that_does_not_leave_keeps_the_repl_shut_until_the_hoses_are_off_and_a_person_says_so(board: str) -> None:
    rig = Rig(board, settings=SESSION, snug=True)
    looked = Looked(rig)
    rig.press(1.5)

    def trap() -> None:
        # On a manifold the sensor must still see the air: behind a zone valve that is stuck nobody can know of it.
        vents = [v for v, valve in enumerate(rig.plant.params.valves) if valve.to == "air"]
        for valve in vents:
            rig.plant.valve_stuck[valve] = "closed"
        for zone in range(len(rig.plant.params.zones)):
            rig.plant.charge(80, zone)
        rig.chip.type("\x03")

    when_filling(rig, trap)
    shut: list[float] = []
    rig.at(60, lambda: shut.append(max(rig.plant.zone_mmhg)))
    rig.run_until(60.5)
    assert shut[0] > 30, "the air has to be trapped for this to mean anything"
    assert looked.opened_s is None
    assert any("unplug the hoses" in line for line in rig.chip.console)


@pytest.mark.parametrize("seed", range(3))
def test_no_moment_of_ctrl_c_resets_and_presses_opens_the_repl_under_pressure(seed: int) -> None:
    rng = Random(f"maintenance {seed}")
    board = rng.choice(boards.names())
    rig = Rig(board, settings=SESSION)
    looked = Looked(rig)
    rig.press(1.5)
    at_s = rng.uniform(8, 40)
    for _ in range(12):
        rig.at(at_s, rng.choice((lambda: rig.chip.type("\x03"), lambda: rig.chip.reset(WDT_RESET), lambda: None)))
        rig.press(at_s + rng.uniform(0, 2), rng.choice((0.2, 1.5, 6.0)))
        at_s += rng.choice((0.1, 0.5, 3.0, 12.0))
    rig.run_until(at_s + 20)
    assert looked.mmhg < 15
