"""Generated documents are what the code's own tables say now; the pages written by hand are in test_handbook.py."""

from peristal.core import faults
from peristal.core.fault_words import WORDS
from tools import safety
from tools.simulator import parameters


def test_the_table_of_the_plants_parameters_is_up_to_date():
    assert parameters.DOCUMENT.read_text() == parameters.text(), "run: python -m tools.simulator.parameters"


def test_what_keeps_the_wearer_safe_is_up_to_date():
    assert safety.DOCUMENT.read_text() == safety.text(), "run: make documents"


def test_every_fault_and_notice_says_how_it_is_seen():
    assert sorted(safety.HOW) == [number for number, _, _ in WORDS if number < faults.FIRST_NOTICE]
    assert sorted(faults.numbers(sum(safety.NOTICES_HOW))) == [number for number, _, _ in WORDS if number >= faults.FIRST_NOTICE]
