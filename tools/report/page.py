"""The page: everything in one file, nothing from any network."""

from __future__ import annotations

from html import escape
from pathlib import Path
from statistics import median

from tools.ble import packets
from tools.report import charts
from tools.report.charts import clock
from tools.report.log import Event, Session
from tools.report.measure import LET_GO_MMHG, REACHED_MMHG, RELEASED_MMHG, Cycle, Measured, measure

STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
OUTCOMES = {"done": "finished", "fault": "ended in a fault", "stopped": "stopped", "broken": "the firmware ended", "open": "the log ends before the session does"}
GUARD = {
    "cap": "a target or a zone was at the cap, and was held there", "relief": "a zone well above its target was relieved",
    "trip": "everything was opened at once", "line pressure": "the line showed more than flow explains, and the pump rested",
    "left out": "a zone that is left out was kept open", "button held": "a button was down, so no air was moved",
    "no path": "the pump had no open way into a zone", "fault": "a fault was latched",
}  # fmt: skip
MOST_EVENTS = 60


def build(session: Session) -> str:
    """The whole page."""
    measured = measure(session)
    kind = outcome(session)
    title = _title(session)
    parts = [f"<h1>{escape(title)} <span class='outcome {kind}'>{OUTCOMES[kind]}</span></h1>", f"<p class=dim>{escape(_subtitle(session))}</p>"]
    parts += [_cards(session, measured), *_timeline(session, measured)]
    parts += _pressures(session)
    parts += _close_up(session, measured)
    parts += ["<h2>Dose</h2>", "<p class=dim>Pressure times time of each zone, in mmHg × minutes.</p>", f"<figure>{charts.doses(session, measured)}</figure>"]
    parts += _quality(session, measured)
    parts += _events(session)
    parts.append(_footer(session))
    body = "\n".join(parts)
    head = f'<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1"><title>{escape(title)}</title>'
    return f"{head}<style>{STYLE}</style><main>\n{body}\n</main></html>\n"


def outcome(session: Session) -> str:
    """How it ended: a key of OUTCOMES."""
    last = session.state[-1]
    if last in ("fault", "crashed"):
        return "fault" if last == "fault" else "broken"
    if "fault" in session.state:
        return "fault"
    if any(event.text.startswith("stopped") for event in session.events):
        return "stopped"
    if last in ("done", "idle", "breathing"):
        return "done" if "finishing" in session.state or "running" not in session.state else "stopped"
    return "open"


def _title(session: Session) -> str:
    program = session.told.get("program")
    pressure = max(session.wanted) if session.target is not None else max(session.chosen)
    return f"{program.replace('_', ' ') if program else 'A session'} at {pressure:.0f} mmHg"


def _subtitle(session: Session) -> str:
    parts = [f"{clock(_under_way_s(session))} under way"]
    if session.told.get("board"):
        parts.append(f"board {session.told['board']}")
    if session.told.get("recorded"):
        parts.append(f"recorded {session.told['recorded']}")
    elif session.target is not None:
        parts.append("from the simulator: true pressures, not readings")
    return " · ".join([*parts, session.source])


def _under_way_s(session: Session) -> float:
    return sum(to_s - from_s for state, from_s, to_s in charts.bands(session) if state in ("preflight", "running", "paused", "finishing"))


def _cards(session: Session, measured: Measured) -> str:
    squeezes = measured.squeezes
    reached = sum(one.reached for one in squeezes)
    times = [one.reach_s for one in squeezes if one.reach_s is not None]
    sags = [one.sag_mmhg for one in squeezes if one.reached]
    faults = [event for event in session.events if event.kind == "fault"]
    guard = sum(event.kind == "guard" for event in session.events)
    cards = [
        (str(len(measured.cycles)), "cycles"),
        (f"{reached / len(squeezes) * 100:.0f} %" if squeezes else "–", f"of squeezes reached their target ({reached} of {len(squeezes)})"),
        (f"{median(times):.1f} s" if times else "–", "median time to reach it"),
        (f"{max(sags):.0f} mmHg" if sags else "–", "deepest sag below target while held"),
        (f"{max(zone.peak_mmhg for zone in measured.zones):.0f} mmHg", "highest in any zone"),
        (str(len(faults)), "fault" if len(faults) == 1 else "faults"),
        (str(guard), "intervention of the guard" if guard == 1 else "interventions of the guard"),
    ]  # fmt: skip
    return "<div class=cards>" + "".join(f"<div class=card><b>{escape(value)}</b><span>{escape(says)}</span></div>" for value, says in cards) + "</div>"


def _timeline(session: Session, measured: Measured) -> list[str]:
    return ["<h2>What happened</h2>", f"<figure>{charts.timeline(session, measured.cycles)}<figcaption>Short strokes below the state: where a cycle begins. Marks tell more under the pointer, and in the table below.</figcaption></figure>"]


def _pressures(session: Session) -> list[str]:
    line = "The thin line is the target." if session.target is not None else "The dashed line is the highest that the program asks of the zone: a device does not tell the target of each moment."
    drawn = charts.pressures(session, session.t_s[0], session.t_s[-1], "pressure of each zone over the session")
    return ["<h2>Pressures</h2>", f"<p class=dim>mmHg over minutes, the whole session. {line}</p>", f"<figure>{drawn}</figure>"]


def _close_up(session: Session, measured: Measured) -> list[str]:
    whole = measured.cycles[1:-1] or measured.cycles
    if not whole:
        return []
    usual = median(cycle.to_s - cycle.from_s for cycle in whole)
    cycle: Cycle = min(whole, key=lambda one: abs(one.to_s - one.from_s - usual))
    drawn = charts.pressures(session, cycle.from_s, cycle.to_s, f"pressure of each zone in cycle {cycle.number}", 42)
    return [f"<h2>One cycle close up</h2><p class=dim>Cycle {cycle.number}, {cycle.to_s - cycle.from_s:.0f} s: the one of the most usual length.</p>", f"<figure>{drawn}</figure>"]


def _quality(session: Session, measured: Measured) -> list[str]:
    if not measured.squeezes:
        return ["<h2>Cycle quality</h2><p>No cycle was begun.</p>"]
    head = ("zone", "target mmHg", "reached", "time to reach s<br>median (longest)", "deepest sag mmHg", "loss while held<br>mmHg in 10 s", "peak mmHg", f"min above {RELEASED_MMHG:.0f}", "dose mmHg×min")
    rows = []
    for number, zone in enumerate(measured.zones):
        time_s, sag, leak = zone.reach_s, zone.sag_mmhg, zone.leak_mmhg_10s
        cells = [
            zone.name, f"{session.wanted[number]:.0f}", f"{zone.reached} of {len(zone.squeezes)}", f"{time_s[0]:.1f} ({time_s[1]:.1f})" if time_s else "–",
            f"{sag:.1f}" if sag is not None else "–", f"{leak:.1f}" if leak is not None else "–", f"{zone.peak_mmhg:.0f}",
            f"{zone.pressed_s / 60:.1f}", f"{zone.dose_mmhg_min:.0f}",
        ]  # fmt: skip
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    table = f"<div class=wrap><table><tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>{''.join(rows)}</table></div>"
    key = "<figcaption class=key><i style='background:var(--green);margin-left:0'></i>reached and held<i style='background:var(--amber)'></i>sagged by more than 8 mmHg<i style='background:var(--red)'></i>not reached<i style='background:var(--line)'></i>not used, or not judged (a soft start, or called off by the end)</figcaption>"
    return ["<h2>Cycle quality</h2>", table, f"<figure>{charts.grid(session, measured)}{key}</figure>"]


def _events(session: Session) -> list[str]:
    told = [event for event in session.events if event.kind != "session" or _is_news(event)]
    if not told:
        return []
    rows = [f"<tr><td>{clock(one.at_s - session.t_s[0])}</td><td class='tag {one.kind}'>{one.kind if one.kind != 'session' else ''}</td><td>{escape(_words(one))}</td><td>{escape(one.zone)}</td></tr>" for one in told[:MOST_EVENTS]]
    more = f"<p class=dim>and {len(told) - MOST_EVENTS} more, see the marks above</p>" if len(told) > MOST_EVENTS else ""
    return ["<h2>Faults, interventions and notices</h2>", f"<div class=wrap><table class=words><tr><th>at</th><th></th><th>what</th><th>zone</th></tr>{''.join(rows)}</table></div>{more}"]


def _is_news(event: Event) -> bool:
    return event.text.split()[0] in ("running", "paused", "stopped", "finished", "fault", "watchdog", "abnormal", "crashed", "breathing", "finishing")


def _words(event: Event) -> str:
    if event.kind == "guard":
        return f"{event.text}: {GUARD.get(event.text, '')}".rstrip(": ")
    if event.kind in ("fault", "notice"):
        number = next((number for number, row in packets.FAULTS.items() if row["name"] == event.text), None)
        return f"{event.text}: {packets.fault_words(number)}" if number is not None else event.text
    return event.text


def _footer(session: Session) -> str:
    way = "true pressures of the simulated sleeves" if session.target is not None else "the device's own readings, over Bluetooth"
    return (
        f"<footer><p>Figures are from {way}, {len(session.t_s)} samples. Reached: within {REACHED_MMHG:g} mmHg of the target. Time to reach: from when "
        f"{'the target asked for it' if session.target is not None else 'the zone begins to fill'}. Sag: the deepest below the target from then on until it is let go"
        f"{'' if session.target is not None else f' (taken to be {LET_GO_MMHG:g} mmHg below)'}. Loss while held: only while the pump rests, a moving limb counts too. "
        "Dose: the pressure above air, over time.</p><p>Made by Peristal. This is no medical device and claims nothing.</p></footer>"
    )
