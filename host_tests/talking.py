"""Conversations with the simulated board over its serial line: what is typed when, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tools.simulator.rig import Rig


class Talk:
    """Types lines at given times and keeps the answers: answers[n] are the lines that came between line n and the one after it.

    `typed` goes out as it is, without a line end.
    """

    def __init__(
        self,
        lines: Sequence[tuple[float, str]],
        board: Any = "esp32_manifold",
        typed: Sequence[tuple[float, str]] = (),
        **options: Any,
    ) -> None:
        self.rig = Rig(board, **options)
        self.lines = lines
        self.heard: list[tuple[float, str]] = []
        self.periods_ms: list[float] = []
        self.rig.chip.on_console = lambda line: self.heard.append((self.rig.now_s, line))
        self.rig.chip.on_import("peristal.app", self._time_the_loop)
        for at_s, text in lines:
            self.rig.type_line(at_s, text)
        for at_s, text in typed:
            self.rig.at(at_s, lambda text=text: self.rig.chip.type(text))

    def _time_the_loop(self, module: Any) -> None:
        tick = module.App.tick
        last_s: list[float] = []

        def timed(app: Any) -> None:
            if last_s:
                self.periods_ms.append((self.rig.now_s - last_s.pop()) * 1000)
            last_s.append(self.rig.now_s)
            tick(app)

        module.App.tick = timed

    def run(self, until_s: float, before: Callable[[Rig], object] | None = None) -> Talk:
        """Runs it. `before(rig)` may add events."""
        if before is not None:
            before(self.rig)
        self.rig.run_until(until_s)
        return self

    @property
    def answers(self) -> list[list[str]]:
        """What came back to each line, without what the firmware says of its own accord."""
        ends = [at_s for at_s, _ in self.lines[1:]] + [float("inf")]
        spoken = [(at_s, line) for at_s, line in self.heard if not line.startswith("peristal:")]
        return [[line for at_s, line in spoken if begin <= at_s < end] for (begin, _), end in zip(self.lines, ends)]
