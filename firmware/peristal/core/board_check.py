"""What makes a board dangerous or impossible. Run once when the board is built, and then given back to the heap."""

from peristal.core import chips, model
from peristal.core.board import BUZZER_HZ
from peristal.core.parts import BoardError
from peristal.core.units import mmhg, pa

# Coils and the pump share the supply: this much of it may be used while everything holds and one coil pulls in.
SUPPLY_SHARE_PERCENT = 90
RELIEF_MARGIN_MMHG = 10  # between the line's ceiling and the relief valve, so that it stays shut in healthy fills
# A pin reading must stay this far from either end of the ADC for a healthy sensor.
ADC_MARGIN_MV = 30
MOST_VENT_MS = 15000  # all zones from the cap to 15 mmHg: automatic cuffs need 10 s, this has more air
MOST_STUCK_MMHG = 30  # what a pump that cannot be stopped may hold in the sleeves while everything is open


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


def stuck_pa(board):
    """What the pump at full duty holds on the line with all coils off; an independent board's line has no way out then."""
    stall_pa = pa(board.pump.stall_mmhg)
    if not board.line.vent:
        return stall_pa
    return model.drop_pa(board.line.vent.c_ml_s_bar, board.pump.flow_ml_min // 60, stall_pa, 0)


def _check_air(board):
    vent_ms = board.vent_ms()
    if vent_ms > MOST_VENT_MS:
        where = "line.vent" if board.line.vent else "exhaust"
        raise BoardError("%s.c_ml_s_bar: all zones need %d ms to vent; allowed: up to %d ms" % (where, vent_ms, MOST_VENT_MS))
    stuck_mmhg = mmhg(stuck_pa(board))
    if board.supply.enable_pin is None and stuck_mmhg >= MOST_STUCK_MMHG:
        raise BoardError(
            "supply.enable_pin: missing, and a pump stuck on holds %d mmHg; allowed: a pin, or below %d" % (stuck_mmhg, MOST_STUCK_MMHG)
        )


# In this order; tools/boards runs them one by one, to tell every mistake of a file at once.
CHECKS = (_check_legs, _check_routes, _check_sensors, _check_pins, _check_power, _check_air)
