"""firmware/PROGRAMS.md: the modes, their parameters and pictures, the grammar and what is checked, from the firmware's own tables."""

from __future__ import annotations

from pathlib import Path

from peristal.core import builders, grammar, limits, modes, presets
from peristal.core.program import MAX_ROWS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "firmware" / "PROGRAMS.md"
EXAMPLES = sorted(Path(__file__).parent.glob("*.txt"))
PICTURES = "../tools/pictures/modes"

WORDS = {
    "start_ms": "from the start of zone 1 to that of zone 2; 0: each starts when the one before is full",
    "later_ms": "how much longer each further zone waits",
    "ramp_ms": "up in a straight line; 0: as fast as it goes",
    "down_ms": "down in a straight line, as far as the air follows; 0: at once",
    "hold_ms": "held when full",
    "rest_ms": "vented, at the end of a cycle",
    "less_mmhg": "each zone less than the one below it",
    "band": "under pressure at a time",
    "pulses": "a zone is squeezed and eased before it is squeezed and held",
    "ease_percent": "of the set pressure, between two squeezes",
    "zone": "the only one that is filled; 0: all",
}


def text() -> str:
    """The whole document."""
    parts = (_head(), _presets(), _modes(), _parameters(), _pictures(), _own(), _checks())
    return "\n".join(parts)


def _head() -> str:
    return """# Programs

Generated from the firmware's own tables by `make documents`; the pictures are drawn by `make pictures`.

A program is a table of steps for the zones of one leg; zone 1 is the foot. A **mode** is a row of parameters for one of four
builders (`sequential`, `wave`, `pulse`, `uniform`), so every mode exists for legs of 1 to 6 zones. A **preset** is a mode with
the pressures and minutes of its source; what is outside of them is refused. A program of **your own** is lines of text.
"""


def _presets() -> str:
    lines = ["## Presets", "", "| | preset | mode | mmHg | minutes | where the figures come from |", "|---|---|---|---|---|---|"]
    for number, (name, mode, *ranges, source) in enumerate(presets.PRESETS):
        figures = [f"{low} to {high}, {default} at first" if low < high else str(low) for low, default, high in ranges]
        lines.append(f"| {number + 1} | `{name}` | [`{mode}`](#{mode}) | {figures[0]} | {figures[1]} | {source} |")
    return "\n".join(lines) + "\n"


def _modes() -> str:
    lines = ["## Modes", "", "| | mode | builder | differs by | where it comes from |", "|---|---|---|---|---|"]
    for number, (name, builder, values, source) in enumerate(modes.MODES):
        differs = ", ".join(f"{key} {value}" for key, value in values.items())
        lines.append(f"| {number + 1} | [`{name}`](#{name}) | `{builder}` | {differs} | {source} |")
    return "\n".join(lines) + "\n"


def _parameters() -> str:
    lines = ["## Parameters of the builders", "", "| parameter | min | default | max | unit | what it is |", "|---|---|---|---|---|---|"]
    for name, (low, default, high, unit) in modes.PARAMETERS.items():
        lines.append(f"| `{name}` | {low} | {default} | {high} | {unit} | {WORDS[name]} |")
    return "\n".join(lines) + "\n"


def _says(builder: str) -> str:
    """The first line of what a builder says of itself."""
    return (getattr(builders, builder).__doc__ or "").split("\n")[0]


def _pictures() -> str:
    lines = [
        "## What they look like",
        "",
        "One cycle of each, true pressures of a real session of the firmware on the simulated `esp32s3_independent`. One pump serves",
        "all zones, so what rises together on paper takes turns or shares the air, and a way down in a straight line has steps.",
        "",
    ]
    for name, builder, values, _ in modes.MODES:
        differs = ", ".join(f"`{key}` {value}" for key, value in values.items())
        lines += [f"### {name}", "", _says(builder) + (f" Here: {differs}." if differs else ""), ""]
        lines += [f"![{name}: all zones over one cycle]({PICTURES}/{name}.png)", ""]
    return "\n".join(lines)


def _own() -> str:
    lines = ["## Your own", ""]
    lines += ["The same lines on the console (`program put`, `program add LINE`, `program end`), in a file and in the panel:", "", "```"]
    lines += [line.removeprefix("    ") for line in (grammar.__doc__ or "").strip().split("\n")[2:]]
    lines += ["```", "", f"Up to {MAX_ROWS} steps. Examples, in `tools/programs/`:", ""]
    for path in EXAMPLES:
        lines += [f"`{path.name}`", "", "```", path.read_text().rstrip(), "```", ""]
    return "\n".join(lines)


def _checks() -> str:
    pressed, rest = limits.LIMITS["pressed_s"], limits.LIMITS["rest_s"]
    return f"""## What is checked before it runs

On the device, at every start; a program that may not run is refused with the step and what is allowed.

- Form: known ends, 1 to {MAX_ROWS} steps, zones that the legs have, at least one step that fills, repeats of plain steps only.
- Pressure: 1 to 100 % of the set pressure, which stays within the program's own `pressure`. Never above the set pressure.
- Time under pressure: no zone above 15 mmHg for more than {pressed[1]} s, or `pressed` where the program says so ({pressed[2]} s at most).
- Rest: every zone below 15 mmHg for at least {rest[0]} s without a break in each cycle.
- Length: a cycle of an hour at most. Every step ends: a zone that does not get there is given up after its fill limit, and that is a
  notice, never a fault.

Repeats are counted, and so is the time that *this* board needs to fill and vent, from its declared parts and what its zones have
shown. What the pump or the vents cannot do in time is changed, and the change is said (`notices`, and the answer to `start`):

- a step by time that is too short is **stretched** to what it takes;
- two legs that would be under pressure for too long together **take turns**;
- what remains too long is **refused**, for example
  `step 17: zone 2 is above 15 mmHg for 131 s by then; allowed: up to 85 s`.
"""
