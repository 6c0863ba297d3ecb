"""The pins of the last accepted board, in a file so plain that main.py can apply it before anything else can fail.

One line of whole numbers: LED pin, 1 for a colour LED or 0, then every actuator pin; then their sum.
"""

import os

PATH = "pins.txt"


def store(board):
    """Writes the file when the accepted board's pins differ from what is there."""
    numbers = board.safe_pins()
    line = " ".join([str(number) for number in numbers + [sum(numbers)]])
    try:
        with open(PATH) as file:
            if file.read(len(line) + 1) == line:
                return
    except (OSError, ValueError):  # no file, or one that is no text
        pass
    try:
        with open(PATH + ".new", "w") as file:
            file.write(line)
        os.rename(PATH + ".new", PATH)
    except OSError as error:  # a full flash: the board itself is good
        print("peristal: %s is not stored: %s" % (PATH, error))
