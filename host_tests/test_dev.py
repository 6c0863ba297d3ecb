"""The entry command: what it installs and when, what it says when it cannot, and that make is only another spelling of it."""
import ast
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import dev, env

DEV = env.ROOT / "tools" / "dev.py"
PIN_FILES = sorted((env.ROOT / "tools" / "requirements").glob("*.txt"))


def call(*args: str, cwd: Path = env.ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(DEV), *args], cwd=cwd, capture_output=True, text=True, check=False)


def test_help_lists_every_target_from_any_directory(tmp_path: Path) -> None:
    for args in (("help",), (), ("--help",)):
        done = call(*args, cwd=tmp_path)
        assert done.returncode == 0
        for name, target in dev.TARGETS.items():
            assert re.search(rf"^  {name} +{re.escape(target.line)}$", done.stdout, re.MULTILINE)


def test_make_has_the_same_targets_and_each_is_one_call() -> None:
    rules = (env.ROOT / "Makefile").read_text()
    named = re.findall(r"^TARGETS \+?:?= (.+)$", rules, re.MULTILINE)
    assert sorted(" ".join(named).split()) == sorted(dev.TARGETS)
    assert rules.endswith(".PHONY: $(TARGETS)\n$(TARGETS):\n\t@$(PYTHON) tools/dev.py $@ $(ARGS)\n")


def test_every_module_target_finds_the_firmware(monkeypatch: pytest.MonkeyPatch) -> None:
    started: dict[str, str] = {}
    monkeypatch.setattr(dev.os, "execv", lambda program, command: started.update(os.environ))
    monkeypatch.setattr(dev.os, "chdir", lambda folder: None)
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    dev.module("host_tests.campaign")([])
    assert started["PYTHONPATH"].split(os.pathsep) == [str(env.ROOT), str(env.ROOT / "firmware"), "elsewhere"]


@pytest.mark.parametrize(
    ("silent", "mine", "kept"), [("1", None, str(env.ROOT / "build" / "pycache")), ("1", "/x", "/x"), (None, None, None)]
)
def test_what_the_tests_compile_is_kept_in_build_when_it_may_not_lie_beside_the_sources(
    silent: str | None, mine: str | None, kept: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("PYTHONDONTWRITEBYTECODE", silent), ("PYTHONPYCACHEPREFIX", mine)):
        monkeypatch.setenv(name, value or "")  # so that it is put back
        if value is None:
            monkeypatch.delenv(name)
    started: dict[str, str] = {}
    monkeypatch.setattr(dev.os, "execv", lambda program, command: started.update(os.environ))
    monkeypatch.setattr(dev.os, "chdir", lambda folder: None)
    monkeypatch.setenv("PYTHONPATH", "")
    dev.test([])
    assert "PYTHONDONTWRITEBYTECODE" not in started and started.get("PYTHONPYCACHEPREFIX") == kept


def test_an_unknown_target_exits_2_and_says_what_is_allowed() -> None:
    done = call("rnu")
    assert done.returncode == 2
    assert done.stderr == f"no target 'rnu': allowed are {', '.join(dev.TARGETS)}\n"


def test_an_older_python_reads_the_file_and_is_told_what_is_needed() -> None:
    ast.parse(DEV.read_text(), feature_version=(3, 7))
    code = f"import runpy, sys; sys.version_info = (3, 10, 4); runpy.run_path({str(DEV)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("This is Python 3.10; Peristal's tools need 3.11 or newer.\n")


@pytest.mark.parametrize("path", PIN_FILES, ids=lambda path: path.name)
def test_every_package_is_pinned_by_name(path: Path) -> None:
    for line in path.read_text().splitlines():
        assert line.startswith("# ") or re.fullmatch(r"[A-Za-z0-9_.-]+==(\d+!)?[0-9][\w.]*(; .+)?", line), line


def test_the_pins_agree_and_are_the_complete_closure() -> None:
    versions: dict[str, set[str]] = {}
    for path in PIN_FILES:
        for name, version in re.findall(r"^([\w.-]+)==([\w.!]+)", path.read_text(), re.MULTILINE):
            versions.setdefault(name.lower(), set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}
    done = subprocess.run([str(env.PYTHON), "-m", "pip", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_lock_file_names_no_address() -> None:
    text = (env.WASM / "package-lock.json").read_text()
    assert '"integrity"' in text
    assert "://" not in text


def part(folder: Path, monkeypatch: pytest.MonkeyPatch, fail: bool = False) -> list[Path]:
    """A part "x" of its own; returns the list of its installations."""
    calls: list[Path] = []

    def install(pins: Path) -> None:
        calls.append(pins)
        if fail:
            raise env.SetupError("no network")

    (folder / "x.txt").write_text("x==1\n")
    monkeypatch.setattr(env, "ROOT", folder)
    monkeypatch.setattr(env, "_make_venv", lambda: None)
    monkeypatch.setitem(env.PARTS, "x", env.Part(folder / "x.txt", folder / ".installed-x", install))
    return calls


def test_a_part_is_installed_once_and_again_when_its_pins_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = part(tmp_path, monkeypatch)
    env.prepare(["x"])
    env.prepare(["x"])
    assert len(calls) == 1
    (tmp_path / "x.txt").write_text("x==2\n")
    env.prepare(["x"])
    env.prepare(["x"])
    assert len(calls) == 2


def test_what_could_not_be_installed_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = part(tmp_path, monkeypatch, fail=True)
    for _ in range(2):
        with pytest.raises(env.SetupError):
            env.prepare(["x"])
    assert len(calls) == 2
    assert not env.is_installed("x")


def test_a_venv_that_was_interrupted_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env, "VENV", tmp_path)
    monkeypatch.setattr(env, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(env, "_MADE", tmp_path / ".made")
    made: list[Path] = []
    monkeypatch.setattr(env.venv.EnvBuilder, "create", lambda _self, folder: made.append(folder))
    (tmp_path / "python").touch()
    env._make_venv()
    env._make_venv()
    assert made == [tmp_path]


def test_a_failed_installation_says_what_failed_and_what_helps(tmp_path: Path) -> None:
    with pytest.raises(env.SetupError, match=r"(?s)line five.*Installing x failed\. It needs the network"):
        env._call([sys.executable, "-c", "print('line five'); raise SystemExit(1)"], "Installing x", tmp_path)


def test_a_target_that_cannot_be_set_up_exits_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def prepare(_names: object) -> None:
        raise env.SetupError("no network here")

    monkeypatch.setattr(env, "prepare", prepare)
    assert dev.main(["run"]) == 2
    assert capsys.readouterr().err == "no network here\n"


def test_run_keeps_the_directory_of_its_caller_and_passes_its_arguments_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _path, command: started.append(command))
    monkeypatch.setattr(env, "prepare", lambda _names: None)
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.chdir(tmp_path)
    dev.main(["run", "--csv", "my file.csv", "--help"])
    assert started == [[str(env.PYTHON), "-P", "-m", "tools.simulator", "--csv", "my file.csv", "--help"]]
    assert Path.cwd() == tmp_path
    assert os.environ["PYTHONPATH"] == os.pathsep.join([str(env.ROOT), str(env.ROOT / "firmware")])


def test_no_skips_turns_a_skipped_test_into_a_failed_run(tmp_path: Path) -> None:
    bodies = {"test_runs": "pass", "test_skipped": "pytest.skip('not here')", "test_xfailed": "pytest.xfail('not yet')"}
    (tmp_path / "test_one.py").write_text("import pytest\n" + "".join(f"def {name}():\n    {body}\n" for name, body in bodies.items()))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "host_tests.conftest", "--rootdir", str(tmp_path), "-c", os.devnull]
    environ = {**os.environ, "PYTHONPATH": str(env.ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # no other plug-in has a part in it

    def run(names: Sequence[str], *more: str) -> subprocess.CompletedProcess[str]:
        chosen = [f"{tmp_path / 'test_one.py'}::{name}" for name in names]
        return subprocess.run([*command, *more, *chosen], env=environ, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert run(list(bodies)).returncode == 0
    for name in bodies:
        done = run([name], "--no-skips")
        assert done.returncode == (0 if name == "test_runs" else 1)
        assert (f"left out, which --no-skips forbids: test_one.py::{name}" in done.stdout) == (name != "test_runs")


@pytest.mark.parametrize("target", ["run", "panel", "peristal"])
def test_every_target_that_simulates_takes_the_board_as_make_gives_it(target: str) -> None:
    done = subprocess.run([sys.executable, str(DEV), target, *(["--sim", "status"] if target == "peristal" else [])], cwd=env.ROOT,
                          capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "BOARD": "nosuch"})  # fmt: skip
    assert done.returncode == 2
    assert "--board: 'nosuch' is not" in done.stderr and "allowed: esp32_manifold" in done.stderr
