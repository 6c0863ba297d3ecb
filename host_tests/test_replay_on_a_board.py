"""`make replay`: a recorded session on a device at the end of a cable, over the real mpremote."""

from host_tests.devices import ROOT, fill, held, run
from tools.mpy import compile_mpy
from tools.wasm.device import VirtualDevice

SETTINGS = b"not to be touched\n"
SHORT = ("--board", "esp32_manifold", "--seconds", "0.2")


def test_the_firmware_on_the_device_makes_the_same_outputs_and_the_device_is_left_as_it_was(tmp_path):
    flash = fill(tmp_path / "flash", {"notes.json": SETTINGS})
    with VirtualDevice(flash) as device:
        done = run("replay", *SHORT, device=device)
        after = run("console", "logs", device=device)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the same, number for number" in done.stdout
    assert "tick times on this chip" in done.stdout and "bytes free" in done.stdout
    there = held(flash)
    assert not [name for name in there if name.startswith("rig/")]
    assert there["notes.json"] == SETTINGS
    assert after.returncode == 0 and "ok state=idle" in after.stdout


def test_a_firmware_that_differs_is_found(tmp_path):
    source = (ROOT / "firmware" / "peristal" / "core" / "drive.py").read_text()
    planted = source.replace("max(1, pump.soft_start_ms)", "500")
    assert planted != source
    (tmp_path / "drive.py").write_text(planted)
    compile_mpy(tmp_path / "drive.py", tmp_path / "drive.mpy", "peristal/core/drive.py")
    changes = {"peristal/core/drive.mpy": (tmp_path / "drive.mpy").read_bytes()}
    with VirtualDevice(fill(tmp_path / "flash", changes)) as device:
        done = run("replay", *SHORT, device=device)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "DIFFERENT: output" in done.stdout


def test_a_tape_of_another_board_is_not_replayed(tmp_path):
    with VirtualDevice(fill(tmp_path / "flash")) as device:
        done = run("replay", "--board", "esp32c3_mini", "--seconds", "0.2", device=device)
    assert done.returncode == 1
    assert "is for the board 'esp32_manifold'; make flash BOARD=esp32c3_mini first" in done.stderr
