"""What belongs together, what a name stands for, and what is used: the firmware as the linker sees it whole."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools.link.modules import PACKAGE, LinkError, Module, Symbol, load, targets
from tools.link.scopes import Rewriter, twin, walk
from tools.link.texts import READER
from tools.link.values import Unknown, Values

ROOTS = ("peristal.app", "peristal.ble.radio")
# Files of their own although the application imports them: board.py, main.py or the replay on a board ask for them by name.
BY_HAND = ("peristal.core.board", "peristal.core.parts", "peristal.core.marker", "peristal.hw.rtc", "peristal.hw.watchdog", "peristal.ble")
# Columns that only documents and the host show: they are empty on the device. (module, table): how many columns a row keeps.
DOCUMENTS = {("peristal.core.limits", "LIMITS"): 4, ("peristal.core.modes", "MODES"): 3, ("peristal.core.presets", "PRESETS"): 4}
# What the rigs that measure the deployed firmware ask an App for (tools/budgets/heap.py); main.py's own wishes are read from it.
RIGS = ("deadman", "fault", "guarding", "pairing", "radio", "session", "start", "state", "tick")
SHORT = 10  # letters of a word that costs no more where it is used than as a name


class Graph:
    """unit_of: module -> the unit it goes into. Raises LinkError for what cannot be followed."""

    def __init__(self, firmware: Path, hot: Iterable[str] = ()) -> None:
        self.firmware = firmware
        self.modules = load(firmware)
        for (name, table), columns in DOCUMENTS.items():
            statement = self.modules[name].symbols.get(table) if name in self.modules else None
            for row in walk(statement) if statement else ():
                if isinstance(row, ast.Tuple) and len(row.elts) == columns + 1 and isinstance(row.elts[-1], ast.Constant):
                    row.elts[-1].value = "" if isinstance(row.elts[-1].value, str) else row.elts[-1].value
        self.values = Values(self.modules)
        outside = [ast.parse((firmware / "main.py").read_text())]
        trees = [module.tree for module in self.modules.values()] + outside
        nodes = [node for tree in trees for node in walk(tree)]
        self.asked = {"App", "Radio", *RIGS} | {name for tree in outside for name in _names(tree)}  # by name, in what is not linked
        # What may be asked for by name at run time: attributes, and words for getattr().
        self._said = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        self._said |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        self.hot = set(hot)
        self.unit_of = self._partition(self.hot)
        self._uses = self._reach()

    # --- what belongs together -------------------------------------------------------------------------------------------

    def _closure(self, names: Iterable[str], without: set[str]) -> list[str]:
        """These modules and what they import, each after what it needs."""
        order: list[str] = []

        def enter(name: str) -> None:
            if name in order or name in without:
                return
            seen.add(name)
            for need in self.modules[name].needs:
                if need not in seen:
                    enter(need)
            order.append(name)

        seen: set[str] = set()
        for name in names:
            enter(name)
        return order

    def _partition(self, hot: set[str]) -> dict[str, str]:
        apart = set(self._closure(BY_HAND[:2], set())) | set(BY_HAND) | hot
        units = {name: name for name in self.modules}
        taken = set(apart)
        self._order: dict[str, list[str]] = {}
        for root in ROOTS:
            members = self._closure([root], taken)
            self._order[root] = members
            taken |= set(members)
            units.update(dict.fromkeys(members, root))
        return units

    # --- what a name stands for ------------------------------------------------------------------------------------------

    def meaning(self, module: Module, node: ast.expr, is_local: Any) -> Symbol | ast.stmt | str | None:
        """Of a Name or module.attribute: a symbol of the firmware, an import from outside, a builtin's name, or None."""
        if isinstance(node, ast.Name):
            if is_local(node.id):
                return None
            if node.id in module.symbols:
                return Symbol(module.name, node.id)
            meaning = module.names.get(node.id, node.id)
            if isinstance(meaning, str) and node.id in module.names:
                raise LinkError(f"{module.path}:{node.lineno}: {node.id} is a module; only its names may be used")
            return meaning
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and not is_local(node.value.id):
            meaning = module.names.get(node.value.id)
            if isinstance(meaning, str):
                if node.attr not in self.modules[meaning].symbols:
                    raise LinkError(f"{module.path}:{node.lineno}: {meaning} has no {node.attr}")
                return Symbol(meaning, node.attr)
        return None

    def _constant(self, module: Module, node: ast.expr, is_local: Any) -> ast.expr | None:
        """A whole number or a short word in the place of an expression."""
        if not isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.BinOp, ast.UnaryOp, ast.Subscript, ast.DictComp)):
            return None
        if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
            return None

        def resolve(one: ast.expr) -> Symbol | str | None:
            found = self.meaning(module, one, is_local)
            return found if isinstance(found, (Symbol, str)) else None

        try:
            value = self.values.of(node, resolve)
        except Unknown:
            return None
        if type(value) is int:
            return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))
        if isinstance(node, ast.DictComp) and all(type(one) is int for row in value.items() for one in row):
            return ast.Dict([ast.Constant(key) for key in value], [ast.Constant(one) for one in value.values()])
        if isinstance(value, str) and len(value) <= SHORT and isinstance(node, (ast.Name, ast.Attribute)):
            return ast.Constant(value)
        return None

    # --- what is used ----------------------------------------------------------------------------------------------------

    def _reach(self) -> Counter[Symbol]:
        """The symbols that something needs, starting from what is asked for by name at run time."""
        used: Counter[Symbol] = Counter()
        waiting: list[Symbol] = []

        def use(symbol: Symbol) -> None:
            used[symbol] += 1
            if used[symbol] == 1:
                waiting.append(symbol)

        for name, module in self.modules.items():
            bundled = self.unit_of[name] in ROOTS
            for symbol in module.symbols:
                if (name in ROOTS and symbol in ("App", "Radio")) or name in BY_HAND[:2]:
                    use(Symbol(name, symbol))
                elif not bundled and (symbol in self._said or symbol == "COMMANDS"):
                    use(Symbol(name, symbol))
        if READER.module in self.modules:
            use(READER)
        while waiting:
            symbol = waiting.pop()
            module = self.modules[symbol.module]
            statement = module.symbols.get(symbol.name)
            if statement is None:
                raise LinkError(f"{symbol.module} has no {symbol.name}")
            for other in targets(statement):
                if Symbol(symbol.module, other) not in used and other != symbol.name:
                    use(Symbol(symbol.module, other))

            def look(rewriter: Rewriter, node: ast.expr, module: Module = module) -> ast.expr | None:
                constant = self._constant(module, node, rewriter.is_local)
                if constant is not None:
                    return constant
                meaning = self.meaning(module, node, rewriter.is_local)
                if isinstance(meaning, Symbol):
                    use(meaning)
                    return node
                return None

            Rewriter(look).visit(twin(statement))
            for node in walk(statement):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
                    for alias in node.names:
                        use(Symbol(node.module or "", alias.name))
        return used

    def _kept(self, name: str) -> list[ast.stmt]:
        """The statements of a module that bind something used, but for constants that are folded away."""
        kept = []
        for statement in self.modules[name].tree.body:
            symbols = [Symbol(name, target) for target in targets(statement)]
            if any(symbol in self._uses for symbol in symbols) and not all(self._folds(symbol) for symbol in symbols):
                kept.append(statement)
        return kept

    def _folds(self, symbol: Symbol) -> bool:
        try:
            value = self.values.value(symbol)
        except Unknown:
            return False
        bundled = self.unit_of[symbol.module] in ROOTS
        asked = not bundled and symbol.name in self._said  # module.NAME of a borrowed module
        return (type(value) is int or (isinstance(value, str) and len(value) <= SHORT)) and not asked


def _names(tree: ast.Module) -> set[str]:
    """Attributes, and what is imported."""
    nodes = list(ast.walk(tree))
    found = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return found | {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
