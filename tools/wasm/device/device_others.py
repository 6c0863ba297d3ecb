"""`esp32`, `neopixel` and `select` of the virtual device, and what its `micropython` has besides the VM's own."""
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


class micropython:
    """The VM's own, with what only a board has."""

    const = _micropython.const
    heap_lock = _micropython.heap_lock
    heap_unlock = _micropython.heap_unlock
    mem_info = _micropython.mem_info
    opt_level = _micropython.opt_level
    qstr_info = _micropython.qstr_info
    stack_use = _micropython.stack_use

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
