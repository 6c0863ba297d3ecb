"""What can go wrong, each with the exit code that a script sees."""

from __future__ import annotations

DONE, FAILED, USAGE, REFUSED, NOT_FOUND, LOST, NO_ADAPTER, FAULT, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 7, 130
CODES = {
    DONE: "done",
    FAILED: "something else went wrong; the text says what",
    USAGE: "a bad value; the text names the allowed range",
    REFUSED: "the device refused: not paired, or not in this state",
    NOT_FOUND: "no device, or no such file or program",
    LOST: "the link was lost, or the device does not answer",
    NO_ADAPTER: "this computer has no Bluetooth that can be used",
    FAULT: "the session that was watched ended in a fault",
    INTERRUPTED: "Ctrl-C; a session on a device goes on",
}


class Trouble(Exception):
    """Ends the command: `code` is its exit code, `text` one line that says what is wrong and, where something helps, what."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
