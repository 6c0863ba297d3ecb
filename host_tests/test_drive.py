"""From allowed coils to duty, tick by tick: peak and hold, the supply's share, refresh, soft start. The times stand here in full."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from peristal.core.drive import HOLD, OFF, PEAK, Drive
from peristal.core.net import Net
from tools.simulator import boards

TICK_MS = 20
NAMES = pytest.mark.parametrize("name", boards.names())


def made(name: str = "esp32_manifold", change: Any = None) -> tuple[Net, Drive]:
    board = boards.load(name)
    if change is not None:
        change(board)
    net = Net(board)
    return net, Drive(net)


def run(drive: Drive, coil: bytes, ms: int, pump: int = 0) -> None:
    for _ in range(ms // TICK_MS):
        drive.tick(coil, pump, TICK_MS)


def one(net: Net, *valves: int) -> bytes:
    return bytes(1 if valve in valves else 0 for valve in range(net.n_valves))


@NAMES
def test_a_coil_has_its_pull_in_at_full_duty_then_its_hold(name):
    net, drive = made(name)
    for valve, part in enumerate(net.valves):
        _, drive = made(name)
        seen = []
        for _ in range(100):
            drive.tick(one(net, valve), 0, TICK_MS)
            seen.append(drive.duty_permille[valve])
        peak = -(-part.pull_in_ms // TICK_MS)
        hold = 1000 if part.drive == "on_off" else part.hold_permille
        assert seen[:peak] == [1000] * peak and set(seen[peak:]) == {hold}
        assert drive.state[valve] == HOLD and not any(drive.duty_permille[other] for other in range(net.n_valves) if other != valve)


def test_a_held_coil_is_pulled_in_again_when_it_is_due_and_no_sooner():
    net, drive = made()
    part = net.valves[0]
    run(drive, one(net, 0), part.pull_in_ms + TICK_MS)
    assert drive.state[0] == HOLD
    held_ms = 0
    while drive.state[0] == HOLD:
        drive.tick(one(net, 0), 0, TICK_MS)
        held_ms += TICK_MS
        assert held_ms < 120_000
    assert held_ms == pytest.approx(part.refresh_s * 1000 - part.pull_in_ms, abs=100)
    assert drive.duty_permille[0] == 1000
    run(drive, one(net, 0), part.pull_in_ms + TICK_MS)
    assert drive.state[0] == HOLD
    run(drive, one(net, 0), 5000)
    assert drive.state[0] == HOLD, "and then it has its time again"


def test_a_coil_that_was_released_is_refreshed_by_its_own_time_when_it_comes_back():
    net, drive = made()
    run(drive, one(net, 0), 25_000)
    run(drive, one(net), 100)
    assert drive.duty_permille[0] == 0
    run(drive, one(net, 0), 15_000)
    assert drive.state[0] == HOLD


def test_after_a_dip_every_held_coil_is_pulled_in_again_within_the_supply():
    net, drive = made()
    board = net.board
    every = bytes([1] * net.n_valves)
    run(drive, every, 3000, 1000)
    assert set(drive.state) == {HOLD}
    drive.refresh()
    pulled = set()
    for _ in range(100):
        drive.tick(every, 1000, TICK_MS)
        pulled |= {valve for valve in range(net.n_valves) if drive.state[valve] == PEAK}
        load_ma = sum(part.current_ma * drive.duty_permille[valve] // 1000 for valve, part in enumerate(net.valves))
        assert load_ma + board.pump.current_ma <= board.supply.current_ma * 9 // 10
    assert pulled == set(range(net.n_valves)) and set(drive.state) == {HOLD}
    drive.tick(one(net), 0, TICK_MS)
    drive.refresh()
    assert set(drive.state) == {OFF}


def test_what_the_supply_cannot_carry_waits_and_comes_as_soon_as_there_is_room():
    """2.5 A less a tenth and the pump's 1.5 A leave 750 mA: one coil of 400 mA at a time, 200 mA for each that is held."""

    def small(board):
        board.supply.current_ma = 2500
        board.line.vent.current_ma = 400
        board.line.vent.hold_permille = 500

    net, drive = made(change=small)
    wanted = one(net, 0, 1, 2, 3)
    drive.tick(wanted, 0, TICK_MS)
    assert list(drive.state)[:4] == [PEAK, OFF, OFF, OFF] and not drive.in_place
    pull_ms = net.valves[0].pull_in_ms
    run(drive, wanted, pull_ms)
    assert list(drive.state)[:4] == [HOLD, PEAK, OFF, OFF]
    run(drive, wanted, pull_ms)
    assert list(drive.state)[:4] == [HOLD, HOLD, OFF, OFF], "600 mA and 400 are too much"
    drive.tick(one(net, 1, 2), 0, TICK_MS)
    assert list(drive.state)[:4] == [OFF, HOLD, PEAK, OFF]


def test_a_coil_that_pulls_in_beside_one_that_waits_has_its_own_time_and_no_more():
    """Of 750 mA a small vent and one zone's valve have 500: a second one waits, and neither begins anew meanwhile."""

    def small(board):
        board.supply.current_ma = 2500
        board.line.vent.current_ma = 100

    net, drive = made(change=small)
    for _ in range(net.valves[0].pull_in_ms // TICK_MS):
        drive.tick(one(net, 0, 1, 2), 0, TICK_MS)
        assert list(drive.state)[:3] == [PEAK, PEAK, OFF]
    drive.tick(one(net, 0, 1, 2), 0, TICK_MS)
    assert drive.state[0] == HOLD


def test_a_refresh_waits_for_room_too_and_needs_only_what_is_beyond_its_hold():
    def tight(board):
        board.supply.current_ma = (1500 + 1000) * 10 // 9 + 1  # 1000 mA for the coils

    net, drive = made(change=tight)
    wanted = one(net, 1, 2, 3)  # 200 mA each held: 600, and 200 more for the one that is pulled in again
    run(drive, wanted, 1000)
    assert list(drive.state)[1:4] == [HOLD] * 3
    drive.refresh()
    drive.tick(wanted, 0, TICK_MS)
    assert sorted(drive.state[1:4]) == [PEAK, PEAK, HOLD]


def test_a_released_coil_needs_its_whole_current_although_a_refresh_was_due():
    def small(board):
        board.supply.current_ma = 2500

    net, drive = made(change=small)
    run(drive, one(net, 3), 1000)
    drive.refresh()
    drive.tick(one(net), 0, TICK_MS)
    for wanted in (one(net, 1), one(net, 1, 2)):
        run(drive, wanted, 1000)
    drive.tick(one(net, 1, 2, 3), 0, TICK_MS)
    assert list(drive.state)[1:4] == [HOLD, HOLD, OFF], "400 mA of 750 are held; another 400 do not fit"


@NAMES
def test_a_valve_is_in_place_when_it_has_had_its_time(name):
    net, drive = made(name)
    part = net.valves[1]
    run(drive, one(net), 1000)
    assert drive.in_place and drive.is_placed(1)
    seen = []
    for _ in range(40):
        drive.tick(one(net, 1), 0, TICK_MS)
        seen.append((drive.in_place, drive.is_placed(1)))
    on = -(-part.on_ms // TICK_MS)
    assert seen[0] == (False, part.on_ms == 0)
    assert [place for place, _ in seen[1:]] == [False] * (on - 1) + [True] * (40 - on)
    assert [placed for _, placed in seen] == [False] * on + [True] * (40 - on)
    seen = []
    for _ in range(40):
        drive.tick(one(net), 0, TICK_MS)
        seen.append((drive.in_place, drive.is_placed(1)))
    off = -(-part.off_ms // TICK_MS)
    assert seen == [(False, False)] * off + [(True, True)] * (40 - off)


def test_a_valve_lets_air_through_while_it_moves():
    net, drive = made()
    run(drive, one(net), 1000)
    assert drive.is_open(1, 1) and not drive.is_open(1, 0)
    drive.tick(one(net, 1), 0, TICK_MS)
    assert drive.is_open(1, 1) and drive.is_open(1, 0), "one that rests open is shut only when it has had its time"
    run(drive, one(net, 1), net.valves[1].on_ms + TICK_MS)
    assert not drive.is_open(1, 1) and drive.is_open(1, 0)
    drive.tick(one(net), 0, TICK_MS)
    assert drive.is_open(1, 1) and drive.is_open(1, 0)
    run(drive, one(net), net.valves[1].off_ms + TICK_MS)
    assert drive.is_open(1, 1) and not drive.is_open(1, 0)


def test_the_pump_starts_at_its_least_and_rises_in_its_time_and_falls_at_once():
    net, drive = made()
    pump = net.board.pump
    seen = []
    for _ in range(40):
        drive.tick(one(net), 1000, TICK_MS)
        seen.append(drive.pump_permille)
    assert seen[0] == pump.min_duty_permille + 50
    step = 1000 * TICK_MS // pump.soft_start_ms
    rises = [after - before for before, after in pairwise(seen) if after < 1000]
    assert rises and set(rises) == {step} and seen[-1] == 1000
    drive.tick(one(net), 600, TICK_MS)
    assert drive.pump_permille == 600
    drive.tick(one(net), 620, TICK_MS)
    assert drive.pump_permille == 620
    drive.tick(one(net), 0, TICK_MS)
    assert drive.pump_permille == 0
    drive.tick(one(net), 280, TICK_MS)
    assert drive.pump_permille == 280, "no more than was asked"


def test_a_plain_pump_is_on_at_once_and_one_without_a_soft_start_too():
    def plain(board):
        board.pump.drive = "on_off"

    _, drive = made(change=plain)
    drive.tick(bytes(20), 1000, TICK_MS)
    assert drive.pump_permille == 1000

    def at_once(board):
        board.pump.soft_start_ms = 0

    _, drive = made(change=at_once)
    run(drive, bytes(20), 40, 1000)
    assert drive.pump_permille == 1000

    def hardly(board):
        board.pump.soft_start_ms = 60_000

    _, drive = made(change=hardly)
    run(drive, bytes(20), 100, 1000)
    assert drive.pump_permille == board_least() + 50 + 4, "a permille a tick at least"

    def strong(board):
        board.pump.min_duty_permille = 980

    _, drive = made(change=strong)
    drive.tick(bytes(20), 1000, TICK_MS)
    assert drive.pump_permille == 1000


def board_least() -> int:
    return boards.load("esp32_manifold").pump.min_duty_permille


def test_how_long_pump_and_coils_have_been_still_is_counted():
    net, drive = made()
    assert drive.pump_still_ms > 60_000 and min(drive.still_ms) > 60_000, "nothing has been driven for ever"
    drive.tick(one(net, 1), 500, TICK_MS)
    assert drive.pump_still_ms == 0 and drive.still_ms[1] == 0 and drive.still_ms[0] > 60_000
    run(drive, one(net, 1), 200, 500)
    assert drive.pump_still_ms == 0 and drive.still_ms[1] == 200
    run(drive, one(net, 1), 200, 0)
    assert drive.pump_still_ms == 180 and drive.still_ms[1] == 400
    drive.tick(one(net), 0, TICK_MS)
    assert drive.still_ms[1] == 0
    run(drive, one(net), 60, 0)
    assert drive.still_ms[1] == 60


def test_a_year_without_a_pump_does_not_overflow():
    net, drive = made()
    before = drive.pump_still_ms
    for _ in range(5):
        drive.tick(one(net), 0, 1 << 19)
    assert before <= drive.pump_still_ms < 1 << 22 and max(drive.still_ms) < 1 << 22
