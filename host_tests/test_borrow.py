"""Code that no session needs is in the heap only while it is used, and reading it from the flash disturbs no session."""

import ast
from pathlib import Path
from typing import Any

import pytest

from host_tests.talking import Talk
from peristal import console
from peristal.commands import rights
from peristal.core import faults
from peristal.core.borrow import borrow
from tools.simulator import quicker
from tools.simulator.rig import Rig

COMMANDS = Path(console.__file__).parent / "commands"
RUNNING_AT_S = 7


def test_every_theme_is_here_or_is_found_by_each_of_its_words():
    here = {"adjust", "session", "rights", "__init__"}
    assert {path.stem for path in COMMANDS.glob("*.py")} == here | {theme.partition(".")[2] for theme, _ in console.LATER}
    for theme, words in console.LATER:
        assert words.strip(",").split(",") == [row[0] for row in borrow(theme).COMMANDS], theme


def test_a_command_that_has_to_be_safe_and_quick_never_waits_for_the_flash():
    here = {row[0] for row in console.HERE}
    assert {"status", "start", "stop", "pause", "resume", "+", "-", "tingling", "set pressure", "boost", "skip", "tight", "trim"} <= here


def loaded(talk: Talk) -> set[str]:
    return {name for name in talk.rig.chip.world.modules if name.startswith("peristal.")}  # pyright: ignore[reportOptionalMemberAccess]


def test_what_was_borrowed_is_forgotten():
    """After start-up, after a session's start and after each theme the same modules are there."""
    seen: list[set[str]] = []

    def before(rig: Rig) -> None:
        for at_s in (0.9, 3, RUNNING_AT_S):
            rig.at(at_s, lambda: seen.append(loaded(talk)))

    talk = Talk([(1, "program show wave"), (1.3, "help"), (2.8, "journal"), (3.1, "start wave 50 5"), (6.5, "zones")])
    talk.run(RUNNING_AT_S + 0.5, before)
    assert [answer[-1].split()[0] for answer in talk.answers] == ["ok"] * 5, talk.heard
    assert seen[0] == seen[1] == seen[2]
    borrowed = ("walk", "check", "modes", "presets", "grammar", "fault_words", "board_check")
    assert not seen[0] & {f"peristal.core.{name}" for name in borrowed}


def slow(rig: Rig, ms: int) -> None:
    for name in ("peristal.commands.service", "peristal.commands.choices", "peristal.core.presets"):
        rig.chip.on_import(name, lambda _: rig.chip.advance(ms * 1000))


@pytest.mark.parametrize("at_s, ms", [(1, 400), (RUNNING_AT_S, 60)])
def test_reading_a_theme_latches_nothing_and_is_no_late_tick(at_s, ms):
    """60 ms are twice what the largest theme takes; at rest the deadman does not even look."""
    talk = Talk([(3, "start wave 50 5"), (at_s, "zones"), (at_s + 1, "programs")])
    talk.run(RUNNING_AT_S + 4, lambda rig: slow(rig, ms))
    app: Any = talk.rig.app
    assert app.session.active and app.guarding.fault == faults.OK, talk.heard
    assert not app.session.notices & faults.LOOP_LATE
    assert sum(line.startswith(("  zone ", "ok zones=")) for _, line in talk.heard) > 2
    assert any(line.startswith("ok programs=") for _, line in talk.heard)


def test_in_a_session_the_flash_is_read_four_times_a_second_at_the_most():
    """Whoever asks for more is told to wait: nobody can keep the loop from its work."""
    talk = Talk([(3, "start wave 50 5"), *[(RUNNING_AT_S + 0.04 * turn, ("zones", "loop")[turn % 2]) for turn in range(50)]])
    reads: list[str] = []

    def before(rig: Rig) -> None:
        for name in ("service", "journal"):
            rig.chip.on_import(f"peristal.commands.{name}", lambda module: reads.append(module.__name__))

    talk.run(RUNNING_AT_S + 3, before)
    assert 6 <= len(reads) <= 9
    assert sum(line.startswith("error: busy: ") for _, line in talk.heard) >= 40


def test_no_room_for_a_command_is_an_answer():
    class Stalls:
        def lend(self, name: str) -> None:
            raise MemoryError

    class App:
        stalls = Stalls()

    assert console.Console(App()).run("zones", rights.LOCAL) == (console.NO_ROOM,)


def test_what_is_built_once_gives_its_constructor_back_and_nothing_else_does():
    """Whatever a borrowed module, or the loop itself, builds later must still be able to be built."""
    talk = Talk([(1, "program show wave")]).run(2)
    modules = talk.rig.chip.world.modules  # pyright: ignore[reportOptionalMemberAccess]
    shed = {name for module in modules.values() for name, kind in vars(module).items() if isinstance(kind, type) and kind.__init__ is None}
    assert {"Session", "Guard", "Regulator", "Sequencer", "Wearer", "Levels", "Drive"} <= shed
    firmware = COMMANDS.parent
    resident = {str(module.__file__) for module in modules.values() if getattr(module, "__file__", None)}
    for path in sorted(firmware.rglob("*.py")):
        tree = ast.parse(path.read_text())
        borrowed = path.relative_to(firmware.parent).as_posix() not in resident
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and (borrowed or function.name != "__init__"):
                called = {node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
                assert not called & shed, (path.name, function.name)


def classes_shed(monkeypatch: pytest.MonkeyPatch, own: bool) -> set[str]:
    if own:
        monkeypatch.delitem(quicker.QUICKER, "peristal.core.borrow")
    rig = Rig("esp32_manifold_5")
    asked: list[str] = []
    rig.chip.on_import("peristal.core.borrow", lambda module: asked.append(module.shed.__module__))
    rig.run_until(1)
    assert [name == "peristal.core.borrow" for name in asked] == [own]
    modules = rig.chip.world.modules.values()  # pyright: ignore[reportOptionalMemberAccess]
    return {name for module in modules for name, kind in vars(module).items() if isinstance(kind, type) and kind.__init__ is None}


def test_the_simulator_s_own_way_to_shed_sheds_the_same(monkeypatch: pytest.MonkeyPatch):
    quick = classes_shed(monkeypatch, False)
    assert len(quick) > 20 and quick == classes_shed(monkeypatch, True)


def test_a_start_for_which_there_is_no_room_is_refused_and_the_loop_goes_on():
    def full(_: object) -> None:
        raise MemoryError

    def before(rig: Rig) -> None:
        rig.chip.on_import("peristal.core.walk", full)
        rig.chip.on_import("peristal.core.presets", lambda module: full(module) if rig.now_s > 1 else None)
        rig.press(3.0)

    talk = Talk([(1.5, "start"), (2, "set program wave"), (5, "status")]).run(6, before)
    assert talk.answers[0] == ["error: memory: there is no room for a start now; try again, or restart the device"]
    assert talk.answers[1] == [console.NO_ROOM]
    assert talk.answers[2][-1].startswith("ok state=idle") and talk.rig.chip.starts == 1
