"""Long texts leave the code: they lie in a file of their own and are read from it when one is said, by its place (core/borrow.py).

What answers a line that may come in a session, and come often, stays where it is: that is no time to read the flash.
"""

from __future__ import annotations

import ast

from tools.link.modules import Symbol
from tools.link.scopes import walk

FILE = "peristal/texts.txt"
READER = Symbol("peristal.core.borrow", "text_at")
SHORTEST = 20  # characters: a text costs 16 bytes beside its letters, the call that reads one about 7
STAY = (
    "peristal.console",
    "peristal.lines",
    "peristal.commands.session",
    "peristal.commands.adjust",
    "peristal.core.marker",
    READER.module,
)


class Texts:
    """take() the texts out of one statement after the other; `data` is the file."""

    def __init__(self) -> None:
        self.data = b""
        self._places: dict[str, int] = {}

    def take(self, statement: ast.stmt, reader: str) -> ast.stmt:
        """Texts within functions only: what a module's top or a default says is asked for at once. reader: local name of READER."""
        for node in walk(statement):
            if isinstance(node, ast.FunctionDef):
                node.body = [_Taker(self, reader).visit(one) for one in node.body]
        return statement

    def place(self, text: str) -> int:
        """Where a text begins in the file."""
        if text not in self._places:
            self._places[text] = len(self.data)
            self.data += text.encode() + b"\n"
        return self._places[text]


def has_texts(statement: ast.stmt) -> bool:
    """Whether take() would take any."""
    functions = [node for node in walk(statement) if isinstance(node, ast.FunctionDef)]
    return any(_is_text(node) for function in functions for one in function.body for node in walk(one))


def _is_text(node: ast.AST) -> bool:
    value = node.value if isinstance(node, ast.Constant) else None
    return isinstance(value, str) and len(value) >= SHORTEST and " " in value and "\n" not in value


class _Taker(ast.NodeTransformer):
    def __init__(self, texts: Texts, reader: str) -> None:
        self._texts = texts
        self._reader = reader

    def _call(self, text: str, *more: ast.expr) -> ast.expr:
        return ast.Call(ast.Name(self._reader, ast.Load()), [ast.Constant(self._texts.place(text)), *more], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """text % values: put together by the reader, which says something when the text cannot be read."""
        if isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant) and _is_text(node.left):
            return self._call(str(node.left.value), self.visit(node.right))
        self.generic_visit(node)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """A text as it is."""
        return self._call(str(node.value)) if _is_text(node) else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """An inner one has its turn."""
        return node
