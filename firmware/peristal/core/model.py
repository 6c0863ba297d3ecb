"""What the declared parts can do, in integers: flow drop, vent time, fill time. Used once at start-up, never per tick.

Model: facts of ISO 6358 for valves (critical ratio 0.3) and a sleeve chamber that unfolds (slack volume V0, then
V(P) = V0 (1 + 0.25 (1 - exp(-P/25 mmHg)) + 0.0008 P)).
"""

ATM_PA = 101325
STEP_MS = 20
# 1 - exp(-P/25) in permille at P = 0, 10, 20, ... 130 mmHg.
UNFOLD_PERMILLE = (0, 330, 551, 699, 798, 865, 909, 939, 959, 973, 982, 988, 992, 994)
MMHG10_PA = 1333


def isqrt(number):
    """Whole square root of 0..2**30."""
    if number < 2:
        return number
    root = number
    guess = (root + 1) >> 1
    while guess < root:
        root = guess
        guess = (root + number // root) >> 1
    return root


def flow_ml_s(c_ml_s_bar, from_pa, to_pa):
    """Free air through an orifice of conductance C from one gauge pressure to a lower one (0 if it is not lower)."""
    if from_pa <= to_pa:
        return 0
    ratio = (to_pa + ATM_PA) * 1000 // (from_pa + ATM_PA)
    choked = c_ml_s_bar * ((from_pa + ATM_PA) // 1000) // 100
    if ratio <= 300:
        return choked
    part = (ratio - 300) * 1000 // 700
    return choked * isqrt(1000000 - part * part) // 1000


def series(first, second):
    """Conductance of two orifices in a row."""
    if first == 0 or second == 0:
        return 0
    return first * second // isqrt(first * first + second * second)


def unfold_permille(pressure_pa):
    """How far a chamber has unfolded at a pressure, 0..1000."""
    index = pressure_pa // MMHG10_PA
    if index < 0:
        return 0
    if index >= len(UNFOLD_PERMILLE) - 1:
        return UNFOLD_PERMILLE[-1]
    low, high = UNFOLD_PERMILLE[index], UNFOLD_PERMILLE[index + 1]
    return low + (high - low) * (pressure_pa - index * MMHG10_PA) // MMHG10_PA


def volume_ml(v0_ml, pressure_pa):
    """Volume of a chamber at a gauge pressure of 0..17000 Pa."""
    return v0_ml + v0_ml * (unfold_permille(pressure_pa) * 250 + pressure_pa * 6) // 1000000


def air_ml(v0_ml, pressure_pa):
    """Free air a chamber holds at a gauge pressure."""
    volume = volume_ml(v0_ml, pressure_pa)
    return volume + volume * (pressure_pa >> 4) // (ATM_PA >> 4)


def vent_ms(v0_ml, c_ml_s_bar, from_pa, to_pa, longest_ms=120000):
    """Time until a chamber has fallen from one pressure to another through C; longest_ms when it takes longer."""
    pressure_pa = from_pa
    air_ul = air_ml(v0_ml, pressure_pa) * 1000
    elapsed_ms = 0
    while pressure_pa > to_pa and elapsed_ms < longest_ms:
        air_ul -= flow_ml_s(c_ml_s_bar, pressure_pa, 0) * STEP_MS
        while pressure_pa > to_pa and air_ml(v0_ml, pressure_pa) * 1000 > air_ul:
            pressure_pa -= 50
        elapsed_ms += STEP_MS
    return elapsed_ms


def settle_ms(line_ml, c_ml_s_bar, line_pa, zone_pa):
    """Time until a driven line has fallen to within 2 mmHg of the zone behind a valve, at the least 20 ms."""
    line_ul = line_ml * 1000
    elapsed_ms = 0
    while line_pa > zone_pa + 266 and elapsed_ms < 1000:
        line_pa -= flow_ml_s(c_ml_s_bar, line_pa, zone_pa) * 5 * (ATM_PA >> 4) // (line_ul >> 4)
        elapsed_ms += 5
    return max(20, elapsed_ms)


def manifold_vent_ms(zones, vent_c, from_pa, to_pa):
    """Time until every one of these zones, (volume in mL, C of its valve), has fallen so far through one vent.

    All share the vent, and each still has to pass its own valve when the others are empty.
    """
    volume = out = slowest = 0
    for volume_ml, valve_c in zones:
        volume += volume_ml
        out += valve_c
        slowest = max(slowest, vent_ms(volume_ml, series(valve_c, vent_c), from_pa, to_pa))
    return max(slowest, vent_ms(volume, series(out, vent_c), from_pa, to_pa))


def drop_pa(c_ml_s_bar, pump_flow_ml_s, stall_pa, zone_pa):
    """How much higher than the zone the line reads while the pump fills it through C."""
    low, high = 0, stall_pa - zone_pa
    while high - low > 100:
        middle = (low + high) >> 1
        line_pa = zone_pa + middle
        delivered = pump_flow_ml_s * ((stall_pa - line_pa) >> 4) // (stall_pa >> 4)
        if flow_ml_s(c_ml_s_bar, line_pa, zone_pa) < delivered:
            low = middle
        else:
            high = middle
    return low


def fill_ms(v0_ml, pump_flow_ml_s, stall_pa, ceiling_pa, c_ml_s_bar, target_pa):
    """Time to fill an empty, folded chamber to a pressure, the line kept under its ceiling."""
    need_ml = air_ml(v0_ml, target_pa)
    line_pa = target_pa + drop_pa(c_ml_s_bar, pump_flow_ml_s, stall_pa, target_pa)
    if line_pa > ceiling_pa:
        slowest = flow_ml_s(c_ml_s_bar, ceiling_pa, target_pa)  # the pump is throttled to what passes the valve
    else:
        slowest = pump_flow_ml_s * ((stall_pa - line_pa) >> 4) // (stall_pa >> 4)
    return need_ml * 1000 // max(1, slowest)
