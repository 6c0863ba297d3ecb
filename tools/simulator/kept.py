"""What the firmware works out anew at every start-up, kept by the host: the figures of a board's parts are always the same.

A chip computes them once and has time for it; a test run makes thousands of start-ups, and half of each was this. Only functions of
numbers, that read and change nothing else: whether the result is computed or remembered, nobody can tell.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from peristal.core import model

PURE = {"peristal.core.model": ("vent_ms",)}
MOST = 10_000  # results; random boards would fill the memory

_results: dict[tuple[str, bytes], dict[tuple[Any, ...], Any]] = {}


def keep(module: Any, source: bytes) -> None:
    """Wraps the functions of PURE in a module that has just been run; `source`: other text (a changed firmware) has results of its own."""
    for name in PURE.get(module.__name__, ()):
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


keep(model, Path(model.__file__).read_bytes())
