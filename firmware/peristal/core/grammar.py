"""Programs as lines of text, the same on the console, in a file and in the panel.

    program NAME ZONES       first; NAME: up to 16 of a-z, 0-9 and _, a letter first; 1 to 6 zones
    source TEXT              where the protocol comes from, up to 61 characters
    pressure LOW HIGH        the set pressures it is meant for, 20 to 100 mmHg
    minutes LOW HIGH         the lengths of a session it is meant for, 1 to 60
    pressed SECONDS          how long a zone may stay above 15 mmHg, 20 to 120; 90 where it is left out
    less MMHG...             one for each zone, 0 to 60: so much less than its share
    step ACTION... END       an action for each zone, foot first: vent, hold, or 1 to 100 (percent of the set pressure)
    repeat STEPS TIMES       the last STEPS steps run TIMES times in all

END: reached, time MS, both MS, ramp MS (a straight line that ends by time) or ramp reached MS (and waits until it is there);
MS: 100 to 120000, whole tenths of a second. All numbers are whole. Empty lines and what follows a # mean nothing.
"""

# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false

from peristal.core import limits
from peristal.core.check import check
from peristal.core.program import (
    BOTH,
    HOLD,
    LONGEST_STEP_MS,
    MAX_ROWS,
    MAX_SHARE,
    MOST_LESS_MMHG,
    MOST_REPEATS,
    RAMP,
    REACHED,
    REPEAT,
    ROW,
    TIME,
    VENT,
    ZONES,
    Program,
    ProgramError,
    number_of,
)  # fmt: skip

LONGEST_NAME = 16
LONGEST_TEXT = 61  # so that "program add source TEXT" is a line of 80
WORDS = ("program", "source", "pressure", "minutes", "pressed", "less", "step", "repeat")
ENDS = {"reached": REACHED, "time": TIME, "both": BOTH, "ramp": TIME + RAMP, "ramp reached": BOTH + RAMP}


def parse(lines):
    """The checked program of these lines; raises ProgramError naming the line (or the step) and what is allowed."""
    parser = Parser()
    for line in lines:
        parser.take(line)
    return parser.end()


def lines_of(program):
    """The lines of a program, one by one; what is as it is without its line has none."""
    yield "program %s %d" % (program.name, program.zones)
    if program.source:
        yield "source " + program.source
    plain = Program("", 1, "")
    for name, word in (("pressure_mmhg", "pressure"), ("minutes", "minutes")):
        pair = getattr(program, name)
        if pair != getattr(plain, name):
            yield "%s %d %d" % (word, pair[0], pair[1])
    if program.pressed_s != plain.pressed_s:
        yield "pressed %d" % program.pressed_s
    if max(program.less_mmhg):
        yield "less " + " ".join([str(mmhg) for mmhg in program.less_mmhg[: program.zones]])
    rows = program.rows
    for step in range(program.length()):
        row = rows[step * ROW : step * ROW + ROW]
        number = number_of(rows, step)
        if row[ZONES] == REPEAT:
            yield "repeat %d %d" % (row[ZONES + 3], number)
            continue
        words = ["vent" if action == VENT else "hold" if action == HOLD else str(action) for action in row[: program.zones]]
        words += [word for word, end in ENDS.items() if end == row[ZONES]]
        if number:
            words.append(str(number * 100))
        yield "step " + " ".join(words)


def is_name(name):
    """Whether a program may be called so."""
    return 1 <= len(name) <= LONGEST_NAME and "a" <= name[0] <= "z" and _only(name, "abcdefghijklmnopqrstuvwxyz0123456789_")


def _only(word, letters):
    for letter in word:
        if letter not in letters:
            return False
    return True


class Parser:
    """take() its lines one by one, end() gives the checked program. What is refused has changed nothing."""

    def __init__(self):
        self.program = None  # until the first line, which has to be the one that names it
        self.line = 0

    def take(self, line):
        """The next line; raises ProgramError."""
        self.line += 1
        words = line.split("#")[0].split()
        if not words:
            return
        word = words.pop(0).lower()
        if word not in WORDS:
            self._refuse("%r; allowed: %s", word, ", ".join(WORDS))
        if (word == "program") != (self.program is None):
            self._refuse("%r; allowed: program first, and only once", word)
        if self.program and self.program.length() == MAX_ROWS and word in ("step", "repeat"):
            self._refuse("one step too many; allowed: up to %d", MAX_ROWS)
        getattr(self, "_" + word)(words)

    def end(self):
        """The program of all the lines taken; raises ProgramError."""
        if self.program is None:
            self._refuse("no program; allowed: program NAME ZONES, then its steps")
        check(self.program)
        return self.program

    def _refuse(self, why, *values):
        raise ProgramError("line %d: %s" % (self.line, why % values))

    def _numbers(self, words, count, low, high, unit):
        if len(words) != count:
            self._refuse("%d numbers; allowed: %d", len(words), count)
        for word in words:
            if not (_only(word, "0123456789") and len(word) < 8 and low <= int(word) <= high):
                self._refuse("%r; allowed: %d to %d%s", word, low, high, unit)
        return [int(word) for word in words]

    def _limit(self, words, count, name):
        low, _, high, unit, _ = limits.LIMITS[name]
        numbers = self._numbers(words, count, low, high, " " + unit)
        if numbers[0] > numbers[-1]:
            self._refuse("%d to %d; allowed: the lower one first", numbers[0], numbers[-1])
        return numbers

    def _program(self, words):
        if len(words) != 2 or not is_name(words[0].lower()):
            self._refuse("%r; allowed: NAME ZONES, the name of up to %d of a-z, 0-9, _", " ".join(words), LONGEST_NAME)
        self.program = Program(words[0].lower(), self._numbers(words[1:], 1, 1, ZONES, " zones")[0], "")

    def _source(self, words):
        text = " ".join(words)
        if len(text) > LONGEST_TEXT:
            self._refuse("%d characters; allowed: up to %d", len(text), LONGEST_TEXT)
        self.program.source = text

    def _pressure(self, words):
        self.program.pressure_mmhg = tuple(self._limit(words, 2, "pressure_mmhg"))

    def _minutes(self, words):
        self.program.minutes = tuple(self._limit(words, 2, "minutes"))

    def _pressed(self, words):
        self.program.pressed_s = self._limit(words, 1, "pressed_s")[0]

    def _less(self, words):
        zones = self.program.zones
        for zone, mmhg in enumerate(self._numbers(words, zones, 0, MOST_LESS_MMHG, " mmHg")):
            self.program.less_mmhg[zone] = mmhg

    def _step(self, words):
        zones = self.program.zones
        words = [word.lower() for word in words]
        if len(words) <= zones:
            self._refuse("%d words; allowed: an action for each of %d zones, then how it ends", len(words), zones)
        actions = []
        for word in words[:zones]:
            if word == "vent" or word == "hold":
                actions.append(VENT if word == "vent" else HOLD)
            else:
                actions += self._numbers((word,), 1, 1, MAX_SHARE, " %, vent, hold")
        time_ms = 0
        if "0" <= words[-1][0] <= "9":
            time_ms = self._numbers(words[-1:], 1, 100, LONGEST_STEP_MS, " ms")[0]
            if time_ms % 100:
                self._refuse("%d ms; allowed: whole tenths of a second", time_ms)
            words.pop()
        end = ENDS.get(" ".join(words[zones:]))
        if end is None or (end == REACHED) != (time_ms == 0):
            self._refuse("%r; allowed: reached, time MS, both MS, ramp MS, ramp reached MS", " ".join(words[zones:]))
        self.program.add(actions, end, time_ms)

    def _repeat(self, words):
        if len(words) != 2:
            self._refuse("%d numbers; allowed: STEPS TIMES", len(words))
        back = self._numbers(words[:1], 1, 1, MAX_ROWS, " steps")[0]
        self.program.repeat(back, self._numbers(words[1:], 1, 2, MOST_REPEATS, " times")[0])
