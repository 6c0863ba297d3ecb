"""The application: builds everything from the board and owns the loop. The only file that knows all the others."""

import gc
from time import sleep_ms, ticks_add, ticks_diff, ticks_ms

from peristal.commands.rights import LOCAL
from peristal.console import Console
from peristal.core import faults
from peristal.core.drive import Drive
from peristal.core.gestures import NOTHING
from peristal.core.guard import Guard
from peristal.core.limits import TICK_MS
from peristal.core.net import Net, Wish
from peristal.core.regulator import Regulator
from peristal.core.sensing import Sensing
from peristal.core.session import Session
from peristal.core.states import DONE, FAULT, IDLE, NAMES
from peristal.core.units import NONE
from peristal.hw.deadman import Deadman
from peristal.hw.outputs import Outputs
from peristal.hw.panel import Panel
from peristal.hw.sensors import Sensors
from peristal.hw.usb import Usb
from peristal.hw.watchdog import Watchdog, caused_the_reset
from peristal.lines import Lines
from peristal.store import last_good, settings
from peristal.store import learned as learned_store
from peristal.store.shelf import Shelf

AFTER_CRASH_VENT_MS = 10000
LONGEST_TICK_MS = 1000


class App:
    """One loop of 20 ms: read, listen, decide, regulate, guard, act, tell, feed."""

    def __init__(self, board):
        self.board = board
        net = Net(board)
        self.outputs = Outputs(net)  # first: safe levels, before anything else of the hardware
        self.sensing = Sensing(net)
        self.sensors = Sensors(net, self.sensing)
        self.drive = Drive(net)
        self.regulator = Regulator(net, self.sensing, self.drive)
        self.guarding = Guard(net, self.sensing, self.drive)
        self.session = Session(net, self.sensing, self.regulator, self.guarding)
        self.panel = Panel(net)
        self.usb = Usb(Lines(Console(self), LOCAL))
        self.deadman = Deadman(self.outputs)
        self.wish = Wish(net)
        self._told = NONE
        self._stored = False  # a file was written in this tick
        self._elapsed_ms = TICK_MS
        last_good.store(board)
        self.net = net
        self.shelf = Shelf()
        settings.add(self.shelf, self.session, board.name)
        learned_store.add(self.shelf, self.regulator.learned, net)
        self.session.found |= self.shelf.notices
        if caused_the_reset():
            self.session.preflight.vent_ms = AFTER_CRASH_VENT_MS
        self.watchdog = Watchdog()

    def run(self):
        """The loop. Returns never; what it raises has to leave everything safe (see main.py)."""
        gc.collect()
        self.deadman.start()
        last_ms = ticks_ms()
        due_ms = ticks_add(last_ms, TICK_MS)
        while True:
            now_ms = ticks_ms()
            self._elapsed_ms = min(ticks_diff(now_ms, last_ms), LONGEST_TICK_MS)
            last_ms = now_ms
            self.tick(now_ms)
            wait_ms = ticks_diff(due_ms, ticks_ms())
            if wait_ms > 0:
                sleep_ms(wait_ms)
                due_ms = ticks_add(due_ms, TICK_MS)
            else:
                due_ms = ticks_add(ticks_ms(), TICK_MS)

    def tick(self, now_ms):
        """The eight steps, always all of them and in this order."""
        self.read()
        self.listen()
        self.decide()
        self.regulate()
        self.guard()
        self.act(now_ms)
        self.tell()
        self.feed()

    def read(self):
        """Sensors: raw ADC to filtered pascals, each with its age and electrical verdict."""
        self.sensors.read(self._elapsed_ms, self.regulator.busy_sensor())

    def listen(self):
        """What came in since the last tick."""
        action = self.panel.listen(self._elapsed_ms, self.session.state, self.guarding.pressurised)
        if action != NOTHING:
            self.session.act(action)
        self.usb.listen()

    def decide(self):
        """The session says which pressure each zone should have."""
        if self.deadman.fired:
            self.guarding.trip(faults.LOOP_STALLED)
        self.session.tick(self._elapsed_ms)

    def regulate(self):
        """From pressures wished to coils and pump."""
        self.regulator.tick(self._elapsed_ms, self.wish)

    def guard(self):
        """The one choke point."""
        session = self.session
        hand = self.panel.button.down and session.state != IDLE and session.state != DONE
        self.guarding.tick(self._elapsed_ms, self.wish, session.active, hand)

    def act(self, now_ms):
        """Only what the guard allowed reaches a pin."""
        guard = self.guarding
        if self.deadman.fired and guard.fault != faults.OK:
            # The guard has latched: what is written from here on is off, until a person clears it.
            self.deadman.rearm()
            self.outputs.unlock()
        self.drive.tick(guard.coil, guard.pump_permille, self._elapsed_ms)
        self.outputs.write(self.drive, guard.enable)
        self.deadman.renew(now_ms)

    def tell(self):
        """LED and buzzer; a line on the console when the state changes; choices stored while nothing is under pressure."""
        session = self.session
        self.panel.show(session.state, session.state_ms)
        self.usb.tell()
        if session.state != self._told:
            self._told = session.state
            print("peristal:", NAMES[session.state])
            if session.state == FAULT:
                print("peristal:", faults.line(self.guarding.fault, self.guarding.fault_zone))
            if session.state == DONE:
                session.changed = True
        at_rest = session.state == IDLE or session.state == DONE or session.state == FAULT
        if at_rest and self.guarding.vented_ms > self.guarding.vent_ms and self.shelf.changed:
            self.store()
        self._stored = False

    def store(self, owner=None):
        """Writes the file of one owner (see Shelf); call it only while everything is vented. Why it could not, or None.

        A flash write stalls the loop for up to a third of a second, longer than the deadman waits; the watchdog waits for half
        a second, so there is one write a tick.
        """
        if self._stored:
            return "flash: busy; try again"
        self._stored = True
        self.deadman.stop()
        why = self.shelf.store(owner)
        self.deadman.start()
        if why:
            print("peristal:", why)
        return why

    def forget_learned(self):
        """Begins to learn anew; stored as soon as everything is vented."""
        self.regulator.learned.forget()

    def feed(self):
        """Last, and only when every step above was healthy."""
        self.watchdog.feed()
