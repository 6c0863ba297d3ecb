"""A board file as it stands, with every mistake in it: the device's own checks are run one by one instead of raising the first."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from peristal.core import board_check
from peristal.core.board import Board
from peristal.core.parts import BoardError
from tools.simulator import boards


class NoBoard(Exception):
    """There is no board to look at; the text says why and what is allowed."""


def find(text: str) -> Path:
    """The file of a board's name, of its folder, or of a path. Raises NoBoard."""
    for path in (boards.BOARDS / text / "board.py", Path(text) / "board.py", Path(text)):
        if path.is_file():
            return path
    raise NoBoard(f"board: {text!r} is not known; allowed: {', '.join(boards.names())}, or the path of a board.py")


def read(path: Path) -> tuple[Board, list[str]]:
    """The board of a file, and the sentences with which the device would refuse it.

    Raises NoBoard when a part of it cannot be built at all; that sentence is the device's too.
    """
    try:
        with _unchecked():
            board = runpy.run_path(str(path))["BOARD"]
    except KeyError as error:
        raise NoBoard(f"{path}: has no BOARD") from error
    except (BoardError, SyntaxError, NameError, TypeError, ImportError) as error:
        raise NoBoard(f"{path}: {type(error).__name__}: {error}") from error
    return board, [said for said in (_refusal(check, board) for check in board_check.CHECKS) if said]


@contextmanager
def _unchecked() -> Iterator[None]:
    check = Board.check
    Board.check = lambda self: None
    try:
        yield
    finally:
        Board.check = check


def _refusal(check: Any, board: Board) -> str:
    try:
        check(board)
    except BoardError as error:
        return str(error)
    except (AttributeError, ValueError, ZeroDivisionError):  # it relies on what an earlier check has refused
        return ""
    return ""
