"""The bring-up from a phone: in a service mode that the button opens, over the console, and over when the phone is gone."""

import asyncio

from host_tests.ble_client import Client, Talk
from host_tests.bottles import bottles
from peristal.core.gate import STEPS
from tools.simulator import boards

BOARD = "esp32s3_independent"


async def until_asked(client: Client, what: str) -> list[str]:
    """Polls as an app does; the list that says what is asked."""
    lines: list[str] = []
    for _ in range(60):
        lines = await client.line("bringup")
        if lines[-1].endswith(f" asks={what}") and not any(": fills " in line for line in lines):  # lines of one list come in several ticks
            return lines
        await asyncio.sleep(1.0)
    raise AssertionError(f"it never asked {what}: {lines}")


def test_a_phone_in_service_mode_brings_up_and_a_lost_phone_ends_the_step():
    talk = Talk(BOARD, plant=bottles(boards.load(BOARD)), brought_up=STEPS[:2])

    async def go():
        client = await talk.owner(247)
        assert await client.command("start", 0) == "FAILED"
        assert "only over USB, or in a service mode" in (await client.line("bringup run"))[-1]
        talk.press(3.3)
        await client.until(lambda: talk.app.radio.pairing, 25)
        assert (await client.line("bringup run"))[-1].startswith("ok step=gauge")
        for zone in range(4):
            lines = await until_asked(client, "mmhg")
            assert f"  3 gauge running: zone {zone + 1} " in lines[2] and lines[-1].startswith("ok bringup=running passed=2 steps=7 ")
            assert (await client.status())["state"] == "bringup"
            await asyncio.sleep(0.3)
            assert (await client.line(f"reads {round(talk.rig.plant.zone_mmhg[zone])}"))[-1] == "ok"
            await asyncio.sleep(0.3)
        await client.until_state("idle", seconds=10)
        assert (await client.line("bringup"))[2] == "  3 gauge passed"
        await asyncio.sleep(0.3)
        assert (await client.line("bringup run"))[-1].startswith("ok step=zones")
        await client.until(lambda: talk.rig.plant.zone_mmhg[0] > 40, 20)
        await client.disconnect()
        await client.until(lambda: talk.rig.state == "idle", 3)
        await asyncio.sleep(3.0)
        assert max(talk.rig.plant.zone_mmhg) < 5 and "zones" in talk.app.session.gate.missing()

    talk.run(go, 240)
