"""The replay rig itself: a stand-in firmware on a tape written by hand, and each thing the rig must catch."""
import pytest

from tools.simulator.tape import INPUTS, OUTPUTS, Tape
from tools.wasm.rig import Replay, compiled, replay, ticks_at

TICKS = 1500  # their inputs, and their outputs, are more than the VM holds of the tape at a time
PLANTED = 1410  # in the second piece

MAIN = """
from micropython import alloc_emergency_exception_buf
from machine import ADC, PWM, Pin, RTC, Timer, WDT, reset_cause
import time
import lib_half.half as half

alloc_emergency_exception_buf(100)
enable = Pin(4, Pin.OUT, value=0)
button = Pin(5, Pin.IN, Pin.PULL_UP)
pump = PWM(Pin(6, Pin.OUT, value=0), freq=20000, duty_u16=0)
sensor = ADC(Pin(34), atten=ADC.ATTN_11DB)
memory = RTC().memory()
rings = 0

def ring(timer):
    global rings
    rings += 1

Timer(0, mode=Timer.PERIODIC, period=100, callback=ring)
watchdog = WDT(timeout=500)
print("cause", reset_cause(), memory)

def loop(tick):
    start = time.ticks_ms()
    while True:
        duty = half.of(sensor.read_uv() // 1000) + rings
        PLANT
        pump.duty_u16(duty)
        enable.toggle()
        if button.value() and time.ticks_diff(time.ticks_ms(), start) > 1 << 28:
            break
        time.sleep_ms(20)
        watchdog.feed()
        tick += 1

try:
    loop(1)
finally:
    pump.duty_u16(0)
"""
HALF = b"def of(x):\n    return x >> 1\n"


def given(tape: Tape, name: str, value: int) -> None:
    tape.given(INPUTS[name], value)


def made(tape: Tape, name: str, pin: int, value: int) -> None:
    tape.made(OUTPUTS[name], pin, value)


def record() -> Tape:
    """What the stand-in firmware does, and is given, in TICKS ticks; power goes off in the one after them."""
    tape = Tape()
    made(tape, "PIN_VALUE", 4, 0)
    made(tape, "PIN_VALUE", 6, 0)
    made(tape, "PWM_FREQ", 6, 20000)
    made(tape, "PWM_DUTY_U16", 6, 0)
    tape.rtc_read(b"mark!")
    made(tape, "WDT_TIMEOUT", 0, 500)
    given(tape, "RESET_CAUSE", 3)
    given(tape, "TICKS_MS", 2**30 - 7)  # the ticks wrap in the first tick
    rings = 0
    for tick in range(1, TICKS + 1):
        if tick == 100:
            tape.mark("running")
        given(tape, "ADC_MV", 150 + tick % 2300)
        made(tape, "PWM_DUTY_U16", 6, (150 + tick % 2300 >> 1) + rings)
        made(tape, "PIN_VALUE", 4, tick & 1)
        given(tape, "PIN_LEVEL", tick & 1)
        if tick & 1:
            given(tape, "TICKS_MS", tick * 20)
        if tick % 5 == 0:
            given(tape, "TIMER_FIRED", 0)
            rings += 1
        given(tape, "SLEEP", 20000)
        made(tape, "WDT_FEED", 0, 0)
    return tape


def run(plant: str = "pass", tape: Tape | None = None, **options) -> Replay:
    return replay(tape or record(), {"main.py": MAIN.replace("PLANT", plant).encode(), "lib_half/half.py": HALF}, 100, TICKS, **options)


def test_equal_outputs_pass_and_nothing_is_allocated() -> None:
    tape = record()
    result = run(tape=tape)
    assert result.difference is None, result
    assert (result.ticks, result.max_bytes_per_tick, result.allocating_ticks) == (TICKS, 0, [])
    assert result.inputs_used == len(tape.input_list())
    assert result.outputs_compared == len(tape.output_list())
    assert 0 < result.first_feed_bytes <= result.end_bytes
    assert "cause 3 b'mark!'" in result.printed


def test_a_wrong_output_is_caught_with_its_index_and_its_tick() -> None:
    result = run(f"duty += tick == {PLANTED}")
    index = 5 + 3 * (PLANTED - 1)
    assert result.outputs_compared == index
    assert result.difference is not None
    recorded = (150 + PLANTED % 2300 >> 1) + (PLANTED - 1) // 5
    assert result.difference.startswith(
        f"output {index} differs: expected PWM_DUTY_U16 pin 6 value {recorded}, "
        f"got PWM_DUTY_U16 pin 6 value {recorded + 1} in tick {PLANTED} ")


def test_the_first_difference_is_the_one_told_whatever_the_firmware_catches() -> None:
    result = run("""
        try:
            pump.duty_u16(65535)
        except Exception:
            pass
        finally:
            pump.duty_u16(1)""")
    assert result.difference is not None
    assert "got PWM_DUTY_U16 pin 6 value 65535 in tick 1 " in result.difference


def test_an_allocation_of_one_block_is_caught() -> None:
    made = {"[]": 32, "tick + 0.5": 16, "(tick, tick)": 16, "(1 << 30) + tick": 32}
    ticks = dict(enumerate(made, PLANTED))
    result = run("; ".join(f"x = {what} if tick == {tick} else 0" for tick, what in ticks.items()))
    assert result.difference is None
    assert result.allocating_ticks == [(tick, made[what]) for tick, what in ticks.items()]
    assert result.max_bytes_per_tick == 32


def test_looking_at_the_heap_every_few_ticks_misses_nothing() -> None:
    assert run("x = tick + 0.5 if tick == 1410 else 0", every=8).max_bytes_per_tick >= 16
    assert run(every=8).max_bytes_per_tick == 0


def test_an_allocation_of_every_tick_is_located_between_two_calls() -> None:
    result = run("x = (tick, tick) if tick >= 1410 else 0")
    assert result.max_bytes_per_tick == 16
    assert result.allocating_ticks[0] == (PLANTED, 16)
    assert len(result.allocating_places) == 10
    assert result.allocating_places[0].startswith("16 bytes before output ")
    assert result.allocating_places[0].endswith(" PWM_DUTY_U16 pin 6; the last output was WDT_FEED pin 0")


def test_allocations_outside_the_measured_ticks_do_not_count() -> None:
    result = run("x = (tick, tick) if tick < 100 else 0")
    assert (result.difference, result.max_bytes_per_tick) == (None, 0)


def test_an_input_that_was_not_asked_for_is_a_difference() -> None:
    result = run("sensor.read_u16()")
    assert result.difference is not None
    assert result.difference.startswith("input 6 differs: the tape has PIN_LEVEL 1, the firmware asks for ADC_U16 in tick 1 ")


def test_another_sleep_is_a_difference() -> None:
    result = run("time.sleep_ms(tick)")
    assert result.difference is not None
    assert "the firmware asks for SLEEP in tick 1 " in result.difference


def test_a_longer_sleep_is_a_difference() -> None:
    tape = record()
    sleep = INPUTS["SLEEP"]
    at = next(i for i in range(0, len(tape.inputs), 5) if tape.inputs[i] == sleep)
    tape.inputs[at + 1] += 1
    result = run(tape=tape)
    assert result.difference is not None
    assert "the tape has SLEEP 20001, the firmware 20000" in result.difference


def test_outputs_that_the_firmware_no_longer_makes_are_a_difference() -> None:
    tape = record()
    made(tape, "PIN_VALUE", 4, 1)
    result = run(tape=tape)
    assert result.difference is not None
    assert "the tape has 1 more outputs" in result.difference


def test_a_firmware_that_ends_early_is_a_difference() -> None:
    tape = record()
    result = replay(tape, {"main.py": b"print('over')"})
    assert (result.difference, result.printed) == ("main.py ended, the tape goes on", "over\n")


def test_a_firmware_that_raises_is_a_difference() -> None:
    result = replay(record(), {"main.py": b"import nowhere"})
    assert result.difference == "main.py raised ImportError: no module named 'nowhere'"
    assert 'File "main.py", line 1' in result.printed


def test_what_a_finally_does_after_an_exception_is_held_against_the_tape_too() -> None:
    result = run("if tick == 7: 1 // 0")
    assert result.difference is not None
    assert "got PWM_DUTY_U16 pin 6 value 0 in tick 7 " in result.difference


def test_the_same_bytes_of_code_run_as_mpy(tmp_path) -> None:
    (tmp_path / "half.py").write_bytes(HALF)
    files = {"main.py": MAIN.replace("PLANT", "pass").encode(), "lib_half/half.mpy": compiled(tmp_path / "half.py", "lib_half/half.py")}
    result = replay(record(), files, 100, TICKS)
    assert (result.difference, result.max_bytes_per_tick, result.ticks) == (None, 0, TICKS)


def test_a_mark_becomes_a_tick() -> None:
    assert ticks_at(record(), "running") == 99


def test_a_value_beyond_31_bits_is_refused_before_it_is_replayed() -> None:
    tape = record()
    given(tape, "TICKS_US", 2**30)
    with pytest.raises(ValueError, match="31-bit"):
        run(tape=tape)
