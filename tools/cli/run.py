"""What each command does. A row of COMMANDS is a coroutine that gets the session of the command line and returns what --json prints."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from tools.ble import packets
from tools.cli import programs, show
from tools.cli.call import Call
from tools.cli.device import Device
from tools.cli.options import WAYS
from tools.cli.trouble import FAILED, REFUSED, USAGE, Trouble
from tools.cli.watch import DEFAULT_HZ, Log, Watcher, json_line

WINDOW_S = 60.0
STOPPED = ("idle", "done", "fault", "breathing")
VENTED_MMHG = 15.0
VENT_S = 60.0


async def status(call: Call) -> Any:
    await call.device.pressures()
    if not call.options.json:
        show.show_status(call.console, call.device, await _program(call))
    told = show.status_of(call.device)
    features = call.device.features
    return told | {"firmware": features.firmware, "protocol": features.protocol, "allowed_mmhg": features.pressure_mmhg}


async def _program(call: Call) -> str:
    """Name of the chosen program."""
    told = show.fields((await call.device.line("status"))[-1])
    return told.get("program", str(call.device.status["program"]))


async def pair(call: Call) -> Any:
    device = call.device
    if await device.may_command():
        call.tell("already paired: this computer may command")
        return {"paired": True, "new": False}
    await device.listen()
    if call.sim is not None:
        call.tell("the simulated button is held for three seconds")
        await call.sim.press()
    elif "window_open" not in packets.flags("status", device.status["flags"]):
        call.tell("hold the device's button for three seconds while nothing runs; its light flickers when it lets you in")
    with call.progress("waiting for the button", WINDOW_S) as bar:
        until_s = time.monotonic() + WINDOW_S
        while "window_open" not in packets.flags("status", device.status["flags"]):
            left_s = until_s - time.monotonic()
            if left_s <= 0 or device.link.lost.is_set():
                raise Trouble(REFUSED, "pair: nobody held the button for three seconds (nothing may run, and the air has to be out)")
            bar.update(bar.task_ids[0], completed=WINDOW_S - left_s)
            await asyncio.sleep(0.1)
    if not await device.pair():
        raise Trouble(REFUSED, "pair: the device did not keep it; hold its button again, and pair within a minute")
    call.tell("paired: this computer may command from now on", "green")
    return {"paired": True, "new": True}


async def watch(call: Call) -> Any:
    return await _watch(call, None)


async def _watch(call: Call, program: list[str] | None, ends: bool = True) -> Any:
    options, device = call.options, call.device
    hz = options.hz or min(DEFAULT_HZ, device.features.most_hz)
    if hz > device.features.most_hz:
        raise Trouble(USAGE, f"--hz: {hz} is not allowed; allowed: 1 to {device.features.most_hz}")
    name = await _program(call)
    say = (lambda told: print(json_line(told), flush=True)) if options.json else None
    watcher = Watcher(device, name, say, call.console, call.sim.clock if call.sim is not None else None)
    if options.record is not None:
        began = time.strftime("%Y-%m-%d %H:%M")
        told = {"program": name, "minutes": str(device.status["minutes"]), "recorded": began, **await _comfort(device)}
        watcher.log = Log(options.record, device, told, program or [])
    try:
        await watcher.watch(hz, options.seconds, ends, None if call.sim is None else partial(call.sim.pace, options.speed))
        if watcher.log is not None:
            await _note_journal(device, watcher.log)
    finally:
        device.hear = lambda _what: None
        if watcher.log is not None:
            watcher.log.close()
            call.tell(f"{watcher.log.rows} samples in {watcher.log.path}; peristal report {watcher.log.path} makes a page of it")
    return None


async def _comfort(device: Device) -> dict[str, str]:
    """Whether the first cycles are soft by intent; a device tells that to whoever is paired."""
    try:
        lines = await device.line("wearer")
    except Trouble:
        return {}
    return {name: value for name, value in show.fields(" ".join(lines)).items() if name == "comfort"}


async def _note_journal(device: Device, log: Log) -> None:
    """What the device's journal says of this session, for the report; it tells that only to whoever is paired."""
    try:
        lines = (await device.line("journal"))[:-1]
    except Trouble:
        return
    begins = [at for at, line in enumerate(lines) if " session " in line]
    for line in lines[begins[-1] if begins else len(lines) :]:
        log.note("journal", line)


async def start(call: Call) -> Any:
    options, device = call.options, call.device
    await _check_ranges(call)
    if not await device.may_command():
        raise Trouble(REFUSED, device.link.not_paired)
    recorded: list[str] = []
    name = (options.program or "").lower()
    row = None
    if name:
        programs = await device.programs()
        row = programs.get(name)
        if row is None:
            raise Trouble(USAGE, f"program: {name!r} is not known; allowed: {', '.join(programs)}")
        for what, value in (("mmhg", options.mmhg), ("minutes", options.minutes)):
            low, high = row[what] or (0, 255)  # of one of your own the device knows
            if value is not None and not low <= value <= high:
                raise Trouble(USAGE, f"--{what}: {value} is not allowed; allowed: {low} to {high} for {name}")
    if options.record is not None:
        recorded = (await device.line(f"program show {name or await _program(call)}"))[:-1]
    mmhg, minutes = options.mmhg, options.minutes
    if minutes is not None and mmhg is None:  # the command has no place to leave the pressure out before the minutes
        if row is not None:
            await device.command("set program", row["number"], spoken=f"set program {name}")
        await device.look()
        mmhg = device.status["pressure_mmhg"]
    if call.sim is not None:
        call.sim.pace(1.0)  # it must not have squeezed for half a minute before somebody listens
    numbers = [row["number"] if row else 0, *(one for one in (mmhg, minutes) if one is not None)]
    await device.command("start", *numbers, spoken=" ".join(["start", *filter(None, [name]), *map(str, numbers[1:])]))
    await device.look()
    program = await _program(call)
    status = device.status
    call.tell(f"{program} at {status['pressure_mmhg']} mmHg for {status['minutes']} minutes has begun; peristal stop ends it", "green")
    if options.watch or call.sim is not None or options.record is not None:
        await _watch(call, recorded)
        return None
    return {"state": status["state"], "program": program, "pressure_mmhg": status["pressure_mmhg"], "minutes": status["minutes"]}


async def _check_ranges(call: Call) -> None:
    """What Features says, before anything is sent."""
    features = call.device.features
    for option, value, (low, high) in (
        ("--mmhg", call.options.mmhg, features.pressure_mmhg), ("--minutes", call.options.minutes, features.minutes),
    ):  # fmt: skip
        if value is not None and not low <= value <= high:
            raise Trouble(USAGE, f"{option}: {value} is not allowed; allowed: {low} to {high}")


async def stop(call: Call) -> Any:
    device = call.device
    await device.listen()
    await device.stop()
    began_s = time.monotonic()
    with call.progress("letting the air out", None):
        while True:
            await device.look()
            most = max(mmhg for leg in await device.pressures() for mmhg in leg)
            if device.status["state"] in STOPPED and most < VENTED_MMHG:
                break
            if time.monotonic() - began_s > VENT_S:
                hint = "press the button, unplug, pull the hose, open the zip"
                raise Trouble(FAILED, f"stop was sent, but {most:.0f} mmHg are still in a sleeve: {hint}")
    call.tell(f"stopped, the air is out (state {device.status['state']})", "green")
    return {"state": device.status["state"], "most_mmhg": most}


def _simple(words: str, says: str) -> Callable[[Call], Awaitable[Any]]:
    async def work(call: Call) -> Any:
        await call.device.command(words)
        await call.device.look()
        call.tell(says)
        return {"state": call.device.status["state"]}

    return work


def _zone(words: str) -> Callable[[Call], Awaitable[Any]]:
    async def work(call: Call) -> Any:
        names = call.device.features.zones
        zone = call.options.zone
        if zone is not None and zone > len(names):
            raise Trouble(USAGE, f"zone: {zone} is not allowed; allowed: 1 to {len(names)}")
        values = [] if zone is None else [zone]
        if hasattr(call.options, "switch"):
            values.append(int(call.options.switch == "on"))
        await call.device.command(words, *values)
        call.tell(f"{words}: {names[zone - 1] if zone else 'the zone filled last'} {getattr(call.options, 'switch', '')}".rstrip())
        return {"command": words, "zone": zone}

    return work


async def set_(call: Call) -> Any:
    what, device = call.options.what, call.device
    value = " ".join(call.options.value)
    if what in ("pressure", "minutes"):
        low, high = device.features.pressure_mmhg if what == "pressure" else device.features.minutes
        if not value.isdigit() or not low <= int(value) <= high:
            raise Trouble(USAGE, f"{what}: {value!r} is not allowed; allowed: {low} to {high}")
        await device.command(f"set {what}", int(value))
    elif what == "quiet":
        await device.command("set quiet", _switch(what, value))
    elif what == "program":
        programs = await device.programs()
        if value.lower() not in programs:
            raise Trouble(USAGE, f"program: {value!r} is not known; allowed: {', '.join(programs)}")
        await device.command("set program", programs[value.lower()]["number"], spoken=f"set program {value.lower()}")
    elif what == "time":
        if value != "now":
            raise Trouble(USAGE, f"time: {value!r} is not allowed; allowed: now")
        await device.command("set time", int(time.time()))
    else:
        if what == "comfort":
            _switch(what, value)
        if what == "link" and value not in WAYS:
            raise Trouble(USAGE, f"link: {value!r} is not allowed; allowed: {', '.join(sorted(WAYS))}")
        await device.line(f"set {what} {value}")
    call.tell(f"{what} {value}")
    return {what: value}


def _switch(what: str, value: str) -> int:
    if value not in ("on", "off"):
        raise Trouble(USAGE, f"{what}: {value!r} is not allowed; allowed: on, off")
    return int(value == "on")


async def record(call: Call) -> Any:
    lines = [show.fields(line) for line in (await call.device.line("record"))[:-1]]
    for one in lines:
        seconds = int(one.get("time", "0"))
        one["when"] = time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds)) if seconds else ""
    if not call.options.json:
        if not lines:
            call.tell("no session yet")
        else:
            rows = [
                [one["when"], one.get("program", ""), one.get("pressure_mmhg", ""), show.clock(int(one.get("seconds", 0))),
                 one.get("cycles", ""), one.get("ended", ""), one.get("dose", "").replace(",", " ")] for one in lines
            ]  # fmt: skip
            show.table(call.console, ["when (UTC)", "program", "mmHg", "length", "cycles", "ended", "mmHg x min of each zone"], rows)
    return {"sessions": [{**one, "dose": [int(value) for value in one.get("dose", "").split(",") if value]} for one in lines]}


async def journal(call: Call) -> Any:
    lines = (await call.device.line("journal"))[:-1]
    call.tell("\n".join(lines) or "nothing yet")
    return {"events": lines}


async def ask(call: Call) -> Any:
    told = (lambda line: call.tell(line.removeprefix("  "))) if not call.options.json else None
    lines = await call.device.line(" ".join(call.options.line), told)
    return {"lines": lines}


async def program(call: Call) -> Any:
    work = {"list": programs.list_, "show": programs.show_, "put": programs.put, "run": start, "rm": programs.remove}
    return await work[call.options.action](call)


COMMANDS: dict[str, Callable[[Call], Awaitable[Any]]] = {
    "pair": pair, "status": status, "watch": watch, "start": start, "stop": stop, "set": set_, "program": program, "record": record,
    "journal": journal, "ask": ask, "boost": _zone("boost"), "skip": _zone("skip"), "tight": _zone("tight"),
    "pause": _simple("pause", "paused: the air goes out, the place is kept"), "resume": _simple("resume", "goes on"),
}  # fmt: skip
