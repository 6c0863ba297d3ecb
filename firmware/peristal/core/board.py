"""A whole board: building it checks it, so that a mistake is a line that names the field, not a sleeve that stays tight."""

from peristal.core import chips, model
from peristal.core.limits import CAP_MMHG
from peristal.core.parts import REQUIRED, BoardError, Leg, Line, Mux, Panel, Part, Pump, Supply
from peristal.core.units import mmhg, pa

# Coils and the pump share the supply: this much of it may be used while everything holds and one coil pulls in.
SUPPLY_SHARE_PERCENT = 90
BUZZER_HZ = 2700  # a small piezo's resonance
RELIEF_MARGIN_MMHG = 10  # between the line's ceiling and the relief valve, so that it stays shut in healthy fills
# A pin reading must stay this far from either end of the ADC for a healthy sensor.
ADC_MARGIN_MV = 30
MOST_VENT_MS = 15000  # all zones from the cap to 15 mmHg: automatic cuffs need 10 s, this has more air
MOST_STUCK_MMHG = 30  # what a pump that cannot be stopped may hold in the sleeves while everything is open


class Board(Part):
    """The declarative description a builder edits. Raises BoardError naming the field and what is allowed."""

    FIELDS = {
        "name": (str, None, REQUIRED),
        "title": (str, None, REQUIRED),
        "chip": (tuple(sorted(chips.CHIPS)), None, REQUIRED),
        "psram": (("none", "quad", "octal"), None, "none"),
        "topology": (("manifold", "independent"), None, REQUIRED),
        "supply": (Supply, None, REQUIRED),
        "pump": (Pump, None, REQUIRED),
        "line": (Line, None, REQUIRED),
        "mux": (Mux, None, None),
        "legs": (Leg, "many", REQUIRED),
        "panel": (Panel, None, REQUIRED),
        "cap_mmhg": (60, CAP_MMHG, CAP_MMHG),  # a sleeve that bears less than the absolute cap
    }

    CHECKS = ()  # filled at the end of this file

    def __init__(self, **given):
        super().__init__(**given)
        for check in self.CHECKS:
            check(self)

    def valves(self):
        """(path, valve) of every valve, the line's vent first, then zone by zone."""
        found = []
        if self.line.vent:
            found.append(("line.vent", self.line.vent))
        for path, zone in self.zones():
            for key in ("valve", "inlet", "exhaust"):
                if getattr(zone, key):
                    found.append((path + "." + key, getattr(zone, key)))
        return found

    def zones(self):
        """(path, zone) of every zone, leg by leg, from the foot up."""
        return [
            ("legs[%d].zones[%d]" % (leg_index, index), zone)
            for leg_index, leg in enumerate(self.legs)
            for index, zone in enumerate(leg.zones)
        ]

    def sensors(self):
        """(path, sensor) of every sensor, the line's first."""
        found = [("line.sensor", self.line.sensor)] if self.line.sensor else []
        return found + [(path + ".sensor", zone.sensor) for path, zone in self.zones() if zone.sensor]

    def actuator_pins(self):
        """Every pin whose safe level is low: pump, valves, 12 V enable."""
        pins = [self.pump.pin] + [valve.pin for _, valve in self.valves()]
        if self.supply.enable_pin is not None:
            pins.append(self.supply.enable_pin)
        return pins

    def vent_ms(self):
        """Modelled time until every zone has fallen from the cap (120 mmHg) to 15 mmHg with all coils off.

        On a manifold all share the vent, and the largest one still has to pass its own valve when the others are empty.
        """
        slowest = volume = out = 0
        for _, zone in self.zones():
            own = zone.exhaust.c_ml_s_bar if zone.exhaust else model.series(zone.valve.c_ml_s_bar, self.line.vent.c_ml_s_bar)
            slowest = max(slowest, model.vent_ms(zone.volume_ml, own, pa(120), pa(15)))
            if zone.valve:
                volume += zone.volume_ml
                out += zone.valve.c_ml_s_bar
        if volume:
            slowest = max(slowest, model.vent_ms(volume, model.series(out, self.line.vent.c_ml_s_bar), pa(120), pa(15)))
        return slowest

    def stuck_pa(self):
        """What the pump at full duty holds on the line with all coils off; an independent board's line has no way out then."""
        stall_pa = pa(self.pump.stall_mmhg)
        if not self.line.vent:
            return stall_pa
        return model.drop_pa(self.line.vent.c_ml_s_bar, self.pump.flow_ml_min // 60, stall_pa, 0)

    def safe_pins(self):
        """What main.py needs before anything else: LED pin, 1 for a colour LED or 0, then every actuator pin."""
        return [self.panel.led_pin, 1 if self.panel.led == "neopixel" else 0] + self.actuator_pins()


def _check_legs(board):
    if not 1 <= len(board.legs) <= 2:
        raise BoardError("legs: %d legs; allowed: 1 to 2" % len(board.legs))
    for index, leg in enumerate(board.legs):
        if not 1 <= len(leg.zones) <= 6:
            raise BoardError("legs[%d].zones: %d zones; allowed: 1 to 6" % (index, len(leg.zones)))


def _rest(path, valve, rest, why):
    if valve is None:
        raise BoardError("%s: missing; allowed: a Valve with rest=%r" % (path, rest))
    if valve.rest != rest:
        raise BoardError("%s.rest: %r %s; allowed: %r" % (path, valve.rest, why, rest))


def _check_routes(board):
    """With every coil off every zone must be open to the air; the firmware's stop relies on it."""
    traps = "would trap air in the sleeve with all coils off"
    manifold = board.topology == "manifold"
    if manifold:
        _rest("line.vent", board.line.vent, "open", traps)
    elif board.line.vent:
        raise BoardError("line.vent: not used on an independent board; allowed: none (each zone has its exhaust)")
    for path, zone in board.zones():
        if manifold:
            _rest(path + ".valve", zone.valve, "open", traps)
            unused = ("inlet", "exhaust")
        else:
            _rest(path + ".exhaust", zone.exhaust, "open", traps)
            _rest(path + ".inlet", zone.inlet, "closed", "would join the zones with all coils off")
            unused = ("valve",)
        for key in unused:
            if getattr(zone, key):
                raise BoardError("%s.%s: not used on topology %r; allowed: none" % (path, key, board.topology))


def _check_sensors(board):
    if board.topology == "manifold":
        if not board.line.sensor:
            raise BoardError("line.sensor: missing; allowed: a Sensor (a manifold needs one on the line)")
    with_sensor = [path for path, zone in board.zones() if zone.sensor]
    if board.topology == "independent" or with_sensor:
        for path, zone in board.zones():
            if not zone.sensor:
                raise BoardError("%s.sensor: missing; allowed: a Sensor (every zone needs its own)" % path)
    chip = chips.CHIPS[board.chip]
    channels = []
    for path, sensor in board.sensors():
        if (sensor.pin is None) == (sensor.mux_channel is None):
            raise BoardError("%s: needs either pin or mux_channel; allowed: exactly one of them" % path)
        if sensor.mux_channel is not None:
            if board.mux is None:
                raise BoardError("%s.mux_channel: the board has no mux; allowed: pin" % path)
            top = (1 << len(board.mux.select_pins)) - 1
            if sensor.mux_channel > top or sensor.mux_channel in channels:
                raise BoardError("%s.mux_channel: %d; allowed: 0 to %d, each once" % (path, sensor.mux_channel, top))
            channels.append(sensor.mux_channel)
        _check_span(path, sensor, chip)


def _check_span(path, sensor, chip):
    """Zero and trip pressure of a healthy sensor must be visible, and so must an open or shorted one."""
    if sensor.full_mv <= sensor.zero_mv:
        raise BoardError("%s.full_mv: %d; allowed: above zero_mv (%d)" % (path, sensor.full_mv, sensor.zero_mv))
    divider = sensor.divider_permille
    lowest_mv = (sensor.zero_mv - sensor.zero_error_mv) * divider // 1000
    trip_mv = sensor.zero_mv + sensor.zero_error_mv + pa(130) * (sensor.full_mv - sensor.zero_mv) // sensor.range_pa
    highest_mv = trip_mv * divider // 1000
    low, high = chip[chips.ADC_LOW_MV] + ADC_MARGIN_MV, chip[chips.ADC_HIGH_MV] - ADC_MARGIN_MV
    if lowest_mv < low or highest_mv > high:
        raise BoardError(
            "%s.divider_permille: %d puts 0 to 130 mmHg at %d to %d mV; allowed: %d to %d mV on this chip's ADC"
            % (path, divider, lowest_mv, highest_mv, low, high)
        )


def pin_uses(board):
    """(path, pin, use) of every pin; use is 'actuator', 'adc', 'output' or 'input'."""
    uses = [("pump.pin", board.pump.pin, "actuator")]
    if board.supply.enable_pin is not None:
        uses.append(("supply.enable_pin", board.supply.enable_pin, "actuator"))
    uses += [(path + ".pin", valve.pin, "actuator") for path, valve in board.valves()]
    uses += [(path + ".pin", sensor.pin, "adc") for path, sensor in board.sensors() if sensor.pin is not None]
    if board.mux:
        uses.append(("mux.pin", board.mux.pin, "adc"))
        uses += [("mux.select_pins[%d]" % bit, pin, "output") for bit, pin in enumerate(board.mux.select_pins)]
    for key in ("button_pin", "plus_pin", "minus_pin", "program_pin", "led_pin", "buzzer_pin"):
        pin = getattr(board.panel, key)
        if pin is not None:
            uses.append(("panel." + key, pin, "output" if key in ("led_pin", "buzzer_pin") else "input"))
    return uses


def _check_pins(board):
    chip = chips.CHIPS[board.chip]
    taken = {}
    for path, pin, use in pin_uses(board):
        if pin in taken:
            raise BoardError("%s: pin %d is already used by %s; allowed: each pin once" % (path, pin, taken[pin]))
        taken[pin] = path
        allowed = [number for number in chip[chips.PINS] if _may(number, use, chip, board)]
        if pin not in allowed:
            raise BoardError("%s: pin %d cannot be an %s on %s; allowed: %s" % (path, pin, use, board.chip, allowed))


def _may(pin, use, chip, board):
    if pin in chips.PSRAM.get((board.chip, board.psram), ()):
        return False
    if use == "adc":
        return pin in chip[chips.ADC1]
    if use == "input":
        # The buttons rely on the chip's pull-up, which input-only pins lack.
        return pin not in chip[chips.INPUT_ONLY]
    if use == "actuator" and pin in chip[chips.NEVER_ACTUATOR]:
        return False
    return pin not in chip[chips.INPUT_ONLY]


def _check_power(board):
    pwm = (1 if board.pump.drive == "pwm" else 0) + len([1 for _, valve in board.valves() if valve.drive == "pwm"])
    if board.panel.buzzer_pin is not None:
        pwm += 1
    channels = chips.CHIPS[board.chip][chips.PWM_CHANNELS]
    if pwm > channels:
        raise BoardError("valves: %d PWM outputs; allowed: up to %d on %s (the rest with drive='on_off')" % (pwm, channels, board.chip))
    tones = [BUZZER_HZ] if board.panel.buzzer_pin is not None else []
    parts = [board.pump] + [valve for _, valve in board.valves()]
    frequencies = sorted(set([part.pwm_hz for part in parts if part.drive == "pwm"] + tones))
    timers = chips.CHIPS[board.chip][chips.PWM_TIMERS]
    if len(frequencies) > timers:
        raise BoardError(
            "pwm_hz: %d different ones %s (with the buzzer's); allowed: up to %d on %s"
            % (len(frequencies), frequencies, timers, board.chip)
        )
    relief = board.supply.relief_mmhg
    if relief is not None and relief < board.line.ceiling_mmhg + RELIEF_MARGIN_MMHG:
        raise BoardError(
            "supply.relief_mmhg: %d; allowed: at least %d (line.ceiling_mmhg and %d)"
            % (relief, board.line.ceiling_mmhg + RELIEF_MARGIN_MMHG, RELIEF_MARGIN_MMHG)
        )
    need_ma = board.pump.current_ma
    worst_pull_ma = 0
    for _, valve in board.valves():
        hold_ma = valve.current_ma if valve.drive == "on_off" else valve.current_ma * valve.hold_permille // 1000
        need_ma += hold_ma
        worst_pull_ma = max(worst_pull_ma, valve.current_ma - hold_ma)
    need_ma += worst_pull_ma
    limit_ma = board.supply.current_ma * SUPPLY_SHARE_PERCENT // 100
    if need_ma > limit_ma:
        raise BoardError("supply.current_ma: pump and coils need %d mA; allowed: up to %d mA of this supply" % (need_ma, limit_ma))


def _check_air(board):
    vent_ms = board.vent_ms()
    if vent_ms > MOST_VENT_MS:
        where = "line.vent" if board.line.vent else "exhaust"
        raise BoardError("%s.c_ml_s_bar: all zones need %d ms to vent; allowed: up to %d ms" % (where, vent_ms, MOST_VENT_MS))
    stuck_mmhg = mmhg(board.stuck_pa())
    if board.supply.enable_pin is None and stuck_mmhg >= MOST_STUCK_MMHG:
        raise BoardError(
            "supply.enable_pin: missing, and a pump stuck on holds %d mmHg; allowed: a pin, or below %d" % (stuck_mmhg, MOST_STUCK_MMHG)
        )


# In this order; tools/boards runs them one by one, to tell every mistake of a file at once.
Board.CHECKS = (_check_legs, _check_routes, _check_sensors, _check_pins, _check_power, _check_air)
