"""Every file that can come to run on a board compiles for every kind of chip, as bytecode and as machine code."""
from pathlib import Path

import pytest

from tools.mpy import ARCHITECTURES, ROOT, CompileError, compile_mpy, device_files

FILES = device_files()
REPLAY_FILES = sorted((ROOT / "tools" / "wasm" / "replay").glob("*.py"))
MPY_6_BYTECODE = b"M\x06\x00\x1f"  # magic, version, no architecture, 31-bit small integers


@pytest.mark.parametrize("native", [False, True], ids=["bytecode", "native"])
@pytest.mark.parametrize("march", ARCHITECTURES)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_device_file_compiles(path: Path, march: str, native: bool, tmp_path: Path) -> None:
    target = tmp_path / "out.mpy"
    compile_mpy(path, target, path.name, march, native)
    assert target.read_bytes().startswith(b"M\x06")


@pytest.mark.parametrize("path", REPLAY_FILES, ids=lambda path: path.name)
def test_a_file_of_the_replay_rig_compiles(path: Path, tmp_path: Path) -> None:
    compile_mpy(path, tmp_path / "out.mpy", path.name)
    assert (tmp_path / "out.mpy").read_bytes().startswith(MPY_6_BYTECODE)


def test_the_firmware_and_the_boards_were_found() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in FILES}
    assert "firmware/main.py" in names
    assert any(name.startswith("boards/") for name in names)


@pytest.mark.parametrize("source", [
    "match 1:\n    case 1: pass\n",
    "def f(a, /):\n    return a\n",
    "try:\n    pass\nexcept* OSError:\n    pass\n",
    "x = (\n",
], ids=["match", "positional only", "except*", "open bracket"])
def test_what_a_board_cannot_parse_is_refused_with_its_line(source: str, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(source)
    with pytest.raises(CompileError, match=r'bad\.py", line \d\nSyntaxError: invalid syntax'):
        compile_mpy(tmp_path / "bad.py", tmp_path / "out.mpy", "bad.py")


def test_machine_code_is_made_for_the_chip_that_was_named(tmp_path: Path) -> None:
    source = tmp_path / "loop.py"
    source.write_text("def f(n):\n    for i in range(n):\n        n += i\n    return n\n")
    made = {}
    for march in ARCHITECTURES:
        compile_mpy(source, tmp_path / "out.mpy", "loop.py", march, native=True)
        made[march] = (tmp_path / "out.mpy").read_bytes()
    assert made["xtensawin"][2] >> 2 != made["rv32imc"][2] >> 2 != 0
