"""What of the firmware the host does in a way of its own, with the same result, because a test run does it thousands of times.

- What the parts of a board can do is worked out at every start-up, from the same figures: half of a start-up was that. The results are
  kept. Only functions of numbers that read and change nothing else: whether one is computed or remembered, nobody can tell. The copy of
  the module that this process has for itself (boards are checked with it, the guard's tests run on it) remembers too.
- `shed()` asks each object for its `__dict__`. On the device that is how an object is stored; here it makes the object store itself in a
  dictionary from then on, and every tick of the session takes an eighth longer. The same walk goes without asking.
"""

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from peristal.core import model

PURE = ("vent_ms",)
MOST = 10_000  # results; random boards would fill the memory

_results: dict[tuple[str, bytes], dict[tuple[Any, ...], Any]] = {}


def keep(module: Any, source: bytes) -> None:
    """Wraps the functions of PURE in a model that has just been run; `source`: other text (a changed firmware) has results of its own."""
    for name in PURE:
        function = getattr(module, name, None)
        if function is not None:
            setattr(module, name, _remembering(function, _results.setdefault((name, source), {})))


def _remembering(function: Callable[..., Any], results: dict[tuple[Any, ...], Any]) -> Callable[..., Any]:
    def remembering(*arguments: Any) -> Any:
        if arguments not in results:
            if len(results) >= MOST:
                results.clear()
            results[arguments] = function(*arguments)
        return results[arguments]

    return remembering


def shed(one: Any, kept: list[type]) -> None:
    """As core/borrow.py."""
    kind = type(one)
    if kind in kept or not kind.__dictoffset__:
        return
    kept.append(kind)
    for owner in (kind, *kind.__bases__):
        if "__init__" in owner.__dict__ and owner is not object:
            owner.__init__ = None  # pyright: ignore[reportAttributeAccessIssue]
    values = [value for value in gc.get_referents(one) if value is not kind]
    if len(values) == 1 and type(values[0]) is dict:  # it is stored in one already, or that is all it has
        values = list(one.__dict__.values())
    for value in values:
        for part in value if isinstance(value, list) else (value,):
            shed(part, kept)


def replace_shed(module: Any, _source: bytes) -> None:
    """In a borrow.py that has just been run."""
    if hasattr(module, "shed"):
        module.shed = shed


QUICKER: dict[str, Callable[[Any, bytes], None]] = {"peristal.core.model": keep, "peristal.core.borrow": replace_shed}
"""What to do with a module of this name when it has been run."""

keep(model, Path(model.__file__).read_bytes())
