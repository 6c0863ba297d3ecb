"""A board file as it stands, with every mistake in it: the device's own checks are run one by one instead of raising the first."""

from __future__ import annotations

import runpy
import traceback
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
            scope = runpy.run_path(str(path))
        if "BOARD" not in scope:
            raise NoBoard(f"{path}: has no BOARD; allowed: BOARD = Board(...)")
        board = scope["BOARD"]
    except NoBoard:
        raise
    except (Exception, SystemExit) as error:  # a person edits this file: anything may stand in it
        raise NoBoard(f"{path}{_line(path, error)}: {type(error).__name__}: {error}") from error
    if not isinstance(board, Board):
        raise NoBoard(f"{path}: BOARD is {board!r}; allowed: BOARD = Board(...)")
    return board, [said for said in (_refusal(check, board) for check in board_check.CHECKS) if said]


def _line(path: Path, error: BaseException) -> str:
    """", line 12" of the board file, where the mistake is; "" when the error says it itself."""
    if isinstance(error, SyntaxError):
        return ""
    own = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f", line {own[-1]}" if own else ""


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
