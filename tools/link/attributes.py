"""Shorter names for attributes and methods: every name that is new to the VM costs its letters and seven bytes, once, for good.

Two names may become the same letters where no class has both, so a few letters do for all of them, and the first names of a file, which
are told in one byte instead of two, are those that are used most. What others ask for by name keeps its own: words of the firmware
(getattr, a column of a table), what main.py and board.py say, and whatever something that is not the firmware's could have too.
"""

from __future__ import annotations

import array
import ast
import io
import keyword
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import count, product
from string import ascii_lowercase, ascii_uppercase

from tools.link.scopes import walk

# Of the VM and its modules, where the firmware has a method of the same name. A test holds this against the stubs of the ESP32's modules.
_OUTSIDE = frozenset(
    {"active", "add", "config", "dump", "enable", "feed", "find", "init", "irq", "load", "lower", "memory", "off", "on", "path", "phase"}
    | {"poll", "read", "register", "remove", "rename", "run", "toggle", "value", "values", "write"}
)
_KINDS = (str, bytes, bytearray, memoryview, list, tuple, dict, set, int, range, OSError, array.array, io.StringIO, io.BytesIO, io.FileIO)
FOREIGN = _OUTSIDE.union(*[dir(kind) for kind in _KINDS], dir(iter(())), dir(one for one in ()))


def letters(first: str = ascii_lowercase + ascii_uppercase) -> Iterator[str]:
    """a, b, ... Z, aa, ab, ... without Python's own words."""
    for length in count(1):
        for name in map("".join, product(first, *[ascii_lowercase] * (length - 1))):
            if not keyword.iskeyword(name):
                yield name


def words(trees: Collection[ast.Module]) -> set[str]:
    """Every text of the firmware; with a line before it where it is put together so, to ask for a method."""
    found: set[str] = set()
    for tree in trees:
        nodes = list(walk(tree))
        said = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        lines = [node for node in nodes if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant) and node.left.value == "_"]
        found |= said | ({"_" + word for word in said} if lines else set())
    return found


def rename(trees: Mapping[str, ast.Module], kept: Collection[str]) -> None:
    """Renames in all units of a firmware at once. kept: names that are asked for by somebody else."""
    classes = [node for tree in trees.values() for node in tree.body if isinstance(node, ast.ClassDef)]
    families = _families(classes)
    has: dict[str, set[str]] = defaultdict(set)  # name -> families whose objects have it
    uses: Counter[str] = Counter()
    bound: set[str] = set()  # by the firmware: what nothing binds here is somebody else's
    for one in classes:
        for node, name in _own(one):
            has[name].add(families[one.name])
            if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
                bound.add(name)
    for tree in trees.values():
        for node in walk(tree):
            if isinstance(node, ast.Attribute):
                uses[node.attr] += 1
                if not isinstance(node.ctx, ast.Load) and not _of_self(node):  # nobody knows whose it is
                    bound.add(node.attr)
                    has[node.attr] |= set(families.values())
    stay = words(trees.values()) | set(kept) | FOREIGN
    free = sorted((name for name in bound if name not in stay and not name.startswith("__")), key=lambda name: (-uses[name], name))
    taken: dict[str, set[str]] = defaultdict(set)  # family -> names
    for name in set(has) - set(free):
        for family in has[name]:
            taken[family].add(name)
    other = {name for name in uses if name not in free}
    short: dict[str, str] = {}
    for name in free:
        short[name] = next(one for one in letters() if one not in other and not any(one in taken[family] for family in has[name]))
        for family in has[name]:
            taken[family].add(short[name])
    for tree in trees.values():
        for node in walk(tree):
            if isinstance(node, ast.Attribute):
                node.attr = short.get(node.attr, node.attr)
        for one in tree.body:
            if isinstance(one, ast.ClassDef):
                _body(one, short)


def _of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _own(owner: ast.ClassDef) -> Iterator[tuple[ast.AST, str]]:
    """What the objects of a class have: self.x, its methods, and what its body binds."""
    for node in walk(owner):
        if isinstance(node, ast.Attribute) and _of_self(node):
            yield node, node.attr
    for node in _in_body(owner):
        if isinstance(node, ast.FunctionDef):
            yield node, node.name
        elif isinstance(node.ctx, ast.Store):
            yield node, node.id


def _in_body(owner: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.Name]:
    """Methods, and names in what runs when the class is made."""
    for statement in owner.body:
        if isinstance(statement, ast.FunctionDef):
            yield statement
            outside = [*statement.decorator_list, *statement.args.defaults]
        else:
            outside = [statement]
        yield from (node for one in outside for node in walk(one) if isinstance(node, ast.Name))


def _body(owner: ast.ClassDef, short: Mapping[str, str]) -> None:
    found = list(_in_body(owner))
    own = {node.name for node in found if isinstance(node, ast.FunctionDef)}
    own |= {node.id for node in found if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in found:
        if isinstance(node, ast.FunctionDef):
            node.name = short.get(node.name, node.name)
        elif node.id in own:
            node.id = short.get(node.id, node.id)


def _families(classes: list[ast.ClassDef]) -> dict[str, str]:
    """Class -> the first of those it shares attributes with. Classes of the same name are one family: that is no more than a waste."""
    first = {one.name: one.name for one in classes}
    for one in classes:
        for base in one.bases:
            if isinstance(base, ast.Name) and base.id in first:
                old, new = first[one.name], first[base.id]
                first = {name: new if family == old else family for name, family in first.items()}
    return first
