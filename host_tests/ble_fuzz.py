"""Random and mutated writes over every handle and the console while a session runs:  make fuzz SEED=7 [ARGS="--writes 20000"]

Strangers and an owner write at once. Nothing may raise, no limit may be broken, the loop keeps its period, and whatever was written before,
the next plain command is answered and Stop stops.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
from dataclasses import dataclass, field
from typing import Any

from bumble import att

from host_tests.ble_client import CONSOLE_WRITE, UUID, VECTORS, Client, Talk
from peristal.console import table
from peristal.core import faults, limits

BOARDS = ("esp32_manifold", "esp32s3_independent")
LONGEST_PERIOD_MS = 25.0  # of a tick of 20 while a session runs
PRESSED_MMHG = 20  # so far a session has to be before it is written to
ROUND = 500  # writes between two looks
# Would end the owner's own rights, or what the run is about: they have tests of their own.
NOT_BY_THE_OWNER = {"unpair", "tingling", "stop", "pause"}
HANDLES = 64
WORDS = [row[0] for row in table()]
ARGUMENTS = ("", "0", "1", "2", "7", "9", "20", "55", "100", "101", "255", "-1", "99999999999", "on", "off", "all", "wave")
ARGUMENTS += ("x" * 90, "\t", "%s")


@dataclass
class Result:
    """What a run did and saw."""

    writes: int = 0
    lost: int = 0
    ticks_running: int = 0
    longest_ms: float = 0.0
    highest_mmhg: float = 0.0
    wrong: list[str] = field(default_factory=list)


class Fuzz:
    """One run, the same for the same seed."""

    def __init__(self, seed: int, writes: int) -> None:
        self.random = random.Random(seed)
        self.writes = writes
        self.result = Result()
        self.talk = Talk(BOARDS[seed % 2], seed=seed % 1000, settings={"minutes": 60, "pressure_mmhg": 55}, snug=True)
        self.owner: Client = self.talk.client
        self.strangers = [self.talk.phone(2), self.talk.phone(3)]
        self.talk.rig.every(0.05, self._look)
        self.talk.rig.chip.on_import("peristal.app", self._watch_the_period)
        self._over = False

    def run(self) -> Result:
        """Makes it."""
        try:
            self.talk.run(self._go, 3600 * 6)
        except Exception as error:
            self.result.wrong.append(f"{type(error).__name__}: {error}")
        return self.result

    # What must hold

    def _look(self) -> None:
        self.result.highest_mmhg = max(self.result.highest_mmhg, *self.talk.rig.plant.zone_mmhg)

    def _watch_the_period(self, module: Any) -> None:
        tick = module.App.tick
        last: list[float] = []

        def timed(app: Any) -> None:
            now_s = self.talk.rig.now_s
            if last and app.session.active:
                self.result.longest_ms = max(self.result.longest_ms, (now_s - last[0]) * 1000)
                self.result.ticks_running += 1
            last[:] = [now_s]
            tick(app)

        module.App.tick = timed

    def _check(self) -> None:
        rig, app, result = self.talk.rig, self.talk.app, self.result
        if rig.chip.starts != 1 or rig.chip.in_repl:
            raise AssertionError(f"the firmware ended: {rig.chip.console[-3:]}")
        if app.radio.stack.failures:
            raise AssertionError("an exception in the handler")
        if app.guarding.fault not in (faults.OK, faults.TINGLING):
            raise AssertionError(f"fault {app.guarding.fault}")
        if result.highest_mmhg > limits.highest("trip_mmhg"):
            raise AssertionError(f"{result.highest_mmhg:.0f} mmHg")
        if result.longest_ms > LONGEST_PERIOD_MS:
            raise AssertionError(f"a tick of {result.longest_ms:.1f} ms")
        if app.session.pressure_mmhg > limits.highest("pressure_mmhg") or app.session.minutes > limits.highest("minutes"):
            raise AssertionError(f"chosen: {app.session.pressure_mmhg} mmHg, {app.session.minutes} min")
        result.lost = app.radio.links.lost

    # The course

    async def _go(self) -> None:
        await self.talk.owner(self.random.choice((None, 247)))
        while self.result.writes < self.writes:
            await self._revive()
            for phone in (self.owner, *self.strangers):
                phone.heard.clear()
            stop_at = self.result.writes + min(ROUND, self.writes - self.result.writes)
            while self.result.writes < stop_at:
                for _ in range(self.random.choice((1, 1, 2, 5, 20))):
                    self._write()
                await asyncio.sleep(self.random.choice((0.005, 0.02, 0.05)))
            await asyncio.sleep(0.5)
            self._check()
        await self._revive()
        await self.strangers[0].write(UUID["Stop"], b"")
        await self.owner.until(lambda: self.talk.rig.state in ("done", "fault"), 1, "the end of the session")

    async def _revive(self) -> None:
        """Everybody is connected, a session runs, and the owner's plain command is answered."""
        talk, owner = self.talk, self.owner
        for phone in (owner, *self.strangers):
            if phone.connection is None:
                await phone.connect("24:A1:60:C0:FF:F0/P", self.random.choice((None, 247)), 10)
                await phone.discover()
                if phone is owner:
                    await phone.subscribe(UUID["Control Point"])
                    await phone.encrypt()
        await asyncio.sleep(1)
        if await owner.command("asks") != "SUCCESS":
            raise AssertionError("the owner may not any more")
        for _ in range(120):
            state = talk.rig.state
            if state == "running" and max(talk.rig.plant.zone_mmhg) > PRESSED_MMHG:
                break
            if state == "fault":
                talk.press(0.2)
            elif state in ("idle", "done", "breathing"):
                await owner.command("set minutes", 20)
                await owner.command("start")
            elif state == "paused":
                await owner.command("resume")
            await asyncio.sleep(1)

    # What is written

    def _write(self) -> None:
        owns = self.random.random() < 0.6
        phone = self.owner if owns else self.random.choice(self.strangers)
        if phone.connection is None:
            return
        kind = self.random.random()
        if kind < 0.35:
            handle, data = self._handle(phone, "Control Point"), self._command(owns)
        elif kind < 0.7:
            handle, data = phone._found[CONSOLE_WRITE].handle, self._console(owns)
        elif kind < 0.8:
            name = self.random.choice(("Target Pressure", "Duration", "Program", "Last Result", "Stop"))
            if name == "Stop" and self.random.random() < 0.97:
                name = "Status"
            handle, data = self._handle(phone, name), self._garbage()
        else:
            handle, data = self.random.randrange(HANDLES), self._garbage()
            if handle == self._handle(phone, "Stop") and self.random.random() < 0.97:
                return
        room = phone.connection.att_mtu - 3
        packet = att.ATT_Write_Command(attribute_handle=handle, attribute_value=data[:room])
        phone.connection.send_l2cap_pdu(att.ATT_CID, bytes(packet))
        self.result.writes += 1

    @staticmethod
    def _handle(phone: Client, name: str) -> int:
        return phone._found[UUID[name]].handle

    def _garbage(self) -> bytes:
        return self.random.randbytes(self.random.choice((0, 1, 1, 2, 3, 6, 7, 20, 21, 130, 244)))

    def _command(self, owns: bool) -> bytes:
        if self.random.random() < 0.3:
            return self._garbage() if not owns else bytes([self.random.choice((0, 5, 6, 9, 0x11, 0x80, 0xFF))]) + self._garbage()
        row = self.random.choice(VECTORS["opcodes"])
        if owns and row["words"] in NOT_BY_THE_OWNER and self.random.random() < 0.97:
            row = VECTORS["opcodes"][0]
        data = bytes([row["opcode"]]) + self.random.randbytes(len(row["fields"]) * self.random.choice((1, 1, 2, 4)))
        how = self.random.random()
        if how < 0.5 and row["fields"]:
            data = data[:1] + bytes(self.random.choice((0, 1, 2, 5, 8, 20, 50, 60)) for _ in range(len(data) - 1))
        elif how < 0.6:
            data = data[:-1]
        elif how < 0.7:
            data += self._garbage()
        return data

    def _console(self, owns: bool) -> bytes:
        how = self.random.random()
        if how < 0.25:
            return self._garbage()
        words = self.random.choice(WORDS)
        if (words == "stop" or (owns and words in NOT_BY_THE_OWNER)) and self.random.random() < 0.97:
            words = "status"
        line = " ".join([words, *(self.random.choice(ARGUMENTS) for _ in range(self.random.choice((0, 0, 1, 1, 2, 4))))])
        data = bytearray(line.encode() + self.random.choice((b"\n", b"\r\n", b"\r", b"", b"\n\n\n")))
        if how < 0.45 and data:
            data[self.random.randrange(len(data))] = self.random.randrange(256)
        if how > 0.9:
            data *= 3
        return bytes(data)


def main(argv: list[str]) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make fuzz", description="Random writes to the simulated radio while a session runs.")
    parser.add_argument("--writes", type=int, default=10000, help="how many (default 10000)")
    chosen = parser.parse_args(argv)
    given = os.environ.get("SEED", "1")
    if not given.isdigit():
        parser.error(f"SEED={given} is not allowed; allowed: a whole number")
    if chosen.writes < 1:
        parser.error(f"--writes: {chosen.writes} is not allowed; allowed: 1 or more")
    result = Fuzz(int(given), chosen.writes).run()
    print(f"seed {given}: {result.writes} writes, {result.lost} of them dropped; {result.ticks_running} ticks of a session, the longest")
    print(f"{result.longest_ms:.1f} ms; highest true pressure {result.highest_mmhg:.0f} mmHg")
    for why in result.wrong:
        print(f"wrong: {why}")
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
