"""A board file that is wrong says which field is, and what is allowed there."""

import runpy

import pytest

from peristal.core.board import Board
from peristal.core.parts import BoardError, Leg, Line, Panel, Pump, Sensor, Supply, Valve, Zone
from tools.simulator import boards

SENSOR = {"zero_mv": 500, "full_mv": 4500, "range_pa": 40000, "divider_permille": 500}
VALVE = {"rest": "open", "current_ma": 300, "c_ml_s_bar": 500}


def manifold(**changes):
    """A good small manifold board, with parts exchanged by name."""
    parts = {
        "name": "good",
        "title": "good",
        "chip": "esp32",
        "topology": "manifold",
        "supply": Supply(current_ma=5000, enable_pin=23, relief_mmhg=170),
        "pump": Pump(pin=25, flow_ml_min=15000, stall_mmhg=600, current_ma=1500),
        "line": Line(vent=Valve(pin=26, **VALVE), sensor=Sensor(pin=36, **SENSOR)),
        "legs": (
            Leg(name="left", zones=(Zone(volume_ml=800, valve=Valve(pin=4, **VALVE)), Zone(volume_ml=900, valve=Valve(pin=18, **VALVE)))),
        ),
        "panel": Panel(button_pin=13, led_pin=2),
    }
    parts.update(changes)
    return Board(**parts)


def one_zone(**changes):
    return (Leg(name="left", zones=(Zone(**{"volume_ml": 800, "valve": Valve(pin=4, **VALVE), **changes}),)),)


def independent_zone(**changes):
    zone = {
        "volume_ml": 800,
        "inlet": Valve(pin=4, **{**VALVE, "rest": "closed"}),
        "exhaust": Valve(pin=18, **VALVE),
        "sensor": Sensor(pin=39, **SENSOR),
    }
    zone.update(changes)
    return {"topology": "independent", "line": Line(), "legs": (Leg(name="left", zones=(Zone(**zone),)),)}


@pytest.mark.parametrize("name", boards.names())
def test_every_board_that_ships_is_accepted(name):
    board = boards.load(name)
    assert board.name == name and board.title


def test_the_good_board_of_these_tests_is_accepted():
    assert len(manifold().zones()) == 2


@pytest.mark.parametrize("parts, asked, kept", (({}, 100, 100), ({}, 130, 130), ({}, 140, 130), (independent_zone(), 140, 140)))
def test_where_zones_have_no_sensor_the_lines_ceiling_is_no_higher_than_the_trip(parts, asked, kept):
    board = manifold(**parts)
    board.line.ceiling_mmhg = asked
    assert board.ceiling_mmhg() == kept


BROKEN = {
    "an unknown key": (lambda: Pump(pinn=3), "Pump: unknown key 'pinn'; allowed: coast_ms"),
    "a missing key": (lambda: Pump(pin=25), "missing; allowed: "),
    "a number out of range": (
        lambda: Valve(pin=4, rest="open", current_ma=9, c_ml_s_bar=500),
        "Valve.current_ma: 9 is not allowed; allowed: 50 to 3000",
    ),
    "a word that is none": (
        lambda: Valve(pin=4, rest="opened", current_ma=300, c_ml_s_bar=500),
        "Valve.rest: 'opened' is not allowed; allowed: one of 'open', 'closed'",
    ),
    "a part of the wrong kind": (lambda: manifold(pump=Supply(current_ma=5000)), "Board.pump: "),
    "zones that are no tuple": (lambda: Leg(name="left", zones=[]), "Leg.zones: [] is not allowed"),
    "an unknown chip": (lambda: manifold(chip="esp8266"), "Board.chip: 'esp8266' is not allowed; allowed: one of 'esp32', "),
    "no leg": (lambda: manifold(legs=()), "legs: 0 legs; allowed: 1 to 2"),
    "an empty leg": (lambda: manifold(legs=(Leg(name="left", zones=()),)), "legs[0].zones: 0 zones; allowed: 1 to 6"),
    "a pin used twice": (
        lambda: manifold(legs=one_zone(valve=Valve(pin=25, **VALVE))),
        "legs[0].zones[0].valve.pin: pin 25 is already used by pump.pin",
    ),
    "an input-only pin as actuator": (
        lambda: manifold(legs=one_zone(valve=Valve(pin=34, **VALVE))),
        "legs[0].zones[0].valve.pin: pin 34 cannot be an actuator on esp32; allowed: [2, 4, 13, ",
    ),
    "a pin that pulses at start-up": (lambda: manifold(legs=one_zone(valve=Valve(pin=14, **VALVE))), "pin 14 cannot be an actuator"),
    "a pin that does not exist": (lambda: manifold(legs=one_zone(valve=Valve(pin=20, **VALVE))), "pin 20 cannot be an actuator"),
    "a sensor off ADC1": (
        lambda: manifold(line=Line(vent=Valve(pin=26, **VALVE), sensor=Sensor(pin=27, **SENSOR))),
        "line.sensor.pin: pin 27 cannot be an adc",
    ),
    "a button without pull-up": (lambda: manifold(panel=Panel(button_pin=35, led_pin=2)), "panel.button_pin: pin 35 cannot be an input"),
    "no sensor on a manifold": (lambda: manifold(line=Line(vent=Valve(pin=26, **VALVE))), "line.sensor: missing; allowed: a Sensor"),
    "no vent on a manifold": (
        lambda: manifold(line=Line(sensor=Sensor(pin=36, **SENSOR))),
        "line.vent: missing; allowed: a Valve with rest='open'",
    ),
    "a vent that closes when off": (
        lambda: manifold(line=Line(vent=Valve(pin=26, **{**VALVE, "rest": "closed"}), sensor=Sensor(pin=36, **SENSOR))),
        "line.vent.rest: 'closed' would trap air",
    ),
    "a zone valve that closes when off": (
        lambda: manifold(legs=one_zone(valve=Valve(pin=4, **{**VALVE, "rest": "closed"}))),
        "legs[0].zones[0].valve.rest: 'closed' would trap air in the sleeve with all coils off; allowed: 'open'",
    ),
    "an exhaust that closes when off": (
        lambda: manifold(**independent_zone(exhaust=Valve(pin=18, **{**VALVE, "rest": "closed"}))),
        "legs[0].zones[0].exhaust.rest: 'closed' would trap air",
    ),
    "an independent zone without exhaust": (lambda: manifold(**independent_zone(exhaust=None)), "legs[0].zones[0].exhaust: missing"),
    "an independent zone without sensor": (lambda: manifold(**independent_zone(sensor=None)), "legs[0].zones[0].sensor: missing"),
    "an inlet that opens when off": (
        lambda: manifold(**independent_zone(inlet=Valve(pin=4, **VALVE))),
        "legs[0].zones[0].inlet.rest: 'open' would join",
    ),
    "a zone sensor on one zone only": (
        lambda: manifold(
            legs=(
                Leg(
                    name="l",
                    zones=(
                        Zone(volume_ml=800, valve=Valve(pin=4, **VALVE), sensor=Sensor(pin=39, **SENSOR)),
                        Zone(volume_ml=800, valve=Valve(pin=18, **VALVE)),
                    ),
                ),
            )
        ),
        "legs[0].zones[1].sensor: missing",
    ),
    "a divider that hides an open sensor": (
        lambda: manifold(line=Line(vent=Valve(pin=26, **VALVE), sensor=Sensor(pin=36, **{**SENSOR, "divider_permille": 300}))),
        "line.sensor.divider_permille: 300 puts 0 to 130 mmHg at",
    ),
    "a mux channel without a mux": (
        lambda: manifold(line=Line(vent=Valve(pin=26, **VALVE), sensor=Sensor(mux_channel=2, **SENSOR))),
        "line.sensor.mux_channel: the board has no mux; allowed: pin",
    ),
    "a sensor without pin": (
        lambda: manifold(line=Line(vent=Valve(pin=26, **VALVE), sensor=Sensor(**SENSOR))),
        "line.sensor: needs either pin or mux_channel",
    ),
    "a supply that cannot carry the coils": (
        lambda: manifold(supply=Supply(current_ma=1800)),
        "supply.current_ma: pump and coils need 2100 mA; allowed: up to 1620 mA",
    ),
    "pins that the PSRAM takes": (
        lambda: manifold(psram="quad", legs=one_zone(valve=Valve(pin=16, **VALVE))),
        "pin 16 cannot be an actuator",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_mistake_is_a_line_that_names_the_field_and_what_is_allowed(what):
    build, words = BROKEN[what]
    with pytest.raises(BoardError) as caught:
        build()
    assert words in str(caught.value)
    assert "allowed" in str(caught.value)


def test_too_many_pwm_outputs_are_refused_with_the_way_out():
    valves = [Valve(pin=pin, **VALVE) for pin in (0, 1, 3, 4, 5, 10)]
    with pytest.raises(BoardError) as caught:
        Board(
            name="c3",
            title="c3",
            chip="esp32c3",
            topology="manifold",
            supply=Supply(current_ma=9000),
            pump=Pump(pin=6, flow_ml_min=9000, stall_mmhg=600, current_ma=900),
            line=Line(vent=valves[0], sensor=Sensor(pin=2, **SENSOR)),
            legs=(Leg(name="left", zones=tuple(Zone(volume_ml=800, valve=valve) for valve in valves[1:])),),
            panel=Panel(button_pin=7, led_pin=20),
        )
    assert "7 PWM outputs; allowed: up to 6 on esp32c3 (the rest with drive='on_off')" in str(caught.value)


def test_a_typo_in_the_board_file_itself_names_the_part(tmp_path):
    text = boards.source("esp32_manifold").replace("flow_ml_min", "flow_l_min")
    (tmp_path / "board.py").write_text(text)
    with pytest.raises(BoardError, match="Pump: unknown key 'flow_l_min'"):
        runpy.run_path(str(tmp_path / "board.py"))


def test_a_large_zone_behind_its_own_valve_counts_when_the_others_are_long_empty():
    zones = [Zone(volume_ml=500, valve=Valve(pin=pin, **{**VALVE, "c_ml_s_bar": 130})) for pin in (4, 18)]
    zones.append(Zone(volume_ml=1700, valve=Valve(pin=19, **{**VALVE, "c_ml_s_bar": 130})))
    board = manifold(legs=(Leg(name="left", zones=tuple(zones)),))
    alone = manifold(legs=(Leg(name="left", zones=(Zone(volume_ml=1700, valve=Valve(pin=19, **{**VALVE, "c_ml_s_bar": 130})),)),))
    assert board.vent_ms() >= alone.vent_ms() > 12000
