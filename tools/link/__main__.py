"""Where a function of a device's traceback stands in the sources: `python3 -m tools.link _c tick` (names as the traceback has them)."""

from __future__ import annotations

import sys

from tools.link import FIRMWARE, HOT
from tools.link.bundle import Linker


def main(names: list[str]) -> int:
    """Status 2 for a name that no function on the device has."""
    linker = Linker(FIRMWARE, HOT)
    linker.units()
    unknown = [name for name in names if name not in linker.places]
    for name in names:
        for place in linker.places.get(name, []):
            print(f"{name}: firmware/{place}")
    if unknown or not names:
        wrong = ", ".join(unknown) or "NAME: missing"
        print(f"{wrong}: allowed: names of functions as a traceback of the device has them", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
