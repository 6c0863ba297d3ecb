"""Which serial port the board is on."""

from __future__ import annotations

import os

from serial.tools import list_ports

# USB vendors of ESP32 boards: Espressif's own port, CP210x, CH340 and CH9102, FTDI, Adafruit, Arduino, Seeed, M5.
VENDORS = {0x303A, 0x10C4, 0x1A86, 0x0403, 0x239A, 0x2341, 0x2886}


class NoPort(Exception):
    """No port, or more than one; the text says what to do."""


def find(named: str) -> str:
    """The named port, or the only one on which a board may be. Raises NoPort."""
    if named:
        if os.name != "nt" and "://" not in named and not os.path.exists(named):
            usb = [port.device for port in list_ports.comports() if port.vid is not None]
            seen = ", ".join(usb) or "none is there; plug the board in (a cable with data lines)"
            raise NoPort(f"PORT: {named} does not exist; allowed: {seen}")
        return named
    found = [port for port in list_ports.comports() if port.vid in VENDORS]
    if len(found) == 1:
        return found[0].device
    if not found:
        raise NoPort("PORT: no board was found; plug it in (a cable with data lines), or name its port: make ... PORT=/dev/ttyUSB0")
    listed = ", ".join(f"{port.device} ({port.description})" for port in found)
    raise NoPort(f"PORT: more than one board may be meant; allowed: one of {listed}")
