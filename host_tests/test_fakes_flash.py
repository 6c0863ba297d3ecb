"""Files: errors by number, time a write takes, what a power cut leaves."""

import pytest

from host_tests.chip_bench import Wires, chip_with, run, says
from tools.simulator.chip import Chip
from tools.simulator.flash import Flash


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("open('none')", "OSError: 2"),
        ("open('no/where', 'w')", "OSError: 2"),
        ("open('lib')", "OSError: 21"),
        ("open('main.py', 'q')", "ValueError"),
        ("open('main.py').write('x')", "OSError: 22"),
        ("os.remove('none')", "OSError: 2"),
        ("os.rename('none', 'x')", "OSError: 2"),
        ("os.mkdir('lib')", "OSError: 17"),
        ("os.rmdir('lib')", "OSError: 39"),
        ("os.stat('none')", "OSError: 2"),
        ("os.listdir('none')", "OSError: 2"),
        ("os.listdir()", "['lib', 'main.py']"),
        ("list(os.ilistdir('/lib'))", "[('x.py', 32768, 0, 3)]"),
        ("os.stat('lib/x.py')[6]", "3"),
        ("os.replace('a', 'b')", "AttributeError"),
        ("open('main.py', 'rb').read(7)", "b'import '"),
        ("FileNotFoundError", "NameError"),
    ],
)
def test_answers(expression: str, answer: str) -> None:
    assert says(expression, files={"lib/x.py": "abc"}).startswith(answer)


def test_a_write_takes_80_ms_for_each_4_kb_begun() -> None:
    main = """
        import time, os
        with open("x", "wb") as f:
            f.write(b"")
        t = time.ticks_ms()
        f = open("x", "wb")
        f.write(bytes(4097))
        print(time.ticks_diff(time.ticks_ms(), t))
        f.close()
        print(time.ticks_diff(time.ticks_ms(), t))
        t = time.ticks_ms()
        os.rename("x", "y")
        print(time.ticks_diff(time.ticks_ms(), t), os.listdir())
    """
    assert run(main, seconds=2).console == ["0", "160", "80 ['main.py', 'y']"]


def test_timer_callbacks_wait_for_the_end_of_a_write() -> None:
    main = """
        import time
        from machine import Timer
        t = time.ticks_ms()
        Timer(0, mode=0, period=10, callback=lambda timer: print(time.ticks_diff(time.ticks_ms(), t)))
        open("x", "w").close()
        time.sleep_ms(100)
    """
    assert run(main).console == ["160"]  # the new file's entry, then its content


def test_nothing_is_on_the_flash_before_close() -> None:
    chip = run("f = open('x', 'w')\nf.write('lost')")
    assert chip.flash.files["x"] == b""


SAVE = """
import os
with open("tmp", "w") as f:
    f.write("NEWNEWNEW")
os.rename("tmp", "settings")
print("saved")
"""


@pytest.mark.parametrize("tear", ["old", "partial"])
@pytest.mark.parametrize("operation", range(4))
def test_temp_file_then_rename_survives_a_cut_at_every_operation(tear: str, operation: int) -> None:
    chip = chip_with(SAVE, files={"settings": "OLD"})
    chip.flash.cut_after(operation, tear)
    chip.at(5_000_000, chip.power_off)
    chip.run()
    finished = operation == 3
    assert chip.flash.files["settings"] == (b"NEWNEWNEW" if finished else b"OLD")
    assert chip.console == (["saved"] if finished else [])
    if operation == 1:
        assert chip.flash.files["tmp"] == (b"NEWN" if tear == "partial" else b"")


def test_the_flash_outlives_the_chip_and_power_cycles() -> None:
    flash = Flash({"main.py": "n = int(open('n').read())\nopen('n', 'w').write(str(n + 1))\nprint(n)\n", "n": "1"})
    flash.put("main.py", "n = int(open('n').read())\nf = open('n', 'w')\nf.write(str(n + 1))\nf.close()\nprint(n)")
    for expected in ("1", "2"):
        chip = Chip("esp32", flash, Wires())
        chip.at(1_000_000, chip.power_off)
        chip.run()
        assert chip.console == [expected]
    chip.power_cycle()
    chip.at(2_000_000, chip.power_off)
    chip.run()
    assert chip.console == ["2", "3"]


def test_a_full_flash_is_enospc() -> None:
    assert says("open('big', 'w').write('x' * 5_000_000)", setup="").isdigit()  # buffered
    main = "f = open('big', 'w')\nf.write('x' * 5_000_000)\ntry:\n  f.close()\nexcept OSError as e:\n  print(e)"
    assert run(main, seconds=3).console == ["28"]
