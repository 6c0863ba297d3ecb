"""Replays a tape: puts the fakes in place, runs main.py as a board does, and prints the result as one line of JSON.

A module in sys.modules wins over the VM's own of that name (`time`, `micropython`), and over none (`machine`).
"""
import builtins
import gc
import json
import os
import sys

sys.path[:] = ["/rig"]
gc.disable()  # what is allocated stays counted

import fake_esp32  # noqa: E402
import fake_machine  # noqa: E402
import fake_micropython  # noqa: E402
import fake_neopixel  # noqa: E402
import fake_select  # noqa: E402
import fake_sys  # noqa: E402
import fake_time  # noqa: E402
import replay_heap as heap  # noqa: E402
import replay_tape as tape  # noqa: E402
import replay_vfs  # noqa: E402

RESULT = "@replay "  # what tools/wasm/rig.py looks for


_print = builtins.print


def _say(result):
    _print(RESULT + json.dumps(result))


def _excused_print(*words):
    """A line that is said costs its text: the tick in which it leaves is the line's, like one in which somebody types."""
    heap.excuse()
    _print(*words)


def main():
    with open("/rig/job.json") as file:
        job = json.load(file)
    tape.start(job["inputs"], job["outputs"])
    heap.start(job["first_tick"], job["last_tick"], job["every"])
    for name, fake in (("esp32", fake_esp32), ("machine", fake_machine), ("micropython", fake_micropython),
                       ("neopixel", fake_neopixel), ("select", fake_select), ("sys", fake_sys), ("time", fake_time)):
        sys.modules[name] = fake
    builtins.print = _excused_print
    os.sync = lambda: None  # a board has it, the VM does not
    os.umount("/")
    os.mount(replay_vfs.BoardVfs(), "/")
    sys.path[:] = ["", "/lib"]  # without .frozen: the VM has modules there that a board has not
    try:
        with open("main.py") as file:
            source = file.read()
        exec(compile(source, "main.py", "exec"), {"__name__": "__main__"})
        tape.end(None if tape.inputs_used == tape.inputs_total else "main.py ended, the tape goes on")
    except tape.Ended:
        _say(tape.result())
    except BaseException as error:
        sys.print_exception(error)
        result = tape.result()
        result["difference"] = "main.py raised {}: {}".format(type(error).__name__, error)
        _say(result)


main()
