"""The words of a board file: each part checks its own keys and values when it is built.

A field is (lowest, highest, default) for a whole number, (choices, None, default) for a word, (class, None, default) for a
part or a tuple of parts. Units are in the names. A default of REQUIRED means the board file must say it.
"""

REQUIRED = "required"


class BoardError(ValueError):
    """A board file says something that is not allowed; the text names the field and what is."""


def _allowed(field):
    kind, high, _ = field
    if isinstance(kind, tuple):
        return "one of " + ", ".join([repr(word) for word in kind])
    if isinstance(kind, int):
        return "%d to %d" % (kind, high)
    return "text" if kind is str else kind.__name__


def _fits(value, field):
    kind, high, _ = field
    if isinstance(kind, tuple):
        return value in kind
    if isinstance(kind, int):
        return isinstance(value, int) and kind <= value <= high
    if high == "many":
        if not isinstance(value, tuple):
            return False
        for one in value:
            if not isinstance(one, kind):
                return False
        return True
    return isinstance(value, kind)


class Part:
    """One part of a board. Raises BoardError for an unknown key, a missing one, or a value out of its range."""

    FIELDS = {}

    def __init__(self, **given):
        part = type(self).__name__
        for key in given:
            if key not in self.FIELDS:
                raise BoardError("%s: unknown key %r; allowed: %s" % (part, key, ", ".join(sorted(self.FIELDS))))
        for key, field in self.FIELDS.items():
            value = given.get(key, field[2])
            if value is REQUIRED:
                raise BoardError("%s.%s: missing; allowed: %s" % (part, key, _allowed(field)))
            if not (value is None and field[2] is None) and not _fits(value, field):
                raise BoardError("%s.%s: %r is not allowed; allowed: %s" % (part, key, value, _allowed(field)))
            setattr(self, key, value)

    def __getattr__(self, key):
        raise AttributeError("%s has no %r" % (type(self).__name__, key))


class Supply(Part):
    """The 12 V supply, its enable (a charge pump that the control tick toggles) and the mechanical relief valve."""

    FIELDS = {
        "voltage_mv": (5000, 24000, 12000),
        "current_ma": (500, 20000, REQUIRED),
        "enable_pin": (0, 48, None),
        "relief_mmhg": (145, 250, None),
    }


class Pump(Part):
    """The pump on its PWM pin; flow and stall from its datasheet, current at full duty."""

    FIELDS = {
        "pin": (0, 48, REQUIRED),
        "drive": (("pwm", "on_off"), None, "pwm"),
        "pwm_hz": (50, 40000, 20000),
        "flow_ml_min": (1000, 40000, REQUIRED),
        "stall_mmhg": (200, 1500, REQUIRED),
        "min_duty_permille": (0, 900, 250),
        "current_ma": (100, 5000, REQUIRED),
        "soft_start_ms": (0, 1000, 120),
        "spin_up_ms": (0, 500, 100),
        "coast_ms": (0, 500, 150),
        "max_run_s": (5, 90, 90),
        "max_on_s_per_10_min": (30, 600, 600),
    }


class Valve(Part):
    """A 2/2 solenoid valve: its state with the coil off, its coil, its conductance C in mL/(s bar) and its delays."""

    FIELDS = {
        "pin": (0, 48, REQUIRED),
        "rest": (("open", "closed"), None, REQUIRED),
        "drive": (("pwm", "on_off"), None, "pwm"),
        "pwm_hz": (50, 40000, 20000),
        "current_ma": (50, 3000, REQUIRED),
        "pull_in_ms": (20, 500, 100),
        "hold_permille": (380, 1000, 500),
        "continuous_mw": (500, 20000, 5000),
        "refresh_s": (5, 300, 30),
        "c_ml_s_bar": (20, 5000, REQUIRED),
        "on_ms": (1, 200, 20),
        "off_ms": (1, 200, 50),
    }


class Sensor(Part):
    """A pressure sensor: output zero_mv at 0 and full_mv at range_pa, behind a divider, on an ADC pin or a mux channel."""

    FIELDS = {
        "pin": (0, 48, None),
        "mux_channel": (0, 15, None),
        "zero_mv": (0, 3000, REQUIRED),
        "full_mv": (500, 5500, REQUIRED),
        "range_pa": (20000, 200000, REQUIRED),
        "zero_error_mv": (1, 500, 40),
        "rail_mv": (1800, 5500, 5000),
        "divider_permille": (100, 1000, 1000),
        "divider_kohm": (5, 2000, 200),
        "most_load_ua": (10, 5000, 100),
    }


class Mux(Part):
    """An analog multiplexer in front of one ADC pin; select_pins from the lowest bit up."""

    FIELDS = {"pin": (0, 48, REQUIRED), "select_pins": (int, "many", REQUIRED), "settle_us": (1, 2500, 20)}


class Line(Part):
    """The manifold between pump and valves: its volume, its ceiling, its vent and its sensor."""

    FIELDS = {
        "volume_ml": (5, 300, 50),
        "ceiling_mmhg": (100, 160, 140),
        "vent": (Valve, None, None),
        "sensor": (Sensor, None, None),
    }


class Zone(Part):
    """One chamber. On a manifold it has a valve to the line, on an independent board an inlet and an exhaust."""

    FIELDS = {
        "volume_ml": (100, 5000, REQUIRED),
        "valve": (Valve, None, None),
        "inlet": (Valve, None, None),
        "exhaust": (Valve, None, None),
        "sensor": (Sensor, None, None),
    }


class Leg(Part):
    """One sleeve with its zones, zone 1 at the foot."""

    FIELDS = {"name": (str, None, REQUIRED), "zones": (Zone, "many", REQUIRED)}


class Panel(Part):
    """Buttons (to ground, with the chip's pull-up), LED and buzzer."""

    FIELDS = {
        "button_pin": (0, 48, REQUIRED),
        "led_pin": (0, 48, REQUIRED),
        "led": (("plain", "neopixel"), None, "plain"),
        "buzzer_pin": (0, 48, None),
        "plus_pin": (0, 48, None),
        "minus_pin": (0, 48, None),
        "program_pin": (0, 48, None),
    }
