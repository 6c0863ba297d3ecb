"""The `machine` module: its classes bound to one chip for one start-up, the functions, the constants."""

from types import ModuleType
from typing import Any

from tools.simulator.fake_adc import ADC
from tools.simulator.fake_pin import Pin, need_int
from tools.simulator.fake_pwm import PWM, Tables
from tools.simulator.fake_timer import RTC, WDT, Timer
from tools.simulator.tape import INPUTS

PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5
UNIQUE_ID = bytes.fromhex("24a160c0ffee")
CPU_FREQUENCIES_HZ = (20_000_000, 40_000_000, 80_000_000, 160_000_000, 240_000_000)


def _bound(fake: type, **attributes: Any) -> Any:
    return type(fake.__name__, (fake,), {"__slots__": (), **attributes})


def build(chip: Any) -> ModuleType:
    """A fresh `machine` module. Only what the ESP32 port has is in it: anything else is an AttributeError."""
    machine: Any = ModuleType("machine")
    machine.Pin = _bound(Pin, _chip=chip, _pins={})
    chip.pwm_tables = Tables(chip)
    machine.PWM = _bound(PWM, _chip=chip, _tables=chip.pwm_tables, _pin_type=machine.Pin)
    machine.ADC = _bound(ADC, _chip=chip, _pin_type=machine.Pin)
    machine.Timer = _bound(Timer, _chip=chip, _timers={})
    machine.WDT = _bound(WDT, _chip=chip)
    machine.RTC = _bound(RTC, _chip=chip)
    machine.PWRON_RESET, machine.HARD_RESET, machine.WDT_RESET = PWRON_RESET, HARD_RESET, WDT_RESET
    machine.DEEPSLEEP_RESET, machine.SOFT_RESET = DEEPSLEEP_RESET, SOFT_RESET
    chip.pin_objects = machine.Pin._pins

    def reset() -> None:
        chip.check_alive()
        chip.reset(HARD_RESET)

    def soft_reset() -> None:
        raise SystemExit

    def reset_cause() -> int:
        chip.check_alive()
        if chip.tape is not None:
            chip.tape.given(INPUTS["RESET_CAUSE"], chip.cause)
        return chip.cause

    def unique_id() -> bytes:
        return UNIQUE_ID

    def freq(*hz: Any) -> int | None:
        if not hz:
            return chip.cpu_hz
        if need_int(hz[0]) not in CPU_FREQUENCIES_HZ:
            raise ValueError("frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or 240MHz")
        chip.cpu_hz = hz[0]
        return None

    def idle() -> None:
        chip.advance(1)

    def disable_irq() -> int:
        chip.check_alive()
        state, chip.irq_off = int(chip.irq_off), True
        return state

    def enable_irq(state: int) -> None:
        chip.check_alive()
        chip.irq_off = bool(need_int(state))
        chip.enter_c()
        chip.leave_c()

    for function in (reset, soft_reset, reset_cause, unique_id, freq, idle, disable_irq, enable_irq):
        setattr(machine, function.__name__, function)
    return machine
