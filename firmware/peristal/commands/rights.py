"""What the rows of every theme share: who may, in which states, and how a number is read.

A row is (command, arguments ([] may be left out), one line of help, allowed in which states, who may, what it does).
What it does takes the application and the words of the arguments, and returns the answer: one line, or the lines of a list.
A generator is a list too, made while it leaves: so it may only tell, never change anything. None is "no line in this tick".
"""

from peristal.core.states import BREATHING, BRINGUP, DONE, FAULT, FINISHING, IDLE, PAUSED, PREFLIGHT, RUNNING

# Who may: whoever is connected; an authorised link; USB, or a service mode that the button opened.
ANYONE, OWNER, LOCAL = range(3)
WHO = ("", "only for a paired device", "only over USB, or in a service mode that the button opens")

ALWAYS = (IDLE, PREFLIGHT, RUNNING, PAUSED, FINISHING, DONE, FAULT, BREATHING, BRINGUP)
AT_REST = (IDLE, DONE)
ADJUSTING = (IDLE, DONE, PREFLIGHT, RUNNING, PAUSED)
WORN = (PREFLIGHT, RUNNING, PAUSED, FINISHING, BREATHING)
ANYTIME = (IDLE, DONE) + WORN
FELT = WORN + (DONE,)  # also when the air is just out

SWITCH = ("off", "on")


def whole_number(word):
    """A whole number, or the word as it is: the limits refuse what is no number."""
    digits = word[1:] if word[:1] == "-" else word
    return int(word) if digits.isdigit() else word
