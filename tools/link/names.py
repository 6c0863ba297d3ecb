"""Shorter names for what nobody outside can see: private attributes and the arguments of functions.

Every name costs the heap its letters and seven bytes, once, for good. So the private names of one class are counted from _a on, and
those of another class again; a function's arguments become a, b, c where nobody calls it with their names. What is public keeps its
name, and so does everything that is asked for by a word.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import count, product
from string import ascii_lowercase

from tools.link.scopes import bound

_SCOPES = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.ClassDef)


def shorten(trees: dict[str, ast.Module]) -> None:
    """Renames in all units of a firmware at once."""
    _private(list(trees.values()))
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    asked = {node.arg for node in nodes if isinstance(node, ast.keyword)}
    asked |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # f(**{word: value})
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                _arguments(node, asked)


def _letters() -> Iterator[str]:
    """a, b, ... z, aa, ab, ..."""
    for length in count(1):
        for letters in product(ascii_lowercase, repeat=length):
            yield "".join(letters)


# --- private attributes ------------------------------------------------------------------------------------------------------


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _private(trees: list[ast.Module]) -> None:
    classes = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    used: dict[str, Counter[str]] = {}
    own: set[str] = set()
    for one in classes:
        counter = used[one.name] = Counter()
        for node in ast.walk(one):
            name = _name_in_class(node, one)
            if name and _is_private(name):
                counter[name] += 1
                if not isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Store):
                    own.add(name)
    # Whoever reaches into another object: its name has to be the same everywhere.
    reached = [node for node in nodes if isinstance(node, ast.Attribute)]
    everywhere = {node.attr for node in reached if not (isinstance(node.value, ast.Name) and node.value.id == "self")}
    kept = {name for name in words if _is_private(name)} | {name for counter in used.values() for name in counter if name not in own}
    families = _families(classes)
    taken: dict[str, set[str]] = defaultdict(set)  # family -> short names
    short: dict[tuple[str, str], str] = {}
    for name in sorted(name for name in own if name in everywhere and name not in kept):
        letters = next(one for one in ("_" + letters for letters in _letters()) if not any(one in names for names in taken.values()))
        for family in set(families.values()):
            taken[family].add(letters)
            short[family, name] = letters
    by_family: dict[str, Counter[str]] = defaultdict(Counter)
    for one in classes:
        by_family[families[one.name]] += used[one.name]
    for family, counter in sorted(by_family.items()):
        for name, _ in sorted(counter.items(), key=lambda row: (-row[1], row[0])):
            if name in kept or (family, name) in short:
                continue
            letters = next(one for one in ("_" + letters for letters in _letters()) if one not in taken[family] and one not in kept)
            taken[family].add(letters)
            short[family, name] = letters
    outside = {name: letters for (_, name), letters in short.items() if name in everywhere}
    for tree in trees:
        for statement in tree.body:
            family = families.get(statement.name) if isinstance(statement, ast.ClassDef) else None
            for node in ast.walk(statement):
                if isinstance(node, ast.Attribute):
                    node.attr = short.get((family or "", node.attr), outside.get(node.attr, node.attr))
                elif family and isinstance(statement, ast.ClassDef):
                    name = _name_in_class(node, statement)
                    if name and (family, name) in short:
                        setattr(node, "name" if isinstance(node, ast.FunctionDef) else "id", short[family, name])


def _name_in_class(node: ast.AST, owner: ast.ClassDef) -> str | None:
    """The attribute that a node of a class names: self._x, a method of it, or a name bound in its body."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.FunctionDef) and node in owner.body:
        return node.name
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        bodies = [target for one in owner.body if isinstance(one, ast.Assign) for target in one.targets]
        return node.id if any(node is part for target in bodies for part in ast.walk(target)) else None
    return None


def _families(classes: list[ast.ClassDef]) -> dict[str, str]:
    """Class -> the first of those it shares attributes with."""
    first = {one.name: one.name for one in classes}
    for one in classes:
        for base in one.bases:
            if isinstance(base, ast.Name) and base.id in first:
                old, new = first[one.name], first[base.id]
                first = {name: new if family == old else family for name, family in first.items()}
    return first


# --- arguments -----------------------------------------------------------------------------------------------------------------


def _arguments(function: ast.FunctionDef, asked: set[str | None]) -> None:
    """Renames the arguments that nobody names, unless an inner scope has names of its own that are the same."""
    given = [one for one in function.args.args if one.arg != "self" and one.arg not in asked]
    inside = list(ast.walk(function))
    inner = [node for node in inside if isinstance(node, _SCOPES) and node is not function]
    hidden = {name for node in inner for name in bound(node)}
    seen = {node.id for node in inside if isinstance(node, ast.Name)} | hidden | {one.arg for one in function.args.args}
    seen |= {alias.asname or alias.name for node in inside if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names}
    letters = (one for one in _letters() if one not in seen)
    renamed = {one.arg: next(letters) for one in given if one.arg not in hidden}
    for one in given:
        one.arg = renamed.get(one.arg, one.arg)
    for statement in function.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and node.id in renamed:
                node.id = renamed[node.id]
            elif isinstance(node, ast.ExceptHandler) and node.name in renamed:
                node.name = renamed[node.name]
