"""`make run`: what it writes, what it says, what it refuses, and how it ends."""

import csv
import io
import itertools
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from peristal.core import limits, presets
from tools.simulator import boards, live, options, session_run
from tools.simulator.__main__ import main
from tools.simulator.recorder import Recorder
from tools.simulator.rig import Rig

ROOT = Path(__file__).resolve().parents[1]
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT)}
PNG = b"\x89PNG\r\n\x1a\n"
MMHG = "pressure_mmhg"


def unplug(rig: Rig) -> None:
    rig.at(15, lambda: rig.plant.sensor_fault.__setitem__(0, "open"))


def at_once(rig: Rig) -> None:
    rig.at(15, rig.chip.power_off)


def crash(rig: Rig) -> None:
    rig.chip.on_import("peristal.core.sequencer", lambda module: setattr(module.Sequencer, "_start_cycle", lambda *_: 1 // 0))


def command(*args: str) -> list[str]:
    return [sys.executable, "-P", "-m", "tools.simulator", *args]


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Runs it in a folder, so that relative file names mean files there."""
    return subprocess.run(command(*args), cwd=folder, env=ENVIRON, capture_output=True, text=True, check=False)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """One session of two minutes on the independent board: the first cycle and another."""
    folder = tmp_path_factory.mktemp("session")
    files = ("--csv", "a.csv", "--png", "a.png")
    return folder, run(folder, "--board", "esp32s3_independent", "--mmhg", "40", "--minutes", "2", "--seed", "3", *files)


def test_a_session_ends_done_and_writes_both_files_where_it_was_called(session: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = session
    assert (done.returncode, done.stderr) == (0, "")
    picture = (folder / "a.png").read_bytes()
    assert picture.startswith(PNG) and len(picture) > 30_000
    assert "files    a.png, a.csv\n" in done.stdout


def test_the_table_tells_the_whole_session(session: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    rows = table(session[0] / "a.csv")
    times = [float(row["time_s"]) for row in rows]
    assert all(0.05 < later - earlier < 0.25 for earlier, later in itertools.pairwise(times))
    assert 120 < times[-1] < 180
    states = list(dict.fromkeys(row["state"] for row in rows))
    assert states == ["off", "idle", "preflight", "running", "finishing", "done"]
    for zone in range(1, 5):
        mmhg = [float(row[f"left_{zone}_mmhg"]) for row in rows]
        assert 36 < max(mmhg) < 40 + 25
        assert mmhg[-1] < 5
        assert {float(row[f"left_{zone}_target_mmhg"]) for row in rows} >= {0.0, 40.0}
    opened = {int(row["open_left_4_inlet"]) for row in rows if float(row["pump"]) > 0}
    assert opened == {0, 1}
    assert max(float(row["limb_left_mmhg"]) for row in rows) > 4


def test_plain_output_has_a_line_per_cycle_and_the_summary_agrees(session: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = session
    rows = table(folder / "a.csv")
    cycles = sorted({int(row["cycle"]) for row in rows} - {0})
    assert len(cycles) >= 2
    for cycle in cycles:
        assert done.stdout.count(f"cycle {cycle}: ") == 1
    assert f"cycles   {len(cycles) - 1} and part of another" in done.stdout
    peak = max(float(row["left_1_mmhg"]) for row in rows)
    left_1 = next(line for line in done.stdout.splitlines() if line.startswith("left 1"))
    assert left_1.split()[2] == f"{peak:.1f}"
    pressed_min = sum(float(row["left_1_mmhg"]) > 15 for row in rows) * 0.1 / 60
    assert abs(float(left_1.split()[3]) - pressed_min) <= 0.06
    dose = sum(float(row["left_1_mmhg"]) for row in rows) * 0.1 / 60
    assert abs(float(left_1.split()[4]) - dose) <= 0.6
    assert "faults   none" in done.stdout


def test_the_same_seed_gives_the_same_session_and_another_does_not(
    session: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = (session[0] / "a.csv").read_bytes()  # made by another process, which hashes otherwise
    args = ("--board", "esp32s3_independent", "--mmhg", "40", "--minutes", "2", "--csv", "a.csv", "--png", "a.png")
    main([*args, "--seed", "3"])
    assert (tmp_path / "a.csv").read_bytes() == first
    main([*args, "--seed", "4"], at_once)
    other = (tmp_path / "a.csv").read_bytes()
    assert len(other) > 1000 and not first.startswith(other[:-300]), "and not only because it was cut short"


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("--mmhg", str(limits.lowest(MMHG) - 1), f"{limits.lowest(MMHG)} to {limits.highest(MMHG)} mmHg"),
        ("--mmhg", str(limits.highest(MMHG) + 1), f"{limits.lowest(MMHG)} to {limits.highest(MMHG)} mmHg"),
        ("--mmhg", "55.5", f"{limits.lowest(MMHG)} to {limits.highest(MMHG)} mmHg"),
        ("--minutes", "0", f"{limits.lowest('minutes')} to {limits.highest('minutes')} min"),
        ("--minutes", str(limits.highest("minutes") + 1), f"{limits.lowest('minutes')} to {limits.highest('minutes')} min"),
        ("--board", "esp32", ", ".join(boards.names())),
        ("--program", "Wave", ", ".join(presets.names())),
        ("--speed", "0", "0.1 to 1000, or max"),
        ("--speed", "nan", "0.1 to 1000, or max"),
        ("--speed", "fast", "0.1 to 1000, or max"),
        ("--seed", "-1", f"0 to {2**31 - 1}"),
        ("--seed", "one", f"0 to {2**31 - 1}"),
        ("--csv", "no/such/folder.csv", "a file in a folder that exists"),
        ("--png", ".", "a file in a folder that exists"),
        ("--png", "same", "another file than --csv"),
    ],
)
def test_a_bad_value_exits_2_and_names_what_is_allowed(
    option: str, value: str, allowed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        options.parse(["--csv", "same", option, value], on_terminal=False)
    assert stopped.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"make run: error: argument {option}: ")
    assert last.endswith(f"is not allowed; allowed: {allowed}")
    assert list(tmp_path.iterdir()) == []


def test_the_command_itself_refuses_before_anything_runs(tmp_path: Path) -> None:
    done = run(tmp_path, "--mmhg", "101")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("argument --mmhg: 101 is not allowed; allowed: 20 to 100 mmHg\n")


def test_help_and_list_name_every_board_program_and_range(tmp_path: Path) -> None:
    for option in ("--help", "--list"):
        done = run(tmp_path, option)
        assert done.returncode == 0
        for word in (*boards.names(), *presets.names(), "20 to 100 mmHg", "1 to 60 min", "0.1 to 1000, or max"):
            assert word in done.stdout


def test_speed_is_the_easy_one_on_a_terminal_and_a_long_session_still_ends_within_a_minute() -> None:
    assert options.parse([], on_terminal=False).speed is None
    assert options.parse([], on_terminal=True).speed == 30
    speed = options.parse(["--minutes", "60"], on_terminal=True).speed
    assert speed is not None and 3600 / speed < 60
    assert options.parse(["--speed", "max"], on_terminal=True).speed is None
    assert options.parse(["--speed", "2.5"], on_terminal=False).speed == 2.5


def test_a_session_that_ends_in_a_fault_exits_3_says_which_and_still_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--minutes", "1", "--csv", "f.csv", "--png", "f.png"], unplug) == 3
    assert "fault 4 sensor low: A pressure sensor is unplugged or shorted to ground." in capsys.readouterr().out
    last = table(tmp_path / "f.csv")[-1]
    assert last["state"] == "fault"
    assert max(float(last[f"{leg}_{zone}_mmhg"]) for leg in ("left", "right") for zone in range(1, 5)) < 5
    assert (tmp_path / "f.png").read_bytes().startswith(PNG)


def test_firmware_that_crashes_is_no_session_that_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--minutes", "1", "--csv", "c.csv", "--png", "c.png"], crash) == 1
    assert "the chip reset (cause 3); its last line: peristal: ZeroDivisionError" in capsys.readouterr().out
    last = table(tmp_path / "c.csv")[-1]
    assert last["state"] == "crashed"
    assert float(last["left_1_mmhg"]) < 5


def test_a_paced_session_keeps_to_real_time_and_ctrl_c_ends_it_cleanly_with_what_was_recorded(tmp_path: Path) -> None:
    args = command("--speed", "10", "--csv", "s.csv", "--png", "s.png")
    began_s = time.monotonic()
    with subprocess.Popen(args, cwd=tmp_path, env=ENVIRON, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "idle" in process.stdout.readline()
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert "stopped at 0:" in out and "zone" in out
    assert 10 < float(table(tmp_path / "s.csv")[-1]["time_s"]) < 10 * (time.monotonic() - began_s)
    assert (tmp_path / "s.png").read_bytes().startswith(PNG)


def test_on_a_terminal_it_shows_both_legs_and_the_time_left(tmp_path: Path) -> None:
    outside, inside = pty.openpty()
    environ = {**ENVIRON, "TERM": "xterm-256color", "COLUMNS": "90", "LINES": "40"}
    args = command("--program", "isolate", "--minutes", "1", "--speed", "max", "--csv", "t.csv", "--png", "t.png")
    with subprocess.Popen(args, cwd=tmp_path, env=environ, stdin=inside, stdout=inside, stderr=inside) as process:
        os.close(inside)
        shown = b""
        while True:
            try:
                piece = os.read(outside, 65536)
            except OSError:  # the other side is closed: Linux says EIO
                break
            if not piece:
                break
            shown += piece
        process.wait(timeout=30)
    os.close(outside)
    text = shown.decode()
    assert process.returncode == 0
    for words in ("left leg", "right leg", "filling", "pump", "vent", " left ", "done: isolate at 55 mmHg for 1 min"):
        assert words in text
    assert "\x1b[?25h" in text  # the cursor is back


def test_every_moment_of_a_session_can_be_shown_on_a_terminal() -> None:
    """A terminal that was quick enough to show the first cycle's step had ended `make run` with a traceback."""
    chosen = options.parse(["--minutes", "1"], on_terminal=False)
    rig = session_run.build(chosen)
    recorder = Recorder(rig)
    console = Console(width=90, file=io.StringIO())
    shown: list[str] = []

    class EveryFrame:
        def update(self, recorder: Recorder) -> None:
            if rig.now_s > len(shown):
                with console.capture() as capture:
                    console.print(live.frame(rig, recorder, chosen, 90))
                shown.append(capture.get())

    session_run.run(rig, recorder, chosen, EveryFrame())
    assert len(shown) > 60 and any(re.search(r"cycle 1 +step 1 of \d", text) for text in shown)


def test_the_board_may_be_named_as_for_the_other_targets(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BOARD", "esp32c3_mini")
    assert options.parse([], on_terminal=False).board == "esp32c3_mini"
    assert options.parse(["--board", "esp32_manifold"], on_terminal=False).board == "esp32_manifold"
    monkeypatch.setenv("BOARD", "nosuch")
    with pytest.raises(SystemExit):
        options.parse([], on_terminal=False)
    assert "argument --board: 'nosuch' is not allowed; allowed: esp32_manifold" in capsys.readouterr().err
