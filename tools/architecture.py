"""Draws firmware/architecture.svg from the firmware's source: the loop's steps with what each uses, and which room imports which.

`make documents` writes it anew, a test compares it. Nothing is run for it: `app.py` is read for the loop, every file for its imports.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

from peristal.core import limits
from tools.boards.svg import BLUE, GREEN, GREY, INK, PALE, RED, Drawing
from tools.dev import ROOT

FIRMWARE = Path(ROOT) / "firmware"
DOCUMENT = FIRMWARE / "architecture.svg"
# What a file at the top of the package belongs to; every other room is a folder.
ROOMS = {"main": "main.py", "app": "app.py", "stalls": "app.py", "console": "commands", "lines": "commands"}
OUTSIDE = ("machine", "bluetooth", "esp32", "neopixel")
LAYERS = (
    ("deadman", f"a timer: no tick for {limits.DEADMAN_MS} ms, everything off"),
    ("watchdog", f"{limits.WATCHDOG_MS} ms after the last healthy tick the chip resets"),
    ("12 V enable", "only a loop that toggles it keeps pump and coils alive"),
    ("valves at rest", "no current: every zone open to the air"),
    ("relief valve", "on the line, needs no electricity"),
)


@dataclass(frozen=True)
class Step:
    """One of the loop's steps: its name, the first line of its docstring, and the files of what it uses."""

    name: str
    says: str
    uses: tuple[str, ...]


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(name as it is used, module it comes from) of every import of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                module = f"{node.module}.{alias.name}"
                is_module = (FIRMWARE / (module.replace(".", "/") + ".py")).exists() or (FIRMWARE / module.replace(".", "/")).is_dir()
                yield alias.asname or alias.name, module if is_module else node.module
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], alias.name


def _file(module: str) -> str:
    """peristal.core.guard -> core/guard; a package is its folder."""
    path = module.replace(".", "/")
    return path.removeprefix("peristal/") + ("" if (FIRMWARE / f"{path}.py").exists() else "/")


def _attributes(node: ast.AST) -> Iterator[str]:
    """Names of self's attributes, in the order in which they stand."""
    found = [part for part in ast.walk(node) if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)]
    for part in sorted(found, key=lambda part: (part.lineno, part.col_offset)):
        if isinstance(part.value, ast.Name) and part.value.id == "self":
            yield part.attr


def steps() -> list[Step]:
    """The loop, as tick() in app.py calls it."""
    tree = ast.parse((FIRMWARE / "peristal" / "app.py").read_text())
    known = dict(_imports(tree))
    app = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "App")
    methods = {node.name: node for node in app.body if isinstance(node, ast.FunctionDef)}
    made: dict[str, str] = {}
    for node in ast.walk(methods["__init__"]):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            module = _maker(node.value, known, methods)
            for target in node.targets:
                if isinstance(target, ast.Attribute) and module.startswith("peristal."):
                    made[target.attr] = _file(module)
    called = [node.value.func.attr for node in methods["tick"].body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
              and isinstance(node.value.func, ast.Attribute)]  # fmt: skip
    found = []
    for name in called:
        says = (ast.get_docstring(methods[name]) or "").splitlines()[0]
        uses = tuple(dict.fromkeys(made[attribute] for attribute in _attributes(methods[name]) if attribute in made))
        found.append(Step(name, says.rstrip("."), uses))
    return found


def _maker(call: ast.Call, known: dict[str, str], methods: dict[str, ast.FunctionDef]) -> str:
    """The module of what is called to make an attribute; a method of App is looked into."""
    func = call.func
    if isinstance(func, ast.Name):
        return known.get(func.id, "")
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        if func.value.id != "self":
            return known.get(func.value.id, "")
        for inner in ast.walk(methods.get(func.attr, ast.Pass())):
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and isinstance(inner.func.value, ast.Name):
                module = known.get(inner.func.value.id, "")
                if module.startswith("peristal."):
                    return module
    return ""


def room(module: str) -> str:
    """The room of a module: core, hw, ble, store, commands, app.py, main.py; "" for what is not the firmware's."""
    parts = module.split(".")
    if parts == ["main"]:
        return "main.py"
    if parts[0] != "peristal" or len(parts) < 2:
        return ""
    return ROOMS.get(parts[1], parts[1])


def edges() -> tuple[set[tuple[str, str]], dict[str, set[str]]]:
    """(room, room it imports) of the whole firmware, and what of the hardware each room imports."""
    between: set[tuple[str, str]] = set()
    outside: dict[str, set[str]] = {}
    for path in sorted(FIRMWARE.rglob("*.py")):
        own = room(".".join(path.relative_to(FIRMWARE).with_suffix("").parts).removesuffix(".__init__"))
        for _, module in _imports(ast.parse(path.read_text())) if own else ():
            other = room(module)
            if other and other != own:
                between.add((own, other))
            top = module.partition(".")[0]
            if top in OUTSIDE:
                outside.setdefault(own, set()).add(top)
    return between, outside


# --- the picture ----------------------------------------------------------------------------------------------------

STEP_H, STEP_W, LEFT, TOP = 82, 530, 66, 104
# room: x, y, width, height, what it is
PLACES = {
    "main.py": (1004, 104, 148, 64, "safe outputs first"),
    "app.py": (790, 104, 166, 64, "knows all, owns the loop"),
    "store": (640, 234, 108, 64, "files"),
    "commands": (764, 234, 112, 64, "the console"),
    "ble": (904, 234, 108, 64, "the radio"),
    "hw": (1032, 234, 120, 64, "pins, ADC, panel"),
    "core": (640, 376, 512, 56, "pure logic: integers only, no hardware, the same on every Python"),
}


def text() -> str:
    """The picture as SVG."""
    page = Drawing(1192, 800)
    page.text(40, 40, "Peristal's firmware", 22, bold=True)
    page.text(40, 64, "One loop, eight steps, always in this order; imports run one way. Drawn from the source.", 13, GREY)
    _loop(page, steps())
    between, outside = edges()
    page.text(640, 92, "Rooms, and which imports which", 14, bold=True)
    for one, other in sorted(between):
        _arrow(page, PLACES[one], PLACES[other])
    for name, (x, y, w, h, says) in PLACES.items():
        core = name == "core"
        page.box(x, y, w, h, "#e3f1e7" if core else "#fff", GREEN if core else INK)
        page.text(x + w / 2, y + 22, name if name.endswith(".py") else f"{name}/", 14, anchor="middle", bold=True)
        page.text(x + w / 2, y + 38, says, 11, GREY, anchor="middle")
        if name in outside:
            page.text(x + w / 2, y + 54, ", ".join(sorted(outside[name])), 11, BLUE, anchor="middle")
    page.text(640, 452, "Blue: what a room imports of the hardware; the others import none.", 11, GREY)
    page.text(640, 468, "commands/ stands for console.py and lines.py too.", 11, GREY)
    page.text(640, 528, "Beside and below the loop", 14, bold=True)
    for place, (name, says) in enumerate(LAYERS):
        y = 542 + 38 * place
        page.box(640, y, 512, 30, PALE, GREY)
        page.text(652, y + 20, name, 12, RED, bold=True)
        page.text(768, y + 20, says, 12)
    return str(page)


def _loop(page: Drawing, found: list[Step]) -> None:
    for place, step in enumerate(found):
        y = TOP + STEP_H * place
        guard = step.name == "guard"
        page.box(LEFT, y, STEP_W, STEP_H - 14, "#fbe9e7" if guard else PALE, RED if guard else INK)
        page.text(LEFT + 14, y + STEP_H / 2, step.name, 16, RED if guard else INK, bold=True)
        lines = [(line, INK, 12) for line in wrap(step.says, 60)]
        lines += [(line, BLUE, 11) for line in wrap(", ".join(step.uses), 68)]
        for row, (line, colour, size) in enumerate(lines):
            page.text(LEFT + 112, y + 37 + 15 * (row - (len(lines) - 1) / 2), line, size, colour)
        if place + 1 < len(found):
            _head(page, LEFT + 40, y + STEP_H - 14, LEFT + 40, y + STEP_H)
    end = TOP + STEP_H * (len(found) - 1) + 28
    page.wire((LEFT, end), (36, end), (36, TOP + 28), (LEFT - 6, TOP + 28), colour=INK, width=2)
    _head(page, LEFT - 8, TOP + 28, LEFT, TOP + 28)
    page.text(LEFT, end + 58, f"every {limits.TICK_MS} ms; what a step uses is in blue", 12, GREY)


def _arrow(page: Drawing, one: tuple[int, int, int, int, str], other: tuple[int, int, int, int, str]) -> None:
    """From one box to another: sideways when they stand beside each other, else from bottom to top."""
    if one[1] == other[1]:
        right = one[0] < other[0]
        y = one[1] + one[3] / 2
        start, end = (one[0] + one[2], other[0]) if right else (one[0], other[0] + other[2])
        page.wire((start, y), (end, y), colour=GREY, width=1.3)
        _head(page, start, y, end, y, GREY)
        return
    x0, y0 = one[0] + one[2] / 2, one[1] + one[3]
    x1, y1 = other[0] + other[2] / 2, other[1]
    if other[2] > 300:  # core: from above, past what stands between
        x1 = min(max(x0, other[0] + 20), other[0] + other[2] - 20)
        if y1 - y0 > 150:
            x1 = x0 = 890
    page.wire((x0, y0), (x1, y1), colour=GREY, width=1.3)
    _head(page, x0, y0, x1, y1, GREY)


def _head(page: Drawing, x0: float, y0: float, x1: float, y1: float, colour: str = INK) -> None:
    """An arrow's head at x1, y1, coming from x0, y0."""
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    back_x, back_y = x1 - 8 * dx, y1 - 8 * dy
    corners = [(x1, y1), (back_x - 4 * dy, back_y + 4 * dx), (back_x + 4 * dy, back_y - 4 * dx)]
    page.area(*[(round(x, 1), round(y, 1)) for x, y in corners], fill=colour, line=colour)
