"""The simulated radio has MicroPython's defects: what a firmware may not rely on, it cannot rely on here either."""

import asyncio

import pytest

from tools.simulator.bluetooth import Radio
from tools.simulator.chip import Chip
from tools.simulator.flash import Flash
from tools.simulator.phone import Phone, Refused, local_name

SERVICE = "50455249-0000-4000-8000-000000000000"
OPEN = "50455249-0001-4000-8000-000000000000"
LOCKED = "50455249-0002-4000-8000-000000000000"
MAIN = f"""
import bluetooth, time
ble = bluetooth.BLE()
secrets = {{}}
got = []
kept = []
def irq(event, data):
    if event == 29:
        return secrets.get((data[0], bytes(data[2]))) if data[2] is not None else None
    if event == 30:
        key = (data[0], bytes(data[1]))
        if data[2] is None:
            return secrets.pop(key, None) is not None
        secrets[key] = bytes(data[2])
        return True
    got.append((event, tuple(bytes(one) if isinstance(one, memoryview) else one for one in data)))
    if event == 1:
        kept.append(data[2])
    if event == 3:
        got.append(ble.gatts_read(data[1]))
ble.irq(irq)
ble.config(bond=True, le_secure=True, io=3)
ble.active(True)
U = bluetooth.UUID
((a, note, b),) = ble.gatts_register_services((
    (U("{SERVICE}"), ((U("{OPEN}"), 0x02 | 0x08 | 0x10, ((U(0x2901), 2),)), (U("{LOCKED}"), 0x02 | 0x08 | 0x1200 | 0x20))),))
ble.gatts_write(note, "open")
adv = b"\\x02\\x01\\x06\\x11\\x07" + bytes(U("{SERVICE}"))
ble.gap_advertise(100000, adv, resp_data=b"\\x05\\x09Peri")
while True:
    time.sleep_ms(20)
"""


class Wires:
    def advance(self, dt_us):
        pass


class Bench:
    """A chip with nothing but a radio; `talk(phone, do)` is the other side's part, `do` gets the running firmware's globals."""

    def __init__(self, main=MAIN):
        self.chip = Chip("esp32", Flash({"main.py": main.encode()}), Wires())
        self.radio = Radio(self.chip)
        self.phone = Phone(self.radio)
        self.tasks = []

    @property
    def device(self):
        return self.chip.module("__main__")

    def run(self, talk, seconds=20.0):
        def begin():
            self.tasks.append(self.radio.loop.create_task(talk()))
            self.tasks[-1].add_done_callback(lambda _: self.chip.at(self.chip.now_us, self.chip.power_off))

        self.chip.at(self.chip.now_us + 1_000_000, begin)
        self.chip.at(self.chip.now_us + round(seconds * 1e6), self.chip.power_off)
        self.chip.run()
        self.tasks[-1].result()
        return self

    async def connected(self, mtu=None):
        found = await self.phone.scan(0.5)
        await self.phone.connect(found[0].address, mtu)
        await self.phone.discover()


def test_what_is_advertised_and_what_is_answered_to_a_scan_are_two_things():
    bench = Bench()

    async def talk():
        (found,) = await bench.phone.scan()
        assert local_name(found.data) == "Peri" and SERVICE.lower() in str(found.data).lower()

    bench.run(talk)
    device = bench.device
    for data, answer in ((bytes(32), b""), (b"", bytes(32))):
        with pytest.raises(OSError) as error:
            bench.chip.dead = None
            device.ble.gap_advertise(100000, data, resp_data=answer)
        assert error.value.args[0] == 22


def test_writes_are_cut_and_the_second_of_two_overwrites_the_first():
    bench = Bench()

    async def talk():
        await bench.connected(247)
        await bench.phone.write(OPEN, bytes(range(30)))
        bench.device.ble.gatts_set_buffer(bench.device.a, 25)
        await bench.phone.write(OPEN, bytes(range(30)))
        assert await bench.phone.read(OPEN) == bytes(range(25))

    bench.run(talk)
    assert [one for one in bench.device.got if isinstance(one, bytes)] == [bytes(range(20)), bytes(range(25))]


def test_views_are_dead_after_the_handler():
    bench = Bench()
    bench.run(bench.connected)
    (view,) = bench.device.kept
    with pytest.raises(ValueError):
        bytes(view)


def test_notifications_are_cut_reach_whoever_did_not_subscribe_and_run_out():
    bench = Bench()
    heard = []

    async def talk():
        await bench.connected()
        device = bench.device
        bench.phone.connection.gatt_client.on_att_handle_value_notification = lambda packet: heard.append(packet.attribute_value)
        device.ble.gatts_notify(1, device.a, bytes(range(30)))
        bench.radio.fail_notify = 1
        with pytest.raises(OSError) as error:
            device.ble.gatts_notify(1, device.a, b"")
        assert error.value.args[0] == 12
        sent = 0
        try:
            while True:
                device.ble.gatts_notify(1, device.a, b"x")
                sent += 1
        except OSError as error:
            assert error.args[0] == 12 and 8 <= sent < 40
        await bench.phone.until(lambda: len(heard) > sent)
        await bench.phone.disconnect()
        await bench.phone.until(lambda: any(one[0] == 2 for one in device.got))
        with pytest.raises(OSError) as gone:
            device.ble.gatts_notify(1, device.a, b"")
        assert gone.value.args[0] == 128

    bench.run(talk)
    assert heard[0] == bytes(range(20)), "MTU 23 leaves 20"


def test_an_indication_tells_when_it_was_confirmed():
    bench = Bench()

    async def talk():
        await bench.connected()
        device, told = bench.device, (20, (1, bench.device.b, 0))
        client = bench.phone.connection.gatt_client
        confirm = client.on_att_handle_value_indication
        client.on_att_handle_value_indication = lambda packet: None
        device.ble.gatts_indicate(1, device.b, b"hi")
        await asyncio.sleep(2)
        assert told not in device.got, "nobody has confirmed it"
        client.on_att_handle_value_indication = confirm
        device.ble.gatts_indicate(1, device.b, b"hi")
        await bench.phone.until(lambda: told in device.got, 40)
        assert (20, (1, device.b, 13)) in device.got, "and that nobody did is told after a while"

    bench.run(talk, 60.0)


def test_an_exception_in_the_handler_ends_it_for_good_and_fails_the_run():
    bench = Bench(MAIN.replace("got.append((event", "1 // (event != 1)\n    got.append((event"))
    with pytest.raises(ZeroDivisionError):
        bench.run(bench.connected)
    assert bench.radio.handler is None and "Unhandled exception in IRQ callback handler" in bench.chip.console


@pytest.mark.parametrize("secrets_first", [True, False])
def test_locked_attributes_open_after_pairing_and_after_a_power_cut_with_the_stored_secrets(secrets_first):
    bench = Bench()
    bench.radio.secrets_first = secrets_first
    kept = {}

    async def first():
        await bench.connected()
        with pytest.raises(Refused) as refused:
            await bench.phone.read(LOCKED)
        assert refused.value.code == 0x05
        await bench.phone.pair()
        await bench.phone.write(LOCKED, b"in")
        kept.update(bench.device.secrets)

    bench.run(first)
    assert sorted(kind for kind, _ in kept) == [1, 2, 10]
    bench.chip.power_cycle()
    bench.chip.on_import("micropython", lambda module: None)
    bench.chip.flash.put("main.py", MAIN.replace("secrets = {}", f"secrets = {kept!r}"))

    async def second():
        await bench.phone.until(lambda: bench.phone.connection is None, 5, "the phone noticing the power cut")
        await bench.phone.connect("24:A1:60:C0:FF:F0/P")
        await bench.phone.discover()
        with pytest.raises(Refused) as refused:
            await bench.phone.read(LOCKED)
        assert refused.value.code == 0x0F
        await bench.phone.encrypt()
        assert await bench.phone.read(LOCKED) == b""

    bench.run(second)
    encrypted = [data for event, data in (one for one in bench.device.got if isinstance(one, tuple)) if event == 28]
    assert encrypted == [(1, True, False, True, 16)]


def test_a_run_is_the_same_every_time():
    def once():
        bench = Bench()

        async def talk():
            await bench.connected(247)
            await bench.phone.pair()
            await bench.phone.write(LOCKED, b"in")

        return bench.run(talk).chip.now_us

    assert once() == once()


def test_what_is_not_writable_stays_as_it_is_down_to_the_declarations():
    bench = Bench()

    async def talk():
        await bench.connected()
        before = await bench.phone.discover()
        for handle in range(1, 14):
            packet = bytes([0x52, handle, 0, 0xFF, 0xFF, 0xFF])  # ATT write command
            bench.phone.connection.send_l2cap_pdu(4, packet)
        await bench.phone.until(lambda: any(one[0] == 3 for one in bench.device.got), 2)
        assert {key: list(row) for key, row in (await bench.phone.discover()).items()} == {key: list(row) for key, row in before.items()}

    bench.run(talk)
