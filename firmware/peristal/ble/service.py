"""The Peristal service: commands in, status and pressures out, and the console for whoever prefers lines.

Packets are made in buffers that are kept; what cannot be sent now is sent a tick later, by then with newer values.
"""

import struct

from peristal.ble.links import NOBODY
from peristal.ble.stack import CONSOLE, LONGEST_LINE
from peristal.commands.rights import ANYONE
from peristal.core import protocol
from peristal.core.protocol import (
    ANSWER,
    CONTROL_POINT,
    DURATION,
    FAILED,
    INVALID,
    LAST_RESULT,
    PRESSURES,
    PROGRAM,
    STATUS,
    SUCCESS,
    TARGET,
)

MOST_COMMANDS = 2  # a tick
STATUS_MS = 200
NO_ROOM = 12  # ENOMEM
TYPED = {TARGET: protocol.SET_PRESSURE, DURATION: protocol.SET_MINUTES, PROGRAM: protocol.SET_PROGRAM}
TOO_LONG = b"." * (LONGEST_LINE - 1) + b"\n"  # what the console answers to a line that is too long


class Service:
    """listen() and tell() once a tick. window_open: to be shown in the status."""

    def __init__(self, app, stack, links):
        self.window_open = False
        self._app = app
        self._console = links.console
        self._stack = stack
        self._ble = stack.ble
        self._links = links
        self._first = 0  # the link whose turn it is
        self._status_layout = stack.status_layout
        self._status = bytearray(struct.calcsize(stack.status_layout))
        self._told = bytearray(len(self._status))
        self._status_ms = 0
        self._pressures = [bytearray(3 + 2 * zones) for zones in app.net.leg_zones]
        self._result = bytearray((ANSWER, 0, SUCCESS))
        self._one = bytearray(1)
        self._typed = bytearray(3)
        self._program = None
        self._number = 0

    def _write(self, number, data):
        self._ble.gatts_write(self._stack.values[number], data)

    # --- in --------------------------------------------------------------------------------------------------------------

    def listen(self):
        """Carries out what came in, at most two commands a tick; each link has its turn."""
        slots = self._links.slots
        left = MOST_COMMANDS
        for step in range(len(slots)):
            link = slots[(self._first + step) % len(slots)]
            if link.handle != NOBODY and not link.ended and not link.fresh and self._listen_to(link):
                left -= 1
                if left == 0:
                    self._first = (self._first + step + 1) % len(slots)
                    return

    def _listen_to(self, link):
        """Takes what a link sent, up to the end of one command; true when there was one."""
        if link.typed is not None:
            return self._type(link)
        while link.ring.take():
            kind, data = link.ring.kind, link.ring.data
            if kind == CONSOLE:
                link.typed = TOO_LONG if len(data) > LONGEST_LINE else data
                link.typed_at = 0
                if self._type(link):
                    return True
            else:
                if kind == CONTROL_POINT:
                    link.answer(data[0] if data else 0, self._carry_out(link, data))
                elif kind in TYPED:
                    self._carry_out(link, bytes((TYPED[kind],)) + data)
                return True
        return False

    def _type(self, link):
        """Hands the console what was written to it, up to the end of one line."""
        data = link.typed
        link.lines.rights = link.rights()
        while link.typed_at < len(data):
            byte = data[link.typed_at]
            link.typed_at += 1
            if link.lines.take(byte):
                return True
        link.typed = None
        return False

    def _carry_out(self, link, data):
        """Does what a command says; returns its result, which is also kept as the last one."""
        opcode = data[0] if data else 0
        result, line = protocol.words(data, self._program_name)
        if result == SUCCESS:
            if line:
                result = self._run(line, link.rights())
            elif opcode == protocol.SET_RATE:
                result = self._set_rate(link, data[1])
            elif link.rights() == ANYONE:
                result = protocol.NOT_PERMITTED
        elif link.rights() == ANYONE:
            result = protocol.NOT_PERMITTED  # a stranger learns nothing of the arguments
        self._result[1] = opcode
        self._result[2] = result
        self._write(LAST_RESULT, self._result)
        self._notify(link, self._stack.values[LAST_RESULT], self._result)
        return result

    def _run(self, line, rights):
        answer = list(self._console.run(line, rights))[-1]
        if answer.startswith("ok"):
            return SUCCESS
        return self._console.refused or (INVALID if "allowed: " in answer else FAILED)

    def _set_rate(self, link, hz):
        if hz > protocol.MOST_HZ:
            return INVALID
        link.rate_ms = 1000 // hz if hz else 0
        link.due_ms = 0
        return SUCCESS

    def _program_name(self, number):
        session = self._app.session
        if number == 0:
            return session.program
        names = session.names()
        return names[number - 1] if number <= len(names) else None

    # --- out -------------------------------------------------------------------------------------------------------------

    def tell(self, elapsed_ms):
        """Sends what is due to every link."""
        self._make_status(elapsed_ms)
        made = False
        for link in self._links.slots:
            if link.handle == NOBODY or link.ended or link.fresh:
                continue
            if link.confirmed:
                link.confirmed = link.asked = False
            if link.waiting and not link.asked:
                self._indicate(link)
            if link.status_due and self._notify(link, self._stack.values[STATUS], self._told):
                link.status_due = False
            if link.rate_ms:
                link.due_ms -= elapsed_ms
                if link.due_ms <= 0:
                    if not made:
                        self._make_pressures()
                        made = True
                    self._send_pressures(link)
            self._send_text(link)

    def _notify(self, link, value, data):
        """True when it is on its way, or when there is nobody to send it to."""
        try:
            self._ble.gatts_notify(link.handle, value, data)
        except OSError as error:
            return error.args[0] != NO_ROOM
        return True

    def _indicate(self, link):
        result = self._result
        result[1] = link.results[0]
        result[2] = link.results[1]
        try:
            self._ble.gatts_indicate(link.handle, self._stack.values[CONTROL_POINT], result)
            link.asked = True
        except OSError as error:
            if error.args[0] == NO_ROOM:
                return
        link.answered()

    def _make_status(self, elapsed_ms):
        session = self._app.session
        guard = self._app.guarding
        sequencer = session.sequencer
        name = session.program
        if name is not self._program:
            self._program = name
            names = session.names()
            self._number = names.index(name) + 1 if name in names else 0
        flags = protocol.QUIET if session.quiet else 0
        if self.window_open:
            flags |= protocol.WINDOW_OPEN
        if self._links.lost:
            flags |= protocol.LOST_WRITES
        status = self._status
        struct.pack_into(
            self._status_layout, status, 0, session.state, sequencer.phase, sequencer.cycle & 0xFFFF, session.seconds_left(),
            guard.fault, guard.fault_zone, session.notices & 0xFFFF, session.pressure_mmhg, session.minutes, self._number, flags,
        )  # fmt: skip
        self._status_ms += elapsed_ms
        told = self._told
        if status == told or (self._status_ms < STATUS_MS and status[0] == told[0] and status[6] == told[6]):
            return
        self._status_ms = 0
        told[:] = status
        self._write(STATUS, told)
        self._write_typed(TARGET, session.pressure_mmhg)
        self._write_typed(DURATION, session.minutes)
        self._write_typed(PROGRAM, self._number)
        for link in self._links.slots:
            link.status_due = True

    def _write_typed(self, number, value):
        if self._typed[number - TARGET] != value:
            self._typed[number - TARGET] = self._one[0] = value
            self._write(number, self._one)

    def _make_pressures(self):
        app = self._app
        net = app.net
        for leg in range(net.n_legs):
            packet = self._pressures[leg]
            packet[0] = leg
            packet[1] = (packet[1] + 1) & 0xFF
            packet[2] = protocol.RISING if app.drive.pump_permille else 0
            first = net.leg_start[leg]
            for zone in range(net.leg_zones[leg]):
                # 0.1 mmHg = 13.3322 Pa
                tenths = min(max((app.regulator.estimate.pa[first + zone] * 75 + 500) // 1000, -9999), 9999)
                struct.pack_into("<h", packet, 3 + 2 * zone, tenths)

    def _send_pressures(self, link):
        """One packet a leg; when there is no room for the first, both come with newer values later."""
        value = self._stack.values[PRESSURES]
        for leg in range(len(self._pressures)):
            self._ble.gatts_write(value, self._pressures[leg])
            if not self._notify(link, value, self._pressures[leg]):
                return
        link.due_ms = max(link.due_ms + link.rate_ms, 1)

    def _send_text(self, link):
        """One packet of the console's answer a tick."""
        if link.text is None:
            line = link.lines.next_line()
            if line is None:
                return
            link.text = (line + "\n").encode()
            link.sent = 0
        chunk = link.text[link.sent : link.sent + link.room]
        if self._notify(link, self._stack.console_tx, chunk):
            link.sent += len(chunk)
            if link.sent >= len(link.text):
                link.text = None
