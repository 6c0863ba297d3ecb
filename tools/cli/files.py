"""`plot` and `report`: what is made of a recorded session, without a device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

from tools.cli.trouble import NOT_FOUND, USAGE, Trouble
from tools.report import __main__ as report_file
from tools.report.charts import clock, scale
from tools.report.log import LogError, Session, read
from tools.report.measure import measure

ROWS = 5  # of braille for each zone: four dots each
BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # dot by row from above and column
COLOURS = ("blue", "cyan", "green", "bright_green", "yellow", "red")


def _log(path: Any) -> Session:
    if not path.exists():
        raise Trouble(NOT_FOUND, f"{path}: there is no such file. make run leaves build/session.csv; peristal watch --record FILE another")
    try:
        return read(path)
    except LogError as error:
        raise Trouble(USAGE, str(error)) from None


def report(options: Any, console: Console) -> Any:
    """The page, beside the log or where it is asked for."""
    session = _log(options.log)
    try:
        where = report_file.write(options.log, options.output)
    except LogError as error:
        raise Trouble(USAGE, str(error)) from None
    if not options.json:
        console.print(f"{where} ({where.stat().st_size // 1024} KB): open it in a browser", highlight=False)
    return {"file": str(where), "samples": len(session.t_s)}


def plot(options: Any, console: Console) -> Any:
    """Every zone over time in dots, the foot at the bottom."""
    session = _log(options.log)
    numbers = list(range(len(session.zones)))
    if options.zone is not None:
        if options.zone > len(numbers):
            raise Trouble(USAGE, f"--zone: {options.zone} is not allowed; allowed: 1 to {len(numbers)}")
        numbers = [options.zone - 1]
    measured = measure(session)
    if options.json:
        figures = [(zone.name, round(zone.peak_mmhg, 1), round(zone.dose_mmhg_min, 1)) for zone in measured.zones]
        zones = [{"zone": name, "peak_mmhg": peak, "dose_mmhg_min": dose} for name, peak, dose in figures]
        return {"length_s": round(session.length_s, 1), "zones": zones}
    width = max(20, min(console.width, 120) - 14)
    top = scale(session)
    for zones in session.legs.values():
        for place, zone in reversed(list(enumerate(zones))):
            if zone not in numbers:
                continue
            style = COLOURS[round(place * 5 / max(len(zones) - 1, 1))]
            rows = dots(session, zone, width, ROWS, top)
            for row, line in enumerate(rows):
                label = session.zones[zone] if row == 1 else f"{measured.zones[zone].peak_mmhg:.0f} mmHg" if row == 2 else ""
                console.print(Text.assemble((f"{label:<12}", "dim"), (line, style)))
    console.print(Text(f"{'':<12}0:00{clock(session.length_s):>{width - 4}}", style="dim"))
    console.print(f"full height {top:.0f} mmHg; {session.source}", style="dim", highlight=False)
    return None


def dots(session: Session, zone: int, width: int, rows: int, top: float) -> list[str]:
    """A curve as lines of braille characters, the lowest line last; of each column the highest reading counts."""
    columns = [0.0] * (width * 2)
    begin_s, span_s = session.t_s[0], session.length_s
    for at_s, mmhg in zip(session.t_s, session.mmhg[zone]):
        column = min(int((at_s - begin_s) / span_s * len(columns)), len(columns) - 1)
        columns[column] = max(columns[column], mmhg)
    heights = [round(min(max(value, 0.0), top) / top * rows * 4) for value in columns]
    lines = []
    for row in range(rows):
        line = ""
        for cell in range(width):
            bits = 0
            for side in (0, 1):
                for dot in range(4):
                    if heights[2 * cell + side] > (rows - row) * 4 - dot - 1:
                        bits |= BRAILLE[dot][side]
            line += chr(0x2800 + bits)
        lines.append(line)
    return lines


COMMANDS: dict[str, Callable[[Any, Console], Any]] = {"plot": plot, "report": report}
