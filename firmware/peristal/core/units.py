"""Pascals inside, mmHg where a person looks, the one place that converts; and the tables in which they stand."""

from array import array

NONE = 255  # "no such valve, zone or sensor" in byte tables


def pa(mmhg):
    """Pascals of a whole number of mmHg (-8000..8000; 1 mmHg = 133.322 Pa)."""
    return mmhg * 133322 // 1000


def mmhg(pressure_pa):
    """Whole mmHg, rounded, of a pressure in Pa (-800000..800000)."""
    return (pressure_pa * 10 + 667) // 1333


def clamp(value, low, high):
    """The nearest value in low..high."""
    if value < low:
        return low
    if value > high:
        return high
    return value


def zeros(count):
    """A table of whole numbers (-2**31..2**31 - 1), 0 each. In __init__ only: a tick allocates nothing."""
    return array("i", [0] * count)
