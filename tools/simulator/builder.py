"""The builder at the bench, who brings a simulated pair up: runs the steps on the console, listens at the valves, feels the chambers,
reads the manometer, pulls the plug, and answers only by what the plant really does.

`stored(...)` is what the firmware keeps of a board that has passed: what a pair is delivered with.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from typing import Any

from peristal.core.gate import STEPS

CLICKS = 3
LISTEN_S = 0.02
ANSWERS_S = 0.4  # a person's moment to think
FIRM_MMHG = 25.0
SOFT_MMHG = 15.0


def stored(source: str, passed: Sequence[str] = STEPS) -> str:
    """bringup.json as the firmware keeps it of a device whose board.py has passed these steps."""
    from tools.simulator.rig import stored_file

    return stored_file({"board": binascii.crc32(source.encode()), "passed": list(passed)})


class Builder:
    """Begins at `at_s` with the first step that is missing and goes on after each one that is passed, up to `last`.

    `passed` and `failed` (step, why) are what the device said, `questions` all that it asked. `silent`: does not answer;
    `careless`: says yes to whatever is asked.
    """

    def __init__(self, rig: Any, at_s: float = 2.0, last: str = STEPS[-1], silent: bool = False, careless: bool = False) -> None:
        self.rig = rig
        self.last = last
        self.silent = silent
        self.careless = careless
        self.passed: list[str] = []
        self.failed: tuple[str, str] | None = None
        self.questions: list[str] = []
        self._was_open = list(rig.plant.valve_open)
        self._moves = [0] * len(self._was_open)
        self._ran = False
        self._names = [self._name(path) for path, _ in rig.board.valves()]
        self._before = rig.chip.on_console
        rig.chip.on_console = self._read
        rig.every(LISTEN_S, self._listen)
        self._type(at_s, "bringup run")

    @property
    def done(self) -> bool:
        """Nothing more will be run."""
        return self.failed is not None or self.last in self.passed

    def _name(self, path: str) -> str:
        found = re.match(r"legs\[(\d+)]\.zones\[(\d+)]\.(\w+)", path)
        if found is None:
            return "vent"
        leg, zone = int(found[1]), int(found[2])
        number = sum(len(part.zones) for part in self.rig.board.legs[:leg]) + zone + 1
        return f"zone {number} {found[3]}"

    def _type(self, at_s: float, line: str) -> None:
        self.rig.type_line(at_s, line)

    def _listen(self) -> None:
        is_open = self.rig.plant.valve_open
        for valve, before in enumerate(self._was_open):
            if is_open[valve] != before:
                self._moves[valve] += 1
                self._was_open[valve] = is_open[valve]
        self._ran = self._ran or self.rig.plant.pump_flow_l_s > 0

    def _read(self, line: str) -> None:
        if self._before is not None:
            self._before(line)
        said = line.removeprefix("peristal: bringup ")
        if said == line:
            return
        step = re.match(rf"({'|'.join(STEPS)}) (passed|failed: (.*))$", said)
        if step is not None and step[2] == "passed":
            self.passed.append(step[1])
            self.rig.plant.cut_supply(False)
            if not self.done:
                self._type(self.rig.now_s + ANSWERS_S, "bringup run")
        elif step is not None:
            self.failed = step[1], step[3]
        else:
            self.questions.append(said)
            if not self.silent:
                self.rig.at(self.rig.now_s + ANSWERS_S, lambda: self._answer(said))

    def _answer(self, question: str) -> None:
        if "pull the 12 V plug" in question:
            self.rig.plant.cut_supply(True)
            return
        if "(reads MMHG)" in question:
            zone = int(re.match(r"zone (\d+)", question)[1]) - 1  # type: ignore[index]
            answer = f"reads {round(self.rig.plant.zone_mmhg[zone])}"
        else:
            answer = "yes" if self.careless or self._agrees(question) else "no"
        self._moves = [0] * len(self._moves)
        self._ran = False
        self._type(self.rig.now_s, answer)

    def _agrees(self, question: str) -> bool:
        zones = self.rig.plant.zone_mmhg
        if "all chambers soft" in question:
            return max(zones) < SOFT_MMHG
        if "chamber firm" in question:
            here = int(re.match(r"zone (\d+)", question)[1]) - 1  # type: ignore[index]
            return zones[here] > FIRM_MMHG and all(mmhg < SOFT_MMHG for zone, mmhg in enumerate(zones) if zone != here)
        if question.startswith("pump"):
            return self._ran
        here = re.sub(r" \([^)]*\)", "", question.partition(":")[0])
        return all(moves == (2 * CLICKS if name == here else 0) for name, moves in zip(self._names, self._moves, strict=True))
