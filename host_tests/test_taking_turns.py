"""Several zones want something at once: side by side where each has its own way, in a fair order where they share one."""

from dataclasses import replace

import pytest

from host_tests.sessions import run_session
from peristal.core import faults
from peristal.core.drive import Drive
from peristal.core.guard import Guard
from peristal.core.net import Net, Wish
from peristal.core.program import BOTH, HOLD, REACHED, TIME, VENT, Program
from peristal.core.reasons import WHY_PATH
from peristal.core.sensing import Sensing
from peristal.core.units import pa
from tools.bench.loop import Loop
from tools.bench.plants import bench_plant
from tools.simulator import boards

INDEPENDENT = "esp32s3_independent"


def with_program(program, watch=None):
    """Runs a program of the test's own: it replaces the one that the session loaded."""

    def before(rig):
        rig.at(3.0, lambda: setattr(rig.app.session.sequencer.lanes, "program", program))
        if watch is not None:
            rig.every(0.02, look_of(rig))

    def look_of(rig):
        return lambda: watch(rig) if watch is not None and rig.state == "running" else None

    return before


def four(board_name):
    net = Net(boards.load(board_name))
    return lambda *actions: [*actions, *[VENT] * (net.longest_leg - len(actions))]


class TestSideBySide:
    """An independent board: one pump, and a way in and out for each zone."""

    def test_zones_that_want_the_same_fill_together_and_share_the_flow(self):
        row = four(INDEPENDENT)
        program = Program("uniform", 4, "a test")
        program.add(row(100, 100, 100, 100), REACHED)
        program.add(row(HOLD, HOLD, HOLD, HOLD), TIME, 5000)
        program.add(row(), REACHED)
        program.add(row(), TIME, 8000)
        together, apart, starts, kept = set(), [0.0], [0, 0], []

        def watch(rig):
            filling = [job.zone for job in rig.app.regulator.jobs if job.drives()]
            true = rig.plant.zone_mmhg
            if rig.app.session.sequencer.phase == 1 and filling:
                together.add(len(filling))
                if min(true[zone] for zone in filling) > 10:
                    apart.append(max(true[zone] for zone in filling) - min(true[zone] for zone in filling))
            if rig.app.session.sequencer.phase == 1 and rig.app.session.sequencer.row == 1:
                kept.append(min(true))
            on = rig.app.session.sequencer.phase == 1 and rig.wiring.pump_duty > 0
            starts[0] += on and not starts[1]
            starts[1] = on

        seen = run_session(INDEPENDENT, "sequential", minutes=1, before=with_program(program, watch), snug=True)
        assert seen.states[-1] == "done" and not seen.rig.app.session.notices, seen.rig.chip.console
        assert max(together) >= 2, "those of about the same size at once"
        assert max(apart) < 13, "none drains into another"
        held = [true for at, state, targets, true in seen.samples if state == "running" and min(targets) > 50]
        assert max(max(true) for true in held) < 55 + 5
        assert sorted(kept)[len(kept) // 20] > 55 - 4
        cycles = seen.rig.app.session.sequencer.cycle
        assert starts[0] < 8 * cycles

    def test_one_is_let_down_while_another_fills(self):
        row = four(INDEPENDENT)
        program = Program("cross", 4, "a test")
        program.add(row(VENT, VENT, VENT, 100), REACHED)
        program.add(row(VENT, VENT, 100, 50), BOTH, 3000)
        program.add(row(), REACHED)
        program.add(row(), TIME, 8000)
        both = []

        def watch(rig):
            kinds = {job.zone: job.kind for job in rig.app.regulator.jobs if job.kind}
            both.append(kinds.get(2) == 1 and kinds.get(3) == 3)

        seen = run_session(INDEPENDENT, "sequential", minutes=1, before=with_program(program, watch), snug=True)
        assert seen.states[-1] == "done", seen.rig.chip.console
        assert any(both), "the exhaust of one is open while the other fills"

    def setup_guard(self):
        net = Net(boards.load(INDEPENDENT))
        sensing, drive = Sensing(net), Drive(net)
        for sensor in range(net.n_sensors):
            sensing.take(sensor, sensing.zero16[sensor])
        guard, wish = Guard(net, sensing, drive), Wish(net)
        wish.pump_permille = 1000

        def run(ticks):
            for _ in range(ticks):
                for sensor in range(net.n_sensors):
                    sensing.age_ms[sensor] = 0
                guard.tick(20, wish, True, False)
                drive.tick(guard.coil, guard.pump_permille, 20)
            return guard

        def fills(zone, on=1):
            wish.target_pa[zone] = pa(50)
            wish.coil[net.exhaust_valve[zone]] = 1
            wish.coil[net.fill_valve[zone]] = on

        return net, wish, run, fills

    def test_the_pump_waits_for_the_first_inlet_and_goes_on_while_a_second_moves(self):
        _, _, run, fills = self.setup_guard()
        fills(0)
        assert run(1).reasons & WHY_PATH and run(1).pump_permille == 0
        assert run(20).pump_permille == 1000
        fills(1)
        assert all(run(1).pump_permille == 1000 for _ in range(20))

    @pytest.mark.parametrize("mistake", ("an inlet without a target", "an open exhaust", "no inlet"))
    def test_the_pump_is_refused_whatever_else_is_open(self, mistake):
        net, wish, run, fills = self.setup_guard()
        fills(0)
        assert run(20).pump_permille == 1000
        if mistake == "an inlet without a target":
            wish.coil[net.fill_valve[2]] = 1
        elif mistake == "an open exhaust":
            fills(2)
            wish.coil[net.exhaust_valve[2]] = 0
        else:
            fills(0, on=0)
        guard = run(1)
        assert guard.pump_permille == 0 and guard.reasons & WHY_PATH


class TestOneLine:
    """A manifold: filling, looking and letting out exclude each other."""

    def run(self, wanted, l_min, longest_s=300.0):
        """A leg of four zones behind a weak pump; wanted(loop) are its targets in mmHg once the slack is taken up, None to end."""
        bench = next(bench for bench in (bench_plant(seed, "manifold") for seed in range(50)) if len(bench.params.zones) == 4)
        bench.board.pump.flow_ml_min = round(l_min * 1000)
        pump = replace(bench.params.pump, q0_l_min=l_min, stall_mmhg=600.0)
        loop = Loop(replace(bench, target_mmhg=55, params=replace(bench.params, pump=pump)))
        hand_over = loop.session._hand_over

        def ask():
            targets = wanted(loop) if loop.session.sequencer.cycle else ()
            if targets is None:
                loop.guard.trip(faults.LOOP_STALLED)  # seen enough
            elif targets:
                for zone, mmhg in enumerate(targets):
                    loop.regulator.set_target(zone, pa(mmhg))
            else:
                hand_over()

        loop.session._hand_over = ask
        trace = loop.run(99, longest_s)
        assert "loop" in trace.fault, trace.fault
        return trace

    @pytest.mark.parametrize("lower", (27, 0), ids=("to a half", "to nothing"))
    def test_a_zone_that_shall_fall_does_not_wait_for_a_long_fill(self, lower):
        began, down, full = [], [], []

        def wanted(loop):
            """Zone 4 first; then zone 3, and 1.5 s into its fill zone 4 shall fall."""
            now, true, reached = loop.plant.t_s, loop.plant.zone_mmhg, loop.regulator.reached
            if not began and not (reached[3] and true[3] > 45):
                return 0, 0, 0, 55
            began.append(now)
            if now < began[0] + 1.5:
                return 0, 0, 55, 55
            if true[3] < max(lower + 5, 14):
                down.append(now)
            if true[2] > 55 - 3:
                full.append(now)
            return None if down and full else (0, 0, 55, lower)

        self.run(wanted, l_min=2.4)
        asked_s = began[0] + 1.5
        assert down[0] - asked_s < 9, "it is let out in the middle of the fill"
        assert down[0] < full[0] < asked_s + 30, "and the fill goes on afterwards"

    def test_zones_that_hold_do_not_starve_a_long_fill_nor_it_them(self):
        oldest = [0]

        def wanted(loop):
            regulator = loop.regulator
            held = [zone for zone in range(4) if regulator.reached[zone] and regulator.target_pa[zone] > 5000]
            oldest.append(max([regulator.estimate.age_ms[zone] for zone in held], default=0))
            return None if len(held) == 4 else [55] * min(4, len(held) + 1) + [0] * (3 - len(held))

        trace = self.run(wanted, l_min=2.4)
        assert 8000 <= max(oldest) < 32000, "a blind zone is looked at, at a known age"
        assert min(trace.mmhg[-1]) > 55 - 8, "all at their pressure"
