"""The simulated serial port: when bytes arrive, what gets lost, what waits, and what printing costs."""

import pytest

from host_tests.chip_bench import chip_with, run, says

SETUP = "import select\np = select.poll()\np.register(sys.stdin, select.POLLIN)\n"


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("select.POLLIN, select.POLLOUT, select.POLLERR, select.POLLHUP", "(1, 4, 8, 16)"),
        ("list(p.ipoll(0)), p.poll(0), p.poll(5)", "([], [], [])"),
        ("p.ipoll(0) is p", "True"),
        ("p.register(3)", "OSError: stream operation not supported"),
        ("p.modify(sys.stdout, 1)", "OSError: 2"),
        ("p.unregister(sys.stdin), p.unregister(sys.stdin)", "(None, None)"),
        ("p.ipoll(timeout=0)", "TypeError"),
        ("p.ipoll(0.5)", "TypeError"),
        ("p.register(sys.stdin) or p.poll(0)[0][1]", "4"),  # without a mask it is always ready to be written to
        ("sys.stdin.fileno", "AttributeError"),
        ("select.epoll", "AttributeError"),
    ],
)
def test_answers(expression, answer):
    assert says(f"({expression})", SETUP).startswith(answer)


def typed(main, text, at_s=0.5, seconds=1.0):
    chip = chip_with("import select, sys, time\n" + main)
    chip.at(int(at_s * 1e6), lambda: chip.type(text))
    chip.at(int(seconds * 1e6), chip.power_off)
    chip.run()
    return chip


def test_bytes_arrive_at_115200_baud():
    main = "p = select.poll()\np.register(sys.stdin, select.POLLIN)\ntime.sleep_ms(200)\nprint(p.poll(0))\n"
    main += "b = bytearray(20)\nprint(sys.stdin.readinto(b), b, time.ticks_us() - 500000)"
    chip = typed(main, "0123456789\r" + "x" * 9)
    assert chip.console[0] == "[]"
    count, text, after_us = chip.console[1].split(" ")
    assert count == "20" and text == "bytearray(b'0123456789\\nxxxxxxxxx')", "a carriage return of the text stream is a line feed"
    assert 20 * 87 <= int(after_us) < 20 * 87 + 200, "readinto() waits until its buffer is full"


def test_the_buffer_keeps_carriage_returns():
    assert typed("print(sys.stdin.buffer.read(3))", "a\rb").console == ["b'a\\rb'"]


def test_a_text_read_waits_for_the_rest_of_a_character():
    main = "print(repr(sys.stdin.read(1)), time.ticks_ms())"
    assert typed(main, "é").console[0].startswith("'é' 50")
    assert typed(main, b"\xff", seconds=5).console == [], "one byte that begins no character: it waits for four more"
    assert typed(main, b"\xffabcd").console[-1].startswith("UnicodeError")


def test_what_comes_while_259_bytes_wait_is_lost():
    chip = typed("time.sleep_ms(600)\nb = bytearray(259)\nsys.stdin.readinto(b)\nprint(b[-1])", bytes([7] * 258 + [8] + [9] * 50))
    assert chip.console == ["8"]
    assert chip.serial.lost_bytes == 50


def test_a_reset_forgets_what_had_arrived():
    main = "import machine\nif machine.reset_cause() == 1:\n  time.sleep_ms(300)\n  machine.reset()\n"
    main += "p = select.poll()\np.register(sys.stdin, select.POLLIN)\nprint(p.poll(0))"
    assert typed(main, "abc", 0.4, 2).console == ["[]"]


def test_ctrl_c_interrupts_and_never_gets_into_the_buffer():
    main = "try:\n  time.sleep(2)\nexcept KeyboardInterrupt:\n  print('interrupted', time.ticks_ms())\nprint(sys.stdin.read(2))"
    assert typed(main, "a\x03b").console == ["interrupted 500", "ab"]
    assert typed("import micropython\nmicropython.kbd_intr(-1)\nprint(repr(sys.stdin.read(3)))", "a\x03b").console == ["'a\\x03b'"]


def test_printing_takes_no_time_while_the_transmit_buffer_has_room():
    main = """
        import time
        a = time.ticks_us()
        print('x' * 126)
        b = time.ticks_us()
        print('x' * 126)
        print(b - a, time.ticks_us() - b)
    """
    first, second = run(main).console[-1].split()
    assert int(first) == 1
    assert 128 * 87 - 10 < int(second) <= 128 * 87 + 2
