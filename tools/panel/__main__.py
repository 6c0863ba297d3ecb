"""`make panel`: the page with a simulated pair, at a port of this computer. `python -m tools.panel --help` lists the options."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

FIRMWARE = str(Path(__file__).resolve().parents[2] / "firmware")
if FIRMWARE not in sys.path:
    sys.path.insert(0, FIRMWARE)

from tools.panel.guest import Phones  # noqa: E402  (they need the firmware's tables)
from tools.panel.hands import SPEEDS, Hands  # noqa: E402
from tools.panel.server import Server  # noqa: E402
from tools.simulator import boards, options  # noqa: E402
from tools.simulator.live_pair import LivePair  # noqa: E402

PORT = 8420
USAGE_ERROR = 2


def main(argv: list[str]) -> int:
    """Serves until Ctrl-C."""
    given = _parser().parse_args(argv)
    logging.getLogger("websockets").setLevel(logging.ERROR)
    plant = boards.worn_plant(boards.load(given.board), given.seed)
    pair = LivePair(given.board, speed=given.speed, plant=plant, seed=given.seed).start()
    server = Server(Phones(pair), Hands(pair, not given.closed), given.host, given.port)

    def ready(port: int) -> None:
        address = f"http://{given.host}:{port}/"
        print(f"The panel is at {address} with a simulated pair ({given.board}, time x{given.speed:g}); Ctrl-C ends.", flush=True)
        if given.open:
            webbrowser.open(address)

    try:
        asyncio.run(_until_ended(server.serve(ready)))
    except OSError as error:
        print(f"--port: {given.port} cannot be had ({error.strerror}); name another one", file=sys.stderr)
        return USAGE_ERROR
    finally:
        pair.stop()
    return 0


async def _until_ended(work: Coroutine[Any, Any, None]) -> None:
    """Runs it until Ctrl-C or a polite end."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        except NotImplementedError:  # Windows: Ctrl-C arrives as KeyboardInterrupt
            pass
    try:
        await task
    except asyncio.CancelledError:
        pass


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make panel",
        usage='make panel ARGS="[options]"   or   python3 tools/dev.py panel [options]',
        description="Serves the panel on this computer, with a simulated pair that runs the firmware unmodified.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    board = os.environ.get("BOARD") or options.BOARD  # make panel BOARD=..., as the other targets have it
    add("--board", metavar="NAME", type=options.board_name, default=board, help=f"the pair's board (default {options.BOARD})")
    add("--port", type=_within("a port", 0, 65535, int), default=PORT, help=f"0 takes any that is free (default {PORT})")
    add("--host", default="127.0.0.1", help="address to listen at; 0.0.0.0 lets phones in your network in (default 127.0.0.1)")
    add("--speed", type=_within("a speed", *SPEEDS, float), default=2.0, help="virtual over real time (default 2)")
    add("--seed", type=_within("a seed", 0, 2**31 - 1, int), default=1, help="another pair and wearer (default 1)")
    add("--closed", action="store_true", help="nobody holds the button for a phone that is new: the page itself has to")
    add("--open", action="store_true", help="opens a browser")
    return parser


def _within(what: str, low: float, high: float, kind: Callable[[str], Any]) -> Callable[[str], Any]:
    def check(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}; allowed: {low:g} to {high:g}")
        return value

    return check


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
