"""The linker: what comes out does the same, keeps apart what is not the same, and finds what is asked for by name.

That whole sessions come out the same is what the replays of .mpy files show (test_replay.py).
"""

import ast
import pickle
from pathlib import Path

import pytest

from peristal.core import borrow
from tools import link
from tools.link import __main__ as where
from tools.link import attributes, inline, modules, once
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


# What is asked for by main.py keeps its name; the rest is free to have a short one, or none.
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
    (folder / "main.py").write_text("from peristal.app import App\nApp.found, App.first, App.both\n")
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
    for content, means in (('{"units": {"what": "is kept"}, "texts": ""}', {"what": "is kept"}), ("{torn", first)):
        kept.write_text(content)
        link._linked.cache_clear()  # as another process
        assert link.units(folder) == means
    (folder / "peristal" / "core" / "two.py").write_text(TWO.replace("20", "21"))
    assert link.units(folder) != first
    link._linked.cache_clear()


NAMES = """
class Lamp:
    def __init__(self):
        self.brightness = 1
        self.colour = 2

    def both(self, more=0):
        return self.brightness, self.colour, more

class Horn:
    def __init__(self):
        self.loudness = 3
        self.record = ["x"]

    def tell(self):
        return self.record + [getattr(self, "loudness")]

def tell_both(lamp, horn):
    return lamp.both(more=4), horn.tell(), horn.record.pop(), horn.record

class App:
    def __init__(self, board):
        self.found = tell_both(Lamp(), Horn())
"""


def test_names_are_short_and_what_is_asked_for_by_a_word_or_could_be_a_list_s_is_not(tmp_path):
    one, other = (linked(firmware(tmp_path / name, app=text)) for name, text in (("a", NAMES), ("b", NAMES.replace("colour", "pop"))))
    for source, gone in ((one, ("brightness", "colour", "Lamp", "Horn", "tell_both")), (other, ("brightness", "Lamp"))):
        scope: dict = {}
        exec(source, scope)
        assert scope["App"](0).found == ((1, 2, 4), ["x", 3], "x", [])
        assert not [name for name in gone if name in source]
        assert "loudness" in source and "more" in source
    assert ".pop = 2" in other, "a list has a pop too: nobody can tell which one is meant"


def test_two_classes_share_their_short_names_and_one_class_never_does():
    """On the real firmware: fewer names than attributes, and no two attributes of one class have become the same."""
    linker = Linker(link.FIRMWARE, link.HOT)
    long = linker._trees()
    short: dict[str, ast.Module] = pickle.loads(pickle.dumps(long))  # making them again takes seconds
    attributes.rename(short, ())
    names: list[set[str]] = [set(), set()]
    for unit, tree in long.items():
        for before, after in zip(tree.body, short[unit].body):
            if isinstance(before, ast.ClassDef) and isinstance(after, ast.ClassDef):
                own = [{name for _, name in attributes._own(one)} for one in (before, after)]
                assert len(own[0]) == len(own[1]), before.name
                for found, more in zip(names, own):
                    found |= more
    assert len(names[1]) < len(names[0]) // 2


ONCE = """
from peristal.core.one import Base

class Fields:
    def __init__(self):
        self.first_value = 1
        self._prepare_all()

    def _prepare_all(self):
        self.second_value = 2

    def on_timer(self):
        return self.second_value

    def on_lambda(self):
        return self.first_value

    def in_the_loop(self):
        return self.first_value

def only_at_start():
    return Fields()

class App:
    def __init__(self, board):
        fields = only_at_start()
        self.fields = fields
        self.found = [fields.on_timer, lambda: fields.on_lambda()]

    def tick(self):
        return [call() for call in self.found] + [self.fields.in_the_loop()]
"""


def test_what_only_the_start_calls_is_given_back_and_nothing_that_may_be_called_later(tmp_path):
    """A method that is handed on, one that a lambda calls, and one of the loop are still there after the constructor."""
    linker = Linker(firmware(tmp_path, app=ONCE, **{"core/one": "class Base:\n    pass\n"}))
    trees = linker._trees()
    once.give_back(trees, linker.asked)
    scope: dict = {}
    exec(ast.unparse(trees["peristal.app"]), scope)
    app = scope["App"](0)
    assert app.tick() == [2, 1, 1]
    fields = vars(scope["Fields"])
    assert fields["__init__"] is None and fields["_prepare_all"] is None and scope["only_at_start"] is None


INLINED = """
class App:
    def __init__(self, board):
        self.level = board
        self.found = []

    def first(self, limit):
        level = 7
        for step in range(3):
            if not self._is_below(step + limit):
                self._note_down(step, level=level)
        self._note_down2(limit)
        word = self._word_for(limit)
        return self._last_word(word, level)

    def _is_below(self, limit):
        if self.level > limit:
            return False
        level = limit * 2
        if level > 8:
            return level < 13
        return True

    def _note_down(self, step, level, more=5):
        step += more
        if step > 6:
            self.found.append(level)
            return
        self.found.append(step)

    def _note_down2(self, limit):
        for one in self.found:
            if one == limit:
                return
        self.found.append("none")

    def _word_for(self, limit):
        if limit > 4:
            return "high"
        elif limit > 2:
            return "middle"

    def _last_word(self, word, level):
        for one in (1, 2):
            if one == level - 5:
                return word, one
        return word, level

    def both(self):
        def tick(number=[0]):
            number[0] += 1
            return number[0]
        return self._twice(tick()), self._between(2)

    def _twice(self, number):
        return number + number

    def _between(self, number):
        return 1 < number < 3
"""


def test_a_function_that_is_called_once_comes_to_stand_there_and_does_the_same(tmp_path):
    """Early returns, defaults, a local of the same name, a loop that is left by return, and an argument that must be worked out once."""
    linker = Linker(firmware(tmp_path, app=INLINED))
    trees = linker._trees()
    inline.inline(trees, linker.asked, ())
    source = ast.unparse(trees["peristal.app"])
    scopes: list[dict] = [{}, {}]
    exec(INLINED, scopes[0])
    exec(source, scopes[1])
    seen = []
    for scope in scopes:
        seen.append([])
        for board in range(0, 9):
            for limit in range(0, 7):
                app = scope["App"](board)
                seen[-1].append((app.first(limit), app.found, app.both()))
    assert seen[0] == seen[1] and len({repr(one) for one in seen[0]}) > 10
    left = [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    assert len(left) == 3 + 3, "the one with a loop that return leaves, the last word's is kept as it is, and tick() stays one"


def test_long_texts_are_in_a_file_and_the_reader_says_them_as_they_were(tmp_path, monkeypatch):
    content = link.texts()["peristal/texts.txt"]
    (tmp_path / "peristal").mkdir()
    (tmp_path / "peristal" / "texts.txt").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    said = {borrow.text_at(place) for place in range(len(content)) if place == 0 or content[place - 1 : place] == b"\n"}
    assert "flash: busy, or not everything is vented yet; try again" in said and len(said) > 50
    place = content.index(b"program: %r is not stored")
    assert borrow.text_at(place, "x") == "program: 'x' is not stored"
    assert borrow.text_at(place, ("x", 2)).startswith(f"text {place} (('x', 2),)"), "what does not fit is said, not raised"
    (tmp_path / "peristal" / "texts.txt").unlink()
    assert borrow.text_at(place, "x").startswith(f"text {place} ('x',) (")
    source = "".join(link.units().values())
    assert "is not stored" not in source.replace("%s is not stored", "") and f"({place}, " in source


def test_what_answers_in_a_session_reads_no_flash_for_its_words():
    """A text that any stranger may ask for, as often as he likes, is in the code."""
    sources = link.units()["peristal/app"]
    for text in ("is not known; help lists them", "only plain ASCII characters are allowed", "ok state=%s", "is latched; cleared by"):
        assert text in sources


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
