"""The regulator against its peers on random plants: `make bench`. Works in virtual time on the firmware's own core."""

import sys
from pathlib import Path

FIRMWARE = str(Path(__file__).resolve().parents[2] / "firmware")
if FIRMWARE not in sys.path:
    sys.path.insert(0, FIRMWARE)
