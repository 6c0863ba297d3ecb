"""Shorter names for what nobody outside can see: attributes (see attributes.py), what stands at the top of a unit, and arguments.

A function's arguments become a, b, c where nobody calls it with their names. What stands at the top of a unit and is imported from
nowhere else by name becomes A, B, C; errors keep their names, because main.py prints them.
"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Collection, Mapping
from string import ascii_uppercase

from tools.link import attributes
from tools.link.attributes import letters
from tools.link.modules import targets
from tools.link.scopes import SCOPES, bound, walk


def shorten(trees: Mapping[str, ast.Module], kept: Collection[str], open_units: Collection[str]) -> None:
    """Renames in all units of a firmware at once.

    kept: names that somebody else asks for. open_units: units of which a file that is not linked may ask for anything that is public.
    """
    nodes = [node for tree in trees.values() for node in walk(tree)]
    asked = {node.arg for node in nodes if isinstance(node, ast.keyword)}
    starred = {_called(node.func) for node in nodes if isinstance(node, ast.Call) and any(one.arg is None for one in node.keywords)}
    said = {node.attr for node in nodes if isinstance(node, ast.Attribute)} | set(kept)  # module.name, of what is borrowed
    bindings = [(unit, name) for unit, tree in trees.items() for statement in tree.body for name in targets(statement)]
    tops = {name for unit, name in bindings if name in said or unit in open_units}
    methods = [node for unit in open_units if unit in trees for node in walk(trees[unit]) if isinstance(node, ast.FunctionDef)]
    tops |= {node.name for node in methods if not node.name.startswith("_")}  # a board file may ask a board
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and node.name not in starred:  # f(**{word: value})
            _arguments(node, asked)
    attributes.rename(trees, tops | set(kept))
    _top_level(trees, tops | set(kept) | attributes.words(trees.values()))


def _called(function: ast.expr) -> str:
    """Name of a function or method that is called."""
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


# --- the top of a unit ---------------------------------------------------------------------------------------------------------


def _imports(tree: ast.AST) -> list[tuple[ast.ImportFrom, ast.alias]]:
    return [(node, alias) for node in walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]


def _top_level(trees: Mapping[str, ast.Module], kept: Collection[str]) -> None:
    """Functions, classes and tables. One name has one short name in all units, whoever imports it."""
    errors = {one.name for tree in trees.values() for one in tree.body if isinstance(one, ast.ClassDef) and _is_error(one)}
    defined = {unit: {name for one in tree.body for name in targets(one)} for unit, tree in trees.items()}
    hidden = set(dir(builtins)) | errors | set(kept)
    uses: Counter[str] = Counter()
    for unit, tree in trees.items():
        hidden |= {name for node in walk(tree) if isinstance(node, SCOPES) for name in bound(node)}
        hidden |= {alias.asname or alias.name for node, alias in _imports(tree) if node.module not in trees}
        uses.update(node.id for node in walk(tree) if isinstance(node, ast.Name) and node.id in defined[unit])
    names = {name for found in defined.values() for name in found if name not in hidden}
    taken = hidden | {name for found in defined.values() for name in found if name not in names}
    spare = (one for one in letters(ascii_uppercase) if one not in taken)
    short = {name: next(spare) for name in sorted(names, key=lambda name: (-uses[name], name))}
    for unit, tree in trees.items():
        own = {name: short[name] for name in defined[unit] if name in short}
        at_top = {id(node) for node in tree.body}
        for node, alias in _imports(tree):
            if node.module is None or node.module not in trees:
                continue
            local = alias.asname or alias.name
            if alias.name in defined[node.module] and alias.name in short:
                alias.name = short[alias.name]
                free = local not in own and local not in hidden and alias.name not in own.values()
            else:
                free = False
            if id(node) in at_top and free:
                own[local] = alias.name
                local = alias.name
            alias.asname = None if local == alias.name else local
        for node in walk(tree):
            if isinstance(node, ast.Name):
                node.id = own.get(node.id, node.id)
            elif isinstance(node, ast.Global):
                node.names = [own.get(name, name) for name in node.names]
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                node.name = own.get(node.name, node.name)


def _is_error(one: ast.ClassDef) -> bool:
    return any(isinstance(base, ast.Name) and base.id.endswith(("Error", "Exception")) for base in one.bases)


# --- arguments -----------------------------------------------------------------------------------------------------------------


def _arguments(function: ast.FunctionDef, asked: set[str | None]) -> None:
    """Renames the arguments that nobody names, unless an inner scope has names of its own that are the same."""
    given = [one for one in function.args.args if one.arg != "self" and one.arg not in asked]
    inside = list(walk(function))
    inner = [node for node in inside if isinstance(node, SCOPES) and node is not function]
    hidden = {name for node in inner for name in bound(node)}
    seen = {node.id for node in inside if isinstance(node, ast.Name)} | hidden | {one.arg for one in function.args.args}
    seen |= {alias.asname or alias.name for node in inside if isinstance(node, (ast.Import, ast.ImportFrom)) for alias in node.names}
    spare = (one for one in letters() if one not in seen)
    renamed = {one.arg: next(spare) for one in given if one.arg not in hidden}
    for one in given:
        one.arg = renamed.get(one.arg, one.arg)
    for statement in function.body:
        for node in walk(statement):
            if isinstance(node, ast.Name) and node.id in renamed:
                node.id = renamed[node.id]
            elif isinstance(node, ast.ExceptHandler) and node.name in renamed:
                node.name = renamed[node.name]
