"""Writes firmware/SAFETY.md from the firmware's own tables: `make documents` (or `python -m tools.safety`).

What the device itself needs (numbers, names, what happens, what the wearer reads) is in core/faults.py and fault_words.py; how
each fault is seen is only read by people and so only stands here, with the figures of the code. What each name can stand for is in
fault_classes.py, by which the fault campaign judges too.
"""

# ruff: noqa: E501  (the cells of a table)
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from peristal.core import (
    answer,
    ceiling,
    coming,
    falls,
    faults,
    gains,
    gestures,
    guard,
    leaks,
    levels,
    limits,
    line_watch,
    maintenance,
    naming,
    others,
    patience,
    plausible,
    preflight,
    runs_on,
    second_look,
    self_test,
    sensing,
    states,
    trends,
    unseen,
    zone_watch,
)
from peristal.core.fault_words import HAPPENS, WORDS
from tools import fault_classes
from tools.dev import ROOT

DOCUMENT = Path(ROOT) / "firmware" / "SAFETY.md"


def mmhg(pascals: int) -> str:
    """Whole mmHg with their unit."""
    return f"{round(pascals / 133.322)} mmHg"


def limit(name: str) -> str:
    """The highest value of a limit with its unit."""
    return f"{limits.highest(name)} {limits.LIMITS[name][3]}"


NAMED_S = naming.NAME_MS / 1000
HOW: dict[int, str] = {
    faults.OVER_PRESSURE: f"a static reading more than {limit('over_mmhg')} above the highest target of the last vent time: the pump stops and it "
    f"is relieved in short pulses, and with it every zone with a sensor of its own above {mmhg(zone_watch.CAP_PA)}; a fault after {limit('relief_ms')}, "
    f"or when a zone that had to be relieved takes the time or the air of {faults.name(faults.FILL_TOO_LONG)} all the same",
    faults.ABSOLUTE_PRESSURE: f"a static reading above {limit('trip_mmhg')} for {limit('trip_ms')}: everything opens and the 12 V go; a fault after {limit('latch_ms')}; "
    f"the pump rests before what it brings as it coasts, and what it brought without its showing, could lift a zone with its own sensor to {mmhg(coming.SURE_PA)}; "
    "on one sensor it stays open until the line has spoken for all zones of that leg, and a line above its ceiling counts too once the pump has coasted, "
    f"as does a zone above {mmhg(zone_watch.CAP_PA)} and far above its target that still rises: somebody sits down",
    faults.LINE_PRESSURE: f"the line more than {limit('line_over_mmhg')} above its ceiling: everything opens at once; a fault after "
    f"{ceiling.LINE_MS} ms or the third time within {ceiling.CALM_MS // 1000} s of each other; also the third time that a still line shows a zone above {limit('trip_mmhg')}; "
    f"on one sensor also {zone_watch.EMPTIED_TIMES} reliefs in a row that each leave less than half of what was shown",
    faults.SENSOR_LOW: f"at or below what a healthy sensor can show on this chip's ADC, {sensing.BAD_SAMPLES} readings in a row; also a failed "
    "read of the ADC",
    faults.SENSOR_HIGH: f"at or above what a healthy sensor can show, {sensing.BAD_SAMPLES} readings in a row",
    faults.SENSOR_STALE: f"no reading for {sensing.STALE_MS} ms, of a late tick {sensing.LATE_MS} counted",
    faults.SENSOR_DRIFT: f"before the start: the zero more than {limit('drift_mmhg')} from the commissioning zero, or outside the datasheet's error",
    faults.WILL_NOT_VENT: f"above {limit('released_mmhg')} after three times the modelled vent time (10 s at least) with everything off, or after {limit('pressed_s')} of pressure once that time has passed, or over its target where vents were slow before; "
    f"on one sensor also {mmhg(guard.DRIFT_PA)} that do not fall any more, when the reading moved by more than {mmhg(naming.MOVED_PA)} as everything opened, and with sensors on line and zones when both show it alike: it is true; "
    "in the self-test, with some 6 mmHg in every zone, a reading that has not fallen by a quarter in the modelled vent time and "
    f"{self_test.LIMB_MS // 1000} s",
    faults.FILL_TOO_LONG: f"one fill takes twice the modelled time and 3 s ({limits.default('fill_s')} s at most, {limit('fill_s')} with a pump below "
    "4 L/min), or twice the air of the chamber at the cap by the pump's declared flow: neither needs a sensor",
    faults.PUMP_TOO_LONG: "the pump runs longer in one go than board.py allows (90 s at most)",
    faults.PRESSED_TOO_LONG: f"a zone above {limit('released_mmhg')} for {limit('pressed_s')}; a rest shorter than {limits.lowest('rest_s')} s does not count",
    faults.SESSION_TOO_LONG: f"{guard.SESSION_MS // 60000} minutes, the gentle release included",
    faults.LOOP_STALLED: f"the deadman: no tick for {limits.DEADMAN_MS} ms",
    faults.NO_ANSWER: f"the pump drives, and neither the line shows a flow (within {answer.AT_ONCE_MS} ms) nor two zones in a row a pressure; or the line keeps its reading within "
    f"{answer.SPREAD_PA / 133.3:.1f} mmHg when the pump stops, although a flow drop has gone; or a zone with its own sensor does not rise under a line that shows "
    "less than a quarter of its flow's pressure (an eighth while its slack is taken up: another slack zone may get the rest), a blind one under a line with less than half; or what "
    "looks like a frozen sensor, and moves as everything is let out, comes after pump weak; or a blind zone takes the time or the air of "
    f"{faults.name(faults.FILL_TOO_LONG)}, and the line has shown nothing of it",
    faults.SENSOR_FROZEN: f"a firm zone is driven and its reading rises by less than {mmhg(answer.RISE_PA)} in the time in which the declared parts bring "
    f"{mmhg(levels.TEN_PA)} (30 %; on the line {mmhg(answer.LINE_RISE_PA)} of twice that), at least {patience.LEAST_MS} ms, and it does not "
    f"move by 1.5 mmHg while everything is let out; or, in a zone with its own sensor, short pulses have brought {mmhg(levels.TEN_PA)} and more, up to {mmhg(coming.NEAR_PA)}, and the pump stands; or on one sensor the line is held at its ceiling, does not move by {answer.SPREAD_PA / 133.322:.1f} mmHg for two thirds of the time that the zone would need from its target to {mmhg(zone_watch.CAP_PA)}, and not while the pump idles either. A zone with its own sensor that still rises a little is not meant",
    faults.SENSOR_STUCK: f"{plausible.SAME_READINGS} equal readings in a row, or {mmhg(guard.DRIFT_PA)} are still shown after three vent times, also without the 12 V, and what was shown before everything opened, and that the line does not show, too; "
    f"or in the self-test a zone that should have taken its slack shows nothing, and the one beside it, which has had its own, gains {mmhg(self_test.FELT_PA)} from then on",
    faults.SENSOR_JUMPS: f"{plausible.SWINGS} jumps of {mmhg(plausible.JUMP_PA)} to and fro, each within {plausible.SWING_MS} ms of the one before (where no air can be, more than {mmhg(-plausible.BELOW_PA)} "
    f"below zero, every step is one); on the line only {plausible.STEADY_MS} ms after the last switching",
    faults.SENSORS_DISAGREE: f"only with a sensor on the line and on the zones (looked at once a session before the line may have more than {mmhg(levels.TRIP_PA)} for a zone whose target is above half of that, when it shows {mmhg(line_watch.SEEN_PA)}): zone and line differ by more than {mmhg(plausible.DISAGREE_PA)} and a "
    f"sixteenth of the reading for {plausible.DISAGREE_MS} ms ({plausible.PUMPED_MS} where the line is higher), the zone alone being open to the still line, each further look counting {plausible.AGAIN_MS} ms more (half of it where the line is lower), and do not come nearer to each other (a narrow way), nor has the zone lost {plausible.EMPTIES_PA / 133.3:.1f} mmHg since the pump was stopped (a way out that is open)",
    faults.SENSOR_NOISY: f"before the start: the readings do not come to rest (within {mmhg(preflight.REST_PA)}) in {preflight.GIVE_UP_MS // 1000} s although the "
    "air is out",
    faults.NO_RISE: "the zone has taken its slack (1.35 times the declared volume, or 1.3 times as air that narrow valves let through, or beside a sensor on the line 1.8 times) or, once unfolded, a seventh of it, without an answer, while "
    "pump or other zones work; one that rises all the same, by a tenth of what the parts should bring, is only slow; "
    "or a firm zone with its own sensor does not rise under a line that shows at least half of its flow's pressure (or falls, rose ever more slowly, or stays behind another one that is filled with it and rises), "
    "and empties when everything is let out",
    faults.LEAKS: f"more than {leaks.TORN_PERMILLE // 10} % of the target lost in 10 s, again and again, counted over top-ups (stretching chambers, "
    f"venting neighbours and, with its own sensor, a limb's jumps of more than {mmhg(leaks.JUMP_PA)} allowed for), or a blind zone that is let out with less than {leaks.LEFT_PERCENT} % of what it had; on one sensor three times in a row, or twice more than {mmhg(leaks.GONE_PA)}, which no limb moves; or one that has had its pressure and takes the time or the air of {faults.name(faults.FILL_TOO_LONG)} all the same; or one with a sensor of its own that gets nothing, after such a loss as it was kept last, or that has lost more than {mmhg(falls.GONE_PA)} and a third by its next fill, twice, while others kept theirs",
    faults.VALVE_STUCK_OPEN: f"a shut line moves by {mmhg(runs_on.MOVED_PA)} at once and stays there, is empty or comes back (a limb, which presses no shut line); or, the second time in a session, by {mmhg(runs_on.SEAT_PA)} within {runs_on.LEAST_MS} ms of being shut, or to a quarter of more than {mmhg(runs_on.EMPTIES_FROM_PA)} that the zone behind it had (a way out that is open), or rises by as much and stands (a seat that leaks); or, everything being shut because a zone does not rise, it is empty by half within {second_look.SHUT_MS} ms; in the self-test "
    f"a line that was let out alone, just before all zones are, fills again, by {mmhg(2 * runs_on.SEAT_PA)} once or {mmhg(runs_on.SEAT_PA)} twice; or "
    "a zone rises with another that is filled; or two zones in a row of legs that are worn do not rise although the line shows the flow; "
    f"or, on one sensor, a zone that was let out is full again {trends.GIFTS} times in a row with less air of its own than 1.6 % of its volume, and keeps more than half of it when it is let out for a moment, or a zone shows {mmhg(levels.GAINED_PA)} more than it was shut with, under a line that held more, and another has lost as much as in a failed supply; or a shut line shows {mmhg(second_look.GIVES_PA)} more than a zone behind it that is to be told, or that one loses its air while it is looked at and the fullest one has lost some, too; "
    f"or, zones with sensors, a shut zone gains air from others' fills, for {gains.STAYS_MS / 1000:.1f} s and time and again (what is above {gains.NOTHING_PA / 133.322:.1f} mmHg and an eighth of its neighbours' rise "
    f"adds up, {mmhg(gains.GAIN_PA)} of it at a time, to {mmhg(gains.ENOUGH_PA)}; what a zone that was let down in a step takes back, a sixteenth of that, apart), or {mmhg(gains.RISES_PA)} a second for 3 s, while the line is driven above it, and no other zone of its leg does (what comes from one reading to the next is a limb); or one that is open to the air does, or, while another is driven in vain for {others.FALLS_MS / 1000:.0f} s, keeps more than {mmhg(others.CROSSED_PA)}; "
    f"or one that had gained more than {mmhg(gains.TAKEN_PA)} gains {mmhg(runs_on.GIVES_PA)} more in a look at the still line while the zone that is open loses as much; or, sensors on line and zones, a first fill shows nothing under a line with a quarter of its declared drop (two ways share the flow), and not what a zone's own hole or a weak pump leaves of it; "
    f"or air that was meant for another shows in one that has had its own: {mmhg(others.CROSSED_PA)} and a sixth of what the declared parts would bring it",
    faults.VALVE_STUCK_CLOSED: "zones with sensors: the line is full over an empty zone; one sensor: a zone that seems full without air of its own, as above, keeps less than half of it when it is let out for a moment: that was the line alone; "
    f"line and zones: {line_watch.VAIN} times in a row the line is far above what the flow drops and empties as the pump rests, and the zone does not rise by {mmhg(line_watch.RISE_PA)}",
    faults.VALVES_CROSSED: "zones with sensors: another zone, which has never answered its own filling, answers instead of the one that is filled, in the self-test or after it",
    faults.PUMP_RUNS_ON: f"with the pump off: an open line above {mmhg(levels.TRIP_PA)} (the 12 V go at once) for the second time without having been driven; or the line above its ceiling, or risen {mmhg(runs_on.OVER_PA)} above what any zone has, with every valve shut; or a zone that goes on rising, by "
    f"{mmhg(plausible.PUMPED_PA)} in {plausible.PUMPED_MS // 2} ms, under a line that is higher than it (in short looks together four times that); or a still line that shows a zone above 130 mmHg again and was not driven since the last time; or one that no open way out brings down under a line that is as high, and that falls "
    f"once the 12 V is off (with one sensor: by {mmhg(naming.FALLS_PA)} more than in half of the waiting before); or a line that was let out and is full again, or a full one over an empty zone that "
    f"shows the pump's strokes, {answer.SPREAD_PA / 133.322:.1f} mmHg; or {runs_on.ENOUGH} looks in a row at zones that rise by {mmhg(runs_on.RISES_PA)} and "
    f"7 mmHg a second, but not at once, or with everything open at a line that rises by {mmhg(runs_on.WIDE_PA)} in {runs_on.WIDE_MS / 1000} s; or a way out that still lets air out after "
    f"{runs_on.OUT_TIMES} times what the zone needs, or that for so long lowers the line, by {mmhg(runs_on.MOVED_PA)}, but not the zone behind it; or an open line that goes on showing a flow",
    faults.SUPPLY_DIP: "every zone that should be shut loses its air together (three periods of "
    f"{falls.PERIOD_MS} ms, or until all are below 15 mmHg and one has lost as much as no limb moves, or at once, by {mmhg(falls.SINKS_PA)} and a 32nd, while a driven one does not rise and the line beside it shows no flow, or where each loses a third and more than {mmhg(falls.GONE_PA)}, or one of them and all that are driven with it fall on while it loses so much), the shut line shows zones and falls with "
    f"them, or two blind zones in a row have lost as much: before one is told as no rise or no answer, and as soon as a line that is driven falls so far, another that should have its air is looked at; "
    f"or that one goes on losing it for {second_look.LOOK_MS} ms, and the line is no higher than with the first one open (higher: a valve stuck open); or on one sensor a dip is over: "
    f"a line that had fallen by {mmhg(line_watch.LOST_PA)} at once is up again in that zone's next drive, or a zone that got no flow answers in it, where another had {mmhg(second_look.PART_PA)} less than before, or "
    f"a line that showed no flow shows most of it once the coils were pulled in again",
    faults.LOOP_OVERRUN: f"ticks later than {limits.TICK_MS} ms again and again (the console's `loop` shows the worst)",
    faults.RESET_STORM: "three abnormal resets in ten minutes (marker in RTC memory)",
    faults.BUTTON_HELD: f"the button is down from power-up on for more than {maintenance.STUCK_MS // 1000} s",
    faults.TINGLING: "the wearer says so (button held, or a command)",
    faults.NOTHING_LEFT: "every zone has been left out",
}
LATER = ", ".join(faults.name(number) for number in naming.NAMED_LATER)
NOTICES_HOW: dict[int, str] = {
    faults.NOT_REACHED: "the regulator gave a fill up after its time",
    faults.CUT_SHORT: f"a zone was under pressure for {limits.default('pressed_s')} s",
    faults.RELIEVED: f"more than {limit('over_mmhg')} above the target",
    faults.STRETCHED: "the pump was held back",
    faults.SLOW_FILL: f"twice in a row a zone took {trends.MORE_FED} sixteenths longer than usual, on one sensor half as long again, and {trends.LATE_MS} ms, for a like pressure and "
    "beside as many others (beside more or fewer: twice as long): from 15 mmHg to seven eighths of the target, or on one sensor as long as it was open to the line. As "
    "long as only one such fill is known, in which a limb may have helped (on one sensor always, else where the zone's reading has jumped up), or beside another zone, it must be twice as long once; and nothing is known from it once "
    f"a zone was relieved or everything let out. On one sensor also twice in a row twice as long for the pump's air as usual for that target, and {trends.LOOKS_MS // 1000} s, however far it came. One that the program cuts short counts, with sensors on the zones, by what it came to. Fills that follow a ramp are compared with each other, with sensors on the zones up to 30 mmHg; not to be seen in a fill that a limb ends",
    faults.LEAKING: f"more than {leaks.LEAK_PERMILLE // 10} % of the target lost in 10 s, on one sensor {leaks.LEAK_BLIND_PERMILLE // 10} % (or {mmhg(leaks.GONE_PA)} and more gained without a fill of its own: a seat that leaks lets in, too), again and again; on one sensor also more than "
    f"{leaks.ALIKE_PERMILLE / 10:.3g} % in each of {leaks.ALIKE} holds, within {leaks.APART_PERMILLE / 10:.3g} % of the hold before. Not to be seen: one that loses less than that, "
    f"and on one sensor in holds shorter than {leaks.WINDOW_MS // 1000} s",
    faults.VENT_SLOW: f"twice in a row half as long again as usual (at the most {trends.DUE_PERMILLE // 10} % of what the declared parts need; on one sensor what takes less than {trends.LEAST_PERMILLE // 10} % is no usual one) and "
    f"{trends.SLOWER_MS} ms, from {mmhg(trends.VENT_FROM_PA)} or more to {mmhg(trends.VENTED_PA)}; or once twice what the parts need and "
    f"{trends.LIMB_MS // 1000} s, and as much for each time a limb presses meanwhile. Not to be seen where a zone's narrow valve decides: there a vent at 0.45 of its width adds less than that",
    faults.PUMP_WEAK: "self-test: the slack took half as long again as declared in most zones; later: two zones in a row take half as much air again, by the pump's "
    "declared flow and its duty, as in fills before from like to like",
    faults.LOOP_LATE: "a tick took longer than its time",
    faults.WATCHDOG_RESET: "start-up: the chip says so",
    faults.UNEXPLAINED_RESET: "start-up: the marker says that nobody wanted it",
    faults.SETTINGS_DAMAGED: "start-up: checksum, schema or range",
    faults.PROGRAM_DAMAGED: "when it is read, the chosen one at start-up: checksum, or the check that every program has to pass",
    faults.FILE_DAMAGED: "start-up: checksum or schema",
    faults.ZONE_LEFT_OUT: "by a fault that leaves a zone out, or by choice",
    faults.MAINTENANCE: f"the button held from power-up on for {maintenance.ASKS_MS // 1000} to {maintenance.STUCK_MS // 1000} s and let go, or Ctrl-C; the air "
    "leaves first",
}

LAYERS = (
    ("relief valve", "mechanical, on the line, 10 mmHg above the ceiling at least; optional", "a pump that runs into a closed path, whatever has failed",
     "a zone that is already shut off; pressures below its own"),
    ("12 V enable", "a charge pump that only the toggling of each tick keeps up; drops within about 100 ms; optional",
     "a hang anywhere, a crash, a reset, PWM that survives it, a shorted driver: the fault drops it too", "a way out that is blocked; what happens within the 100 ms"),
    ("valves' rest", "with every coil off every zone is open to the air; other boards are refused", "power cut, stop, fault, exception, Ctrl-C, reset",
     "a valve or hose that is stuck or kinked"),
    ("watchdog", f"resets the chip {limits.WATCHDOG_MS} ms after the last healthy tick; main.py then drives every output low first",
     "a hang below Python (after a panic the chip resets by itself)", "the time until then: that is the enable's"),
    ("deadman", f"a timer beside the loop: {limits.DEADMAN_MS} ms without a tick switch everything off", "a loop that hangs in Python", "a hang below Python"),
    ("guard", "the only way to the outputs; own readings, limits and timers; can only make a wish safer",
     "whatever session, regulator, program or person ask for; the faults below", "what no sensor shows: see the end of the page"),
    ("self-test", "before each session: every zone gets its slack, some 6 mmHg, which is then let out again",
     "a sensor, valve, hose, pump or way out that is broken before anybody is squeezed", "what breaks later: that is the guard's"),
    ("you", "the button; the plug of the 12 V; the hose; the zip", "everything, also air that no valve lets out: pull the hose or open the zip", "what you do not notice"),
)  # fmt: skip
GESTURE_NAMES = {
    gestures.DOWN: "press", gestures.SHORT: "short", gestures.LONG: f"{gestures.LONG_MS // 1000} s", gestures.HELD: f"{gestures.HELD_MS // 1000} s",
    gestures.HELD_3_S: "3 s", gestures.HELD_10_S: "10 s", gestures.PLUS_KEY: "plus", gestures.MINUS_KEY: "minus", gestures.PROGRAM_KEY: "program",
}  # fmt: skip


# Names that come without a broken part, and why.
ITSELF = {
    "pump too long": "a program that asks too much of the pump",
    "tingling": "nothing broken: the wearer's word",
    "nothing left": "whatever the zones were left out for",
    "not reached": "nothing broken: pump or time are too small for the program",
    "cycle cut short": "nothing broken: a slow pump or a long program",
    "relieved": "nothing broken: a limb that moves",
    "cycle stretched": "nothing broken",
    "zone left out": "the fault that was told before, or the wearer's choice",
    "maintenance": "nothing broken",
}


def can_be(name: str) -> str:
    """Which parts may be broken when this name is told, by topology where they differ."""
    return fault_classes.may_be(name) or ITSELF[name]


CUT = ", ".join(name for number, name, _ in WORDS if number in guard.CUT_SHOWS)


def _table(head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    lines = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in (head, tuple("---" for _ in head), *rows)]
    return "\n".join(lines) + "\n"


def text() -> str:
    """The document."""
    found = [
        (number, name, HOW[number], can_be(name), HAPPENS[faults.rank(number)], faults.cleared_by(number), words)
        for number, name, words in WORDS if number < faults.FIRST_NOTICE
    ]  # fmt: skip
    notices = [
        (number, name, NOTICES_HOW[1 << number - faults.FIRST_NOTICE], can_be(name), words) for number, name, words in WORDS if number >= faults.FIRST_NOTICE
    ]  # fmt: skip
    shown = [(name, low, default, high, unit, source) for name, (low, default, high, unit, source) in limits.LIMITS.items()]
    pressed = "anything above 15 mmHg"
    hands = [
        (pressed if state == gestures.PRESSURISED else states.NAMES[state], GESTURE_NAMES[gesture], says)
        for (state, gesture), (_, says) in gestures.GESTURES.items()
    ]
    power_up = f"{maintenance.ASKS_MS // 1000} to {maintenance.STUCK_MS // 1000} s"
    hands.append(("from power-up on", power_up, "maintenance: everything stays off and the REPL opens, once the air is out"))
    hands.append(("from power-up on", f"{maintenance.STUCK_MS // 1000} s", "counts as stuck: a fault that its next press clears"))
    return f"""# What keeps you safe, and what it cannot do

Generated from the firmware's tables by `make documents`. These boots are no medical device and claim nothing.

Safe means deflated: with every coil off every zone is open to the air. Every stop, fault, crash and power cut ends that way.

## Layers

{_table(("layer", "what it is", "catches", "cannot"), list(LAYERS))}
## Limits

Of the absolute cap, the board's (`cap_mmhg` in board.py) and the wearer's the smallest counts.

{_table(("limit", "least", "default", "most", "unit", "where it comes from"), shown)}
## Faults

When the device tells you a name, go to its row and read what it can be. Where only boards of one kind can show it, the kind stands in brackets:
one sensor (a manifold with a sensor on its line alone), sensors on line and zones (a manifold with both), independent zones (an inlet, an exhaust and a
sensor for each zone). Why one broken part may be told under several names stands at the end of the page.

What happens: {"; ".join(HAPPENS[1:])}. What is latched stays over a restart and is never cleared over the air; only when the
supply of the chip itself fails before the air is out, nothing could be written yet, and the next self-test has to find it anew. While the
last step of the bring-up waits for the 12 V plug to be pulled, {CUT} are what it is about and no faults. A fault of the
names {LATER} switches everything off at once and is named {NAMED_S} s later, when the readings have shown more;
so is what one jump of a reading may show: it may be the first of a loose contact.

{_table(("number", "name", "seen how", "what it can be", "what happens", "cleared by", "what the wearer reads"), found)}
Static: measured with the pump off and coasted, the zone open to the line for {levels.STILL_MS} ms and more, or by the zone's own sensor.

A zone that has shown no pressure yet in a session gets its air in portions of {unseen.PORTION_PERMILLE // 10} % of its volume, less than what brings the stiffest chamber that is
unfolded already to {limit("trip_mmhg")}. On a one-sensor manifold the pump rests after each until the still line was read. Where only the zones have sensors, a
zone that has had pressure since the chip started is let out after each; one whose own sensor is dead before its first pressure is not seen, and of a line's
only sensor that is dead from the start of a session it takes until the slack should be taken up: there the relief valve is the limit.

## Notices

They are shown, and the session goes on.

{_table(("number", "name", "seen how", "what it can be", "what the wearer reads"), notices)}
## Where one broken part has several names

{_table(("what is broken", "why it may be told in more than one way"), fault_classes.reasons())}
Nothing is seen of: {"; ".join(fault_classes.unseen())}. The bring-up asks for crossed valves and for
what a manometer reads; against a sensor that shows too little later on, and alone, there is only the limit of air and, where there is one, the relief valve.
On one sensor a hose or valve that becomes blocked while its zone is full shows nothing as all zones are let out together (a pause, a stop, the end of a
session): it is told in that zone's next fill. **A sleeve that stays tight when the session is over: pull its hose or open its zip.**

## The button

{_table(("when", "how", "what it does"), hands)}"""


if __name__ == "__main__":
    DOCUMENT.write_text(text())
