"""What the firmware costs on the chip, against its targets. `make bench` prints it first; alone: `make bench ARGS=--budgets`.

Figures go to build/budgets.json too. Status 0, whatever they are: they are to be known, and tests hold those that are reached.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FIRMWARE = str(Path(__file__).resolve().parents[2] / "firmware")
if FIRMWARE not in sys.path:
    sys.path.insert(0, FIRMWARE)

from tools.boards.rules_sensors import adc_us  # noqa: E402
from tools.budgets import code, heap, opcodes, ticks  # noqa: E402
from tools.simulator import boards  # noqa: E402

LARGEST = "esp32_manifold_5"
CODE_BYTES = 56 * 1024
HEAP_BYTES = 80 * 1024
ADC_US = 6000


def measure() -> dict[str, Any]:
    """Everything, for the largest board that ships (2 x 5 zones with their own sensors)."""
    held = heap.measure(LARGEST)
    counted = opcodes.measure(LARGEST)
    return {
        "board": LARGEST,
        "bytes_per_tick": ticks.most_bytes(LARGEST),
        "opcodes": counted.__dict__,
        "adc_us": {name: adc_us(boards.load(name)) for name in boards.names()},
        "heap_start_up": held.start_up,
        "heap_session_peak": held.session_peak,
        "heap_with_radio": held.with_radio,
        "code": code.sizes(),
    }


def report(found: dict[str, Any]) -> str:
    """The figures as lines, each with its target."""
    total = sum(found["code"].values())
    counted = found["opcodes"]
    costly = ", ".join(f"{place} ({share:.0%})" for place, share in counted["costliest"])
    worst_adc = max(found["adc_us"].values())
    lines = [
        f"budgets ({found['board']}: 2 x 5 zones, each with its own sensor)",
        _line("heap per tick of a running session", f"{found['bytes_per_tick']} bytes", "0", found["bytes_per_tick"] == 0),
        f"  {'opcodes per tick (CPython), ' + str(counted['ticks']) + ' ticks':<44}median {counted['median']}, p99 {counted['p99']}, "
        f"worst {counted['worst']}",
        f"  {'  the costliest places':<44}{costly}",
        _line("ADC time per tick, worst board", f"{worst_adc / 1000:.1f} ms", "6 ms", worst_adc <= ADC_US),
        _line("heap held after start-up, from .mpy", _kb(found["heap_start_up"]), _kb(HEAP_BYTES), found["heap_start_up"] <= HEAP_BYTES),
        f"  {'  with its own part of the radio':<44}{_kb(found['heap_with_radio'])}",
        f"  {'heap held at most in a session':<44}{_kb(found['heap_session_peak'])}",
        _line(".mpy bytecode in all", _kb(total), _kb(CODE_BYTES), total <= CODE_BYTES),
    ]
    rows = sorted(found["code"].items(), key=lambda row: -row[1])
    for start in range(0, len(rows), 3):
        lines.append("    " + "".join(f"{size:>6} {name.removeprefix('peristal/'):<28}" for name, size in rows[start : start + 3]).rstrip())
    return "\n".join(lines)


def _kb(size: int) -> str:
    return f"{size / 1024:.1f} KB"


def _line(what: str, value: str, target: str, met: bool) -> str:
    return f"  {what:<44}{value:<14} target {target}{'' if met else '   NOT MET'}"


def main() -> int:
    """Prints and writes them."""
    found = measure()
    print(report(found), flush=True)
    target = Path(__file__).resolve().parents[2] / "build" / "budgets.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
