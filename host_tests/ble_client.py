"""A client that knows only the document: UUIDs, opcodes and layouts come from tools/ble/vectors.json, by way of tools/ble/packets.py."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from tools.ble.packets import CONSOLE_NOTIFY, CONSOLE_WRITE, SERVICE, UUID, VECTORS, decode
from tools.ble.packets import OPCODES as OPCODE
from tools.ble.packets import RESULTS as RESULT
from tools.ble.packets import SIZES as SIZE
from tools.simulator.bluetooth import Radio
from tools.simulator.phone import Phone, local_name
from tools.simulator.rig import Rig

logging.getLogger("bumble").setLevel(logging.CRITICAL)  # it says what it thinks of strangers' packets
__all__ = ["CONSOLE_NOTIFY", "CONSOLE_WRITE", "OPCODE", "RESULT", "SERVICE", "SIZE", "UUID", "VECTORS", "Client", "Talk", "decode"]


class Client(Phone):
    """A phone with an app for Peristal."""

    async def find(self, seconds: float = 1.0) -> Any:
        """The device that advertises the service, and its name."""
        for one in await self.scan(seconds):
            if SERVICE.lower() in str(one.data).lower():
                return one.address, local_name(one.data)
        raise AssertionError("nobody advertises the service")

    async def join(self, mtu: int | None = None, listen: bool = True) -> Client:
        """Finds it, connects, discovers, subscribes."""
        address, _ = await self.find()
        await self.connect(address, mtu)
        await self.discover()
        if listen:
            for name in ("Control Point", "Last Result", "Status", "Zone Pressures"):
                await self.subscribe(UUID[name])
            await self.subscribe(CONSOLE_NOTIFY)
        return self

    async def status(self) -> dict[str, Any]:
        """Reads Status."""
        return decode("Status", await self.read(UUID["Status"]))

    async def until_state(self, *names: str, seconds: float = 30.0) -> dict[str, Any]:
        """Waits for Status to be notified with one of these states."""

        def told() -> Any:
            packets = self.told(UUID["Status"])
            return decode("Status", packets[-1]) if packets and decode("Status", packets[-1])["state"] in names else None

        return await self.until(told, seconds, f"a state of {names}")

    async def raw(self, data: bytes, seconds: float = 2.0) -> str:
        """Writes to the Control Point and waits for the answer: the result's name."""
        before = len(self.told(UUID["Control Point"]))
        await self.write(UUID["Control Point"], data)
        opcode = data[0] if data else 0

        def answer() -> Any:
            return [one for one in self.told(UUID["Control Point"])[before:] if one[1] == opcode]

        found = await self.until(answer, seconds, f"an answer to {data.hex()}")
        return RESULT[found[0][2]]

    async def command(self, words: str, *values: int) -> str:
        """A command by its words in the document."""
        row = OPCODE[words]
        data = bytes([row["opcode"]])
        for field, value in zip(row["fields"], values):
            data += value.to_bytes(SIZE[field.upper()], "little")
        return await self.raw(data)

    async def line(self, text: str, seconds: float = 4.0) -> list[str]:
        """A line on the console, and its answer."""
        before = len(self.told(CONSOLE_NOTIFY))
        data = text.encode() + b"\n"
        room = self.connection.att_mtu - 3
        for at in range(0, len(data), room):
            await self.write(CONSOLE_WRITE, data[at : at + room])

        def answer() -> Any:
            said = b"".join(self.told(CONSOLE_NOTIFY)[before:]).decode()
            lines = said.split("\n")[:-1]
            return lines if lines and lines[-1].startswith(("ok", "error: ")) else None

        return await self.until(answer, seconds, f"an answer to {text!r}")


class Talk:
    """A simulated pair with a radio, and coroutines that talk to it. `press(hold_s)` presses the button from now on."""

    def __init__(self, board: str = "esp32_manifold", **options: Any) -> None:
        self.rig = Rig(board, **options)
        self.radio = Radio(self.rig.chip)
        self.client = Client(self.radio)
        self.periods_ms: list[float] = []
        self._last_s = 0.0
        self.rig.chip.on_import("peristal.app", self._time_the_loop)

    def _time_the_loop(self, module: Any) -> None:
        tick = module.App.tick
        self._last_s = 0.0

        def timed(app: Any) -> None:
            if self._last_s:
                self.periods_ms.append((self.rig.now_s - self._last_s) * 1000)
            self._last_s = self.rig.now_s
            tick(app)

        module.App.tick = timed

    @property
    def app(self) -> Any:
        """The running application, for eyes only."""
        return self.rig.app

    def phone(self, number: int) -> Client:
        """Another phone."""
        return Client(self.radio, f"C0:00:00:00:00:{number:02X}")

    def press(self, hold_s: float) -> None:
        """Somebody's hand."""
        self.rig.press(self.rig.now_s + 0.001, hold_s)

    async def open_window(self) -> None:
        """By the button, as the document says."""
        self.press(3.3)
        await self.client.until(lambda: self.app.radio.window.left_ms, 25, "the pairing window")

    async def owner(self, mtu: int | None = None, client: Client | None = None) -> Client:
        """A phone that is paired and connected."""
        client = client or self.client
        await client.join(mtu)
        await self.open_window()
        await client.pair()
        await client.until(lambda: not self.app.radio.window.left_ms, 2, "the window's end")
        await asyncio.sleep(0.5)  # the bond is written
        return client

    def run(self, talk: Callable[[], Coroutine[Any, Any, Any]], seconds: float = 120.0, after_s: float = 2.5) -> Talk:
        """Powers it, waits, runs the coroutine to its end."""
        tasks: list[asyncio.Task[Any]] = []
        begin_s = self.rig.now_s

        def begin() -> None:
            task = self.radio.loop.create_task(talk())
            tasks.append(task)
            task.add_done_callback(lambda _: self.rig.at(self.rig.now_s, self.rig.chip.power_off))

        self.rig.at(begin_s + after_s, begin)
        end_s = begin_s + seconds
        self.rig.at(end_s, lambda: None if tasks and tasks[0].done() else self.rig.chip.power_off())
        self.rig.chip.run()
        assert tasks and tasks[0].done(), f"the conversation did not end within {seconds} s"
        tasks[0].result()
        return self

    def power_cycle(self) -> None:
        """Off and on again; run() goes on."""
        self.rig.chip.power_cycle()
