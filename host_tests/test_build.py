"""`make mpy` and `make install`: what goes onto a chip is for that chip, complete, and what a board can mount."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import link, mpy
from tools.deploy import build, install
from tools.deploy.install import NoInstall, chip_of, image_chip
from tools.simulator import boards

FIRMWARE = mpy.ROOT / "firmware"


def arch(data: bytes) -> int:
    return data[2] >> 2


@pytest.mark.parametrize("name", ["esp32_manifold", "esp32c3_mini"])
def test_the_build_is_complete_and_its_machine_code_is_the_chips(name):
    content = build.files(boards.BOARDS / name / "board.py")
    assert set(content) == {f"{name}.mpy" for name in link.units()} | {"main.py", "board.py", "pins.txt", "peristal/texts.txt"}
    board = boards.load(name)
    numbers = [int(word) for word in content["pins.txt"].split()]
    assert numbers == [*board.safe_pins(), sum(board.safe_pins())]
    native = {path for path, data in content.items() if path.endswith(".mpy") and arch(data)}
    assert native == {name.replace(".", "/") + ".mpy" for name in link.HOT}
    assert len({arch(content[path]) for path in native}) == 1
    other = build.files(boards.BOARDS / "esp32c3_mini" / "board.py") if name != "esp32c3_mini" else None
    if other is not None:
        assert {arch(content[path]) for path in native} != {arch(other[path]) for path in native}


def test_no_source_asks_for_machine_code_itself():
    decorators = ("@micropython", "@native", "@viper")
    assert not [path for path in FIRMWARE.rglob("*.py") if any(word in path.read_text() for word in decorators)]


def test_the_image_can_be_mounted_and_holds_the_files():
    from littlefs import LittleFS

    content = {"main.py": b"x = 1\n", "peristal/core/a.mpy": bytes(5000), "pins.txt": b""}
    packed = build.image(content, 64 * build.BLOCK_BYTES)
    assert len(packed) == 64 * build.BLOCK_BYTES
    fs = LittleFS(block_size=build.BLOCK_BYTES, block_count=64, mount=False)
    fs.context.buffer = bytearray(packed)
    fs.mount()
    found = {}
    for folder, _, names in fs.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with fs.open(path, "rb") as file:
                found[path[1:]] = file.read()
    assert found == content


def test_package_json_lists_every_file_of_the_firmware():
    listed = json.loads((FIRMWARE / "package.json").read_text())["urls"]
    assert sorted(target for target, _ in listed) == sorted(path.relative_to(FIRMWARE).as_posix() for path in FIRMWARE.rglob("*.py"))
    assert all((FIRMWARE / source).is_file() for _, source in listed)


def firmware(path: Path, chip_id: int, magic: int = 0xE9) -> Path:
    head = bytearray(24)
    head[0] = magic
    head[12:14] = chip_id.to_bytes(2, "little")
    path.write_bytes(bytes(head) + bytes(100))
    return path


class FakeEsptool:
    """Answers as esptool does; keeps what it was asked."""

    def __init__(self, says="Connecting....\nDetecting chip type... ESP32\nChip type:          ESP32-D0WD-V3 (revision v3.1)\n", fails=""):
        self.says = says
        self.fails = fails
        self.asked = []

    def __call__(self, *args):
        self.asked.append(args)
        return (2 if self.fails and self.fails in args else 0), self.says if "chip-id" in args else ""


@pytest.mark.parametrize("chip_id, chip, says, offset", [
    (0, "esp32", "Detecting chip type... ESP32\n", "0x1000"),
    (9, "esp32s3", "Connected to ESP32-S3 on /dev/ttyACM0:\nChip type: ESP32-S3 (QFN56)\n", "0x0"),
    (5, "esp32c3", "Detecting chip type... ESP32-C3\n", "0x0"),
])  # fmt: skip
def test_micropython_is_written_where_the_chip_looks_for_it(tmp_path, chip_id, chip, says, offset):
    tool = FakeEsptool(says)
    file = firmware(tmp_path / "mp.bin", chip_id)
    install.install("/dev/x", file, tool)
    assert [args[-1] if "write-flash" not in args else args[-3:] for args in tool.asked] == [
        "chip-id", "erase-flash", ("write-flash", offset, str(file)),
    ]  # fmt: skip
    assert all(args[2:4] == ("--chip", chip) for args in tool.asked[1:])


def test_a_firmware_for_another_chip_erases_nothing(tmp_path):
    tool = FakeEsptool()
    with pytest.raises(NoInstall, match="it is for esp32s3, the chip is esp32; nothing was erased"):
        install.install("/dev/x", firmware(tmp_path / "mp.bin", 9), tool)
    assert len(tool.asked) == 1


@pytest.mark.parametrize("magic, chip_id, says", [(0x7F, 0, "no firmware image"), (0xE9, 77, "a chip with the number 77")])
def test_a_file_that_is_no_firmware_is_refused(tmp_path, magic, chip_id, says):
    with pytest.raises(NoInstall, match=says):
        image_chip(firmware(tmp_path / "mp.bin", chip_id, magic))
    with pytest.raises(NoInstall, match="cannot be read"):
        image_chip(tmp_path / "missing.bin")


def test_a_silent_port_says_what_to_do(tmp_path):
    with pytest.raises(NoInstall, match="hold its BOOT button"):
        install.install("/dev/x", firmware(tmp_path / "mp.bin", 0), FakeEsptool(fails="chip-id"))
    with pytest.raises(NoInstall):
        chip_of("nothing")


def test_esptool_knows_the_commands_that_are_asked_of_it():
    done = subprocess.run([sys.executable, "-m", "esptool", "--help"], capture_output=True, text=True, check=False)
    assert all(word in done.stdout for word in ("chip-id", "erase-flash", "write-flash", "--chip", "--port"))


def test_without_a_file_the_places_to_get_it_are_named():
    done = subprocess.run([sys.executable, "-P", "-m", "tools.deploy.install"], capture_output=True, text=True, check=False,
                          env={"PYTHONPATH": f"{mpy.ROOT}:{FIRMWARE}", "PATH": "/usr/bin:/bin"})  # fmt: skip
    assert done.returncode == 2
    assert "micropython.org/download/ESP32_GENERIC_C3/" in done.stderr


def test_a_firmware_file_that_is_not_there_is_said_before_a_board_is_looked_for(tmp_path, capsys):
    assert install.main(["--firmware", str(tmp_path / "none.bin")]) == 2
    assert capsys.readouterr().err.startswith(f"FIRMWARE: {tmp_path / 'none.bin'} cannot be read (No such file or directory); ")
