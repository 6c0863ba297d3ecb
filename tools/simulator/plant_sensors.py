"""Pressure sensors as the ADC pin sees them: law, errors, faults, and the pump's ripple on the line."""

from __future__ import annotations

from functools import lru_cache
from math import pi, sin
from random import Random

from tools.simulator.plant_air import Air
from tools.simulator.plant_drive import Drive
from tools.simulator.plant_params import PlantParams

RAIL_MV = 5000.0
SATURATION_SHARE = 0.05
"""Over-range output ends this share of the span beyond full scale (datasheets: 4.7-4.8 V of a 4.5 V full scale)."""
NOISE_TABLE = 1024
HEALTHY = (1.0, 0.0)


class Sensors:
    """`fault[j]`: None, "open" (wire broken: the divider pulls to 0), "short" (to the 5 V rail) or "frozen".

    `error[j]`: (share, mmHg), what the element itself makes of a pressure before its law applies; (1, 0) when it is healthy.
    `strokes`: what is left of the pump's flow, and so of its strokes: the line shows its pulses.
    """

    def __init__(self, params: PlantParams, seed: int, zone_mmhg: list[float], air: Air, drive: Drive) -> None:
        self.fault: list[str | None] = [None] * len(params.sensors)
        self.error: list[tuple[float, float]] = [HEALTHY] * len(params.sensors)
        self._zone = [s.zone for s in params.sensors]
        self._zone_mmhg = zone_mmhg
        self._air = air
        self._drive = drive
        self._divider = [s.divider for s in params.sensors]
        # mv = zero + slope * mmhg, clipped, all at the pin
        self._law = []
        for s in params.sensors:
            span = (s.full_mv - s.zero_mv) * s.divider
            slope = span / s.range_mmhg
            zero = s.zero_mv * s.divider
            limits = (max(0.0, zero - SATURATION_SHARE * span), zero + (1.0 + SATURATION_SHARE) * span)
            self._law.append((zero + slope * s.offset_mmhg, slope * s.gain, *limits, s.noise_mv))
        self._last: list[float] = [law[0] for law in self._law]
        self._noise = _noise(seed)
        self._next = 0
        self.strokes = 1.0
        self._amplitude = params.pump.ripple_mmhg
        self._omega = 2.0 * pi * params.pump.ripple_hz

    def ripple_mmhg(self, t_s: float) -> float:
        """What the pump's strokes add to the line at full speed."""
        return self.strokes * self._amplitude * sin(self._omega * t_s)

    def pin_mv(self, j: int, t_s: float) -> float:
        """Millivolts at the pin: of a zone's true pressure, or of the line's with what the pump's strokes add to it at `t_s`."""
        fault = self.fault[j]
        if fault is not None:
            if fault == "open":
                return 0.0
            if fault == "short":
                return RAIL_MV * self._divider[j]
            return self._last[j]
        zone = self._zone[j]
        if zone is not None:
            mmhg = self._zone_mmhg[zone]
        else:
            mmhg = self._air.line_mmhg
            if self._drive.speed:
                mmhg += self.ripple_mmhg(t_s) * self._drive.speed
        error = self.error[j]
        if error is not HEALTHY:
            mmhg = error[0] * mmhg + error[1]
        zero, slope, least, most, noise = self._law[j]
        mv = zero + slope * mmhg
        if noise:
            n = self._next + 1
            if n == NOISE_TABLE:
                n = 0
            self._next = n
            mv += noise * self._noise[n]
        mv = least if mv < least else most if mv > most else mv
        self._last[j] = mv
        return mv


@lru_cache(maxsize=64)
def _noise(seed: int) -> tuple[float, ...]:
    rng = Random(seed + 1)
    return tuple(rng.gauss(0.0, 1.0) for _ in range(NOISE_TABLE))
