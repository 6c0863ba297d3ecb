"""What makes the loop wait: the flash, which is written and read here, a walk through a program, and the keys of a pairing.

The deadman stands still meanwhile, the watchdog goes on, and a tick that waited is no measure of the loop.
"""

from peristal.core.borrow import borrow

LENT_MS = 250


class Stalls:
    """app has at_rest(), vented(), shelf, deadman and, once it is whole, watchdog."""

    def __init__(self, app):
        self._app = app
        self.stored = False  # a file was written in this tick, or a program is being walked through
        self._borrowed = False  # a module was read from the flash in this tick
        self._thought = False  # a program was walked through in this tick
        self._slow = False  # the loop may stall: a pairing window is open
        self._lent_ms = 0  # since a module was read

    def begin(self):
        """A tick begins. Returns whether the last one waited."""
        waited = self.waited
        self.stored = self._borrowed = False
        return waited

    @property
    def waited(self):
        """Whether this tick is no measure of the loop."""
        return self.stored or self._borrowed

    def thought(self):
        """Whether this tick, which is over, walked through a program. Says so once."""
        thought = self._thought
        self._thought = False
        return thought

    def tick(self, elapsed_ms):
        """Counts the time since a module was read."""
        self._lent_ms = min(self._lent_ms + elapsed_ms, LENT_MS)

    def _go_on(self):
        if not self._slow:
            self._app.deadman.start()

    def store(self, owner=None):
        """Writes the file of one owner (see Shelf); call it only while vented(). Why it could not, or None."""
        why = self.write(self._app.shelf.store, owner)
        if why:
            print("peristal:", why)
        return why

    def write(self, action, *arguments):
        """Calls what writes one file, while vented() only; returns what it returns, or why it may not be called now.

        A flash write stalls the loop for up to a third of a second, longer than the deadman waits; the watchdog waits for half
        a second, so there is one write a tick.
        """
        if self.stored or not self._app.vented():
            return "flash: busy, or not everything is vented yet; try again"
        self.stored = True
        self._app.deadman.stop()
        try:
            return action(*arguments)
        except OSError as error:
            return "flash: %s" % error
        finally:
            self._go_on()

    def lend(self, name):
        """Module peristal.<name> for a command, or None: in a session the loop can spare the time for four a second.

        What is lent then is so small that it takes less than the deadman waits; whoever asks again and again delays no other tick.
        """
        if not self._app.at_rest() and self._lent_ms < LENT_MS:
            return None
        return self.borrow(name)

    def borrow(self, name):
        """Reads a module that no session needs. That is no measure of the loop; at rest it may take as long as it likes."""
        self._borrowed = True
        self._lent_ms = 0
        if not self._app.at_rest():
            return borrow(name)
        self._app.deadman.stop()
        try:
            return borrow(name)
        finally:
            self._app.watchdog.feed()  # a second one may come in the same tick
            self._go_on()

    def slow(self, on):
        """Pairing makes keys, which stalls the loop: nothing is under pressure then, and a stall is no fault."""
        self._slow = on
        self._app.watchdog.stretch(on)
        if on:
            self._app.deadman.stop()
        else:
            self._app.deadman.start()

    def thinking(self, on):
        """A start walks through its program: some tenths of a second, in a tick that is no measure of the loop. Nothing is energised."""
        self.stored = self._thought = True
        if on:
            self._app.deadman.stop()
        else:
            self._go_on()

    def walked(self):
        """One of at most some hundred steps of that walk: together they may take longer than the watchdog waits."""
        self._app.watchdog.feed()
