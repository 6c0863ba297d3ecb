"""The simulated pair in a thread of its own, and a central for programs with an event loop of theirs."""

import asyncio
import time

import pytest

from host_tests.ble_client import UUID, decode
from tools.simulator.central import Central, Refused
from tools.simulator.live_pair import LivePair, PairError

CONTROL, STATUS, FEATURES = UUID["Control Point"], UUID["Status"], UUID["Features"]


@pytest.fixture(scope="module")
def pair():
    pair = LivePair(speed=8).start()
    yield pair
    pair.stop()


def talk(work):
    return asyncio.run(asyncio.wait_for(work, 60))


async def join(central):
    (seen,) = await central.scan()
    await central.connect(seen.address)
    return seen


async def hears(said, count=1):
    for _ in range(500):
        if len(said) >= count:
            return said
        await asyncio.sleep(0.01)
    raise AssertionError(f"only {len(said)} of {count} were heard")


def test_a_stranger_reads_and_is_refused_and_an_owner_commands_also_after_coming_back(pair):
    async def go():
        gone = []
        central = Central(pair, 2, on_gone=lambda: gone.append(True))
        seen = await join(central)
        assert seen.name == "Peristal"
        assert decode("Features", await central.read(FEATURES))["zones_leg_1"] == 4
        assert await central.read_descriptor(STATUS, "2901") == b"Status"
        with pytest.raises(Refused) as refused:
            await central.write(CONTROL, b"\0")
        assert refused.value.code == 5
        await asyncio.to_thread(pair.open_window)
        assert await central.pair() and central.is_bonded(seen.address)
        for _ in range(2):
            answers = []
            await central.subscribe(CONTROL, answers.append)
            await central.write(CONTROL, b"\0")
            assert await hears(answers) == [b"\x80\x00\x01"]
            await central.disconnect()
            await hears(gone)
            gone.clear()
            assert not central.connected and central.services == ()
            await central.connect(seen.address)
        await central.disconnect()

    talk(go())


def test_who_pairs_outside_the_window_gains_nothing_and_loses_the_link(pair):
    async def go():
        gone = []
        central = Central(pair, 3, on_gone=lambda: gone.append(True))
        seen = await join(central)
        try:
            assert not await central.pair()
        except ConnectionError:
            pass
        await hears(gone)
        assert not central.is_bonded(seen.address)

    talk(go())


def test_a_radio_in_a_bag_and_a_power_cycle_end_the_link_and_it_can_be_had_again(pair):
    async def go():
        gone = []
        central = Central(pair, 4, on_gone=lambda: gone.append(True))
        seen = await join(central)
        pair.silence()
        with pytest.raises(ConnectionError):
            await central.read(STATUS)
        await hears(gone)
        with pytest.raises(TimeoutError):
            await central.connect(seen.address, 1.0)
        pair.silence(False)
        await central.connect(seen.address)
        await asyncio.to_thread(pair.power_cycle)
        await hears(gone, 2)
        await central.connect(seen.address)
        assert decode("Status", await central.read(STATUS))["state"] == "idle"
        await central.disconnect()

    talk(go())


def test_a_device_that_is_known_and_not_there_is_given_up_too(pair):
    async def go():
        central = Central(pair, 5)
        seen = await join(central)
        await asyncio.to_thread(pair.open_window)
        assert await central.pair()
        pair.silence()
        with pytest.raises(ConnectionError):
            await central.read(STATUS)
        with pytest.raises(TimeoutError):
            await central.connect(seen.address, 1.0)
        pair.silence(False)
        await central.connect(seen.address)
        await central.disconnect()

    talk(go())


def test_it_keeps_the_pace_it_is_told(pair):
    def virtual_s():
        return pair.do(lambda: pair.rig.now_s)

    pair.speed = 2.0
    virtual_s()
    time.sleep(0.05)
    began_s, began = virtual_s(), time.monotonic()
    time.sleep(0.5)
    passed_s, passed = virtual_s() - began_s, time.monotonic() - began
    pair.speed = 8.0
    assert passed_s <= 2.0 * passed + 0.1  # how much slower depends on how busy the machine is


def test_what_goes_wrong_in_the_simulator_is_told_and_not_waited_for():
    pair = LivePair(speed=0).start()

    def break_it():
        raise ZeroDivisionError("the plant")

    pair.do(lambda: pair.rig.at(pair.rig.now_s, break_it))
    pair._thread.join(10)
    with pytest.raises(PairError):
        pair.do(lambda: None)
    with pytest.raises(ZeroDivisionError):
        pair.stop()
