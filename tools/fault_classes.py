"""What is told when something is broken: the one table behind SAFETY.md's column "what it can be" and the fault campaign's verdicts.

A row stands for one broken part in a builder's words. For each topology it has every name that may be reported for it. More than one
name needs a reason: why the readings of that topology cannot tell, or what else is truly so at the same time. A name that sends
people to a part that is whole, when the readings could know better, is not in here.
"""

# ruff: noqa: E501  (the rows of a table)
from __future__ import annotations

from dataclasses import dataclass

TOPOLOGIES = ("manifold", "zone sensors", "independent")
SHORT = {"manifold": "one sensor", "zone sensors": "sensors on line and zones", "independent": "independent zones"}
"""How the document calls them."""
UNSEEN: frozenset[str] = frozenset()
"""The topology can have the fault and shows nothing of it."""


@dataclass(frozen=True)
class Cause:
    """names: what may be told, by topology; one that is not in it cannot have the fault. why: needed when there is more than one name."""

    name: str
    names: dict[str, frozenset[str]]
    why: str = ""


def everywhere(*names: str) -> dict[str, frozenset[str]]:
    """The same names on every topology."""
    return dict.fromkeys(TOPOLOGIES, frozenset(names))


def on(**names: str) -> dict[str, frozenset[str]]:
    """By topology: manifold, zone_sensors, independent; names parted by commas, "-" for UNSEEN."""
    return {key.replace("_", " "): UNSEEN if text == "-" else frozenset(text.split(", ")) for key, text in names.items()}


CAUSES = (
    # pressure
    Cause("somebody sits on a leg", everywhere("over-pressure", "absolute pressure"), "which limit is passed first depends on the pressure before"),
    Cause("a regulator that overfills", on(
        manifold="over-pressure, absolute pressure, line pressure",
        zone_sensors="over-pressure, absolute pressure, line pressure, sensors disagree",
        independent="over-pressure, absolute pressure",
    ), "zone and line are both driven too far; it works with too small a figure of one sensor, which then differs from the other's"),
    # sensors
    Cause("a sensor's wire off", everywhere("sensor low")),
    Cause("a sensor shorted to its supply", everywhere("sensor high")),
    Cause("a sensor that freezes in a fill", on(
        manifold="sensor frozen, sensor stuck, will not vent",
        zone_sensors="sensor frozen, sensor stuck, sensors disagree, will not vent",
        independent="sensor frozen, sensor stuck, will not vent",
    ), "frozen with the fill all but done it looks like air that stays; only a second sensor on the same air knows better, and once the zone is shut there is none"),
    Cause("a sensor dead from the start", on(
        manifold="sensor stuck, sensor frozen, no answer",
        zone_sensors="sensor stuck, sensor frozen, sensors disagree",
        independent="sensor stuck, sensor frozen, no rise",
    ), "what shows 0 for good may be a dead sensor or no air: one sensor on the line says that of the pump, a zone's own of the zone"),
    Cause("a sensor's zero too high", everywhere("sensor drift")),
    Cause("a sensor's zero too low", everywhere("sensor drift", "sensor low"), "far below its range it lies where a wire that is off does"),
    Cause("a loose contact of a sensor", everywhere("implausible rate", "sensor noisy", "sensor low", "sensor high"),
          "the reading may jump to and fro within the range or leave it for a moment"),
    Cause("a sensor that is not read", everywhere("sensor stale")),
    Cause("a sensor that shows a wrong share", on(manifold="-", zone_sensors="sensors disagree", independent="-")),
    # sleeves and hoses
    Cause("a hose unplugged", everywhere("no rise", "leak"), "empty it gets no pressure, filled it loses it"),
    Cause("a hose kinked", on(
        manifold="line pressure, valve stuck closed, will not vent",
        zone_sensors="line pressure, valve stuck closed, will not vent, sensors disagree",
        independent="valve stuck closed, no rise, no answer, will not vent",
    ), "kinked empty the line fills without the zone, kinked full the air stays; without a sensor on the line nothing rises, and a zone with pressure that no longer "
    "does is let out at once, before another one could show whether the pump still runs"),
    Cause("a hose or valve too narrow for its fill", on(
        manifold="slow fill, fill too long, line pressure, valve stuck closed, vent slow, will not vent",
        zone_sensors="slow fill, fill too long, line pressure, valve stuck closed, vent slow, will not vent",
        independent="slow fill, fill too long, valve stuck closed, no rise, no answer",
    ), "the narrower it is the more it is like one that is shut, and on a manifold the air leaves the same way"),
    Cause("sleeves not worn", everywhere("no rise", "fill too long", "no answer"), "empty sleeves take far more air before any pressure shows; where no flow shows, a dead pump looks the same"),
    Cause("a seam bursts", everywhere("leak", "no rise"), "it loses its air, and gets none any more"),
    Cause("a small leak", everywhere("leaking", "leak"), "14 to 22 mmHg in 10 s lie on both sides of the limit at lower pressures"),
    Cause("a large leak", everywhere("leak", "no rise"), "a small pump cannot fill against it"),
    Cause("a large leak in a short hold", on(
        manifold="-",
        zone_sensors="leak, no rise, leaking, slow fill",
        independent="leak, no rise, leaking, slow fill",
    ), "what is lost in a few seconds and what each fill takes both show it, the one or the other first"),
    # valves
    Cause("a valve's seat leaks", everywhere("leak", "leaking", "valve stuck open", "over-pressure"), "the zone gives air to the line or takes some from it, whichever has more pressure"),
    Cause("a zone's valve stays shut", on(
        manifold="line pressure, valve stuck closed, will not vent",
        zone_sensors="line pressure, valve stuck closed, will not vent, sensors disagree",
        independent="valve stuck closed, no rise, no answer",
    ), "as a kinked hose"),
    Cause("a zone's valve stays open", on(
        manifold="valve stuck open, leak, leaking, slow fill, no answer",
        zone_sensors="valve stuck open, valves crossed",
        independent="valve stuck open, valves crossed, over-pressure, no rise, no answer",
    ), "with one sensor all that shows is that air is missing in a zone, or that each fill takes that of two; with sensors of their own: air that is meant for another goes there too; "
    "of an independent zone that is open to the air it goes straight out: no other zone rises, and nothing shows which"),
    Cause("the way out stays shut", everywhere("will not vent", "valve stuck closed"), "the air stays, and that is all that shows"),
    Cause("the way out stays open", on(
        manifold="valve stuck open, no answer",
        zone_sensors="valve stuck open, no answer",
        independent="valve stuck open, no rise, leak, no answer",
    ), "no zone gets pressure, as with a pump that moves none; of an independent zone a valve that stays open is a hole like any other, and a zone with pressure that "
    "no longer rises is let out at once, before another one could show whether the pump still runs"),
    Cause("the way out clogged", everywhere("vent slow", "will not vent"), "the one becomes the other"),
    Cause("two zones' valves crossed", on(manifold="-", zone_sensors="valves crossed", independent="valves crossed")),
    Cause("a zone's valve and a way out crossed", on(
        manifold="no rise, no answer, valve stuck open, valve stuck closed, will not vent",
        zone_sensors="valves crossed, no rise, no answer, valve stuck open, valve stuck closed, will not vent",
        independent="valves crossed, no rise, no answer, valve stuck open, leak",
    ), "each of the two is open, or shut, at the wrong time: on a manifold the way out is open in a fill, as with a pump that moves none, and shut in a release; an "
    "independent zone is a way from the line to the air as long as it is meant to be kept, so that no other gets pressure either"),
    # pump and supply
    Cause("a weak pump", everywhere("pump weak", "no answer", "fill too long"), "far below its data no zone gets pressure in its time, with any sensors"),
    Cause("a pump that weakens", everywhere("pump weak", "slow fill", "no answer", "fill too long"), "the first zone that fills slower may still be that zone"),
    Cause("a pump that weakens before its first cycle is over", everywhere("pump weak", "slow fill", "no answer", "fill too long"), "there is no fill yet to hold the next one against: only what is far below its data shows, and at half of them nothing is told"),
    Cause("a dead pump", everywhere("no answer", "pump weak"), "dead is as weak as can be"),
    Cause("a pump that does not stop: switch shorted, or pin stuck", everywhere("pump runs on")),
    Cause("12 V that fails or sags", everywhere("supply dip")),
    Cause("12 V that fails while one zone has pressure", on(
        manifold="supply dip, leak, leaking, no rise",
        zone_sensors="supply dip, leak, leaking",
        independent="supply dip, leak, leaking",
    ), "that one zone loses air is all that shows; with one sensor even that is unseen while another is filled, which gets nothing"),
    # time, code, files, fingers
    Cause("a zone kept under pressure", everywhere("pressed too long")),
    Cause("a session without end", everywhere("session too long")),
    Cause("ticks late", everywhere("loop overrun", "loop late"), "how late they are decides"),
    Cause("a tick that hangs", everywhere("loop stalled")),
    Cause("a hang", everywhere("watchdog reset")),
    Cause("an exception", everywhere("watchdog reset", "unexplained reset"), "the chip may say that the watchdog did it, or nothing"),
    Cause("a panic, or a reset that nobody wanted", everywhere("unexplained reset")),
    Cause("resets again and again", everywhere("reset storm")),
    Cause("settings damaged", everywhere("settings damaged")),
    Cause("a stored program damaged", everywhere("program damaged")),
    Cause("learned values, record or journal damaged", everywhere("file damaged")),
    Cause("the button held at power-up", everywhere("button held")),
)  # fmt: skip
BY_NAME = {cause.name: cause for cause in CAUSES}


def told(cause: str) -> dict[str, frozenset[str]]:
    """What may be told for it, by topology. KeyError for a cause that is not in the table."""
    return BY_NAME[cause].names


def may_be(name: str) -> str:
    """What one name of the fault table can stand for, most often several parts; where not all topologies: which."""
    found = []
    for cause in CAUSES:
        where = [topology for topology, names in cause.names.items() if name in names]
        if where:
            some = "" if len(where) == len(cause.names) else f" ({', '.join(SHORT[topology] for topology in where)})"
            found.append(cause.name + some)
    return "; ".join(found)


def unseen() -> list[str]:
    """Which causes show nothing on which topology."""
    return [f"{cause.name} ({SHORT[topology]})" for cause in CAUSES for topology, names in cause.names.items() if names == UNSEEN]


def reasons() -> list[tuple[str, str]]:
    """(what is broken, why it has more than one name)."""
    return [(cause.name, cause.why) for cause in CAUSES if cause.why]
