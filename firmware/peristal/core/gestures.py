"""The front panel's buttons: one table of what each gesture means, and the debouncing that recognises it."""

from peristal.core.states import BREATHING, BRINGUP, DONE, FAULT, FINISHING, IDLE, PAUSED, PREFLIGHT, RUNNING

LONG_MS = 1000
HELD_MS = 5000  # nobody holds a button for so long without meaning it
PAIR_MS = 3000
UNPAIR_MS = 10000
RELEASE_TICKS = 2  # a bouncing contact is released only after two ticks; pressing counts at once

NOTHING, VENT, STOP, PAUSE, RESUME, START, CLEAR, PLUS, MINUS, NEXT, TINGLING, PAIR, UNPAIR = range(13)
DOWN, SHORT, LONG, PLUS_KEY, MINUS_KEY, PROGRAM_KEY, HELD, HELD_3_S, HELD_10_S = range(9)
# Comes before every state: something is above 15 mmHg, or the press began while it was.
PRESSURISED = 100

# (state, gesture): (what is done, what a person would say)
GESTURES = {
    (PRESSURISED, DOWN): (VENT, "lets the air out at once"),
    (PRESSURISED, SHORT): (STOP, "ends the session"),
    (PRESSURISED, LONG): (PAUSE, "keeps the place; a short press goes on"),
    (PRESSURISED, HELD): (TINGLING, "tingling or numbness: locks until the next press"),
    (IDLE, SHORT): (START, "starts the last program"),
    (DONE, SHORT): (START, "starts the last program"),
    (IDLE, HELD_3_S): (PAIR, "lets a phone pair for a minute"),
    (DONE, HELD_3_S): (PAIR, "lets a phone pair for a minute"),
    (IDLE, HELD_10_S): (UNPAIR, "forgets every paired phone"),
    (DONE, HELD_10_S): (UNPAIR, "forgets every paired phone"),
    (PREFLIGHT, DOWN): (STOP, "ends the session"),
    (RUNNING, DOWN): (VENT, "lets the air out at once"),
    (RUNNING, SHORT): (STOP, "ends the session"),
    (RUNNING, LONG): (PAUSE, "keeps the place; a short press goes on"),
    (RUNNING, HELD): (TINGLING, "tingling or numbness: locks until the next press"),
    (FINISHING, DOWN): (VENT, "lets the air out at once"),
    (FINISHING, SHORT): (STOP, "ends the session"),
    (FINISHING, LONG): (STOP, "ends the session"),
    (PAUSED, SHORT): (RESUME, "goes on at the same place"),
    (PAUSED, LONG): (STOP, "ends the session"),
    (PAUSED, HELD): (TINGLING, "tingling or numbness: locks until the next press"),
    (BREATHING, DOWN): (STOP, "ends the session"),
    (BRINGUP, DOWN): (STOP, "ends the step"),
    (FAULT, SHORT): (CLEAR, "clears the fault when the sensors are healthy and the air is out"),
    (IDLE, PLUS_KEY): (PLUS, "5 mmHg more"),
    (IDLE, MINUS_KEY): (MINUS, "5 mmHg less"),
    (IDLE, PROGRAM_KEY): (NEXT, "next program"),
    (DONE, PLUS_KEY): (PLUS, "5 mmHg more"),
    (DONE, MINUS_KEY): (MINUS, "5 mmHg less"),
    (DONE, PROGRAM_KEY): (NEXT, "next program"),
    (RUNNING, PLUS_KEY): (PLUS, "5 mmHg more from the next step"),
    (RUNNING, MINUS_KEY): (MINUS, "5 mmHg less at once"),
}
_ACTIONS = {state * 16 + gesture: action for (state, gesture), (action, _) in GESTURES.items()}


def action_of(state, gesture):
    """What a gesture does in a state; NOTHING where the table has no row."""
    return _ACTIONS.get(state * 16 + gesture, NOTHING)


class Button:
    """The main button. tick() returns an action; `down` is true while it is held."""

    def __init__(self):
        self.down = False
        self._held_ms = 0
        self._up_ticks = 0
        self._row = IDLE  # the table's state at the press, so that its release ends what it began

    def tick(self, is_down, elapsed_ms, state, pressurised):
        """One tick of the contact (true = pressed)."""
        if not self.down:
            if not is_down:
                return NOTHING
            self.down = True
            self._held_ms = 0
            self._up_ticks = 0
            self._row = PRESSURISED if pressurised and state != FAULT else state
            return action_of(self._row, DOWN)
        self._held_ms = min(self._held_ms + elapsed_ms, UNPAIR_MS)
        if is_down:
            self._up_ticks = 0
            return NOTHING
        self._up_ticks += 1
        if self._up_ticks < RELEASE_TICKS:
            return NOTHING
        self.down = False
        for held_ms, gesture in ((UNPAIR_MS, HELD_10_S), (HELD_MS, HELD), (PAIR_MS, HELD_3_S)):
            if self._held_ms >= held_ms and action_of(self._row, gesture) != NOTHING:
                return action_of(self._row, gesture)
        return action_of(self._row, LONG if self._held_ms >= LONG_MS else SHORT)


class Key:
    """One of the optional keys: acts once when pressed, again after it was released for two ticks."""

    def __init__(self, gesture):
        self._gesture = gesture
        self._up_ticks = RELEASE_TICKS

    def tick(self, is_down, state):
        """One tick of the contact; returns an action."""
        if not is_down:
            if self._up_ticks < RELEASE_TICKS:
                self._up_ticks += 1
            return NOTHING
        fresh = self._up_ticks >= RELEASE_TICKS
        self._up_ticks = 0
        return action_of(state, self._gesture) if fresh else NOTHING
