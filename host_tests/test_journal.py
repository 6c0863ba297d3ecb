"""The journal: a fixed ring that keeps what happened through resets and power cuts, and that no flood can wipe."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peristal.core import fault_words, faults, journal, journal_words, reasons
from peristal.core.journal import Journal
from peristal.core.marker import HEAD, JOURNAL, Marker
from tools.simulator.fake_machine import WDT_RESET
from tools.simulator.rig import Rig

BOARD = "esp32s3_independent"
SESSION = {"program": "sequential", "pressure_mmhg": 60, "minutes": 1}


class Kept:
    """A journal and what RTC memory has of it."""

    def __init__(self, memory: bytes = b"") -> None:
        self.memory = memory
        self.journal = Journal(Marker(memory, self.keep), JOURNAL, HEAD)

    def keep(self, memory: bytearray) -> None:
        self.memory = bytes(memory)

    def again(self) -> Kept:
        return Kept(self.memory)


EVENTS = st.lists(
    st.tuples(st.integers(1, 255), st.sampled_from((0, 1, 5, 255)), st.integers(-20000, 1 << 29), st.integers(0, 3000)), max_size=150
)


@given(EVENTS)
@settings(max_examples=60)
def test_whatever_comes_in_the_ring_keeps_the_newest_in_order_and_outlives_reset_and_flash(events: list[tuple[int, int, int, int]]) -> None:
    kept = Kept()
    added: list[tuple[int, int, int]] = []
    now_s = 0
    for code, zone, value, later_s in events:
        for _ in range(later_s // 1000):
            kept.journal.tick(1000)
            now_s += 1
        kept.journal.add(code, zone, value)
        added.append((now_s, code, value))
    rows = list(kept.journal.rows())
    assert len(rows) <= journal.ROOM
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    plain = [one for one in added if not journal.counted(one[1])]
    newest = [(at_s, code, value) for at_s, code, _, value, _ in rows if not journal.counted(code)]
    assert newest == (plain[-len(newest) :] if newest else [])
    if len(events) <= 20:
        assert newest == plain, "nothing is given up before the ring is full"
    assert list(kept.again().journal.rows()) == rows
    flash = Kept()
    flash.journal.restore(kept.journal.dump())
    assert list(flash.journal.rows()) == rows


def test_a_flood_of_interventions_is_counted_and_wipes_nothing() -> None:
    kept = Kept()
    kept.journal.add(journal.START_UP, 255, 1)
    kept.journal.add(3, 2, 0)
    kept.journal.add(journal.SESSION, 255, 60)
    for tick in range(5000):
        for code in (98, 101, 66, journal.LATE):
            kept.journal.add(code, tick % 12, tick)
    rows = list(kept.journal.rows())
    assert [row[1] for row in rows[:3]] == [journal.START_UP, 3, journal.SESSION]
    assert len(rows) == 3 + journal.MOST_COUNTED + 1 and rows[-1][1] == journal.MORE
    assert all(row[4] == 255 for row in rows[3:]), "counted, up to what a byte holds"


@pytest.mark.parametrize("numbers", ([1, 2], [1] * 5 * 65, [1, 2, 3, "x", 5], [1, 2, 3, 1 << 40, 5], [None] * 5))
def test_stored_rows_that_add_would_not_have_made_are_refused(numbers: list[Any]) -> None:
    kept = Kept()
    kept.journal.add(3)
    with pytest.raises((ValueError, TypeError)):
        kept.journal.restore(numbers)
    assert len(list(kept.journal.rows())) == 1


def test_a_row_damaged_in_memory_is_left_out() -> None:
    kept = Kept()
    for code in (1, 2, 3):
        kept.journal.add(code)
    memory = bytearray(kept.memory)
    memory[HEAD + journal.SIZE + 5] ^= 4
    assert [row[1] for row in Kept(bytes(memory)).journal.rows()] == [1, 3]


def test_every_reason_of_the_guard_has_a_name_in_its_place() -> None:
    bits = {value for name, value in vars(reasons).items() if name.startswith("WHY_")}
    assert all(bit.bit_length() <= len(journal_words.REASONS) for bit in bits)


def test_codes_of_faults_notices_and_events_do_not_overlap() -> None:
    assert journal.FIRST_NOTICE == faults.FIRST_NOTICE
    assert max(row[0] for row in fault_words.WORDS) < journal.FIRST_REASON
    codes = [row[0] for row in journal_words.EVENTS]
    assert codes == list(range(journal.START_UP, journal.MORE + 1)), "every code has its words, in order"
    assert set(journal.COUNTED) <= set(codes)


def listed(rig: Rig) -> list[str]:
    """What the last `journal` on the console answered."""
    lines = rig.chip.console
    last = max(index for index, line in enumerate(lines) if line.startswith("ok events="))
    first = last
    while lines[first - 1].startswith("  "):
        first -= 1
    assert lines[last] == f"ok events={last - first}"
    return lines[first:last]


def test_a_life_with_sessions_a_crash_and_a_power_cut_can_be_read_afterwards() -> None:
    rig = Rig(BOARD, settings=SESSION, snug=True)
    rig.flash.put("learned.json", b"garbage")
    rig.press(1.5)
    rig.run_until(90)
    assert rig.state == "done"
    rig.chip.power_cycle()
    begin = rig.now_s
    rig.press(begin + 2)
    rig.at(begin + 25, lambda: rig.chip.reset(WDT_RESET))
    rig.press(begin + 28)
    rig.press(begin + 50)
    rig.type_line(begin + 62, "journal")
    rig.run_until(begin + 65)
    told = [line.split(" ", 3)[3] for line in listed(rig)]
    assert told.pop(-2).startswith("guard: button held ") and told[-1].startswith("stopped ")
    finished = told.pop(4)
    assert finished.startswith("finished 6") and finished.endswith(" s")
    told.pop()
    assert told == [
        "start-up power-on",
        "damaged and set aside learned.json",
        "session 60 mmHg",
        "self-test 4 zones",
        "start-up power-on",
        "session 60 mmHg",
        "self-test 4 zones",
        "start-up watchdog",
        "abnormal restart 1 in ten minutes",
        "session 60 mmHg",
        "self-test 4 zones",
    ]
    times = [line.split()[0] for line in listed(rig)]
    assert times[:3] == ["0:00:00", "0:00:00", "0:00:01"]


def test_nothing_of_it_is_written_while_a_session_goes_on() -> None:
    rig = Rig(BOARD, settings=SESSION)
    rig.press(1.0)
    rig.at(30, lambda: rig.app.journal.add(3, 1, 2))
    rig.run_until(40)
    assert rig.state == "running" and rig.app.journal.changed
    assert "journal.json" not in rig.flash.files


def test_a_loop_that_is_late_is_measured_and_told() -> None:
    rig = Rig(BOARD)
    rig.chip.on_import("peristal.app", slow_at(3.0, 35))
    rig.type_line(5, "loop")
    rig.type_line(6, "journal")
    rig.run_until(8)
    answer = next(line for line in rig.chip.console if line.startswith("ok worst_ms"))
    figures = dict(part.split("=") for part in answer.split()[1:])
    assert 35 <= int(figures["worst_ms"]) <= 38 and 35 <= int(figures["worst_period_ms"]) <= 38 and figures["late"] == "1"
    assert any(" loop late 3" in line for line in listed(rig))


def test_a_loop_that_is_late_all_the_time_ends_the_session_in_order() -> None:
    rig = Rig(BOARD, settings=SESSION)
    rig.chip.on_import("peristal.app", slow_at(40.0, 24, times=40))
    rig.press(1.0)
    seen: list[tuple[str, float]] = []
    rig.every(0.1, lambda: seen.append((rig.state, max(rig.plant.zone_mmhg))))
    rig.run_until(75)
    states = [state for index, (state, _) in enumerate(seen) if not index or seen[index - 1][0] != state]
    assert [state for state in states if state != "breathing"] == ["off", "idle", "preflight", "running", "finishing", "done"]
    assert rig.app.guarding.fault == faults.OK
    assert rig.app.session.notices & faults.LOOP_LATE
    assert any("fault 27 loop overrun" in line for line in words(rig)) and any("loop late 2" in line for line in words(rig))


def test_late_ticks_that_are_not_in_a_row_are_only_told() -> None:
    rig = Rig(BOARD, settings=SESSION)
    rig.chip.on_import("peristal.app", slow_at(10.0, 24, times=200, each=3))
    rig.press(1.0)
    rig.run_until(25)
    assert rig.state == "running" and rig.app.session.notices & faults.LOOP_LATE
    assert rig.app.pace.late > 100


def words(rig: Rig) -> list[str]:
    """The journal as it would be listed."""
    borrow = rig.chip.module("peristal.core.borrow").borrow
    told = SimpleNamespace(journal=rig.app.journal, shelf=rig.app.shelf, stalls=SimpleNamespace(lend=borrow))
    return list(borrow("commands.journal")._journal(told, []))


def slow_at(at_s: float, by_ms: int, times: int = 1, each: int = 1) -> Any:
    """From about then on, so many ticks (each one, or each third one) take so much longer."""

    def plant(module: Any) -> None:
        body = module.App.decide
        time = module.sleep_ms
        left = [int(at_s * 50)]

        def slow(app: Any) -> None:
            left[0] -= 1
            if -times * each < left[0] <= 0 and left[0] % each == 0:
                time(by_ms)
            body(app)

        module.App.decide = slow

    return plant


def test_calibration_and_the_notices_of_a_session_are_told() -> None:
    rig = Rig("esp32_manifold", settings={**SESSION, "quiet": True}, snug=True)
    rig.type_line(13, "calibrate 1 0")
    rig.press(15)
    rig.run_until(115)
    assert rig.state == "done"
    told = "\n".join(words(rig))
    assert "calibrated" in told and "notice 67 cycle stretched" in told
