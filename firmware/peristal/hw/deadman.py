"""The deadman: the one thing beside the loop. When the loop has not renewed it for 100 ms, everything goes safe.

It catches a loop that hangs in Python. It cannot catch a hang below Python (a soft timer runs between bytecodes): that is
the watchdog's work, and the 12 V enable's.
"""

from time import ticks_diff, ticks_ms

from machine import Timer

from peristal.core.limits import DEADMAN_MS

PERIOD_MS = 20


class Deadman:
    """renew() in every tick; fired stays true until rearm()."""

    def __init__(self, outputs):
        self.fired = False
        self._outputs = outputs
        self._on = False  # what the timer had scheduled before it was stopped may still come
        self._renewed_ms = ticks_ms()
        self._timer = Timer(0)

    def start(self):
        """Begins to watch."""
        self._renewed_ms = ticks_ms()
        self._on = True
        self._timer.init(period=PERIOD_MS, mode=Timer.PERIODIC, callback=self._watch)

    def stop(self):
        """Stops watching; the outputs stay as they are."""
        self._on = False
        self._timer.deinit()

    def _watch(self, _timer):
        if self._on and not self.fired and ticks_diff(ticks_ms(), self._renewed_ms) > DEADMAN_MS:
            self.fired = True
            self._outputs.all_off()

    def renew(self, now_ms):
        """The loop is alive."""
        self._renewed_ms = now_ms

    def rearm(self):
        """The loop has seen that it fired."""
        self.fired = False
