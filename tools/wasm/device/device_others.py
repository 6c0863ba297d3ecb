"""`esp32`, `neopixel` and `select` of the virtual device, and what its `sys` and `micropython` have besides the VM's own."""
import sys as _sys

import device_clock as clock
import micropython as _micropython


class esp32:
    @staticmethod
    def raw_temperature():
        return 113

    @staticmethod
    def mcu_temperature():
        return 45


class neopixel:
    class NeoPixel:
        def __init__(self, pin, n):
            self._colours = [(0, 0, 0)] * n

        def __setitem__(self, index, colour):
            self._colours[index] = colour

        def write(self):
            pass


class select:
    POLLIN = 1
    POLLOUT = 4

    class poll:
        def register(self, stream, mask=1):
            self._ready = ((stream, 1),)

        def unregister(self, stream):
            pass

        def ipoll(self, timeout=-1, flags=0):
            return self._ready if clock.host is not None and clock.host.waiting() else ()

        poll = ipoll


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


class sys:
    """Stands for the module: what is not here comes from the VM's own."""

    implementation = _Implementation
    platform = "esp32"
    stdin = _Stdin()
    print_exception = _sys.print_exception
    modules = _sys.modules
    path = _sys.path
    exit = _sys.exit
    byteorder = "little"
    maxsize = 0x7FFFFFFF
    version = _sys.version


sys.stdin.buffer = sys.stdin
sys.stdout = _sys.stdout if hasattr(_sys, "stdout") else None


class micropython:
    """The VM's own, with what only a board has."""

    const = _micropython.const
    heap_lock = _micropython.heap_lock
    heap_unlock = _micropython.heap_unlock
    mem_info = _micropython.mem_info
    opt_level = _micropython.opt_level

    @staticmethod
    def kbd_intr(character):
        if clock.host is not None:
            clock.host.interrupt = character

    @staticmethod
    def alloc_emergency_exception_buf(size):
        pass

    @staticmethod
    def schedule(function, argument):
        function(argument)
