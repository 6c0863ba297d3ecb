"""From pin millivolts to pascals: transfer function, zero, electrical verdict and age of every sensor.

Millivolts are kept in sixteenths (mv16), because the mean of many samples is finer than one.
"""

from array import array

from peristal.core import faults
from peristal.core.borrow import borrow
from peristal.core.chips import ADC_HIGH_MV, ADC_LOW_MV
from peristal.core.limits import LIMITS
from peristal.core.units import NONE, mmhg, pa, zeros

READS_PER_TICK = 32
BAD_SAMPLES = 3
STALE_MS = 400
LATE_MS = 40  # of a later tick: that is the loop's fault, and many sensors are read in turn
# Stands for "never read" and stays below every later sum.
NEVER_MS = 1 << 20


def median_mean16(samples, count):
    """Mean of the medians of three, times 16; count is a multiple of 3. A single outlier has no say."""
    total = 0
    for index in range(0, count, 3):
        a = samples[index]
        b = samples[index + 1]
        c = samples[index + 2]
        if a > b:
            a, b = b, a
        if b > c:
            b = c if c > a else a
        total += b
    return total * 48 // count


class Sensing:
    """Pressures of all sensors: pa, age_ms and fault (a number of the fault table, 0 = healthy), by sensor index."""

    def __init__(self, net):
        count = net.n_sensors
        chip = borrow("core.chips").CHIPS[net.board.chip]
        self.count = count
        self.net = net
        self.pa = zeros(count)  # calibrated: what the regulator works with
        self.worst_pa = zeros(count)  # the higher of calibrated and datasheet: what the guard judges
        self.gain_permille = array("i", [1000] * count)
        self.mv16 = zeros(count)
        self.age_ms = array("i", [NEVER_MS] * count)
        self.fault = bytearray(count)
        self._bad = bytearray(count)
        self._slope = zeros(count)
        self.zero16 = zeros(count)
        self.nominal16 = zeros(count)
        self.low_mv16 = zeros(count)
        self.high_mv16 = zeros(count)
        self.plan_sensor = bytearray(count)
        self.plan_reads = bytearray(count)
        self.plan_length = 0
        self._turn = 0
        for index, sensor in enumerate(net.sensors):
            divider = sensor.divider_permille
            # Pa per mv16, times 4096.
            self._slope[index] = sensor.range_pa * 256 // (divider * (sensor.full_mv - sensor.zero_mv) // 1000)
            self.nominal16[index] = sensor.zero_mv * divider * 16 // 1000
            self.zero16[index] = self.nominal16[index]
            # Between what a healthy sensor can show and what the ADC shows when its wire is off or shorted.
            lowest_mv = (sensor.zero_mv - sensor.zero_error_mv) * divider // 1000
            self.low_mv16[index] = (chip[ADC_LOW_MV] + lowest_mv) * 8
            highest_mv = sensor.full_mv * divider // 1000
            rail_mv = min(chip[ADC_HIGH_MV], sensor.rail_mv * divider // 1000)
            self.high_mv16[index] = (highest_mv + rail_mv) * 8 if rail_mv > highest_mv else (rail_mv - 15) * 16
        self.slots = self._slots()

    def _slots(self):
        """How many sensors share a tick's reads: the line and the filling zone always, the others in turn."""
        return min(self.count, 3)

    def make_plan(self, busy_sensor):
        """Which sensors are read how often this tick (at most 32 reads): the line, the busy one, the others in turn."""
        line = self.net.line_sensor
        length = 0
        if line != NONE:
            self.plan_sensor[0] = line
            length = 1
        if busy_sensor != NONE and busy_sensor != line:
            self.plan_sensor[length] = busy_sensor
            length += 1
        while length < self.slots:
            turn = self._turn
            self._turn = turn + 1 if turn + 1 < self.count else 0
            if turn != line and turn != busy_sensor:
                self.plan_sensor[length] = turn
                length += 1
        self.plan_length = length
        reads = min(15, READS_PER_TICK // length // 3 * 3)
        for slot in range(length):
            self.plan_reads[slot] = reads

    def grow_older(self, elapsed_ms):
        """Ages every reading; one that got too old is a fault of its own, but for what late ticks add."""
        age_ms = self.age_ms
        elapsed_ms = min(elapsed_ms, LATE_MS)
        for sensor in range(self.count):
            age = age_ms[sensor] + elapsed_ms
            if age < NEVER_MS + elapsed_ms:
                age_ms[sensor] = age
                if age > STALE_MS and not self.fault[sensor]:
                    self.fault[sensor] = faults.SENSOR_STALE

    def take(self, sensor, mv16):
        """A new filtered reading in sixteenths of a millivolt at the pin."""
        self.mv16[sensor] = mv16
        self.age_ms[sensor] = 0
        if self.low_mv16[sensor] < mv16 < self.high_mv16[sensor]:
            datasheet = ((mv16 - self.zero16[sensor]) * self._slope[sensor]) >> 12
            calibrated = datasheet * self.gain_permille[sensor] // 1000
            self.pa[sensor] = calibrated
            self.worst_pa[sensor] = calibrated if calibrated > datasheet else datasheet
            self._bad[sensor] = 0
            self.fault[sensor] = faults.OK
            return
        # The last good pressure stays until the verdict is sure; a fault then stops everything.
        if self._bad[sensor] < BAD_SAMPLES:
            self._bad[sensor] += 1
        if self._bad[sensor] >= BAD_SAMPLES:
            self.fault[sensor] = faults.SENSOR_LOW if mv16 <= self.low_mv16[sensor] else faults.SENSOR_HIGH

    def set_zero(self, sensor, mv16):
        """Takes mv16 as the reading at 0 mmHg."""
        self.zero16[sensor] = mv16

    def calibrate(self, sensor, true_pa):
        """Second point against a sphygmomanometer (the first is the zero): why it is refused, or None.

        The zone holds true_pa now. The gain may differ from the datasheet's by 4 % at the most.
        """
        if not 0 <= sensor < self.count:
            return "sensor: %d is not allowed; allowed: 1 to %d" % (sensor + 1, self.count)
        low, _, high, _, _ = LIMITS["calibrate_mmhg"]
        if not pa(low) <= true_pa <= pa(high):
            return "calibrate_mmhg: %d is not allowed; allowed: %d to %d mmHg" % (mmhg(true_pa), low, high)
        datasheet = ((self.mv16[sensor] - self.zero16[sensor]) * self._slope[sensor]) >> 12
        gain = true_pa * 1000 // max(1, datasheet)
        low, _, high, _, _ = LIMITS["gain_permille"]
        if self.fault[sensor] or not low <= gain <= high:
            return "gain_permille: %d is not allowed; allowed: %d to %d (the datasheet's is 1000)" % (gain, low, high)
        self.gain_permille[sensor] = gain
        return None

    def recall_gains(self, gains):
        """Stored gains; a list that does not fit, or a gain out of its limits, is not believed."""
        if isinstance(gains, list) and len(gains) == self.count:
            low, _, high, _, _ = LIMITS["gain_permille"]
            for sensor, gain in enumerate(gains):
                if isinstance(gain, int) and low <= gain <= high:
                    self.gain_permille[sensor] = gain

    def drift_pa(self, sensor, mv16, commissioned16):
        """How far a zero lies from the commissioning zero."""
        return abs(mv16 - commissioned16) * self._slope[sensor] >> 12

    def in_datasheet(self, sensor, mv16):
        """Whether a zero lies within the sensor's declared error of its nominal zero."""
        declared = self.net.sensors[sensor]
        return abs(mv16 - self.nominal16[sensor]) <= declared.zero_error_mv * declared.divider_permille * 16 // 1000

    def first_fault(self):
        """Index of the first unhealthy sensor, or NONE."""
        fault = self.fault
        for sensor in range(self.count):
            if fault[sensor]:
                return sensor
        return NONE
