"""The mutants: what is made of a source, that a test which notices is named, and that a survivor fails the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tools.mutants import __main__ as command
from tools.mutants import reach, results, stage, table_mutants, targets
from tools.mutants.equivalent import EQUIVALENT
from tools.mutants.mutations import Mutant, mutants
from tools.mutants.targets import FILES, FIRMWARE, all_mutants
from tools.mutants.work import Folder

SOURCE = '''
LIMIT_MS = 500
LONG_MS = 1 << 28


class Guard:
    def tick(self, elapsed_ms, level):
        if level > LIMIT_MS and self.on:
            self.over_ms += elapsed_ms
            self.trip(level)
        return min(level, 3)
'''


def made(source: str = SOURCE) -> dict[str, str]:
    return {mutant.key.partition(": ")[2]: mutant.source for mutant in mutants(source, "guard.py")}


def test_limits_timers_and_comparisons_are_taken_away_one_at_a_time():
    found = made()
    assert "level <= LIMIT_MS and self.on" in found["inverted: level > LIMIT_MS"]
    assert "if self.on:" in found["operand 1 removed: level > LIMIT_MS and self.on"]
    assert "if level > LIMIT_MS:" in found["operand 2 removed: level > LIMIT_MS and self.on"]
    assert "if False:" in found["never: if level > LIMIT_MS and self.on:"]
    assert "LIMIT_MS = 500 * 1000" in found["removed (times 1000): LIMIT_MS = 500"]
    assert "LIMIT_MS = 0" in found["zero: LIMIT_MS = 500"]
    assert "over_ms" not in found["removed: self.over_ms += elapsed_ms"]
    assert "trip" not in found["removed: self.trip(level)"]
    assert "max(level, 3)" in found["min and max exchanged: min(level, 3)"]
    assert not any("LONG_MS" in key for key in found)
    original = SOURCE.strip()
    assert len(mutants(SOURCE, "x")) == len(found)
    assert all(compile(source, "x", "exec") and source.strip() != original for source in found.values())


def test_alike_places_have_names_of_their_own_that_do_not_hang_on_the_line():
    twice = "def f(a):\n    if a > 1:\n        return 1\n    if a > 1:\n        return 2\n"
    names = [mutant.key for mutant in mutants(twice, "x.py")]
    assert names == [mutant.key for mutant in mutants("\n\n\n" + twice, "x.py")]
    assert len(names) == len(set(names)) == 2


def test_every_limit_and_every_rank_of_the_tables_is_taken_away():
    limits = (FIRMWARE / "peristal/core/limits.py").read_text()
    found = table_mutants.limits(limits, "limits.py")
    assert len(found) == 2 * len(table_mutants.ROW.findall(limits)) >= 30
    scope: dict[str, object] = {}
    exec(next(mutant.source for mutant in found if mutant.key.endswith("removed (times 1000): trip_mmhg")), scope)
    assert scope["LIMITS"]["trip_mmhg"][2] == 130_000  # type: ignore[index]
    ranks = table_mutants.ranks((FIRMWARE / "peristal/core/faults.py").read_text(), "faults.py")
    assert {mutant.key.split(": ")[-1] for mutant in ranks} >= {"NO_RISE", "LEAKS", "LOOP_OVERRUN", "NOTHING_LEFT"}


def test_the_list_of_equivalent_mutants_names_ones_that_exist_each_with_a_reason():
    existing = {mutant.key for some in all_mutants().values() for mutant in some}
    assert len(existing) == sum(map(len, all_mutants().values()))
    assert set(EQUIVALENT) <= existing
    assert all(len(reason) > 20 for reason in EQUIVALENT.values())
    assert all(targets.slow_tests(name) for name in FILES)


def test_whatever_judges_for_the_guard_is_mutated_with_it():
    source = "from peristal.core import faults\nfrom peristal.core.units import NONE, pa\nfrom peristal.core.new import MOST_MS, NewWatch\n"
    below = {"peristal/core/new.py": "from peristal.core.gains import Gains\n", "peristal/core/gains.py": source}
    assert targets.guards_rooms(source, below.__getitem__) == list(below), "and what judges for that"
    core = ("zone_watch", "plausible", "gains", "leaks", "trends", "line_watch", "ceiling", "answer", "levels", "drive", "guard")
    rooms = {f"peristal/core/{name}.py" for name in core}
    assert rooms | {targets.FAULTS, targets.LIMITS, "peristal/hw/outputs.py", "peristal/hw/deadman.py"} <= set(FILES)
    assert {f"peristal/core/{name}.py" for name in ("sensing", "marker", "gate")} <= set(FILES), "what a start hangs on"


def test_the_quick_tests_are_those_at_the_desk():
    desk = {f"host_tests/test_{name}.py" for name in ("guard_limits", "guard_look", "outputs", "sensing", "marker")}
    assert desk <= set(targets.quick_tests()), "what builds on another's desk is at it too"
    assert not {"host_tests/test_session.py", "host_tests/test_crashes.py"} & set(targets.quick_tests())


def test_a_mutant_is_tried_by_the_tests_that_come_by_it_the_quickest_first():
    reached = reach.Reach(
        {"slow": 2.0, "quick": 0.1, "elsewhere": 0.01},
        {"slow": {"a.py": frozenset((3, 4))}, "quick": {"a.py": frozenset((4,))}, "elsewhere": {"a.py": frozenset((9,))}},
    )
    assert reached.by("a.py", frozenset((4, 5))) == ["quick", "slow"]
    assert reached.by("a.py", frozenset((3,))) == ["slow"]
    assert reached.by("b.py", frozenset((3,))) == []
    assert reached.by("a.py", frozenset()) == ["elsewhere", "quick", "slow"], "a figure that other files use: any test may notice"
    by_key = {mutant.key.partition(": ")[2]: mutant.lines for mutant in mutants(SOURCE, "guard.py")}
    assert by_key["removed: self.over_ms += elapsed_ms"] == {9}
    assert by_key["zero: LIMIT_MS = 500"] == {2, 8}, "where it stands and where it is used"


def test_what_a_part_is_made_from_is_noticed_where_it_is_used():
    source = """
class Guard:
    def __init__(self, board):
        self._limit_ms = min(board.most_ms, 90)
        self._room_ms = [0]
        for zone in range(1):
            self._room_ms[zone] = max(board.room_ms, 7)
        self.open_ms = min(board.vent_ms, 5)

    def tick(self, elapsed_ms):
        return elapsed_ms > self._limit_ms or elapsed_ms < self._room_ms[0]
"""
    found = {mutant.key.rpartition(": ")[2]: mutant.lines for mutant in mutants(source, "guard.py")}
    assert found["min(board.most_ms, 90)"] == {11}
    assert found["max(board.room_ms, 7)"] == {5, 11}
    assert found["min(board.vent_ms, 5)"] == {8}, "others may use it"


def killed(by: str) -> dict[str, Any]:
    return {"key": "a", "line": 1, "file": "x.py", "killer": by, "took_s": 0.1, "quick": True}


def test_a_kill_holds_while_firmware_rig_and_its_own_test_are_the_same_and_a_survivor_while_all_tests_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    prints = {"host_tests/test_a.py": "a1", "host_tests/test_b.py": "b1"}
    same = ["firmware", "tests"]
    monkeypatch.setattr(results, "sources", lambda: same[0])
    monkeypatch.setattr(results, "of_test", prints.__getitem__)
    monkeypatch.setattr(results, "of_all_tests", lambda *, quick: same[1])
    kept = tmp_path / "found.jsonl"
    records = [{**killed("host_tests/test_a.py::test_it (never ended)"), "key": "k"}, {**killed(""), "key": "s"}]
    kept.write_text("".join(json.dumps(results.noted(record)) + "\n" for record in records) + '{"key": "cut o')
    known, hints = results.load(kept)
    assert set(known) == {"k", "s"} and hints == {"k": "host_tests/test_a.py::test_it"}
    prints["host_tests/test_b.py"], same[1] = "b2", "another test"
    assert set(results.load(kept)[0]) == {"k"}, "a new test may notice what survived"
    prints["host_tests/test_a.py"] = "a2"
    assert results.load(kept) == ({}, hints), "what noticed last is tried first all the same"
    prints["host_tests/test_a.py"] = "a1"
    same[0] = "changed"
    assert results.load(kept) == ({}, hints)


def test_of_tests_that_are_as_they_were_it_is_known_what_they_come_by(tmp_path: Path):
    path = tmp_path / "reach.json"
    assert reach.load(path).cost_s == {}
    seen = reach.Reach({"t_a.py::a": 0.1, "t_b.py::b": 0.2}, {"t_a.py::a": {"x": frozenset((1,))}, "t_b.py::b": {}})
    seen.with_(reach.Reach({}, {}), {"t_a.py": "1", "t_b.py": "1"}).save(path)
    known = reach.load(path).only({"t_a.py": "1", "t_b.py": "2", "t_c.py": "1"})
    assert (known.cost_s, known.files) == ({"t_a.py::a": 0.1}, {"t_a.py": "1"})
    assert known.by("x", frozenset((1,))) == ["t_a.py::a"]
    both = known.with_(reach.Reach({"t_b.py::b": 0.3}, {"t_b.py::b": {}}, "t_b.py::b"), {"t_b.py": "2"})
    assert both.cost_s["t_b.py::b"] == 0.3 and both.broken == "t_b.py::b" and both.files == {"t_a.py": "1", "t_b.py": "2"}


def test_the_test_that_notices_is_named_and_a_mutant_nobody_notices_survives(tmp_path: Path):
    name = "peristal/core/zone_watch.py"
    source = (FIRMWARE / name).read_text()
    trip = next(m for m in mutants(source, "x") if m.key.endswith("removed (times 1000): TRIP_MS = limits.highest('trip_ms')"))
    tests = ["host_tests/test_guard_limits.py"]
    notices = "host_tests/test_guard_limits.py::test_130_mmhg_opens_everything_after_50_ms_and_latches_after_500[independent]"
    blind = "host_tests/test_guard_limits.py::test_tick_is_20_ms"
    folder = Folder()
    try:
        assert folder.run(name, trip.source, tests, [blind, notices]).killer == notices
        assert (folder.firmware / name).read_text() == source  # the folder is as it was
        assert folder.run(name, trip.source, tests, [blind]).killer == ""
        assert folder.run(name, "import nothing_there\n", tests, [blind]).killer, "what cannot be imported is no survivor"
        folder.reach([notices, blind], tmp_path / "reach.json")
    finally:
        folder.remove()
    assert not folder.path.exists()
    reached = reach.load(tmp_path / "reach.json")
    assert not reached.broken and reached.by(name, trip.lines) == [notices]
    assert set(reached.by(name, frozenset())) == {notices, blind}


def test_a_figure_that_other_files_take_may_be_noticed_by_any_test():
    levels = {mutant.key: mutant for mutant in all_mutants()["peristal/core/levels.py"]}
    removed = "core/levels.py module: removed (times 1000): "
    assert not levels[removed + "TRIP_PA = pa(limits.highest('trip_mmhg'))"].lines, "zone_watch takes it"
    assert levels[removed + "RESIDUE_PA = pa(2)"].lines, "nobody takes it"


def test_a_statement_leaves_its_mark_with_all_its_lines():
    source = "def f(a):\n    \"\"\"Says.\"\"\"\n    if (a and\n        a > 1):\n        return 1\n    return [\n        2,\n    ]\n"
    text, spans = reach.marked(source, "x.py")
    assert spans == {2: 2, 3: 4, 5: 5, 6: 8}
    scope: dict[str, Any] = {reach.marks_name("x.py"): bytearray(9)}
    exec(text, scope)
    assert scope["f"](0) == [2] and scope["f"].__doc__ == "Says."
    assert [line for line, mark in enumerate(scope[reach.marks_name("x.py")]) if mark] == [3, 6]
    for name in FILES:
        compile(reach.marked((FIRMWARE / name).read_text(), name)[0], name, "exec")


def test_a_survivor_or_a_listed_mutant_that_is_gone_fails_the_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    some = {"a.py": [Mutant("a.py f: inverted: x", 3, str), Mutant("a.py f: never: y", 4, str)]}
    killed = {"killer": "test_x.py::test_y", "line": 3}
    monkeypatch.setattr(command, "EQUIVALENT", {})
    assert command.report(some, {"a.py f: inverted: x": killed, "a.py f: never: y": killed}, set()) == 0
    assert "2 killed by test_x.py::test_y" in capsys.readouterr().out
    assert command.report(some, {"a.py f: inverted: x": killed, "a.py f: never: y": {"killer": "", "line": 4}}, set()) == 1
    assert "SURVIVED line 4: a.py f: never: y" in capsys.readouterr().out
    monkeypatch.setattr(command, "EQUIVALENT", {"a.py f: never: z": "says nothing to anybody"})
    assert command.report({}, {}, {"a.py f: never: y"}) == 1


def test_a_stage_tries_a_mutant_in_a_fork_with_one_function_exchanged():
    name = "peristal/core/guard.py"
    source = (FIRMWARE / name).read_text()
    some = {mutant.key.partition(" ")[2]: mutant for mutant in mutants(source, "x")}
    hand = some["Guard.tick: removed: self._all_off(WHY_HAND)"]
    assert list(stage.swaps(source, hand.source) or {}) == ["Guard.tick"]
    figure = some["module: zero: STILL_PA = pa(1)"]
    assert stage.swaps(source, figure.source) is None, "others have copied it"
    read = some["Guard.pressurised: inverted: self.levels.highest_pa >= RELEASED_PA"]
    assert list(stage.swaps(source, read.source) or {}) == ["Guard.pressurised"]
    names = ("test_guard_limits.py::test_tick_is_20_ms", "test_guard_rights.py::test_a_hand_on_the_button_opens_everything[independent]")
    tests = [f"host_tests/{test}" for test in names]
    folder = Folder()
    waits = folder.stage(tests)
    try:
        # The stage has imported the firmware as it is, whatever is written into the folder from now on.
        broken = "raise ImportError\n"
        assert folder.run(name, broken, ["host_tests/test_guard_limits.py"], tests[:1]).killer
        for _ in range(2):
            assert waits.run(name, hand.source, tests, {}).killer == tests[1]
            assert waits.run(name, hand.source, tests[:1], {}).killer == ""
            assert waits.run(name, source, tests, {}).killer == "", "what was exchanged for one mutant is as it was for the next"
        endless = source.replace("        self.levels.tick(elapsed_ms)\n", "        while True:\n            pass\n")
        assert waits.run(name, endless, tests, {tests[1]: 0.2}).killer == f"{tests[1]} (never ended)"
        assert folder.run(name, endless, [tests[1]], tests[1:], most_s={tests[1]: 0.2}).killer == f"{tests[1]} (never ended)"
    finally:
        waits.close()
        folder.remove()


@pytest.mark.parametrize("arguments", (["--match", "no mutant is called so"], ["--sample", "-1"], ["--workers", "0"], ["--file", "app.py"]))
def test_what_names_no_mutant_is_refused_and_nothing_is_run(arguments: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "hunt", None)
    with pytest.raises(SystemExit) as left:
        command.main(arguments)
    assert left.value.code == 2
