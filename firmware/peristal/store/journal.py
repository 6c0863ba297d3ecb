"""The journal on the flash, for when the power goes; through a reset it lives on in RTC memory, which is the newer one then."""

from peristal.core import faults

PATH = "journal.json"
STEPS = ()
NOTICE = faults.FILE_DAMAGED


def restore(numbers, journal, alive):
    """Puts the stored rows back unless RTC memory has them (alive)."""
    if not alive:
        journal.restore(numbers)


def dump(journal, alive):
    """What restore() takes."""
    return journal.dump()
