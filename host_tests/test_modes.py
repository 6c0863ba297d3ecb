"""Every mode does what its name says, zone by zone, in the true pressures of a session on a plant that can do it."""

from functools import cache

import pytest

from host_tests import matrix
from host_tests.campaigns import programs
from host_tests.made_boards import make
from host_tests.sessions import PA_PER_MMHG, run_session
from peristal.core import faults, modes

ZONES = 4
SET_MMHG = 60
FULL = 52  # a zone that holds: set pressure less what it sags
EMPTY = 15
CYCLE = 1


class Timeline:
    """The first cycle, with nothing learned, on one leg of four zones with valves and sensors of their own: time, step, zones, targets."""

    def __init__(self, mode):
        rows = []

        def before(rig):
            def look():
                if rig.state == "running":
                    app = rig.app
                    steps = app.session.sequencer
                    targets = [pa / PA_PER_MMHG for pa in app.regulator.target_pa]
                    rows.append((steps.cycle, rig.now_s, steps.row + 1, list(rig.plant.zone_mmhg), targets))

            rig.at(1.0, lambda: rig.app.session.adjust("comfort", 0))  # the set pressure from the first cycle on
            rig.every(0.05, look)
            rig.stop_when(lambda: bool(rows) and rows[-1][0] == CYCLE + 1)

        self.seen = run_session(make("independent", ZONES, 1), mode, minutes=8, pressure_mmhg=SET_MMHG, before=before, snug=True)
        session = self.seen.rig.app.session
        self.notices, self.says = session.notices, session.sequencer.says
        self.samples = [row[1:] for row in rows if row[0] == CYCLE]
        self.seconds = self.samples[-1][0] - self.samples[0][0]

    def zone(self, zone):
        """True pressures of a zone (0 = foot)."""
        return [true[zone] for _, _, true, _ in self.samples]

    def first_s(self, zone, mmhg):
        """When a zone first reached a pressure, in seconds since the cycle began."""
        return next(t_s for t_s, _, true, _ in self.samples if true[zone] >= mmhg) - self.samples[0][0]

    def last_s(self, zone, mmhg):
        """When a zone was last above a pressure."""
        return max(t_s for t_s, _, true, _ in self.samples if true[zone] >= mmhg) - self.samples[0][0]


    def down_s(self):
        """When the first zone that was full was asked for less."""
        targets = [row[3] for row in self.samples]
        for n in range(1, len(targets)):
            if any(before > FULL and now < before for before, now in zip(targets[n - 1], targets[n])):
                return self.samples[n][0] - self.samples[0][0]
        raise AssertionError("nothing went down")


@cache
def timeline(mode):
    return Timeline(mode)


def swings(pressures, low, high):
    """How often a pressure rose from below `low` to above `high` and fell below `low` again."""
    count, up = 0, False
    for mmhg in pressures:
        if not up and mmhg >= high:
            up = True
        elif up and mmhg <= low:
            up = False
            count += 1
    return count


@pytest.mark.parametrize("mode", modes.names())
class TestEveryMode:
    def test_nothing_is_cut_short_relieved_or_missed(self, mode):
        line = timeline(mode)
        assert line.seen.states == ["idle", "preflight", "running"]
        assert line.notices & ~faults.STRETCHED == 0

    def test_every_zone_that_it_fills_comes_to_its_pressure_and_none_above_it(self, mode):
        line = timeline(mode)
        for zone in range(ZONES):
            if mode == "isolate" and zone != 1:
                assert max(line.zone(zone)) < 10
                continue
            wanted = SET_MMHG - (8 * zone if mode == "gradient" else 0)
            assert wanted - 4 <= max(line.zone(zone)) <= wanted + 8

    def test_every_zone_rests_for_5_s_below_15_mmhg(self, mode):
        line = timeline(mode)
        for zone in range(ZONES):
            low = "".join("x" if mmhg < EMPTY else " " for mmhg in line.zone(zone)).split()
            assert max(len(stretch) for stretch in low) * 0.05 >= 5


class TestSequential:
    def test_zones_fill_from_the_foot_up_and_none_is_released_before_the_last_is_full(self):
        line = timeline("sequential")
        full = [line.first_s(zone, FULL) for zone in range(ZONES)]
        assert full == sorted(full)
        for zone in range(1, ZONES):
            assert line.first_s(zone, EMPTY) > full[zone - 1]
        for t_s, _, true, _ in line.samples:
            if full[0] + 1 < t_s - line.samples[0][0] <= full[-1]:
                assert true[0] >= FULL - 4

    def test_all_are_released_together(self):
        line = timeline("sequential")
        ends = [line.last_s(zone, FULL - 4) for zone in range(ZONES)]
        assert max(ends) - min(ends) < 1.5
        assert min(ends) - line.first_s(ZONES - 1, FULL) >= 7


class TestWave:
    def test_at_most_two_neighbours_are_under_pressure_and_the_band_reaches_every_pair(self):
        line = timeline("wave")
        bands = set()
        for _, _, true, _ in line.samples:
            high = tuple(zone for zone in range(ZONES) if true[zone] >= 25)
            assert len(high) <= 2 and (len(high) < 2 or high[1] == high[0] + 1)
            bands.add(high)
        assert {(0,), (0, 1), (1, 2), (2, 3)} <= bands


class TestPulse:
    @pytest.mark.parametrize("zone", range(ZONES))
    def test_each_pulse_swings_by_20_mmhg_three_to_five_times_before_the_zone_holds(self, zone):
        pressures = timeline("pulse").zone(zone)
        assert 3 <= swings(pressures[: _last(pressures, FULL)], FULL - 20, FULL) <= 5

    def test_at_most_the_two_zones_before_it_hold_and_the_foot_is_released_first(self):
        line = timeline("pulse")
        for _, _, true, _ in line.samples:
            held = [zone for zone in range(ZONES) if true[zone] >= 45]
            assert len(held) <= 3 and held == list(range(held[0], held[0] + len(held))) if held else True
        for zone in range(2, ZONES):
            begins_s = line.first_s(zone, 40)
            for t_s, _, true, _ in line.samples:
                if abs(t_s - line.samples[0][0] - begins_s) < 0.1:
                    assert true[zone - 1] >= FULL - 4 and true[zone - 2] >= FULL - 4
        gone = [line.last_s(zone, 40) for zone in range(ZONES)]
        assert gone == sorted(gone) and gone[0] < line.first_s(3, 40)

    def test_before_the_pulses_all_zones_are_pre_filled_below_15_mmhg(self):
        line = timeline("pulse")
        first_s = line.first_s(0, 20)
        ready = next(true for t_s, _, true, _ in line.samples if t_s - line.samples[0][0] >= first_s - 0.3)
        assert all(3 <= mmhg < EMPTY + 5 for mmhg in ready)


def _last(pressures, mmhg):
    """Index of the last sample at or above a pressure: the pulses end with a hold."""
    return max(n for n, value in enumerate(pressures) if value >= mmhg)


class TestGradient:
    def test_while_it_holds_no_zone_is_below_the_next_one_by_more_than_3_mmhg(self):
        line = timeline("gradient")
        holds = [true for _, step, true, _ in line.samples if step == ZONES + 1]
        assert len(holds) > 100
        for true in holds:
            for zone in range(ZONES - 1):
                assert true[zone] >= true[zone + 1] - 3

    def test_neighbours_differ_by_5_to_11_mmhg_at_the_start_of_the_hold(self):
        line = timeline("gradient")
        true = next(true for _, step, true, _ in line.samples if step == ZONES + 1)
        for zone in range(ZONES - 1):
            assert 4 <= true[zone] - true[zone + 1] <= 12


class TestSmooth:
    def test_no_zone_rises_faster_than_its_ramp_allows(self):
        line, fast = timeline("smooth"), timeline("sequential")

        def rise_s(line, zone):
            return line.first_s(zone, FULL) - line.first_s(zone, 10)

        for zone in range(ZONES):
            assert rise_s(line, zone) >= max(4.0, 1.5 * rise_s(fast, zone))

    def test_it_falls_more_slowly_than_a_release(self):
        def fall_s(line, zone):
            return line.last_s(zone, 25) - line.last_s(zone, FULL)

        for zone in range(ZONES):
            assert fall_s(timeline("smooth"), zone) >= 3 * fall_s(timeline("sequential"), zone)

    def test_there_is_no_pause_between_full_and_down(self):
        line = timeline("smooth")
        assert line.down_s() - line.first_s(ZONES - 1, FULL) < 3
        assert timeline("sequential").down_s() - timeline("sequential").first_s(ZONES - 1, FULL) > 7


class TestFlush:
    def test_it_runs_from_the_foot_up_and_is_over_in_two_thirds_of_the_time(self):
        line = timeline("flush")
        full = [line.first_s(zone, FULL) for zone in range(ZONES)]
        assert full == sorted(full)
        assert line.seconds < 0.67 * timeline("sequential").seconds


class TestUniformAndInterval:
    @pytest.mark.parametrize("mode, least_s", (("uniform", 7), ("interval", 19)))
    def test_all_zones_hold_at_once_for_the_whole_time_and_are_released_at_once(self, mode, least_s):
        line = timeline(mode)
        together = [t_s for t_s, _, true, _ in line.samples if min(true) >= FULL - 4]
        assert together[-1] - together[0] >= least_s
        ends = [line.last_s(zone, FULL - 4) for zone in range(ZONES)]
        assert max(ends) - min(ends) < 1.5

    def test_interval_rests_as_long_as_it_squeezes(self):
        line = timeline("interval")
        rest_s = sum(max(true) < EMPTY for _, _, true, _ in line.samples) * 0.05
        hold_s = sum(min(true) >= FULL - 4 for _, _, true, _ in line.samples) * 0.05
        assert 15 <= rest_s <= 25 and 17 <= hold_s <= 25


class TestSlow:
    def test_all_zones_rise_together_and_50_s_up_are_followed_by_50_s_down(self):
        line = timeline("slow")
        assert 45 <= line.down_s() <= 56
        assert 45 <= line.seconds - line.down_s() <= 58
        for _, _, true, _ in line.samples:
            if max(true) < SET_MMHG - 10:
                assert max(true) - min(true) < 30


class TestStaggered:
    def test_zones_start_at_0_and_2_5_and_5_5_s_and_all_vent_at_11_s_or_the_stretch_is_said(self):
        line = timeline("staggered")
        starts = []
        for zone in range(ZONES):
            starts.append(next(t_s for t_s, _, _, targets in line.samples if targets[zone] >= 20) - line.samples[0][0])
        for start_s, wanted_s in zip(starts, (0, 2.5, 5.5, 9.0)):
            assert start_s == pytest.approx(wanted_s, abs=0.3 if not line.says else 2.5)
        assert line.says == "" or line.notices & faults.STRETCHED


@pytest.mark.parametrize("cell", matrix.pairwise(), ids=lambda cell: "-".join(map(str, cell)))
def test_modes_zones_legs_and_topologies_meet_in_pairs_and_run_to_done(cell):
    record = matrix.run(cell, seed=1, minutes=1, most_cycles=1, snug=True)
    assert record["why"] == ""


def test_random_programs_run_within_all_limits():
    records = list(programs.runs(7, range(100)))
    assert [record["why"] for record in records if record["why"]] == []
    assert sum(record["ran"] for record in records) == 1
