"""How air moves in the plant: a star with the line in the middle and the zones around it.

Each step solves the star linearly implicitly with the secant conductance of every orifice: a line of 50 mL behind a
wide valve (time constants below 1 ms) stays stable and exact in its balance at steps of 5 ms.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt
from typing import NamedTuple

from tools.simulator.plant_chambers import Chambers
from tools.simulator.plant_orifice import BAR_PER_MMHG, LINEAR_BELOW_MMHG, PA_MMHG, R_LINEAR, conductance, linear_conductance
from tools.simulator.plant_params import PlantParams

LEAK_B = 0.3
"""Critical ratio of everything that is not a valve."""
UNPLUGGED_C = 1.0
"""Conductance of the open end of a 4 mm hose, dm3/(s bar) (estimate)."""
WARMING_L_S = 0.005
"""Below this inflow the air of a chamber has time to cool as it is compressed (estimate)."""


class Link(NamedTuple):
    """The paths of one zone: to the line and to the air (sonic flow per mmHg absolute, critical ratio, linear part)."""

    zone: int
    line_c: float
    line_b: float
    line_linear: float
    air_c: float
    air_b: float
    air_linear: float


class Air:
    """The line, the chambers, and which paths between them are open."""

    def __init__(self, params: PlantParams, chambers: Chambers) -> None:
        self.params = params
        self.chambers = chambers
        self.line_mmhg = 0.0
        self.pump_flow_l_s = 0.0
        self.relief_stuck: str | None = None
        self.leak_c = [z.leak_c for z in params.zones]
        self._positions: tuple[object, ...] = ()
        self._still: list[int] = []
        self._links: list[Link] = []
        self._vents: list[tuple[float, float, float]] = []
        self._seen_s = [0.0] * len(params.zones)

    def route(self, passes: list[float], unplugged: list[bool], kinked: list[bool], t_s: float) -> None:
        """Finds which zones exchange air now and over what (`passes`: conductance of each valve as it stands); the others rest
        until `rest` is called."""
        positions = (passes, unplugged[:], kinked[:], self.leak_c[:], self.relief_stuck)
        if positions == self._positions:
            return
        self._positions = positions
        params, count = self.params, len(unplugged)
        line_c, line_b = [0.0] * count, [LEAK_B] * count
        air_c, air_b = self.leak_c[:], [LEAK_B] * count
        moving = unplugged[:]
        vents = [(params.line_leak_c, LEAK_B)] if params.line_leak_c else []
        for p, c in zip(params.valves, passes, strict=True):
            if not c:
                continue
            zone = p.zone
            if zone is None or (p.to == "line" and unplugged[zone]):
                vents.append((c, p.b))
                continue
            if kinked[zone]:
                continue
            moving[zone] = True
            if p.to == "air":
                air_c[zone] += c
                air_b[zone] = p.b
            else:
                line_c[zone] += c
                line_b[zone] = p.b
        if self.relief_stuck == "open":
            vents.append((params.supply.relief_c, LEAK_B))
        for i, gone in enumerate(unplugged):
            if gone:
                air_c[i] += UNPLUGGED_C
        self.rest(t_s, [i for i in self._still if moving[i]])
        for i in range(count):
            if not moving[i] and i not in self._still:
                self._seen_s[i] = t_s
        self._still = [i for i in range(count) if not moving[i]]
        self._vents = [(c * BAR_PER_MMHG, b, linear_conductance(c, b)) for c, b in vents]
        self._links = [
            Link(i, line_c[i] * BAR_PER_MMHG, line_b[i], linear_conductance(line_c[i], line_b[i]),
                 air_c[i] * BAR_PER_MMHG, air_b[i], linear_conductance(air_c[i], air_b[i]))
            for i in range(count) if moving[i]
        ]  # fmt: skip

    def rest(self, t_s: float, zones: Iterable[int] | None = None) -> None:
        """Brings zones without an open path (all of them by default) to `t_s` in one step."""
        chambers = self.chambers
        for i in self._still if zones is None else zones:
            h = t_s - self._seen_s[i]
            self._seen_s[i] = t_s
            if h <= 0.0:
                continue
            z = chambers.mmhg[i]
            lost = 0.0
            if z > 0.0 and self.leak_c[i]:
                g = conductance(self.leak_c[i], LEAK_B, z, 0.0)
                lost = h * g * z / (1.0 + h * g * chambers.stiffness[i])
            chambers.settle(i, h, -lost, False)

    def step(self, h: float, free_l_s: float) -> float:
        """One step of the line and every zone with an open path, `free_l_s` being the pump's flow without counter-pressure.

        Returns the largest change of a pressure in mmHg.
        """
        chambers, params = self.chambers, self.params
        mmhg, stiffness = chambers.mmhg, chambers.stiffness
        pm = self.line_mmhg
        stall = params.pump.stall_mmhg
        if pm >= stall:
            free_l_s = 0.0
        # the line at the end of the step is rhs / a
        a = params.line_l / (PA_MMHG * h)
        rhs = a * pm + free_l_s
        a += free_l_s / stall
        for c, b, linear in self._vents:
            if pm < LINEAR_BELOW_MMHG:
                a += linear
            else:
                up = PA_MMHG + pm
                r = PA_MMHG / up
                a += c * up * (sqrt(1.0 - ((r - b) / (1.0 - b)) ** 2) if r > b else 1.0) / pm
        flows = []
        book = flows.append
        for i, c, b, linear, air_c, air_b, air_linear in self._links:
            z = mmhg[i]
            g = 0.0
            if c:
                up, down = (PA_MMHG + pm, PA_MMHG + z) if pm > z else (PA_MMHG + z, PA_MMHG + pm)
                r = down / up
                if r >= R_LINEAR:
                    g = linear
                else:
                    g = c * up * (sqrt(1.0 - ((r - b) / (1.0 - b)) ** 2) if r > b else 1.0) / (up - down)
            if z < LINEAR_BELOW_MMHG:
                g_air = air_linear
            else:
                up = PA_MMHG + z
                r = PA_MMHG / up
                g_air = air_c * up * (sqrt(1.0 - ((r - air_b) / (1.0 - air_b)) ** 2) if r > air_b else 1.0) / z
            give = h * stiffness[i]
            d = 1.0 + give * (g + g_air)
            if g:
                a += g * (1.0 - give * g / d)
                rhs += g * z / d
            book((i, z, g, g_air, give, d))
        new = rhs / a
        relief = params.supply.relief_mmhg
        if relief is not None and new > relief and self.relief_stuck is None:
            new = self._relieve(a, rhs, relief)
        self.line_mmhg = new
        self.pump_flow_l_s = free_l_s * max(0.0, 1.0 - new / stall)
        fastest = abs(new - pm)
        settle = chambers.settle
        for i, z, g, g_air, give, d in flows:
            z_new = (z + give * g * new) / d
            inflow = g * (new - z_new)
            change = abs(z_new - z)
            if change > fastest:
                fastest = change
            settle(i, h, h * (inflow - g_air * z_new), inflow > WARMING_L_S)
        return fastest

    def _relieve(self, a: float, rhs: float, relief: float) -> float:
        """The line with the relief valve open: proportional up to 1.1 of its set pressure, then an orifice."""
        c = self.params.supply.relief_c
        full = 1.1 * relief
        slope = conductance(c, LEAK_B, full, 0.0) * full / (full - relief)
        new = (rhs + slope * relief) / (a + slope)
        if new <= full:
            return new
        return rhs / (a + conductance(c, LEAK_B, max(self.line_mmhg, full), 0.0))
