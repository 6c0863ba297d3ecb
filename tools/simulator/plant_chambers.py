"""The chambers of the plant: how much free air each holds, and the pressure that follows."""

from __future__ import annotations

from math import exp

from tools.simulator.plant_orifice import PA_MMHG
from tools.simulator.plant_params import ZoneParams

FULL_GRIP_MMHG = 30.0
"""From this pressure on a movement of the limb reaches the chamber in full; a slack chamber feels nothing (estimate)."""

MOST_ROUNDS = 20


class Chambers:
    """Free air `air_l[i]` is the state, so no gas is lost to rounding; `mmhg[i]` follows from it.

    The chamber's own law gives `own[i]`, negative while slack (the squeeze a neighbour needs to be felt). Heat,
    neighbours of one leg and the limb add to it; the sum is never below 0, a slack bag cannot hold a vacuum.
    `stiffness[i]` is mmHg per litre of free air, 0 while slack.
    """

    def __init__(self, zones: tuple[ZoneParams, ...], limb_mmhg: list[float]) -> None:
        count = len(zones)
        self.mmhg = [0.0] * count
        self.stiffness = [0.0] * count
        self.air_l = [min(z.start_l, z.v0_l) for z in zones]
        self._slope0 = [max(1e-6, z.dv_l / z.pc_mmhg + z.k_l_per_mmhg) for z in zones]
        # one entry more than zones, always 0: the neighbour of an outermost zone
        self.own = [(n - z.v0_l) / s for n, z, s in zip(self.air_l, zones, self._slope0, strict=True)] + [0.0]
        self._slow_l = [0.0] * count
        self._heat = [0.0] * count
        self._limb_mmhg = limb_mmhg
        self._law = [
            (z.v0_l, z.dv_l, 1.0 / z.pc_mmhg, z.k_l_per_mmhg, z.beta_l_per_mmhg, 1.0 / z.tau_s, z.thermal, 1.0 / z.thermal_tau_s)
            for z in zones
        ]
        self._near = []
        for i, z in enumerate(zones):
            left = i - 1 if i and zones[i - 1].leg == z.leg else count
            right = i + 1 if i + 1 < count and zones[i + 1].leg == z.leg else count
            self._near.append((z.coupling, left, right, z.leg))

    def charge(self, i: int, mmhg: float) -> None:
        """Puts zone `i` at rest at its own pressure `mmhg` (0 or more), with no slow stretch yet."""
        v0, dv, inv_pc, k, *_ = self._law[i]
        volume = v0 + dv * (1.0 - exp(-mmhg * inv_pc)) + k * mmhg
        self._slow_l[i] = self._heat[i] = 0.0
        self.own[i] = mmhg
        self.air_l[i] = volume * (PA_MMHG + mmhg) / PA_MMHG
        for j in range(len(self.mmhg)):  # its neighbours feel it at once
            self.settle(j, 0.0, 0.0, False)

    def loosen(self, i: int, more_l: float) -> None:
        """Zone `i` has `more_l` litres more room from now on."""
        v0, dv, inv_pc, k, beta, inv_tau, thermal, inv_thermal_tau = self._law[i]
        self._law[i] = (v0 + more_l, dv, inv_pc, k, beta, inv_tau, thermal, inv_thermal_tau)
        self.settle(i, 0.0, 0.0, False)

    def settle(self, i: int, h: float, gained_l: float, warming: bool) -> None:
        """Books `gained_l` of free air into zone `i` and finds its pressure `h` seconds later.

        `warming`: air is being compressed faster than it cools.
        """
        v0, dv, inv_pc, k, beta, inv_tau, thermal, inv_thermal_tau = self._law[i]
        own = self.own
        p = own[i]
        n = self.air_l[i] = self.air_l[i] + gained_l
        slow = self._slow_l[i]
        heat = self._heat[i]
        pressed = p if p > 0.0 else 0.0
        slow += (beta * pressed - slow) * h * inv_tau
        heat += ((thermal * pressed if warming else 0.0) - heat) * h * inv_thermal_tau
        self._slow_l[i] = slow
        self._heat[i] = heat
        excess = n - v0 - slow
        slope = self._slope0[i]
        if excess <= 0.0:
            own[i] = p = excess / slope
        else:
            # Newton on n = V(p) (Pa + p) / Pa; the small changes of one step need one round, a burst a few
            p = pressed
            rounds = MOST_ROUNDS
            while True:
                e = dv * exp(-p * inv_pc)
                v = v0 + dv - e + k * p + slow
                up = PA_MMHG + p
                slope = (v + up * (e * inv_pc + k)) / PA_MMHG
                change = (n - v * up / PA_MMHG) / slope
                p += change
                if p < 0.0:
                    p = 0.0
                rounds -= 1
                if -0.5 < change < 0.5 or not rounds:
                    break
            own[i] = p
        coupling, left, right, leg = self._near[i]
        z = p + heat
        beside = own[left]
        if beside > 0.0:
            z += coupling * beside
        beside = own[right]
        if beside > 0.0:
            z += coupling * beside
        limb = self._limb_mmhg[leg]
        if limb and p > 0.0:
            z += limb * p / FULL_GRIP_MMHG if p < FULL_GRIP_MMHG else limb
        if z > 0.0:
            self.mmhg[i] = z
            self.stiffness[i] = 1.0 / slope
        else:
            self.mmhg[i] = self.stiffness[i] = 0.0
