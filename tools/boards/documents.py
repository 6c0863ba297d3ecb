"""`python3 tools/dev.py documents`: writes every generated file of boards/. A test fails when one of them is not up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from peristal.core.board import Board
from tools import architecture, handbook, safety
from tools.ble import document, vectors
from tools.boards import custom, hoses, reference, sheet, wiring
from tools.cli import document as command_line
from tools.deploy.package import FIRMWARE, package_json
from tools.panel import tables
from tools.programs import document as programs
from tools.simulator import boards
from tools.simulator import parameters as plant_parameters


def of_a_board(board: Board, folder: Path) -> dict[Path, str]:
    """The generated files of one board's folder."""
    made = {folder / name: content for name, content in custom.files(board).items()}
    made[folder / "wiring.svg"] = wiring.draw(board)
    made[folder / "air.svg"] = hoses.draw(board)
    made[folder / "board.md"] = sheet.text(board, folder / "board.py")
    return made


def everything() -> dict[Path, str]:
    """Path -> what it should hold."""
    made = {boards.BOARDS / "REFERENCE.md": reference.text(), plant_parameters.DOCUMENT: plant_parameters.text()}
    made[FIRMWARE / "package.json"] = package_json()
    made[safety.DOCUMENT] = safety.text()
    made |= {architecture.DOCUMENT: architecture.text(), handbook.DOCUMENT: handbook.text()}
    made |= {document.DOCUMENT: document.text(), vectors.FILE: vectors.text(), programs.DOCUMENT: programs.text()}
    made[tables.FILE] = tables.text()
    made[command_line.DOCUMENT] = command_line.text()
    for name in boards.names():
        made |= of_a_board(boards.load(name), boards.BOARDS / name)
    return made


def main(argv: list[str]) -> int:
    """Writes what differs and names it. Status 2 for any argument; and 2, and nothing is written, when a board file cannot be used."""
    if argv:
        print(f"documents: {argv[0]!r} is not allowed; it takes no arguments and writes all of them", file=sys.stderr)
        return 2
    broken = [why for why in map(boards.why_not, boards.names()) if why]
    if broken:
        print(*broken, sep="\n", file=sys.stderr)
        return 2
    for path, content in everything().items():
        if not path.exists() or path.read_text() != content:
            path.write_text(content)
            print(path.relative_to(boards.BOARDS.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
