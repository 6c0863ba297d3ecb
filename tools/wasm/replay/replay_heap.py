"""Runs inside the VM: what each tick allocates, and where in the tick. Allocates nothing itself.

gc.mem_alloc() walks the whole heap, so it is asked once a tick (or every few ticks, which takes a third less time and says as well that
there was nothing: what is allocated stays in use), in the measured ticks only; after a tick that allocated it is asked at
every call of a fake for a few ticks, which tells between which two calls the same thing happens again.
"""
import array
import gc

from micropython import const

_SHOWN = const(10)
_LOCATED_TICKS = const(25)

locating = False
_first_tick = _last_tick = 0
_every = 1
_in_use = 0
_at_call = 0
_locate_until = 0
_ticks = array.array("i", bytearray(4 * _SHOWN))
_bytes = array.array("i", bytearray(4 * _SHOWN))
_count = 0
_places = array.array("i", bytearray(16 * _SHOWN))
_place_count = 0
_excused = False
excused_ticks = 0
max_bytes_per_tick = 0
first_feed_bytes = 0


def start(first_tick, last_tick, every):
    """Set the ticks (counted from 1, both included) in which allocations are looked for, after each `every` of them."""
    global _first_tick, _last_tick, _every
    _first_tick = first_tick
    _last_tick = last_tick
    _every = every


def excuse():
    """Somebody typed, or a line is said: what this tick allocates is the line's."""
    global _excused
    _excused = True


def tick_ended(tick):
    """Tick number `tick` is over."""
    global _in_use, _at_call, _count, max_bytes_per_tick, first_feed_bytes, locating, _locate_until, _excused, excused_ticks
    if tick == 1:
        first_feed_bytes = gc.mem_alloc()
    if tick + 1 < _first_tick or tick > _last_tick:
        locating = False
        return
    if _every > 1 and (tick + 1 - _first_tick) % _every and tick != _last_tick:
        return
    now = gc.mem_alloc()
    grown = now - _in_use
    if tick < _first_tick:  # what was said before is nobody's business
        _excused = False
    if _excused:
        _excused = False
        excused_ticks += 1
    elif tick >= _first_tick and grown > 0:
        if _count < _SHOWN:
            _ticks[_count] = tick
            _bytes[_count] = grown
            _count += 1
        if grown > max_bytes_per_tick:
            max_bytes_per_tick = grown
        if not _locate_until:
            _locate_until = tick + _LOCATED_TICKS
    locating = tick < _locate_until and _place_count < _SHOWN
    _in_use = _at_call = now


def locate(input_index, output_index, is_input):
    """A fake is called whose next entries on the tape are these: what was allocated since the call before it?"""
    global _at_call, _place_count
    now = gc.mem_alloc()
    if now > _at_call and _place_count < _SHOWN:
        place = 4 * _place_count
        _places[place] = now - _at_call
        _places[place + 1] = input_index
        _places[place + 2] = output_index
        _places[place + 3] = 1 if is_input else 0
        _place_count += 1
    _at_call = now


def result():
    """What there is to tell, as a dict for JSON."""
    return {
        "max_bytes_per_tick": max_bytes_per_tick,
        "excused_ticks": excused_ticks,
        "allocating_ticks": [[_ticks[i], _bytes[i]] for i in range(_count)],
        "allocating_places": [list(_places[4 * i : 4 * i + 4]) for i in range(_place_count)],
        "first_feed_bytes": first_feed_bytes,
        "end_bytes": gc.mem_alloc(),
    }
