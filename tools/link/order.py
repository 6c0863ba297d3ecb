"""The names of a file in the order of their use: of the table of names that a .mpy begins with, the first 128 are told in one byte.

MicroPython's compiler numbers names as it meets them. What stands behind `break` is met, and no code is made of it.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from tools.link.scopes import SCOPES, bound

ONE_BYTE = 128
_LONGEST = 10  # letters of a text that MicroPython keeps as a name


def first_names(tree: ast.Module) -> str:
    """Lines for the top of the file; none when all its names are among the first anyway."""
    uses = Counter(name for statement in tree.body for name in _told(statement, frozenset()) if name.isidentifier())
    if len(uses) < ONE_BYTE:
        return ""
    names = sorted(uses, key=lambda name: (-uses[name], name))[:ONE_BYTE]
    return f"while 1:\n    break\n    {'.'.join(['(0)', *names])}\n"


def _told(node: ast.AST, local: frozenset[str]) -> Iterator[str]:
    """Every name that the bytecode of a function says, as often as it does."""
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Name) and node.id not in local:
        yield node.id
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) <= _LONGEST:
        yield node.value
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        yield from ([node.name] if isinstance(node, ast.FunctionDef) else [])
        yield from (one.arg for one in node.args.args)
    if isinstance(node, SCOPES) and not isinstance(node, ast.ClassDef):
        local |= bound(node)
    for child in ast.iter_child_nodes(node):
        yield from _told(child, local)
