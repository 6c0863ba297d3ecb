"""The simulated plant: supply, pump, line, valves, chambers and sensors under virtual time.

It knows nothing of chip, board or firmware. `advance` is lazy: it only notes the time until the next step is due (5 ms
while air moves fast, 20 ms when all is still), so calling it before every sensor read costs next to nothing. What is
read is at most that much old; whatever is driven takes effect at its exact time.
"""

from __future__ import annotations

from random import Random
from typing import Any

from tools.simulator.plant_air import Air
from tools.simulator.plant_chambers import Chambers
from tools.simulator.plant_drive import Drive
from tools.simulator.plant_limb import Limb
from tools.simulator.plant_orifice import PA_MMHG
from tools.simulator.plant_params import PlantParams
from tools.simulator.plant_sensors import Sensors

FINE_S, MIDDLE_S, COARSE_S = 0.005, 0.010, 0.020
FAST_MMHG_S, SLOW_MMHG_S = 20.0, 0.5
"""Pressures that change faster need the fine step; slower than the second, the coarse one will do."""


class Plant:
    """Deterministic for one seed and one sequence of calls.

    Read, never write: `t_s`, `line_mmhg`, `zone_mmhg[i]` (true pressure at the skin side of the hose), `valve_open[v]`,
    `supply_volts`, `pump_flow_l_s`, `air_l[i]` (free air in a zone).
    Fault hooks, felt within 20 ms:
    - valves: `valve_stuck[v]` (None, "open", "closed"), `valve_share[v]` (what is left of its conductance, 0 to 1),
      `valve_extra_c[v]` (what its seat lets through while shut, dm3/(s bar)), `coil_of[v]` (the valve that really sits on the pin of v)
    - air: `leak_c[i]`, `zone_unplugged[i]`, `zone_kinked[i]` (nothing passes its hose), `loosen(i, l)`, `relief_stuck` (as valves)
    - pump and supply: `pump_stuck_on`, `pump_share` (of its flow), `supply_share` (of its volts), `cut_supply()`
    - sensors: `sensor_fault[j]` (None, "open", "short", "frozen"), `sensor_error[j]` (share, mmHg: what it makes of a pressure)
    - limb: `squeeze_mmhg[leg]` (someone sits on it)
    """

    def __init__(self, params: PlantParams, seed: int = 0) -> None:
        self.params = params
        self.t_s = 0.0
        self.valve_open = [v.rest_open for v in params.valves]
        self.valve_stuck: list[str | None] = [None] * len(params.valves)
        self.valve_share = [1.0] * len(params.valves)
        self.valve_extra_c = [0.0] * len(params.valves)
        self.coil_of = list(range(len(params.valves)))
        self.zone_unplugged = [False] * len(params.zones)
        self.zone_kinked = [False] * len(params.zones)
        self._limb = Limb(params.movement, 1 + max((z.leg for z in params.zones), default=0), Random(seed))
        self._drive = Drive(params)
        self._chambers = chambers = Chambers(params.zones, self._limb.mmhg)
        self._air = Air(params, chambers)
        self._sensors = Sensors(params, seed, chambers.mmhg, self._air, self._drive)
        self.zone_mmhg = chambers.mmhg
        self.air_l = chambers.air_l
        self.leak_c = self._air.leak_c
        self.sensor_fault = self._sensors.fault
        self.sensor_error = self._sensors.error
        self.squeeze_mmhg = self._limb.squeeze_mmhg
        self._free_l_s = params.pump.q0_l_min / 60.0
        self._t = 0.0
        self._slow_t = 0.0
        self._h = FINE_S
        self._due = 0.0
        self._stood: tuple[list[Any], ...] = ()  # what the valves' positions were last found from
        self._passes: list[float] = []
        self._events(0.0)

    def drive_pump(self, duty: float) -> None:
        """Duty 0..1 at the pump's pin, from now on."""
        if duty != self._drive.pump_duty:
            self._catch_up(self.t_s)
            self._drive.pump_duty = duty
            self._changed()

    def drive_valve(self, v: int, duty: float) -> None:
        """Duty 0..1 at the pin of valve `v`, from now on."""
        v = self.coil_of[v]
        if duty != self._drive.duties[v]:
            self._catch_up(self.t_s)
            self._drive.duties[v] = duty
            self._changed()

    def enable_edge(self) -> None:
        """An edge of the charge-pump pin."""
        drive = self._drive
        if drive.live and self.t_s < drive.expiry_s():
            drive.last_edge_s = self.t_s
            return
        self._catch_up(self.t_s)
        drive.last_edge_s = self.t_s
        self._changed()

    def cut_supply(self, cut: bool) -> None:
        """True: the 12 V of pump and coils is gone; False: it is back."""
        self._catch_up(self.t_s)
        self._drive.cut = cut
        self._changed()

    def loosen(self, zone: int, more_l: float) -> None:
        """A chamber has `more_l` litres more room than it should (an open zip, an empty sleeve); it stays so."""
        self._catch_up(self.t_s)
        self._chambers.loosen(zone, more_l)
        self._changed()

    def pin_mv(self, sensor: int) -> float:
        """Millivolts of a sensor at the ADC pin, with the sensor's own noise but without that of the ADC."""
        return self._sensors.pin_mv(sensor, self.t_s)

    def charge(self, mmhg: float, zone: int | None = None) -> None:
        """Puts a zone, or the line, at a pressure from now on: the start of a scenario that begins inflated."""
        self._catch_up(self.t_s)
        if zone is None:
            self._air.line_mmhg = mmhg
        else:
            self._chambers.charge(zone, mmhg)
        self._changed()

    def free_air_l(self) -> float:
        """All air in line and zones, in litres at ambient pressure."""
        return self.params.line_l * (1.0 + self._air.line_mmhg / PA_MMHG) + sum(self.air_l)

    def advance(self, dt_s: float) -> None:
        """Moves everything on by `dt_s` seconds."""
        t = self.t_s + dt_s
        self.t_s = t
        if t >= self._due - 1e-9:
            self._catch_up(t)

    def sync(self) -> None:
        """Brings every reading to `t_s` exactly, for a caller that compares figures."""
        self._catch_up(self.t_s)

    @property
    def line_mmhg(self) -> float:
        """Pressure of the line without the pump's ripple."""
        return self._air.line_mmhg

    @property
    def pump_flow_l_s(self) -> float:
        """What the pump delivers against the line, free air."""
        return self._air.pump_flow_l_s

    @property
    def supply_volts(self) -> float:
        """Volts at pump and coils; 0 while cut or not enabled."""
        return self._drive.volts

    @property
    def relief_stuck(self) -> str | None:
        """Fault of the relief valve: None, "open" or "closed"."""
        return self._air.relief_stuck

    @relief_stuck.setter
    def relief_stuck(self, stuck: str | None) -> None:
        self._air.relief_stuck = stuck

    @property
    def pump_stuck_on(self) -> bool:
        """Fault: the pump's switch is shorted, it runs whenever the 12 V is there."""
        return self._drive.pump_stuck_on

    @pump_stuck_on.setter
    def pump_stuck_on(self, stuck: bool) -> None:
        self._catch_up(self.t_s)
        self._drive.pump_stuck_on = stuck
        self._changed()

    @property
    def pump_share(self) -> float:
        """What is left of the pump's flow: 1 when it is healthy."""
        return self._free_l_s / (self.params.pump.q0_l_min / 60.0)

    @pump_share.setter
    def pump_share(self, share: float) -> None:
        self._catch_up(self.t_s)
        self._free_l_s = self.params.pump.q0_l_min / 60.0 * share
        self._sensors.strokes = share
        self._changed()

    @property
    def supply_share(self) -> float:
        """What is left of the source's voltage: below the valves' release voltage they drop out."""
        return self._drive.volts_share

    @supply_share.setter
    def supply_share(self, share: float) -> None:
        self._catch_up(self.t_s)
        self._drive.volts_share = share
        self._changed()

    def _catch_up(self, target: float) -> None:
        """Steps from `_t`, where the state stands, to `target`; no step spans an event."""
        drive, limb, air = self._drive, self._limb, self._air
        t = self._t
        while t < target - 1e-9:
            limit = drive.next_event_s()
            if self._slow_t < limit:
                limit = self._slow_t
            if limb.next_event_s < limit:
                limit = limb.next_event_s
            span = (target if target < limit else limit) - t
            h = self._h
            if span < 1.2 * h:  # a small remainder is not worth a step of its own
                h = span
            t += h
            self._t = t
            fastest = air.step(h, drive.spin(h, t) * self._free_l_s if drive.turning else 0.0)
            if drive.turning or fastest > FAST_MMHG_S * h:
                self._h = FINE_S
            else:
                self._h = MIDDLE_S if fastest > SLOW_MMHG_S * h else COARSE_S
            if t >= limit - 1e-9:
                self._events(t)
        self._plan()

    def _plan(self) -> None:
        """The next step is due when its length has passed, or when something happens before."""
        due = self._t + self._h
        event_s = self._drive.next_event_s()
        if event_s < due:
            due = event_s
        event_s = self._limb.next_event_s
        self._due = event_s if event_s < due else due

    def _changed(self) -> None:
        """Something outside changed at `_t`: look at supply and coils, and step finely from here."""
        if self._drive.update(self._t):
            self._route()
        self._h = FINE_S
        self._plan()

    def _events(self, t: float) -> None:
        """What is due at `t`: limb, supply, coils, and every 20 ms the resting zones and the fault hooks."""
        self._limb.update(t)
        moved = self._drive.update(t)
        slow = t >= self._slow_t - 1e-9
        if slow:
            self._slow_t = t + COARSE_S
            self._air.rest(t)
        if moved:
            self._h = FINE_S
        if moved or slow:
            self._route()

    def _route(self) -> None:
        """The position of every valve, stuck ones included, and the paths that follow."""
        stands = (self._drive.energised, self.valve_stuck, self.valve_share, self.valve_extra_c)
        if stands != self._stood:
            self._stood = tuple(part[:] for part in stands)
            energised, stuck, shares, extras = stands
            for v, p in enumerate(self.params.valves):
                self.valve_open[v] = energised[v] != p.rest_open if stuck[v] is None else stuck[v] == "open"
            self._passes = [
                share * p.c if is_open else extra_c
                for p, is_open, share, extra_c in zip(self.params.valves, self.valve_open, shares, extras, strict=True)
            ]
        self._air.route(self._passes, self.zone_unplugged, self.zone_kinked, self._t)
