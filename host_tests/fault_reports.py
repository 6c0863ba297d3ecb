"""What the firmware says of itself, in the fault table's own names: the latched fault, notices, zones left out."""

from __future__ import annotations

from functools import cache
from typing import Any

from peristal.core import faults
from peristal.core.fault_words import WORDS
from peristal.core.units import NONE

NEUTRAL = frozenset(("not reached", "cycle cut short", "relieved", "cycle stretched", "zone left out"))
"""Notices that name no fault: they come in healthy sessions, or beside the name."""


@cache
def _name(number: int) -> str:
    """The firmware's own name; it borrows its table from the flash each time, and a judge asks every tick."""
    return faults.name(number)


def fault_now(app: Any) -> str:
    """Name of the latched fault, or of that which ends the session, or for which a zone gets no more air; or empty."""
    guard = app.guarding
    number = guard.fault or guard.stopping or next((fault for fault in guard.left_out if fault), faults.OK)
    return "" if number == faults.OK else _name(number)


def zone_now(app: Any) -> int | None:
    """The zone that fault_now() speaks of, None where it speaks of none."""
    guard = app.guarding
    if guard.fault or guard.stopping:
        return None if guard.fault_zone == NONE or not guard.fault else guard.fault_zone
    return next((zone for zone, fault in enumerate(guard.left_out) if fault), None)


def latched_name(app: Any) -> str:
    """Name of the fault that vented everything, or empty."""
    return _name(app.guarding.fault) if app.guarding.fault else ""


def latched(app: Any) -> bool:
    """Whether everything has to be off."""
    return app.guarding.fault != faults.OK or app.guarding.suspect != faults.OK


def notices_now(app: Any) -> set[str]:
    """Names of the notices of this session, neutral ones left out, and why zones are left out or a controlled stop is due."""
    guard = app.guarding
    zones = {_name(number) for number in (*guard.left_out, guard.stopping) if number}
    return ({_name(number) for number in faults.numbers(app.session.notices)} | zones) - NEUTRAL


def known() -> set[str]:
    """Every name of the tables."""
    return {name for _, name, _ in WORDS}
