"""What the radio does badly is borne: no room, lost confirmations, floods, a stack that will not start; and a sample of the fuzz."""

import asyncio

import pytest

from host_tests.ble_client import CONSOLE_WRITE, UUID, VECTORS, Talk, decode
from host_tests.ble_fuzz import Fuzz
from peristal.core import faults


def test_a_sample_of_random_writes():
    result = Fuzz(1, 1000).run()
    assert not result.wrong and result.writes >= 1000 and result.ticks_running > 300


def test_without_room_for_notifications_nothing_is_lost_that_counts_and_the_newest_values_come():
    talk = Talk()

    async def go():
        client = await talk.owner(247)
        await client.command("how", 10)
        for _ in range(8):
            talk.radio.fail_notify = 30
            lines = await client.line("help", 10)
            assert lines[-1].startswith("ok commands=") and len(lines) == int(lines[-1].split("=")[1]) + 1
            assert await client.command("asks") == "SUCCESS"
        talk.radio.fail_notify = 0
        await asyncio.sleep(0.3)
        assert decode("Status", client.told(UUID["Status"])[-1]) == await client.status()
        assert talk.app.radio.stack.failures == 0

    talk.run(go)


def test_a_client_that_never_confirms_blocks_only_its_own_answers():
    talk = Talk()

    async def go():
        client = await talk.owner()
        client.connection.gatt_client.on_att_handle_value_indication = lambda packet: None
        for _ in range(12):
            await client.write(UUID["Control Point"], b"\x05\x32")
        assert talk.app.session.pressure_mmhg == 50
        assert await client.line("status")
        assert (await client.read(UUID["Last Result"])).hex() == "800501"
        other = talk.phone(2)
        await other.join()
        assert await other.line("status")

    talk.run(go)


def test_a_flood_is_dropped_counted_and_told_and_the_loop_keeps_its_period():
    talk = Talk()

    async def go():
        client = await talk.owner(247)
        talk.periods_ms.clear()
        for _ in range(300):
            await client.write(CONSOLE_WRITE, b"status\n" * 10, answered=False)
        await asyncio.sleep(10)
        assert talk.app.radio.links.lost > 100
        assert (await client.status())["flags"] & VECTORS["status_flags"]["LOST_WRITES"]
        assert f"lost={talk.app.radio.links.lost}" in (await client.line("\nradio", 10))[-1]
        assert max(talk.periods_ms[5:]) < 25

    talk.run(go)


BAD = [
    (b"", "INVALID"), (b"\x05", "INVALID"), (b"\x05\x32\x00", "INVALID"), (b"\x05\x65", "INVALID"), (b"\x05\x13", "INVALID"),
    (b"\x63", "NOT_SUPPORTED"), (b"\x80\x01\x01", "NOT_SUPPORTED"), (b"\x01\xff", "INVALID"), (b"\x08\x02", "INVALID"),
    (b"\x01\x01\x3c\x14\x00\x00\x00\x00", "INVALID"), (b"\x03", "FAILED"), (b"\x04", "FAILED"), (b"\x0d\x0b", "INVALID"),
]  # fmt: skip


def test_a_bad_command_gets_its_result_and_changes_nothing():
    talk = Talk()

    async def go():
        client = await talk.owner()

        async def chosen():
            return (await client.line("status"))[-1].split(" zones")[0]

        before = await chosen()
        for data, result in BAD:
            assert (data.hex(), await client.raw(data)) == (data.hex(), result)
            assert await chosen() == before

    talk.run(go)


def test_advertising_that_would_not_start_is_tried_again():
    talk = Talk()
    talk.radio.fail_advertise = 3

    async def go():
        await talk.client.until(lambda: talk.radio.advertising, 3)
        address, _ = await talk.client.find()
        assert address

    talk.run(go, after_s=0.8)


def test_a_radio_that_does_not_start_leaves_everything_else_working():
    talk = Talk()

    def broken():
        raise OSError(5)

    talk.radio.activate = broken
    talk.rig.press(2.5)
    talk.rig.run_until(12)
    assert talk.rig.state in ("preflight", "running") and talk.app.radio is None
    assert any("no Bluetooth" in line for line in talk.rig.chip.console)


def test_the_radio_is_on_before_anything_else_is_built_and_after_the_outputs_are_safe():
    talk = Talk()
    order = []
    activate = talk.radio.activate

    def activate_and_note():
        order.append("radio")
        activate()

    talk.radio.activate = activate_and_note
    for room, name in (("hw.outputs", "Outputs"), ("core.sensing", "Sensing"), ("core.regulator", "Regulator")):

        def watch(loaded, name=name):
            made = getattr(loaded, name).__init__
            getattr(loaded, name).__init__ = lambda *args: (order.append(name), made(*args))[1]

        talk.rig.chip.on_import(f"peristal.{room}", watch)
    talk.rig.run_until(2)
    assert order == ["Outputs", "radio", "Sensing", "Regulator"]


def test_keys_stall_the_loop_longer_than_the_deadman_waits_and_that_is_no_fault_in_the_window():
    talk = Talk()

    async def go():
        await talk.owner()
        assert max(talk.periods_ms) > 100, "the simulated radio does stall"
        assert talk.app.guarding.fault == faults.OK and not talk.app.deadman.fired

    talk.run(go)


def test_a_stranger_that_pairs_in_the_middle_of_a_session_stalls_nothing():
    talk = Talk()

    async def go():
        client = await talk.owner()
        await client.command("start")
        await client.until_state("running")
        talk.periods_ms.clear()
        stranger = talk.phone(2)
        await stranger.join(listen=False)
        try:
            await stranger.pair()
        except ConnectionError:
            pass
        await stranger.until(lambda: stranger.connection is None, 1, "being dropped")
        assert max(talk.periods_ms) < 25 and talk.rig.state == "running"

    talk.run(go)


def test_ten_seconds_on_the_button_forget_every_phone():
    talk = Talk()

    async def go():
        client = await talk.owner()
        talk.press(10.5)
        await client.until(lambda: client.connection is None, 15, "the end of the link")
        assert len(talk.app.radio.bonds) == 0
        await client.join()
        with pytest.raises(Exception, match=r"."):
            await client.encrypt()

    talk.run(go)


def test_a_session_that_begins_closes_the_window():
    talk = Talk()

    async def go():
        await talk.client.join()
        await talk.open_window()
        await asyncio.sleep(2)  # no file is written any more
        talk.press(0.2)
        await talk.client.until(lambda: not talk.app.radio.pairing, 2)
        assert talk.radio.settings.bond is False and talk.radio.settings.le_secure is False

    talk.run(go)


def test_the_name_can_be_set_is_kept_and_a_longer_one_is_refused():
    talk = Talk()

    async def go():
        client = await talk.owner(247)
        assert (await client.line("set name " + "x" * 29))[-1].startswith("error: name")
        assert (await client.line("set name Anna's legs"))[-1] == "ok name=Anna's legs"
        await client.disconnect()
        await asyncio.sleep(0.5)
        assert (await client.find())[1] == "Anna's legs"

    talk.run(go)
    talk.power_cycle()

    async def again():
        assert (await talk.client.find())[1] == "Anna's legs"

    talk.run(again)


def test_service_mode_is_opened_by_the_hand_of_whoever_is_connected_already():
    talk = Talk()

    async def go():
        client = await talk.owner(247)
        assert "only over USB" in (await client.line("calibrate 1 0"))[-1]
        talk.press(3.3)
        await client.until(lambda: talk.app.radio.pairing, 25)
        assert (await client.line("calibrate 1 0"))[-1].startswith("ok sensor=1")

    talk.run(go)
