"""MicroPython's `struct`.

Values too large are cut, missing ones are zero, surplus ones ignored, and there is no struct.error and no Struct.
"""

import struct as host_struct
from types import ModuleType
from typing import Any

_INTEGER_BITS = {"b": 8, "B": 8, "h": 16, "H": 16, "i": 32, "I": 32, "l": 32, "L": 32, "q": 64, "Q": 64, "P": 32}
_OTHERS = "fdsx?"


def _sized(fmt: str) -> str:
    """The format for a 32-bit machine: `l` and `P` are four bytes there, also without an order mark."""
    if isinstance(fmt, bytes):
        fmt = fmt.decode()
    return fmt.replace("l", "i").replace("L", "I").replace("P", "I") if fmt[:1] not in "<>!=" else fmt.replace("P", "I")


def _fields(fmt: str) -> list[str]:
    codes, count = [], ""
    for char in fmt.lstrip("<>!=@"):
        if char.isdigit():
            count += char
            continue
        if char == " ":
            continue
        if char not in _INTEGER_BITS and char not in _OTHERS:
            raise ValueError("bad typecode")
        codes += ["s"] if char == "s" else [] if char == "x" else [char] * int(count or 1)
        count = ""
    return codes


def _fitting(fmt: str, values: tuple[Any, ...]) -> list[Any]:
    """The values as the device takes them."""
    fitted: list[Any] = []
    for i, code in enumerate(_fields(fmt)):
        value = values[i] if i < len(values) else (b"" if code == "s" else 0)
        bits = _INTEGER_BITS.get(code)
        if bits:
            if not isinstance(value, int):
                raise TypeError(f"can't convert {type(value).__name__} to int")
            value &= (1 << bits) - 1
            if code.islower() and value >> (bits - 1):
                value -= 1 << bits
        fitted.append(value)
    return fitted


def build() -> ModuleType:
    """A fresh `struct` module."""
    struct: Any = ModuleType("struct")

    def calcsize(fmt: str) -> int:
        _fields(fmt)
        return host_struct.calcsize(_sized(fmt))

    def pack(fmt: str, *values: Any) -> bytes:
        try:
            return host_struct.pack(_sized(fmt), *values)
        except host_struct.error:
            return host_struct.pack(_sized(fmt), *_fitting(fmt, values))

    def pack_into(fmt: str, buffer: Any, offset: int, *values: Any) -> None:
        try:
            host_struct.pack_into(_sized(fmt), buffer, offset, *values)
        except host_struct.error:
            start = offset + len(buffer) if offset < 0 else offset
            if start < 0 or start + calcsize(fmt) > len(buffer):
                raise ValueError("buffer too small") from None
            host_struct.pack_into(_sized(fmt), buffer, offset, *_fitting(fmt, values))

    def unpack_from(fmt: str, data: Any, offset: int = 0) -> tuple[Any, ...]:
        _fields(fmt)
        try:
            return host_struct.unpack_from(_sized(fmt), data, offset)
        except host_struct.error:
            raise ValueError("buffer too small") from None

    def unpack(fmt: str, data: Any) -> tuple[Any, ...]:
        return unpack_from(fmt, data)

    for function in (calcsize, pack, pack_into, unpack, unpack_from):
        setattr(struct, function.__name__, function)
    return struct
