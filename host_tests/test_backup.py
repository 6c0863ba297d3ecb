"""`make backup` and `make restore`: what a device has stored comes back as it was, and nothing that is not sound goes onto a device."""

import binascii
import json
import shutil
import time

import pytest

from host_tests.devices import ROOT, fill, held, run
from tools.deploy import backup, build
from tools.deploy.backup import BadBackup, pack, schemas, unpack
from tools.deploy.link import Link
from tools.simulator import boards
from tools.wasm.device import VirtualDevice


def stored(data, schema: int | None = 1):
    text = json.dumps([schema, data])
    return f"{binascii.crc32(text.encode()):08x} {text}\n".encode()


PROGRAM = stored({"source": "mine"})
SETTINGS = stored({"board": "esp32_manifold", "zeros16": [3701], "gains_permille": [1012]})


def test_a_backup_comes_back_onto_an_empty_device_and_the_firmware_reads_it(tmp_path):
    file = tmp_path / "mine.json"
    kept = {"settings.json": SETTINGS, "programs/mine.json": PROGRAM, "learned.json": b"00000000 damaged\n"}
    with VirtualDevice(fill(tmp_path / "old", kept)) as device:
        saved = run("backup", "backup", "--file", str(file), device=device)
    assert saved.returncode == 0, saved.stderr
    board, files = unpack(file.read_text())
    assert board == "esp32_manifold" and files["settings.json"] == SETTINGS and files["programs/mine.json"] == PROGRAM
    assert file.stat().st_mode & 0o077 == 0
    with VirtualDevice(fill(tmp_path / "new")) as device:
        restored = run("backup", "restore", "--file", str(file), device=device)
        after = run("console", "logs", device=device)
    assert restored.returncode == 0, restored.stderr
    assert "settings.json" in restored.stdout
    assert held(tmp_path / "new")["settings.json"] == SETTINGS
    assert held(tmp_path / "new")["programs/mine.json"] == PROGRAM
    assert "settings.json.bad" not in held(tmp_path / "new")
    assert after.returncode == 0 and "ok state=idle" in after.stdout and "ok events=" in after.stdout


def test_a_backup_of_another_board_is_refused_before_anything_changes(tmp_path):
    file = tmp_path / "other.json"
    file.write_text(pack("esp32c3_mini", "esp32c3", {"settings.json": SETTINGS}))
    with VirtualDevice(fill(tmp_path / "flash")) as device:
        done = run("backup", "restore", "--file", str(file), device=device)
    assert done.returncode == 2
    assert "of the board 'esp32c3_mini', the device is 'esp32_manifold'" in done.stderr
    assert held(tmp_path / "flash").get("settings.json") != SETTINGS


BAD = {
    "no JSON": ("hello", "it is no backup"),
    "another JSON": ("{}", "it is no backup"),
    "a list": ("[1]", "it is no backup"),
    "a digit changed": (pack("b", "c", {"settings.json": SETTINGS}).replace('"b"', '"x"'), "its checksum does not fit"),
    "an unknown file": (pack("b", "c", {"main.json": SETTINGS}), "main.json: this firmware keeps no such file; allowed: "),
    "a path in a folder": (pack("b", "c", {"programs/../main.json": SETTINGS}), "this firmware keeps no such file"),
    "a folder of its own": (pack("b", "c", {"peristal/x.json": SETTINGS}), "this firmware keeps no such file"),
    "a path": (pack("b", "c", {"../settings.json": SETTINGS}), "this firmware keeps no such file"),
    "a damaged file": (pack("b", "c", {"settings.json": SETTINGS[:-9] + b"}]\n"}), "settings.json: damaged"),
    "a schema of the future": (pack("b", "c", {"settings.json": stored({}, 99)}), "settings.json: of schema 99, this firmware knows 1 to "),
    "no schema": (pack("b", "c", {"settings.json": stored({}, None)}), "settings.json: of schema None"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_backup_that_is_not_sound_is_refused_with_its_reason(what):
    text, says = BAD[what]
    with pytest.raises(BadBackup, match=says.replace(".", r"\.")):
        unpack(text)


def test_a_file_of_an_older_schema_is_restored_and_the_firmware_on_the_device_migrates_it(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "firmware", tmp_path / "firmware")
    settings = tmp_path / "firmware" / "peristal" / "store" / "settings.py"
    newer = settings.read_text().replace("STEPS = ()", "STEPS = (lambda data: data,)")  # a firmware whose schema is one further
    assert newer != settings.read_text()
    settings.write_text(newer)
    changes = build.files(boards.BOARDS / "esp32_manifold" / "board.py", native=False, lines=True, firmware=tmp_path / "firmware")
    file = tmp_path / "old.json"
    file.write_text(pack("esp32_manifold", "esp32", {"settings.json": SETTINGS}))
    monkeypatch.setattr(backup, "schemas", lambda: {"settings.json": 2})
    with VirtualDevice(fill(tmp_path / "flash", changes)) as device:
        link = Link(device.port)
        backup.restore(link, file, other_board=False, tell=lambda line: None)
        assert link.status(10)["state"] == "idle"
        until = time.monotonic() + 40
        schema, data = 1, {}
        while schema == 1 and time.monotonic() < until:
            time.sleep(6)  # everything has to have been vented for a while before anything is written
            link.quiet_down(lambda line: None)
            link.enter()
            schema, data = json.loads(link.fetch("settings.json")[9:])
            link.restart()
        link.close()
    assert schema == 2
    assert data["zeros16"] == [3701] and data["gains_permille"] == [1012]


def test_every_file_that_the_firmware_keeps_is_known():
    assert {"settings.json", "learned.json", "journal.json", "profile.json", "bonds.json", "programs/"} <= set(schemas())
    assert all(schema >= 1 for schema in schemas().values())


def test_nothing_is_opened_for_a_file_that_is_missing_or_bad(tmp_path):
    (tmp_path / "bad.json").write_text("{}")
    for name, says in (("", "FILE: missing"), ("no.json", "no.json cannot be read"), ("bad.json", "bad.json is no backup")):
        done = run("backup", "restore", "--file", name and str(tmp_path / name), "--port", "/dev/nowhere", process=not name)
        assert done.returncode == 2 and says in done.stderr
