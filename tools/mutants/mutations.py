"""The mutants of one source file: each limit, timer and comparison removed or inverted, one at a time.

The kept libraries (mutmut, cosmic-ray) were looked at and do not fit: they change numbers by one and swap operators by the dozen,
which mostly makes equivalent mutants here, but never take a limit or a timer away, and they rewrite the checkout in place while
a run goes on. What is wanted is small: a syntax tree, one change, and the source of the result.
"""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

INVERSE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
FAR = 1000
"""A limit times this is no limit."""
TIMER = re.compile(r"(_ms|_s|elapsed|_age|_pa|_permille)\b")
FIGURES = re.compile(r"^(?!LONG_|NEVER_|WHY_)[A-Z][A-Z0-9_]*$")
"""Names of limits; where a counter stops counting, and the bits of reasons, are none."""
Path = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Mutant:
    """`key` names it for good (where, what, which of several alike), whatever the line; `make()` writes the whole changed file.

    `lines`: a test that comes by none of them cannot notice it; empty: any test may.
    """

    key: str
    line: int
    make: Callable[[], str]
    lines: frozenset[int] = frozenset()

    @property
    def source(self) -> str:
        """The changed file; writing it takes a while, so it is written when it is asked for."""
        return self.make()


def mutants(source: str, name: str, shared: frozenset[str] = frozenset()) -> list[Mutant]:
    """All mutants of a file, in the order of its lines; `name` is the file's, for the keys; `shared`: its figures that other files take."""
    tree = ast.parse(source)
    seen: Counter[str] = Counter()
    found = []
    for path, scope, node in _walk(tree, (), ()):
        for what, changed in _changes(node, scope):
            place = ".".join(scope) or "module"
            said = " ".join(ast.unparse(node).split("\n")[0].split())
            key = f"{name} {place}: {what}: {said}"
            seen[key] += 1
            if seen[key] > 1:
                key += f" #{seen[key]}"
            made = partial(_with, tree, path, changed)
            figure = said.partition(" ")[0]
            lines = lines_of(node) if scope else frozenset() if figure in shared else uses(source, figure)
            if scope and scope[-1] == "__init__":
                lines = _used_later(tree, path, source) or lines
            found.append(Mutant(key, getattr(node, "lineno", 0), made, lines))
    return sorted(found, key=lambda mutant: mutant.line)


def lines_of(node: ast.AST) -> frozenset[int]:
    """Where the node itself is run; of an `if` its condition."""
    part = node.test if isinstance(node, ast.If) else node
    first = getattr(part, "lineno", 0)
    return frozenset(range(first, (getattr(part, "end_lineno", None) or first) + 1))


def uses(source: str, name: str) -> frozenset[int]:
    """Lines that name a figure."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    return frozenset(number for number, line in enumerate(source.splitlines(), 1) if word.search(line))


def _used_later(tree: ast.Module, path: Path, source: str) -> frozenset[int]:
    """Of a change in what a part of its own is made from: where that part is used. Every test makes it, few ask it."""
    node: Any = tree
    for field, index in path:
        node = getattr(node, field) if index is None else getattr(node, field)[index]
        if isinstance(node, ast.Assign):
            target = node.targets[0].value if isinstance(node.targets[0], ast.Subscript) else node.targets[0]
            if isinstance(target, ast.Attribute) and target.attr.startswith("_"):
                return uses(source, target.attr) - lines_of(node)
    return frozenset()


def _walk(node: ast.AST, path: Path, scope: tuple[str, ...]) -> Iterator[tuple[Path, tuple[str, ...], ast.AST]]:
    for field, value in ast.iter_fields(node):
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, child in children:
            if isinstance(child, ast.AST) and field != "decorator_list":
                here = (*path, (field, index))
                inside = (*scope, child.name) if isinstance(child, (ast.FunctionDef, ast.ClassDef)) else scope
                yield here, inside, child
                yield from _walk(child, here, inside)


def _with(tree: ast.Module, path: Path, changed: ast.AST) -> str:
    """The file with one node exchanged; the tree is as it was afterwards."""
    parent: ast.AST = tree
    for field, index in path[:-1]:
        held = getattr(parent, field)
        parent = held if index is None else held[index]
    field, index = path[-1]
    own = getattr(parent, field)
    setattr(parent, field, changed if index is None else [*own[:index], changed, *own[index + 1 :]])
    try:
        return ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    finally:
        setattr(parent, field, own)


def _changes(node: ast.AST, scope: tuple[str, ...]) -> Iterator[tuple[str, ast.AST]]:
    made = scope and scope[-1] == "__init__"
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in INVERSE:
        yield "inverted", ast.Compare(node.left, [INVERSE[type(node.ops[0])]()], node.comparators)
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        for index in range(len(node.ops)):
            operands = [node.left, *node.comparators]
            ops = list(node.ops)
            if type(ops[index]) in INVERSE:
                ops[index] = INVERSE[type(ops[index])]()
                yield f"comparison {index + 1} inverted", ast.Compare(operands[0], ops, operands[1:])
    elif isinstance(node, ast.BoolOp):
        for index in range(len(node.values)):
            left = [value for other, value in enumerate(node.values) if other != index]
            yield f"operand {index + 1} removed", left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not removed", node.operand
    elif isinstance(node, ast.If) and not node.orelse and not isinstance(node.test, ast.Compare):
        changed = copy.copy(node)
        changed.test = ast.Constant(False)
        yield "never", changed
        changed = copy.copy(node)
        changed.test = ast.Constant(True)
        yield "always", changed
    elif isinstance(node, ast.IfExp) and not isinstance(node.test, ast.Compare):
        yield "exchanged", ast.IfExp(node.test, node.orelse, node.body)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
        other = ast.Name("max" if node.func.id == "min" else "min", ast.Load())
        yield "min and max exchanged", ast.Call(other, node.args, node.keywords)
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
        yield "answer inverted", ast.Return(ast.Constant(not node.value.value))
    elif isinstance(node, ast.AugAssign) and not made:
        yield "removed", ast.Pass()
    elif isinstance(node, ast.Assign):
        yield from _assigned(node, scope, bool(made))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and not made:
        yield "removed", ast.Pass()


def _assigned(node: ast.Assign, scope: tuple[str, ...], made: bool) -> Iterator[tuple[str, ast.AST]]:
    """Figures at the top of a file are limits; what is kept from tick to tick is a timer or a verdict."""
    target = node.targets[0]
    if not scope:
        if isinstance(target, ast.Name) and FIGURES.match(target.id) and _is_figure(node.value):
            yield "removed (times 1000)", ast.Assign(node.targets, ast.BinOp(node.value, ast.Mult(), ast.Constant(FAR)))
            yield "zero", ast.Assign(node.targets, ast.Constant(0))
        return
    if made:
        if isinstance(target, ast.Attribute) and TIMER.search(target.attr) and not isinstance(node.value, (ast.Constant, ast.Call)):
            yield "times 1000", ast.Assign(node.targets, ast.BinOp(node.value, ast.Mult(), ast.Constant(FAR)))
        return
    if all(isinstance(found, (ast.Attribute, ast.Subscript)) for found in node.targets):
        yield "removed", ast.Pass()
    elif isinstance(target, ast.Name) and TIMER.search(target.id) and isinstance(node.value, ast.BinOp):
        yield "zero", ast.Assign(node.targets, ast.Constant(0))


def _is_figure(value: ast.expr) -> bool:
    """A number, or a sum made of numbers and limits."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int) and not isinstance(value.value, bool)
    if isinstance(value, ast.BinOp):
        return _is_figure(value.left) and _is_figure(value.right)
    return isinstance(value, ast.Call) and not isinstance(value.func, ast.Lambda)
