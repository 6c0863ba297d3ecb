"""Strangers: they may watch and stop, and whatever they try besides, they gain nothing and take nothing away."""

import asyncio

import pytest

from host_tests.ble_client import CONSOLE_NOTIFY, UUID, Talk
from tools.simulator.phone import Phone, Refused


async def try_to_pair(phone):
    """Pairs, and does not mind when the link is ended over it."""
    try:
        await phone.pair()
    except ConnectionError:
        pass


def secrets(talk):
    return sorted((kind, key.hex()) for kind, key in talk.app.radio.bonds._secrets)


@pytest.mark.parametrize("secrets_first", [True, False])
def test_one_who_pairs_outside_the_window_is_refused_dropped_and_leaves_nothing(secrets_first):
    talk = Talk()
    talk.radio.secrets_first = secrets_first

    async def go():
        owner = await talk.owner()
        before, kept = secrets(talk), talk.rig.flash.files["bonds.json"]
        stranger = talk.phone(2)
        await stranger.join()
        link = next(link for link in talk.app.radio.links.slots if link.handle != 0xFFFF and not link.owner)
        await try_to_pair(stranger)
        await stranger.until(lambda: link.stranger or stranger.connection is None, 2)
        try:
            await stranger.write(UUID["Control Point"], b"\x01")
        except Exception:  # it was dropped before it could
            pass
        await stranger.until(lambda: stranger.connection is None, 2, "being dropped")
        assert talk.rig.state == "idle" and not link.owner
        assert secrets(talk) == before and talk.rig.flash.files["bonds.json"] == kept
        await stranger.join(listen=False)
        with pytest.raises(Exception, match=r"."):
            await stranger.encrypt()
        assert await owner.command("set pressure", 50) == "SUCCESS", "the owner notices nothing of it"

    talk.run(go)


def test_an_encrypted_stranger_is_refused_by_the_firmware_itself_not_by_the_flag():
    talk = Talk()

    async def go():
        stranger = talk.phone(2)
        await stranger.join()
        talk.app.radio.links.unwanted = lambda elapsed_ms: 0xFFFF  # nobody drops it
        await stranger.pair()
        assert stranger.connection.is_encrypted
        assert await stranger.command("start") == "NOT_PERMITTED"
        assert await stranger.command("asks") == "NOT_PERMITTED"
        assert await stranger.raw(b"\x05\xff") == "NOT_PERMITTED", "it learns nothing of the ranges"
        await stranger.write(UUID["Target Pressure"], b"\x1e")
        for words in ("start", "set pressure 30", "bonds", "unpair all", "set name Mine", "pair", "calibrate 1 0"):
            (answer,) = await stranger.line(words)
            assert answer.startswith("error: ") and "only" in answer
        assert talk.rig.state == "idle" and talk.app.session.pressure_mmhg == 55
        assert await stranger.command("stop") == "SUCCESS"

    talk.run(go)


def test_a_spoofed_owner_neither_evicts_the_bond_nor_gains_anything():
    talk = Talk()

    async def go():
        owner = await talk.owner()
        before = secrets(talk)
        await owner.disconnect()
        talk.radio.air.remove_controller(owner.controller)
        for bonding in (True, False):
            spoofer = talk.phone(1)  # the owner's address, none of its keys
            spoofer.bonding = bonding
            await spoofer.join()
            await try_to_pair(spoofer)
            await spoofer.until(lambda spoofer=spoofer: spoofer.connection is None, 2, "being dropped")
            talk.radio.air.remove_controller(spoofer.controller)
            await asyncio.sleep(0.2)
            assert secrets(talk) == before and not talk.app.radio.bonds._hidden
        talk.radio.air.add_controller(owner.controller)
        await owner.join()
        await owner.encrypt()
        assert await owner.command("asks") == "SUCCESS"

    talk.run(go)
    talk.power_cycle()

    async def again():
        owner = talk.client
        await owner.until(lambda: owner.connection is None, 5)
        await owner.join()
        await owner.encrypt()
        assert await owner.command("asks") == "SUCCESS"

    talk.run(again)


def test_four_strangers_that_come_back_at_once_do_not_lock_the_owner_out():
    talk = Talk()
    over = []

    async def pester(number):
        stranger = talk.phone(number)
        await stranger.switch_on()
        while not over:
            try:
                await stranger.connect("24:A1:60:C0:FF:F0/P", timeout=3.0)
                while stranger.connection is not None and not over:
                    await asyncio.sleep(0.05)
            except Exception:
                await asyncio.sleep(0.02)

    async def go():
        owner = await talk.owner()
        await owner.disconnect()
        pests = [talk.radio.loop.create_task(pester(number)) for number in range(2, 6)]
        await asyncio.sleep(10)
        assert talk.app.radio.links.count() <= 3
        for _attempt in range(6):
            try:
                await owner.connect("24:A1:60:C0:FF:F0/P", timeout=5.0)
                await owner.encrypt()
                break
            except Exception:
                await owner.disconnect()
        else:
            raise AssertionError("the owner stayed out")
        await owner.discover()
        await owner.subscribe(UUID["Control Point"])
        assert await owner.command("asks") == "SUCCESS"
        await asyncio.sleep(20)
        assert owner.connection is not None, "whoever is in stays in"
        over.append(True)
        await asyncio.gather(*pests)

    talk.run(go, 200)


def test_a_silent_stranger_is_dropped_after_half_a_minute_and_one_that_reads_is_not():
    talk = Talk()

    async def go():
        silent, watching = talk.phone(2), talk.phone(3)
        await silent.join(listen=False)
        await watching.join(listen=False)
        for _ in range(4):
            await asyncio.sleep(9)
            await watching.read(UUID["Status"])
        assert silent.connection is None and watching.connection is not None

    talk.run(go)


@pytest.mark.parametrize("way", ["characteristic", "console", "flooded"])
def test_any_stranger_can_stop(way):
    talk = Talk(settings={"minutes": 10})

    async def go():
        owner = await talk.owner()
        assert await owner.command("start") == "SUCCESS"
        await owner.until_state("running")
        stranger = talk.phone(2)
        await stranger.join()
        if way == "console":
            assert (await stranger.line("stop"))[-1] == "ok state=done"
        else:
            for _ in range(60 if way == "flooded" else 0):
                await stranger.write("6E400002-B5A3-F393-E0A9-E50E24DCCA9E", b"x" * 20, answered=False)
            await stranger.write(UUID["Stop"], b"", answered=False)
        await owner.until_state("done", seconds=1)

    talk.run(go)


def test_in_the_window_the_first_is_kept_and_it_is_closed_for_the_second():
    talk = Talk()

    async def go():
        await talk.owner()
        stranger = talk.phone(2)
        await stranger.join()
        await try_to_pair(stranger)
        await stranger.until(lambda: stranger.connection is None, 2, "being dropped")
        assert len(talk.app.radio.bonds) == 1

    talk.run(go)


@pytest.mark.parametrize("secrets_first", [True, False])
def test_two_that_pair_at_once_in_one_window_are_both_refused(secrets_first):
    talk = Talk()
    talk.radio.secrets_first = secrets_first

    async def go():
        one, two = talk.phone(2), talk.phone(3)
        await one.join()
        await two.join()
        await talk.open_window()
        await asyncio.gather(one.pair(), two.pair(), return_exceptions=True)
        await one.until(lambda: not talk.app.radio.window.left_ms, 2)
        await asyncio.sleep(1)
        rights = [link.owner for link in talk.app.radio.links.slots]
        bonds = len(talk.app.radio.bonds)
        assert (bonds, sum(rights)) in ((0, 0), (1, 1)), "neither, or exactly one and the same"

    talk.run(go)


def test_a_stranger_that_was_pairing_when_the_window_closed_gains_nothing():
    talk = Talk()

    async def go():
        stranger = talk.phone(2)
        await stranger.join()
        await talk.open_window()
        await asyncio.sleep(2)  # the loop writes no file now
        pairing = talk.radio.loop.create_task(stranger.pair())
        await stranger.until(lambda: talk.radio.device.smp_manager.sessions, 2)
        await asyncio.sleep(0.02)
        assert not pairing.done() and talk.app.radio.bonds.new is None
        talk.app.radio.window.left_ms = 1  # the stack has promised to bond, and will say that it did
        await asyncio.wait([pairing])
        await asyncio.sleep(0.5)
        assert len(talk.app.radio.bonds) == 0 and not talk.app.radio.links.owners()
        assert stranger.connection is None
        await stranger.join(listen=False)
        with pytest.raises(Exception, match=r"."):
            await stranger.encrypt()
        assert not talk.app.radio.links.owners()

    talk.run(go)


def test_three_bonds_are_kept_a_fourth_is_refused_before_pairing_and_one_can_be_forgotten():
    talk = Talk()

    async def go():
        for number in (1, 2, 3):
            phone = await talk.owner(client=talk.phone(number))
            await phone.disconnect()
        assert talk.app.radio.pair(False) == "pair: 3 devices are paired already; unpair one first"
        owner = talk.phone(3)
        owner.bonds = phone.bonds
        talk.radio.air.remove_controller(phone.controller)
        await owner.join()
        await owner.encrypt()
        (bonds,) = await owner.line("bonds")
        assert bonds == "ok paired=3 c00000000001 c00000000002 c00000000003"
        assert (await owner.line("unpair 4"))[-1].startswith("error: unpair: 4 is not allowed; allowed: 1 to 3, all")
        assert (await owner.line("unpair 1"))[-1] == "ok paired=2"
        await talk.open_window()

    talk.run(go)


def test_the_passkey_is_on_the_usb_console_and_a_wrong_one_pairs_nobody():
    talk = Talk()
    spoken = []
    talk.rig.chip.on_console = spoken.append

    def number():
        found = [line for line in spoken if "passkey" in line]
        return int(found[-1].split()[-1]) if found else None

    async def go():
        client = talk.client
        for right in (False, True):
            client.ask = lambda right=right: None if number() is None else number() if right else ((number() or 0) + 1) % 1000000
            await client.join()
            spoken.clear()
            await client.until(talk.app.vented, 20)
            talk.rig.chip.type("pair\n")
            await client.until(lambda: talk.app.radio.window.left_ms, 2)
            if right:
                await client.pair()
                await client.until(lambda: talk.app.radio.links.owners(), 2)
                assert await client.command("asks") == "SUCCESS"
            else:
                with pytest.raises(Exception, match=r"."):
                    await client.pair()
                await asyncio.sleep(0.5)
                assert not talk.app.radio.links.owners() and not len(talk.app.radio.bonds)
                await client.disconnect()
                await asyncio.sleep(0.1)

    talk.run(go)


def test_where_a_passkey_is_shown_it_has_to_be_typed():
    talk = Talk()

    async def go():
        sneak = talk.client  # says that it has neither keys nor display
        await sneak.join()
        await sneak.until(talk.app.vented, 20)
        talk.rig.chip.type("pair\n")
        await sneak.until(lambda: talk.app.radio.pairing, 2)
        await try_to_pair(sneak)
        await sneak.until(lambda: sneak.connection is None, 2, "being dropped")
        assert talk.app.radio.pairing
        talk.app.radio.window.left_ms = 1
        await sneak.until(lambda: not talk.app.radio.pairing, 1)
        assert len(talk.app.radio.bonds) == 0 and secrets(talk) == [(10, "69726b")]
        await sneak.join(listen=False)
        with pytest.raises(Exception, match=r"."):
            await sneak.encrypt()

    talk.run(go)


def test_a_spoofed_owner_that_fails_in_the_window_leaves_the_owners_key_as_it_was():
    talk = Talk()

    async def go():
        owner = await talk.owner()
        kept = dict(talk.app.radio.bonds._secrets)
        await owner.disconnect()
        talk.radio.air.remove_controller(owner.controller)
        spoofer = talk.phone(1)
        await spoofer.join()
        talk.rig.chip.type("pair\n")
        await spoofer.until(lambda: talk.app.radio.pairing, 2)
        await try_to_pair(spoofer)
        await spoofer.until(lambda: spoofer.connection is None, 2, "being dropped")
        talk.app.radio.window.left_ms = 1
        await spoofer.until(lambda: not talk.app.radio.pairing, 1)
        assert talk.app.radio.bonds._secrets == kept
        talk.radio.air.remove_controller(spoofer.controller)
        talk.radio.air.add_controller(owner.controller)
        await owner.join()
        await owner.encrypt()
        assert await owner.command("asks") == "SUCCESS"

    talk.run(go)


def test_a_stranger_gets_no_answer_meant_for_somebody_else():
    talk = Talk()

    async def go():
        owner = await talk.owner()
        stranger: Phone = talk.phone(2)
        await stranger.join()
        await owner.line("bonds")
        assert not stranger.told(CONSOLE_NOTIFY)
        with pytest.raises(Refused):
            await stranger.write(UUID["Control Point"], b"\x01")

    talk.run(go)
