"""`sys` of one start-up, and tracebacks as MicroPython prints them."""

from types import ModuleType, SimpleNamespace
from typing import Any

from tools.simulator.fake_stdin import Stdin

VERSION = (1, 28, 0, "")


def traceback_lines(error: BaseException, names: dict[str, str]) -> list[str]:
    """The lines MicroPython prints. `names` maps the host's file names to the device's; frames of the simulator are left out."""
    lines = ["Traceback (most recent call last):"]
    frame = error.__traceback__
    while frame is not None:
        code = frame.tb_frame.f_code
        if code.co_filename in names:
            lines.append(f'  File "{names[code.co_filename]}", line {frame.tb_lineno}, in {code.co_name}')
        frame = frame.tb_next
    if isinstance(error, SyntaxError) and error.filename in names:
        lines.append(f'  File "{names[error.filename]}", line {error.lineno}')
        return [*lines, f"{type(error).__name__}: {error.msg}"]
    text = str(error)
    return [*lines, f"{type(error).__name__}: {text}"]


class Stream:
    """sys.stdout: writes to the chip's console."""

    __slots__ = ("_chip",)

    def __init__(self, chip: Any) -> None:
        self._chip = chip

    def write(self, text: str) -> int:
        """Text or bytes."""
        self._chip.check_alive()
        shown = text if isinstance(text, str) else bytes(text).decode()
        self._chip.write_console(shown)
        self._chip.serial.print_time(shown)
        return len(text)


def build(chip: Any, modules: dict[str, ModuleType], names: dict[str, str]) -> ModuleType:
    """A fresh `sys` module; `modules` are those of this start-up."""
    sys: Any = ModuleType("sys")
    sys.implementation = SimpleNamespace(name="micropython", version=VERSION, _machine=f"Simulated with {chip.kind}", _mpy=0x2806)
    sys.version = "3.4.0; MicroPython v1.28.0 (simulated)"
    sys.version_info = (3, 4, 0)
    sys.platform = "esp32"
    sys.byteorder = "little"
    sys.maxsize = 2**31 - 1
    sys.path = ["", ".frozen", "/lib"]
    sys.modules = modules
    sys.argv = []
    sys.stdin = Stdin(chip)
    sys.stdout = sys.stderr = Stream(chip)

    def print_exception(error: BaseException, file: Any = None) -> None:
        text = "\n".join(traceback_lines(error, names)) + "\n"
        (file or sys.stdout).write(text)

    def exit(*code: Any) -> None:
        raise SystemExit(*code)

    sys.print_exception, sys.exit = print_exception, exit
    return sys
