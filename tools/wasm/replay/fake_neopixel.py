"""`neopixel` in the VM: write() is one output for each LED."""
import replay_tape as tape
from replay_kinds import OUT_NEOPIXEL


class NeoPixel:
    ORDER = (1, 0, 2, 3)

    def __init__(self, pin, n, bpp=3, timing=1):
        self.pin = pin
        self.n = n
        self.bpp = bpp
        self.buf = bytearray(n * bpp)  # in the order of the wire: green, red, blue

    def __len__(self):
        return self.n

    def __setitem__(self, index, colour):
        offset = index * self.bpp
        for i in range(self.bpp):
            self.buf[offset + self.ORDER[i]] = colour[i]

    def __getitem__(self, index):
        offset = index * self.bpp
        return tuple(self.buf[offset + self.ORDER[i]] for i in range(self.bpp))

    def fill(self, colour):
        for i in range(self.n):
            self[i] = colour

    def write(self):
        for i in range(self.n):
            offset = i * self.bpp
            tape.made(OUT_NEOPIXEL, self.pin.gpio, self.buf[offset + 1] << 16 | self.buf[offset] << 8 | self.buf[offset + 2])
