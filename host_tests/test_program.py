"""Programs are data: what is checked before one may run, what the builders make, and how the sequencer walks through it."""

import pytest

from host_tests.anyone import Anyone
from peristal.core import modes
from peristal.core.check import check
from peristal.core.net import Net
from peristal.core.program import BOTH, HOLD, LONGEST_STEP_MS, REACHED, REPEAT, ROW, TIME, VENT, ZONES, Program, ProgramError
from peristal.core.sequencer import CYCLE, OFFSET, RELEASE, Sequencer
from tools.simulator import boards
from tools.simulator.rig import Rig


def actions(program, step):
    return list(program.rows[step * ROW : step * ROW + program.zones])


def end(program, step):
    return program.rows[step * ROW + ZONES]


@pytest.mark.parametrize("zones", range(1, 7))
class TestBuilders:
    def test_every_builder_makes_a_program_that_may_run(self, zones):
        for name in modes.names():
            program = modes.build(name, zones)
            check(program)
            assert program.name == name and program.source

    def test_sequential_fills_from_the_foot_up_holds_all_and_releases_all_together(self, zones):
        program = modes.build("sequential", zones)
        for zone in range(zones):
            assert actions(program, zone) == [HOLD] * zone + [100] + [VENT] * (zones - zone - 1)
            assert end(program, zone) == REACHED
        assert actions(program, zones) == [HOLD] * zones and end(program, zones) == TIME
        assert all(actions(program, step) == [VENT] * zones for step in range(zones + 1, program.length()))

    def test_wave_never_holds_more_than_two_neighbours(self, zones):
        program = modes.build("wave", zones)
        for step in range(program.length()):
            kept = [zone for zone, action in enumerate(actions(program, step)) if action != VENT]
            assert len(kept) <= 2 and (len(kept) < 2 or kept[1] == kept[0] + 1)


def test_an_unknown_program_names_what_there_is():
    with pytest.raises(KeyError, match="'squeeze' is not known; allowed: sequential, wave, gradient"):
        modes.build("squeeze", 4)


def good():
    program = Program("good", 2, "a test")
    program.add([100, VENT], REACHED)
    program.add([VENT, 100], BOTH, 6000)
    program.add([VENT, VENT], TIME, 6000)
    return program


def spoil(step, offset, value):
    program = good()
    program.rows[step * ROW + offset] = value
    return program


BAD = {
    "empty": (lambda: Program("empty", 2, ""), "0 steps; allowed: 1 to 64"),
    "no zone": (lambda: spoil_zones(0), "0 zones; allowed: 1 to 6"),
    "seven zones": (lambda: spoil_zones(7), "7 zones; allowed: 1 to 6"),
    "an unknown end": (lambda: spoil(1, ZONES, 9), "step 2: end 9; allowed: (0, 1, 2, 3, 17, 18)"),
    "a share above the set pressure": (lambda: spoil(0, 0, 130), "step 1: zone 1 asks for 130 %; allowed: 1 to 100 %"),
    "a step without time": (lambda: spoil(2, ZONES + 1, 0), "step 3: lasts 000 ms; allowed: 100 to 120000 ms"),
    "no rest": (lambda: spoil(2, 1, HOLD), "zone 2: rests 0 ms in a cycle; allowed: at least 5000 ms below 15 mmHg"),
    "a repeat of nothing": (lambda: repeated(0, 3), "step 4: repeats 0 steps 3 times"),
    "a repeat from before the start": (lambda: repeated(4, 3), "step 4: repeats 4 steps 3 times"),
    "a repeat of a repeat": (lambda: twice_repeated(), "step 5: repeats a repeat (step 4)"),
}


def spoil_zones(zones):
    program = good()
    program.zones = zones
    return program


def repeated(back, times):
    program = good()
    program.repeat(back, times)
    return program


def twice_repeated():
    program = repeated(2, 2)
    program.repeat(2, 2)
    return program


@pytest.mark.parametrize("what", BAD)
def test_a_rejected_program_says_which_step_and_why(what):
    build, words = BAD[what]
    with pytest.raises(ProgramError) as caught:
        check(build())
    assert words in str(caught.value)


class Ready:
    """A regulator that is always where it should be."""

    reached = gave_up = bytearray([1] * 12)

    def all_reached(self, first=0, end=255):
        return True


def test_a_repeat_runs_its_steps_as_often_as_it_says_in_every_cycle():
    net = Net(boards.load("esp32s3_independent"))
    program = Program("repeat", 4, "a test")
    program.add([100, VENT, VENT, VENT], TIME, 1000)
    program.add([VENT, 100, VENT, VENT], TIME, 1000)
    program.repeat(2, 3)
    program.add([VENT] * 4, TIME, 6000)
    sequencer = Sequencer(net, Anyone())
    sequencer.load(program, 7000)
    walked = []
    for _ in range(30 * 50):
        sequencer.tick(20, Ready(), 0, 1 << 20)
        if sequencer.phase == CYCLE and (not walked or walked[-1] != (sequencer.cycle, sequencer.row)):
            walked.append((sequencer.cycle, sequencer.row))
    first = [row for cycle, row in walked if cycle == 1]
    second = [row for cycle, row in walked if cycle == 2]
    assert first == second == [0, 1, 0, 1, 0, 1, 3]
    assert end(program, 2) == REPEAT


def test_what_is_left_of_a_hold_is_known_only_where_a_step_by_time_is_followed_by_less():
    net = Net(boards.load("esp32s3_independent"))
    program = Program("test", 4, "")
    program.add([VENT, 100, 80, VENT], TIME, 2000)
    program.add([50, HOLD, 100, VENT], TIME, 3000)
    program.repeat(1, 2)  # nobody knows here which step is next
    program.add([HOLD, 100, HOLD, VENT], REACHED)
    program.add([HOLD, HOLD, 90, VENT], TIME, 4000)
    program.add([VENT, HOLD, 80, VENT], TIME, 1000)
    program.add([VENT] * 4, TIME, 6000)
    sequencer = Sequencer(net, Anyone())
    sequencer.load(program, 7000)
    told = {}
    for _ in range(20 * 50):
        sequencer.tick(20, Ready(), 0, 1 << 20)
        if sequencer.phase == CYCLE and sequencer.cycle == 1:
            told.setdefault(sequencer.row, []).append([sequencer.left_ms(zone) for zone in range(3)])
    unknown = LONGEST_STEP_MS
    assert set(told) == {0, 1, 3, 4, 5, 6}
    assert all(left == [unknown] * 3 for row in (0, 1, 3, 6) for left in told[row])
    assert told[4][0] == [4000, unknown, 4000] and told[4][50] == [3000, unknown, 3000]
    assert told[5][0] == [unknown, 1000, 1000]
    sequencer.end()
    assert sequencer.left_ms(0) == unknown


def test_what_is_left_of_a_hold_is_each_legs_own_where_they_are_offset():
    net = Net(boards.load("esp32_manifold_5"))
    sequencer = Sequencer(net, Anyone())
    sequencer.legs = OFFSET
    sequencer.load(modes.build("sequential", 5), 7000)
    seen = set()
    for _ in range(60 * 50):
        sequencer.tick(20, Ready(), 0, 1 << 20)
        left = [sequencer.left_ms(net.leg_start[leg]) for leg in range(2)]
        holds = [sequencer.phase == CYCLE and sequencer.lanes.row[leg] == 5 for leg in range(2)]
        assert [one < LONGEST_STEP_MS for one in left] == holds
        seen.add(tuple(holds))
    assert (True, False) in seen and (False, True) in seen


def test_a_cycle_is_cut_short_before_a_zone_has_been_pressed_for_too_long():
    net = Net(boards.load("esp32s3_independent"))
    sequencer = Sequencer(net, Anyone())
    sequencer.load(modes.build("sequential", 4), 7000)
    sequencer.tick(20, Ready(), 0, 90000)
    assert max(sequencer.target_pa) == 7000
    sequencer.tick(20, Ready(), 85000, 90000)
    assert max(sequencer.target_pa) == 0
    assert sequencer.notices


def test_a_cycle_that_was_cut_short_begins_again_only_when_the_guard_has_seen_every_zone_rest():
    """Else the time it was pressed goes on, the next cycle is cut as well, and so on until it was too long."""
    rig = Rig("esp32c3_mini", settings={"minutes": 3})
    rig.press(1.0)
    seen = {}

    def cut() -> None:
        rig.app.session.sequencer._release(0)

    def press() -> None:
        if 60 < rig.now_s < 85:
            rig.app.guarding.zones.longest_pressed_ms = 50_000  # it says that one is still above 15 mmHg

    def look(name: str) -> None:
        seen[name] = rig.app.session.sequencer.phase, max(rig.app.session.sequencer.target_pa)

    rig.at(60.0, cut)
    rig.every(0.02, press)
    for at in (59.5, 84.5, 89.5, 92.5):
        rig.at(at, lambda at=at: look(str(at)))
    rig.run_until(93.0)
    assert seen["59.5"][0] == CYCLE
    assert seen["84.5"] == seen["89.5"] == (RELEASE, 0)
    assert seen["92.5"][0] == CYCLE and seen["92.5"][1] > 0
