"""The application: builds everything from the board and owns the loop. The only file that knows all the others."""

import gc
from time import sleep_ms, ticks_add, ticks_diff, ticks_ms

from peristal import VERSION, ble
from peristal.commands.rights import LOCAL
from peristal.console import Console
from peristal.core import faults, journal
from peristal.core.borrow import borrow, forget, shed
from peristal.core.drive import Drive
from peristal.core.gestures import NOTHING
from peristal.core.guard import Guard
from peristal.core.limits import TICK_MS
from peristal.core.maintenance import Maintenance
from peristal.core.marker import HEAD as MARKER_BYTES
from peristal.core.marker import INTENTS, RESTING, SESSION, WATCHDOG, Marker
from peristal.core.marker import JOURNAL as JOURNAL_PLACE
from peristal.core.net import Net, Wish
from peristal.core.pace import Pace
from peristal.core.program import Program
from peristal.core.regulator import Regulator
from peristal.core.sensing import Sensing
from peristal.core.session import Session
from peristal.core.states import BREATHING, DONE, FAULT, FINISHING, IDLE, NAMES, PAIRING, PREFLIGHT, turns_soon
from peristal.core.units import NONE
from peristal.hw import rtc
from peristal.hw.deadman import Deadman
from peristal.hw.outputs import Outputs
from peristal.hw.panel import Panel
from peristal.hw.sensors import Sensors
from peristal.hw.usb import Usb
from peristal.hw.watchdog import Watchdog
from peristal.lines import Lines
from peristal.stalls import Stalls
from peristal.store.programs import Programs
from peristal.store.shelf import Shelf

AFTER_CRASH_VENT_MS = 10000  # at the least
LONGEST_TICK_MS = 1000
AGAIN = (Program, Marker)  # of what is built at start-up, what is built anew later
MOST_LATE = 25  # ticks in a row: the chip is too slow for what it has to do


class App:
    """One loop of 20 ms: read, listen, decide, regulate, guard, act, tell, feed."""

    def __init__(self, board):
        net = Net(board)
        self.outputs = Outputs(net)  # first: safe levels, before anything else of the hardware
        self.net = net
        self.marker, cause = rtc.start_up()
        self.journal = journal.Journal(self.marker, JOURNAL_PLACE, MARKER_BYTES)
        self.shelf = Shelf(self.journal)
        self.shelf.keep("store.journal", self.journal, self.journal, self.marker.valid)
        self.journal.add(journal.START_UP, NONE, cause)
        self.stalls = Stalls(self)
        console = Console(self)
        self.radio = self._start_radio(console)  # before the heap has grown
        self.sensing = Sensing(net)
        self.sensors = Sensors(net, self.sensing)
        self.drive = Drive(net)
        self.regulator = Regulator(net, self.sensing, self.drive)
        self.guarding = Guard(net, self.sensing, self.drive)
        self.session = Session(net, self.sensing, self.regulator, self.guarding)
        self.panel = Panel(net)
        self.maintenance = Maintenance(self.session, self.guarding, self.panel.button)
        self.usb = Usb(Lines(console, LOCAL))
        self.deadman = Deadman(self.outputs)
        self.wish = Wish(net)
        self._told = NONE
        self._elapsed_ms = TICK_MS
        self.pace = Pace()
        self.guarding.journal = self.journal  # pyright: ignore[reportAttributeAccessIssue]
        self._began(cause)
        borrow("store.last_good").store(board)
        self.shelf.keep("store.record", self.session.record, self.session.record)
        self.programs = self.session.own = Programs()  # pyright: ignore[reportAttributeAccessIssue]
        self.shelf.keep("store.profile", self.session.wearer, self.session)
        self.shelf.keep("store.settings", self.session, self.session, board.name)
        self.shelf.keep("store.learned", self.regulator.learned, self.regulator.learned, net)
        self.shelf.keep("store.latched", self.guarding, self.guarding)
        self.shelf.keep("store.bringup", self.session.gate, self.session.gate, borrow("store.bringup").checksum(board))
        self.session.found |= self.shelf.notices
        self.session.sequencer.reach.host = self.stalls  # pyright: ignore[reportAttributeAccessIssue]
        self.watchdog = Watchdog()
        self.session.borrow = self.stalls.borrow
        if self.radio is not None:
            self.radio.serve(self)
        net.settle()
        for name in ("board", "parts", "chips"):  # the board file's words: their work is done
            forget("core." + name)
        kept = [App] + list(AGAIN)
        for one in (self.session, self.drive, self.maintenance, self.journal, self.wish, self.pace):
            shed(one, kept)

    def _start_radio(self, console):
        """The radio, or None: without one everything else works."""
        radio = ble.make_radio(self.shelf, console, self.stalls.slow)
        if radio is not None:
            try:
                radio.start(self.net.board.name, VERSION, self.net)
            except (OSError, RuntimeError, MemoryError) as error:
                print("peristal: no Bluetooth:", error)
                return None
        return radio

    def _began(self, cause):
        """After a reset that nobody wanted: said, counted, vented for longer; locked when it was the third in ten minutes."""
        marker = self.marker
        if marker.abnormal:
            self.maintenance.by_button = False
            self.session.found |= faults.WATCHDOG_RESET if cause == WATCHDOG else faults.UNEXPLAINED_RESET
            # One sensor shows little of zones that are all let out: the modelled time and a quarter, by which real parts are slower.
            self.session.preflight.vent_ms = max(AFTER_CRASH_VENT_MS, self.guarding.vent_ms + (self.guarding.vent_ms >> 2))
            self.journal.add(journal.RESTART, NONE, marker.resets)
            causes = borrow("core.journal_words").CAUSES
            print("peristal: restarted (%s) %s; %d in ten minutes" % (causes[cause], INTENTS[marker.intent], marker.resets))
        if marker.gave_up:
            raise RuntimeError("it restarts again and again, and stops here; cut the power to try again")
        if marker.locked:
            self.guarding.trip(faults.RESET_STORM)

    def run(self):
        """The loop. Returns never; what it raises has to leave everything safe (see main.py)."""
        gc.collect()
        self.deadman.start()
        last_ms = ticks_ms()
        due_ms = ticks_add(last_ms, TICK_MS)
        while True:
            now_ms = ticks_ms()
            period_ms = ticks_diff(now_ms, last_ms)
            self._elapsed_ms = min(period_ms, LONGEST_TICK_MS)
            last_ms = now_ms
            waited = self.stalls.begin()
            self.tick()
            if not (waited or self.stalls.waited) and self.pace.tick(ticks_diff(ticks_ms(), now_ms), period_ms):
                self._late(ticks_diff(ticks_ms(), now_ms))
            if self.stalls.thought():
                last_ms = ticks_ms()  # the session begins after its walk: no sensor is stale for it
            wait_ms = ticks_diff(due_ms, ticks_ms())
            if wait_ms > 0:
                sleep_ms(wait_ms)
                due_ms = ticks_add(due_ms, TICK_MS)
            else:
                due_ms = ticks_add(ticks_ms(), TICK_MS)

    def _late(self, work_ms):
        """A tick took longer than its time: shown and counted; when it goes on, the session ends in order."""
        self.journal.add(journal.LATE, NONE, work_ms)
        if self.session.active:
            self.guarding.notices |= faults.LOOP_LATE
            if self.pace.in_a_row >= MOST_LATE:
                self.guarding.trip(faults.LOOP_OVERRUN)

    def tick(self):
        """The eight steps, always all of them and in this order."""
        self.read()
        self.listen()
        self.decide()
        self.regulate()
        self.guard()
        self.act()
        self.tell()
        self.feed()

    def read(self):
        """Sensors: raw ADC to filtered pascals, each with its age and electrical verdict."""
        self.sensors.read(self._elapsed_ms, self.regulator.busy_sensor())

    def listen(self):
        """What came in since the last tick."""
        action = self.panel.listen(self._elapsed_ms, self.session.state, self.guarding.pressurised)
        self.usb.listen()
        action = self.maintenance.listen(self._elapsed_ms, action, self.usb.ctrl_c)
        if action != NOTHING:
            self.session.act(action)
            if self.session.refused:
                print("peristal: not started:", self.session.refused)
                self.session.refused = None
        if self.radio is not None:
            self.radio.listen(self._elapsed_ms, action)

    def decide(self):
        """The session says which pressure each zone should have."""
        if self.deadman.fired:
            self.guarding.trip(faults.LOOP_STALLED)
        self.session.tick(self._elapsed_ms)

    def regulate(self):
        """From pressures wished to coils and pump."""
        self.regulator.tick(self._elapsed_ms, self.wish)
        if self.session.bringup is not None:
            self.session.bringup.shape(self.wish)

    def guard(self):
        """The one choke point."""
        session = self.session
        hand = self.panel.button.down and session.state != IDLE and session.state != DONE
        self.guarding.tick(self._elapsed_ms, self.wish, session.active, hand)

    def act(self):
        """Only what the guard allowed reaches a pin."""
        guard = self.guarding
        if self.deadman.fired and guard.fault != faults.OK:
            # The guard has latched: what is written from here on is off, until a person clears it.
            self.deadman.rearm()
            self.outputs.unlock()
        self.drive.tick(guard.coil, guard.pump_permille, self._elapsed_ms)
        self.outputs.write(self.drive, guard.enable)
        self.deadman.renew(ticks_ms())

    def tell(self):
        """LED and buzzer; a line on the console when the state changes; choices stored while nothing is under pressure."""
        session = self.session
        pairing = self.radio is not None and self.radio.pairing
        self.panel.show(PAIRING if pairing else PREFLIGHT if session.testing else session.state, session.state_ms)
        self.usb.tell()
        if self.radio is not None:
            self.radio.tell(self._elapsed_ms)
        if session.state != self._told:
            self._note(session.state)
            self._told = session.state
            print("peristal:", NAMES[session.state])
            if session.state == FAULT:
                print("peristal:", faults.line(self.guarding.fault, self.guarding.fault_zone))
        if not self.stalls.stored and self.vented() and self.shelf.changed and not turns_soon(session.state, session.state_ms):
            self.stalls.store()
        elif self.maintenance.opens():
            self.outputs.all_off()
            self.journal.add(journal.MAINTENANCE)
            raise KeyboardInterrupt

    def _note(self, state):
        """The session's begin and end, and a fault that a person has cleared, go into the journal."""
        session = self.session
        if state == PREFLIGHT:
            self.journal.add(journal.SESSION, NONE, session.pressure_mmhg)
        elif state == DONE:
            code = journal.FINISHED if self._told in (FINISHING, BREATHING) else journal.STOPPED
            self.journal.add(code, NONE, session.elapsed_ms // 1000)
            for number in faults.numbers(session.notices & ~self.guarding.notices & ~session.found):
                self.journal.add(number)  # those of the guard are there already
        elif state == IDLE and self._told == FAULT:
            self.journal.add(journal.CLEARED)
            self.marker.unlock()

    def at_rest(self):
        """Whether everything is off and open."""
        state = self.session.state
        return state == IDLE or state == DONE or state == FAULT or state == BREATHING

    def vented(self):
        """Whether the flash may be written: no session is going on and everything has been open for long enough."""
        return self.at_rest() and self.guarding.vented_ms > self.guarding.vent_ms

    def sessions(self):
        """The last sessions, as core/record.py makes them, the oldest first. Read from the flash."""
        return borrow("store.record").sessions()

    def bring_up(self, step):
        """Begins a step of the bring-up; its code is there as long as it goes on."""
        self.session.begin_bringup(self.stalls.borrow("core.bringup_steps").Step(self.session, step))

    def forget_learned(self):
        """Begins to learn anew; stored as soon as everything is vented."""
        self.regulator.learned.forget()

    def feed(self):
        """Last, and only when every step above was healthy."""
        self.stalls.tick(self._elapsed_ms)
        self.journal.tick(self._elapsed_ms)
        self.marker.tick(self._elapsed_ms)
        self.marker.intend(SESSION if self.session.active or self.guarding.pressurised else RESTING)
        self.watchdog.feed()
