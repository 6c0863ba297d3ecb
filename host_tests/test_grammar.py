"""Programs as lines: what goes out comes in again, and a mistake is a line that says where it is and what is allowed."""

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host_tests.random_programs import draw
from peristal.core import modes
from peristal.core.grammar import ENDS, LONGEST_TEXT, Parser, is_name, lines_of, parse
from peristal.core.program import HOLD, MAX_ROWS, REACHED, ZONES, Program, ProgramError
from peristal.lines import LONGEST

FIELDS = ("name", "zones", "source", "rows", "less_mmhg", "pressure_mmhg", "minutes", "pressed_s")
REST = ("step vent vent reached", "step vent vent time 6000")


def same(one, other):
    return [getattr(one, field) for field in FIELDS] == [getattr(other, field) for field in FIELDS]


@st.composite
def programs(draw):
    """Any program that lines can say, whether it may run or not."""
    zones = draw(st.integers(1, ZONES))
    name = draw(st.from_regex("[a-z][a-z0-9_]{0,15}", fullmatch=True))
    words = st.text("abcXYZ.,:;()'\"%&/0189-", min_size=1, max_size=9)
    program = Program(name, zones, " ".join(draw(st.lists(words, max_size=6))))
    pair = st.tuples(st.integers(20, 100), st.integers(20, 100))
    program.pressure_mmhg = tuple(sorted(draw(pair)))
    program.minutes = tuple(sorted((draw(st.integers(1, 60)), draw(st.integers(1, 60)))))
    program.pressed_s = draw(st.integers(20, 120))
    for zone in range(zones):
        program.less_mmhg[zone] = draw(st.integers(0, 60))
    for step in range(draw(st.integers(1, 12))):
        if step and draw(st.integers(0, 5)) == 0:
            program.repeat(draw(st.integers(1, 64)), draw(st.integers(2, 1000)))
            continue
        actions = [draw(st.one_of(st.integers(0, 100), st.just(HOLD))) for _ in range(zones)]
        end = draw(st.sampled_from(sorted(ENDS.values())))
        program.add(actions, end, 0 if end == REACHED else 100 * draw(st.integers(1, 1200)))
    return program


class TestRoundTrip:
    @settings(max_examples=150)
    @given(programs())
    def test_what_lines_say_is_the_program_they_were_made_from(self, program):
        parser = Parser()
        lines = list(lines_of(program))
        for line in lines:
            assert len("program add " + line) <= LONGEST
            parser.take(line)
        assert same(parser.program, program)
        assert list(lines_of(parser.program)) == lines

    @pytest.mark.parametrize("zones", range(1, 7))
    @pytest.mark.parametrize("name", modes.names())
    def test_every_mode_can_be_written_and_read(self, name, zones):
        program = modes.build(name, zones)
        assert same(parse(lines_of(program)), program)

    def test_capitals_blanks_and_comments_mean_nothing(self):
        lines = ["# mine", "", "Program  Calf 2", "Step 100 Hold Time 5000 # foot", "STEP VENT VENT reached", "step vent vent time 6000"]
        assert list(lines_of(parse(lines))) == ["program calf 2", "step 100 hold time 5000", *REST]


MISTAKES = {
    "step 100 vent reached": (0, "line 1: 'step'; allowed: program first, and only once"),
    "program again 2": (1, "line 2: 'program'; allowed: program first, and only once"),
    "squeeze 100": (1, "line 2: 'squeeze'; allowed: program, source, pressure"),
    "pressure 20": (1, "line 2: 1 numbers; allowed: 2"),
    "pressure 20 120": (1, "line 2: '120'; allowed: 20 to 100 mmHg"),
    "pressure 60 40": (1, "line 2: 60 to 40; allowed: the lower one first"),
    "minutes 0 10": (1, "line 2: '0'; allowed: 1 to 60 min"),
    "pressed 121": (1, "line 2: '121'; allowed: 20 to 120 s"),
    "less 0": (1, "line 2: 1 numbers; allowed: 2"),
    "less 0 61": (1, "line 2: '61'; allowed: 0 to 60 mmHg"),
    "step 100 reached": (1, "line 2: 2 words; allowed: an action for each of 2 zones, then how it ends"),
    "step 100 vent vent reached": (1, "line 2: 'vent reached'; allowed: reached, time MS"),
    "step 101 vent reached": (1, "line 2: '101'; allowed: 1 to 100 %, vent, hold"),
    "step 0 vent reached": (1, "line 2: '0'; allowed: 1 to 100 %, vent, hold"),
    "step 1.5 vent reached": (1, "line 2: '1.5'; allowed: 1 to 100 %, vent, hold"),
    "step ² vent reached": (1, "line 2: '²'; allowed: 1 to 100 %, vent, hold"),
    "step 100 vent time": (1, "line 2: 'time'; allowed: reached, time MS"),
    "step 100 vent reached 500": (1, "line 2: 'reached'; allowed: reached, time MS"),
    "step 100 vent time 50": (1, "line 2: '50'; allowed: 100 to 120000 ms"),
    "step 100 vent time 130000": (1, "line 2: '130000'; allowed: 100 to 120000 ms"),
    "step 100 vent time 150": (1, "line 2: 150 ms; allowed: whole tenths of a second"),
    "repeat 2": (1, "line 2: 1 numbers; allowed: STEPS TIMES"),
    "repeat 1 1": (1, "line 2: '1'; allowed: 2 to 1000 times"),
    "repeat 3 2": (1, "step 1: repeats 3 steps 2 times; allowed: 1 to 0 steps"),
    "source " + "x" * 62: (1, "line 2: 62 characters; allowed: up to 61"),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_names_its_line_and_what_is_allowed(line):
    before, words = MISTAKES[line]
    with pytest.raises(ProgramError) as caught:
        parse([*["program mine 2"][:before], line, "step 100 100 time 5000", *REST])
    assert words in str(caught.value)


HEADS = ("program", "program mine", "program Mine2 7", "program 2mine 2", "program a-b 2", "program " + "x" * 17 + " 2")


@pytest.mark.parametrize("head", HEADS)
def test_a_name_or_number_of_zones_that_may_not_be_is_refused(head):
    with pytest.raises(ProgramError, match=r"^line 1: "):
        parse([head])


def test_no_program_and_too_many_steps_are_refused():
    with pytest.raises(ProgramError, match="no program; allowed: program NAME ZONES"):
        parse(["# nothing"])
    with pytest.raises(ProgramError, match=f"line {MAX_ROWS + 2}: one step too many; allowed: up to {MAX_ROWS}"):
        parse(["program long 1", *["step vent time 100"] * (MAX_ROWS + 1)])


def test_a_refused_line_changes_nothing():
    parser = Parser()
    parser.take("program mine 2")
    parser.take("less 1 2")
    before = list(lines_of(parser.program))
    refused = ["less 3 99", "less 3", "pressure 60 40", "step 100 vent ramp", "step 100 500 time 500", "repeat 70 2"]
    refused.append("source " + "x" * (LONGEST_TEXT + 1))
    for line in refused:
        with pytest.raises(ProgramError):
            parser.take(line)
        assert list(lines_of(parser.program)) == before


def test_only_plain_names_are_names():
    assert is_name("calf_2") and is_name("x") and is_name("a" * 16)
    assert not [name for name in ("", "2x", "_x", "Calf", "a" * 17, "a b", "é", "a-b") if is_name(name)]


REASON = re.compile(r"(line|step|zone) \d+: .*; allowed: |(program|pressure_mmhg|minutes|pressed_s|less): .*; allowed: ")


def test_random_programs_are_accepted_or_rejected_with_a_reason():
    rng = Random(20)
    accepted = 0
    for _ in range(400):
        try:
            parse(draw(rng))
            accepted += 1
        except ProgramError as error:
            assert REASON.match(str(error)), str(error)
    assert 80 < accepted < 320
