"""Reads a session's log: what `make run` leaves, and what `peristal watch --record` writes.

Both are comma-separated, with times in seconds, pressures in mmHg, and columns by name. `#` lines say what does not change. The simulator
knows the target of each zone at each moment; a device tells only the chosen pressure, and its program's lines give the rest.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.ble import packets

LARGEST_BYTES = 256 * 1024 * 1024
MOST_ROWS = 2_000_000
MOST_ZONES = 12
LONGEST_GAP_S = 2.0  # between two samples that belong together; what is between others is not known
PA_LIMIT_MMHG = 1000.0  # no sensor shows more
UNDER_WAY = ("preflight", "running", "paused", "finishing", "breathing")
KNOWN = {"off", "crashed", *packets.STATES}


class LogError(ValueError):
    """This is no log that can be read; the text says what is wrong and where."""


@dataclass
class Event:
    """Something at a moment: kind is fault, notice, guard (it made something safer) or session."""

    at_s: float
    kind: str
    text: str
    zone: str = ""


@dataclass
class Session:
    """`mmhg[z][i]` is zone z at t_s[i]; `target` the same, None where only the wanted peaks are known: `wanted[z]`, mmHg."""

    source: str
    zones: list[str]
    told: dict[str, str] = field(default_factory=dict)
    program: list[str] = field(default_factory=list)
    t_s: array[float] = field(default_factory=lambda: array("d"))
    state: list[str] = field(default_factory=list)
    phase: list[str] = field(default_factory=list)
    cycle: array[int] = field(default_factory=lambda: array("l"))
    pump: array[float] = field(default_factory=lambda: array("f"))
    chosen: array[float] = field(default_factory=lambda: array("f"))
    mmhg: list[array[float]] = field(default_factory=list)
    target: list[array[float]] | None = None
    wanted: list[float] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    @property
    def legs(self) -> dict[str, list[int]]:
        """Zones by the name of their leg, from the foot up."""
        legs: dict[str, list[int]] = {}
        for zone, name in enumerate(self.zones):
            legs.setdefault(name.rpartition(" ")[0], []).append(zone)
        return legs

    @property
    def length_s(self) -> float:
        return self.t_s[-1] - self.t_s[0]


def read(path: Path) -> Session:
    """A log. Raises LogError."""
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise LogError(f"{path}: this is a folder; a log is a file, build/session.csv after make run")
        if size > LARGEST_BYTES:
            raise LogError(f"{path}: {size >> 20} MB are too large; allowed: up to {LARGEST_BYTES >> 20} MB")
        with path.open(encoding="utf-8", newline="") as file:
            return _read(path.name, file)
    except OSError as error:
        hint = "make run leaves build/session.csv; peristal watch --record FILE another"
        raise LogError(f"{path}: cannot be read: {error.strerror}. {hint}") from None
    except UnicodeDecodeError:
        raise LogError(f"{path}: this is no text, so no log") from None
    except csv.Error as error:
        raise LogError(f"{path}: this is no log: {error}") from None


def _read(name: str, file: Iterator[str]) -> Session:
    told: dict[str, str] = {}
    program: list[str] = []
    notes: list[str] = []

    def lines() -> Iterator[str]:
        for line in file:
            if line.startswith("#"):
                key, _, value = line[1:].strip().partition(": ")
                program.append(value) if key == "line" else notes.append(value) if key == "journal" else told.__setitem__(key, value)
            elif line.strip():
                yield line

    rows = csv.reader(lines())
    head = next(rows, None)
    if head is None:
        raise LogError(f"{name}: the log is empty")
    columns = {column: index for index, column in enumerate(head)}
    missing = [column for column in ("time_s", "state") if column not in columns]
    if missing:
        raise LogError(f"{name}: this is no log: its first line names no column {', '.join(missing)}")
    names = [found[1] for column in head if (found := re.fullmatch(r"((?:[a-z]+)_\d+)_mmhg", column))]
    if not 1 <= len(names) <= MOST_ZONES:
        raise LogError(f"{name}: {len(names)} zones (columns like left_1_mmhg) are not allowed; allowed: 1 to {MOST_ZONES}")
    session = Session(name, [one.replace("_", " ") for one in names], told, program)
    session.mmhg = [array("f") for _ in names]
    targets = [columns.get(f"{one}_target_mmhg") for one in names]
    if None not in targets:
        session.target = [array("f") for _ in names]
    _fill(session, rows, head, columns, names)
    _place_notes(session, notes)
    _want(session)
    return session


def _fill(session: Session, rows: Iterator[list[str]], head: list[str], columns: dict[str, int], names: list[str]) -> None:
    at = {one: columns[f"{one}_mmhg"] for one in names}
    aims = [columns.get(f"{one}_target_mmhg") for one in names]
    before: dict[str, str] = {}

    def value(row: list[str], column: str, default: str = "0") -> str:
        return row[columns[column]] if column in columns else default

    for number, row in enumerate(rows, 2):
        where = f"{session.source}: row {number}"
        if number - 1 > MOST_ROWS:
            raise LogError(f"{session.source}: too long; allowed: up to {MOST_ROWS} samples")
        if len(row) != len(head):
            raise LogError(f"{where} has {len(row)} columns where the first line names {len(head)}: the log is cut off or damaged there")
        try:
            time_s = float(value(row, "time_s"))
            pressures = [float(row[place]) for place in at.values()]
            aimed = [float(row[place]) for place in aims if place is not None]
            cycle, pump, chosen = int(value(row, "cycle")), float(value(row, "pump")), float(value(row, "pressure_mmhg"))
        except ValueError as error:
            raise LogError(f"{where}: {error}: the log is damaged there") from None
        if not all(-PA_LIMIT_MMHG < one < PA_LIMIT_MMHG for one in [*pressures, *aimed, chosen]) or not 0 <= time_s < 1e9:
            raise LogError(f"{where}: a value that nothing can measure: the log is damaged there")
        if value(row, "state") not in KNOWN and not value(row, "state").startswith("state "):
            raise LogError(f"{where}: state {value(row, 'state')!r} is not known")
        if session.t_s and time_s < session.t_s[-1]:
            raise LogError(f"{where}: the time goes back, from {session.t_s[-1]:g} to {time_s:g} s")
        session.t_s.append(time_s)
        session.state.append(value(row, "state"))
        session.phase.append(value(row, "phase", ""))
        session.cycle.append(cycle)
        session.pump.append(pump)
        session.chosen.append(chosen)
        for zone, mmhg in enumerate(pressures):
            session.mmhg[zone].append(mmhg)
            if session.target is not None:
                session.target[zone].append(aimed[zone])
        _note_changes(session, row, columns, before, time_s)
    if len(session.t_s) < 2 or session.length_s <= 0:
        raise LogError(f"{session.source}: there is no session in it, only {len(session.t_s)} samples")


def _note_changes(session: Session, row: list[str], columns: dict[str, int], before: dict[str, str], time_s: float) -> None:
    """States, faults and notices as they change, and what the simulator's journal was told."""
    state = row[columns["state"]]
    if before.get("state") != state:
        if "state" in before or state in UNDER_WAY:
            session.events.append(Event(time_s, "session", state))
        before["state"] = state
    if "events" in columns:
        for text in filter(None, row[columns["events"]].split("; ")):
            if ": " in text and text.partition(": ")[0] in ("board", "program"):  # of the simulator, which has no lines for it
                session.told.setdefault(*text.split(": ", 1))
                continue
            session.events.append(_event(time_s, text, session.zones))
        return
    fault = row[columns["fault"]] if "fault" in columns else "0"
    if fault != before.get("fault", "0") and fault not in ("", "0"):
        zone = row[columns["fault_zone"]] if "fault_zone" in columns else ""
        session.events.append(Event(time_s, "fault", packets.fault_name(int(fault)), _zone(session.zones, zone)))
    before["fault"] = fault
    notices = int(row[columns["notices"]] or 0) if "notices" in columns else 0
    for fresh in packets.notices(notices & ~int(before.get("notices", "0"))):
        session.events.append(Event(time_s, "notice", packets.fault_name(fresh)))
    before["notices"] = str(notices)


def _zone(zones: list[str], number: str) -> str:
    return zones[int(number) - 1] if number.isdigit() and 1 <= int(number) <= len(zones) else ""


def _event(at_s: float, text: str, zones: list[str]) -> Event:
    """A line of the journal: `fault 14 no answer zone 1 3 mmHg`, `guard: relief zone 5 70 mmHg`, `stopped 19 s`."""
    found = re.fullmatch(r"(?:(fault|notice) (\d+)|guard: ([a-z ]+?))(?: [a-z -]+?)?(?: zone (\d+))?(?: (-?\d+ mmHg))?(?: x\d+)?", text)
    if found is None:
        return Event(at_s, "session", text)
    kind, number, reason, zone, _ = found.groups()
    if kind:
        return Event(at_s, kind, packets.fault_name(int(number)), _zone(zones, zone or ""))
    return Event(at_s, "guard", reason, _zone(zones, zone or ""))


def _place_notes(session: Session, notes: list[str]) -> None:
    """The device's own journal, which counts from its start-up: its last `session` is where the log's session begins."""
    matches = [found for one in notes if (found := re.match(r"(\d+):(\d\d):(\d\d) (.*)", one))]
    entries = [(int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]), found[4]) for found in matches]
    begins = [at for at, (_, text) in enumerate(entries) if text.startswith("session ")]
    began_s = next((at_s for at_s, state in zip(session.t_s, session.state) if state in UNDER_WAY), None)
    if not begins or began_s is None:
        return
    known = {(one.kind, one.text) for one in session.events}
    for at_s, text in entries[begins[-1] + 1 :]:
        event = _event(min(max(began_s + at_s - entries[begins[-1]][0], 0.0), session.t_s[-1]), text, session.zones)
        if (event.kind, event.text) not in known:
            session.events.append(event)
    session.events.sort(key=lambda one: one.at_s)


def _want(session: Session) -> None:
    """The highest pressure that each zone was meant to have."""
    if session.target is not None:
        session.wanted = [max(values) for values in session.target]
        return
    most = max((chosen for chosen, state in zip(session.chosen, session.state) if state == "running"), default=0.0)
    share, less = _shares(session.program)
    session.wanted = []
    for zones in session.legs.values():
        for place, _ in enumerate(zones):
            percent = share[place] if place < len(share) else 100.0
            session.wanted.append(max(0.0, most * percent / 100 - (less[place] if place < len(less) else 0.0)))


def _shares(program: list[str]) -> tuple[list[float], list[float]]:
    """Of a program's lines: the highest percentage of each zone, and how much less it gets, mmHg."""
    share: list[float] = []
    less: list[float] = []
    for words in (line.split() for line in program):
        if words[:1] == ["less"]:
            less = [float(word) for word in words[1:] if word.isdigit()]
        if words[:1] == ["step"]:
            for place, word in enumerate(words[1:]):
                if word not in ("hold", "vent") and not word.isdigit():
                    break
                share += [0.0] * (place + 1 - len(share))
                if word.isdigit():
                    share[place] = max(share[place], float(word))
    return share, less
