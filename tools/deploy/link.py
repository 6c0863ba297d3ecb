"""A device at the end of a serial port: first its own console, then MicroPython's raw REPL by mpremote's transport."""

from __future__ import annotations

import ast
import base64
import re
import time
from dataclasses import dataclass
from typing import Any

import serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

OLDEST = (1, 26)
ANSWER_S = 1.5
VENT_S = 120.0
REPL_S = 20.0
WATCHDOG_MS = 3600000  # as the firmware gives whoever works at the REPL
PIECE_BYTES = 1536
SILENT_S = 120.0  # a hundred renames, or hashes, on a slow flash
AT_REST = ("idle", "done", "fault")
CHIPS = {"ESP32": "esp32", "ESP32S3": "esp32s3", "ESP32C3": "esp32c3", "ESP32C6": "esp32c6"}


class LinkError(Exception):
    """The device cannot be reached or refuses; the text says what to do."""


@dataclass(frozen=True)
class Device:
    """What is at the other end."""

    version: tuple[int, int, int]
    machine: str
    chip: str

    def __str__(self) -> str:
        return f"MicroPython {'.'.join(map(str, self.version))} on {self.machine}"


class Link:
    """Every method raises LinkError when the cable breaks or the device does not answer."""

    def __init__(self, port: str) -> None:
        try:
            self._transport: Any = SerialTransport(port, timeout=ANSWER_S)
        except (TransportError, OSError, serial.SerialException) as error:
            raise LinkError(f"PORT: {port} cannot be opened ({error}); is it plugged in, and is no other program using it?") from error
        self.port = port
        self.heard = b""  # everything that came after the last line that was typed
        self._stopped = False  # enter() has ended what ran

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the port; what was stopped and not started again (a refusal, Ctrl-C) is started first."""
        try:
            if self._stopped:
                self.restart()
        except LinkError:
            pass  # the cable broke: whoever called knows
        try:
            self._transport.close()
        except (OSError, serial.SerialException):
            pass

    # --- the firmware's console --------------------------------------------------------------------------------------

    def command(self, line: str, wait_s: float = ANSWER_S) -> list[str]:
        """Types a line at the firmware's console: what it said up to and with its last line (ok or error:), [] when nobody answers."""
        port = self._transport.serial
        try:
            port.reset_input_buffer()
            port.write(f"\r{line}\r".encode())
            said: list[str] = []
            text = self.heard = b""
            until = time.monotonic() + wait_s
            while time.monotonic() < until:
                piece = port.read(max(1, port.in_waiting)) if port.in_waiting else b""
                text += piece
                self.heard += piece
                while b"\n" in text:
                    one, text = text.split(b"\n", 1)
                    said.append(one.decode(errors="replace").strip())
                    until = time.monotonic() + wait_s
                    if re.match(r"(ok\b|error:)", said[-1]):
                        return said
                time.sleep(0.01)
        except (OSError, serial.SerialException) as error:
            raise LinkError(f"the connection to {self.port} broke ({error})") from error
        return []

    def status(self, wait_s: float = ANSWER_S) -> dict[str, str]:
        """Fields of the firmware's status line, {} when it does not run."""
        said = self.command("status", wait_s)
        return dict(re.findall(r"(\w+)=(\S+)", said[-1])) if said else {}

    def listen(self, wait_s: float) -> list[str]:
        """What comes by itself, until it has been silent for this long."""
        port = self._transport.serial
        text = b""
        until = time.monotonic() + wait_s
        try:
            while time.monotonic() < until:
                if port.in_waiting:
                    text += port.read(port.in_waiting)
                    until = time.monotonic() + wait_s
                time.sleep(0.01)
        except (OSError, serial.SerialException) as error:
            raise LinkError(f"the connection to {self.port} broke ({error})") from error
        return text.decode(errors="replace").splitlines()

    def quiet_down(self, tell: Any) -> bool:
        """Asks a running firmware to stop and waits until it has vented; whether one runs. Raises LinkError when air stays in."""
        status = self.status()
        if not status:
            return False
        until = time.monotonic() + VENT_S
        asked = False
        while status.get("state") not in AT_REST or any(int(mmhg) >= 15 for mmhg in status.get("zones_mmhg", "0").split(",")):
            if not asked:
                tell(f"a session is {status.get('state')}: asking it to stop, and waiting until the air is out")
                self.command("stop")
                asked = True
            if time.monotonic() > until:
                raise LinkError(
                    f"there is still air in the sleeves after {VENT_S:.0f} s; nothing was changed. Unplug the hoses, try again."
                )
            time.sleep(0.3)
            status = self.status() or status
        return True

    # --- MicroPython's raw REPL ----------------------------------------------------------------------------------------

    def enter(self) -> Device:
        """Stops what runs, enters the raw REPL with a fresh heap, and says what is there."""
        transport = self._transport
        try:
            if not transport.in_raw_repl:
                # The firmware lets the air out before it opens the REPL: it may take its time.
                transport.serial.write(b"\r\x03\r\x03")
                transport.read_until(1, b">>> ", timeout=REPL_S)
            transport.enter_raw_repl(soft_reset=True)
            self._stopped = True
        except (TransportError, OSError, serial.SerialException) as error:
            raise LinkError(
                f"{self.port}: no MicroPython answers ({error}). A blank chip gets it by make install PORT={self.port} FIRMWARE=file.bin"
            ) from error
        version, machine = self.read("import sys\nprint(repr((sys.implementation.version[:3], sys.implementation._machine)))")
        name = machine.rpartition(" with ")[2].strip().upper().replace("-", "")
        return Device(tuple(version), machine, CHIPS.get(name) or name)

    def run(self, code: str, wait_s: float = SILENT_S) -> str:
        """Runs code on the device: what it printed. `wait_s`: how long it may be silent."""
        try:
            said, wrong = self._transport.exec_raw(code, timeout=wait_s)
            if wrong:
                raise TransportExecError(said, wrong.decode(errors="replace"))
            return said.decode(errors="replace")
        except TransportExecError as error:
            raise LinkError(f"the device says: {error.error_output.strip().splitlines()[-1] if error.error_output else error}") from error
        except (TransportError, OSError, serial.SerialException) as error:
            raise LinkError(f"the connection to {self.port} broke ({error})") from error

    def read(self, code: str) -> Any:
        """Runs code that prints one Python value."""
        return ast.literal_eval(self.run(code).strip())

    def write(self, path: str, data: bytes) -> None:
        """Writes a file on the device, in pieces that a small heap can hold; base64, because a repr would be twice as long."""
        pieces = [data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES)] or [b""]
        for number, piece in enumerate(pieces):
            how = "wb" if number == 0 else "ab"
            coded = base64.b64encode(piece).decode()
            self.run(f"import binascii\nwith open({path!r}, {how!r}) as f:\n f.write(binascii.a2b_base64('{coded}'))")

    def fetch(self, path: str) -> bytes:
        """Reads a file on the device."""
        try:
            return bytes(self._transport.fs_readfile(path))
        except (TransportError, OSError, serial.SerialException) as error:
            raise LinkError(f"{path} could not be read ({error})") from error

    def stretch_watchdog(self) -> None:
        """A watchdog that a firmware has started cannot be stopped: it gets an hour."""
        self.run(f"from machine import WDT\nWDT(timeout={WATCHDOG_MS})")

    def restart(self) -> None:
        """Resets the chip and goes back to its console."""
        transport = self._transport
        self._stopped = False
        try:
            transport.exec_raw_no_follow("import machine\nmachine.reset()")
            time.sleep(0.2)
            transport.in_raw_repl = False
        except (TransportError, OSError, serial.SerialException) as error:
            raise LinkError(f"the device could not be started anew ({error}); press its reset button") from error
