"""`make backup FILE=...` and `make restore FILE=...`: what a device has stored of its own (settings, what was learned, journal, ...).

A backup is one JSON file: readable, and checked as a whole and file by file before anything of it is written back. It may hold the keys
of bonded phones: keep it like a password.
"""

from __future__ import annotations

import argparse
import ast
import base64
import binascii
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from tools.deploy import ports
from tools.deploy.flash import MAKE_FOLDERS
from tools.deploy.link import Link, LinkError

ROOT = Path(__file__).resolve().parents[2]

FORMAT = "peristal backup"
VERSION = 1
# Everything that the firmware has written: not what make flash puts there, nor what was interrupted or set aside.
STORED = """
import os
found = {}
for folder in ('', 'programs/'):
    try:
        rows = list(os.ilistdir('/' + folder))
    except OSError:
        rows = []
    for row in rows:
        name = folder + row[0]
        if not row[1] & 0x4000 and name.endswith('.json'):
            with open(name, 'rb') as file:
                found[name] = file.read()
print(found)
"""
BOARD = """
try:
    from board import BOARD
    print(repr((BOARD.name, BOARD.chip)))
except Exception as error:
    print(repr(('', '')))
"""
COMMIT = """
import os
for name in %r:
    os.rename(name + '.restored', name)
if hasattr(os, 'sync'):
    os.sync()
"""


class BadBackup(Exception):
    """A backup that must not be applied; the text says why."""


def schemas() -> dict[str, int]:
    """File, or folder with a slash at its end -> newest schema, of all that this firmware keeps: read from its sources."""
    found: dict[str, int] = {}
    for path in sorted((ROOT / "firmware" / "peristal").rglob("*.py")):
        said = _constants(path)
        name, folder = said.get("PATH"), said.get("FOLDER")
        if isinstance(name, str) and name.endswith(".json"):
            found[name] = len(said.get("STEPS", ())) + 1
        if isinstance(folder, str):
            found[folder + "/"] = said.get("SCHEMA", 1)
    return found


def _constants(path: Path) -> dict[str, Any]:
    """Module-level names of a source that are plain values; a tuple of functions counts by its length."""
    found: dict[str, Any] = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if isinstance(node.value, ast.Constant):
                found[node.targets[0].id] = node.value.value
            elif isinstance(node.value, ast.Tuple):
                found[node.targets[0].id] = tuple(node.value.elts)
    return found


def newest(name: str, known: dict[str, int]) -> int | None:
    """The newest schema of a file, None when the firmware keeps no such file."""
    if name in known:
        return known[name]
    folder, slash, file = name.partition("/")
    return known.get(folder + slash) if slash and re.fullmatch(r"[a-z0-9_-]{1,40}\.json", file) else None


def pack(board: str, chip: str, files: dict[str, bytes]) -> str:
    """The text of a backup."""
    body = {name: base64.b64encode(data).decode() for name, data in sorted(files.items())}
    checksum = binascii.crc32(json.dumps([board, chip, body]).encode())
    return (
        json.dumps({"format": FORMAT, "version": VERSION, "board": board, "chip": chip, "crc32": checksum, "files": body}, indent=1) + "\n"
    )


def unpack(text: str, name: str = "it") -> tuple[str, dict[str, bytes]]:
    """Board and files of a backup, every one of them checked; `name` is what a refusal calls it. Raises BadBackup."""
    try:
        found = json.loads(text)
        board, chip, body = found["board"], found["chip"], found["files"]
        whole = found["format"] == FORMAT and found["crc32"] == binascii.crc32(json.dumps([board, chip, body]).encode())
        version = found["version"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadBackup(f"FILE: {name} is no backup ({error}); allowed: a file that make backup has written") from error
    if version != VERSION:
        raise BadBackup(f"FILE: {name} is a backup of version {version}; allowed: {VERSION}")
    if not whole:
        raise BadBackup(f"FILE: {name} was damaged or changed by hand (its checksum does not fit)")
    files = {}
    known = schemas()
    for path, coded in body.items():
        data = base64.b64decode(coded)
        _check(path, data, known)
        files[path] = data
    return board, files


def _check(name: str, data: bytes, known: dict[str, int]) -> None:
    """As the firmware reads it: checksum, then [schema, data]."""
    most = newest(name, known)
    if most is None:
        raise BadBackup(f"{name}: this firmware keeps no such file; allowed: {', '.join(sorted(known))}")
    raw = data[9:].strip()
    try:
        if data[:8] != f"{binascii.crc32(raw):08x}".encode():
            raise ValueError("its checksum does not fit")
        schema, _ = json.loads(raw)
    except (ValueError, TypeError) as error:
        raise BadBackup(f"{name}: damaged ({error})") from error
    if not isinstance(schema, int) or not 1 <= schema <= most:
        raise BadBackup(f"{name}: of schema {schema}, this firmware knows 1 to {most}; restore it with the firmware it came from")


def sound(files: dict[str, bytes]) -> tuple[dict[str, bytes], list[str]]:
    """What of a device's files can be kept, and the names of those that are damaged."""
    known, good, bad = schemas(), {}, []
    for name, data in files.items():
        try:
            _check(name, data, known)
            good[name] = data
        except BadBackup:
            bad.append(name)
    return good, bad


def backup(link: Link, path: Path, tell: Any = print) -> None:
    """Writes the backup beside, then renames it: a broken cable leaves no half one."""
    link.quiet_down(tell)
    tell(f"found {link.enter()}")
    board, chip = link.read(BOARD)
    files, damaged = sound(link.read(STORED))
    beside = path.with_name(path.name + ".new")
    beside.write_text(pack(board, chip, files))
    os.chmod(beside, 0o600)
    os.replace(beside, path)
    link.restart()
    tell(f"{path}: {', '.join(f'{name} ({len(data)} bytes)' for name, data in files.items()) or 'nothing was stored yet'}")
    if damaged:
        tell(f"left out, because damaged or unknown: {', '.join(damaged)}")


def restore(link: Link, path: Path, other_board: bool, tell: Any = print) -> None:
    """Raises BadBackup before anything on the device has changed."""
    board, files = unpack(_text(path), str(path))
    link.quiet_down(tell)
    tell(f"found {link.enter()}")
    here, _ = link.read(BOARD)
    if here != board and not other_board:
        link.restart()
        says = f"FILE: of the board {board!r}, the device is {here!r}: its zeros belong to other sensors"
        raise BadBackup(f"{says} (ARGS=--other-board insists)")
    folders = sorted({name.rpartition("/")[0] for name in files if "/" in name})
    link.run(MAKE_FOLDERS % (folders,))
    for name, data in files.items():
        link.write(name + ".restored", data)
    for name, data in files.items():
        if link.fetch(name + ".restored") != data:
            raise LinkError(f"{name}: not as it was sent; nothing was changed. Try again.")
    link.run(COMMIT % (list(files),))
    link.restart()
    tell(f"restored: {', '.join(files) or 'nothing, the backup is empty'}")


def _text(path: Path) -> str:
    """A backup's text. Raises BadBackup."""
    try:
        return path.read_text()
    except OSError as error:
        raise BadBackup(f"FILE: {path} cannot be read ({error.strerror}); allowed: a file that make backup has written") from error
    except UnicodeDecodeError as error:
        raise BadBackup(f"FILE: {path} is no backup (it is no text); allowed: a file that make backup has written") from error


def main(argv: list[str]) -> int:
    """`backup` or `restore` first. Status 0 done, 1 the device or the cable, 2 what was asked for."""
    parser = argparse.ArgumentParser(prog="make", usage="make backup|restore FILE=name [PORT=port]", description=__doc__)
    parser.add_argument("what", choices=("backup", "restore"))
    parser.add_argument("--file", default=os.environ.get("FILE", ""))
    parser.add_argument("--port", default=os.environ.get("PORT", ""))
    parser.add_argument("--other-board", action="store_true", help="restore although it is of another board")
    given = parser.parse_args(argv)
    if not given.file:
        print(f"FILE: missing; usage: make {given.what} FILE=name", file=sys.stderr)
        return 2
    path = Path(given.file)
    try:
        if given.what == "restore":
            unpack(_text(path), str(path))
        elif path.is_dir() or not path.absolute().parent.is_dir():
            raise BadBackup(f"FILE: {path} cannot be a file; allowed: a file in a folder that exists")
        with Link(ports.find(given.port)) as link:
            if given.what == "backup":
                backup(link, path)
            else:
                restore(link, path, given.other_board)
    except (BadBackup, ports.NoPort, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 2
    except LinkError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
