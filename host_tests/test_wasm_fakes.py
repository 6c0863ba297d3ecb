"""The VM as a board: its fakes agree with the simulator's call by call, its files fail with a board's numbers, and it cannot hang a run."""
import pytest

from tools.simulator.chip import Chip
from tools.simulator.flash import Flash
from tools.simulator.tape import Tape
from tools.wasm.rig import replay
from tools.wasm.vm import VmError, run_script


def test_the_files_of_the_device_have_the_error_numbers_of_a_board() -> None:
    main = b"""
import os
def number(call, *args):
    try:
        call(*args)
    except OSError as error:
        return error.errno
os.mkdir("/store")
with open("/store/a.tmp", "wb") as file:
    file.write(b"new")
os.rename("/store/a.tmp", "store/a")
os.sync()
print(number(open, "/none"), number(os.mkdir, "/store"), number(os.stat, "x"), os.listdir("/store"), os.listdir())
os.chdir("store")
print(os.getcwd(), open("a").read(), open("/store/a").read(), number(open, "main.py"))
for name in ("logging", "abc", "datetime"):
    try:
        __import__(name)
        print("has", name)
    except ImportError as error:
        print(error)
"""
    result = replay(Tape(), {"main.py": main})
    assert result.difference is None, result
    assert result.printed.splitlines() == [
        "2 17 2 ['a'] ['main.py', 'store']",
        "/store new new 2",
        *(f"no module named '{name}'" for name in ("logging", "abc", "datetime")),
    ]


def test_a_vm_that_does_not_end_is_stopped() -> None:
    with pytest.raises(VmError, match="did not end within 2 s"):
        run_script("/main.py", {"/main.py": b"while True: pass"}, timeout_s=2)


def test_a_script_that_raises_leaves_its_traceback() -> None:
    result = run_script("/main.py", {"/main.py": b"print('before')\n1 // 0\n"})
    assert result.printed == "before\n"
    assert "line 2" in result.traceback
    assert "ZeroDivisionError" in result.traceback


EVERY_CALL = """
import machine, micropython, time, neopixel, binascii
from machine import ADC, PWM, Pin, RTC, Timer, WDT

led = neopixel.NeoPixel(Pin(13), 2)
led.fill((1, 2, 3))
led[1] = (255, 0, 300)
led.write()
a = Pin(4, Pin.OUT, value=1)
a.off(); a.on(); a(0); a.value(True); a.toggle(); a.init(Pin.OUT, value=0)
same = Pin(4)
same.toggle()
print(same is a, a(), same.value())
Pin(18, Pin.OUT, value=0)
pump = PWM(Pin(18), freq=20000, duty_u16=0)
pump.duty_u16(4000); pump.duty(500); pump.duty_ns(10000)
pump.freq(1000); pump.freq(1000)
print(pump.freq())
pump.init(freq=20000, duty_u16=7)
pump.init(duty_ns=20)
pump.freq(5000)
pump.deinit()
pump.deinit()
pump.init()
PWM(Pin(19))
again = PWM(18, duty=3)
adc = ADC(Pin(34), atten=ADC.ATTN_11DB)
adc.atten(ADC.ATTN_6DB)
print(adc.read_uv(), adc.read_u16(), adc.read())
rtc = RTC()
print(rtc.memory())
rtc.memory(b"seven bytes and more")
print(rtc.memory(), machine.reset_cause(), machine.unique_id())
print(time.time(), time.gmtime()[:6], time.time_ns() > 0, time.gmtime(86400)[:3], time.mktime((2000, 1, 2, 0, 0, 0, 0, 0)))
rung = []
def ring(timer):
    rung.append(time.ticks_ms())
    a.toggle()
timer = Timer(1)
timer.init(mode=Timer.PERIODIC, period=7, callback=ring)
one = Timer(2, mode=Timer.ONE_SHOT, period=30, callback=lambda t: rung.append(-1))
micropython.schedule(lambda what: rung.append(what), "queued")
time.sleep_ms(20)
time.sleep_us(-5)
time.sleep(0.03)
with open("note", "w") as file:
    file.write("x" * 5000)
print(open("note").read(3), rung)
timer.deinit()
print(time.ticks_us(), time.ticks_add(time.ticks_ms(), -2000), time.ticks_diff(3, time.ticks_us()))
wdt = WDT(timeout=400)
while True:
    machine.idle()
    print(len(rung), adc.read_uv())
    wdt.feed()
    time.sleep_ms(50)
"""


class Wires:
    """A board on which nothing happens."""

    def advance(self, dt_us: int) -> None:
        pass

    def output(self, gpio: int, duty_u16: int) -> None:
        pass

    def adc_mv(self, gpio: int) -> float:
        return 800.0

    def level(self, gpio: int) -> int:
        return 1


def test_the_fakes_of_the_vm_and_those_of_the_simulator_make_the_same_of_every_call() -> None:
    chip = Chip("esp32", Flash({"main.py": EVERY_CALL.encode()}), Wires(), start_ticks_ms=2**30 - 320, seed=3)
    chip.tape = Tape()
    chip.at(2_000_000, chip.power_off)
    chip.run()
    assert chip.tape.output_list()[-1][0] == "WDT_FEED", chip.console
    result = replay(chip.tape, {"main.py": EVERY_CALL.encode()})
    assert result.difference is None, result.printed + str(result.difference)
    assert result.printed.splitlines() == chip.console
    assert result.ticks > 10
