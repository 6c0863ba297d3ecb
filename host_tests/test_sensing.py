"""From the pin's millivolts to a pressure that may be believed: filter, transfer, electrical limits, age, turns, zero and gain."""

from __future__ import annotations

from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_tests.made_boards import make
from peristal.core import faults
from peristal.core.net import Net
from peristal.core.sensing import READS_PER_TICK, Sensing, median_mean16
from peristal.core.units import NONE, pa
from tools.simulator import boards

STALE_MS = 400
ALL_ONE = "esp32_manifold"
OWN = "esp32s3_independent"


def sensing_of(board_name: str = ALL_ONE, **parts: int) -> Any:
    """`parts`: what the first sensor declares otherwise."""
    net: Any = Net(boards.load(board_name))
    if parts:
        net.sensors[0] = SimpleNamespace(**{**{name: getattr(net.sensors[0], name) for name in type(net.sensors[0]).FIELDS}, **parts})
    return Sensing(net)


def mv16_of(mmhg: float) -> int:
    """XGZP6847A behind a half: 250 mV at 0, 2250 mV at 40 kPa."""
    return round((250 + 2000 * mmhg * 133.322 / 40000) * 16)


class TestFilter:
    @given(st.lists(st.integers(0, 3300), min_size=5, max_size=5), st.integers(0, 4), st.integers(0, 3300))
    def test_one_wild_sample_in_three_has_no_say(self, levels, at, wild):
        samples = [level for level in levels for _ in range(3)]
        clean = median_mean16(samples, 15)
        samples[at * 3] = wild
        assert median_mean16(samples, 15) == clean == sum(levels) * 16 // 5

    def test_the_mean_is_finer_than_a_millivolt(self):
        assert median_mean16([100] * 9 + [101] * 3, 12) == 100 * 16 + 4

    def test_the_middle_one_of_three_counts_in_whatever_order_they_come(self):
        for order in permutations((100, 200, 900)):
            assert median_mean16(list(order) * 3, 9) == 200 * 16
        assert median_mean16([7, 7, 7, 9, 9, 9], 6) == 8 * 16


class TestSensing:
    @pytest.mark.parametrize("mmhg", (0, 15, 55, 100, 130))
    def test_a_declared_sensor_reads_true_within_half_a_mmhg(self, mmhg):
        sensing = sensing_of()
        sensing.take(0, mv16_of(mmhg))
        assert abs(sensing.pa[0] - pa(mmhg)) < pa(1) / 2

    @pytest.mark.parametrize("mv, fault", ((150, faults.SENSOR_LOW), (190, faults.SENSOR_LOW), (2400, faults.SENSOR_HIGH)))
    def test_an_open_or_shorted_wire_is_a_fault_after_three_samples_and_never_a_pressure(self, mv, fault):
        sensing = sensing_of()
        sensing.take(0, 1000 * 16)
        before = sensing.pa[0]
        for sample in range(3):
            assert sensing.fault[0] == 0, sample
            sensing.take(0, mv * 16)
            assert sensing.pa[0] == before
        assert sensing.fault[0] == fault

    def test_a_reading_that_is_not_renewed_goes_stale(self):
        sensing = sensing_of()
        sensing.take(0, 1000 * 16)
        for _ in range(STALE_MS // 20):
            sensing.grow_older(20)
        assert sensing.fault[0] == 0
        sensing.grow_older(20)
        assert sensing.fault[0] == faults.SENSOR_STALE

    @pytest.mark.parametrize("tick_ms, counts_ms", ((39, 39), (40, 40), (41, 40), (95, 40), (400, 40)))
    def test_of_a_late_tick_40_ms_count_and_who_is_not_read_is_found_all_the_same(self, tick_ms, counts_ms):
        sensing = sensing_of()
        sensing.take(0, 1000 * 16)
        ticks = 1
        while not sensing.fault[0]:
            assert sensing.age_ms[0] == counts_ms * (ticks - 1)
            sensing.grow_older(tick_ms)
            ticks += 1
        assert (sensing.fault[0], ticks - 2) == (faults.SENSOR_STALE, STALE_MS // counts_ms)

    @pytest.mark.parametrize("board_name", boards.names())
    def test_no_sensor_is_stale_because_every_tick_takes_as_long_as_the_deadman_lets_it(self, board_name):
        sensing = sensing_of(board_name)
        busy = NONE if sensing.net.zone_sensor[0] == NONE else sensing.net.zone_sensor[2]
        for tick in range(60):
            sensing.grow_older(95)
            sensing.make_plan(busy)
            for sensor in sensing.plan_sensor[: sensing.plan_length]:
                sensing.take(sensor, mv16_of(50) + tick % 2)
            assert sensing.first_fault() == NONE

    @pytest.mark.parametrize("board_name", boards.names())
    def test_at_most_32_reads_a_tick_the_busy_one_always_and_every_sensor_in_turn(self, board_name):
        sensing = sensing_of(board_name)
        net = sensing.net
        last = dict.fromkeys(range(sensing.count), 0)
        for tick in range(200):
            busy = NONE if net.zone_sensor[0] == NONE else net.zone_sensor[2]
            sensing.make_plan(busy)
            read = list(sensing.plan_sensor[: sensing.plan_length])
            assert sum(sensing.plan_reads[: sensing.plan_length]) <= READS_PER_TICK
            assert all(count % 3 == 0 and count >= 6 for count in sensing.plan_reads[: sensing.plan_length])
            assert len(set(read)) == len(read)
            assert busy == NONE or busy in read
            assert net.line_sensor == NONE or net.line_sensor in read
            for sensor in read:
                last[sensor] = tick
            assert all(tick - seen <= 12 for seen in last.values())

    @pytest.mark.parametrize(
        "board_name, parts, low_mv16, high_mv16",
        (
            # Half way between the least that a healthy sensor shows and the ADC's end, and between the most and the rail.
            (ALL_ONE, {}, (150 + 230) * 8, (2250 + 2450) * 8),
            (OWN, {}, (0 + 273) * 8, (2677 + 2975) * 8),
            # No room up there: 15 mV below the end, whichever end comes first.
            (ALL_ONE, {"full_mv": 4900}, (150 + 230) * 8, (2450 - 15) * 16),
            (ALL_ONE, {"rail_mv": 4500}, (150 + 230) * 8, (2250 - 15) * 16),
        ),
    )
    def test_what_a_healthy_sensor_can_show_ends_between_it_and_what_a_wire_that_is_off_shows(self, board_name, parts, low_mv16, high_mv16):
        sensing = sensing_of(board_name, **parts)
        for mv16, fault in (
            (low_mv16, faults.SENSOR_LOW),
            (low_mv16 + 1, faults.OK),
            (high_mv16 - 1, faults.OK),
            (high_mv16, faults.SENSOR_HIGH),
        ):
            for _ in range(3):
                sensing.take(0, mv16)
            assert sensing.fault[0] == fault
        assert sensing.first_fault() == 0

    def test_one_good_reading_is_enough_and_the_count_of_the_bad_ones_begins_anew(self):
        sensing = sensing_of()
        for _ in range(3):
            for _ in range(2):
                sensing.take(0, 0)
            sensing.take(0, mv16_of(50))
            assert sensing.fault[0] == faults.OK and sensing.first_fault() == NONE
        for _ in range(600):  # the count does not come round
            sensing.take(0, 0)
        assert sensing.fault[0] == faults.SENSOR_LOW
        sensing.take(0, mv16_of(50))
        assert sensing.fault[0] == faults.OK
        sensing.take(0, 0)
        assert sensing.fault[0] == faults.OK

    def test_the_first_faulty_one_is_named(self):
        sensing = sensing_of(OWN)
        assert sensing.first_fault() == NONE
        sensing.fault[2] = sensing.fault[3] = faults.SENSOR_LOW
        assert sensing.first_fault() == 2

    def test_what_is_stale_is_so_until_it_is_read_and_a_broken_wire_keeps_its_name(self):
        sensing = sensing_of(OWN)
        for _ in range(3):
            sensing.take(1, 0)
        sensing.take(0, mv16_of(50))
        for _ in range(STALE_MS // 20):
            sensing.grow_older(20)
        assert (sensing.fault[0], sensing.age_ms[0]) == (faults.OK, STALE_MS)
        sensing.grow_older(20)
        assert list(sensing.fault[:2]) == [faults.SENSOR_STALE, faults.SENSOR_LOW]
        sensing.take(0, mv16_of(40))
        assert (sensing.fault[0], sensing.age_ms[0], sensing.mv16[0]) == (faults.OK, 0, mv16_of(40))

    def test_an_age_stands_still_after_many_minutes_and_does_not_overflow(self):
        sensing = sensing_of()
        never_ms = sensing.age_ms[0]
        sensing.grow_older(20)
        assert sensing.age_ms[0] == never_ms > 1_000_000 and not sensing.fault[0], "never read: older than anything, and no fault yet"
        sensing.age_ms[0] = never_ms - 30
        sensing.grow_older(20)
        assert sensing.age_ms[0] == never_ms - 10
        for _ in range(3):
            sensing.grow_older(20)
        assert sensing.age_ms[0] == never_ms + 10 and sensing.fault[0] == faults.SENSOR_STALE

    @pytest.mark.parametrize("gain", (960, 1000, 1040))
    def test_the_guard_judges_the_higher_of_calibrated_and_datasheet(self, gain):
        sensing = sensing_of()
        sensing.gain_permille[0] = gain
        sensing.take(0, mv16_of(100))
        assert abs(sensing.pa[0] - pa(100) * gain // 1000) <= pa(1) // 4
        assert abs(sensing.worst_pa[0] - pa(100) * max(gain, 1000) // 1000) <= pa(1) // 4


class TestPlan:
    def plan(self, sensing, busy):
        sensing.make_plan(busy)
        return list(sensing.plan_sensor[: sensing.plan_length]), list(sensing.plan_reads[: sensing.plan_length])

    def test_the_line_first_then_the_busy_one_then_the_others_in_turn(self):
        sensing = sensing_of("esp32_manifold_5")
        line = sensing.net.line_sensor
        others = [sensor for sensor in range(sensing.count) if sensor != line]
        seen = []
        for _ in range(len(others) - 1):
            sensors, reads = self.plan(sensing, others[0])
            assert sensors[:2] == [line, others[0]] and reads == [9, 9, 9]
            seen.append(sensors[2])
        assert sorted(seen) == others[1:], "each of them once"
        assert self.plan(sensing, line)[0][0] == line and self.plan(sensing, line)[0].count(line) == 1
        sensing.net.line_sensor = others[1]  # whatever its number
        assert self.plan(sensing, others[0])[0][:2] == others[1::-1]

    def test_without_a_line_sensor_and_nothing_busy_three_are_read_in_turn(self):
        sensing = Sensing(Net(make("independent", 5, 1)))
        turns = [self.plan(sensing, NONE) for _ in range(5)]
        assert [sensors for sensors, _ in turns] == [[0, 1, 2], [3, 4, 0], [1, 2, 3], [4, 0, 1], [2, 3, 4]]
        assert all(reads == [9, 9, 9] for _, reads in turns)
        assert [self.plan(sensing, 2)[0] for _ in range(3)] == [[2, 0, 1], [2, 3, 4], [2, 0, 1]]

    @pytest.mark.parametrize("zones, reads", ((1, [15]), (2, [15, 15]), (3, [9, 9, 9])))
    def test_no_sensor_is_read_more_than_15_times_a_tick_nor_all_more_than_32(self, zones, reads):
        sensing = Sensing(Net(make("independent", zones, 1)))
        assert self.plan(sensing, NONE) == (list(range(zones)), reads)
        sensing = sensing_of()
        assert self.plan(sensing, NONE) == ([0], [15])
        assert READS_PER_TICK == 32


class TestZeroAndGain:
    def test_a_new_zero_shifts_every_reading(self):
        sensing = sensing_of()
        sensing.set_zero(0, mv16_of(3))
        sensing.take(0, mv16_of(53))
        assert abs(sensing.pa[0] - pa(50)) <= pa(1) // 4

    def test_a_drift_is_told_in_pascals_from_both_sides(self):
        sensing = sensing_of()
        for mmhg in (5, -5):
            assert abs(sensing.drift_pa(0, mv16_of(mmhg), mv16_of(0)) - pa(5)) <= pa(1) // 8

    def test_a_zero_may_be_off_by_the_declared_error_behind_the_divider(self):
        sensing = sensing_of()  # 40 mV at the sensor are 20 at the pin
        for sign in (1, -1):
            assert sensing.in_datasheet(0, (250 + sign * 20) * 16)
            assert not sensing.in_datasheet(0, (250 + sign * 20) * 16 + sign)

    @pytest.mark.parametrize("true_mmhg", (60, 80, 100))
    @pytest.mark.parametrize("gain", (961, 1000, 1039))
    def test_a_manometer_s_reading_sets_the_gain(self, true_mmhg, gain):
        sensing = sensing_of(OWN)
        full = 2000 * 595 / 500
        sensing.take(1, round((297.5 + full * true_mmhg * 133.322 / 40000 * 1000 / gain) * 16))
        assert sensing.calibrate(1, pa(true_mmhg)) is None
        assert abs(sensing.gain_permille[1] - gain) <= 1 and sensing.gain_permille[0] == 1000

    def test_a_gain_more_than_4_percent_off_is_refused(self):
        for shown, right in ((100, True), (100 / 0.9605, True), (100 / 1.0395, True), (100 / 0.957, False), (100 / 1.043, False)):
            sensing = sensing_of()
            sensing.take(0, mv16_of(shown))
            why = sensing.calibrate(0, pa(100))
            assert (why is None) is right
            if why:
                assert why.startswith("gain_permille: ") and why.endswith("allowed: 960 to 1040 (the datasheet's is 1000)")
                assert sensing.gain_permille[0] == 1000

    @pytest.mark.parametrize("mmhg", (-1, 0))
    def test_a_sensor_that_shows_nothing_or_less_is_refused_too(self, mmhg):
        sensing = sensing_of()
        sensing.take(0, mv16_of(mmhg))
        assert "gain_permille: " in sensing.calibrate(0, pa(80))

    @pytest.mark.parametrize("mmhg", (39, 101))
    def test_a_manometer_is_believed_from_40_to_100_mmhg(self, mmhg):
        sensing = sensing_of()
        sensing.take(0, mv16_of(mmhg))
        assert sensing.calibrate(0, pa(mmhg)) == f"calibrate_mmhg: {mmhg} is not allowed; allowed: 40 to 100 mmHg"
        assert sensing.gain_permille[0] == 1000

    @pytest.mark.parametrize("sensor", (-1, 4))
    def test_a_sensor_that_there_is_not_is_refused(self, sensor):
        sensing = sensing_of(OWN)
        for each in range(4):
            sensing.take(each, mv16_of(80))
        assert sensing.calibrate(sensor, pa(80)) == f"sensor: {sensor + 1} is not allowed; allowed: 1 to 4"

    def test_a_faulty_sensor_is_not_calibrated(self):
        sensing = sensing_of()
        sensing.take(0, mv16_of(80))
        sensing.fault[0] = faults.SENSOR_STALE
        assert sensing.calibrate(0, pa(80)) is not None and sensing.gain_permille[0] == 1000

    @pytest.mark.parametrize(
        "stored, gains",
        (
            ([960, 1040, 1001, 999], [960, 1040, 1001, 999]),
            ([959, 1041, "1001", 999], [1000, 1000, 1000, 999]),
            ([1001, 1001, 1001], [1000] * 4),
            ([1001] * 5, [1000] * 4),
            ("1001", [1000] * 4),
            ({0: 1, 1: 2, 2: 3, 3: 4}, [1000] * 4),
            (dict.fromkeys((1001, 1002, 1003, 1004)), [1000] * 4),
            (None, [1000] * 4),
            ([None, 1.5, 1001, []], [1000, 1000, 1001, 1000]),
        ),
    )
    def test_stored_gains_that_do_not_fit_are_not_believed(self, stored, gains):
        sensing = sensing_of(OWN)
        sensing.recall_gains(stored)
        assert list(sensing.gain_permille) == gains
