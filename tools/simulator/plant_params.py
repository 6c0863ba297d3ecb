"""Parameters of the simulated plant: every field with its unit, documented range and source.

Litres are free air, pressures are gauge mmHg, `c` is the sonic conductance of ISO 6358 in dm3/(s bar).
`lo` and `hi` of a field bound what a healthy, buyable part shows; `tools.simulator.plant_healthy` draws inside them.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import Any, NamedTuple

MODEL = "lumped model of this project"
PARTS = "datasheets of parts that builders buy"
ISO = "ISO 6358"


def _par(default: Any, unit: str, lo: float | None, hi: float | None, source: str, says: str) -> Any:
    return field(default=default, metadata={"unit": unit, "lo": lo, "hi": hi, "source": source, "says": says})


@dataclass(frozen=True)
class ZoneParams:
    """One chamber. Slack up to `v0_l`, then V(P) = v0 + dv (1 - exp(-P/pc)) + k P + slow stretch."""

    v0_l: float = _par(1.0, "L", 0.5, 3.0, MODEL, "volume at which the slack is taken up")
    dv_l: float = _par(0.25, "L", 0.075, 1.05, MODEL, "early stretch, 0.15-0.35 of v0_l")
    pc_mmhg: float = _par(25.0, "mmHg", 15.0, 40.0, MODEL, "pressure scale of the early stretch")
    k_l_per_mmhg: float = _par(0.0008, "L/mmHg", 0.00025, 0.0045, MODEL, "late stretch, 0.0005-0.0015 v0_l")
    beta_l_per_mmhg: float = _par(0.0004, "L/mmHg", 0.000125, 0.001875, MODEL, "slow (viscoelastic) stretch, 2-5 % of v0_l at 80 mmHg")
    tau_s: float = _par(6.0, "s", 3.0, 15.0, MODEL, "time constant of the slow stretch")
    leak_c: float = _par(0.0005, "dm3/(s bar)", 0.00005, 0.0035, MODEL, "leak; a good chamber loses 0.2-2 mmHg in 10 s at 80 mmHg")
    coupling: float = _par(0.05, "1", 0.02, 0.10, MODEL, "share of a neighbour's pressure that appears here")
    thermal: float = _par(0.02, "1", 0.01, 0.03, MODEL, "share by which freshly compressed air reads high at the end of a fill")
    thermal_tau_s: float = _par(0.6, "s", 0.33, 1.0, MODEL, "time constant of that heat; gone after three of them (1-3 s)")
    start_l: float = _par(0.15, "L", 0.05, 0.45, MODEL, "air in the slack chamber at power-on")
    leg: int = _par(0, "index", 0, 1, "design", "leg the zone belongs to; only zones of one leg couple")


@dataclass(frozen=True)
class ValveParams:
    """A 2/2 valve. Line to zone: `zone` i, `to` "line". Exhaust: `zone` i, `to` "air". Vent of the line: `zone` None, `to` "air"."""

    zone: int | None = _par(0, "index", None, None, "design", "zone it serves, None for the vent of the line")
    to: str = _par("line", "line|air", None, None, "design", "what the zone (or the line) is connected with")
    c: float = _par(0.5, "dm3/(s bar)", 0.2, 1.0, PARTS, "sonic conductance of a 12 V poppet valve, 2.5-4 mm")
    b: float = _par(0.3, "1", 0.2, 0.5, ISO, "critical pressure ratio")
    rest_open: bool = _par(True, "bool", None, None, PARTS, "True: normally open, the state without current")
    volts: float = _par(12.0, "V", 5.0, 12.0, PARTS, "rated coil voltage")
    pull_in_share: float = _par(0.7, "of volts", 0.6, 0.8, PARTS, "mean coil voltage needed to pull in")
    release_share: float = _par(0.25, "of volts", 0.15, 0.3, PARTS, "drops out below; about 36 % of the pull-in voltage")
    on_s: float = _par(0.012, "s", 0.005, 0.020, MODEL, "from enough voltage to the new position")
    off_s: float = _par(0.020, "s", 0.005, 0.050, MODEL, "from too little voltage to the rest position")
    coil_a: float = _par(0.4, "A", 0.3, 0.6, PARTS, "coil current at rated voltage")


@dataclass(frozen=True)
class PumpParams:
    """Diaphragm pump: q = q0 g(u) max(0, 1 - P/stall), g = (u - u0)/(1 - u0) once spun up."""

    q0_l_min: float = _par(15.0, "NL/min", 1.8, 20.0, PARTS, "free flow at full duty and rated supply")
    stall_mmhg: float = _par(600.0, "mmHg", 350.0, 900.0, PARTS, "pressure at which the flow ends")
    u0: float = _par(0.3, "1", 0.2, 0.75, MODEL, "duty below which it does not turn")
    spin_up_s: float = _par(0.1, "s", 0.05, 0.15, MODEL, "from standstill to full speed")
    coast_s: float = _par(0.1, "s", 0.05, 0.20, MODEL, "from full speed to standstill")
    ripple_mmhg: float = _par(2.0, "mmHg", 1.0, 3.0, MODEL, "amplitude of the ripple on the line at full speed")
    ripple_hz: float = _par(60.0, "Hz", 40.0, 80.0, MODEL, "frequency of that ripple")
    run_a: float = _par(1.2, "A", 0.2, 2.0, PARTS, "current at full speed")
    inrush: float = _par(3.0, "of run_a", 2.0, 4.0, PARTS, "current at standstill with full voltage")


@dataclass(frozen=True)
class SupplyParams:
    """The 12 V side: source, its resistance, the charge-pump enable and the mechanical relief valve on the line."""

    volts: float = _par(12.0, "V", 11.4, 12.6, "12 V supply, 5 %", "open-circuit voltage")
    r_ohm: float = _par(0.1, "ohm", 0.02, 0.15, "estimate: supply, cable and connector; coils must still pull in", "source resistance")
    has_enable: bool = _par(True, "bool", None, None, "design", "12 V only while the enable pin is toggled")
    enable_hold_s: float = _par(0.1, "s", 0.03, 0.1, "safety figures of this project", "12 V goes off this long after the last edge")
    relief_mmhg: float | None = _par(170.0, "mmHg", 150.0, 200.0, "safety figures of this project", "begins to open; None: none fitted")
    relief_c: float = _par(0.7, "dm3/(s bar)", 0.5, 1.0, "must pass the pump's whole flow", "relief fully open, at 1.1 of relief_mmhg")


@dataclass(frozen=True)
class SensorParams:
    """Linear pressure sensor behind a divider; `zone` None: it sits on the line."""

    zone: int | None = _par(None, "index", None, None, "design", "zone it measures, None for the line")
    zero_mv: float = _par(500.0, "mV", 88.0, 525.0, PARTS, "output at 0 mmHg, before the divider")
    full_mv: float = _par(4500.0, "mV", 4500.0, 4700.0, PARTS, "output at range_mmhg, before the divider")
    range_mmhg: float = _par(300.0, "mmHg", 300.0, 750.0, PARTS, "pressure at full_mv (40 kPa is 300 mmHg)")
    divider: float = _par(0.5, "1", 0.4, 1.0, PARTS, "share of the output that reaches the pin")
    gain: float = _par(1.0, "1", 0.98, 1.02, MODEL, "gain error")
    offset_mmhg: float = _par(0.0, "mmHg", -3.0, 3.0, MODEL, "offset error")
    noise_mv: float = _par(0.0, "mV", 0.0, 2.0, "estimate: ratiometric sensor after 100 nF", "rms noise of the sensor itself at the pin")


@dataclass(frozen=True)
class MovementParams:
    """What the limb does to the inflated zones of one leg: steps at random times, and the pulse."""

    on: bool = _par(False, "bool", None, None, "design", "False: the limb is still and pulseless")
    mean_gap_s: float = _par(20.0, "s", 5.0, 120.0, "estimate: a person sitting", "mean time between movements")
    min_mmhg: float = _par(5.0, "mmHg", 5.0, 20.0, MODEL, "smallest step")
    max_mmhg: float = _par(20.0, "mmHg", 5.0, 20.0, MODEL, "largest step")
    min_s: float = _par(0.2, "s", 0.2, 2.0, MODEL, "shortest step")
    max_s: float = _par(2.0, "s", 0.2, 2.0, MODEL, "longest step")
    pulse_mmhg: float = _par(0.3, "mmHg", 0.1, 0.5, MODEL, "amplitude of the pulse")
    pulse_hz: float = _par(1.0, "Hz", 0.8, 1.5, MODEL, "heart rate")


@dataclass(frozen=True)
class PlantParams:
    """A whole plant; `zones`, `valves` and `sensors` are addressed by their index."""

    line_l: float = _par(0.05, "L", 0.02, 0.1, MODEL, "volume of the line (manifold and hose)")
    line_leak_c: float = _par(0.0002, "dm3/(s bar)", 0.0, 0.001, "estimate: push-in fittings", "leak of the line")
    zones: tuple[ZoneParams, ...] = ()
    valves: tuple[ValveParams, ...] = ()
    pump: PumpParams = PumpParams()
    supply: SupplyParams = SupplyParams()
    sensors: tuple[SensorParams, ...] = ()
    movement: MovementParams = MovementParams()

    def __post_init__(self) -> None:
        """Raises ValueError for a valve or sensor that leads nowhere."""
        for v, valve in enumerate(self.valves):
            if valve.to not in ("line", "air") or (valve.zone is None and valve.to == "line"):
                raise ValueError(f"valve {v}: to {valve.to!r} from zone {valve.zone} is no path")
        for name, parts in (("valve", self.valves), ("sensor", self.sensors)):
            for index, part in enumerate(parts):
                if part.zone is not None and not 0 <= part.zone < len(self.zones):
                    raise ValueError(f"{name} {index}: no zone {part.zone}")


class Row(NamedTuple):
    """One parameter as the documents list it; `min` and `max` are None where only the wiring decides."""

    name: str
    unit: str
    min: float | None
    default: Any
    max: float | None
    source: str
    says: str


PARTS_OF_A_PLANT = {
    "zone": ZoneParams, "valve": ValveParams, "pump": PumpParams, "supply": SupplyParams,
    "sensor": SensorParams, "movement": MovementParams, "plant": PlantParams,
}  # fmt: skip

TABLE: tuple[Row, ...] = tuple(
    Row(f"{part}.{f.name}", f.metadata["unit"], f.metadata["lo"], f.default, f.metadata["hi"], f.metadata["source"], f.metadata["says"])
    for part, cls in PARTS_OF_A_PLANT.items()
    for f in fields(cls)
    if f.metadata and f.default is not MISSING
)
