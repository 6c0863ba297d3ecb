"""Runs inside the VM: gives the recorded inputs to the fakes and holds every output against the recorded one.

Nothing here allocates once it is set up: the tape is read in pieces into fixed buffers, one column each, so that what a tick allocates
is the firmware's own. The first difference ends the replay: from then on every call raises `Ended`, a BaseException, so that neither an
`except Exception` nor a `finally` of the firmware can do anything more.
"""
import array

import replay_heap as heap
from micropython import const
from replay_kinds import CALLBACK_KINDS, INPUT_NAMES, OUTPUT_NAMES

_PIECE = const(4096)  # entries held at a time; a power of two
_MASK = const(_PIECE - 1)


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
inputs_total = outputs_total = 0
inputs_used = outputs_compared = 0
ticks = 0
difference = None


def start(inputs, outputs):
    """Set the length of the tape, in entries."""
    global inputs_total, outputs_total
    inputs_total = inputs
    outputs_total = outputs


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
    if heap.locating and inputs_used < inputs_total:
        heap.locate(inputs_used, outputs_compared, True)
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
    if heap.locating and outputs_compared < outputs_total:
        heap.locate(inputs_used, outputs_compared, False)
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
    """The watchdog was fed."""
    global ticks
    ticks += 1
    heap.tick_ended(ticks)


def result():
    """What there is to tell, as a dict for JSON."""
    told = heap.result()
    told.update({
        "difference": difference,
        "ticks": ticks,
        "inputs_used": inputs_used,
        "outputs_compared": outputs_compared,
    })
    return told
