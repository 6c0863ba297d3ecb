"""Which steps of the bring-up were passed, with the checksum of the board.py that passed them: after any change to it none was."""

import binascii

from peristal.core import faults
from peristal.core.gate import STEPS as NAMES

PATH = "bringup.json"
BOARD = "board.py"
STEPS = ()
NOTICE = faults.FILE_DAMAGED
_PIECE = 256


def checksum(board):
    """Of the file; of all that the board says when it is frozen into the firmware and has no file."""
    crc = 0
    try:
        with open(BOARD, "rb") as file:
            piece = file.read(_PIECE)
            while piece:
                crc = binascii.crc32(piece, crc)
                piece = file.read(_PIECE)
    except OSError:
        return binascii.crc32(repr(_said(board)).encode())
    return crc


def _said(part):
    if isinstance(part, tuple):
        return [_said(one) for one in part]
    return [_said(getattr(part, key)) for key in sorted(part.FIELDS)] if hasattr(part, "FIELDS") else part


def restore(data, gate, crc):
    """Puts back what was passed with the board.py of this checksum."""
    if data.get("board") == crc:
        for step, name in enumerate(NAMES):
            gate.passed |= (name in data["passed"]) << step


def dump(gate, crc):
    """What restore() takes."""
    missing = gate.missing()
    return {"board": crc, "passed": [name for name in NAMES if name not in missing]}
