"""Maintenance mode: a person who wants the chip's REPL holds the button at power-up, or types Ctrl-C.

Both only ask. The loop goes on, ends the session and lets the air out as ever; the REPL opens when everything is vented, or
when a sensor that still reads pressure is contradicted by a person who has unplugged the hoses and presses the button.
"""

from peristal.core import faults, gestures
from peristal.core.preflight import SUSPECT_PA

ASKS_MS = 3000  # the button held for so long from power-up on, then let go
STUCK_MS = 10000  # for so long: it is stuck
UNPLUG = "peristal: there may be air in the sleeves; unplug the hoses, then press the button"


class Maintenance:
    """listen() in every tick, with what the button meant; opened: outputs off for good, REPL next."""

    def __init__(self, session, guard, button):
        self.asked = False
        self.by_button = True  # not after a crash: there a held button is a hand that wants the air out
        self._session = session
        self._guard = guard
        self._button = button
        self._held = True  # the button, from power-up on
        self._held_ms = 0
        self._told = False

    def listen(self, elapsed_ms, action, ctrl_c):
        """The action that is left of a gesture: a press that began before the loop, or that opens the REPL, means nothing else."""
        if self._held:
            if self._button.down:
                self._held_ms += elapsed_ms
                if self._held_ms > STUCK_MS:
                    self._guard.trip(faults.BUTTON_HELD)
            else:
                self._held = False
                self.asked = self.by_button and ASKS_MS <= self._held_ms <= STUCK_MS
            action = gestures.NOTHING
        if ctrl_c:
            self.asked = True
        if self.asked:
            self._session.found |= faults.MAINTENANCE
            action = gestures.STOP
        return action

    def opens(self):
        """Whether the REPL may open now; the reason why not is said once."""
        if not self.asked:
            return False
        guard = self._guard
        preflight = self._session.preflight
        needed_ms = preflight.vent_ms
        if guard.levels.highest_pa > SUSPECT_PA:
            needed_ms = max(needed_ms, guard.vent_ms)
        if guard.vented_ms < needed_ms:
            return False
        if not guard.pressurised:
            return True
        if not self._told:
            self._told = True
            print(UNPLUG)
        return self._button.down
