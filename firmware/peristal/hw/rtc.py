"""RTC memory: outlives the watchdog, panics and soft resets, not a loss of power. It keeps the marker and the journal."""

from machine import RTC, reset_cause

from peristal.core.marker import ORDERLY, Marker


def start_up():
    """The marker of this start-up, with the reset before it judged, and that reset's cause."""
    cause = reset_cause()
    marker = _marker()
    marker.begin(cause)
    return marker, cause


def leave():
    """Whatever reset comes from here on is wanted."""
    _marker().intend(ORDERLY)


def _marker():
    memory = RTC().memory
    return Marker(memory(), memory)
