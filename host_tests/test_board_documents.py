"""What stands in boards/ beside board.py is made from it, and says what it says."""

import csv
import json
import xml.etree.ElementTree as ElementTree

import pytest

from peristal.core.board_check import pin_uses
from tools import mpy
from tools.boards import documents, words
from tools.boards.names import place
from tools.simulator import boards


def test_generated_files_are_up_to_date():
    made = documents.everything()
    assert len(made) > 30
    assert [path for path, content in made.items() if path.read_text() != content] == [], "run: python3 tools/dev.py documents"


def test_every_key_of_a_board_file_is_explained_and_none_besides():
    keys = {f"{part.__name__}.{key}" for part in words.CLASSES for key in part.FIELDS}
    assert keys == set(words.WORDS)


@pytest.mark.parametrize("name", boards.names())
def test_every_pin_is_in_the_diagram_the_table_and_the_names_of_the_custom_board(name):
    board = boards.load(name)
    folder = boards.BOARDS / name
    drawn = [element.text or "" for element in ElementTree.parse(folder / "wiring.svg").iter() if element.tag.endswith("text")]
    page = (folder / "board.md").read_text()
    named = [gpio for _, gpio in csv.reader((folder / "pins.csv").open())]
    for path, pin, _ in pin_uses(board):
        assert any(text.endswith(f"GPIO {pin}") for text in drawn), path
        assert f"| {pin} | " in page and f"`{path}`" in page, path
        assert named.count(f"GPIO{pin}") == 1, path
    for path, _ in (*board.valves(), *board.sensors()):
        assert place(board, path) in drawn, path


@pytest.mark.parametrize("name", boards.names())
def test_the_hose_plan_shows_every_chamber_and_every_way_out(name):
    board = boards.load(name)
    tree = ElementTree.parse(boards.BOARDS / name / "air.svg")
    texts = [element.text or "" for element in tree.iter() if element.tag.endswith("text")]
    assert sum(text.startswith("zone ") for text in texts) == len(board.zones())
    exhausts = [path for path, _ in board.valves() if path.endswith(("vent", "exhaust"))]
    assert texts.count("to the air") == len(exhausts)
    assert sum(text.startswith("NO,") for text in texts) == sum(valve.rest == "open" for _, valve in board.valves())


@pytest.mark.parametrize("name", boards.names())
def test_the_custom_board_is_for_the_boards_chip_and_freezes_all_that_runs(name):
    board = boards.load(name)
    folder = boards.BOARDS / name
    assert json.loads((folder / "board.json").read_text())["mcu"] == board.chip
    assert f"set(IDF_TARGET {board.chip})" in (folder / "mpconfigboard.cmake").read_text()
    frozen = set()

    def package(package_name, base_path):
        frozen.update((folder / base_path / package_name).resolve().rglob("*.py"))

    def module(file, base_path):
        frozen.add((folder / base_path.replace("$(BOARD_DIR)", ".") / file).resolve())

    exec((folder / "manifest.py").read_text(), {"include": lambda path: None, "package": package, "module": module})
    firmware = boards.BOARDS.parent / "firmware"
    wanted = {path.resolve() for path in mpy.device_files() if path.is_relative_to(firmware)}
    assert frozen == {*wanted, (folder / "board.py").resolve()}
