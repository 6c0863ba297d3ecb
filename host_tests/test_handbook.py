"""The handbook is true: links lead somewhere, targets and command words exist, command lines parse, figures are the code's."""

import ast
import re
import shlex
from pathlib import Path

import pytest

from peristal import console
from peristal.core import limits, modes, presets
from tools import architecture, dev, handbook
from tools.boards import check, new
from tools.cli import options as options_of_peristal
from tools.simulator import boards, options

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("boards", "firmware", "tools", "host_tests", ".github")
INSIDE = [page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md") if "node_modules" not in page.parts]
PAGES = sorted([*ROOT.glob("*.md"), *INSIDE])
BY_HAND = [page for page in PAGES if "Generated" not in page.read_text()[:800]]
TOLD = [page for page in PAGES if page.name != "CHANGELOG.md"]  # the changelog tells the past
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
each_told = pytest.mark.parametrize("page", TOLD, ids=lambda page: page.relative_to(ROOT).as_posix())


def pieces(page):
    """What is meant to be typed: code in the text, and every line of a fenced block without its comment."""
    text = page.read_text()
    fenced = re.findall(r"^ *```[^\n]*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line.split("   #")[0].strip().removeprefix("$ ") for block in fenced for line in block.splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", prose)


def anchors(page):
    """The headings of a page, as a link names them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@each_page
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


@each_told
def test_every_make_target_exists(page):
    for piece in pieces(page):
        for command in re.findall(r"(?:^|[\s;&`])make ((?!-)[a-z-]+)", piece):
            assert command in dev.TARGETS, piece
        for command in re.findall(r"tools/dev\.py ([a-z-]+)", piece):
            assert command in dev.TARGETS, piece


@each_told
def test_every_run_command_parses(page, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(boards, "names", lambda: [path.parent.name for path in boards.BOARDS.glob("*/board.py")] + ["my_legs"])
    monkeypatch.setattr(boards, "why_not", lambda name: "")
    monkeypatch.setattr(options, "listing", lambda: "")
    monkeypatch.setattr(modes, "MODES", (*modes.MODES, ("calm", *modes.MODES[0][1:])))  # the mode of the walk
    monkeypatch.delenv("BOARD", raising=False)
    for piece in pieces(page):
        given = re.match(r"(?:make|python3 tools/dev\.py) run\b(.*)", piece)
        if given is None:
            continue
        words = shlex.split(given[1])
        named = dict(word.split("=", 1) for word in words if re.match(r"[A-Z]+=", word))
        assert set(named) <= {"ARGS", "BOARD"}, piece
        if "BOARD" in named:
            monkeypatch.setenv("BOARD", named["BOARD"])
        try:
            options.parse(shlex.split(named["ARGS"]) if "ARGS" in named else [word for word in words if "=" not in word], on_terminal=False)
        except SystemExit as left:
            assert left.code == 0, piece  # --list and --help


@each_told
def test_every_board_and_file_that_is_named_in_a_command_exists(page):
    for piece in pieces(page):
        for name in re.findall(r"BOARD=([\w]+)", piece):
            assert name in (*boards.names(), "my_legs", "name"), piece
        for path in re.findall(r"(?:ARGS=\"?|\s)(host_tests/[\w/.]+\.py)", piece):
            assert (ROOT / path).exists(), piece


@pytest.mark.parametrize("page", BY_HAND, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_path_that_is_named_exists(page):
    for piece in re.findall(r"`([^`\s]+)`", page.read_text()):
        made_later = "my_legs" in piece or "node_modules" in piece
        if not made_later and re.fullmatch(r"(?:firmware|tools|host_tests|boards|\.github|\.ci)/[\w./-]*", piece):
            assert (ROOT / piece).exists(), piece


def test_every_console_word_of_the_first_session_exists():
    """Lines of the blocks that are typed on the console, and the words in the text that look like one."""
    known = {row[0] for row in console.table()}
    text = (ROOT / "boards" / "FIRST_SESSION.md").read_text() + (ROOT / "SECURITY.md").read_text()
    typed = re.findall(r"`(start|stop|zones|record|notices|fault|tight|pair|unpair|bonds|set \w+|bringup)\b[^`]*`", text)
    assert len(set(typed)) >= 8
    assert set(typed) <= known | {"bringup"} and set(re.findall(r"^(start|zones|record)\b", text, re.MULTILINE)) <= known


def test_the_limits_in_the_readme_are_those_of_the_table():
    readme = " ".join((ROOT / "README.md").read_text().split())
    assert f"{limits.CAP_MMHG} mmHg is the cap" in readme
    assert f"{limits.highest('trip_mmhg')} mmHg for {limits.highest('trip_ms')} ms" in readme
    assert f"more than {limits.highest('pressed_s')} s" in readme
    assert f"more than {limits.highest('minutes')} minutes" in readme
    assert f"anything is above {limits.highest('released_mmhg')} mmHg" in readme
    assert f"{limits.CAP_MMHG} mmHg cannot be exceeded" in (ROOT / "SECURITY.md").read_text()


def test_the_firmwares_page_has_the_figures_of_the_loop():
    page = (ROOT / "firmware" / "README.md").read_text()
    assert f"every {limits.TICK_MS} ms" in page
    steps = re.findall(r"^\d\. \*\*(\w+)\*\*", page, re.MULTILINE)
    assert steps == [step.name for step in architecture.steps()] and len(steps) == 8


def test_the_picture_shows_the_loop_as_it_runs_and_imports_one_way():
    text = architecture.DOCUMENT.read_text()
    for step in architecture.steps():
        assert f">{step.name}</text>" in text and step.uses, step
    between, outside = architecture.edges()
    assert not [edge for edge in between if edge[0] == "core"] and "core" not in outside
    assert set(outside) <= {"main.py", "hw", "ble"} and {one for edge in between for one in edge} <= set(architecture.PLACES)
    assert {step.name: step.uses for step in architecture.steps()}["act"][-2:] == ("hw/outputs", "core/drive")


SHIPPED = ("esp32_manifold", "esp32_manifold_5", "esp32c3_mini", "esp32s3_independent")  # beside them lie boards of one's own


@pytest.mark.parametrize("name", SHIPPED)
def test_the_tables_of_boards_have_the_figures_of_the_board_file(name):
    page = (ROOT / "boards" / "README.md").read_text()
    assert f"boards/{name}/board.md" in (ROOT / "README.md").read_text()
    board = boards.load(name)
    row = next(line for line in page.splitlines() if line.startswith(f"| [`{name}`]"))
    cells = [cell.strip() for cell in row.split("|")[2:-1]]
    sizes = f"{len(board.legs)} x {len(board.legs[0].zones)}"
    assert cells[1:4] == [sizes, str(len(board.valves())), str(len(board.sensors()))]
    assert cells[4].startswith(board.topology) and cells[0].replace("-", "").lower() == board.chip


def test_the_questions_of_new_board_are_those_it_asks():
    page = (ROOT / "boards" / "README.md").read_text()
    said = re.search(r"asks up to (\w+) questions", page)
    assert said and said[1] == {11: "eleven", 12: "twelve", 13: "thirteen", 14: "fourteen"}[len(new.QUESTIONS)]
    for question, _ in list(new.QUESTIONS.values())[:6]:
        assert f"\n{question} " in page, question


def test_what_the_check_is_said_to_say_it_says():
    found = " ".join(str(finding) for finding in check.check(boards.BOARDS / "esp32_manifold" / "board.py")[1])
    for figure in ("all zones from 120 to 15 mmHg take 11.2 s", "a pump stuck on with all coils off holds 15 mmHg, below 30"):
        assert figure in found and figure in (ROOT / "boards" / "README.md").read_text()


def test_every_folder_and_file_of_the_tools_says_what_it_is():
    for line in handbook.text().splitlines():
        if line.startswith("| `"):
            assert len(line.split("|")[2].strip()) > 8, line
    assert all(f"`make {name}`" in handbook.text() for name in dev.TARGETS)


def test_every_preset_and_mode_is_in_the_programs_page():
    page = (ROOT / "firmware" / "PROGRAMS.md").read_text()
    assert all(f"`{name}`" in page for name in presets.names())


@each_page
def test_no_page_shows_what_python_says_of_its_own_objects(page):
    assert not re.search(r"object=''|<(function|class|module|built-in)\b", page.read_text())


def test_the_bug_template_asks_for_a_bundle_and_warns_of_the_backup():
    template = (ROOT / ".github" / "ISSUE_TEMPLATE" / "bug.md").read_text()
    assert template.startswith("---\nname: ") and "make peristal ARGS=bundle" in template and "make backup" in template


def test_python_in_the_pages_is_python():
    blocks = [block for page in PAGES for block in re.findall(r"^( *)```python\n(.*?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL)]
    assert len(blocks) >= 5, "they are found"
    for indent, text in blocks:
        assert ast.parse("\n".join(line.removeprefix(indent) for line in text.splitlines())).body


@each_told
def test_every_peristal_command_line_parses(page):
    for piece in pieces(page):
        given = re.match(r"(?:make|python3 tools/dev\.py) peristal\b(.*)", piece)
        if given is None:
            continue
        words = shlex.split(given[1])
        named = [word.removeprefix("ARGS=") for word in words if word.startswith("ARGS=")]
        line = shlex.split(named[0]) if named else words
        try:
            if line and line[-1] != "...":
                options_of_peristal.parse(line)
        except SystemExit as left:
            assert left.code == 0, piece  # --help
