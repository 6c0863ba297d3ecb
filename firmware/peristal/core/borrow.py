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


def shed(one, kept):
    """What is built once, when the device starts, gives its constructor back: this object's, and that of all it is made of.

    kept: classes that are left as they are; those that were seen come to them.
    """
    kind = type(one)
    if kind in kept or not hasattr(one, "__dict__"):
        return
    kept.append(kind)
    for owner in (kind,) + kind.__bases__:
        if "__init__" in owner.__dict__ and owner is not object:
            owner.__init__ = None  # pyright: ignore[reportAttributeAccessIssue]  (del would leave it in the class's table)
    for value in one.__dict__.values():
        for part in value if isinstance(value, list) else (value,):
            shed(part, kept)


def text_at(place, *values):
    """A text that the linker has put into a file of its own, with `% values[0]` where there are any. It raises nothing.

    place: the byte in the file where its line begins.
    """
    try:
        with open("peristal/texts.txt", "rb") as file:
            file.seek(place)
            text = file.readline()[:-1].decode()
        return text % values[0] if values else text
    except Exception as error:  # it is only said; what is being done goes on
        return "text %d %s (%s)" % (place, values, error)
