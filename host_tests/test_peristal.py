"""The command line through unmodified bleak, the stand-in for BlueZ and the unmodified firmware: every command once, and the refusals."""

import asyncio
import itertools
import json
import re
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import pytest

from host_tests.bluez import Bluez
from host_tests.bluez.rig import VARIABLE
from tools.ble import packets
from tools.cli import document, run, trouble, watch
from tools.cli.__main__ import main
from tools.cli.bundle import redact
from tools.report.log import read
from tools.simulator.live_pair import LivePair

ROOT = Path(__file__).resolve().parents[1]
SPEED = 8.0
TIDE = ROOT / "tools" / "programs" / "tide.txt"


@pytest.fixture(scope="module")
def bluez():
    pair = LivePair(speed=SPEED, snug=True, settings={"sessions": 3, "minutes": 10}).start()
    with Bluez(pair) as bluez, pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, bluez.address)
        patch.setattr("tools.cli.link.OTHERS_S", 0.05)
        yield bluez
    pair.stop()


@pytest.fixture
def call(bluez, capsys):
    """call("status", ...) -> (exit code, what it said, what it said on standard error); `rest()` is called before, so nothing runs."""

    def run(*arguments):
        code = main([str(one) for one in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def paired(bluez, call):
    """This computer is paired."""
    if not bluez.run(is_bonded(bluez)):
        bluez.pair.open_window()
        code, said, wrong = call("pair")
        assert code == 0 and "paired" in said, wrong
    return call


@pytest.fixture(autouse=True)
def at_rest(bluez):
    yield
    pair = bluez.pair
    pair.silence(False)
    pair.speed = 0.0
    pair.do(lambda: pair.rig.app.session.act(pair.rig.chip.module("peristal.core.gestures").STOP))
    pair.until(lambda: pair.rig.state in ("idle", "done", "fault") and pair.rig.app.vented(), 90, "rest")
    pair.speed = SPEED


async def is_bonded(bluez):
    return bool(bluez.central.bonds.all_keys)


def state(bluez):
    return bluez.pair.do(lambda: bluez.pair.rig.state)


# Before pairing: these come first in the file


def test_scan_finds_it_by_name_and_address(call):
    code, said, _ = call("scan", "--seconds", "1", "--json")
    (found,) = json.loads(said)["devices"]
    assert code == 0 and found["name"] == "Peristal" and re.fullmatch(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}", found["address"])
    code, said, _ = call("scan", "--seconds", "1")
    assert code == 0 and found["address"] in said


def test_anybody_may_look_and_stop_and_everything_else_says_how_to_pair(bluez, call):
    code, said, _ = call("status", "--json")
    told = json.loads(said)
    assert code == 0 and told["state"] == "idle" and len(told["zones_mmhg"]) == 8 and told["allowed_mmhg"] == [20, 100]
    code, said, _ = call("status")
    assert code == 0 and "left leg" in said and "firmware" in said and "minutes" not in told["board"]
    assert call("stop")[0] == 0
    for arguments in (["start"], ["set", "pressure", "50"], ["record"], ["program", "rm", "x"], ["program", "put", TIDE]):
        code, said, wrong = call(*arguments)
        assert code == trouble.REFUSED and "peristal pair" in wrong and not said, arguments
        bluez.forget()  # touching it began to pair: a stranger's pairing is not kept
    assert state(bluez) == "idle"


def test_pair_waits_for_the_button_and_says_so_when_nobody_holds_it(bluez, call, monkeypatch):
    monkeypatch.setattr("tools.cli.run.WINDOW_S", 0.3)
    code, said, wrong = call("pair")
    assert code == trouble.REFUSED and "held the button" in wrong and "hold the device's button" in said


def test_pair(bluez, call):
    bluez.pair.open_window()
    code, said, wrong = call("pair", "--json")
    assert code == 0 and json.loads(said) == {"paired": True, "new": True}, wrong
    code, said, _ = call("pair")
    assert code == 0 and "already paired" in said


# After it


def test_set_is_carried_out_and_what_is_out_of_range_is_refused_with_the_range(bluez, paired):
    for what, value, seen in (
        ("program", "wave", lambda app: app.session.program == "wave"), ("pressure", 45, lambda app: app.session.pressure_mmhg == 45),
        ("minutes", 12, lambda app: app.session.minutes == 12), ("quiet", "on", lambda app: app.session.quiet),
        ("quiet", "off", lambda app: not app.session.quiet), ("pace", 90, lambda app: app.session.wearer.pace_percent == 90),
        ("pace", 100, lambda app: app.session.wearer.pace_percent == 100), ("link", "finish", lambda app: app.radio.on_loss == "finish"),
    ):  # fmt: skip
        code, said, wrong = paired("set", what, value)
        assert code == 0 and said == f"{what} {value}\n", wrong
        assert bluez.pair.do(lambda seen=seen: seen(bluez.pair.rig.app)), what
    assert paired("set", "time", "now")[0] == 0
    before = bluez.pair.do(lambda: bluez.pair.rig.app.session.pressure_mmhg)
    for arguments, allowed in (
        (["pressure", 150], "20 to 100"), (["pressure", "much"], "20 to 100"), (["minutes", 0], "1 to 60"), (["cap", 7], "20 to 120 mmHg"),
        (["quiet", "maybe"], "on, off"), (["program", "polka"], "wave"), (["link", "explode"], "finish, soften, stop"),
        (["time", "later"], "now"),
    ):  # fmt: skip
        code, said, wrong = paired("set", *arguments)
        assert code == trouble.USAGE and "allowed: " in wrong and allowed in wrong and not said, arguments
    assert bluez.pair.do(lambda: bluez.pair.rig.app.session.pressure_mmhg) == before


def test_start_watch_and_record_a_session_and_stop_it(bluez, paired, tmp_path):
    code, said, wrong = paired("start", "sequential", "--mmhg", "50", "--minutes", "11", "--json")
    assert code == 0, wrong
    told = json.loads(said)
    assert told.pop("state") in ("preflight", "running") and told == {"program": "sequential", "pressure_mmhg": 50, "minutes": 11}
    bluez.pair.until(lambda: bluez.pair.rig.state == "running")
    code, said, wrong = paired("start")
    assert code == trouble.REFUSED and "not while running" in wrong
    for words in (["boost", 2], ["skip", 3, "on"], ["skip", 3, "off"], ["tight", 1], ["set", "pressure", 45]):
        assert paired(*words)[0] == 0, words
    assert paired("boost", 9)[0] == trouble.USAGE
    log = tmp_path / "seen.csv"
    code, said, wrong = paired("watch", "--json", "--hz", "10", "--seconds", "1.5", "--record", log)
    assert code == 0, wrong
    lines = [json.loads(line) for line in said.splitlines()]
    assert len(lines) >= 3 and lines[-1]["state"] == "running" and lines[-1]["time_s"] > lines[0]["time_s"]
    session = read(log)
    assert session.told["program"] == "sequential" and len(session.zones) == 8 and session.told["comfort"] == "off"
    code, said, wrong = paired("pause")
    assert code == 0 and state(bluez) == "paused"
    bluez.pair.until(lambda: not bluez.pair.rig.app.guarding.pressurised)
    assert paired("resume")[0] == 0
    bluez.pair.until(lambda: bluez.pair.rig.state == "running")
    code, said, wrong = paired("stop", "--json")
    assert code == 0 and json.loads(said)["state"] == "done" and json.loads(said)["most_mmhg"] < 15, wrong
    assert max(bluez.pair.do(lambda: list(bluez.pair.rig.plant.zone_mmhg))) < 20
    bluez.pair.until(lambda: bluez.pair.rig.app.vented() and not bluez.pair.rig.app.shelf.changed, 60, "the record is kept")
    code, said, _ = paired("record", "--json")
    (one,) = json.loads(said)["sessions"]
    assert code == 0 and one["program"] == "sequential" and len(one["dose"]) == 8
    assert paired("record")[0] == 0
    code, said, _ = paired("journal")
    assert code == 0 and "session 50 mmHg" in said and "stopped" in said


def test_start_takes_what_is_left_out_as_chosen_and_refuses_what_the_program_does_not_take(bluez, paired):
    code, _, wrong = paired("start", "easy_run", "--mmhg", "90")
    assert code == trouble.USAGE and "allowed: 40 to 70" in wrong
    code, _, wrong = paired("start", "polka")
    assert code == trouble.USAGE and "sequential" in wrong
    code, _, wrong = paired("start", "--mmhg", "300")
    assert code == trouble.USAGE and "20 to 100" in wrong
    code, said, wrong = paired("start", "easy_run", "--minutes", "16", "--json")
    told = json.loads(said)
    assert code == 0 and (told["program"], told["minutes"]) == ("easy_run", 16) and 40 <= told["pressure_mmhg"] <= 70, wrong


def test_programs_are_put_listed_shown_run_and_removed(bluez, paired, tmp_path):
    code, said, wrong = paired("program", "put", TIDE)
    assert code == 0 and "tide is kept: 5 steps" in said, wrong
    assert paired("program", "list", "--json")[1] == '{"programs": ["tide"]}\n'
    code, said, _ = paired("program", "list", "--all")
    assert code == 0 and "own" in said and "sequential" in said
    code, said, _ = paired("program", "show", "tide")
    assert code == 0 and said.splitlines() == [line for line in TIDE.read_text().splitlines() if not line.startswith("#")]
    code, _, wrong = paired("program", "run", "tide", "95")
    assert code == trouble.USAGE and "allowed: 30 to 60" in wrong and state(bluez) != "running"
    code, said, wrong = paired("program", "run", "tide", "--mmhg", "40", "--minutes", "10", "--json")
    assert code == 0 and json.loads(said)["program"] == "tide", wrong
    assert paired("stop")[0] == 0
    bluez.pair.until(lambda: bluez.pair.rig.app.vented())
    assert paired("program", "rm", "tide")[0] == 0
    code, _, wrong = paired("program", "rm", "tide")
    assert code == trouble.REFUSED and "not one of your own" in wrong
    bad = tmp_path / "bad.txt"
    bad.write_text("program bad 4\nstep 100 100 100 sideways reached\n")
    code, _, wrong = paired("program", "put", bad)
    assert code == trouble.USAGE and "line 2" in wrong and "sideways" in wrong
    for content, says in ((b"", "no line in it"), (b"\xff\xfe", "no program"), (b"# only\n", "no line in it")):
        bad.write_bytes(content)
        code, _, wrong = paired("program", "put", bad)
        assert code == trouble.USAGE and says in wrong
    assert paired("program", "put", tmp_path / "none.txt")[0] == trouble.NOT_FOUND
    assert json.loads(paired("program", "list", "--json")[1]) == {"programs": []}


def test_a_line_of_the_console(paired):
    code, said, _ = paired("ask", "zones")
    assert code == 0 and "zone 8: taken_percent=" in said
    code, _, wrong = paired("ask", "polka")
    assert code == trouble.REFUSED and "not known" in wrong
    assert paired("ask", "x" * 90)[0] == trouble.USAGE


def test_the_bundle_says_how_the_device_is_and_not_whose(bluez, paired, tmp_path):
    assert paired("program", "put", TIDE)[0] == 0 and paired("set", "name", "Knut's legs")[0] == 0
    assert paired("set", "program", "tide")[0] == 0 and paired("set", "time", "now")[0] == 0
    address = json.loads(paired("scan", "--seconds", "1", "--json")[1])["devices"][0]["address"]
    file = tmp_path / "bundle.zip"
    code, said, wrong = paired("bundle", "-o", file)
    assert code == 0 and "Left out: addresses" in said and "journal.txt" in said, wrong
    with zipfile.ZipFile(file) as packed:
        content = {name: packed.read(name).decode() for name in packed.namelist()}
    assert set(content) == {
        "README.txt", "status.txt", "notices.txt", "fault.txt", "zones.txt", "learned.txt", "loop.txt", "journal.txt", "status.json",
        "computer.json",
    }  # fmt: skip
    assert "zone 8:" in content["zones.txt"] and "paired" in content["journal.txt"]
    assert json.loads(content["status.json"])["board"] == "esp32_manifold"
    everything = "\n".join(content.values()).lower()
    keys = [bytes(one.ltk.value).hex() for one in bluez.central.bonds.all_keys.values() if one.ltk]
    for secret in (address, address.replace(":", ""), "knut", "c0:00:00:00:00:01", "c00000000001", "tide", "clock set ", *keys):
        assert secret.lower() not in everything, secret
    assert keys and paired("set", "name", "Peristal")[0] == 0 and paired("program", "rm", "tide")[0] == 0


def test_what_a_newer_firmware_may_say_is_redacted_too():
    text = "ok name=Knut's legs peer=c0:00:00:00:00:01 c00000000001 program=tide key=00112233445566778899aabbccddeeff\n"
    text += "0:01:00 clock set 13624 min"
    told = redact(text, {"Knut's Legs", "tide", ""}, {"wave"})
    assert told == "ok name=<name> peer=<address> <hex> program=<own> key=<hex>\n0:01:00 clock set"
    assert redact("ok state=idle program=wave left_s=1200", {"tide"}, {"wave"}) == "ok state=idle program=wave left_s=1200"


def test_a_lost_link_ends_the_watching_with_a_code_of_its_own_and_the_session_goes_on(bluez, paired, monkeypatch):
    monkeypatch.setattr(watch, "SILENT_S", 60.0)  # the link itself says so: nobody waits until nothing has come for long
    assert paired("start", "sequential", "--mmhg", "50", "--minutes", "11")[0] == 0
    pair = bluez.pair
    began_s = pair.do(lambda: pair.rig.now_s)
    pair.do(lambda: pair.rig.at(began_s + 10, lambda: pair.radio.air.cut(pair.radio.controller)))
    code, _, wrong = paired("watch", "--timeout", "1")
    assert code == trouble.LOST and "the link was lost" in wrong
    assert pair.do(lambda: pair.rig.now_s) - began_s < 30 * SPEED
    assert state(bluez) == "running"
    code, _, wrong = paired("status", "--timeout", "1")
    assert code in (trouble.NOT_FOUND, trouble.LOST) and "near" in wrong


def test_a_link_that_is_soon_back_does_not_end_the_watching(bluez, paired, tmp_path):
    assert paired("start", "sequential", 50, 11)[0] == 0
    pair = bluez.pair
    cut = lambda: pair.radio.air.cut(pair.radio.controller)  # noqa: E731
    back = lambda: pair.radio.air.back(pair.radio.controller)  # noqa: E731
    pair.do(lambda: (pair.rig.at(pair.rig.now_s + 8, cut), pair.rig.at(pair.rig.now_s + 14, back)))
    log = tmp_path / "twice.csv"
    code, _, wrong = paired("watch", "--seconds", "5", "--json", "--record", log)
    assert code == 0, wrong
    times = list(read(log).t_s)
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert max(gaps) > 0.2 and len(times) - gaps.index(max(gaps)) > 3, "it goes on after the gap"
    assert bluez.service.calls.count("Device1.Connect") >= 2


def test_a_fault_ends_the_watching_with_its_words(bluez, paired, monkeypatch):
    monkeypatch.setitem(watch.LONGEST_CALM_S, "fault", 0.5)
    assert paired("start", "sequential", "--mmhg", "50", "--minutes", "11")[0] == 0
    pair = bluez.pair
    pair.do(lambda: pair.rig.at(pair.rig.now_s + 12, lambda: pair.rig.plant.sensor_fault.__setitem__(0, "open")))
    code, said, wrong = paired("watch", "--json")
    assert code == trouble.FAULT and "sensor low: A pressure sensor is unplugged" in wrong
    assert json.loads(said.splitlines()[-1])["fault"]["name"] == "sensor low"
    code, _, wrong = paired("start")
    assert code == trouble.REFUSED and "fault 4 sensor low is latched" in wrong
    assert "unplugged" in paired("status")[1]
    pair.do(lambda: pair.rig.plant.sensor_fault.__setitem__(0, None))
    pair.until(lambda: pair.rig.app.vented(), 60, "the air is out")
    pair.press(0.3)
    pair.until(lambda: pair.rig.app.guarding.fault == 0, 30, "the fault is cleared by the button")


def test_no_adapter_and_one_that_is_off_are_told_in_words(bluez, call):
    bluez.power(False)
    code, said, wrong = call("status")
    assert code == trouble.NO_ADAPTER and "switched off" in wrong and "--sim" in wrong and not said
    bluez.unplug()
    code, _, wrong = call("scan", "--json")
    told = json.loads(wrong)
    assert code == told["code"] == trouble.NO_ADAPTER and "no Bluetooth adapter" in told["error"]
    bluez.plug_in()


def test_nobody_there_or_another_name_is_not_found(call):
    code, _, wrong = call("status", "--device", "nobody", "--timeout", "1")
    assert code == trouble.NOT_FOUND and "'nobody'" in wrong and "Peristal" in wrong
    assert call("status", "--device", "peristal")[0] == 0


def test_without_a_bus_there_is_no_bluetooth(call, monkeypatch):
    monkeypatch.setenv(VARIABLE, "unix:path=/nowhere/bus")
    code, _, wrong = call("status")
    assert code == trouble.NO_ADAPTER and "bluetoothd" in wrong


@pytest.mark.parametrize("arguments, says", [
    ([], "COMMAND"), (["polka"], "invalid choice"), (["start", "--mmhg", "many"], "invalid int"), (["boost", "13"], "allowed: 1 to 12"),
    (["status", "--timeout", "0"], "allowed: 1 to 60"), (["--sim", "status", "--board", "raft"], "allowed: esp32_manifold"),
    (["watch", "--hz", "99"], "allowed: 1 to 50"), (["start", "wave", "50", "20", "7"], "'7' is not allowed"),
    (["program", "run", "40"], "which one"), (["start", "wave", "fast"], "'fast' is not allowed"),
    (["watch", "--record", "."], "a file in a folder that exists"), (["bundle", "-o", "/nowhere/x.zip"], "a file in a folder that exists"),
    (["--sim", "--seed", "-1", "status"], "allowed: 0 to 2147483647"), (["plot", "nothing.csv"], "no such file"),
    (["report", "nothing.csv"], "no such file"),
])  # fmt: skip
def test_bad_input_names_what_is_allowed(arguments, says, capsys):
    try:
        code = main(arguments)
    except SystemExit as left:
        code = left.code
    assert code == (trouble.NOT_FOUND if "nothing.csv" in arguments else trouble.USAGE) and says in capsys.readouterr().err


def test_as_a_program_of_its_own_it_does_the_same(bluez, paired):
    command = [sys.executable, str(ROOT / "tools" / "dev.py"), "peristal", "status", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/")
    assert done.returncode == 0 and json.loads(done.stdout)["board"] == "esp32_manifold", done.stderr


def test_as_an_installed_script_it_needs_nothing_of_the_checkout(tmp_path):
    """The packages that pyproject.toml names, alone in a folder."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for package in settings["tool"]["setuptools"]["packages"]:
        there = tmp_path / package.replace(".", "/")
        there.mkdir(parents=True)
        data = settings["tool"]["setuptools"]["package-data"].get(package, [])
        for file in [*(ROOT / package.replace(".", "/")).glob("*.py"), *(ROOT / package.replace(".", "/") / name for name in data)]:
            (there / file.name).write_bytes(file.read_bytes())
    module, _, function = settings["project"]["scripts"]["peristal"].partition(":")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from {module} import {function}; sys.exit({function}(sys.argv[1:]))"

    def run(*arguments):
        environ = {"PATH": "/usr/bin", VARIABLE: "unix:path=/nowhere"}
        command = [sys.executable, "-I", "-c", code, *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environ, timeout=60)

    log = tmp_path / "log.csv"
    log.write_text("time_s,state,leg_1_mmhg\n0,running,5\n1,running,9\n")
    done = run("report", "log.csv")
    assert done.returncode == 0 and (tmp_path / "log.html").exists(), done.stderr
    assert run("status").returncode == trouble.NO_ADAPTER
    done = run("--sim", "status")
    assert done.returncode == trouble.FAILED and "checkout" in done.stderr
    version = settings["project"]["version"]
    assert f'VERSION = "{version}"' in (ROOT / "firmware/peristal/__init__.py").read_text()


def test_its_page_is_up_to_date():
    assert document.DOCUMENT.read_text() == document.text(), "run: make documents"


def test_in_the_simulator_it_is_the_same_and_what_is_stored_is_there_at_the_next_call(call_sim, tmp_path, monkeypatch):
    code, _, wrong = call_sim("set", "pressure", 50)
    assert code == trouble.REFUSED and "peristal --sim pair" in wrong
    code, said, wrong = call_sim("pair")
    assert code == 0 and "button is held" in said and "may command" in said, wrong
    log = tmp_path / "sim.csv"
    comfort = run._comfort

    async def slow_computer(device):
        await asyncio.sleep(0.3)  # at full speed half the session's minute
        return await comfort(device)

    monkeypatch.setattr(run, "_comfort", slow_computer)
    hear = watch.Watcher._hear
    heard = itertools.count(1)

    def slow_to_hear(watcher, what):
        if next(heard) % 50 == 0:
            time.sleep(0.2)  # at full speed everything that comes in a quarter of the session's minute waits in a heap
        hear(watcher, what)

    monkeypatch.setattr(watch.Watcher, "_hear", slow_to_hear)
    code, said, wrong = call_sim("start", "wave", "--mmhg", 50, "--minutes", 1, "--speed", 0, "--record", log)
    assert code == 0 and "cycle 1" in said and "finishing" in said, wrong
    session = read(log)
    assert max(max(values) for values in session.mmhg) > 30 and session.state[-1] == "done" and session.length_s > 60, "virtual time"
    assert session.t_s[0] < 10, "nothing of it passes before somebody listens"
    assert max(after - before for before, after in itertools.pairwise(session.t_s)) < 1.5, "each packet has the time at which it came"
    assert any(event.text.startswith("finished") for event in session.events), "the journal is in the log"
    code, said, wrong = call_sim("status", "--json")
    told = json.loads(said)
    assert code == 0 and (told["pressure_mmhg"], told["minutes"]) == (50, 1)
    assert "wave" in call_sim("record")[1]
    damaged = next(tmp_path.glob("*.json"))
    damaged.write_text("{")
    code, _, wrong = call_sim("status")
    assert code == trouble.FAILED and "damaged" in wrong and str(damaged) in wrong


@pytest.fixture
def call_sim(tmp_path, monkeypatch, capsys):
    """The same as call, in the simulator; what it stores is in tmp_path."""
    monkeypatch.setattr("tools.cli.sim.STORE", tmp_path)

    def run(*arguments):
        code = main(["--sim", "--board", "esp32c3_mini", *(str(one) for one in arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_packets_are_those_of_the_vectors():
    for row in packets.VECTORS["commands"]:
        words = next(words for words, one in packets.OPCODES.items() if one["opcode"] == row["opcode"])
        assert packets.encode(words, *row["arguments"]).hex() == row["hex"]
        assert packets.answer(bytes.fromhex(row["answer"])) == (row["opcode"], "SUCCESS")
    with pytest.raises(packets.PacketError, match="0 to 255"):
        packets.encode("set pressure", 256)
    with pytest.raises(packets.PacketError, match="allowed: 1 to 1"):
        packets.encode("set pressure")
    with pytest.raises(packets.PacketError, match="too few"):
        packets.decode("Status", b"\0")
    longer = bytes.fromhex(next(one["hex"] for one in packets.VECTORS["packets"] if one["characteristic"] == "Status")) + b"\7\7"
    assert packets.decode("Status", longer)["state"] == "running", "bytes of a newer version are passed over"
