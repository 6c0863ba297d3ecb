"""What runs only while the device starts is given back when it has started: constructors, and whatever they alone call.

A function is still needed when something that runs later says its name: the loop, a command, a borrowed module, a word for getattr();
and when the start itself does more than call it, because what it hands on or a function within it may be called later. Names decide,
not types, so what is found is never too much.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from tools.link.scopes import SCOPES, bound, walk

# unit -> (class, method) that is the last to run before the loop begins
LAST = {"peristal.app": ("App", "__init__"), "peristal.ble.radio": ("Radio", "serve")}
_Function = tuple[str, str, str]  # unit, class or "", name


def give_back(trees: Mapping[str, ast.Module], asked: Collection[str]) -> None:
    """What is not needed any more goes at the end of the last that is. asked: names that what is not linked says."""
    found = sorted(_not_needed(trees, asked))
    for unit, (owner, name) in LAST.items():
        last = _method(trees[unit], owner, name) if unit in trees else None
        if last is None:
            continue
        gone = [(kind, one) for where, kind, one in found if where == unit]
        functions = [one for kind, one in gone if not kind]
        if functions:
            last.body.insert(0, ast.Global(functions))
        for kind, one in gone:
            target = ast.Attribute(ast.Name(kind, ast.Load()), one, ast.Store()) if kind else ast.Name(one, ast.Store())
            last.body.append(ast.Assign([target], ast.Constant(None)))
        ast.fix_missing_locations(last)


def _method(tree: ast.Module, owner: str, name: str) -> ast.FunctionDef | None:
    bodies = [one.body for one in tree.body if isinstance(one, ast.ClassDef) and one.name == owner]
    return next((one for body in bodies for one in body if isinstance(one, ast.FunctionDef) and one.name == name), None)


def _functions(trees: Mapping[str, ast.Module]) -> Iterator[tuple[_Function, ast.FunctionDef]]:
    for unit, tree in trees.items():
        for one in tree.body:
            if isinstance(one, ast.FunctionDef):
                yield (unit, "", one.name), one
            elif isinstance(one, ast.ClassDef):
                for method in one.body:
                    if isinstance(method, ast.FunctionDef):
                        yield (unit, one.name, method.name), method


def _says(node: ast.AST) -> set[str]:
    """Names that are not its own, attributes and words in it."""
    said: set[str] = set()
    own = bound(node) if isinstance(node, ast.FunctionDef) else set()
    for one in walk(node):
        if isinstance(one, ast.Name):
            said |= {one.id} - own
        elif isinstance(one, ast.Attribute):
            said.add(one.attr)
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            said |= {one.value, "_" + one.value}
        elif isinstance(one, ast.alias):
            said |= {one.name, one.asname or one.name}
    return said


def _handed_on(function: ast.FunctionDef) -> set[str]:
    """What a function says otherwise than to call it at once."""
    called = {id(node.func) for node in walk(function) if isinstance(node, ast.Call)}
    inner = [node for node in walk(function) if isinstance(node, SCOPES) and node is not function]
    said = {name for node in inner for name in _says(node)}
    own = bound(function)
    for node in walk(function):
        if isinstance(node, ast.Constant) or (isinstance(node, (ast.Name, ast.Attribute)) and id(node) not in called):
            said |= _says(node) if isinstance(node, ast.Constant) else {node.attr if isinstance(node, ast.Attribute) else node.id}
    return said - own if not inner else said


def _not_needed(trees: Mapping[str, ast.Module], asked: Collection[str]) -> set[_Function]:
    """Every function that nothing says but what runs before the loop."""
    functions = dict(_functions(trees))
    by_name: dict[str, list[_Function]] = defaultdict(list)
    for key in functions:
        if key[2] != "__init__":
            by_name[key[2]].append(key)
        else:
            by_name[key[1]].append(key)  # who says a class may make one
    classes = [one for tree in trees.values() for one in tree.body if isinstance(one, ast.ClassDef)]
    waiting = set(asked)
    for tree in trees.values():
        for one in tree.body:  # tables; what an import says is not yet used
            if not isinstance(one, (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)):
                waiting |= _says(one)
            if isinstance(one, ast.ClassDef):
                for part in one.body:
                    if isinstance(part, ast.FunctionDef):
                        waiting |= {name for outside in [*part.decorator_list, *part.args.defaults] for name in _says(outside)}
                        if part.decorator_list or (part.name.startswith("__") and part.name != "__init__"):
                            waiting.add(part.name)
                    else:
                        waiting |= _says(part)
    waiting |= {name for function in functions.values() for name in _handed_on(function)}
    waiting -= {owner for owner, _ in LAST.values()}  # main.py makes one App, and that one Radio
    needed: set[_Function] = set()
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for key in by_name[name]:
            if key not in needed:
                needed.add(key)
                waiting |= _says(functions[key]) - seen
        for one in classes:  # a class that is made runs its bases' constructors
            if one.name == name:
                waiting |= {base.id for base in one.bases if isinstance(base, ast.Name)} - seen
    return set(functions) - needed
