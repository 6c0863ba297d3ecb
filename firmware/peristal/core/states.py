"""The states of a session, and what LED and buzzer show in each."""

IDLE, PREFLIGHT, RUNNING, PAUSED, FINISHING, DONE, FAULT, BREATHING, BRINGUP = range(9)
NAMES = ("idle", "preflight", "running", "paused", "finishing", "done", "fault", "breathing", "bringup")

PAIRING = len(NAMES)  # no state, but to be seen like one: the pairing window is open

SLOT_MS = 100
# state: (LED on in which of 16 slots of 100 ms, red, green, blue of a colour LED, buzzer on in which slots on entry)
SIGNALS = (
    (0b0000000000000001, 0, 8, 0, 0b0),
    (0b0101010101010101, 16, 16, 0, 0b1),
    (0b1111111111111111, 0, 24, 0, 0b101),
    (0b0000000011111111, 0, 0, 24, 0b11),
    (0b0011001100110011, 0, 16, 16, 0b0),
    (0b0000000000010101, 0, 24, 0, 0b1110111),
    (0b0000000001010101, 48, 0, 0, 0b111011101110111),
    (0b0000000000000000, 0, 12, 12, 0b0),
    (0b0011001111111111, 24, 0, 24, 0b1),
    (0b0101010101010101, 0, 0, 32, 0b0),
)
# Breathing has a slower pattern of its own: light while breathing in, dark while breathing out, a short sound at each turn.
BREATH_MS = 10000  # 6 breaths a minute
INHALE_MS = 4000
TURN_MS = 60
WRITE_MS = 400  # a file may take so long to be written, and nothing sounds meanwhile


def led_on(state, elapsed_ms):
    """Whether the LED shines so long after the state was entered."""
    if state == BREATHING:
        return 1 if elapsed_ms % BREATH_MS < INHALE_MS else 0
    return SIGNALS[state][0] >> (elapsed_ms // SLOT_MS & 15) & 1


def buzzer_on(state, elapsed_ms):
    """Whether the buzzer sounds so long after the state was entered (once, not over and over, but for breathing)."""
    if state == BREATHING:
        at_ms = elapsed_ms % BREATH_MS
        return 1 if at_ms < TURN_MS or INHALE_MS <= at_ms < INHALE_MS + TURN_MS else 0
    slot = elapsed_ms // SLOT_MS
    return SIGNALS[state][4] >> slot & 1 if slot < 16 else 0


def turns_soon(state, elapsed_ms):
    """Whether the breath turns, or has just, before a file could be written: whoever breathes by the sound must not miss one."""
    at_ms = (elapsed_ms + WRITE_MS) % BREATH_MS
    return state == BREATHING and (at_ms if at_ms < INHALE_MS else at_ms - INHALE_MS) < WRITE_MS + 2 * TURN_MS
