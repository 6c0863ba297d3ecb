"""Pins, PWM channels and timers."""

from __future__ import annotations

from collections.abc import Iterator

from peristal.core import chips
from peristal.core.board import BUZZER_HZ, Board
from peristal.core.board_check import pin_uses
from tools.boards.findings import ERROR, FINE, WARNING, Finding, judged
from tools.boards.pin_facts import STRAPPING, UART, USB, free_pins, reasons

AUDIBLE_HZ = (100, 16000)


def pins(board: Board) -> Iterator[Finding]:
    """Each pin can do what it is used for, is used once, and does nothing of its own at start-up."""
    uses = pin_uses(board)
    taken: dict[int, str] = {}
    good = 0
    for path, pin, use in uses:
        better = _better(board, use, [other for _, other, _ in uses])
        if pin in taken:
            yield Finding(ERROR, path, f"pin {pin} is already used by {taken[pin]}", better)
            continue
        taken[pin] = path
        said = reasons(board.chip, board.psram, pin)
        level = _level(board, pin, use, said)
        if level is None:
            good += 1
        else:
            mind = level == ERROR or use == "adc"  # a sensor's output is at its zero while the chip starts: nothing can be done about that
            yield Finding(level, path, f"pin {pin} {' and '.join(said)}", better if mind else _care(pin, use, board))
    yield Finding(FINE, "pins", f"{good} of {len(uses)} pins have no duties of their own")


def _level(board: Board, pin: int, use: str, said: list[str]) -> str | None:
    facts = chips.CHIPS[board.chip]
    psram = pin in chips.PSRAM.get((board.chip, board.psram), ())
    if pin not in facts[chips.PINS] or psram:
        return ERROR
    if use == "adc":
        if pin not in facts[chips.ADC1]:
            said[:] = [*said, "is not on ADC1 (ADC2 is the radio's)"]
            return ERROR
        return WARNING if pin in STRAPPING[board.chip] else None
    if pin in facts[chips.INPUT_ONLY]:
        return ERROR
    if use == "actuator":
        if pin in facts[chips.NEVER_ACTUATOR]:
            return ERROR
        return WARNING if said else None
    if pin in USB[board.chip]:
        return ERROR
    # a button, an LED or a multiplexer does not mind what the pin does at start-up, but the chip may mind them
    return WARNING if pin in (*STRAPPING[board.chip], *UART[board.chip]) else None


def _better(board: Board, use: str, taken: list[int]) -> str:
    free = free_pins(board.chip, board.psram, use, taken)[:3]
    if free:
        return f"pin {' or '.join(map(str, free))}"
    if use == "adc":
        return "an analog multiplexer (mux) in front of one ADC1 pin"
    return "free one of the others first, or take a chip with more pins"


def _care(pin: int, use: str, board: Board) -> str:
    if use == "input":
        return "leave the button alone while the power comes on" if pin in STRAPPING[board.chip] else "do not use the serial console then"
    if use == "actuator":
        return "a 10 k pull-down at the gate, which keeps it off"
    return "nothing on it that pulls at start-up: an LED or a transistor's base only through its resistor, with a pull-down"


def pwm(board: Board) -> Iterator[Finding]:
    """No more PWM outputs and frequencies than the chip has channels and timers; none that whistles."""
    facts = chips.CHIPS[board.chip]
    parts = [("pump", board.pump), *board.valves()]
    driven = [(path, part.pwm_hz) for path, part in parts if part.drive == "pwm"]
    if board.panel.buzzer_pin is not None:
        driven.append(("panel.buzzer", BUZZER_HZ))
    most = facts[chips.PWM_CHANNELS]
    short_ones = [path for path, part in board.valves() if part.drive == "pwm" and not path.endswith(("exhaust", "vent"))]
    spare = ", ".join(f"{path}.drive='on_off'" for path in short_ones[: max(0, len(driven) - most)]) or "panel.buzzer_pin=None"
    yield judged(len(driven) <= most, "pwm channels", f"{len(driven)} PWM outputs, {board.chip} has {most}", spare)
    used = sorted({hz for _, hz in driven})
    timers = facts[chips.PWM_TIMERS]
    yield judged(
        len(used) <= timers,
        "pwm timers",
        f"{len(used)} frequencies ({', '.join(map(str, used))} Hz), {board.chip} has {timers} timers",
        "one pwm_hz for pump and valves (20000)",
    )
    for path, hz in driven:
        if AUDIBLE_HZ[0] <= hz < AUDIBLE_HZ[1] and path != "panel.buzzer":
            yield Finding(WARNING, f"{path}.pwm_hz", f"{hz} Hz can be heard", "20000")
