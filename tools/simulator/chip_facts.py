"""What each chip has, told apart from the firmware's own tables so that a mistake there meets a second opinion here.

Sources: the chips' data sheets; ESP-IDF 5.5 `soc_caps.h` and its ADC calibration pages; MicroPython 1.28 `ports/esp32`.
"""

from dataclasses import dataclass


def _pins(*spans: tuple[int, int]) -> frozenset[int]:
    return frozenset(pin for first, last in spans for pin in range(first, last + 1))


@dataclass(frozen=True)
class ChipFacts:
    """One kind of chip. Millivolts are at the pin; `adc_mv` is the (floor, ceiling) of a reading for attenuation 0, 2.5, 6 and 11 dB."""

    pins: frozenset[int]
    input_only: frozenset[int]
    adc1: frozenset[int]
    adc_mv: tuple[tuple[int, int], ...]
    pwm_modes: int  # speed modes of the LEDC; each has its own channels and timers
    pwm_channels: int  # of each mode
    pwm_timers: int  # of each mode
    pwm_bits: int  # finest resolution the driver uses
    timers: int  # machine.Timer numbers 0..timers-1
    cpu_hz: int
    has_raw_temperature: bool  # esp32.raw_temperature (degrees F) or esp32.mcu_temperature (degrees C)


PWM_CLOCK_HZ = 80_000_000  # APB or PLL/6, on all four

CHIPS = {
    "esp32": ChipFacts(
        pins=_pins((0, 19), (21, 23), (25, 27), (32, 39)),
        input_only=_pins((34, 39)),
        adc1=_pins((32, 39)),
        adc_mv=((100, 950), (100, 1250), (150, 1750), (150, 2450)),
        pwm_modes=2,
        pwm_channels=8,
        pwm_timers=4,
        pwm_bits=16,
        timers=4,
        cpu_hz=160_000_000,
        has_raw_temperature=True,
    ),
    "esp32s3": ChipFacts(
        pins=_pins((0, 21), (26, 48)),
        input_only=frozenset(),
        adc1=_pins((1, 10)),
        adc_mv=((0, 950), (0, 1250), (0, 1750), (0, 3100)),
        pwm_modes=1,
        pwm_channels=8,
        pwm_timers=4,
        pwm_bits=13,
        timers=4,
        cpu_hz=160_000_000,
        has_raw_temperature=False,
    ),
    "esp32c3": ChipFacts(
        pins=_pins((0, 21)),
        input_only=frozenset(),
        adc1=_pins((0, 4)),
        adc_mv=((0, 750), (0, 1050), (0, 1300), (0, 2500)),
        pwm_modes=1,
        pwm_channels=6,
        pwm_timers=4,
        pwm_bits=13,
        timers=2,
        cpu_hz=160_000_000,
        has_raw_temperature=False,
    ),
    "esp32c6": ChipFacts(
        pins=_pins((0, 30)),
        input_only=frozenset(),
        adc1=_pins((0, 6)),
        adc_mv=((0, 1000), (0, 1300), (0, 1900), (0, 3300)),
        pwm_modes=1,
        pwm_channels=6,
        pwm_timers=4,
        pwm_bits=16,
        timers=2,
        cpu_hz=160_000_000,
        has_raw_temperature=False,
    ),
}
