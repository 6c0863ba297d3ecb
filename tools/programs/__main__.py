"""`make pictures [ARGS="MODE..."]`: runs a session of every mode (or of these) on a simulated board and draws one cycle of it."""

from __future__ import annotations

import sys

from peristal.core import modes
from tools.programs import picture


def main(names: list[str]) -> int:
    """Draws them; 2 for an unknown name."""
    sources = {row[0]: row[3] for row in modes.MODES}
    for name in names:
        if name not in sources:
            print(f"no mode {name!r}; allowed: {', '.join(sources)}", file=sys.stderr)
            return 2
    picture.FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names or sources:
        cycle = picture.record(name)
        picture.draw(name, sources[name], cycle, picture.FOLDER / f"{name}.png")
        print(f"{name}: {cycle.seconds[-1]:.0f} s{', ' + cycle.says if cycle.says else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
