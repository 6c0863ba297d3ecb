"""`make flash [PORT=...] [BOARD=...]`: puts a checked board file, its safe pins and the build on a device that runs MicroPython.

Only what changed is copied. Everything is first written beside the old files and compared; then all of it is renamed into place
within a moment. So a cable that breaks leaves the old firmware whole, and main.py sets safe outputs before anything else.
Settings, bonds, programs and what was learned are never touched.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from tools.boards.check import check
from tools.boards.load import NoBoard, find
from tools.deploy import build, ports
from tools.deploy.link import OLDEST, Link, LinkError
from tools.mpy import CompileError
from tools.simulator import boards

# Hashes of the firmware's own files on the device; what else lies there is nobody's business.
LIST = """
import os, hashlib
def _walk(path, found):
    try:
        names = list(os.ilistdir(path or '/'))
    except OSError:
        return
    for row in names:
        name = path + row[0]
        if row[1] & 0x4000:
            if path or row[0] == 'peristal':
                _walk(name + '/', found)
        elif path or row[0] in ('main.py', 'board.py', 'pins.txt', 'boot.py') or row[0].endswith('.new'):
            digest = hashlib.sha256()
            with open(name, 'rb') as file:
                while True:
                    piece = file.read(512)
                    if not piece:
                        break
                    digest.update(piece)
            found[name] = ''.join(['%02x' % byte for byte in digest.digest()])
found = {}
_walk('', found)
print(found)
"""
MAKE_FOLDERS = """
import os
for name in %r:
    try:
        os.mkdir(name)
    except OSError:
        pass
"""
# main.py last: until then the old one starts, or a new one that says what is missing, with every output low.
COMMIT = """
import os
for name in %r:
    os.rename(name + '.new', name)
for name in %r:
    os.remove(name)
if hasattr(os, 'sync'):
    os.sync()
"""


def digest(data: bytes) -> str:
    """As the device prints it."""
    return hashlib.sha256(data).hexdigest()


class Flash:
    """One run; `tell` takes a line for the person."""

    def __init__(self, link: Link, content: dict[str, bytes], chip: str, tell: Any = print) -> None:
        self.link = link
        self.content = content
        self.chip = chip
        self.tell = tell

    def run(self) -> dict[str, str]:
        """Brings the device up to date and starts it: the fields of its status. Raises LinkError."""
        running = self.link.quiet_down(self.tell)
        device = self.link.enter()
        self.tell(f"found {device}")
        if device.version[:2] < OLDEST:
            found, least = (".".join(map(str, version)) for version in (device.version, OLDEST))
            why = "its PWM driver glitches before that; make install puts a newer one on the chip"
            raise LinkError(f"MicroPython {found} is too old; allowed: {least} or newer ({why})")
        if device.chip != self.chip:
            raise LinkError(f"the board is for {self.chip}, the device is {device.chip}; nothing was changed")
        there = self.link.read(LIST)
        if running or "main.py" in there:
            self.link.stretch_watchdog()
        self._copy(there)
        self.link.restart()
        return self._wait_for_status()

    def _copy(self, there: dict[str, str]) -> None:
        changed = [name for name, data in self.content.items() if there.get(name) != digest(data)]
        stale = [name for name in there if name not in self.content and self._is_ours(name)]
        if not changed and not stale:
            self.tell(f"all {len(self.content)} files are up to date; nothing was copied")
            return
        folders = sorted({"/".join(name.split("/")[:depth]) for name in changed for depth in range(1, name.count("/") + 1)})
        self.link.run(MAKE_FOLDERS % (folders,))
        total = sum(len(self.content[name]) for name in changed)
        done = 0
        for number, name in enumerate(changed, 1):
            data = self.content[name]
            self.tell(f"  {number:>3} of {len(changed)}  {done * 100 // max(1, total):>3} %  {name} ({len(data)} bytes)")
            if there.get(name + ".new") != digest(data):  # an earlier run may have come this far
                self.link.write(name + ".new", data)
            done += len(data)
        written = self.link.read(LIST)
        broken = [name for name in changed if written.get(name + ".new") != digest(self.content[name])]
        if broken:
            raise LinkError(f"{', '.join(broken)}: not as it was sent; the device keeps its old firmware. Try again, with another cable.")
        gone = [name for name in written if name not in self.content and self._is_ours(name) and name.removesuffix(".new") not in changed]
        order = sorted(changed, key=lambda name: (name == "main.py", name == "board.py", name != "pins.txt"))
        self.link.run(COMMIT % (order, gone))
        now = self.link.read(LIST)
        wrong = [name for name, data in self.content.items() if now.get(name) != digest(data)]
        if wrong:
            raise LinkError(f"{', '.join(wrong)}: not as it should be on the device; run make flash again")
        self.tell(f"{len(changed)} files copied ({total} bytes), {len(gone)} old ones removed, all read back and compared")

    def _is_ours(self, name: str) -> bool:
        return name.startswith("peristal/") or name == "main.py" or (name.endswith(".new") and name.removesuffix(".new") in self.content)

    def _wait_for_status(self) -> dict[str, str]:
        said = [line for line in self.link.listen(1.0) if line.startswith("peristal:")]
        for _ in range(12):
            status = self.link.status()
            if status:
                return status
            if b">>>" in self.link.heard:
                raise LinkError(f"the files are on the device, but the firmware does not run; it said: {said[-1] if said else 'nothing'}")
        raise LinkError("the files are on the device, but its console does not answer; make console shows what it says")


def main(argv: list[str]) -> int:
    """Status 0 done, 1 the device or the cable, 2 what was asked for."""
    parser = argparse.ArgumentParser(prog="make flash", usage="make flash [PORT=port] BOARD=name", description=__doc__)
    parser.add_argument("--port", default=os.environ.get("PORT", ""), help="serial port (default: the only board that is plugged in)")
    parser.add_argument("--board", default=os.environ.get("BOARD", ""), help="name of a board, or a board.py of your own")
    parser.add_argument("--bytecode", action="store_true", help="no machine code")
    parser.add_argument("--frozen", action="store_true", help="the firmware is frozen in: only board.py and its pins")
    parser.add_argument("--lines", action="store_true", help="keep line numbers for tracebacks")
    given = parser.parse_args(argv)
    if not given.board:
        print("BOARD: missing; allowed:", file=sys.stderr)
        print(boards.titles(), file=sys.stderr)
        return 2
    try:
        path: Path = find(given.board)
        content = build.files(path, native=not given.bytecode, lines=given.lines)
        if given.frozen:
            content = {name: data for name, data in content.items() if name in ("pins.txt", "board.py")}
        board: Any = check(path)[0]
        port = ports.find(given.port)
    except (NoBoard, ValueError, CompileError, ports.NoPort) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with Link(port) as link:
            status = Flash(link, content, board.chip).run()
            steps = link.command("bringup")
    except LinkError as error:
        print(error, file=sys.stderr)
        return 1
    print("the device says: " + " ".join(f"{key}={value}" for key, value in status.items()))
    if steps and " bringup=missing " in steps[-1]:
        print("it starts no session before its bring-up is passed: make console, then type bringup run; on bottles first, never on a leg")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nstopped; the device keeps the firmware it had. Run make flash again.", file=sys.stderr)
        sys.exit(130)
