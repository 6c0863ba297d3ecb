"""A stand-in for org.bluez on a private D-Bus, before the unmodified firmware on the simulated radio.

Unmodified programs that use BlueZ (bleak, Chromium's Web Bluetooth) take it for the real one when they are started with
DBUS_SYSTEM_BUS_ADDRESS set to its address. What it does is what BlueZ 5.66 does, where that matters to a client:
bonded devices are encrypted as soon as they are connected, touching a protected characteristic begins to pair, the services vanish with
the link, what was read is told like a notification. It is stricter in one thing: one operation of a device at a time, a second one is
answered with InProgress, as Android and Chromium do it.
"""

from host_tests.bluez.rig import Bluez, environment

__all__ = ["Bluez", "environment"]
