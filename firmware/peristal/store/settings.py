"""The commissioning zeros and calibrated gains of the sensors."""

from peristal.core import faults
from peristal.core.preflight import NOT_COMMISSIONED

PATH = "settings.json"
STEPS = ()
NOTICE = faults.SETTINGS_DAMAGED


def restore(data, session, board_name):
    """Puts back what was stored; anything out of range is left at its default."""
    if data.get("board") != board_name:
        return  # zeros and gains belong to the sensors of another board
    session.preflight.sensing.recall_gains(data.get("gains_permille"))
    zeros = data.get("zeros16")
    commissioned = session.preflight.commissioned16
    if isinstance(zeros, list) and len(zeros) == len(commissioned):
        for sensor, zero16 in enumerate(zeros):
            commissioned[sensor] = zero16 if isinstance(zero16, int) and 0 <= zero16 < 65536 else NOT_COMMISSIONED


def dump(session, board_name):
    """What restore() takes."""
    return {
        "board": board_name,
        "zeros16": list(session.preflight.commissioned16),
        "gains_permille": list(session.preflight.sensing.gain_permille),
    }
