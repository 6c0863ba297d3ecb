"""`make report LOG=file`: a recorded session as an HTML page that stands alone. Without LOG: build/session.csv, which make run leaves."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tools.report import page
from tools.report.log import LogError, read

ROOT = Path(__file__).resolve().parents[2]
USAGE = 2


def write(log: Path, output: Path | None) -> Path:
    """Reads a log and writes its page beside it, or where `output` says. Raises LogError."""
    where = output or log.with_suffix(".html")
    if where.resolve() == log.resolve():
        raise LogError(f"--output: {where} is the log itself; allowed: another file")
    text = page.build(read(log))
    try:
        where.write_text(text, encoding="utf-8")
    except OSError as error:
        raise LogError(f"{where}: cannot be written: {error.strerror}") from None
    return where


def main(argv: list[str]) -> int:
    """Status 0, or 2 for a log that cannot be read."""
    parser = argparse.ArgumentParser(prog="make report", usage="make report [LOG=file] [ARGS='-o file.html']", description=__doc__)
    parser.add_argument("--log", type=Path, default=Path(os.environ.get("LOG") or ROOT / "build" / "session.csv"))
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args(argv)
    try:
        where = write(given.log, given.output)
    except LogError as error:
        print(f"LOG: {error}", file=sys.stderr)
        return USAGE
    print(f"{where} ({where.stat().st_size // 1024} KB)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
