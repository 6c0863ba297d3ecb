"""What is known of an expression before the firmware runs: whole numbers and words that never change."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from peristal.core import limits, units
from tools.link.modules import Module, Symbol

_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.LShift: operator.lshift, ast.RShift: operator.rshift, ast.BitOr: operator.or_, ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor, ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert,
}  # fmt: skip
# Functions that only calculate, so that a call with known arguments is a known value.
_PURE: dict[Symbol, Callable[..., Any]] = {
    Symbol("peristal.core.units", "pa"): units.pa,
    Symbol("peristal.core.units", "mmhg"): units.mmhg,
    Symbol("peristal.core.limits", "lowest"): limits.lowest,
    Symbol("peristal.core.limits", "default"): limits.default,
    Symbol("peristal.core.limits", "highest"): limits.highest,
}
_BUILTIN: dict[str, Callable[..., Any]] = {"range": range, "len": len}


class Unknown(Exception):
    """The value depends on what happens at run time."""


class Values:
    """value() of a top-level name; of() an expression in a module, where `resolve` says what a Name or module.attribute stands for."""

    def __init__(self, modules: dict[str, Module]) -> None:
        self.modules = modules
        self._known: dict[Symbol, Any] = {}

    def value(self, symbol: Symbol) -> Any:
        """Raises Unknown."""
        if symbol not in self._known:
            self._known[symbol] = Unknown  # a definition in a circle
            self._known[symbol] = self._value(symbol)
        if self._known[symbol] is Unknown:
            raise Unknown
        return self._known[symbol]

    def _value(self, symbol: Symbol) -> Any:
        module = self.modules[symbol.module]
        statement = module.symbols.get(symbol.name)
        if not isinstance(statement, ast.Assign):
            return Unknown
        try:
            value = self.of(statement.value, lambda node: top_level(module, node))
        except Unknown:
            return Unknown
        for target in statement.targets:
            if isinstance(target, ast.Name) and target.id == symbol.name:
                return value
            if isinstance(target, ast.Tuple):
                for part, one in zip(target.elts, value):
                    if isinstance(part, ast.Name) and part.id == symbol.name:
                        return one
        return Unknown

    def of(self, node: ast.expr, resolve: Callable[[ast.expr], Symbol | str | None]) -> Any:
        """Raises Unknown."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, (ast.Name, ast.Attribute)):
            meaning = resolve(node)
            if isinstance(meaning, Symbol):
                return self.value(meaning)
        elif isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](self.of(node.operand, resolve))
        elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](self.of(node.left, resolve), self.of(node.right, resolve))
        elif isinstance(node, ast.Tuple):
            return tuple(self.of(one, resolve) for one in node.elts)
        elif isinstance(node, ast.Dict):
            return {self.of(key, resolve): self.of(one, resolve) for key, one in zip(node.keys, node.values) if key}
        elif isinstance(node, ast.DictComp):
            return self._comprehension(node, resolve)
        elif isinstance(node, ast.Subscript):
            return self.of(node.value, resolve)[self.of(node.slice, resolve)]
        elif isinstance(node, ast.Call) and not node.keywords:
            meaning = resolve(node.func)
            function = _PURE.get(meaning) if isinstance(meaning, Symbol) else _BUILTIN.get(meaning or "")
            if function is not None:
                return function(*[self.of(one, resolve) for one in node.args])
        raise Unknown

    def _comprehension(self, node: ast.DictComp, resolve: Callable[[ast.expr], Symbol | str | None]) -> Any:
        """A table that is made from another one, whose names are all known."""
        own = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        wanted = [one for one in ast.walk(node) if isinstance(one, ast.Name) and one.id not in own]
        scope = {one.id: self.of(one, resolve) for one in wanted}
        methods = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
        if methods - {"items"}:
            raise Unknown
        return eval(compile(ast.fix_missing_locations(ast.Expression(node)), "", "eval"), {"__builtins__": {}}, scope)


def top_level(module: Module, node: ast.expr) -> Symbol | str | None:
    """What an expression at the top of a module stands for: a Symbol, or the name of a builtin."""
    if isinstance(node, ast.Name):
        if node.id in module.symbols:
            return Symbol(module.name, node.id)
        meaning = module.names.get(node.id)
        if meaning is None:
            return node.id
        return meaning if isinstance(meaning, Symbol) else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        meaning = module.names.get(node.value.id)
        return Symbol(meaning, node.attr) if isinstance(meaning, str) else None
    return None
