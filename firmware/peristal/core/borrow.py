"""Modules that no session needs: read from the flash when they are asked for, forgotten right after.

Code loaded from files lies in the heap, and a classic ESP32 has too little for all of it at once. What is borrowed lives as long as
somebody holds it (a generator, an object of its classes), so it may keep no state, and its classes are others the next time.
"""

import sys


def forget(name):
    """Module peristal.<name> and what it took of the heap. It can be imported anew."""
    package, _, leaf = name.rpartition(".")
    parent = sys.modules.get("peristal." + package)
    sys.modules.pop("peristal." + name, None)
    if hasattr(parent, leaf):
        delattr(parent, leaf)


def borrow(name):
    """Module peristal.<name>; it and what it imported is forgotten already, unless it was there before."""
    before = list(sys.modules)
    try:
        return __import__("peristal." + name, None, None, ("__name__",))
    finally:
        for one in list(sys.modules):
            if one.startswith("peristal.") and one not in before:
                forget(one[9:])
