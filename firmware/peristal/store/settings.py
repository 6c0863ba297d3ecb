"""What the wearer chose last, and the commissioning zeros and calibrated gains of the sensors."""

from peristal.core.preflight import NOT_COMMISSIONED
from peristal.store import files

PATH = "settings.json"
SCHEMA = 1


def restore(session, board_name):
    """Puts the stored choices into a session; anything out of range is left at its default."""
    stored = files.load(PATH, SCHEMA)
    if not isinstance(stored, dict):
        return
    session.choose(program=stored.get("program"))
    session.choose(pressure_mmhg=stored.get("pressure_mmhg"))
    session.choose(minutes=stored.get("minutes"))
    session.choose(quiet=stored.get("quiet"))
    session.changed = False
    if stored.get("board") != board_name:
        return  # zeros and gains belong to the sensors of another board
    session.preflight.sensing.recall_gains(stored.get("gains_permille"))
    zeros = stored.get("zeros16")
    commissioned = session.preflight.commissioned16
    if isinstance(zeros, list) and len(zeros) == len(commissioned):
        for sensor, zero16 in enumerate(zeros):
            commissioned[sensor] = zero16 if isinstance(zero16, int) and 0 <= zero16 < 65536 else NOT_COMMISSIONED


def store(session, board_name):
    """Stores them; call only while everything is vented (a flash write stalls the chip)."""
    files.save(
        PATH,
        SCHEMA,
        {
            "board": board_name,
            "program": session.program,
            "pressure_mmhg": session.pressure_mmhg,
            "minutes": session.minutes,
            "quiet": session.quiet,
            "zeros16": list(session.preflight.commissioned16),
            "gains_permille": list(session.preflight.sensing.gain_permille),
        },
    )
