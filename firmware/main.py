"""Start-up: safe outputs before anything that can fail, then the loop; whatever ends it, the sleeves deflate.

With every coil off every zone is open to the air, and low is off: so "safe" is a low level on every actuator pin.
"""

import sys
from io import StringIO
from time import sleep_ms

import micropython
from machine import Pin

VENT_MS = 18000  # 15 s is the most that the board check accepts, and true parts may need a fifth more
LONGEST_PINS = 300  # characters of pins.txt: a damaged one may be longer than the heap


def last_good_pins():
    """LED pin, 1 for a colour LED, and actuator pins of the last accepted board, or an empty list: see peristal/store/last_good.py."""
    try:
        with open("pins.txt") as file:
            numbers = [int(word) for word in file.read(LONGEST_PINS).split()]
    except (OSError, ValueError):
        return []
    if len(numbers) < 4 or sum(numbers[:-1]) != numbers[-1]:
        return []
    return numbers[:-1]


def all_low(pins):
    """Every actuator off. A damaged file that still adds up may name a pin that does not exist: the others still go low."""
    for pin in pins[2:]:
        try:
            Pin(pin, Pin.OUT, value=0)
        except Exception:
            pass


def place_of(error):
    """Where a mistake is: the last line of the traceback that names board.py, or else the last one."""
    text = StringIO()
    sys.print_exception(error, text)  # pyright: ignore[reportArgumentType]
    said = text.getvalue()  # pyright: ignore[reportAttributeAccessIssue]
    lines = [line.strip() for line in said.split("\n") if line.strip().startswith("File ")]
    for line in reversed(lines):
        if "board.py" in line:
            return line
    return lines[-1] if lines else "no place known"


def error_led(pins):
    """Light for a builder: the board file does not work. A colour LED keeps its last colour until it is told another."""
    if not pins:
        return
    if pins[1]:
        from neopixel import NeoPixel

        pixel = NeoPixel(Pin(pins[0], Pin.OUT, value=0), 1)
        pixel[0] = (48, 0, 0)
        pixel.write()
    else:
        Pin(pins[0], Pin.OUT, value=1)


PINS = last_good_pins()
all_low(PINS)
micropython.kbd_intr(-1)  # Ctrl-C is a wish like any other: the loop lets the air out before it opens the REPL


def main():
    """Loads the board and runs; on the way out everything goes low first, and only then something is said.

    The REPL opens when the application says that everything is vented, else after everything has been off for 18 s
    (or the watchdog comes first).
    """
    pins = PINS
    app = None
    wanted = vented = False
    try:
        try:
            micropython.kbd_intr(3)  # what a person edits may hang
            from board import BOARD
        finally:
            micropython.kbd_intr(-1)
        pins = BOARD.safe_pins()
        from peristal.app import App

        app = App(BOARD)
        BOARD = None
        del sys.modules["board"]  # the application has taken its figures; the heap has other uses
        app.run()
    except KeyboardInterrupt:
        all_low(pins)
        wanted = True
        vented = app is not None  # only a loop that has nothing under pressure lets one through
    except Exception as error:
        all_low(pins)
        error_led(pins)
        print("peristal: %s: %s (%s)" % (type(error).__name__, error, place_of(error)))
    finally:
        all_low(pins)
    if app is None or vented:
        leave()
    if not vented:
        sleep_ms(VENT_MS)
    if wanted:
        print("peristal: maintenance: everything is off and open; the REPL is yours, Ctrl-D starts again")
    micropython.kbd_intr(3)


def leave():
    """What comes from here on is wanted: the watchdog waits, and a reset is no accident."""
    try:
        from peristal.hw import rtc, watchdog

        rtc.leave()
        watchdog.stretch()
    except Exception as error:
        print("peristal:", error)


main()
