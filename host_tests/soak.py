"""A month of daily use in minutes: sessions with all their ticks, around both wraps of the ticks; between them the clock jumps.

What is looked for is what only long use shows: pressures or times that drift, files and lists that grow, days that differ.
"""

from __future__ import annotations

import gc
import json
from array import array
from dataclasses import asdict, dataclass
from types import ModuleType
from typing import Any

from host_tests.power_cuts import framed
from tools.simulator.rig import Rig

DAYS = 30
DAY_MS = 86_400_000
WRAP_MS = 1 << 30  # of ticks_ms: every 12.4 days
WRAP_US = 1 << 30  # of ticks_us: every 18 minutes
PROGRAMS = ("sequential 60 2", "wave 50 2", "pulse 55 2")
SETTLED = 2 * len(PROGRAMS)  # days until everything is learned and the ring of the journal and the record go round
INTO_S = 40.0  # after the start of a session its wrap comes
LONGEST_S = 400.0
STEP_S = 0.1
SESSION_S = (120.0, 165.0)  # two minutes, and the gentle release of at most 45 s after them
HALF_A_MINUTE_S = 30.0  # a longer cycle has more zones to correct, each of them in its hold or, for half a second more, after it
MOST = {
    # How much a day may differ from the settled ones before it with the same program, and the means of a month's two settled halves.
    "cycle_s": (2.6, 1.0),  # one correction more: 2.2 s of waiting for a limb and a pulse of 0.4 s; 3 % of a cycle of half a minute
    "peak_mmhg": (8.0, 3.0),  # the worst that a fill may overshoot; the band in which a hold has to stay
    "pump_s": (6.0, 3.0),  # one fill more or less, by where the end of the session falls; that in half of the sessions
}
POWER_CYCLES = (28,)  # in the night before these days; the ticks begin anew then, so it comes after two wraps


@dataclass
class Day:
    """What one day came to. `ticks_ms` is what the clock read at the start of the session, `things` how many the firmware holds."""

    day: int
    ticks_ms: int
    wrapped: str
    states: list[str]
    seconds: float
    peak_mmhg: float
    pump_s: float
    notices: int
    fault: int
    late: int
    journal_rows: int
    flash_bytes: int
    flash_files: int
    writes: int
    things: int
    cycle_s: float = 0.0  # mean of the whole cycles; 0: there was none
    said: str = ""  # what the console answered to the start


class Month:
    """Runs the days one after the other on one rig; days: what was seen."""

    def __init__(self, board: str, seed: int, days: int = DAYS, start_ticks_ms: int = 0) -> None:
        self.rig = Rig(board, seed=seed, start_ticks_ms=start_ticks_ms)
        self.days: list[Day] = []
        self.passed_ms = 0
        self._last = days
        self._wrapped = ""
        self._restarted = False

    def run(self) -> list[Day]:
        """All days."""
        rig = self.rig
        rig.at(20.0, self._night)
        rig.chip.run()
        while self._restarted:
            self._restarted = False
            rig.chip.power_cycle()
            rig.at(rig.now_s + 20.0, self._begin)
            rig.chip.run()
        return self.days

    # The course of a day, as events of the host

    def _night(self) -> None:
        """The clock jumps to the next session: a day later, or so that one of the wraps falls into it."""
        rig, day = self.rig, len(self.days)
        if day == self._last:
            rig.chip.power_off()
        now_us = rig.chip.now_us + rig.chip.ticks_offset_us
        jump_ms = DAY_MS
        self._wrapped = ""
        to_ms = (WRAP_MS - now_us // 1000 - round(INTO_S * 1000)) % WRAP_MS
        if to_ms < 2 * DAY_MS and to_ms > DAY_MS // 2:
            jump_ms, self._wrapped = to_ms, "ms"
        elif day % 2:
            jump_ms += (WRAP_US - (now_us + jump_ms * 1000) - round(INTO_S * 1e6)) % WRAP_US // 1000
            self._wrapped = "us"
        rig.chip.ticks_offset_us += jump_ms * 1000
        self.passed_ms += jump_ms
        # To the firmware the night is one long tick: the deadman must not take it for a hang.
        deadman = rig.app.deadman
        deadman._renewed_ms = (deadman._renewed_ms + jump_ms) % WRAP_MS
        if day in POWER_CYCLES:
            self._restarted = True
            rig.chip.power_off()
        rig.at(rig.now_s + 1.0, self._begin)

    def _begin(self) -> None:
        rig = self.rig
        self._from_s = rig.now_s
        self._ticks_ms = (rig.chip.now_us + rig.chip.ticks_offset_us) // 1000 % WRAP_MS
        self._states: list[str] = []
        self._cycles_s: list[float] = []
        self._cycle = 0
        self._peak_mmhg = self._pump_s = 0.0
        self._late = rig.app.pace.late
        self._writes = rig.flash.operations
        rig.chip.type("start " + PROGRAMS[len(self.days) % len(PROGRAMS)] + "\n")
        rig.at(rig.now_s + 0.5, self._look)

    def _look(self) -> None:
        rig = self.rig
        state = rig.state
        if not self._states or self._states[-1] != state:
            self._states.append(state)
        if state == "running" and rig.app.session.sequencer.cycle != self._cycle:
            self._cycle = rig.app.session.sequencer.cycle
            self._cycles_s.append(rig.now_s)
        self._peak_mmhg = max(self._peak_mmhg, *rig.plant.zone_mmhg)
        self._pump_s += STEP_S if rig.wiring.pump_duty else 0.0
        took_s = rig.now_s - self._from_s
        stored = rig.app is not None and not rig.app.shelf.changed
        if (state in ("done", "fault", "idle") and self._states[0] != state and stored) or took_s > LONGEST_S:
            rig.at(rig.now_s + 1.0, lambda: self._end(took_s))  # the last write is over then
        else:
            rig.at(rig.now_s + STEP_S, self._look)

    def _end(self, took_s: float) -> None:
        rig, app = self.rig, self.rig.app
        cycles_s = self._cycles_s
        self.days.append(
            Day(
                day=len(self.days),
                ticks_ms=self._ticks_ms,
                wrapped=self._wrapped,
                states=self._states,
                seconds=round(took_s, 1),
                peak_mmhg=round(self._peak_mmhg, 1),
                pump_s=round(self._pump_s, 1),
                notices=app.session.notices,
                fault=app.guarding.fault,
                late=app.pace.late - self._late,
                journal_rows=len(list(app.journal.rows())),
                flash_bytes=sum(len(content) for content in rig.flash.files.values()),
                flash_files=len(rig.flash.files),
                writes=rig.flash.operations - self._writes,
                things=things(app),
                cycle_s=round((cycles_s[-1] - cycles_s[0]) / (len(cycles_s) - 1), 2) if len(cycles_s) > 1 else 0.0,
                said=next((line for line in rig.chip.console if "error" in line), ""),
            )
        )
        rig.chip.console.clear()
        if len(self.days) == 1:
            self._fill_rings()
        rig.at(rig.now_s + 5.0, self._night)


    def _fill_rings(self) -> None:
        """As after years: what goes round has to go round from now on."""
        rig = self.rig
        for number in range(200):
            rig.app.journal.add(3, number % 4, number)
        path = "record.json"
        if path in rig.flash.files:
            schema, rows = json.loads(rig.flash.files[path][9:])
            rig.flash.put(path, framed(schema, (rows * 100)[: rig.chip.module("peristal.core.borrow").borrow("store.record").MOST]))


def things(root: Any) -> int:
    """How many elements the firmware's own objects hold, all that can be reached from one of them."""
    seen: set[int] = set()
    waiting = [root]
    count = 0
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, (type, ModuleType)) or callable(thing):
            continue
        seen.add(id(thing))
        module = type(thing).__module__
        if not (module.startswith("peristal") or isinstance(thing, (list, dict, tuple, set, bytearray, array))):
            continue
        if isinstance(thing, (list, dict, tuple, set, bytearray, array)):
            count += len(thing)
        waiting.extend(gc.get_referents(thing))
    return count


def why(days: list[Day], passed_ms: int, wanted: int = DAYS) -> list[str]:
    """What is wrong with a month; an empty list: nothing."""
    found = []
    if len(days) != wanted:
        found.append(f"only {len(days)} of {wanted} days")
    if wanted >= DAYS and passed_ms < (DAYS - 2) * DAY_MS:
        found.append(f"only {passed_ms / DAY_MS:.1f} days passed")
    wraps = [day.wrapped for day in days]
    if wanted >= DAYS and (wraps.count("ms") < 2 or wraps.count("us") < 10):
        found.append(f"sessions around a wrap: {wraps.count('ms')} of ticks_ms, {wraps.count('us')} of ticks_us")
    for day in days:
        if day.fault or day.states[-1] != "done" or day.late:
            found.append(f"day {day.day}: fault {day.fault}, {day.late} late ticks, {day.states}")
        elif "running" not in day.states:
            found.append(f"day {day.day}: no session: {day.said}")
        elif not SESSION_S[0] <= day.seconds <= SESSION_S[1]:
            found.append(f"day {day.day}: a session of {day.seconds} s")
    for day in days:
        before = [one for one in days if SETTLED <= one.day < day.day and one.day % len(PROGRAMS) == day.day % len(PROGRAMS)]
        if not before:
            continue
        first = before[0]
        for name, (most, _) in MOST.items():
            usual = sum(getattr(one, name) for one in before) / len(before)  # a single day has a scatter of its own
            if abs(getattr(day, name) - usual) > _allowed(name, most, usual):
                found.append(f"day {day.day}: {name} {getattr(day, name)}, on {len(before)} days before {usual:.1f}")
        if day.states != first.states or day.notices != first.notices:
            found.append(f"day {day.day}: {day.states} and notices {day.notices}, on day {first.day} {first.states} and {first.notices}")
    return found + drift(days) + growth(days)


def _allowed(name: str, most: float, usual: float) -> float:
    """What is allowed for a cycle of half a minute is so for each half minute of a longer one."""
    return most * max(1.0, usual / HALF_A_MINUTE_S) if name == "cycle_s" else most


def drift(days: list[Day]) -> list[str]:
    """What the second half of the settled days has more or less of than the first, program by program: one day in many may differ."""
    found = []
    for program in range(len(PROGRAMS)):
        settled = [day for day in days if day.day >= SETTLED and day.day % len(PROGRAMS) == program]
        half = len(settled) // 2
        if half < 2:
            continue
        for name, (_, most) in MOST.items():
            before, after = (sum(getattr(day, name) for day in part) / len(part) for part in (settled[:half], settled[half:]))
            if abs(after - before) > _allowed(name, most, before):
                found.append(f"{name} of {PROGRAMS[program]!r} drifts from {before:.1f} to {after:.1f}")
    return found


def growth(days: list[Day]) -> list[str]:
    """What is more on the last days than on those before with the same program, once everything that goes round is full."""
    found = []
    for day in days[-len(PROGRAMS) :]:
        before = [one for one in days if len(PROGRAMS) <= one.day < day.day and one.day % len(PROGRAMS) == day.day % len(PROGRAMS)]
        for name in ("things", "flash_files", "writes", "journal_rows", "flash_bytes"):
            most = max((getattr(one, name) for one in before), default=1 << 30)
            spare = most // 50 if name == "flash_bytes" else 0  # figures have more digits or less
            if getattr(day, name) > most + spare:
                found.append(f"day {day.day}: {name} grew from {most} to {getattr(day, name)}")
    return found


def record(days: list[Day]) -> list[dict[str, Any]]:
    """For the campaign's file."""
    return [asdict(day) for day in days]
