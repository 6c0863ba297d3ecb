"""The long tier itself: it counts, resumes, and fails when it must."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from host_tests import campaign
from host_tests.campaigns.shape import Campaign, Record


def squares(seed: int, indices: Sequence[int]) -> Iterable[Record]:
    """Run 13 fails for seed 7."""
    assert len({index // 4 for index in indices}) == 1, "one batch at a time"
    for index in indices:
        yield {"index": index, "why": "unlucky" if (seed, index) == (7, 13) else "", "square": index * index}


EXAMPLE = Campaign("example", "squares", minimum=10, batch=4, runs=squares, report=lambda records: f"{len(records)} squares\n")


@pytest.fixture(autouse=True)
def only_the_example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(campaign, "CAMPAIGNS", (EXAMPLE,))
    monkeypatch.setattr(campaign, "FOLDER", tmp_path)


def records(folder: Path) -> list[Record]:
    lines = (folder / "example.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines[1:]]


def test_it_makes_each_run_once_and_says_how_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.run(EXAMPLE, 1, 10, tmp_path, workers=2)
    assert sorted(record["index"] for record in records(tmp_path)) == list(range(10))
    assert "did 10 runs, 0 failed" in capsys.readouterr().out
    assert (tmp_path / "example.txt").read_text() == "10 squares\n"


def test_it_goes_on_after_an_interruption(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    campaign.run(EXAMPLE, 1, 10, tmp_path, workers=1)
    path = tmp_path / "example.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:7]) + '\n{"index": 6, "wh')  # six whole runs and a torn line
    capsys.readouterr()
    assert campaign.run(EXAMPLE, 1, 12, tmp_path, workers=1)
    assert "6 were made before" in capsys.readouterr().out
    assert sorted(record["index"] for record in records(tmp_path)) == list(range(12))


@pytest.mark.parametrize("change", ({"seed": 2}, {"fresh": True}))
def test_another_seed_and_fresh_begin_anew(change: dict[str, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    campaign.run(EXAMPLE, 1, 10, tmp_path, workers=1)
    capsys.readouterr()
    assert campaign.run(EXAMPLE, change.get("seed", 1), 10, tmp_path, fresh="fresh" in change, workers=1)
    assert "0 were made before" in capsys.readouterr().out


def test_other_sources_begin_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    campaign.run(EXAMPLE, 1, 10, tmp_path, workers=1)
    monkeypatch.setattr(campaign, "fingerprint", lambda _: "another")
    capsys.readouterr()
    campaign.run(EXAMPLE, 1, 10, tmp_path, workers=1)
    assert "0 were made before" in capsys.readouterr().out


def test_a_failed_run_fails_it_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.main(["example", "--seed", "7", "--runs", "16"]) == 1
    assert "run 13 failed: unlucky" in capsys.readouterr().out


def test_fewer_than_the_minimum_fail_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert campaign.main(["--runs", "9"]) == 1
    assert "fewer than the 10" in capsys.readouterr().out
    assert campaign.main([]) == 0


@pytest.mark.parametrize("arguments", (["exampel"], ["--runs", "0"], ["--seed", "x"], ["--seed", "-1"], ["--run", "12"]))
def test_a_wrong_argument_exits_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        campaign.main(arguments)
    assert left.value.code == 2
