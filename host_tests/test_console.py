"""The console on the whole simulated board: every command once, every refusal with its text, calibration included."""

from host_tests.talking import Talk
from peristal import console
from peristal.core import presets
from tools.simulator.rig import Rig

COMMANDS = console.table()
RUNNING_AT_S = 6.5  # after a start at 3 s


def answers(lines, until_s=None, before=None, **options):
    """Last answer line of each typed line ("" for none), and the whole conversation."""
    options.setdefault("settings", {"program": "sequential"})
    talk = Talk(lines, **options).run(until_s or lines[-1][0] + 0.7, before)
    assert talk.rig.chip.starts == 1 and not talk.rig.chip.in_repl, talk.heard
    return [answer[-1] if answer else "" for answer in talk.answers], talk


def test_help_lists_every_command_and_every_answer_ends_with_one_line_of_ok():
    (last,), talk = answers([(1, "help")], 3)
    lines = talk.answers[0]
    assert len(lines) == len(COMMANDS) + 1
    for row, line in zip(COMMANDS, lines):
        assert line == f"  {(row[0] + ' ' + row[1]).strip()} - {row[2]}" and len(line) <= 80
    assert last == f"ok commands={len(COMMANDS)}"


def test_every_question_is_answered_at_rest():
    said, talk = answers(
        [(1, "status"), (1.5, "programs"), (2, "notices"), (2.5, "fault"), (3, "clear"), (3.5, "learned"), (4, "stop"), (4.5, "forget")]
    )
    assert said[0] == "ok state=idle program=sequential pressure_mmhg=55 cycle=0 left_s=0 fault=0 zones_mmhg=0,0,0,0,0,0,0,0"
    assert said[1] == f"ok programs={len(presets.names())}"
    assert talk.answers[1][:2] == ["  1 easy_run sequential 40-70 mmHg 15-20 min", "  2 intervals wave 60-90 mmHg 20-25 min"]
    assert "  10 sequential sequential 20-100 mmHg 1-60 min (chosen)" in talk.answers[1]
    assert said[2:5] == ["ok notices=0 none", "ok fault 0 none", "error: clear: there is no fault"]
    assert talk.answers[5] == [f"  zone {zone}: nothing yet" for zone in range(1, 9)] + ["ok zones=8"]
    assert said[6:] == ["ok state=idle", "ok forgotten"]


def test_choices_are_set_and_stored():
    lines = [(1, "set program wave"), (1.3, "set pressure 60"), (1.6, "set minutes 7"), (1.9, "set quiet on"), (2.2, "+"), (2.5, "-")]
    lines += [(2.8, "set quiet off"), (3.1, "SET Quiet ON"), (3.4, "-")]
    said, talk = answers(lines, 15)
    assert said == [
        "ok program=wave pressure_mmhg=55 minutes=20", "ok pressure_mmhg=60", "ok minutes=7", "ok quiet=on", "ok pressure_mmhg=65",
        "ok pressure_mmhg=60", "ok quiet=off", "ok quiet=on", "ok pressure_mmhg=55",
    ]  # fmt: skip
    session = talk.rig.app.session
    assert (session.program, session.pressure_mmhg, session.minutes, session.quiet) == ("wave", 55, 7, True)
    assert b'"pressure_mmhg": 55' in talk.rig.flash.files["profile.json"]


REFUSED_AT_REST = [
    ("jump", "error: command: 'jump' is not known; help lists them"),
    ("set volume 3", "error: command: 'set volume' is not known; help lists them"),
    ("set", "error: command: 'set' is not known; help lists them"),
    ("set pressure 300", "error: pressure_mmhg: 300 is not allowed; allowed: 20 to 100 mmHg"),
    ("set pressure -5", "error: pressure_mmhg: -5 is not allowed; allowed: 20 to 100 mmHg"),
    ("set pressure 5e1", "error: pressure_mmhg: '5e1' is not allowed; allowed: 20 to 100 mmHg"),
    ("set pressure", "error: set pressure: usage: set pressure MMHG"),
    ("set pressure 50 60", "error: set pressure: usage: set pressure MMHG"),
    ("set minutes 0", "error: minutes: 0 is not allowed; allowed: 1 to 60 min"),
    ("set program polka", "error: program: 'polka' is not known; allowed: " + ", ".join(presets.names())),
    ("set quiet perhaps", "error: quiet: 'perhaps' is not allowed; allowed: on, off"),
    ("start polka", "error: program: 'polka' is not known; allowed: " + ", ".join(presets.names())),
    ("start wave 10", "error: pressure_mmhg: 10 is not allowed; allowed: 20 to 100 mmHg"),
    ("start wave 50 61", "error: minutes: 61 is not allowed; allowed: 1 to 60 min"),
    ("start 50 5 9", "error: minutes: '9' is one number too many; usage: start [program] [mmhg] [minutes]"),
    ("start wave 50 5 9", "error: start: usage: start [program] [mmhg] [minutes]"),
    ("status now", "error: status: usage: status"),
    ("pause", "error: pause: not while idle; allowed while running, finishing"),
    ("resume", "error: resume: not while idle; allowed while paused"),
    ("calibrate 1", "error: calibrate: usage: calibrate SENSOR MMHG"),
    ("calibrate 0 60", "error: sensor: 0 is not allowed; allowed: 1 to 1"),
    ("calibrate 2 60", "error: sensor: 2 is not allowed; allowed: 1 to 1"),
    ("calibrate 1 soft", "error: calibrate_mmhg: 'soft' is not allowed; allowed: 0, or 40 to 100 mmHg"),
    ("calibrate 1 121", "error: calibrate_mmhg: 121 is not allowed; allowed: 0, or 40 to 100 mmHg"),
    ("calibrate 1 30", "error: calibrate_mmhg: 30 is not allowed; allowed: 40 to 100 mmHg"),
    ("x" * 81, "error: line: longer than 80 characters; nothing was done"),
    ("sto\x00p", "error: line: only plain ASCII characters are allowed; nothing was done"),
    ("stöp", "error: line: only plain ASCII characters are allowed; nothing was done"),
]


def test_what_is_refused_names_what_is_allowed_and_changes_nothing():
    lines = [(1 + 0.2 * n, text) for n, (text, _) in enumerate(REFUSED_AT_REST)]
    said, talk = answers(lines, 30)
    assert said == [text for _, text in REFUSED_AT_REST]
    session = talk.rig.app.session
    assert (session.program, session.pressure_mmhg, session.minutes, talk.rig.state) == ("sequential", 55, 20, "idle")
    untouched = Rig(settings={"program": "sequential"}).flash.files["profile.json"]
    assert talk.rig.flash.files["profile.json"] == untouched, "nothing was changed, so nothing is stored"


def test_the_pressure_stays_in_its_limits():
    said, _ = answers([(1, "set pressure 98"), (1.3, "+"), (1.6, "set pressure 20"), (1.9, "-")])
    assert said[1] == "error: pressure_mmhg: 103 is not allowed; allowed: 20 to 100 mmHg"
    assert said[3] == "error: pressure_mmhg: 15 is not allowed; allowed: 20 to 100 mmHg"


def test_a_session_by_lines():
    """Started, watched, changed, paused, resumed and stopped, and what the session's state forbids in between."""
    lines = [
        (3, "Start wave 50 5"), (3.4, "pause"), (RUNNING_AT_S, "status"), (7, "start"), (7.3, "set program sequential"), (7.6, "forget"),
        (8, "+"), (8.4, "set pressure 45"), (8.8, "set minutes 4"), (9.2, "set quiet off"), (40, "status"), (41, "pause"), (41.2, "resume"),
        (41.5, "status"), (60, "resume"), (60.5, "status"), (70, "learned"), (71, "stop"), (71.1, "start"), (88, "status"),
    ]  # fmt: skip
    said, talk = answers(lines, 89, snug=True)
    assert said[0] == "ok state=preflight program=wave pressure_mmhg=50 minutes=5"
    assert said[1] == "error: pause: not while preflight; allowed while running, finishing"
    assert said[2].startswith("ok state=running program=wave pressure_mmhg=50 cycle=")
    assert said[3] == "error: start: not while running; allowed while idle, done"
    assert said[4] == "error: set program: not while running; allowed while idle, done"
    assert said[5] == "error: forget: not while running; allowed while idle, done"
    assert said[6:9] == ["ok pressure_mmhg=55", "ok pressure_mmhg=45", "ok minutes=4"]
    assert said[9] == "ok quiet=off"
    fields = dict(part.split("=") for part in said[10].split()[1:])
    assert fields["pressure_mmhg"] == "45" and int(fields["cycle"]) >= 1 and 190 < int(fields["left_s"]) < 215
    assert max(int(one) for one in fields["zones_mmhg"].split(",")) > 40
    assert said[11] == "ok state=paused"
    assert said[12] == "error: pressure: there is still air in the sleeves; wait until it is out"
    assert said[13].startswith("ok state=paused")
    assert said[14] == "ok state=running" and said[15].startswith("ok state=running")
    assert any("over_mmhg=" in line for line in talk.answers[16])
    assert said[17] == "ok state=done"
    assert said[18] == "error: pressure: there is still air in the sleeves; wait until it is out"
    assert said[19].startswith("ok state=done") and said[19].endswith("cycle=0 left_s=0 fault=0 zones_mmhg=0,0,0,0,0,0,0,0")


def test_a_pressure_typed_while_running_goes_to_the_sequencer():
    seen = {}

    def watch(rig):
        rig.at(9.9, lambda: seen.update(before=rig.app.session.sequencer.lanes.set_pa))
        rig.at(10.1, lambda: seen.update(after=rig.app.session.sequencer.lanes.set_pa))

    answers([(3, "start wave 60"), (10, "set pressure 40")], 11, watch)
    assert seen == {"before": 60 * 133322 // 1000, "after": 40 * 133322 // 1000}


def test_a_stop_is_carried_out_in_the_tick_in_which_its_line_ended():
    seen = []
    lines = [(3, "start sequential 60"), (25, "stop")]
    talk = Talk(lines)
    talk.rig.at(25.0 + 5 * 87e-6 + 0.041, lambda: seen.append((max(talk.rig.app.drive.state), talk.rig.wiring.pump_duty)))
    talk.run(26)
    assert seen == [(0, 0)], "two ticks after the last byte every coil and the pump are off"


def test_start_and_resume_are_refused_while_the_button_is_held():
    lines = [(4, "start"), (12, "start"), (20, "pause"), (40, "resume")]
    said, talk = answers(lines, 41, lambda rig: (rig.press(3.5, 2), rig.press(39.5, 3)))
    assert said[0] == "error: button: it is held down; let it go first"
    assert said[1].startswith("ok state=preflight")
    assert said[3] == "error: button: it is held down; let it go first"
    assert talk.rig.state == "paused"


def test_with_a_fault_latched_nothing_starts_and_only_the_button_clears():
    def unplug(rig):
        rig.at(15, lambda: rig.plant.sensor_fault.__setitem__(0, "open"))
        rig.at(20, lambda: rig.plant.sensor_fault.__setitem__(0, None))
        rig.press(30)

    lines = [(3, "start"), (22, "fault"), (22.4, "start wave 60 9"), (22.8, "clear"), (23.2, "status"), (23.6, "+"), (24, "stop")]
    lines.append((32, "start"))
    said, _ = answers(lines, 33, unplug)
    assert said[1].startswith("ok fault 4 sensor low: ")
    assert said[2] == "error: start: fault 4 sensor low is latched; cleared by the button, with healthy sensors"
    assert said[3] == "error: clear: fault 4 sensor low is cleared by the button, with healthy sensors, never from the console"
    assert said[4].startswith("ok state=fault program=sequential pressure_mmhg=55 ") and " fault=4 " in said[4]
    assert said[5] == "error: +: fault 4 sensor low is latched; cleared by the button, with healthy sensors"
    assert said[6] == "ok state=fault"
    assert said[7].startswith("ok state=preflight program=sequential")


class TestCalibrate:
    def test_the_second_point_sets_the_gain_and_a_wrong_one_is_refused(self):
        """Zone 1 holds; the manometer on its hose says what is typed."""
        gains = []
        talk = Talk([(3, "start sequential 60 5")], "esp32s3_independent", settings={"program": "sequential"})
        rig = talk.rig

        def calibrate(share):
            sensor = int(rig.app.sensing.net.zone_sensor[0])
            rig.chip.type(f"calibrate {sensor + 1} {round(rig.plant.zone_mmhg[0] * share)}\n")
            rig.at(rig.now_s + 0.3, lambda: gains.append(rig.app.sensing.gain_permille[sensor]))

        held = []

        def look():
            going = rig.app is not None and rig.state == "running" and rig.plant.zone_mmhg[0] > 56 and not rig.app.drive.pump_permille
            if going and len(held) < 2:
                held.append(rig.now_s)
                calibrate((1.1, 1.02)[len(held) - 1])

        rig.every(1.0, look)
        talk.run(60)
        spoken = [line for _, line in talk.heard if "calib" in line or "gain" in line]
        assert spoken[0].startswith("error: gain_permille: 1")
        assert spoken[0].endswith("is not allowed; allowed: 960 to 1040 (the datasheet's is 1000)")
        assert spoken[1].startswith("ok sensor=")
        assert gains[0] == 1000 and 1005 < gains[1] <= 1040
        assert rig.state == "running"

    def test_the_zero_is_taken_vented_and_within_the_datasheet_only(self):
        zeros = []

        def drift(rig):
            rig.at(39, lambda: zeros.append(rig.app.session.preflight.commissioned16[0]))
            true_mv = rig.plant.pin_mv
            rig.at(40, lambda: setattr(rig.plant, "pin_mv", lambda sensor: true_mv(sensor) + 80))

        lines = [(1, "calibrate 1 0"), (30, "calibrate 1 0"), (41, "calibrate 1 0")]
        said, talk = answers(lines, 42, drift)
        assert said[0] == "error: zero: everything has to be vented and the sensor healthy"
        assert said[1] == "ok sensor=1 calibrated_mmhg=0" and 0 < zeros[0]
        assert abs(zeros[0] - talk.rig.app.sensing.nominal16[0]) < 16 * 30
        assert said[2].startswith("error: zero_mv: ") and "see zero_error_mv in board.py" in said[2]
        assert talk.rig.app.session.preflight.commissioned16[0] == zeros[0]

    def test_not_while_the_pump_runs(self):
        talk = Talk([(3, "start sequential 60 5")])
        rig = talk.rig
        asked = []

        def look():
            if rig.state == "running" and rig.wiring.pump_duty and not asked:
                asked.append(rig.now_s)
                rig.chip.type("calibrate 1 60\n")

        rig.every(0.05, look)
        talk.run(12)
        assert talk.heard[-1][1] == "error: calibrate: the pump is running; wait for a hold"
