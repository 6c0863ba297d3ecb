"""Generated documents are what the code's own tables say now; the README names only what there is."""

import re
from pathlib import Path

import pytest

from peristal.core import faults, limits, presets
from peristal.core.fault_words import WORDS
from tools import dev, safety
from tools.simulator import boards, parameters

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_the_table_of_the_plants_parameters_is_up_to_date():
    assert parameters.DOCUMENT.read_text() == parameters.text(), "run: python -m tools.simulator.parameters"


def test_what_keeps_the_wearer_safe_is_up_to_date():
    assert safety.DOCUMENT.read_text() == safety.text(), "run: make documents"


def test_every_fault_and_notice_says_how_it_is_seen():
    assert sorted(safety.HOW) == [number for number, _, _ in WORDS if number < faults.FIRST_NOTICE]
    assert sorted(faults.numbers(sum(safety.NOTICES_HOW))) == [number for number, _, _ in WORDS if number >= faults.FIRST_NOTICE]


@pytest.mark.parametrize("name", boards.names())
def test_every_board_is_in_the_readme(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", presets.names())
def test_every_program_is_in_the_readme(name):
    assert f"`{name}`" in README


def test_every_make_target_in_the_readme_exists():
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE)) <= set(dev.TARGETS)


def test_the_limits_in_the_readme_are_those_of_the_table():
    assert f"{limits.CAP_MMHG} mmHg is the cap" in README
    assert f"{limits.highest('trip_mmhg')} mmHg for {limits.highest('trip_ms')} ms" in README
    assert f"more than {limits.highest('pressed_s')} s" in README
    assert f"more than {limits.highest('minutes')} minutes" in README


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_of_the_readme_leads_somewhere(path):
    assert (ROOT / path).exists()


def test_every_folder_the_readme_lists_exists():
    for folder in re.findall(r"^\| `([a-z_/]+/)`", README, re.MULTILINE):
        assert (ROOT / folder).is_dir()
