"""`peristal COMMAND ...`, as an installed script, as `make peristal ARGS="..."`, and as `python3 tools/dev.py peristal ...`."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from rich.console import Console

from tools.ble.packets import PacketError
from tools.cli import bundle, files, link, run, show, sim
from tools.cli.call import Call
from tools.cli.device import Device
from tools.cli.options import parse
from tools.cli.trouble import DONE, FAILED, INTERRUPTED, LOST, NOT_FOUND, Trouble


async def _with_device(options: Any, console: Console) -> Any:
    work = bundle.bundle if options.command == "bundle" else run.COMMANDS[options.command]
    opened = sim.connect(options.board, options.seed) if options.sim else link.connect(options.device, options.timeout)
    async with opened as connected:
        return await work(Call(options, console, await Device(connected).meet()))


async def _scan(options: Any, console: Console) -> Any:
    if options.sim:
        async with sim.connect(options.board, options.seed) as connected:
            heard = [connected.found]
    else:
        heard = await link.scan(options.seconds)
    if not heard:
        raise Trouble(NOT_FOUND, f"no device was heard within {options.seconds:g} s. Is it near, and switched on?")
    if not options.json:
        show.table(console, ["name", "address", "dBm"], [[one.name or "(no name)", one.address, str(one.rssi)] for one in heard])
    return {"devices": [{"name": one.name, "address": one.address, "rssi_dbm": one.rssi} for one in heard]}


def _carry_out(options: Any, console: Console) -> Any:
    if options.command in files.COMMANDS:
        return files.COMMANDS[options.command](options, console)
    return asyncio.run(_scan(options, console) if options.command == "scan" else _with_device(options, console))


def main(argv: list[str] | None = None) -> int:
    """Carries out a command line; returns its exit code."""
    options = parse(sys.argv[1:] if argv is None else argv)
    try:
        told = _carry_out(options, Console())
    except Trouble as trouble:
        return _fail(options, trouble)
    except PacketError as error:
        return _fail(options, Trouble(FAILED, f"the device sent what this program does not understand: {error}"))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `peristal watch | head`
        sys.stderr.close()
        return DONE
    except ConnectionError as error:
        return _fail(options, Trouble(LOST, f"the link was lost ({error})"))
    if options.json and told is not None:
        print(json.dumps(told, ensure_ascii=False))
    return DONE


def _fail(options: Any, trouble: Trouble) -> int:
    text = json.dumps({"error": trouble.text, "code": trouble.code}, ensure_ascii=False) if options.json else f"peristal: {trouble.text}"
    print(text, file=sys.stderr)
    return trouble.code


if __name__ == "__main__":
    sys.exit(main())
