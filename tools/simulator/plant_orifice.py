"""Flow through an orifice after ISO 6358, and the constants of air the plant shares."""

from __future__ import annotations

from math import sqrt

PA_MMHG = 760.0
BAR_PER_MMHG = 0.00133322
R_LINEAR = 0.995
"""Above this pressure ratio the flow is taken as linear in the difference (the root has no finite slope at zero)."""
LINEAR_BELOW_MMHG = PA_MMHG / R_LINEAR - PA_MMHG
"""The same limit for an orifice to the open air, as the gauge pressure upstream."""


def linear_conductance(c: float, b: float) -> float:
    """L/s per mmHg of the linear part; it does not depend on the upstream pressure."""
    x = (R_LINEAR - b) / (1.0 - b)
    return c * BAR_PER_MMHG * sqrt(1.0 - x * x) / (1.0 - R_LINEAR)


def orifice_l_s(c: float, b: float, p1_mmhg: float, p2_mmhg: float) -> float:
    """Free-air flow in L/s from gauge pressure p1 to p2 (negative when p2 is higher); c in dm3/(s bar)."""
    return conductance(c, b, p1_mmhg, p2_mmhg) * (p1_mmhg - p2_mmhg)


def conductance(c: float, b: float, p1_mmhg: float, p2_mmhg: float) -> float:
    """Secant conductance in L/s per mmHg between two gauge pressures: flow divided by difference, symmetric."""
    if p1_mmhg < p2_mmhg:
        p1_mmhg, p2_mmhg = p2_mmhg, p1_mmhg
    up = PA_MMHG + p1_mmhg
    r = (PA_MMHG + p2_mmhg) / up
    if r >= R_LINEAR:
        return linear_conductance(c, b)
    q = c * BAR_PER_MMHG * up
    if r > b:
        x = (r - b) / (1.0 - b)
        q *= sqrt(1.0 - x * x)
    return q / (p1_mmhg - p2_mmhg)
