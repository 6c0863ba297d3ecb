"""What ends a run of the firmware from outside it. None of these is an Exception: firmware cannot catch them (see loader.py)."""


class PowerOff(BaseException):
    """The chip lost its supply, or the host script has seen enough: `Chip.run()` returns."""


class ChipReset(BaseException):
    """The chip starts again. `cause` is what machine.reset_cause() will say."""

    def __init__(self, cause: int) -> None:
        super().__init__(cause)
        self.cause = cause


class Inject(BaseException):
    """Raised by a host event: the exception `error` appears in the firmware, out of the call in which the event fell."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


class HostError(BaseException):
    """Something of the host (an event, the wiring, the plant) failed.

    `Chip.run()` raises the cause instead of letting firmware swallow it.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


SIGNALS = (PowerOff, ChipReset, HostError)
