"""What outlives a reset, in a few bytes with a checksum: what the loop was doing, how often it ended badly, and the journal's ring.

The chip cannot tell a panic from a wanted reset, nor a supply dip from power-on; the marker can: it says whether the firmware had
ended in order. Times are counted by the loop itself, because no clock is known to be right.
"""

from peristal.core.journal import BYTES

ORDERLY, RESTING, SESSION = range(3)
INTENTS = ("from nobody knows where", "at rest", "in a session")
POWER_ON, RESET, WATCHDOG = 1, 2, 3  # of MicroPython's machine.reset_cause(); 4 is deep sleep, 5 a soft reset

STORM_S = 600  # three abnormal resets within so long lock the device
LONG_AGO_S = 65535
VERSION = 0xB1
# Places: version, intent, seconds since the last and the last but one abnormal reset (two bytes each), locked, journal, checksum.
_INTENT, _AGE, _BEFORE, _LOCKED, JOURNAL, _CHECK, HEAD = 1, 2, 4, 6, 7, 10, 12


class Marker:
    """begin() at start-up, intend() and tick() in the loop. keep(memory) has to put the bytes where a reset leaves them."""

    def __init__(self, found, keep):
        self.memory = bytearray(HEAD + BYTES)
        self.abnormal = False  # this start-up follows a reset that nobody wanted
        self.resets = 0  # of that kind within the last ten minutes, this one included
        self.gave_up = False  # locked before, and it goes on
        self.intent = ORDERLY  # what was going on before this start-up
        self.valid = len(found) == len(self.memory)
        if self.valid:
            self.memory[:] = found
            self.valid = self.memory[0] == VERSION and self._checksum() == self._get(_CHECK)
        if self.valid:
            self.intent = self.memory[_INTENT]
        else:
            for place in range(len(self.memory)):
                self.memory[place] = 0
            self.memory[0] = VERSION
            self._set(_AGE, LONG_AGO_S)
            self._set(_BEFORE, LONG_AGO_S)
        self._keep = keep
        self._ms = 0

    def begin(self, cause):
        """Judges the reset before this start-up. Without a marker only its cause speaks, and a doubt counts as abnormal."""
        self.abnormal = self.intent != ORDERLY if self.valid else cause == RESET or cause == WATCHDOG
        if self.abnormal:
            before_s, last_s = self._get(_BEFORE), self._get(_AGE)
            self.resets = 1 + (last_s < STORM_S) + (before_s < STORM_S)
            if self.resets == 3:
                self.gave_up = self.locked
                self.memory[_LOCKED] = 1
            self._set(_BEFORE, last_s)
            self._set(_AGE, 0)
        self.memory[_INTENT] = ORDERLY if self.gave_up else RESTING
        self.seal()  # at once: a start that ends before the loop begins counts too

    @property
    def locked(self):
        """Whether three abnormal resets came within ten minutes and no person has cleared it since."""
        return self.memory[_LOCKED] != 0

    def unlock(self):
        """A person at the device has cleared it."""
        self.memory[_LOCKED] = 0
        self._set(_AGE, LONG_AGO_S)
        self._set(_BEFORE, LONG_AGO_S)
        self.seal()

    def intend(self, intent):
        """What the loop is doing from now on; ORDERLY: whatever comes is wanted."""
        if self.memory[_INTENT] != intent:
            self.memory[_INTENT] = intent
            self.seal()

    def tick(self, elapsed_ms):
        """The abnormal resets grow older."""
        self._ms += elapsed_ms
        if self._ms >= 1000:
            self._ms -= 1000
            if self._get(_AGE) < STORM_S:  # the one before is longer ago
                self._set(_AGE, self._get(_AGE) + 1)
                self._set(_BEFORE, min(self._get(_BEFORE) + 1, LONG_AGO_S))
                self.seal()

    def seal(self):
        """After every change: the checksum, and the bytes to where they outlive a reset."""
        self._set(_CHECK, self._checksum())
        self._keep(self.memory)

    def _get(self, place):
        return self.memory[place] | self.memory[place + 1] << 8

    def _set(self, place, value):
        self.memory[place] = value & 255
        self.memory[place + 1] = value >> 8

    def _checksum(self):
        """CRC-16/CCITT of the head. binascii's CRC-32 is a big int: it would allocate in the middle of a session."""
        crc = 0xFFFF
        for place in range(_CHECK):
            crc ^= self.memory[place] << 8
            for _ in range(8):
                crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1
        return crc
