"""One device as the commands see it: what it is, what it does, and how it is told something. Everything raises Trouble."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tools.ble import packets
from tools.cli.link import Link
from tools.cli.trouble import FAILED, LOST, REFUSED, USAGE, Trouble

ANSWER_S = 6.0
LINE_S = 30.0  # a list of fifty lines, one a tick, and the flash before it
LONGEST_LINE = 80
SETTLE_S = 0.2  # until the device has kept the bond
TRY_AGAIN_S = 0.3
MOST_TRIES = 60  # the flash waits until the air is out


@dataclass(frozen=True)
class Features:
    """What the device says of itself."""

    board: str
    firmware: str
    protocol: str
    legs: tuple[int, ...]  # zones of each
    pressure_mmhg: tuple[int, int]
    minutes: tuple[int, int]
    cap_mmhg: int
    most_hz: int

    @property
    def zones(self) -> list[str]:
        """Names of all zones: "left 1" and so on."""
        return zone_names(self.legs)


def zone_names(legs: tuple[int, ...]) -> list[str]:
    """Names of the zones of one or two legs, zone 1 at the foot."""
    sides = ("left", "right") if len(legs) > 1 else ("leg",)
    return [f"{side} {zone + 1}" for side, count in zip(sides, legs) for zone in range(count)]


class Device:
    """`status` and `mmhg` (a list for each leg) are the newest; `hear(what)` is called after each packet that changed them."""

    features: Features

    def __init__(self, link: Link) -> None:
        self.link = link
        self.status: dict[str, Any] = {}
        self.mmhg: list[list[float]] = []
        self.pump = False
        self.hear: Callable[[str], None] = lambda _what: None
        self._answers: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self._text = b""
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._subscribed: set[str] = set()
        self._legs_heard: set[int] = set()  # since pressures() was asked
        self._known = False  # it has carried out something for us

    async def meet(self) -> Device:
        """Reads what it is. Raises Trouble for a device of another protocol."""
        told = packets.decode("Features", await self._read("Features"))
        if told["major"] != packets.MAJOR:
            raise Trouble(
                FAILED, f"the device speaks protocol {told['major']}.{told['minor']}, this program {packets.VECTORS['protocol']}: "
                f"update the {'program' if told['major'] > packets.MAJOR else 'device'}",
            )  # fmt: skip
        texts = [(await self.link.read(uuid)).decode(errors="replace") for uuid in ("2A24", "2A26")]
        legs = tuple(told[f"zones_leg_{leg + 1}"] for leg in range(told["legs"]))
        self.features = Features(
            texts[0], texts[1], f"{told['major']}.{told['minor']}", legs, (told["least_mmhg"], told["most_mmhg"]),
            (told["least_minutes"], told["most_minutes"]), told["cap_mmhg"], told["most_hz"],
        )  # fmt: skip
        self.mmhg = [[0.0] * count for count in legs]
        await self.look()
        return self

    async def _read(self, name: str) -> bytes:
        return await self.link.read(packets.UUID[name])

    async def look(self) -> dict[str, Any]:
        """Reads Status."""
        self._take_status(await self._read("Status"))
        return self.status

    def _take_status(self, data: bytes) -> None:
        self.status = packets.decode("Status", data)

    async def listen(self) -> None:
        """Status and Zone Pressures keep `status` and `mmhg` new from now on."""
        await self._subscribe(packets.UUID["Status"], self._heard_status)
        await self._subscribe(packets.UUID["Zone Pressures"], self._heard_pressures)

    async def again(self) -> None:
        """After a lost link: connects once more, and listens to what was listened to."""
        await self.link.again()
        self._subscribed.clear()
        self._text = b""
        await self.look()
        await self.listen()

    async def pressures(self) -> list[list[float]]:
        """Pressures of all legs that were told after this call: once a second where nobody has asked for more."""
        await self.listen()
        self._legs_heard.clear()
        until_s = asyncio.get_running_loop().time() + ANSWER_S
        while len(self._legs_heard) < len(self.mmhg):
            if self.link.lost.is_set() or asyncio.get_running_loop().time() > until_s:
                raise Trouble(LOST, "the link was lost" if self.link.lost.is_set() else "the device tells no pressures")
            await asyncio.sleep(0.02)
        return self.mmhg

    async def _subscribe(self, uuid: str, tell: Callable[[bytes], None]) -> None:
        if uuid not in self._subscribed:
            await self.link.subscribe(uuid, tell)
            self._subscribed.add(uuid)

    def _heard_status(self, data: bytes) -> None:
        self._take_status(data)
        self.hear("status")

    def _heard_pressures(self, data: bytes) -> None:
        told = packets.decode("Zone Pressures", data)
        leg = told["leg"]
        if leg < len(self.mmhg):
            self.mmhg[leg] = told["mmhg"][: len(self.mmhg[leg])]
            self._legs_heard.add(leg)
            self.pump = bool(packets.flags("pressure", told["flags"]))
            self.hear("pressures" if leg == len(self.mmhg) - 1 else "leg")

    # Telling it something

    async def command(self, words: str, *values: int, spoken: str | None = None) -> None:
        """A command of the Control Point; Trouble with the console's reason when it is refused.

        `spoken`: the same as a line of the console, where the numbers do not say it (a program has a name there).
        """
        data = packets.encode(words, *values)
        result = await self._carry_out(data)
        if result == "NOT_PERMITTED":
            raise Trouble(REFUSED, self.link.not_paired)
        if result == "NOT_SUPPORTED":
            raise Trouble(REFUSED, f"{words}: this device's firmware does not know it")
        if result != "SUCCESS":
            row = packets.OPCODES[words]
            if spoken is None and (not row["words"] or "p" in row["fields"].lower()):
                raise Trouble(USAGE if result == "INVALID" else REFUSED, f"{words}: {values} is refused ({result.lower()})")
            await self.line(spoken or " ".join([words, *_words_of(row["fields"], values)]))  # says why, or does it after all

    async def _carry_out(self, data: bytes) -> str:
        """Writes to the Control Point; the result's name. Touching it is what makes a computer pair that is not: a device whose window
        is not open then ends the link."""
        await self._subscribe(packets.UUID["Control Point"], lambda data: self._answers.put_nowait(packets.answer(data)))
        try:
            await self.link.write(packets.UUID["Control Point"], data)
            while True:
                opcode, result = await self._wait(self._answers, ANSWER_S)
                if opcode == data[0]:
                    self._known = self._known or result != "NOT_PERMITTED"
                    return result
        except Trouble as trouble:
            if trouble.code == LOST and not self._known and self.link.lost.is_set():
                raise Trouble(REFUSED, self.link.not_paired) from None
            raise

    async def may_command(self) -> bool:
        """Whether this computer is paired with it, asked on the console, where asking does not begin to pair."""
        try:
            await self.line("bonds")
        except Trouble as trouble:
            if trouble.code == REFUSED:
                return False
            raise
        return True

    async def pair(self) -> bool:
        """Pairs while the device's window is open; whether it may command now."""
        try:
            await self.link.pair()
        except NotImplementedError:  # macOS pairs by itself when something protected is touched
            pass
        await asyncio.sleep(SETTLE_S)
        return await self._carry_out(packets.encode(packets.HELLO)) == "SUCCESS"

    async def stop(self) -> None:
        """Stops, paired or not."""
        await self.link.write(packets.UUID["Stop"], b"\0", False)

    async def line(self, text: str, told: Callable[[str], None] | None = None, again: bool = False) -> list[str]:
        """A line on the console: what it answered, the last line without its "ok". Trouble when that is an error."""
        if len(text) > LONGEST_LINE or not text.isascii():
            raise Trouble(USAGE, f"line: {text!r} is not allowed; allowed: at most {LONGEST_LINE} characters of ASCII")
        await self._subscribe(packets.CONSOLE_NOTIFY, self._heard_text)
        said: list[str] = []
        for _ in range(MOST_TRIES):
            said = await self._ask(text, told)
            if not (said[-1].startswith("error: ") and said[-1].endswith("try again")):
                break
            await asyncio.sleep(TRY_AGAIN_S)
        last = said.pop()
        if last.startswith("error: "):
            why = last.removeprefix("error: ")
            if "only for a paired device" in why:
                if sys.platform == "linux" or again:
                    raise Trouble(REFUSED, self.link.not_paired)
                await self.command(packets.HELLO)  # elsewhere a bond counts only once something protected was touched
                return await self.line(text, told, again=True)
            raise Trouble(USAGE if ("allowed: " in why and "not while" not in why) or "usage:" in why else REFUSED, why)
        return [*(line.strip() for line in said), last.removeprefix("ok").strip()]

    async def _ask(self, text: str, told: Callable[[str], None] | None) -> list[str]:
        while not self._lines.empty():
            self._lines.get_nowait()
        data = text.encode() + b"\n"
        for at in range(0, len(data), self.link.room):
            await self.link.write(packets.CONSOLE_WRITE, data[at : at + self.link.room])
        said: list[str] = []
        while not said or not said[-1].startswith(("ok", "error: ")):
            said.append(await self._wait(self._lines, LINE_S))
            if told is not None:
                told(said[-1])
        return said

    def _heard_text(self, data: bytes) -> None:
        *lines, self._text = (self._text + data).split(b"\n")
        for line in lines:
            self._lines.put_nowait(line.decode(errors="replace").rstrip("\r"))

    async def _wait(self, queue: asyncio.Queue[Any], seconds: float) -> Any:
        waiting = asyncio.ensure_future(queue.get())
        lost = asyncio.ensure_future(self.link.lost.wait())
        done, left = await asyncio.wait({waiting, lost}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for one in left:
            one.cancel()
        if waiting in done:
            return waiting.result()
        raise Trouble(LOST, "the link was lost" if lost in done else f"the device did not answer within {seconds:g} s")

    # Programs by name

    async def programs(self, told: Callable[[str], None] | None = None) -> dict[str, dict[str, Any]]:
        """All programs by name: number, mode and ranges."""
        return dict(_program_of(line.split()) for line in (await self.line("programs", told))[:-1])


def _program_of(words: list[str]) -> tuple[str, dict[str, Any]]:
    """`2 intervals wave 60-90 mmHg 20-25 min (chosen)`; of one of your own the device tells no more than `21 tide own`."""
    number, name, mode = words[:3]
    ranges = [[int(one) for one in word.split("-")] for word in words[3:] if word[0].isdigit()]
    mmhg, minutes = ranges if len(ranges) == 2 else (None, None)
    return name, {"number": int(number), "mode": mode, "mmhg": mmhg, "minutes": minutes, "chosen": "(chosen)" in words}


def _words_of(fields: str, values: tuple[int, ...]) -> Iterator[str]:
    for field, value in zip(fields, values):
        yield ("on" if value else "off") if field.upper() == "O" else str(value)
