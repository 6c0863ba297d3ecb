"""Start-ups that find something broken: a reset in the middle of a session, and board.py, pins.txt or settings.json damaged by then."""

import itertools
import json
import os
import re
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import pytest

from host_tests.sessions import went_high
from tools.simulator.chip import FIRMWARE
from tools.simulator.fake_machine import WDT_RESET
from tools.simulator.flash import Flash
from tools.simulator.rig import Rig
from tools.simulator.tape import Tape

BOARDS = ("esp32_manifold", "esp32s3_independent")
WATCHED_S = 15.0
RESTARTED = "peristal: restarted (watchdog) in a session; 1 in ten minutes"
START_UP_S = 0.32


@dataclass
class Restart:
    """What came of a session that was reset, as by the watchdog, while the pump filled a zone beyond 50 mmHg; just before, something
    was damaged on the flash. `low_in_time`: every actuator pin, as soon as main.py had run its first lines; `all_low`: in the end."""

    before_mmhg: float
    after_mmhg: float
    low_in_time: bool
    all_low: bool
    red: bool
    said: list[str]
    pins_file_is_good: bool

    def assert_deflated(self) -> None:
        assert self.before_mmhg > 50
        assert self.low_in_time, "every actuator pin has to be low as soon as main.py runs"
        assert self.all_low
        assert self.after_mmhg < 15


class Session:
    """The session, up to the reset: there it forks, and each damage has a process of its own, which goes on and tells what came of it."""

    def __init__(self, board: str, damages: dict[str, Callable[[Flash], object]]) -> None:
        rig = self.rig = Rig(board, settings={"program": "sequential", "pressure_mmhg": 80, "minutes": 2}, snug=True)
        self.pins = rig.board.actuator_pins()
        self.low: list[bool] = []
        self.found: dict[str, Any] = {}
        writer = 0
        before: list[Any] = []
        rig.press(1.5)

        def look() -> None:
            nonlocal writer
            if max(rig.plant.zone_mmhg) < 50 or not rig.wiring.pump_duty:
                rig.at(rig.now_s + 0.05, look)
                return
            before.extend((max(rig.plant.zone_mmhg), rig.flash.files["pins.txt"], len(rig.chip.console)))
            for name, damage in damages.items():
                reader, writer = os.pipe()
                child = os.fork()
                if child == 0:
                    damage(rig.flash)
                    rig.at(rig.now_s + START_UP_S, self._look_at_pins)
                    rig.at(rig.now_s + WATCHED_S, rig.chip.power_off)
                    rig.chip.reset(WDT_RESET)
                os.close(writer)
                with os.fdopen(reader, "rb") as pipe:
                    self.found[name] = json.loads(pipe.read())
                os.waitpid(child, 0)
            writer = 0
            rig.chip.power_off()

        rig.at(3.0, look)
        try:
            rig.run_until(180)
            self._look_at_pins()
            mmhg, pins_file, lines = before
            same, said = rig.flash.files.get("pins.txt") == pins_file, rig.chip.console[lines:]
            told: Any = asdict(Restart(mmhg, max(rig.plant.zone_mmhg), self.low[0], self.low[-1], self._red, said, same))
        except BaseException:
            if not writer:
                raise
            told = traceback.format_exc()
        if writer:  # this is a child
            with os.fdopen(writer, "w") as pipe:
                json.dump(told, pipe)
            os._exit(0)

    def _look_at_pins(self) -> None:
        self.low.append(not any(self.rig.wiring.levels[pin] for pin in self.pins))

    @property
    def _red(self) -> bool:
        """Whether the LED says that something is wrong: a plain one shines, a colour LED shines red."""
        panel = self.rig.board.panel
        if panel.led != "neopixel":
            return self.rig.wiring.led == 1
        red, green, blue = self.rig.chip.pixels[panel.led_pin][0]
        return red > 0 and not green and not blue


@cache
def session(board: str) -> dict[str, Any]:
    return Session(board, {name: damage for name, (on, damage) in DAMAGES.items() if on == board}).found


def restart(name: str) -> Restart:
    told = session(DAMAGES[name][0])[name]
    assert isinstance(told, dict), told
    return Restart(**told)


def spoil(path: str, change: Callable[[bytes], bytes]) -> Callable[[Flash], object]:
    return lambda flash: flash.put(path, change(flash.files[path]))


BROKEN_BOARDS = {
    "syntax error": (spoil("board.py", lambda text: text.replace(b"BOARD = Board(", b"BOARD = = Board(")), "SyntaxError"),
    "torn in the middle of a call": (spoil("board.py", lambda text: text[: text.index(b"topology=")]), "SyntaxError"),
    "empty": (spoil("board.py", lambda text: b""), "BOARD"),
    "missing": (lambda flash: flash.files.pop("board.py"), "'board'"),
    "misspelt key": (spoil("board.py", lambda text: text.replace(b"title=", b"titel=")), "unknown key 'titel'"),
    "a pin twice": (spoil("board.py", lambda text: text.replace(b"Pump(pin=", b"Pump(pin=4 or ")), "pin 4 is already used"),
}
NEVER_ENDS = b"from time import sleep_ms\nwhile True:\n    sleep_ms(10)\n"


DAMAGED_PINS = {
    "empty": lambda text: b"",
    "torn": lambda text: text[: len(text) // 2],
    "a digit too many": lambda text: text + b"1",
    "not text at all": lambda text: b"\xff\xfe\x80" + text,
    "a megabyte": lambda text: text * 10000,
    "a pin that is none": lambda text: b"2 99 101",
    "a pin that is only an input": lambda text: b"2 34 36",
}


DAMAGED_SETTINGS = (b"\xff\xfe\x80", b"", b'{"torn": ')
SHARES = (0.35, 0.5, 0.65)


def renamed() -> list[tuple[str, bytes]]:
    """The next firmware, in which a function that most modules import has another name; in the order in which make flash renames."""
    paths = sorted((FIRMWARE / "peristal").rglob("*.py"))
    return [(path.relative_to(FIRMWARE).as_posix(), re.sub(rb"\bpa\b", b"pascal", path.read_bytes())) for path in paths]


def put_renamed(share: float) -> Callable[[Flash], object]:
    def put(flash: Flash) -> None:
        new = renamed()
        for file in new[: round(share * len(new))]:
            flash.put(*file)

    return put


# Each damage on one of the boards: what is damaged is read by the same lines on all of them.
DAMAGES: dict[str, tuple[str, Callable[[Flash], object]]] = {
    **{f"board: {name}": (board, damage) for board, (name, (damage, _)) in zip(itertools.cycle(BOARDS), BROKEN_BOARDS.items())},
    **{f"never ends: {board}": (board, spoil("board.py", lambda _: NEVER_ENDS)) for board in BOARDS},
    **{f"pins: {name}": (board, spoil("pins.txt", change)) for board, (name, change) in zip(itertools.cycle(BOARDS), DAMAGED_PINS.items())},
    **{f"settings: {text!r}": (BOARDS[1], spoil("profile.json", lambda _, text=text: text)) for text in DAMAGED_SETTINGS},
    **{f"renamed: {share}": (board, put_renamed(share)) for board, share in zip(itertools.cycle(BOARDS), SHARES)},
}


@pytest.mark.parametrize("broken", BROKEN_BOARDS)
def test_a_broken_board_at_a_reset_under_pressure(broken: str) -> None:
    found = restart(f"board: {broken}")
    found.assert_deflated()
    assert len(found.said) == 1, found.said
    assert BROKEN_BOARDS[broken][1] in found.said[0]
    assert found.red, "the LED has to say that something is wrong"


@pytest.mark.parametrize("board", BOARDS)
def test_every_pin_is_low_before_anything_is_imported(board: str) -> None:
    """A board.py that never ends keeps everything from coming after it: what is low then was low before."""
    found = restart(f"never ends: {board}")
    found.assert_deflated()
    assert found.said == []


@pytest.mark.parametrize("damaged", DAMAGED_PINS)
def test_a_damaged_pin_file_at_a_reset_under_pressure(damaged: str) -> None:
    found = restart(f"pins: {damaged}")
    found.assert_deflated()
    assert found.said == [RESTARTED, "peristal: idle"], "the board file is good: it has to come up as ever"
    assert found.pins_file_is_good, "and to write the pin file anew"


@pytest.mark.parametrize("content", DAMAGED_SETTINGS)
def test_damaged_settings_at_a_reset_under_pressure(content: bytes) -> None:
    found = restart(f"settings: {content!r}")
    found.assert_deflated()
    damaged = "peristal: profile.json is damaged (checksum); kept as profile.json.bad, defaults are used"
    assert found.said == [RESTARTED, damaged, "peristal: idle"]


@pytest.mark.parametrize("share", SHARES)
def test_a_flash_that_lost_its_power_between_two_renames(share: float) -> None:
    """The files of two firmwares do not fit together, and whatever comes of it is off, open and said in a line."""
    found = restart(f"renamed: {share}")
    found.assert_deflated()
    assert len(found.said) == 1 and found.said[0].startswith("peristal: ImportError: can't import name pa"), found.said
    assert found.red


def test_the_firmware_of_that_test_runs_when_it_is_whole() -> None:
    rig = Rig(BOARDS[1])
    for name, source in renamed():
        rig.flash.put(name, source)
    rig.run_until(3)
    assert rig.chip.console == ["peristal: idle"]


@pytest.mark.parametrize("board", BOARDS)
def test_the_first_start_of_all_has_no_pin_file(board: str) -> None:
    rig = Rig(board)
    high = went_high(rig)
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


def test_the_wrap_of_ticks_ms_changes_nothing() -> None:
    """On another board, and that of ticks_us too: test_soak.py."""
    tapes = []
    settings = {"program": "sequential", "pressure_mmhg": 80, "minutes": 2}
    for start_ticks_ms in (0, (1 << 30) - 20_000):
        rig = Rig(BOARDS[0], start_ticks_ms=start_ticks_ms, settings=settings, snug=True)
        rig.chip.tape = Tape()
        rig.press(1.5)
        rig.run_until(30)
        tapes.append(rig.chip.tape)
        assert rig.state == "running"
    ticks = [value for kind, value in tapes[1].input_list() if kind == "TICKS_MS"]
    assert max(ticks) > (1 << 30) - 100 and min(ticks) < 100, "the wrap has to fall into the run"
    assert len(tapes[0].outputs) > 5_000
    assert tapes[0].outputs == tapes[1].outputs
