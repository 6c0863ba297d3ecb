"""Presets: sessions that people know by what they come from, as a mode with the range of pressure and time of its source.

Outside of that range a choice is refused. The modes themselves can be started too, within the range of the limits table.
"""

from peristal.core import limits, modes

# name: (mode, (lowest, default, highest) mmHg, (lowest, default, highest) minutes, where the figures come from)
PRESETS = (
    ("easy_run", "sequential", (40, 55, 70), (15, 20, 20), "runners' guide: easy run, the same day"),
    ("intervals", "wave", (60, 70, 90), (20, 20, 25), "runners' guide: series or intervals, within 2-6 h"),
    ("long_run", "sequential", (60, 70, 90), (25, 25, 30), "runners' guide: long run, that afternoon or evening"),
    ("race", "smooth", (50, 60, 80), (20, 25, 30), "runners' guide: race, after rehydrating and eating"),
    ("travel_day", "smooth", (40, 45, 60), (10, 15, 15), "runners' guide: a day of standing or travelling, gentle"),
    ("first_week", "sequential", (40, 45, 60), (20, 20, 20), "runners' guide: first week, find the tolerance"),
    ("review", "sequential", (70, 80, 90), (20, 25, 30), "review of 17 trials (Biology of Sport 2024): 20-30 min at about 80 mmHg"),
    ("soreness", "sequential", (60, 70, 80), (15, 15, 15), "trial on soreness (PM&R 2025): 15 min, again after 24, 48 and 72 h"),
    ("pulse_30", "pulse", (40, 60, 100), (20, 30, 30), "dynamic compression products: 30 min at the pressure that feels right"),
)


def names():
    """Presets, then modes: the order in which a button or an app counts through them."""
    return [row[0] for row in PRESETS] + modes.names()


def find(name):
    """(name, mode, mmHg range, minutes range, source) of a preset or a mode; None for another name."""
    for row in PRESETS:
        if row[0] == name:
            return row
    return plain_row(name, name) if name in modes.names() else None


def plain_row(name, mode):
    """A row without defaults: what was chosen before stays."""
    pressure, minutes = ((limits.lowest(one), None, limits.highest(one)) for one in ("pressure_mmhg", "minutes"))
    return (name, mode, pressure, minutes, "")
