"""From the sources to a device that runs them: build, copy, install MicroPython, backup and restore."""
