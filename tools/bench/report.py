"""What the terminal shows, and build/bench.json."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tools.bench.contenders import NAMES, OURS
from tools.bench.figures import MISSING, Result, Row, rows
from tools.bench.metrics import Fill
from tools.bench.plants import TOPOLOGIES
from tools.bench.runs import LIMB, SLOW, STILL

Results = dict[tuple[str, str, str], Result]
TITLES = {
    STILL: "Limb still, coupling as drawn",
    LIMB: "For information: the limb moves, chambers overlap fully (coupling 0.10); nothing may latch",
    SLOW: "For information: plants refused only because they fill too slowly",
}


def show(results: Results, chosen: argparse.Namespace, took_s: float) -> bool:
    """All tables; returns whether ours meets every target of the main run and latched nowhere."""
    console = Console(width=None if Console().is_terminal else 150)
    met = True
    for kind in (STILL, LIMB, SLOW):
        for topology in TOPOLOGIES:
            some = [results[kind, topology, name] for name in NAMES if (kind, topology, name) in results]
            if kind == STILL and some:
                console.print(_side_by_side(some, topology))
                met &= all(row.ok is not False for row in rows(some[0]))
        if kind != STILL:
            some = [results[kind, topology, OURS] for topology in TOPOLOGIES if (kind, topology, OURS) in results]
            some = [result for result in some if result.plants]
            if some:
                console.print(_one_kind(some, TITLES[kind]))
                met &= kind == SLOW or not any(result.latched for result in some)
    for (kind, _, _), result in results.items():
        for line in result.latched:
            console.print(f"latched ({kind}): {result.contender}, {result.topology}, {line}", markup=False, highlight=False)
        for line in result.refused if result.contender == OURS else ():
            console.print(f"the device refused to start ({kind}): {result.topology}, {line}", markup=False, highlight=False)
        if chosen.dump and kind == STILL:
            dump(result, chosen.dump)
    print(f"plants: seeds {chosen.seeds[0]}..{chosen.seeds[-1]}, {took_s:.0f} s")
    return met


def text_of(row: Row) -> str:
    """The figure reached, as short as it can be read."""
    if row.reached is None:
        return "-"
    if row.reached >= MISSING and row.unit != "%":
        return "never"
    return f"{row.reached:.2f}" if abs(row.reached) < 10 else f"{row.reached:.0f}" if row.unit != "%" else f"{row.reached:.1f}"


def target_of(row: Row) -> str:
    """The target with its sign and unit."""
    if row.target is None:
        return "-"
    sign = "≥" if row.at_least else "≤"
    return f"{sign} {row.target:g}{' ' + row.unit if row.unit else ''}"


def _coloured(row: Row, judged: bool) -> str:
    text = text_of(row)
    if not judged or row.ok is None:
        return f"{text}  "
    return f"[green]{text} ✓[/]" if row.ok else f"[bold red]{text} ✗[/]"


def _side_by_side(some: list[Result], topology: str) -> Table:
    """One topology: every contender in a column, ours with its verdict."""
    first = some[0]
    refused = f"{100 * first.share_rejected:.0f} % of those drawn refused by the board check"
    table = Table(title=f"{topology}: {first.plants} plants, {refused}", title_justify="left")
    table.add_column("figure")
    table.add_column("target", justify="right")
    for result in some:
        table.add_column(result.contender, justify="right")
    for same in zip(*[rows(result) for result in some]):
        table.add_row(same[0].name, target_of(same[0]), *[_coloured(row, True) for row in same])
    return table


def _one_kind(some: list[Result], title: str) -> Table:
    """Ours on every topology."""
    table = Table(title=title, title_justify="left")
    table.add_column("figure")
    for result in some:
        table.add_column(f"{result.topology}\n{result.plants} plants", justify="right")
    for same in zip(*[rows(result) for result in some]):
        name = same[0].name if same[0].name == same[-1].name else "good chambers, hold within 5 / 3 / 3 mmHg"
        latch = name.startswith("sessions")
        table.add_row(name, *[_coloured(row, latch) for row in same])
    return table


def as_json(results: Results, seeds: range) -> dict[str, Any]:
    """Everything the tables show."""
    return {
        "seeds": [seeds[0], seeds[-1]],
        "results": [
            {
                "run": kind,
                "topology": topology,
                "contender": name,
                "plants": result.plants,
                "share_rejected": round(result.share_rejected, 3),
                "latched": result.latched,
                "refused": result.refused,
                "figures": [row.as_json() for row in rows(result)],
            }
            for (kind, topology, name), result in results.items()
        ],
    }


def write_json(results: Results, chosen: argparse.Namespace, path: Path) -> None:
    """Writes build/bench.json."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(as_json(results, chosen.seeds), indent=1) + "\n")


def dump(result: Result, count: int) -> None:
    """The worst fills of a result, by each figure."""
    keys = {
        "fill time / ideal": lambda f: f.fill_ratio or MISSING,
        "settled / ideal": lambda f: f.settled_ratio or MISSING,
        "overshoot": lambda f: f.overshoot or 0.0,
        "error": lambda f: MISSING if f.error is None else abs(f.error),
        "outside the band": lambda f: (1 - f.inside[result.topology == "manifold"]) if f.good and f.cycle > 1 else 0,
    }
    print(f"{result.contender}, {result.topology}: the worst {count} fills by each figure")
    for name, key in keys.items():
        print(f" {name}")
        for fill in sorted(result.fills, key=key, reverse=True)[:count]:
            print("   " + line(fill))


def line(f: Fill) -> str:
    """One fill in one line."""

    def n(value: float | None, digits: int = 2) -> str:
        return "-" if value is None else f"{value:.{digits}f}"

    return (
        f"seed {f.seed} zone {f.zone} cycle {f.cycle} target {f.target:.0f} at {f.at_s:.2f} s: ideal {n(f.ideal_s)} fill {n(f.fill_s)}"
        f" ({n(f.fill_ratio)}) settled {n(f.settled_s)} ({n(f.settled_ratio)}) over {n(f.overshoot, 1)} error {n(f.error, 1)}"
        f" hold {f.hold_s:.1f} s in3 {100 * f.inside[0]:.0f} in5 {100 * f.inside[1]:.0f} % range {f.lowest:.1f}..{f.highest:.1f}"
    )
