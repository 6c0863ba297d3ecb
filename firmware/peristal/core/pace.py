"""How well the loop keeps its time: the longest tick, the longest period, and how many ticks took longer than theirs."""

from peristal.core.limits import TICK_MS

LONG_COUNT = 1 << 28


class Pace:
    """tick() after each tick that wrote no file. worst_ms: work; worst_period_ms: from tick to tick, so its jitter is what is over 20.

    in_a_row counts the late ticks since the last one that was in time.
    """

    def __init__(self):
        self.worst_ms = 0
        self.worst_period_ms = 0
        self.late = 0
        self.ticks = 0
        self.in_a_row = 0

    def tick(self, work_ms, period_ms):
        """One more; whether it was late."""
        self.ticks = min(self.ticks + 1, LONG_COUNT)
        if work_ms > self.worst_ms:
            self.worst_ms = work_ms
        if period_ms > self.worst_period_ms:
            self.worst_period_ms = period_ms
        if work_ms > TICK_MS:
            self.late = min(self.late + 1, LONG_COUNT)
            self.in_a_row += 1
            return True
        self.in_a_row = 0
        return False
