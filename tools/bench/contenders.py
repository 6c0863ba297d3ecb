"""Who runs: ours, and its peers with what the search found for them on the training plants.

The search: `make bench ARGS=--search`; it prints every candidate with its cost and the best of each topology, to be copied here.
Training plants (for the peers' constants and for tuning ours): seeds 0 to 39. The default seeds of the benchmark are others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from peristal.core.regulator import Regulator
from tools.bench.metrics import Fill
from tools.bench.peers import THROTTLE_MMHG, Gains, Pid, Threshold
from tools.bench.plants import CEILING_MMHG, Bench
from tools.simulator.plant_orifice import orifice_l_s

TRAINING_SEEDS = range(0, 40)
SEARCH_SEEDS = range(0, 6)
OURS, THRESHOLD, PID = "ours", "threshold", "PID"
NAMES = (OURS, THRESHOLD, PID)

# Added to each plant's own flow drop, which the threshold is given as if it had been measured on that plant.
LEAD_MMHG = {"manifold": -2.0, "zone sensors": -3.0, "independent": -5.0}
GAINS = {
    "manifold": Gains(0.5, 0.05, 0.06),
    "zone sensors": Gains(0.2, 0.05, 0.03),
    "independent": Gains(0.2, 0.0, 0.03),
}

LEADS = (-12, -9, -7, -5, -4, -3, -2, 0, 2)
KPS, KIS, KDS = (0.02, 0.05, 0.1, 0.2, 0.5), (0.0, 0.05), (0.0, 0.01, 0.03, 0.06)


def candidates(topology: str) -> list[tuple[str, Any]]:
    """(contender, value) of everything the search tries."""
    found: list[tuple[str, Any]] = [(THRESHOLD, float(lead)) for lead in LEADS]
    return found + [(PID, Gains(kp, ki, kd)) for kp in KPS for ki in KIS for kd in KDS]


def maker(contender: str, bench: Bench, value: Any = None) -> Callable[[Any, Any, Any], Any]:
    """What builds the regulator of a contender for a plant; `value` replaces the constant of a peer."""
    topology = bench.topology
    if contender == OURS:
        return Regulator
    if contender == THRESHOLD:
        lead = LEAD_MMHG[topology] if value is None else value
        return type("FixedThreshold", (Threshold,), {"lead_mmhg": lead + (flow_drop_mmhg(bench) if topology == "manifold" else 0.0)})
    return type("TunedPid", (Pid,), {"gains": GAINS[topology] if value is None else value})


def flow_drop_mmhg(bench: Bench) -> float:
    """How much higher than a zone at the target the line truly reads while the (throttled) pump fills it."""
    params, target = bench.params, float(bench.target_mmhg)
    valve = next(v for v in params.valves if v.to == "line")
    pump = params.pump
    low, high = 0.0, CEILING_MMHG - target
    while high - low > 0.1:
        drop = (low + high) / 2
        line = target + drop
        duty = min(1.0, (CEILING_MMHG - line) / THROTTLE_MMHG)  # share above the least duty, as the throttle gives it
        if orifice_l_s(valve.c, valve.b, line, target) < duty * pump.q0_l_min / 60 * max(0.0, 1 - line / pump.stall_mmhg):
            low = drop
        else:
            high = drop
    return low


def cost(found: list[Fill], latched: int) -> float:
    """What the search makes small: slow, wrong and overshooting fills, in units of what is just acceptable.

    A fill that never comes within 3 mmHg of its target costs as much as one that takes ten times as long as the ideal.
    """
    if not found:
        return 1000.0
    total = 0.0
    for fill in found:
        took = fill.settled_ratio if fill.fill_s else None
        wrong = 20.0 if fill.error is None else min(20.0, abs(fill.error))
        total += min(10.0, took or 10.0) + (wrong + max(0.0, fill.overshoot or 0.0)) / 3.0
    return total / len(found) + 5.0 * latched
