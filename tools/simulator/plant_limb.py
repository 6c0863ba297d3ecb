"""What the limb adds to the pressure of inflated zones: movements at random times, and the pulse."""

from __future__ import annotations

from math import pi, sin
from random import Random

from tools.simulator.plant_params import MovementParams

NEVER = 1e18


class Limb:
    """`mmhg[leg]` is what a fully inflated zone of that leg feels now."""

    def __init__(self, params: MovementParams, legs: int, rng: Random) -> None:
        self.params = params
        self.mmhg = [0.0] * legs
        self.squeeze_mmhg = [0.0] * legs  # a fault: someone sits on the leg
        self._step = [0.0] * legs
        self._rng = rng
        self._phase = rng.uniform(0.0, 2.0 * pi)
        self.next_event_s = NEVER
        if params.on and legs:
            self.next_event_s = rng.expovariate(1.0 / params.mean_gap_s)

    def update(self, t_s: float) -> None:
        """Begins or ends a movement that is due, and moves the pulse on."""
        p = self.params
        if t_s >= self.next_event_s - 1e-9:
            if any(self._step):
                self._step = [0.0] * len(self._step)
                self.next_event_s = t_s + self._rng.expovariate(1.0 / p.mean_gap_s)
            else:
                self._step[self._rng.randrange(len(self._step))] = self._rng.uniform(p.min_mmhg, p.max_mmhg)
                self.next_event_s = t_s + self._rng.uniform(p.min_s, p.max_s)
        pulse = p.pulse_mmhg * sin(2.0 * pi * p.pulse_hz * t_s + self._phase) if p.on else 0.0
        for leg, step in enumerate(self._step):
            self.mmhg[leg] = step + pulse + self.squeeze_mmhg[leg]
