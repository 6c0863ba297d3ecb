"""The guard on a desk: its real sensing, drive and outputs' figures, and readings that the test makes up, tick by tick."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from host_tests.fault_scene import TOPOLOGIES, shipped
from peristal.core.drive import Drive
from peristal.core.guard import Guard
from peristal.core.net import Net, Wish
from peristal.core.sensing import Sensing
from peristal.core.units import NONE, pa
from tools.bench.plants import bench_plant
from tools.simulator import boards

TICK_MS = 20
ALL = pytest.mark.parametrize("topology", TOPOLOGIES)
OWN_SENSORS = pytest.mark.parametrize("topology", TOPOLOGIES[1:])
MANIFOLDS = pytest.mark.parametrize("topology", TOPOLOGIES[:2])


@cache
def board_of(topology: str) -> Any:
    """A board that ships with this topology, or a random one."""
    names = shipped(topology)
    return boards.load(names[0]) if names else bench_plant(77, topology).board


class Desk:
    """`line_mmhg` and `zone_mmhg` are what the sensors show; a wish is set by fill(), hold(), vent() and the like."""

    def __init__(self, topology: str = "independent", board: Any = None) -> None:
        self.net = Net(board or board_of(topology))
        self.sensing = Sensing(self.net)
        self.drive = Drive(self.net)
        self.guard = Guard(self.net, self.sensing, self.drive)
        self.wish = Wish(self.net)
        self.line_mmhg = 0.0
        self.zone_mmhg = [0.0] * self.net.n_zones
        self.active = True
        self.hand = False
        self.unread: set[int] = set()
        self.noiseless: set[int] = set()
        self.now_ms = 0
        self.vent()

    @property
    def fault(self) -> int:
        """What turned everything off; its name may still be found out."""
        return self.guard.fault or self.guard.suspect

    @property
    def open(self) -> bool:
        """Whether the guard leaves everything off."""
        return not any(self.guard.coil) and not self.guard.pump_permille

    def vent(self) -> None:
        """Everything open, nothing wanted."""
        self.wish.all_off()
        for zone in range(self.net.n_zones):
            self.wish.target_pa[zone] = 0

    def hold(self, mmhg: float = 60.0, *zones: int) -> None:
        """These zones (all by default) are kept, with this target."""
        net, wish = self.net, self.wish
        wish.pump_permille = 0
        for zone in zones or range(net.n_zones):
            wish.target_pa[zone] = pa(1000) * int(mmhg) // 1000
        for valve in range(net.n_valves):
            wish.coil[valve] = 0 if net.independent and valve in net.fill_valve else 1

    def fill(self, zone: int = 0, mmhg: float = 60.0, permille: int = 1000) -> None:
        """The pump drives one zone, the others are kept as they are."""
        self.hold(mmhg, zone)
        self.wish.coil[self.net.fill_valve[zone]] = 1 if self.net.independent else 0
        self.wish.pump_permille = permille

    def look(self, zone: int = 0, mmhg: float = 60.0) -> None:
        """On a manifold: one zone is open to the closed line, the pump is still."""
        self.fill(zone, mmhg, 0)

    def show(self, zone: int, mmhg: float) -> None:
        """The sensor that can see this zone shows so much."""
        self.zone_mmhg[zone] = mmhg
        if self.net.zone_sensor[zone] == NONE:
            self.line_mmhg = mmhg

    def rise(self, zone: int, mmhg: float) -> None:
        """The same in a fill: the line reads higher by what the flow drops."""
        self.show(zone, mmhg)
        if self.net.zone_sensor[zone] != NONE:
            self.line_mmhg = min(mmhg + 40.0, 135.0)

    def _read(self) -> None:
        sensing, net = self.sensing, self.net
        sensing.grow_older(TICK_MS)
        for index in range(net.n_sensors):
            if index in self.unread:
                continue
            zone = net.zone_of(index)
            mmhg = self.line_mmhg if zone == NONE else self.zone_mmhg[zone]
            part = net.sensors[index]
            span = (part.full_mv - part.zero_mv) * part.divider_permille / 1000
            # A sixteenth of a millivolt: without any a sensor is stuck.
            noise = 0 if index in self.noiseless else self.now_ms // TICK_MS % 2
            sensing.take(index, round(sensing.zero16[index] + 16 * span * mmhg * 133.322 / part.range_pa) + noise)

    def tick(self) -> None:
        """One tick of 20 ms."""
        self.now_ms += TICK_MS
        self._read()
        self.guard.tick(TICK_MS, self.wish, self.active, self.hand)
        self.drive.tick(self.guard.coil, self.guard.pump_permille, TICK_MS)

    def run(self, ms: int) -> Desk:
        """So long."""
        for _ in range(ms // TICK_MS):
            self.tick()
        return self

    def until_fault(self, most_ms: int) -> int:
        """Milliseconds until something latches; AssertionError when nothing does."""
        start_ms = self.now_ms
        while not self.fault:
            assert self.now_ms - start_ms < most_ms, f"nothing latched within {most_ms} ms"
            self.tick()
        return self.now_ms - start_ms


def holding(topology: str, mmhg: float = 60.0) -> Desk:
    """Every zone at its target, kept for two seconds; on a plain manifold zone 1 is being looked at."""
    desk = Desk(topology)
    if topology == "manifold":
        desk.look(0, mmhg)
    else:
        desk.hold(mmhg)
    for zone in range(desk.net.n_zones):
        desk.show(zone, mmhg)
    desk.run(2000)
    assert not desk.fault and any(desk.guard.coil)
    return desk
