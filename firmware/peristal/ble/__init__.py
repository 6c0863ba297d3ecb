"""Bluetooth: the only rooms that know the radio. Who may do what is decided here, for each link."""


def make_radio(shelf, console, slow):
    """The radio, or None where this MicroPython has none."""
    try:
        import bluetooth  # noqa: F401
    except ImportError:
        return None
    from peristal.ble.radio import Radio

    return Radio(shelf, console, slow)
