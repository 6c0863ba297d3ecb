"""The time of day, as far as a client has told it. It is forgotten when the power goes."""

# 2024 to 2100, in s since 1970: beyond the 31 bits of a small integer, so it is only asked at rest.
EARLIEST_S = 1704067200
LATEST_S = 4102444800


class Clock:
    """up_s: whole seconds since power-on."""

    def __init__(self):
        self.up_s = 0
        self._offset_s = 0
        self._ms = 0

    def set(self, now_s):
        """The time now; returns why not or None."""
        if not isinstance(now_s, int) or not EARLIEST_S <= now_s <= LATEST_S:
            return "time: %r is not allowed; allowed: %d to %d s since 1970" % (now_s, EARLIEST_S, LATEST_S)
        self._offset_s = now_s - self.up_s
        return None

    def tick(self, elapsed_ms):
        """Time goes on."""
        self._ms += elapsed_ms
        while self._ms >= 1000:
            self._ms -= 1000
            self.up_s += 1

    def at_s(self, up_s):
        """The time of day at a moment of up_s, in s since 1970; 0 when nobody has set the clock."""
        return up_s + self._offset_s if self._offset_s else 0
