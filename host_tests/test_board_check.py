"""`make check`: every rule finds a board file that breaks it, says the figure, and says what would be better."""
# ruff: noqa: E501 (the sentences are printed in one line)

import re
import runpy

import pytest

from peristal.core import chips
from tools.boards import check, documents, rules_sensors
from tools.boards.findings import ERROR, FINE, WARNING
from tools.boards.load import NoBoard
from tools.boards.pin_facts import FLASH, GOOD_ACTUATORS, PULSES, STRAPPING, UART, USB, reasons
from tools.simulator import boards, options

MANIFOLD, INDEPENDENT = "esp32_manifold", "esp32s3_independent"
SENSOR_OF = "sensor=Sensor(pin=36, zero_mv=500, full_mv=4500, range_pa=40000, divider_permille=500)"


def spoilt(tmp_path, board, *changes):
    """The findings of a board file that ships, with words of it exchanged."""
    text = boards.source(board)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    (tmp_path / "board.py").write_text(text)
    return check.check(tmp_path / "board.py")[1]


# what is wrong: (board, changes, level, the sentence that is printed; ... stands for anything)
BROKEN = {
    "an input-only pin": (
        MANIFOLD, [("zone(4, 800)", "zone(34, 800)")], ERROR,
        "legs[0].zones[0].valve.pin: pin 34 is input only and has no pull-up; better: pin 4",
    ),
    "a strapping pin": (
        MANIFOLD, [("zone(4, 800)", "zone(12, 800)")], ERROR,
        "legs[0].zones[0].valve.pin: pin 12 is high or pulses at start-up and is a strapping pin: high at start-up selects 1.8 V for the "
        "flash, and the chip does not start; better: pin 4",
    ),
    "a pin that pulses at start-up": (
        MANIFOLD, [("enable_pin=23", "enable_pin=15")], ERROR,
        "supply.enable_pin: pin 15 is high or pulses at start-up and is a strapping pin: low at start-up silences the boot log; better: pin 23",
    ),
    "a pin of the flash": (
        MANIFOLD, [("zone(4, 800)", "zone(7, 800)")], ERROR,
        "legs[0].zones[0].valve.pin: pin 7 belongs to the flash and is high or pulses at start-up; better: pin 4",
    ),
    "a pin of the PSRAM": (
        INDEPENDENT, [("zone(4, 12, 1, 800)", "zone(33, 12, 1, 800)")], ERROR,
        "legs[0].zones[0].inlet.pin: pin 33 belongs to the PSRAM; better: pin 4 or 8 or 14",
    ),
    "a pin of the USB port": (
        INDEPENDENT, [("button_pin=38", "button_pin=19")], ERROR,
        "panel.button_pin: pin 19 is the USB port and is high or pulses at start-up; better: pin ...",
    ),
    "the serial console's pin": (
        MANIFOLD, [("pump=Pump(pin=25", "pump=Pump(pin=1")], ERROR,
        "pump.pin: pin 1 is the serial console (UART0) and is high or pulses at start-up; better: pin 25",
    ),
    "a pin that the chip does not have": (
        MANIFOLD, [("zone(4, 800)", "zone(24, 800)")], ERROR,
        "legs[0].zones[0].valve.pin: pin 24 does not exist on this chip; better: pin 4",
    ),
    "no pin left": (
        "esp32c3_mini", [("button_pin=9", "button_pin=18")], ERROR,
        "panel.button_pin: pin 18 is the USB port and is high or pulses at start-up; "
        "better: free one of the others first, or take a chip with more pins",
    ),
    "a button on a strapping pin": (
        MANIFOLD, [("program_pin=5", "program_pin=15")], WARNING,
        "panel.program_pin: pin 15 is high or pulses at start-up and is a strapping pin: low at start-up silences the boot log; "
        "better: leave the button alone while the power comes on",
    ),
    "a button on the serial console's pin": (
        MANIFOLD, [("button_pin=13", "button_pin=3")], WARNING,
        "panel.button_pin: pin 3 is the serial console (UART0) and is high or pulses at start-up; better: do not use the serial console then",
    ),
    "a light on a strapping pin": (
        MANIFOLD, [("led_pin=2", "led_pin=15")], WARNING,
        "panel.led_pin: pin 15 is high or pulses at start-up and is a strapping pin: low at start-up silences the boot log; better: "
        "nothing on it that pulls at start-up: an LED or a transistor's base only through its resistor, with a pull-down",
    ),
    "a sensor on a strapping pin": (
        "esp32c3_mini", [("Sensor(pin=0", "Sensor(pin=2")], WARNING,
        "line.sensor.pin: pin 2 may be high for a moment at start-up and is a strapping pin: must be high at start-up; better: pin 0",
    ),
    "a sensor off ADC1": (
        MANIFOLD, [("Sensor(pin=36", "Sensor(pin=15")], ERROR,
        "line.sensor.pin: pin 15 is high or pulses at start-up and is a strapping pin: ... and is not on ADC1 (ADC2 is the radio's); "
        "better: pin 36 or 39 or 34",
    ),
    "a pin used twice": (
        MANIFOLD, [("zone(4, 800)", "zone(25, 800)")], ERROR,
        "legs[0].zones[0].valve.pin: pin 25 is already used by pump.pin; better: pin 4",
    ),
    "a pin that is unsteady at start-up": (
        MANIFOLD, [("zone(4, 800)", "zone(13, 800)"), ("button_pin=13", "button_pin=4")], WARNING,
        "legs[0].zones[0].valve.pin: pin 13 may be high for a moment at start-up; better: a 10 k pull-down at the gate, which keeps it off",
    ),
    "more PWM outputs than channels": (
        INDEPENDENT, [('drive="on_off", ', "")], ERROR,
        "pwm channels: 10 PWM outputs, esp32s3 has 8; better: legs[0].zones[0].inlet.drive='on_off', legs[0].zones[1].inlet.drive='on_off'",
    ),
    "more frequencies than timers": (
        INDEPENDENT,
        [("hold_permille=500)", "hold_permille=500, pwm_hz=20000 + exhaust_pin)")], ERROR,
        "pwm timers: 6 frequencies (2700, 20000, 20012, 20013, 20016, 20017 Hz), esp32s3 has 4 timers; "
        "better: one pwm_hz for pump and valves (20000)",
    ),
    "a PWM that whistles": (
        MANIFOLD, [("current_ma=1500)", "current_ma=1500, pwm_hz=8000)")], WARNING, "pump.pwm_hz: 8000 Hz can be heard; better: 20000",
    ),
    "a zero under the ADC's floor": (
        MANIFOLD, [(SENSOR_OF, "sensor=Sensor(pin=36, zero_mv=200, full_mv=4700, range_pa=50000, zero_error_mv=112, divider_permille=500)")],
        ERROR,
        "line.sensor.divider_permille: 0 mmHg is 44 mV at the pin, an open wire is 0 mV and the ADC begins at 150 mV: not apart, "
        "181 mV are needed; better: a sensor with a zero of 0.5 V (XGZP6847A), or an ADC with no floor (esp32s3)",
    ),
    "a zero that a larger divider would show": (
        MANIFOLD, [("divider_permille=500", "divider_permille=300")], ERROR,
        "line.sensor.divider_permille: 0 mmHg is 138 mV ...; better: divider_permille 394 to 720",
    ),
    "a cap above the ADC's top": (
        MANIFOLD, [("range_pa=40000, divider_permille=500", "range_pa=20000, divider_permille=700")], ERROR,
        "line.sensor.divider_permille: cap (120 mmHg) is 2617 mV at the pin, the ADC ends at 2450 mV; better: divider_permille 394 to 603",
    ),
    "a trip above the ADC's top": (
        MANIFOLD, [("range_pa=40000, divider_permille=500", "range_pa=20000, divider_permille=620")], ERROR,
        "line.sensor.divider_permille: trip (130 mmHg) is 2483 mV at the pin, the ADC ends at 2450 mV; better: divider_permille 394 to 603",
    ),
    "a short that looks like a pressure": (
        MANIFOLD, [("range_pa=40000, divider_permille=500", "range_pa=20000, divider_permille=500, rail_mv=4100")], ERROR,
        "line.sensor.divider_permille: a short to 4100 mV reads 2050 mV, the trip pressure 2003 mV; "
        "better: a sensor of a wider range_pa, so that a short cannot look like a pressure",
    ),
    "a short that destroys the pin": (
        INDEPENDENT, [("divider_permille=595", "divider_permille=800")], ERROR,
        "legs[0].zones[0].sensor.divider_permille: a short puts 4000 mV on the pin, 3600 mV destroy it; better: divider_permille up to 720",
    ),
    "a range too wide to see a mmHg": (
        MANIFOLD, [("range_pa=40000", "range_pa=200000")], WARNING,
        "line.sensor.range_pa: 1.3 mV a mmHg at the pin; better: a sensor of a narrower range (40000): ...",
    ),
    "a divider that takes too much": (
        MANIFOLD, [("divider_permille=500", "divider_permille=500, divider_kohm=20")], ERROR,
        "line.sensor.divider_kohm: 20 kohm take 225 uA of the sensor, it gives 100; better: at least 46 kohm",
    ),
    "a divider too weak for the ADC": (
        MANIFOLD, [("divider_permille=500", "divider_permille=500, divider_kohm=1000")], WARNING,
        "line.sensor.divider_kohm: the ADC sees a source of 250 kohm; better: 400 kohm or less in all ...",
    ),
    "a slow multiplexer": (
        INDEPENDENT,
        [("sensor=Sensor(\n            pin=sensor_pin", "sensor=Sensor(\n            mux_channel=sensor_pin"),
         ("    line=Line(", "    mux=Mux(pin=1, select_pins=(8, 9, 10, 14), settle_us=2500),\n    line=Line("), ("Line, Panel", "Line, Mux, Panel")],
        ERROR,
        "mux.settle_us: reading takes 9.1 ms of each tick at 60 us a read, allowed are 6 ms; better: a settle_us of some 20 us: "
        "the 100 nF belong before the multiplexer, not behind it",
    ),
    "a supply too small": (
        MANIFOLD, [("current_ma=5000", "current_ma=3500")], ERROR,
        "supply.current_ma: pump, held coils and one pulling in need 3600 mA, 90 % of the supply are 3150 mA; better: a supply of 4000 mA",
    ),
    "a pump that is switched hard": (
        MANIFOLD, [("pump=Pump(pin=25", 'pump=Pump(pin=25, drive="on_off"')], WARNING,
        "pump.drive: switched hard the pump draws 3 times its current for a moment: 6600 mA in all; better: drive='pwm' ...",
    ),
    "a coil that gets too hot": (
        MANIFOLD, [('"hold_permille": 500', '"hold_permille": 950, "continuous_mw": 3000')], ERROR,
        "legs[0].zones[0].valve.hold_permille: held, the coil turns 4332 mW into heat, its datasheet allows 3000; better: hold_permille up to 790",
    ),
    "an on/off coil that gets too hot": (
        MANIFOLD, [('"hold_permille": 500', '"drive": "on_off", "continuous_mw": 3000')], ERROR,
        "legs[0].zones[0].valve.drive: held, the coil turns 4800 mW into heat, its datasheet allows 3000; "
        "better: drive='pwm' with hold_permille 790, or a coil of up to 250 mA",
    ),
    "a coil that is too hot however it is held": (
        MANIFOLD, [('"hold_permille": 500', '"hold_permille": 500, "continuous_mw": 500')], ERROR,
        "legs[0].zones[0].valve.hold_permille: held, the coil turns 1200 mW into heat, its datasheet allows 500; "
        "better: a coil of up to 41 mA",
    ),
    "a relief below the ceiling": (
        MANIFOLD, [("relief_mmhg=170", "relief_mmhg=145")], ERROR,
        "supply.relief_mmhg: relief opens at 145 mmHg, the line's ceiling is 140 mmHg; "
        "better: a relief valve of at least 150 mmHg, or line.ceiling_mmhg up to 135",
    ),
    "no relief": (MANIFOLD, [(", relief_mmhg=170", "")], WARNING, "supply.relief_mmhg: no mechanical relief valve; better: one that opens ..."),
    "no enable": (
        MANIFOLD, [("enable_pin=23, ", "")], WARNING,
        "supply.enable_pin: nothing ends a hang below Python before the watchdog's reset; better: a charge pump on a toggled pin",
    ),
    "a valve that traps air": (
        MANIFOLD, [('ZONE_VALVE = {"rest": "open"', 'ZONE_VALVE = {"rest": "closed"')], ERROR,
        "legs[0].zones[0].valve.rest: a valve that is closed without current traps up to 120 mmHg in the sleeve on every power cut, reset "
        "and fault; better: a normally-open valve",
    ),
    "an inlet that joins the zones": (
        INDEPENDENT, [('rest="closed"', 'rest="open"')], ERROR,
        "legs[0].zones[0].inlet.rest: a valve that is open without current joins the zones with all coils off; better: a normally-closed valve",
    ),
    "a slow vent": (
        MANIFOLD, [("c_ml_s_bar=1000", "c_ml_s_bar=500")], ERROR,
        "line.vent.c_ml_s_bar: all zones from 120 to 15 mmHg take 21.9 s with all coils off, allowed are 15 s; "
        "better: a vent of C 734 mL/(s bar), two valves in parallel count twice",
    ),
    "zone valves too narrow for any vent": (
        MANIFOLD, [('"c_ml_s_bar": 500', '"c_ml_s_bar": 100')], ERROR,
        "line.vent.c_ml_s_bar: all zones from 120 to 15 mmHg take ... s with all coils off, allowed are 15 s; better: zone valves of a larger C too",
    ),
    "slow exhausts": (
        INDEPENDENT, [("current_ma=400, c_ml_s_bar=500", "current_ma=400, c_ml_s_bar=100")], ERROR,
        "exhaust.c_ml_s_bar: all zones from 120 to 15 mmHg take 19.5 s ...; better: an exhaust of C 131 mL/(s bar) on the largest zone",
    ),
    "a pump that cannot be stopped": (
        MANIFOLD, [("enable_pin=23, ", ""), ("flow_ml_min=15000", "flow_ml_min=30000")], ERROR,
        "supply.enable_pin: a pump stuck on with all coils off holds 53 mmHg; better: a 12 V enable (enable_pin), or a vent of C 1384 mL/(s bar)",
    ),
    "a pump that dead-ends": (
        INDEPENDENT, [("enable_pin=15, ", "")], ERROR,
        "supply.enable_pin: a pump stuck on dead-ends at 600 mmHg behind the closed inlets; better: a 12 V enable (enable_pin)",
    ),
    "a zone that cannot be filled in time": (
        MANIFOLD, [("flow_ml_min=15000", "flow_ml_min=1500"), ("zone(21, 2000)", "zone(21, 4000)")], ERROR,
        "legs[0].zones[3].volume_ml: 55 mmHg take 246.7 s from folded, one fill may take 90 s; better: a pump of 6200 mL/min, or a smaller zone",
    ),
    "a zone valve too narrow for any pump": (
        MANIFOLD, [('"c_ml_s_bar": 500', '"c_ml_s_bar": 20')], ERROR,
        "legs[0].zones[3].volume_ml: 55 mmHg take ... s from folded, one fill may take ... s; "
        "better: a zone valve of a larger C, or a smaller zone",
    ),
    "a zone that cannot reach the highest pressure": (
        MANIFOLD, [("flow_ml_min=15000", "flow_ml_min=4000"), ("zone(21, 2000)", "zone(21, 2300)")], WARNING,
        "legs[0].zones[3].volume_ml: 100 mmHg take 63.9 s from folded, one fill may take 60 s; better: a pump of 4... mL/min, or a smaller zone",
    ),
    "a pump too small for two legs": (
        MANIFOLD, [("flow_ml_min=15000", "flow_ml_min=7000")], WARNING,
        "pump.flow_ml_min: a first cycle of 55 mmHg through all zones fills for about ... s; no zone stays pressed for more than 120 s; better: ...",
    ),
    "a sensor that is full below its zero": (
        MANIFOLD, [("full_mv=4500", "full_mv=500")], ERROR,
        "line.sensor.full_mv: 500 mV at full scale, zero_mv is 500; better: the datasheet's figure",
    ),
    "a sensor where no ADC pin is left": (
        "esp32c3_mini", [("Sensor(pin=0", "Sensor(pin=20"), ("button_pin=9", "button_pin=0, plus_pin=2")], ERROR,
        "line.sensor.pin: pin 20 is ...; better: an analog multiplexer (mux) in front of one ADC1 pin",
    ),
    # what only the device's own checks say
    "a vent of the line where every zone has its own": (
        INDEPENDENT, [("line=Line(volume_ml=30,", "line=Line(vent=Valve(pin=14, rest='open', current_ma=400, c_ml_s_bar=900), volume_ml=30,")], ERROR,
        "line.vent: not used on an independent board; allowed: none (each zone has its exhaust)",
    ),
    "a zone valve where zones have inlets": (
        INDEPENDENT, [("volume_ml=volume_ml,", "volume_ml=volume_ml, valve=Valve(pin=14, rest='open', current_ma=400, c_ml_s_bar=900),")], ERROR,
        "legs[0].zones[0].valve: not used on topology 'independent'; allowed: none",
    ),
    "two sensors on one channel": (
        "esp32_manifold_5", [("first_channel + index", "first_channel")], ERROR,
        "legs[0].zones[1].sensor.mux_channel: 0; allowed: 0 to 15, each once",
    ),
    "no sensor": (MANIFOLD, [(SENSOR_OF + ",", "")], ERROR, "line.sensor: missing; allowed: a Sensor (a manifold needs one on the line)"),
    "a missing vent": (MANIFOLD, [("vent=Valve(pin=26,", "sensor=None) if 0 else Line(vent=None and Valve(pin=26,")], ERROR, "line.vent: missing; ..."),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_rule_finds_the_board_file_that_breaks_it(what, tmp_path):
    board, changes, level, sentence = BROKEN[what]
    said = [str(finding) for finding in spoilt(tmp_path, board, *changes) if finding.level == level]
    pattern = re.escape(sentence).replace(re.escape("..."), ".*")
    assert any(re.fullmatch(pattern, line) for line in said), "\n".join(said)


def test_more_outputs_than_channels_where_only_the_buzzer_can_be_spared(tmp_path, monkeypatch):
    """No chip that is known has so few: its facts are changed."""
    facts = [*chips.CHIPS["esp32c3"]]
    facts[chips.PWM_CHANNELS] = 2
    monkeypatch.setitem(chips.CHIPS, "esp32c3", tuple(facts))
    said = [str(finding) for finding in spoilt(tmp_path, "esp32c3_mini") if finding.level == ERROR]
    assert "pwm channels: 3 PWM outputs, esp32c3 has 2; better: panel.buzzer_pin=None" in said


def test_a_sensor_whose_turn_comes_too_late(tmp_path, monkeypatch):
    """Twelve zones and the line come round in 260 ms, so a board file alone cannot break this one: the firmware's limit is moved."""
    monkeypatch.setattr(rules_sensors, "STALE_MS", 100)
    said = [str(finding) for finding in spoilt(tmp_path, "esp32_manifold_5") if finding.level == ERROR]
    assert said == ["sensors: a resting sensor is read every 220 ms, it is stale after 100; better: fewer sensors"]


@pytest.mark.parametrize("name", boards.names())
def test_every_board_that_ships_passes(name):
    _, found = check.check(boards.BOARDS / name / "board.py")
    assert [str(finding) for finding in found if finding.level == ERROR] == []
    assert sum(finding.level == FINE for finding in found) >= 15


@pytest.mark.parametrize("what", BROKEN)
def test_a_board_that_the_device_refuses_is_an_error_of_the_check(what, tmp_path):
    """The host explains; it must never be milder than the device."""
    board, changes, _, _ = BROKEN[what]
    found = spoilt(tmp_path, board, *changes)
    try:
        runpy.run_path(str(tmp_path / "board.py"))
        refused = False
    except ValueError:
        refused = True
    assert not refused or any(finding.level == ERROR for finding in found)


@pytest.mark.parametrize("what", ["a valve that traps air", "a slow vent", "slow exhausts", "a pump that cannot be stopped", "a pump that dead-ends",
                                  "a relief below the ceiling", "no sensor", "a zero under the ADC's floor"])  # fmt: skip
def test_what_is_dangerous_is_refused_by_the_device_too(what, tmp_path):
    board, changes, _, _ = BROKEN[what]
    spoilt(tmp_path, board, *changes)
    with pytest.raises(ValueError, match="allowed"):
        runpy.run_path(str(tmp_path / "board.py"))


def test_a_file_that_is_no_board_says_so(tmp_path):
    (tmp_path / "board.py").write_text("BOAD = 1\n")
    with pytest.raises(NoBoard, match="has no BOARD"):
        check.check(tmp_path / "board.py")
    (tmp_path / "board.py").write_text(boards.source(MANIFOLD).replace("flow_ml_min", "flow_l_min"))
    with pytest.raises(NoBoard, match="Pump: unknown key 'flow_l_min'; allowed: coast_ms"):
        check.check(tmp_path / "board.py")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no BOARD; allowed: BOARD = Board"),
        ("BOARD = 3\n", r"BOARD is 3; allowed: BOARD = Board\(...\)"),
        ("pins = [4]\nfoot = pins[1]\n", "board.py, line 2: IndexError: list index out of range"),
        ("\n\nhalf = 1 / 0\n", "board.py, line 3: ZeroDivisionError"),
        ("raise SystemExit(0)\n", "board.py, line 1: SystemExit: 0"),
        ("from peristal.core.parts import Pomp\n", "board.py, line 1: ImportError"),
        ("BOARD = Board(\n", r"SyntaxError: '\(' was never closed \(board.py, line 1\)"),
    ],
)
def test_whatever_stands_in_a_board_file_is_one_sentence_with_the_line(text, says, tmp_path, capsys):
    (tmp_path / "board.py").write_text(text)
    with pytest.raises(NoBoard, match=says):
        check.check(tmp_path / "board.py")
    assert check.main([str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_board_file_with_a_mistake_hinders_nobody_who_uses_another(tmp_path, capsys, monkeypatch):
    for name, text in ((MANIFOLD, boards.source(MANIFOLD)), ("mine", boards.source(MANIFOLD).replace("flow_ml_min", "flow_l_min"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "board.py").write_text(text)
    monkeypatch.setattr(boards, "BOARDS", tmp_path)
    assert "mine                  cannot be used: " in options.listing() and "Two legs of four zones on one manifold" in options.listing()
    assert options.parse(["--board", MANIFOLD], on_terminal=False).board == MANIFOLD
    with pytest.raises(SystemExit) as left:
        options.parse(["--board", "mine"], on_terminal=False)
    assert left.value.code == 2
    assert "argument --board: 'mine' cannot be used: " in capsys.readouterr().err
    assert documents.main([]) == 2
    assert "unknown key 'flow_l_min'" in capsys.readouterr().err


def test_the_command_line_tells_by_its_status(tmp_path, capsys, monkeypatch):
    assert check.main([MANIFOLD]) == 0
    assert "0 errors" in capsys.readouterr().out
    (tmp_path / "board.py").write_text(boards.source(MANIFOLD).replace("relief_mmhg=170", "relief_mmhg=145"))
    assert check.main([str(tmp_path), "--quiet"]) == 1
    out = capsys.readouterr().out
    assert "error    supply.relief_mmhg" in out and "fine " not in out
    monkeypatch.setenv("BOARD", "nosuch")
    assert check.main([]) == 2
    assert "allowed: esp32_manifold" in capsys.readouterr().err


@pytest.mark.parametrize("chip", chips.CHIPS)
def test_the_pins_the_device_refuses_are_those_the_host_can_explain(chip):
    facts = chips.CHIPS[chip]
    assert all(reasons(chip, "none", pin) for pin in (*facts[chips.NEVER_ACTUATOR], *facts[chips.INPUT_ONLY]))
    must = {*PULSES[chip], *UART[chip], *USB[chip]} & set(facts[chips.PINS])
    assert must <= set(facts[chips.NEVER_ACTUATOR])
    assert not {*GOOD_ACTUATORS[chip]} & {*facts[chips.NEVER_ACTUATOR], *facts[chips.INPUT_ONLY], *STRAPPING[chip]}
    assert not set(FLASH[chip]) & set(facts[chips.PINS])
