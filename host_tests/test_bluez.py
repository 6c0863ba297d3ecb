"""The stand-in for org.bluez, used by unmodified bleak."""

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakError, BleakGATTProtocolError

from host_tests.ble_client import SERVICE, UUID, decode
from host_tests.bluez import Bluez
from host_tests.bluez.rig import VARIABLE
from tools.simulator.live_pair import LivePair

CONTROL, STATUS, FEATURES, PRESSURES = (UUID[name].lower() for name in ("Control Point", "Status", "Features", "Zone Pressures"))


@pytest.fixture(scope="module")
def bluez():
    pair = LivePair(speed=4, snug=True).start()
    with Bluez(pair) as bluez, pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, bluez.address)
        yield bluez
    pair.stop()


@pytest.fixture(autouse=True)
def afresh(bluez):
    yield
    bluez.forget()


def talk(work):
    return asyncio.run(asyncio.wait_for(work, 60))


async def find():
    device = await BleakScanner.find_device_by_filter(lambda _, told: SERVICE.lower() in told.service_uuids, 10)
    assert device is not None
    return device


async def hears(said, what):
    for _ in range(500):
        if what(said):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(said)


def test_bleak_finds_it_reads_it_and_hears_it(bluez):
    async def go():
        async with BleakClient(await find()) as client:
            assert decode("Features", bytes(await client.read_gatt_char(FEATURES)))["zones_leg_2"] == 4
            said = []
            await client.start_notify(PRESSURES, lambda _, data: said.append(bytes(data)))
            await hears(said, lambda said: {one[0] for one in said} == {0, 1})
            status = client.services.get_characteristic(STATUS)
            assert status is not None
            descriptor = next(one for one in status.descriptors if one.uuid.startswith("00002901"))
            assert await client.read_gatt_descriptor(descriptor.handle) == b"Status"
            await client.stop_notify(PRESSURES)

    talk(go())


def test_bleak_pairs_in_the_window_commands_and_is_known_when_it_comes_back(bluez):
    async def go():
        device = await find()
        await asyncio.to_thread(bluez.pair.open_window)
        async with BleakClient(device) as client:
            await client.pair()
        for _ in range(2):
            async with BleakClient(device) as client:
                answers = []
                await client.start_notify(CONTROL, lambda _, data, answers=answers: answers.append(bytes(data)))
                await client.write_gatt_char(CONTROL, b"\0", response=True)
                await hears(answers, lambda answers: answers == [b"\x80\x00\x01"])
        assert len(bluez.central.bonds.all_keys) == 1 and len(bluez.pair.do(lambda: bluez.pair.rig.app.radio.bonds)) == 1

    talk(go())


def test_touching_a_protected_characteristic_begins_to_pair_and_a_stranger_outside_the_window_loses_the_link(bluez):
    async def go():
        gone = asyncio.Event()
        async with BleakClient(await find(), disconnected_callback=lambda _: gone.set()) as client:
            with pytest.raises(BleakError):
                for _ in range(100):
                    await client.write_gatt_char(CONTROL, b"\1", response=True)
                    await asyncio.sleep(0.05)
            await asyncio.wait_for(gone.wait(), 10)
        assert bluez.pair.do(lambda: bluez.pair.rig.state) == "idle"

    talk(go())


def test_a_second_operation_in_flight_is_refused_and_each_takes_a_connection_interval(bluez):
    from dbus_fast import Message, Variant
    from dbus_fast.aio import MessageBus
    from dbus_fast.constants import BusType

    async def go():
        async with BleakClient(await find()) as client:
            features = client.services.get_characteristic(FEATURES)
            assert features is not None
            path = features.obj[0]
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            call = {"destination": "org.bluez", "path": path, "interface": "org.bluez.GattCharacteristic1", "member": "ReadValue"}
            calls = [bus.call(Message(**call, signature="a{sv}", body=[{"offset": Variant("q", 0)}])) for _ in range(2)]
            began_s = asyncio.get_running_loop().time()
            replies = await asyncio.gather(*calls)
            assert asyncio.get_running_loop().time() - began_s >= 0.015
            assert sorted(str(reply.error_name) for reply in replies) == ["None", "org.bluez.Error.InProgress"]
            bus.disconnect()
            assert len(await asyncio.gather(*[client.read_gatt_char(FEATURES) for _ in range(3)])) == 3  # bleak tries again

    talk(go())


def test_what_may_not_be_written_is_refused_by_its_own_name(bluez):
    async def go():
        async with BleakClient(await find()) as client:
            with pytest.raises(BleakGATTProtocolError) as refused:
                await client.write_gatt_char(FEATURES, b"\1", response=True)
            assert refused.value.code.name == "WRITE_NOT_PERMITTED"

    talk(go())


def test_a_link_that_is_lost_is_told_and_can_be_had_again(bluez):
    async def go():
        gone = asyncio.Event()
        device = await find()
        client = BleakClient(device, disconnected_callback=lambda _: gone.set())
        await client.connect()
        bluez.pair.silence()
        await asyncio.wait_for(gone.wait(), 20)
        assert not client.is_connected
        bluez.pair.silence(False)
        async with BleakClient(device) as client:
            assert decode("Status", bytes(await client.read_gatt_char(STATUS)))["state"] == "idle"

    talk(go())


def test_without_an_adapter_or_with_it_switched_off_bleak_says_so(bluez):
    bluez.power(False)
    with pytest.raises(BleakBluetoothNotAvailableError, match="powered"):
        talk(find())
    bluez.power(True)
    bluez.unplug()
    with pytest.raises(BleakBluetoothNotAvailableError, match="No Bluetooth adapters"):
        talk(find())
    bluez.plug_in()
    talk(find())
