"""One call of the command line: its options, the device, and where what it says goes."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from tools.cli.device import Device
from tools.cli.sim import SimLink


class Call:
    """One call of the program: its options, the device, and where what it says goes (`console` for people, `say` for --json)."""

    def __init__(self, options: Any, console: Any, device: Device | None = None) -> None:
        self.options = options
        self.console = console
        self._device = device

    @property
    def device(self) -> Device:
        assert self._device is not None
        return self._device

    @property
    def sim(self) -> SimLink | None:
        link = self.device.link
        return link if isinstance(link, SimLink) else None

    def tell(self, text: str, style: str = "") -> None:
        """A line for a person; nothing with --json."""
        if not self.options.json:
            self.console.print(text, style=style or None, highlight=False, soft_wrap=True)

    def progress(self, what: str, total: float | None) -> Progress:
        """A progress bar on standard error, only where a person looks on."""
        bar = Progress(TextColumn("{task.description}"), BarColumn(), console=Console(stderr=True), transient=True)
        bar.disable = self.options.json or not sys.stderr.isatty()
        bar.add_task(what, total=total)
        return bar
