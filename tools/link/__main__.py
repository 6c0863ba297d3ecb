"""Where a function of a device's traceback stands in the sources: `python3 -m tools.link _c tick` (names as the traceback has them)."""

from __future__ import annotations

import sys

from tools import link


def main(names: list[str]) -> int:
    """Status 2 for a name that no function on the device has."""
    places = link.places()
    unknown = [name for name in names if name not in places]
    for name in names:
        for place in places.get(name, []):
            print(f"{name}: firmware/{place}")
    if unknown or not names:
        wrong = ", ".join(unknown) or "NAME: missing"
        print(f"{wrong}: allowed: names of functions as a traceback of the device has them", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
