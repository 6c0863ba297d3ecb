"""The ADC: unit 1 only, floors and ceilings, noise, and reads that fail as zero."""

import statistics
from typing import Any

import pytest

from host_tests.chip_bench import chip_with, says

READ = "from machine import ADC\na = ADC({pin}, atten=ADC.ATTN_11DB)\nvalues = [a.read_uv() for _ in range({n})]"


def read_mv(mv: float, pin: int = 32, kind: str = "esp32", n: int = 1, **options: Any) -> list[float]:
    chip = chip_with(READ.format(pin=pin, n=n), kind=kind, **options)
    chip.wiring.mv[pin] = mv
    chip.at(1_000_000, chip.power_off)
    chip.run()
    return [uv / 1000 for uv in chip.module("__main__").values]


@pytest.mark.parametrize(
    ("kind", "pin", "floor", "ceiling"),
    [("esp32", 32, 150, 2450), ("esp32s3", 1, 0, 3100), ("esp32c3", 0, 0, 2500), ("esp32c6", 6, 0, 3300)],
)
def test_range_of_each_chip_at_11_db(kind: str, pin: int, floor: int, ceiling: int) -> None:
    assert read_mv(-300, pin, kind) == [floor]
    assert read_mv(5000, pin, kind) == [ceiling]
    assert read_mv(1000.4, pin, kind, adc_noise_mv=0) == [1000]


@pytest.mark.parametrize(
    ("expression", "kind", "answer"),
    [
        ("ADC(25)", "esp32", "ValueError: invalid pin"),  # ADC2
        ("ADC(4)", "esp32", "ValueError: invalid pin"),
        ("ADC(11)", "esp32s3", "ValueError: invalid pin"),
        ("ADC(5)", "esp32c3", "ValueError: invalid pin"),
        ("ADC(7)", "esp32c6", "ValueError: invalid pin"),
        ("ADC(Pin(36))", "esp32", "ADC(Pin(36))"),
        ("ADC(32, atten=4)", "esp32", "ValueError: invalid atten"),
        ("ADC(32, 3)", "esp32", "TypeError"),
        ("ADC(32, attn=3)", "esp32", "TypeError"),
        ("ADC(32).read_mv()", "esp32", "AttributeError"),
        ("ADC(32).width(9)", "esp32", "ValueError: invalid bits"),
        ("(ADC(32).read_uv(), ADC(32).read(), ADC(32).read_u16())", "esp32", "(100000, 0, 0)"),
    ],
)
def test_answers(expression: str, kind: str, answer: str) -> None:
    assert says(expression, kind=kind).startswith(answer)


def test_without_an_attenuation_it_ends_below_one_volt() -> None:
    chip = chip_with("from machine import ADC\nprint(ADC(32).read_uv())")
    chip.wiring.mv[32] = 2000
    chip.at(1_000_000, chip.power_off)
    chip.run()
    assert chip.console == ["950000"]


def test_noise_is_gaussian_whole_millivolts_and_the_same_for_a_seed() -> None:
    values = read_mv(1000, n=2000, seed=7)
    assert abs(statistics.mean(values) - 1000) < 0.5
    assert 3.5 < statistics.pstdev(values) < 4.5
    assert all(value == int(value) for value in values)
    assert values == read_mv(1000, n=2000, seed=7)
    assert values != read_mv(1000, n=2000, seed=8)


def test_a_failed_read_is_zero_and_not_the_floor() -> None:
    chip = chip_with(READ.format(pin=32, n=4))
    chip.wiring.mv[32] = 1000
    chip.fail_adc(32, reads=2)
    chip.at(1_000_000, chip.power_off)
    chip.run()
    values = chip.module("__main__").values
    assert values[:2] == [0, 0]
    assert min(values[2:]) > 900_000
