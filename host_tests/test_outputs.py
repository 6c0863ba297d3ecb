"""The last step before the pins: what is written, what never is, and what the deadman leaves behind."""

from __future__ import annotations

import pytest

from host_tests.chip_bench import Chip, run
from peristal.core.limits import DEADMAN_MS
from tools.simulator import boards

FULL_U16 = 65535
MOST_U16 = 65503  # the LEDC makes 100 % by inverting the pad: never written
STEP_U16 = 64  # of the PWM's 10 bits

BENCH = """
from board import BOARD
from peristal.core.net import Net
from peristal.hw.outputs import Outputs

class Drive:
    pass

net = Net(BOARD)
outputs = Outputs(net)
drive = Drive()

def write(valves, pump, keep=True):
    drive.duty_permille = valves if isinstance(valves, list) else [valves] * net.n_valves
    drive.pump_permille = pump
    outputs.write(drive, keep)

class Counting:
    def __init__(self, part, before=None):
        self.part, self.before, self.calls = part, before, 0

    def duty_u16(self, duty):
        self.struck()
        self.part.duty_u16(duty)

    def value(self, level):
        self.struck()
        self.part.value(level)

    def struck(self):
        self.calls += 1
        if self.before and not outputs.locked:
            self.before()
"""


def bench(script: str, board: str = "esp32_manifold", without_enable: bool = False) -> Chip:
    """Runs these lines after BENCH, with outputs and a drive of their own."""
    source = boards.source(board)
    pin = boards.load(board).supply.enable_pin
    if without_enable:
        assert f"enable_pin={pin}, " in source
        source = source.replace(f"enable_pin={pin}, ", "")
    chip = run(BENCH + script, kind=boards.load(board).chip, files={"board.py": source})
    assert not any("Error" in line for line in chip.console), chip.console
    return chip


def pads(chip: Chip, board: str = "esp32_manifold") -> list[int]:
    """What pump and valves have now."""
    known = boards.load(board)
    return [chip.wiring.now.get(pin, 0) for pin in (known.pump.pin, *(valve.pin for _, valve in known.valves()))]


@pytest.mark.parametrize("board", boards.names())
def test_a_pwm_output_gets_its_share_and_never_quite_all_and_a_plain_one_is_on_or_off(board):
    known = boards.load(board)
    drives = [known.pump.drive, *(valve.drive for _, valve in known.valves())]
    for permille in (1000, 500, 0):
        chip = bench(f"write(1000, 1000)\nwrite({permille}, {permille})", board)
        wanted = [permille * MOST_U16 // 1000 if drive == "pwm" else FULL_U16 if permille else 0 for drive in drives]
        seen = pads(chip, board)
        assert seen == pytest.approx(wanted, abs=STEP_U16)
        assert all(duty < FULL_U16 for duty, drive in zip(seen, drives, strict=True) if drive == "pwm")


def test_each_output_has_its_own_duty():
    count = len(boards.load("esp32_manifold").valves())
    chip = bench(f"write([100 + 10 * valve for valve in range({count})], 700)")
    wanted = [700, *(100 + 10 * valve for valve in range(count))]
    assert pads(chip) == pytest.approx([permille * MOST_U16 // 1000 for permille in wanted], abs=STEP_U16)


def test_what_did_not_change_is_not_written_again():
    chip = bench("""
write(500, 300)
count = outputs._pwm[0] = Counting(outputs._pwm[0])
for _ in range(5):
    write(500, 300)
print(count.calls)
write(500, 400)
write(500, 400)
print(count.calls)
""")
    assert chip.console == ["0", "1"]


def edges(chip: Chip) -> int:
    enable = boards.load("esp32_manifold").supply.enable_pin
    return sum(gpio == enable for _, gpio, _ in chip.wiring.outputs)


def test_the_enable_is_toggled_by_each_write_and_only_while_the_12_v_may_stay():
    assert edges(bench("for _ in range(10):\n    write(0, 0)")) == 10
    assert edges(bench("for _ in range(10):\n    write(0, 0, False)")) == 0


def test_a_board_without_an_enable_works_without_one():
    chip = bench("write(500, 300)\nprint(drive.pump_permille)\noutputs.all_off()\nprint(outputs.locked)", without_enable=True)
    assert chip.console == ["300", "True"] and not any(pads(chip))


@pytest.mark.parametrize("board", ("esp32_manifold", "esp32s3_independent"))
def test_all_off_is_everything_low_and_stays_so_until_it_is_unlocked(board):
    known = boards.load(board)
    chip = bench("write(1000, 1000)\noutputs.all_off()\nfor _ in range(5):\n    write(1000, 1000)", board)
    assert not any(pads(chip, board)) and not chip.wiring.now[known.supply.enable_pin]
    assert len([1 for _, _, duty in chip.wiring.outputs if duty]) == len(pads(chip, board)) + 1, "nothing was switched on again"
    chip = bench("write(1000, 1000)\noutputs.all_off()\noutputs.unlock()\nwrite(1000, 1000)", board)
    assert all(pads(chip, board)), "the same duty as before is written again"


def test_an_enable_that_was_high_is_low_after_all_off():
    for writes in (1, 2):
        chip = bench(f"for _ in range({writes}):\n    write(0, 0)\noutputs.all_off()")
        assert chip.wiring.now[boards.load("esp32_manifold").supply.enable_pin] == 0


@pytest.mark.parametrize("board, slot", (("esp32_manifold", 0), ("esp32_manifold", 1), ("esp32s3_independent", 0)))
def test_a_deadman_that_strikes_before_or_while_an_output_is_written_leaves_nothing_on(board, slot):
    """It runs between bytecodes: also between the look at `locked` and the write, and between two outputs."""
    chip = bench(f"outputs._pwm[{slot}] = Counting(outputs._pwm[{slot}], outputs.all_off)\nwrite(1000, 1000)", board)
    assert not any(pads(chip, board))
    if slot == 1:
        struck = boards.load(board).valves()[0][1].pin
        assert {gpio for _, gpio, duty in chip.wiring.outputs if duty} <= {struck}, "the others were not even touched"


def test_a_plain_output_that_was_written_into_a_strike_is_low_again():
    board = "esp32s3_independent"
    plain = [valve.drive for _, valve in boards.load(board).valves()].index("on_off") + 1
    script = f"pin = outputs._pins[{plain}]\noutputs._pins[{plain}] = Counting(pin, outputs.all_off)"
    chip = bench(script + "\nwrite(1000, 1000)", board)
    assert not any(pads(chip, board))


DEADMAN = """
from time import sleep_ms, ticks_ms
from peristal.hw.deadman import Deadman

deadman = Deadman(outputs)
deadman.start()

def alive(ms):
    for _ in range(ms // 20):
        deadman.renew(ticks_ms())
        write(500, 500)
        sleep_ms(20)
"""


def test_the_deadman_lets_a_loop_alone_that_renews_it_and_strikes_one_that_does_not():
    chip = bench(DEADMAN + "alive(400)\nprint(deadman.fired)\nsleep_ms(80)\nprint(deadman.fired)\nsleep_ms(60)\nprint(deadman.fired)")
    assert chip.console == ["False", "False", "True"] and DEADMAN_MS == 100
    assert not any(pads(chip))


def test_the_deadman_waits_for_100_ms_and_no_more_than_a_period_longer():
    chip = bench(DEADMAN + "alive(200)\nfrom time import ticks_diff\nlast = deadman._renewed_ms\n"
                 "while not outputs.locked:\n    sleep_ms(1)\nprint(ticks_diff(ticks_ms(), last))")  # fmt: skip
    assert 100 < int(chip.console[-1]) <= 122


def test_a_deadman_that_has_struck_waits_until_the_loop_has_seen_it_and_strikes_again():
    chip = bench(DEADMAN + """alive(100)
sleep_ms(150)
outputs.unlock()
sleep_ms(60)
print(outputs.locked)
deadman.rearm()
alive(100)
print(deadman.fired)
sleep_ms(150)
print(deadman.fired, outputs.locked)
""")  # fmt: skip
    assert chip.console == ["False", "False", "True True"]


def test_a_deadman_that_was_made_long_before_it_is_started_does_not_strike_at_once():
    chip = bench("from time import sleep_ms\nfrom peristal.hw.deadman import Deadman\ndeadman = Deadman(outputs)\nsleep_ms(300)\n"
                 "deadman.start()\nsleep_ms(60)\nprint(deadman.fired)\ndeadman.stop()\nsleep_ms(300)\nprint(deadman.fired)")  # fmt: skip
    assert chip.console == ["False", "False"]


def test_a_deadman_that_was_stopped_looks_no_more_and_what_was_still_to_come_of_it_strikes_nothing():
    """A callback that was scheduled before the timer was stopped comes after it."""
    chip = bench("""
from time import sleep_ms
from peristal.hw.deadman import Deadman

class Watched(Deadman):
    looks = 0

    def _watch(self, timer):
        self.looks += 1
        super()._watch(timer)

deadman = Watched(outputs)
deadman.start()
sleep_ms(70)
deadman.stop()
looks = deadman.looks
sleep_ms(300)
print(looks, deadman.looks)
deadman._watch(None)
print(deadman.fired, outputs.locked)
""")
    assert chip.console == ["3 3", "False False"]
