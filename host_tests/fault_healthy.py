"""One healthy session: a random plant or a worn pair on a board that ships, noise, errors within the datasheet, a limb that moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from host_tests.fault_reports import fault_now, notices_now
from host_tests.fault_scene import PRESS_S, TOPOLOGIES, Setup, draw
from peristal.core import modes

MINUTES = 4
HIGHEST_MMHG = 100
"""Set pressure and boost together."""
LEAST_REACHED = 0.5
"""A session in which no zone ever has half of its pressure has shown nothing."""
LONG_ENOUGH_S = 0.4
"""A press may fall into a write to the flash at rest, a third of a second at the most."""
LONGEST_S = MINUTES * 60 + 180.0


def plan(seed: int, index: int) -> Setup:
    """Topology and program in turn, everything else drawn; the limb moves in two sessions of three."""
    rng = Random(f"healthy {seed} {index}")
    programs = modes.names()
    setup = draw(rng, TOPOLOGIES[index % 3], programs[index // 3 % len(programs)], HIGHEST_MMHG)
    return replace(setup, minutes=MINUTES, movement=rng.random() < 2 / 3)


def session(seed: int, index: int, firmware: Path | None = None) -> dict[str, Any]:
    """Runs it to its end; `why` is empty when no fault came."""
    setup = plan(seed, index)
    scene = setup.scene()
    rig = scene.rig
    if firmware is not None:
        rig.chip.firmware = firmware
    seen: dict[str, Any] = {"peak": 0.0, "notices": set()}

    def look() -> None:
        seen["peak"] = max(seen["peak"], *rig.plant.zone_mmhg)
        if rig.state in ("done", "fault") and rig.now_s > PRESS_S + 3:
            rig.chip.power_off()

    rig.press(PRESS_S, LONG_ENOUGH_S)
    rig.every(0.1, look)
    rig.run_until(LONGEST_S)
    fault, state = fault_now(rig.app), rig.state
    notices = sorted(notices_now(rig.app))
    why = []
    if fault:
        why.append(f"{fault} (zone {rig.app.guarding.fault_zone + 1}) at {rig.now_s:.1f} s")
    elif state != "done":
        why.append(f"still {state} after {LONGEST_S:.0f} s")
    elif seen["peak"] < LEAST_REACHED * setup.pressure_mmhg:
        why.append(f"no zone was ever above {seen['peak']:.0f} mmHg")
    return {
        "why": f"run {index} of seed {seed}, {setup.says}: {'; '.join(why)}" if why else "",
        "topology": setup.topology,
        "program": setup.program,
        "end": fault or state,
        "notices": notices,
        "peak_mmhg": round(seen["peak"], 1),
    }
