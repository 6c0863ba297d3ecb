"""The outputs: pump, valves and the 12 V enable. Low is safe for every one of them.

A PWM survives a reset, so every pin is first driven low as a plain output; only then its PWM starts, at duty 0.
"""

from array import array

from machine import PWM, Pin

# Just below full: the LEDC driver makes 100 % by inverting the pad over duty 0, and a later duty in between may inherit that.
MOST_U16 = 65503


class Outputs:
    """write() what the guard allowed; all_off() at any time, from the deadman too, and then for good until unlock()."""

    def __init__(self, net):
        board = net.board
        self.locked = False
        self._pins = [Pin(pin, Pin.OUT, value=0) for pin in board.actuator_pins()]
        self._enable = self._pins[-1] if board.supply.enable_pin is not None else None
        self._phase = 0
        # Slot 0 is the pump, the valves follow in their order, as in actuator_pins().
        parts = [board.pump] + net.valves
        self._count = len(parts)
        self._pwm = [
            PWM(self._pins[slot], freq=part.pwm_hz, duty_u16=0) if part.drive == "pwm" else None for slot, part in enumerate(parts)
        ]
        self._last_permille = array("i", [0] * self._count)

    def write(self, drive, keep_enable):
        """Writes what changed; toggles the enable, which holds the 12 V only as long as this goes on."""
        duty_permille = drive.duty_permille
        last_permille = self._last_permille
        for slot in range(1, self._count):
            permille = duty_permille[slot - 1]
            if permille != last_permille[slot]:
                self._set(slot, permille)
        self._set(0, drive.pump_permille)
        if keep_enable and self._enable is not None and not self.locked:
            self._phase ^= 1
            self._enable.value(self._phase)

    def _set(self, slot, permille):
        if self._last_permille[slot] == permille or self.locked:  # the deadman may strike between two outputs
            return
        self._last_permille[slot] = permille
        pwm = self._pwm[slot]
        if pwm is not None:
            pwm.duty_u16(permille * MOST_U16 // 1000)
        else:
            self._pins[slot].value(1 if permille else 0)
        if self.locked:  # it struck just now, before this output was written
            self._off(slot)

    def _off(self, slot):
        pwm = self._pwm[slot]
        if pwm is not None:
            pwm.duty_u16(0)
        else:
            self._pins[slot].value(0)

    def all_off(self):
        """Pump off, every coil off, the enable left to decay. Locks the outputs."""
        self.locked = True
        for slot in range(self._count):
            self._off(slot)
        if self._enable is not None:
            self._enable.value(0)

    def unlock(self):
        """Lets the loop write again, every output anew: what a write that was interrupted left behind is not trusted."""
        for slot in range(self._count):
            self._last_permille[slot] = -1
        self.locked = False
