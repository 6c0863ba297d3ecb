"""Own programs: listed, shown, put and removed. Running one is a start like any other, see run.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tools.cli import show
from tools.cli.call import Call
from tools.cli.trouble import NOT_FOUND, REFUSED, USAGE, Trouble

LARGEST_PROGRAM = 64 * 1024


async def list_(call: Call) -> Any:
    own = (await call.device.line("program list"))[:-1]
    if call.options.all:
        programs = await call.device.programs()
        rows = [
            [str(row["number"]), name, "own" if name in own else row["mode"], "-".join(map(str, row["mmhg"] or [])),
             "-".join(map(str, row["minutes"] or [])), "chosen" if row["chosen"] else ""] for name, row in programs.items()
        ]  # fmt: skip
        if not call.options.json:
            show.table(call.console, ["", "name", "mode", "mmHg", "minutes", ""], rows)
        return {"programs": programs}
    call.tell("\n".join(own) or "none of your own yet: peristal program put FILE; firmware/PROGRAMS.md says how to write one")
    return {"programs": own}


async def show_(call: Call) -> Any:
    lines = (await call.device.line(f"program show {call.options.name}"))[:-1]
    call.tell("\n".join(lines))
    return {"lines": lines}


async def put(call: Call) -> Any:
    lines = _program_file(call.options.file)
    device = call.device
    await device.line("program put")
    with call.progress("sending", len(lines)) as bar:
        for number, line in enumerate(lines, 1):
            try:
                await device.line(f"program add {line}")
            except Trouble as trouble:
                code = USAGE if trouble.code in (USAGE, REFUSED) and trouble.text != device.link.not_paired else trouble.code
                raise Trouble(code, f"{call.options.file}: line {number}, {line!r}: {trouble.text}") from None
            bar.advance(bar.task_ids[0])
    try:
        said = await device.line(f"program end {len(lines)}")
    except Trouble as trouble:
        raise Trouble(USAGE if trouble.code == REFUSED else trouble.code, f"{call.options.file}: {trouble.text}") from None
    told = show.fields(said[-1])
    call.tell(f"{told.get('program')} is kept: {told.get('steps')} steps", "green")
    return told


def _program_file(name: str) -> list[str]:
    """Its lines, without comments and empty ones."""
    try:
        data = sys.stdin.buffer.read(LARGEST_PROGRAM + 1) if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise Trouble(NOT_FOUND, f"{name}: cannot be read: {error.strerror}") from None
    if len(data) > LARGEST_PROGRAM or not data.isascii():
        raise Trouble(USAGE, f"{name}: this is no program; allowed: lines of ASCII, see firmware/PROGRAMS.md")
    lines = [line.strip() for line in data.decode().splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        raise Trouble(USAGE, f"{name}: there is no line in it; firmware/PROGRAMS.md says how to write a program")
    return lines


async def remove(call: Call) -> Any:
    said = await call.device.line(f"program rm {call.options.name}")
    call.tell(f"{call.options.name} is removed; {show.fields(said[-1]).get('programs')} of your own are left")
    return {"removed": call.options.name}
