"""Replays a tape on a real board, whose pins stay untouched: the fakes stand in front of its machine, its radio and its clock.

Runs from the raw REPL after a soft reset, with the rig in /rig and the firmware as it was flashed. What the firmware stores meanwhile goes
to /rig/flash. Prints one line of JSON: the first difference, tick times by the board's own clock, and the heap.
"""
import gc
import json
import os
import sys
import time as clock

ticks_us = clock.ticks_us
ticks_diff = clock.ticks_diff
SHOWN_MS = 64  # longer ticks count as this long

os.chdir("/rig/flash")

import fake_esp32  # noqa: E402
import fake_machine  # noqa: E402
import fake_micropython  # noqa: E402
import fake_neopixel  # noqa: E402
import fake_select  # noqa: E402
import fake_sys  # noqa: E402
import fake_time  # noqa: E402
import replay_heap as heap  # noqa: E402
import replay_tape as tape  # noqa: E402

_counts = [0] * (SHOWN_MS + 1)  # ticks by milliseconds
_last_us = 0
_worst_us = 0
_least_free = 1 << 30


def _tick_ended(tick):
    global _last_us, _worst_us, _least_free
    now = ticks_us()
    if tick > 1:
        took = ticks_diff(now, _last_us)
        if took > _worst_us:
            _worst_us = took
        _counts[min(SHOWN_MS, took // 1000)] += 1
    if tick % 50 == 0:
        free = gc.mem_free()
        if free < _least_free:
            _least_free = free
        now = ticks_us()
    _last_us = now


def _at(share_permille):
    """Milliseconds below which this share of the ticks ended."""
    wanted = sum(_counts) * share_permille // 1000
    for ms in range(SHOWN_MS + 1):
        wanted -= _counts[ms]
        if wanted < 0:
            return ms
    return SHOWN_MS


def run():
    with open("/rig/job.json") as file:
        job = json.load(file)
    tape.start(job["inputs"], job["outputs"])
    heap.tick_ended = _tick_ended
    for name, fake in (("esp32", fake_esp32), ("machine", fake_machine), ("micropython", fake_micropython),
                       ("neopixel", fake_neopixel), ("select", fake_select), ("sys", fake_sys), ("time", fake_time)):
        sys.modules[name] = fake
    sys.path[0] = ""
    sys.path.append("/")
    from peristal import ble

    ble.radio = lambda *given: None  # the tape was recorded without one
    difference = None
    try:
        import main  # noqa: F401  (it runs when it is imported)

        difference = None if tape.inputs_used == tape.inputs_total else "main.py ended, the tape goes on"
    except tape.Ended:
        difference = tape.difference
    except BaseException as error:
        difference = "main.py raised {}: {}".format(type(error).__name__, error)
    gc.collect()
    print("@replay " + json.dumps({
        "difference": difference, "ticks": tape.ticks, "inputs": tape.inputs_used, "outputs": tape.outputs_compared,
        "median_ms": _at(500), "p99_ms": _at(990), "worst_ms": _worst_us // 1000, "least_free": _least_free, "free": gc.mem_free(),
    }))


run()
