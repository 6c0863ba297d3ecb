"""Whole sessions on the simulated board, for the tests: run one, and keep what happened at every tick of interest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tools.simulator.rig import Rig

PA_PER_MMHG = 133.322
PRESS_S = 2.5
AFTER_FAULT_S = 12.0  # longer than the 10 s after which a device might take itself for vented and go on
RELEASED_MMHG = 15.0


@dataclass
class Seen:
    """What was seen of a session: every 50 ms the state, targets in mmHg and true pressures."""

    rig: Rig
    samples: list[tuple[float, str, list[float], list[float]]] = field(default_factory=list)
    cycles: list[int] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def look(self) -> None:
        """Takes a sample."""
        rig = self.rig
        if rig.state == "off":
            return
        targets = [pa / PA_PER_MMHG for pa in rig.app.regulator.target_pa]
        true = list(rig.plant.zone_mmhg)
        self.samples.append((rig.now_s, rig.state, targets, true))
        self.cycles.append(rig.app.session.sequencer.cycle)
        if not self.states or self.states[-1] != rig.state:
            self.states.append(rig.state)


    def over(self, after_s: float) -> Callable[[], bool]:
        """Whether a fault has been latched, and the air out, for so long."""
        since_s = [0.0]

        def asked() -> bool:
            rig = self.rig
            if rig.state != "fault" or max(rig.plant.zone_mmhg) >= RELEASED_MMHG:
                since_s[0] = rig.now_s
            return rig.now_s - since_s[0] > after_s

        return asked


def went_high(rig: Rig) -> list[int]:
    """The pins of pump and valves that are driven from now on, as often as they are; the enable is toggled from the start."""
    high: list[int] = []
    pins = rig.board.actuator_pins()[: 1 + len(rig.board.valves())]
    drives = rig.wiring.output

    def output(gpio: int, duty_u16: int) -> None:
        drives(gpio, duty_u16)
        if duty_u16 and gpio in pins:
            high.append(gpio)

    rig.wiring.output = output  # type: ignore[method-assign]
    return high


def run_session(
    board: Any,
    program: str,
    *,
    minutes: int = 3,
    pressure_mmhg: int = 55,
    plant: Any = None,
    seed: int = 1,
    before: Any = None,
    until_s: float | None = None,
    hold_s: float = 0.2,
    after_fault_s: float = AFTER_FAULT_S,
    snug: bool = False,
) -> Seen:
    """Starts a session by a short press and runs it until it is done or has failed. `before(rig)` may add events.

    board: the name of one that ships, or a Board of its own; plant: by default the one that the board states. until_s: how long at most;
    once a fault has been latched and every zone below 15 mmHg for `after_fault_s` there is nothing more to see (0: somebody acts later).
    snug: the sleeves have hardly any slack, and the first cycle begins after 10 to 20 s instead of 33 to 65.
    """
    rig = Rig(
        board,
        plant=plant,
        seed=seed,
        settings={"program": program, "pressure_mmhg": pressure_mmhg, "minutes": minutes},
        snug=snug,
    )
    seen = Seen(rig)
    rig.every(0.05, seen.look)
    rig.press(PRESS_S, hold_s)
    if before is not None:
        before(rig)
    if until_s is None:
        rig.stop_when(lambda: rig.now_s > PRESS_S + 3 and rig.state in ("done", "fault"))
        until_s = minutes * 60 + 120
    elif after_fault_s:
        rig.stop_when(seen.over(after_fault_s))
    rig.run_until(until_s)
    seen.look()
    return seen
