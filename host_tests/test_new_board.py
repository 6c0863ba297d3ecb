"""`make new-board`: whatever is answered, what is written passes the check, and nothing is written that does not."""

import runpy
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from peristal.core import chips
from tools.boards import check, new
from tools.boards.findings import ERROR
from tools.boards.plan import SIZES, Answers, NoPlan, write
from tools.simulator import boards

ANSWERS = st.builds(
    Answers,
    name=st.just("made"),
    chip=st.sampled_from(sorted(chips.CHIPS)),
    topology=st.sampled_from(("manifold", "independent")),
    legs=st.integers(1, 2),
    zones=st.integers(1, 6),
    size=st.sampled_from(sorted(SIZES)),
    zone_sensors=st.booleans(),
    flow_ml_min=st.integers(6000, 25000),
    stall_mmhg=st.integers(350, 900),
    pump_ma=st.integers(200, 3000),
    valve_c=st.integers(200, 1000),
    valve_ma=st.integers(100, 600),
    enable=st.booleans(),
)
THINGS = ("enable", "valve", "valve_c", "valve_ma", "sensor", "pump", "vent", "mux", "button")


@settings(max_examples=40, phases=(Phase.explicit, Phase.reuse, Phase.generate))  # shrinking takes minutes
@given(ANSWERS)
def test_what_is_written_passes_or_the_answer_to_change_is_named(tmp_path_factory, answers):
    try:
        text = write(answers)
    except NoPlan as error:
        assert str(error).partition(":")[0] in THINGS and str(error)
        return
    path = tmp_path_factory.mktemp("new") / "board.py"
    path.write_text(text)
    found: Any
    board: Any
    board, found = check.check(path)
    wrong = [str(finding) for finding in found if finding.level == ERROR and "volume_ml" not in finding.path]
    assert wrong == []
    assert (board.chip, board.topology, len(board.legs)) == (answers.chip, answers.topology, answers.legs)
    assert [len(leg.zones) for leg in board.legs] == [answers.zones] * answers.legs


def test_the_defaults_make_a_board_with_its_page(tmp_path, capsys):
    assert new.make("mine", lambda question: "", retry=False, root=tmp_path) == 0
    made = sorted(path.name for path in (tmp_path / "mine").iterdir())
    custom = ["manifest.py", "mpconfigboard.cmake", "mpconfigboard.h", "pins.csv"]
    assert made == ["air.svg", "board.json", "board.md", "board.py", *custom, "wiring.svg"]
    assert runpy.run_path(str(tmp_path / "mine" / "board.py"))["BOARD"].name == "mine"
    assert "0 errors" in capsys.readouterr().out


def test_a_wrong_answer_is_asked_again_with_what_is_allowed(tmp_path, capsys):
    answers = iter(["esp99", "esp32s3", "manifold", "3", "1", "9", "5", "", "yes"])
    assert new.make("mine", lambda question: next(answers, ""), retry=False, root=tmp_path) == 0
    out = capsys.readouterr().out
    assert "'esp99' is not allowed; allowed: esp32, esp32s3" in out.replace("esp32c3, esp32c6, ", "")
    assert "'3' is not allowed; allowed: 1 to 2" in out and "'9' is not allowed; allowed: 1 to 6" in out
    board = runpy.run_path(str(tmp_path / "mine" / "board.py"))["BOARD"]
    assert (board.chip, len(board.zones()), board.mux is not None) == ("esp32s3", 5, True)


def test_a_board_that_cannot_be_is_not_written(tmp_path, capsys):
    answers = iter(["esp32c3", "independent", "2", "6"])
    assert new.make("mine", lambda question: next(answers, ""), retry=False, root=tmp_path) == 1
    assert "esp32c3 has no pin left" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_somebody_at_the_terminal_is_asked_once_more(tmp_path, capsys):
    answers = iter(["esp32c3", "independent", "2", "6", *[""] * 6, "", "", ""])
    assert new.make("mine", lambda question: next(answers, ""), retry=True, root=tmp_path) == 0
    assert "Once more, please." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", "My Board", "../x", "9lives", "a" * 40])
def test_a_name_that_is_no_folder_is_refused(name, tmp_path, capsys):
    assert new.make(name, lambda question: "", retry=False, root=tmp_path) == 2
    assert "allowed: 3 to 31 of a-z" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_board_that_exists_is_not_overwritten(capsys):
    before = boards.source("esp32_manifold")
    assert new.main(["esp32_manifold", "--yes"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert boards.source("esp32_manifold") == before
