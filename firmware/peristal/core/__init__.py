"""Pure logic: integers only, no hardware; runs the same on CPython and MicroPython."""
