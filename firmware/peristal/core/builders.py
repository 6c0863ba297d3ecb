"""Builders: the patterns the field uses, as programs for any number of zones. Zone 1 is the foot."""

from peristal.core.program import BOTH, HOLD, REACHED, TIME, VENT, Program

HOLD_MS = 8000
REST_MS = 8000
DWELL_MS = 4000


def sequential(zones):
    """Each zone fills after the one before and all hold until the last is full; then all vent together and rest."""
    program = Program("sequential", zones, "products with 4 zones; runners' guide: distal to proximal")
    for zone in range(zones):
        program.add([HOLD] * zone + [100] + [VENT] * (zones - zone - 1), REACHED)
    program.add([HOLD] * zones, TIME, HOLD_MS)
    program.add([VENT] * zones, REACHED)
    program.add([VENT] * zones, TIME, REST_MS)
    return program


def wave(zones):
    """A band of at most two zones travels up; the zone behind it is released as the next one fills."""
    program = Program("wave", zones, "peristaltic products: one or two neighbouring zones at a time")
    for zone in range(zones):
        program.add([HOLD if other == zone - 1 else 100 if other == zone else VENT for other in range(zones)], REACHED)
        program.add([HOLD if zone - 1 <= other <= zone else VENT for other in range(zones)], TIME, DWELL_MS)
    program.add([VENT] * zones, BOTH, REST_MS)
    return program


# The order is the program number that a button or an app counts through.
BUILDERS = (("sequential", sequential), ("wave", wave))


def names():
    """Names of all programs, in the order of their numbers."""
    return [name for name, _ in BUILDERS]


def build(name, zones):
    """The program of a name for legs of 1..6 zones; KeyError for an unknown name."""
    for known, builder in BUILDERS:
        if known == name:
            return builder(zones)
    raise KeyError("program: %r is not known; allowed: %s" % (name, ", ".join(names())))
