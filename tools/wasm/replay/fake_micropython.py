"""`micropython` in the VM: its own, with what only the ESP32 has, and callbacks that run where the tape says."""
import replay_tape as tape
from micropython import const, heap_lock, heap_unlock, kbd_intr, mem_info, opt_level, qstr_info, stack_use  # noqa: F401
from replay_kinds import IN_SCHEDULED

_queue = []


def alloc_emergency_exception_buf(size):
    """The VM raises from its heap; there is no interrupt here that would need the buffer."""


def schedule(function, argument):
    _queue.append((function, argument))


def _run_scheduled(_value):
    if not _queue:
        tape.end("the tape has a scheduled callback, the firmware scheduled none")
    function, argument = _queue.pop(0)
    function(argument)


tape.on_callback(IN_SCHEDULED, _run_scheduled)
