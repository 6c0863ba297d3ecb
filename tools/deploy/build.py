"""`make mpy BOARD=...`: everything that goes onto a board, compiled for its chip, as files and as a littlefs image.

What a session needs is linked into one file (tools/link), what it does not need is a file each. Modules that work in every tick become
machine code by the compiler's own switch, the others bytecode. ARGS=--lines leaves the modules as they are, with line numbers for
tracebacks: twice the heap. main.py and board.py stay source: that is what a board looks for.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tools import link
from tools.boards import check
from tools.boards.load import NoBoard, find
from tools.link import FIRMWARE
from tools.mpy import ROOT, compile_mpy
from tools.simulator import boards

MARCH = {"esp32": "xtensawin", "esp32s3": "xtensawin", "esp32c3": "rv32imc", "esp32c6": "rv32imc"}
BLOCK_BYTES = 4096
IMAGE_BYTES = 2 * 1024 * 1024  # the "vfs" partition of a module with 4 MB


def pins_txt(board: Any) -> bytes:
    """The last-good pin file of a board, as the firmware itself would write it after its first start."""
    numbers = board.safe_pins()
    return " ".join(str(number) for number in [*numbers, sum(numbers)]).encode()


def files(path: Path, *, native: bool = True, lines: bool = False, firmware: Path = FIRMWARE) -> dict[str, bytes]:
    """Path on the device -> content, for a board file. Raises tools.mpy.CompileError, NoBoard, or ValueError with what the check found."""
    wrong = check.refusal(path)
    if wrong:
        raise ValueError(wrong)
    board: Any = check.check(path)[0]
    made = {"pins.txt": pins_txt(board), "board.py": path.read_bytes()}
    for name, source in (plain(firmware) if lines else link.units(firmware)).items():
        hot = native and name.replace("/", ".") in link.HOT
        made[name + ".mpy"] = compiled(source, name, MARCH[board.chip] if hot else None, hot, lines)
    if not lines:
        made |= link.texts(firmware)
    made["main.py"] = (firmware / "main.py").read_bytes()
    return made


def plain(firmware: Path = FIRMWARE) -> dict[str, str]:
    """Path on the device without suffix -> source of each module, unlinked."""
    paths = {path.relative_to(firmware).with_suffix("").as_posix(): path for path in sorted(firmware.rglob("*.py"))}
    return {name: path.read_text() for name, path in paths.items() if "/" in name}


@cache
def compiled(source: str, name: str, march: str | None = None, native: bool = False, lines: bool = False) -> bytes:
    """The .mpy of a source; `name` (without suffix) is what tracebacks show. Raises tools.mpy.CompileError."""
    with tempfile.TemporaryDirectory() as folder:
        path, target = Path(folder) / "in.py", Path(folder) / "out.mpy"
        path.write_text(source)
        compile_mpy(path, target, name + ".py", march, native, 0 if lines else 3)
        return target.read_bytes()


def image(content: dict[str, bytes], size: int = IMAGE_BYTES) -> bytes:
    """A littlefs image (version 2, blocks of 4096 bytes) that holds these files."""
    from littlefs import LittleFS

    fs = LittleFS(block_size=BLOCK_BYTES, block_count=size // BLOCK_BYTES, prog_size=32, read_size=32, lookahead_size=32)
    for name, data in content.items():
        if "/" in name:
            fs.makedirs("/" + name.rpartition("/")[0], exist_ok=True)
        with fs.open(f"/{name}", "wb") as file:
            file.write(data)
    return bytes(fs.context.buffer)


def main(argv: list[str]) -> int:
    """Builds into build/mpy/<board>/ and build/mpy/<board>.littlefs. Status 2 for a board that is unknown or does not pass."""
    parser = argparse.ArgumentParser(prog="make mpy", usage="make mpy BOARD=name", description=__doc__)
    parser.add_argument("board", nargs="?", default=os.environ.get("BOARD", ""), help="name of a board, or a board.py")
    parser.add_argument("--bytecode", action="store_true", help="no machine code")
    parser.add_argument("--lines", action="store_true", help="keep line numbers for tracebacks")
    given = parser.parse_args(argv)
    if not given.board:
        print(f"BOARD: missing; allowed: {', '.join(boards.names())}, or the path of a board.py", file=sys.stderr)
        return 2
    try:
        path = find(given.board)
        content = files(path, native=not given.bytecode, lines=given.lines)
    except (NoBoard, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    name = path.parent.name
    target = ROOT / "build" / "mpy" / name
    shutil.rmtree(target, ignore_errors=True)
    for file, data in content.items():
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        (target / file).write_bytes(data)
    packed = image(content)
    target.with_suffix(".littlefs").write_bytes(packed)
    total = sum(map(len, content.values()))
    kind = "bytecode" if given.bytecode else f"bytecode, {len(link.HOT)} modules {MARCH[check.check(path)[0].chip]} code"
    print(f"{name}: {len(content)} files, {total / 1024:.1f} KB ({kind})")
    print(f"files: build/mpy/{name}/, build/mpy/{name}.littlefs (for the vfs partition, {len(packed) // 1024} KB)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
