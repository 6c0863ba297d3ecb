"""What the zones have shown of themselves, kept for the next session on the same board.

The file carries the board's identity: figures of other pumps, valves or sleeves would be worse than none.
"""

import binascii

from peristal.store import files

PATH = "learned.json"
SCHEMA = 1


def identity(net):
    """A checksum over the figures of the board that what was learned depends on."""
    pump = net.board.pump
    figures = [net.board.name, pump.flow_ml_min, pump.stall_mmhg, pump.min_duty_permille, net.board.line.volume_ml]
    figures += [zone.volume_ml for zone in net.zones] + [valve.c_ml_s_bar for valve in net.valves]
    return binascii.crc32(repr(figures).encode())


def restore(learned, net):
    """Puts the stored figures back when they are this board's and within their bounds; else everything stays unlearned."""
    stored = files.load(PATH, SCHEMA)
    if not isinstance(stored, dict) or stored.get("board") != identity(net):
        return
    columns = []
    for name in ("over_pa", "over_at_pa", "rate_pa_s"):
        column = stored.get(name)
        if not isinstance(column, list) or len(column) != net.n_zones or not all([isinstance(value, int) for value in column]):
            return
        columns.append(column)
    for zone in range(net.n_zones):
        learned.recall(zone, columns[0][zone], columns[1][zone], columns[2][zone])


def store(learned, net):
    """Stores them; call only while everything is vented (a flash write stalls the chip)."""
    files.save(
        PATH,
        SCHEMA,
        {
            "board": identity(net),
            "over_pa": list(learned.over_pa),
            "over_at_pa": list(learned.over_at_pa),
            "rate_pa_s": list(learned.rate_pa_s),
        },
    )
