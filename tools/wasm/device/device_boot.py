"""Boots the virtual device that device.mjs runs: the outside world, its modules, and device_run() for main.py."""
import outside

exec(open("/rig/device_start.py").read())

import device_air as air  # noqa: E402
import device_clock as clock  # noqa: E402
import device_machine as machine  # noqa: E402
import device_sys  # noqa: E402


class Host:
    """The other end of the cable."""

    def __init__(self):
        self._interrupt = 3

    @property
    def interrupt(self):
        return self._interrupt

    @interrupt.setter
    def interrupt(self, character):
        self._interrupt = character
        outside.intr(character)

    def look(self):
        if outside.look():
            raise KeyboardInterrupt

    def waiting(self):
        return outside.waiting()

    def take(self):
        return int(outside.take())

    def say(self, text):
        outside.say(text)

    def reset(self, cause):
        outside.reset(cause)


clock.host = Host()
machine.cause = int(outside.cause())
device_sys.implementation.version = tuple([int(word) for word in str(outside.version()).split(".")] + [""])
device_sys.implementation._machine = str(outside.machine())


def device_run():
    """Runs main.py as a board does; the air knows the board as soon as its file can be read."""
    try:
        scope = {}
        with open("board.py") as file:
            exec(file.read(), scope)
        air.start(scope["BOARD"])
    except Exception:
        pass
    with open("main.py") as file:
        source = file.read()
    exec(compile(source, "main.py", "exec"), {"__name__": "__main__"})
