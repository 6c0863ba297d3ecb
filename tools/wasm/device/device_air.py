"""The air of the virtual device: one pressure a zone and one in the line, filled and vented by what the pins say.

Not the simulator's plant: just enough for a session that fills, holds and vents as the firmware expects it, and for a person at
the other end of the cable who waits until it is out.
"""
import device_clock as clock

RATE_MMHG_S = 60.0  # of an open zone at full duty
DROP_MMHG = 34.0  # of the line above the zone it fills, at full duty
VENT_S = 2.0  # time constant
FULL = 65535

duty = {}  # GPIO -> 0..65535
board = None
zone_mmhg = []
line_mmhg = 0.0
enable_left_ms = 0
_valves = []
_seed = 1


def start(the_board):
    """Knows the board from now on; all zones are empty."""
    global board
    board = the_board
    zone_mmhg[:] = [0.0 for _ in board.zones()]
    _valves[:] = [zone for _, zone in board.zones()]
    clock.passing.append(_pass)


def output(gpio, value):
    """A pin has a new duty."""
    global enable_left_ms
    if board is not None and gpio == board.supply.enable_pin and duty.get(gpio) != value:
        enable_left_ms = 100
    duty[gpio] = value


def _open(valve):
    powered = enable_left_ms > 0 or board.supply.enable_pin is None
    on = powered and duty.get(valve.pin, 0) > 0
    return on != (valve.rest == "open")


def _pass(ms):
    global line_mmhg, enable_left_ms
    enable_left_ms = max(0, enable_left_ms - ms)
    powered = enable_left_ms > 0 or board.supply.enable_pin is None
    pump = duty.get(board.pump.pin, 0) / FULL if powered else 0.0
    vent = board.line.vent is not None and _open(board.line.vent)
    is_open = [_open(zone.inlet or zone.valve) for zone in _valves]
    count = sum(is_open)
    flow = 0.0 if vent else max(0.0, (pump - 0.25) / 0.75)
    for index, zone in enumerate(_valves):
        mmhg = zone_mmhg[index]
        if is_open[index] and flow:
            mmhg += RATE_MMHG_S * flow / count * ms / 1000
        if (vent and is_open[index]) or (zone.exhaust and _open(zone.exhaust)):
            mmhg -= mmhg * ms / 1000 / VENT_S
        zone_mmhg[index] = mmhg
    fullest = max([zone_mmhg[index] for index in range(len(_valves)) if is_open[index]] or [0.0])
    if vent:
        line_mmhg = fullest / 2
    elif count:
        line_mmhg = fullest + DROP_MMHG * flow
    elif flow:
        line_mmhg = 600.0


def _noise_mv():
    """-2 to 2: a sensor that always says the same is dead."""
    global _seed
    _seed = (_seed * 1103 + 12345) & 0xFFFF
    return (_seed >> 8) % 5 - 2


def pin_mv(gpio):
    """Millivolts at an ADC pin."""
    if board is None:
        return 0
    for _, sensor in board.sensors():
        if sensor.pin == gpio or (sensor.pin is None and board.mux.pin == gpio and sensor.mux_channel == _channel()):
            mmhg = line_mmhg
            for index, zone in enumerate(_valves):
                if zone.sensor is sensor:
                    mmhg = zone_mmhg[index]
            mv = sensor.zero_mv + mmhg * 133.322 / sensor.range_pa * (sensor.full_mv - sensor.zero_mv)
            return int(mv * sensor.divider_permille / 1000) + _noise_mv()
    return 0


def _channel():
    channel = 0
    for bit, pin in enumerate(board.mux.select_pins):
        channel |= (1 if duty.get(pin, 0) else 0) << bit
    return channel
