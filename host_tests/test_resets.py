"""Resets, wanted and not: the marker in RTC memory, the lock after a storm, and exceptions that come again and again."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from host_tests.sessions import went_high
from peristal.core import faults
from tools.simulator import boards
from tools.simulator.fake_machine import HARD_RESET, PWRON_RESET, SOFT_RESET, WDT_RESET
from tools.simulator.rig import Rig

BOARD = "esp32s3_independent"
SESSION = {"program": "sequential", "pressure_mmhg": 60, "minutes": 5}


def notices(rig: Rig) -> int:
    return rig.app.session.notices


@pytest.mark.parametrize("cause", (WDT_RESET, HARD_RESET, SOFT_RESET, PWRON_RESET))
def test_a_reset_that_nobody_wanted_is_known_whatever_the_chip_calls_it(cause: int) -> None:
    rig = Rig(BOARD, settings=SESSION, snug=True)
    rig.press(1.5)
    before: list[float] = []

    def reset() -> None:
        before.append(max(rig.plant.zone_mmhg))
        rig.chip.reset(cause)

    rig.at(18, reset)
    states: list[str] = []
    rig.every(0.1, lambda: states.append(rig.state) if rig.now_s > 18 else None)
    rig.run_until(33)
    assert before[0] > 40, "the leg is squeezed"
    assert set(states) == {"off", "idle"}, "a person starts again, nothing else does"
    assert notices(rig) == (faults.WATCHDOG_RESET if cause == WDT_RESET else faults.UNEXPLAINED_RESET)
    assert sum("in a session; 1 in ten minutes" in line for line in rig.chip.console) == 1


def test_after_it_a_start_waits_until_everything_was_open_for_ten_seconds() -> None:
    rig = Rig(BOARD, settings=SESSION, snug=True)
    rig.press(1.5)
    rig.at(18, lambda: rig.chip.reset(WDT_RESET))
    rig.press(22)
    first: list[float] = []
    rig.at(18.5, lambda: rig.every(0.02, lambda: first.append(rig.now_s) if rig.wiring.pump_duty and not first else None))
    rig.run_until(38)
    assert rig.state == "running" and first[0] > 18 + 0.3 + 10


@pytest.mark.parametrize("first", ("power-on", "orderly", "marker damaged, power-on"))
def test_a_start_that_was_wanted_is_no_accident(first: str) -> None:
    rig = Rig(BOARD)
    if first == "marker damaged, power-on":
        rig.chip.rtc_memory = b"\x07" * 780
    if first == "orderly":
        rig.at(6, lambda: rig.chip.type("\x03"))
        rig.at(8, lambda: rig.chip.reset(HARD_RESET))
    rig.run_until(12)
    assert rig.state == "idle" and notices(rig) == 0
    assert not any("restarted" in line for line in rig.chip.console)


@pytest.mark.parametrize("cause", (WDT_RESET, HARD_RESET))
@pytest.mark.parametrize("place", (0, 1, 3, 6, 9, 11))
def test_a_damaged_marker_is_not_believed_and_the_doubt_counts_as_abnormal(place: int, cause: int) -> None:
    rig = Rig(BOARD)

    def spoil() -> None:
        memory = bytearray(rig.chip.rtc_memory)
        memory[place] ^= 0x10
        rig.chip.rtc_memory = bytes(memory)
        rig.chip.reset(cause)

    rig.at(5, spoil)
    rig.run_until(8)
    assert rig.state == "idle"
    assert any("from nobody knows where; 1 in ten minutes" in line for line in rig.chip.console)


def test_three_in_ten_minutes_lock_it_until_the_button_clears_it() -> None:
    rig = Rig(BOARD, settings=SESSION)
    for at_s in (2, 4, 6):
        rig.at(at_s, lambda: rig.chip.reset(WDT_RESET))
    rig.type_line(8, "clear")
    rig.type_line(9, "start")
    locked: list[int] = []
    rig.at(10, lambda: locked.append(rig.app.guarding.fault))
    rig.at(18, lambda: rig.chip.type("\x03"))
    rig.at(20, lambda: rig.chip.reset(HARD_RESET))
    rig.at(22, lambda: locked.append(rig.app.guarding.fault))
    rig.press(23)
    rig.press(26)
    rig.run_until(30)
    assert locked == [faults.RESET_STORM, faults.RESET_STORM], "no command and no further reset clears it"
    refused = [line for line in rig.chip.console if line.startswith("error:")]
    assert len(refused) == 2 and all("reset storm" in line for line in refused)
    assert rig.state == "running", "the button cleared it, its next press starts"
    assert any("fault cleared" in line for line in words(rig))


def words(rig: Rig) -> list[str]:
    """The journal as it would be listed."""
    borrow = rig.chip.module("peristal.core.borrow").borrow
    told = SimpleNamespace(journal=rig.app.journal, shelf=rig.app.shelf, stalls=SimpleNamespace(lend=borrow))
    return list(borrow("commands.journal")._journal(told, []))


def planted(step: str, error: type[Exception], after_ms: int) -> Any:
    """App whose step raises in every start-up, so long after its begin."""

    def plant(module: ModuleType) -> None:
        body = getattr(module.App, step)
        left = [after_ms // 20]

        def broken(app: Any, *args: Any) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise error("planted")
            body(app, *args)

        setattr(module.App, step, broken)

    return plant


@pytest.mark.parametrize("step", ("read", "listen", "decide", "regulate", "guard", "act", "tell", "feed"))
def test_an_exception_that_comes_again_ends_locked_and_deflated_and_the_resets_end(step: str) -> None:
    rig = Rig(boards.names()[len(step) % len(boards.names())], settings=SESSION)
    rig.chip.on_import("peristal.app", planted(step, ValueError, 200))
    rig.plant.charge(80)
    high = went_high(rig)
    opened_mmhg: list[float] = []
    rig.every(0.02, lambda: opened_mmhg.append(max(rig.plant.zone_mmhg)) if rig.chip.in_repl else None)
    rig.run_until(60)
    assert rig.chip.in_repl, "in the end it stops, with a line that says so"
    assert rig.chip.starts == 5
    assert any("stops here" in line for line in rig.chip.console)
    assert high == [] and max(rig.plant.zone_mmhg) < 5
    assert max(opened_mmhg) < 15, "the REPL opens on a vented device"


def test_a_hang_that_comes_again_ends_the_same_way() -> None:
    rig = Rig(BOARD, settings=SESSION)

    def hang(module: ModuleType) -> None:
        module.App.regulate = lambda app: rig.chip.hang("c")  # type: ignore[attr-defined]

    rig.chip.on_import("peristal.app", hang)
    rig.run_until(60)
    assert rig.chip.in_repl and rig.chip.starts == 5


def test_a_board_file_that_hangs_can_be_interrupted_and_the_repl_waits_for_the_air() -> None:
    rig = Rig(BOARD, settings=SESSION)
    rig.press(1.5)
    waited: list[float] = []
    rig.every(0.02, lambda: waited.append(rig.now_s) if rig.chip.in_repl else None)

    def damage() -> None:
        rig.flash.put("board.py", "import time\nwhile True:\n    time.sleep_ms(5)\n")
        rig.at(rig.now_s + 1.0, lambda: rig.chip.type("\x03\x03\x03"))
        rig.chip.reset(WDT_RESET)

    rig.at(30, damage)
    rig.run_until(53)
    assert rig.chip.in_repl and 31 + 17.9 < waited[0] < 31 + 18.5, "what the slowest accepted board may need"
    assert max(rig.plant.zone_mmhg) < 15
