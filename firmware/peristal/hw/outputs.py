"""The outputs: pump, valves and the 12 V enable. Low is safe for every one of them.

A PWM survives a reset, so every pin is first driven low as a plain output; only then its PWM starts, at duty 0.
"""

from machine import PWM, Pin

from peristal.core.units import NONE

# Just below full: the LEDC driver makes 100 % by inverting the pad over duty 0, and a later duty in between may inherit that.
MOST_U16 = 65503


class Outputs:
    """write() what the guard allowed; all_off() at any time, from the deadman too, and then for good until unlock()."""

    def __init__(self, net):
        board = net.board
        self.locked = False
        self._count = net.n_valves
        self._plain = [Pin(pin, Pin.OUT, value=0) for pin in board.actuator_pins()]
        self._enable = self._plain[-1] if board.supply.enable_pin is not None else None
        self._phase = 0
        self._valve = []
        self._valve_pwm = bytearray(net.n_valves)
        self._last = bytearray([NONE] * (2 * (net.n_valves + 1)))
        pump = board.pump
        self._pump_pwm = pump.drive == "pwm"
        self._pump = PWM(self._plain[0], freq=pump.pwm_hz, duty_u16=0) if self._pump_pwm else self._plain[0]
        for index, valve in enumerate(net.valves):
            pin = self._plain[1 + index]
            self._valve_pwm[index] = 1 if valve.drive == "pwm" else 0
            self._valve.append(PWM(pin, freq=valve.pwm_hz, duty_u16=0) if valve.drive == "pwm" else pin)

    def write(self, drive, keep_enable):
        """Writes what changed; toggles the enable, which holds the 12 V only as long as this goes on."""
        if self.locked:
            return
        duty_permille = drive.duty_permille
        for valve in range(self._count):
            self._set(valve, self._valve[valve], self._valve_pwm[valve], duty_permille[valve])
        self._set(self._count, self._pump, self._pump_pwm, drive.pump_permille)
        if keep_enable and self._enable is not None:
            self._phase ^= 1
            self._enable.value(self._phase)

    def _set(self, slot, output, is_pwm, permille):
        last = self._last
        low = permille & 255
        high = permille >> 8
        if last[2 * slot] == low and last[2 * slot + 1] == high:
            return
        if self.locked:  # the deadman may strike between two outputs
            return
        last[2 * slot] = low
        last[2 * slot + 1] = high
        if is_pwm:
            output.duty_u16(permille * MOST_U16 // 1000)
        else:
            output.value(1 if permille else 0)

    def all_off(self):
        """Pump off, every coil off, the enable left to decay. Locks the outputs."""
        self.locked = True
        if self._pump_pwm:
            self._pump.duty_u16(0)
        else:
            self._pump.value(0)
        for valve in range(self._count):
            if self._valve_pwm[valve]:
                self._valve[valve].duty_u16(0)
            else:
                self._valve[valve].value(0)
        if self._enable is not None:
            self._enable.value(0)

    def unlock(self):
        """Lets the loop write again; what was written before is forgotten."""
        for index in range(len(self._last)):
            self._last[index] = NONE
        self.locked = False
