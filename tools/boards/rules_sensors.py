"""Sensors: what the ADC sees of them, what they have to carry, how long reading them takes."""

from __future__ import annotations

from collections.abc import Iterator

from peristal.core import chips, limits
from peristal.core.board import Board
from peristal.core.board_check import ADC_MARGIN_MV
from peristal.core.net import Net
from peristal.core.parts import Sensor
from peristal.core.sensing import STALE_MS, Sensing
from peristal.core.units import NONE, pa
from tools.boards.findings import WARNING, Finding, judged

PIN_MOST_MV = 3600  # absolute maximum of a pin: its supply and 0.3 V
ADC_READ_US = 60  # the slow end of what was measured for one read_uv()
ADC_MOST_US = 6000  # of a tick of 20 ms
LEAST_MV_PER_MMHG = 3  # a single reading is noisy by 4 to 20 mV; 15 of them are averaged
MOST_SOURCE_KOHM = 100  # 50 nA of leakage make 5 mV of it


def pin_mv(sensor: Sensor, mmhg: int, error: int) -> int:
    """Millivolts at the pin for a pressure, with the declared zero error (-1, 0 or 1 times)."""
    out_mv = sensor.zero_mv + error * sensor.zero_error_mv + pa(mmhg) * (sensor.full_mv - sensor.zero_mv) // sensor.range_pa
    return out_mv * sensor.divider_permille // 1000


def spans(board: Board) -> Iterator[Finding]:
    """Zero, cap and trip of a healthy sensor lie inside the ADC's range; an open and a shorted one can be told from it."""
    facts = chips.CHIPS[board.chip]
    floor, top = facts[chips.ADC_LOW_MV], facts[chips.ADC_HIGH_MV]
    trip_mmhg = limits.highest("trip_mmhg")
    for path, sensor in board.sensors():
        if sensor.full_mv <= sensor.zero_mv:
            says = f"{sensor.full_mv} mV at full scale, zero_mv is {sensor.zero_mv}"
            yield judged(False, f"{path}.full_mv", says, "the datasheet's figure")
            continue
        zero, cap, trip = pin_mv(sensor, 0, -1), pin_mv(sensor, limits.CAP_MMHG, 1), pin_mv(sensor, trip_mmhg, 1)
        here = f"{path}.divider_permille"
        least_zero, most = floor + ADC_MARGIN_MV, top - ADC_MARGIN_MV
        fits = divider_range(sensor, least_zero, most)
        better = f"divider_permille {fits}" if fits else "a sensor with a zero of 0.5 V (XGZP6847A), or an ADC with no floor (esp32s3)"
        yield judged(
            zero > least_zero,
            here,
            f"0 mmHg is {zero} mV at the pin, an open wire is 0 mV and the ADC begins at {floor} mV: "
            + ("apart" if zero > least_zero else f"not apart, {least_zero + 1} mV are needed"),
            better,
        )
        for name, mmhg, mv in (("cap", limits.CAP_MMHG, cap), ("trip", trip_mmhg, trip)):
            yield judged(mv < most, here, f"{name} ({mmhg} mmHg) is {mv} mV at the pin, the ADC ends at {top} mV", better)
        rail = sensor.rail_mv * sensor.divider_permille // 1000
        short = min(rail, top)
        yield judged(
            short - trip >= 2 * ADC_MARGIN_MV,
            here,
            f"a short to {sensor.rail_mv} mV reads {short} mV, the trip pressure {trip} mV",
            "a sensor of a wider range_pa, so that a short cannot look like a pressure",
        )
        safe = PIN_MOST_MV * 1000 // sensor.rail_mv
        says = f"a short puts {rail} mV on the pin, {PIN_MOST_MV} mV destroy it"
        yield judged(rail <= PIN_MOST_MV, here, says, f"divider_permille up to {safe}")
        slope = (sensor.full_mv - sensor.zero_mv) * sensor.divider_permille * pa(1000) // (sensor.range_pa * 1000)  # uV per mmHg
        yield judged(
            slope >= 1000 * LEAST_MV_PER_MMHG,
            f"{path}.range_pa",
            f"{slope / 1000:.1f} mV a mmHg at the pin",
            f"a sensor of a narrower range (40000): {LEAST_MV_PER_MMHG} mV a mmHg stand out of the ADC's noise",
            WARNING,
        )


def divider_range(sensor: Sensor, least_zero: int, most: int) -> str:
    """Dividers that show everything, as 'a to b', or ''."""
    zero_mv = sensor.zero_mv - sensor.zero_error_mv
    trip_mv = sensor.zero_mv + sensor.zero_error_mv + pa(130) * (sensor.full_mv - sensor.zero_mv) // sensor.range_pa
    low = (least_zero + 1) * 1000 // max(1, zero_mv) + 1
    high = min((most - 1) * 1000 // trip_mv, PIN_MOST_MV * 1000 // sensor.rail_mv, 1000)
    return f"{low} to {high}" if 0 < low <= high else ""


def loads(board: Board) -> Iterator[Finding]:
    """A divider takes no more current than the sensor's output gives, and is no weaker than the ADC needs."""
    for path, sensor in board.sensors():
        if sensor.divider_permille == 1000:
            continue
        load_ua = sensor.full_mv // sensor.divider_kohm
        need = sensor.full_mv // sensor.most_load_ua + 1
        here = f"{path}.divider_kohm"
        yield judged(
            load_ua <= sensor.most_load_ua,
            here,
            f"{sensor.divider_kohm} kohm take {load_ua} uA of the sensor, it gives {sensor.most_load_ua}",
            f"at least {need} kohm",
        )
        source = sensor.divider_kohm * sensor.divider_permille * (1000 - sensor.divider_permille) // 1_000_000
        yield judged(
            source <= MOST_SOURCE_KOHM,
            here,
            f"the ADC sees a source of {source} kohm",
            f"{4 * MOST_SOURCE_KOHM} kohm or less in all (its leakage makes an offset)",
            WARNING,
        )


def adc_us(board: Board) -> int:
    """The longest that reading takes in a tick, in microseconds."""
    net = Net(board)
    sensing = Sensing(net)
    busy = net.zone_sensor[0] if net.zone_sensor[0] != NONE else NONE
    worst_us = 0
    for _ in range(2 * sensing.count):
        sensing.make_plan(busy)
        us = 0
        for slot in range(sensing.plan_length):
            us += sensing.plan_reads[slot] * ADC_READ_US
            if net.sensors[sensing.plan_sensor[slot]].mux_channel is not None:
                us += board.mux.settle_us
        worst_us = max(worst_us, us)
    return worst_us


def reading(board: Board) -> Iterator[Finding]:
    """Reading takes no more than its share of a tick, and every sensor's turn comes in time."""
    if any(sensor.full_mv <= sensor.zero_mv for _, sensor in board.sensors()):
        return  # spans() says so; there is no pressure to be read
    net = Net(board)
    sensing = Sensing(net)
    worst_us = adc_us(board)
    yield judged(
        worst_us <= ADC_MOST_US,
        "mux.settle_us" if board.mux else "sensors",
        f"reading takes {worst_us / 1000:.1f} ms of each tick at {ADC_READ_US} us a read, allowed are {ADC_MOST_US / 1000:.0f} ms",
        "a settle_us of some 20 us: the 100 nF belong before the multiplexer, not behind it",
    )
    turns = max(1, sensing.slots - (1 if net.line_sensor != NONE else 0) - 1)
    age_ms = -(-sensing.count // turns) * limits.TICK_MS
    yield judged(age_ms < STALE_MS, "sensors", f"a resting sensor is read every {age_ms} ms, it is stale after {STALE_MS}", "fewer sensors")
