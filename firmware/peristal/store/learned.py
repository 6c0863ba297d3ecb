"""What the zones have shown of themselves, kept for the next session on the same board.

The file carries the board's identity: figures of other pumps, valves or sleeves would be worse than none.
"""

import binascii
from array import array

from peristal.core import faults

PATH = "learned.json"
COLUMNS = ("over_pa", "over_at_pa", "rate_pa_s", "relief_permille")


def _forgotten(data):
    """Schema 1 held the drop at full duty, schema 2 that at the pump's free flow: it is learned anew."""
    data["board"] = None
    return data


def _with_reliefs(data):
    """Schema 2 did not hold what a relief lets out: 0 is no time, and not believed."""
    data["relief_permille"] = [0] * len(data["over_pa"])
    return data


STEPS = (_forgotten, _with_reliefs)
NOTICE = faults.FILE_DAMAGED


def identity(net):
    """A checksum over the figures of the board that what was learned depends on."""
    pump = net.board.pump
    figures = [net.board.name, pump.flow_ml_min, pump.stall_mmhg, pump.min_duty_permille, net.board.line.volume_ml]
    figures += [zone.volume_ml for zone in net.zones] + [valve.c_ml_s_bar for valve in net.valves]
    return binascii.crc32(repr(figures).encode())


def restore(data, learned, net):
    """Puts the stored figures back when they are this board's and within their bounds (else all stays unlearned)."""
    if data.get("board") != identity(net):
        return
    columns = [array("i", data[name]) for name in COLUMNS]  # raises for what are no whole numbers
    for column in columns:
        if len(column) != net.n_zones:
            raise ValueError("not %d zones" % net.n_zones)
    for zone in net.each_zone:
        learned.recall(zone, *[column[zone] for column in columns])


def dump(learned, net):
    """What restore() takes."""
    data = {name: list(getattr(learned, name)) for name in COLUMNS}
    data["board"] = identity(net)
    return data
