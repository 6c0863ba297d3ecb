"""The wearer's profile: last choices, cap, trims, skipped zones and how many sessions went well."""

from peristal.core import faults

PATH = "profile.json"
STEPS = ()
NOTICE = faults.SETTINGS_DAMAGED
CHOSEN = ("program", "pressure_mmhg", "minutes", "quiet")


def restore(data, session):
    """Puts back what was stored; a value that is out of its range is left at its default."""
    session.wearer.recall(data)
    for name in CHOSEN:
        session.choose(eased=True, **{name: data.get(name)})


def dump(session):
    """What restore() takes."""
    data = session.wearer.profile()
    for name in CHOSEN:
        data[name] = getattr(session, name)
    return data
