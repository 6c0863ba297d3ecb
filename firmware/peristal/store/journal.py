"""The journal on the flash, for when the power goes; through a reset it lives on in RTC memory, which is the newer one then."""

from peristal.core import faults

PATH = "journal.json"
STEPS = ()


def add(shelf, journal, alive):
    """Puts the stored rows back unless RTC memory has them (alive), and keeps them from now on."""

    def restore(numbers):
        if not alive:
            journal.restore(numbers)

    shelf.add(PATH, journal, restore, journal.dump, faults.FILE_DAMAGED, STEPS)
