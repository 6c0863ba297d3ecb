"""A session in which something will break: which plant, program and wearer, and where the parts of it are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from host_tests.crash_kinds import Switch
from peristal.core import modes
from peristal.core.builders import FIT
from peristal.core.program import HOLD, REPEAT, ROW, ZONES
from tools.bench.ideal import copy_of
from tools.bench.plants import TOPOLOGIES, bench_plant
from tools.simulator import boards
from tools.simulator.plant_params import PlantParams
from tools.simulator.rig import Rig

PRESS_S = 1.5
MINUTES = 15  # longer than any fault is watched: the session's own end is not what stops the air
PRESSURES_MMHG = range(40, 101, 5)
FULL_SHARE = 0.75
EMPTY_MMHG = 15.0
NOTHING_MMHG = 3.0
LONG_HOLD_S = 8.0
"""A healthy chamber gives 3 to 8 mmHg in its first 5 to 10 s and leaks 2 in 10 (facts of pneumatics); from here on a small leak, 14 to
22 in 10, has taken more than that."""
SHORT_HOLD_S = 1.0
"""In which the least of the large leaks, 60 mmHg in 10 s, takes 6: twice what a zone may be off its target. What shorter holds lose is
made good by the next fill before anybody could feel it, and nobody could read it from a sensor."""
HIDDEN_S = 0.1 / 1.4
"""So much of such a hold each mmHg of a neighbour that is filled meanwhile hides: a tenth shows in our zone (the same facts), and the least
of these leaks takes 1.4 in a second."""
WATCH_S = 0.1
RELEASE_STEP_S, LONGEST_RELEASE_S = 0.02, 40.0
LIMB_MS = 2000
"""For so long a limb moves at the most (facts of pneumatics): what is lost in less may be what it lets go of."""


def topology_of(board: Any) -> str:
    """One of TOPOLOGIES."""
    if board.topology == "independent":
        return "independent"
    return "zone sensors" if any(zone.sensor for _, zone in board.zones()) else "manifold"


def shipped(topology: str) -> list[str]:
    """Names of the boards that ship with this topology."""
    return [name for name in boards.names() if topology_of(boards.load(name)) == topology]


@dataclass(frozen=True)
class Setup:
    """A session. `board`: a name, or empty for the random board and plant of number `plant`; `seed` draws every detail; `snug`: the
    sleeves have hardly any slack."""

    topology: str
    board: str
    plant: int
    program: str
    pressure_mmhg: int
    movement: bool
    seed: int
    minutes: int = MINUTES
    snug: bool = False

    @property
    def says(self) -> str:
        """In a few words."""
        moving = ", limb moves" if self.movement else ""
        return f"{self.topology} ({self.board or 'random'} {self.plant}), {self.program} {self.pressure_mmhg} mmHg{moving}"

    def parts(self) -> tuple[Any, PlantParams]:
        """Board and plant."""
        if self.board:
            board = boards.load(self.board)
            return board, boards.worn_plant(board, self.plant, movement=self.movement)
        bench = bench_plant(self.plant, self.topology)
        return bench.board, (bench.with_limb() if self.movement else bench).params

    def settings(self) -> dict[str, Any]:
        """What the wearer chose."""
        return {"program": self.program, "pressure_mmhg": self.pressure_mmhg, "minutes": self.minutes}

    def scene(self) -> Scene:
        """Powered off, with a hand that will press the button."""
        board, params = self.parts()
        rig = Rig(board, plant=params, seed=self.seed, settings=self.settings(), snug=self.snug)
        return Scene(rig, self, Random(self.seed))


def draw(rng: Random, topology: str, program: str, highest_mmhg: int = PRESSURES_MMHG[-1]) -> Setup:
    """A setup that starts: every third on a board that ships, the others on random boards; every third with a moving limb."""
    while True:
        names = shipped(topology) if rng.random() < 1 / 3 else []
        setup = Setup(
            topology=topology,
            board=rng.choice(names) if names else "",
            plant=rng.randrange(1, 1 << 30),
            program=program,
            pressure_mmhg=rng.choice([mmhg for mmhg in PRESSURES_MMHG if mmhg <= highest_mmhg]),
            movement=rng.random() < 1 / 3,
            seed=rng.randrange(1 << 30),
        )
        if starts(setup):
            return setup


def starts(setup: Setup) -> bool:
    """Whether the firmware takes it: a slow pump may be unable to run a program within the time a zone may be under pressure."""
    rig = setup.scene().rig
    rig.press(0.7, 0.1)
    rig.run_until(1.2)
    return rig.state != "idle"


class Scene:
    """The rig with its parts by index; `zone` is the one that something happens to. Looks at the plant, not at the firmware."""

    def __init__(self, rig: Rig, setup: Setup, rng: Random) -> None:
        self.rig = rig
        self.setup = setup
        self.rng = rng
        self.switch = Switch(rig)
        board = rig.board
        valves = [valve for _, valve in board.valves()]
        sensors = [sensor for _, sensor in board.sensors()]
        self.zones = [zone for _, zone in board.zones()]
        self.count = len(self.zones)
        self.fill = [valves.index(zone.inlet or zone.valve) for zone in self.zones]
        self.exhaust = [valves.index(zone.exhaust) if zone.exhaust else None for zone in self.zones]
        self.vent = valves.index(board.line.vent) if board.line.vent else None
        self.sensor = [sensors.index(zone.sensor or board.line.sensor) for zone in self.zones]
        self.sensors = len(sensors)
        self.zone = rng.randrange(self.count)
        self.planted_s = -1.0
        self.persons_end_s = 0.0  # until then a person may start again
        self.used = used_zones(board, setup.program)
        self.vents = [0] * self.count  # how often each zone was let out so far
        self.kept_s = [0.0] * self.count  # for how long it has kept its pressure with nothing open, at the longest
        self.full_s: float | None = None  # when the first of them had its pressure: the self-test is over
        self.shown_s = [0.0] * self.count  # the same, without what its neighbours hide
        self._kept_s = [0.0] * self.count
        self._shown_s = [0.0] * self.count
        self._before_mmhg = [0.0] * self.count
        self._full = [False] * self.count
        self._let_out = [False] * self.count
        self._released: list[Any] = [None] * self.count  # the plant as each zone was let out last, with its pressure
        self._release_s: dict[tuple[int, int, float], float] = {}
        rig.every(WATCH_S, self._watch)

    def _watch(self) -> None:
        """What each zone has been through; it ends with the fault."""
        if self.planted_s >= 0:
            return
        now_s = self.rig.now_s
        for zone in range(self.count):
            if not self.let_out(zone):
                self._let_out[zone] = False
            elif self._full[zone] and not self._let_out[zone]:
                self._let_out[zone] = True
                self._released[zone] = copy_of(self.plant)
            if self.reached(zone):
                self.full_s = now_s if self.full_s is None else self.full_s
                self._full[zone] = True
                self._count_hold(zone)
            else:
                self._kept_s[zone] = self._shown_s[zone] = 0.0
                if self._full[zone] and self.mmhg(zone) < EMPTY_MMHG:
                    self._full[zone] = False
                    self.vents[zone] += 1
        self._before_mmhg = list(self.plant.zone_mmhg)

    def release_s(self, share: float) -> float:
        """How long our zone's last release would have taken with so much of its way out, and no limb that moves."""
        key = (self.zone, self.vents[self.zone], share)
        if key not in self._release_s:
            plant = copy_of(self._released[self.zone])
            plant._limb.next_event_s = 1e18
            plant.valve_share[self.out] = share
            begun_s = plant.t_s
            while plant.zone_mmhg[self.zone] > EMPTY_MMHG and plant.t_s < begun_s + LONGEST_RELEASE_S:
                plant.enable_edge()
                plant.advance(RELEASE_STEP_S)
            self._release_s[key] = plant.t_s - begun_s
        return self._release_s[key]

    def _count_hold(self, zone: int) -> None:
        """A zone has its pressure: it is kept while nothing is open. What the pump fills it with, or lets out, shows no loss."""
        if self.is_open(zone):
            return
        leg, zones = self.plant.params.zones[zone].leg, range(max(0, zone - 1), min(self.count, zone + 2))
        pressing = (near for near in zones if near != zone and self.plant.params.zones[near].leg == leg and self.fills(near))
        hidden_s = HIDDEN_S * sum(max(0.0, self.mmhg(near) - self._before_mmhg[near]) for near in pressing)
        self._kept_s[zone] += WATCH_S
        self._shown_s[zone] = max(0.0, self._shown_s[zone] + WATCH_S - hidden_s)
        self.kept_s[zone] = max(self.kept_s[zone], self._kept_s[zone])
        self.shown_s[zone] = max(self.shown_s[zone], self._shown_s[zone])

    def use(self) -> None:
        """Takes a zone that the program gives pressure, where the drawn one is none."""
        if self.zone not in self.used:
            self.zone = self.rng.choice(self.used)

    def turn_to(self, when: Callable[[Scene], bool]) -> bool:
        """Takes another used zone, one for which the condition holds; whether there is one."""
        drawn = self.zone
        for zone in self.rng.sample(self.used, len(self.used)):
            self.zone = zone
            if when(self):
                return True
        self.zone = drawn
        return False

    @property
    def plant(self) -> Any:
        return self.rig.plant

    @property
    def out(self) -> int:
        """The valve through which the zone's air leaves."""
        exhaust = self.exhaust[self.zone]
        out = self.vent if exhaust is None else exhaust
        assert out is not None
        return out

    def mmhg(self, zone: int | None = None) -> float:
        """True pressure of a zone, ours by default."""
        return self.plant.zone_mmhg[self.zone if zone is None else zone]

    def reached(self, zone: int | None = None) -> bool:
        """Whether a zone has most of the session's pressure."""
        return self.mmhg(zone) > FULL_SHARE * self.setup.pressure_mmhg

    def is_open(self, zone: int) -> bool:
        """Whether air can get into the zone, or out of it."""
        plant, exhaust = self.plant, self.exhaust[zone]
        return plant.valve_open[self.fill[zone]] or (exhaust is not None and plant.valve_open[exhaust])

    def shows_nothing(self) -> bool:
        """Our zone's sensor (a manifold's: the line's) has no pressure: a gain that is changed then moves no reading at once, which in a
        shut line would be a valve that opens."""
        return self.runs() and (self.mmhg() if self.zones[self.zone].sensor else self.plant.line_mmhg) < NOTHING_MMHG

    def fills(self, zone: int | None = None) -> bool:
        """Whether the pump drives a zone now."""
        zone = self.zone if zone is None else zone
        plant, exhaust = self.plant, self.exhaust[zone]
        air_out = self.vent if exhaust is None else exhaust
        return bool(self.rig.wiring.pump_duty) and plant.valve_open[self.fill[zone]] and not plant.valve_open[air_out]

    def fills_well(self) -> bool:
        """The zone is being filled and feels it."""
        return self.fills() and self.mmhg() > 18

    def fills_again(self) -> bool:
        """The same, in a zone that was filled and let out before: there is a fill to hold this one against."""
        return self.fills_well() and self.vented_once()

    def holds(self, zone: int | None = None) -> bool:
        """A zone has its pressure and is shut."""
        zone = self.zone if zone is None else zone
        return self.reached(zone) and not self.is_open(zone)

    def kept_long(self) -> bool:
        """The program keeps our zone under pressure for so long that a loss is more than what a healthy chamber gives."""
        return self.runs() and self.kept_s[self.zone] >= LONG_HOLD_S

    def kept_long_alone(self) -> bool:
        """The same, beside what neighbours that are filled meanwhile press back."""
        return self.runs() and self.shown_s[self.zone] >= LONG_HOLD_S

    def kept_shortly(self) -> bool:
        """The program lets our zone out before that, but keeps it long enough for a loss that could be felt."""
        return self.vented_once() and SHORT_HOLD_S <= self.kept_s[self.zone] < LONG_HOLD_S

    def vented_once(self) -> bool:
        """Our zone has been through a cycle."""
        return self.runs() and self.vents[self.zone] > 0

    def vented_twice(self) -> bool:
        """Our zone has been through two cycles: there is something to hold the next ones against."""
        return self.runs() and self.vents[self.zone] > 1

    def one_holds(self) -> bool:
        """Ours has its pressure and is shut, and no other has any to speak of."""
        return self.holds() and all(self.mmhg(zone) < EMPTY_MMHG for zone in range(self.count) if zone != self.zone)

    def holds_while_another_fills(self) -> bool:
        """Ours holds and the pump drives another one."""
        return self.holds() and any(self.fills(zone) for zone in range(self.count) if zone != self.zone)

    def holds_beside_a_line(self) -> bool:
        """Ours holds, and what is in the line goes elsewhere. Alone (isolate) both keep the same air, and nobody can feel or see it."""
        vented = self.vent is not None and self.plant.valve_open[self.vent]
        return self.holds_while_another_fills() or (self.holds() and vented and self._others_used)

    @property
    def _others_used(self) -> bool:
        return any(zone != self.zone for zone in self.used)

    def fills_another(self) -> bool:
        """A session goes on that fills other zones, too: in the only one that is filled a valve that does not shut does nothing."""
        return self.runs() and self._others_used

    def runs(self) -> bool:
        """The session is past its self-test."""
        return self.rig.state == "running"

    def two_pressed(self) -> bool:
        """More than one zone has most of its pressure and is to keep it: with one alone a failed supply looks like a leak, and what is let
        out anyway, or soon, shows nothing of it. What a limb adds counts neither way: it is lost when the limb lets go."""
        return sum(self._keeps(zone) for zone in range(self.count)) > 1

    def _keeps(self, zone: int) -> bool:
        limb, app = self.plant._limb, getattr(self.rig, "app", None)
        own_mmhg = self.mmhg(zone) - max(0.0, limb.mmhg[self.plant.params.zones[zone].leg])
        wish = app.session.sequencer if app else None  # it is let out a tick after it was wished
        stays = wish is None or (wish.target_pa[zone] > 0 and wish.left_ms(zone) >= LIMB_MS)
        return own_mmhg > FULL_SHARE * self.setup.pressure_mmhg and not self.let_out(zone) and stays

    def let_out(self, zone: int) -> bool:
        """Whether the zone's air can leave."""
        exhaust, plant = self.exhaust[zone], self.plant
        if exhaust is not None:
            return plant.valve_open[exhaust]
        return plant.valve_open[self.vent] and plant.valve_open[self.fill[zone]]

    def pressed(self) -> bool:
        """Some zone has most of its pressure."""
        return any(self.reached(zone) for zone in range(self.count))

    def stays_pressed(self) -> bool:
        """Some zone has it and is to have it: a program that stands still while all air leaves keeps nobody under pressure."""
        return any(self.reached(zone) and self.rig.app.session.sequencer.target_pa[zone] for zone in range(self.count))


def used_zones(board: Any, program: str) -> list[int]:
    """The zones that a program gives more than the fit before the first cycle, on this board."""
    most = max(len(leg.zones) for leg in board.legs)
    rows = modes.build(program, most).rows
    places = {
        place for row in range(0, len(rows), ROW) if rows[row + ZONES] != REPEAT for place in range(ZONES) if FIT < rows[row + place] < HOLD
    }
    return [zone for zone, place in enumerate(place for leg in board.legs for place in range(len(leg.zones))) if place in places]


def without_movement(params: PlantParams) -> PlantParams:
    """The same plant on a limb that keeps still."""
    return replace(params, movement=replace(params.movement, on=False))


__all__ = ["PRESS_S", "TOPOLOGIES", "Scene", "Setup", "draw", "shipped", "topology_of", "without_movement"]
