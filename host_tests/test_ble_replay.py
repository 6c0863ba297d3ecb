"""The radio's rooms on a real MicroPython: a stream of ten packets a second for each leg costs the loop's heap nothing."""

from host_tests.made_boards import make
from tools.budgets.heap import HANDLES, UUIDS
from tools.simulator.rig import Rig
from tools.simulator.tape import Tape
from tools.wasm.rig import firmware_files, replay, ticks_at

# A radio without air, the same in both worlds: somebody connects as soon as it advertises, asks for ten packets a second, and reads.
STUB = UUIDS + """
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
""" + HANDLES


def test_a_stream_of_ten_packets_a_second_allocates_nothing():
    rig = Rig(make("manifold", 6, 2), seed=3, settings={"minutes": 10})  # 2 x 6 zones, the most there are
    rig.flash.put("bluetooth.py", STUB)
    files = {name: bytes(content) for name, content in rig.flash.files.items()}
    tape = rig.chip.tape = Tape()
    rig.press(2.5)
    rig.at(8.0, lambda: tape.mark("running"))
    rig.at(24.0, lambda: tape.mark("end"))
    rig.run_until(25)
    stub = rig.app.radio.stack.ble
    assert rig.state == "running" and rig.app.radio.stack.failures == 0
    assert stub.notified > 15 * 20, "two legs, ten times a second"
    result = replay(tape, {**firmware_files("esp32_manifold", mpy=True), **files}, ticks_at(tape, "running"), ticks_at(tape, "end"))
    assert result.difference is None, result.difference + "\n" + result.printed
    assert result.max_bytes_per_tick == 0, (result.allocating_ticks, result.allocating_places)


# The same, but somebody pairs when the window opens, then speaks: everything that comes back is printed, so that it can be compared.
TALKER = STUB.replace("class BLE:", """
PEER = b"\\x01\\x06\\x05\\x04\\x03\\x02\\x01"
LINES = (b"bonds\\r\\n", b"ra", b"dio\\nstatus\\n", b"x" * 129, b"set name Anna\\n", b"set link soften\\n", b"unpair 7\\n", b"help\\n")
COMMANDS = (b"\\x00", b"\\x05\\x32", b"\\x05\\xff", b"", b"\\x63", b"\\x08\\x01", b"\\x01\\x01", b"\\x02")

class BLE:""").replace("""    def active(self, on):
        pass
""", """    def active(self, on):
        if self.handler(29, (10, 0, memoryview(b"irk"))) is None:
            print("irk", self.handler(30, (10, memoryview(b"irk"), memoryview(bytes(16)))))
    def pair(self):
        print("before", self.handler(29, (2, 0, memoryview(PEER))), self.handler(29, (1, 0, None)))
        for kind in (1, 2):
            print("set", self.handler(30, (kind, memoryview(PEER), memoryview(bytes(range(80))))))
        self.handler(28, (1, True, False, True, 16))
        print("after", self.handler(29, (1, 0, memoryview(PEER)))[:4], self.handler(29, (2, 1, None)))
""").replace("""    def config(self, *names, **values):
        pass
""", """    opened = False
    step = 0
    def config(self, *names, **values):
        self.opened = self.opened or values.get("bond", False)
""").replace("""        return RATE
""", """        return self.said
""").replace("""        if self.notified == 4:
            self.handler(3, WRITTEN)
""", """        if handle == self.console:
            print("console", bytes(data))
            return
        if not self.opened or len(data) == 3:
            return
        self.step += 1
        if self.step == 2:
            self.pair()
        elif self.step > 4 and self.step % 4 == 0:
            index = self.step // 4 - 2
            if index < len(LINES):
                self.said = LINES[index]
                self.handler(3, (1, self.console - 1))
            elif index - len(LINES) < len(COMMANDS):
                self.said = COMMANDS[index - len(LINES)]
                self.handler(3, WRITTEN)
""").replace("""    def gatts_indicate(self, connection, handle, data):
""", """    def gatts_indicate(self, connection, handle, data):
        print("answer", bytes(data))
""").replace("""        return found
""", """        self.console = handle
        return found
""")


def test_pairing_lines_and_commands_are_the_same_on_micropython():
    board = "esp32_manifold"
    rig = Rig(board, seed=3, settings={"minutes": 10})
    rig.flash.put("bluetooth.py", TALKER)
    files = {name: bytes(content) for name, content in rig.flash.files.items()}
    tape = rig.chip.tape = Tape()
    rig.press(14.0, 3.3)
    rig.run_until(60)
    said = rig.chip.console
    assert rig.app.radio.stack.failures == 0 and "bonds.json" in rig.flash.files
    assert "peristal: paired, 1 of 3" in said and rig.app.radio.name == "Anna"
    spoken = "".join(eval(line.removeprefix("console ")).decode() for line in said if line.startswith("console "))
    wanted = ["ok paired=1 010203040506", "ok name=Peristal links=1", "error: line: longer than", "ok name=Anna", "ok link=soften"]
    for line in [*wanted, "ok commands="]:
        assert line in spoken, (line, spoken)
    answers = [line for line in said if line.startswith("answer")]
    assert answers == [
        f"answer {bytes((0x80, opcode, result))!r}"
        for opcode, result in ((0, 1), (5, 1), (5, 3), (0, 3), (0x63, 2), (8, 1), (1, 1), (2, 1))
    ], answers
    result = replay(tape, {**firmware_files(board, mpy=True), **files})
    assert result.difference is None, result.difference + "\n" + result.printed[-2000:]
    assert result.printed.splitlines() == said
