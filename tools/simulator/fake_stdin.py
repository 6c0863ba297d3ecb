"""The serial port a person types into: its receive buffer, `sys.stdin` and `select` on it, and the time that printing takes.

From ports/esp32 (mphalport.c, uart.c), shared/runtime/sys_stdio_mphal.c, py/stream.c and extmod/modselect.c: bytes arrive at 115200 baud
in a ring of 260, of which 259 can be used; what comes while it is full is lost. The interrupt character never gets into the ring. A read
waits until it has all it was asked for, and a text read also for the rest of a UTF-8 character, however long that takes.
"""

from collections import deque
from errno import ENOENT
from types import ModuleType
from typing import Any

from tools.simulator.fake_pin import need_int
from tools.simulator.tape import INPUTS

BYTE_US = 87  # 115200 baud, 10 bits
RING_BYTES = 259
FIFO_BYTES = 128  # the UART's transmit buffer: print() waits while it is full
POLL_US = 10
READ_US = 5
CTRL_C = 3
STDIN_READY, STDIN_BYTE = INPUTS["STDIN_READY"], INPUTS["STDIN_BYTE"]
POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16


class Serial:
    """UART 0 of a chip. `lost_bytes` counts what came while the ring was full."""

    def __init__(self, chip: Any) -> None:
        self.chip = chip
        self.lost_bytes = 0
        self._wire: deque[tuple[int, int]] = deque()  # (when it arrives, byte)
        self._wire_free_us = 0
        self._sent_us = 0  # when the last byte printed so far has left
        self._ring: deque[int] = deque()

    def type(self, data: bytes) -> None:
        """Bytes that arrive one after the other, from now or after those before them."""
        for byte in data:
            self._wire_free_us = max(self._wire_free_us, self.chip.now_us) + BYTE_US
            if byte == CTRL_C:
                self.chip.at(self._wire_free_us, self._ctrl_c)
            else:
                self._wire.append((self._wire_free_us, byte))

    def _ctrl_c(self) -> None:
        if self.chip.interrupt_char == CTRL_C:
            raise KeyboardInterrupt
        self._arrive()
        self._put(CTRL_C)

    def forget(self) -> None:
        """A reset: what had arrived is gone."""
        self._arrive()
        self._ring.clear()

    def _put(self, byte: int) -> None:
        if len(self._ring) < RING_BYTES:
            self._ring.append(byte)
        else:
            self.lost_bytes += 1

    def _arrive(self) -> None:
        now_us = self.chip.now_us
        while self._wire and self._wire[0][0] <= now_us:
            self._put(self._wire.popleft()[1])

    def waiting(self) -> bool:
        """Whether there is a byte to read."""
        if self._wire:
            self._arrive()
        return bool(self._ring)

    def get(self) -> int:
        """The next byte; waits for it as long as it takes."""
        self.chip.advance(READ_US)
        while not self.waiting():
            if self._wire:
                self.chip.advance(max(1, self._wire[0][0] - self.chip.now_us))
            else:
                self.chip.idle(100)
        byte = self._ring.popleft()
        if self.chip.tape is not None:
            self.chip.tape.given(STDIN_BYTE, byte)
        return byte

    def print_time(self, text: str) -> None:
        """Let the time pass that printing takes: none while the transmit buffer has room."""
        size = len(text.encode()) + text.count("\n")
        self._sent_us = max(self._sent_us, self.chip.now_us) + size * BYTE_US
        wait_us = self._sent_us - self.chip.now_us - FIFO_BYTES * BYTE_US
        if wait_us > 0:
            self.chip.stall(wait_us)


class Stdin:
    """sys.stdin; `is_text` False is its `buffer`."""

    def __init__(self, chip: Any, is_text: bool = True) -> None:
        self._chip = chip
        self._is_text = is_text
        if is_text:
            self.buffer = Stdin(chip, False)

    def _byte(self) -> int:
        byte = self._chip.serial.get()
        return 10 if byte == 13 and self._is_text else byte

    def readinto(self, buffer: Any, *count: int) -> int:
        """Fills the buffer, or `count` bytes of it; never less."""
        size = min(len(buffer), need_int(count[0])) if count else len(buffer)
        for index in range(size):
            buffer[index] = self._byte()
        return size

    def read(self, *count: int) -> Any:
        """So many characters (bytes of `buffer`); without a number, or with -1, it never returns, because nothing ends the stream."""
        if not count or count[0] is None or need_int(count[0]) == -1:
            self._chip.hang("python")
        taken = bytearray()
        for _ in range(need_int(count[0])):
            taken.append(self._byte())
            for _ in range(_more_bytes(taken[-1]) if self._is_text else 0):
                taken.append(self._byte())
        return _text(taken) if self._is_text else bytes(taken)


def _more_bytes(first: int) -> int:
    """How many bytes read() takes to follow this one: 4 after one that cannot begin a character."""
    return 0 if first < 0x80 else 1 if first & 0xE0 == 0xC0 else 2 if first & 0xF0 == 0xE0 else 3 if first & 0xF8 == 0xF0 else 4


def _text(taken: bytearray) -> str:
    try:
        return taken.decode()
    except UnicodeDecodeError:
        raise UnicodeError from None


def build_select(chip: Any, stdin: Any, stdout: Any) -> ModuleType:
    """The `select` module, with poll() only. stdin and stdout are one port: registered without a mask, each is always ready to write."""
    select: Any = ModuleType("select")

    class Poll:
        """As extmod/modselect.c."""

        def __init__(self) -> None:
            self._masks: dict[Any, int] = {}
            self._found: list[tuple[Any, int]] = []

        def register(self, stream: Any, mask: int = POLLIN | POLLOUT, /) -> None:
            if stream not in (stdin, stdin.buffer, stdout):
                raise OSError("stream operation not supported")
            self._masks[stream] = need_int(mask)

        def unregister(self, stream: Any, /) -> None:
            self._masks.pop(stream, None)

        def modify(self, stream: Any, mask: int, /) -> None:
            if stream not in self._masks:
                raise OSError(ENOENT)
            self._masks[stream] = need_int(mask)

        def _wait(self, timeout: int | None) -> list[tuple[Any, int]]:
            left_ms = -1 if timeout is None else need_int(timeout)
            chip.advance(POLL_US)
            while True:
                now = (POLLIN if chip.serial.waiting() else 0) | POLLOUT
                found = [(stream, now & mask) for stream, mask in self._masks.items() if now & mask]
                if found or left_ms == 0:
                    break
                left_ms -= 1
                chip.advance(1000)
            if chip.tape is not None:
                chip.tape.given(STDIN_READY, found[0][1] if found else 0)
            return found

        def poll(self, timeout: int | None = -1, /) -> list[tuple[Any, int]]:
            return self._wait(timeout)

        def ipoll(self, timeout: int | None = -1, flags: int = 0, /) -> "Poll":
            self._found = self._wait(timeout)
            if need_int(flags) & 1:
                for stream, _ in self._found:
                    self._masks[stream] = 0
            return self

        def __iter__(self) -> "Poll":
            return self

        def __next__(self) -> tuple[Any, int]:
            if not self._found:
                raise StopIteration
            return self._found.pop(0)

    select.poll = lambda: Poll()
    select.POLLIN, select.POLLOUT, select.POLLERR, select.POLLHUP = POLLIN, POLLOUT, POLLERR, POLLHUP
    return select
