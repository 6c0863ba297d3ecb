"""Every limit in one table: (lowest, default, highest, unit, where the number comes from).

The safety figures are the project's own, anchored on automatic cuffs (IEC 80601-2-30), on products (20-110 mmHg)
and on the lowest leg occlusion pressure measured (160 mmHg).
"""

LIMITS = {
    "pressure_mmhg": (20, 55, 100, "mmHg", "consumer boots work at 20-110 mmHg"),
    "minutes": (1, 20, 60, "min", "reviewed trials: 20-30 min; 60 is the longest protocol"),
    "cap_mmhg": (20, 120, 120, "mmHg", "absolute cap, well below leg occlusion (160 mmHg at the lowest); a wearer may set a lower one"),
    "boost_mmhg": (10, 10, 10, "mmHg", "products add 10 to one zone"),
    "trim_mmhg": (0, 0, 20, "mmHg", "too tight here: 5 less each time"),
    "first_sessions": (3, 3, 3, "sessions", "runners' guide: a first week, of 2-3 sessions, to find the tolerance"),
    "first_mmhg": (60, 60, 60, "mmHg", "runners' guide, first week: 40-60 mmHg"),
    "pace_percent": (50, 100, 150, "%", "of a program's own; rests stay as they are"),
    "trip_mmhg": (130, 130, 130, "mmHg", "cap and the sensor's error; vents whatever the target was"),
    "over_mmhg": (15, 15, 15, "mmHg", "above a zone's target; limb movement adds 5-20 for up to 2 s"),
    "line_over_mmhg": (20, 20, 20, "mmHg", "above the line's ceiling while air flows"),
    "released_mmhg": (15, 15, 15, "mmHg", "automatic cuffs deflate to 15 mmHg"),
    "drift_mmhg": (8, 8, 8, "mmHg", "a sensor's zero against its commissioning zero"),
    "calibrate_mmhg": (40, 60, 100, "mmHg", "a sphygmomanometer reads best in the middle of its range"),
    "gain_permille": (960, 1000, 1040, "permille", "sensor datasheets: +-2 to 2.5 %, and the reading of the manometer"),
    "quiet_permille": (400, 600, 900, "permille", "pump duty in quiet mode; the cycle stretches"),
    "pressed_s": (20, 90, 120, "s", "a zone above 15 mmHg; 90 by default, 120 ever"),
    "rest_s": (5, 5, 60, "s", "each zone below 15 mmHg in every cycle"),
    "fill_s": (5, 60, 90, "s", "one fill of one zone; 90 with a pump below 4 L/min"),
    "relief_ms": (3000, 3000, 3000, "ms", "a zone may stay over its target while it is being relieved"),
    "trip_ms": (50, 50, 50, "ms", "above the trip before everything vents"),
    "latch_ms": (500, 500, 500, "ms", "above the trip with the vent open before it latches"),
}

CAP_MMHG = LIMITS["cap_mmhg"][2]
TICK_MS = 20
DEADMAN_MS = 100
WATCHDOG_MS = 500
PRESSURE_STEP_MMHG = 5
TRIM_STEP_MMHG = 5


def lowest(name):
    """The lowest allowed value of a limit."""
    return LIMITS[name][0]


def default(name):
    """The value of a limit where nothing else was chosen."""
    return LIMITS[name][1]


def highest(name):
    """The highest allowed value of a limit."""
    return LIMITS[name][2]


def fill_ms(flow_ml_min):
    """The longest fill of one zone with a pump of this flow: the longer limit is for pumps below 4 L/min."""
    return (highest("fill_s") if flow_ml_min < 4000 else default("fill_s")) * 1000


def refuse(name, value):
    """Why a value is refused (a line naming the allowed range), or None when it is allowed."""
    low, _, high, unit, _ = LIMITS[name]
    return outside(name, value, low, high, " " + unit)


def outside(name, value, low, high, unit=""):
    """The same for a range that is narrower than the table's; unit (with a space before it) may say why."""
    if isinstance(value, int) and low <= value <= high:
        return None
    if low > high:
        return "%s: %r is not allowed; allowed: nothing: at least %d, and at most %d%s" % (name, value, low, high, unit)
    return "%s: %r is not allowed; allowed: %d to %d%s" % (name, value, low, high, unit)
