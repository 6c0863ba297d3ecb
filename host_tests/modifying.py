"""Sessions in which somebody changes everything that can be changed, at random moments, and what has to hold all the same."""

from __future__ import annotations

from random import Random
from typing import Any

from tools.simulator import boards
from tools.simulator.rig import Rig

ZONE_WORDS = (
    "boost {zone}", "boost {zone} off", "skip {zone}", "skip {zone} off", "tight", "tight {zone}", "trim {zone} 0", "trim {zone} 10",
)  # fmt: skip
WORDS = (
    *ZONE_WORDS, *ZONE_WORDS, "+", "-", "-", "set pressure {mmhg}", "set cap {mmhg}", "set cap 120", "set comfort on", "set comfort off",
    "set leg 1", "set leg 2", "set leg both", "set legs alternating", "set legs offset", "set legs together", "set pace {pace}",
    "set quiet on", "set quiet off", "pause", "resume", "wearer", "set breathing 2", "set minutes 9",
)  # fmt: skip
PROGRAMS = ("sequential", "wave", "gradient", "smooth", "pulse", "uniform", "race", "interval")
ABOVE_MMHG = 14.0  # overshoot of a first fill, what two neighbours push, and a sag that was topped up
PUSHED_MMHG = 20.0  # a vented zone between two full ones: up to 8 are left in it, and each neighbour pushes with 5 % of its own


def run(seed: int, until_s: float = 150.0, snug: bool = False) -> tuple[Rig, list[str]]:
    """A session with a change every few seconds; the rig afterwards, and what was wrong."""
    rng = Random(seed)
    board_name = rng.choice(("esp32_manifold", "esp32s3_independent"))
    board = boards.load(board_name)
    settings = {"program": rng.choice(PROGRAMS), "pressure_mmhg": 60, "minutes": 20, "comfort": rng.randrange(2), "sessions": 3}
    rig = Rig(board_name, plant=boards.reference_plant(board), seed=seed, settings=settings, snug=snug)
    rig.press(1.0)
    wrong: list[str] = []
    highest: dict[int, Any] = {}
    at_s = 2.0
    while at_s < until_s - 5:
        at_s += rng.expovariate(1 / 5)
        word = rng.choice(WORDS).format(zone=rng.randint(1, 8), mmhg=rng.randrange(30, 101, 5), pace=rng.randint(45, 155))
        rig.type_line(at_s, word)
        if word == "pause":
            rig.type_line(at_s + rng.uniform(8, 25), "resume")

    def look() -> None:
        if rig.state not in ("preflight", "running", "finishing", "paused"):
            return
        session = rig.app.session
        wearer = session.wearer
        for zone, true in enumerate(rig.plant.zone_mmhg):
            target = rig.app.regulator.target_pa[zone] / 133.322
            high, before, since_s = highest.get(zone, (0.0, 0.0, 0.0))
            since_s = since_s + 0.1 if abs(target - before) < 0.05 else 0.0
            # What was let out a moment ago may still be on its way, and so is what was lowered.
            highest[zone] = (target if target >= high or since_s > 25 else high, target, since_s)
            dumped = max(rig.app.regulator.target_pa) == 0  # all meet in the line, and the tight ones push air into the empty ones
            if true > max(highest[zone][0] + ABOVE_MMHG, PUSHED_MMHG) and not dumped:
                wrong.append(f"{rig.now_s:.1f} s: zone {zone + 1} at {true:.1f} mmHg, asked for {target:.1f}")
            if target > before + 0.1 and target > wearer.most_mmhg() + 0.1:
                wrong.append(f"{rig.now_s:.1f} s: zone {zone + 1} raised to {target:.1f} mmHg, the most is {wearer.most_mmhg()}")
            if wearer.is_out(zone) and target > before + 0.1:
                wrong.append(f"{rig.now_s:.1f} s: zone {zone + 1} is left out and was raised to {target:.1f} mmHg")

    rig.every(0.1, look)
    rig.run_until(until_s)
    if rig.app is None or rig.app.guarding.fault:
        wrong.append("fault: " + "; ".join(rig.chip.console[-3:]))
    return rig, wrong
