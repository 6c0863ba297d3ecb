"""Two days of the soak, around both wraps of the ticks, and bugs that it has to catch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from host_tests import soak
from tools.simulator.rig import Rig

BOARD = "esp32s3_independent"
A_DAY_AND_A_HALF_BEFORE = soak.WRAP_MS - soak.DAY_MS * 3 // 2


def month(days: int) -> soak.Month:
    return soak.Month(BOARD, 7, days, A_DAY_AND_A_HALF_BEFORE)


def test_days_around_both_wraps_are_like_any_other() -> None:
    short = month(2)
    days = short.run()
    assert soak.why(days, short.passed_ms, 2) == []
    assert [day.wrapped for day in days] == ["ms", "us"]
    assert days[0].ticks_ms > soak.WRAP_MS - 60_000 and days[1].ticks_ms < soak.DAY_MS * 2
    assert all(day.peak_mmhg > 45 for day in days)


def plain_difference(module: Any) -> None:
    module.ticks_diff = lambda later, earlier: later - earlier


def test_a_plain_difference_of_ticks_is_caught() -> None:
    short = month(1)
    short.rig.chip.on_import("peristal.app", plain_difference)
    assert soak.why(short.run(), short.passed_ms, 1)


def like(number: int, **figures: Any) -> soak.Day:
    day = soak.Day(number, 0, "", ["running", "done"], 130.0, 60.0, 40.0, 0, 0, 0, 64, 5000, 7, 9, 1600, 30.0)
    return replace(day, **figures)


@pytest.mark.parametrize("name", ("things", "flash_files", "writes", "journal_rows", "flash_bytes", "cycle_s", "peak_mmhg", "pump_s"))
def test_what_grows_or_drifts_is_named(name: str) -> None:
    steady = [like(number) for number in range(18)]
    assert soak.why(steady, 0, 18) == []
    step = getattr(steady[0], name) / 50
    found = soak.why([like(number, **{name: getattr(steady[0], name) + step * number}) for number in range(18)], 0, 18)
    assert found and all(name in line for line in found)


@pytest.mark.parametrize(("name", "step"), (("cycle_s", 0.09), ("peak_mmhg", 0.27), ("pump_s", 0.28)))
def test_a_drift_too_small_for_a_single_day_is_seen_over_the_month(name: str, step: float) -> None:
    slow = [like(number, **{name: getattr(like(0), name) + step * max(0, number - soak.SETTLED)}) for number in range(30)]
    assert any("drifts" in line for line in soak.drift(slow))
    scattered = [like(number, **{name: getattr(like(0), name) + (2.0 if number // 3 % 2 else 0.0)}) for number in range(30)]
    assert soak.drift(scattered) == []


def test_a_day_that_differs_from_those_before_is_named_and_the_scatter_of_the_first_is_not() -> None:
    days = [like(number, cycle_s=31.5 if number == soak.SETTLED else 30.0) for number in range(24)]
    assert soak.why([*days, like(24, cycle_s=28.8)], 0, 25) == [], "2.7 s from the first one, 1.5 from what was usual"
    assert soak.why([*days, like(24, cycle_s=33.0)], 0, 25) == ["day 24: cycle_s 33.0, on 6 days before 30.2"]


def test_a_cycle_of_a_minute_may_differ_by_twice_as_much() -> None:
    days = [like(number, cycle_s=60.0) for number in range(24)]
    assert soak.why([*days, like(24, cycle_s=65.1)], 0, 25) == []
    assert soak.why([*days, like(24, cycle_s=65.3)], 0, 25) == ["day 24: cycle_s 65.3, on 6 days before 60.0"]
    for step, drifts in ((0.16, False), (0.18, True)):
        found = soak.drift([like(number, cycle_s=60.0 + step * number) for number in range(30)])
        assert bool(found) is drifts, found


def test_a_day_without_a_session_or_with_one_of_another_length_is_named() -> None:
    days = [like(number) for number in range(9)]
    refused = [*days[:7], like(7, states=["done"], said="error: step 19: zone 2 is above 15 mmHg for 85 s"), days[8]]
    assert soak.why(refused, 0, 9)[0] == "day 7: no session: error: step 19: zone 2 is above 15 mmHg for 85 s"
    assert soak.why([*days[:8], like(8, seconds=170.0)], 0, 9) == ["day 8: a session of 170.0 s"]
    assert soak.why([*days[:8], like(8, seconds=119.0)], 0, 9) == ["day 8: a session of 119.0 s"]


def test_what_the_firmware_holds_is_counted_to_the_last_list() -> None:
    rig = Rig(BOARD)
    rig.run_until(1)
    before = soak.things(rig.app)
    rig.app.session.sequencer.extra = [1, 2, {3: [4, 5]}]
    assert before + 3 + 1 + 2 <= soak.things(rig.app) <= before + 3 + 1 + 2 + 1  # one for the name
