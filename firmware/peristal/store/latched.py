"""The latched fault, kept over a restart: only a person at the button clears it."""

from peristal.core import faults
from peristal.core.units import NONE

PATH = "latched.json"
STEPS = ()
NOTICE = faults.FILE_DAMAGED


def restore(data, guard):
    """Latches again what was latched."""
    fault, zone = data.get("fault"), data.get("zone")
    if isinstance(fault, int) and isinstance(zone, int) and 0 < fault < faults.FIRST_NOTICE and faults.rank(fault) == faults.VENT:
        guard.latch(fault, zone if 0 <= zone < guard.net.n_zones else NONE)
        guard.changed = False


def dump(guard):
    """What restore() takes."""
    return {"fault": guard.fault, "zone": guard.fault_zone}
