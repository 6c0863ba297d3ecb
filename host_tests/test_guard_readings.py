"""What a sensor cannot show, from both sides, to the pascal and the tick: what sensing, levels and drive say is put before the check."""

from __future__ import annotations

from typing import Any

import pytest

from host_tests.guard_desk import OWN_SENSORS, TICK_MS, Desk
from peristal.core import faults
from peristal.core.drive import HOLD
from peristal.core.units import NONE, pa

JUMP = pa(25)
LONG_MS = 100_000


class Shown:
    """Plausible with what sensing, levels and drive say made up here: every zone is shut with 60 mmHg, everything has long been still."""

    def __init__(self, topology: str = "independent", mmhg: int = 60) -> None:
        self.desk = Desk(topology)
        self.net, self.guard = self.desk.net, self.desk.guard
        self.check: Any = self.guard.plausible
        self.sensing: Any = self.desk.sensing
        self.levels: Any = self.guard.levels
        self.drive: Any = self.desk.drive
        for zone in range(self.net.n_zones):
            self.levels.level_pa[zone] = pa(mmhg)
            self.levels.shut[zone] = 1
        for sensor in range(self.net.n_sensors):
            self.show(sensor, pa(mmhg))
        self.still(LONG_MS)
        self.tick(20)
        for sensor in range(self.net.n_sensors):
            self.check._swings[sensor] = 0

    def still(self, ms: int) -> None:
        """Coils and pump have not been switched for so long."""
        self.drive.pump_still_ms = ms
        for valve in range(self.net.n_valves):
            self.drive.still_ms[valve] = ms

    def show(self, sensor: int, shown_pa: int) -> None:
        self.sensing.pa[sensor] = self.sensing.worst_pa[sensor] = shown_pa

    def tick(self, ticks: int = 1, elapsed_ms: int = TICK_MS, active: bool = True) -> Shown:
        """Every sensor is read in each of them, and shows a little noise."""
        for _ in range(ticks):
            for sensor in range(self.net.n_sensors):
                self.sensing.age_ms[sensor] = 0
                self.sensing.mv16[sensor] ^= 1
            self.check.tick(elapsed_ms, active)
        return self

    @property
    def told(self) -> tuple[int, int]:
        return self.desk.fault, self.guard.fault_zone


# --- to and fro -------------------------------------------------------------------------------------------------------


def swung(shown: Shown, sensor: int, by_pa: int, every: int, jumps: int) -> int:
    """Every so many ticks up and down again; the jump that was one too many, or 0."""
    for number in range(1, jumps + 1):
        shown.show(sensor, pa(60) + (by_pa if number % 2 else 0))
        shown.tick(every)
        if shown.told[0]:
            return number
    return 0


@OWN_SENSORS
@pytest.mark.parametrize("by_pa", (JUMP, -JUMP))
def test_five_jumps_of_25_mmhg_less_than_500_ms_apart_are_a_loose_contact(topology, by_pa):
    sensor = Shown(topology).net.zone_sensor[1]
    shown = Shown(topology)
    assert swung(shown, sensor, by_pa, 24, 9) == 5 and shown.told == (faults.SENSOR_JUMPS, 1)
    assert not swung(Shown(topology), sensor, by_pa, 25, 20), "500 ms apart"
    assert not swung(Shown(topology), sensor, by_pa - (1 if by_pa > 0 else -1), 5, 20), "a pascal less"
    shown = Shown(topology)
    assert not swung(shown, sensor, by_pa, 5, 4)
    shown.tick(25)
    assert not swung(shown, sensor, by_pa, 5, 4), "four and a rest"


def test_jumps_in_one_direction_are_one():
    shown = Shown("independent", 0)
    for number in range(1, 7):
        shown.show(1, number * JUMP)
        shown.tick(5)
    assert not shown.told[0]
    for back, told in ((5, 0), (6, 0), (5, 0), (6, faults.SENSOR_JUMPS)):
        shown.show(1, back * JUMP)
        assert shown.tick(5).told[0] == told


def test_the_swings_of_a_sensor_are_counted_for_half_a_second():
    shown = Shown("independent")
    assert not shown.check.swings(1)
    swung(shown, 1, JUMP, 1, 1)
    assert shown.check.swings(1) == 1
    shown.show(1, pa(60))
    assert shown.tick().check.swings(1) == 2 and not shown.check.swings(0) and not shown.check.swings(NONE)
    assert shown.tick(23).check.swings(1) == 2
    assert not shown.tick().check.swings(1)


@pytest.mark.parametrize("low_pa, told", ((-pa(12) - 1, faults.SENSOR_JUMPS), (-pa(12), faults.OK)))
def test_where_no_air_can_be_every_step_is_a_jump(low_pa, told):
    """A sensor's own floor is 15 mmHg below its zero: an empty zone's loose contact can fall no further."""
    shown = Shown("independent", 0)
    for number in range(6):
        shown.show(1, low_pa if number % 2 else 0)
        shown.tick(5)
    assert shown.told[0] == told


@pytest.mark.parametrize("back_pa, told", ((-pa(6), faults.SENSOR_JUMPS), (-pa(6) - 1, faults.OK)))
def test_a_zero_that_has_drifted_to_about_there_does_not_jump_with_its_noise_and_the_limb(back_pa, told):
    """It went to and fro about the limit by a millimetre, and its drift was told as a loose contact."""
    shown = Shown("independent", 0)
    for number in range(8):
        shown.show(1, -pa(13) if number % 2 else back_pa)
        shown.tick(5)
    assert shown.told[0] == told


def test_a_zero_that_has_moved_so_far_is_no_swing():
    shown = Shown("independent", 0)
    for _ in range(9):
        shown.show(1, -pa(13))
        shown.tick(5)
    assert not shown.told[0]


@pytest.mark.parametrize("still_ms, told", ((180, False), (200, True)))
def test_the_line_may_jump_until_everything_has_been_still_for_200_ms_and_a_zone_s_sensor_may_not(still_ms, told):
    for topology in ("manifold", "zone sensors"):
        shown = Shown(topology)
        shown.levels.open_count = 1  # no shut line
        shown.drive.still_ms[2] = still_ms
        assert bool(swung(shown, shown.net.line_sensor, JUMP, 5, 9)) is told
        assert shown.told == ((faults.SENSOR_JUMPS, NONE) if told else (faults.OK, NONE))
    shown = Shown("zone sensors")
    shown.drive.still_ms[2] = still_ms
    assert swung(shown, shown.net.zone_sensor[1], JUMP, 5, 9)


def test_what_was_switched_last_says_how_long_all_has_been_still():
    shown = Shown("zone sensors")
    check, drive = shown.check, shown.drive
    assert check._steady_ms >= 400
    drive.still_ms[3] = 60
    assert shown.tick().check._steady_ms == 60
    drive.still_ms[3] = LONG_MS
    assert shown.tick().check._steady_ms == 80, "and from there on it counts itself"
    drive.pump_still_ms = 40
    assert shown.tick().check._steady_ms == 40
    for pump, steady_ms in ((200, 60), (401, 0), (200, 0), (400, 20), (201, 40)):
        drive.pump_permille = pump
        assert shown.tick().check._steady_ms == steady_ms, "a fifth of the duty more or less is no switching"
    assert shown.tick(20).check._steady_ms == 200, "a pump that runs at one duty is as steady as that"


@pytest.mark.parametrize("late_ms, again", ((40, False), (41, True)))
def test_after_a_late_tick_what_the_coils_held_is_pulled_in_again(late_ms, again):
    """A tick of 80 ms is no stall yet, but the 12 V may have let go meanwhile, and a valve stood open that nobody knew of."""
    shown = Shown("zone sensors")
    drive = shown.drive
    drive.state[1], drive._peak_ms[1] = HOLD, 0
    shown.tick(1, late_ms)
    assert (drive._peak_ms[1] == drive._refresh_ms[1]) is again


# --- the very same ----------------------------------------------------------------------------------------------------


def test_a_sensor_is_stuck_after_100_readings_that_are_the_same():
    shown = Shown("independent")
    for told in (False, True):
        for _ in range(101 if told else 100):
            shown.sensing.mv16[1] ^= 1  # tick() does so once more
            shown.tick()
        assert (shown.told == (faults.SENSOR_STUCK, 1)) is told
        shown.tick()


def test_a_wire_that_is_off_at_rest_is_told_as_such_and_not_as_a_stuck_sensor():
    """At rest nobody asks for the limits of a reading, and the very same one it shows as well."""
    shown = Shown("independent")
    shown.sensing.fault[1] = faults.SENSOR_LOW
    for _ in range(102):
        shown.sensing.mv16[1] = 0
        shown.tick()
    assert shown.told == (faults.SENSOR_LOW, 1)
