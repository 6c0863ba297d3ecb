"""The virtual clock: ticks and their wrap, sleeps, timers, the watchdog, Ctrl-C and hangs."""

import pytest

from host_tests.chip_bench import Wires, chip_with, run, says
from tools.simulator.chip import Chip
from tools.simulator.flash import Flash
from tools.simulator.signals import Inject


def test_ticks_wrap_and_differences_do_not() -> None:
    main = """
        import time
        a = time.ticks_ms()
        b = time.ticks_us()
        time.sleep_ms(500)
        print(a > time.ticks_ms(), time.ticks_diff(time.ticks_ms(), a), time.ticks_diff(time.ticks_us(), b) // 1000)
    """
    assert run(main, start_ticks_ms=2**30 - 400).console == ["True 500 500"]


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("time.ticks_diff(0, 2**29)", "-536870912"),
        ("time.ticks_diff(2**29 - 1, 0)", "536870911"),
        ("time.ticks_diff(5, 2**30 - 5)", "10"),
        ("time.ticks_add(2**30 - 1, 2)", "1"),
        ("time.ticks_add(0, -1)", "1073741823"),
        ("time.ticks_add(0, 2**29)", "OverflowError: ticks interval overflow"),
        ("time.ticks_diff(1.0, 0)", "TypeError: can't convert float to int"),
        ("time.sleep_ms(1.5)", "TypeError: can't convert float to int"),
        ("time.monotonic()", "AttributeError: module 'time' has no attribute 'monotonic'"),
        ("time.gmtime(0)", "(2000, 1, 1, 0, 0, 0, 5, 1)"),
        ("Timer(4)", "ValueError: invalid Timer number, max 4"),
        ("Timer(-1, period=9)", "ValueError: period too small for soft timer"),
        ("Timer(0, period=9, hard=True)", "ValueError: hard Timers are not implemented"),
        ("Timer(0, mode=Timer.ONE_SHOT, perriod=9)", "TypeError"),
        ("(Timer(0) is Timer(0), Timer(-1) is Timer(-1))", "(True, False)"),
        ("WDT(timeout=0)", "ValueError: WDT timeout too short"),
        ("WDT(1)", "ValueError"),
        ("WDT(timeout=500).deinit()", "AttributeError"),
    ],
)
def test_answers(expression: str, answer: str) -> None:
    assert says(expression).startswith(answer)


def test_a_c3_has_two_timers() -> None:
    assert says("Timer(2)", kind="esp32c3") == "ValueError: invalid Timer number, max 2"


def test_time_passes_in_reads_and_sleeps_and_physics_comes_in_small_pieces() -> None:
    chip = run(
        "from machine import ADC\nimport time\nt = time.ticks_us()\na = ADC(32)\n"
        "for _ in range(10): a.read_uv()\nprint(time.ticks_us() - t)"
    )
    assert chip.console == ["501"]
    assert chip.wiring.t_us == chip.now_us == 1_000_000
    assert chip.wiring.longest_us <= 5000


def test_soft_timers_run_in_sleeps_and_one_that_raises_is_printed_and_goes_on() -> None:
    main = """
        import time
        from machine import Timer
        def tick(timer):
            times.append(time.ticks_ms())
            raise ValueError("late")
        times = []
        start = time.ticks_ms()
        Timer(0, period=100, callback=tick)
        once = Timer(1, mode=Timer.ONE_SHOT, period=50, callback=lambda t: times.append(-1))
        time.sleep_ms(350)
        print([t - start if t > 0 else t for t in times])
        once.init(mode=Timer.ONE_SHOT, period=20, callback=lambda t: print("never"))
        once.deinit()
        time.sleep_ms(30)
    """
    chip = run(main)
    assert chip.console.count("ValueError: late") == 6  # they go on in the REPL, to the end
    assert "[-1, 100, 200, 300]" in chip.console
    assert "never" not in chip.console


def test_callbacks_do_not_interrupt_each_other() -> None:
    main = """
        import time
        from machine import Timer
        order = []
        def slow(timer):
            order.append("slow")
            time.sleep_ms(50)
            order.append("done")
        Timer(0, mode=0, period=10, callback=slow)
        Timer(1, mode=0, period=20, callback=lambda t: order.append("quick"))
        time.sleep_ms(100)
        print(order)
    """
    assert run(main).console == ["['slow', 'done', 'quick']"]


def test_watchdog_resets_unless_fed_and_a_second_one_changes_its_time() -> None:
    main = """
        from machine import WDT, reset_cause
        import time
        print(reset_cause())
        dog = WDT(timeout=100)
        for _ in range(5):
            time.sleep_ms(90)
            dog.feed()
        WDT(timeout=300)
        time.sleep_ms(250)
        print("still here")
        time.sleep_ms(100)
        print("never")
    """
    chip = run(main, seconds=1.4)
    assert chip.console[:3] == ["1", "still here", "3"]
    assert "never" not in chip.console


def test_watchdog_goes_on_after_main_has_ended() -> None:
    assert run("from machine import WDT\nWDT(timeout=100)", seconds=1.0).starts == 3


@pytest.mark.parametrize(("where", "ticks"), [("python", 3), ("c", 0)])
def test_hangs(where: str, ticks: int) -> None:
    main = """
        from machine import Timer, WDT
        import stuck
        Timer(0, period=100, callback=lambda t: print("tick"))
        WDT(timeout=350)
        try:
            stuck.here()
        finally:
            print("cleanup")
    """
    chip = chip_with(main, files={"stuck.py": ""})
    chip.on_import("stuck", lambda module: setattr(module, "here", lambda: chip.hang(where)))
    chip.at(800_000, chip.power_off)
    chip.run()
    assert chip.starts == 2
    assert chip.console == ["tick"] * ticks


def test_ctrl_c_gets_through_a_python_hang_and_not_through_a_c_one() -> None:
    main = "import stuck\ntry:\n  stuck.here()\nexcept KeyboardInterrupt:\n  print('caught')"
    for where, console in (("python", ["caught"]), ("c", [])):
        chip = chip_with(main, files={"stuck.py": ""})
        chip.on_import("stuck", lambda module, chip=chip, where=where: setattr(module, "here", lambda: chip.hang(where)))
        chip.at(400_000, lambda: (_ for _ in ()).throw(KeyboardInterrupt))
        chip.at(2_000_000, chip.power_off)
        chip.run()
        assert chip.console == console


def _ctrl_c() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_during_start_up_waits_for_main_and_uncaught_ends_in_the_repl() -> None:
    chip = chip_with("import time\ntime.sleep(1)")
    chip.at(100_000, _ctrl_c)
    chip.at(900_000, chip.power_off)
    chip.run()
    assert chip.in_repl
    assert chip.console == ["Traceback (most recent call last):", '  File "main.py", line 2, in <module>', "KeyboardInterrupt: "]


def test_ctrl_c_can_be_switched_off() -> None:
    chip = chip_with("import time, micropython\nmicropython.kbd_intr(-1)\ntime.sleep_ms(100)\nprint('whole')")
    chip.at(350_000, _ctrl_c)
    chip.at(900_000, chip.power_off)
    chip.run()
    assert chip.console == ["whole"]


def test_an_injected_error_comes_out_of_the_call_and_an_error_of_the_host_does_not() -> None:
    chip = chip_with("import time\ntry:\n  time.sleep(1)\nexcept OSError as e:\n  print('got', e)")

    def fail() -> None:
        raise Inject(OSError(5))

    chip.at(400_000, fail)
    chip.at(900_000, chip.power_off)
    chip.run()
    assert chip.console == ["got 5"]
    chip = chip_with("import time\ntry:\n  time.sleep(1)\nexcept:\n  print('swallowed')")
    chip.at(400_000, lambda: {}["mistake of the test"])
    with pytest.raises(KeyError, match="mistake of the test"):
        chip.run()
    assert chip.console == []


def test_an_error_in_the_wiring_ends_the_run() -> None:
    wires = Wires()
    wires.adc_mv = lambda gpio: 1 / 0  # type: ignore[method-assign]
    main = "from machine import ADC\na = ADC(32)\nwhile True:\n  try:\n    a.read_uv()\n  except Exception:\n    pass"
    with pytest.raises(ZeroDivisionError):
        Chip("esp32", Flash({"main.py": main}), wires).run()


def test_standing_still_for_ever_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="nothing is scheduled"):
        chip_with("pass").run()


def test_scheduled_callbacks_and_their_full_queue() -> None:
    main = """
        import micropython, time
        try:
            for i in range(9):
                micropython.schedule(print, i)
        except RuntimeError as error:
            print(error)
        time.sleep_ms(1)
    """
    assert run(main).console == ["schedule queue full", "0", "1", "2", "3", "4", "5", "6", "7"]
