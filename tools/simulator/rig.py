"""A whole simulated pair: board, plant, wiring and chip, with hands that press buttons and eyes that see the true pressures."""

from __future__ import annotations

import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any

from peristal.core.gate import STEPS
from tools.simulator import boards
from tools.simulator.board_text import text_of
from tools.simulator.builder import stored
from tools.simulator.chip import Chip
from tools.simulator.flash import Flash
from tools.simulator.plant import Plant
from tools.simulator.plant_params import PlantParams
from tools.simulator.wiring import Wiring

SECOND = 1_000_000
SCHEMA = 1
OF_THE_SENSORS = ("zeros16", "gains_permille")


class Rig:
    """`run_until(s)` powers it and lets it go on to that virtual time; `app` is the running firmware's application, for eyes only.

    `board`: the name of one that ships, or a Board of its own. `settings`: what the wearer chose before, by the names of the
    stored profile, with the comfort start switched off unless it says otherwise; without any the device is new.
    `snug`: the sleeves have hardly any slack (boards.snug): for who looks at what comes after it.
    `brought_up`: the steps of the bring-up that it is delivered with, as a builder (see builder.py) would leave it: all of them, or none.
    """

    def __init__(
        self,
        board: Any = "esp32_manifold",
        *,
        plant: PlantParams | None = None,
        seed: int = 1,
        start_ticks_ms: int = 0,
        settings: dict[str, Any] | None = None,
        brought_up: Sequence[str] = STEPS,
        snug: bool = False,
    ) -> None:
        self.board = boards.load(board) if isinstance(board, str) else board
        source = boards.source(board) if isinstance(board, str) else text_of(board)
        plant = plant or boards.reference_plant(self.board)
        self.plant = Plant(boards.snug(plant) if snug else plant, seed)
        self.wiring = Wiring(self.board, self.plant)
        self.flash = Flash({"board.py": source})
        if brought_up:
            self.flash.put("bringup.json", stored(source, brought_up))
        if settings:
            of_sensors = {name: value for name, value in settings.items() if name in OF_THE_SENSORS}
            if of_sensors:
                self.flash.put("settings.json", stored_file({"board": self.board.name, **of_sensors}))
            of_wearer = {name: value for name, value in settings.items() if name not in OF_THE_SENSORS}
            self.flash.put("profile.json", stored_file({"comfort": 0, **of_wearer}))
        self.chip = Chip(self.board.chip, self.flash, self.wiring, start_ticks_ms, seed)
        self._app: Any = None
        self._app_start = 0
        self.chip.on_import("peristal.app", self._watch)

    def _watch(self, module: Any) -> None:
        """Keeps hold of the application that main.py builds."""
        build = module.App.__init__

        def init(app: Any, board: Any) -> None:
            self._app = app
            self._app_start = self.chip.starts
            build(app, board)

        module.App.__init__ = init

    @property
    def app(self) -> Any:
        """The application of the present start-up, None until the firmware has begun to build it."""
        return self._app if self._app_start == self.chip.starts else None

    @property
    def now_s(self) -> float:
        """Virtual time since power-on."""
        return self.chip.now_us / SECOND

    @property
    def state(self) -> str:
        """Name of the session's state, "off" before the firmware has built it."""
        session = getattr(self.app, "session", None)
        return "off" if session is None else self.chip.module("peristal.core.states").NAMES[session.state]

    def at(self, at_s: float, event: Callable[[], None]) -> None:
        """Schedules a host event at a virtual time."""
        self.chip.at(round(at_s * SECOND), event)

    def every(self, period_s: float, event: Callable[[], None]) -> None:
        """Schedules a host event over and over."""

        def again() -> None:
            self.at(self.now_s + period_s, again)
            event()

        self.at(self.now_s + period_s, again)

    def press(self, at_s: float, hold_s: float = 0.2, key: str = "button_pin") -> None:
        """Presses a button of the front panel."""
        pin = getattr(self.board.panel, key)
        self.at(at_s, lambda: self.wiring.pressed.add(pin))
        self.at(at_s + hold_s, lambda: self.wiring.pressed.discard(pin))

    def type_line(self, at_s: float, text: str) -> None:
        """Types a line on the console; what it answers is in chip.console."""
        self.at(at_s, lambda: self.chip.type(text + "\n"))

    def stop_when(self, done: Callable[[], bool], period_s: float = 0.1) -> None:
        """Takes the power away as soon as a condition holds."""
        self.every(period_s, lambda: self.chip.power_off() if done() else None)

    def run_until(self, at_s: float) -> None:
        """Runs until a virtual time, or until an event takes the power away."""
        self.at(at_s, self.chip.power_off)
        self.chip.run()


def stored_file(settings: Any) -> str:
    """A file of the firmware's with this data, as the firmware itself would have written it."""
    text = json.dumps([SCHEMA, settings])
    return f"{binascii.crc32(text.encode()):08x} {text}\n"
