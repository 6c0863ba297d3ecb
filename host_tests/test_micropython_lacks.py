"""No device file uses what MicroPython on the ESP32 does not have, or has otherwise than CPython."""

import ast

import pytest

from tools.mpy import ROOT, device_files

MODULES = {
    "enum",
    "dataclasses",
    "typing",
    "abc",
    "functools",
    "contextlib",
    "itertools",
    "bisect",
    "logging",
    "asyncio",
    "threading",
    "_thread",
    "datetime",
    "pathlib",
    "decimal",
    "fractions",
    "statistics",
    "queue",
    "copy",
    "string",
    "textwrap",
    "unittest",
    "warnings",
    "weakref",
}
METHODS = {
    "zfill",
    "ljust",
    "rjust",
    "bit_length",
    "to_dict",
    "removeprefix",
    "removesuffix",
    "casefold",
    "title",
    "expandtabs",
    "swapcase",
    "translate",
    "maketrans",
    "isalnum",
    "isidentifier",
    "fromhex",
    "as_integer_ratio",
    "most_common",
    "total_seconds",
}
NODES = (ast.Match, ast.TryStar, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)


def lacking(source: str) -> list[str]:
    """What of a source a board could not run, or would run otherwise."""
    found = []
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, NODES):
            found.append(f"line {line}: {type(node).__name__}")
        elif isinstance(node, ast.Import):
            found += [f"line {line}: import {name.name}" for name in node.names if name.name.split(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            found.append(f"line {line}: from {node.module} import")
        elif isinstance(node, ast.Attribute) and node.attr in METHODS:
            found.append(f"line {line}: .{node.attr}")
        elif isinstance(node, ast.arguments) and node.posonlyargs:
            found.append(f"line {node.posonlyargs[0].lineno}: positional-only parameters")
        elif (
            isinstance(node, ast.FormattedValue)
            and node.format_spec is not None
            and any(isinstance(part, ast.FormattedValue) for part in getattr(node.format_spec, "values", ()))
        ):
            found.append(f"line {line}: a format inside a format")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("native", "viper"):
            found.append(f"line {line}: @{node.func.attr}")
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Attribute) and decorator.attr in ("native", "viper"):
                    found.append(f"line {line}: @{decorator.attr}")
        elif isinstance(node, ast.Compare) and _ticks_compared(node):
            found.append(f"line {line}: ticks compared with {type(node.ops[0]).__name__}; ticks_diff() is right across the wrap")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)) and (_is_ticks(node.left) or _is_ticks(node.right)):
            found.append(f"line {line}: ticks added or subtracted; ticks_add() and ticks_diff() are right across the wrap")
    return found


def _is_ticks(node: ast.AST) -> bool:
    name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
    return name in ("ticks_ms", "ticks_us")


def _ticks_compared(node: ast.Compare) -> bool:
    return any(_is_ticks(side) for side in (node.left, *node.comparators))


@pytest.mark.parametrize("path", device_files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_device_file_uses_only_what_a_board_has(path):
    assert lacking(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "import dataclasses",
        "from typing import Any",
        "import itertools as i",
        "from functools import cache",
        "'7'.zfill(2)",
        "x.bit_length()",
        "match x:\n    case 1:\n        pass",
        "def f(a, /):\n    pass",
        "async def f():\n    pass",
        "try:\n    pass\nexcept* OSError:\n    pass",
        "import micropython\n@micropython.native\ndef f():\n    pass",
        "f'{x:{y}}'",
        "from time import ticks_ms\nticks_ms() > x",
        "import time\ntime.ticks_ms() - x",
        "ticks_us() + 5",
    ],
)
def test_what_a_board_lacks_is_seen(source):
    assert lacking(source)


def test_what_a_board_has_is_let_through():
    assert lacking("from time import ticks_diff, ticks_ms\nimport json\nticks_diff(ticks_ms(), x) > 5\nf'{x:02d}'\n'a'.strip()") == []
