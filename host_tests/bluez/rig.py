"""The stand-in with all it needs: a private dbus-daemon, a thread with an event loop, and a simulated pair."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Message
from dbus_fast.aio import MessageBus

from host_tests.bluez.stand_in import StandIn
from tools.simulator.central import Central
from tools.simulator.live_pair import LivePair

VARIABLE = "DBUS_SYSTEM_BUS_ADDRESS"
REASON = "dbus-daemon is not here (Debian: apt install dbus)"
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>
"""
WATCH_CLIENTS = "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged'"


def environment(bluez: Bluez) -> dict[str, str]:
    """The environment of a program that shall take it for the real one."""
    return {**os.environ, VARIABLE: bluez.address}


class Bluez:
    """`with Bluez(pair) as bluez:` serves until the end of the block; a test that asks for one without dbus-daemon is skipped.

    address  of the bus, for DBUS_SYSTEM_BUS_ADDRESS
    service  the StandIn, to be looked at and meddled with through run()
    """

    service: StandIn

    def __init__(self, pair: LivePair, number: int = 1) -> None:
        self.pair = pair
        self.central = Central(pair, number)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="org.bluez", daemon=True)
        self._folder = Path(tempfile.mkdtemp(prefix="bluez-"))
        self.address = f"unix:path={self._folder / 'bus'}"
        self._daemon: subprocess.Popen[str] | None = None
        self._bus: MessageBus | None = None

    def __enter__(self) -> Bluez:
        program = shutil.which("dbus-daemon")
        if program is None:
            shutil.rmtree(self._folder)
            pytest.skip(REASON)
        config = self._folder / "bus.conf"
        config.write_text(CONFIG.format(socket=self._folder / "bus"))
        command = [program, f"--config-file={config}", "--nofork", "--print-address"]
        self._daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._daemon.stdout is not None and self._daemon.stdout.readline(), "dbus-daemon did not start"
        self._thread.start()
        try:
            self.run(self._serve())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread.is_alive():
            self.run(self._leave())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join(5)
            self.loop.close()
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.wait(5)
        shutil.rmtree(self._folder, ignore_errors=True)
        if self.service.mistakes:
            raise self.service.mistakes[0]

    async def _serve(self) -> None:
        self._bus = bus = MessageBus(bus_address=self.address)
        await bus.connect()
        self.service = StandIn(bus, self.central)
        bus.add_message_handler(self.service.hear)
        match = Message(
            destination="org.freedesktop.DBus", path="/org/freedesktop/DBus", interface="org.freedesktop.DBus", member="AddMatch",
            signature="s", body=[WATCH_CLIENTS],
        )  # fmt: skip
        await bus.call(match)
        await bus.request_name("org.bluez")

    async def _leave(self) -> None:
        await self.service.rest()
        if self.central.connected:
            await self.central.disconnect()
        if self._bus is not None:
            self._bus.disconnect()

    def run(self, work: Coroutine[Any, Any, Any], timeout_s: float = 20.0) -> Any:
        """Runs a coroutine in the stand-in's loop and returns its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    def unplug(self) -> None:
        """The adapter is pulled out."""
        self.run(self.service.unplug())

    def plug_in(self) -> None:
        """And put in again."""

        async def work() -> None:
            self.service.plug_in()

        self.run(work())

    def power(self, on: bool) -> None:
        """Bluetooth is switched off, or on."""
        self.run(self.service.power(on))

    def forget(self) -> None:
        """This side knows nobody any more: no bond, no device, no link."""

        async def work() -> None:
            if self.central.connected:
                await self.central.disconnect()
                await asyncio.sleep(0.05)
            self.central.bonds.all_keys.clear()
            for path in [path for path in self.service.tree.objects if "/dev_" in path and path.count("/") == 4]:
                self.service.tree.remove(path)

        self.run(work())
