"""The radio's rooms on a real MicroPython: a stream of ten packets a second for each leg costs the loop's heap nothing."""

from tools.simulator.rig import Rig
from tools.simulator.tape import Tape
from tools.wasm.rig import firmware_files, replay, ticks_at

# A radio without air, the same in both worlds: somebody connects as soon as it advertises, asks for ten packets a second, and reads.
STUB = """
class UUID:
    def __init__(self, value):
        self.value = bytes(16)
    def __iter__(self):
        return iter(self.value)

NAMES = (1, 0, bytes(6))
WRITTEN = (1, 10)
CONFIRMED = (1, 10, 0)
READ = (1, 4)
RATE = b"\\x0d\\x0a"

class BLE:
    def irq(self, handler):
        self.handler = handler
        self.notified = 0
        self.here = False
        self.wrote = False
    def config(self, *names, **values):
        pass
    def active(self, on):
        pass
    def gatts_register_services(self, services):
        handle = 3
        found = []
        for _, characteristics in services:
            row = []
            for characteristic in characteristics:
                for _ in range(3 if len(characteristic) == 3 else 1):
                    handle += 1
                    row.append(handle)
            found.append(row)
        return found
    def gatts_set_buffer(self, handle, size):
        pass
    def gatts_write(self, handle, data):
        pass
    def gatts_read(self, handle):
        return RATE
    def gap_advertise(self, interval, data=None, resp_data=None):
        if interval is not None and not self.here:
            self.here = True
            self.handler(1, NAMES)
    def gap_disconnect(self, handle):
        raise RuntimeError("nobody is to be dropped")
    def gatts_notify(self, connection, handle, data):
        self.notified += 1
        self.handler(4, READ)
        if self.notified == 4:
            self.handler(3, WRITTEN)
    def gatts_indicate(self, connection, handle, data):
        self.handler(20, CONFIRMED)
"""


def test_a_stream_of_ten_packets_a_second_allocates_nothing():
    board = "esp32_manifold_5"
    rig = Rig(board, seed=3, settings={"minutes": 10})
    rig.flash.put("bluetooth.py", STUB)
    files = {name: bytes(content) for name, content in rig.flash.files.items()}
    tape = rig.chip.tape = Tape()
    rig.press(2.5)
    rig.at(8.0, lambda: tape.mark("running"))
    rig.at(40.0, lambda: tape.mark("end"))
    rig.run_until(41)
    stub = rig.app.radio.stack.ble
    assert rig.state == "running" and rig.app.radio.stack.failures == 0
    assert stub.notified > 30 * 20, "two legs, ten times a second"
    result = replay(tape, {**firmware_files(board, mpy=True), **files}, ticks_at(tape, "running"), ticks_at(tape, "end"))
    assert result.difference is None, result.difference + "\n" + result.printed
    assert result.max_bytes_per_tick == 0, (result.allocating_ticks, result.allocating_places)
