"""The gate: no session before every step of the bring-up was passed with this very board.py.

Steps are passed in this order (see bringup.py); which were is kept with the checksum of board.py (see store/bringup.py).
"""

STEPS = ("wiring", "zero", "gauge", "zones", "leak", "vent", "power")


class Gate:
    """passed: a bit for each step. failed and why: the step that was not passed last, and why not."""

    def __init__(self):
        self.passed = 0
        self.changed = False
        self.failed = len(STEPS)
        self.why = ""

    def missing(self):
        """Names of the steps that are not passed, in their order."""
        return [name for step, name in enumerate(STEPS) if not self.passed >> step & 1]

    def refuse(self):
        """Why no session may begin, or None."""
        missing = self.missing()
        return "bringup: %s not passed with this board.py; type: bringup run" % ", ".join(missing) if missing else None

    def begin(self, step):
        """A step that is run again counts for nothing until it is passed again."""
        self._set(self.passed & ~(1 << step))
        self.failed = len(STEPS)

    def end(self, step, why):
        """why: "" when it was passed."""
        print("peristal: bringup", STEPS[step], "failed: " + why if why else "passed")
        self.why = why
        if why:
            self.failed = step
        else:
            self._set(self.passed | 1 << step)

    def _set(self, passed):
        self.changed = self.changed or passed != self.passed
        self.passed = passed
