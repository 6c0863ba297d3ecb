"""The wearer's profile: last choices, cap, trims, skipped zones and how many sessions went well."""

from peristal.core import faults

PATH = "profile.json"
STEPS = ()
CHOSEN = ("program", "pressure_mmhg", "minutes", "quiet")


def add(shelf, session):
    """Puts back what was stored (each value that is out of its range is left at its default) and keeps it from now on."""

    def restore(data):
        session.wearer.recall(data)
        for name in CHOSEN:
            session.choose(eased=True, **{name: data.get(name)})

    def dump():
        data = session.wearer.profile()
        for name in CHOSEN:
            data[name] = getattr(session, name)
        return data

    shelf.add(PATH, session.wearer, restore, dump, faults.SETTINGS_DAMAGED, STEPS)
