"""The four builders: each adds the steps of its pattern to a program of 1 to 6 zones. Zone 1 is the foot, zone 0 in the code.

What a parameter means, its unit and range stand in the table of modes.py.
"""

from peristal.core.program import BOTH, HOLD, RAMP, REACHED, TIME, VENT

FULL = 100
FIT = 12  # percent: a pre-filled zone lies close, below the 15 mmHg at which it counts as pressed
BREATH_MS = 500  # between squeeze and release of a pulse


def _band(program, first, zone, share, above=VENT):
    """Actions: zones before `first` are vented, those up to `zone` hold, `zone` gets a share, those above it another action."""
    first = max(0, first)
    return [VENT] * first + [HOLD] * (zone - first) + [share] + [above] * (program.zones - zone - 1)


def _go(program, actions, ramp_ms):
    """A step that is over when all zones are there: in a straight line where a ramp is asked for, else as fast as it goes."""
    if ramp_ms:
        program.add(actions, BOTH + RAMP, ramp_ms)
    else:
        program.add(actions, REACHED)


def _rest(program, p):
    """All zones down together, then their rest."""
    nothing = [VENT] * program.zones
    _go(program, nothing, p["down_ms"])
    program.add(nothing, TIME, p["rest_ms"])


def sequential(program, p):
    """Each zone fills after the one before (or so long after its start) and all hold until the last is full; then all vent."""
    last = program.zones - 1
    after_ms = p["start_ms"]
    for zone in range(program.zones):
        actions = _band(program, 0, zone, FULL)
        if after_ms:
            program.add(actions, TIME, after_ms if zone < last else p["hold_ms"])
            after_ms += p["later_ms"]
        else:
            _go(program, actions, p["ramp_ms"])
    if not after_ms:
        program.add([HOLD] * program.zones, TIME, p["hold_ms"])
    _rest(program, p)


def wave(program, p):
    """A band of one or two zones travels up; the zone behind it is released as the next one fills."""
    for zone in range(program.zones):
        first = zone + 1 - p["band"]
        _go(program, _band(program, first, zone, FULL), p["ramp_ms"])
        program.add(_band(program, first, zone, HOLD), TIME, p["hold_ms"])
    _rest(program, p)


def pulse(program, p):
    """After a pre-fill each zone is squeezed and eased a few times, then squeezed and held; at most the two before it hold."""
    last = program.zones - 1
    program.add([FIT] * program.zones, REACHED)
    for zone in range(program.zones):
        squeeze = _band(program, zone - 2, zone, FULL, HOLD)
        program.add(squeeze, BOTH, BREATH_MS)
        program.add(_band(program, zone - 2, zone, p["ease_percent"], HOLD), BOTH, BREATH_MS)
        program.repeat(2, p["pulses"])
        program.add(squeeze, BOTH, BREATH_MS)
    program.add([HOLD] * program.zones, TIME, p["hold_ms"])
    for zone in range(max(1, last - 1), program.zones):  # what lies further out is released first
        program.add(_band(program, zone, last, HOLD), REACHED)
    _rest(program, p)


def uniform(program, p):
    """All zones together, or one zone alone: up, hold, down, rest."""
    up, hold = [FULL] * program.zones, [HOLD] * program.zones
    if p["zone"]:
        zone = min(p["zone"], program.zones) - 1
        up, hold = _band(program, zone, zone, FULL), _band(program, zone, zone, HOLD)
    _go(program, up, p["ramp_ms"])
    program.add(hold, TIME, p["hold_ms"])
    _rest(program, p)
