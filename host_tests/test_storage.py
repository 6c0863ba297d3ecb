"""Stored files that are damaged, old, new, huge or cannot be written: the device starts, loses nothing else and says what happened."""

from __future__ import annotations

import binascii
import json
from types import ModuleType
from typing import Any

import pytest

from peristal.core import faults
from tools.simulator.fake_os import BLOCK_BYTES
from tools.simulator.flash import Flash
from tools.simulator.rig import Rig, stored_file

BOARD = "esp32s3_independent"


def framed(text: str) -> bytes:
    return f"{binascii.crc32(text.encode()):08x} {text}\n".encode()


def rig_with(flash: Flash | None = None, snug: bool = False, /, **files: Any) -> Rig:
    """A rig (`snug` as in tools/simulator/rig.py); `profile=...` puts that content under profile.json, and so on."""
    rig = Rig(BOARD, snug=snug)
    if flash is not None:
        flash.files.update(rig.flash.files)
        rig.flash = rig.chip.flash = flash
    for name, content in files.items():
        rig.flash.put(name + ".json", content)
    return rig


NOT_READABLE = {
    "empty": b"",
    "garbage": b"\xff\xfe\x80garbage",
    "zeros": b"\x00" * 4096,
    "torn": framed('[1, {"minutes": 20, "program": "wave"}]')[:30],
    "one bit wrong": framed('[1, {"minutes": 20}]').replace(b"20", b"21"),
    "no list": framed('{"minutes": 20}'),
    "a number": framed("5"),
    "no schema": framed('[null, {"minutes": 20}]'),
    "schema of a newer firmware": framed('[99, {"minutes": 20}]'),
    "schema zero": framed('[0, {"minutes": 20}]'),
    "a list where choices belong": framed("[1, [20]]"),
    "choices that are none": framed("[1, null]"),
    "too deep": framed("[1, " + "[" * 500 + "]" * 500 + "]"),
    "a megabyte": b"0" * 1_000_000,
}


@pytest.mark.parametrize("damage", NOT_READABLE)
@pytest.mark.parametrize("name", ("profile", "learned"))
def test_a_file_that_cannot_be_read_is_set_aside_and_said(name: str, damage: str) -> None:
    rig = rig_with(None, **{name: NOT_READABLE[damage]})
    if name == "learned":
        rig.flash.put("profile.json", stored_file({"program": "wave", "minutes": 33}))
    rig.run_until(1.5)
    assert rig.state == "idle"
    assert rig.flash.files[f"{name}.json.bad"] == NOT_READABLE[damage], "kept for a person who wants to look"
    said = [line for line in rig.chip.console if f"{name}.json is damaged" in line]
    assert len(said) == 1 and f"kept as {name}.json.bad" in said[0]
    assert rig.app.session.notices == (faults.SETTINGS_DAMAGED if name == "profile" else faults.FILE_DAMAGED)
    assert rig.app.session.minutes == (20 if name == "profile" else 33), "another file is not touched"


def test_a_folder_in_the_place_of_a_file_stops_nothing() -> None:
    rig = Rig(BOARD)
    rig.flash.put("profile.json/inside", "x")
    rig.type_line(1.0, "-")
    rig.run_until(8)
    assert rig.state == "idle"
    assert any("profile.json is damaged" in line for line in rig.chip.console)
    assert any("profile.json is not stored" in line for line in rig.chip.console)


def test_the_notice_stands_until_the_first_session_is_over() -> None:
    rig = rig_with(profile=b"")
    rig.type_line(2.0, "notices")
    rig.press(3.0)
    rig.press(20.0)
    rig.type_line(22.0, "notices")
    rig.press(30.0)
    rig.type_line(34.0, "notices")
    rig.run_until(36)
    answers = [line for line in rig.chip.console if line.startswith("ok notices")]
    assert [("settings damaged" in line) for line in answers] == [True, True, False], answers


def full() -> Flash:
    return Flash(capacity_bytes=2 * BLOCK_BYTES)


def read_only() -> Flash:
    flash = Flash()
    flash.read_only = True
    return flash


@pytest.mark.parametrize("flash", (full, read_only))
def test_a_flash_that_takes_no_writes_says_so_and_runs_the_session(flash: Any) -> None:
    rig = rig_with(flash(), True, profile=framed('[1, {"program": "wave", "minutes": 1}]'), learned=b"garbage")
    before = dict(rig.flash.files)
    rig.press(2.0)
    rig.stop_when(lambda: rig.state == "done" and rig.app.session.state_ms > 15000)
    rig.run_until(180)
    assert rig.state == "done"
    number = "28" if flash is full else "30"
    for line in (f"pins.txt is not stored: {number}", f"profile.json is not stored: {number}"):
        assert sum(line in said for said in rig.chip.console) == 1, (line, rig.chip.console)
    kept = {name: content for name, content in rig.flash.files.items() if not name.endswith(".bad")}
    assert kept.items() <= before.items(), "what was stored before is still there"


def test_what_could_not_be_written_is_tried_again_at_the_next_change() -> None:
    rig = Rig(BOARD)
    rig.at(1.0, lambda: setattr(rig.flash, "read_only", True))
    rig.type_line(2.0, "-")
    rig.at(8.0, lambda: setattr(rig.flash, "read_only", False))
    rig.type_line(9.0, "-")
    rig.run_until(15)
    assert json.loads(rig.flash.files["profile.json"][9:])[1]["pressure_mmhg"] == 45


# Migration: a firmware two schemas ahead, whose steps rename a key and then change its unit.
def half_hours(module: ModuleType) -> None:
    def seconds(data: dict[str, Any]) -> dict[str, Any]:
        data["seconds"] = data.pop("minutes") * 60
        return data

    def back(data: dict[str, Any]) -> dict[str, Any]:
        data["minutes"] = data.pop("seconds") // 60 + 1
        return data

    module.STEPS = (seconds, back)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("schema", "data", "minutes"), ((1, {"minutes": 30}, 31), (2, {"seconds": 1800}, 31), (3, {"minutes": 30}, 30)))
def test_a_file_of_an_older_schema_is_migrated_step_by_step_and_written_anew(schema: int, data: dict[str, Any], minutes: int) -> None:
    rig = rig_with(profile=framed(json.dumps([schema, {**data, "program": "wave", "comfort": 0, "pressure_mmhg": 70}])))
    old = rig.flash.files["profile.json"]
    rig.chip.on_import("peristal.store.profile", half_hours)
    rig.run_until(8)
    assert (rig.app.session.minutes, rig.app.session.pressure_mmhg) == (minutes, 70)
    assert rig.app.session.notices == 0
    if schema == 3:
        assert rig.flash.files["profile.json"] == old
    else:
        found, stored = json.loads(rig.flash.files["profile.json"][9:])
        assert found == 3 and stored["minutes"] == minutes


def test_a_step_that_fails_sets_the_file_aside() -> None:
    rig = rig_with(profile=framed('[1, {"board": "other"}]'))
    rig.chip.on_import("peristal.store.profile", half_hours)
    rig.run_until(2)
    assert rig.state == "idle" and "profile.json.bad" in rig.flash.files


def test_a_file_that_would_be_too_large_to_read_is_not_written() -> None:
    rig = Rig(BOARD)
    rig.run_until(1)
    files = rig.chip.module("peristal.store.files")
    with pytest.raises(OSError, match="27"):
        files.save("x.json", 1, "x" * files.LONGEST)
    assert "x.json" not in rig.flash.files


def test_two_files_are_never_written_in_one_tick() -> None:
    rig = Rig(BOARD)
    told: list[Any] = []

    def store() -> None:
        app = rig.app
        told.extend((app.stalls.store(app.session), app.stalls.store(app.regulator.learned)))

    def regulate(app: Any) -> None:
        if not told and app.vented():
            store()

    rig.chip.on_import("peristal.app", lambda module: setattr(module.App, "regulate", regulate))
    rig.run_until(8)
    assert told == [None, "flash: busy, or not everything is vented yet; try again"]
    assert "settings.json" in rig.flash.files and "learned.json" not in rig.flash.files


def test_a_drop_of_the_first_schema_is_forgotten_without_a_word() -> None:
    """It was told at full duty: taken for one at the pump's free flow it would be too small."""
    rig = rig_with(None)
    rig.run_until(1.5)
    count = rig.app.regulator.net.n_zones
    board = rig.chip.module("peristal.core.borrow").borrow("store.learned").identity(rig.app.regulator.net)
    old = {"over_pa": [4000] * count, "over_at_pa": [7000] * count, "rate_pa_s": [5000] * count, "board": board}
    rig.flash.put("learned.json", framed(json.dumps([1, old])))
    rig.chip.power_cycle()
    rig.run_until(3)
    assert rig.state == "idle" and set(rig.app.regulator.learned.over_at_pa) == {-1}
    assert not any("damaged" in line for line in rig.chip.console)
