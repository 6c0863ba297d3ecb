"""The look at the line alone before everything is let out: when there is one, how long it takes, and that nobody waits for it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from host_tests.guard_desk import Desk
from peristal.core.seat_look import MOST_MS, OUT_MS, SHUT_MS, ZONE_MS, SeatLook
from peristal.core.units import pa
from tools.simulator.rig import Rig

TICK_MS = 20
PRESSED = [pa(60)] * 10


class Looking:
    """Every zone has 60 mmHg and is to be let out now."""

    def __init__(self, topology: str = "manifold") -> None:
        self.desk = Desk(topology)
        self.net = self.desk.net
        self.drive: Any = SimpleNamespace(in_place=True, pump_still_ms=10_000)
        self.wish: Any = SimpleNamespace(coil=bytearray(self.net.n_valves), pump_permille=500)
        self.look = SeatLook(self.net, self.drive)
        self.may_wait = True
        self.age_ms = [0] * 10
        self.look.fills()

    def ticks(self, most: int = 200, zones_pa: list[int] | None = None) -> list[str]:
        """What is written in each of them: "vent" (alone open), "shut" (all), or "2" (zone 2 alone); up to the tick that lets all out."""
        said = []
        for _ in range(most):
            if not self.look.looks(TICK_MS, self.wish, (zones_pa or PRESSED) if self.may_wait else None, self.age_ms):
                break
            names = {self.net.vent_valve: "vent", **{self.net.fill_valve[zone]: str(zone + 1) for zone in self.net.each_zone}}
            opens = [names[valve] for valve in range(self.net.n_valves) if not self.wish.coil[valve]]
            assert self.wish.pump_permille == 0 and len(opens) < 2
            said.append(opens[0] if opens else "shut")
        return said

    def zone_ticks(self, zone: int = 1) -> list[str]:
        """How long that zone is looked at."""
        before = (OUT_MS + SHUT_MS) // TICK_MS
        return [str(zone)] * ((OUT_MS + SHUT_MS + ZONE_MS + self.net.settle_ms[zone - 1]) // TICK_MS - before)


def test_the_line_is_let_out_for_60_ms_and_watched_for_160_and_after_a_zone_all_are_let_out():
    looking = Looking()
    assert looking.ticks() == ["vent"] * 4 + ["shut"] * 8 + looking.zone_ticks()
    assert not looking.ticks(), "once"
    looking.look.fills()
    assert looking.ticks(), "and once for the next time"


@pytest.mark.parametrize("what", ("valves move", "the pump coasts"))
def test_it_waits_for_what_moves_and_not_for_ever(what):
    looking = Looking()
    looking.drive.in_place = what != "valves move"
    looking.drive.pump_still_ms = 10_000 if what == "valves move" else looking.net.coast_ms
    assert looking.ticks(5) == ["vent"] * 5
    looking.drive.in_place, looking.drive.pump_still_ms = True, looking.net.coast_ms + 1
    assert looking.ticks() == ["vent"] * 3 + ["shut"] * 8 + looking.zone_ticks()
    looking.look.fills()
    looking.drive.in_place = False
    assert len(looking.ticks()) == MOST_MS // TICK_MS


@pytest.mark.parametrize("zones_pa, looks", (([pa(15)] + [0] * 9, True), ([pa(15) - 1] * 10, False)))
def test_a_line_that_would_show_next_to_nothing_is_not_looked_at(zones_pa, looks):
    assert bool(Looking().ticks(zones_pa=zones_pa)) is looks


@pytest.mark.parametrize(
    "age_ms, zones_pa, zone", (([5, 9, 7], PRESSED, 2), ([5, 9, 7], [pa(60), pa(14), pa(60)] + [0] * 7, 3), ([0] * 3, PRESSED, 1))
)
def test_the_zone_that_was_not_seen_for_longest_is_seen_before_it_is_let_out(age_ms, zones_pa, zone):
    looking = Looking()
    looking.age_ms[:3] = age_ms
    assert looking.ticks(zones_pa=zones_pa)[12:] == looking.zone_ticks(zone)


def test_zones_with_sensors_of_their_own_need_not_be_opened_to_be_seen():
    looking = Looking("zone sensors")
    assert not looking.ticks()
    looking.look.fills()
    assert looking.ticks()[4:] == ["shut"] * 8


def test_who_stops_waits_for_nothing():
    looking = Looking()
    assert looking.ticks(2) == ["vent"] * 2
    looking.may_wait = False
    assert not looking.ticks()
    looking.may_wait = True
    assert not looking.ticks(), "what was broken off is over"


def test_where_zones_have_sensors_of_their_own_every_second_time_is_enough_and_without_one_on_the_line_there_is_none():
    looking = Looking("zone sensors")
    looked = []
    for _ in range(4):
        looked.append(bool(looking.ticks()))
        looking.look.fills()
    assert looked == [False, True, False, True]
    assert not Looking("independent").ticks()


# --- the whole firmware ----------------------------------------------------------------------------------------------


class Watched:
    """A session of intervals; what is open as time goes by."""

    def __init__(self) -> None:
        self.rig = Rig("esp32_manifold", settings={"program": "interval", "pressure_mmhg": 60, "minutes": 15}, snug=True)
        board = self.rig.board
        valves = [valve for _, valve in board.valves()]
        self.vent = valves.index(board.line.vent)
        self.fills = [valves.index(zone.valve) for _, zone in board.zones()]
        self.alone_s: list[float] = []  # when the vent alone began to be open ...
        self.out_s: list[float] = []  # ... and when everything
        self._before = ""
        self.rig.press(1.5)
        self.rig.every(0.01, self._see)

    def _see(self) -> None:
        plant = self.rig.plant
        zones = sum(bool(plant.valve_open[valve]) for valve in self.fills)
        now = "out" if zones == len(self.fills) else "alone" if plant.valve_open[self.vent] and not zones else ""
        if now and now != self._before and max(plant.zone_mmhg) > 20:
            (self.out_s if now == "out" else self.alone_s).append(self.rig.now_s)
        self._before = now

    def holds_all(self) -> bool:
        return min(self.rig.plant.zone_mmhg) > 50 and not any(self.rig.plant.valve_open)


def test_in_a_session_each_cycle_of_intervals_looks_at_the_line_and_a_zone_for_half_a_second():
    watched = Watched()
    watched.rig.run_until(150.0)
    assert watched.rig.state == "running" and not watched.rig.app.session.guard.fault
    assert len(watched.out_s) >= 2 and len(watched.alone_s) == len(watched.out_s)
    assert all(0.4 < out_s - alone_s < 0.8 for alone_s, out_s in zip(watched.alone_s, watched.out_s, strict=True))


@pytest.mark.parametrize("what", ("hold", "look"))
def test_a_button_lets_everything_out_at_once_also_in_the_middle_of_a_look(what):
    watched = Watched()
    rig = watched.rig
    pressed_s: list[float] = []

    def press() -> None:
        if not pressed_s and rig.now_s > 10 and (watched.holds_all() if what == "hold" else watched.alone_s):
            pressed_s.append(rig.now_s + 0.02)
            rig.press(pressed_s[0], 1.5)
            rig.at(pressed_s[0] + 3, rig.chip.power_off)

    rig.every(0.01, press)
    rig.run_until(150.0)
    assert rig.now_s < 150 and rig.state != "running"
    assert 0 < watched.out_s[0] - pressed_s[0] < 0.15
    assert len(watched.alone_s) == (what == "look")
