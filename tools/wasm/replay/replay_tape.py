"""Runs inside the VM: gives the recorded inputs to the fakes and holds every output against the recorded one.

Nothing here allocates once it is set up: the tape is read in pieces into fixed buffers, one column each, so that what a tick allocates
is the firmware's own. The first difference ends the replay: from then on every call raises `Ended`, a BaseException, so that neither an
`except Exception` nor a `finally` of the firmware can do anything more.
"""
import array
import gc

from micropython import const
from replay_kinds import CALLBACK_KINDS, INPUT_NAMES, OUTPUT_NAMES

_PIECE = const(4096)  # entries held at a time; a power of two
_MASK = const(_PIECE - 1)
_SHOWN = const(10)  # ticks that allocated, named in the result


class Ended(BaseException):
    """The tape is used up, or an output differs."""


class _Column:
    """One column of the tape: its file, and the piece of it that is in memory."""

    def __init__(self, path, typecode, size):
        self._file = open(path, "rb")  # read until the replay ends
        self.piece = array.array(typecode, bytearray(_PIECE * size))

    def fill(self):
        self._file.readinto(self.piece)


_in_kind = _Column("/rig/tape/in_kind", "B", 1)
_in_value = _Column("/rig/tape/in_value", "i", 4)
_out_kind = _Column("/rig/tape/out_kind", "B", 1)
_out_pin = _Column("/rig/tape/out_pin", "B", 1)
_out_value = _Column("/rig/tape/out_value", "i", 4)

_callbacks = {}
_over = None  # the Ended that was raised
_first_tick = _last_tick = 0
_allocated = 0
_slow_tick = array.array("i", bytearray(4 * _SHOWN))
_slow_bytes = array.array("i", bytearray(4 * _SHOWN))
_slow_count = 0
inputs_total = outputs_total = 0
inputs_used = outputs_compared = 0
ticks = 0
max_bytes_per_tick = 0
first_feed_bytes = 0
difference = None


def start(inputs, outputs, first_tick, last_tick):
    """Set the length of the tape, and the ticks (counted from 1, both included) in which allocations are looked for."""
    global inputs_total, outputs_total, _first_tick, _last_tick
    inputs_total = inputs
    outputs_total = outputs
    _first_tick = first_tick
    _last_tick = last_tick


def on_callback(kind, run):
    """`run(value)` is called where the tape says that a callback of this kind ran."""
    _callbacks[kind] = run


def end(text):
    """Stop here; `text` is None when the tape was used up."""
    global _over, difference
    if _over is None:
        _over = Ended(text)
        difference = text
    raise _over


def _at():
    return "in tick {} (input {}, output {})".format(ticks + 1, inputs_used, outputs_compared)


def given(kind):
    """The value that the tape has for a call of this kind; the callbacks that ran inside the call run first."""
    global inputs_used
    if _over is not None:
        raise _over
    while True:
        if inputs_used == inputs_total:
            if outputs_compared < outputs_total:
                end("the tape has {} more outputs, the firmware asks for {} {}".format(
                    outputs_total - outputs_compared, INPUT_NAMES[kind], _at()))
            end(None)
        slot = inputs_used & _MASK
        if slot == 0:
            _in_kind.fill()
            _in_value.fill()
        recorded = _in_kind.piece[slot]
        value = _in_value.piece[slot]
        if recorded == kind:
            inputs_used += 1
            return value
        if recorded not in CALLBACK_KINDS:
            end("input {} differs: the tape has {} {}, the firmware asks for {} {}".format(
                inputs_used, INPUT_NAMES[recorded], value, INPUT_NAMES[kind], _at()))
        inputs_used += 1
        _callbacks[recorded](value)
        if _over is not None:
            raise _over


def passed(kind, argument):
    """A call that returns nothing but whose argument is on the tape as an input (a sleep)."""
    value = given(kind)
    if value != argument:
        end("input {} differs: the tape has {} {}, the firmware {} {}".format(
            inputs_used - 1, INPUT_NAMES[kind], value, argument, _at()))


def made(kind, pin, value):
    """Hold an output against the tape."""
    global outputs_compared
    if _over is not None:
        raise _over
    if outputs_compared == outputs_total:
        if inputs_used == inputs_total:
            end(None)
        end("the tape has no more outputs, the firmware makes {} pin {} value {} {}".format(OUTPUT_NAMES[kind], pin, value, _at()))
    slot = outputs_compared & _MASK
    if slot == 0:
        _out_kind.fill()
        _out_pin.fill()
        _out_value.fill()
    if _out_kind.piece[slot] != kind or _out_pin.piece[slot] != pin or _out_value.piece[slot] != value:
        end("output {} differs: expected {} pin {} value {}, got {} pin {} value {} {}".format(
            outputs_compared, OUTPUT_NAMES[_out_kind.piece[slot]], _out_pin.piece[slot], _out_value.piece[slot],
            OUTPUT_NAMES[kind], pin, value, _at()))
    outputs_compared += 1


def tick_ended():
    """The watchdog was fed. gc.mem_alloc() walks the whole heap, so it is asked in the measured ticks only."""
    global ticks, _allocated, max_bytes_per_tick, _slow_count, first_feed_bytes
    ticks += 1
    if ticks == 1:
        first_feed_bytes = gc.mem_alloc()
    if ticks + 1 < _first_tick or ticks > _last_tick:
        return
    now = gc.mem_alloc()
    if ticks >= _first_tick:
        grown = now - _allocated
        if grown > 0 and _slow_count < _SHOWN:
            _slow_tick[_slow_count] = ticks
            _slow_bytes[_slow_count] = grown
            _slow_count += 1
        if grown > max_bytes_per_tick:
            max_bytes_per_tick = grown
    _allocated = now


def result():
    """What there is to tell, as a dict for JSON."""
    return {
        "difference": difference,
        "ticks": ticks,
        "inputs_used": inputs_used,
        "outputs_compared": outputs_compared,
        "max_bytes_per_tick": max_bytes_per_tick,
        "allocating_ticks": [[_slow_tick[i], _slow_bytes[i]] for i in range(_slow_count)],
        "first_feed_bytes": first_feed_bytes,
        "end_bytes": gc.mem_alloc(),
    }
