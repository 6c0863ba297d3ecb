"""The builtins the device has, and the modules taken over from CPython because they behave alike for what the firmware does with them."""

import array
import binascii
import builtins
import collections
import errno
import io
import json
import math
import random
from collections.abc import Callable
from types import ModuleType
from typing import Any

# ports/esp32 at MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES: no vars, format, ascii, breakpoint, aiter, and few exceptions (no
# FileNotFoundError: OSError with a number).
NAMES = """
ArithmeticError AssertionError AttributeError BaseException EOFError Ellipsis Exception GeneratorExit ImportError IndentationError
IndexError KeyError KeyboardInterrupt LookupError MemoryError NameError NotImplemented NotImplementedError OSError OverflowError
RuntimeError StopAsyncIteration StopIteration SyntaxError SystemExit TypeError UnicodeError ValueError ZeroDivisionError __build_class__
abs all any bin bool bytearray bytes callable chr classmethod compile complex delattr dict dir divmod enumerate eval exec filter float
frozenset getattr globals hasattr hash hex id int issubclass iter len list locals map max memoryview min next object oct ord pow property
range repr reversed round set setattr slice sorted staticmethod str sum super tuple type zip
"""

_BORROWED: dict[str, tuple[Any, str]] = {
    "array": (array, "array"),
    "binascii": (binascii, "a2b_base64 b2a_base64 crc32 hexlify unhexlify"),
    "collections": (collections, "OrderedDict deque namedtuple"),
    "errno": (errno, "EACCES EAGAIN EALREADY EBADF EEXIST EINPROGRESS EINVAL EIO EISDIR ENODEV ENOENT ENOMEM ENOTCONN EPERM"),
    "io": (io, "BytesIO StringIO"),
    "json": (json, "dump dumps load loads"),
    "math": (
        math,
        "acos asin atan atan2 ceil cos degrees e exp fabs floor fmod isfinite isinf isnan log pi pow radians sin sqrt tan trunc",
    ),
}


def borrowed() -> dict[str, ModuleType]:
    """Fresh modules with only the names the device has, and a seeded `random`."""
    modules = {}
    for name, (source, names) in _BORROWED.items():
        module = modules[name] = ModuleType(name)
        for attribute in names.split():
            setattr(module, attribute, getattr(source, attribute))
    draw = random.Random(0)
    modules["random"] = ModuleType("random")
    for attribute in ("choice", "getrandbits", "randint", "random", "randrange", "seed", "uniform"):
        setattr(modules["random"], attribute, getattr(draw, attribute))
    return modules


def _isinstance(thing: Any, kinds: Any) -> bool:
    """On the device a bool is no int."""
    if thing is True or thing is False:
        if isinstance(kinds, tuple):
            return any(_isinstance(thing, kind) for kind in kinds)
        return kinds in (bool, object)
    return isinstance(thing, kinds)


def build_builtins(chip: Any, import_: Callable[..., ModuleType], open_: Callable[..., Any]) -> dict[str, Any]:
    """The `__builtins__` of one start-up."""
    scope: dict[str, Any] = {name: getattr(builtins, name) for name in NAMES.split()}

    def print(*things: Any, sep: str = " ", end: str = "\n", file: Any = None) -> None:
        chip.check_alive()
        text = sep.join(str(thing) for thing in things) + end
        if file is None:
            chip.write_console(text)
            chip.serial.print_time(text)
        else:
            file.write(text)

    scope.update(__import__=import_, __name__="builtins", isinstance=_isinstance, open=open_, print=print, input=lambda *_: "")
    return scope
