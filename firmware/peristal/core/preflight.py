"""Before air moves: is everything vented, are the sensors healthy, and what do they read at 0 mmHg?

A zero is taken only after a verified vent: everything has been open for a while (for the whole modelled vent time when a
reading is above 2 mmHg, longer after an abnormal restart) and the readings have come to rest. It is held against the
commissioning zero, never against the last one, so that slow drift cannot hide.
"""

from array import array

from peristal.core import faults, limits
from peristal.core.units import NONE, pa, zeros

WINDOW_MS = 600
REST_PA = pa(1)  # a reading that moves more than this within the window is not at rest
SUSPECT_PA = pa(2)  # a reading above this may be air that is still leaving, not the sensor's offset
GIVE_UP_MS = 30000
NOT_COMMISSIONED = -1


class Preflight:
    """READY, BUSY or the number of a fault, tick by tick; zeros are in sensing afterwards."""

    BUSY = 254
    READY = 255

    def __init__(self, sensing, guard):
        self.sensing = sensing
        self.guard = guard
        # Longer after an abnormal restart: what was in the sleeves then is not known.
        self.vent_ms = 2000
        self.commissioned16 = array("i", [NOT_COMMISSIONED] * sensing.count)
        self._sum16 = zeros(sensing.count)
        self._first16 = zeros(sensing.count)
        self.fresh = False  # a commissioning zero was taken that is not stored yet
        self._samples = 0
        self._window_ms = 0
        self._all_ms = 0
        self._anew = False

    def begin(self, anew=False):
        """Starts over; anew: what is found becomes the commissioning zero."""
        self._anew = anew
        self._samples = 0
        self._window_ms = 0
        self._all_ms = 0

    def tick(self, elapsed_ms):
        """One step; returns BUSY, READY or a fault."""
        sensing = self.sensing
        self._all_ms += elapsed_ms
        bad = sensing.first_fault()
        if bad != NONE:
            return sensing.fault[bad]
        if self._all_ms > GIVE_UP_MS:
            return faults.WILL_NOT_VENT if self.guard.pressurised else faults.SENSOR_NOISY
        needed_ms = self.vent_ms
        if self.guard.levels.highest_pa > SUSPECT_PA:
            needed_ms = max(needed_ms, self.guard.vent_ms)
        if self.guard.vented_ms < needed_ms:
            return self.BUSY
        for sensor in range(sensing.count):
            mv16 = sensing.mv16[sensor]
            if self._samples == 0:
                self._first16[sensor] = mv16
                self._sum16[sensor] = 0
            elif sensing.drift_pa(sensor, mv16, self._first16[sensor]) > REST_PA:
                self._samples = 0
                self._window_ms = 0
                return self.BUSY
            self._sum16[sensor] += mv16
        self._samples += 1
        self._window_ms += elapsed_ms
        if self._window_ms < WINDOW_MS:
            return self.BUSY
        return self._take_zeros()

    def _take_zeros(self):
        sensing = self.sensing
        for sensor in range(sensing.count):
            zero16 = self._sum16[sensor] // self._samples
            known = self.commissioned16[sensor]
            if not sensing.in_datasheet(sensor, zero16):
                return faults.SENSOR_DRIFT
            if known != NOT_COMMISSIONED and not self._anew and sensing.drift_pa(sensor, zero16, known) > pa(limits.highest("drift_mmhg")):
                return faults.SENSOR_DRIFT
        for sensor in range(sensing.count):
            zero16 = self._sum16[sensor] // self._samples
            sensing.set_zero(sensor, zero16)
            if self._anew or self.commissioned16[sensor] == NOT_COMMISSIONED:
                self.commissioned16[sensor] = zero16
                self.fresh = True
        self.vent_ms = 2000
        return self.READY
