"""Runs firmware source in a world of its own: its modules, its builtins, and nothing of the host's.

The files are compiled as they are, with one addition: every `try` gets a first handler that lets the signals of signals.py through,
because a chip that is off or in reset runs no handler. A compiled file is kept for the next start-up.
"""

import __future__

import ast
from collections.abc import Callable
from os.path import isfile, sep
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tools.simulator import fake_machine, fake_micropython, fake_os, fake_stdin, fake_struct, fake_sys, fake_time
from tools.simulator.fake_builtins import borrowed, build_builtins
from tools.simulator.quicker import QUICKER
from tools.simulator.signals import SIGNALS

_compiled: dict[tuple[str, bytes], CodeType] = {}
_SIGNALS_NAME = "__signals__"


class DeviceSyntaxError(SyntaxError):
    """A SyntaxError as the device raises it: its text says what, only its traceback says where."""

    def __str__(self) -> str:
        return self.msg


DeviceSyntaxError.__name__ = "SyntaxError"


class _Device(ast.NodeTransformer):
    """Refuses the syntax MicroPython lacks and lets the signals pass every handler."""

    def __init__(self, filename: str) -> None:
        self.filename = filename

    def refuse(self, node: Any) -> Any:
        raise SyntaxError("invalid syntax", (self.filename, node.lineno, node.col_offset + 1, None))

    visit_Match = visit_TryStar = refuse

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        """No positional-only parameters."""
        if node.posonlyargs:
            self.refuse(node.posonlyargs[0])
        return self.generic_visit(node)

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """`except <signals>: raise` before the file's own handlers."""
        self.generic_visit(node)
        if node.handlers:
            again = ast.Raise(exc=None, cause=None)
            signals = ast.Name(id=_SIGNALS_NAME, ctx=ast.Load())
            handler = ast.ExceptHandler(type=signals, name=None, body=[again])
            for added in (again, signals, handler):
                ast.copy_location(added, node)
            node.handlers.insert(0, handler)
        return node


def compile_source(source: bytes, filename: str) -> CodeType:
    """Code of a firmware file. SyntaxError for what CPython or MicroPython refuses."""
    key = (filename, source)
    if key not in _compiled:
        try:
            tree = ast.fix_missing_locations(_Device(filename).visit(ast.parse(source, filename)))
            # MicroPython does not evaluate annotations.
            _compiled[key] = compile(tree, filename, "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True)
        except SyntaxError as error:
            raise DeviceSyntaxError("invalid syntax", (filename, error.lineno, 1, None)) from error
        except ValueError as error:  # a zero byte, which a torn file may have
            raise DeviceSyntaxError("invalid syntax", (filename, 1, 1, None)) from error
    return _compiled[key]


class World:
    """One start-up of the firmware: `modules` by name, `names` of the files run (host file name -> name on the device)."""

    def __init__(self, chip: Any, firmware: Path, hooks: dict[str, list[Callable[[ModuleType], None]]]) -> None:
        self.chip = chip
        self.firmware = firmware
        self._folder = f"{firmware}{sep}"
        self.hooks = hooks
        self.modules: dict[str, ModuleType] = {}
        self.names: dict[str, str] = {}
        machine = fake_machine.build(chip)
        sys = fake_sys.build(chip, self.modules, self.names)
        self.builtin_modules: dict[str, ModuleType] = {
            "machine": machine,
            "time": fake_time.build(chip),
            "micropython": fake_micropython.build_micropython(chip),
            "gc": fake_micropython.build_gc(),
            "esp32": fake_micropython.build_esp32(chip),
            "neopixel": fake_micropython.build_neopixel(chip, machine.Pin),
            "os": fake_os.build_os(chip),
            "struct": fake_struct.build(),
            "select": fake_stdin.build_select(chip, sys.stdin, sys.stdout),
            "sys": sys,
            **borrowed(),
        }
        if chip.radio is not None:
            from tools.simulator import bluetooth  # only who asks for a radio needs Bumble

            self.builtin_modules["bluetooth"] = bluetooth.build(chip)
        self.builtins = build_builtins(chip, self._import, fake_os.build_open(chip))
        self.builtins[_SIGNALS_NAME] = SIGNALS

    def run_main(self) -> None:
        """Execute main.py; a missing one is nothing, as on the device."""
        found = self._find("main")
        if found is None:
            return
        source, filename, _ = found
        main = ModuleType("__main__")
        self.modules["__main__"] = main
        self._execute(main, source, filename)

    def _find(self, path: str) -> tuple[bytes, str, bool] | None:
        """Source, file name and whether it is a package, of a module given as a path without suffix.

        The flash first, then the firmware folder, then /lib on the flash.
        """
        places = ("", None, "lib/")
        for place in places:
            for name, is_package in ((path + ".py", False), (path + "/__init__.py", True)):
                if place is None:
                    file = self._folder + name
                    if isfile(file):
                        self.names[file] = name
                        with open(file, "rb") as opened:
                            return opened.read(), file, is_package
                elif place + name in self.chip.flash.files:
                    self.names["/" + place + name] = place + name
                    return self.chip.flash.files[place + name], "/" + place + name, is_package
        if any(self._is_folder(path, place) for place in places):
            return b"", "", True  # a package needs no __init__.py
        return None

    def _is_folder(self, path: str, place: str | None) -> bool:
        if place is None:
            return (self.firmware / path).is_dir()
        return place + path in self.chip.flash.folders

    def _execute(self, module: ModuleType, source: bytes, filename: str) -> None:
        scope = module.__dict__
        scope["__builtins__"] = self.builtins
        if filename:
            scope["__file__"] = self.names[filename]
            exec(compile_source(source, filename), scope)

    def load(self, name: str) -> ModuleType:
        """The module of a dotted name, run if it was not yet. ImportError "no module named 'x'"."""
        if name in self.modules:
            return self.modules[name]
        parent_name, _, leaf = name.rpartition(".")
        parent = self.load(parent_name) if parent_name else None
        if name in self.modules:
            return self.modules[name]
        if name in self.builtin_modules:
            module = self.modules[name] = self.builtin_modules[name]
            return module
        found = self._find(name.replace(".", "/"))
        if found is None or (parent is not None and not hasattr(parent, "__path__")):
            raise ImportError(f"no module named '{name}'")
        source, filename, is_package = found
        module = ModuleType(name)
        if is_package:
            module.__dict__["__path__"] = name.replace(".", "/")
        module.__package__ = name if is_package else parent_name
        self.modules[name] = module
        try:
            self._execute(module, source, filename)
            if name in QUICKER:
                QUICKER[name](module, source)
            for hook in self.hooks.get(name, []):
                hook(module)
        except BaseException:
            self.modules.pop(name, None)
            raise
        if parent is not None:
            setattr(parent, leaf, module)
        return module

    def _import(self, name: str, scope: Any = None, locals: Any = None, wanted: Any = (), level: int = 0) -> ModuleType:
        if level:
            package = (scope or {}).get("__package__") or ""
            base = package.split(".")
            if level > len(base) or not package:
                raise ImportError("can't perform relative import")
            name = ".".join(base[: len(base) - level + 1] + ([name] if name else []))
        module = self.load(name)
        if not wanted:
            return self.modules[name.partition(".")[0]] if not level else module
        for attribute in wanted:
            if attribute != "*" and not hasattr(module, attribute):
                if not hasattr(module, "__path__"):
                    raise ImportError(f"can't import name {attribute}")
                self.load(f"{name}.{attribute}")
        return module
