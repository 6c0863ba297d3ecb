"""The bring-up: a gate that a builder passes step by step, that sees what is wrong with a board, and that nobody gets around."""

from dataclasses import replace

import pytest

from host_tests.bottles import Bench, bottles, towels
from peristal.core.gate import STEPS
from peristal.store import bringup
from tools.simulator import boards
from tools.simulator.builder import stored
from tools.simulator.rig import Rig, stored_file

INDEPENDENT, MANIFOLD, ZONE_SENSORS = "esp32s3_independent", "esp32c3_mini", "esp32_manifold_5"


def answers(rig, *lines):
    """What the console says to each of these lines, of what is typed after power-on."""
    heard = []
    rig.chip.on_console = lambda said: None if said.startswith("peristal:") else heard[-1].append(said)
    for at, line in enumerate(lines):
        rig.at(1.0 + at, lambda: heard.append([]))
        rig.type_line(1.0 + at, line)
    rig.run_until(1.9 + len(lines))
    return heard


# Two legs, a multiplexer, one vent, inlets and exhausts: all there; the campaign `replays` brings up every board that ships.
@pytest.mark.parametrize("board", (ZONE_SENSORS, INDEPENDENT))
def test_a_builder_passes_the_gate_on_every_kind_of_board_and_only_then_a_session_begins(board):
    bench = Bench(board, plant=towels(boards.load(board)))
    rig = bench.rig
    rig.press(1.0)
    rig.type_line(1.5, "start")
    bench.run()
    refusal = "bringup: wiring, zero, gauge, zones, leak, vent, power not passed with this board.py; type: bringup run"
    assert f"peristal: not started: {refusal}" in rig.chip.console and f"error: {refusal}" in rig.chip.console
    assert bench.builder.failed is None and bench.builder.passed == list(STEPS)
    # What pairs are delivered with in all other tests is what the firmware itself stores.
    assert rig.flash.files["bringup.json"].decode() == stored(boards.source(board))
    assert bench.highest_mmhg < 60
    assert max(rig.plant.zone_mmhg) < 1
    assert "settings.json" in rig.flash.files, "zeros and gains are stored"
    rig.chip.power_cycle()
    rig.type_line(rig.now_s + 1.0, "start")
    rig.run_until(rig.now_s + 2.0)
    assert any(line.startswith("ok state=preflight") for line in rig.chip.console)


@pytest.mark.parametrize("board", [INDEPENDENT, "esp32_manifold"])
def test_the_first_steps_are_passed_on_bottles_which_are_rigid_and_fill_at_once(board):
    bench = Bench(board, passed=STEPS[:2], last="zones").run()
    assert bench.builder.passed == ["gauge", "zones"]
    assert bench.highest_mmhg < 75, "and the guard lets out what is too much"


# What is wrong, on which board, and the step that must see it: (board, step, what is done to the plant, what is said).
def swap(rig):
    rig.plant.coil_of[1], rig.plant.coil_of[2] = rig.plant.coil_of[2], rig.plant.coil_of[1]


def dead_coil(rig):
    rig.plant.valve_stuck[2] = "open"


def dead_pump(rig):
    rig.plant.pump_share = 0.0


def loose_sensor(rig):
    rig.plant.sensor_fault[1] = "open"


def wrong_zero(rig):
    rig.plant.sensor_error[1] = (1.0, 12.0)


def gain_off(rig):
    rig.plant.sensor_error[0] = (0.9, 0.0)


def zone_gain_off(rig):
    rig.plant.sensor_error[2] = (1.15, 0.0)


def leak(rig):
    rig.plant.leak_c[1] = 0.006


def large_leak(rig):
    rig.plant.leak_c[1] = 0.02


def slow_vent(rig):
    rig.plant.valve_share[0] = 0.1


def narrow_exhaust(rig):
    rig.plant.valve_share[[path for path, _ in rig.board.valves()].index("legs[0].zones[1].exhaust")] = 0.15


def trapped(rig):
    """A valve that does not let go when the current does."""
    names = [path for path, _ in rig.board.valves()]
    valve = names.index("legs[0].zones[1].exhaust" if rig.board.topology == "independent" else "legs[0].zones[1].valve")
    cut = rig.plant.cut_supply

    def stuck(now):
        rig.plant.valve_stuck[valve] = "closed" if now else None
        cut(now)

    rig.plant.cut_supply = stuck


def vent_trapped(rig):
    cut = rig.plant.cut_supply

    def stuck(now):
        rig.plant.valve_stuck[0] = "closed" if now else None
        cut(now)

    rig.plant.cut_supply = stuck


WRONG = {
    "valves on each other's pins": (INDEPENDENT, "wiring", swap, "zone 1 (left 1) exhaust (pin 12) does not click, or another does"),
    "a valve that does not move": (MANIFOLD, "wiring", dead_coil, "zone 2 (left 2) valve (pin 5) does not click"),
    "a pump that does not run": (MANIFOLD, "wiring", dead_pump, "pump (pin 10) does not run"),
    "a sensor whose wire is off": (INDEPENDENT, "zero", loose_sensor, "sensor 2 reads "),
    "a zero outside of the datasheet": (INDEPENDENT, "zero", wrong_zero, "at 0 mmHg it should be about 297"),
    "a gain that is off, on the line": (MANIFOLD, "gauge", gain_off, "mmHg where the manometer reads 5"),
    "a gain that is off, of a zone": (INDEPENDENT, "gauge", gain_off, "gain_permille: 11"),
    "a zone's gain against the line": (ZONE_SENSORS, "zones", zone_gain_off, "where the line shows"),
    "a zone that leaks": (INDEPENDENT, "leak", leak, "zone 2 (left 2)"),
    "a zone that is empty before anybody looks": (MANIFOLD, "leak", large_leak, "zone 2 (left 2)"),
    "a vent that is too narrow": (MANIFOLD, "vent", slow_vent, "zone 1 (left 1) takes "),
    "an exhaust that is too narrow": (INDEPENDENT, "vent", narrow_exhaust, "zone 2 (left 2) takes "),
    "an exhaust that keeps shut without current": (INDEPENDENT, "power", trapped, "zone 2 (left 2) still has "),
    "a zone valve that keeps shut": (MANIFOLD, "power", trapped, "a chamber kept its air without 12 V"),
    "a vent that keeps shut": (MANIFOLD, "power", vent_trapped, "no zone lost its air within 60 s"),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_step_sees(what):
    board, step, meddle, says = WRONG[what]
    # How long sleeves take to vent says nothing on a bottle, which has less to let out.
    plant = boards.worn_plant(boards.load(board), 3, movement=False) if step == "vent" else None
    bench = Bench(board, plant=plant, passed=STEPS[: STEPS.index(step)], last=step)
    meddle(bench.rig)
    bench.run()
    assert bench.builder.failed is not None, "passed"
    failed, why = bench.builder.failed
    assert failed == step and says in why
    assert bench.highest_mmhg < 70
    assert f"{step}" in bench.rig.app.session.gate.missing()
    assert f'"{step}"' not in bench.rig.flash.files.get("bringup.json", b"").decode(), "and it is not stored as passed either"


def normally_closed(board, path):
    """The board's bottles, with a valve that is shut without current where board.py says open."""
    plant = bottles(boards.load(board))
    index = [name for name, _ in boards.load(board).valves()].index(path)
    valves = tuple(replace(valve, rest_open=not valve.rest_open) if at == index else valve for at, valve in enumerate(plant.valves))
    return replace(plant, valves=valves)


@pytest.mark.parametrize(
    "board, path, step",
    [
        (INDEPENDENT, "legs[0].zones[0].exhaust", "gauge"),
        (INDEPENDENT, "legs[0].zones[3].inlet", "gauge"),
        (MANIFOLD, "line.vent", "gauge"),
        (MANIFOLD, "legs[0].zones[0].valve", "gauge"),
        (MANIFOLD, "legs[0].zones[3].valve", "zones"),
    ],
)
def test_a_valve_that_rests_the_other_way_round_gets_no_further(board, path, step):
    """It clicks like any other: what it does with air tells."""
    bench = Bench(board, plant=normally_closed(board, path), passed=STEPS[:2]).run()
    assert bench.builder.failed is not None and bench.builder.failed[0] == step
    assert bench.highest_mmhg < 100


def test_crossed_valves_are_seen_even_when_nobody_listened():
    bench = Bench(ZONE_SENSORS, passed=STEPS[:3], last="zones", careless=True)
    swap(bench.rig)
    bench.run()
    assert bench.builder.failed is not None and bench.builder.failed[0] == "zones"


class TestAbandoned:
    """A step that nobody goes on with lets the air out, is not passed, and can be run again."""

    def leaves(self, event, says="stopped", board=MANIFOLD):
        """Something happens while zone 1 holds for the manometer."""
        bench = Bench(board, passed=STEPS[:2], last="gauge", silent=True)
        at_s = []
        bench.asked("(reads MMHG)", lambda rig: (at_s.append(rig.now_s), event(rig)))
        rig = bench.run().rig
        assert bench.builder.failed == ("gauge", says) and "gauge" in rig.app.session.gate.missing()
        rig.chip.power_cycle()
        rig.run_until(rig.now_s + 1.0)
        return rig, at_s[0]

    def test_the_button(self):
        rig, _ = self.leaves(lambda rig: rig.press(rig.now_s))
        assert max(rig.plant.zone_mmhg) < 1

    def test_a_long_press_is_no_pause(self):
        rig, _ = self.leaves(lambda rig: rig.press(rig.now_s, 2.0))
        assert max(rig.plant.zone_mmhg) < 1 and rig.state == "idle"

    def test_stop(self):
        rig, _ = self.leaves(lambda rig: rig.type_line(rig.now_s, "stop"))
        assert max(rig.plant.zone_mmhg) < 1

    def test_silence_ends_it_within_a_minute_and_the_air_goes(self):
        rig, at_s = self.leaves(lambda rig: None, "nobody answered for 60 s")
        assert rig.now_s - at_s < 75 and max(rig.plant.zone_mmhg) < 1

    def test_the_power_goes(self):
        bench = Bench(MANIFOLD, passed=STEPS[:2], silent=True)
        bench.asked("(reads MMHG)", lambda rig: rig.chip.power_off())
        rig = bench.run().rig
        assert max(rig.plant.zone_mmhg) > 40
        rig.chip.power_cycle()
        rig.run_until(rig.now_s + 20.0)
        assert rig.state == "idle" and max(rig.plant.zone_mmhg) < 5 and rig.app.session.gate.missing()[0] == "gauge"

    def test_nobody_pulls_the_plug(self):
        bench = Bench(INDEPENDENT, passed=STEPS[:6])
        bench.rig.plant.cut_supply = lambda cut: None
        bench.run()
        assert bench.builder.failed is not None and "was the 12 V plug pulled?" in bench.builder.failed[1]
        assert max(bench.rig.plant.zone_mmhg) < 5 and not bench.rig.app.guarding.cut_expected

    def test_a_fault_ends_it_with_its_own_words(self):
        bench = Bench(INDEPENDENT, passed=STEPS[:3], last="zones")
        bench.asked("zone", lambda rig: None)
        bench.rig.at(6.0, lambda: bench.rig.plant.sensor_fault.__setitem__(0, "open"))
        bench.run()
        assert bench.rig.state == "fault" and bench.builder.failed is not None
        assert bench.builder.failed[1].startswith("fault 4 ")


class TestWords:
    def test_the_list_says_what_is_passed_what_failed_and_what_is_asked(self):
        bench = Bench(MANIFOLD, passed=STEPS[:2], last="gauge", silent=True)
        rig = bench.rig
        bench.asked("(reads MMHG)", lambda rig: rig.type_line(rig.now_s, "bringup"))
        rig.run_until(40.0)
        listed = rig.chip.console[rig.chip.console.index("  1 wiring passed") :]
        asked = "  3 gauge running: zone 1 (left 1) holds: what does the manometer on its hose read? (reads MMHG)"
        assert listed[:4] == ["  1 wiring passed", "  2 zero passed", asked, "  4 zones missing"]
        assert listed[7] == "ok bringup=running passed=2 steps=7 step=gauge asks=mmhg"

    def test_a_slip_of_the_fingers_costs_nothing(self):
        bench = Bench(MANIFOLD, passed=STEPS[:2], last="gauge", silent=True)
        rig = bench.rig

        def slips(rig):
            for at, line in enumerate(("yes", "reads 500", "reads x", "bringup run", "start", f"reads {round(rig.plant.zone_mmhg[0])}")):
                rig.type_line(rig.now_s + at / 2, line)

        bench.asked("(reads MMHG)", slips)
        bench.run()
        assert bench.builder.passed == ["gauge"]
        said = rig.chip.console
        assert "error: bringup: nothing is asked that this answers" in said
        assert sum("is not allowed; allowed: 40 to 100" in line for line in said) == 2
        assert any(line.startswith("error: bringup run: not while bringup") for line in said)
        assert any(line.startswith("error: start: not while bringup") for line in said)

    def test_steps_have_an_order_and_a_step_that_is_run_again_counts_anew(self):
        rig = Rig(MANIFOLD, plant=bottles(boards.load(MANIFOLD)), brought_up=STEPS[:2])
        lines = ("bringup run leak", "bringup run socks", "yes", "bringup run wiring", "stop", "start")
        said = answers(rig, *lines)
        assert said[0] == ["error: bringup: gauge comes before leak"]
        assert said[1][0].startswith("error: step: 'socks' is not allowed; allowed: wiring, zero, ")
        assert said[2][0].startswith("error: yes: not while idle")
        assert said[3][0].startswith("ok step=wiring")
        assert said[4] == ["ok state=idle"]
        assert said[5][0].startswith("error: bringup: wiring, gauge, zones")

    def test_again_is_once_more(self):
        bench = Bench(INDEPENDENT, last="wiring", silent=True)
        bench.asked("(yes, no, again)", lambda rig: rig.type_line(rig.now_s, "again"))
        bench.rig.run_until(12.0)
        assert len(bench.builder.questions) == 2 and bench.builder.questions[0] == bench.builder.questions[1]

    def test_a_sensor_that_shows_pressure_with_everything_open_is_named(self):
        bench = Bench(INDEPENDENT, passed=STEPS[:1], at_s=30.0)
        bench.rig.plant.sensor_error[2] = (1.0, 40.0)
        bench.rig.run_until(31.0)
        assert bench.rig.chip.console[-1].startswith("error: sensor 3 reads ")


class TestStored:
    def starts(self, change=lambda rig: None):
        """What a pair that was brought up says to `start`, after something was done to its flash; and the pair."""
        rig = Rig(MANIFOLD)
        change(rig)
        return answers(rig, "start")[0][-1], rig

    def test_a_pair_as_it_is_delivered_starts(self):
        assert self.starts()[0].startswith("ok state=preflight")

    @pytest.mark.parametrize("old, new", [("volume_ml=", "volume_ml= "), ('rest="open"', "rest='open'"), ("\n", "\n# moved a wire\n")])
    def test_a_changed_board_file_has_to_be_brought_up_again(self, old, new):
        def change(rig):
            source = rig.flash.files["board.py"].decode()
            assert old in source
            rig.flash.put("board.py", source.replace(old, new, 1))

        wanted = "error: bringup: wiring, zero, gauge, zones, leak, vent, power not passed with this board.py; type: bringup run"
        assert self.starts(change)[0] == wanted

    @pytest.mark.parametrize("content", [b"", b"garbage", stored("").encode()[:-5]])
    def test_a_damaged_file_passes_nothing(self, content):
        said, rig = self.starts(lambda rig: rig.flash.put("bringup.json", content))
        assert said.startswith("error: bringup: wiring, zero")
        assert "bringup.json.bad" in rig.flash.files

    @pytest.mark.parametrize("data", [{}, {"passed": list(STEPS)}, {"board": 1}, {"board": None, "passed": list(STEPS)}, []])
    def test_a_file_that_says_something_else_passes_nothing(self, data):
        said, _ = self.starts(lambda rig: rig.flash.put("bringup.json", stored_file(data)))
        assert said.startswith("error: bringup: wiring, zero, gauge, zones, leak, vent, power not passed")

    def test_a_board_that_is_frozen_into_the_firmware_is_known_by_all_that_it_says(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        sums = {bringup.checksum(boards.load(name)) for name in boards.names()}
        assert len(sums) == len(boards.names())
        board = boards.load(MANIFOLD)
        before = bringup.checksum(board)
        assert bringup.checksum(boards.load(MANIFOLD)) == before
        board.legs[0].zones[1].valve.off_ms += 1
        assert bringup.checksum(board) != before
