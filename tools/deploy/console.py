"""`make console` and `make logs`: the firmware's own console over USB, and its journal."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tools.deploy import ports
from tools.deploy.link import Link, LinkError


def main(argv: list[str]) -> int:
    """`console` or `logs` first. Status 0 done, 1 the device does not answer, 2 what was asked for."""
    parser = argparse.ArgumentParser(prog="make", usage="make console|logs [PORT=port]", description=__doc__)
    parser.add_argument("what", choices=("console", "logs"))
    parser.add_argument("--port", default=os.environ.get("PORT", ""))
    given = parser.parse_args(argv)
    try:
        port = ports.find(given.port)
    except ports.NoPort as error:
        print(error, file=sys.stderr)
        return 2
    if given.what == "console":
        print("type `help` for the commands; Ctrl-] leaves. Ctrl-C lets the air out and ends the firmware.")
        return subprocess.call([sys.executable, "-m", "mpremote", "connect", port, "resume", "repl"])
    try:
        with Link(port) as link:
            said = [line for word in ("status", "fault", "journal") for line in link.command(word, wait_s=3)]
    except LinkError as error:
        print(error, file=sys.stderr)
        return 1
    if not said:
        print(f"{port}: the firmware does not answer; make console shows what is there", file=sys.stderr)
        return 1
    print("\n".join(said))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
