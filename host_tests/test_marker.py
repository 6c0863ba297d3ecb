"""What outlives a reset, byte for byte: which start-up follows an accident, how many of them make a storm, and what is not believed."""

from __future__ import annotations

import binascii

import pytest

from peristal.core.journal import BYTES
from peristal.core.marker import HEAD, LONG_AGO_S, ORDERLY, RESTING, SESSION, Marker
from tools.simulator.fake_machine import HARD_RESET, PWRON_RESET, SOFT_RESET, WDT_RESET


class Chip:
    """A marker through resets, without the rest of the firmware: wait(s), then reset() -> how many of late, locked, gave up.

    `kept`: the bytes that outlive a reset; `seals`: how often they were written.
    """

    def __init__(self) -> None:
        self.kept = b""
        self.seals = 0
        self.start(PWRON_RESET)

    def start(self, cause: int) -> None:
        self.marker = Marker(self.kept, self.keep)
        self.marker.begin(cause)

    def keep(self, memory: bytearray) -> None:
        self.kept = bytes(memory)
        self.seals += 1

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.marker.tick(1000)

    def reset(self, cause: int = WDT_RESET) -> tuple[int, bool, bool]:
        self.start(cause)
        return self.marker.resets, self.marker.locked, self.marker.gave_up


def test_the_ten_minutes_are_those_of_the_loop_and_slide() -> None:
    chip = Chip()
    chip.wait(1000)
    assert chip.reset() == (1, False, False)
    chip.wait(350)
    assert chip.reset() == (2, False, False)
    chip.wait(251)
    assert chip.reset() == (2, False, False), "the first is more than ten minutes ago"
    chip.wait(348)
    assert chip.reset() == (3, True, False)
    chip.wait(601)
    assert chip.reset() == (1, True, False), "still locked, but no storm any more"
    chip.marker.unlock()
    assert chip.reset() == (1, False, False)
    chip.wait(70000)
    assert chip.reset() == (1, False, False), "a long time does not come round again"


def test_a_reset_that_was_announced_is_none_of_them() -> None:
    chip = Chip()
    for _ in range(5):
        chip.marker.intend(ORDERLY)
        chip.start(HARD_RESET)
        assert (chip.marker.abnormal, chip.marker.resets) == (False, 0)


def test_resets_that_follow_one_another_at_once_are_counted_too() -> None:
    chip = Chip()
    assert [chip.reset() for _ in range(4)] == [(1, False, False), (2, False, False), (3, True, False), (3, True, True)]
    assert chip.kept[1] == ORDERLY, "it gives up: the next power-on is no accident"


def test_the_last_second_of_the_ten_minutes_counts() -> None:
    for seconds, resets in ((599, 2), (600, 1)):
        chip = Chip()
        chip.reset()
        chip.wait(seconds)
        assert chip.reset()[0] == resets
        chip = Chip()
        chip.reset()
        chip.reset()
        chip.wait(seconds)
        assert chip.reset() == ((3, True, False) if resets == 2 else (1, False, False))


def test_a_second_is_a_thousand_milliseconds_of_the_loop() -> None:
    chip = Chip()
    chip.reset()
    for _ in range(50 * 599 + 49):
        chip.marker.tick(20)
    assert chip.reset()[0] == 2
    chip = Chip()
    chip.reset()
    for _ in range(50 * 600):
        chip.marker.tick(20)
    assert chip.reset()[0] == 1


def test_the_memory_is_written_each_second_for_ten_minutes_and_then_only_when_something_changes() -> None:
    chip = Chip()
    chip.wait(10)
    before = chip.seals
    chip.wait(100)
    assert chip.seals == before, "no reset to count"
    chip.reset()
    before = chip.seals
    chip.wait(599)
    assert chip.seals - before == 599
    chip.wait(100)
    assert chip.seals - before == 600
    for intent, more in ((RESTING, 0), (SESSION, 1), (SESSION, 1), (RESTING, 2)):
        chip.marker.intend(intent)
        assert chip.seals - before == 600 + more


@pytest.mark.parametrize("intent, abnormal", ((ORDERLY, False), (RESTING, True), (SESSION, True)))
@pytest.mark.parametrize("cause", (PWRON_RESET, HARD_RESET, WDT_RESET, SOFT_RESET))
def test_with_a_marker_what_was_going_on_says_whether_the_reset_was_wanted(cause: int, intent: int, abnormal: bool) -> None:
    chip = Chip()
    chip.marker.intend(intent)
    chip.start(cause)
    assert (chip.marker.abnormal, chip.marker.intent, chip.marker.resets) == (abnormal, intent, int(abnormal))
    assert chip.marker.valid and chip.kept[1] == RESTING


@pytest.mark.parametrize("cause, abnormal", ((PWRON_RESET, False), (HARD_RESET, True), (WDT_RESET, True), (SOFT_RESET, False)))
def test_without_one_the_cause_speaks(cause: int, abnormal: bool) -> None:
    chip = Chip()
    chip.kept = b""
    chip.start(cause)
    assert (chip.marker.abnormal, chip.marker.intent, chip.marker.valid) == (abnormal, ORDERLY, False)
    assert chip.reset()[0] == 1 + abnormal


def test_a_person_at_the_device_clears_the_lock_and_what_led_to_it_for_good() -> None:
    chip = Chip()
    for _ in range(3):
        chip.reset()
    chip.marker.unlock()
    assert not chip.marker.locked
    assert [chip.reset() for _ in range(2)] == [(1, False, False), (2, False, False)]


LOCKED = bytes((0xB1, SESSION, 0, 0, 0, 0, 1, 0, 0, 0))


def sealed(head: bytes) -> bytes:
    """A marker as another firmware may have left it."""
    return head + binascii.crc_hqx(head, 0xFFFF).to_bytes(2, "little") + bytes(BYTES)


def test_an_update_reads_what_the_firmware_before_it_left() -> None:
    head = bytes((0xB1, SESSION, 0x2C, 0x01, 0x58, 0x02, 0, 0, 0, 0))
    assert len(sealed(head)) == HEAD + BYTES
    chip = Chip()
    chip.kept = sealed(head)
    chip.start(PWRON_RESET)
    assert (chip.marker.valid, chip.marker.intent, chip.marker.resets) == (True, SESSION, 2), "300 s ago, and 600 s ago"
    assert chip.kept[:10] == bytes((0xB1, RESTING, 0, 0, 0x2C, 0x01, 0, 0, 0, 0))
    assert chip.kept == sealed(chip.kept[:10])


@pytest.mark.parametrize(
    "kept",
    (
        sealed(bytes((0xB0, SESSION, 0, 0, 0, 0, 1, 0, 0, 0))),
        sealed(LOCKED)[:-1],
        sealed(LOCKED) + b"\0",
        *(bytes(byte ^ (at == place) for at, byte in enumerate(sealed(LOCKED))) for place in range(12)),
        bytes(HEAD + BYTES),
    ),
)
def test_of_another_version_or_length_or_with_one_bit_changed_nothing_is_believed(kept: bytes) -> None:
    chip = Chip()
    chip.kept = kept
    chip.start(PWRON_RESET)
    assert (chip.marker.valid, chip.marker.intent, chip.marker.locked, chip.marker.abnormal) == (False, ORDERLY, False, False)
    never = LONG_AGO_S.to_bytes(2, "little")
    assert chip.kept == sealed(bytes((0xB1, RESTING)) + never + never + bytes(4))
