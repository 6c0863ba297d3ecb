"""What a board is brought up on: bottles, one at each hose. They are rigid and full of air, so a fill takes a moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tools.simulator import boards
from tools.simulator.builder import Builder
from tools.simulator.plant_params import PlantParams
from tools.simulator.rig import Rig

LONGEST_S = 1200.0


def bottles(board: Any, litres: float = 1.0, seed: int = 3) -> PlantParams:
    """The board's parts as a real pair's would differ from it, with bottles instead of sleeves."""
    plant = boards.worn_plant(board, seed, movement=False)
    rigid: dict[str, Any] = {"dv_l": 0.01 * litres, "k_l_per_mmhg": 2e-5 * litres, "beta_l_per_mmhg": 0.0, "coupling": 0.0}
    return replace(plant, zones=tuple(replace(zone, v0_l=litres, start_l=litres, **rigid) for zone in plant.zones))


def towels(board: Any, seed: int = 3) -> PlantParams:
    """The same with sleeves around rolled towels, which were inflated before: their slack is taken up."""
    plant = boards.worn_plant(board, seed, movement=False)
    return replace(plant, zones=tuple(replace(zone, start_l=0.95 * zone.v0_l) for zone in plant.zones))


class Bench:
    """A new device on the bench and its builder; `highest_mmhg` is the most that any zone truly had."""

    def __init__(self, board: str = "esp32s3_independent", *, plant: PlantParams | None = None, passed: Any = (), **builder: Any) -> None:
        self.rig = Rig(board, plant=plant or bottles(boards.load(board)), seed=3, brought_up=passed)
        self.builder = Builder(self.rig, **builder)
        self.highest_mmhg = 0.0
        self.heard: list[str] = []
        self.rig.every(0.05, self._look)
        self.rig.stop_when(self._over)

    def _look(self) -> None:
        self.highest_mmhg = max(self.highest_mmhg, *self.rig.plant.zone_mmhg)

    def _over(self) -> bool:
        return self.builder.done and self.rig.state in ("idle", "fault") and not self.rig.app.shelf.changed

    def run(self, until_s: float = LONGEST_S) -> Bench:
        """Until the builder is done and everything is stored."""
        self.rig.run_until(until_s)
        return self

    def asked(self, words: str, event: Any, after_s: float = 0.1) -> None:
        """Does something when the device first asks (or says) this."""
        before = self.rig.chip.on_console
        done: list[bool] = []

        def read(line: str) -> None:
            if before is not None:
                before(line)
            if words in line and not done:
                done.append(True)
                self.rig.at(self.rig.now_s + after_s, lambda: event(self.rig))

        self.rig.chip.on_console = read
