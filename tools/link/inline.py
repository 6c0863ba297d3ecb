"""A function that is called at one place only comes to stand there: it costs 50 bytes beside its code, and the call some opcodes.

A name decides: one function of the firmware has it, one place says it, and nobody asks for it by a word. Its statements take the place of
the call where that is a statement, a value that is returned or bound to a name, or what an `if` asks; a single expression goes anywhere.
What does not fit (a loop that is left by `return`, a generator, functions within functions) stays a function.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from tools.link.attributes import FOREIGN, words
from tools.link.scopes import SCOPES, bound, twin, walk

LOCALS = 16  # a function's first sixteen locals are told in the opcode itself
_Found = tuple[ast.Module, ast.ClassDef | None, ast.FunctionDef]
_Put = Callable[[ast.expr | None], list[ast.stmt]]


class _DoesNotFit(Exception):
    """This function stays one."""


def inline(trees: Mapping[str, ast.Module], asked: Collection[str], whole: Collection[str]) -> None:
    """In every unit but those that stay whole, until there is nothing left that fits. asked: names that what is not linked says."""
    stay = words(trees.values()) | set(asked) | FOREIGN
    refused: set[str] = set()
    while True:
        found = _singles(trees, stay | refused, whole)
        if not found:
            return
        for name, (tree, owner, function) in found.items():
            if _put_in(tree, owner, function):
                body = owner.body if owner is not None else tree.body
                body.remove(function)
                if not body:
                    body.append(ast.Pass())
            else:
                refused.add(name)


def _functions(tree: ast.Module) -> Iterator[tuple[ast.ClassDef | None, ast.FunctionDef]]:
    for one in tree.body:
        if isinstance(one, ast.FunctionDef):
            yield None, one
        elif isinstance(one, ast.ClassDef):
            yield from ((one, part) for part in one.body if isinstance(part, ast.FunctionDef))


def _singles(trees: Mapping[str, ast.Module], stay: Collection[str], whole: Collection[str]) -> dict[str, _Found]:
    """Functions with a name of their own that one place says, each with where it stands. None of them calls another of them."""
    said: Counter[str] = Counter()
    defined: Counter[str] = Counter()
    for tree in trees.values():
        for node in walk(tree):
            if isinstance(node, ast.Attribute):
                said[node.attr] += 1
            elif isinstance(node, ast.Name):
                said[node.id] += 1
            elif isinstance(node, ast.alias):
                said[node.name] += 2
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                defined[node.name] += 1
            elif isinstance(node, ast.arg):
                defined[node.arg] += 1
    found: dict[str, _Found] = {}
    touched: set[str] = set()
    for unit, tree in trees.items():
        if unit in whole:
            continue
        for owner, function in _functions(tree):
            name = function.name
            if said[name] != 1 or defined[name] != 1 or name in stay or name.startswith("__") or not _fits(function):
                continue
            inside = {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in walk(function)}
            if not inside & found.keys() and name not in touched:
                found[name] = (tree, owner, function)
                touched |= inside
    return found


def _fits(function: ast.FunctionDef) -> bool:
    given = function.args
    plain = not (function.decorator_list or given.vararg or given.kwarg or given.kwonlyargs)
    bad = (ast.Yield, ast.YieldFrom, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom, ast.Delete, *SCOPES)
    constant = all(isinstance(one, ast.Constant) for one in given.defaults)
    return plain and constant and not any(isinstance(node, bad) for one in function.body for node in walk(one))


def _put_in(tree: ast.Module, owner: ast.ClassDef | None, function: ast.FunctionDef) -> bool:
    """Puts a function where it is called, if that is possible."""
    for _, caller in _functions(tree):
        if caller is function or caller.name == "__init__":
            continue
        for node in walk(caller):
            if isinstance(node, ast.Call) and _called(node.func) == function.name and isinstance(node.func, ast.Name) == (owner is None):
                try:
                    _replace(caller, node, function)
                except _DoesNotFit:
                    return False
                ast.fix_missing_locations(caller)
                return True
    return False


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


# --- the place of the call -----------------------------------------------------------------------------------------------------


def _replace(caller: ast.FunctionDef, call: ast.Call, function: ast.FunctionDef) -> None:
    inner = [node for one in caller.body for node in walk(one) if isinstance(node, SCOPES)]
    if any(node is call for one in inner for node in walk(one)):
        raise _DoesNotFit
    before, body = _body(caller, call, function)
    only = body[0] if len(body) == 1 else None
    if not before and isinstance(only, ast.Return) and only.value is not None:
        _Swap(call, only.value).visit(caller)
        return
    for statements in _lists(caller):
        for place, one in enumerate(statements):
            made = _instead(one, call, body, caller)
            if made is not None:
                statements[place : place + 1] = [*before, *made]
                return
    raise _DoesNotFit


class _Swap(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> Any:
        """The new one for the old one."""
        return self._new if node is self._old else super().visit(node)


def _lists(caller: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    for node in walk(caller):
        for name in ("body", "orelse", "finalbody"):
            found = getattr(node, name, None)
            if isinstance(found, list):
                yield found


def _instead(one: ast.stmt, call: ast.Call, body: list[ast.stmt], caller: ast.FunctionDef) -> list[ast.stmt] | None:
    """Statements for one that is nothing but the call, or begins with it."""
    if isinstance(one, ast.Expr) and one.value is call:
        return _tail(body, lambda value: [ast.Expr(value)] if isinstance(value, (ast.Call, ast.BinOp)) else []) or [ast.Pass()]
    if isinstance(one, ast.Return) and one.value is call:
        return body if _ends(body) else [*body, ast.Return(None)]
    if isinstance(one, ast.Assign) and one.value is call and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name):
        target = one.targets[0]
        return _tail(body, lambda value: [ast.Assign([ast.Name(target.id, ast.Store())], value or ast.Constant(None))])
    if isinstance(one, ast.If):
        turned = isinstance(one.test, ast.UnaryOp) and isinstance(one.test.op, ast.Not) and one.test.operand is call
        if one.test is call or turned:
            found = _free("found", _names(caller) | {node.id for part in body for node in walk(part) if isinstance(node, ast.Name)})
            name = ast.Name(found, ast.Load())
            test = ast.UnaryOp(ast.Not(), name) if turned else name
            made = _tail(body, lambda value: [ast.Assign([ast.Name(found, ast.Store())], value or ast.Constant(None))])
            if len(bound(caller)) >= LOCALS:
                raise _DoesNotFit
            return [*made, ast.If(test, one.body, one.orelse)]
    return None


# --- the function's own statements ---------------------------------------------------------------------------------------------


def _names(function: ast.FunctionDef) -> set[str]:
    return {node.id for node in walk(function) if isinstance(node, ast.Name)} | bound(function)


def _free(name: str, taken: Collection[str]) -> str:
    number = 2
    made = name
    while made in taken:
        made, number = f"{name}{number}", number + 1
    return made


def _body(caller: ast.FunctionDef, call: ast.Call, function: ast.FunctionDef) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """What binds its arguments, and its statements with names that are nobody else's."""
    made: Any = twin(function)
    own = bound(function)
    outside = {node.id for one in function.body for node in walk(one) if isinstance(node, ast.Name)} - own
    if outside & bound(caller):
        raise _DoesNotFit
    stored = {node.id for one in function.body for node in walk(one) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    taken = _names(caller) | outside
    names: dict[str, ast.expr] = {}
    before: list[ast.stmt] = []
    local: set[str] = set()
    for name, value in _given(call, function):
        simple = isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id in bound(caller))
        if simple and name not in stored:
            names[name] = value
        else:
            fresh = _free(name, taken)
            taken.add(fresh)
            local.add(fresh)
            names[name] = ast.Name(fresh, ast.Load())
            before.append(ast.Assign([ast.Name(fresh, ast.Store())], value))
    for name in sorted(own - names.keys()):
        fresh = _free(name, taken)
        taken.add(fresh)
        local.add(fresh)
        names[name] = ast.Name(fresh, ast.Load())
    if local and len(bound(caller) | local) > LOCALS:
        raise _DoesNotFit
    return before, [_Rename(names).visit(one) for one in made.body]


def _given(call: ast.Call, function: ast.FunctionDef) -> list[tuple[str, ast.expr]]:
    """Each argument's name and value; `self` is what stands before the dot."""
    names = [one.arg for one in function.args.args]
    values = list(call.args)
    if isinstance(call.func, ast.Attribute):
        values.insert(0, call.func.value)
    if any(isinstance(one, ast.Starred) for one in values) or any(one.arg is None for one in call.keywords):
        raise _DoesNotFit
    given = dict(zip(names, values))
    if len(values) > len(names):
        raise _DoesNotFit
    given |= {one.arg: one.value for one in call.keywords if one.arg}
    for name, value in zip(names[len(names) - len(function.args.defaults) :], function.args.defaults):
        given.setdefault(name, value)
    if set(given) != set(names):
        raise _DoesNotFit
    return list(given.items())


class _Rename(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A local one by what it is now."""
        new = self._names.get(node.id)
        if isinstance(new, ast.Name):
            return ast.Name(new.id, node.ctx)
        return new if new is not None else node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        """`except ... as name`."""
        new = self._names.get(node.name or "")
        if isinstance(new, ast.Name):
            node.name = new.id
        self.generic_visit(node)
        return node


def _returns(one: ast.stmt) -> bool:
    return any(isinstance(node, ast.Return) for node in walk(one))


def _ends(statements: list[ast.stmt]) -> bool:
    """Whether nothing that stands behind them is reached."""
    last = statements[-1] if statements else None
    if isinstance(last, ast.If):
        return bool(last.orelse) and _ends(last.body) and _ends(last.orelse)
    return isinstance(last, (ast.Return, ast.Raise))


def _tail(statements: list[ast.stmt], put: _Put) -> list[ast.stmt]:
    """The same without `return`: what is behind one that may be reached goes into the other branch of its `if`."""
    made: list[ast.stmt] = []
    for place, one in enumerate(statements):
        if isinstance(one, ast.Return):
            return made + put(one.value)
        if not _returns(one):
            made.append(one)
            if isinstance(one, ast.Raise):
                return made
            continue
        if not isinstance(one, ast.If):
            raise _DoesNotFit
        rest = statements[place + 1 :]
        if _ends(one.body):
            body, other = _tail(one.body, put), _tail(one.orelse + rest, put)
        elif one.orelse and _ends(one.orelse):
            body, other = _tail(one.body + rest, put), _tail(one.orelse, put)
        elif not rest:
            body, other = _tail(one.body, put), _tail(one.orelse, put)
        else:
            raise _DoesNotFit
        if body:
            made.append(ast.If(one.test, body, other))
        elif other:
            made.append(ast.If(ast.UnaryOp(ast.Not(), one.test), other, []))
        else:
            made.append(ast.Expr(one.test))
        return made
    return made + put(None)
