"""The firmware's world: what can be imported, what Python the device lacks, and how a start-up ends."""

import os
from pathlib import Path
from typing import Any

import pytest

from host_tests.chip_bench import chip_with, run, says
from tools.simulator.tape import Tape


@pytest.mark.parametrize(
    "name", ["enum", "dataclasses", "typing", "abc", "functools", "contextlib", "itertools", "bisect", "logging", "board", "re.x"]
)
def test_what_the_device_has_not_cannot_be_imported(name: str) -> None:
    assert run(f"import {name}").console[-1].startswith("ImportError: no module named")


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("isinstance(True, int), isinstance(True, bool), isinstance(1, (bool, int))", "(False, True, True)"),
        ("struct.pack('<B', 300)", "b','"),
        ("struct.pack('<bH', 200, -1)", "b'\\xc8\\xff\\xff'"),
        ("struct.pack('<HH', 1)", "b'\\x01\\x00\\x00\\x00'"),
        ("struct.pack('<B', 1, 2)", "b'\\x01'"),
        ("struct.calcsize('l')", "4"),
        ("struct.pack_into('<I', bytearray(3), 0, 1)", "ValueError: buffer too small"),
        ("struct.unpack('<H', b'x')", "ValueError: buffer too small"),
        ("struct.Struct('<H')", "AttributeError"),
        ("struct.error", "AttributeError"),
        ("vars()", "NameError"),
        ("sys.implementation.name", "'micropython'"),
        ("sys.platform", "'esp32'"),
        ("sys.setrecursionlimit(9)", "AttributeError"),
        ("micropython.native", "AttributeError"),
        ("gc.mem_free() > 50000", "True"),
        ("RTC().memory(bytes(2049))", "ValueError: buffer too long"),
        ("machine.freq(1)", "ValueError: frequency must be"),
    ],
)
def test_answers(expression: str, answer: str) -> None:
    assert says(f"({expression})").startswith(answer)


def test_temperature_has_the_name_of_the_chip() -> None:
    assert says("__import__('esp32').raw_temperature()") == "113"
    assert says("__import__('esp32').raw_temperature()", kind="esp32s3").startswith("AttributeError")


@pytest.mark.parametrize(
    "source", ["match 1:\n  case 1: pass", "def f(a, /): pass", "try:\n  pass\nexcept* ValueError:\n  pass", "x = = 1", "a\0b"]
)
def test_syntax_the_device_refuses(source: str) -> None:
    assert run(source).console[-1].startswith("SyntaxError: ")


def test_annotations_are_not_evaluated() -> None:
    assert run("def f(x: Unknown) -> Other: return x\ny: Nothing = 3\nprint(f(y))").console == ["3"]


def test_packages_the_flash_before_the_firmware_folder_and_a_fresh_world_each_time(tmp_path: Path) -> None:
    (tmp_path / "pack" / "inner").mkdir(parents=True)
    (tmp_path / "pack" / "__init__.py").write_text("loaded = 1")
    (tmp_path / "pack" / "one.py").write_text("from .inner import two\nfrom pack.inner.two import value")
    (tmp_path / "pack" / "inner" / "two.py").write_text("value = 'folder'")
    (tmp_path / "main.py").write_text(
        "import pack.one\nfrom pack import one\nprint(one.value, pack.loaded)\npack.loaded = 9\nimport machine\nmachine.reset()"
    )
    chip = chip_with("", firmware=tmp_path)
    del chip.flash.files["main.py"]
    chip.at(700_000, lambda: chip.flash.put("pack/inner/two.py", "value = 'flash'"))
    chip.at(1_000_000, chip.power_off)
    chip.run()
    assert chip.console == ["folder 1", "folder 1", "flash 1"]


def test_a_failed_import_can_be_tried_again_and_prints_where_it_failed() -> None:
    chip = run("try:\n  import bad\nexcept ValueError:\n  pass\nimport bad", files={"bad.py": "\nraise ValueError('no')"})
    assert chip.console == [
        "Traceback (most recent call last):",
        '  File "main.py", line 5, in <module>',
        '  File "bad.py", line 2, in <module>',
        "ValueError: no",
    ]


def test_an_uncaught_error_leaves_the_outputs_and_time_goes_on() -> None:
    chip = run("from machine import Pin\nPin(4, Pin.OUT, value=1)\nraise OSError(5)", seconds=2)
    assert chip.wiring.now == {4: 65535}
    assert chip.wiring.t_us == 2_000_000
    assert chip.in_repl
    assert chip.console[-1] == "OSError: 5"


def test_an_empty_main_ends_in_the_repl() -> None:
    assert run("").in_repl


@pytest.mark.parametrize("end", ["machine.reset()", "time.sleep(1)"])
def test_a_chip_in_reset_or_off_runs_no_handler(end: str) -> None:
    main = f"""
        import machine, time, notes
        from machine import Pin
        Pin(4, Pin.OUT, value=1)
        if machine.reset_cause() == machine.HARD_RESET:
            raise SyntaxError
        try:
            try:
                {end}
            except:
                notes.note("bare")
        except BaseException:
            notes.note("base")
        finally:
            Pin(4, Pin.OUT, value=0)
            notes.note("after the pin")
    """
    notes: list[str] = []
    chip = chip_with(main, files={"notes.py": ""})
    chip.on_import("notes", lambda module: setattr(module, "note", notes.append))
    chip.at(900_000, chip.power_off)
    chip.run()
    assert notes == []
    assert chip.wiring.now == {4: 65535}


def test_rtc_memory_survives_a_reset_and_no_power_loss() -> None:
    chip = chip_with("import machine\nr = machine.RTC()\nm = r.memory()\nprint(m)\nr.memory(m + b'x')\nif len(m) < 2: machine.reset()")
    chip.at(2_000_000, chip.power_off)
    chip.run()
    chip.power_cycle()
    chip.at(2_000_000 + 310_000, chip.power_off)
    chip.run()
    assert chip.console == ["b''", "b'x'", "b'xx'", "b''"]


def test_sys_exit_is_a_soft_reset_that_drops_pwm_and_keeps_pins_and_the_watchdog() -> None:
    main = """
        import machine, sys, time
        print(machine.reset_cause())
        if machine.reset_cause() == machine.PWRON_RESET:
            machine.Pin(4, machine.Pin.OUT, value=1)
            machine.PWM(5, duty_u16=30000)
            machine.WDT(timeout=400)
            sys.exit()
        time.sleep(1)
    """
    chip = run(main, seconds=0.6)
    assert chip.console == ["1", "MPY: soft reboot", "5"]
    assert (chip.wiring.now[4], chip.wiring.now[5]) == (65535, 0)
    assert run(main, seconds=1.2).console[-1] == "3"


def test_a_hook_plants_a_fault_in_a_firmware_module() -> None:
    chip = chip_with("import part\nprint(part.value())", files={"part.py": "def value(): return 1"})
    chip.on_import("part", lambda module: setattr(module, "value", lambda: 2))
    chip.at(500_000, chip.power_off)
    chip.run()
    assert chip.console == ["2"]


def test_the_neopixel_shows_at_write() -> None:
    chip = run(
        "from machine import Pin\nfrom neopixel import NeoPixel\nn = NeoPixel(Pin(48), 1)\n"
        "n[0] = (1, 2, 300)\nn.write()\nn.fill((9, 9, 9))",
        kind="esp32s3",
    )
    assert chip.pixels == {48: [(1, 2, 44)]}


TAPED = """
import machine, time, neopixel
from machine import Pin, PWM, ADC, WDT, RTC, Timer
machine.reset_cause()
RTC().memory()
valve = PWM(Pin(18, Pin.OUT, value=0), freq=20000, duty_u16=0)
dog = WDT(timeout=500)
Timer(1, mode=0, period=15, callback=lambda t: Pin(5, Pin.OUT).on())
ADC(32).read_uv()
Pin(21, Pin.IN, Pin.PULL_UP)()
valve.duty_u16(65535)
time.sleep_ms(20)
time.ticks_us()
time.ticks_ms()
dog.feed()
"""


def test_the_tape_has_what_was_given_and_made_in_order() -> None:
    chip = chip_with(TAPED, adc_noise_mv=0)
    chip.tape = Tape()
    chip.rtc_memory = b"\x01\x02\x03\x04"
    chip.wiring.mv[32] = 500
    chip.at(400_000, chip.power_off)
    chip.run()
    assert chip.tape.input_list() == [
        ("RESET_CAUSE", 1),
        ("RTC_LENGTH", 4),
        ("RTC_BYTES", 0x030201),
        ("RTC_BYTES", 4),
        ("ADC_MV", 500),
        ("PIN_LEVEL", 1),
        ("TIMER_FIRED", 1),
        ("SLEEP", 20000),
        ("TICKS_US", 320052),
        ("TICKS_MS", 320),
    ]
    assert chip.tape.output_list() == [
        ("PIN_VALUE", 18, 0),
        ("PWM_FREQ", 18, 20000),
        ("PWM_DUTY_U16", 18, 0),
        ("WDT_TIMEOUT", 0, 500),
        ("PWM_DUTY_U16", 18, 65535),
        ("PIN_VALUE", 5, 1),
        ("WDT_FEED", 0, 0),
    ]


def test_a_run_can_be_forked_inside_a_host_event() -> None:
    chip = chip_with("import time\nn = 0\nwhile True:\n  time.sleep_ms(20)\n  n += 1")
    results: list[Any] = []

    def split() -> None:
        read, write = os.pipe()
        child = os.fork()
        if child == 0:

            def tell() -> None:
                os.write(write, str(chip.module("__main__").n).encode())

            chip.at(600_000, tell)
            chip.at(600_001, lambda: os._exit(0))
            return
        os.close(write)
        results.append(os.read(read, 100))
        os.waitpid(child, 0)
        os.close(read)

    chip.at(400_000, split)
    chip.at(1_000_000, chip.power_off)
    chip.run()
    assert results == [b"14"]
    assert chip.module("__main__").n == 34
