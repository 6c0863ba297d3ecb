"""`esp32` in the VM: the chip's temperature, by both of the names it has; it is not on the tape and always the same."""


def raw_temperature():
    return 113  # degrees F


def mcu_temperature():
    return 45  # degrees C
