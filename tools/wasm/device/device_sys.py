"""`sys` of the virtual device: a board's name and version, and a stdin that comes from the cable. A module, for `from sys import *`."""
import sys as _real

import device_clock as clock


class _Stdin:
    def readinto(self, buffer, count=-1):
        buffer[0] = clock.host.take()
        return 1

    def read(self, count=1):
        return chr(clock.host.take())


class _Implementation:
    name = "micropython"
    version = (1, 27, 0, "")
    _mpy = 0x2A06
    _machine = "Generic ESP32 module with ESP32"


implementation = _Implementation
platform = "esp32"
byteorder = "little"
maxsize = 0x7FFFFFFF
version = _real.version
modules = _real.modules
path = _real.path
exit = _real.exit
print_exception = _real.print_exception
stdin = _Stdin()
stdin.buffer = stdin
