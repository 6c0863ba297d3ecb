"""The link of `--sim`: a simulated pair in this process, the very same packets. What it stores is kept for the next call."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from tools.cli.link import Found
from tools.cli.trouble import FAILED, LOST, NOT_FOUND, REFUSED, USAGE, Trouble

ROOT = Path(__file__).resolve().parents[2]
STORE = ROOT / "build" / "sim"
QUICK = 20.0  # virtual over real time, where nobody looks on
HOLD_S = 3.3
AHEAD_S, CAUGHT_UP_S = 10.0, 1.0  # of virtual time: who is told by so much later is waited for, until it is no more than that
STORED_S = 60.0  # of virtual time, in which the device stores what was chosen
NOT_HERE = "--sim needs the project's checkout and its packages; there: python3 tools/dev.py peristal --sim ..."


def _prepare() -> Any:
    """The simulator's modules, with what they need installed. Trouble where they are not."""
    if not (ROOT / "firmware" / "main.py").is_file():
        raise Trouble(FAILED, NOT_HERE)
    firmware = str(ROOT / "firmware")
    if firmware not in sys.path:
        sys.path.insert(0, firmware)
    try:
        import bumble  # noqa: F401
    except ImportError:
        from tools import env

        if Path(sys.prefix).resolve() != env.VENV.resolve():
            raise Trouble(FAILED, NOT_HERE) from None
        try:
            env.prepare(("radio",))
        except env.SetupError as error:
            raise Trouble(FAILED, str(error)) from None
    from tools.simulator import boards, central, live_pair

    return boards, central, live_pair


class SimLink:
    """A link to the simulated pair."""

    not_paired = "not paired: anybody may watch and stop, everything else needs pairing once: peristal --sim pair"
    room = 244

    def __init__(self, found: Found, pair: Any, central: Any, refused: type[Exception], lost: asyncio.Event) -> None:
        self.found = found
        self.pair_of_legs = pair
        self.lost = lost
        self._central = central
        self._refused = refused
        self._speed = QUICK
        self._waits = self._over = False

    async def read(self, uuid: str) -> bytes:
        return await self._try(self._central.read(uuid))

    async def write(self, uuid: str, data: bytes, answered: bool = True) -> None:
        await self._try(self._central.write(uuid, data, answered))

    async def subscribe(self, uuid: str, tell: Callable[[bytes], None]) -> None:
        def told(data: bytes) -> None:
            self._keep_together()
            tell(data)

        await self._try(self._central.subscribe(uuid, told))

    def _keep_together(self) -> None:
        """A pair that runs away from a busy computer would never be caught: each heap of packets takes longer than the one before."""
        pair = self.pair_of_legs
        behind_s = pair.rig.now_s - self.clock()
        if self._waits and behind_s < CAUGHT_UP_S:
            self._waits, pair.speed = False, self._speed
        elif not self._waits and behind_s > AHEAD_S and not self._over:
            self._waits, pair.speed = True, 1.0

    def let_go(self) -> None:
        """Nobody listens any more: whoever ends this sets the pace."""
        self._waits, self._over = False, True

    async def pair(self) -> None:
        await self._try(self._central.pair())

    async def again(self) -> None:
        try:
            await self._central.connect(self.found.address)
        except (ConnectionError, TimeoutError) as error:
            raise Trouble(LOST, f"the link was lost ({error})") from None
        self.lost.clear()

    async def press(self) -> None:
        """The simulated hand holds the simulated button; from when the window is open it is open for a minute of the computer's time."""
        pair = self.pair_of_legs

        def look() -> None:
            if pair.rig.app.radio.pairing:
                self.pace(1.0)
            else:
                pair.rig.at(pair.rig.now_s + 0.1, look)

        await asyncio.to_thread(pair.press, HOLD_S)
        await asyncio.to_thread(pair.do, look)

    def pace(self, speed: float) -> None:
        """Virtual over real time from now on."""
        self._speed = self.pair_of_legs.speed = speed
        self._waits = False

    def clock(self) -> float:
        """Virtual time: that of the packet that is told. A pair at full speed is ahead of whoever is told by half a minute and more."""
        return self.pair_of_legs.rig.now_s if self._central.heard_s is None else self._central.heard_s

    async def _try(self, work: Awaitable[Any]) -> Any:
        try:
            return await work
        except self._refused as error:
            code = getattr(error, "code", 0)
            raise Trouble(REFUSED if code in (5, 15) else FAILED, self.not_paired if code in (5, 15) else str(error)) from None
        except (ConnectionError, TimeoutError) as error:
            raise Trouble(LOST, f"the link was lost ({error})") from None


@contextlib.asynccontextmanager
async def connect(board: str, seed: int) -> AsyncIterator[SimLink]:
    """Powers a simulated pair, connects, and keeps what it and this side have stored when it is over."""
    boards, central_module, live_pair = _prepare()
    if board not in boards.names():
        raise Trouble(USAGE, f"--board: {board!r} is not known; allowed: {', '.join(boards.names())}")
    broken = boards.why_not(board)
    if broken:
        raise Trouble(USAGE, f"--board: {board!r} cannot be used: {broken}")
    store = STORE / f"{board}.json"
    files, keys = _load(store)
    loaded = boards.load(board)
    pair = live_pair.LivePair(board, speed=QUICK, files=files, plant=boards.worn_plant(loaded, seed), seed=seed)
    lost = asyncio.Event()
    central = central_module.Central(pair, on_gone=lost.set)
    central.bonds.restore(keys)
    link = None
    try:
        await asyncio.to_thread(pair.start)
        heard = await central.scan()
        if not heard:
            raise Trouble(NOT_FOUND, "the simulated pair does not advertise")
        found = Found(heard[0].address, heard[0].name, heard[0].rssi)
        try:
            await central.connect(found.address)
        except Exception as error:  # only what was stored can make that fail
            raise Trouble(LOST, f"the simulated pair does not answer ({error}); begin anew without {store}") from None
        link = SimLink(found, pair, central, central_module.Refused, lost)
        yield link
    finally:
        if link is not None:
            link.let_go()
        with contextlib.suppress(Exception):
            pair.speed = 0.0
            await asyncio.to_thread(pair.until, lambda: not pair.rig.app.shelf.changed, STORED_S)
            stored = await asyncio.to_thread(pair.files)
            _save(store, {name: data for name, data in stored.items() if name not in ("board.py", "pins.txt")}, central.bonds.dump())
            await central.disconnect()
        await asyncio.to_thread(pair.stop)


def _load(store: Path) -> tuple[dict[str, bytes], Any]:
    if not store.is_file():
        return {}, {}
    try:
        told = json.loads(store.read_text())
        return {name: base64.b64decode(text) for name, text in told["files"].items()}, told["keys"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Trouble(FAILED, f"{store} is damaged ({error}); remove it to begin anew") from None


def _save(store: Path, files: dict[str, bytes], keys: Any) -> None:
    store.parent.mkdir(parents=True, exist_ok=True)
    told = {"files": {name: base64.b64encode(data).decode() for name, data in sorted(files.items())}, "keys": keys}
    new = store.with_suffix(f".{os.getpid()}")  # another call may end at the same moment
    new.write_text(json.dumps(told, indent=1))
    new.replace(store)
