"""`make flash` from end to end: the real mpremote, the real MicroPython on a pseudo-terminal, the real firmware on it."""

import time
from types import SimpleNamespace

import pytest

from host_tests.devices import BOARD, content, fill, flash_tool, held, run
from tools import link
from tools.deploy import ports
from tools.deploy.link import Link
from tools.simulator import boards
from tools.wasm.device import VirtualDevice

OLD = b"OLD = 1\n"


def test_an_empty_device_gets_everything_and_runs_and_the_second_time_nothing_is_copied(tmp_path):
    with VirtualDevice(tmp_path / "flash") as device:
        first = flash_tool(device, process=True)
        second = flash_tool(device)
    assert first.returncode == 0, first.stderr
    assert "found MicroPython 1.27.0 on Generic ESP32 module with ESP32" in first.stdout
    assert f"{len(content())} files copied" in first.stdout and "all read back and compared" in first.stdout
    assert "the device says: state=idle" in first.stdout
    assert "it starts no session before its bring-up is passed: make console, then type bringup run" in first.stdout
    assert second.returncode == 0, second.stderr
    assert f"all {len(content())} files are up to date; nothing was copied" in second.stdout
    assert "the device says: state=idle" in second.stdout
    there = held(tmp_path / "flash")
    assert {name: there[name] for name in content()} == content()
    assert not [name for name in there if name.endswith(".new")]
    assert "watchdog 3600000 ms" in device.log  # for the second time: a firmware was running
    assert "reset 3" not in device.log


def test_only_what_changed_is_copied_and_what_is_not_ours_is_never_touched(tmp_path):
    others = {"settings.json": b"mine\n", "notes.txt": b"x", "lib/other.py": b"y = 1\n", "peristal_notes.txt": b"z"}
    changes = {"peristal/core/units.mpy": b"", "peristal/core/guard.py": OLD, "peristal/core/gone.mpy": OLD, **others}
    with VirtualDevice(fill(tmp_path / "flash", changes)) as device:
        done = flash_tool(device)
    assert done.returncode == 0, done.stderr
    assert "1 of 1" in done.stdout and "peristal/core/units.mpy" in done.stdout
    assert "bringup" not in done.stdout  # it is passed, and board.py is the same
    assert "1 files copied" in done.stdout and "2 old ones removed" in done.stdout
    there = held(tmp_path / "flash")
    assert {name: there[name] for name in content()} == content()
    assert "peristal/core/guard.py" not in there  # it would have been imported instead of guard.mpy
    for name in ("notes.txt", "lib/other.py", "peristal_notes.txt"):
        assert there[name] == others[name]
    assert there.get("settings.json", there.get("settings.json.bad")) == others["settings.json"]


def test_a_cable_that_breaks_leaves_the_old_firmware_whole_and_the_next_run_goes_on(tmp_path):
    changes = {name: OLD for name in content() if name.startswith(("peristal/core/m", "peristal/app")) or name == "main.py"}
    flash = fill(tmp_path / "flash", changes)
    before = held(flash)
    with VirtualDevice(flash, break_after=12000) as device:
        broken = flash_tool(device)
    assert broken.returncode == 1
    assert "broke" in broken.stderr or "could not" in broken.stderr
    assert "cable broken after" in " ".join(device.log)
    there = held(flash)
    assert {name: data for name, data in there.items() if not name.endswith(".new")} == before
    assert [name for name in there if name.endswith(".new")]
    renamed, *waiting = [name for name in changes if name.startswith("peristal/core/m")]  # and, another time, lost between two renames
    (flash / renamed).write_bytes(content()[renamed])
    for name in waiting:
        (flash / (name + ".new")).write_bytes(content()[name])
    with VirtualDevice(flash) as device:
        done = flash_tool(device)
    assert done.returncode == 0, done.stderr
    there = held(flash)
    assert {name: there[name] for name in content()} == content()
    assert not [name for name in there if name.endswith(".new")]


@pytest.mark.parametrize(
    "chip, version, board, says",
    [
        ("esp32", (1, 27, 0), "esp32c3_mini", "the board is for esp32c3, the device is esp32; nothing was changed"),
        ("esp32s3", (1, 27, 0), "esp32_manifold", "the board is for esp32, the device is esp32s3; nothing was changed"),
        ("esp32", (1, 25, 3), "esp32_manifold", "MicroPython 1.25.3 is too old; allowed: 1.26 or newer"),
    ],
)
def test_the_wrong_chip_or_an_old_micropython_is_refused_and_nothing_changes(tmp_path, chip, version, board, says):
    with VirtualDevice(tmp_path / "flash", chip, version) as device:
        done = flash_tool(device, board)
    assert done.returncode == 1
    assert says in done.stderr
    assert held(tmp_path / "flash") == {}


def test_a_refusal_leaves_the_device_running_its_firmware(tmp_path):
    with VirtualDevice(fill(tmp_path / "flash")) as device:
        done = flash_tool(device, "esp32c3_mini")
        assert done.returncode == 1 and "nothing was changed" in done.stderr
        link = Link(device.port)
        assert link.status(20)["state"] == "idle"
        link.close()


def test_a_device_in_a_session_is_asked_to_stop_and_vents_first(tmp_path):
    units = link.units()["peristal/core/units"].encode()  # the same, as source: a file that is not up to date
    flash = fill(tmp_path / "flash", {"peristal/core/units.mpy": None, "peristal/core/units.py": units})
    with VirtualDevice(flash) as device:
        cable = Link(device.port)
        until = time.monotonic() + 60
        assert cable.status(20)["state"] == "idle"
        said = cable.command("start sequential 60 15")
        assert said and said[-1].startswith("ok"), said
        highest = 0
        while highest < 30 and time.monotonic() < until:
            highest = max(int(mmhg) for mmhg in cable.status().get("zones_mmhg", "0").split(","))
        cable.close()
        assert highest >= 30
        done = flash_tool(device)
    assert done.returncode == 0, done.stderr
    assert "asking it to stop, and waiting until the air is out" in done.stdout
    assert "the device says: state=idle" in done.stdout
    assert "reset 3" not in device.log


def test_a_firmware_that_does_not_start_is_said_with_its_own_words(tmp_path):
    text = boards.source(BOARD) + "\nBOARD.legs[0].nonsense\n"
    flash = fill(tmp_path / "flash", {"board.py": text.encode()})
    with VirtualDevice(flash) as device:
        link = Link(device.port)
        said = link.listen(3)
        link.close()
        done = flash_tool(device)
    assert any(line.startswith("peristal: AttributeError: Leg has no 'nonsense'") for line in said), said
    assert done.returncode == 0, done.stderr  # and a board file that is right mends it
    assert "1 files copied" in done.stdout


def test_a_frozen_firmware_gets_only_its_board_and_old_files_no_longer_hide_it(tmp_path):
    flash = fill(tmp_path / "flash", {"board.py": OLD, "settings.json": b"mine"})
    with VirtualDevice(flash) as device:
        done = run("flash", "--board", BOARD, "--frozen", device=device)
    there = held(flash)
    assert done.returncode == 1 and "the firmware does not run" in done.stderr  # this MicroPython has nothing frozen in
    assert {name: data for name, data in there.items() if name.endswith((".py", ".mpy", ".txt"))} == {
        name: content()[name] for name in ("board.py", "pins.txt")
    }
    assert there.get("settings.json", there.get("settings.json.bad")) == b"mine"


def test_a_board_that_does_not_pass_is_not_put_on_a_device(tmp_path):
    (tmp_path / "board.py").write_text(boards.source("esp32_manifold").replace("c_ml_s_bar=1000", "c_ml_s_bar=300"))
    with VirtualDevice(tmp_path / "flash") as device:
        done = run("flash", "--board", str(tmp_path / "board.py"), device=device)
    assert done.returncode == 2
    assert "all zones from 120 to 15 mmHg take" in done.stderr
    assert held(tmp_path / "flash") == {}


def test_without_a_board_those_that_ship_are_listed_and_a_wrong_port_is_named():
    done = run("flash", process=True)
    assert done.returncode == 2
    assert all(name in done.stderr for name in boards.names())
    for port in ("/dev/nowhere", "garbage"):
        done = run("flash", "--board", "esp32_manifold", "--port", port)
        assert done.returncode == 2
        assert done.stderr.startswith(f"PORT: {port} does not exist; allowed: ") and "ttyS" not in done.stderr
    done = run("flash", "--board", "esp32_manifold", "--port", "/dev/null")  # it is there, and no serial port
    assert done.returncode == 1
    assert "/dev/null cannot be opened" in done.stderr


def test_the_only_board_that_is_plugged_in_is_found_and_of_several_none_is_guessed(monkeypatch):
    def port(device, vid):
        return SimpleNamespace(device=device, vid=vid, description="USB Serial")

    there = [port("/dev/ttyS0", None), port("/dev/ttyACM7", 0x1209), port("/dev/ttyUSB0", 0x1A86)]
    monkeypatch.setattr(ports.list_ports, "comports", lambda: there)
    assert ports.find("") == "/dev/ttyUSB0"
    with pytest.raises(ports.NoPort, match=r"PORT: /dev/none does not exist; allowed: /dev/ttyACM7, /dev/ttyUSB0$"):
        ports.find("/dev/none")
    there.append(port("/dev/ttyACM0", 0x303A))
    with pytest.raises(ports.NoPort, match=r"allowed: one of /dev/ttyUSB0 \(USB Serial\), /dev/ttyACM0 \(USB Serial\)$"):
        ports.find("")
    del there[2:]
    with pytest.raises(ports.NoPort, match="no board was found; plug it in"):
        ports.find("")
