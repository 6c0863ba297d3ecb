"""Writes page/demo.js: a cycle of a session of the simulated pair, as its packets told it (`python -m tools.panel.demo`)."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from pathlib import Path
from typing import Any

from tools.simulator import boards
from tools.simulator.bluetooth import Radio
from tools.simulator.phone import Phone
from tools.simulator.rig import Rig

FILE = Path(__file__).with_name("page") / "demo.js"
BOARD, SEED, HZ, SAMPLES = "esp32_manifold", 7, 2, 100
SERVICE = "9B2F%04X-5C1D-4E6A-8F3B-706572697374"
FEATURES, STATUS, PRESSURES, CONTROL = (SERVICE % number for number in (1, 5, 6, 3))
CONSOLE = "6E40%04X-B5A3-F393-E0A9-E50E24DCCA9E"
LINES = ("programs",)
RUNNING = 2
SETTLED_CYCLE = 3  # the first two are the comfort start's


def _cycle(told: list[bytes]) -> int:
    """The cycle's number while it runs, else 0."""
    return told[-1][2] if told and told[-1][0] == RUNNING else 0


async def _record(rig: Rig, radio: Radio, phone: Phone) -> dict[str, Any]:
    """Pairs, starts, waits for a settled cycle and keeps what is told."""
    one = (await phone.scan(1.0))[0]
    await phone.connect(one.address, 247)
    await phone.discover()
    rig.press(rig.now_s + 0.01, 3.3)
    await phone.until(lambda: rig.app.radio.window.left_ms, 30, "the pairing window")
    await phone.pair()
    await asyncio.sleep(1)
    told: dict[str, list[bytes]] = {}
    for uuid in (STATUS, PRESSURES, CONTROL, CONSOLE % 3):
        await phone.subscribe(uuid, told.setdefault(uuid, []).append)
    answers = {}
    for line in LINES:
        told[CONSOLE % 3].clear()
        await phone.write(CONSOLE % 2, f"{line}\n".encode())
        await phone.until(lambda: any(b"ok " in part for part in told[CONSOLE % 3][-1:]) and told[CONSOLE % 3][-1].endswith(b"\n"), 20)
        await asyncio.sleep(0.5)
        lines = b"".join(told[CONSOLE % 3]).decode().splitlines()
        answers[line] = "\n".join([one for one in lines if one.endswith("(chosen)") or one.startswith("ok")])
    await phone.write(CONTROL, bytes((0x0D, HZ)))
    await phone.write(CONTROL, bytes((0x01,)))
    await phone.until(lambda: _cycle(told[STATUS]) == SETTLED_CYCLE, 300, "a settled cycle")
    began_s = radio.loop.time()
    legs: dict[int, list[bytes]] = {0: [], 1: []}
    told[PRESSURES].clear()
    await phone.until(lambda: _cycle(told[STATUS]) == SETTLED_CYCLE + 1, 200, "its end")
    cycle_s = radio.loop.time() - began_s
    cycles = max(1, round(SAMPLES / HZ / cycle_s))
    await asyncio.sleep(cycle_s * (cycles - 1))
    for packet in told[PRESSURES]:
        legs[packet[0]].append(packet[3:])
    samples = min(len(legs[0]), len(legs[1]))
    mmhg = bytearray()
    for at in range(samples):
        for leg in (0, 1):
            tenths = [int.from_bytes(legs[leg][at][byte : byte + 2], "little", signed=True) for byte in range(0, len(legs[leg][at]), 2)]
            mmhg += bytes(max(0, round(one / 10)) for one in tenths)
    features = await phone.read(FEATURES)
    return {
        "board": BOARD, "hz": HZ, "cycle_s": round(cycle_s), "samples": samples, "features": features.hex(),
        "status": told[STATUS][-1].hex(), "console": answers, "mmhg": base64.b64encode(mmhg).decode(),
    }  # fmt: skip


def text() -> str:
    """The file."""
    rig = Rig(BOARD, plant=boards.worn_plant(boards.load(BOARD), SEED), seed=SEED)
    radio = Radio(rig.chip)
    phone = Phone(radio)
    tasks: list[asyncio.Task[dict[str, Any]]] = []

    def begin() -> None:
        task = radio.loop.create_task(_record(rig, radio, phone))
        tasks.append(task)
        task.add_done_callback(lambda _: rig.at(rig.now_s, rig.chip.power_off))

    rig.at(2.5, begin)
    rig.run_until(900)
    head = "// Made by `python -m tools.panel.demo` from a session of the simulated pair."
    return f"{head}\nexport const DEMO = {json.dumps(tasks[0].result(), separators=(',', ':'))};\n"


if __name__ == "__main__":
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    FILE.write_text(text())
