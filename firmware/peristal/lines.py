"""From bytes to lines and back: what stands between a stream (USB serial, Bluetooth) and the console.

Nothing is allocated until a line is complete. Answers leave one line at a time, because a line of 120 characters takes
10 ms at 115200 baud and whoever calls has a tick of 20. A long list is made line by line as it leaves: no room is needed for it.
"""

LONGEST = 80
MOST_WAITING = 8  # answers

_CR, _LF, _BACKSPACE, _TAB, _DELETE = 13, 10, 8, 9, 127
_FINE, _TOO_LONG, _NO_TEXT, _TORN = range(4)
_REFUSED = (
    "",
    "error: line: longer than %d characters; nothing was done" % LONGEST,
    "error: line: only plain ASCII characters are allowed; nothing was done",
    "error: line: it came faster than it is read and may have lost its middle; nothing was done; send fewer commands at once",
)


class Lines:
    """One client of the console. rights: one of ANYONE, OWNER, LOCAL of console.py; may change at any time."""

    def __init__(self, console, rights):
        self.rights = rights
        self._console = console
        self._line = bytearray(LONGEST)
        self._length = 0
        self._verdict = _FINE
        self._answers = []
        self._lost = 0

    def doubt(self):
        """The line that is coming in may have lost a part: it will be refused at its end."""
        self._verdict = _TORN

    def take(self, byte):
        """The next byte that came in; true when it ended a line, which has then been carried out."""
        if byte == _LF or byte == _CR:
            return self._end()
        if byte == _BACKSPACE or byte == _DELETE:
            if self._length > 0:
                self._length -= 1
        elif byte != _TAB and not 32 <= byte < 127:
            self._verdict = _NO_TEXT
        elif self._length == LONGEST:
            if self._verdict == _FINE:
                self._verdict = _TOO_LONG
        else:
            self._line[self._length] = byte
            self._length += 1
        return False

    def _end(self):
        length, verdict = self._length, self._verdict
        self._length = 0
        self._verdict = _FINE
        if verdict != _FINE:
            self._answer((_REFUSED[verdict],))
        elif length == 0:
            return False  # the second half of CR LF, or an empty line
        else:
            self._answer(self._console.run(bytes(self._line[:length]).decode(), self.rights))
        return True

    def _answer(self, lines):
        if len(self._answers) == MOST_WAITING:
            self._lost += 1
        else:
            self._answers.append(iter(lines))

    def next_line(self):
        """The next line to send, or None."""
        while self._answers:
            for line in self._answers[0]:
                return line
            self._answers.pop(0)
        if self._lost:
            lost, self._lost = self._lost, 0
            return "error: console: %d answers were left out; send fewer commands at once" % lost
        return None
