"""The front panel: buttons, LED and buzzer."""

from machine import PWM, Pin

from peristal.core import states
from peristal.core.board import BUZZER_HZ
from peristal.core.gestures import MINUS_KEY, NOTHING, PLUS_KEY, PROGRAM_KEY, Button, Key

TONE_DUTY_U16 = 32768


class Panel:
    """listen() returns the action of a gesture; show() sets LED and buzzer for a state."""

    def __init__(self, net):
        panel = net.board.panel
        self.button = Button()
        self._button_pin = Pin(panel.button_pin, Pin.IN, Pin.PULL_UP)
        self._keys = []
        self._key_pins = []
        for pin, gesture in ((panel.plus_pin, PLUS_KEY), (panel.minus_pin, MINUS_KEY), (panel.program_pin, PROGRAM_KEY)):
            if pin is not None:
                self._keys.append(Key(gesture))
                self._key_pins.append(Pin(pin, Pin.IN, Pin.PULL_UP))
        self._led = Pin(panel.led_pin, Pin.OUT, value=0)
        self._pixel = None
        if panel.led == "neopixel":
            from neopixel import NeoPixel

            self._pixel = NeoPixel(self._led, 1)
            self._colours = [signal[1:4] for signal in states.SIGNALS]
            self._dark = (0, 0, 0)
        self._buzzer = None
        if panel.buzzer_pin is not None:
            self._buzzer = PWM(Pin(panel.buzzer_pin, Pin.OUT, value=0), freq=BUZZER_HZ, duty_u16=0)
        self._lit = -1
        self._loud = 0

    def listen(self, elapsed_ms, state, pressurised):
        """Reads the buttons; returns one action (the main button's comes first)."""
        action = self.button.tick(self._button_pin.value() == 0, elapsed_ms, state, pressurised)
        for index in range(len(self._keys)):
            other = self._keys[index].tick(self._key_pins[index].value() == 0, state)
            if action == NOTHING:
                action = other
        return action

    def show(self, state, state_ms):
        """LED and buzzer for a state and the time since it was entered; writes only what changed."""
        lit = state + 1 if states.led_on(state, state_ms) else 0
        if lit != self._lit:
            self._lit = lit
            if self._pixel is None:
                self._led.value(1 if lit else 0)
            else:
                self._pixel[0] = self._colours[state] if lit else self._dark
                self._pixel.write()
        if self._buzzer is not None:
            loud = states.buzzer_on(state, state_ms)
            if loud != self._loud:
                self._loud = loud
                self._buzzer.duty_u16(TONE_DUTY_U16 if loud else 0)
