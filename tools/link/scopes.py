"""Rewrites the names of a module that mean something at the top of one, wherever they are not hidden by a local one."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Callable
from typing import Any

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
SCOPES = (ast.FunctionDef, ast.Lambda, ast.ClassDef, *_COMPREHENSIONS)


def twin(statement: ast.stmt) -> ast.stmt:
    """A copy that may be changed; copy.deepcopy would take five times as long."""
    return pickle.loads(pickle.dumps(statement, pickle.HIGHEST_PROTOCOL))


_NO_NODES = frozenset(("ctx", "op", "ops", "id", "attr", "kind", "type_comment"))
_fields: dict[type[ast.AST], tuple[str, ...]] = {}  # by kind of node: where others may be below it


def walk(node: ast.AST) -> list[ast.AST]:
    """What ast.walk() gives, in its order, without operators and contexts, in a third of the time: the linker mostly does that."""
    found = [node]
    more = found.append
    for one in found:
        kind = type(one)
        if kind not in _fields:
            _fields[kind] = tuple(name for name in kind._fields if name not in _NO_NODES)
        for name in _fields[kind]:
            value = getattr(one, name, None)
            if type(value) is list:
                for part in value:
                    if isinstance(part, ast.AST):
                        more(part)
            elif isinstance(value, ast.AST):
                more(value)
    return found


def bound(node: ast.AST) -> set[str]:
    """Names that are bound in a function's, class's or comprehension's own scope."""
    found: set[str] = set()
    elsewhere: set[str] = set()
    waiting: list[ast.AST]
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        given = node.args
        found |= {one.arg for one in [*given.args, *given.kwonlyargs, given.vararg, given.kwarg] if one}
        waiting = list(node.body) if isinstance(node, ast.FunctionDef) else [node.body]
    elif isinstance(node, _COMPREHENSIONS):
        waiting = [one.target for one in node.generators]
    else:
        waiting = list(node.body)  # pyright: ignore[reportAttributeAccessIssue]
    while waiting:
        one = waiting.pop()
        if isinstance(one, (ast.FunctionDef, ast.ClassDef)):
            found.add(one.name)
            continue
        if isinstance(one, (ast.Lambda, *_COMPREHENSIONS)):
            continue
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            found.add(one.id)
        elif isinstance(one, ast.ExceptHandler) and one.name:
            found.add(one.name)
        elif isinstance(one, ast.Global):
            elsewhere |= set(one.names)
        elif isinstance(one, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in one.names}
        waiting.extend(ast.iter_child_nodes(one))
    return found - elsewhere


class Rewriter(ast.NodeTransformer):
    """`change(node)` is asked for every expression made of top-level names only; it returns what comes in its place, or None."""

    def __init__(self, change: Callable[[Rewriter, ast.expr], ast.expr | None]) -> None:
        self._change = change
        self._scopes: list[tuple[bool, set[str]]] = []  # (of a class, names)

    def is_local(self, name: str) -> bool:
        """Whether a name is hidden here by one of a function or class."""
        innermost = len(self._scopes) - 1
        return any(name in names for depth, (of_class, names) in enumerate(self._scopes) if not of_class or depth == innermost)

    def visit(self, node: ast.AST) -> Any:
        """Visits one node."""
        if isinstance(node, ast.expr):
            changed = self._change(self, node)
            if changed is not None:
                return changed
        if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef, *_COMPREHENSIONS)):
            return self._scope(node)
        return super().visit(node)

    def _scope(self, node: Any) -> Any:
        """What stands outside of the new scope first: defaults, decorators, bases, what the first loop runs over."""
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            node.args.defaults = [self.visit(one) for one in node.args.defaults]
            node.args.kw_defaults = [one and self.visit(one) for one in node.args.kw_defaults]
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            node.decorator_list = [self.visit(one) for one in node.decorator_list]
        if isinstance(node, ast.ClassDef):
            node.bases = [self.visit(one) for one in node.bases]
        if isinstance(node, _COMPREHENSIONS):
            node.generators[0].iter = self.visit(node.generators[0].iter)
        self._scopes.append((isinstance(node, ast.ClassDef), bound(node)))
        if isinstance(node, ast.Lambda):
            node.body = self.visit(node.body)
        elif isinstance(node, _COMPREHENSIONS):
            for index, one in enumerate(node.generators):
                one.target = self.visit(one.target)
                if index:
                    one.iter = self.visit(one.iter)
                one.ifs = [self.visit(test) for test in one.ifs]
            for name in ("elt", "key", "value"):
                if hasattr(node, name):
                    setattr(node, name, self.visit(getattr(node, name)))
        else:
            node.body = [done for one in node.body if (done := self.visit(one)) is not None]
        self._scopes.pop()
        return node
