"""Bluetooth as the loop sees it: start(), listen() and tell(). What is decided from one tick to the next is decided here."""

from peristal.ble.bonds import MOST, Bonds
from peristal.ble.links import NOBODY, SILENCE_MS, Links
from peristal.ble.service import Service
from peristal.ble.stack import DISPLAY, Stack
from peristal.ble.window import Window
from peristal.core import faults, gestures, journal
from peristal.core.states import BRINGUP, DONE, IDLE, PAUSED, PREFLIGHT, RUNNING
from peristal.core.units import pa

PATH = "radio.json"
LONGEST_NAME = 28
FINISH, SOFTEN, STOP = POLICIES = ("finish", "soften", "stop")
WANTED_MS = 20000
SOFT_MMHG = 40  # where first weeks begin


class Radio:
    """changed: name or policy are to be stored. on_loss: what becomes of a session when its last owner's link is lost.

    slow(True) is called before the loop may stall, slow(False) after.
    """

    def __init__(self, shelf, console, slow):
        self.changed = False
        self.name = "Peristal"
        self.on_loss = FINISH
        self.bonds = Bonds()
        self.links = Links(console)
        self.stack = Stack(self.links, self.bonds)
        self.window = Window(self.stack.ble, self.bonds, self.links, slow)
        self._wanted_ms = 0  # the button has asked for the window: it opens as soon as everything is vented
        self.bonds.belong(shelf)
        shelf.put_back(PATH, self, self, self._dump, faults.FILE_DAMAGED)

    def restore(self, data):
        """Of the file. Raises ValueError for what is not allowed."""
        why = self.refuse_name(data["name"])
        if why or data["on_loss"] not in POLICIES:
            raise ValueError(why or "on_loss")
        self.name = data["name"]
        self.on_loss = data["on_loss"]

    def _dump(self):
        return {"name": self.name, "on_loss": self.on_loss}

    def start(self, model, version, net):
        """Switches the radio on."""
        self.window.configure(False)
        self.stack.start(model, version, net, self.window)
        self.stack.rename(self.name)

    def serve(self, app):
        """The application is there: from now on clients are served."""
        self._app = app
        self._service = Service(app, self.stack, self.links)

    # --- once a tick -----------------------------------------------------------------------------------------------------

    @property
    def pairing(self):
        """Whether the pairing window is open."""
        return self.window.left_ms > 0

    def listen(self, elapsed_ms, action):
        """What clients did since the last tick, and what the button meant. Stop comes first."""
        session = self._app.session
        if self.stack.stop:
            self.stack.stop = False
            session.act(gestures.STOP)
        for link in self.links.slots:
            if link.ended:
                was_owner = link.owner
                link.clear(self.links.console)
                if was_owner and not self.links.owners():
                    self._lost()
            elif link.fresh:
                link.open()
            elif link.stranger and not link.told:
                link.told = True
                self._app.journal.add(journal.REFUSED)
            elif link.passkey:
                self._show_passkey(link)
        self._service.listen()
        if action == gestures.PAIR:
            self._wanted_ms = WANTED_MS
        elif action == gestures.UNPAIR:
            self.unpair(0)
        if self._wanted_ms > 0:
            why = self.pair(False)
            self._wanted_ms = self._wanted_ms - elapsed_ms if why else 0
            if why and self._wanted_ms <= 0:
                print("peristal:", why)
        if self.window.tick(elapsed_ms, session.active):
            print("peristal: paired, %d of %d" % (len(self.bonds), MOST))
            self._app.journal.add(journal.PAIRED)
            if self._app.vented():
                self._app.stalls.store(self.bonds)
        handle = self.links.unwanted(elapsed_ms)
        if handle == NOBODY:
            handle, self.links.surplus = self.links.surplus, NOBODY
        if handle != NOBODY:
            self.stack.drop(handle)
        self.stack.advertise(elapsed_ms)

    def tell(self, elapsed_ms):
        """Status, pressures and answers."""
        self._service.window_open = self.pairing
        self._service.tell(elapsed_ms)

    def _lost(self):
        session = self._app.session
        if self.on_loss == STOP or session.state == BRINGUP:
            session.act(gestures.STOP)
        elif self.on_loss == SOFTEN and session.state in (PREFLIGHT, RUNNING, PAUSED) and session.pressure_mmhg > SOFT_MMHG:
            session.sequencer.set_pressure(pa(SOFT_MMHG))

    def _show_passkey(self, link):
        from os import urandom

        link.passkey = False
        number = int.from_bytes(urandom(4), "little") % 1000000
        try:
            self.stack.ble.gap_passkey(link.handle, DISPLAY, number)
            print("peristal: passkey %06d" % number)
        except OSError:
            pass

    # --- what a person asks for ------------------------------------------------------------------------------------------

    def pair(self, shows_passkey):
        """Opens the pairing window; returns why not, or None. Whoever is connected as an owner is in service mode then."""
        if self._app.session.state not in (IDLE, DONE) or not self._app.vented():
            return "pair: only while nothing is running and the air is out"
        if not shows_passkey:
            for link in self.links.slots:
                link.local = link.owner
        if len(self.bonds) >= MOST:
            return "pair: %d devices are paired already; unpair one first" % MOST
        self.window.open(shows_passkey)
        return None

    def unpair(self, number):
        """Forgets a bond (1 to 3), or all (0), and ends every link; returns why not, or None."""
        if not 0 <= number <= len(self.bonds):
            return "unpair: %d is not allowed; allowed: 1 to %d, all" % (number, len(self.bonds))
        self.window.close()
        while len(self.bonds):
            self.bonds.forget(max(number - 1, 0))
            self._app.journal.add(journal.FORGOTTEN)
            if number:
                break
        for link in self.links.slots:
            if link.owner:
                link.owner = False
                link.barred = True
                link.silent_ms = SILENCE_MS - 1000  # time for the answer, then it goes
        return None

    def refuse_name(self, name):
        """Why a name is refused, or None."""
        if isinstance(name, str) and 1 <= len(name.encode()) <= LONGEST_NAME:
            return None
        return "name: %r is not allowed; allowed: 1 to %d bytes" % (name, LONGEST_NAME)

    def rename(self, name):
        """Another name; returns why not, or None."""
        why = self.refuse_name(name)
        if why is None:
            self.name = name
            self.changed = True
            self.stack.rename(name)
        return why
