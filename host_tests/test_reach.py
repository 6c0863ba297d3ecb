"""What a walk through a program finds before it runs, and what a board's pump and valves make of it."""

from typing import Any

import pytest

from host_tests.anyone import Anyone
from host_tests.judge import Judge
from host_tests.made_boards import make
from host_tests.sessions import run_session
from host_tests.talking import Talk
from peristal.core import faults, grammar, modes
from peristal.core.check import check
from peristal.core.drive import Drive
from peristal.core.net import Net
from peristal.core.program import ProgramError
from peristal.core.reach import Reach, fall_ms
from peristal.core.regulator import Regulator
from peristal.core.sensing import Sensing
from peristal.core.units import pa
from tools.programs.document import EXAMPLES
from tools.simulator import boards

REST = ("step vent vent reached", "step vent vent time 6000")


def program(*steps, head=("program mine 2",)):
    return grammar.parse([*head, *steps])


def reach_of(board: Any) -> Reach:
    net = Net(board)
    return Reach(net, Regulator(net, Sensing(net), Drive(net)), board.vent_ms())


class TestTheProgramsOwnTimes:
    def test_time_under_pressure_is_counted_from_step_to_step(self):
        program("step 100 vent time 30000", "step hold 100 time 59000", *REST)
        with pytest.raises(ProgramError, match=r"step 2: zone 1 is above 15 mmHg for 91 s by then; allowed: up to 90 s"):
            program("step 100 vent time 30000", "step hold 100 time 61000", *REST)

    def test_a_program_may_ask_for_more_of_it_but_never_for_more_than_120_s(self):
        head = ("program mine 2", "pressed 120")
        program("step 100 vent time 119000", *REST, head=head)
        with pytest.raises(ProgramError, match="allowed: up to 120 s"):
            program("step 100 vent time 119000", "step hold vent time 2000", *REST, head=head)

    def test_repeats_count(self):
        program("step 100 vent time 2000", "step 40 vent time 2000", "repeat 2 20", *REST)
        with pytest.raises(ProgramError, match=r"step 3: zone 1 is above 15 mmHg for 120 s by then; allowed: up to 90 s"):
            program("step 100 vent time 2000", "step 40 vent time 2000", "repeat 2 30", *REST)

    def test_a_rest_within_the_repeated_steps_counts_too(self):
        assert program("step 100 vent time 20000", "step vent vent time 5000", "repeat 2 100").length() == 3
        with pytest.raises(ProgramError, match="zone 1"):
            program("step 100 vent time 20000", "step vent vent time 4900", "repeat 2 100")

    def test_a_rest_is_5_s_without_a_break_and_may_lie_across_the_cycles_end(self):
        program("step vent vent time 2500", "step 100 100 time 9000", "step vent vent time 2500")
        with pytest.raises(ProgramError, match=r"zone 1: rests 2500 ms in a cycle; allowed: at least 5000 ms below 15 mmHg"):
            program("step vent vent time 2500", "step 100 100 time 9000", "step vent vent time 2500", "step 100 100 time 9000")

    def test_a_pressure_below_15_mmhg_is_a_rest(self):
        head = ("program mine 2", "pressure 20 100")
        program("step 100 100 time 9000", "step 14 14 time 6000", head=head)
        with pytest.raises(ProgramError, match="zone 1"):
            program("step 100 100 time 9000", "step 16 16 time 6000", head=head)

    def test_what_goes_on_without_a_rest_is_refused_although_one_cycle_is_short(self):
        with pytest.raises(ProgramError, match="zone 1: rests 0 ms"):
            program("step 100 vent time 5000", "step hold vent time 5000", "step hold 50 time 6000", "step 100 vent time 6000")

    def test_a_cycle_has_an_end_and_fills_something(self):
        with pytest.raises(ProgramError, match=r"step 3: the cycle has taken \d+ s by then; allowed: up to 3600 s"):
            program("step 100 vent time 20000", "step vent vent time 5000", "repeat 2 1000")
        with pytest.raises(ProgramError, match="program: no step fills a zone; allowed: one or more"):
            program("step vent hold time 9000")


class TestThisHardware:
    @pytest.mark.parametrize(
        ("topology", "mode", "zones"),
        (("independent", "sequential", 4), ("independent", "pulse", 2), ("manifold", "wave", 3)),
    )
    def test_the_walk_foresees_how_long_a_cycle_takes(self, topology, mode, zones):
        board = make(topology, zones, 1)
        foreseen = modes.build(mode, zones)
        assert reach_of(board).fit(foreseen, pa(55), Anyone(), False) == ""
        foreseen_s = check(foreseen, pa(55), fitted(reach_of(board))).total_ms / 1000
        starts: dict[int, float] = {}

        def before(rig):
            def look():
                if rig.state == "running":
                    starts.setdefault(rig.app.session.sequencer.cycle, rig.now_s)

            rig.at(1.0, lambda: rig.app.session.adjust("comfort", 0))
            rig.every(0.1, look)
            rig.stop_when(lambda: 3 in starts)

        run_session(board, mode, minutes=8, before=before, snug=True)
        assert foreseen_s == pytest.approx(starts[3] - starts[2], rel=0.2)

    def test_steps_by_time_that_the_pump_cannot_keep_are_stretched_and_the_figures_are_said(self):
        staggered = modes.build("staggered", 4)
        says = reach_of(make("manifold", 4, 2)).fit(staggered, pa(55), Anyone(), False)
        assert says.startswith("4 steps stretched: step 1 takes ") and says.endswith(" instead of 2500 ms")
        assert staggered.rows[7] | staggered.rows[8] << 8 > 25

    def test_a_stretched_session_says_so_and_misses_nothing(self):
        seen = run_session(make("manifold", 3, 2), "staggered", minutes=1, snug=True)
        session = seen.rig.app.session
        assert "stretched" in session.sequencer.says
        assert session.notices & faults.STRETCHED and not session.notices & faults.NOT_REACHED
        assert seen.states[-1] == "done"

    def test_two_legs_take_turns_when_together_they_would_be_pressed_for_too_long(self):
        board = make("zone_sensors", 6, 2)
        pulse = modes.build("pulse", 6)
        reach = reach_of(board)
        says = reach.fit(pulse, pa(70), Anyone(), False)
        assert reach.alternate and says.startswith("the legs take turns (together: step ")

    def test_one_leg_alone_needs_no_turns(self):
        class OneLeg(Anyone):
            def zone_pa(self, zone, asked_pa):
                return asked_pa if zone < 6 else 0

        reach = reach_of(make("zone_sensors", 6, 2))
        assert reach.fit(modes.build("pulse", 6), pa(70), OneLeg(), False) == "" and not reach.alternate

    def test_legs_that_take_turns_are_never_full_at_the_same_time(self):
        board = make("zone_sensors", 6, 2)
        both: list[bool] = []

        def before(rig):
            def look():
                true = rig.plant.zone_mmhg
                if rig.state == "running":
                    both.append(max(true[:6]) > 30 and max(true[6:]) > 30)

            rig.every(0.2, look)

        seen = run_session(board, "pulse", minutes=3, pressure_mmhg=70, before=before, snug=True)
        assert seen.rig.app.session.sequencer.says.startswith("the legs take turns")
        assert not any(both) and seen.states[-1] == "done"
        for leg in (slice(0, 6), slice(6, 12)):
            assert any(max(true[leg]) > 60 for _, _, _, true in seen.samples), "each has its turn"

    def test_quiet_and_slow_zones_lengthen_what_is_foreseen(self):
        board = boards.load("esp32s3_independent")
        reach = reach_of(board)
        plain = check(modes.build("sequential", 4), pa(55), fitted(reach)).total_ms
        reach.pump.quiet_permille = 600
        assert check(modes.build("sequential", 4), pa(55), fitted(reach)).total_ms > plain + 3000
        reach.pump.quiet_permille = 1000
        for zone in range(4):
            reach.learned.rate_pa_s[zone] //= 2
        assert check(modes.build("sequential", 4), pa(55), fitted(reach)).total_ms > plain + 3000

    def test_what_a_new_board_may_run_is_not_refused_once_its_zones_have_shown_that_they_are_a_little_slower(self):
        board = boards.load("esp32c3_mini")

        def fits(pressed_s, learned):
            net = Net(board)
            regulator = Regulator(net, Sensing(net), Drive(net))
            if learned:
                for zone in range(net.n_zones):
                    regulator.learned.over_at_pa[zone] = pa(55)
                    regulator.learned.rate_pa_s[zone] = regulator.learned.rate_pa_s[zone] * 95 // 100
            pulse = modes.build("pulse", 4)
            pulse.pressed_s = pressed_s
            try:
                Reach(net, regulator, board.vent_ms()).fit(pulse, pa(55), Anyone(), False)
            except ProgramError:
                return False
            return True

        tightest_s = next(seconds for seconds in range(20, 121) if fits(seconds, learned=False))
        assert fits(tightest_s, learned=True)
        assert not fits(tightest_s - 10, learned=True)

    def test_more_zones_than_the_board_has_are_refused(self):
        with pytest.raises(ProgramError, match="program: 6 zones; allowed: up to 4 on this board"):
            reach_of(make("manifold", 4, 1)).fit(modes.build("sequential", 6), pa(55), Anyone(), False)

    def test_a_refused_program_says_why_on_the_console_and_nothing_begins(self):
        board = make("manifold", 2, 1)
        rig_lines = ["program put", "program add program long 2", "program add pressed 20", "program add step 100 100 reached"]
        rig_lines += ["program add step hold hold time 19000", *[f"program add {line}" for line in REST], "program end", "start long 60 5"]
        talk = Talk([(3 + 0.3 * n, line) for n, line in enumerate(rig_lines)], board).run(9)
        assert talk.answers[-1][-1].startswith("error: step ") and "is above 15 mmHg for" in talk.answers[-1][-1]
        assert talk.rig.state == "idle"


    def test_a_walk_that_takes_longer_than_deadman_and_watchdog_wait_is_no_fault(self):
        def slow_down(rig):
            def plant(module):
                step = module.Walk._step

                def slow_step(walk, number):
                    rig.chip.stall(90_000)
                    step(walk, number)

                module.Walk._step = slow_step

            rig.chip.on_import("peristal.core.walk", plant)

        seen = run_session("esp32s3_independent", "pulse", minutes=1, before=slow_down, until_s=20)
        assert seen.rig.chip.starts == 1 and seen.states == ["idle", "preflight", "running"]
        assert not seen.rig.app.session.notices & faults.LOOP_LATE


def fitted(reach):
    reach._wearer = Anyone()
    reach._known_ms.clear()
    return reach


@pytest.mark.parametrize("from_mmhg, to_mmhg, e_folds", ((80, 10, 2.08), (120, 15, 2.08), (55, 15, 1.30), (60, 24, 0.92), (30, 15, 0.69)))
def test_a_fall_is_exponential(from_mmhg, to_mmhg, e_folds):
    assert fall_ms(2080, pa(from_mmhg), pa(to_mmhg)) == pytest.approx(1000 * e_folds, rel=0.08)


class TestExamples:
    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
    def test_an_example_is_called_like_its_file_and_may_run(self, path):
        example = grammar.parse(path.read_text().splitlines())
        assert example.name == path.stem and example.source
        board = make("zone_sensors", example.zones, 2)
        for mmhg in example.pressure_mmhg:
            assert reach_of(board).fit(grammar.parse(grammar.lines_of(example)), pa(mmhg), Anyone(), False) == ""

    def test_the_protocols_that_are_no_presets_are_among_them(self):
        vascular, sham = (grammar.parse((EXAMPLES[0].parent / f"{name}.txt").read_text().splitlines()) for name in ("vascular", "sham"))
        assert vascular.zones == 5 and vascular.minutes == (60, 60) and vascular.pressure_mmhg[0] <= 70 <= vascular.pressure_mmhg[1]
        assert sham.pressure_mmhg[1] < 30


def test_legs_half_a_cycle_apart_are_in_different_halves():
    board = make("independent", 4, 2)
    apart: list[tuple[int, int]] = []
    judges: list[Judge] = []

    def before(rig):
        judges.append(Judge(rig))
        rig.at(1.0, lambda: (rig.app.session.adjust("comfort", 0), rig.app.session.adjust("arrangement", 2)))

        def look():
            steps = rig.app.session.sequencer if rig.state == "running" else None
            if steps and steps.cycle >= 2:
                apart.append((steps.lanes.row[0], steps.lanes.row[1]))

        rig.every(0.1, look)

    seen = run_session(board, "sequential", minutes=1, before=before, snug=True)
    assert judges[0].complaints() == [] and seen.rig.app.session.notices == 0
    assert len(set(apart)) > 6
    last = 6
    early = [pair for pair in apart if 255 not in pair and max(pair) < last // 2]
    assert len(early) < len(apart) // 20, "both in the first half"
