"""Virtual devices for the tests of tools/deploy: folders as a device's flash, and the commands run against them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from importlib import import_module
from io import StringIO
from pathlib import Path

from tools.deploy import build
from tools.simulator import boards, builder
from tools.wasm.device import VirtualDevice

ROOT = Path(__file__).resolve().parents[1]
BOARD = "esp32_manifold"


@cache
def content(board: str = BOARD) -> dict[str, bytes]:
    """What flashing puts on a device; bytecode only, because the VM runs no machine code of an ESP32."""
    return build.files(boards.BOARDS / board / "board.py", native=False)


def fill(flash: Path, changes: Mapping[str, bytes | None] | None = None) -> Path:
    """Makes a folder a flash with the firmware on it and its bring-up passed, some files exchanged or left out."""
    for name, data in {**content(), "bringup.json": builder.stored(boards.source(BOARD)).encode(), **(changes or {})}.items():
        if data is not None:
            (flash / name).parent.mkdir(parents=True, exist_ok=True)
            (flash / name).write_bytes(data)
    return flash


def held(flash: Path) -> dict[str, bytes]:
    """Everything on a flash."""
    return {path.relative_to(flash).as_posix(): path.read_bytes() for path in flash.rglob("*") if path.is_file()}


def run(name: str, *args: str, device: VirtualDevice | None = None, process: bool = False) -> subprocess.CompletedProcess[str]:
    """Runs a tool of tools/deploy as `make` does, in a `process` of its own or in this one, which builds the firmware only once."""
    if device is not None:
        args = (*args, "--port", device.port)
    if process:
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "firmware")])}
        command = [sys.executable, "-P", "-m", f"tools.deploy.{name}", *args]
        return subprocess.run(command, capture_output=True, text=True, timeout=180, env=environ, check=False)
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = import_module(f"tools.deploy.{name}").main(list(args))
    return subprocess.CompletedProcess([name, *args], status, out.getvalue(), err.getvalue())


def flash_tool(device: VirtualDevice, board: str = BOARD, *, process: bool = False) -> subprocess.CompletedProcess[str]:
    """`make flash`, without machine code."""
    return run("flash", "--board", board, "--bytecode", device=device, process=process)
