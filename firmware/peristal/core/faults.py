"""Faults and notices, one table each: number, name, what happens, what clears it, what the wearer reads.

Numbers are append-only: apps, journals and tests know them. How each is detected (thresholds, durations) and which faults a
topology cannot tell apart, a generated SAFETY.md will say. What is latched is never cleared over the air.
"""

OK = 0
OVER_PRESSURE = 1
ABSOLUTE_PRESSURE = 2
LINE_PRESSURE = 3
SENSOR_LOW = 4
SENSOR_HIGH = 5
SENSOR_STALE = 6
SENSOR_DRIFT = 7
WILL_NOT_VENT = 8
FILL_TOO_LONG = 9
PUMP_TOO_LONG = 10
PRESSED_TOO_LONG = 11
SESSION_TOO_LONG = 12
LOOP_STALLED = 13
NO_ANSWER = 14
SENSOR_FROZEN = 15
SENSOR_STUCK = 16
SENSOR_JUMPS = 17
SENSORS_DISAGREE = 18
SENSOR_NOISY = 19
NO_RISE = 20
LEAKS = 21
VALVE_STUCK_OPEN = 22
VALVE_STUCK_CLOSED = 23
VALVES_CROSSED = 24
PUMP_RUNS_ON = 25
SUPPLY_DIP = 26
LOOP_OVERRUN = 27
RESET_STORM = 28
BUTTON_HELD = 29
TINGLING = 30
NOTHING_LEFT = 31

# What happens, from the mildest to the strongest.
NOTICE = "notice"
SKIP = "leave the zone out"
STOP = "controlled stop"
VENT = "vent, drop the 12 V, latch"

NEXT = "the next session"
BUTTON = "the button, with healthy sensors"

# number: (name, what happens, what clears it, what the wearer reads)
FAULTS = {
    OVER_PRESSURE: ("over-pressure", VENT, BUTTON, "A zone stayed above its target. Everything was vented."),
    ABSOLUTE_PRESSURE: ("absolute pressure", VENT, BUTTON, "Pressure over the absolute limit. Everything was vented."),
    LINE_PRESSURE: ("line pressure", VENT, BUTTON, "The air line is blocked or a zone's valve did not open."),
    SENSOR_LOW: ("sensor low", VENT, BUTTON, "A pressure sensor is unplugged or shorted to ground."),
    SENSOR_HIGH: ("sensor high", VENT, BUTTON, "A pressure sensor is shorted to its supply or over its range."),
    SENSOR_STALE: ("sensor stale", VENT, BUTTON, "A pressure sensor was not read in time."),
    SENSOR_DRIFT: ("sensor drift", VENT, BUTTON, "A sensor's zero has moved too far. Check it or calibrate."),
    WILL_NOT_VENT: ("will not vent", VENT, BUTTON, "Air stays in the sleeve. Unplug the hose or open the zip."),
    FILL_TOO_LONG: ("fill too long", VENT, BUTTON, "A zone took too much air. Is the sleeve worn and plugged in?"),
    PUMP_TOO_LONG: ("pump too long", VENT, BUTTON, "The pump ran too long without a pause."),
    PRESSED_TOO_LONG: ("pressed too long", VENT, BUTTON, "A zone was under pressure for too long."),
    SESSION_TOO_LONG: ("session too long", VENT, BUTTON, "The session went past its longest time."),
    LOOP_STALLED: ("loop stalled", VENT, BUTTON, "The controller paused too long and vented to be safe."),
    NO_ANSWER: ("no answer", VENT, BUTTON, "The pump runs but no pressure comes. Check pump, hose and sensor."),
    SENSOR_FROZEN: ("sensor frozen", VENT, BUTTON, "A sensor stopped moving while its zone was filled."),
    SENSOR_STUCK: ("sensor stuck", VENT, BUTTON, "A sensor shows the same value all the time."),
    SENSOR_JUMPS: ("implausible rate", VENT, BUTTON, "A pressure changed faster than air can. Check the sensor."),
    SENSORS_DISAGREE: ("sensors disagree", VENT, BUTTON, "Two sensors show different pressures of the same air."),
    SENSOR_NOISY: ("sensor noisy", VENT, BUTTON, "A sensor does not come to rest. Check its wiring."),
    NO_RISE: ("no rise", SKIP, NEXT, "A zone takes air but gets no pressure: not worn, unplugged or torn?"),
    LEAKS: ("leak", SKIP, NEXT, "A zone loses its air too fast. Check hose and sleeve."),
    VALVE_STUCK_OPEN: ("valve stuck open", VENT, BUTTON, "A valve does not close."),
    VALVE_STUCK_CLOSED: ("valve stuck closed", VENT, BUTTON, "A valve does not open, or a hose is pinched."),
    VALVES_CROSSED: ("valves crossed", VENT, BUTTON, "Air went into another zone than meant. Check hoses and wires."),
    PUMP_RUNS_ON: ("pump runs on", VENT, BUTTON, "The pump does not stop. Unplug the 12 V supply."),
    SUPPLY_DIP: ("supply dip", VENT, BUTTON, "The 12 V supply failed or is too weak."),
    LOOP_OVERRUN: ("loop overrun", STOP, NEXT, "The controller is too slow and ended the session."),
    RESET_STORM: ("reset storm", VENT, BUTTON, "The controller restarted again and again."),
    BUTTON_HELD: ("button held", VENT, BUTTON, "The button was down at power-up. Let it go."),
    TINGLING: ("tingling", VENT, BUTTON, "You reported tingling or numbness. Take the sleeves off."),
    NOTHING_LEFT: ("nothing left", STOP, NEXT, "No zone is left that can be used."),
}

# A notice is shown and the session goes on. Its number is 64 and the position of its bit.
NOT_REACHED = 1
CUT_SHORT = 2
RELIEVED = 4
STRETCHED = 8
SLOW_FILL = 16
LEAKING = 32
VENT_SLOW = 64
PUMP_WEAK = 128
LOOP_LATE = 256
WATCHDOG_RESET = 512
UNEXPLAINED_RESET = 1024
SETTINGS_DAMAGED = 2048
PROGRAM_DAMAGED = 4096
FILE_DAMAGED = 8192
ZONE_LEFT_OUT = 16384
MAINTENANCE = 32768

# bit: (name, what the wearer reads)
NOTICES = {
    NOT_REACHED: ("not reached", "A zone did not reach its pressure in time."),
    CUT_SHORT: ("cycle cut short", "A cycle was ended early because a zone had been under pressure for long enough."),
    RELIEVED: ("relieved", "A zone was relieved because it was well above its target."),
    STRETCHED: ("cycle stretched", "The pump was held back (quiet, or to rest); cycles take longer."),
    SLOW_FILL: ("slow fill", "A zone fills much slower than it used to. Kinked hose, leak?"),
    LEAKING: ("leaking", "A zone loses air. Check its hose and sleeve."),
    VENT_SLOW: ("vent slow", "Air leaves slower than it used to. A valve or hose wears or is pinched."),
    PUMP_WEAK: ("pump weak", "The pump moves less air than its data say."),
    LOOP_LATE: ("loop late", "The controller was late for a moment."),
    WATCHDOG_RESET: ("watchdog reset", "The controller hung and was restarted. Start again yourself."),
    UNEXPLAINED_RESET: ("unexplained reset", "The controller restarted in a session. Start again yourself."),
    SETTINGS_DAMAGED: ("settings damaged", "The settings were damaged and set aside; the defaults are used."),
    PROGRAM_DAMAGED: ("program damaged", "A stored program was damaged and set aside."),
    FILE_DAMAGED: ("file damaged", "Learned values, record or journal were damaged and set aside."),
    ZONE_LEFT_OUT: ("zone left out", "The session runs without a zone."),
    MAINTENANCE: ("maintenance", "Maintenance mode: the outputs are locked off."),
}
FIRST_NOTICE = 64


def notice_number(bit):
    """The number of a notice's bit in tables and journal (64 and up)."""
    number = FIRST_NOTICE
    while bit > 1:
        bit >>= 1
        number += 1
    return number


def line(fault, zone):
    """The console line of a fault: its number, name, zone (255 = none) and what the wearer reads."""
    name, action, _, words = FAULTS[fault]
    where = "" if zone == 255 else " zone %d" % (zone + 1)
    return "fault %d %s%s: %s (%s)" % (fault, name, where, words, action)
