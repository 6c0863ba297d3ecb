"""Random programs as lines of the grammar: well formed ones, ones that ask for too much, and ones with a mistake in them."""

from __future__ import annotations

from random import Random

ENDS = ("reached", "time", "both", "ramp", "ramp reached")
BROKEN = ("", "-1", "1.5", "101", "0", "999999999999", "vents", "hold hold", "%d", "\x00", "nine", "1e3", "--", "step", "²")


def draw(rng: Random) -> list[str]:
    """Lines of one program. About half may run, most others ask for too much, one in six is not even well formed."""
    zones = rng.randint(1, 6)
    lines = [f"program p{rng.randint(0, 999)} {zones}"]
    if rng.random() < 0.3:
        lines.append("source drawn by chance")
    if rng.random() < 0.3:
        low = rng.randint(20, 60)
        lines.append(f"pressure {low} {rng.randint(low, 100)}")
    if rng.random() < 0.2:
        lines.append(f"pressed {rng.randint(20, 120)}")
    if rng.random() < 0.2:
        lines.append("less " + " ".join(str(rng.randint(0, 10) * zone) for zone in range(zones)))
    steps = rng.randint(1, 8)
    for step in range(steps):
        lines.append(_step(rng, zones))
        if rng.random() < 0.1:
            lines.append(f"repeat {rng.randint(1, step + 1)} {rng.choice((2, 3, 4, 5, 50))}")
    if rng.random() < 0.8:
        lines.append("step " + "vent " * zones + "reached")
        lines.append("step " + "vent " * zones + f"time {rng.randint(50, 120) * 100}")
    if rng.random() < 0.17:
        _break(rng, lines)
    return lines


def _step(rng: Random, zones: int) -> str:
    kind = rng.random()
    actions = []
    for _ in range(zones):
        if kind < 0.15:
            actions.append("vent")
        else:
            actions.append(rng.choice(("vent", "hold", "hold", "100", str(rng.randint(1, 100)))))
    end = rng.choice(ENDS)
    time_ms = "" if end == "reached" else f" {rng.choice((1, 5, 20, 60, 100, 300)) * 100}"
    return f"step {' '.join(actions)} {end}{time_ms}"


def _break(rng: Random, lines: list[str]) -> None:
    """One mistake."""
    at = rng.randrange(len(lines))
    words = lines[at].split(" ")
    what = rng.randrange(4)
    if what == 0:
        words[rng.randrange(len(words))] = rng.choice(BROKEN)
    elif what == 1:
        words.append(rng.choice(BROKEN))
    elif what == 2:
        words.pop(rng.randrange(len(words)))
    else:
        lines.insert(at, rng.choice(lines))
        return
    lines[at] = " ".join(words)
