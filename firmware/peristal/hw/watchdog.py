"""The watchdog: resets the chip when a tick has not fed it for 500 ms. It cannot be stopped, only stretched."""

from machine import WDT

from peristal.core.limits import WATCHDOG_MS

REPL_MS = 3600000
PAIRING_MS = 5000


class Watchdog:
    """feed() last in a healthy tick. A reset leaves PWM running: main.py and the 12 V enable end that."""

    def __init__(self):
        self._wdt = WDT(timeout=WATCHDOG_MS)

    def feed(self):
        """Everything above was healthy."""
        self._wdt.feed()

    def stretch(self, on):
        """A longer time while keys are made and stored, or the usual one again."""
        self._wdt = WDT(timeout=PAIRING_MS if on else WATCHDOG_MS)


def stretch():
    """An hour for a person at the REPL; the outputs must be safe before."""
    WDT(timeout=REPL_MS)
