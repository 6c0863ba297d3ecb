"""Looking on: the live view, JSON lines, and the log that `--record` writes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from rich.live import Live

from tools.ble import packets
from tools.cli.device import Device
from tools.cli.show import UNDER_WAY, frame, status_of
from tools.cli.trouble import FAILED, FAULT, LOST, Trouble

FRAME_S = 1 / 12
CALM_S = 2.0  # the last air, after the end
LONGEST_CALM_S = {"fault": 5.0}  # a broken sensor may never show that the air is out
OTHER_CALM_S = 60.0
EMPTY_MMHG = 5.0
DEFAULT_HZ = 5
SILENT_S = 10.0  # once a second at least something comes
LOG_HEAD = "# peristal log 1"


class Log:
    """A session as a table: one row for each packet of pressures, `#` lines before it for what does not change."""

    def __init__(self, path: Path, device: Device, told: dict[str, str], program: list[str]) -> None:
        self.device = device
        try:
            self._file: TextIO = path.open("w", newline="\n")
        except OSError as error:
            raise Trouble(FAILED, f"--record: {path} cannot be written: {error.strerror}") from None
        self.path = path
        self.rows = 0
        features = device.features
        lines = [LOG_HEAD, f"# board: {features.board}", f"# firmware: {features.firmware}", f"# protocol: {features.protocol}"]
        lines += [f"# {name}: {value}" for name, value in told.items()]
        lines += [f"# line: {line}" for line in program]
        zones = [f"{name.replace(' ', '_')}_mmhg" for name in features.zones]
        head = ["time_s", "state", "phase", "cycle", "left_s", "pump", "pressure_mmhg", "fault", "fault_zone", "notices", *zones]
        self._file.write("\n".join([*lines, ",".join(head)]) + "\n")

    def add(self, at_s: float) -> None:
        """The device as it is known now."""
        status = self.device.status
        zone = "" if status["fault_zone"] == packets.NO_ZONE else status["fault_zone"] + 1
        phase = ("slack", "cycle", "release", "gentle", "")[min(status["phase"], 4)] if status["state"] in ("running", "finishing") else ""
        row: list[Any] = [f"{at_s:.2f}", status["state"], phase, status["cycle"], status["seconds_left"], int(self.device.pump)]
        row += [status["pressure_mmhg"], status["fault"], zone, status["notices"]]
        row += [f"{mmhg:.1f}" for leg in self.device.mmhg for mmhg in leg]
        self._file.write(",".join(map(str, row)) + "\n")
        self.rows += 1

    def note(self, name: str, text: str) -> None:
        """A line for what is known afterwards."""
        self._file.write(f"# {name}: {text}\n")

    def close(self) -> None:
        self._file.close()


class Watcher:
    """watch() until the session has ended and the air is out, the seconds are over, or the link is lost."""

    def __init__(
        self, device: Device, program: str, say: Callable[[dict[str, Any]], None] | None, console: Any,
        clock: Callable[[], float] | None = None,
    ) -> None:  # fmt: skip
        self.device = device
        self.program = program
        self.say = say
        self.console = console
        self.clock = clock or time.monotonic
        self.log: Log | None = None
        self._news = asyncio.Event()
        self._tell: Callable[[], None] = lambda: None
        self._began_s = self.clock()
        self._whole_s = 1.0

    async def watch(
        self, hz: int, seconds: float | None = None, ends: bool = True, listening: Callable[[], None] | None = None
    ) -> None:
        """`ends`: return when the session is over; `listening` is called once nothing is missed any more. Raises Trouble FAULT when the
        session ended in a fault."""
        device = self.device
        device.hear = self._hear
        await device.listen()
        if hz != 1:
            await self._ask_for(hz)
        if listening is not None:
            listening()
        was_under_way = device.status["state"] in UNDER_WAY
        calm_s: float | None = None
        with self._view() as show:
            while True:
                await self._something(FRAME_S if show else SILENT_S)
                now_s = self.clock() - self._began_s
                state = device.status["state"]
                self._whole_s = max(self._whole_s, device.status["seconds_left"])
                if show:
                    show()
                if device.link.lost.is_set():
                    await self._again(hz, state)
                if seconds is not None and now_s >= seconds:
                    return
                was_under_way = was_under_way or state in UNDER_WAY
                if ends and was_under_way and state not in UNDER_WAY:
                    calm_s = now_s if calm_s is None else calm_s
                    empty = max(mmhg for leg in device.mmhg for mmhg in leg) < EMPTY_MMHG
                    if (empty and now_s - calm_s >= CALM_S) or now_s - calm_s > LONGEST_CALM_S.get(state, OTHER_CALM_S):
                        break
        if state == "fault":
            number = device.status["fault"]
            raise Trouble(FAULT, f"fault {packets.fault_name(number)}: {packets.fault_words(number)}")

    async def _something(self, seconds: float) -> None:
        """Waits for news or the end of the link, at most so long."""
        waiting = {asyncio.ensure_future(event.wait()) for event in (self._news, self.device.link.lost)}
        _, left = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for one in left:
            one.cancel()
        self._news.clear()

    async def _again(self, hz: int, state: str) -> None:
        """One more try: somebody walked out of reach and back, or another program on this computer ended the link that both shared."""
        try:
            await self.device.again()
        except Trouble as trouble:
            what = f"the link was lost, and cannot be had again; the session goes on as the device was told (set link), last seen {state}"
            raise Trouble(LOST, what) from trouble
        if hz != 1:
            await self._ask_for(hz)

    async def _ask_for(self, hz: int) -> None:
        """A rate; whoever is not paired gets one packet a second."""
        with contextlib.suppress(Trouble):
            if await self.device.may_command():
                await self.device.command(packets.RATE, hz)

    def _hear(self, what: str) -> None:
        self._tell()
        if what == "pressures":
            at_s = self.clock() - self._began_s
            if self.log is not None:
                self.log.add(at_s)
            if self.say is not None:
                self.say({"time_s": round(at_s, 2), **status_of(self.device)})
        self._news.set()

    @contextlib.contextmanager
    def _view(self) -> Iterator[Callable[[], None] | None]:
        if self.say is not None:
            yield None
            return
        if not self.console.is_terminal:
            last: list[str] = []

            def tell() -> None:
                """With each packet: where they come in heaps, a look now and then would miss some."""
                status = self.device.status
                now = f"running, cycle {status['cycle']}" if status["state"] == "running" and status["cycle"] else status["state"]
                if last[-1:] != [now]:
                    last.append(now)
                    self.console.print(now)

            self._tell = tell
            tell()
            yield None
            return
        with Live(console=self.console, auto_refresh=False, transient=False) as live:
            drawn_s = [0.0]

            def draw() -> None:
                if time.monotonic() - drawn_s[0] >= FRAME_S:
                    drawn_s[0] = time.monotonic()
                    width = min(self.console.width, 100)
                    live.update(frame(self.device, self._whole_s, self.program, width, "Ctrl-C ends watching"), refresh=True)

            yield draw


def json_line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)
