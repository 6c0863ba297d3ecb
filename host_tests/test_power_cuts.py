"""A seeded sample of the power cuts at every write operation, and bugs that it has to catch."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from host_tests import power_cuts
from tools.simulator.chip import Chip

BOARD = "esp32s3_independent"
SEED = 5


@pytest.mark.parametrize("life", power_cuts.LIVES)
def test_a_cut_anywhere_in_a_write_loses_nothing_else_and_is_said(life: str) -> None:
    rng = Random(f"{SEED} {life}")
    operations = power_cuts.reference(BOARD, life).operations
    assert operations >= 6
    for operation in rng.sample(range(operations), 1 if life == "session" else 2):
        assert power_cuts.cut(BOARD, life, operation, rng.choice(power_cuts.TEARS)) == ""


def test_every_stored_file_is_written_in_these_lives() -> None:
    from tools.simulator.rig import Rig

    rig = Rig(BOARD)
    rig.run_until(1)
    paths = {row[0] for row in rig.app.shelf._rows}
    assert {"settings.json", "learned.json", "journal.json"} <= paths
    for life, wanted in (("first_start", paths), ("changes", {"profile.json", "learned.json", "journal.json"})):
        written = {name for name, contents in power_cuts.reference(BOARD, life).contents.items() if len(contents) > 1}
        assert wanted <= written, f"{life}: {wanted - written} never changed, so no cut can show anything"


def test_own_programs_are_sent_replaced_renamed_and_removed_in_these_lives() -> None:
    contents = power_cuts.reference(BOARD, "programs").contents
    assert len(contents["programs/knee.json"]) == 3 and None in contents["programs/shin.json"] and contents["programs/calf.json"] - {None}


def in_place(module: Any) -> None:
    """A save() that writes over the old file."""

    def save(path: str, schema: int, data: Any) -> None:
        with module.__dict__["__builtins__"]["open"](path, "w") as file:
            file.write(power_cuts.framed(schema, data).decode())

    module.save = save


def removed_first(module: Any) -> None:
    """A save() that makes room by removing the old file before the new one is in its place."""
    right = module.save

    def save(path: str, schema: int, data: Any) -> None:
        try:
            module.os.remove(path)
        except OSError:
            pass
        right(path, schema, data)

    module.save = save


@pytest.mark.parametrize("bug", (in_place, removed_first))
def test_a_planted_bug_is_caught(bug: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    build = Chip.__init__

    def with_bug(chip: Chip, *args: Any, **options: Any) -> None:
        build(chip, *args, **options)
        chip.on_import("peristal.store.files", bug)

    sound = power_cuts.reference(BOARD, "changes")
    monkeypatch.setattr(Chip, "__init__", with_bug)
    monkeypatch.setattr(power_cuts, "reference", lambda board, life: sound)
    found = [power_cuts.cut(BOARD, "changes", operation, "partial") for operation in range(1, 5)]
    assert any("neither as before nor as after" in why for why in found), found
