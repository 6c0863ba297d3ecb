"""Start-ups that find something broken: a reset in the middle of a session, and board.py, pins.txt or settings.json damaged by then."""

import itertools
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tools.simulator.chip import FIRMWARE
from tools.simulator.fake_machine import WDT_RESET
from tools.simulator.flash import Flash
from tools.simulator.rig import Rig
from tools.simulator.tape import Tape

BOARDS = ("esp32_manifold", "esp32s3_independent")
WATCHED_S = 15.0
RESTARTED = "peristal: restarted (watchdog) in a session; 1 in ten minutes"
START_UP_S = 0.32


class Restart:
    """A session that is reset, as by the watchdog, while the pump fills a zone beyond 50 mmHg; just before, `damage` works on the flash."""

    def __init__(self, board: str, damage: Callable[[Flash], object]) -> None:
        rig = self.rig = Rig(board, settings={"program": "sequential", "pressure_mmhg": 80, "minutes": 2})
        self.pins = rig.board.actuator_pins()
        self.good_pins = b""
        self.before_mmhg = 0.0
        self.low_in_time = False  # every actuator pin, as soon as main.py has run its first lines
        self._lines = 0
        rig.press(1.5)

        def look() -> None:
            if max(rig.plant.zone_mmhg) < 50 or not rig.wiring.pump_duty:
                rig.at(rig.now_s + 0.05, look)
                return
            self.before_mmhg = max(rig.plant.zone_mmhg)
            self.good_pins = rig.flash.files["pins.txt"]
            self._lines = len(rig.chip.console)
            damage(rig.flash)
            rig.at(rig.now_s + START_UP_S, self._look_at_pins)
            rig.at(rig.now_s + WATCHED_S, rig.chip.power_off)
            rig.chip.reset(WDT_RESET)

        rig.at(3.0, look)
        rig.run_until(180)

    def _look_at_pins(self) -> None:
        self.low_in_time = self.all_low

    @property
    def all_low(self) -> bool:
        return not any(self.rig.wiring.levels[pin] for pin in self.pins)

    @property
    def said(self) -> list[str]:
        return self.rig.chip.console[self._lines :]

    @property
    def red(self) -> bool:
        """Whether the LED says that something is wrong: a plain one shines, a colour LED shines red."""
        panel = self.rig.board.panel
        if panel.led != "neopixel":
            return self.rig.wiring.led == 1
        red, green, blue = self.rig.chip.pixels[panel.led_pin][0]
        return red > 0 and not green and not blue

    def assert_deflated(self) -> None:
        assert self.before_mmhg > 50
        assert self.low_in_time, "every actuator pin has to be low as soon as main.py runs"
        assert self.all_low
        assert max(self.rig.plant.zone_mmhg) < 15


def spoil(path: str, change: Callable[[bytes], bytes]) -> Callable[[Flash], object]:
    return lambda flash: flash.put(path, change(flash.files[path]))


def in_turn(damages: Iterable[Any]) -> list[tuple[str, Any]]:
    """Each damage on one of the boards: what is damaged is read by the same lines on all of them."""
    return list(zip(itertools.cycle(BOARDS), damages))


BROKEN_BOARDS = {
    "syntax error": (spoil("board.py", lambda text: text.replace(b"BOARD = Board(", b"BOARD = = Board(")), "SyntaxError"),
    "torn in the middle of a call": (spoil("board.py", lambda text: text[: text.index(b"topology=")]), "SyntaxError"),
    "empty": (spoil("board.py", lambda text: b""), "BOARD"),
    "missing": (lambda flash: flash.files.pop("board.py"), "'board'"),
    "misspelt key": (spoil("board.py", lambda text: text.replace(b"title=", b"titel=")), "unknown key 'titel'"),
    "a pin twice": (spoil("board.py", lambda text: text.replace(b"Pump(pin=", b"Pump(pin=4 or ")), "pin 4 is already used"),
}


@pytest.mark.parametrize(("board", "broken"), in_turn(BROKEN_BOARDS))
def test_a_broken_board_at_a_reset_under_pressure(board: str, broken: str) -> None:
    damage, mistake = BROKEN_BOARDS[broken]
    restart = Restart(board, damage)
    restart.assert_deflated()
    assert len(restart.said) == 1, restart.said
    assert mistake in restart.said[0]
    assert restart.red, "the LED has to say that something is wrong"


DAMAGED_PINS = {
    "empty": lambda text: b"",
    "torn": lambda text: text[: len(text) // 2],
    "a digit too many": lambda text: text + b"1",
    "not text at all": lambda text: b"\xff\xfe\x80" + text,
    "a megabyte": lambda text: text * 10000,
    "a pin that is none": lambda text: b"2 99 101",
    "a pin that is only an input": lambda text: b"2 34 36",
}


@pytest.mark.parametrize(("board", "damaged"), in_turn(DAMAGED_PINS))
def test_a_damaged_pin_file_at_a_reset_under_pressure(board: str, damaged: str) -> None:
    restart = Restart(board, spoil("pins.txt", DAMAGED_PINS[damaged]))
    restart.assert_deflated()
    assert restart.said == [RESTARTED, "peristal: idle"], "the board file is good: it has to come up as ever"
    assert restart.rig.flash.files["pins.txt"] == restart.good_pins, "and to write the pin file anew"


@pytest.mark.parametrize("content", (b"\xff\xfe\x80", b"", b'{"torn": '))
def test_damaged_settings_at_a_reset_under_pressure(content: bytes) -> None:
    restart = Restart("esp32s3_independent", spoil("profile.json", lambda _: content))
    restart.assert_deflated()
    damaged = "peristal: profile.json is damaged (checksum); kept as profile.json.bad, defaults are used"
    assert restart.said == [RESTARTED, damaged, "peristal: idle"]


def renamed() -> list[tuple[str, bytes]]:
    """The next firmware, in which a function that most modules import has another name; in the order in which make flash renames."""
    paths = sorted((FIRMWARE / "peristal").rglob("*.py"))
    return [(path.relative_to(FIRMWARE).as_posix(), re.sub(rb"\bpa\b", b"pascal", path.read_bytes())) for path in paths]


@pytest.mark.parametrize(("board", "share"), in_turn((0.35, 0.5, 0.65)))
def test_a_flash_that_lost_its_power_between_two_renames(board: str, share: float) -> None:
    """The files of two firmwares do not fit together, and whatever comes of it is off, open and said in a line."""
    new = renamed()
    restart = Restart(board, lambda flash: [flash.put(*file) for file in new[: round(share * len(new))]])
    restart.assert_deflated()
    assert len(restart.said) == 1 and restart.said[0].startswith("peristal: ImportError: can't import name pa"), restart.said
    assert restart.red


def test_the_firmware_of_that_test_runs_when_it_is_whole() -> None:
    rig = Rig(BOARDS[1])
    for name, source in renamed():
        rig.flash.put(name, source)
    rig.run_until(3)
    assert rig.chip.console == ["peristal: idle"]


@pytest.mark.parametrize("board", BOARDS)
def test_the_first_start_of_all_has_no_pin_file(board: str) -> None:
    rig = Rig(board)
    high: list[int] = []
    pins = rig.board.actuator_pins()[: 1 + len(rig.board.valves())]  # the enable is toggled from the start
    drives = rig.wiring.output

    def output(gpio: int, duty_u16: int) -> None:
        drives(gpio, duty_u16)
        if duty_u16 and gpio in pins:
            high.append(gpio)

    rig.wiring.output = output  # type: ignore[method-assign]
    rig.run_until(5)
    assert rig.chip.console == ["peristal: idle"]
    assert high == []
    numbers = [int(word) for word in rig.flash.files["pins.txt"].split()]
    assert set(rig.board.actuator_pins()) <= set(numbers)
    assert numbers[-1] == sum(numbers[:-1])


@pytest.mark.parametrize("board", BOARDS)
def test_a_first_start_without_a_board_says_one_line(board: str) -> None:
    rig = Rig(board)
    del rig.flash.files["board.py"]
    rig.run_until(5)
    assert len(rig.chip.console) == 1
    assert "'board'" in rig.chip.console[0]


@pytest.mark.parametrize("board", BOARDS)
def test_the_wrap_of_ticks_ms_changes_nothing(board: str) -> None:
    tapes = []
    for start_ticks_ms in (0, (1 << 30) - 35_000):
        rig = Rig(board, start_ticks_ms=start_ticks_ms, settings={"program": "sequential", "pressure_mmhg": 80, "minutes": 2})
        rig.chip.tape = Tape()
        rig.press(1.5)
        rig.run_until(50)
        tapes.append(rig.chip.tape)
        assert rig.state == "running"
    ticks = [value for kind, value in tapes[1].input_list() if kind == "TICKS_MS"]
    assert max(ticks) > (1 << 30) - 100 and min(ticks) < 100, "the wrap has to fall into the run"
    assert len(tapes[0].outputs) > 5_000
    assert tapes[0].outputs == tapes[1].outputs
