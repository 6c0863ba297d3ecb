"""The console without a board: who may do what, how lines are put together, and what it may import."""

import ast
from pathlib import Path
from types import SimpleNamespace

import pytest

from peristal import console
from peristal.commands import rights
from peristal.console import Console
from peristal.core import states
from peristal.core.borrow import borrow
from peristal.core.drive import Drive
from peristal.core.guard import Guard
from peristal.core.net import Net
from peristal.core.pace import Pace
from peristal.core.regulator import Regulator
from peristal.core.sensing import Sensing
from peristal.core.session import Session
from peristal.lines import MOST_WAITING, Lines
from peristal.store.programs import Programs
from tools.simulator import boards

COMMANDS = console.table()
FIRMWARE = Path(__file__).resolve().parents[1] / "firmware" / "peristal"


def core_app():
    """What the console needs of the application, without hardware."""
    net = Net(boards.load("esp32_manifold"))
    sensing = Sensing(net)
    drive = Drive(net)
    regulator = Regulator(net, sensing, drive)
    guard = Guard(net, sensing, drive)
    session = Session(net, sensing, regulator, guard)
    button = SimpleNamespace(down=False)
    return SimpleNamespace(
        session=session, guarding=guard, regulator=regulator, sensing=sensing, drive=drive, panel=SimpleNamespace(button=button),
        forget_learned=regulator.learned.forget, journal=SimpleNamespace(rows=tuple), pace=Pace(), sessions=list, radio=None,
        programs=Programs(), stalls=SimpleNamespace(lend=borrow, borrow=borrow),
    )  # fmt: skip


class TestRights:
    """Who may do what, for the links that come after USB."""

    FREE = {"help", "status", "stop", "programs", "notices", "fault", "zones", "learned", "radio", "loop", "program list", "bringup"}
    LOCAL = ("calibrate", "pair", "bringup run", "yes", "no", "again", "reads")

    @pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row[0])
    def test_a_stranger_may_watch_and_stop_and_nothing_else(self, row):
        answer = Console(core_app()).run(f"{row[0]} {' '.join('1' for _ in row[1].split())}", rights.ANYONE)
        refused = list(answer)[-1] == f"error: {row[0]}: {rights.WHO[row[4]]}"
        assert refused == (row[0] not in self.FREE)

    @pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row[0])
    def test_calibration_and_bring_up_are_not_even_for_the_owner_on_a_plain_link(self, row):
        answer = Console(core_app()).run(f"{row[0]} {' '.join('1' for _ in row[1].split())}", rights.OWNER)
        assert (list(answer)[-1] == f"error: {row[0]}: {rights.WHO[rights.LOCAL]}") == (row[0] in self.LOCAL)

    def test_rights_are_looked_at_first_so_that_a_stranger_learns_nothing_of_the_arguments(self):
        assert Console(core_app()).run("start polka 999", rights.ANYONE) == ("error: start: only for a paired device",)

    def test_every_row_has_known_states_and_rights_and_its_own_word(self):
        assert len({row[0] for row in COMMANDS}) == len(COMMANDS)
        for _, _, help_line, allowed, who, _ in COMMANDS:
            assert help_line and set(allowed) <= set(range(len(states.NAMES))) and who in (rights.ANYONE, rights.OWNER, rights.LOCAL)


class TestLines:
    def test_answers_wait_for_whoever_sends_them_and_the_rest_is_counted(self):
        lines = Lines(Console(core_app()), rights.ANYONE)
        for _ in range(20):
            for byte in b"help\n":
                lines.take(byte)
        sent = list(iter(lines.next_line, None))
        each = len(COMMANDS) + 1
        assert len(sent) == MOST_WAITING * each + 1
        assert sent[-1] == f"error: console: {20 - MOST_WAITING} answers were left out; send fewer commands at once"
        assert lines.next_line() is None

    def test_eighty_characters_are_a_line_and_one_more_is_none(self):
        for length, answer in ((80, "error: command: "), (81, "error: line: longer than 80 characters; nothing was done")):
            lines = Lines(Console(core_app()), rights.ANYONE)
            ended = [lines.take(byte) for byte in b"x" * length + b"\r\n"]
            assert ended == [False] * length + [True, False]
            assert (lines.next_line() or "").startswith(answer)
            assert lines.next_line() is None


WORDS = [f"commands/{path.stem}" for path in sorted((FIRMWARE / "commands").glob("*.py"))]


@pytest.mark.parametrize("name, allowed", [("lines", set()), *((name, {"core", "commands"}) for name in ["console", *WORDS])])
def test_the_console_knows_the_core_and_nothing_of_the_hardware(name, allowed):
    for node in ast.walk(ast.parse((FIRMWARE / f"{name}.py").read_text())):
        assert not isinstance(node, ast.Import)
        if isinstance(node, ast.ImportFrom):
            package, room = (node.module or "").split(".")[:2]
            assert package == "peristal" and room in allowed
