"""The firmware's modules as the linker sees them: what each binds at its top, and what it takes from others."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = "peristal"


class LinkError(Exception):
    """The firmware does something that the linker cannot follow; the text names the file and what."""


@dataclass(frozen=True)
class Symbol:
    """A name at the top of a module of the firmware."""

    module: str
    name: str


@dataclass
class Module:
    """`symbols`: top-level names with the statement that binds each. `names`: what a name means here when it is not the module's own:
    a Symbol, the name of a module of the firmware (an alias), or an import statement from outside."""

    name: str
    path: Path
    tree: ast.Module
    symbols: dict[str, ast.stmt] = field(default_factory=dict)
    names: dict[str, Symbol | str | ast.stmt] = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)  # modules that it imports when it is loaded, in their order


def targets(statement: ast.stmt) -> list[str]:
    """Names that a top-level statement binds."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name)]
    return []


def load(firmware: Path) -> dict[str, Module]:
    """Every module of the package under `firmware`, by its dotted name. Raises LinkError."""
    found: dict[str, Module] = {}
    for path in sorted((firmware / PACKAGE).rglob("*.py")):
        parts = path.relative_to(firmware).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, ast.parse(path.read_text(), str(path)))
    for module in found.values():
        for statement in module.tree.body:
            _bind(module, statement, found)
    return found


def _bind(module: Module, statement: ast.stmt, known: dict[str, Module]) -> None:
    if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] == PACKAGE:
        for alias in statement.names:
            meaning = imported(statement.module or "", alias.name, known)
            module.names[alias.asname or alias.name] = meaning
            module.needs.append(meaning if isinstance(meaning, str) else meaning.module)
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        for alias in statement.names:
            module.names[alias.asname or alias.name] = statement
    elif isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.Assign)):
        for name in targets(statement):
            if name in module.symbols:
                raise LinkError(f"{module.path}:{statement.lineno}: {name} is bound twice at the top of the module")
            module.symbols[name] = statement
    elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
        raise LinkError(f"{module.path}:{statement.lineno}: at the top of a module only imports, assignments, functions and classes")


def imported(package: str, name: str, known: dict[str, Module]) -> Symbol | str:
    """What `from package import name` means: a module, or a name in one."""
    whole = f"{package}.{name}"
    return whole if whole in known else Symbol(package, name)
