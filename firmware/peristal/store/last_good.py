"""The pins of the last accepted board, in a file so plain that main.py can apply it before anything else can fail.

One line of whole numbers: LED pin, then every actuator pin; then their sum.
"""

PATH = "pins.txt"


def store(board):
    """Writes the file when the accepted board's pins differ from what is there."""
    import os

    numbers = [board.panel.led_pin] + board.actuator_pins()
    line = " ".join([str(number) for number in numbers + [sum(numbers)]])
    try:
        with open(PATH) as file:
            if file.read() == line:
                return
    except OSError:
        pass
    with open(PATH + ".new", "w") as file:
        file.write(line)
    os.rename(PATH + ".new", PATH)
