"""`make install PORT=... FIRMWARE=file.bin`: puts MicroPython on a blank chip with esptool, which detects what chip it is.

Everything on the chip is erased. The file is the one that micropython.org offers under "ESP32 / WROOM", "ESP32-S3", "ESP32-C3" or
"ESP32-C6" (version 1.26 or newer, the plain .bin of "Firmware", not the .app-bin), or one you have built.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.deploy import ports

# chip id in an image's header, and where its first byte belongs
CHIPS = {0: ("esp32", 0x1000), 9: ("esp32s3", 0), 5: ("esp32c3", 0), 13: ("esp32c6", 0)}
NAMES = {"esp32": "ESP32_GENERIC", "esp32s3": "ESP32_GENERIC_S3", "esp32c3": "ESP32_GENERIC_C3", "esp32c6": "ESP32_GENERIC_C6"}
MAGIC = 0xE9
CHIP_ID_AT = 12
WHERE = "micropython.org/download/{}/ has it"


class NoInstall(Exception):
    """Nothing was written; the text says why."""


def image_chip(path: Path) -> str:
    """For which chip a firmware image is, from its header. Raises NoInstall."""
    try:
        head = path.read_bytes()[:24]
    except OSError as error:
        raise NoInstall(f"FIRMWARE: {path} cannot be read ({error.strerror}); " + WHERE.format("ESP32_GENERIC")) from error
    if len(head) < 24 or head[0] != MAGIC:
        raise NoInstall(f"FIRMWARE: {path} is no firmware image of an ESP32 (its first byte is not 0xE9); " + WHERE.format("ESP32_GENERIC"))
    number = head[CHIP_ID_AT] | head[CHIP_ID_AT + 1] << 8
    if number not in CHIPS:
        raise NoInstall(f"FIRMWARE: {path} is for a chip with the number {number}; allowed: {', '.join(NAMES)}")
    return CHIPS[number][0]


def chip_of(said: str) -> str:
    """The chip that esptool has found, from what it printed. Raises NoInstall."""
    found = re.search(r"(?:Detecting chip type\.+|Chip type:|Chip is|Connected to)\s*(ESP32(?:-[SC]\d)?)", said)
    if found is None:
        raise NoInstall("PORT: no chip answers; hold its BOOT button, press reset, let go, and try again")
    return found[1].lower().replace("-", "")


def esptool(*args: str) -> tuple[int, str]:
    """Runs esptool: its status, and what it printed (shown as it comes)."""
    done = subprocess.Popen([sys.executable, "-m", "esptool", *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = []
    for line in done.stdout or ():
        print(f"  {line}", end="", flush=True)
        said.append(line)
    return done.wait(), "".join(said)


def install(port: str, firmware: Path, run: Callable[..., tuple[int, str]] = esptool) -> None:
    """Detects, compares, erases, writes. Raises NoInstall, before anything is erased where it can be known before."""
    wanted = image_chip(firmware)
    status, said = run("--port", port, "chip-id")
    if status:
        raise NoInstall("PORT: no chip answers; hold its BOOT button, press reset, let go, and try again")
    chip = chip_of(said)
    if chip != wanted:
        raise NoInstall(f"FIRMWARE: it is for {wanted}, the chip is {chip}; nothing was erased. " + WHERE.format(NAMES.get(chip, "")))
    offset = next(at for name, at in CHIPS.values() if name == chip)
    for step in (("erase-flash",), ("write-flash", hex(offset), str(firmware))):
        status, _ = run("--port", port, "--chip", chip, *step)
        if status:
            raise NoInstall(f"{step[0]} failed; the chip has no firmware now. Try again, with a shorter cable or ARGS=--baud=115200.")


def main(argv: list[str]) -> int:
    """Status 0 done, 2 nothing was written or what was asked for."""
    parser = argparse.ArgumentParser(prog="make install", usage="make install PORT=port FIRMWARE=file.bin", description=__doc__)
    parser.add_argument("--port", default=os.environ.get("PORT", ""))
    parser.add_argument("--firmware", default=os.environ.get("FIRMWARE", ""))
    given = parser.parse_args(argv)
    if not given.firmware:
        print("FIRMWARE: missing; allowed: MicroPython's .bin for your chip, 1.26 or newer:", file=sys.stderr)
        for chip, name in NAMES.items():
            print(f"  {chip:<10}micropython.org/download/{name}/", file=sys.stderr)
        return 2
    try:
        image_chip(Path(given.firmware))  # a mistyped name is said before a board is looked for
        install(ports.find(given.port), Path(given.firmware))
    except (NoInstall, ports.NoPort) as error:
        print(error, file=sys.stderr)
        return 2
    print("MicroPython is on the chip. Now: make flash BOARD=...")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
