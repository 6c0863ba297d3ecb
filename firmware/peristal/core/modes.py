"""The modes people pick: rows of parameters for four builders, for legs of 1 to 6 zones. Names are neutral, none is a trademark."""

from peristal.core.borrow import borrow
from peristal.core.program import ZONES, Program

# name: (lowest, default, highest, unit); what each is stands in PROGRAMS.md
PARAMETERS = {
    "start_ms": (0, 0, 30000, "ms"),
    "later_ms": (0, 0, 5000, "ms"),
    "ramp_ms": (0, 0, 30000, "ms"),
    "down_ms": (0, 0, 30000, "ms"),
    "hold_ms": (500, 8000, 60000, "ms"),
    "rest_ms": (5000, 8000, 60000, "ms"),
    "less_mmhg": (0, 0, 10, "mmHg"),
    "band": (1, 2, 2, "zones"),
    "pulses": (3, 3, 5, "times"),
    "ease_percent": (0, 40, 60, "%"),
    "zone": (0, 0, ZONES, ""),
}

# The order is the program number that a button or an app counts through.
MODES = (
    ("sequential", "sequential", {}, "products with 4 zones; runners' guide: distal to proximal"),
    ("wave", "wave", {"hold_ms": 4000, "rest_ms": 6000}, "peristaltic products: one or two neighbours at a time"),
    ("gradient", "sequential", {"less_mmhg": 8}, "clinical sleeves; Kamm 1986: 5-10 mmHg between neighbours"),
    ("smooth", "sequential", {"ramp_ms": 6000, "hold_ms": 500, "down_ms": 12000}, "runners' guide, races: slow ramps and no pauses"),
    ("flush", "sequential", {"hold_ms": 1000, "rest_ms": 5000}, "products' quick flush: distal to proximal, no long hold"),
    ("pulse", "pulse", {"hold_ms": 4000}, "products that pulse: pre-fill, pulses, hold, distal release"),
    ("uniform", "uniform", {}, "products' boost: all zones together"),
    ("interval", "uniform", {"hold_ms": 20000, "rest_ms": 20000}, "products' interval: full squeeze and full rest"),
    ("isolate", "uniform", {"zone": 2, "hold_ms": 10000}, "products' isolation: one zone alone"),
    (
        "slow",
        "uniform",
        {"ramp_ms": 20000, "hold_ms": 26000, "down_ms": 20000, "rest_ms": 28000},
        "lymph practice: 50 s up, 50 s down",
    ),
    (
        "staggered",
        "sequential",
        {"start_ms": 2500, "later_ms": 500, "hold_ms": 5500, "rest_ms": 20000},
        "clinical: starts at 0, 2.5, 5.5 s, vent at 11 s, rest 20 s",
    ),
)


def names():
    """Names of all modes, in the order of their numbers."""
    return [row[0] for row in MODES]


def build(name, zones, **chosen):
    """The program of a mode for legs of 1..6 zones, with parameters of one's own.

    KeyError for an unknown name or parameter, ValueError for a value out of its range; both say what is allowed.
    """
    known = {row[0]: row for row in MODES}
    if name not in known:
        raise KeyError("program: %r is not known; allowed: %s" % (name, ", ".join(names())))
    _, builder, values, source = known[name]
    parameters = {key: row[1] for key, row in PARAMETERS.items()}
    parameters.update(values)
    for key, value in chosen.items():
        if key not in parameters:
            raise KeyError("%s: is not known; allowed: %s" % (key, ", ".join(sorted(parameters))))
        low, _, high, unit = PARAMETERS[key]
        if not low <= value <= high:
            raise ValueError("%s: %d is not allowed; allowed: %d to %d %s" % (key, value, low, high, unit))
        parameters[key] = value
    program = Program(name, zones, source)
    for zone in range(zones):
        program.less_mmhg[zone] = zone * parameters["less_mmhg"]
    getattr(borrow("core.builders"), builder)(program, parameters)
    return program
