"""The view on a terminal: both legs as they fill, what the firmware is doing, and the time left."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from peristal.core import limits
from peristal.core.routes import FILL, RELEASE, RELIEVE
from peristal.core.units import NONE
from tools.simulator.options import Options
from tools.simulator.recorder import CRASHED, Recorder
from tools.simulator.rig import Rig
from tools.simulator.session_run import clock

FRAME_S = 1 / 12
EIGHTHS = " ▏▎▍▌▋▊▉█"
NEAR_MMHG = 5
JOBS = {FILL: "filling", RELIEVE: "relieving", RELEASE: "releasing"}
STATE_STYLES = {"running": "bold green", "done": "bold green", "fault": "bold red", "finishing": "bold cyan", "preflight": "bold yellow"}
WIDEST = 100


class LiveView:
    """A rich live display, redrawn at most FRAME_S apart however fast virtual time goes."""

    def __init__(self, rig: Rig, options: Options, console: Console | None = None) -> None:
        self.rig = rig
        self.options = options
        self.live = Live(console=console, auto_refresh=False, transient=True)
        self._next_s = 0.0

    def __enter__(self) -> LiveView:
        self.live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.live.stop()

    def update(self, recorder: Recorder) -> None:
        """Redraws when a frame is due."""
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + FRAME_S
            self.live.update(frame(self.rig, recorder, self.options, min(self.live.console.width, WIDEST)), refresh=True)


def frame(rig: Rig, recorder: Recorder, options: Options, width: int) -> RenderableType:
    """One picture of the moment, `width` characters wide (60 or more)."""
    legs = Table.grid(padding=(0, 2), expand=True)
    bar_width = max(8, (width - 6) // len(recorder.legs) - 20)
    for _ in recorder.legs:
        legs.add_column(ratio=1)
    legs.add_row(*[_leg(recorder, leg, options, bar_width) for leg in range(len(recorder.legs))])
    title = f"{options.program} · {options.mmhg} mmHg · {options.minutes} min · {options.board}"
    speed = "max" if options.speed is None else f"x{options.speed:g}"
    body = Group(Text(), legs, Text(), _doing(rig, recorder), _air(rig, recorder), Text(), _progress(rig, recorder, options, width))
    foot = f"{speed} · Ctrl-C ends"
    return Panel(body, title=title, title_align="left", subtitle=foot, subtitle_align="right", width=width, border_style="dim")


def _leg(recorder: Recorder, leg: int, options: Options, width: int) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_row(Text(""), Text(f"{recorder.leg_names[leg]} leg", style="bold"), Text("mmHg", style="dim"))
    zones = recorder.legs[leg]
    for zone in reversed(zones):
        number = recorder.number_of(zone)
        place = "foot" if number == 1 else "thigh" if number == len(zones) else ""
        mmhg, target = recorder.zone_mmhg[zone][-1], recorder.target_mmhg[zone][-1]
        figures = Text.assemble((f"{mmhg:3.0f}", "bold"), (f" /{target:3.0f}" if target else "  off", "dim"))
        table.add_row(Text(f"{place:>5} {number}", style="dim"), bar(mmhg, target, max(options.mmhg * 1.4, 30), width), figures)
    return table


def bar(mmhg: float, target: float, full_mmhg: float, width: int) -> Text:
    """A pressure as a bar of `width` characters with a mark at its target; the colour tells low, there, high and released."""
    eighths = round(min(max(mmhg, 0.0) / full_mmhg, 1.0) * width * 8)
    cells = EIGHTHS[-1] * (eighths // 8) + (EIGHTHS[eighths % 8] if eighths % 8 else "")
    if target == 0:
        style = "bright_black"
    elif mmhg > target + limits.highest("over_mmhg"):
        style = "red"
    elif mmhg > target + NEAR_MMHG:
        style = "yellow"
    elif mmhg >= target - NEAR_MMHG:
        style = "green"
    else:
        style = "blue"
    text = Text(cells.ljust(width, "·"), style=style)
    text.stylize("bright_black", len(cells), width)
    if target:
        at = min(int(target / full_mmhg * width), width - 1)
        mark = Text("┃" if at >= len(cells) else "│", style="white" if at >= len(cells) else f"black on {style}")
        text = Text.assemble(text[:at], mark, text[at + 1 :])
    return text


def _doing(rig: Rig, recorder: Recorder) -> Text:
    state = recorder.state[-1]
    text = Text("  ")
    text.append(f"{state:<10}", style=STATE_STYLES.get(state, "bold"))
    parts: list[str] = ["letting the last air out"] if state == "finishing" and not recorder.phase[-1] else []
    app: Any = rig.app
    if recorder.phase[-1]:
        parts.append({"slack": "taking up slack", "gentle": "gentle release"}.get(recorder.phase[-1], recorder.phase[-1]))
        if recorder.cycle[-1]:
            parts[-1] = f"cycle {recorder.cycle[-1]}" + (", resting early" if recorder.phase[-1] == "release" else "")
        if recorder.step[-1]:
            parts.append(f"step {recorder.step[-1]} of {app.session.sequencer.lanes.program.length()}")
        job = app.regulator.lead
        if job.zone != NONE:
            parts.append(f"{JOBS.get(job.kind, '')} {recorder.zone_names[job.zone]}")
    text.append("   ".join(parts))
    return text


def _air(rig: Rig, recorder: Recorder) -> Text:
    """Pump, line and every valve: a filled dot is open."""
    duty = recorder.pump_duty[-1]
    text = Text.assemble(("  pump ", "dim"))
    text.append(f"{duty * 100:3.0f} %" if duty else "off  ", style="bold blue" if duty else "dim")
    text.append("   line ", style="dim")
    text.append(f"{recorder.line_mmhg[-1]:3.0f} mmHg")
    text.append("   open ", style="dim")
    groups: dict[str, Text] = {}
    for name, is_open in zip(recorder.valve_names, rig.plant.valve_open):
        first, _, last = name.partition("_")
        _, _, kind = last.partition("_")
        group = groups.setdefault(f"{first} {kind}s" if kind else last, Text())
        group.append("●" if is_open else "○", style="bold cyan" if is_open else "dim")
    for name, dots in groups.items():
        text.append(f"{name.removesuffix(' valves')} ", style="dim")
        text.append_text(dots)
        text.append("  ")
    return text


def _progress(rig: Rig, recorder: Recorder, options: Options, width: int) -> Table:
    whole_s = options.minutes * 60
    left_s = whole_s
    state = recorder.state[-1]
    if state not in ("off", "idle", "preflight", CRASHED):
        left_s = rig.app.session.seconds_left()
    grid = Table.grid(padding=(0, 1))
    says = f"{clock(left_s)} left" if left_s else state
    done = ProgressBar(whole_s, whole_s - left_s, max(10, width - 20), complete_style="cyan", finished_style="green")
    grid.add_row(Text(" "), done, Text(f"{says:<11}"))
    return grid
