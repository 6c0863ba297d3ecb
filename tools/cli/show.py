"""What a person sees: the status, the legs as they fill, lists as tables. JSON is the commands' own business."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tools.ble import packets
from tools.cli.device import Device, Features

PRESSED_MMHG = 15
OVER_MMHG, NEAR_MMHG = 15, 6
STYLES = {"running": "bold green", "done": "bold green", "fault": "bold red", "finishing": "bold cyan", "preflight": "bold yellow"}
STATES = {
    "idle": "waiting", "preflight": "looks at its sensors", "running": "squeezes", "paused": "paused, the air is out",
    "finishing": "releases gently", "done": "over", "fault": "vented and locked", "breathing": "paces the breath",
}  # fmt: skip
PHASES = ("taking up slack", "", "release between cycles", "gentle release", "")
UNDER_WAY = ("preflight", "running", "paused", "finishing", "breathing")


def clock(seconds: float) -> str:
    """12:05, or 1:02:05."""
    whole = max(0, int(seconds))
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}" if whole >= 3600 else f"{whole // 60}:{whole % 60:02d}"


def status_of(device: Device) -> dict[str, Any]:
    """Everything that a status has, for JSON and for the eye."""
    told = dict(device.status)
    features = device.features
    number = told.pop("fault")
    zone = told.pop("fault_zone")
    fault = None
    if number:
        name, says = packets.fault_name(number), packets.fault_words(number)
        fault = {"number": number, "name": name, "says": says, "zone": zone_name(features, zone)}
    told["phase"] = PHASES[told["phase"]] if told["phase"] < len(PHASES) else str(told["phase"])
    told["notices"] = [packets.fault_name(one) for one in packets.notices(told["notices"])]
    told["flags"] = packets.flags("status", told["flags"])
    names = features.zones
    values = [mmhg for leg in device.mmhg for mmhg in leg]
    return {"device": device.link.found.name, "board": features.board, **told, "fault": fault, "zones_mmhg": dict(zip(names, values))}


def zone_name(features: Features, zone: int) -> str | None:
    """"left 3", None for no zone."""
    names = features.zones
    return names[zone] if zone < len(names) else None


def frame(device: Device, whole_s: float, program: str, width: int, foot: str = "") -> RenderableType:
    """The legs at this moment, `width` characters wide."""
    status = device.status
    under_way = status["state"] in UNDER_WAY
    title = f"{device.link.found.name or 'Peristal'} · {program} · {status['pressure_mmhg']} mmHg · {status['minutes']} min"
    legs = Table.grid(padding=(0, 3), expand=True)
    sides = ("left leg", "right leg") if len(device.mmhg) > 1 else ("leg",)
    for _ in sides:
        legs.add_column(ratio=1)
    bars = max(8, (width - 6) // len(sides) - 18)
    legs.add_row(*[_leg(side, values, status["pressure_mmhg"] if under_way else 0, bars) for side, values in zip(sides, device.mmhg)])
    doing = Text("  ")
    doing.append(status["state"], style=STYLES.get(status["state"], "bold"))
    doing.append(f"  {STATES.get(status['state'], '')}", style="dim")
    if status["state"] == "running" and status["cycle"]:
        doing.append(f"   cycle {status['cycle']}")
    doing.append("   pump" if device.pump else "       ", style="bold blue")
    left_s = status["seconds_left"] if under_way else 0
    grid = Table.grid(padding=(0, 1))
    bar = ProgressBar(max(whole_s, 1), max(whole_s - left_s, 0) if under_way else 0, max(10, width - 20), complete_style="cyan")
    grid.add_row(Text(" "), bar, Text(f"{clock(left_s)} left" if under_way else " " * 9))
    parts: list[RenderableType] = [Text(), legs, Text(), doing, *messages(device), Text(), grid]
    return Panel(
        Group(*parts), title=title, title_align="left", subtitle=foot, subtitle_align="right", width=width, border_style="dim",
    )  # fmt: skip


def messages(device: Device) -> list[Text]:
    """The fault and the notices, in the wearer's words."""
    lines = []
    number = device.status["fault"]
    if number:
        where = zone_name(device.features, device.status["fault_zone"])
        lines.append(Text.assemble(("  fault ", "bold red"), (f"{packets.fault_name(number)}", "bold"), f" {where or ''}".rstrip()))
        lines.append(Text(f"  {packets.fault_words(number)} Once it is safe, the button clears it.", style="red"))
    for notice in packets.notices(device.status["notices"]):
        lines.append(Text.assemble(("  notice ", "yellow"), packets.fault_words(notice)))
    return lines


def _leg(side: str, values: list[float], chosen: int, width: int) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_row(Text(""), Text(side, style="bold"), Text("mmHg", style="dim"))
    for zone in reversed(range(len(values))):
        place = "foot" if zone == 0 else "thigh" if zone == len(values) - 1 else ""
        figure = Text(f"{values[zone]:4.0f}", style="bold")
        table.add_row(Text(f"{place:>5} {zone + 1}", style="dim"), _bar(values[zone], chosen, width), figure)
    return table


def _bar(mmhg: float, chosen: int, width: int) -> Text:
    full = max(chosen * 1.4, 60.0)
    cells = round(min(max(mmhg, 0.0) / full, 1.0) * width)
    style = "green" if mmhg >= PRESSED_MMHG else "bright_black"
    if chosen and mmhg > chosen + OVER_MMHG:
        style = "red"
    elif mmhg >= PRESSED_MMHG and mmhg < chosen - NEAR_MMHG:
        style = "blue"
    return Text.assemble(("█" * cells, style), ("·" * (width - cells), "bright_black"))


def show_status(console: Console, device: Device, program: str) -> None:
    """One look."""
    features = device.features
    console.print(frame(device, device.status["minutes"] * 60, program, min(console.width, 100)))
    low, high = features.pressure_mmhg
    versions = f"firmware {features.firmware}, protocol {features.protocol}"
    console.print(f"  board {features.board}, {versions}; {low} to {high} mmHg", style="dim")
    if "window_open" in packets.flags("status", device.status["flags"]):
        console.print("  the pairing window is open: peristal pair", style="bold yellow")


def table(console: Console, head: list[str], rows: list[list[str]]) -> None:
    """A plain table."""
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for index, name in enumerate(head):
        numbers = bool(rows) and all(re.fullmatch(r"-?[\d.:]*", row[index]) for row in rows)
        shown.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        shown.add_row(*row)
    console.print(shown)


def fields(line: str) -> dict[str, str]:
    """`a=1 b=x` of the console as a dictionary."""
    return dict(re.findall(r"(\w+)=(\S+)", line))
