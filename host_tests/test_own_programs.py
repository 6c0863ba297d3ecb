"""Programs of one's own over the console: sent line by line, kept, run, renamed, removed, and safe from a power cut at any moment."""

from __future__ import annotations

import pytest

from host_tests.chip_bench import chip_with
from host_tests.talking import Talk
from peristal.core import grammar, modes, presets
from peristal.core.check import check
from peristal.core.program import Program
from peristal.store import programs
from tools.simulator.flash import Flash
from tools.simulator.rig import Rig

VENTED_S = 15.0  # after power-on, until everything counts as vented
KNEE = """\
program knee 4
source my physiotherapist, after the marathon
pressure 30 60
minutes 5 20
less 0 5 5 10
step 100 vent vent vent reached
step hold 80 vent vent reached
step hold hold vent vent time 2000
repeat 2 2
step vent vent vent vent both 8000""".split("\n")


def sent(lines, count=None):
    """The lines that send a program."""
    return ["program put", *(f"program add {line}" for line in lines), "program end" + (f" {count}" if count else "")]


def talk(lines, board="esp32_manifold", rig_before=None, pause_s=0.6, **options):
    """The answers to lines typed once everything counts as vented."""
    options.setdefault("settings", {"program": "wave"})
    one = Talk([(VENTED_S + pause_s * index, line) for index, line in enumerate(lines)], board, **options)
    return one.run(VENTED_S + pause_s * len(lines) + 1, rig_before)


def last(conversation):
    return [answer[-1] if answer else "" for answer in conversation.answers]


def test_a_program_is_sent_kept_shown_chosen_renamed_and_removed():
    lines = [*sent(KNEE, len(KNEE)), "program list", "program show knee", "programs", "set program knee", "set pressure 61"]
    lines += ["program rename knee hip_2", "status", "program show hip_2", "program rm hip_2", "program list", "status"]
    conversation = talk(lines)
    said = last(conversation)
    assert max(map(len, lines)) <= 80
    assert said[len(KNEE) + 1 : len(KNEE) + 3] == ["ok program=knee steps=5", "ok programs=1"]
    shown = conversation.answers[len(KNEE) + 3]
    assert [line.strip() for line in shown[:-1]] == KNEE
    rest = said[len(KNEE) + 4 :]
    assert rest[0] == f"ok programs={len(presets.names()) + 1}" and "  21 knee own" in conversation.answers[len(KNEE) + 4]
    assert rest[1] == "ok program=knee pressure_mmhg=55 minutes=20"
    assert rest[2] == "error: pressure_mmhg: 61 is not allowed; allowed: 30 to 60 mmHg"
    assert rest[3] == "ok program=hip_2" and " program=hip_2 " in rest[4]
    assert [line.strip() for line in conversation.answers[-4][:-1]] == ["program hip_2 4", *KNEE[1:]]
    assert rest[6:8] == ["ok programs=0", "ok programs=0"]
    assert " program=easy_run " in rest[8], "the chosen one is gone: the first preset takes its place"


def test_it_runs_after_a_power_cycle_and_its_name_is_in_the_record():
    rig = Rig(settings={"program": "wave", "pressure_mmhg": 40}, snug=True)
    for index, line in enumerate([*sent(KNEE), "set program knee"]):
        rig.type_line(VENTED_S + 0.3 * index, line)
    rig.run_until(26)
    rig.chip.power_cycle()
    rig.press(29)
    highest = [0.0] * 8
    rig.every(0.2, lambda: highest.__setitem__(slice(None), [max(pair) for pair in zip(highest, rig.plant.zone_mmhg)]))
    rig.at(70, lambda: rig.chip.type("stop\n"))
    rig.run_until(95)
    assert rig.state == "done" and rig.app.session.program == "knee"
    assert highest[0] == pytest.approx(40, abs=4) and highest[1] == pytest.approx(40 * 0.8 - 5, abs=4)
    assert max(highest[2:4]) < 15
    assert b'"knee", 40,' in rig.flash.files["record.json"]


BAD = {
    "one line less than was sent": (sent(KNEE, 11), "error: program: 10 lines came, 11 were sent; nothing is kept"),
    "never ended": (sent(KNEE)[:-1], f"ok line={len(KNEE)}"),
    "a built-in name": (sent(["program wave 4", *KNEE[1:]]), "error: program: 'wave' is a built-in one; take another name"),
    "no rest": (sent(KNEE[:-1]), "error: "),
    "a share above 100": ([*sent(KNEE[:5])[:-1], "program add step 101 vent vent vent reached"], "error: line 6: "),
    "a line alone": (["program add step 100 vent vent vent reached"], "error: program: none was begun; program put begins one"),
    "an end alone": (["program end"], "error: program: none was begun; program put begins one"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_or_half_sent_changes_nothing(what):
    lines, why = BAD[what]
    conversation = talk([*sent(KNEE, len(KNEE)), *lines, "program show knee", "program list"], pause_s=0.3)
    said = last(conversation)
    assert said[-3].startswith(why), said[-3]
    assert [line.strip() for line in conversation.answers[-2][:-1]] == KNEE and said[-1] == "ok programs=1"
    assert [name for name in conversation.rig.flash.files if name.startswith("programs/")] == ["programs/knee.json"]


def test_a_line_that_was_refused_may_be_sent_again():
    lines = sent(KNEE, len(KNEE))
    lines.insert(6, "program add step 200 vent vent vent reached")
    assert last(talk(lines))[-1] == "ok program=knee steps=5"


def test_nothing_is_written_before_everything_is_vented_or_while_a_session_runs():
    conversation = Talk([(0.5 + 0.1 * n, line) for n, line in enumerate(sent(KNEE))] + [(3, "start wave 40 5"), (9, "program rm knee")])
    said = last(conversation.run(10))
    assert said[len(KNEE) + 1].startswith("error: flash: busy")
    assert said[-1] == "error: program rm: not while running; allowed while idle, done"


# --- the store alone, on a chip with a flash ----------------------------------------------------------------------------

STORED = [f"own_{number}" for number in range(16)]
PUT = """
from peristal.core import grammar
from peristal.store.programs import Programs
lines = LINES
own = Programs()
"""


def program(name, hold_ms=2000):
    made = Program(name, 2, "test")
    for actions, end, time_ms in (([100, 0], 0, 0), ([255, 0], 1, hold_ms), ([0, 0], 2, 8000)):
        made.add(actions, end, time_ms)
    check(made)
    return made


def chip(flash, action):
    """A chip that does this with the stored programs."""
    lines = {name: list(grammar.lines_of(program(name, hold_ms))) for name, hold_ms in (("own_3", 7000), ("fresh", 2000))}
    one = chip_with(PUT.replace("LINES", repr(lines)) + action + "\nprint('did it')\n")
    flash.put("main.py", one.flash.files["main.py"])
    one.flash = flash
    return one


def filled(count):
    """A flash with so many programs."""
    flash = Flash()
    puts = [f"lines['own_3'][0] = 'program {name} 2'; own.put(grammar.parse(lines['own_3']))" for name in STORED[:count]]
    one = chip(flash, "\n".join(puts))
    one.at(20_000_000, one.power_off)
    one.run()
    assert one.console == ["did it"]
    return dict(flash.files)


def held(files):
    """What a fresh start finds: name -> lines."""
    flash = Flash()
    flash.files.update(files)
    flash.folders.add("programs")
    one = chip(flash, "for name in own.names():\n    print(name, list(grammar.lines_of(own.program(name, 4))))")
    one.at(1_000_000, one.power_off)
    one.run()
    assert one.console[-1] == "did it", one.console
    return dict(line.split(" ", 1) for line in one.console[:-1] if not line.startswith("peristal:"))


ACTIONS = {
    "a new one": ("print(own.put(grammar.parse(lines['fresh'])))", 3),
    "another in its place": ("print(own.put(grammar.parse(lines['own_3'])))", 3),
    "renamed": ("own.rename('own_3', 'other')", 1),
    "removed": ("own.remove('own_3')", 1),
}


@pytest.fixture(scope="module")
def fifteen():
    files = filled(15)
    names = held(files)
    assert sorted(names) == sorted(STORED[:15])
    return files, names


@pytest.mark.parametrize("tear", ("old", "partial"))
@pytest.mark.parametrize("what", ACTIONS)
def test_a_power_cut_at_any_write_operation_loses_no_program(what, tear, fifteen):
    files, before = fifteen
    action, operations = ACTIONS[what]
    ends = []
    for operation in range(operations + 1):
        flash = Flash()
        flash.files.update(files)
        flash.folders.add("programs")
        one = chip(flash, action.replace("lines['own_3']", "[line.replace('7000', '9000') for line in lines['own_3']]"))
        flash.cut_after(operation, tear)
        one.at(2_000_000, one.power_off)
        one.run()
        assert ("did it" in one.console) == (operation == operations), (operation, one.console)
        after = held(flash.files)
        ends.append(after != before)
        untouched = {name: lines for name, lines in before.items() if name != "own_3"}
        assert untouched.items() <= after.items(), "every other program is as it was"
        if what == "a new one" or (what == "another in its place" and not ends[-1]):
            assert after["own_3"] == before["own_3"]
        if what == "renamed":
            assert ("own_3" in after) != ("other" in after)
    assert ends[-1] and not ends[0], "done in the end, and a cut at the first operation changes nothing"


def test_sixteen_are_kept_and_a_seventeenth_is_refused():
    flash = Flash()
    flash.files.update(filled(16))
    flash.folders.add("programs")
    one = chip(flash, "print(own.put(grammar.parse(lines['fresh'])))\nprint(own.put(grammar.parse(lines['own_3'])))")
    one.at(2_000_000, one.power_off)
    one.run()
    assert programs.MOST == 16
    assert one.console == ["programs: 16 are kept; remove one first", "None", "did it"]
    assert len(held(flash.files)) == 16


@pytest.mark.parametrize("damage", (b"", b"garbage\n", b"00000000 [1, {}]", None))
def test_a_damaged_program_is_set_aside_and_said_and_the_default_is_chosen(damage):
    rig = Rig(settings={"program": "knee"})
    content = rig.flash.files["profile.json"] if damage is None else damage  # whole, but no program
    rig.flash.put("programs/knee.json", content)
    rig.type_line(1.0, "notices")
    rig.type_line(1.4, "journal")
    rig.type_line(1.8, "program list")
    rig.run_until(2.2)
    assert rig.app.session.program == "easy_run"
    assert [line.endswith(" program damaged") for line in rig.chip.console[-4:-2]] == [False, True], "the journal tells it, too"
    assert rig.chip.console[-2] == "ok events=2"
    assert rig.flash.files["programs/knee.json.bad"] == content and "programs/knee.json" not in rig.flash.files
    assert "program damaged" in "\n".join(rig.chip.console) and rig.chip.console[-1] == "ok programs=0"
    assert "peristal: programs/knee.json is damaged; kept as programs/knee.json.bad" in rig.chip.console


@pytest.mark.parametrize("name", modes.names())
def test_every_mode_may_be_shown_and_kept_under_another_name(name):
    lines = list(grammar.lines_of(modes.build(name, 4)))
    lines[0] = "program copy 4"
    assert all(len("program add " + line) <= 80 for line in lines)
    again = list(grammar.lines_of(grammar.parse(lines)))
    assert again == lines
