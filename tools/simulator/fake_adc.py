"""machine.ADC: unit 1 only, range and floor of the chip and attenuation, noise, calibrated whole millivolts, and the time a read takes.

Ranges: ESP-IDF 5.5 ADC calibration pages. Noise: a single sample of an ESP32 strays by 5 to 25 LSB (about 0.6 mV each at 11 dB).
"""

import random
from functools import lru_cache
from typing import Any

from tools.simulator.fake_pin import Pin, need_int
from tools.simulator.tape import INPUTS

NOISE_SAMPLES = 4093  # prime, so that no pattern of reads a tick keeps meeting the same samples
MAX_RAW = 4095
ADC_MV, ADC_U16, ADC_RAW = INPUTS["ADC_MV"], INPUTS["ADC_U16"], INPUTS["ADC_RAW"]


class Noise:
    """A seeded table of gaussian millivolts, read round and round; `shift` of half a millivolt makes int() round."""

    def __init__(self, seed: int, sigma_mv: float) -> None:
        self.table = _samples(seed, sigma_mv)
        self.next = 0


@lru_cache(maxsize=64)
def _samples(seed: int, sigma_mv: float) -> tuple[float, ...]:
    draw = random.Random(f"adc {seed}")
    return tuple(draw.gauss(0.0, sigma_mv) + 0.5 for _ in range(NOISE_SAMPLES))


class ADC:
    """`_chip` and `_pin_type` are set by the subclass that a start-up binds to its chip."""

    __slots__ = ("_ceiling_mv", "_floor_mv", "_gpio", "_on")
    _chip: Any
    _pin_type: type[Pin]

    ATTN_0DB, ATTN_2_5DB, ATTN_6DB, ATTN_11DB = 0, 1, 2, 3
    WIDTH_12BIT = 12

    def __init__(self, pin: Any, *, atten: int = 0) -> None:
        chip = self._on = self._chip  # found faster than what a class holds: most of the calls of a session are reads
        chip.check_alive()
        self._gpio = self._pin_type(pin)._pad.gpio
        if self._gpio not in chip.facts.adc1:
            raise ValueError("invalid pin")
        self.atten(atten)

    def atten(self, atten: int) -> None:
        """Attenuation ATTN_0DB .. ATTN_11DB; without one it is 0 dB, which ends below 1 V. ValueError "invalid atten"."""
        if not 0 <= need_int(atten) <= 3:
            raise ValueError("invalid atten")
        self._floor_mv, self._ceiling_mv = self._chip.facts.adc_mv[atten]

    def init(self, *, atten: int = 0) -> None:
        """As the constructor."""
        self.atten(atten)

    def width(self, bits: int) -> None:
        """Only 12 bits; ValueError "invalid bits"."""
        if need_int(bits) != 12:
            raise ValueError("invalid bits")

    def _sample_mv(self) -> int:
        """Whole millivolts of a read that takes its time; -1 when it fails."""
        chip = self._on
        now_us = chip.now_us + chip.adc_read_us
        if now_us < chip.wake_us:
            chip.now_us = now_us
        else:
            chip.advance(chip.adc_read_us)
            now_us = chip.now_us
        if now_us - chip.plant_us > chip.input_age_us:
            chip.sync()
        if chip.adc_failures and chip.adc_failure(self._gpio):
            return -1
        noise = chip.noise
        sample = noise.next
        noise.next = sample + 1 if sample < 4092 else 0
        try:
            value_mv = int(chip.wiring.adc_mv(self._gpio) + noise.table[sample])
        except Exception as error:
            chip.fail(error)
            raise
        if value_mv < self._floor_mv:
            return self._floor_mv
        return value_mv if value_mv <= self._ceiling_mv else self._ceiling_mv

    def read_uv(self) -> int:
        """Microvolts, whole millivolts, within the range of the attenuation; 0 when the read failed (MicroPython up to 1.28)."""
        value_mv = self._sample_mv()
        if value_mv < 0:
            value_mv = 0
        tape = self._on.tape
        if tape is not None:
            tape.given(ADC_MV, value_mv)
        return value_mv * 1000

    def _raw(self) -> int:
        value_mv = self._sample_mv()
        return 0 if value_mv < 0 else (value_mv - self._floor_mv) * MAX_RAW // (self._ceiling_mv - self._floor_mv)

    def read(self) -> int:
        """Raw 0..4095, not calibrated: 0 at the floor of the range."""
        raw = self._raw()
        if self._chip.tape is not None:
            self._chip.tape.given(ADC_RAW, raw)
        return raw

    def read_u16(self) -> int:
        """Raw, stretched to 0..65535."""
        raw = self._raw()
        scaled = raw << 4 | raw >> 8
        if self._chip.tape is not None:
            self._chip.tape.given(ADC_U16, scaled)
        return scaled

    def deinit(self) -> None:
        """Frees the whole unit on the chip: every ADC object is useless after it, so nobody may call it."""
        raise RuntimeError("ADC.deinit() frees the whole unit: every other ADC object would fail after it")

    def __repr__(self) -> str:
        return f"ADC(Pin({self._gpio}))"
