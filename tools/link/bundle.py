"""From modules to units: a unit is one file on the device.

- Everything that the application imports when it starts is one unit, peristal/app. The radio, which comes only where there is one,
  is another. What is borrowed (core/borrow.py), what board.py and main.py import, and what becomes machine code stays a file each.
- A whole number at the top of a module is put where it is used: no name, no import, no look-up is left of it.
- What no module uses (figures' sources, words for documents) is left out.

- Names become short (names.py), long texts go into a file (texts.py), and what only the start needs is given back (once.py).

What comes out is Python; the tests replay whole sessions on it.
"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tools.link.graph import BY_HAND, Graph
from tools.link.inline import inline
from tools.link.modules import PACKAGE, LinkError, Module, Symbol, targets
from tools.link.names import shorten
from tools.link.once import give_back
from tools.link.order import first_names
from tools.link.scopes import Rewriter, bound, twin, walk
from tools.link.texts import READER, STAY, Texts, has_texts

ROWS = (("peristal.core.limits", "LIMITS"),)  # tables of which a row that is asked for by no word is left out


class Linker(Graph):
    """units(): name of a module -> its source on the device."""

    def __init__(self, firmware: Path, hot: Iterable[str] = (), *, texts: bool = True) -> None:
        super().__init__(firmware, hot)
        self.texts = Texts() if texts and READER.module in self.modules else None
        self.places: dict[str, list[str]] = {}  # name of a function on the device -> where it stands in the sources, by units()
        self._locals_of: dict[str, set[str]] = {}  # by module: what is bound within its functions and classes
        self._final = self._name_all()

    # --- names -----------------------------------------------------------------------------------------------------------

    def _locals(self, names: Iterable[str]) -> set[str]:
        scopes = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.ClassDef)
        for name in names:
            if name not in self._locals_of:
                nodes = [node for node in walk(self.modules[name].tree) if isinstance(node, scopes)]
                self._locals_of[name] = {bind for node in nodes for bind in bound(node)}
        return {bind for name in names for bind in self._locals_of[name]}

    def _name_all(self) -> dict[Symbol, str]:
        """The name of each used symbol in its unit: its own, or with its module's behind it where that would be another's."""
        final: dict[Symbol, str] = {}
        for unit in set(self.unit_of.values()):
            members = self._order.get(unit, [unit])
            outside = {name for one in members for name, meaning in self.modules[one].names.items() if isinstance(meaning, ast.stmt)}
            hidden = self._locals(members) | outside | set(dir(builtins))
            count = Counter(symbol for one in members for symbol in self.modules[one].symbols)
            for one in members:
                for name in self.modules[one].symbols:
                    alone = len(members) == 1 or (count[name] == 1 and name not in hidden)
                    final[Symbol(one, name)] = name if alone else f"{name}_{one.rpartition('.')[2]}"
            if len({final[key] for key in final if self.unit_of[key.module] == unit}) != sum(count.values()):
                raise LinkError(f"{unit}: two names are the same")
        return final

    # --- units -----------------------------------------------------------------------------------------------------------

    def units(self, *, short: bool = True) -> dict[str, str]:
        """Dotted name -> source, of every unit that has anything in it. short: private names too (see names.py)."""
        trees = self._trees()
        if short:
            inline(trees, self.asked, BY_HAND)
        give_back(trees, self.asked)
        if short:
            shorten(trees, self.asked, BY_HAND[:2])
        for tree in trees.values():
            for node in walk(tree):
                if isinstance(node, ast.FunctionDef):
                    self.places.setdefault(node.name, []).append(getattr(node, "place", "?"))
        return {unit: _text(tree) for unit, tree in trees.items()}

    def _trees(self) -> dict[str, ast.Module]:
        """The units as they are before their names become short."""
        made = {unit: self._unit(unit) for unit in sorted(set(self.unit_of.values()))}
        for name, table in ROWS:
            _drop_rows(made, name, table)
        return {unit: tree for unit, tree in made.items() if tree.body}

    def path_of(self, unit: str) -> str:
        """Where a unit lies on the device, without its suffix."""
        path = unit.replace(".", "/")
        return path + "/__init__" if self.modules[unit].path.name == "__init__.py" else path

    def _unit(self, unit: str) -> ast.Module:
        members = self._order.get(unit, [unit])
        header: dict[str, tuple[str, str]] = {}  # local name -> (module, name; "" for the module itself)
        hidden = self._locals(members) | {self._final[Symbol(one, name)] for one in members for name in self.modules[one].symbols}
        body: list[ast.stmt] = []

        def bind(local: str, module: str, name: str, where: Module) -> None:
            if header.setdefault(local, (module, name)) != (module, name):
                raise LinkError(f"{where.path}: {local} is something else in another module of {unit}")

        def local_of(symbol: Symbol, where: Module) -> str:
            home, name = self.unit_of[symbol.module], self._final[symbol]
            if home == unit:
                return name
            meant = (home, name)
            for local in (name, f"{name}_{symbol.module.rpartition('.')[2]}"):
                imported_as_it_is = len(members) == 1 and where.names.get(local) == symbol
                if (local not in hidden or imported_as_it_is) and header.get(local, meant) == meant:
                    break
            bind(local, home, name, where)
            return local

        for one in members:
            module = self.modules[one]

            def change(rewriter: Rewriter, node: ast.expr, module: Module = module) -> ast.expr | None:
                constant = self._constant(module, node, rewriter.is_local)
                if constant is not None:
                    return constant
                meaning = self.meaning(module, node, rewriter.is_local)
                if isinstance(meaning, Symbol):
                    return ast.Name(local_of(meaning, module), getattr(node, "ctx", ast.Load()))
                if isinstance(node, ast.Name) and isinstance(meaning, ast.ImportFrom):
                    alias = next(one for one in meaning.names if (one.asname or one.name) == node.id)
                    bind(node.id, meaning.module or "", alias.name, module)
                elif isinstance(node, ast.Name) and isinstance(meaning, ast.Import):
                    bind(node.id, node.id, "", module)
                return None

            for statement in self._kept(one):
                done: Any = Rewriter(change).visit(twin(statement))
                if isinstance(done, (ast.FunctionDef, ast.ClassDef)):
                    done.name = self._final[Symbol(one, done.name)]
                for node in walk(done):
                    if isinstance(node, ast.FunctionDef):
                        where = module.path.relative_to(self.firmware).as_posix()
                        node.place = f"{where}:{node.lineno} {_owner(done, node)}{node.name}"  # pyright: ignore[reportAttributeAccessIssue]
                    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
                        self._inner_import(node)
                body.append(self._texted(_plain(done), module, lambda where: local_of(READER, where)))
        imports: list[ast.stmt] = []
        for local, (module, name) in sorted(header.items(), key=lambda row: (row[1], row[0])):
            if name:
                imports.append(ast.ImportFrom(module, [ast.alias(name, None if local == name else local)], 0))
            else:
                imports.append(ast.Import([ast.alias(module)]))
        return ast.Module([*imports, *body] if body else [], [])

    def _texted(self, done: Any, module: Module, reader: Callable[[Module], str]) -> Any:
        """A statement without its long texts, unless they stay."""
        if self.texts is None or module.name in STAY or self.unit_of[module.name] in self.hot or not has_texts(done):
            return done
        return self.texts.take(done, reader(module))

    def _inner_import(self, node: ast.ImportFrom) -> None:
        """An import within a function: from the unit where the name lives now."""
        alias = node.names[0]
        symbol = Symbol(node.module or "", alias.name)
        node.names = [ast.alias(self._final[symbol], alias.asname or alias.name)]
        node.module = self.unit_of[symbol.module]


def _drop_rows(trees: dict[str, ast.Module], unit: str, table: str) -> None:
    """Rows of a table of names that nothing says any more, because what they hold has been put where it is used."""
    statements = [one for name, tree in trees.items() if name == unit for one in tree.body if isinstance(one, ast.Assign)]
    found = [one.value for one in statements if targets(one) == [table] and isinstance(one.value, ast.Dict)]
    for one in found:
        own = {id(key) for key in one.keys}
        nodes = [node for tree in trees.values() for node in walk(tree) if isinstance(node, ast.Constant) and id(node) not in own]
        said = {node.value for node in nodes if isinstance(node.value, str)}
        kept = [(key, row) for key, row in zip(one.keys, one.values) if isinstance(key, ast.Constant) and key.value in said]
        one.keys, one.values = [key for key, _ in kept], [row for _, row in kept]


def _owner(statement: ast.stmt, function: ast.FunctionDef) -> str:
    return f"{statement.name}." if isinstance(statement, ast.ClassDef) and function in statement.body else ""


def _text(tree: ast.Module) -> str:
    lines = ast.unparse(ast.fix_missing_locations(tree)).splitlines()
    return first_names(tree) + "\n".join(map(_swap, lines)) + "\n"


def _swap(line: str) -> str:
    """`a, b = (b, a)` without the brackets that ast puts there: with them MicroPython makes a tuple, in every tick."""
    left, equals, right = line.partition(" = ")
    if not equals or ", " not in left or left.lstrip().startswith("(") or not right.startswith("("):
        return line
    try:
        value = ast.parse(right, mode="eval").body
    except SyntaxError:
        return line
    return f"{left} = {right[1:-1]}" if isinstance(value, ast.Tuple) and len(value.elts) > 1 else line


def _plain(statement: Any) -> Any:
    """Without docstrings."""
    for node in walk(statement):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
    return statement
