"""board.md: what a board is, its parts, its wiring, its figures, and how it becomes a MicroPython board of its own."""

from __future__ import annotations

import runpy
from pathlib import Path

from peristal.core import limits
from peristal.core.board import Board
from tools.boards import check
from tools.boards.findings import FINE, WARNING
from tools.boards.names import conductance, divider, panel_parts, place, valve_figures
from tools.boards.parts_list import fuse_a, parts

SAFETY = """## What must be there besides

- **Off is open**: every zone valve, vent and exhaust is normally open. A normally-closed valve on a manifold would keep up to
  {cap} mmHg in the sleeve on every power cut; such a board is refused.
- **A 10 k pull-down at every gate**, close to the transistor: while the chip starts, resets or is unplugged its pins float.
- **A flyback diode across every coil and the motor**, or the transistor dies of the first release.
- **The 12 V switch** holds the 12 V of pump and coils only while the loop toggles GPIO {enable}. A hang below Python, a pin that
  stays high, a module pulled out of its socket: within 0.1 s the coils are off and the zones open.
- **The relief valve** ({relief} mmHg) on the line before any valve: it needs no electricity and no software.
- **The fuse** ({fuse} A, slow) sits at the supply's end of the cable. The worst moment draws {worst} mA.
- **The supply is plug-in and double-insulated** (class II, tested for its country): sleeves, hoses and sweat are close to a person.
  Never build a mains supply into the box. One ground for all parts; the pump's current must not flow through the sensors' ground.
"""


def text(board: Board, path: Path) -> str:
    """The document of a board file."""
    doc = (runpy.run_path(str(path)).get("__doc__") or "").strip()
    findings = check.check(path)[1]
    supply = board.supply
    worst = next(finding.says for finding in findings if finding.path == "supply.current_ma").split(" need ")[1].split(" ")[0]
    safety = SAFETY.format(cap=limits.CAP_MMHG, enable=supply.enable_pin, relief=supply.relief_mmhg, fuse=fuse_a(board), worst=worst)
    sections = [
        f"# {board.name}\n\n{board.title}.\n\n{doc}\n\nGenerated from [board.py](board.py) by `python3 tools/dev.py documents`.\n",
        "![wiring](wiring.svg)\n\n![air](air.svg)\n",
        "## Parts\n\n" + _table(("n", "part", "figures"), parts(board)),
        "The figures are the least or the most that serves; parts named are examples of what was calculated with, none was tried yet.\n",
        "## Wiring\n\n" + _table(("GPIO", "goes to", "field", "mind"), _wiring(board, findings)),
        _channels(board),
        safety,
        "## Figures\n\n" + _figures(findings),
        CUSTOM.format(name=board.name),
    ]
    return "\n".join(section for section in sections if section)


CUSTOM = """## As a MicroPython board

`make flash BOARD={name}` puts the firmware on a board that runs MicroPython. To freeze it into a firmware of your own, this folder
is a board definition:

```
make -C micropython/ports/esp32 BOARD={name} BOARD_DIR=$PWD/boards/{name}
```
"""


def _table(head: tuple[str, ...], rows: list[tuple]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def _wiring(board: Board, findings: list) -> list[tuple[int, str, str, str]]:
    mind = {finding.path: finding.says.partition(" ")[2].partition(" ")[2] for finding in findings if finding.level == WARNING}
    rows = []
    if board.supply.enable_pin is not None:
        rows.append((board.supply.enable_pin, "12 V switch", "supply.enable_pin"))
    rows.append((board.pump.pin, "driver of the pump", "pump.pin"))
    rows += [
        (valve.pin, f"driver of {place(board, path)}: {valve_figures(valve)}, C {conductance(valve)}", f"{path}.pin")
        for path, valve in board.valves()
    ]
    for path, sensor in board.sensors():
        if sensor.pin is not None:
            rows.append((sensor.pin, f"{place(board, path)} through {' / '.join(divider(sensor))}", f"{path}.pin"))
    if board.mux:
        rows.append((board.mux.pin, "common output of the multiplexer", "mux.pin"))
        rows += [
            (pin, f"select input S{bit} of the multiplexer", f"mux.select_pins[{bit}]") for bit, pin in enumerate(board.mux.select_pins)
        ]
    rows += [(pin, words, f"panel.{key}") for key, pin, words in panel_parts(board)]
    return [(pin, words, f"`{field}`", mind.get(field, "")) for pin, words, field in rows]


def _channels(board: Board) -> str:
    muxed = [
        (sensor.mux_channel, place(board, path), " / ".join(divider(sensor))) for path, sensor in board.sensors() if sensor.pin is None
    ]
    return _table(("channel", "sensor", "divider"), muxed) if muxed else ""


def _figures(findings: list) -> str:
    """What the check has computed and found fine, each sort once."""
    seen: dict[str, int] = {}
    for finding in findings:
        if finding.level == FINE:
            seen[finding.says] = seen.get(finding.says, 0) + 1
    lines = [f"- {says}" + (f" ({count} alike)" if count > 1 else "") for says, count in seen.items()]
    return f"From `make check`, whose rules `tools/boards/` holds ({limits.CAP_MMHG} mmHg is the cap):\n\n" + "\n".join(lines) + "\n"
