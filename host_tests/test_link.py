"""The linker: what comes out does the same, keeps apart what is not the same, and finds what is asked for by name.

That whole sessions come out the same is what the replays of .mpy files show (test_replay.py).
"""

import ast
from pathlib import Path

import pytest

from tools import link
from tools.link import __main__ as where
from tools.link import modules
from tools.link.bundle import Linker
from tools.link.modules import LinkError

APP = """
from peristal.core import one, two
from peristal.core.one import LIMIT, Base

class App(Base):
    def __init__(self, board):
        limit = two.limit(board)
        name = one.name(limit)
        self.found = (name, limit, LIMIT + two.LEAST, [two.limit(LIMIT) for LIMIT in (1, 2)], LIMIT)
        a, b = 1, 2
        a, b = b, a
        self.found += (a, b)
"""
ONE = """
from peristal.core.units import pa
LIMIT = pa(3)
_STEP, _MORE = range(2)
WORDS = {"for": "documents"}

def name(limit):
    return "one%d" % (limit + _MORE)

def nobody():
    return WORDS

class Base:
    FIRST = 7
    def first(self):
        return self.FIRST + _STEP
"""
TWO = """
LEAST = -4
_MORE = 20

def limit(name, least=LEAST):
    LIMIT = name + _MORE
    return LIMIT + least
"""


def firmware(folder: Path, **changes: str) -> Path:
    """A firmware of three modules and what the linker takes for granted."""
    texts = {"app": APP, "core/one": ONE, "core/two": TWO, **changes}
    real = link.FIRMWARE / "peristal"
    for name in ("core/board", "core/parts", "core/marker", "core/drive", "core/levels", "hw/rtc", "hw/watchdog", "ble/radio"):
        texts.setdefault(name, "class Radio:\n    pass\n" if name == "ble/radio" else "")
    texts["core/units"] = (real / "core/units.py").read_text()
    texts["ble/__init__"] = ""
    for name, text in texts.items():
        path = folder / "peristal" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "main.py").write_text("")
    return folder


def linked(folder: Path) -> str:
    return Linker(folder).units()["peristal.app"]


def test_what_is_linked_does_the_same(tmp_path):
    """Constants are folded where they are meant, and nowhere else: locals of the same name, defaults and loops stay what they were."""
    source = linked(firmware(tmp_path))
    scope: dict = {}
    exec(source, scope)
    app = scope["App"](10)
    assert app.found == ("one27", 26, 399 - 4, [17, 18], 399, 2, 1) and app.first() == 7


def test_constants_and_what_nobody_uses_are_gone(tmp_path):
    source = linked(firmware(tmp_path))
    for gone in ("LEAST", "_STEP", "_MORE", "WORDS", "nobody", "import", '"""'):
        assert gone not in source
    assert "a, b = b, a" in source, "brackets would make MicroPython build a tuple in every tick"


def test_what_is_the_same_in_two_modules_stays_two_things(tmp_path):
    one = "STATE = []\n\ndef look():\n    return STATE\n"
    two = "STATE = {}\n\ndef look(STATE=STATE):\n    return STATE\n"
    app = "from peristal.core import one, two\n\nclass App:\n    def both(self):\n        return one.look(), two.look()\n"
    scope: dict = {}
    exec(linked(firmware(tmp_path, app=app, **{"core/one": one, "core/two": two})), scope)
    assert scope["App"]().both() == ([], {})


def test_what_was_linked_is_kept_for_the_next_process_until_anything_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(link, "KEPT", tmp_path / "kept")
    folder = firmware(tmp_path / "firmware")
    first = link.units(folder)
    (kept,) = link.KEPT.iterdir()
    for content, means in (('{"what": "is kept"}', {"what": "is kept"}), ("{torn", first)):
        kept.write_text(content)
        link._units.cache_clear()  # as another process
        assert link.units(folder) == means
    (folder / "peristal" / "core" / "two.py").write_text(TWO.replace("20", "21"))
    assert link.units(folder) != first
    link._units.cache_clear()


@pytest.mark.parametrize(
    "text, says",
    [
        ("from peristal.core import one\nclass App:\n    def x(self):\n        return one\n", "app.py:4: one is a module; only its names"),
        ("from peristal.core import one\nclass App:\n    def x(self):\n        return one.gone\n", "peristal.core.one has no gone"),
        ("from peristal.core.one import gone\nclass App:\n    x = gone\n", "peristal.core.one has no gone"),
        ("X = 1\nX = 2\nclass App:\n    pass\n", "app.py:2: X is bound twice"),
        ("X = []\nX.append(2)\nclass App:\n    pass\n", "app.py:2: at the top of a module only imports"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_its_place(tmp_path, text, says):
    with pytest.raises(LinkError, match=says):
        linked(firmware(tmp_path, app=text))


def test_everything_that_is_borrowed_is_a_file_with_all_that_is_asked_of_it():
    units = link.units()
    nodes = [node for path in (link.FIRMWARE / "peristal").rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    known = {name.removeprefix("peristal.") for name in modules.load(link.FIRMWARE)}
    borrowed = {word for word in words if "." in word and word in known}
    assert len(borrowed) > 10
    for name in borrowed:
        assert f"peristal/{name.replace('.', '/')}" in units, name
    for node in nodes:  # borrow("core.x").what
        call = node.value if isinstance(node, ast.Attribute) else None
        name = call.args[0].value if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant) else None
        if isinstance(node, ast.Attribute) and name in borrowed:
            source = ast.parse(units[f"peristal/{name.replace('.', '/')}"])
            assert node.attr in {bound for statement in source.body for bound in modules.targets(statement)}, (name, node.attr)


def test_the_application_is_one_file():
    assert not [name for name in link.units() if name.startswith(("peristal/core/guard", "peristal/core/session", "peristal/hw/outputs"))]


def test_a_traceback_of_the_device_leads_to_the_line_in_the_sources(capsys):
    """Private names are short there: every function is found by the name it has on the device."""
    units = link.units()
    names = {node.name for source in units.values() for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    assert where.main(sorted(names)) == 0
    said = capsys.readouterr().out
    line = next(row for row in said.splitlines() if row.endswith(" Guard._forget"))
    path, number = line.split()[1].split(":")
    assert (link.FIRMWARE.parent / path).read_text().splitlines()[int(number) - 1].strip() == "def _forget(self):"
    assert where.main(["nobody_has_this"]) == 2 and "nobody_has_this: allowed: names of functions" in capsys.readouterr().err
