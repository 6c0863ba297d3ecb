"""A session over Bluetooth, from the scan to the reconnection, by a client that knows only the document."""

import asyncio

import pytest

from host_tests.ble_client import UUID, VECTORS, Talk, decode
from host_tests.test_own_programs import KNEE, sent
from tools.simulator.phone import Refused


@pytest.mark.parametrize("board, zones, mtu", [("esp32_manifold", [4, 4], None), ("esp32s3_independent", [4], 247)])
def test_a_whole_session(board, zones, mtu):
    talk = Talk(board, snug=True)

    async def go():
        client = talk.client
        _, name = await client.find()
        assert name == "Peristal"
        await client.join(mtu)
        assert client.connection.att_mtu == (mtu or 23)
        for row in VECTORS["characteristics"]:
            uuid = row["uuid"].upper()
            assert (await client.descriptor(uuid, 0x2901)).decode() == row["name"]
            layout = await client.descriptor(uuid, 0x2904)
            told = row["presentation"]
            assert (layout[0], layout[1], layout[2:4]) == (told["format"], told["exponent"] & 255, told["unit"].to_bytes(2, "little"))
        features = decode("Features", await client.read(UUID["Features"]))
        assert [features["zones_leg_1"], features["zones_leg_2"]][: features["legs"]] == zones
        assert (await client.read("2A24")).decode() == board and (await client.read("2A28")).decode() == VECTORS["protocol"]
        with pytest.raises(Refused) as refused:
            await client.write(UUID["Target Pressure"], b"\x3c")
        assert refused.value.code == 0x05, "what makes a phone start pairing"

        await talk.open_window()
        assert (await client.status())["flags"] & VECTORS["status_flags"]["WINDOW_OPEN"]
        await client.pair()
        await client.until(lambda: not talk.app.radio.window.left_ms, 2, "the window closing at the first bond")
        await client.write(UUID["Target Pressure"], b"\x3c")
        await client.until(lambda: talk.app.session.pressure_mmhg == 60)
        assert await client.command("asks") == "SUCCESS"
        assert await client.command("how", 10) == "SUCCESS"
        assert await client.command("set minutes", 20) == "SUCCESS"
        assert await client.command("start") == "SUCCESS"
        await client.until_state("running")
        await client.until(lambda: talk.rig.plant.zone_mmhg[0] > 30, 90, "a leg that squeezes")
        legs = [decode("Zone Pressures", one) for one in client.told(UUID["Zone Pressures"])]
        assert [len(one["mmhg"]) for one in legs[-len(zones) :]] == zones

        def shown():
            return decode("Zone Pressures", client.told(UUID["Zone Pressures"])[-len(zones)])["mmhg"][0]

        await client.until(lambda: shown() > 40 and abs(shown() - talk.rig.plant.zone_mmhg[0]) < 6, 60, "the pressure that it shows")

        assert await client.command("set pressure", 40) == "SUCCESS"
        await client.until(lambda: decode("Status", client.told(UUID["Status"])[-1])["pressure_mmhg"] == 40, 1, "40 mmHg shown")
        assert await client.command("pause") == "SUCCESS"
        await client.until_state("paused")
        assert await client.command("resume") == "FAILED", "there is still air in the sleeves"
        await client.until(lambda: not talk.app.guarding.pressurised, 30)
        assert await client.command("resume") == "SUCCESS"
        await client.until_state("running")
        await client.write(UUID["Stop"], b"\0")
        await client.until_state("done")
        await client.until(lambda: max(talk.rig.plant.zone_mmhg) < 5, 30, "deflated legs")

    talk.run(go, 200)
    kept = talk.client.bonds
    talk.power_cycle()

    async def again():
        client = talk.client
        await client.until(lambda: client.connection is None, 5)
        client.heard.clear()
        await client.join(mtu)
        with pytest.raises(Refused) as refused:
            await client.write(UUID["Target Pressure"], b"\x32")
        assert refused.value.code == 0x0F, "it knows the phone: encrypt, do not pair"
        await client.encrypt()
        assert talk.rig.state == "idle", "connecting starts nothing"
        assert await client.command("set pressure", 50) == "SUCCESS"
        assert client.bonds is kept

    talk.run(again)


@pytest.mark.parametrize("mtu", [None, 247])
def test_a_program_is_uploaded_and_run_and_what_happened_is_fetched(mtu):
    talk = Talk()

    async def go():
        client = await talk.owner(mtu)
        answer = ""
        for line in sent(KNEE, len(KNEE)):
            (answer,) = await client.line(line)
            assert answer.startswith("ok"), (line, answer)
        assert answer == "ok program=knee steps=5"
        shown = await client.line("program show knee", 10)
        assert [line.strip() for line in shown[:-1]] == KNEE
        listed = await client.line("programs", 20)
        (number,) = [int(line.split()[0]) for line in listed if " knee " in line]
        assert await client.command("start", number, 40, 5) == "SUCCESS"
        told = await client.until_state("running")
        assert (told["program"], told["pressure_mmhg"], told["minutes"]) == (number, 40, 5)
        await asyncio.sleep(20)
        assert await client.command("stop") == "SUCCESS"
        await client.until_state("done")
        await client.until(talk.app.vented, 30)
        await asyncio.sleep(1)
        journal = await client.line("journal", 20)
        assert journal[-1] == f"ok events={len(journal) - 1}"
        assert all(any(word in line for line in journal) for word in ("paired", "session 40 mmHg", "stopped"))
        record = await client.line("record", 10)
        assert record[-1] == "ok sessions=1" and "knee" in record[0]

    talk.run(go)


def test_ten_packets_a_second_and_none():
    talk = Talk()

    async def go():
        client = await talk.owner(247)
        counts = []
        for rate in (10, 3, 0):
            assert await client.command("how", rate) == "SUCCESS"
            client.heard.clear()
            began = talk.radio.loop.time()
            await client.until(lambda began=began: talk.radio.loop.time() > began + 3, 4)
            counts.append(len(client.told(UUID["Zone Pressures"])))
        assert counts[0] in range(56, 63) and counts[1] in range(16, 21) and counts[2] <= 2
        assert await client.command("how", 11) == "INVALID"

    talk.run(go)


@pytest.mark.parametrize("policy", ["finish", "soften", "stop"])
def test_a_lost_link_does_what_the_wearer_chose_and_coming_back_starts_nothing(policy):
    talk = Talk(settings={"pressure_mmhg": 60, "minutes": 10}, snug=True)

    async def go():
        client = await talk.owner()
        assert (await client.line(f"set link {policy}")) == [f"ok link={policy}"]
        await client.command("start")
        await client.until_state("running")
        await client.until(lambda: talk.rig.plant.zone_mmhg[0] > 45, 90)
        talk.radio.air.cut(client.controller)
        await client.until(lambda: not talk.app.radio.links.count(), 5, "the end of the link")
        await asyncio.sleep(0.2)
        assert talk.radio.advertising
        state = talk.rig.state
        assert state == ("done" if policy == "stop" else "running")
        if policy != "finish":
            highest = 5400 if policy == "soften" else 0
            await client.until(lambda: max(talk.app.regulator.target_pa) <= highest, 10, "softer targets")
        talk.radio.air.back(client.controller)
        await client.until(lambda: client.connection is None, 5)
        await client.join()
        await client.encrypt()
        await client.command("asks")
        assert talk.rig.state == state

    talk.run(go, 200)


def test_a_link_that_is_lost_before_the_first_squeeze_softens_it_too():
    talk = Talk(settings={"pressure_mmhg": 60, "minutes": 10}, snug=True)

    async def go():
        client = await talk.owner()
        await client.line("set link soften")
        await client.command("start")
        assert talk.rig.state == "preflight"
        await client.disconnect()
        highest = 0.0
        for _ in range(400):
            await asyncio.sleep(0.1)
            highest = max(highest, *talk.app.regulator.target_pa)
        assert talk.rig.state == "running" and 0 < highest <= 5400

    talk.run(go, 200)


def test_from_the_written_command_to_the_changed_output_it_takes_at_most_two_ticks():
    talk = Talk(settings={"pressure_mmhg": 60, "minutes": 10}, snug=True)
    took = []

    async def go():
        client = await talk.owner()
        await client.command("start")
        await client.until(lambda: talk.app.drive.pump_permille, 60)
        client.loop.call_later(0, lambda: None)
        await client.write(UUID["Stop"], b"\0", answered=False)
        arrives_s = talk.radio.loop.time() + talk.radio.air.latency_s
        await client.until(lambda: not talk.app.drive.pump_permille, 1)
        took.append(talk.radio.loop.time() - arrives_s)

    talk.run(go)
    assert took[0] <= 0.05, "two ticks of 20 ms, and 10 ms of looking"
